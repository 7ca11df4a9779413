#include "vmcp/conformance/channels/channel_conformance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "simulation/machine/machine.hpp"
#include "simulation/model/temporary_directory.hpp"
#include "vmcp/conformance/channels/channel_unit.hpp"

namespace vmcp::conformance {

using namespace channel_layout;

void ChannelUnit::collect(std::vector<ChannelResult>&, std::vector<ChannelResult>&) {}
std::string ChannelUnit::media_difference() { return {}; }
void ChannelUnit::dismount(simulation::Device&) {}

std::vector<ChannelUnitKind> channel_units() {
    auto units = unit_record_units();
    for (const ChannelUnitKind& kind : storage_units()) units.push_back(kind);
    return units;
}

namespace {

constexpr unsigned kBatch = 50;  // cases between which media are made anew
constexpr uint64_t kMostInstructions = 2'000'000'000;

std::vector<uint8_t> run_here(const ChannelPrograms& programs, ChannelUnit& unit) {
    simulation::Machine machine(simulation::MachineModel::load("unit"), kStorage);
    machine.storage().put(0, programs.storage().data(), static_cast<uint32_t>(programs.storage().size()));
    machine.channels().attach(unit.address(), unit.device());
    machine.restart();
    if (machine.run({.instructions = kMostInstructions}) != simulation::Stop::disabled_wait)
        throw std::runtime_error("the channel programs did not end on this machine");
    unit.dismount(*machine.channels().take_device(unit.address()));
    const uint8_t* from = machine.storage().at(kResults);
    return {from, from + programs.dump_size()};
}

std::vector<uint8_t> run_there(const ChannelPrograms& programs, const ChannelUnit& unit, Hercules& judge) {
    RunRequest request;
    request.core.bytes = programs.storage();
    request.storage_size = kStorage;
    request.dumps = {{kResults, programs.dump_size()}};
    request.devices = {unit.judge_device()};
    request.host_seconds_limit = 20;
    const Outcome outcome = judge.run(request);
    if (outcome.stop != Stop::disabled_wait)
        throw std::runtime_error("the channel programs did not end on the judge");
    return outcome.storage.at(0).bytes;
}

std::string text_of(const ChannelResult& r) {
    std::string text = fmt::format("SIO {} unit {:02X} channel {:02X} CCW {:06X} count {:04X} sense ",
                                   r.condition_code, r.unit_status, r.channel_status, r.ccw_address, r.count);
    for (unsigned i = 0; i < 8; ++i) text += fmt::format("{:02X}", r.sense[i]);
    return text;
}

/// Text with what cannot be seen made visible.
std::string visible(const std::string& text) {
    constexpr size_t kMost = 400;
    std::string result;
    for (const char c : text.substr(0, kMost)) {
        if (c == '\n')
            result += "\\n";
        else if (c == '\r')
            result += "\\r";
        else if (c == '\f')
            result += "\\f";
        else
            result += c;
    }
    return result;
}

std::string example_of(const ChannelPrograms& programs, unsigned n, const ChannelComparison& c,
                       const std::string& which) {
    std::string text = fmt::format("{}: {}; command {:02X}\n{}\n  here  {}\n  judge {}\n", which,
                                   channel_field_names(c.fields), c.command, programs.text(n),
                                   text_of(c.here), text_of(c.there));
    if ((c.fields & kFieldData) != 0) {
        constexpr unsigned kMost = 16;
        unsigned shown = 0;
        text += "  data (here/judge)";
        for (uint32_t i = 0; i < kPreamble && shown < kMost; ++i)
            if (c.here.storage[i] != c.there.storage[i]) {
                text += fmt::format(" {:03X}:{:02X}/{:02X}", i, c.here.storage[i], c.there.storage[i]);
                ++shown;
            }
        text += '\n';
    }
    if ((c.fields & kFieldOutput) != 0)
        text += fmt::format("  output here  {}\n  output judge {}\n", visible(c.here.output),
                            visible(c.there.output));
    return text;
}

}  // namespace

ChannelConformanceReport run_channel_conformance(const ChannelConformanceOptions& options, Hercules& judge,
                                                 AcceptedChannelDifferences accepted) {
    std::vector<ChannelUnitKind> kinds = channel_units();
    if (!options.unit.empty()) {
        std::erase_if(kinds, [&](const ChannelUnitKind& kind) { return kind.name != options.unit; });
        if (kinds.empty())
            throw std::runtime_error(
                fmt::format("no unit \"{}\": expected one of {}", options.unit, channel_unit_names()));
    }
    ChannelConformanceReport report;
    report.options = options;
    report.judge = judge.name();
    report.accepted = std::move(accepted);
    const uint64_t all = options.cases * kinds.size();
    uint64_t done = 0, stream = 0;
    for (const ChannelUnitKind& kind : kinds) {
        ChannelUnitCount& count = report.units.emplace_back(kind.name, ChannelUnitCount{}).second;
        // What is random depends on the unit and the case, not on what was run before.
        stream = 0;
        for (const char c : kind.name) stream = stream * 256 + static_cast<uint8_t>(c);
        while (count.cases < options.cases) {
            if (options.interrupted && options.interrupted()) {
                report.interrupted = true;
                return report;
            }
            const auto cases = static_cast<unsigned>(std::min<uint64_t>(kBatch, options.cases - count.cases));
            const simulation::TemporaryDirectory directory("vmcp-channels");
            const auto unit = kind.make(kind.name);
            Random random(options.seed, stream + count.cases);
            unit->prepare(directory.path(), cases, random);
            ChannelPrograms programs(cases, unit->address());
            for (unsigned n = 0; n < cases; ++n) unit->make_case(programs, n, count.cases + n, random);
            const std::vector<uint8_t> dump_here = run_here(programs, *unit);
            const std::vector<uint8_t> dump_there = run_there(programs, *unit, judge);
            std::vector<ChannelResult> here, there;
            for (unsigned n = 0; n < cases; ++n) {
                here.push_back(programs.result(dump_here, n));
                there.push_back(programs.result(dump_there, n));
            }
            unit->collect(here, there);
            bool media_may_differ = false;
            for (unsigned n = 0; n < cases; ++n) {
                // The media differ as accepted, and so would what comes after.
                if (media_may_differ) {
                    ++count.left_out;
                    continue;
                }
                const ChannelComparison c =
                    compare_channel_results(kind.name, programs, n, std::move(here[n]), std::move(there[n]));
                constexpr uint8_t kUsual = simulation::kChannelEnd | simulation::kDeviceEnd;
                if ((c.here.unit_status & ~kUsual) != 0 || c.here.channel_status != 0) ++count.unusual;
                if (c.fields == 0) continue;
                if (report.accepted.allows(c)) {
                    ++count.accepted;
                    media_may_differ = report.accepted.media_may_differ(c);
                    continue;
                }
                ++count.different;
                if (report.examples.size() < options.most_examples)
                    report.examples.push_back(
                        example_of(programs, n, c, fmt::format("{} case {}", kind.name, count.cases + n)));
            }
            if (const std::string difference = media_may_differ ? std::string() : unit->media_difference();
                !difference.empty()) {
                ++count.media;
                if (report.examples.size() < options.most_examples)
                    report.examples.push_back(fmt::format("{} cases {} to {}: {}\n", kind.name, count.cases,
                                                          count.cases + cases - 1, difference));
            }
            count.cases += cases;
            done += cases;
            if (options.progress) options.progress(done, all);
        }
    }
    if (options.unit.empty())
        for (const AcceptedChannelDifference* entry : report.accepted.stale(options.cases))
            report.stale.push_back(fmt::format("{}: {}", entry->where, entry->reason));
    return report;
}

std::string channel_unit_names() {
    std::string names;
    for (const ChannelUnitKind& kind : channel_units())
        names += fmt::format("{}{}", names.empty() ? "" : ", ", kind.name);
    return names;
}

uint64_t ChannelConformanceReport::different() const {
    uint64_t sum = 0;
    for (const auto& [name, count] : units) sum += count.different + count.media;
    return sum;
}

std::string ChannelConformanceReport::text() const {
    std::string text;
    const auto out = std::back_inserter(text);
    for (const std::string& example : examples) fmt::format_to(out, "{}\n", example);
    fmt::format_to(out, "channel programs, {} of each unit, seed {}: vmcp against {}\n\n", options.cases,
                   options.seed, judge);
    fmt::format_to(out, "{:<16}{:>9}{:>8}{:>9}{:>9}{:>10}{:>6}\n", "unit", "cases", "unusual", "accepted",
                   "left out", "different", "media");
    ChannelUnitCount total;
    const auto line = [&](std::string_view name, const ChannelUnitCount& c) {
        fmt::format_to(out, "{:<16}{:>9}{:>8}{:>9}{:>9}{:>10}{:>6}\n", name, c.cases, c.unusual, c.accepted,
                       c.left_out, c.different, c.media);
    };
    for (const auto& [name, count] : units) {
        line(name, count);
        total.cases += count.cases, total.unusual += count.unusual, total.accepted += count.accepted;
        total.left_out += count.left_out, total.different += count.different, total.media += count.media;
    }
    line("all", total);
    for (const std::string& entry : stale) fmt::format_to(out, "stale: {}\n", entry);
    if (interrupted)
        fmt::format_to(out, "\ninterrupted after {} case{}\n", total.cases, total.cases == 1 ? "" : "s");
    fmt::format_to(out, "\n{}\n",
                   good() ? "no unexplained difference"
                          : fmt::format("{} difference{} to explain, {} stale {}", different(),
                                        different() == 1 ? "" : "s", stale.size(),
                                        stale.size() == 1 ? "entry" : "entries"));
    return text;
}

std::string ChannelConformanceReport::json() const {
    nlohmann::ordered_json root;
    root["judge"] = judge;
    root["seed"] = options.seed;
    root["different"] = different();
    root["good"] = good();
    root["interrupted"] = interrupted;
    for (const auto& [name, c] : units)
        root["units"][name] = {{"cases", c.cases},       {"unusual", c.unusual},     {"accepted", c.accepted},
                               {"left_out", c.left_out}, {"different", c.different}, {"media", c.media}};
    root["examples"] = examples;
    root["stale"] = stale;
    root["accepted"] = nlohmann::ordered_json::array();
    for (const AcceptedChannelDifference& entry : accepted.entries())
        root["accepted"].push_back({{"where", entry.where},
                                    {"units", entry.units},
                                    {"fields", channel_field_names(entry.fields)},
                                    {"section", entry.section},
                                    {"reason", entry.reason},
                                    {"cases", entry.used}});
    return root.dump(2) + "\n";
}

}  // namespace vmcp::conformance
