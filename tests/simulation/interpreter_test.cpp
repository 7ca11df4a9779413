// Executors: whatever they keep, link and translate, a program sees one instruction after the other.
#include "simulation/executor/interpreter.hpp"

#include <doctest/doctest.h>

#include <string>

#include "isa/assembler/assembler.hpp"
#include "simulation/machine/machine.hpp"
#include "tests/simulation/executors.hpp"

using namespace simulation;

namespace {

/// Starts at BEGIN with register 12 as base; ends in the disabled wait that GOOD holds.
std::string program(const std::string& body) {
    return "T START 0\n DC A(0,BEGIN)\n ORG T+X'200'\nBEGIN BALR 12,0\n USING *,12\n" + body +
           " LPSW GOOD\n DS 0D\nGOOD DC X'0002000000000000'\n LTORG\n END BEGIN\n";
}

struct Runner {
    explicit Runner(const std::string& source) : machine(MachineModel::load("s370-158"), kMebibyte) {
        const auto result = isa::assembler::assemble(source, "test");
        REQUIRE(result.ok);
        machine.storage().put(0, result.image.data(), static_cast<uint32_t>(result.image.size()));
        machine.restart();
    }
    /// In portions of so many instructions; of so many nanoseconds if that is negative.
    void run(int64_t portion) {
        Stop stop = Stop::limit;
        while (stop == Stop::limit)
            stop = portion > 0 ? machine.run({static_cast<uint64_t>(portion), kNever})
                               : machine.run({~uint64_t{0}, machine.cpu().now() - portion});
        CHECK(stop == Stop::disabled_wait);
    }
    uint32_t gpr(unsigned r) { return machine.cpu().gpr(r); }
    Machine machine;
};

/// The same end, to the nanosecond, however the run is divided, on each executor.
void check_divided(const std::string& source, const std::vector<std::pair<unsigned, uint32_t>>& expected) {
    Runner whole = test::on_executor(ExecutorKind::interpreter, [&] { return Runner(source); });
    whole.run(1'000'000);
    for (const auto& one : expected)
        CHECK_MESSAGE(whole.gpr(one.first) == one.second, "register ", one.first);
    test::on_each_executor([&] {
        for (int64_t portion : {1'000'000, 1, 2, 3, 7, -1, -1000, -3300, -10007}) {
            CAPTURE(portion);
            Runner parts(source);
            parts.run(portion);
            CHECK(parts.machine.cpu().state() == whole.machine.cpu().state());
            CHECK(parts.machine.cpu().now() == whole.machine.cpu().now());
            CHECK(parts.machine.cpu().counters().instructions == whole.machine.cpu().counters().instructions);
        }
    });
}

}  // namespace

TEST_CASE("an instruction stored just ahead is executed as stored") {
    check_divided(program(" LA 11,50\n"
                          "LOOP STC 11,OWN+3\n"
                          " LA 3,1(,3)\n"
                          "OWN LA 2,0\n"
                          " AR 4,2\n"
                          " BCT 11,LOOP\n"),
                  {{3, 50}, {4, 1275}});
}

TEST_CASE("an instruction stored in a block that is linked to is executed as stored") {
    check_divided(program(" LA 11,50\n"
                          "LOOP STC 11,FAR+3\n"
                          " BAL 14,SUB\n"
                          " BCT 11,LOOP\n"
                          " B DONE\n"
                          "SUB LA 3,1(,3)\n"
                          "FAR LA 2,0\n"
                          " AR 4,2\n"
                          " BR 14\n"
                          "DONE DS 0H\n"),
                  {{3, 50}, {4, 1275}});
}

TEST_CASE("the last instruction of a block may store into the block") {
    // MVCL ends a block; it copies its counted instruction over the one in front of itself.
    check_divided(program(" LA 11,50\n"
                          "LOOP STC 11,NEW+3\n"
                          " LA 6,OWN\n LA 7,4\n LA 8,NEW\n LA 9,4\n"
                          "OWN LA 2,0\n"
                          " MVCL 6,8\n"
                          " AR 4,2\n"
                          " BCT 11,LOOP\n"
                          " B DONE\n"
                          "NEW LA 2,0\n"
                          "DONE DS 0H\n"),
                  {{4, 1275 - 1}});  // each round uses what the one before has stored: 0, 50, 49, ... 2
}

TEST_CASE("an instruction across two 2K blocks is executed as stored on either side") {
    check_divided(program(" LA 11,50\n"
                          " L 10,=A(HIGH)\n"
                          " USING HIGH,10\n"
                          "LOOP STC 11,ACROSS+3\n"
                          " B HIGH\n"
                          "BACK AR 4,2\n"
                          " BCT 11,LOOP\n"
                          " LPSW GOOD\n"
                          " ORG T+X'7FA'\n"
                          "HIGH LA 3,1(,3)\n"
                          "ACROSS LA 2,0\n"
                          " B BACK\n"
                          " ORG T+X'900'\n"),
                  {{3, 50}, {4, 1275}});
}

TEST_CASE("a branch with many targets goes to each of them") {
    check_divided(program(" LA 11,60\n"
                          "LOOP LR 2,11\n"
                          " N 2,=F'3'\n"
                          " SLL 2,3\n"
                          " B CASES(2)\n"
                          "CASES LA 4,1(,4)\n B NEXT\n"
                          " LA 5,1(,5)\n B NEXT\n"
                          " LA 6,1(,6)\n B NEXT\n"
                          " LA 7,1(,7)\n B NEXT\n"
                          "NEXT BCT 11,LOOP\n"),
                  {{4, 15}, {5, 15}, {6, 15}, {7, 15}});
}

TEST_CASE("conditional branches inside of a block, taken and not") {
    check_divided(program(" SR 1,1\n SR 3,3\n LA 2,100\n"
                          "LOOP LA 1,1(,1)\n C 1,=F'101'\n BE WRONG\n XI FLAG,1\n TM FLAG,1\n BO ODD\n"
                          " LA 3,1(,3)\nODD LA 4,0(,1)\n CR 4,1\n BNE WRONG\n BCT 2,LOOP\n B END\n"
                          "WRONG LA 3,4095\n B END\nFLAG DC X'00'\n DS 0H\nEND DS 0H\n"),
                  {{1, 100}, {3, 50}});
}

TEST_CASE("a branch inside of a block may lead to just behind the block") {
    check_divided(program(" SR 3,3\n SR 5,5\n LA 2,3\nLOOP CR 1,1\n BE NEXT\n LA 3,1(,3)\n BALR 5,0\n"
                          "NEXT LA 6,7\n BCT 2,LOOP\n"),
                  {{3, 0}, {5, 0}, {6, 7}});
}

TEST_CASE("a store behind a branch inside of the block, and a check there") {
    check_divided(program(" MVI CHANGE+3,5\n CR 1,1\n BNE BAD\nCHANGE LA 7,1\n LTR 7,7\n BZ BAD\n LA 8,2\n"
                          "BAD LA 9,3\n"),
                  {{7, 5}, {8, 2}, {9, 3}});
    // A fixed-point divide exception in the middle, whose handler counts it and goes on.
    check_divided(
        program(" MVC 104(8),NEW\n SR 3,3\n SR 1,1\n LA 2,5\nLOOP CR 1,1\n BNE OUT\n LTR 4,2\n BM OUT\n"
                " DR 6,1\n LA 5,9\nBACK BCT 2,LOOP\n B OUT\n"
                "ON LA 3,1(,3)\n B BACK\n DS 0D\nNEW DC A(0,ON)\nOUT DS 0H\n"),
        {{3, 5}});
}

TEST_CASE("a machine stops at an address, also where an interruption leads to it, and goes on from there") {
    test::on_each_executor([] {
        Machine machine(MachineModel::load("unit"), 65536);
        const auto put = [&](uint32_t at, uint64_t doubleword) { machine.storage().put64(at, doubleword); };
        put(0, 0x0000000000000200);      // restart
        put(0x60, 0x0000000000000300);   // SVC new PSW
        put(0x200, 0x0A0747F002000000);  // SVC 7; B 200
        put(0x300, 0x8200002000000000);  // LPSW 20, the old PSW
        machine.restart();
        machine.executor().set_breakpoint(0x300, true);
        for (unsigned i = 0; i < 3; ++i) {
            CHECK(machine.run({.instructions = 100}) == Stop::breakpoint);
            CHECK(machine.cpu().psw().address == 0x300);
        }
        CHECK(machine.instructions() == 1 + 2 * 3);
        machine.executor().set_breakpoint(0x300, false);
        CHECK(machine.run({.instructions = 100}) == Stop::limit);
    });
}

TEST_CASE("blocks that stores retire do not pile up") {
    test::on_each_executor([] {
        Runner runner(
            program(" L 11,=F'20000'\n"
                    "LOOP MVC FAR(10),ROUTINE\n"
                    " BAL 14,FAR\n"
                    " BCT 11,LOOP\n"
                    " B DONE\n"
                    "ROUTINE LA 2,0\n"
                    " LA 3,0\n"
                    " BR 14\n"
                    "FAR DS 5H\n"
                    "DONE DS 0H\n"));
        runner.machine.interval_timer_runs = false;  // nothing ends the executor's run from outside
        runner.run(1'000'000);
        CHECK(runner.machine.executor().counts().retired_blocks >= 19'999);
        CHECK(runner.machine.executor().counts().retired_blocks_kept <= 1);
    });
}

TEST_CASE("an instruction that a program changes again and again is decoded where it is") {
    const test::ChosenExecutor chosen(ExecutorKind::automatic);
    Runner runner(
        program(" L 11,=F'20000'\n"
                " SR 2,2\n"
                "LOOP STC 11,ADDEND+3\n"
                "ADDEND LA 3,0\n"
                " AR 2,3\n"
                " BCT 11,LOOP\n"));
    runner.run(1'000'000);
    uint32_t sum = 0;
    for (uint32_t n = 20000; n != 0; --n) sum += n & 0xFF;
    CHECK(runner.gpr(2) == sum);
    CHECK(runner.machine.executor().counts().retired_blocks < 10);
}

TEST_CASE("an instruction that is changed again and again, to others of its length and to longer ones") {
    check_divided(program(" LA 11,60\n"
                          " SR 2,2\n"
                          "LOOP LR 5,11\n"
                          " N 5,=F'3'\n"
                          " SLL 5,3\n"
                          " LA 6,KINDS(5)\n"
                          " MVC CHANGED(6),0(6)\n"
                          "CHANGED DS 3H\n"
                          " BCT 11,LOOP\n"
                          " B DONE\n"
                          " DS 0D\n"
                          "KINDS AH 2,ONE\n"  // four bytes, and two
                          " LR 7,2\n"
                          " DS 0D\n"
                          " LR 8,2\n"  // two, two, two
                          " ALR 2,11\n"
                          " LR 9,2\n"
                          " DS 0D\n"
                          " XC ZERO,ZERO\n"  // six
                          " DS 0D\n"
                          " ALR 2,2\n"
                          " AH 2,ONE\n"
                          "ONE DC H'1'\n"
                          "ZERO DC F'5'\n"
                          "DONE DS 0H\n"),
                  {{2, 1835012}});
}

// By then it is known what EXECUTE executes.
TEST_CASE("a subject of EXECUTE that the program stores into after a while") {
    check_divided(program(" LA 11,400\n"
                          " SR 2,2\n"
                          "LOOP LR 4,11\n"
                          " SRDA 4,32\n"
                          " D 4,=F'50'\n"
                          " LTR 4,4\n"
                          " BNZ SAME\n"
                          " STC 5,SUBJECT+3\n"
                          "SAME EX 0,SUBJECT\n"
                          " AR 2,3\n"
                          " BCT 11,LOOP\n"
                          " B DONE\n"
                          "SUBJECT LA 3,0\n"
                          "DONE DS 0H\n"),
                  {{2, 1800}});
}

TEST_CASE("subjects of EXECUTE that a register leads to, which changes after a while") {
    check_divided(program(" LA 11,3\n"
                          " SR 2,2\n"
                          " LA 6,FIVE\n"
                          " LA 7,ONE\n"
                          "OUTER LA 10,100\n"
                          " XR 6,7\n"  // exchanges them
                          " XR 7,6\n"
                          " XR 6,7\n"
                          "INNER EX 0,0(,6)\n"
                          " BCT 10,INNER\n"
                          " BCT 11,OUTER\n"
                          " B DONE\n"
                          "ONE LA 2,1(,2)\n"
                          "FIVE LA 2,5(,2)\n"
                          "DONE DS 0H\n"),
                  {{2, 700}});
}

TEST_CASE("an instruction that changes itself, and the one behind it, again and again") {
    check_divided(program(" LA 11,50\n"
                          " SR 2,2\n"
                          "LOOP STC 11,BEHIND+3\n"
                          "BEHIND LA 3,0\n"
                          " ALR 2,3\n"
                          "ITSELF XI ITSELF+1,X'40'\n"
                          " IC 4,ITSELF+1\n"
                          " ALR 2,4\n"
                          " MVC ITSELF+1(1),MASK\n"
                          " BCT 11,LOOP\n"
                          " B DONE\n"
                          "MASK DC X'40'\n"
                          "DONE DS 0H\n"),
                  {{2, 1275}});
}
