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
    forget_path();
}

void Device::cancel() {
    if (event_ != 0) queue_->cancel(event_);
    event_ = 0;
    paused_ = nullptr;
}

/// As an event of its own: whoever says so is in the middle of something else.
void Device::go_on() {
    if (paused_) after(0, std::exchange(paused_, nullptr));
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

// ---- Control unit and channel -----------------------------------------------------------------------------

/// Which of them works for another device; null: neither.
SharedPath* Device::busy_path() const {
    if (control_unit_ && control_unit_->busy_for(*this)) return control_unit_.get();
    return channel_ != nullptr && channel_->busy_for(*this) ? channel_ : nullptr;
}

void Device::connect_path() {
    if (control_unit_) control_unit_->connect(*this);
    if (channel_ != nullptr) channel_->connect(*this);
}

void Device::forget_path() {
    if (control_unit_) control_unit_->forget(*this);
    if (channel_ != nullptr) channel_->forget(*this);
    waits_since_ = kNever;
}

void Device::wait_for(SharedPath& path) {
    if (&path == channel_) waits_since_ = queue_->now();
    path.wait(*this);
}

bool Device::waits_to_start() {
    SharedPath* const busy = busy_path();
    if (busy == nullptr) return false;
    if (busy == channel_ && !selection_.start_waits) ++channel_waits_.starts;
    selection_.start_waits = true;
    wait_for(*busy);
    return true;
}

void Device::forget_start() {
    selection_.start_waits = false;
    waits_since_ = kNever;
    if (control_unit_) control_unit_->leave(*this);
    if (channel_ != nullptr) channel_->leave(*this);
}

void Device::reconnect() {
    if (waits_since_ != kNever) channel_waits_.time += queue_->now() - std::exchange(waits_since_, kNever);
    if (selection_.start_waits) return path_->start_waiting();
    present(std::exchange(selection_.waiting_status, 0));
}

void Device::present(uint8_t unit_status) {
    if ((unit_status & kChannelEnd) != 0) {
        selection_.transferring = false;
        if ((unit_status & kDeviceEnd) == 0) disconnect();
    } else if ((unit_status & kDeviceEnd) != 0) {
        if (SharedPath* const busy = busy_path()) {
            const SimTime delay = retry_delay();
            if (busy == channel_)
                ++(delay != 0 ? channel_waits_.missed_sectors : channel_waits_.reconnections);
            if (delay != 0) {
                if (busy == channel_) channel_waits_.time += delay;
                return after(delay, [this, unit_status] { present(unit_status); });
            }
            selection_.waiting_status = unit_status;
            return wait_for(*busy);
        }
        connect_path();
    }
    path_->present(unit_status);
    if (selection_.ready_due && !busy()) announce_ready_later();
}

void Device::mount(const Medium&) {
    throw std::invalid_argument(fmt::format("a {}: expected a disk, tape or card reader", type()));
}

void Device::refuse_overlay(const Medium& medium) {
    if (!medium.overlay.empty()) throw std::invalid_argument("only disks have overlays");
}

uint8_t Device::select(uint8_t command) {
    selection_.start_waits = false;
    connect_path();
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
    selection_.start_waits = false;
    forget_path();
    was_reset();
}

}  // namespace simulation
