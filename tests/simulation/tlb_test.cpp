// The translation-lookaside buffer is what the machine model says: so many entries, in sets of so many ways,
// of which the one that was filled first makes room.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "tests/simulation/assembled_program.hpp"

namespace simulation::test {
namespace {

/// TLB misses of a program that touches pages (of 4K, mapped to themselves) in this order, `rounds` times;
/// its own code lies in page 0.
uint64_t misses(unsigned entries, unsigned ways, const std::vector<unsigned>& pages, unsigned rounds) {
    std::string touches;
    for (const unsigned page : pages)
        touches += fmt::format("         L     1,TOUCHED{}\n         IC    2,0(1)\n", page);
    std::string constants;
    for (unsigned page = 1; page < 16; ++page)
        constants += fmt::format("TOUCHED{} DC A(X'{:X}000')\n", page, page);
    MachineModel model = MachineModel::load("unit");
    model.tlb_entries.value = entries;
    model.tlb_ways.value = ways;
    AssembledProgram program(fmt::format(R"(
P        START 0
         DC    A(0,BEGIN)
         ORG   P+X'200'
         USING P,0
BEGIN    LCTL  0,1,CONTROLS
         LPSW  MAPPED
ON       LA    3,{}
LOOP     DS    0H
{}         BCT   3,LOOP
         LPSW  GOOD
         DS    0D
MAPPED   DC    X'04080000',A(ON)
GOOD     DC    X'000A000000600D00'
CONTROLS DC    X'008000E0',X'00000400'
{}         ORG   P+X'400'
         DC    X'F0000500',15X'00000001'
         ORG   P+X'500'
         DC    X'0000001000200030004000500060007000800090'
         DC    X'00A000B000C000D000E000F0'
         END
)",
                                         rounds, touches, constants),
                             std::move(model));
    CHECK(program.run() == Stop::disabled_wait);
    CHECK(program.address() == 0x600D00);
    return program.machine.cpu().counters().tlb_misses;
}

}  // namespace

TEST_CASE("a page may be held in any way of its set") {
    // Of four entries, pages 1 and 5 want the same one where there is one way; two ways hold both.
    CHECK(misses(4, 1, {1, 5}, 10) == 1 + 20);
    CHECK(misses(4, 2, {1, 5}, 10) == 1 + 2);
    CHECK(misses(4, 4, {1, 2, 3}, 10) == 1 + 3);
    // The 128 entries of the built-in models are 64 sets of two.
    CHECK(misses(128, 2, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, 10) == 1 + 15);
}

TEST_CASE("the entry that was filled first makes room, however often it was used since") {
    CHECK(misses(4, 2, {1, 3, 1, 5, 1}, 1) == 1 + 4);
    CHECK(misses(4, 2, {1, 3, 5, 3, 5}, 1) == 1 + 3);
    CHECK(misses(4, 2, {1, 3, 5}, 10) == 1 + 30);
}

}  // namespace simulation::test
