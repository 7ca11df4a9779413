// The devices with shared rings that a virtual machine has, by their numbers, and how it is told of them: one
// external interruption for all, and a bit for each in a doubleword of its storage, if it names one.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vmcp/io/virtual_io.hpp"
#include "vmcp/rings/ring_device.hpp"
#include "vmcp/rings/ring_switch.hpp"

namespace vmcp {

class RingDevices {
  public:
    /// `machine` makes the network addresses that are not described. All but the descriptions must outlive
    /// it. Throws std::invalid_argument with one line where a device cannot be.
    RingDevices(uint32_t machine, const std::vector<RingDescription>& descriptions, Ledger& ledger,
                Account& account, GuestStorage& storage, simulation::EventQueue& events, VirtualIo& io,
                RealIo& real, RingSwitch& net);
    ~RingDevices();
    RingDevices(const RingDevices&) = delete;
    RingDevices& operator=(const RingDevices&) = delete;

    unsigned size() const { return static_cast<unsigned>(devices_.size()); }
    /// Null: there is none of this number.
    RingDevice* find(uint32_t number) const {
        return number < devices_.size() ? devices_[number].get() : nullptr;
    }
    /// Where the indicators lie; empty: nowhere.
    RingRefusal set_indicators(std::optional<uint32_t> at);

    /// The machine is to be told of something by an external interruption.
    bool signals() const { return signals_; }
    void signal_taken() { signals_ = false; }
    /// Called when it becomes so.
    std::function<void()> on_signal = [] {};
    /// Called when the driver of one of them fails.
    std::function<void()> on_driver_failure = [] {};

    /// All devices are as they were at log-on, and nothing is pending.
    void reset();

  private:
    void tell(Work& work, unsigned number, bool of_rings);

    RingStorage storage_;
    VirtualIo& io_;
    std::optional<uint32_t> indicators_;
    bool signals_ = false;
    std::vector<std::unique_ptr<RingDevice>> devices_;
};

}  // namespace vmcp
