#include "bench/support/trap_kinds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "bench/support/control_program_host.hpp"

namespace bench {
namespace {

constexpr TrapKind kKinds[] = {
    {"SSM", "ssm", " SSM MASK\n"},
    {"STNSM", "stnsm", " STNSM BYTE,X'FF'\n"},
    {"STOSM", "stosm", " STOSM BYTE,0\n"},
    {"LPSW", "lpsw", " LPSW P&SYSNDX\n DS 0D\nP&SYSNDX DC A(0,L&SYSNDX)\nL&SYSNDX DS 0H\n"},
    {"SSM, assisted", "ssm_assisted", " SSM MASK\n", false, false, true},
    {"LPSW, assisted", "lpsw_assisted", " LPSW P&SYSNDX\n DS 0D\nP&SYSNDX DC A(0,L&SYSNDX)\nL&SYSNDX DS 0H\n",
     false, false, true},
    {"ISK, assisted", "isk_assisted", " ISK 2,3\n", false, false, true},
    {"SPKA", "spka", " SPKA 0\n"},
    {"ISK", "isk", " ISK 2,3\n"},
    {"SSK", "ssk", " SSK 2,3\n"},
    {"STCTL", "stctl", " STCTL 0,1,WORK\n"},
    {"LCTL", "lctl", " LCTL 0,1,WORK\n"},
    {"STPT", "stpt", " STPT WORK\n"},
    {"STIDP", "stidp", " STIDP WORK\n"},
    {"TIO (available device)", "tio", " TIO X'00E'\n"},
    {"SIO (no-operation, immediate)", "sio", " SIO X'00E'\n"},
    {"SVC, reflected", "svc", " SVC 1\n", true},
    {"operation exception, reflected", "operation", " DC X'0000'\n", true},
    // One page-table entry is invalidated and the page touched again: an IPTE and a shadow fault.
    {"IPTE", "ipte", " IPTE 8,9\n", false, true},
    {"IPTE and shadow fault", "shadow", " IPTE 8,9\n STH 7,0(10)\n IC 0,0(9)\n", false, true},
};

/// Identity tables of 4K pages: a segment table at 8000, the page table of the first segment at 8100.
constexpr std::string_view kTranslateOn = R"(
 LCTL 0,1,TABLES
 LPSW DATON
 DS 0D
TABLES DC X'008000E0',X'00008000'
DATON DC X'04080000',A(ONDAT)
ONDAT L 8,=F'33024'
 L 9,=F'20480'
 L 10,=F'33034'
 LH 7,=H'80'
)";
constexpr std::string_view kTables = R"(
 ORG T+X'8000'
 DC X'F0008100',15X'00000001'
 ORG T+X'8100'
 DC X'0000001000200030004000500060007000800090'
 DC X'00A000B000C000D000E000F0'
)";

}  // namespace

std::span<const TrapKind> trap_kinds() { return kKinds; }

const TrapKind& trap_kind(std::string_view key) {
    std::string keys;
    for (const TrapKind& kind : kKinds) {
        if (kind.key == key) return kind;
        keys += (keys.empty() ? "" : ", ") + std::string(kind.key);
    }
    throw std::invalid_argument(fmt::format("unknown trap '{}': expected one of {}", key, keys));
}

Program trap_program(const TrapKind& kind, bool with) {
    std::string source = fmt::format(
        " MACRO\n STEP\n{} MEND\n"
        "T START 0\n DC A(0,BEGIN)\n"
        " ORG T+72\n DC A(CCW)\n"                        // CAW
        " ORG T+96\n DC A(0,SVCED)\n DC A(0,CHECKED)\n"  // supervisor-call and program new PSWs
        " ORG T+X'200'\n"
        "BEGIN BALR 12,0\n USING *,12\n L 11,COUNT\n STCTL 0,1,WORK\n LA 3,X'800'\n SR 2,2\n{}"
        "LOOP DS 0H\n",
        with ? kind.instruction : "", kind.translates ? kTranslateOn : "");
    for (unsigned i = 0; i < kTrapCopies; ++i) source += " STEP\n";
    source +=
        " BCT 11,LOOP\n LPSW DONE\n"
        "SVCED LPSW 32\nCHECKED LPSW 40\n"
        " DS 0D\nDONE DC X'0002000000000000'\nWORK DS 2D\nCCW CCW 3,0,X'20',1\nCOUNT DC F'1'\n"
        "MASK DC X'00'\nBYTE DS X\n LTORG\n";
    if (kind.translates) source += kTables;
    return {source + " END BEGIN\n", std::string(kind.name)};
}

void run_trap_program(const Program& program, uint32_t rounds, bool assisted) {
    ControlProgramHost host(simulation::kMebibyte, {}, "round-robin", 50 * simulation::kMillisecond,
                            assisted ? "s370-158-assists" : "s370-158");
    vmcp::VirtualMachine& vm = host.start(program.image(rounds));
    if (assisted) vm.assists.add(vmcp::Assist::vma);
    host.cp.run(simulation::kNever);
    if (vm.stop != vmcp::StopReason::disabled_wait || vm.state.psw.address != 0)
        throw std::runtime_error(fmt::format("the guest failed: {}, instruction address {:06X}",
                                             name_of(vm.stop), vm.state.psw.address));
}

}  // namespace bench
