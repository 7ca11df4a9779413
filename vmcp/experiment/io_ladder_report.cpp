// `vmcp ladder io` for people: tables by load, the order of the servers, footprints, and the band of prices.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "vmcp/experiment/io_ladder.hpp"
#include "vmcp/experiment/report.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::experiment {
namespace {

using Align = TextTable::Align;

std::string time_text(double ns) { return duration_text(static_cast<SimTime>(std::llround(ns))); }
std::string count_text_of(double n) { return fmt::format("{:.2f}", n); }
std::string bytes_text(double bytes) { return count_text(static_cast<uint64_t>(std::llround(bytes))); }
std::string percent_of(double share) { return fmt::format("{:.0f} %", 100 * share); }
/// 402.5x where per cent would be a number of five digits.
std::string share_of(double ours, double native) {
    return ours / native >= 10 ? factor_text(ours / native) : percent_of(ours / native);
}
std::string name_of_run(const IoRun& one) { return std::string(one.way->name) + (one.same ? "" : "!"); }

double copies_of(const IoLoadRuns& load, const IoRun& one) {
    return one.figures.copied / static_cast<double>(load.load->bytes);
}

TextTable load_table(const IoLoadRuns& load) {
    TextTable table({"Way", Align::left}, {{"requests\na second"},
                                           {"of bare\nmetal"},
                                           {"mean\nlatency"},
                                           {"worst\nlatency"},
                                           {"guest", Align::right, true},
                                           {"control\nprogram"},
                                           {"other\nmachine"},
                                           {"CP for\nother"},
                                           {"CPU to\nnative"},
                                           {"exits", Align::right, true},
                                           {"interrup-\ntions"},
                                           {"copies"},
                                           {"assumed"}});
    const IoRun* const native = load.native();
    for (const IoRun& one : load.ways) {
        if (!one.done) continue;
        const IoFigures& f = one.figures;
        const bool alone = one.way->natively;
        const bool has_other = one.scenario.vms.size() > 1;
        table.row(
            name_of_run(one),
            {fmt::format("{:.1f}", f.per_second()),
             native == nullptr ? "-" : share_of(f.per_second(), native->figures.per_second()),
             time_text(f.mean), duration_text(f.worst), time_text(f.guest), alone ? "-" : time_text(f.cp),
             has_other ? time_text(f.other) : "-", has_other ? time_text(f.cp_for_other) : "-",
             native == nullptr ? "-" : factor_text(f.cpu() / native->figures.cpu()),
             alone ? "-" : count_text_of(f.exits), count_text_of(f.interruptions),
             count_text_of(copies_of(load, one)), alone ? "-" : share_text(f.assumed, 1)});
    }
    return table;
}

/// CPU time of a request, in one scale.
TextTable cpu_table(const IoLoadRuns& load) {
    double most = 1;
    std::vector<const IoRun*> done;
    for (const IoRun& one : load.ways)
        if (one.done) {
            done.push_back(&one);
            most = std::max(most, one.figures.cpu());
        }
    TextTable table({"CPU time of a request", Align::left}, {{""}});
    for (const IoRun* one : done) table.row(name_of_run(*one), {time_text(one->figures.cpu())});
    table.bars([done, most](size_t row, size_t width) {
        const IoFigures& f = done[row]->figures;
        const auto cells = [&](double t) {
            return static_cast<size_t>(std::lround(t / most * static_cast<double>(width)));
        };
        const size_t guest = cells(f.guest), other = cells(f.guest + f.other);
        const size_t all = std::max<size_t>(cells(f.cpu()), 1);
        std::string bar;
        for (size_t i = 0; i < all; ++i) bar += i < guest ? "█" : i < other ? "▒" : "▓";
        return bar;
    });
    return table;
}

/// Each text once, behind the names of all the ways that it is true of.
void harm_lines(TextPage& page, const IoLoadRuns& load) {
    std::vector<std::pair<std::string_view, std::vector<std::string_view>>> texts;
    for (const IoRun& one : load.ways) {
        const auto at = std::find_if(texts.begin(), texts.end(),
                                     [&one](const auto& text) { return text.first == one.way->harm; });
        if (at == texts.end())
            texts.push_back({one.way->harm, {one.way->name}});
        else
            at->second.push_back(one.way->name);
    }
    page.line("Who can harm whom:");
    for (const auto& [text, names] : texts)
        page.line(fmt::format("  {}: {}", fmt::join(names, ", "), text), 4);
}

/// The plainest ways of the servers that were run, from the cheapest one that is expected to the dearest.
std::vector<const IoRun*> servers_in_order(const IoLoadRuns& load) {
    std::vector<const IoRun*> servers;
    for (const IoServer server : {IoServer::nobody, IoServer::control_program, IoServer::service_machine})
        if (const IoRun* const one = load.of(server)) servers.push_back(one);
    return servers;
}

bool in_order(const std::vector<const IoRun*>& servers) {
    return std::is_sorted(servers.begin(), servers.end(),
                          [](const IoRun* a, const IoRun* b) { return a->figures.cpu() < b->figures.cpu(); });
}

void order_lines(TextPage& page, const IoLadder& ladder) {
    bool any = false;
    for (const IoLoadRuns& load : ladder.loads) {
        const auto servers = servers_in_order(load);
        if (servers.size() < 2) continue;
        if (!any)
            page.line(
                "Who stands between a guest and its device, one request at a time; the literature has "
                "it that nobody costs least, and a service machine most:");
        any = true;
        std::vector<std::string> parts;
        for (const IoRun* one : servers)
            parts.push_back(fmt::format("{} ({}) {}", name_of(one->way->server), one->way->name,
                                        time_text(one->figures.cpu())));
        page.line(fmt::format("  {}, CPU time of a request: {}: {}", load.load->name, fmt::join(parts, ", "),
                              in_order(servers) ? "in that order" : "not in that order"),
                  4);
    }
    if (!any) return;
    page.line(
        "A mistake in who serves reaches the guest itself where nobody does, its clients where a service "
        "machine does, and everybody where the control program does: who costs most is not who harms "
        "most.");
    page.blank();
}

/// As it is told: in whole per cents.
bool is_inside(double ours, const PublishedIo& published) {
    const double told = std::round(100 * ours) / 100;
    return told >= published.low - 1e-9 && told <= published.high + 1e-9;
}

void published_lines(TextPage& page, const IoLadder& ladder) {
    page.line("Beside what was published, of other machines and other work (no price is made to meet it):");
    for (const IoLoadRuns& load : ladder.loads) {
        const IoRun* const native = load.native();
        const auto line = [&](const IoRun& one, double ours, const PublishedIo& published) {
            page.line(fmt::format("  {}, {}: {} {}; published {} to {}{}. {}.", load.load->name,
                                  one.way->name, percent_of(ours), published.what, percent_of(published.low),
                                  percent_of(published.high),
                                  is_inside(ours, published) ? ", inside" : ", outside", published.source),
                      4);
        };
        for (const IoRun& one : load.ways) {
            if (!one.done || one.way->natively) continue;
            if (one.way->server == IoServer::service_machine)
                line(one, one.figures.other_share(), kDriverDomain);
            if (one.way->server == IoServer::nobody && native != nullptr)
                line(one, one.figures.per_second() / native->figures.per_second(), kDirectAssignment);
        }
        const IoRun* const direct = load.of(IoServer::nobody);
        if (direct == nullptr || native == nullptr) continue;
        page.line(fmt::format(
                      "  What waits for a disk is no measure of the CPU: by CPU time a request of {} still "
                      "takes {} that of the bare machine. It goes without translation, not without the trap "
                      "of START I/O and the interruption through the control program, which exitless "
                      "interruptions do away with.",
                      direct->way->name, factor_text(direct->figures.cpu() / native->figures.cpu())),
                  4);
    }
    page.blank();
}

void footprint_lines(TextPage& page, const IoLadder& ladder) {
    if (ladder.footprints.empty()) return;
    page.line(fmt::format("Storage: page frames of the real machine ({}), counted as they are taken",
                          ladder.footprint_model));
    TextTable table({"Machine", Align::left}, {{"storage,\nbytes"},
                                               {"touched,\nbytes"},
                                               {"kept for it,\nbytes"},
                                               {"such machines\nin a megabyte"},
                                               {"by what is\nkept alone"}});
    for (const Footprint& one : ladder.footprints)
        table.row(one.name, {count_text(one.storage), bytes_text(one.pages), bytes_text(one.tables),
                             fmt::format("{:.1f}", one.guests_in_megabyte()),
                             fmt::format("{:.0f}", one.kept_in_megabyte())});
    page.table(table);
    page.line(fmt::format(
        "The control program itself takes {} bytes: 64K are set aside for prefix area and nucleus "
        "(assumed), and a first page frame for tables. Kept for a machine are translation tables, and pages "
        "that stay "
        "for "
        "channel programs; control blocks, buffers of rings and queues of messages take no storage of the "
        "simulated machine: they are not modelled.",
        bytes_text(ladder.footprints.front().control_program)));
}

}  // namespace

std::string report(const IoLadder& ladder, size_t width) {
    TextPage page(width);
    page.line("Ways of input and output: the same work by each", 2);
    page.add(models_text(ladder.models, width));
    page.line(fmt::format(
        "All times are simulated. Guest, control program and other machine: CPU time of one request; exits "
        "and "
        "interruptions are those of all machines, for one request. Each is the difference of runs with {} "
        "and "
        "{} of a load's requests, divided by those that are more. Copies: how often the control program "
        "copies "
        "a byte that is moved. Assumed: of the control program's time, at prices without a source.",
        ladder.requests, 2 * ladder.requests));
    if (ladder.interrupted) page.line("Interrupted: the ways that were measured are shown.");
    page.blank();
    for (const IoLoadRuns& load : ladder.loads) {
        if (load.ways.empty()) continue;
        page.line(fmt::format("{}{}: {}", static_cast<char>(load.load->name[0] - 'a' + 'A'),
                              load.load->name.substr(1), load.load->title),
                  2);
        page.blank();
        page.table(load_table(load));
        page.blank();
        const auto done =
            std::find_if(load.ways.begin(), load.ways.end(), [](const IoRun& one) { return one.done; });
        const bool same =
            std::all_of(load.ways.begin(), load.ways.end(), [](const IoRun& one) { return one.same; });
        if (done != load.ways.end())
            page.line(
                same ? fmt::format("Every way has come to the same checksum, {:08X}.", done->figures.checksum)
                     : "! it has come to another checksum, or typed other lines, than the first way");
        for (const IoRun& one : load.ways)
            if (one.way->scenario.empty())
                page.line(
                    fmt::format("  {} ({}): not here: {}.", one.way->name, one.way->title, one.way->missing),
                    4);
            else
                page.line(fmt::format("  {}: {}{}{}", one.way->name, one.way->title,
                                      one.way->source.empty() ? "" : ". ", one.way->source),
                          4);
        page.blank();
        page.items("CPU time of a request:", {"█ guest", "▒ other machine", "▓ control program"});
        page.table(cpu_table(load));
        page.blank();
        harm_lines(page, load);
        page.blank();
    }
    order_lines(page, ladder);
    published_lines(page, ladder);
    footprint_lines(page, ladder);
    return page.take();
}

std::string io_band_report(const std::vector<ScaledIoLadder>& ladders, size_t width) {
    TextPage page(width);
    page.line("CPU time of a request with every price of the control program multiplied:");
    const IoLadder& first = ladders.front().ladder;
    for (size_t l = 0; l < first.loads.size(); ++l) {
        std::vector<TextTable::Column> columns;
        for (const ScaledIoLadder& one : ladders) columns.push_back({fmt::format("x{}", one.scale)});
        TextTable table({std::string(first.loads[l].load->name), Align::left}, std::move(columns));
        for (size_t w = 0; w < first.loads[l].ways.size(); ++w) {
            if (!first.loads[l].ways[w].done) continue;
            std::vector<std::string> cells;
            for (const ScaledIoLadder& one : ladders)
                cells.push_back(time_text(one.ladder.loads[l].ways[w].figures.cpu()));
            table.row(std::string(first.loads[l].ways[w].way->name), std::move(cells));
        }
        page.blank();
        page.table(table);
        std::vector<std::string> turned;
        const std::vector<IoRun>& ways = first.loads[l].ways;
        for (size_t a = 0; a < ways.size(); ++a)
            for (size_t b = a + 1; b < ways.size(); ++b) {
                if (!ways[a].done || !ways[b].done) continue;
                const auto less = [&](const ScaledIoLadder& one) {
                    const std::vector<IoRun>& there = one.ladder.loads[l].ways;
                    return there[a].figures.cpu() < there[b].figures.cpu();
                };
                const bool there = less(ladders.front());
                if (std::any_of(ladders.begin(), ladders.end(),
                                [&](const auto& one) { return less(one) != there; }))
                    turned.push_back(fmt::format("{} and {}", ways[a].way->name, ways[b].way->name));
            }
        page.line(turned.empty() ? "Which of two ways takes less CPU time holds at all of these prices."
                                 : fmt::format("Which takes less CPU time hangs on the prices for: {}.",
                                               fmt::join(turned, "; ")),
                  2);
    }
    return page.take();
}

}  // namespace vmcp::experiment
