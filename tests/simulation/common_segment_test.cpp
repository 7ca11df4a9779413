// Common segments: GA22-7000 chapter 3, "Translation-Lookaside Buffer".
#include <fmt/format.h>

#include "tests/simulation/assembled_program.hpp"

namespace simulation::test {
namespace {

/// Two address spaces map segment 0 alike and page 10000 to different frames, which hold AAAAAAAA and
/// BBBBBBBB. The page is read in space A (register 2), in space B (3), in A (4), and in B again after PTLB
/// (5). `a`, `b`: the digit at the end of the segment-table entry, 2 for a common segment.
std::string two_spaces(unsigned a, unsigned b) {
    return fmt::format(R"(
P        START 0
         DC    X'00080000',A(BEGIN)
         ORG   P+X'68'
         DC    X'00020000',A(X'BAD')
         ORG   P+X'400'
         USING P,0
BEGIN    L     6,=A(X'20000')
         MVC   0(4,6),=X'AAAAAAAA'
         L     6,=A(X'21000')
         MVC   0(4,6),=X'BBBBBBBB'
         L     6,=A(X'10000')
         LCTL  0,1,SPACEA
         LPSW  DATON
ON       L     2,0(6)
         LCTL  1,1,SPACEB+4
         L     3,0(6)
         LCTL  1,1,SPACEA+4
         L     4,0(6)
         LCTL  1,1,SPACEB+4
         PTLB
         L     5,0(6)
         LPSW  GOOD
         DS    0D
DATON    DC    X'04080000',A(ON)
GOOD     DC    X'000A0000',A(X'600D')
SPACEA   DC    X'00800000',A(TABLEA)
SPACEB   DC    X'00800000',A(TABLEB)
         LTORG
         ORG   P+X'C00'
TABLEA   DC    A(CODE),A(PAGEA+{}),14F'1'
TABLEB   DC    A(CODE),A(PAGEB+{}),14F'1'
CODE     DC    X'0000',X'0010',14X'0008'
PAGEA    DC    X'0200',15X'0008'
PAGEB    DC    X'0210',15X'0008'
         END
)",
                       a, b);
}

struct Read {
    std::string words;
    uint64_t misses;
};

/// The page and space that were translated last displace all others of the same entry.
MachineModel direct_mapped() {
    MachineModel model = plain_model();
    model.tlb_ways.value = 1;
    return model;
}

Read run(unsigned a, unsigned b, MachineModel model = direct_mapped()) {
    AssembledProgram program(two_spaces(a, b), std::move(model));
    CHECK(program.run() == Stop::disabled_wait);
    CHECK(program.address() == 0x600D);
    std::string words;
    for (unsigned r = 2; r <= 5; ++r) words += "AB"[program.gpr(r) == 0xBBBBBBBB];
    return {words, program.machine.cpu().counters().tlb_misses};
}

TEST_CASE("entries of a common segment outlive a change of the segment table, but not a purge") {
    // Page 0 is missed in each space, and again after the purge.
    const Read separate = run(0, 0), both = run(2, 2);
    CHECK(separate.words == "ABAB");
    CHECK(both.words == "AAAB");
    // 0 and 16 have entries of their own, and private pages of A and B displace each other.
    CHECK(separate.misses == both.misses + 2);
}

TEST_CASE("the bit counts in the entry that was fetched") {
    CHECK(run(2, 0).words == "AAAB");                 // made in A for everyone
    CHECK(run(0, 2).words == "ABBB");                 // made in A for A, then in B for everyone
    CHECK(run(0, 2, plain_model()).words == "ABAB");  // of two ways one still holds A's own
}

TEST_CASE("common entries are of one translation format") {
    static_assert(common_tag(isa::kCr0PageSize4K) != common_tag(isa::kCr0PageSize2K));
    static_assert(common_tag(isa::kCr0PageSize4K) != common_tag(isa::kCr0PageSize4K | isa::kCr0Segment1M));
    static_assert(common_tag(isa::kCr0PageSize2K) > kSpaces);
}

TEST_CASE("without the extended facility the bit means nothing") {
    MachineModel model = plain_model();
    model.facilities.remove(isa::Facility::extended);
    CHECK(run(2, 2, model).words == "ABAB");
}

}  // namespace
}  // namespace simulation::test
