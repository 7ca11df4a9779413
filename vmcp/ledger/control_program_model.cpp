#include "vmcp/ledger/control_program_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>

#include "simulation/model/embedded_text.hpp"
#include "simulation/model/figure.hpp"
#include "simulation/model/toml_reader.hpp"

namespace vmcp {

std::span<const simulation::EmbeddedText> embedded_control_program_models();  // generated

namespace {

constexpr int64_t kMaxInstructions = 1'000'000;

/// The built-in model that the file extends, every path of it with the file's own source and as long as it
/// says. Built-in models extend only models that stand for themselves, so this ends. Which steps microcode
/// takes over is not taken over.
ControlProgramModel base_model(simulation::TomlReader& root, const simulation::MachineModel& machine) {
    const std::string name = root.text("extends");
    for (const auto& embedded : embedded_control_program_models()) {
        if (embedded.name != name || embedded.text.find("\nextends =") != std::string_view::npos) continue;
        auto model = ControlProgramModel::parse(embedded.text, std::string(embedded.path), machine);
        const double times = root.number_or("times", 0.001, 1000, 1);
        const std::string source = simulation::read_source(root);
        for (unsigned i = 0; i < kSteps; ++i) {
            if (!model.has(i)) continue;
            if (model.path_lengths[i] != 0) {
                model.path_lengths[i] = std::llround(static_cast<double>(model.path_lengths[i]) * times);
                model.prices[i] = model.path_lengths[i] * machine.cp_instruction_ns.value;
            } else {
                model.prices[i] = simulation::scaled_ns(model.prices[i], times);
            }
            model.sources[i] = source;
        }
        model.assisted = {};
        model.assisted_source.clear();
        return model;
    }
    root.fail(
        "extends",
        fmt::format("unknown control-program model \"{}\": expected a built-in one that extends none", name));
}

void read_step(simulation::TomlReader& steps, unsigned index, const simulation::MachineModel& machine,
               ControlProgramModel& model) {
    const auto key = kStepNames[index];
    auto entry = steps.table(key);
    const bool path = entry.has("instructions");
    if (path == entry.has("ns")) {
        steps.fail(key, fmt::format("\"{}\": expected either instructions or ns", key));
    }
    if (path) {
        model.path_lengths[index] = entry.integer("instructions", 0, kMaxInstructions);
        model.prices[index] = model.path_lengths[index] * machine.cp_instruction_ns.value;
    } else {
        model.prices[index] = entry.integer("ns", 0, simulation::kSecond);
    }
    model.sources[index] = simulation::read_source(entry);
    entry.finish();
}

/// Whose task it is, with the prices of what the host does; nobody's where the file does not say.
void read_host(simulation::TomlReader& root, const simulation::MachineModel& machine,
               ControlProgramModel& model) {
    if (!root.has("host")) return;
    auto table = root.table("host");
    HostModel& host = model.host.emplace();
    const std::string switches = table.text("switches"), devices = table.text("devices");
    if (switches != "exit" && switches != "service")
        table.fail("switches", fmt::format("\"{}\": expected exit or service", switches));
    if (devices != name_of(DeviceServer::kernel) && devices != name_of(DeviceServer::process))
        table.fail("devices", fmt::format("\"{}\": expected kernel or process", devices));
    host.switches = switches == "exit" ? WorldSwitch::at_exits : WorldSwitch::for_service;
    host.devices = devices == name_of(DeviceServer::kernel) ? DeviceServer::kernel : DeviceServer::process;
    host.source = simulation::read_source(table);
    for (unsigned i = 0; i < kSteps; ++i)
        if (is_of_host(i)) read_step(table, i, machine, model);
    table.finish();
}

/// Which steps microcode takes over; none where the file does not say.
void read_assist(simulation::TomlReader& root, const simulation::MachineModel& machine,
                 ControlProgramModel& model) {
    if (!root.has("assist")) return model.assist_by(machine);
    auto table = root.table("assist");
    for (const std::string& name : table.texts("steps")) {
        const auto at = std::find(std::begin(kStepNames), std::end(kStepNames), name);
        if (at == std::end(kStepNames))
            table.fail("steps", fmt::format("unknown step \"{}\": expected some of {}", name,
                                            fmt::join(kStepNames, ", ")));
        model.assisted[static_cast<size_t>(at - std::begin(kStepNames))] = true;
    }
    model.assisted_source = simulation::read_source(table);
    table.finish();
    model.assist_by(machine);
}

}  // namespace

ControlProgramModel ControlProgramModel::parse(std::string_view text, std::string file,
                                               const simulation::MachineModel& machine) {
    auto root = simulation::TomlReader::parse(text, file);
    const bool extends = root.has("extends");
    ControlProgramModel model = extends ? base_model(root, machine) : ControlProgramModel{};
    model.file = std::move(file);
    model.machine = machine.name;
    model.name = root.text("name");
    model.title = root.text("title");
    if (!extends || root.has("step")) {
        auto steps = root.table("step");
        for (unsigned i = 0; i < kSteps; ++i)
            if (!is_of_host(i) && (!extends || steps.has(kStepNames[i]))) read_step(steps, i, machine, model);
        steps.finish();
    }
    read_host(root, machine, model);
    read_assist(root, machine, model);
    root.finish();
    return model;
}

void ControlProgramModel::assist_by(const simulation::MachineModel& on) {
    assisted_prices = prices;
    if (!on.facilities.has(isa::Facility::control_program_assist)) return;
    const double fraction = static_cast<double>(on.assist.path_percent.value) / 100;
    for (unsigned i = 0; i < kSteps; ++i)
        if (assisted[i]) assisted_prices[i] = simulation::scaled_ns(prices[i], fraction);
}

ControlProgramModel ControlProgramModel::load(std::string_view name_or_path,
                                              const simulation::MachineModel& machine) {
    if (name_or_path.ends_with(".toml")) {
        const std::string path(name_or_path);
        return parse(simulation::read_text_file(path), path, machine);
    }
    for (const auto& model : embedded_control_program_models()) {
        if (model.name == name_or_path) return parse(model.text, std::string(model.path), machine);
    }
    throw simulation::TomlError(
        fmt::format("unknown control-program model \"{}\": expected one of {}, or a path that ends in .toml",
                    name_or_path, fmt::join(names(), ", ")));
}

std::vector<std::string> ControlProgramModel::names() {
    std::vector<std::string> result;
    for (const auto& model : embedded_control_program_models()) result.emplace_back(model.name);
    std::sort(result.begin(), result.end());
    return result;
}

ControlProgramModel ControlProgramModel::scaled(double factor) const {
    const auto suffix = simulation::scale_name(factor);
    ControlProgramModel model = *this;
    model.scale = scale * factor;
    model.name = fmt::format("{} {}", name, suffix);
    model.title = fmt::format("{}, prices {}", title, suffix);
    for (auto* prices : {&model.prices, &model.assisted_prices})
        for (auto& price : *prices) price = simulation::scaled_ns(price, factor);
    for (unsigned i = 0; i < kSteps; ++i)
        if (has(i)) model.sources[i] += fmt::format(", {}", suffix);
    return model;
}

}  // namespace vmcp
