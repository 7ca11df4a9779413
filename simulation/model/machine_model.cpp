#include "simulation/model/machine_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <span>
#include <stdexcept>

#include "simulation/model/embedded_text.hpp"
#include "simulation/model/toml_reader.hpp"

namespace simulation {

std::span<const EmbeddedText> embedded_machine_models();  // generated from examples/models/machine

namespace {

constexpr int64_t kMaxNs = kSecond;
constexpr int64_t kMaxStorage = 64 << 20;  // 26-bit real addresses

// A time in the model's cycles or in ns: { cycles = 3, source = "..." }.
Figure read_time(TomlReader& table, std::string_view key, int64_t cycle_ns) {
    auto inner = table.table(key);
    Figure figure;
    if (inner.has("cycles") == inner.has("ns")) {
        table.fail(key, fmt::format("\"{}\": expected either cycles or ns", key));
    }
    figure.value = inner.has("cycles") ? inner.integer("cycles", 0, kMaxNs / cycle_ns) * cycle_ns
                                       : inner.integer("ns", 0, kMaxNs);
    figure.source = read_source(inner);
    inner.finish();
    return figure;
}

void read_price(TomlReader& costs, unsigned index, MachineModel& model) {
    const auto key = isa::kCostClassNames[index];
    auto entry = costs.table(key);
    const auto cycle = model.cycle_ns.value;
    Price& price = model.prices[index];
    if (entry.has("cycles") == entry.has("ns"))
        costs.fail(key, fmt::format("\"{}\": expected either cycles or ns", key));
    price.fixed = entry.has("cycles") ? entry.integer("cycles", 1, kMaxNs / cycle) * cycle
                                      : entry.integer("ns", 1, kMaxNs);
    if (isa::kCostUnits[index] != isa::CostUnit::none) {
        if (entry.has("cycles_per_unit") == entry.has("ns_per_unit")) {
            costs.fail(key,
                       fmt::format("\"{}\": expected either cycles_per_unit or ns_per_unit (unit: {})", key,
                                   isa::kCostUnits[index] == isa::CostUnit::bytes ? "byte" : "register"));
        }
        price.per_unit = entry.has("cycles_per_unit")
                             ? entry.integer("cycles_per_unit", 0, kMaxNs / cycle) * cycle
                             : entry.integer("ns_per_unit", 0, kMaxNs);
    }
    model.price_sources[index] = read_source(entry);
    entry.finish();
}

void read_tlb_replacement(TomlReader& tlb, MachineModel& model) {
    auto entry = tlb.table("replacement");
    model.tlb_replacement = entry.text("value");
    if (model.tlb_replacement != "fifo")
        entry.fail("value", fmt::format("\"{}\": expected \"fifo\"", model.tlb_replacement));
    model.tlb_replacement_source = read_source(entry);
    entry.finish();
}

/// Installs the facilities that the file names, beside those that are installed.
void read_facilities(TomlReader& root, MachineModel& model) {
    auto table = root.table("facilities");
    for (const auto& name : table.texts("installed")) {
        const auto at = std::find(std::begin(isa::kFacilityNames), std::end(isa::kFacilityNames), name);
        if (at == std::end(isa::kFacilityNames)) {
            table.fail("installed", fmt::format("unknown facility \"{}\": expected some of {}", name,
                                                fmt::join(isa::kFacilityNames, ", ")));
        }
        model.facilities.install(static_cast<isa::Facility>(at - std::begin(isa::kFacilityNames)));
    }
    if (!model.facilities.has(isa::Facility::base)) {
        table.fail("installed", "facility \"base\" is missing: expected it on every machine");
    }
    const std::string source = read_source(table);
    model.facilities_source += model.facilities_source.empty() ? source : "; " + source;
    table.finish();
}

void read_holes_of(TomlReader& table, std::string_view key, isa::Hole hole, MachineModel& model) {
    if (!table.has(key)) return;
    for (const auto& mnemonic : table.texts(key)) {
        const isa::Op op = isa::find_mnemonic(mnemonic);
        if (op == isa::Op::invalid || isa::row_of(op).privilege == isa::Privilege::problem)
            table.fail(key, fmt::format("\"{}\": expected the mnemonic of a privileged or semi-privileged "
                                        "instruction, as SSM",
                                        mnemonic));
        if (model.holes.of(op) != isa::Hole::none)
            table.fail(key, fmt::format("\"{}\" is named before: expected each instruction once", mnemonic));
        model.holes.set(op, hole);
    }
}

/// The instructions that the problem state may execute although System/370 makes them privileged.
void read_holes(TomlReader& root, MachineModel& model) {
    if (!root.has("holes")) return;
    auto table = root.table("holes");
    read_holes_of(table, "unprivileged", isa::Hole::unprivileged, model);
    read_holes_of(table, "ignored", isa::Hole::ignored, model);
    model.holes_source = read_source(table);
    table.finish();
}

/// What the assists that are installed cost; a machine without any has no such table.
void read_assist(TomlReader& root, MachineModel& model) {
    const auto has = [&model](isa::Facility facility) { return model.facilities.has(facility); };
    const bool guests = has(isa::Facility::virtual_machine_assist);
    const bool paths = has(isa::Facility::control_program_assist);
    if (has(isa::Facility::expanded_assist) && !guests)
        root.fail("facilities", "facility \"expanded_assist\": expected virtual_machine_assist, too");
    if (!guests && !paths) return;
    auto table = root.table("assist");
    const auto cycle = model.cycle_ns.value;
    if (guests) {
        model.assist.simulate_ns = read_time(table, "simulate", cycle);
        model.assist.refuse_ns = read_time(table, "refuse", cycle);
        model.assist.shadow_ns = read_time(table, "shadow", cycle);
    }
    if (paths) model.assist.path_percent = read_figure(table, "path_percent", 1, 100);
    table.finish();
}

void read_interpretive(TomlReader& root, MachineModel& model) {
    if (!model.facilities.has(isa::Facility::interpretive_execution)) {
        for (const auto facility :
             {isa::Facility::nested_interpretive_execution, isa::Facility::interpretive_io})
            if (model.facilities.has(facility))
                root.fail("facilities", fmt::format("facility \"{}\": expected interpretive_execution, too",
                                                    isa::kFacilityNames[static_cast<unsigned>(facility)]));
        return;
    }
    if (!model.facilities.has(isa::Facility::nested_translation) &&
        !model.facilities.has(isa::Facility::preferred_machine))
        root.fail(
            "facilities",
            "facility \"interpretive_execution\": expected nested_translation or preferred_machine, too");
    auto table = root.table("interpretive");
    model.interpretive.entry_ns = read_time(table, "entry", model.cycle_ns.value);
    model.interpretive.exit_ns = read_time(table, "exit", model.cycle_ns.value);
    if (model.facilities.has(isa::Facility::interpretive_io))
        model.interpretive.io_ns = read_time(table, "io", model.cycle_ns.value);
    table.finish();
}

/// The built-in model that the file extends. Built-in models extend only models that stand for themselves, so
/// this ends.
MachineModel base_model(TomlReader& root) {
    const std::string name = root.text("extends");
    for (const auto& model : embedded_machine_models())
        if (model.name == name && model.text.find("\nextends =") == std::string_view::npos)
            return MachineModel::parse(model.text, std::string(model.path));
    root.fail("extends",
              fmt::format("unknown machine model \"{}\": expected a built-in one that extends none", name));
}

void read_channel(TomlReader& root, MachineModel& model) {
    auto table = root.table("channel");
    model.one_burst = read_figure(table, "one_burst", 0, 1);
    table.finish();
}

void read_devices(TomlReader& root, MachineModel& model) {
    if (!root.has("device")) return;
    auto devices = root.table("device");
    for (const auto& type : devices.keys()) {
        auto table = devices.table(type);
        for (const auto& key : table.keys()) {
            model.devices[type].insert_or_assign(key, read_figure(table, key, 0, INT64_C(1) << 50));
        }
        table.finish();
    }
    devices.finish();
}

}  // namespace

MachineModel MachineModel::parse(std::string_view text, std::string file) {
    auto root = TomlReader::parse(text, file);
    MachineModel model;
    if (root.has("extends")) {
        model = base_model(root);
        model.file = std::move(file);
        model.name = root.text("name");
        model.title = root.text("title");
        if (root.has("facilities")) read_facilities(root, model);
        read_assist(root, model);
        read_interpretive(root, model);
        if (root.has("channel")) read_channel(root, model);
        read_holes(root, model);
        read_devices(root, model);
        root.finish();
        return model;
    }
    model.file = std::move(file);
    model.name = root.text("name");
    model.title = root.text("title");

    auto processor = root.table("processor");
    model.cpu_version = read_figure(processor, "cpu_version", 0, 0xFF);
    model.cpu_serial = read_figure(processor, "cpu_serial", 0, 0xFFFFFF);
    model.model_number = read_figure(processor, "model_number", 0, 0xFFFF);
    model.machine_check_extension = read_figure(processor, "machine_check_extension", 0, 0xFFFF);
    model.cycle_ns = read_figure(processor, "cycle_ns", 1, kMicrosecond * 1000);
    const auto cycle = model.cycle_ns.value;
    model.cpus = read_figure(processor, "cpus", 1, 4);
    model.max_storage_bytes = read_figure(processor, "max_storage_bytes", 4096, kMaxStorage);
    model.storage_bytes = read_figure(processor, "storage_bytes", 4096, model.max_storage_bytes.value);
    for (const auto* key : {"max_storage_bytes", "storage_bytes"}) {
        const auto& figure = key[0] == 'm' ? model.max_storage_bytes : model.storage_bytes;
        if (figure.value % 4096 != 0) {
            processor.fail(key, fmt::format("\"{}\" is {}: expected a multiple of 4096", key, figure.value));
        }
    }
    model.interval_timer_hz = read_figure(processor, "interval_timer_hz", 1, 76800);
    model.cp_instruction_ns = read_time(processor, "cp_instruction", cycle);
    model.interruption_ns = read_time(processor, "interruption", cycle);
    processor.finish();

    auto tlb = root.table("tlb");
    model.tlb_entries = read_figure(tlb, "entries", 1, 65536);
    if (!std::has_single_bit(static_cast<uint64_t>(model.tlb_entries.value))) {
        tlb.fail("entries",
                 fmt::format("\"entries\" is {}: expected a power of two", model.tlb_entries.value));
    }
    model.tlb_ways = read_figure(tlb, "ways", 1, std::min<int64_t>(16, model.tlb_entries.value));
    if (model.tlb_entries.value % model.tlb_ways.value != 0) {
        tlb.fail("ways", fmt::format("\"ways\" is {}: expected a divisor of {} entries", model.tlb_ways.value,
                                     model.tlb_entries.value));
    }
    read_tlb_replacement(tlb, model);
    model.table_reference_ns = read_time(tlb, "table_reference", cycle);
    tlb.finish();

    if (root.has("channel"))
        read_channel(root, model);
    else
        model.one_burst = {0, "assumed: the model says nothing of its channels"};
    read_facilities(root, model);
    read_assist(root, model);
    read_interpretive(root, model);
    read_holes(root, model);

    auto costs = root.table("cost");
    for (unsigned i = 0; i < isa::kCostClasses; ++i) read_price(costs, i, model);
    costs.finish();

    read_devices(root, model);
    root.finish();
    return model;
}

MachineModel MachineModel::load(std::string_view name_or_path) {
    if (name_or_path.ends_with(".toml")) {
        const std::string path(name_or_path);
        return parse(read_text_file(path), path);
    }
    for (const auto& model : embedded_machine_models()) {
        if (model.name == name_or_path) return parse(model.text, std::string(model.path));
    }
    throw TomlError(
        fmt::format("unknown machine model \"{}\": expected one of {}, or a path that ends in .toml",
                    name_or_path, fmt::join(names(), ", ")));
}

std::vector<std::string> MachineModel::names() {
    std::vector<std::string> result;
    for (const auto& model : embedded_machine_models()) result.emplace_back(model.name);
    std::sort(result.begin(), result.end());
    return result;
}

uint64_t MachineModel::cpu_id() const {
    return static_cast<uint64_t>(cpu_version.value) << 56 | static_cast<uint64_t>(cpu_serial.value) << 32 |
           static_cast<uint64_t>(model_number.value) << 16 |
           static_cast<uint64_t>(machine_check_extension.value);
}

const Figure& MachineModel::device(std::string_view type, std::string_view figure) const {
    const auto device = devices.find(type);
    if (device == devices.end()) {
        throw std::out_of_range(fmt::format("{}: machine model \"{}\" has no [device.{}]", file, name, type));
    }
    const auto it = device->second.find(figure);
    if (it == device->second.end()) {
        throw std::out_of_range(
            fmt::format("{}: machine model \"{}\" has no \"{}\" in [device.{}]", file, name, figure, type));
    }
    return it->second;
}

MachineModel MachineModel::scaled(double factor) const {
    const auto suffix = scale_name(factor);
    MachineModel model = *this;
    model.scale = scale * factor;
    model.name = fmt::format("{} {}", name, suffix);
    model.title = fmt::format("{}, prices {}", title, suffix);
    for (auto& price : model.prices) {
        price.fixed = scaled_ns(price.fixed, factor);
        price.per_unit = scaled_ns(price.per_unit, factor);
    }
    for (auto* figure :
         {&model.cp_instruction_ns, &model.interruption_ns, &model.table_reference_ns,
          &model.assist.simulate_ns, &model.assist.refuse_ns, &model.assist.shadow_ns,
          &model.interpretive.entry_ns, &model.interpretive.exit_ns, &model.interpretive.io_ns}) {
        if (figure->source.empty()) continue;  // the machine has no such thing
        figure->value = scaled_ns(figure->value, factor);
        figure->source += fmt::format(", {}", suffix);
    }
    for (auto& source : model.price_sources) source += fmt::format(", {}", suffix);
    return model;
}

}  // namespace simulation
