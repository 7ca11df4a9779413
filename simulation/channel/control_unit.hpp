// A control unit that several devices share. It works for one of them at a time: from the selection of a
// device until that one disconnects (channel end without device end) or its channel program ends.
//
// Meanwhile another device can neither be selected, which is answered with status modifier and busy, nor
// reconnect: a device end that comes has to wait. Whoever was told that the control unit is busy is told with
// control unit end when it is free again. GA22-7000 chapter 13, "Busy" and "Control Unit End".
#pragma once

#include <cstdint>
#include <vector>

#include "simulation/model/event_queue.hpp"

namespace simulation {

class Device;

class ControlUnit {
  public:
    ControlUnit() = default;
    ~ControlUnit();
    ControlUnit(const ControlUnit&) = delete;
    ControlUnit& operator=(const ControlUnit&) = delete;

    /// Whether it cannot work for this device now.
    bool busy_for(const Device& device) const { return owner_ != nullptr && (held_ || owner_ != &device); }
    /// The device was told so: control unit end is due.
    void refused(Device& device);
    /// It works for this device from now on; it must not be busy for it.
    void connect(Device& device) { owner_ = &device; }
    /// It does so no longer. Nothing if it works for another one, or is held.
    void disconnect(Device& device);
    /// It goes on by itself for the device that it works for until then, busy for everybody.
    void hold(Device& device, SimTime until);
    /// The device presents its status (Device::reconnect) as soon as the control unit is free; first come,
    /// first served.
    void wait(Device& device) { waiting_.push_back(&device); }
    /// The device is reset, or taken away.
    void forget(Device& device);

  private:
    void freed(EventQueue& queue);
    void poll();
    void schedule(EventQueue& queue, SimTime time);

    Device* owner_ = nullptr;
    bool held_ = false;
    Device* refused_ = nullptr;  // the first one that was told
    std::vector<Device*> waiting_;
    EventQueue* queue_ = nullptr;   // of event_
    EventQueue::Handle event_ = 0;  // the end of a hold, or the next poll
};

}  // namespace simulation
