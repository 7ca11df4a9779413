#include "bench/report/trap_cost.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "bench/report/control_program_host.hpp"
#include "bench/report/host_clock.hpp"
#include "bench/report/program.hpp"

namespace bench {
namespace {

constexpr unsigned kCopies = 8;  // of the measured instruction in the loop

struct Kind {
    const char* name;
    const char* instruction;  // lines of assembler source; &SYSNDX makes labels unique
    unsigned traps;           // that it makes
};

// Of what is reflected, the guest's own handler returns with an LPSW, whose cost is taken off.
constexpr Kind kKinds[] = {
    {"SSM", " SSM MASK\n", 1},
    {"STNSM", " STNSM BYTE,X'FF'\n", 1},
    {"STOSM", " STOSM BYTE,0\n", 1},
    {"LPSW", " LPSW P&SYSNDX\n DS 0D\nP&SYSNDX DC A(0,L&SYSNDX)\nL&SYSNDX DS 0H\n", 1},
    {"SPKA", " SPKA 0\n", 1},
    {"ISK", " ISK 2,3\n", 1},
    {"SSK", " SSK 2,3\n", 1},
    {"STCTL", " STCTL 0,1,WORK\n", 1},
    {"LCTL", " LCTL 0,1,WORK\n", 1},
    {"STPT", " STPT WORK\n", 1},
    {"STIDP", " STIDP WORK\n", 1},
    {"TIO (available device)", " TIO X'00E'\n", 1},
    {"SIO (no-operation, immediate)", " SIO X'00E'\n", 1},
    {"SVC, reflected", " SVC 1\n", 2},
    {"operation exception, reflected", " DC X'0000'\n", 2},
};

std::string source_of(const Kind& kind) {
    std::string source = fmt::format(
        " MACRO\n STEP\n{} MEND\n"
        "T START 0\n DC A(0,BEGIN)\n"
        " ORG T+72\n DC A(CCW)\n"                        // CAW
        " ORG T+96\n DC A(0,SVCED)\n DC A(0,CHECKED)\n"  // supervisor-call and program new PSWs
        " ORG T+X'200'\n"
        "BEGIN BALR 12,0\n USING *,12\n L 11,COUNT\n STCTL 0,1,WORK\n LA 3,X'800'\n SR 2,2\n"
        "LOOP DS 0H\n",
        kind.instruction);
    for (unsigned i = 0; i < kCopies; ++i) source += " STEP\n";
    return source +
           " BCT 11,LOOP\n LPSW DONE\n"
           "SVCED LPSW 32\nCHECKED LPSW 40\n"
           " DS 0D\nDONE DC X'0002000000000000'\nWORK DS 2D\nCCW CCW 3,0,X'20',1\nCOUNT DC F'1'\n"
           "MASK DC X'00'\nBYTE DS X\n END BEGIN\n";
}

/// Seconds for `count` rounds of the loop, beyond what starting takes.
double loop_seconds(const Program& program, uint32_t count) {
    const auto run = [&](uint32_t rounds) {
        ControlProgramHost host(1);
        vmcp::VirtualMachine& vm = host.start(program.image(rounds));
        const double seconds = seconds_of([&] { host.cp.run(simulation::kNever); });
        if (vm.stop != vmcp::StopReason::disabled_wait || vm.state.psw.address != 0)
            throw std::runtime_error(fmt::format("the guest failed: {}, instruction address {:06X}",
                                                 name_of(vm.stop), vm.state.psw.address));
        return seconds;
    };
    return run(count + 1) - run(1);
}

double measure(const Kind& kind, int repeats) {
    constexpr uint32_t kRounds = 12'000;
    const Program with(source_of(kind), kind.name), without(source_of({"loop", "", 0}), "loop");
    std::vector<double> samples;
    for (int n = 0; n < repeats; ++n) {
        const double loop = loop_seconds(without, kRounds);
        samples.push_back((loop_seconds(with, kRounds) - loop) / (kRounds * kCopies) * 1e9);
    }
    return median(samples);
}

}  // namespace

std::vector<TrapCost> measure_traps(int repeats) {
    std::vector<TrapCost> costs;
    double lpsw = 0;
    for (const Kind& kind : kKinds) {
        const double ns = measure(kind, repeats);
        if (std::string_view(kind.name) == "LPSW") lpsw = ns;
        costs.push_back({kind.name, kind.traps == 2 ? ns - lpsw : ns});
    }
    return costs;
}

}  // namespace bench
