#include "simulation/device.hpp"

namespace simulation {

namespace {

constexpr uint8_t kSense = 0x04;
constexpr uint8_t kNoOperation = 0x03;

}  // namespace

Device::~Device() { cancel(); }

void Device::cancel() {
    if (event_ != 0) queue_->cancel(event_);
    event_ = 0;
}

uint8_t Device::select(uint8_t command) {
    if (command == kSense) {
        complete_sense();
        after(timing_.control, [this] {
            path().give(sense());
            present(kChannelEnd | kDeviceEnd);
        });
        transferring_ = true;
        return 0;
    }
    // Sense information lasts until another command than sense or no-operation (chapter 13, "Sense").
    if (command != kNoOperation) sense_.fill(0);
    const uint8_t status = start(command);
    transferring_ = status == 0;
    return status;
}

void Device::halt() {
    if (!transferring_) return;
    cancel();
    discard();
    present(kChannelEnd | kDeviceEnd);
}

void Device::reset() {
    cancel();
    discard();
    sense_.fill(0);
    transferring_ = false;
}

}  // namespace simulation
