#include "bench/report/switch_cost.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>

#include "bench/support/control_program_host.hpp"
#include "bench/support/host_clock.hpp"
#include "bench/support/looping_guests.hpp"
#include "bench/support/program.hpp"
#include "vmcp/conformance/child_process.hpp"

namespace bench {
namespace {

constexpr unsigned kStorage = 64;  // MiB: room for a page of each of 10,000 guests

// Runs a little, enables external interruptions by the interrupt key only, and waits for ever.
constexpr const char* kWaiting =
    "T START 0\n DC A(0,BEGIN)\n ORG T+X'200'\n"
    "BEGIN BALR 12,0\n USING *,12\n"
    " LCTL 0,0,MASKS\n L 1,COUNT\n LA 1,1(,1)\n ST 1,COUNT\n LPSW WAIT\n"
    " DS 0D\nWAIT DC X'0102000000000000'\nMASKS DC X'00000040'\nCOUNT DC F'0'\n END BEGIN\n";

double measure(const std::string& policy, unsigned virtual_machines, int repeats) {
    LoopingGuests guests(policy, virtual_machines);
    std::vector<double> samples;
    for (int n = 0; n < repeats; ++n) {
        uint64_t done = 0;
        const double seconds = seconds_of([&] { done = guests.turns(60'000); });
        samples.push_back(seconds / static_cast<double>(done) * 1e9);
    }
    return median(samples);
}

double resident_bytes() {
    long pages = 0;
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    const bool ok = file != nullptr && std::fscanf(file, "%*d %ld", &pages) == 1;
    if (file != nullptr) std::fclose(file);
    if (!ok) throw std::runtime_error("/proc/self/statm: cannot be read");
    return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace

std::vector<SwitchCost> measure_switches(int repeats) {
    std::vector<SwitchCost> costs;
    for (const std::string_view policy : scheduler::policy_names())
        for (unsigned n : {10u, 100u, 1'000u, 10'000u})
            costs.push_back({std::string(policy), n, measure(std::string(policy), n, repeats)});
    return costs;
}

void print_idle_memory(unsigned virtual_machines) {
    ControlProgramHost host(kStorage);
    const std::vector<uint8_t> image = Program(kWaiting, "wait").image(0);
    host.start(image);
    host.cp.run(simulation::kNever);
    const double before = resident_bytes();
    for (unsigned i = 0; i < virtual_machines; ++i) host.start(image);
    host.cp.run(simulation::kNever);
    const double after = resident_bytes();
    for (const vmcp::VirtualMachine& vm : host.cp.virtual_machines())
        if (vm.status != vmcp::VmState::waiting)
            throw std::runtime_error(fmt::format("{} does not wait", vm.options.name));
    fmt::print("{}\n", (after - before) / virtual_machines);
}

std::vector<IdleMemory> measure_idle_memory() {
    std::vector<IdleMemory> result;
    for (unsigned n : {1'000u, 10'000u}) {
        vmcp::conformance::ChildProcess child("/proc/self/exe", {kIdleMemoryOption, std::to_string(n)}, "/");
        std::string line;
        if (child.read_line(line, 120) != vmcp::conformance::ChildProcess::Read::line)
            throw std::runtime_error("the process that measures idle memory ended without an answer");
        result.push_back({n, std::stod(line)});
    }
    return result;
}

}  // namespace bench
