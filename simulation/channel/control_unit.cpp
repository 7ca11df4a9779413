#include "simulation/channel/control_unit.hpp"

#include <algorithm>

#include "simulation/channel/device.hpp"

namespace simulation {

namespace {

/// From being free to asking the devices (assumed).
constexpr SimTime kPoll = 20 * kMicrosecond;

}  // namespace

ControlUnit::~ControlUnit() {
    if (event_ != 0) queue_->cancel(event_);
}

void ControlUnit::schedule(EventQueue& queue, SimTime time) {
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

void ControlUnit::freed(EventQueue& queue) {
    owner_ = nullptr;
    if (event_ == 0 && (refused_ != nullptr || !waiting_.empty())) schedule(queue, queue.now() + kPoll);
}

void ControlUnit::refused(Device& device) {
    if (refused_ == nullptr) refused_ = &device;
}

void ControlUnit::disconnect(Device& device) {
    if (owner_ == &device && !held_) freed(device.queue());
}

void ControlUnit::hold(Device& device, SimTime until) {
    if (owner_ != &device) return;
    if (event_ != 0) queue_->cancel(event_);
    held_ = true;
    schedule(device.queue(), until);
}

void ControlUnit::poll() {
    if (owner_ != nullptr) return;  // somebody was faster; it will be free again
    if (Device* device = std::exchange(refused_, nullptr)) device->announce(kControlUnitEnd);
    if (waiting_.empty()) return;
    Device* device = waiting_.front();
    waiting_.erase(waiting_.begin());
    device->reconnect();
    if (owner_ == nullptr) freed(device->queue());
}

void ControlUnit::forget(Device& device) {
    std::erase(waiting_, &device);
    if (refused_ == &device) refused_ = nullptr;
    if (owner_ != &device) return;
    if (held_ && event_ != 0) {
        queue_->cancel(event_);
        event_ = 0;
    }
    held_ = false;
    freed(device.queue());
}

}  // namespace simulation
