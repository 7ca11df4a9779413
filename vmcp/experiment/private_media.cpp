#include "vmcp/experiment/private_media.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "simulation/devices/device_configuration.hpp"

namespace vmcp::experiment {

std::string PrivateMedia::copy_of(const std::string& file, bool copies) {
    const auto [at, is_new] =
        copies_.try_emplace(file, (folder_.path() / fmt::format("{}", copies_.size())).string());
    std::error_code error;
    if (is_new && copies && std::filesystem::exists(file)) {
        std::filesystem::copy_file(file, at->second, error);
        if (error) throw std::runtime_error(fmt::format("{}: cannot be copied: {}", file, error.message()));
    }
    return at->second;
}

void PrivateMedia::replace_in(simulation::DeviceDescription& device) {
    if (device.file.empty() || device.read_only) return;
    if (simulation::is_disk(device.type)) {
        // An overlay that there is goes on; one that there is not is made.
        device.overlay = device.overlay.empty() ? copy_of(device.file, false) : copy_of(device.overlay, true);
    } else if (simulation::is_tape(device.type)) {
        device.file = copy_of(device.file, true);
    }
}

void PrivateMedia::replace_in(VmDescription& vm) {
    vm.output_files.clear();
    std::map<uint16_t, std::string> types;
    for (auto& device : vm.options.devices) {
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
    if (scenario.spool && !scenario.spool->folder.empty())
        scenario.spool->folder = copy_of_spool(scenario.spool->folder);
}

/// What is no spool file is left where it is: it is none of the run's.
std::string PrivateMedia::copy_of_spool(const std::string& folder) {
    namespace fs = std::filesystem;
    const fs::path copy = folder_.path() / "spool";
    std::error_code error;
    fs::create_directory(copy, error);
    if (fs::exists(folder)) {
        for (auto entry = fs::directory_iterator(folder, error); !error && entry != fs::directory_iterator();
             entry.increment(error)) {
            const fs::path& file = entry->path();
            if (file.extension() != ".spool" && file.filename() != "spool.json") continue;
            fs::copy_file(file, copy / file.filename(), error);
            if (error) break;
        }
    }
    if (error)
        throw std::runtime_error(fmt::format("spool {}: cannot be copied: {}", folder, error.message()));
    return copy.string();
}

}  // namespace vmcp::experiment
