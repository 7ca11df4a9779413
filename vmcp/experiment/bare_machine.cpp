#include "vmcp/experiment/bare_machine.hpp"

#include <fmt/format.h>

#include <utility>

namespace vmcp::experiment {

VmDescription bare_machine(const Scenario& scenario, const VmDescription& vm) {
    VmDescription bare = vm;
    for (const MappedDevice& mapped : std::exchange(bare.options.mapped_devices, {})) {
        if (!mapped.dedicated)
            throw GuestError(
                fmt::format("{}: virtual machine {}: device {:03X} is a {}, which a bare machine does "
                            "not have: expected "
                            "dedicated devices only",
                            scenario.file, vm.options.name, mapped.address,
                            mapped.temporary.empty() ? "minidisk" : "temporary disk"));
        for (const RealDeviceDescription& real : scenario.real_devices) {
            if (real.device.address != mapped.real) continue;
            simulation::DeviceDescription device = real.device;
            device.address = mapped.address;
            bare.options.devices.push_back(std::move(device));
        }
    }
    return bare;
}

}  // namespace vmcp::experiment
