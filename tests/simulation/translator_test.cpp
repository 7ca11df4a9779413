// The life of translated regions: what makes the translator give one up, and what does not.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "tests/simulation/assembled_program.hpp"
#include "tests/simulation/executors.hpp"

namespace simulation::test {
namespace {

/// Of a loop, in the problem state, that branches to what register 5 says. Each round a supervisor call
/// leaves translated code, and says in register 5 where to go: in one of so many rounds to another place.
TranslationCounts counts_of_loop(unsigned rounds_apart, unsigned additions = 0) {
    std::string more;
    for (unsigned i = 0; i < additions; ++i) more += "         AR    8,3\n";
    AssembledProgram program(fmt::format(R"(
P        START 0
         DC    A(0,BEGIN)
         ORG   P+X'60'
         DC    A(0,CALL),X'000A000000600D00'
         ORG   P+X'200'
         USING P,0
BEGIN    L     3,=F'40000'
         LA    6,{0}
         LPSW  PROBLEM
ROUND    SVC   0
         B     0(,5)
USUAL    DS    0H
{1}         BCT   3,ROUND
         DC    H'0'                   the end
RARE     BCT   3,ROUND
         DC    H'0'
CALL     LA    5,USUAL
         BCT   6,BACK
         LA    6,{0}
         LA    5,RARE
BACK     LPSW  X'20'
         DS    0D
PROBLEM  DC    X'00010000',A(ROUND)
         END
)",
                                         rounds_apart, more));
    CHECK(program.run(10'000'000) == Stop::disabled_wait);
    return program.machine.executor().counts().translated;
}

TEST_CASE("a region that can mostly be entered is not given up for the few times that it cannot") {
    const ChosenExecutor chosen(ExecutorKind::translator);
    if (!can_translate()) return;
    CHECK(counts_of_loop(2).dropped_regions > 0);
    const TranslationCounts seldom = counts_of_loop(20);
    CHECK(seldom.regions > 0);
    CHECK(seldom.dropped_regions == 0);
}

TEST_CASE("what is left after a few instructions each time is not worth translating") {
    const ChosenExecutor chosen(ExecutorKind::automatic);
    if (!can_translate()) return;
    // The routine that is called is short in both.
    const uint64_t dropped = counts_of_loop(1777).dropped_regions;
    CHECK(dropped > 0);
    CHECK(counts_of_loop(1777, 40).dropped_regions < dropped);
}

}  // namespace
}  // namespace simulation::test
