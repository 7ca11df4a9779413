#include "vmcp/experiment/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>

#include "vmcp/experiment/assumptions.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::experiment {
namespace {

constexpr size_t kMostEnds = 8;

constexpr size_t kNameWidth = 9;

std::vector<std::string> names_of(const RunResult& result) {
    std::vector<std::string> names;
    for (const VmResult& vm : result.vms) names.push_back(vm.name);
    return column_names(names, kNameWidth);
}

class Report {
  public:
    Report(const Scenario& scenario, const RunResult& result, const ReportOptions& options)
        : scenario_(scenario), result_(result), options_(options), names_(names_of(result)) {}

    std::string write() {
        line("{}", cut(scenario_.title, 80));
        text_ += models_text(scenario_);
        line("All times are simulated, unless they are called host times.");
        line("");
        whole();
        line("");
        machines();
        line("");
        where_time_went();
        paging();
        line("");
        translation();
        line("");
        causes();
        steps();
        ends();
        line("");
        host();
        return std::move(text_);
    }

  private:
    template <class... T>
    void line(fmt::format_string<T...> format, T&&... args) {
        fmt::format_to(std::back_inserter(text_), format, std::forward<T>(args)...);
        while (text_.ends_with(' ')) text_.pop_back();
        text_ += '\n';
    }

    /// A row of a table of machines.
    template <class... T>
    void row(const std::string& name, fmt::format_string<T...> format, T&&... args) {
        line("{}", table_row(name, kNameWidth, fmt::format(format, std::forward<T>(args)...)));
    }

    void whole() {
        const SimTime guest = result_.guest_time(), cp = result_.control_program_time();
        line("The whole run   {:>10} = guest + control program + idle{}", duration_text(result_.end),
             result_.accounted() == result_.end
                 ? ", to the nanosecond"
                 : fmt::format(": {} ns NOT ACCOUNTED FOR", result_.end - result_.accounted()));
        const auto part = [this](const char* name, SimTime t) {
            line("  {:<16}{:>8} {:>8}  {}", name, duration_text(t),
                 share_text(static_cast<double>(t), static_cast<double>(result_.end)),
                 bar(static_cast<double>(t), static_cast<double>(result_.end), 40));
        };
        part("guests", guest);
        part("control program", cp);
        part("idle", result_.idle);
        line("  Overhead: control program to guests {}, T/V ratio {}",
             share_text(static_cast<double>(cp), static_cast<double>(guest)), ratio(guest + cp, guest));
        line("  {}, {} between machines, {}", counted(result_.exits, "exit"),
             counted(result_.switches, "switch"), counted(result_.instructions(), "guest instruction"));
        if (result_.vms.size() > 1)
            line("  Fairness by share (Jain's index): {:.3f}; 1 is fair, {:.3f}: one had it all",
                 result_.fairness(), 1.0 / static_cast<double>(result_.vms.size()));
        if (result_.interrupted) line("  Somebody ended the run before its time.");
        if (result_.time_limit_reached) line("  The time limit of the scenario ended the run.");
    }

    static std::string ratio(SimTime part, SimTime whole) {
        if (whole == 0) return "-";
        const double r = static_cast<double>(part) / static_cast<double>(whole);
        return fmt::format("{:.{}f}", r, r < 100 ? 2 : 0);
    }

    static std::string mean(SimTime sum, uint64_t n) {
        return n == 0 ? "-" : duration_text(sum / static_cast<SimTime>(n));
    }

    void machines() {
        line("Machine   state         guest       CP    T/V     wait    ready response   exits");
        const std::vector<size_t> shown = chosen();
        for (const size_t i : shown) {
            const VmResult& vm = result_.vms[i];
            const Account& a = vm.account;
            row(names_[i], "{:<10}{:>9}{:>9}{:>7}{:>9}{:>9}{:>9}{:>8}", state_word(vm),
                duration_text(a.guest), duration_text(a.control_program),
                ratio(a.guest + a.control_program, a.guest), duration_text(vm.waited),
                duration_text(vm.was_ready), mean(vm.response_time, vm.responses),
                short_count_text(vm.exits));
        }
        if (shown.size() < result_.vms.size()) rest(shown);
        const Account& own = result_.own;
        if (own.control_program != 0)
            line("{:<20}{:>9}{:>9}", "(for none of them)", "", duration_text(own.control_program));
    }

    /// Rows of the table, in the order of the scenario.
    std::vector<size_t> chosen() const {
        std::vector<size_t> order(result_.vms.size());
        std::iota(order.begin(), order.end(), size_t{0});
        if (order.size() <= options_.most_machines) return order;
        const auto cpu = [this](size_t i) {
            return result_.vms[i].account.guest + result_.vms[i].account.control_program;
        };
        std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return cpu(a) > cpu(b); });
        order.resize(options_.most_machines);
        std::sort(order.begin(), order.end());
        return order;
    }

    void rest(const std::vector<size_t>& shown) {
        SimTime guest = 0, cp = 0, waited = 0, ready = 0, response = 0;
        uint64_t responses = 0, exits = 0;
        for (size_t i = 0; i < result_.vms.size(); ++i) {
            if (std::binary_search(shown.begin(), shown.end(), i)) continue;
            const VmResult& vm = result_.vms[i];
            guest += vm.account.guest;
            cp += vm.account.control_program;
            waited += vm.waited;
            ready += vm.was_ready;
            response += vm.response_time;
            responses += vm.responses;
            exits += vm.exits;
        }
        line("{:<20}{:>9}{:>9}{:>7}{:>9}{:>9}{:>9}{:>8}",
             fmt::format("{} others", count_text(result_.vms.size() - shown.size())), duration_text(guest),
             duration_text(cp), ratio(guest + cp, guest), duration_text(waited), duration_text(ready),
             mean(response, responses), short_count_text(exits));
    }

    /// A stacked bar for each machine: what its life consisted of.
    void where_time_went() {
        constexpr int kWidth = 58;
        line("Where its life went: █ guest  ▓ control program  ░ ready  ▒ page wait  · waiting");
        for (const size_t i : chosen()) {
            const VmResult& vm = result_.vms[i];
            const SimTime parts[] = {vm.account.guest, vm.account.control_program, vm.was_ready,
                                     vm.page_waited, vm.waited};
            static constexpr const char* kFill[] = {"█", "▓", "░", "▒", "·"};
            const SimTime sum = std::accumulate(std::begin(parts), std::end(parts), SimTime{0});
            if (sum == 0) continue;
            std::string stacked;
            SimTime so_far = 0;
            int drawn = 0;
            for (int p = 0; p < 5; ++p) {
                so_far += parts[p];
                const auto to = static_cast<int>(static_cast<__int128>(so_far) * kWidth * 2 / sum + 1) / 2;
                for (; drawn < to; ++drawn) stacked += kFill[p];
            }
            row(names_[i], "{} {:>9}", stacked, duration_text(vm.elapsed()));
        }
    }

    /// Only where pages moved, or might have had to.
    void paging() {
        if (result_.paging.taken == 0) return;
        line("");
        line("Paging: {} page frames, {} free at the end, replacement: {}", count_text(result_.page_frames),
             count_text(result_.page_frames_free), scenario_.paging.replacement);
        const double seconds = static_cast<double>(result_.end) / static_cast<double>(simulation::kSecond);
        line("  {} pages in, {} out, {} frames taken; page rate {:.1f} a second",
             count_text(result_.paging.reads), count_text(result_.paging.writes),
             count_text(result_.paging.taken),
             static_cast<double>(result_.paging.reads + result_.paging.writes) / seconds);
        line("  CPU idle while somebody waited for a page: {}, {} of the run",
             duration_text(result_.idle_for_pages),
             share_text(static_cast<double>(result_.idle_for_pages), static_cast<double>(result_.end)));
        for (const PagingDeviceResult& device : result_.paging_devices) {
            if (device.transfers == 0) continue;
            line("  {:<8}{} transfers, busy {}, {} of {} slots in use", device.type,
                 count_text(device.transfers),
                 share_text(static_cast<double>(device.busy), static_cast<double>(result_.end)),
                 count_text(device.slots_in_use), count_text(device.slots));
        }
        line("Machine   kind       resident of pages  filled      in     out   waits page wait");
        for (const size_t i : chosen()) {
            const VmResult& vm = result_.vms[i];
            row(names_[i], "{:<11}{:>8} {:>8}{:>8}{:>8}{:>8}{:>8}{:>10}", name_of(vm.storage_kind),
                count_text(vm.resident_pages), count_text(vm.storage / kPage),
                short_count_text(vm.pages.fills), short_count_text(vm.pages.reads),
                short_count_text(vm.pages.writes), short_count_text(vm.page_waits),
                duration_text(vm.page_waited));
        }
    }

    /// What the hardware did to translate the guests' addresses.
    void translation() {
        line("Machine   TLB misses   a thousand instructions   table references   a miss");
        for (const size_t i : chosen()) {
            const VmResult& vm = result_.vms[i];
            const auto misses = static_cast<double>(vm.tlb_misses);
            row(names_[i], "{:>10}{:>26}{:>19}{:>9}", count_text(vm.tlb_misses),
                vm.instructions == 0
                    ? "-"
                    : fmt::format("{:.1f}", 1000 * misses / static_cast<double>(vm.instructions)),
                count_text(vm.table_references),
                vm.tlb_misses == 0
                    ? "-"
                    : fmt::format("{:.2f}", static_cast<double>(vm.table_references) / misses));
        }
    }

    void causes() {
        struct Row {
            unsigned cause;
            LedgerEntry entry;
        };
        std::vector<Row> rows;
        for (unsigned i = 0; i < Cause::kCount; ++i) {
            const LedgerEntry entry = result_.of(Cause::at(i));
            if (entry.count != 0 || entry.time != 0) rows.push_back({i, entry});
        }
        std::stable_sort(rows.begin(), rows.end(),
                         [](const Row& a, const Row& b) { return a.entry.time > b.entry.time; });
        const auto all = static_cast<double>(result_.control_program_time());
        line("What the control program worked for     count     time    of CP");
        const auto row = [&](const std::string& what, const LedgerEntry& entry) {
            line("{:<36}{:>9}{:>9} {:>8} {}", cut(what, 36), short_count_text(entry.count),
                 duration_text(entry.time), share_text(static_cast<double>(entry.time), all),
                 bar(static_cast<double>(entry.time), all, 16));
        };
        for (size_t i = 0; i < std::min(rows.size(), options_.most_causes); ++i)
            row(Cause::at(rows[i].cause).text(), rows[i].entry);
        if (rows.size() <= options_.most_causes) return;
        LedgerEntry others;
        for (size_t i = options_.most_causes; i < rows.size(); ++i) {
            others.count += rows[i].entry.count;
            others.time += rows[i].entry.time;
        }
        row(fmt::format("{} others", rows.size() - options_.most_causes), others);
    }

    void steps() {
        const SimTime cp = result_.control_program_time();
        const SimTime assumed =
            time_at_assumed_prices(scenario_.machine, scenario_.control_program, result_.steps);
        line("{} of the control program's time was charged at prices that are assumed.",
             share_text(static_cast<double>(assumed), static_cast<double>(cp)));
    }

    /// How the machines ended: the state of each that did not end in order.
    void ends() {
        std::map<std::string, size_t> unlisted;
        size_t listed = 0;
        bool heading = false;
        for (const VmResult& vm : result_.vms) {
            if (vm.state != VmState::stopped) continue;
            const bool in_order = vm.stop == StopReason::disabled_wait && vm.cpu.psw.address == 0;
            if (in_order) continue;
            if (!heading) line("");
            heading = true;
            if (listed++ >= kMostEnds) {
                ++unlisted[std::string(name_of(vm.stop))];
                continue;
            }
            line("{} stopped after {}: {}", vm.name, duration_text(vm.elapsed()), why(vm.stop));
            text_ += state_text(vm.cpu);
            if (!vm.missing_facility.empty()) line("{}", vm.missing_facility);
        }
        for (const auto& [reason, n] : unlisted) line("{} more stopped: {}", count_text(n), reason);
    }

    static std::string_view why(StopReason reason) {
        switch (reason) {
            case StopReason::none: return "for no reason";
            case StopReason::disabled_wait: return "it loaded a disabled wait";
            case StopReason::check_stop: return "check-stop: an endless string of interruptions";
            case StopReason::storage_exhausted: return "real storage has no page frame left";
            case StopReason::load_failed: return "initial program loading failed";
            case StopReason::logged_off: return "it was logged off";
            case StopReason::output_full: return "it has put out as much as a run holds";
        }
        return "";
    }

    void host() {
        // Traps are timed now and then: a run may have had none then.
        line("Host: {:.3f} s, {:.1f} million instructions of guests a second{}", result_.host.seconds,
             result_.host.instructions_per_second / 1e6,
             result_.host.ns_per_trap > 0 ? fmt::format(", {:.0f} ns a trap", result_.host.ns_per_trap) : "");
    }

    const Scenario& scenario_;
    const RunResult& result_;
    const ReportOptions& options_;
    const std::vector<std::string> names_;  // by machine
    std::string text_;
};

}  // namespace

std::string state_word(const VmResult& vm) {
    if (!vm.started && vm.state == VmState::waiting) return "not begun";
    if (vm.state != VmState::stopped) {
        if (vm.state == VmState::waiting && vm.console_read_waiting) return "reading";
        return std::string(name_of(vm.state));
    }
    switch (vm.stop) {
        case StopReason::none: return "stopped";
        case StopReason::disabled_wait: return "ended";
        case StopReason::check_stop: return "check-stop";
        case StopReason::storage_exhausted: return "no storage";
        case StopReason::load_failed: return "IPL failed";
        case StopReason::logged_off: return "logged off";
        case StopReason::output_full: return "output full";
    }
    return "";
}

std::string state_text(const isa::CpuState& state) {
    const uint64_t psw = isa::encode(state.psw);
    std::string text = fmt::format("  PSW {:08X} {:08X}   {} mode, {} state, key {:X}, condition code {}\n",
                                   psw >> 32, psw & 0xFFFFFFFF, state.psw.ec_mode ? "EC" : "BC",
                                   state.psw.problem_state ? "problem" : "supervisor", state.psw.key,
                                   state.psw.condition_code);
    for (unsigned i = 0; i < 16; i += 8) {
        text += fmt::format("  R{:<3}", i);
        for (unsigned r = i; r < i + 8; ++r) text += fmt::format(" {:08X}", state.gpr[r]);
        text += '\n';
    }
    return text;
}

std::string models_text(const Scenario& scenario) {
    const auto row = [](const char* what, const std::string& name, const std::string& title,
                        const Assumptions& assumptions) {
        return fmt::format("  {:<16}{}: {}\n  {:<16}({} of its {} figures are assumed)\n", what, name,
                           cut(title, static_cast<unsigned>(60 - std::min<size_t>(name.size(), 30))), "",
                           assumptions.assumed, assumptions.figures);
    };
    return row("machine", scenario.machine.name, scenario.machine.title, assumptions_of(scenario.machine)) +
           row("control program", scenario.control_program.name, scenario.control_program.title,
               assumptions_of(scenario.control_program)) +
           fmt::format("  {:<16}{}, time slice {}\n", "dispatching", scenario.policy,
                       duration_text(scenario.scheduling.slice));
}

std::string report(const Scenario& scenario, const RunResult& result, const ReportOptions& options) {
    return Report(scenario, result, options).write();
}

}  // namespace vmcp::experiment
