// What is remembered of code is forgotten in time: the way from block to block holds for one epoch, and a
// block is left where the next instruction has to be fetched anew. Each test here is about one place that
// says so. What is translated is forgotten likewise.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <string>

#include "simulation/executor/block_cache.hpp"
#include "tests/simulation/assembled_program.hpp"
#include "tests/simulation/executors.hpp"

namespace simulation::test {
namespace {

/// A program with translation on: sixteen pages of 4K, mapped to themselves by the page table at PAGES. Its
/// code lies in page 0, `body` runs ten times; pages 5 and 6 hold subroutines that count in registers 5
/// and 6. The TLB has `entries` of one way: pages that differ by that number take one another's place.
AssembledProgram mapped_program(const std::string& body, unsigned entries) {
    MachineModel model = plain_model();
    model.tlb_entries.value = entries;
    model.tlb_ways.value = 1;
    return AssembledProgram(fmt::format(R"(
P        START 0
         DC    A(0,BEGIN)
         ORG   P+X'68'
         DC    X'000A000000BAD000'
         ORG   P+X'200'
         USING P,0
BEGIN    LCTL  0,1,CONTROLS
         LPSW  MAPPED
ON       LA    3,10
         SR    5,5
         SR    6,6
         LM    7,11,PLACES
LOOP     DS    0H
{}         BCT   3,LOOP
         LPSW  GOOD
         DS    0D
MAPPED   DC    X'04080000',A(ON)
GOOD     DC    X'000A000000600D00'
CONTROLS DC    X'008000E0',A(SEGMENTS)
PLACES   DC    A(X'4000',X'5000',X'6000',X'8000',X'9000')
         ORG   P+X'400'
SEGMENTS DC    X'F0000500',15X'00000001'
         ORG   P+X'500'
PAGES    DC    X'0000001000200030004000500060007000800090'
         DC    X'00A000B000C000D000E000F0'
         ORG   P+X'5000'
         LA    5,1(,5)
         BR    14
         ORG   P+X'6000'
         LA    6,1(,6)
         BR    14
         ORG   P+X'A000'
         END
)",
                                        body),
                            std::move(model));
}

void check_ended(AssembledProgram& program) {
    CHECK(program.run() == Stop::disabled_wait);
    CHECK(program.address() == 0x600D00);
}

}  // namespace

namespace {

struct NoSource final : BlockSource {
    Block* instruction_at(Cpu&, uint32_t) override { return nullptr; }
    bool decode_again(Block&) override { return false; }
};

}  // namespace

TEST_CASE("a store into the text of a block changes the epoch, and nobody finds the block again") {
    RealStorage storage(64 * 1024);
    uint64_t epoch = 7;
    NoSource source;
    BlockCache cache(storage, epoch, source);
    static unsigned executed;
    executed = 0;
    Slot slots[2] = {};
    for (unsigned i = 0; i < 2; ++i) {
        slots[i].execute = [](Cpu&, const Slot&) { ++executed; };
        slots[i].offset = static_cast<uint16_t>(0x100 + 4 * i);
        slots[i].length = 4;
    }
    auto decoded = std::make_unique<Block>();
    decoded->set_slots(slots, 2);
    const Block& block = cache.add(0x1900, std::move(decoded));
    CHECK(cache.find(0x1900, 0) == &block);
    const Handler handler = block.slots[1].execute;

    // Beside it, though as near as storage tells.
    storage.put16(0x1908, 0x0700);
    storage.put16(0x18FE, 0x0700);
    CHECK(epoch == 7);
    CHECK(cache.find(0x1900, 0) == &block);

    storage.put16(0x1906, 0x0700);
    CHECK(epoch > 7);
    CHECK(cache.find(0x1900, 0) == nullptr);
    CHECK(cache.any_retired());
    CHECK((block.slots[1].execute != handler));  // whoever is in it leaves it
    cache.free_retired();
}

TEST_CASE("a changed translation leads elsewhere, also where one block was linked to the next") {
    on_each_executor([] {
        // Page 5 lies in turn in its own frame and in that of page 6.
        AssembledProgram program = mapped_program(
            "         BALR  14,8\n"
            "         XI    PAGES+11,X'30'\n"
            "         PTLB\n",
            128);
        check_ended(program);
        CHECK(program.gpr(5) == 5);
        CHECK(program.gpr(6) == 5);
    });
}

TEST_CASE("a changed storage key stops who follows a link") {
    on_each_executor([] {
        // The subroutine's page is protected against fetching by the caller, whose key is 1, in the third
        // round.
        AssembledProgram program = mapped_program(
            "         C     3,=F'8'\n"
            "         BNE   CALL\n"
            "         LA    1,X'28'\n"
            "         SSK   1,8\n"
            "CALL     SPKA  X'10'\n"
            "         BALR  14,8\n"
            "         SPKA  0\n"
            "         B     NEXT\n"
            "         LTORG\n"
            "NEXT     DS    0H\n",
            128);
        CHECK(program.run() == Stop::disabled_wait);
        CHECK(program.address() == 0xBAD000);
        CHECK(program.gpr(5) == 2);
        CHECK(program.machine.storage().get16(0x8E) == 4);  // protection
    });
}

TEST_CASE("who follows a link to a page that has left the TLB pays for the table walk") {
    on_each_executor([] {
        // Pages 5 and 9 share an entry: of ten rounds each misses twice.
        AssembledProgram program = mapped_program(
            "         BALR  14,8\n"
            "         IC    2,0(,11)\n",
            4);
        check_ended(program);
        CHECK(program.machine.cpu().counters().tlb_misses == 1 + 2 * 10);
    });
}

TEST_CASE("the instruction behind one that took its page out of the TLB is fetched anew") {
    on_each_executor([] {
        // Pages 4 and 8 share an entry with the code. Each operand drives that out, each next instruction
        // brings it back.
        AssembledProgram program = mapped_program(
            "         IC    2,0(,7)\n"
            "         IC    2,0(,10)\n"
            "         LA    4,1(,4)\n",
            4);
        check_ended(program);
        CHECK(program.gpr(4) == 10);
        CHECK(program.machine.cpu().counters().tlb_misses == 1 + 4 * 10);
    });
}

}  // namespace simulation::test
