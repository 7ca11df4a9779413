#include "vmcp/experiment/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

#include "vmcp/experiment/assumptions.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/experiment/text_page.hpp"

namespace vmcp::experiment {
namespace {

using Column = TextTable::Column;

constexpr size_t kMostEnds = 8;

const Column kMachines{"Machine", TextTable::Align::left};

class Report {
  public:
    Report(const Scenario& scenario, const RunResult& result, const ReportOptions& options)
        : scenario_(scenario), result_(result), options_(options), page_(options.width) {}

    std::string write() {
        line("{}", scenario_.title);
        page_.add(models_text(scenario_, options_.width));
        line("All times are simulated, unless they are called host times.");
        page_.blank();
        whole();
        page_.blank();
        machines();
        page_.blank();
        where_time_went();
        paging();
        devices();
        rings();
        spool();
        errors();
        page_.blank();
        translation();
        assists();
        interpretation();
        translated_code();
        page_.blank();
        causes();
        steps();
        ends();
        page_.blank();
        host();
        return page_.take();
    }

  private:
    template <class... T>
    void line(fmt::format_string<T...> format, T&&... args) {
        page_.line(fmt::format(format, std::forward<T>(args)...), 2);
    }

    void whole() {
        const SimTime guest = result_.guest_time(), cp = result_.control_program_time();
        line("The whole run   {:>10} = guest + control program + idle{}", duration_text(result_.end),
             result_.accounted() == result_.end
                 ? ", to the nanosecond"
                 : fmt::format(": {} ns NOT ACCOUNTED FOR", result_.end - result_.accounted()));
        const auto part = [this](const char* name, SimTime t) {
            constexpr unsigned kFigures = 40;
            const auto width =
                static_cast<unsigned>(page_.width() - std::min<size_t>(page_.width(), kFigures));
            line("  {:<16}{:>8} {:>8}  {}", name, duration_text(t),
                 share_text(static_cast<double>(t), static_cast<double>(result_.end)),
                 bar(static_cast<double>(t), static_cast<double>(result_.end), width));
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
        TextTable table(kMachines, {{"state", TextTable::Align::left},
                                    {"guest"},
                                    {"CP"},
                                    {"T/V"},
                                    {.heading = "wait", .apart = true},
                                    {"ready"},
                                    {"response"},
                                    {"exits"}});
        const std::vector<size_t> shown = chosen();
        for (const size_t i : shown) {
            const VmResult& vm = result_.vms[i];
            const Account& a = vm.account;
            table.row(vm.name, {state_word(vm), duration_text(a.guest), duration_text(a.control_program),
                                ratio(a.guest + a.control_program, a.guest), duration_text(vm.waited),
                                duration_text(vm.was_ready), mean(vm.response_time, vm.responses),
                                short_count_text(vm.exits)});
        }
        if (shown.size() < result_.vms.size()) rest(shown, table);
        page_.table(table);
        const Account& own = result_.own;
        if (own.control_program != 0)
            line("The control program worked {} for none of them.", duration_text(own.control_program));
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

    void rest(const std::vector<size_t>& shown, TextTable& table) {
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
        const size_t others = result_.vms.size() - shown.size();
        table.row(
            counted(others, "other"),
            {"", duration_text(guest), duration_text(cp), ratio(guest + cp, guest), duration_text(waited),
             duration_text(ready), mean(response, responses), short_count_text(exits)});
    }

    /// A stacked bar for each machine: what its life consisted of.
    void where_time_went() {
        page_.items("Where its life went:",
                    {"█ guest", "▓ control program", "░ ready", "▒ page wait", "· waiting"});
        TextTable table(kMachines, {{"life"}});
        std::vector<size_t> drawn;
        for (const size_t i : chosen()) {
            const auto parts = parts_of(result_.vms[i]);
            if (std::accumulate(parts.begin(), parts.end(), SimTime{0}) == 0) continue;
            table.row(result_.vms[i].name, {duration_text(result_.vms[i].elapsed())});
            drawn.push_back(i);
        }
        table.bars([&](size_t row, size_t width) { return stacked(result_.vms[drawn[row]], width); });
        page_.table(table);
    }

    static std::array<SimTime, 5> parts_of(const VmResult& vm) {
        return {vm.account.guest, vm.account.control_program, vm.was_ready, vm.page_waited, vm.waited};
    }

    static std::string stacked(const VmResult& vm, size_t width) {
        static constexpr const char* kFill[] = {"█", "▓", "░", "▒", "·"};
        const auto parts = parts_of(vm);
        const SimTime sum = std::accumulate(parts.begin(), parts.end(), SimTime{0});
        std::string bar;
        SimTime so_far = 0;
        size_t drawn = 0;
        for (size_t p = 0; p < parts.size(); ++p) {
            so_far += parts[p];
            const auto to = static_cast<size_t>(static_cast<__int128>(so_far) * width * 2 / sum + 1) / 2;
            for (; drawn < to; ++drawn) bar += kFill[p];
        }
        return bar;
    }

    /// Only where pages moved, or might have had to.
    void paging() {
        if (result_.paging.taken == 0) return;
        page_.blank();
        line("Paging: {}, {} free at the end, replacement: {}", counted(result_.page_frames, "page frame"),
             count_text(result_.page_frames_free), scenario_.paging.replacement);
        const double seconds = static_cast<double>(result_.end) / static_cast<double>(simulation::kSecond);
        line("  {} in, {} out, {} taken; page rate {:.1f} a second", counted(result_.paging.reads, "page"),
             count_text(result_.paging.writes), counted(result_.paging.taken, "frame"),
             static_cast<double>(result_.paging.reads + result_.paging.writes) / seconds);
        line("  CPU idle while somebody waited for a page: {}, {} of the run",
             duration_text(result_.idle_for_pages),
             share_text(static_cast<double>(result_.idle_for_pages), static_cast<double>(result_.end)));
        for (const PagingDeviceResult& device : result_.paging_devices) {
            if (device.transfers == 0) continue;
            line("  {:<8}{}, busy {}, {} of {} in use", device.type, counted(device.transfers, "transfer"),
                 share_text(static_cast<double>(device.busy), static_cast<double>(result_.end)),
                 count_text(device.slots_in_use), counted(device.slots, "slot"));
        }
        TextTable table(kMachines, {{"kind", TextTable::Align::left},
                                    {"resident"},
                                    {"of pages"},
                                    {.heading = "filled", .apart = true},
                                    {"in"},
                                    {"out"},
                                    {"waits"},
                                    {"page wait"}});
        for (const size_t i : chosen()) {
            const VmResult& vm = result_.vms[i];
            table.row(vm.name, {std::string(name_of(vm.storage_kind)), count_text(vm.resident_pages),
                                count_text(vm.storage / kPage), short_count_text(vm.pages.fills),
                                short_count_text(vm.pages.reads), short_count_text(vm.pages.writes),
                                short_count_text(vm.page_waits), duration_text(vm.page_waited)});
        }
        page_.table(table);
    }

    /// The real devices, what the machines have of them, and the steps of what that cost.
    void devices() {
        if (result_.real_devices.empty()) return;
        page_.blank();
        TextTable real({"Real device", TextTable::Align::left}, {{"requests"},
                                                                 {"queued"},
                                                                 {"interruptions"},
                                                                 {.heading = "waited\neach", .apart = true},
                                                                 {"served\neach"},
                                                                 {"channel\neach"},
                                                                 {"busy"}});
        for (const RealDeviceResult& device : result_.real_devices) {
            const RealDeviceCounts& counts = device.counts;
            const auto each = [&counts](SimTime all) {
                return counts.requests == 0 ? "-"
                                            : duration_text(all / static_cast<SimTime>(counts.requests));
            };
            const char* const spool = device.own_use == OwnUse::spool ? " spool" : "";
            real.row(fmt::format("{:03X} {}{}", device.address, device.type, spool),
                     {short_count_text(counts.requests), short_count_text(counts.queued),
                      short_count_text(counts.interruptions), each(counts.queueing), each(counts.service),
                      each(device.channel_waits.time),
                      share_text(static_cast<double>(counts.service), static_cast<double>(result_.end))});
        }
        page_.table(real);
        TextTable own({"Virtual device", TextTable::Align::left},
                      {{"on", TextTable::Align::left},
                       {"SIOs"},
                       {"copied"},
                       {"followed"},
                       {"reused"},
                       {.heading = "control\nCCWs", .apart = true},
                       {"data\nCCWs"},
                       {"page\ncrossings"}});
        for (const size_t i : chosen())
            for (const VirtualDeviceResult& device : result_.vms[i].devices) {
                const RelayCounts& counts = device.counts;
                std::string on = fmt::format("{:03X}", device.real);
                if (!device.dedicated)
                    on += fmt::format(" {}-{}", device.first, device.first + device.count - 1);
                for (const MinidiskPiece& piece : device.further)
                    on +=
                        fmt::format(", {:03X} {}-{}", piece.real, piece.first, piece.first + piece.count - 1);
                if (device.read_only) on += " R/O";
                if (device.way != WayOfIo::translation || device.instead_of)
                    on += fmt::format(" {}", name_of(device.way));
                if (device.instead_of) on += fmt::format(" (not {})", name_of(*device.instead_of));
                if (device.interpretive) on += " interpretive";
                if (device.watched) on += device.enciphered ? " enciphered" : " watched";
                own.row(fmt::format("{} {:03X}", result_.vms[i].name, device.address),
                        {on, short_count_text(counts.starts), short_count_text(counts.copied),
                         short_count_text(counts.followed), short_count_text(counts.reused),
                         short_count_text(counts.control_ccws), short_count_text(counts.data_ccws),
                         short_count_text(counts.crossings)});
            }
        page_.table(own);
        io_tables();
        TextTable steps({"Steps of real input and output", TextTable::Align::left},
                        {{"count"}, {"time"}, {"of CP"}});
        const auto step_row = [&](Step step) {
            const LedgerEntry& entry = result_.steps.steps[static_cast<unsigned>(step)];
            if (entry.count == 0) return;
            steps.row(std::string(name_of(step)),
                      {short_count_text(entry.count), duration_text(entry.time),
                       share_text(static_cast<double>(entry.time),
                                  static_cast<double>(result_.control_program_time()))});
        };
        for (unsigned i = static_cast<unsigned>(Step::find_device);
             i <= static_cast<unsigned>(Step::release_data_ccw); ++i)
            step_row(static_cast<Step>(i));
        step_row(Step::watch_block);
        step_row(Step::encipher_block);
        page_.table(steps);
    }

    /// What translating channels went by, and what they refused.
    void io_tables() {
        TextTable tables({"Translating channel", TextTable::Align::left},
                         {{"mapped", TextTable::Align::left},
                          {"programs"},
                          {"CCWs\nread"},
                          {.heading = "pages\nfound", .apart = true},
                          {"mapped"},
                          {"unmapped"},
                          {"purges"},
                          {.heading = "refused", .apart = true}});
        bool any = false;
        for (const size_t i : chosen())
            for (const VirtualDeviceResult& device : result_.vms[i].devices) {
                if (!device.mapping) continue;
                any = true;
                const IoMappingCounts& counts = device.counts.mapping;
                tables.row(fmt::format("{} {:03X}", result_.vms[i].name, device.address),
                           {std::string(name_of(*device.mapping)), short_count_text(device.counts.by_tables),
                            short_count_text(counts.scanned), short_count_text(counts.found),
                            short_count_text(counts.mapped), short_count_text(counts.unmapped),
                            short_count_text(counts.purges), short_count_text(device.counts.refused)});
            }
        if (any) page_.table(tables);
        TextTable refusals({"Refused to", TextTable::Align::left},
                           {{"device"}, {"what", TextTable::Align::left}, {"address"}, {"at"}});
        bool refused = false;
        constexpr size_t kShown = 5;
        for (const size_t i : chosen()) {
            const auto& all = result_.vms[i].io_refusals;
            for (size_t n = 0; n < std::min(all.size(), kShown); ++n) {
                refused = true;
                const bool unit = all[n].what == IoRefusal::What::unit;
                refusals.row(result_.vms[i].name,
                             {fmt::format("{:03X}", all[n].device), std::string(name_of(all[n].what)),
                              unit ? "-" : fmt::format("{:06X}", all[n].address), duration_text(all[n].at)});
            }
            if (result_.vms[i].io_refused > kShown)
                refusals.row(fmt::format("{}, in all {}", result_.vms[i].name, result_.vms[i].io_refused),
                             {});
        }
        if (refused) page_.table(refusals);
    }

    /// Devices with shared rings.
    void rings() {
        TextTable table({"Device with rings", TextTable::Align::left},
                        {{"requests"},
                         {"bytes"},
                         {"doorbells"},
                         {.heading = "notified", .apart = true},
                         {"suppressed"},
                         {"refused"},
                         {.heading = "needs reset", .align = TextTable::Align::left}});
        bool any = false;
        for (const size_t i : chosen())
            for (size_t number = 0; number < result_.vms[i].rings.size(); ++number) {
                const RingResult& ring = result_.vms[i].rings[number];
                const RingCounts& counts = ring.counts;
                std::string faults;
                for (unsigned f = 1; f < kRingFaults; ++f)
                    if (counts.faults[f] != 0)
                        faults += fmt::format("{}{} {}", faults.empty() ? "" : ", ",
                                              name_of(static_cast<RingFault>(f)), counts.faults[f]);
                table.row(fmt::format("{} {} {}", result_.vms[i].name, number, name_of(ring.kind)),
                          {short_count_text(counts.requests), short_count_text(counts.bytes),
                           short_count_text(counts.doorbells), short_count_text(counts.notifications),
                           short_count_text(counts.suppressed), short_count_text(counts.refused),
                           faults.empty() ? "-" : faults});
                any = true;
            }
        if (!any) return;
        page_.blank();
        page_.table(table);
    }

    /// What guests have recorded by SUPERVISOR CALL 76.
    void errors() {
        for (const VmResult& vm : result_.vms)
            if (vm.errors.recorded != 0)
                line("{} has recorded {}, of which {} kept (SVC 76)", vm.name,
                     counted(vm.errors.recorded, "error"), count_text(vm.errors.kept.size()));
    }

    /// What went through the spool, and what is left there.
    void spool() {
        if (!result_.spool) return;
        const SpoolResult& spool = *result_.spool;
        const SpoolCounts& counts = spool.counts;
        page_.blank();
        line("Spool: {} in {} written, {} printed or punched, {} read", counted(counts.records, "record"),
             counted(counts.closed, "file"), count_text(counts.put_out), count_text(counts.read));
        line("  {} of {} pages in use, {} at most", count_text(spool.pages), count_text(spool.capacity),
             count_text(counts.most_pages));
        if (spool.on_disk)
            line("  {} written to disks, {} read", counted(counts.pages_written, "page"),
                 count_text(counts.pages_read));
        if (counts.full != 0) line("  It was full: {} had to wait for room.", counted(counts.full, "device"));
        for (const std::string& complaint : spool.complaints) line("  {}", complaint);
        if (spool.files.empty()) return;
        TextTable files({"Spool file", TextTable::Align::left}, {{"queue", TextTable::Align::left},
                                                                 {"from", TextTable::Align::left},
                                                                 {"records"},
                                                                 {"pages"},
                                                                 {"copies"},
                                                                 {"class"},
                                                                 {"hold", TextTable::Align::left},
                                                                 {"name", TextTable::Align::left}});
        constexpr size_t kMostFiles = 20;
        for (size_t i = 0; i < std::min(spool.files.size(), kMostFiles); ++i) {
            const SpoolFileResult& file = spool.files[i];
            files.row(fmt::format("{:04} {}", file.number, name_of(file.origin)),
                      {fmt::format("{} {}", file.owner, name_of(file.queue)), file.from,
                       count_text(file.records), count_text(file.pages), count_text(file.copies),
                       std::string(1, file.spool_class), file.hold ? "hold" : "-",
                       file.name.empty()   ? "-"
                       : file.type.empty() ? file.name
                                           : file.name + " " + file.type});
        }
        page_.table(files);
        if (spool.files.size() > kMostFiles)
            line("  and {} more", counted(spool.files.size() - kMostFiles, "file"));
    }

    /// What the hardware did to translate the guests' addresses.
    void translation() {
        TextTable table(kMachines, {{"TLB misses"},
                                    {"in a thousand\ninstructions"},
                                    {.heading = "table\nreferences", .apart = true},
                                    {"in a miss"}});
        for (const size_t i : chosen()) {
            const VmResult& vm = result_.vms[i];
            const auto misses = static_cast<double>(vm.tlb_misses);
            table.row(vm.name,
                      {count_text(vm.tlb_misses),
                       vm.instructions == 0
                           ? "-"
                           : fmt::format("{:.1f}", 1000 * misses / static_cast<double>(vm.instructions)),
                       count_text(vm.table_references),
                       vm.tlb_misses == 0
                           ? "-"
                           : fmt::format("{:.2f}", static_cast<double>(vm.table_references) / misses)});
        }
        page_.table(table);
    }

    /// Only where machines are interpreted: what that took, and what the real CPU would have taken.
    void interpretation() {
        for (const size_t i : chosen()) {
            const VmResult& vm = result_.vms[i];
            if (vm.technique != Technique::interpretation) continue;
            const LedgerEntry& entry = vm.account.of(Cause::interpretation);
            page_.blank();
            line("Interpreted: {}, {} in {} of the control program's time, for {} of the real CPU's", vm.name,
                 counted(entry.count, "instruction"), duration_text(entry.time),
                 duration_text(vm.interpreted));
        }
    }

    /// Only where code is translated.
    void translated_code() {
        for (const size_t i : chosen()) {
            const VmResult& vm = result_.vms[i];
            if (vm.technique != Technique::binary_translation) continue;
            const TranslationCounts& n = vm.code;
            page_.blank();
            line("Translated: {}, {} in {}, {} replaced, in {} of real storage", vm.name,
                 counted(n.instructions, "instruction"), counted(n.blocks, "block"), count_text(n.replaced),
                 counted(vm.code_pages, "page"));
            line("  replaced ones executed: {} in line, {} out of line, {} by a call, {} interpreted",
                 count_text(n.sequences), count_text(n.out_of_line), count_text(n.calls),
                 count_text(n.interpreted));
            line("  stores into these pages: {}, {} of them checked in line; {} changed code",
                 count_text(n.stores), count_text(n.checked), count_text(n.invalidated));
            line(
                "  assumed of the machine: instructions from a space of their own, pages that are protected");
        }
    }

    static std::string asked_for(Cause cause) {
        if (cause == Cause::reflect_supervisor_call) return "SVC";
        if (cause == Cause::shadow_fill) return "shadow-table entry";
        return std::string(cause.name());
    }

    /// Only where machines have them: what was asked of microcode, and how often it could do it.
    void assists() {
        for (const size_t i : chosen()) {
            const VmResult& vm = result_.vms[i];
            const auto& counts = vm.assist_counts.of;
            if (vm.assists.empty() &&  // nor was it switched on in the run
                std::none_of(counts.begin(), counts.end(), [](const AssistCount& c) { return c.hits != 0; }))
                continue;
            page_.blank();
            line(
                "Assists of {}: {}{}{}{}{}; {} of its guest time", vm.name, vm.assists.text(),
                vm.intercepts == InterceptSet{} ? "" : fmt::format(", intercepting {}", vm.intercepts.text()),
                vm.exits_together ? fmt::format(", exits together ({} spared)", count_text(vm.exits_spared))
                                  : "",
                vm.wait_completion ? ", waiting without coming out" : "",
                vm.io_presented != 0
                    ? fmt::format(", {} I/O interruptions presented", count_text(vm.io_presented))
                    : "",
                duration_text(vm.assist_counts.time));
            TextTable table({"Asked for", TextTable::Align::left},
                            {{"calls"}, {"hits"}, {"of calls"}, {"else mostly", TextTable::Align::left}});
            bool any = false;
            for (unsigned c = 0; c < Cause::kCount; ++c) {
                const AssistCount& count = counts[c];
                if (count.calls == 0) continue;
                any = true;
                const auto most = std::max_element(count.refused.begin(), count.refused.end());
                table.row(
                    asked_for(Cause::at(c)),
                    {count_text(count.calls), count_text(count.hits),
                     share_text(static_cast<double>(count.hits), static_cast<double>(count.calls)),
                     std::string(
                         *most == 0
                             ? std::string_view{}
                             : kAssistRefusalTexts[static_cast<size_t>(most - count.refused.begin())])});
            }
            if (any) page_.table(table);
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
        LedgerEntry others;
        const size_t listed = std::min(rows.size(), options_.most_causes);
        for (size_t i = listed; i < rows.size(); ++i) {
            others.count += rows[i].entry.count;
            others.time += rows[i].entry.time;
        }
        const auto all = static_cast<double>(result_.control_program_time());
        TextTable table({"What the control program worked for", TextTable::Align::left},
                        {{"count"}, {"time"}, {"of CP"}});
        std::vector<SimTime> times;
        const auto row = [&](const std::string& what, const LedgerEntry& entry) {
            table.row(what, {short_count_text(entry.count), duration_text(entry.time),
                             share_text(static_cast<double>(entry.time), all)});
            times.push_back(entry.time);
        };
        for (size_t i = 0; i < listed; ++i) row(Cause::at(rows[i].cause).text(), rows[i].entry);
        if (listed < rows.size()) row(counted(rows.size() - listed, "other"), others);
        table.bars([&](size_t i, size_t width) {
            return bar(static_cast<double>(times[i]), all, static_cast<unsigned>(width));
        });
        page_.table(table);
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
            if (!heading) page_.blank();
            heading = true;
            if (listed++ >= kMostEnds) {
                ++unlisted[std::string(name_of(vm.stop))];
                continue;
            }
            line("{} stopped after {}: {}", vm.name, duration_text(vm.elapsed()), why(vm.stop));
            page_.add(state_text(vm.cpu, options_.width));
            if (!vm.ending.well) page_.add(ending_text(vm.ending, options_.width));
        }
        for (const VmResult& vm : result_.vms) {
            if (vm.state == VmState::stopped || vm.ending.well) continue;
            if (!heading) page_.blank();
            heading = true;
            if (listed++ >= kMostEnds) {
                ++unlisted[std::string(name_of(vm.ending.kind))];
                continue;
            }
            line("{} has not ended", vm.name);
            page_.add(ending_text(vm.ending, options_.width));
        }
        for (const auto& [reason, n] : unlisted) line("{} more ended so: {}", count_text(n), reason);
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
            case StopReason::instruction_limit: return "it has executed as many instructions as it may";
            case StopReason::control_program_failed: return "the control program has failed";
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
    TextPage page_;
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
        case StopReason::instruction_limit: return "limit";
        case StopReason::control_program_failed: return "CP failed";
    }
    return "";
}

std::string state_text(const isa::CpuState& state, size_t width) {
    const uint64_t psw = isa::encode(state.psw);
    const std::string words = fmt::format("  PSW {:08X} {:08X}   ", psw >> 32, psw & 0xFFFFFFFF);
    const std::string meaning = fmt::format(
        "{} mode, {} state, key {:X}, condition code {}", state.psw.ec_mode ? "EC" : "BC",
        state.psw.problem_state ? "problem" : "supervisor", state.psw.key, state.psw.condition_code);
    TextPage page(width);
    page.line(words + meaning, words.size() - 2);
    constexpr size_t kEight = 78;  // characters of a line with as many registers
    const unsigned in_line = width >= kEight ? 8 : 4;
    for (unsigned i = 0; i < 16; i += in_line) {
        std::string registers = fmt::format("  R{:<3}", i);
        for (unsigned r = i; r < i + in_line; ++r) registers += fmt::format(" {:08X}", state.gpr[r]);
        page.add(registers + '\n');
    }
    return page.take();
}

std::string models_text(const Scenario& scenario, size_t width) {
    TextPage page(width);
    static constexpr size_t kNames = 16;
    const auto row = [&page](const char* what, const std::string& name, const std::string& title,
                             const Assumptions& assumptions) {
        page.line(fmt::format("  {:<{}}{}: {}", what, kNames, name, title), kNames);
        page.line(fmt::format("  {:<{}}({} of its {} figures {} assumed)", "", kNames, assumptions.assumed,
                              assumptions.figures, assumptions.assumed == 1 ? "is" : "are"));
    };
    row("machine", scenario.machine.name, scenario.machine.title, assumptions_of(scenario.machine));
    row("control program", scenario.control_program.name, scenario.control_program.title,
        assumptions_of(scenario.control_program));
    page.line(fmt::format("  {:<{}}{}, time slice {}", "dispatching", kNames, scenario.policy,
                          duration_text(scenario.scheduling.slice)));
    return page.take();
}

std::string report(const Scenario& scenario, const RunResult& result, const ReportOptions& options) {
    return Report(scenario, result, options).write();
}

}  // namespace vmcp::experiment
