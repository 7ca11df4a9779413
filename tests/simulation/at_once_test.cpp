// A bare machine with one CPU takes what the CPU itself recognises without leaving the executor. A machine
// that counts instructions always leaves it: both must come to the same, to the nanosecond, with timers that
// run out between, at and behind such interruptions.
#include <cstring>
#include <tuple>
#include <vector>

#include "tests/simulation/assembled_program.hpp"
#include "tests/simulation/executors.hpp"

namespace simulation::test {
namespace {

constexpr std::string_view kProgram = R"(
P        START 0
         DC    A(0,BEGIN)
         ORG   P+X'58'
         DC    X'04080000',A(EXTERN)
         DC    X'04080000',A(CALLED)
         DC    X'04080000',A(CHECKED)
         ORG   P+X'200'
BEGIN    BALR  12,0
         USING *,12
         L     2,=A(X'2000')          a segment of 16 pages
         L     3,=A(X'F0003000')
         ST    3,0(,2)
         L     2,=A(X'3000')
         XR    3,3
         LA    4,16
PAGE     STH   3,0(,2)
         LA    3,X'10'(,3)
         LA    2,2(,2)
         BCT   4,PAGE
         L     10,=A(X'3000')
         L     9,=A(X'8000')
         LCTL  0,1,CONTROL
         LPSW  MAPPED
MAP      L     11,=F'3000'
ROUND    SVC   9
         LCTL  0,0,WITHOUT            no timer interrupts
         SVC   10
         ALR   7,11
         LCTL  0,0,CONTROL            ... or the one that waits for it
         STOSM MASK,X'00'
         STNSM MASK,X'FE'
         SVC   11
         SSM   MASK
         DC    H'0'                   an operation exception
         OI    X'11'(10),X'08'        page 8 is invalid
         PTLB
         AL    7,0(,9)
         BCT   11,ROUND
         LPSW  GOOD
EXTERN   LA    6,1(,6)
         SPT   PERIOD
         MVC   X'50'(4),TICKS
         XI    PERIOD+5,X'04'         another period
         LPSW  X'18'
CALLED   AL    7,X'88'                the number
         TM    X'8B',1
         BO    BACK
         SPT   PERIOD
         MVC   SEEN(8),SEEN
BACK     LPSW  X'20'
CHECKED  AL    7,X'8C'
         NI    X'11'(10),X'F7'
         LPSW  X'28'
         DS    0D
MAPPED   DC    X'05080000',A(MAP)
GOOD     DC    X'0002000000600D00'
PERIOD   DC    X'0000000000073000'
CONTROL  DC    X'00800480',X'00',AL3(X'2000')
WITHOUT  DC    X'00800000'
SEEN     DC    2F'0'
TICKS    DC    X'00000080'
MASK     DC    X'00'
         LTORG
         END
)";

using Taken = std::tuple<SimTime, uint64_t, uint32_t, size_t>;

struct Recorder final : InterruptionObserver {
    void interruption(const Cpu& cpu, const isa::Interruption& interruption) override {
        taken.emplace_back(cpu.now(), cpu.counters().instructions, cpu.psw().address, interruption.index());
    }
    std::vector<Taken> taken;
};

MachineModel odd_prices() {
    MachineModel model = plain_model();
    for (unsigned n = 0; n < isa::kCostClasses; ++n)
        model.prices[n].fixed = static_cast<uint32_t>(701 + 97 * n);
    model.interruption_ns.value = 4'003;
    model.table_reference_ns.value = 907;
    return model;
}

struct Outcome {
    explicit Outcome(const RunLimits& limits) : program(kProgram, odd_prices()) {
        program.machine.observers.add(recorder);
        program.machine.restart();
        stop = program.machine.run(limits);
        program.machine.observers.remove(recorder);
    }
    Recorder recorder;
    AssembledProgram program;
    Stop stop;
};

TEST_CASE("interruptions that are taken at once are those that leaving the executor comes to") {
    on_each_executor([] {
        Outcome at_once({.time = 60 * kSecond});
        Outcome counted({.instructions = uint64_t{1} << 60, .time = 60 * kSecond});
        CHECK(at_once.stop == Stop::disabled_wait);
        CHECK(counted.stop == Stop::disabled_wait);
        CHECK(at_once.program.address() == 0x600D00);
        CHECK(at_once.recorder.taken.size() > 12'000);
        CHECK(at_once.program.gpr(6) > 150);  // timers
        CHECK((at_once.recorder.taken == counted.recorder.taken));
        Machine& one = at_once.program.machine;
        Machine& other = counted.program.machine;
        CHECK(one.cpu().now() == other.cpu().now());
        CHECK(one.instructions() == other.instructions());
        CHECK(one.cpu().counters().tlb_misses == other.cpu().counters().tlb_misses);
        CHECK(one.cpu().counters().table_walk_time == other.cpu().counters().table_walk_time);
        CHECK(one.cpu().state().gpr == other.cpu().state().gpr);
        CHECK(std::memcmp(one.storage().at(0), other.storage().at(0), 64 * 1024) == 0);
    });
}

}  // namespace
}  // namespace simulation::test
