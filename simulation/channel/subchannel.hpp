// What a channel has for each device: it carries out channel programs and keeps what is to be told of them.
// For a device of the machine's own that is DeviceSubchannel; a control program may have others do the work.
// GA22-7000 chapter 13.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "simulation/channel/channel_observer.hpp"
#include "simulation/channel/channel_storage.hpp"
#include "simulation/channel/channel_words.hpp"
#include "simulation/channel/device.hpp"
#include "simulation/model/event_queue.hpp"
#include "simulation/model/observers.hpp"

namespace simulation {

/// What the subchannels of one machine share.
struct ChannelContext {
    ChannelStorage& storage;
    EventQueue& queue;
    const Observers<ChannelObserver>& observers;
    SimTime chain_time;  // from device end to the next command
    ChannelUse total;
    /// Told whenever the subchannel's interruption condition may have appeared or gone.
    std::function<void(class Subchannel&)> pending_changed;
};

class Subchannel {
  public:
    enum class State : uint8_t { idle, working, pending };

    Subchannel(ChannelContext& context, uint16_t address) : context_(context), address_(address) {}
    virtual ~Subchannel() = default;
    Subchannel(const Subchannel&) = delete;
    Subchannel& operator=(const Subchannel&) = delete;

    uint16_t address() const { return address_; }
    virtual State state() const = 0;
    /// Null where the device is not the machine's own.
    virtual Device* device() const { return nullptr; }
    virtual std::unique_ptr<Device> release_device() { return nullptr; }

    /// Begins a channel program; the subchannel must be idle. `through`: the storage that its addresses are
    /// of; null: the machine's. Empty: it was started (condition code 0). Otherwise the CSW whose status
    /// portion START I/O stores with condition code 1.
    virtual std::optional<Csw> start(uint32_t caw, ChannelStorage* through) = 0;

    using IplEnd = std::function<void(bool loaded, const Csw& csw)>;
    /// Begins the implied channel program of initial program loading; answers as start does. `end` runs once,
    /// when it has ended later; no interruption is made of that.
    virtual std::optional<Csw> start_ipl(IplEnd end) = 0;

    /// The TEST I/O function on a subchannel that is not working: what it stores, empty for available.
    virtual std::optional<Csw> test() = 0;

    /// Signals the device to stop.
    virtual void halt() = 0;
    /// The CLEAR I/O function; the subchannel must not be idle. What it stores.
    virtual Csw clear() = 0;
    /// Input/output system reset.
    virtual void reset() = 0;

    /// Channel end was presented, device end not yet.
    virtual bool device_end_due() const = 0;
    virtual bool interruption_pending() const = 0;
    /// Takes the interruption that is pending: the channel's own before the device's.
    virtual Csw take() = 0;

    bool listed = false;  // in its subsystem's list of pending interruptions

  protected:
    ChannelContext& context() { return context_; }

  private:
    friend class ChannelSubsystem;  // which may move it
    ChannelContext& context_;
    uint16_t address_;
};

/// The status that ends an operation, or lets a chain go on.
inline constexpr uint8_t kEndBits = kChannelEnd | kDeviceEnd | kStatusModifier;

}  // namespace simulation
