// What a comparison of traces has found, for people and as JSON.
#include <fmt/format.h>

#include "isa/disassembler.hpp"
#include "vmcp/experiment/diff_trace.hpp"
#include "vmcp/experiment/interruption_text.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/experiment/text_page.hpp"

namespace vmcp::experiment {
namespace {

std::string text_of(const TraceStep& step) {
    switch (step.kind) {
        case TraceStep::Kind::interruption: return "-> " + interruption_name(step.interruption);
        case TraceStep::Kind::loop:
            return fmt::format("   ({} steps, {} more)", step.period, counted(step.times, "time"));
        case TraceStep::Kind::instruction: break;
    }
    std::string source = isa::disassemble(step.instruction);
    if (source.empty()) source = "(no instruction)";
    return fmt::format("{:06X}  {}", step.address, source);
}

/// The registers that differ, both values of each.
std::vector<std::string> differing(const TraceStep& a, const TraceStep& b) {
    std::vector<std::string> items;
    for (unsigned place = 0; place < kPlaces; ++place)
        if (const uint64_t x = value_at(a.cpu, place), y = value_at(b.cpu, place); x != y)
            items.push_back(fmt::format("{} {:X} | {:X}", name_of_place(place), x, y));
    return items;
}

void show(TextPage& page, std::string_view heading, const StreamComparison::Difference& what) {
    page.blank();
    page.line(fmt::format("{}, behind {}: {}.", heading, counted(what.behind, "instruction"), what.what), 2);
    const size_t column = (std::max<size_t>(page.width(), 40) - 3) / 2;
    const auto row = [&](const std::string& a, const std::string& b) {
        const std::string left = cut(a, static_cast<unsigned>(column));
        std::string text = left + std::string(column - characters(left), ' ') + " | " +
                           cut(b, static_cast<unsigned>(column));
        text.erase(text.find_last_not_of(' ') + 1);
        page.add(text + '\n');
    };
    row("natively", "as a guest");
    for (const TraceStep& step : what.around.before) row(text_of(step), text_of(step));
    row(std::string(column, '-'), std::string(column, '-'));
    for (size_t i = 0; i < std::max(what.around.native.size(), what.around.guest.size()); ++i)
        row(i < what.around.native.size() ? text_of(what.around.native[i]) : "",
            i < what.around.guest.size() ? text_of(what.around.guest[i]) : "");
    if (what.around.native.empty() || what.around.guest.empty()) return;
    const auto registers = differing(what.around.native.front(), what.around.guest.front());
    if (!registers.empty()) page.items("Registers that differ, natively | as a guest:", registers);
}

std::string conclusion(const StreamComparison& comparison) {
    switch (comparison.end) {
        case ComparisonEnd::agreed: return "They agree to the end";
        case ComparisonEnd::one_ended:
            return "They agree until one of them has nothing more to do, or its time is over";
        case ComparisonEnd::limit: return "They agree as far as they were to be compared";
        case ComparisonEnd::difference: return "They DIFFER, and time does not explain it";
        case ComparisonEnd::lost:
            return fmt::format(
                "They part, and do not come together again within {} steps: what comes "
                "behind is not compared (--align keeps them in step)",
                count_text(kResyncWindow));
        case ComparisonEnd::interrupted: return "The comparison was interrupted; they agree until then";
    }
    return "";
}

TextTable explained_table() {
    return {{"what hangs on time", TextTable::Align::left},
            {{"values"}, {"parted"}, {"only\nnatively"}, {"only as\na guest"}, {"first\nbehind"}}};
}

TextTable decided_table() {
    return {{"what time decided", TextTable::Align::left}, {{"times"}, {"first\nbehind"}}};
}

nlohmann::ordered_json steps_to_json(const std::vector<TraceStep>& steps) {
    auto list = nlohmann::ordered_json::array();
    for (const TraceStep& step : steps) {
        nlohmann::ordered_json j;
        j["text"] = text_of(step);
        if (!step.is(TraceStep::Kind::loop)) {
            j["psw"] = fmt::format("{:016X}", step.cpu.psw);
            j["gpr"] = registers_to_json(step.cpu.gpr);
        }
        list.push_back(std::move(j));
    }
    return list;
}

nlohmann::ordered_json difference_to_json(const StreamComparison::Difference& what) {
    nlohmann::ordered_json j;
    j["cause"] = word_of(what.cause);
    j["text"] = what.what;
    j["behind_instructions"] = what.behind;
    j["before"] = steps_to_json(what.around.before);
    j["native"] = steps_to_json(what.around.native);
    j["guest"] = steps_to_json(what.around.guest);
    return j;
}

}  // namespace

std::string report(const Scenario& scenario, size_t vm, const StreamComparison& comparison, size_t width) {
    TextPage page(width);
    page.line(fmt::format("{} of {}, natively and as a guest", scenario.vms[vm].options.name, scenario.file),
              2);
    page.line(
        fmt::format("{}: {} and {}.", conclusion(comparison), counted(comparison.instructions, "instruction"),
                    counted(comparison.interruptions, "interruption")),
        2);
    if (comparison.aligned)
        page.line(
            "The bare machine was kept in step: what only time decides was decided for it as the guest found "
            "it, "
            "and nothing else may differ.",
            2);
    TextTable table = comparison.aligned ? decided_table() : explained_table();
    bool any = false;
    for (unsigned i = 0; i < kTimeCauses; ++i) {
        const CauseCount& cause = comparison.causes[i];
        if (!cause.first) continue;
        any = true;
        std::vector<std::string> row = {count_text(cause.values)};
        if (!comparison.aligned)
            for (const uint64_t count : {cause.parted, cause.skipped_native, cause.skipped_guest})
                row.push_back(count_text(count));
        row.push_back(count_text(*cause.first));
        table.row(std::string(word_of(static_cast<TimeCause>(i))), row);
    }
    if (any) {
        page.blank();
        page.table(table);
    }
    if (comparison.first)
        show(page, comparison.aligned ? "What time decided first" : "The first difference that time explains",
             *comparison.first);
    if (comparison.last) show(page, "The difference", *comparison.last);
    return page.take();
}

nlohmann::ordered_json to_json(const Scenario& scenario, size_t vm, const StreamComparison& comparison) {
    nlohmann::ordered_json j;
    j["vmcp"] = maker_to_json("diff-trace");
    j["guest"] = scenario.vms[vm].options.name;
    j["end"] = word_of(comparison.end);
    j["good"] = comparison.good();
    j["aligned"] = comparison.aligned;
    j["instructions"] = comparison.instructions;
    j["interruptions"] = comparison.interruptions;
    auto causes = nlohmann::ordered_json::object();
    for (unsigned i = 0; i < kTimeCauses; ++i) {
        const CauseCount& cause = comparison.causes[i];
        if (!cause.first) continue;
        causes[std::string(word_of(static_cast<TimeCause>(i)))] = {
            {"values", cause.values},
            {"parted", cause.parted},
            {"only_native_steps", cause.skipped_native},
            {"only_guest_steps", cause.skipped_guest},
            {"first_behind_instructions", *cause.first}};
    }
    j["causes"] = std::move(causes);
    if (comparison.first) j["first"] = difference_to_json(*comparison.first);
    if (comparison.last) j["last"] = difference_to_json(*comparison.last);
    return j;
}

}  // namespace vmcp::experiment
