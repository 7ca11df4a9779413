// Facilities that lead a guest and its control program into one another's parts, natively and as a guest:
// low-address protection, monitor call, translation and its instructions, program-event recording. Each
// program checks itself against GA22-7000 and ends in a disabled wait at 600D; both ways it must end alike.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "isa/assembler/assembler.hpp"
#include "tests/vmcp/guest_pair.hpp"

namespace vmcp::test {
namespace {

constexpr uint32_t kStorage = 64 * 1024;

/// A program that logs its program interruptions (16 bytes: code and length as at location 140, translation
/// address, PER code and address, and the old PSW's address) and goes on behind the instruction, also where
/// that was nullified (EC mode only). It ends at the label DONE. Registers 13-15 are not the body's own; base
/// register 0 reaches all of body and data.
std::string logging(std::string_view body, std::string_view data = "") {
    return fmt::format(R"(
P        START 0
         DC    X'00080000',A(BEGIN)
         ORG   P+X'60'
         DC    X'00080000',A(BEGIN)
         DC    X'00080000',A(CHECK)
         ORG   P+X'400'
         USING P,0
BEGIN    L     15,LOGS
         B     BODY
CHECK    MVC   0(4,15),X'8C'
         MVC   4(4,15),X'90'
         MVC   8(4,15),X'98'
         MVC   8(1,15),X'96'
         MVC   12(4,15),X'2C'
         LA    15,16(,15)
         MVC   OLD(8),X'28'
         TM    X'8F',X'10'
         BZ    BACK
         TM    X'8F',X'02'
         BO    BACK
         L     14,OLD+4
         SR    13,13
         IC    13,X'8D'
         AR    14,13
         ST    14,OLD+4
BACK     LPSW  OLD
         DS    0D
OLD      DC    D'0'
GOOD     DC    X'00020000',A(X'600D')
LOGS     DC    A(LOG)
         ORG   P+X'800'
BODY     DS    0H
{}
DONE     LPSW  GOOD
         DS    0D
{}
         ORG   P+X'6000'
LOG      DC    256F'0'
         END
)",
                       body, data);
}

struct Logged {
    uint16_t code;
    uint32_t translation_address, per, old_address;
};

struct Both {
    EndState native, guest;
    isa::assembler::Result assembled;

    explicit Both(const std::string& source, unsigned shadow_sets = 2)
        : assembled(isa::assembler::assemble(source, "test.asm")) {
        for (const auto& d : assembled.diagnostics) FAIL_CHECK(isa::assembler::to_string(d));
        REQUIRE(assembled.ok);
        native = NativeGuest(kStorage).run(assembled.image, 100'000);
        Host host;
        VirtualMachine& vm = host.log_on("alpha", kStorage, shadow_sets);
        host.cp.load(vm, SecondLevel(0), assembled.image);
        host.cp.restart(vm);
        host.cp.run(simulation::kSecond);
        guest = host.end_state(vm);
        for (const EndState* end : {&native, &guest}) {
            CHECK(end->end == "disabled-wait");
            CHECK(end->state.psw.address == 0x600D);
        }
    }

    /// Of both; the guest may differ where the test says so.
    void check_alike() const {
        CHECK(native.state.gpr == guest.state.gpr);
        CHECK(native.storage == guest.storage);
        CHECK(native.keys == guest.keys);
        CHECK(native.instructions == guest.instructions);
    }
    uint32_t at(std::string_view symbol) const {
        const auto* s = assembled.find(symbol);
        REQUIRE_MESSAGE(s != nullptr, std::string(symbol));
        return s->value;
    }
    static uint32_t word(const EndState& end, uint32_t a) {
        uint32_t v = 0;
        for (unsigned i = 0; i < 4; ++i) v = v << 8 | end.storage[a + i];
        return v;
    }
    std::vector<Logged> log(const EndState& end) const {
        std::vector<Logged> log;
        for (uint32_t a = at("LOG"); a < end.state.gpr[15]; a += 16)
            log.push_back({static_cast<uint16_t>(word(end, a)), word(end, a + 4), word(end, a + 8),
                           word(end, a + 12) & 0xFFFFFF});
        return log;
    }
    /// "code>old PSW's address" of each interruption, relative to BODY.
    std::string codes(const EndState& end) const {
        std::string text;
        for (const Logged& l : log(end)) {
            if (text.size() > 200) return text + " ...";
            text += fmt::format("{}{:02X}>{:X}", text.empty() ? "" : " ", l.code, l.old_address - at("BODY"));
        }
        return text;
    }
};

TEST_CASE("low-address protection: stores by instructions into locations 0-511, whatever the key") {
    // Offsets of the instructions: LCTL 0, STs from 4 on.
    const Both both(logging(R"(
         LCTL  0,0,PROTECT
         ST    1,511
         ST    1,508
         ST    1,512
         STC   1,511
         MVC   510(4),WORD
         MVC   WORD(4),508
         STCK  504
         TPROT 508,0
         BALR  2,0
         TPROT 512,0
         BALR  3,0
         L     1,508
         LCTL  0,0,OPEN
         ST    1,508
)",
                            R"(
PROTECT  DC    X'10000000'
OPEN     DC    X'00000000'
WORD     DC    F'0'
)"));
    both.check_alike();
    // ST 511, ST 508, STC 511, MVC across, STCK: protection; each of them suppressed.
    CHECK(both.codes(both.native) == "04>8 04>C 04>14 04>1A 04>24");
    CHECK((both.native.state.gpr[2] >> 28 & 3) == 1);  // fetching is permitted, storing is not
    CHECK((both.native.state.gpr[3] >> 28 & 3) == 0);
}

TEST_CASE("low-address protection with translation goes by the logical address, and not for interruptions") {
    // Page 0 is mapped to itself, page 2 (4K) to page 0: stores through page 2 reach locations 0-511.
    const Both both(logging(R"(
         LCTL  0,1,CONTROL
         LPSW  DATON
ON       ST    1,X'100'
         L     5,=A(X'2000')
         MVI   X'100'(5),X'C1'
         SVC   0
         MVI   X'1FF',X'C1'
         LPSW  DATOFF
OFF      DS    0H
)",
                            R"(
CONTROL  DC    X'10800000',A(SEGMENTS)
DATON    DC    X'04080000',A(ON)
DATOFF   DC    X'00080000',A(OFF)
         ORG   P+X'60'
         DC    X'00080000',A(CALL)
         ORG   P+X'B00'
         LTORG
         ORG   P+X'C00'
SEGLEN   EQU   X'F0000000'
SEGMENTS DC    A(SEGLEN+PAGES),15F'1'
PAGES    DC    X'0000',X'0010',X'0000',X'0030',12X'0008'
CALL     MVC   SVCPSW,X'20'
         LPSW  SVCPSW
         DS    0D
SVCPSW   DC    D'0'
)"));
    both.check_alike();
    CHECK(both.codes(both.native) == "04>C 04>1A");
    CHECK(both.native.storage[0x100] == 0xC1);           // through page 2
    CHECK(Both::word(both.native, 0x88) == 0x00020000);  // the supervisor call stored its code all the same
}

TEST_CASE(
    "monitor call goes by control register 8: class and code are stored for the classes that it enables") {
    const Both both(logging(R"(
         LCTL  8,8,MASKS
         MC    X'123',0
         MC    X'123',1
         MC    X'456'(0),15
         MC    X'789',16
         LPSW  PROBLEM
USER     MC    X'ABC',2
         MC    X'ABC',1
         DC    X'0A00'
)",
                            R"(
PROBLEM  DC    X'00090000',A(USER)
MASKS    DC    X'00004001'
         ORG   P+X'60'
         DC    X'00080000',A(DONE)
         ORG   P+X'C00'
)"));
    both.check_alike();
    CHECK(both.codes(both.native) == "40>C 40>10 06>14 40>20");
    CHECK(Both::word(both.native, 0x94) == 0x00010000);  // monitor class 1, at 148; PER code zero
    CHECK(Both::word(both.native, 0x9C) == 0x00000ABC);
}

TEST_CASE("LRA: every condition code, with the address of the entry, in each format") {
    struct Format {
        uint32_t cr0, page, segment;
        uint16_t valid, invalid;
    };
    for (const Format& f : {Format{0x00800000, 0x1000, 0x10000, 0x0120, 0x0008},
                            {0x00400000, 0x800, 0x10000, 0x0120, 0x0004},
                            {0x00900000, 0x1000, 0x100000, 0x0120, 0x0008},
                            {0x00500000, 0x800, 0x100000, 0x0120, 0x0004}}) {
        CAPTURE(f.cr0);
        // Segment 0: a page table for two sixteenths of the segment; its first page at 12000, its second one
        // invalid. Segment 1 invalid, segment 2 with bits that must be zero. Tables of 16 segments.
        const Both both(logging(fmt::format(R"(
         LCTL  0,1,CONTROL
         L     1,=A(X'{0:X}')
         LRA   2,X'123'(1)
         BALR  3,0
         LA    1,0
         LRA   2,X'123'(1)
         BALR  3,0
         L     1,=A(X'{1:X}')
         LRA   4,5(1)
         BALR  5,0
         L     1,=A(X'{2:X}')
         LRA   6,5(1)
         BALR  7,0
         L     1,=A(X'{3:X}')
         LRA   8,0(1)
         BALR  9,0
         L     1,=A(X'{4:X}')
         LRA   10,0(1)
)",
                                            0, f.page, f.segment, f.segment / 8, 2 * f.segment),
                                fmt::format(R"(
         LTORG
CONTROL  DC    X'{:08X}',A(SEGMENTS)
TWO      EQU   X'10000000'
RESERVED EQU   X'02000000'
         ORG   P+X'C00'
SEGMENTS DC    A(TWO+PAGES),F'1',A(RESERVED+PAGES),13F'1'
PAGES    DC    X'{:04X}',X'{:04X}'
)",
                                            f.cr0, f.valid, f.invalid)));
        both.check_alike();
        const auto& gpr = both.native.state.gpr;
        CHECK(gpr[2] == 0x12123);
        CHECK((gpr[3] >> 28 & 3) == 0);
        CHECK(gpr[4] == both.at("PAGES") + 2);
        CHECK((gpr[5] >> 28 & 3) == 2);
        CHECK(gpr[6] == both.at("SEGMENTS") + 4);
        CHECK((gpr[7] >> 28 & 3) == 1);
        CHECK(gpr[8] == both.at("PAGES") + 2 * (f.segment / 8 / f.page));
        CHECK((gpr[9] >> 28 & 3) == 3);
        const auto log = both.log(both.native);
        REQUIRE(log.size() == 1);
        CHECK(log[0].code == 0x12);
    }
    // A segment beyond the table's length (only 64K segments can be), and a format that there is not.
    const Both both(logging(R"(
         LCTL  0,1,CONTROL
         L     1,=X'00100000'
         LRA   2,0(1)
         BALR  3,0
         LCTL  0,0,WRONG
         LRA   2,0(1)
)",
                            R"(
         LTORG
CONTROL  DC    X'00800000',A(X'3000')
WRONG    DC    X'00C00000'
)"));
    both.check_alike();
    CHECK(both.native.state.gpr[2] == 0x3040);
    CHECK((both.native.state.gpr[3] >> 28 & 3) == 3);
    CHECK(both.codes(both.native) == "12>16");
}

TEST_CASE("IPTE takes a page away at once, PTLB takes changed tables into use") {
    const Both both(logging(R"(
         LCTL  0,1,CONTROL
         LPSW  DATON
ON       L     5,=A(X'4000')
         MVI   0(5),X'C1'
         LA    1,PAGES
         IPTE  1,5
         IC    2,0(5)
         MVC   PAGES+8(2),PAGES+10
         PTLB
         IC    3,0(5)
         MVI   0(5),X'C3'
         LPSW  DATOFF
OFF      DS    0H
)",
                            R"(
CONTROL  DC    X'00800000',A(SEGMENTS)
DATON    DC    X'04080000',A(ON)
DATOFF   DC    X'00080000',A(OFF)
         LTORG
         ORG   P+X'C00'
SEGLEN   EQU   X'F0000000'
SEGMENTS DC    A(SEGLEN+PAGES),15F'1'
PAGES    DC    X'0000',X'0010',X'0020',X'0030',X'0040',X'0050'
         DC    10X'0008'
)"));
    both.check_alike();
    const auto log = both.log(both.native);
    REQUIRE(log.size() == 1);
    CHECK(log[0].code == 0x11);
    CHECK(log[0].translation_address == 0x4000);
    CHECK(both.native.storage[0x4000] == 0xC1);
    CHECK(both.native.storage[0x5000] == 0xC3);
    CHECK((Both::word(both.native, both.at("PAGES") + 8) >> 16) == 0x0050);
}

TEST_CASE(
    "program events of instructions that the control program simulates are told as the hardware tells them") {
    // Everything is watched: fetching in the body, storing into AREA, registers 2 and 3.
    const Both both(logging(R"(
         LCTL  9,11,MASKS
         LPSW  ON
RECORD   LCTL  0,1,WORDS
         STCTL 0,1,AREA-4
         STCTL 0,0,AREA-4
         STNSM AREA+1,X'FF'
         IPK   0
         ISK   3,1
         ISK   5,1
         LA    5,0
         LRA   3,0
         LCTL  0,0,WRONG
         LRA   3,0
         STPX  AREA
         SSK   3,1
         STAP  AREA
         EX    0,STORE
         LPSW  OFF
AFTER    DS    0H
)",
                            R"(
ON       DC    X'40080000',A(RECORD)
OFF      DC    X'00080000',A(AFTER)
MASKS    DC    X'30003000',A(AREA),A(AREA+3)
STORE    STCTL 0,0,AREA
         DS    2D
WORDS    DC    X'00800000',A(SEGMENTS)
WRONG    DC    F'0'
AREA     DC    2D'0'
         ORG   P+X'D00'
SEGMENTS DC    16F'1'
)"));
    both.check_alike();
    const auto log = both.log(both.native);
    std::string text;
    for (const Logged& l : log)
        text += fmt::format(
            "{}{:02X}{}", text.empty() ? "" : " ", l.code,
            l.code < 0x80 ? ""
                          : fmt::format("/{:02X}@{:X}", l.per >> 24, (l.per & 0xFFFFFF) - both.at("RECORD")));
    CHECK(text == "80/20@4 80/20@C 80/10@10 80/10@14 80/10@1C 12 80/20@28 80/20@2E 80/20@32");
}

TEST_CASE("units of MOVE LONG in front of a page that the control program brings in are told, too") {
    // The area is wholly in the page in front of the one that has no frame yet.
    const Both both(logging(R"(
         LCTL  9,11,MASKS
         LM    2,5,LONG
         LPSW  ON
RECORD   MVCL  2,4
         LPSW  OFF
AFTER    DS    0H
)",
                            R"(
ON       DC    X'40080000',A(RECORD)
OFF      DC    X'00080000',A(AFTER)
MASKS    DC    X'20000000',A(X'CF00'),A(X'CFFF')
LONG     DC    A(X'CF00'),F'512',A(0),X'C1000000'
)"));
    for (const EndState* end : {&both.native, &both.guest}) {
        const auto log = both.log(*end);
        REQUIRE(log.size() == 1);
        CHECK(log[0].code == 0x80);
        CHECK(log[0].per == (0x20000000 | both.at("RECORD")));
        CHECK(end->storage[0xCF00] == 0xC1);
        CHECK(end->storage[0xD0FF] == 0xC1);
        CHECK(end->state.gpr[3] == 0);
    }
    // The guest was told at the page boundary, in the middle of the instruction.
    CHECK(both.log(both.native)[0].old_address == both.at("RECORD") + 2);
    CHECK(both.log(both.guest)[0].old_address == both.at("RECORD"));
}

TEST_CASE("a CPU signals itself: sense, external call, emergency signal, and orders that there are not") {
    const Both both(logging(R"(
         LA    5,X'99'
         MVC   X'58'(8),CALLED
         SIGP  2,0,1              sense
         BALR  3,0
         SIGP  2,0,2              external call, which waits
         SIGP  5,0,1              is pending
         BALR  4,0
         SIGP  6,0,2
         BALR  7,0
         SIGP  8,0,3              emergency signal
         SIGP  8,0,4              start: it runs already
         BALR  8,0
         SIGP  9,0,X'3F'          no order
         BALR  10,0
         LA    1,1
         SIGP  11,1,1             no CPU
         BALR  11,0
         LCTL  0,0,OPEN
         STOSM MASKS,X'01'
TOOK     MVC   TAKEN(4),X'84'
         MVC   TAKEN+4(8),X'18'
         MVC   X'58'(8),AGAIN
         STOSM MASKS,X'01'
LATER    MVC   TAKEN+12(4),X'84'
)",
                            R"(
CALLED   DC    X'00080000',A(TOOK)
AGAIN    DC    X'00080000',A(LATER)
OPEN     DC    X'00006000'
TAKEN    DC    5F'0'
MASKS    DC    X'00'
)"));
    both.check_alike();
    const auto& gpr = both.guest.state.gpr;
    const auto code = [&](unsigned r) { return gpr[r] >> 28 & 3; };
    CHECK(code(3) == 0);
    CHECK(code(4) == 1);
    CHECK(gpr[5] == 0x80);
    CHECK(code(7) == 1);
    CHECK(code(8) == 0);
    CHECK(gpr[9] == 0x02);
    CHECK(code(10) == 1);
    CHECK(code(11) == 3);
    CHECK(Both::word(both.guest, both.at("TAKEN")) == 0x00001201);  // the emergency signal first
    CHECK(Both::word(both.guest, both.at("TAKEN") + 12) == 0x00001202);
}

}  // namespace
}  // namespace vmcp::test
