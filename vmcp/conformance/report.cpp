// How the result of a conformance run reads.
#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "vmcp/conformance/comparison.hpp"
#include "vmcp/conformance/conformance.hpp"
#include "vmcp/conformance/groups.hpp"

namespace vmcp::conformance {
namespace {

std::string counted(uint64_t n, const char* what) {
    return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::map<std::string, InstructionCount> by_group(const ConformanceReport& report) {
    std::map<std::string, InstructionCount> groups;
    for (const auto& [mnemonic, count] : report.instructions) {
        InstructionCount& sum = groups[std::string(group_of(op_of(mnemonic)))];
        sum.cases += count.cases;
        sum.exceptions += count.exceptions;
        sum.accepted += count.accepted;
        sum.different += count.different;
    }
    return groups;
}

nlohmann::json to_json(const InstructionCount& count) {
    return {{"cases", count.cases},
            {"exceptions", count.exceptions},
            {"accepted", count.accepted},
            {"different", count.different}};
}

}  // namespace

std::string ConformanceReport::text() const {
    std::string text;
    const auto out = std::back_inserter(text);
    for (const DifferenceKind& kind : differences)
        if (!kind.example.empty()) fmt::format_to(out, "{}\n{}\n", kind.what, kind.example);
    if (!differences.empty()) fmt::format_to(out, "kinds of differences:\n");
    for (const DifferenceKind& kind : differences) fmt::format_to(out, "{:>8} {}\n", kind.cases, kind.what);
    if (!differences.empty()) fmt::format_to(out, "\n");
    fmt::format_to(out, "{}, seed {}, in {}: {} against {}\n\n", counted(cases, "case"), options.seed,
                   counted(images, "core image"), ours, judge);
    constexpr auto kRow = "{:<10}{:>6}{:>12}{:>11}{:>9}{:>10}\n";
    fmt::format_to(out, kRow, "group", "instr.", "cases", "exceptions", "accepted", "different");
    InstructionCount total;
    for (const auto& [group, count] : by_group(*this)) {
        size_t members = 0;
        for (const auto& [mnemonic, unused] : instructions) members += group_of(op_of(mnemonic)) == group;
        fmt::format_to(out, kRow, group, members, count.cases, count.exceptions, count.accepted,
                       count.different);
        total.cases += count.cases, total.exceptions += count.exceptions;
        total.accepted += count.accepted, total.different += count.different;
    }
    fmt::format_to(out, kRow, "all", instructions.size(), total.cases, total.exceptions, total.accepted,
                   total.different);
    std::string worst;
    for (const auto& [mnemonic, count] : instructions)
        if (count.different != 0) worst += fmt::format(" {} {}", mnemonic, count.different);
    if (!worst.empty()) fmt::format_to(out, "\ndifferent:{}\n", worst);
    for (const std::string& mnemonic : uncovered) fmt::format_to(out, "no cases: {}\n", mnemonic);
    for (const std::string& entry : stale) fmt::format_to(out, "stale: {}\n", entry);
    fmt::format_to(out, "\n{}\n",
                   interrupted ? fmt::format("interrupted after {}; {} to explain", counted(cases, "case"),
                                             counted(different, "difference"))
                   : good()    ? std::string("no unexplained difference")
                               : counted(different, "difference") + " to explain");
    return text;
}

std::string ConformanceReport::json() const {
    nlohmann::ordered_json root;
    root["ours"] = ours;
    root["judge"] = judge;
    root["seed"] = options.seed;
    root["cases"] = cases;
    root["images"] = images;
    root["different"] = different;
    root["good"] = good();
    root["interrupted"] = interrupted;
    for (const auto& [group, count] : by_group(*this)) root["groups"][group] = to_json(count);
    for (const auto& [mnemonic, count] : instructions) root["instructions"][mnemonic] = to_json(count);
    root["differences"] = nlohmann::ordered_json::array();
    for (const DifferenceKind& kind : differences)
        root["differences"].push_back(
            {{"what", kind.what}, {"cases", kind.cases}, {"example", kind.example}});
    root["uncovered"] = uncovered;
    root["not_judged"] = not_judged;
    root["exceptions_only"] = exceptions_only;
    root["stale"] = stale;
    for (const AcceptedDifference& entry : accepted.entries())
        root["accepted"].push_back({{"where", entry.where},
                                    {"fields", names_of(entry.fields)},
                                    {"section", entry.section},
                                    {"reason", entry.reason},
                                    {"cases", entry.used}});
    root["host"] = {{"seconds_ours", seconds_ours}, {"seconds_judge", seconds_judge}};
    return root.dump(2) + "\n";
}

}  // namespace vmcp::conformance
