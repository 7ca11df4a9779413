// What several devices share on the way to storage, and what works for one of them at a time: their control
// unit, and, where its bursts exclude one another, the block multiplexer channel.
//
// It works for a device from when that is selected, or comes back with device end, until it disconnects
// (channel end without device end) or its channel program ends. Others wait, and are asked again when it is
// free.
#pragma once

#include <cstdint>
#include <vector>

#include "simulation/model/event_queue.hpp"

namespace simulation {

class Device;

class SharedPath {
  public:
    SharedPath() = default;
    virtual ~SharedPath();
    SharedPath(const SharedPath&) = delete;
    SharedPath& operator=(const SharedPath&) = delete;

    /// Whether it cannot work for this device now.
    bool busy_for(const Device& device) const { return owner_ != nullptr && (held_ || owner_ != &device); }
    /// It works for this device from now on; it must not be busy for it.
    void connect(Device& device) { owner_ = &device; }
    /// It does so no longer. Nothing if it works for another one, or is held.
    void disconnect(Device& device);
    /// It goes on by itself for the device that it works for until then, busy for everybody.
    void hold(Device& device, SimTime until);
    /// The device goes on (Device::reconnect) as soon as it is free; first come, first served.
    void wait(Device& device) { waiting_.push_back(&device); }
    /// The device does not wait any more.
    void leave(Device& device) { std::erase(waiting_, &device); }
    /// The device is reset, or taken away.
    virtual void forget(Device& device);

  protected:
    /// Whether somebody wants to know that it is free.
    virtual bool awaited() const { return !waiting_.empty(); }
    /// It is free: those who do not wait for it are told.
    virtual void tell() {}

  private:
    void freed(EventQueue& queue);
    void poll();
    void schedule(EventQueue& queue, SimTime time);

    Device* owner_ = nullptr;
    bool held_ = false;
    std::vector<Device*> waiting_;
    EventQueue* queue_ = nullptr;   // of event_
    EventQueue::Handle event_ = 0;  // the end of a hold, or the next poll
};

}  // namespace simulation
