#include "vmcp/conformance/channels/accepted_channels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "simulation/model/embedded_text.hpp"
#include "simulation/model/toml_reader.hpp"
#include "vmcp/conformance/channels/channel_unit.hpp"

namespace vmcp::conformance {

std::span<const simulation::EmbeddedText> embedded_accepted_channel_differences();

using namespace channel_layout;

namespace {

constexpr uint8_t kEnds = simulation::kChannelEnd | simulation::kDeviceEnd;

struct FieldName {
    uint16_t field;
    std::string_view name;
};
constexpr FieldName kFieldNames[] = {
    {kFieldStart, "start"},     {kFieldEnd, "end"},         {kFieldUnit, "unit"},
    {kFieldChannel, "channel"}, {kFieldAddress, "address"}, {kFieldCount, "count"},
    {kFieldSense0, "sense0"},   {kFieldSense1, "sense1"},   {kFieldSenseMore, "sense-more"},
    {kFieldData, "data"},       {kFieldOutput, "output"},   {kFieldMedia, "media"},
};

uint8_t hex_byte(const simulation::TomlReader& table, std::string_view key, std::string_view digits) {
    uint8_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error != std::errc{} || end != digits.data() + digits.size())
        table.fail(key, fmt::format("expected bytes in hexadecimal, not \"{}\"", digits));
    return value;
}

std::vector<uint8_t> hex_bytes(simulation::TomlReader& table, std::string_view key) {
    std::vector<uint8_t> bytes;
    if (!table.has(key)) return bytes;
    for (const std::string& digits : table.texts(key)) bytes.push_back(hex_byte(table, key, digits));
    return bytes;
}

/// "mask/value".
AcceptedChannelDifference::Pattern pattern(simulation::TomlReader& table, std::string_view key) {
    if (!table.has(key)) return {};
    const std::string text = table.text(key);
    const size_t slash = text.find('/');
    if (slash == std::string::npos) table.fail(key, "expected mask and value in hexadecimal: \"02/00\"");
    const std::string_view view = text;
    return {hex_byte(table, key, view.substr(0, slash)), hex_byte(table, key, view.substr(slash + 1))};
}

template <class T>
bool holds(const std::vector<T>& values, const T& value) {
    return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
}

bool applies(const AcceptedChannelDifference& entry, const ChannelComparison& c) {
    const bool contained = entry.contains.empty() ||
                           std::any_of(c.commands.begin(), c.commands.end(),
                                       [&](uint8_t command) { return holds(entry.contains, command); });
    const bool is_behind =
        entry.behind.empty() || std::any_of(c.pairs.begin(), c.pairs.end(), [&](const auto& pair) {
            return holds(entry.behind, pair.first) && holds(entry.contains, pair.second);
        });
    return contained && is_behind && (!entry.caw_reserved || c.caw_reserved) &&
           (!entry.data_chained || c.data_chained) && holds(entry.units, std::string(c.unit)) &&
           holds(entry.commands, c.command) && entry.flags.holds(c.flags) &&
           entry.here_unit.holds(c.here.unit_status) && entry.judge_unit.holds(c.there.unit_status) &&
           entry.here_channel.holds(c.here.channel_status) &&
           entry.judge_channel.holds(c.there.channel_status) && entry.here_sense.holds(c.here.sense[0]) &&
           entry.judge_sense.holds(c.there.sense[0]) && entry.judge_sense1.holds(c.there.sense[1]);
}

}  // namespace

std::string channel_field_names(uint16_t fields) {
    std::string names;
    for (const auto& [field, name] : kFieldNames)
        if ((fields & field) != 0) names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
    return names;
}

ChannelComparison compare_channel_results(std::string_view unit, const ChannelPrograms& programs, unsigned n,
                                          ChannelResult here, ChannelResult there) {
    ChannelComparison c;
    c.unit = unit;
    // The CCW in control, by the CSW of whichever machine has one.
    const ChannelResult& shown = here.at_once() ? there : here;
    unsigned index = 0;
    if (!here.at_once() && shown.ccw_address > programs.at(n) &&
        shown.ccw_address <= programs.at(n) + kProgramEnd)
        index = (shown.ccw_address - programs.at(n)) / 8 - 1;
    c.flags = programs.ccw(n, index).flags;
    const unsigned in_control = index;
    while (index > 0 && (programs.ccw(n, index - 1).flags & simulation::kFlagChainData) != 0) --index;
    c.command = programs.ccw(n, index).command;
    c.data_chained = index != in_control || (c.flags & simulation::kFlagChainData) != 0;
    for (unsigned i = 0; i < kProgramEnd / 8; ++i) c.commands.push_back(programs.ccw(n, i).command);
    constexpr uint8_t kChains = simulation::kFlagChainCommand | simulation::kFlagChainData;
    bool data_chained = false;
    for (unsigned i = 0, before = 0; i < kProgramEnd / 8; ++i) {
        const auto& ccw = programs.ccw(n, i);
        if ((ccw.command & 0x0F) == 0x08) continue;
        constexpr uint8_t kNoOperation = 0x03;
        if (!data_chained && ccw.command != kNoOperation) {
            if (before != 0) c.pairs.emplace_back(static_cast<uint8_t>(before), ccw.command);
            before = ccw.command;
        }
        data_chained = (ccw.flags & simulation::kFlagChainData) != 0;
        if ((ccw.flags & kChains) == 0) break;
    }

    c.caw_reserved = programs.caw_reserved(n);

    const auto differ = [&](bool different, uint16_t field) {
        if (different) c.fields |= field;
    };
    differ(here.condition_code != there.condition_code, kFieldStart);
    differ((here.unit_status & kEnds) != (there.unit_status & kEnds), kFieldEnd);
    // That it is busy tells only that TEST I/O came before device end.
    here.unit_status &= ~simulation::kBusy;
    there.unit_status &= ~simulation::kBusy;
    differ((here.unit_status & ~kEnds) != (there.unit_status & ~kEnds), kFieldUnit);
    differ(here.channel_status != there.channel_status, kFieldChannel);
    if (!here.at_once() && !there.at_once()) {
        differ(here.ccw_address != there.ccw_address, kFieldAddress);
        differ(here.count != there.count, kFieldCount);
    }
    if ((here.unit_status & there.unit_status & simulation::kUnitCheck) != 0) {
        differ(here.sense[0] != there.sense[0], kFieldSense0);
        differ(here.sense[1] != there.sense[1], kFieldSense1);
        differ(!std::equal(here.sense.begin() + 2, here.sense.end(), there.sense.begin() + 2),
               kFieldSenseMore);
    }
    differ(!std::equal(here.storage.begin(), here.storage.begin() + kPreamble, there.storage.begin()),
           kFieldData);
    differ(here.output != there.output, kFieldOutput);
    c.here = std::move(here);
    c.there = std::move(there);
    return c;
}

AcceptedChannelDifferences AcceptedChannelDifferences::parse(std::string_view text, const std::string& file) {
    AcceptedChannelDifferences accepted;
    simulation::TomlReader root = simulation::TomlReader::parse(text, file);
    std::vector<simulation::TomlReader> tables;
    if (root.has("accepted")) tables = root.tables("accepted");
    for (simulation::TomlReader& table : tables) {
        AcceptedChannelDifference entry;
        if (table.has("units")) entry.units = table.texts("units");
        const auto kinds = channel_units();
        for (const std::string& unit : entry.units)
            if (std::none_of(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.name == unit; }))
                table.fail("units", fmt::format("there is no unit \"{}\"", unit));
        entry.commands = hex_bytes(table, "commands");
        entry.contains = hex_bytes(table, "contains");
        entry.behind = hex_bytes(table, "behind");
        entry.caw_reserved = table.boolean_or("caw_reserved", false);
        entry.data_chained = table.boolean_or("data_chained", false);
        entry.flags = pattern(table, "flags");
        entry.here_unit = pattern(table, "here_unit");
        entry.judge_unit = pattern(table, "judge_unit");
        entry.here_channel = pattern(table, "here_channel");
        entry.judge_channel = pattern(table, "judge_channel");
        entry.here_sense = pattern(table, "here_sense");
        entry.judge_sense = pattern(table, "judge_sense");
        entry.judge_sense1 = pattern(table, "judge_sense1");
        for (const std::string& name : table.texts("fields")) {
            const auto* field = std::find_if(std::begin(kFieldNames), std::end(kFieldNames),
                                             [&](const FieldName& f) { return f.name == name; });
            if (field == std::end(kFieldNames))
                table.fail("fields",
                           fmt::format("expected some of {}, not \"{}\"", channel_field_names(0xFFFF), name));
            entry.fields |= field->field;
        }
        entry.section = table.text("section");
        entry.reason = table.text("reason");
        entry.from_cases = static_cast<uint64_t>(table.integer_or("from_cases", 1, 1'000'000'000, 300));
        entry.where = table.where();
        table.finish();
        accepted.entries_.push_back(std::move(entry));
    }
    root.finish();
    return accepted;
}

AcceptedChannelDifferences AcceptedChannelDifferences::built_in() {
    AcceptedChannelDifferences all;
    for (const simulation::EmbeddedText& file : embedded_accepted_channel_differences()) {
        AcceptedChannelDifferences one = parse(file.text, std::string(file.path));
        all.entries_.insert(all.entries_.end(), one.entries_.begin(), one.entries_.end());
    }
    return all;
}

bool AcceptedChannelDifferences::allows(const ChannelComparison& comparison) {
    uint16_t allowed = 0;
    for (const AcceptedChannelDifference& entry : entries_)
        if ((entry.fields & comparison.fields) != 0 && applies(entry, comparison)) allowed |= entry.fields;
    if ((comparison.fields & ~allowed) != 0) return false;
    for (AcceptedChannelDifference& entry : entries_)
        if ((entry.fields & comparison.fields) != 0 && applies(entry, comparison)) ++entry.used;
    return true;
}

bool AcceptedChannelDifferences::media_may_differ(const ChannelComparison& comparison) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const AcceptedChannelDifference& entry) {
        return (entry.fields & kFieldMedia) != 0 && (entry.fields & comparison.fields) != 0 &&
               applies(entry, comparison);
    });
}

std::vector<const AcceptedChannelDifference*> AcceptedChannelDifferences::stale(
    uint64_t cases_of_each_unit) const {
    std::vector<const AcceptedChannelDifference*> unused;
    for (const AcceptedChannelDifference& entry : entries_)
        if (entry.used == 0 && cases_of_each_unit >= entry.from_cases) unused.push_back(&entry);
    return unused;
}

std::string AcceptedChannelDifferences::markdown() const {
    std::string text = "| units | what differs | section | reason |\n| --- | --- | --- | --- |\n";
    for (const AcceptedChannelDifference& entry : entries_) {
        std::string units;
        for (const std::string& unit : entry.units)
            units += fmt::format("{}{}", units.empty() ? "" : ", ", unit);
        text += fmt::format("| {} | {} | {} | {} |\n", units.empty() ? "all" : units,
                            channel_field_names(entry.fields), entry.section, entry.reason);
    }
    return text;
}

}  // namespace vmcp::conformance
