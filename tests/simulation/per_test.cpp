// Program-event recording: GA22-7000 chapter 4.
#include <fmt/format.h>

#include "isa/per.hpp"
#include "tests/simulation/assembled_program.hpp"

namespace simulation::test {
namespace {

/// Runs `body` in EC mode with PER on. Every program interruption is logged (16 bytes: code and length as at
/// location 140, PER code and address as at 150, and the old PSW's address), and the program goes on at the
/// old PSW, or behind the instruction where that is what the old PSW says. SVC 0 goes on; SVC 255 ends.
/// `masks`: what control registers 9-11 hold.
std::string recorded_program(std::string_view masks, std::string_view body, std::string_view data = "") {
    return fmt::format(R"(
P        START 0
         DC    X'00080000',A(BEGIN)
         ORG   P+X'60'
         DC    X'00080000',A(CALL)
         DC    X'00080000',A(CHECK)
         ORG   P+X'400'
         USING P,0
BEGIN    LCTL  9,11,MASKS
         LA    15,LOG
         LPSW  START
CALL     CLI   X'8B',255
         BNE   GOON
         LPSW  END
GOON     LPSW  X'20'
CHECK    MVC   0(4,15),X'8C'
         MVC   4(4,15),X'98'
         MVC   4(1,15),X'96'
         MVC   8(8,15),X'28'
         LA    15,16(,15)
         LPSW  X'28'
         DS    0D
START    DC    X'40080000',A(BODY)
END      DC    X'00020000',A(X'600D')
MASKS    DC    {}
         ORG   P+X'800'
BODY     DS    0H
{}
         SVC   255
         DS    0D
{}
LOG      DC    64F'0'
         END
)",
                       masks, body, data);
}

struct Logged {
    uint16_t code = 0;
    unsigned ilc = 0;  // halfwords
    uint8_t per_code = 0;
    uint32_t per_address = 0;
    uint32_t old_address = 0;
};

std::vector<Logged> log_of(AssembledProgram& program) {
    std::vector<Logged> log;
    REQUIRE(program.gpr(15) >= program.at("LOG"));
    const uint32_t end = program.gpr(15) - program.at("LOG");
    for (uint32_t at = 0; at < end; at += 16) {
        const uint32_t identification = program.word("LOG", at), per = program.word("LOG", at + 4);
        log.push_back({static_cast<uint16_t>(identification), identification >> 17 & 3,
                       static_cast<uint8_t>(per >> 24), per & 0xFFFFFF, program.word("LOG", at + 12)});
    }
    return log;
}

/// Runs and tells "code/ilc/PER code@PER address old PSW address" of every interruption; addresses relative
/// to BODY.
std::string events(std::string_view masks, std::string_view body, std::string_view data = "") {
    AssembledProgram program(recorded_program(masks, body, data));
    CHECK(program.run() == Stop::disabled_wait);
    CHECK(program.address() == 0x600D);
    std::string text;
    for (const Logged& l : log_of(program))
        text +=
            fmt::format("{}{:02X}/{}/{:02X}@{:X}>{:X}", text.empty() ? "" : " ", l.code, l.ilc, l.per_code,
                        l.per_address - program.at("BODY"), l.old_address - program.at("BODY"));
    return text;
}

constexpr std::string_view kBranches = "X'80000000',A(0),A(X'FFFFFF')";
constexpr std::string_view kFetches = "X'40000000',A(BODY),A(BODY+3)";
constexpr std::string_view kStores = "X'20000000',A(AREA),A(AREA+3)";
constexpr std::string_view kRegisters = "X'10006000',A(0),A(0)";  // registers 1 and 2

TEST_CASE("the area wraps around the end of storage; both ends belong to it") {
    isa::CpuState state;
    const auto fetched = [&](uint32_t from, uint32_t to, uint32_t at) {
        state.cr[9] = 0x40000000;
        state.cr[10] = 0xAA000000 | from;  // bits 0-7 are ignored
        state.cr[11] = 0x55000000 | to;
        isa::PerRecorder events(state, 0);
        events.fetched(at);
        return events.any();
    };
    CHECK(fetched(0x1000, 0x1FFF, 0x1000));
    CHECK(fetched(0x1000, 0x1FFF, 0x1FFF));
    CHECK_FALSE(fetched(0x1000, 0x1FFF, 0x0FFF));
    CHECK_FALSE(fetched(0x1000, 0x1FFF, 0x2000));
    CHECK(fetched(0x1000, 0x1000, 0x1000));
    CHECK(fetched(0xFFFF00, 0xFF, 0xFFFFFF));
    CHECK(fetched(0xFFFF00, 0xFF, 0));
    CHECK_FALSE(fetched(0xFFFF00, 0xFF, 0x100));
    CHECK_FALSE(fetched(0xFFFF00, 0xFF, 0xFFFEFF));
    // An operand that reaches the area with its last byte only, also from the end of storage.
    state.cr[9] = 0x20000000;
    state.cr[10] = 0x1000;
    state.cr[11] = 0x1003;
    isa::PerRecorder before(state, 0), reaching(state, 0);
    before.stored(0xFFC, 4);
    reaching.stored(0xFFC, 5);
    CHECK_FALSE(before.any());
    CHECK(reaching.any());
    state.cr[10] = 0;
    isa::PerRecorder wrapping(state, 0);
    wrapping.stored(0xFFFFFE, 3);
    CHECK(wrapping.code() == isa::PerEvent::storage_alteration);
}

TEST_CASE("successful branching: taken branches only, wherever they lead") {
    // Offsets: B 0, NOPR 4, BC 0 at 6, BALR without a branch at A, BALR C.., BCT.
    CHECK(events(kBranches, R"(
         B     BODY+4
         NOPR  0
         NOP   0
         BALR  1,0
         LA    2,BODY+X'14'
         BALR  1,2
         NOPR  0
         LA    3,2
         BCT   3,BODY+X'1C'
         BCT   3,BODY
         SVC   0
)") == "80/2/80@0>4 80/1/80@10>14 80/2/80@18>1C");
}

TEST_CASE("instruction fetching: the first byte counts, and that of an executed instruction") {
    CHECK(events(kFetches, R"(
         SR    1,1
         LA    1,0
         LA    1,0
)") == "80/1/40@0>2 80/2/40@2>6");
    // EX outside of the area, its subject inside: the address is that of EX.
    CHECK(events("X'40000000',A(AREA),A(AREA)", R"(
         EX    0,AREA
)",
                 "AREA     LR    1,1") == "80/2/40@0>4");
    // The whole instruction begins before the area.
    CHECK(events("X'40000000',A(BODY+2),A(BODY+3)", "         LA    1,0\n") == "");
}

TEST_CASE("storage alteration: what instructions store, even if it changes nothing") {
    const std::string_view area = R"(
         DC    XL8'0'
AREA     DC    XL8'0'
MORE     DC    XL16'0'
ZERO     DC    F'0'
)";
    CHECK(events(kStores, R"(
         SR    1,1
         ST    1,AREA
         ST    1,AREA+4
         ST    1,AREA-4
         MVC   AREA-8(8),MORE
         MVC   AREA-8(9),MORE
         MVI   AREA+3,0
         STM   1,3,AREA-8
         L     1,AREA
         CLC   AREA,MORE
)",
                 area) == "80/2/20@2>6 80/3/20@14>1A 80/2/20@1A>1E 80/2/20@1E>22");
    // COMPARE AND SWAP stores only when equal; STCM with no mask stores nothing.
    CHECK(events(kStores, R"(
         SR    1,1
         LA    2,5
         CS    1,2,AREA
         CS    1,2,AREA
         STCM  1,0,AREA
         STCM  1,1,AREA
         TS    AREA
)",
                 area) == "80/2/20@6>A 80/2/20@12>16 80/2/20@16>1A");
    // The supervisor's stores, but not those of an interruption.
    CHECK(events("X'20000000',A(X'18'),A(X'9F')", R"(
         STOSM X'100',0
         SVC   0
)") == "");
}

TEST_CASE("general-register alteration: the registers of the mask, even if nothing changes") {
    CHECK(events(kRegisters, R"(
         LR    1,1
         LR    3,1
         LA    2,0
         CR    1,2
         LM    3,5,WORDS
         LM    0,1,WORDS
         ICM   1,0,WORDS
         ICM   1,1,WORDS
         BCTR  2,0
         TRT   WORDS(4),TABLE
         TRT   WORDS(4),TABLE-1
)",
                 R"(
WORDS    DC    4F'0'
         DC    X'00'
TABLE    DC    XL256'0'
         ORG   TABLE-1
         DC    X'01'
         ORG   TABLE+256
)") == "80/1/10@0>2 80/2/10@4>8 80/2/10@E>12 80/2/10@16>1A 80/1/10@1A>1C 80/3/10@22>28");
}

TEST_CASE("several events of one instruction are one interruption") {
    // Everything is watched: registers 1, area of all storage.
    CHECK(events("X'F0004000',A(BODY),A(BODY+11)", R"(
         BAL   1,BODY+4
         ST    1,BODY
         LM    1,2,BODY
)") == "80/2/D0@0>4 80/2/60@4>8 80/2/50@8>C");
}

TEST_CASE("events and exceptions share an interruption") {
    // Fixed-point overflow completes: register alteration and fetching are indicated beside it.
    CHECK(events("X'50004000',A(BODY),A(BODY+5)", R"(
         LA    0,8
         SPM   0
)") == "80/2/40@0>4 80/1/40@4>6");
    CHECK(events("X'50004000',A(BODY+6),A(BODY+11)", R"(
         L     0,=X'08000000'
         SPM   0
         L     1,=X'7FFFFFFF'
         AR    1,1
)",
                 "         LTORG") == "80/2/50@6>A 88/1/50@A>C");
    // Suppressed: only fetching.
    CHECK(events("X'F000FFFF',A(BODY),A(BODY+5)", R"(
         DR    2,4
         CS    2,4,1
)") == "89/1/40@0>2 86/2/40@2>6");
}

TEST_CASE("a monitor event with PER: code C0") {
    CHECK(events("X'40000000',A(BODY+4),A(BODY+4)", R"(
         LCTL  8,8,=X'0000FFFF'
         MC    X'123',3
)",
                 "         LTORG") == "C0/2/40@4>8");
}

TEST_CASE("an SVC with events: its own interruption first, then the program's from the new PSW") {
    AssembledProgram program(recorded_program("X'40000000',A(BODY),A(BODY)", "         SVC   0\n"));
    CHECK(program.run() == Stop::disabled_wait);
    const auto log = log_of(program);
    REQUIRE(log.size() == 1);
    CHECK(log[0].code == 0x80);
    CHECK(log[0].ilc == 1);
    CHECK(log[0].per_address == program.at("BODY"));
    CHECK(log[0].old_address == program.at("CALL"));  // the SVC new PSW had been loaded
}

TEST_CASE(
    "a PSW that turns recording off still tells of itself; a bad one is told in the same interruption") {
    // LPSW to the BC mode: the old PSW has the BC form, the code is in it.
    AssembledProgram program(recorded_program("X'40000000',A(BODY),A(BODY)", R"(
         LPSW  OFF
AFTER    DS    0H
)",
                                              "OFF      DC    X'00080000',A(AFTER)"));
    CHECK(program.run() == Stop::disabled_wait);
    auto log = log_of(program);
    REQUIRE(log.size() == 1);
    CHECK(log[0].code == 0x80);
    CHECK(log[0].ilc == 2);
    CHECK(log[0].old_address == program.at("AFTER"));

    AssembledProgram bad(R"(
P        START 0
         DC    X'00080000',A(BEGIN)
         ORG   P+X'68'
         DC    X'00020000',A(X'600D')
         ORG   P+X'400'
         USING P,0
BEGIN    LCTL  9,11,MASKS
         LPSW  ON
BODY     LPSW  BAD
         DS    0D
ON       DC    X'40080000',A(BODY)
BAD      DC    X'80080000',A(X'ABCDE')
MASKS    DC    X'40000000',A(0),A(X'FFFFFF')
         END
)");
    CHECK(bad.run() == Stop::disabled_wait);
    CHECK(bad.machine.storage().get32(140) == 0x00000086);  // length code 0
    CHECK(bad.machine.storage().get16(150) == 0x4000);
    CHECK(bad.machine.storage().get32(152) == bad.at("BODY"));
    CHECK(bad.machine.storage().get64(40) == 0x80080000000ABCDEull);
}

TEST_CASE("no recording in the BC mode, nor with the mask off") {
    for (const char* psw : {"X'40000000'", "X'00080000'"}) {
        AssembledProgram program(fmt::format(R"(
P        START 0
         DC    X'00080000',A(BEGIN)
         ORG   P+X'60'
         DC    X'00020000',A(X'600D')
         DC    X'00020000',A(X'BAD')
         ORG   P+X'400'
         USING P,0
BEGIN    LCTL  9,11,MASKS
         LPSW  ON
BODY     LR    1,1
         ST    1,BEGIN
         B     *+4
         SVC   0
         DS    0D
ON       DC    {},A(BODY)
MASKS    DC    X'F000FFFF',A(0),A(X'FFFFFF')
         END
)",
                                             psw));
        CHECK(program.run() == Stop::disabled_wait);
        CHECK(program.address() == 0x600D);
    }
}

TEST_CASE("MVCL interrupted on its way tells of each part; the PSW stays at it") {
    AssembledProgram program(
        recorded_program("X'20000000',A(X'3000'),A(X'FFFFFF')", R"(
         L     2,=A(X'3000')
         L     3,=A(X'20000')
         SR    4,4
         SR    5,5
MOVE     MVCL  2,4
)",
                         "         LTORG"),
        [] {
            MachineModel model = plain_model();
            model.prices[static_cast<unsigned>(isa::CostClass::move_long)] = {kMicrosecond, 100};
            return model;
        }());
    CHECK(program.run() == Stop::disabled_wait);
    const auto log = log_of(program);
    REQUIRE(log.size() > 1);  // 13 ms of moving; the interval timer ticks every 3.3 ms
    REQUIRE(log.size() <= 16);
    for (size_t i = 0; i < log.size(); ++i) {
        CAPTURE(i);
        CHECK(log[i].per_address == program.at("MOVE"));
        CHECK(log[i].ilc == 1);
        CHECK(log[i].old_address == program.at("MOVE") + (i + 1 == log.size() ? 2 : 0));
    }
    CHECK(program.gpr(3) == 0);
}

TEST_CASE("time and counts are the same with recording as without") {
    const auto run = [](const char* masks) {
        AssembledProgram program(recorded_program(masks, R"(
         LA    3,200
LOOP     LA    4,1(4)
         MVC   AREA(20),AREA+1
         EX    3,MOVE
         ST    4,AREA
         BCT   3,LOOP
)",
                                                  R"(
MOVE     MVC   AREA+200(1),AREA
AREA     DC    XL256'0'
)"),
                                 MachineModel::load("s370-158"));
        CHECK(program.run() == Stop::disabled_wait);
        return fmt::format("{} {}", program.machine.instructions(), program.machine.cpu().now());
    };
    // Watching an area that nothing touches.
    CHECK(run("X'60000000',A(X'F00000'),A(X'F00003')") == run("X'00000000',A(0),A(0)"));
}

}  // namespace
}  // namespace simulation::test
