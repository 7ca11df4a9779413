// vmcp native: one program on the bare machine.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>

#include "simulation/machine.hpp"
#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/core_image.hpp"
#include "vmcp/experiment/native_report.hpp"

namespace vmcp::cli {
namespace {

struct NativeOptions {
    std::string core, storage, model = "s370-158", executor = "interpreter", json;
    uint64_t max_instructions = ~uint64_t{0};
    std::vector<std::string> dumps;
};

void run_native(const NativeOptions& options) {
    if (options.executor != "interpreter")
        throw InputError(fmt::format("executor '{}': expected 'interpreter'", options.executor));
    simulation::Machine machine(simulation::MachineModel::load(options.model),
                                options.storage.empty() ? 0 : parse_storage_size(options.storage));
    const CoreImage image = read_core_image(options.core);
    if (image.bytes.size() > machine.storage().size() ||
        image.address > machine.storage().size() - image.bytes.size())
        throw InputError(fmt::format("{}: {} bytes at {:06X} do not fit into {} bytes of storage", image.file,
                                     image.bytes.size(), image.address, machine.storage().size()));
    std::vector<std::pair<uint32_t, uint32_t>> dumps;
    for (const std::string& dump : options.dumps) {
        const size_t colon = dump.find(':');
        if (colon == std::string::npos)
            throw InputError(fmt::format("dump '{}': expected HEXADDR:HEXLEN", dump));
        const uint32_t address = parse_hex(dump.substr(0, colon), "dump address");
        const uint32_t length = parse_hex(dump.substr(colon + 1), "dump length");
        if (length > machine.storage().size() || address > machine.storage().size() - length)
            throw InputError(fmt::format("dump '{}': beyond the end of storage", dump));
        dumps.emplace_back(address, length);
    }
    if (!image.bytes.empty())
        machine.storage().put(image.address, image.bytes.data(), static_cast<uint32_t>(image.bytes.size()));
    machine.restart();

    experiment::NativeReport report;
    const auto begin = std::chrono::steady_clock::now();
    report.stop = machine.run({options.max_instructions, simulation::kNever});
    report.host_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    report.state = machine.cpu().state();
    report.instructions = machine.instructions();
    report.simulated = machine.cpu().now();
    report.machine_model = machine.model().name;
    for (const auto& [address, length] : dumps)
        report.storage.emplace_back(address, std::vector<uint8_t>(machine.storage().at(address),
                                                                  machine.storage().at(address) + length));
    const std::string text = experiment::to_json(report).dump(2) + "\n";
    if (options.json == "-") {
        std::cout << text;
    } else if (!options.json.empty()) {
        std::ofstream out(options.json, std::ios::binary);
        if (!(out << text)) throw InputError(fmt::format("{}: cannot be written", options.json));
    }
}

}  // namespace

void add_native(CLI::App& app) {
    auto options = std::make_shared<NativeOptions>();
    CLI::App* sub = app.add_subcommand("native", "Run a program on the bare simulated machine");
    sub->add_option("--core", options->core,
                    "Raw core image FILE[@HEXADDR]; starts with the restart PSW at location 0")
        ->required();
    sub->add_option("--storage", options->storage,
                    "Real storage, such as 256K or 16M (default: the model's)");
    sub->add_option("--model", options->model, "Machine model: a name or a TOML file")->capture_default_str();
    sub->add_option("--executor", options->executor, "interpreter")->capture_default_str();
    sub->add_option("--max-instructions", options->max_instructions, "Stop after so many instructions");
    sub->add_option("--dump", options->dumps,
                    "HEXADDR:HEXLEN of storage to put into the JSON; may be repeated");
    sub->add_option("--json", options->json, "Write the result as JSON to a file, or - for standard output");
    sub->callback([options] { run_native(*options); });
}

}  // namespace vmcp::cli
