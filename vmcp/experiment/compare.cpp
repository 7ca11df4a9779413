#include "vmcp/experiment/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "vmcp/experiment/bare_machine.hpp"
#include "vmcp/experiment/csv_report.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/private_media.hpp"
#include "vmcp/experiment/report.hpp"
#include "vmcp/experiment/run.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::experiment {
namespace {

using Json = nlohmann::ordered_json;

/// Mean over the machines of a guest in the run with all others.
SimTime mean_together(const Comparison& comparison, const GuestComparison& guest,
                      SimTime (*of)(const VmResult&)) {
    if (comparison.together.vms.empty()) return 0;
    SimTime sum = 0;
    for (const size_t i : guest.machines) sum += of(comparison.together.vms[i]);
    return sum / static_cast<SimTime>(guest.machines.size());
}

/// What each guest took of the CPU alone under the control program, with bars in one scale.
TextTable alone_table(const Comparison& comparison) {
    TextTable table({"Machine", TextTable::Align::left}, {{"CPU time"}});
    SimTime most = 1;
    for (const GuestComparison& guest : comparison.guests) {
        const VmResult& alone = guest.alone.vms.front();
        most = std::max(most, cpu_time(alone.account));
        table.row(alone.name, {duration_text(cpu_time(alone.account))});
    }
    table.bars([&comparison, most](size_t row, size_t width) {
        const Account& account = comparison.guests[row].alone.vms.front().account;
        const auto cells = [most, width](SimTime t) {
            return static_cast<size_t>((static_cast<__int128>(t) * 2 * width / most + 1) / 2);
        };
        const size_t guest = cells(account.guest), all = std::max<size_t>(cells(cpu_time(account)), 1);
        std::string bar;
        for (size_t i = 0; i < all; ++i) bar += i < guest ? "█" : "▓";
        return bar;
    });
    return table;
}

}  // namespace

bool GuestComparison::ended() const {
    return (native.stop == simulation::Stop::disabled_wait || native.stop == simulation::Stop::check_stop) &&
           alone.vms.front().state == VmState::stopped;
}

double GuestComparison::overhead() const {
    const VmResult& vm = alone.vms.front();
    auto natively = static_cast<double>(native.busy);
    auto virtually = static_cast<double>(cpu_time(vm.account));
    if (!ended()) {
        natively *= static_cast<double>(vm.instructions);
        virtually *= static_cast<double>(native.instructions);
    }
    return natively == 0 ? 0 : virtually / natively;
}

VmDescription without_name_and_start(VmDescription vm) {
    vm.options.name.clear();
    vm.start = 0;
    return vm;
}

bool same_output(const GuestOutput& a, const GuestOutput& b) {
    return std::equal(a.console.begin(), a.console.end(), b.console.begin(), b.console.end(),
                      [](const ConsoleLine& x, const ConsoleLine& y) { return x.text == y.text; }) &&
           static_cast<const PrintedAndPunched&>(a) == b && a.further == b.further;
}

bool GuestComparison::same_output() const {
    return experiment::same_output(native.output, alone.vms.front().output);
}

Comparison compare(const Scenario& scenario, const std::function<void(const std::string&)>& progress,
                   const std::function<bool()>& interrupted) {
    Comparison comparison;
    std::vector<VmDescription> different;
    for (size_t i = 0; i < scenario.vms.size(); ++i) {
        VmDescription vm = without_name_and_start(scenario.vms[i]);
        const auto known = std::find(different.begin(), different.end(), vm);
        const auto guest = static_cast<size_t>(known - different.begin());
        if (known == different.end()) {
            different.push_back(std::move(vm));
            comparison.guests.emplace_back();
        }
        comparison.guest_of.push_back(guest);
        comparison.guests[guest].machines.push_back(i);
    }
    RunHooks hooks;
    hooks.interrupted = interrupted;
    NativeHooks native_hooks;
    native_hooks.interrupted = interrupted;
    for (size_t i = 0; i < comparison.guests.size(); ++i) {
        GuestComparison& guest = comparison.guests[i];
        const VmDescription& vm = scenario.vms[guest.machines.front()];
        if (progress) progress(vm.options.name + " natively");
        {
            PrivateMedia media;
            BareDisks disks;
            VmDescription bare = bare_machine(scenario, vm, disks);
            media.replace_in(bare);
            guest.native =
                NativeMachine(scenario.machine, bare, native_hooks).run({.time = scenario.time_limit});
        }
        if (progress) progress(vm.options.name + " alone under the control program");
        Scenario single = scenario;
        single.vms = {vm};
        single.vms.front().start = 0;
        if (!guest.native.interrupted) guest.alone = run_on_copies(single, hooks);
        if (!guest.native.interrupted && !guest.alone.interrupted) continue;
        comparison.interrupted = true;
        comparison.guests.resize(i);
        return comparison;
    }
    if (progress) progress("all together");
    comparison.together = run_on_copies(scenario, hooks);
    comparison.interrupted = comparison.together.interrupted;
    return comparison;
}

std::string report(const Scenario& scenario, const Comparison& comparison, size_t width) {
    TextPage page(width);
    page.line(scenario.title, 2);
    page.add(models_text(scenario, width));
    if (comparison.interrupted)
        page.line(
            fmt::format("Interrupted: {} of {} run.", comparison.guests.size(),
                        counted(1 + *std::max_element(comparison.guest_of.begin(), comparison.guest_of.end()),
                                "guest was", "guests were")));
    page.line(
        "All times are simulated. CPU: natively, and alone under the control program. Elapsed: natively, "
        "alone, and together with all others of the scenario.");
    page.blank();
    TextTable table({"Machine", TextTable::Align::left}, {{"CPU time\nnatively"},
                                                          {"CPU time\nguest"},
                                                          {"CPU time\nCP"},
                                                          {"CPU time\noverhead"},
                                                          {.heading = "elapsed\nnatively", .apart = true},
                                                          {"elapsed\nalone"},
                                                          {"elapsed\ntogether"},
                                                          {"output", TextTable::Align::left}});
    bool any_open = false;
    for (const GuestComparison& guest : comparison.guests) {
        const VmResult& alone = guest.alone.vms.front();
        std::string name = alone.name;
        if (guest.machines.size() > 1) name += fmt::format(" x{}", guest.machines.size());
        if (!guest.ended()) name += '*';
        any_open = any_open || !guest.ended();
        const auto life = [](const VmResult& vm) { return vm.elapsed(); };
        table.row(name, {duration_text(guest.native.busy), duration_text(alone.account.guest),
                         duration_text(alone.account.control_program), factor_text(guest.overhead()),
                         duration_text(guest.native.elapsed), duration_text(alone.elapsed()),
                         duration_text(mean_together(comparison, guest, life)),
                         guest.same_output() ? "same" : "differs"});
    }
    page.table(table);
    for (const GuestComparison& guest : comparison.guests) {
        const VmResult& alone = guest.alone.vms.front();
        const auto text_of = [width](const Ending& ending) {
            const bool told = !ending.well && ending.kind != EndingKind::time_limit;
            return told ? ending_text(ending, width) : std::string();
        };
        const std::string natively = text_of(guest.native.ending), virtually = text_of(alone.ending);
        const auto tell = [&](const char* where, const std::string& text) {
            if (text.empty()) return;
            page.line(fmt::format("{} ended badly {}:", alone.name, where));
            page.add(text);
        };
        if (natively == virtually) {
            tell("natively and alone", natively);
            continue;
        }
        tell("natively", natively);
        tell("alone", virtually);
    }
    if (any_open) page.line("* did not end: figures up to where the runs ended, overhead by instruction", 2);
    page.blank();
    page.line(
        "Overhead is CPU time, guest and control program, as a multiple of the native CPU time. Natively "
        "reader, punch and printer work at their own pace; the control program spools them, so elapsed time "
        "may shrink.");
    page.blank();
    page.items("CPU time alone:", {"█ guest", "▓ control program"});
    page.table(alone_table(comparison));
    const RunResult& together = comparison.together;
    page.blank();
    page.line(fmt::format("Together: {} simulated, guests {}, control program {}, idle {}",
                          duration_text(together.end), duration_text(together.guest_time()),
                          duration_text(together.control_program_time()), duration_text(together.idle)),
              2);
    double host = together.host.seconds;
    for (const GuestComparison& guest : comparison.guests)
        host += guest.native.host_seconds + guest.alone.host.seconds;
    page.line(fmt::format("Host: {:.3f} s for all runs", host));
    return page.take();
}

Json to_json(const Scenario& scenario, const Comparison& comparison) {
    Json j;
    j["vmcp"] = maker_to_json("compare");
    j["scenario"] = {{"file", scenario.file}, {"title", scenario.title}, {"seed", scenario.seed}};
    j["settings"] = settings_to_json(scenario);
    j["models"] = models_to_json(scenario);
    j["interrupted"] = comparison.interrupted;
    Json guests = Json::array();
    Json native_seconds = Json::array();
    for (const GuestComparison& guest : comparison.guests) {
        const VmResult& alone = guest.alone.vms.front();
        Json names = Json::array();
        for (const size_t i : guest.machines) names.push_back(scenario.vms[i].options.name);
        Json native = to_json(scenario.machine, guest.native);
        for (const char* key : {"vmcp", "models", "machine", "host"}) native.erase(key);
        native_seconds.push_back(guest.native.host_seconds);
        Json one = to_json(scenario, guest.alone);
        guests.push_back(
            {{"names", std::move(names)},
             {"native", std::move(native)},
             {"alone", {{"vm", one["vms"][0]}, {"totals", one["totals"]}, {"steps", one["steps"]}}},
             {"cpu_overhead", rounded(guest.overhead())},
             {"elapsed_ratio", guest.native.elapsed == 0
                                   ? Json(nullptr)
                                   : rounded(static_cast<double>(alone.elapsed()) /
                                             static_cast<double>(guest.native.elapsed))},
             {"ended", guest.ended()},
             {"same_output", guest.same_output()}});
    }
    j["guests"] = std::move(guests);
    Json together = to_json(scenario, comparison.together);
    for (const char* key : {"vmcp", "scenario", "settings", "models"}) together.erase(key);
    Json host = std::move(together["host"]);
    together.erase("host");
    j["together"] = std::move(together);
    j["host"] = {{"native_seconds", std::move(native_seconds)}, {"together", std::move(host)}};
    return j;
}

std::string to_csv(const Scenario& scenario, const Comparison& comparison) {
    std::string csv =
        std::string(
            "name,native_busy_ns,native_elapsed_ns,native_instructions,alone_guest_ns,alone_cp_ns,cpu_"
            "overhead,"
            "alone_elapsed_ns,together_guest_ns,together_cp_ns,together_elapsed_ns,same_output,") +
        settings_columns() + '\n';
    const VmResult none;  // of a machine that was not run together with the others
    for (size_t i = 0; i < comparison.guest_of.size(); ++i) {
        if (comparison.guest_of[i] >= comparison.guests.size()) continue;
        const GuestComparison& guest = comparison.guests[comparison.guest_of[i]];
        const VmResult& alone = guest.alone.vms.front();
        const VmResult& together = comparison.together.vms.empty() ? none : comparison.together.vms[i];
        csv += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}\n",
                           csv_field(scenario.vms[i].options.name), guest.native.busy, guest.native.elapsed,
                           guest.native.instructions, alone.account.guest, alone.account.control_program,
                           fmt::format("{:.6f}", guest.overhead()), alone.elapsed(), together.account.guest,
                           together.account.control_program, together.elapsed(), guest.same_output(),
                           settings_fields(scenario, &alone));
    }
    return csv;
}

}  // namespace vmcp::experiment
