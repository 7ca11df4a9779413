// The host figures of VMCP in one report: speed of kernels in the interpreter, in the translator and beside
// hercules, cost of a trap, cost of a switch, memory of an idle virtual machine. docs/performance.md explains
// them.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "bench/report/kernel_speed.hpp"
#include "bench/report/kernel_table.hpp"
#include "bench/report/storage_cost.hpp"
#include "bench/report/switch_cost.hpp"
#include "bench/report/trap_cost.hpp"

namespace {

struct Report {
    bench::KernelSpeeds kernels;
    std::vector<bench::TrapCost> traps;
    std::vector<bench::SwitchCost> switches;
    std::vector<bench::IdleMemory> memory;
    std::vector<bench::TranslatingSpeed> translating;
    std::vector<bench::PagingTurn> paging;
};

void heading(std::string_view text) { fmt::print("\n{}\n", text); }

void print(const Report& report) {
    fmt::print("{:=<80}\nVMCP host figures: host CPU time and memory, never simulated time\n{:=<80}\n", "",
               "");
    if (!report.kernels.kernels.empty()) fmt::print("{}", bench::to_text(report.kernels));
    if (!report.traps.empty()) {
        heading("A trap, ns: the guest's instruction traps, is simulated or reflected");
        const size_t rows = (report.traps.size() + 1) / 2;
        for (size_t i = 0; i < rows; ++i) {
            fmt::print("  {:31}{:6.0f}", report.traps[i].kind, report.traps[i].ns);
            if (i + rows < report.traps.size())
                fmt::print("   {:31}{:6.0f}", report.traps[i + rows].kind, report.traps[i + rows].ns);
            fmt::print("\n");
        }
    }
    if (!report.switches.empty()) {
        heading("A turn, ns: pick, switch, ~20 guest instructions, timer interruption, requeue");
        fmt::print("  {:20}", "virtual machines");
        std::string policy;
        for (const auto& s : report.switches)
            if (s.policy == report.switches.front().policy) fmt::print("{:>10}", s.virtual_machines);
        for (const auto& s : report.switches) {
            if (s.policy != policy) fmt::print("\n  {:20}", policy = s.policy);
            fmt::print("{:10.0f}", s.ns);
        }
        fmt::print("\n");
    }
    if (!report.translating.empty()) {
        heading("A guest with translation on, million instructions a second   native   guest  ratio");
        for (const auto& t : report.translating)
            fmt::print("  {:<58}{:9.0f}{:8.0f}{:7.2f}\n", t.how, t.native_mips, t.guest_mips, t.ratio);
    }
    if (!report.paging.empty()) {
        heading("A turn when half of the pages fit, ns, all included         ns  pages in a turn");
        for (const auto& p : report.paging)
            fmt::print("  {:<20}{:40.0f}{:17.2f}\n", fmt::format("{} virtual machines", p.virtual_machines),
                       p.ns, p.pages_a_turn);
    }
    if (!report.memory.empty()) {
        heading("An idle virtual machine, KiB of resident host memory");
        for (const auto& m : report.memory)
            fmt::print("  {:<20}{:10.1f}\n", m.virtual_machines, m.bytes / 1024);
    }
    fmt::print(
        "\nEach figure is the median of several runs. Other load on the host moves all\n"
        "figures, ratios least: their two sides run in turn, on the same core image.\n");
}

nlohmann::json to_json(const Report& report) {
    nlohmann::json j;
    if (!report.kernels.kernels.empty()) j["speed"] = bench::to_json(report.kernels);
    for (const auto& t : report.traps) j["trap_ns"][t.kind] = t.ns;
    for (const auto& s : report.switches) j["turn_ns"][s.policy][std::to_string(s.virtual_machines)] = s.ns;
    for (const auto& t : report.translating)
        j["translating"][t.how] = {
            {"native_mips", t.native_mips}, {"guest_mips", t.guest_mips}, {"ratio", t.ratio}};
    for (const auto& p : report.paging)
        j["paging_turn"][std::to_string(p.virtual_machines)] = {{"ns", p.ns}, {"pages_in", p.pages_a_turn}};
    for (const auto& m : report.memory) j["idle_vm_bytes"][std::to_string(m.virtual_machines)] = m.bytes;
    return j;
}

std::vector<std::string> kernel_names() {
    std::vector<std::string> names;
    for (const bench::Kernel& kernel : bench::kernels()) names.emplace_back(kernel.name);
    return names;
}

void write(const std::string& file, const std::string& text) {
    std::ofstream out(file);
    out << text;
    out.flush();
    if (!out) throw std::runtime_error(file + ": cannot be written");
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Host figures of VMCP: what docs/performance.md explains."};
    std::string json, markdown;
    std::vector<std::string> only, kernels;
    int pairs = 5;
    unsigned idle = 0;
    app.add_option("--json", json, "Write the figures to this file as well");
    app.add_option("--markdown", markdown, "Write the table of kernels to this file as Markdown");
    app.add_option("--only", only,
                   "Measure only these: kernels (or interpreter, the same), traps, switches, storage, memory")
        ->check(CLI::IsMember({"kernels", "interpreter", "traps", "switches", "storage", "memory"}));
    app.add_option("--kernel", kernels, "Of the kernels, measure only these")
        ->check(CLI::IsMember(kernel_names()));
    app.add_option("--repeats", pairs, "How often each is measured; an odd number")->check(CLI::Range(1, 99));
    app.add_option(bench::kIdleMemoryOption, idle,
                   "Print the memory of an idle virtual machine among so many")
        ->group("");
    CLI11_PARSE(app, argc, argv);
    try {
        if (idle != 0) {
            bench::print_idle_memory(idle);
            return 0;
        }
        const auto named = [&](std::string_view part) {
            return std::find(only.begin(), only.end(), part) != only.end();
        };
        const auto wanted = [&](std::string_view part) {
            const bool yes = only.empty() || named(part);
            if (yes) fmt::print(stderr, "measuring {} ...\n", part);
            return yes;
        };
        if (!markdown.empty() && !only.empty() && !named("kernels") && !named("interpreter"))
            throw std::runtime_error("--markdown writes kernels: expected them among what --only names");
        Report report;
        if (wanted("memory")) report.memory = bench::measure_idle_memory();
        if (named("interpreter") || wanted("kernels"))
            report.kernels = bench::measure_kernels(pairs, kernels);
        if (wanted("traps")) report.traps = bench::measure_traps(pairs);
        if (wanted("switches")) report.switches = bench::measure_switches(pairs);
        if (wanted("storage")) {
            report.translating = bench::measure_translating(pairs);
            report.paging = bench::measure_paging_turns(pairs);
        }
        print(report);
        if (!json.empty()) write(json, to_json(report).dump(2) + "\n");
        if (!markdown.empty()) write(markdown, bench::to_markdown(report.kernels));
        return 0;
    } catch (const std::exception& e) {
        fmt::print(stderr, "bench_report: {}\n", e.what());
        return 1;
    }
}
