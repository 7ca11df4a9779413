#include "simulation/channel/shared_path.hpp"

#include "simulation/channel/device.hpp"

namespace simulation {

namespace {

/// From being free to asking the devices (assumed).
constexpr SimTime kPoll = 20 * kMicrosecond;

}  // namespace

SharedPath::~SharedPath() {
    if (event_ != 0) queue_->cancel(event_);
}

void SharedPath::schedule(EventQueue& queue, SimTime time) {
    queue_ = &queue;
    event_ = queue.schedule_motion(time, [this] {
        event_ = 0;
        if (held_) {
            held_ = false;
            owner_ = nullptr;
        }
        poll();
    });
}

void SharedPath::freed(EventQueue& queue) {
    owner_ = nullptr;
    if (event_ == 0 && awaited()) schedule(queue, queue.now() + kPoll);
}

void SharedPath::disconnect(Device& device) {
    if (owner_ == &device && !held_) freed(device.queue());
}

void SharedPath::hold(Device& device, SimTime until) {
    if (owner_ != &device) return;
    if (event_ != 0) queue_->cancel(event_);
    held_ = true;
    schedule(device.queue(), until);
}

void SharedPath::poll() {
    if (owner_ != nullptr) return;  // somebody was faster; it will be free again
    tell();
    if (waiting_.empty()) return;
    Device* device = waiting_.front();
    waiting_.erase(waiting_.begin());
    device->reconnect();
    if (owner_ == nullptr) freed(device->queue());
}

void SharedPath::forget(Device& device) {
    leave(device);
    if (owner_ != &device) return;
    if (held_ && event_ != 0) {
        queue_->cancel(event_);
        event_ = 0;
    }
    held_ = false;
    freed(device.queue());
}

}  // namespace simulation
