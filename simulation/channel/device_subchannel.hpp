// A subchannel with a device: what a channel knows of one device and of the channel program that runs on it.
//
// Life of a channel program. START I/O finds the subchannel idle, fetches the first CCW and selects the
// device; where a block multiplexer channel is in a burst of another device, it waits until that is over, and
// what START I/O would have been told comes as an interruption (chapter 13, "Start-I/O-Fast Queuing"). From
// then on it is working, in one of four phases: the start waits; the device moves data (until channel end);
// channel end has come and commands are chained, so device end is awaited; or the next CCW is about to be
// fetched. When nothing is left to chain, or something unusual stopped it, the subchannel holds the CSW,
// interruption pending, until an interruption or TEST I/O takes it. Status that the device presents outside
// of all this (attention, a device end that comes after the channel end) waits in device_status_.
//
// CCWs are fetched one at a time, when they are needed and not before, so a channel program may be changed
// while it runs. GA22-7000 chapter 13, "Execution of I/O Operations".
#pragma once

#include <memory>
#include <optional>

#include "simulation/channel/subchannel.hpp"

namespace simulation {

class DeviceSubchannel final : public Subchannel, private ChannelPath {
  public:
    DeviceSubchannel(ChannelContext& context, uint16_t address, std::unique_ptr<Device> device);
    ~DeviceSubchannel() override;

    State state() const override { return state_; }
    Device* device() const override { return device_.get(); }
    std::unique_ptr<Device> release_device() override { return std::move(device_); }

    std::optional<Csw> start(uint32_t caw, ChannelStorage* through) override;
    std::optional<Csw> start_ipl(IplEnd end) override;
    std::optional<Csw> test() override;
    void halt() override;
    Csw clear() override;
    void reset() override;
    bool device_end_due() const override { return device_busy_; }
    bool interruption_pending() const override {
        return pci_pending_ || state_ == State::pending || (state_ == State::idle && device_status_ != 0);
    }
    Csw take() override;

  private:
    // ChannelPath
    uint32_t give(std::span<const uint8_t> data) override;
    uint32_t take(std::span<uint8_t> data) override;
    uint32_t take_to_count(std::span<uint8_t> data) override;
    void present(uint8_t unit_status) override;
    uint8_t unit_address() const override { return static_cast<uint8_t>(address()); }
    void start_waiting() override;

    enum class Phase : uint8_t { start, data, device_end, chain };
    enum class Fetch : uint8_t { first, command, data };

    void begin(uint8_t key);
    std::optional<uint8_t> command_device();
    std::optional<uint8_t> command_ended(uint8_t unit_status, bool immediate);
    void chain_later(bool skip_one);
    void chain(uint32_t ccw_address);
    void conclude(uint8_t unit_status);
    Csw finish(uint8_t unit_status);
    Csw current(uint8_t unit_status, uint8_t channel_status) const;

    bool fetch_ccw(uint32_t address, Fetch kind);
    bool fetch_idaw();
    bool may_move();
    uint32_t chunk(uint32_t wanted);
    void moved(uint32_t bytes);
    bool accessed(ChannelAccess access);
    bool program_check(uint32_t ccw_address);

    ChannelStorage* storage_;  // of the channel program
    std::unique_ptr<Device> device_;
    std::unique_ptr<IplEnd> ipl_end_;
    EventQueue::Handle chain_event_ = 0;
    ChannelUse use_;  // of this channel program
    Csw csw_;         // state pending: what to store
    State state_ = State::idle;
    Phase phase_ = Phase::data;
    uint8_t device_status_ = 0;  // presented outside of a channel program
    bool device_busy_ = false;   // channel end was presented, device end not yet

    // The channel program. ccw_address_ is 8 higher than the CCW in control.
    Ccw ccw_;
    uint32_t ccw_address_ = 0;
    uint32_t data_address_ = 0;
    uint32_t idaw_address_ = 0;
    uint32_t count_ = 0;
    uint8_t key_ = 0;
    uint8_t channel_status_ = 0;
    bool backward_ = false;
    bool need_idaw_ = false;
    bool first_idaw_ = false;
    bool long_block_ = false;  // the device had, or wanted, more than the count
    bool halted_ = false;
    bool load_ends_ = false;  // initial program loading waits for its last device end
    bool pci_pending_ = false;
    bool selecting_ = false;
    uint16_t dry_commands_ = 0;  // commands chained in a row that moved no data
    uint64_t bytes_at_command_ = 0;
};

}  // namespace simulation
