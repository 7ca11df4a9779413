// The life of translated regions: what makes the translator give one up, and what does not.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/simulation/assembled_program.hpp"
#include "tests/simulation/executors.hpp"

namespace simulation::test {
namespace {

/// Of a loop, in the problem state, that branches to what register 5 says. Each round a supervisor call
/// leaves translated code, and says in register 5 where to go: in one of so many rounds to another place.
TranslationCounts counts_of_loop(unsigned rounds_apart) {
    AssembledProgram program(fmt::format(R"(
P        START 0
         DC    A(0,BEGIN)
         ORG   P+X'60'
         DC    A(0,CALL),X'000A000000600D00'
         ORG   P+X'200'
         USING P,0
BEGIN    LA    3,4000
         LA    6,{0}
         LPSW  PROBLEM
ROUND    SVC   0
         B     0(,5)
USUAL    BCT   3,ROUND
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
                                         rounds_apart));
    CHECK(program.run() == Stop::disabled_wait);
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

}  // namespace
}  // namespace simulation::test
