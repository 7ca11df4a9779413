#include "vmcp/conformance/accepted.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "isa/psw.hpp"
#include "simulation/model/embedded_text.hpp"
#include "simulation/model/toml_reader.hpp"
#include "vmcp/conformance/comparison.hpp"
#include "vmcp/conformance/groups.hpp"

namespace vmcp::conformance {

std::span<const simulation::EmbeddedText> embedded_accepted_differences();

namespace {

std::vector<uint16_t> codes_of(simulation::TomlReader& table, std::string_view key) {
    std::vector<uint16_t> codes;
    if (!table.has(key)) return codes;
    for (const std::string& digits : table.texts(key)) {
        uint16_t value = AcceptedDifference::kNoException;
        if (digits != "none") {
            const char* last = digits.data() + digits.size();
            const auto [end, error] = std::from_chars(digits.data(), last, value, 16);
            if (error != std::errc{} || end != last)
                table.fail(key, fmt::format("expected hexadecimal interruption codes or \"none\", not \"{}\"",
                                            digits));
        }
        codes.push_back(value);
    }
    return codes;
}

template <class T>
bool holds(const std::vector<T>& values, const T& value) {
    return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
}

/// Program events beside an exception are a matter of their own (the field `events`); alone they are code 80,
/// and no exception.
bool holds_code(const std::vector<uint16_t>& codes, const TestResult& r) {
    if (r.kind != TestResult::program) return holds(codes, AcceptedDifference::kNoException);
    if (r.code() == TestResult::kEvents)
        return holds(codes, TestResult::kEvents) || holds(codes, AcceptedDifference::kNoException);
    return holds(codes, r.code_besides_events());
}

uint32_t start_of(const TestResult& r) {
    return static_cast<uint32_t>(r.old_psw - 2 * r.ilc()) & isa::kAddressMask;
}

bool applies(const AcceptedDifference& entry, const TestCase& test, const TestResult& ours,
             const TestResult& judge) {
    const isa::Op op = test.op == isa::Op::invalid ? test.op : test.decoded().op;
    return holds(entry.instructions, std::string(mnemonic_of(op))) &&
           holds(entry.groups, std::string(group_of(op))) && holds_code(entry.here_codes, ours) &&
           holds_code(entry.judge_codes, judge) && holds(entry.here_conditions, ours.condition_code()) &&
           (test.by_execute || !entry.by_execute) && (!entry.same_start || start_of(ours) == start_of(judge));
}

}  // namespace

AcceptedDifferences AcceptedDifferences::parse(std::string_view text, const std::string& file) {
    AcceptedDifferences accepted;
    simulation::TomlReader root = simulation::TomlReader::parse(text, file);
    std::vector<simulation::TomlReader> tables;
    if (root.has("accepted")) tables = root.tables("accepted");
    for (simulation::TomlReader& table : tables) {
        AcceptedDifference entry;
        if (table.has("instructions")) entry.instructions = table.texts("instructions");
        for (const std::string& mnemonic : entry.instructions)
            if (mnemonic != "undefined" && op_of(mnemonic) == isa::Op::invalid)
                table.fail("instructions",
                           fmt::format("expected mnemonics of the instruction table, not \"{}\"", mnemonic));
        if (table.has("groups")) entry.groups = table.texts("groups");
        for (const std::string& group : entry.groups)
            if (!is_group(group))
                table.fail("groups", fmt::format("expected one of {}, not \"{}\"", group_names(), group));
        entry.here_codes = codes_of(table, "here_codes");
        entry.judge_codes = codes_of(table, "judge_codes");
        if (table.has("here_conditions"))
            for (const uint16_t condition : codes_of(table, "here_conditions"))
                entry.here_conditions.push_back(condition);
        entry.by_execute = table.boolean_or("by_execute", false);
        entry.same_start = table.boolean_or("same_start", false);
        for (const std::string& name : table.texts("fields")) {
            const auto field = field_named(name);
            if (!field)
                table.fail("fields", fmt::format("expected some of {}, not \"{}\"", names_of(0xFFFF), name));
            entry.fields |= *field;
        }
        entry.section = table.text("section");
        entry.reason = table.text("reason");
        entry.from_cases = static_cast<uint64_t>(table.integer_or("from_cases", 1, 1'000'000'000, 50'000));
        const std::string where = table.where();
        entry.where = where;
        table.finish();
        accepted.entries_.push_back(entry);
    }
    root.finish();
    return accepted;
}

AcceptedDifferences AcceptedDifferences::built_in() {
    AcceptedDifferences all;
    for (const simulation::EmbeddedText& file : embedded_accepted_differences()) {
        AcceptedDifferences one = parse(file.text, std::string(file.path));
        all.entries_.insert(all.entries_.end(), one.entries_.begin(), one.entries_.end());
    }
    return all;
}

bool AcceptedDifferences::allows(const TestCase& test, const TestResult& ours, const TestResult& judge,
                                 uint16_t fields) {
    uint16_t allowed = 0;
    for (const AcceptedDifference& entry : entries_)
        if ((entry.fields & fields) != 0 && applies(entry, test, ours, judge)) allowed |= entry.fields;
    if ((fields & ~allowed) != 0) return false;
    for (AcceptedDifference& entry : entries_)
        if ((entry.fields & fields) != 0 && applies(entry, test, ours, judge)) ++entry.used;
    return true;
}

std::vector<const AcceptedDifference*> AcceptedDifferences::stale(uint64_t cases) const {
    std::vector<const AcceptedDifference*> unused;
    for (const AcceptedDifference& entry : entries_)
        if (entry.used == 0 && cases >= entry.from_cases) unused.push_back(&entry);
    return unused;
}

}  // namespace vmcp::conformance
