#include "simulation/channel/control_unit.hpp"

#include <utility>

#include "simulation/channel/device.hpp"

namespace simulation {

void ControlUnit::tell() {
    if (Device* device = std::exchange(refused_, nullptr)) device->announce(kControlUnitEnd);
}

void ControlUnit::forget(Device& device) {
    if (refused_ == &device) refused_ = nullptr;
    SharedPath::forget(device);
}

}  // namespace simulation
