// Hostile machines that load, purge, prefix, store into and page out named segments at random, segments that
// overlap among them; and neighbours that use the same segments, check every word, and must not notice.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <random>

#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/guest_pair.hpp"

namespace vmcp::test {
namespace {

using simulation::kMillisecond;
using simulation::kSecond;

/// Executes a list at 2000 of what it is to do: operation, and two operands. Whatever interrupts it, it goes
/// on with the next; before it moves its prefix, it takes the new PSWs along.
const char* const kHostile = R"(
ZERO     DC    X'00080000',A(BEGIN)
         USING ZERO,0
         ORG   ZERO+X'68'
         DC    X'00080000',A(NEXT)
         ORG   ZERO+X'100'
DONE     DC    0D'0',X'000A0000',A(0)
         ORG   ZERO+X'1000'
BEGIN    BALR  12,0
         USING *,12
         L     11,=A(X'2000')
         B     GO
NEXT     LA    11,16(,11)
GO       LM    2,4,0(11)
         LM    8,9,4(11)
         B     OPS(2)
OPS      B     QUIT
         B     SEGMENT
         B     PREFIX
         B     STORE
         B     SETKEY
         B     RESET
         B     RELEASE
         B     READ
         B     BURN
QUIT     LPSW  ENDED
SEGMENT  LA    5,NAMES(3)
         LR    6,4
         DIAG  5,6,X'64'
         B     NEXT
PREFIX   MVC   0(256,8),0
         STM   3,4,WORK
         SPX   WORK
         B     NEXT
STORE    ST    9,0(8)
         B     NEXT
SETKEY   SSK   9,8
         B     NEXT
RESET    RRB   0(8)
         B     NEXT
RELEASE  DIAG  8,9,X'10'
         B     NEXT
READ     L     5,0(8)
         LA    8,2048(,8)
         LA    8,2048(,8)
         BCT   9,READ
         B     NEXT
BURN     BCT   9,*
         B     NEXT
ENDED    DC    0D'0',X'000A0000',A(0)
WORK     DC    2F'0'
NAMES    DC    0D'0',CL8'INSIDE',CL8'OVERLAP',CL8'BEYOND'
         DC    CL8'OVERTOO',CL8'NONE'
         LTORG
)";

/// Loads a segment whose words all are 7, adds them up, keeps pages of its own beside it, and ends at 0 if
/// everything always was as it should be, at X'BAD' otherwise.
std::string neighbour(const char* name) {
    return fmt::format(R"(
ZERO     DC    X'00080000',A(BEGIN)
         USING ZERO,0
         ORG   ZERO+X'68'
         DC    X'000A0000',A(X'BAD')
         ORG   ZERO+X'400'
BEGIN    L     9,ROUNDS
ROUND    LA    2,NAME
         SR    3,3
         DIAG  2,3,X'64'
         BC    3,BAD
         LR    4,2
         LA    5,2048
         AR    5,5
         SR    6,6
ADD      A     6,0(4)
         LA    4,4(,4)
         BCT   5,ADD
         C     6,=F'28672'
         BNE   BAD
         L     4,=A(X'8000')
         LA    5,6
PAGES    C     9,ROUNDS
         BE    FIRST
         C     4,0(4)
         BNE   BAD
FIRST    ST    4,0(4)
         A     4,=F'4096'
         BCT   5,PAGES
         LA    2,NAME
         LA    3,8
         DIAG  2,3,X'64'
         BNZ   BAD
         BCT   9,ROUND
         LPSW  GOOD
BAD      LPSW  WRONG
GOOD     DC    0D'0',X'000A0000',A(0)
WRONG    DC    0D'0',X'000A0000',A(X'BAD')
NAME     DC    0D'0',CL8'{}'
ROUNDS   DC    F'2'
         LTORG
)",
                       name);
}

constexpr uint32_t kOwn = 0x40000;  // storage of each machine

/// Addresses in the machine's own pages, in the segments within its storage, and in those beyond.
uint32_t random_address(std::mt19937_64& random) {
    static constexpr uint32_t origins[] = {0, 0x20000, 0x30000, 0x100000, 0x110000};
    return origins[random() % 5] + static_cast<uint32_t>(random() % 16) * kPage;
}

std::vector<uint8_t> hostile(const std::vector<uint8_t>& program, std::mt19937_64& random) {
    std::vector<uint8_t> image = program;
    image.resize(0x3000);
    const unsigned count = 5 + random() % 60;
    for (unsigned i = 0; i < count; ++i) {
        const auto operation = static_cast<uint32_t>(1 + random() % 8);
        uint32_t a = random_address(random), b = static_cast<uint32_t>(random());
        if (operation == 1) {
            static constexpr uint32_t functions[] = {0, 0, 0, 4, 4, 8, 8, 12};
            a = static_cast<uint32_t>(random() % 5) * 8;
            b = functions[random() % 8];
        } else if (operation == 2 && random() % 4 == 0) {
            a = 0;
        } else if (operation == 6) {
            b = a + static_cast<uint32_t>(random() % 4) * kPage;
        } else if (operation == 7) {
            b = 1 + b % 16;
        } else if (operation == 8) {
            b = 1 + b % 3000;
        }
        const uint32_t words[] = {4 * operation, a, b};
        for (unsigned w = 0; w < 3; ++w)
            for (unsigned k = 0; k < 4; ++k)
                image[0x2000 + 16 * i + 4 * w + k] = static_cast<uint8_t>(words[w] >> (24 - 8 * k));
    }
    return image;
}

/// All words are 7.
std::vector<uint8_t> sevens(uint32_t bytes) {
    std::vector<uint8_t> contents(bytes);
    for (uint32_t i = 3; i < bytes; i += 4) contents[i] = 7;
    return contents;
}

TEST_CASE("random work on named segments never reaches a neighbour, and nothing of it is left behind") {
    const std::vector<uint8_t> program = assembled(kHostile);
    const std::vector<uint8_t> inside = assembled(neighbour("INSIDE")),
                               beyond = assembled(neighbour("BEYOND"));
    constexpr unsigned kCases = 10'000, kCasesAHost = 100;
    unsigned right = 0, finished = 0;
    for (unsigned first = 0; first < kCases; first += kCasesAHost) {
        static constexpr uint32_t sizes[] = {640, 768, 1024, 4096};  // real storage: from scarce to ample
        static constexpr const char* policies[] = {"fifo", "lru", "clock"};
        PagingOptions paging;
        paging.devices = {"2305-2"};
        paging.replacement = policies[first / kCasesAHost / 4 % 3];
        Host host(sizes[first / kCasesAHost % 4] * 1024, "round-robin", "s370-158", 2 * kMillisecond, paging);
        host.cp.define_segment("INSIDE", SecondLevel(0x20000), sevens(0x4000));
        host.cp.define_segment("OVERLAP", SecondLevel(0x20000), sevens(0x1A000));
        host.cp.define_segment("BEYOND", SecondLevel(0x100000), sevens(0x4000));
        host.cp.define_segment("OVERTOO", SecondLevel(0x100000), std::vector<uint8_t>(0x12000, 0xEE));
        const uint32_t frames = host.cp.frames().free_frames();
        for (unsigned number = first; number < first + kCasesAHost; ++number) {
            std::mt19937_64 random(number);
            VirtualMachine& one = host.start("one", kOwn, inside);
            VirtualMachine& two = host.start("two", kOwn, beyond);
            VirtualMachine* evil = &host.start("evil", kOwn, hostile(program, random));
            if (random() % 3 == 0) {  // it goes in the middle of it, and another comes
                host.cp.run(simulation::kNever,
                            host.cp.now() + static_cast<SimTime>(random() % 20) * kMillisecond);
                host.cp.log_off(*evil);
                evil = &host.start("evil2", kOwn, hostile(program, random));
            }
            host.cp.run(host.cp.now() + 20 * kSecond);
            for (const VirtualMachine* vm : {&one, &two}) {
                CHECK_MESSAGE(vm->stop == StopReason::disabled_wait, fmt::format("case {}", number));
                CHECK_MESSAGE(vm->state.psw.address == 0, fmt::format("case {}", number));
                right += vm->stop == StopReason::disabled_wait && vm->state.psw.address == 0;
            }
            finished += evil->stop == StopReason::disabled_wait;
            host.cp.log_off(one);
            host.cp.log_off(two);
            host.cp.log_off(*evil);
        }
        CHECK(host.cp.frames().free_frames() == frames);
    }
    CHECK(right == 2 * kCases);
    CHECK(finished > kCases / 2);  // most cases get through their whole list
}

}  // namespace
}  // namespace vmcp::test
