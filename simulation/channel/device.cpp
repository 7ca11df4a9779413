#include "simulation/channel/device.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace simulation {

namespace {

constexpr uint8_t kSense = 0x04;
constexpr uint8_t kNoOperation = 0x03;

/// From the end of an operation until a device that became ready meanwhile tells so (assumed): long enough
/// for a program to take the first device end, with which the second would be one.
constexpr SimTime kReadyDelay = 100 * kMillisecond;

}  // namespace

Device::~Device() {
    cancel();
    if (ready_event_ != 0) queue_->cancel(ready_event_);
    if (control_unit_) control_unit_->forget(*this);
}

void Device::cancel() {
    if (event_ != 0) queue_->cancel(event_);
    event_ = 0;
}

std::vector<uint8_t> Device::sense() const {
    Sense bytes = selection_.sense;
    complete_sense(bytes);
    return {bytes.begin(), bytes.begin() + sense_size_};
}

void Device::announce_ready() {
    if (!connected()) return;
    selection_.ready_due = busy();
    if (!selection_.ready_due) present(kDeviceEnd);
}

void Device::announce_ready_later() {
    if (ready_event_ != 0) return;
    ready_event_ = queue_->schedule_motion(queue_->now() + kReadyDelay, [this] {
        ready_event_ = 0;
        if (std::exchange(selection_.ready_due, false)) announce_ready();
    });
}

bool Device::control_unit_busy() {
    if (!control_unit_ || !control_unit_->busy_for(*this)) return false;
    control_unit_->refused(*this);
    return true;
}

void Device::present(uint8_t unit_status) {
    if ((unit_status & kChannelEnd) != 0) {
        selection_.transferring = false;
        if ((unit_status & kDeviceEnd) == 0) disconnect();
    } else if ((unit_status & kDeviceEnd) != 0 && control_unit_) {
        if (control_unit_->busy_for(*this)) {
            if (const SimTime delay = retry_delay())
                return after(delay, [this, unit_status] { present(unit_status); });
            selection_.waiting_status = unit_status;
            return control_unit_->wait(*this);
        }
        control_unit_->connect(*this);
    }
    path_->present(unit_status);
    if (selection_.ready_due && !busy()) announce_ready_later();
}

void Device::reconnect() { present(std::exchange(selection_.waiting_status, 0)); }

void Device::mount(const Medium&) {
    throw std::invalid_argument(fmt::format("a {}: expected a disk, tape or card reader", type()));
}

void Device::refuse_overlay(const Medium& medium) {
    if (!medium.overlay.empty()) throw std::invalid_argument("only disks have overlays");
}

uint8_t Device::select(uint8_t command) {
    if (control_unit_) control_unit_->connect(*this);
    if (command == kSense) {
        after(timing_.control, [this] {
            path().give(sense());
            present(kChannelEnd | kDeviceEnd);
        });
        selection_.transferring = true;
        return 0;
    }
    // Sense information lasts until another command than sense or no-operation (chapter 13, "Sense").
    if (command != kNoOperation) selection_.sense.fill(0);
    const uint8_t status =
        selection_.stopped && command != kNoOperation ? check(kSenseInterventionRequired) : start(command);
    selection_.transferring = status == 0;
    if ((status & kChannelEnd) != 0 && (status & kDeviceEnd) == 0) disconnect();
    return status;
}

void Device::halt() {
    if (!selection_.transferring) return halted_late();
    cancel();
    discard();
    present(kChannelEnd | kDeviceEnd);
}

bool Device::abandon_transfer() {
    if (!selection_.transferring) return false;
    cancel();
    discard();
    return true;
}

void Device::reset() {
    cancel();
    discard();
    selection_.sense.fill(0);
    selection_.transferring = false;
    selection_.waiting_status = 0;
    selection_.ready_due = false;
    if (control_unit_) control_unit_->forget(*this);
    was_reset();
}

}  // namespace simulation
