#include "bench/report/storage_cost.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "bench/support/host_clock.hpp"
#include "bench/support/program.hpp"
#include "scheduler/make_policy.hpp"
#include "vmcp/control_program/control_program.hpp"
#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/run.hpp"

namespace bench {
namespace {

namespace experiment = vmcp::experiment;

// 64 pages, a working set of 24, 400,000 steps, translation on: about 20 million instructions.
experiment::Scenario walker(const std::string& translation) {
    const std::string text = fmt::format(
        "title = \"walker\"\n[machine]\nmodel = \"s370-158-nested\"\n[[vm]]\nname = \"walker\"\nstorage = "
        "\"512K\"\n"
        "guest = \"{}/examples/guests/walker.asm\"\ntranslation = \"{}\"\n"
        "patch = {{ \"3F0\" = \"00000040\", \"3F4\" = \"00000018\", \"3F8\" = \"00061A80\", \"3E4\" = "
        "\"00000001\" }}\n",
        VMCP_SOURCE_DIR, translation);
    return experiment::parse_scenario(text, "walker.toml");
}

// Touches page after page, round and round over eight pages from 1000 on.
constexpr const char* kTouching =
    "T START 0\n DC A(0,BEGIN)\n ORG T+X'200'\n"
    "BEGIN BALR 12,0\n USING *,12\n"
    "ROUND L 1,=A(X'1000')\n LA 2,8\n"
    "LOOP L 3,0(,1)\n LA 3,1(,3)\n ST 3,0(,1)\n AL 1,=F'4096'\n BCT 2,LOOP\n B ROUND\nCOUNT DC F'0'\n END "
    "BEGIN\n";

PagingTurn measure_turns(unsigned machines, int repeats) {
    constexpr uint32_t kPages = 9;
    // Nucleus, tables, and half of what the machines want.
    const uint32_t frames = 16 + machines / 8 + 4 + machines * kPages / 2 + 16;
    simulation::MachineModel model = simulation::MachineModel::load("unit");
    simulation::Machine machine(model, frames * vmcp::kPage);
    vmcp::ControlProgram cp(machine,
                            {vmcp::ControlProgramModel::load("unit", model),
                             scheduler::make_policy("round-robin", {.slice = 20 * simulation::kMicrosecond}),
                             {"clock", {"2305-2", "3330-1"}}});
    const std::vector<uint8_t> image = Program(kTouching, "touch").image(0);
    for (unsigned i = 0; i < machines; ++i) {
        vmcp::VmOptions options;
        options.name = fmt::format("vm{}", i);
        options.storage = 64 * 1024;
        vmcp::VirtualMachine& vm = cp.log_on(std::move(options), {});
        cp.load(vm, vmcp::SecondLevel(0), image);
        cp.restart(vm);
    }
    const auto turns = [&](uint64_t wanted) {
        const uint64_t first = cp.switches();
        while (cp.switches() - first < wanted) cp.run(cp.now() + 100 * simulation::kMillisecond);
        return cp.switches() - first;
    };
    turns(uint64_t{20} * machines);
    std::vector<double> samples;
    PagingTurn turn{machines};
    for (int n = 0; n < repeats; ++n) {
        const uint64_t reads = cp.pager().counts().reads;
        uint64_t done = 0;
        const double seconds = seconds_of([&] { done = turns(20'000); });
        samples.push_back(seconds / static_cast<double>(done) * 1e9);
        turn.pages_a_turn =
            static_cast<double>(cp.pager().counts().reads - reads) / static_cast<double>(done);
    }
    turn.ns = median(samples);
    return turn;
}

}  // namespace

std::vector<TranslatingSpeed> measure_translating(int repeats) {
    std::vector<TranslatingSpeed> result;
    for (const char* how : {"shadow", "nested"}) {
        const experiment::Scenario scenario = walker(how);
        std::vector<double> native, guest, ratios;
        for (int n = 0; n < repeats; ++n) {
            experiment::NativeMachine bare(scenario.machine, scenario.vms.front());
            const experiment::NativeResult alone = bare.run({});
            const experiment::RunResult under = experiment::run(scenario);
            native.push_back(static_cast<double>(alone.instructions) / alone.host_seconds / 1e6);
            guest.push_back(static_cast<double>(under.instructions()) / under.host.seconds / 1e6);
            ratios.push_back(guest.back() / native.back());
        }
        result.push_back({how, median(native), median(guest), median(ratios)});
    }
    return result;
}

std::vector<PagingTurn> measure_paging_turns(int repeats) {
    std::vector<PagingTurn> result;
    for (unsigned machines : {10u, 100u, 1'000u}) result.push_back(measure_turns(machines, repeats));
    return result;
}

}  // namespace bench
