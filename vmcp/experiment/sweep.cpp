#include "vmcp/experiment/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <iterator>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

#include "vmcp/experiment/csv_report.hpp"
#include "vmcp/experiment/report.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/experiment/text_page.hpp"

namespace vmcp::experiment {
namespace {

constexpr std::string_view kNames[] = {"overcommit", "slice-ms", "cp-scale", "shadow-sets", "exit-cycles"};
constexpr std::string_view kTexts[] = {"storage of the V=V machines : real storage left for them",
                                       "time slice, simulated ms", "prices of control-program work, factor",
                                       "address spaces that shadow tables are kept for",
                                       "entry into interpretive execution and exit, machine cycles"};
/// Real storage that the control program keeps for itself and for tables: its nucleus, and a few frames
/// for each machine.
uint64_t overhead_of(const Scenario& scenario) {
    constexpr uint64_t kNucleus = 64 * 1024;
    uint64_t bytes = kNucleus + scenario.v_equals_r() + (scenario.v_equals_r() != 0 ? kPage : 0);
    for (const SegmentDescription& segment : scenario.segments)
        bytes += (segment.contents.size() + SharedSegment::kUnit - 1) / SharedSegment::kUnit *
                 SharedSegment::kUnit;
    for (const VmDescription& vm : scenario.vms)
        if (vm.options.storage_kind == StorageKind::resident) bytes += vm.options.storage;
    // A segment table of 64 bytes and page tables of 32 bytes a segment, for each machine.
    uint64_t tables = 0;
    for (const VmDescription& vm : scenario.vms) tables += 64 + (vm.options.storage / 0x10000 + 1) * 32;
    return bytes + tables;
}

uint32_t storage_for(const Scenario& scenario, double factor) {
    uint64_t paged = 0;
    for (const VmDescription& vm : scenario.vms)
        if (vm.options.storage_kind == StorageKind::paged) paged += vm.options.storage;
    const auto wanted =
        static_cast<uint64_t>(std::ceil(static_cast<double>(paged) / factor)) + overhead_of(scenario);
    const uint64_t bytes = (wanted + kPage - 1) / kPage * kPage;
    const auto most = static_cast<uint64_t>(scenario.machine.max_storage_bytes.value);
    if (bytes > most)
        throw std::runtime_error(
            fmt::format("an overcommit factor of {} needs {}K of real storage, but the machine "
                        "model {} has at most {}K",
                        factor, bytes / 1024, scenario.machine.name, most / 1024));
    return static_cast<uint32_t>(bytes);
}

/// Shared out as they are on the model, three parts for the entry and two for the exit on the built-in one.
void set_exit_cycles(simulation::MachineModel& machine, double cycles) {
    if (!machine.facilities.has(isa::Facility::interpretive_execution))
        throw std::runtime_error(
            fmt::format("the machine model {} has no interpretive execution: expected one "
                        "with facility interpretive_execution, as s370-158-interpretive",
                        machine.name));
    simulation::InterpretiveFigures& figures = machine.interpretive;
    const auto both = static_cast<double>(figures.entry_ns.value + figures.exit_ns.value);
    const double factor = cycles * static_cast<double>(machine.cycle_ns.value) / std::max(both, 1.0);
    for (simulation::Figure* figure : {&figures.entry_ns, &figures.exit_ns}) {
        figure->value = simulation::scaled_ns(figure->value, factor);
        figure->source = fmt::format("{}: {} cycles together, by the sweep", simulation::kAssumed, cycles);
    }
}

}  // namespace

std::string_view name_of(SweepParameter parameter) { return kNames[static_cast<unsigned>(parameter)]; }

std::vector<std::string> sweep_parameter_names() { return {std::begin(kNames), std::end(kNames)}; }

SweepParameter sweep_parameter(std::string_view name) {
    const auto* const at = std::find(std::begin(kNames), std::end(kNames), name);
    if (at == std::end(kNames))
        throw std::invalid_argument(fmt::format("unknown sweep parameter \"{}\"", name));
    return static_cast<SweepParameter>(at - std::begin(kNames));
}

double SweepPoint::page_rate() const {
    if (result.end == 0) return 0;
    return static_cast<double>(result.paging.reads + result.paging.writes) * simulation::kSecond /
           static_cast<double>(result.end);
}

double SweepPoint::tv_ratio() const {
    const SimTime guest = result.guest_time();
    return guest == 0
               ? 0
               : static_cast<double>(guest + result.control_program_time()) / static_cast<double>(guest);
}

SimTime SweepPoint::elapsed() const {
    SimTime last = 0;
    for (const VmResult& vm : result.vms) last = std::max(last, vm.end);
    return last;
}

Scenario with(Scenario scenario, SweepParameter parameter, double value) {
    switch (parameter) {
        case SweepParameter::overcommit: scenario.storage = storage_for(scenario, value); break;
        case SweepParameter::slice_ms:
            scenario.scheduling.slice = static_cast<SimTime>(std::llround(value * simulation::kMillisecond));
            break;
        case SweepParameter::cp_scale:
            scenario.control_program = scenario.control_program.scaled(value);
            break;
        case SweepParameter::shadow_sets:
            for (VmDescription& vm : scenario.vms)
                vm.options.shadow_sets = static_cast<unsigned>(std::lround(value));
            break;
        case SweepParameter::exit_cycles: set_exit_cycles(scenario.machine, value); break;
    }
    return scenario;
}

std::vector<double> even_steps(double from, double to, unsigned steps) {
    std::vector<double> values;
    for (unsigned i = 0; i < steps; ++i) values.push_back(from + (to - from) * i / (steps - 1));
    return values;
}

std::vector<SweepPoint> sweep(const Scenario& scenario, SweepParameter parameter,
                              const std::vector<double>& values,
                              const std::function<void(size_t done)>& progress,
                              const std::function<bool()>& interrupted) {
    std::vector<Scenario> scenarios;
    for (const double value : values) scenarios.push_back(with(scenario, parameter, value));
    std::vector<SweepPoint> points(values.size());
    std::atomic<size_t> next{0};
    std::mutex mutex;
    size_t done = 0;
    std::exception_ptr failure;
    RunHooks hooks;
    hooks.interrupted = interrupted;
    const auto work = [&] {
        for (size_t i = next++; i < values.size(); i = next++) {
            try {
                points[i] = {values[i], run_on_copies(scenarios[i], hooks)};
            } catch (...) {
                const std::scoped_lock lock(mutex);
                if (!failure) failure = std::current_exception();
                return;
            }
            const std::scoped_lock lock(mutex);
            ++done;
            if (progress) progress(done);
        }
    };
    std::vector<std::thread> workers;
    const size_t threads = std::min<size_t>(values.size(), std::max(1u, std::thread::hardware_concurrency()));
    for (size_t i = 1; i < threads; ++i) workers.emplace_back(work);
    work();
    for (std::thread& worker : workers) worker.join();
    if (failure) std::rethrow_exception(failure);
    std::erase_if(points, [](const SweepPoint& p) { return p.result.interrupted || p.result.vms.empty(); });
    return points;
}

std::string sweep_table(const Scenario& scenario, SweepParameter parameter,
                        const std::vector<SweepPoint>& points, size_t width) {
    TextPage page(width);
    page.line(scenario.title, 2);
    page.add(models_text(scenario, width));
    page.line(fmt::format("Sweep over {}: {}", name_of(parameter), kTexts[static_cast<unsigned>(parameter)]),
              2);
    page.line("All times are simulated.");
    page.blank();
    TextTable table({std::string(name_of(parameter)), TextTable::Align::right},
                    {{"real K"},
                     {"elapsed"},
                     {"guests"},
                     {"CP"},
                     {"T/V"},
                     {.heading = "pages in and\nout a second", .apart = true},
                     {"idle for\npages"}});
    for (const SweepPoint& p : points)
        table.row(
            fmt::format("{:.4g}", p.value),
            {count_text(p.result.storage / 1024), duration_text(p.elapsed()),
             duration_text(p.result.guest_time()), duration_text(p.result.control_program_time()),
             fmt::format("{:.2f}", p.tv_ratio()), fmt::format("{:.1f}", p.page_rate()),
             share_text(static_cast<double>(p.result.idle_for_pages), static_cast<double>(p.result.end))});
    page.table(table);
    return page.take();
}

std::string sweep_csv(const Scenario& scenario, SweepParameter parameter,
                      const std::vector<SweepPoint>& points) {
    std::string csv = fmt::format(
        "{},real_storage_bytes,simulated_ns,elapsed_ns,guest_ns,cp_ns,idle_ns,idle_for_pages_ns,tv_ratio,"
        "page_rate,"
        "pages_in,pages_out,frames_taken,shadow_fills,exits,instructions,{}\n",
        name_of(parameter), settings_columns());
    for (const SweepPoint& p : points)
        csv +=
            fmt::format("{:.6g},{},{},{},{},{},{},{},{:.6f},{:.6f},{},{},{},{},{},{},{}\n", p.value,
                        p.result.storage, p.result.end, p.elapsed(), p.result.guest_time(),
                        p.result.control_program_time(), p.result.idle, p.result.idle_for_pages, p.tv_ratio(),
                        p.page_rate(), p.result.paging.reads, p.result.paging.writes, p.result.paging.taken,
                        p.result.of(Cause::shadow_fill).count, p.result.exits, p.result.instructions(),
                        settings_fields(with(scenario, parameter, p.value), nullptr));
    return csv;
}

std::string sweep_plot(const Scenario& scenario, SweepParameter parameter,
                       const std::vector<SweepPoint>& points, const std::string& csv_file,
                       const std::string& svg_file) {
    const auto quoted = [](std::string text) {
        for (size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2)
            text.insert(at, 1, '\'');
        return "'" + text + "'";
    };
    // An axis is there for data.
    const bool paged =
        std::any_of(points.begin(), points.end(), [](const SweepPoint& p) { return p.page_rate() > 0; });
    return fmt::format(
        "set terminal svg size 800,480 noenhanced font 'sans-serif,14' background '#ffffff'\n"
        "set output {}\n"
        "set datafile separator ','\n"
        "set title {}\n"
        "set xlabel {}\n"
        "set ylabel 'T/V ratio'\n"
        "{}"
        "set yrange [0:*]\n"
        "set key outside top center horizontal\n"
        "set grid xtics ytics lc rgb '#dddddd'\n"
        "plot {} skip 1 using 1:9 with linespoints lw 2 pt 7 lc rgb '#1b6ca8' title 'T/V ratio'{}\n"
        "set output\n",
        quoted(svg_file), quoted(scenario.title),
        quoted(fmt::format("{}: {}", name_of(parameter), kTexts[static_cast<unsigned>(parameter)])),
        paged ? "set y2label 'pages in and out a simulated second'\nset ytics nomirror\nset y2tics\n"
                "set y2range [0:*]\n"
              : "",
        quoted(csv_file),
        paged
            ? ", '' skip 1 using 1:10 axes x1y2 with linespoints lw 2 pt 5 lc rgb '#c8553d' title 'page rate'"
            : "");
}

}  // namespace vmcp::experiment
