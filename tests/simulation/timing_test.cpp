// What things cost in simulated time: instructions by their class, interruptions, table walks, waiting; and
// that it is the same however the executor goes about it.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "tests/simulation/assembled_program.hpp"

namespace simulation::test {
namespace {

using isa::CostClass;

/// Prices that are told apart in any sum: class number n costs (n + 1) * 1009 ns, and 10007 ns more a unit.
MachineModel told_apart() {
    MachineModel model = plain_model();
    for (unsigned n = 0; n < isa::kCostClasses; ++n)
        model.prices[n] = {static_cast<SimTime>(1009 * (n + 1)),
                           isa::kCostUnits[n] == isa::CostUnit::none ? 0 : 10007};
    model.interruption_ns.value = 1'000'003;
    model.table_reference_ns.value = 100'000'007;
    return model;
}

SimTime price(const MachineModel& model, CostClass c, unsigned units = 0) { return model.cost(c, units); }

/// Runs statements, a line each, that end in the wait at GOOD; the time that it took.
struct Timed {
    explicit Timed(const std::string& body, const MachineModel& model = told_apart())
        : program(fmt::format(R"(
P        START 0
         DC    A(0,BEGIN)
         ORG   P+X'60'
         DC    X'0002000000600D00'
         DC    X'0002000000600D00'
         ORG   P+X'200'
         USING P,0
BEGIN    DS    0H
{}
         LPSW  GOOD
         DS    0D
GOOD     DC    X'0002000000600D00'
AREA     DC    64F'1'
         END
)",
                              body),
                  model),
          prices(program.machine.model()) {
        // No tick of the interval timer, which would only divide the run.
        program.machine.interval_timer_runs = false;
        program.machine.restart();
        const SimTime begin = program.machine.cpu().now();
        stop = program.machine.run({100'000, kNever});
        time = program.machine.cpu().now() - begin;
        instructions = program.machine.instructions();
    }
    SimTime of(CostClass c, unsigned units = 0) const { return price(prices, c, units); }
    SimTime end() const { return of(CostClass::psw); }
    AssembledProgram program;
    const MachineModel& prices;
    Stop stop;
    SimTime time = 0;
    uint64_t instructions = 0;
};

}  // namespace

TEST_CASE("every instruction costs what its class costs") {
    const std::vector<std::pair<const char*, std::pair<CostClass, unsigned>>> cases = {
        {"LR    1,2", {CostClass::register_op, 0}},
        {"L     1,AREA", {CostClass::load_op, 0}},
        {"ST    1,AREA", {CostClass::store_op, 0}},
        {"MVI   AREA,1", {CostClass::immediate, 0}},
        {"NOPR  0", {CostClass::branch, 0}},
        {"NOP   0", {CostClass::branch, 0}},
        {"BCTR  1,0", {CostClass::branch_count, 0}},
        {"MR    2,4", {CostClass::multiply, 0}},
        {"SLL   1,3", {CostClass::shift, 0}},
        {"LM    1,4,AREA", {CostClass::load_multiple, 4}},
        {"LM    14,1,AREA", {CostClass::load_multiple, 4}},
        {"STM   0,15,AREA", {CostClass::store_multiple, 16}},
        {"MVC   AREA(10),AREA+20", {CostClass::move_bytes, 10}},
        {"MVC   AREA(1),AREA+20", {CostClass::move_bytes, 1}},
        {"CLC   AREA(10),AREA+20", {CostClass::logic_bytes, 10}},
        {"XC    AREA(256),AREA", {CostClass::logic_bytes, 256}},
        {"TR    AREA(5),AREA", {CostClass::translate_bytes, 5}},
        {"CS    1,2,AREA", {CostClass::compare_swap, 0}},
        {"CVD   1,AREA", {CostClass::convert, 0}},
        {"LER   0,2", {CostClass::float_load, 0}},
        {"AER   0,2", {CostClass::float_add, 0}},
        {"MER   0,2", {CostClass::float_multiply, 0}},
        {"SPKA  0", {CostClass::control, 0}},
        {"ISK   1,2", {CostClass::key, 0}},
        {"STCK  AREA", {CostClass::timer, 0}},
        {"PTLB", {CostClass::purge, 0}},
    };
    for (const auto& one_case : cases) {
        const char* const statement = one_case.first;
        const auto& expected = one_case.second;
        CAPTURE(statement);
        Timed one(fmt::format("         SR    2,2\n         {}", statement));
        CHECK(one.stop == Stop::disabled_wait);
        CHECK(one.time ==
              one.of(CostClass::register_op) + one.of(expected.first, expected.second) + one.end());
        CHECK(one.instructions == 3);
        // Twice, so that it stands in the middle of a block as well as at its end.
        Timed two(
            fmt::format("         SR    2,2\n         {0}\n         {0}\n         LR    9,9", statement));
        CHECK(two.time ==
              2 * one.of(CostClass::register_op) + 2 * one.of(expected.first, expected.second) + one.end());
    }
}

TEST_CASE("MOVE LONG costs by the byte, COMPARE LOGICAL LONG by the byte that it has come to") {
    Timed move(
        "         LA    2,AREA\n         LA    3,100\n         LA    4,AREA+128\n         LA    5,40\n       "
        "  MVCL  2,4");
    CHECK(move.time == 4 * move.of(CostClass::register_op) + move.of(CostClass::move_long, 100) + move.end());
    Timed compare(
        "         MVI   AREA+30,9\n         LA    2,AREA\n         LA    3,100\n         LA    4,AREA+100\n  "
        "       LA    5,100\n"
        "         CLCL  2,4");
    const SimTime compared = compare.time - compare.of(CostClass::immediate) -
                             4 * compare.of(CostClass::register_op) - compare.end();
    CHECK(compared >= compare.of(CostClass::move_long, 30));
    CHECK(compared <= compare.of(CostClass::move_long, 32));
}

TEST_CASE("a loop costs its rounds") {
    Timed loop("         LA    1,50\nLOOP     LA    2,1(,2)\n         BCT   1,LOOP");
    CHECK(loop.time == loop.of(CostClass::register_op) +
                           50 * (loop.of(CostClass::register_op) + loop.of(CostClass::branch_count)) +
                           loop.end());
    CHECK(loop.instructions == 102);
}

TEST_CASE("a block that ends early gives back what was not executed") {
    // The fourth of eight instructions in one block is refused: three and itself are charged, and the
    // interruption. It does not count as executed.
    for (const char* refused : {"L     3,0(,4)", "ST    3,0(,4)", "MVC   0(1,4),AREA", "DR    2,8"}) {
        CAPTURE(refused);
        const std::string body = fmt::format(
            "         L     4,=X'00FFFFFC'\n         LR    1,2\n         MVI   AREA,1\n         {}\n         "
            "LR    5,6\n"
            "         MVC   AREA(99),AREA+1\n         LR    5,6",
            refused);
        Timed t(body);
        CHECK(t.stop == Stop::disabled_wait);
        CHECK(t.instructions == 3);
        const SimTime own = refused[0] == 'L'   ? t.of(CostClass::load_op)
                            : refused[0] == 'S' ? t.of(CostClass::store_op)
                            : refused[1] == 'V' ? t.of(CostClass::move_bytes, 1)
                                                : t.of(CostClass::divide);
        CHECK(t.time == t.of(CostClass::load_op) + t.of(CostClass::register_op) + t.of(CostClass::immediate) +
                            own + t.prices.interruption_ns.value);
    }
}

TEST_CASE("a block that stores into itself is charged as it is executed") {
    // The LR behind the MVI becomes an NR, of the same price; the MVC that is never reached costs nothing.
    Timed t(
        "         MVI   OWN,X'14'\nOWN      LR    1,2\n         B     OVER\n         MVC   "
        "AREA(99),AREA+1\nOVER     DS    0H");
    CHECK(t.time ==
          t.of(CostClass::immediate) + t.of(CostClass::register_op) + t.of(CostClass::branch) + t.end());
    CHECK(t.instructions == 4);
}

TEST_CASE("an interruption that completes its instruction charges it as any other") {
    // Fixed-point overflow, enabled: the addition is complete.
    Timed t(
        "         L     1,=X'08000000'\n         SPM   1\n         L     1,=X'7FFFFFFF'\n         AR    "
        "1,1\n         LR    2,2");
    CHECK(t.instructions == 4);
    CHECK(t.time ==
          2 * t.of(CostClass::load_op) + 2 * t.of(CostClass::register_op) + t.prices.interruption_ns.value);
}

TEST_CASE("a supervisor call costs its instruction and the interruption") {
    Timed t("         SVC   3");
    CHECK(t.instructions == 1);
    CHECK(t.time == t.of(CostClass::supervisor_call) + t.prices.interruption_ns.value);
}

TEST_CASE("EXECUTE costs itself, and the clock sees all that came before") {
    Timed t(
        "         LR    1,2\n         EX    0,TARGET\n         B     OVER\nTARGET   LR    3,4\nOVER     DS   "
        " 0H");
    const SimTime rest = t.time - t.of(CostClass::register_op) - t.of(CostClass::branch) - t.end();
    CHECK(rest >= t.of(CostClass::execute));
    CHECK(rest <= t.of(CostClass::execute) + t.of(CostClass::register_op));
    // Two clock readings differ by what lies between: bit 51 is a microsecond.
    AssembledProgram clock(R"(
P        START 0
         DC    A(0,BEGIN)
         ORG   P+X'200'
         USING P,0
BEGIN    STCK  FIRST
         LR    1,2
         MVC   AREA,AREA
         LR    1,2
         STCK  SECOND
         LPSW  GOOD
         DS    0D
FIRST    DC    D'0'
SECOND   DC    D'0'
AREA     DC    CL20' '
         DS    0D
GOOD     DC    X'0002000000600D00'
         END
)");
    CHECK(clock.run() == Stop::disabled_wait);
    // STCK, LR, MVC, LR: 4 us, and not all bits of the clock below a microsecond are time.
    const uint64_t us = (clock.doubleword("SECOND") >> 12) - (clock.doubleword("FIRST") >> 12);
    CHECK(us == 4);
}

TEST_CASE("table walks cost their references, once a page") {
    // Segment table at 400, page table at 500 (identity, 4K pages): the code's page, then AREA's two
    // accesses.
    AssembledProgram t(R"(
P        START 0
         DC    A(0,BEGIN)
         ORG   P+X'200'
         USING P,0
BEGIN    LCTL  0,1,CONTROLS
         LPSW  MAPPED
ON       L     1,X'800'
         L     1,X'804'
         LA    2,1(,2)
         LPSW  GOOD
         DS    0D
MAPPED   DC    X'04080000',A(ON)
GOOD     DC    X'000A000000600D00'
CONTROLS DC    X'008000E0',X'00000400'
         ORG   P+X'400'
         DC    X'F0000500',15X'00000001'
         ORG   P+X'500'
         DC    16X'0000'
         END
)",
                       told_apart());
    t.machine.interval_timer_runs = false;
    t.machine.restart();
    const SimTime begin = t.machine.cpu().now();
    CHECK(t.machine.run({1000, kNever}) == Stop::disabled_wait);
    const MachineModel& m = t.machine.model();
    // Two references: segment table and page table, for the one page that code and data lie in.
    CHECK(t.machine.cpu().counters().table_references == 2);
    CHECK(t.machine.cpu().counters().tlb_misses == 1);
    CHECK(t.machine.cpu().counters().table_walk_time == 2 * m.table_reference_ns.value);
    CHECK(t.machine.cpu().now() - begin ==
          price(m, CostClass::load_control, 2) + 2 * price(m, CostClass::psw) +
              2 * price(m, CostClass::load_op) + price(m, CostClass::register_op) +
              2 * m.table_reference_ns.value);
}

TEST_CASE("waiting is simulated time too: until the clock comparator interrupts") {
    AssembledProgram t(R"(
P        START 0
         DC    A(0,BEGIN)
         ORG   P+X'58'
         DC    X'000A000000600D00'
         ORG   P+X'200'
         USING P,0
BEGIN    LCTL  0,0,CR0
         SCKC  LATER
         LPSW  ASLEEP
         DS    0D
LATER    DC    X'00000000003E8000'    1000 US ON THE CLOCK
ASLEEP   DC    X'010A000000000000'
CR0      DC    X'00000800'
         END
)");
    t.machine.tod().set(0, 0);
    CHECK(t.run() == Stop::disabled_wait);
    CHECK(t.machine.cpu().now() >= 1000 * kMicrosecond);
    CHECK(t.machine.cpu().now() <= 1003 * kMicrosecond);
    CHECK(t.machine.waited() >= 995 * kMicrosecond);
    CHECK(t.machine.waited() <= 998 * kMicrosecond);
}

}  // namespace simulation::test
