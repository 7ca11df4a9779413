// Hypercalls, as a guest sees them: what each does, what it refuses, and that random arguments harm nobody
// else.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/guest_pair.hpp"

namespace vmcp::test {
namespace {

using simulation::kMillisecond;
using simulation::kSecond;

/// EC mode; starts at BEGIN, ends in a disabled wait at 0; a program interruption ends it with code 99. The
/// page at 2000 is to be shared, 3000 on is free.
const std::string kPageZero = R"(
ZERO     DC    X'00080000',A(BEGIN)
         USING ZERO,0
         ORG   ZERO+X'58'
         DC    X'000A0000',A(X'58')
         ORG   ZERO+X'68'
         DC    X'000A0000',A(X'99')
         ORG   ZERO+X'78'
         DC    X'000A0000',A(X'78')
         ORG   ZERO+X'100'
DONE     DC    0D'0',X'000A0000',A(0)
BAD      DC    0D'0',X'000A0000',A(X'BAD')
PAGE     DC    A(X'2000')
MASKS    EQU   X'80'
EQ       EQU   0
R1       EQU   1
R2       EQU   2
R3       EQU   3
R4       EQU   4
R5       EQU   5
R6       EQU   6
R7       EQU   7
R8       EQU   8
R9       EQU   9
)";

VmOptions paravirtual(const std::string& name) {
    VmOptions options;
    options.name = name;
    options.storage = 64 * 1024;
    options.paravirtual = true;
    return options;
}

VirtualMachine& start(Host& host, const Program& program, VmOptions options = paravirtual("alpha")) {
    VirtualMachine& vm = host.log_on(std::move(options));
    host.cp.load(vm, SecondLevel(0), program.result.image);
    host.cp.restart(vm);
    return vm;
}

uint32_t word(VirtualMachine& vm, SecondLevel a, uint32_t offset = 0) {
    return vm.storage.peek32(SecondLevel(a.value + offset));
}

TEST_CASE("hypercalls are found by DIAGNOSE 00, and are none where a machine is not to have them") {
    const Program program(kPageZero + R"(
BEGIN    LA    R2,BLOCK
         LA    R3,56
         DIAG  R2,R3,X'00'
         ST    R3,LEFT
         DIAG  0,0,X'208'
         LPSW  DONE
LEFT     DS    F
BLOCK    DS    0D,XL56
)");
    for (const bool served : {true, false}) {
        Host host;
        VmOptions options = paravirtual("alpha");
        options.paravirtual = served;
        VirtualMachine& vm = start(host, program, options);
        host.cp.run(kSecond);
        CHECK(vm.state.psw.address == (served ? 0 : 0x99));
        CHECK(word(vm, program.at("LEFT")) == (served ? 0 : 16));
        CHECK(word(vm, program.at("BLOCK"), 40) == (served ? 0xD7C1D9C1 : 0));  // PARA
        CHECK(word(vm, program.at("BLOCK"), 48) == (served ? 0xF0000000 : 0));
        CHECK(word(vm, program.at("BLOCK"), 52) == (served ? 0x200 : 0));
    }
}

TEST_CASE("what a hypercall is not to do is refused with a reason") {
    struct {
        const char* code;
        uint32_t first, second, why;
    } constexpr kRefused[] = {
        {"200", 0x2010, 0, 1},    // no page begins there
        {"200", 0x10000, 0, 1},   // no storage
        {"200", 0xFF0000, 1, 1},  //
        {"200", 0x2000, 3, 7},    // no such function
        {"224", 0, 0, 4},         // no page is shared
        {"22C", 0x3000, 0, 4},    //
        {"228", 0x3000, 133, 7},  // too long a line
    };
    for (const auto& refused : kRefused) {
        const Program program(kPageZero + fmt::format(R"(
BEGIN    LM    2,3,ARGUMENT
         DIAG  2,3,X'{}'
         BC    13,WRONG
         C     3,=F'{}'
         BNE   WRONG
         LPSW  DONE
WRONG    LPSW  BAD
ARGUMENT DC    A({},{})
)",
                                                      refused.code, refused.why, refused.first,
                                                      refused.second));
        CAPTURE(refused.code);
        CAPTURE(refused.first);
        Host host;
        VirtualMachine& vm = start(host, program);
        host.cp.run(kSecond);
        CHECK(vm.state.psw.address == 0);
        CHECK_FALSE(vm.paravirtual.page.has_value());
    }
}

TEST_CASE("a guest types a line by hypercall") {
    const Program program(kPageZero + R"(
BEGIN    LA    R2,TEXT
         LA    R3,L'TEXT
         DIAG  R2,R3,X'228'
         BNZ   WRONG
         SR    R3,R3
         DIAG  R2,R3,X'228'
         BC    13,WRONG
         C     R3,=F'7'
         BNE   WRONG
         LPSW  DONE
WRONG    LPSW  BAD
TEXT     DC    C'NO CHANNEL PROGRAM'
)");
    Host host;
    VirtualMachine& vm = start(host, program);
    host.cp.run(kSecond);
    CHECK(vm.state.psw.address == 0);
    CHECK(host.console["alpha"] == "NO CHANNEL PROGRAM\n");
}

/// Segment table at 4000, page table of segment 8 (virtual 80000) at 4400, of segment 0 at 4440: identical.
const std::string kTables = R"(
         L     R9,=A(X'4000')
         L     R1,=X'F0004440'
         ST    R1,0(,R9)
         MVC   4(60,R9),NONE
         L     R1,=X'F0004400'
         ST    R1,32(,R9)
         L     R9,=A(X'4400')
         MVC   0(32,R9),INVALID
         MVC   64(32,R9),SAME
         LCTL  0,1,CONTROL
         PTLB  0
)";
const std::string kTableData = R"(
CONTROL  DC    X'00800800',X'00004000'
NONE     DC    15F'1'
INVALID  DC    16X'0008'
SAME     DS    0H
         DC    X'00000010002000300040005000600070'
         DC    X'0080009000A000B000C000D000E000F0'
SAVED    DS    X
)";

TEST_CASE("pages are mapped and unmapped in the guest's tables, alone and in a batch") {
    const Program program(kPageZero + "BEGIN    DS    0H\n" + kTables + R"(
         L     R7,=A(X'5000')      what is in two frames
         MVC   0(4,R7),=C'FIVE'
         L     R7,=A(X'6000')
         MVC   0(4,R7),=C'SIX.'
         L     R2,=A(X'81000')
         L     R3,=A(X'5000')
         DIAG  R2,R3,X'20C'        map
         BNZ   WRONG
         STOSM SAVED,X'04'
         MVC   FOUND(4),0(R2)
         STNSM SAVED,X'FB'
         LA    R4,BATCH
         LA    R5,3
         DIAG  R4,R5,X'204'        another frame, another page
         BNZ   WRONG
         STOSM SAVED,X'04'
         MVC   FOUND+4(4),0(R2)
         L     R6,=A(X'82000')
         MVC   FOUND+8(4),0(R6)
         STNSM SAVED,X'FB'
         DIAG  R2,R3,X'210'        unmap
         BNZ   WRONG
         MVC   X'68'(8),FAULTPSW
         STOSM SAVED,X'04'
         L     R8,0(,R2)
WRONG    LPSW  BAD
FAULT    CLC   X'8E'(2),=X'0011'
         BNE   WRONG
         L     R2,=A(X'900000')    no page table there
         DIAG  R2,R3,X'20C'
         BC    13,WRONG
         C     R3,=F'2'
         BNE   WRONG
         L     R2,=A(X'81000')
         L     R3,=A(X'10000')     no storage there
         DIAG  R2,R3,X'20C'
         BC    13,WRONG
         C     R3,=F'1'
         BNE   WRONG
         LA    R5,3                the second entry is refused
         LA    R4,PARTLY
         DIAG  R4,R5,X'204'
         BC    13,WRONG
         C     R5,=F'1'
         BNE   WRONG
         C     R4,=X'00001005'
         BNE   WRONG
         LPSW  DONE
FAULTPSW DC    0D'0',X'00080000',A(FAULT)
FOUND    DS    3F
BATCH    DC    A(X'20C',X'81000',X'6000',0)
         DC    A(X'20C',X'82000',X'5000',0)
         DC    A(X'214',X'4000',0,0)
PARTLY   DC    A(X'208',0,0,0)
         DC    A(X'228',X'100000',20,0)
         DC    A(X'208',0,0,0)
)" + kTableData);
    Host host;
    VirtualMachine& vm = start(host, program);
    host.cp.run(kSecond);
    CHECK(vm.state.psw.address == 0);
    CHECK(word(vm, program.at("FOUND")) == 0xC6C9E5C5);     // FIVE
    CHECK(word(vm, program.at("FOUND"), 4) == 0xE2C9E74B);  // SIX.
    CHECK(word(vm, program.at("FOUND"), 8) == 0xC6C9E5C5);
    // The page that was mapped was found at once: a fault in the shadow cost no exit.
    CHECK(vm.account.causes[Cause(Cause::shadow_fill).index()].count <= 2);
}

/// Shares its page, is enabled, and lets a timer run out.
const std::string kShare = R"(
BEGIN    L     R9,PAGE
         LA    R3,1
         DIAG  R9,R3,X'200'
         BNZ   WRONG
         SLR   R2,R2
         DIAG  R2,R3,X'21C'        no timer yet
         MVC   X'58'(8),TIMERPSW
         LCTL  0,0,CONTROL0
)";
const std::string kShareData = R"(
WRONG    LPSW  BAD
TIMERPSW DC    0D'0',X'00080000',A(TICK)
CONTROL0 DC    X'00802800'
TICK     MVC   CODE(2),X'86'
         MVC   FROM(2),X'84'
         L     R1,TICKS
         LA    R1,1(,R1)
         ST    R1,TICKS
         LA    R3,1
         SLR   R2,R2
         DIAG  R2,R3,X'21C'        no timer
         LPSW  X'18'
TICKS    DC    F'0'
CODE     DC    H'0'
FROM     DC    H'0'
SAVED    DS    X
)";

TEST_CASE("masks in the shared page hold an interruption back without a trap, and it is not lost") {
    const Program program(kPageZero + kShare + R"(
         STOSM SAVED,X'03'         enabled, once and for all
         MVI   0(R9),X'C0'         but not now
         LA    R2,500
         DIAG  R2,0,X'21C'         in half a millisecond
         L     R5,=F'20000'
         BCT   R5,*
         MVC   SEEN(4),TICKS       none yet
         MVC   MISSED(1),1(R9)
         MVI   0(R9),0
         MVI   1(R9),0
         DIAG  0,0,X'208'          look
         MVC   SEEN+4(4),TICKS
         LPSW  DONE
SEEN     DS    2F
MISSED   DC    F'0'
)" + kShareData);
    Host host;
    VirtualMachine& vm = start(host, program);
    host.cp.run(kSecond);
    CHECK(vm.state.psw.address == 0);
    CHECK(word(vm, program.at("SEEN")) == 0);
    CHECK(word(vm, program.at("SEEN"), 4) == 1);
    CHECK((word(vm, program.at("MISSED")) >> 24) == 0x40);
    CHECK((word(vm, program.at("CODE")) >> 16) == 0x1004);
    // The timer that ran out stopped the guest once, not again and again.
    CHECK(vm.exits < 30);
}

TEST_CASE("a guest waits by hypercall until something comes, held back or not") {
    for (const int masks : {0x00, 0xC0}) {
        const std::string body = fmt::format(R"(
         STOSM SAVED,X'03'
         MVI   0(R9),{}
         L     R2,=F'20000'
         DIAG  R2,0,X'21C'         in 20 ms
         DIAG  0,0,X'224'          wait
         MVC   SEEN(4),TICKS
         MVI   0(R9),0
         DIAG  0,0,X'208'
         MVC   SEEN+4(4),TICKS
         LPSW  DONE
SEEN     DS    2F
)",
                                             masks);
        const Program program(fmt::format("{}{}{}{}", kPageZero, kShare, body, kShareData));
        Host host;
        VirtualMachine& vm = start(host, program);
        host.cp.run(kSecond);
        CHECK(vm.state.psw.address == 0);
        CHECK(word(vm, program.at("SEEN")) == (masks == 0 ? 1 : 0));
        CHECK(word(vm, program.at("SEEN"), 4) == 1);
        CHECK(vm.waited > 19 * kMillisecond);
        CHECK(vm.waited < 21 * kMillisecond);
    }
}

TEST_CASE("waiting by hypercall for what cannot come is refused") {
    const Program program(kPageZero + kShare + R"(
         DIAG  R2,R3,X'224'
         BC    13,WRONG
         C     R3,=F'5'
         BNE   WRONG
         LPSW  DONE
)" + kShareData);
    Host host;
    VirtualMachine& vm = start(host, program);
    host.cp.run(kSecond);
    CHECK(vm.state.psw.address == 0);
}

TEST_CASE("the shared page tells what was spent for a guest, as DIAGNOSE 0C does with a trap") {
    const Program program(kPageZero + kShare + R"(
         L     R5,=F'300000'
         BCT   R5,*
         LA    R2,TIMES
         DIAG  R2,0,X'0C'
         STCK  CLOCK
         MVC   AWAY,16(R9)
         MVC   CHANGES,8(R9)
         LPSW  DONE
TIMES    DS    0D,XL32
CLOCK    DS    D
AWAY     DS    D
CHANGES  DS    F
)" + kShareData);
    const Program other(kPageZero + R"(
BEGIN    L     R5,=F'2000000'
         BCT   R5,*
         LPSW  DONE
)");
    Host host;
    VirtualMachine& vm = start(host, program);
    start(host, other, paravirtual("beta"));
    host.cp.run(20 * kSecond);
    CHECK(vm.state.psw.address == 0);
    const auto doubleword = [&](SecondLevel at, uint32_t offset = 0) {
        return uint64_t{word(vm, at, offset)} << 32 | word(vm, at, offset + 4);
    };
    const auto told = static_cast<int64_t>(doubleword(program.at("TIMES"), 24));
    const auto read =
        static_cast<int64_t>((doubleword(program.at("CLOCK")) - doubleword(program.at("AWAY"))) >> 12);
    CHECK(read >= told);
    CHECK(read - told < 1000);  // the way back from DIAGNOSE 0C
    CHECK(told > 100'000);
    CHECK(word(vm, program.at("CHANGES")) > 10);  // others had their turns in between
}

TEST_CASE("an event wakes another machine, which gets an external call") {
    const Program receiver(kPageZero + kShare + R"(
         LPSW  WAITING
GOTIT    LPSW  DONE
WAITING  DC    0D'0',X'010A0000',A(0)
)" + kShareData +
                           "         ORG   TICK\n         MVC   CODE(2),X'86'\n         MVC   "
                           "FROM(2),X'84'\n         LPSW  DONE\n");
    const Program sender(kPageZero + R"(
BEGIN    L     R5,=F'20000'
         BCT   R5,*
         LA    R2,NAME
         LA    R3,5
         DIAG  R2,R3,X'218'
         BNZ   WRONG
         LA    R2,NOBODY
         DIAG  R2,R3,X'218'
         BC    13,WRONG
         C     R3,=F'3'
         BNE   WRONG
         LA    R3,16
         DIAG  R2,R3,X'218'
         C     R3,=F'7'
         BNE   WRONG
         LPSW  DONE
WRONG    LPSW  BAD
NAME     DC    CL8'ALPHA'
NOBODY   DC    CL8'BETA'
)");
    Host host;
    VirtualMachine& vm = start(host, receiver);
    VirtualMachine& beta = start(host, sender, paravirtual("beta"));
    host.cp.run(kSecond);
    CHECK(beta.state.psw.address == 0);
    CHECK(vm.state.psw.address == 0);
    CHECK(word(vm, receiver.at("CODE")) == 0x12020005);
}

TEST_CASE("a call table has code for the operations of a kernel") {
    const Program program(kPageZero + kShare + R"(
         STOSM SAVED,X'03'
         L     R8,=A(X'3000')
         DIAG  R8,R3,X'22C'
         BNZ   WRONG
         LR    15,R8               disable
         BALR  14,15
         CLI   0(R9),X'C0'
         BNE   WRONG
         LA    R2,TEXT
         LA    R3,4
         LA    15,128(,R8)         type
         BALR  14,15
         LA    R2,900
         LA    15,192(,R8)         timer
         BALR  14,15
         LA    15,256(,R8)         wait, and enable
         BALR  14,15
         CLC   TICKS,=F'1'
         BNE   WRONG
         CLI   0(R9),0
         BNE   WRONG
         LA    15,320(,R8)         yield
         BALR  14,15
         LPSW  DONE
TEXT     DC    C'TEXT'
)" + kShareData);
    Host host;
    VirtualMachine& vm = start(host, program);
    host.cp.run(kSecond);
    CHECK(vm.state.psw.address == 0);
    CHECK(host.console["alpha"] == "TEXT\n");
}

TEST_CASE(
    "storage that a guest shared is its own again when it is loaded anew, and a segment is not written to") {
    Host host;
    const Program program(kPageZero + kShare + "         LPSW  DONE\n" + kShareData);
    VirtualMachine& vm = start(host, program);
    host.cp.run(kSecond);
    CHECK(vm.paravirtual.page == 0x2000);
    host.cp.restart(vm);
    CHECK_FALSE(vm.paravirtual.page.has_value());
}

/// A guest that goes through a table of random hypercalls, whatever comes of them.
const std::string kRandom = kPageZero + R"(
BEGIN    MVC   X'68'(8),NEXTPSW
         MVC   X'58'(8),NEXTPSW
         LCTL  0,1,CONTROL
         L     R9,=A(X'8000')
NEXT     LM    R1,R4,0(R9)         which, R5, R6, PSW mask
         LA    R9,16(,R9)
         C     R9,COUNT
         BNL   OVER
         STC   R4,MASK
         LR    R5,R2
         LR    R6,R3
         STOSM SAVED,0
         OC    SAVED,MASK
         SSM   SAVED
         EX    0,DIAGS(R1)
         SSM   =X'00'
         B     NEXT
OVER     LPSW  DONE
NEXTPSW  DC    0D'0',X'00080000',A(NEXT)
CONTROL  DC    X'00802800',X'00004000'
COUNT    DC    A(X'8000'+300*16)
MASK     DS    X
SAVED    DS    X
         DS    0F
DIAGS    DIAG  5,6,X'200'
         DIAG  5,6,X'204'
         DIAG  5,6,X'208'
         DIAG  5,6,X'20C'
         DIAG  5,6,X'210'
         DIAG  5,6,X'214'
         DIAG  5,6,X'218'
         DIAG  5,6,X'21C'
         DIAG  5,6,X'220'
         DIAG  5,6,X'224'
         DIAG  5,6,X'228'
         DIAG  5,6,X'22C'
         DIAG  5,6,X'201'
)";

/// How many pages a machine can have frames for.
uint32_t room_for(Host& host) {
    VmOptions options = paravirtual("room");
    options.storage = 4 * simulation::kMebibyte;
    VirtualMachine& vm = host.log_on(std::move(options));
    for (uint32_t page = 0; page < vm.storage.size() && vm.storage.try_resident(SecondLevel(page));
         page += kPage) {
    }
    const uint32_t pages = vm.storage.resident_pages();
    host.cp.log_off(vm);
    return pages;
}

TEST_CASE("random hypercalls end, and touch nothing that is another machine's") {
    const Program program(kRandom);
    const Program neighbour(kPageZero + R"(
BEGIN    L     R9,PAGE
         LA    R3,1
         DIAG  R9,R3,X'200'
         L     R5,=F'100000'
         BCT   R5,*
         LPSW  DONE
)");
    std::mt19937 random(7);
    const auto one_of = [&](std::initializer_list<uint32_t> values) {
        return *(values.begin() + random() % values.size());
    };
    const auto argument = [&] {
        switch (random() % 3) {
            case 0: return one_of({0, 1, 2, 3, 7, 15, 16, 64, 65, 132, 133, 0xFFFFFFFF, 0x80000000});
            case 1:
                return one_of({0x1000, 0x2000, 0x3000, 0x4000, 0x5000, 0x7FF8, 0x8000, 0xF000, 0xFFF0,
                               0x10000, 0x81000, 0x100000});
            default: return static_cast<uint32_t>(random());
        }
    };
    Host host(2 * simulation::kMebibyte);
    std::optional<uint32_t> room;
    for (unsigned round = 0; round < 60; ++round) {
        CAPTURE(round);
        std::vector<uint8_t> image = program.result.image;
        image.resize(0xC000);
        const auto put = [&](uint32_t at, uint32_t value) {
            for (unsigned i = 0; i < 4; ++i) image[at + i] = static_cast<uint8_t>(value >> (24 - 8 * i));
        };
        // Tables as in the tests above, and batches of anything behind them.
        for (uint32_t s = 0; s < 16; ++s) put(0x4000 + 4 * s, s == 8 ? 0xF0004400 : 1);
        put(0x4000, 0xF0004440);
        for (uint32_t p = 0; p < 16; ++p) {
            put(0x4400 + 2 * p, 0x00080008);
            image[0x4440 + 2 * p] = 0;
            image[0x4441 + 2 * p] = static_cast<uint8_t>(p << 4);
        }
        for (uint32_t at = 0x5000; at < 0x7000; at += 16) {
            put(at, 0x200 + 4 * (random() % 13));
            put(at + 4, argument());
            put(at + 8, argument());
        }
        for (uint32_t i = 0; i < 300; ++i) {
            put(0x8000 + 16 * i, 4 * (random() % 13));
            put(0x8004 + 16 * i, argument());
            put(0x8008 + 16 * i, argument());
            // Translation stays off: the program does not lie in its tables' pages only.
            put(0x800C + 16 * i, random() % 4);
        }
        VirtualMachine& beta = start(host, neighbour, paravirtual("beta"));
        VmOptions options = paravirtual("alpha");
        options.storage_kind = round % 3 == 0 ? StorageKind::resident : StorageKind::paged;
        VirtualMachine& vm = host.log_on(std::move(options));
        host.cp.load(vm, SecondLevel(0), image);
        host.cp.restart(vm);
        host.cp.run(host.cp.now() + 30 * kSecond);
        CHECK(beta.status == VmState::stopped);
        CHECK(beta.state.psw.address == 0);
        // Whatever it waits for or has ended by, what it held is free again.
        host.cp.log_off(vm);
        host.cp.log_off(beta);
        if (!room) room = room_for(host);
        CHECK(room_for(host) == room);
    }
}

}  // namespace
}  // namespace vmcp::test
