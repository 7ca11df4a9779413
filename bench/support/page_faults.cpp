#include "bench/support/page_faults.hpp"

#include <cstring>
#include <stdexcept>
#include <vector>

#include "bench/support/control_program_host.hpp"
#include "bench/support/program.hpp"

namespace bench {
namespace {

constexpr const char* kFirstTouches =
    "T START 0\n DC A(0,BEGIN)\n ORG T+X'200'\n"
    "BEGIN BALR 12,0\n USING *,12\n L 11,COUNT\n L 1,=A(X'10000')\n L 2,=F'4096'\n"
    "LOOP IC 0,0(,1)\n AR 1,2\n BCT 11,LOOP\n LPSW DONE\n"
    " DS 0D\nDONE DC X'0002000000000000'\nCOUNT DC F'1'\n END BEGIN\n";

// Changes 48 pages, and looks at them round and round.
constexpr unsigned kPages = 48;
constexpr const char* kRounds =
    "T START 0\n DC A(0,BEGIN)\n ORG T+X'200'\n"
    "BEGIN BALR 12,0\n USING *,12\n L 1,=A(X'1000')\n L 4,=F'4096'\n LA 2,48\n"
    "FIRST ST 2,0(,1)\n AR 1,4\n BCT 2,FIRST\n"
    "ROUND L 1,=A(X'1000')\n LA 2,48\n"
    "LOOP IC 0,0(,1)\n AR 1,4\n BCT 2,LOOP\n B ROUND\nCOUNT DC F'0'\n END BEGIN\n";

/// The host's own page faults are not what is measured.
void touch(ControlProgramHost& host) {
    std::memset(host.machine.storage().at(0), 0, host.machine.storage().size());
}

}  // namespace

uint64_t fill_pages(uint32_t pages) {
    ControlProgramHost host(16);
    touch(host);
    vmcp::VirtualMachine& vm =
        host.start(Program(kFirstTouches, "first touches").image(pages), 14 * simulation::kMebibyte);
    const uint64_t before = host.cp.pager().counts().fills;
    host.cp.run(simulation::kNever);
    const uint64_t filled = host.cp.pager().counts().fills - before;
    if (vm.stop != vmcp::StopReason::disabled_wait || filled < pages)
        throw std::runtime_error("the guest did not touch all of its pages");
    return pages;
}

uint64_t bring_pages_in(uint32_t pages) {
    // Room for the nucleus, tables, and some of what the machine wants.
    ControlProgramHost host((40 + kPages / 2) * vmcp::kPage, {"clock", {"2305-2"}});
    touch(host);
    host.start(Program(kRounds, "rounds").image(0), 64 * vmcp::kPage);
    const auto bring_in = [&](uint64_t wanted) {
        const uint64_t first = host.cp.pager().counts().reads;
        while (host.cp.pager().counts().reads - first < wanted)
            host.cp.run(host.cp.now() + 100 * simulation::kMillisecond);
        return host.cp.pager().counts().reads - first;
    };
    bring_in(4 * kPages);  // all are written, and their slots hold what they hold
    return bring_in(pages);
}

}  // namespace bench
