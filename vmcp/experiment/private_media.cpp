#include "vmcp/experiment/private_media.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <stdexcept>

#include "simulation/images/disk_geometry.hpp"

namespace vmcp::experiment {

PrivateMedia::PrivateMedia() {
    std::string pattern = (std::filesystem::temp_directory_path() / "vmcp-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        throw std::runtime_error(fmt::format("{}: cannot make a folder for copies of disks", pattern));
    folder_ = pattern;
}

PrivateMedia::~PrivateMedia() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::string PrivateMedia::copy_of(const std::string& file, bool copies) {
    const auto [at, is_new] =
        copies_.try_emplace(file, (folder_ / fmt::format("{}", copies_.size())).string());
    std::error_code error;
    if (is_new && copies && std::filesystem::exists(file)) {
        std::filesystem::copy_file(file, at->second, error);
        if (error) throw std::runtime_error(fmt::format("{}: cannot be copied: {}", file, error.message()));
    }
    return at->second;
}

void PrivateMedia::replace_in(simulation::DeviceDescription& device) {
    if (device.file.empty() || device.read_only) return;
    if (simulation::images::disk_geometry(device.type) != nullptr || device.type == "3370") {
        // An overlay that there is goes on; one that there is not is made.
        device.overlay = device.overlay.empty() ? copy_of(device.file, false) : copy_of(device.overlay, true);
    } else if (device.type == "2400" || device.type == "3420") {
        device.file = copy_of(device.file, true);
    }
}

void PrivateMedia::replace_in(VmDescription& vm) {
    vm.output_files.clear();
    std::map<uint16_t, std::string> types;
    for (auto& device : vm.options.further_devices) {
        types[device.address] = device.type;
        replace_in(device);
    }
    for (OperatorStep& step : vm.operator_script) {
        if (!step.mount) continue;
        // A step says what is mounted where, and not on what kind of unit.
        const std::string type = step.mount->type;
        if (const auto known = types.find(step.mount->address); known != types.end())
            step.mount->type = known->second;
        replace_in(*step.mount);
        step.mount->type = type;
    }
}

void PrivateMedia::replace_in(Scenario& scenario) {
    for (RealDeviceDescription& real : scenario.real_devices) replace_in(real.device);
    for (VmDescription& vm : scenario.vms) replace_in(vm);
}

}  // namespace vmcp::experiment
