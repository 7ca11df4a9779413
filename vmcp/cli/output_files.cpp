#include "vmcp/cli/output_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/standard_streams.hpp"

namespace vmcp::cli {
namespace {

/// "--json, --csv and --trace"
std::string list_of(const std::vector<std::string>& names) {
    std::string list;
    for (size_t i = 0; i < names.size(); ++i)
        list += fmt::format("{}{}", i == 0 ? "" : i + 1 == names.size() ? " and " : ", ", names[i]);
    return list;
}

}  // namespace

void write_file(const std::string& path, std::string_view bytes) {
    experiment::OutputFile file(path);
    file.write(bytes);
    file.finish();
}

void write_json(const std::string& path, nlohmann::ordered_json result, bool no_host) {
    if (no_host) result.erase("host");
    write_file(path, result.dump(2) + "\n");
}

bool takes_standard_output(const std::vector<Output>& outputs) {
    return std::any_of(outputs.begin(), outputs.end(), [](const Output& o) { return o.path == "-"; });
}

void check_outputs(const std::vector<Output>& outputs, const std::vector<std::string>& inputs) {
    std::vector<std::string> to_standard_output;
    for (const Output& output : outputs) {
        if (output.path == "-") to_standard_output.push_back(output.option);
        experiment::check_writable(output.path);
        for (const std::string& input : inputs)
            if (experiment::same_file(output.path, input))
                throw InputError(fmt::format("{} {}: that is an input as well", output.option, output.path));
        for (const Output* other = outputs.data(); other != &output; ++other)
            if (experiment::same_file(output.path, other->path))
                throw InputError(fmt::format("{} {}: that is what {} writes as well", output.option,
                                             output.path, other->option));
    }
    if (to_standard_output.size() > 1)
        throw InputError(fmt::format("standard output can take one of {}", list_of(to_standard_output)));
}

void add_files_of(const experiment::VmDescription& vm, std::vector<Output>& outputs,
                  std::vector<std::string>& inputs) {
    if (vm.guest != nullptr) inputs.push_back(vm.guest->file.substr(0, vm.guest->file.rfind('@')));
    for (const auto& [address, file] : vm.output_files)
        outputs.push_back({fmt::format("device {:03X}:", address), file});
    for (const simulation::DeviceDescription& device : vm.options.devices) {
        if (vm.output_files.contains(device.address)) continue;
        inputs.push_back(device.file);
        inputs.push_back(device.overlay);
    }
}

void add_files_of(const experiment::Scenario& scenario, std::vector<Output>& outputs,
                  std::vector<std::string>& inputs) {
    for (const experiment::RealDeviceDescription& real : scenario.real_devices) {
        inputs.push_back(real.device.file);
        inputs.push_back(real.device.overlay);
    }
    for (const auto& vm : scenario.vms) add_files_of(vm, outputs, inputs);
}

void prepare_for_many_runs(experiment::Scenario& scenario, std::vector<Output> outputs,
                           std::vector<std::string> inputs) {
    for (auto& vm : scenario.vms) vm.output_files.clear();
    add_files_of(scenario, outputs, inputs);
    check_outputs(outputs, inputs);
}

void tell_full_trace(const std::string& path, const std::string& limit) {
    print_error("vmcp: {}: the trace ends before the run, at {} (--trace-limit)\n", path, limit);
}

void write_guest_output(const std::string& directory, const std::string& name,
                        const experiment::GuestOutput& output) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) throw InputError(fmt::format("{}: cannot be made: {}", directory, error.message()));
    const std::string stem = (std::filesystem::path(directory) / name).string();
    if (!output.console.empty()) {
        std::string text;
        for (const experiment::ConsoleLine& line : output.console) text += line.text + '\n';
        write_file(stem + ".console.txt", text);
    }
    const auto write = [&](const experiment::PrintedAndPunched& what, const std::string& device) {
        if (!what.printer.empty()) write_file(stem + ".printer" + device + ".txt", what.printer);
        if (!what.cards.empty()) write_file(stem + ".punch" + device + ".deck", deck_bytes(what.cards));
    };
    write(output, "");
    for (const auto& [address, further] : output.further) write(further, fmt::format("-{:03X}", address));
}

void write_error_records(const std::string& directory, const std::string& name, const ErrorRecords& errors) {
    if (errors.kept.empty()) return;
    std::string text;
    for (const ErrorRecord& record : errors.kept)
        text += fmt::format("{} ns: {:02X}\n", record.time, fmt::join(record.bytes, ""));
    write_file((std::filesystem::path(directory) / (name + ".errors.txt")).string(), text);
}

}  // namespace vmcp::cli
