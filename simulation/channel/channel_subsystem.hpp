// The channels of one machine, real or virtual: their subchannels and devices, the I/O instructions, and the
// interruptions that wait. An I/O address has 16 bits: channel number (8), unit address (8). GA22-7000
// chapter 13.
//
// Every device has a subchannel of its own on byte and block multiplexer channels. On a selector channel they
// share one: the channel is busy, for every device, from the start of a channel program to the end of its
// chain. A block multiplexer channel of a real machine has one device at a time in a burst: what another disk
// or tape has to do waits, and nobody is told that it is busy.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "simulation/channel/channel_observer.hpp"
#include "simulation/channel/subchannel.hpp"

namespace simulation {

enum class ChannelType : uint8_t { none, selector, byte_multiplexer, block_multiplexer };

/// What an I/O instruction answers. With condition code 1 the instruction stores `csw` at real location 64:
/// all of it, or only the status (bits 32-47: bytes 68 and 69), leaving the rest of the CSW unchanged.
struct IoResult {
    enum class Stores : uint8_t { nothing, status, csw };
    uint8_t condition_code = 0;
    Stores stores = Stores::nothing;
    Csw csw;
};

struct IoInterruption {
    uint16_t address = 0;
    Csw csw;
};

struct ChannelTiming {
    /// From device end to the selection with the next command of a chain, in nanoseconds (assumed). Must not
    /// be 0: it is also what keeps an endless chain from standing still in time.
    SimTime chain = 10 * kMicrosecond;
    /// Whether a block multiplexer channel has one device at a time in a burst. Otherwise devices that share
    /// it do not slow each other down.
    bool one_burst = false;
};

class ChannelSubsystem {
  public:
    static constexpr unsigned kChannels = 32;  // as many as control register 2 has masks

    /// Storage and queue must outlive it.
    ChannelSubsystem(ChannelStorage& storage, EventQueue& queue, ChannelTiming timing = {});
    ~ChannelSubsystem();
    ChannelSubsystem(const ChannelSubsystem&) = delete;
    ChannelSubsystem& operator=(const ChannelSubsystem&) = delete;

    // ---- Configuration ----

    /// Makes a channel operational. A channel that attach finds not configured becomes a byte multiplexer if
    /// it is channel 0, else a block multiplexer, or what use() says. Throws std::invalid_argument for a
    /// number above 31.
    void configure(unsigned channel, ChannelType type);
    /// Makes all channels but channel 0 selector or block multiplexer channels: those that are operational,
    /// and those that will be. Nothing may be under way.
    void use(ChannelType type);
    ChannelType usual_type() const { return default_; }
    ChannelType type(unsigned channel) const {
        return channel < kChannels ? types_[channel] : ChannelType::none;
    }

    /// Attaches a device and answers it. Throws std::invalid_argument if the address is taken or its channel
    /// number is above 31.
    Device& attach(uint16_t address, std::unique_ptr<Device> device);
    template <class D>
    D& attach(uint16_t address, std::unique_ptr<D> device) {
        return static_cast<D&>(attach(address, std::unique_ptr<Device>(std::move(device))));
    }
    /// Puts a subchannel of another kind at an address that `make` gets with what it shares with the others.
    /// Throws as attach does.
    template <class S, class Make>
    S& attach_subchannel(uint16_t address, Make make) {
        check_free(address);
        return static_cast<S&>(put(std::unique_ptr<Subchannel>(make(context_))));
    }
    /// Gives a device, reset, another address. Throws as attach, and where there is none at `from`.
    void move(uint16_t from, uint16_t to);
    /// Takes a device away, reset; false if there is none.
    bool detach(uint16_t address);
    /// The same, for who wants to have it; null if there is none of the machine's own.
    std::unique_ptr<Device> take_device(uint16_t address);
    /// Null if there is none, or it is not the machine's own.
    Device* device(uint16_t address) const;
    /// In ascending order.
    std::vector<uint16_t> addresses() const;

    // ---- Instructions ----

    /// START I/O, and START I/O FAST RELEASE (`fast`), which these channels execute like START I/O, as the
    /// architecture allows. 0 started; 1 status stored: an immediate operation without command chaining, a
    /// program check in the first CCW, or the device refused; 2 busy; 3 not operational.
    /// `through`: the storage that the addresses of the channel program are of; null: the machine's.
    IoResult start_io(uint16_t address, uint32_t caw, bool fast = false, ChannelStorage* through = nullptr);
    /// Whether START I/O would get as far as to look at the CAW, and not answer 2 or 3.
    bool takes_start(uint16_t address) const;
    /// 0 available; 1 CSW stored; 2 busy; 3 not operational.
    IoResult test_io(uint16_t address);
    /// 0 interruption pending in the subchannel; 1 status stored (zeros): the device was signaled; 2 burst
    /// operation terminated; 3 not operational.
    IoResult halt_io(uint16_t address);
    /// As halt_io, but leaves another device's operation on a selector channel alone (2).
    IoResult halt_device(uint16_t address);
    /// CLEAR I/O where control register 0 bit 0 is one; where it is zero the caller executes TEST I/O
    /// instead. 0 no operation in progress; 1 CSW stored; 2 busy with another device; 3 not operational.
    IoResult clear_io(uint16_t address);
    /// 0 available; 1 interruption pending; 2 burst mode; 3 not operational. `address`: its channel counts.
    uint8_t test_channel(uint16_t address) const;
    /// The word for real location 168 (condition code 0); empty: not operational (3).
    std::optional<uint32_t> store_channel_id(uint16_t address) const;
    /// I/O system reset of one channel. 0 done; 3 not operational.
    uint8_t clear_channel(uint16_t address);

    /// Begins initial program loading from a device, normally right after reset(). Condition code 0: `end` is
    /// called when the channel program has ended (it tells whether the load was good); otherwise as start_io,
    /// and `end` is never called.
    IoResult start_ipl(uint16_t address, Subchannel::IplEnd end);

    /// The same for one device.
    void reset(uint16_t address);
    /// I/O system reset: every operation and pending condition is forgotten; cards stay in their hoppers.
    void reset();

    // ---- Interruptions ----

    /// A mask bit for every channel, in the order of control register 2: bit 0 (the leftmost) is channel 0.
    static constexpr uint32_t channel_bit(unsigned channel) { return 0x80000000u >> channel; }

    bool has_pending() const { return !pending_.empty(); }
    /// The device whose interruption comes first among the channels allowed: the lowest channel number, then
    /// the lowest unit address.
    std::optional<uint16_t> pending(uint32_t channel_mask = 0xFFFFFFFF) const;
    /// Takes a pending interruption of this device; empty if it has none. The device may have a second one
    /// (device end after channel end) after that.
    std::optional<IoInterruption> take(uint16_t address);
    /// Takes the one that comes first among the channels allowed.
    std::optional<IoInterruption> take_first(uint32_t channel_mask) {
        const auto device = pending(channel_mask);
        return device ? take(*device) : std::nullopt;
    }

    // ---- Looking on ----

    Observers<ChannelObserver> observers;

    /// Whether a channel program runs on the device.
    bool working(uint16_t address) const;
    /// Whether the device has yet to present device end.
    bool device_end_due(uint16_t address) const;
    /// Whether it has status that will interrupt.
    bool interruption_pending(uint16_t address) const;
    const ChannelUse& use() const { return context_.total; }

  private:
    Subchannel* find(uint16_t address) const;
    void check_free(uint16_t address) const;
    void share_channel(Subchannel& subchannel);
    Subchannel& put(std::unique_ptr<Subchannel> subchannel);
    /// On a selector channel, the other device that holds it.
    Subchannel* holder(const Subchannel& other_than) const;
    IoResult test(uint16_t address);
    IoResult halt(uint16_t address, bool any_device);
    void pending_changed(Subchannel& subchannel);

    ChannelContext context_;
    const bool one_burst_;
    std::map<unsigned, SharedPath> bursts_;                 // block multiplexer channels, by number
    std::vector<std::unique_ptr<Subchannel>> subchannels_;  // ascending addresses
    std::vector<uint16_t> pending_;                         // ascending addresses
    std::array<ChannelType, kChannels> types_{};
    ChannelType default_ = ChannelType::block_multiplexer;  // of channels but channel 0
};

}  // namespace simulation
