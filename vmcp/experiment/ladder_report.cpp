// What people and other programs are told of a ladder.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "vmcp/experiment/csv_report.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/ladder.hpp"
#include "vmcp/experiment/report.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::experiment {
namespace {

using Json = nlohmann::ordered_json;
using Align = TextTable::Align;

std::string percent(double value) { return fmt::format("{:.0f} %", 100 * value); }

/// "35 % to 40 %", "166 %"
std::string band(const Published& published) {
    if (published.low == published.high) return percent(published.low);
    return percent(published.low) + " to " + percent(published.high);
}

TextTable rungs_table(const Ladder& ladder, const std::string& heading) {
    TextTable table({heading, Align::left}, {{"year"},
                                             {"guests"},
                                             {"CP"},
                                             {"CPU to\nnative"},
                                             {"CP to\none above"},
                                             {.heading = "exits", .apart = true},
                                             {"assist\nhits"},
                                             {"CP at\nassumed"}});
    const RungRuns* below = nullptr;
    for (const RungRuns& one : ladder.rungs) {
        const AssistCount asked = one.asked();
        const auto cp = static_cast<double>(one.control_program_time());
        table.row(
            std::string(one.rung->name),
            {one.rung->year.empty() ? "-" : one.rung->year, duration_text(one.guest_time()),
             duration_text(one.control_program_time()), factor_text(ladder.overhead(one)),
             below == nullptr ? "-" : factor_text(cp / static_cast<double>(below->control_program_time())),
             short_count_text(one.exits()),
             share_text(static_cast<double>(asked.hits), static_cast<double>(asked.calls)),
             share_text(one.assumed_share(), 1)});
        below = &one;
    }
    return table;
}

TextTable guests_table(const Ladder& ladder) {
    std::vector<TextTable::Column> columns;
    for (const std::string& guest : ladder.guests) columns.push_back({guest});
    TextTable table({"CPU time to native", Align::left}, std::move(columns));
    for (const RungRuns& one : ladder.rungs) {
        std::vector<std::string> cells;
        for (size_t g = 0; g < ladder.guests.size(); ++g)
            cells.push_back(factor_text(ladder.overhead(one, g)) + (one.same_output[g] ? "" : "!"));
        table.row(std::string(one.rung->name), std::move(cells));
    }
    return table;
}

/// Control-program time, in one scale.
TextTable bars_table(const Ladder& ladder, const std::string& heading) {
    double most = 1;
    for (const RungRuns& one : ladder.rungs)
        most = std::max(most, static_cast<double>(one.guest_time() + one.control_program_time()));
    TextTable table({heading, Align::left}, {{"CPU time"}});
    for (const RungRuns& one : ladder.rungs)
        table.row(std::string(one.rung->name),
                  {duration_text(one.guest_time() + one.control_program_time())});
    table.bars([&ladder, most](size_t row, size_t width) {
        const RungRuns& one = ladder.rungs[row];
        const auto cells = [&](SimTime t) {
            return static_cast<size_t>(
                std::lround(static_cast<double>(t) / most * static_cast<double>(width)));
        };
        const size_t guest = cells(one.guest_time());
        const size_t all = std::max<size_t>(cells(one.guest_time() + one.control_program_time()), 1);
        std::string bar;
        for (size_t i = 0; i < all; ++i) bar += i < guest ? "█" : "▓";
        return bar;
    });
    return table;
}

std::string_view name_of(Published::Of of) {
    static constexpr std::string_view names[] = {"overhead", "cp_time", "tio"};
    return names[static_cast<unsigned>(of)];
}

void published(TextPage& page, const Ladder& ladder) {
    bool any = false;
    for (const RungRuns& one : ladder.rungs) {
        const auto v = verdict(ladder, one);
        if (!v) continue;
        if (!any) {
            page.blank();
            page.line("Beside what was published (no price is made to meet it):");
        }
        any = true;
        const bool overhead = v->published->of == Published::Of::overhead;
        page.line(fmt::format("  {}: control-program time{} is {} of {}; published {}{}. {}.", one.rung->name,
                              v->published->of == Published::Of::tio ? " of a TIO"
                              : v->published->of_io                  ? " for guests with devices of their own"
                                                                     : "",
                              percent(v->ours),
                              overhead ? "what the guests take natively"
                                       : fmt::format("that on {}", v->published->than),
                              band(*v->published),
                              v->inside  ? ", inside"
                              : overhead ? ", of other work"
                                         : ", outside",
                              v->published->source),
                  4);
        if (v->published->than.empty()) continue;
        const RungRuns& other = *ladder.find(v->published->than);
        if (one.rung->assists.has(Assist::ecps) && !other.rung->assists.has(Assist::ecps))
            page.line(fmt::format(
                          "      The steps that are covered take {} of its time on {} (published: 79.55 %).",
                          percent(other.covered_share()), other.rung->name),
                      0);
    }
}

}  // namespace

std::string report(const Scenario& scenario, const Ladder& ladder, size_t width, const std::string& heading) {
    TextPage page(width);
    page.line((heading == "Rung" ? "The ladder: " : "") + scenario.title, 2);
    page.add(models_text(scenario, width));
    page.line(fmt::format(
        "All times are simulated. Each guest runs alone, unchanged, on each {}; times are sums over "
        "the guests.",
        heading == "Rung" ? "rung" : "variant"));
    if (ladder.interrupted)
        page.line(fmt::format("Interrupted: {} of {} done.", ladder.rungs.size(),
                              counted(ladder.planned, heading == "Rung" ? "rung was" : "variant was",
                                      heading == "Rung" ? "rungs were" : "variants were")));
    page.blank();
    page.line(fmt::format("Natively the guests take {} of CPU time.", duration_text(ladder.native_time())));
    page.blank();
    page.table(rungs_table(ladder, heading));
    page.blank();
    bool any = false;
    for (const RungRuns& one : ladder.rungs) {
        const std::string about = one.rung->title + (one.all_ended() ? "" : " (a guest did not end)");
        if (about.empty()) continue;
        any = true;
        page.line(fmt::format("{}: {}", one.rung->name, about), 4);
    }
    if (any) page.blank();
    page.items("CPU time:", {"█ guests", "▓ control program"});
    page.table(bars_table(ladder, heading));
    page.blank();
    page.table(guests_table(ladder));
    for (const RungRuns& one : ladder.rungs)
        if (std::find(one.same_output.begin(), one.same_output.end(), false) != one.same_output.end()) {
            page.line("! its output differs from that on the bare machine");
            break;
        }
    published(page, ladder);
    return page.take();
}

std::string band_report(const std::vector<ScaledLadder>& ladders, size_t width) {
    TextPage page(width);
    page.line("The same with every price of the control program multiplied:");
    std::vector<TextTable::Column> columns;
    for (const ScaledLadder& one : ladders) columns.push_back({fmt::format("x{}", one.scale)});
    TextTable table({"CPU time to native", Align::left}, std::move(columns));
    const std::vector<RungRuns>& rungs = ladders.front().ladder.rungs;
    for (size_t r = 0; r < rungs.size(); ++r) {
        std::vector<std::string> cells;
        for (const ScaledLadder& one : ladders)
            cells.push_back(factor_text(one.ladder.overhead(one.ladder.rungs[r])));
        table.row(rungs[r].rung->name, std::move(cells));
    }
    page.table(table);
    std::vector<std::string> turned;
    for (size_t a = 0; a < rungs.size(); ++a)
        for (size_t b = a + 1; b < rungs.size(); ++b) {
            const auto less = [&](const ScaledLadder& one) {
                return one.ladder.overhead(one.ladder.rungs[a]) < one.ladder.overhead(one.ladder.rungs[b]);
            };
            const bool first = less(ladders.front());
            if (std::any_of(ladders.begin(), ladders.end(),
                            [&](const auto& one) { return less(one) != first; }))
                turned.push_back(fmt::format("{} and {}", rungs[a].rung->name, rungs[b].rung->name));
        }
    page.line(turned.empty() ? "Which of two rungs takes less CPU time holds at all of these prices."
                             : fmt::format("Which takes less CPU time hangs on the prices for: {}.",
                                           fmt::join(turned, "; ")),
              2);
    for (size_t r = 0; r < rungs.size(); ++r) {
        size_t inside = 0, all = 0;
        for (const ScaledLadder& one : ladders)
            if (const auto v = verdict(one.ladder, one.ladder.rungs[r]);
                v && v->published->of == Published::Of::cp_time) {
                ++all;
                inside += v->inside;
            }
        if (all != 0)
            page.line(fmt::format("{}: inside what was published at {} of {} prices.", rungs[r].rung->name,
                                  inside, all),
                      2);
    }
    return page.take();
}

/// What the control program worked for on the rung, longest first.
static Json causes_to_json(const RungRuns& rung) {
    std::vector<std::pair<Cause, LedgerEntry>> causes;
    for (unsigned i = 0; i < Cause::kCount; ++i) {
        const LedgerEntry entry = rung.of(Cause::at(i));
        if (entry.count != 0 || entry.time != 0) causes.emplace_back(Cause::at(i), entry);
    }
    std::stable_sort(causes.begin(), causes.end(),
                     [](const auto& a, const auto& b) { return a.second.time > b.second.time; });
    Json all = Json::array();
    for (const auto& [cause, entry] : causes)
        all.push_back(
            {{"cause", cause.name()}, {"text", cause.text()}, {"count", entry.count}, {"cp_ns", entry.time}});
    return all;
}

Json band_to_json(const std::vector<ScaledLadder>& ladders) {
    Json all = Json::array();
    for (const ScaledLadder& one : ladders) {
        Json rungs = Json::object();
        for (const RungRuns& rung : one.ladder.rungs)
            rungs[rung.rung->name] = rounded(one.ladder.overhead(rung));
        all.push_back({{"scale", one.scale}, {"cpu_to_native", std::move(rungs)}});
    }
    return all;
}

Json to_json(const Scenario& scenario, const Ladder& ladder, std::string_view command) {
    Json j;
    j["vmcp"] = maker_to_json(command);
    j["scenario"] = {{"file", scenario.file}, {"title", scenario.title}, {"seed", scenario.seed}};
    j["settings"] = settings_to_json(scenario);
    j["models"] = models_to_json(scenario);
    j["interrupted"] = ladder.interrupted;
    j["native_ns"] = ladder.native_time();
    j["rungs"] = Json::array();
    for (const RungRuns& one : ladder.rungs) {
        const AssistCount asked = one.asked();
        Json rung = {{"name", one.rung->name},
                     {"year", one.rung->year},
                     {"title", one.rung->title},
                     {"control_program", one.scenario.control_program.name},
                     {"assists", one.rung->assists.text()},
                     {"facilities_of", one.rung->machine},
                     {"policy", one.scenario.policy},
                     {"storage_kind", name_of(one.rung->kind)},
                     {"io", one.rung->io ? name_of(*one.rung->io) : "as in the scenario"},
                     {"technique", name_of(one.rung->technique)},
                     {"translation", name_of(one.rung->translation)},
                     {"guest_ns", one.guest_time()},
                     {"cp_ns", one.control_program_time()},
                     {"assumed_share", rounded(one.assumed_share())},
                     {"covered_share", rounded(one.covered_share())},
                     {"cpu_to_native", rounded(ladder.overhead(one))},
                     {"exits", one.exits()},
                     {"assist_calls", asked.calls},
                     {"assist_hits", asked.hits},
                     {"ended", one.all_ended()}};
        Json guests = Json::array();
        for (size_t g = 0; g < ladder.guests.size(); ++g) {
            const VmResult& vm = one.guests[g].vms.front();
            guests.push_back({{"name", ladder.guests[g]},
                              {"native_ns", ladder.native[g].busy},
                              {"guest_ns", vm.account.guest},
                              {"cp_ns", vm.account.control_program},
                              {"cpu_to_native", rounded(ladder.overhead(one, g))},
                              {"exits", vm.exits},
                              {"same_output", static_cast<bool>(one.same_output[g])}});
        }
        rung["guests"] = std::move(guests);
        rung["causes"] = causes_to_json(one);
        if (const auto v = verdict(ladder, one))
            rung["published"] = {{"of", name_of(v->published->of)},
                                 {"than", v->published->than},
                                 {"guests", v->published->of_io ? "with_devices" : "all"},
                                 {"low", rounded(v->published->low)},
                                 {"high", rounded(v->published->high)},
                                 {"ours", rounded(v->ours)},
                                 {"inside", v->inside},
                                 {"source", v->published->source}};
        j["rungs"].push_back(std::move(rung));
    }
    return j;
}

std::string to_csv(const Ladder& ladder) {
    std::string csv = "rung,year,guest,native_busy_ns,guest_ns,cp_ns,cpu_to_native,exits,same_output," +
                      settings_columns() + '\n';
    for (const RungRuns& one : ladder.rungs)
        for (size_t g = 0; g < ladder.guests.size(); ++g) {
            const VmResult& vm = one.guests[g].vms.front();
            csv += fmt::format("{},{},{},{},{},{},{:.6f},{},{},{}\n", one.rung->name, one.rung->year,
                               csv_field(ladder.guests[g]), ladder.native[g].busy, vm.account.guest,
                               vm.account.control_program, ladder.overhead(one, g), vm.exits,
                               static_cast<bool>(one.same_output[g]), settings_fields(one.scenario, &vm));
        }
    return csv;
}

}  // namespace vmcp::experiment
