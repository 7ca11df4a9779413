// vmcp models: the machine and control-program models that are built in, and of one of them every figure with
// its source.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/numbers.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/experiment/text_page.hpp"
#include "vmcp/experiment/version.hpp"
#include "vmcp/ledger/control_program_model.hpp"

namespace vmcp::cli {
namespace {

using Json = nlohmann::ordered_json;
using simulation::MachineModel;

/// A figure of a model as the list shows it.
struct Line {
    std::string group, name, value;
    std::string source;
    bool setting = false;  // no figure that a result hangs on as on a price
    bool assumed() const { return source.starts_with(simulation::kAssumed); }
};

struct Listing {
    std::string kind, name, title, file;
    std::vector<Line> lines;
    /// As reports count them (experiment::assumptions_of).
    size_t figures() const {
        return static_cast<size_t>(
            std::count_if(lines.begin(), lines.end(), [](const Line& line) { return !line.setting; }));
    }
    size_t assumed() const {
        return static_cast<size_t>(std::count_if(
            lines.begin(), lines.end(), [](const Line& line) { return !line.setting && line.assumed(); }));
    }
};

std::string ns(int64_t t) { return experiment::duration_text(t); }

Listing listing_of(const MachineModel& model) {
    Listing list{"machine", model.name, model.title, model.file, {}};
    const auto add = [&list](const char* group, std::string_view name, std::string value,
                             std::string source) {
        if (!source.empty())
            list.lines.push_back({group, std::string(name), std::move(value), std::move(source)});
    };
    const auto count = [&](const char* name, const simulation::Figure& f) {
        add("processor", name, experiment::count_text(static_cast<uint64_t>(f.value)), f.source);
    };
    const auto time = [&](const char* group, const char* name, const simulation::Figure& f) {
        add(group, name, ns(f.value), f.source);
    };
    time("processor", "cycle", model.cycle_ns);
    time("processor", "cp_instruction", model.cp_instruction_ns);
    time("processor", "interruption", model.interruption_ns);
    count("cpus", model.cpus);
    count("storage_bytes", model.storage_bytes);
    count("max_storage_bytes", model.max_storage_bytes);
    count("interval_timer_hz", model.interval_timer_hz);
    count("tlb_entries", model.tlb_entries);
    count("tlb_ways", model.tlb_ways);
    add("tlb", "replacement", model.tlb_replacement, model.tlb_replacement_source);
    time("tlb", "table_reference", model.table_reference_ns);
    add("channel", "one_burst", fmt::format("{}", model.one_burst.value), model.one_burst.source);
    add("facilities", "installed", "", model.facilities_source);
    for (unsigned i = 0; i < isa::kRowCount; ++i)
        if (const isa::Hole hole = model.holes.of(static_cast<isa::Op>(i)); hole != isa::Hole::none)
            add("holes", isa::kRows[i].mnemonic, hole == isa::Hole::ignored ? "ignored" : "unprivileged",
                model.holes_source);
    time("assist", "simulate", model.assist.simulate_ns);
    time("assist", "refuse", model.assist.refuse_ns);
    time("assist", "shadow", model.assist.shadow_ns);
    time("interpretive", "entry", model.interpretive.entry_ns);
    time("interpretive", "exit", model.interpretive.exit_ns);
    time("interpretive", "io", model.interpretive.io_ns);
    add("assist", "path_percent", fmt::format("{} %", model.assist.path_percent.value),
        model.assist.path_percent.source);
    for (unsigned i = 0; i < isa::kCostClasses; ++i) {
        const simulation::Price& price = model.prices[i];
        add("cost", isa::kCostClassNames[i],
            price.per_unit == 0 ? ns(price.fixed)
                                : fmt::format("{} + {} each", ns(price.fixed), ns(price.per_unit)),
            model.price_sources[i]);
    }
    for (const auto& [type, figures] : model.devices)
        for (const auto& [name, figure] : figures)
            add("device", fmt::format("{} {}", type, name),
                experiment::count_text(static_cast<uint64_t>(figure.value)), figure.source);
    for (Line& line : list.lines)
        line.setting = line.name == "cpus" || line.name == "max_storage_bytes" ||
                       line.group == "facilities" || line.group == "holes";
    return list;
}

Listing listing_of(const ControlProgramModel& model) {
    Listing list{"control program", model.name, model.title, model.file, {}};
    for (unsigned i = 0; i < kSteps; ++i) {
        if (!model.has(i)) continue;
        list.lines.push_back(
            {is_of_host(i) ? "host" : "step", std::string(kStepNames[i]),
             model.path_lengths[i] != 0
                 ? experiment::counted(static_cast<uint64_t>(model.path_lengths[i]), "instruction")
                 : ns(model.prices[i]),
             model.sources[i]});
    }
    if (model.host)
        list.lines.push_back({"host", "changes places with it",
                              model.host->switches == WorldSwitch::at_exits ? "at each exit" : "for service",
                              model.host->source, true});
    if (!model.assisted_source.empty())
        list.lines.push_back(
            {"assist", "steps that microcode may take over",
             fmt::format("{} of {}", std::count(model.assisted.begin(), model.assisted.end(), true), kSteps),
             model.assisted_source, true});
    return list;
}

/// Path lengths are the same on every machine; the times that they take are not shown.
std::vector<Listing> all_models() {
    std::vector<Listing> all;
    for (const std::string& name : MachineModel::names()) all.push_back(listing_of(MachineModel::load(name)));
    const MachineModel machine = MachineModel::load("s370-158");
    for (const std::string& name : ControlProgramModel::names())
        all.push_back(listing_of(ControlProgramModel::load(name, machine)));
    return all;
}

/// A built-in model by its name, or a file of either kind.
std::vector<Listing> models_called(const std::string& name) {
    if (name.ends_with(".toml")) {
        // What the file lacks tells which kind it is.
        const std::string text = simulation::read_text_file(name);
        if (text.find("[step]") != std::string::npos)
            return {listing_of(ControlProgramModel::parse(text, name, MachineModel::load("s370-158")))};
        return {listing_of(MachineModel::parse(text, name))};
    }
    std::vector<Listing> found, all = all_models();
    std::vector<std::string> names;
    for (Listing& list : all) {
        names.push_back(list.name);
        if (list.name == name) found.push_back(std::move(list));
    }
    if (!found.empty()) return found;
    const std::string near = nearest(name, names);
    throw InputError(
        fmt::format("there is no model \"{}\"{}: expected one of {}, or a path that ends in .toml", name,
                    near.empty() ? "" : fmt::format(" (was {} meant?)", near), fmt::join(names, ", ")));
}

Json to_json(const std::vector<Listing>& lists, bool figures) {
    Json models = Json::array();
    for (const Listing& list : lists) {
        Json one = {{"kind", list.kind}, {"name", list.name},         {"title", list.title},
                    {"file", list.file}, {"figures", list.figures()}, {"assumed", list.assumed()}};
        if (figures)
            for (const Line& line : list.lines)
                one["list"].push_back({{"group", line.group},
                                       {"name", line.name},
                                       {"value", line.value},
                                       {"assumed", line.assumed()},
                                       {"source", line.source}});
        models.push_back(std::move(one));
    }
    return {{"vmcp",
             {{"version", experiment::version()}, {"commit", experiment::commit()}, {"command", "models"}}},
            {"models", std::move(models)}};
}

void show_all(experiment::TextPage& page, const std::vector<Listing>& lists) {
    for (const char* kind : {"machine", "control program"}) {
        page.line(
            fmt::format("Models of a {}, with the number of their figures and how many are assumed:", kind));
        for (const Listing& list : lists) {
            if (list.kind != kind) continue;
            const std::string about =
                fmt::format("  {:<20} {:>3} {:>3}  ", list.name, list.figures(), list.assumed());
            page.line(about + list.title, about.size() - 2);
        }
        page.blank();
    }
    page.line("vmcp models NAME lists the figures of one with their sources.");
}

void show_one(experiment::TextPage& page, const Listing& list) {
    page.line(fmt::format("{}, a model of a {}: {}", list.name, list.kind, list.title), 2);
    page.line(fmt::format("{}; {} of {} assumed", list.file, list.assumed(),
                          experiment::counted(list.figures(), "figure")),
              2);
    std::string group;
    for (const Line& line : list.lines) {
        if (line.group != group) {
            group = line.group;
            page.blank();
            page.line(fmt::format("[{}]", group));
        }
        page.line(fmt::format("{}{}{}", line.name, line.value.empty() ? "" : "  ", line.value), 4);
        page.line("    " + line.source);
    }
}

struct ModelsOptions {
    std::string name, json;
};

void run_models(const ModelsOptions& options) {
    check_outputs({{"--json", options.json}}, {});
    const bool one = !options.name.empty();
    const std::vector<Listing> lists = one ? models_called(options.name) : all_models();
    if (!options.json.empty()) write_file(options.json, to_json(lists, one).dump(2) + "\n");
    if (options.json == "-") return;
    experiment::TextPage page(report_width(stdout));
    if (one)
        for (const Listing& list : lists) show_one(page, list);
    else
        show_all(page, lists);
    put(stdout, for_reader(stdout, page.take()));
}

}  // namespace

void add_models(CLI::App& app) {
    auto options = std::make_shared<ModelsOptions>();
    CLI::App* sub = app.add_subcommand(
        "models", "List the models of machines and control programs, and the sources of their figures");
    sub->add_option("name", options->name, "One of them, or a TOML file")->type_name("MODEL");
    sub->add_option("--json", options->json, "Write the list as JSON to a file, or - for standard output")
        ->type_name("FILE");
    sub->footer(
        "Examples:\n"
        "  vmcp models\n"
        "  vmcp models vm370");
    sub->callback([options] { run_models(*options); });
}

}  // namespace vmcp::cli
