// Machines of several CPUs: GA22-7000 chapter 3, "Prefixing", and chapter 4, "CPU Signaling and Response".
#include <fmt/format.h>

#include "tests/simulation/assembled_program.hpp"
#include "tests/simulation/channel_fixture.hpp"

namespace simulation::test {
namespace {

/// Both CPUs count the same word up, `n` times each; with the lock if `lock` is a COMPARE AND SWAP.
std::string counting_program(unsigned n, bool lock) {
    return fmt::format(R"(
P        START 0
         DC    A(0,BEGIN)
         ORG   P+X'68'
         DC    X'00020000',A(X'BAD')
         ORG   P+X'400'
         USING P,0
BEGIN    LA    1,SECOND
         ST    1,4
         LA    3,1
         SIGP  2,3,6              RESTART CPU 1
         BNZ   ERROR
         BAL   14,COUNT
AWAIT    CLI   DONE,1
         BNE   AWAIT
         LPSW  END
ERROR    LPSW  BAD
SECOND   BAL   14,COUNT
         MVI   DONE,1
         LPSW  END
COUNT    LA    5,{}
AGAIN    SR    2,2
         LA    3,1
         {}
         BNZ   AGAIN
         L     4,SUM
         LA    4,1(,4)
         ST    4,SUM
         ST    2,LOCK
         BCT   5,AGAIN
         BR    14
         DS    0D
END      DC    X'00020000',A(X'600D')
BAD      DC    X'00020000',A(X'BAD')
LOCK     DC    F'0'
SUM      DC    F'0'
DONE     DC    X'00'
         END
)",
                       n, lock ? "CS    2,3,LOCK" : "CR    2,2");
}

TEST_CASE("two CPUs count exactly under a lock made with compare and swap") {
    AssembledProgram program(counting_program(4000, true), plain_model(2));
    CHECK(program.run() == Stop::disabled_wait);
    CHECK(program.address(0) == 0x600D);
    CHECK(program.address(1) == 0x600D);
    CHECK(program.word("SUM") == 8'000);
    // They did contend, and neither was alone for long.
    CHECK(program.machine.cpu(0).counters().instructions > 9u * 4000);
    CHECK(program.machine.cpu(1).counters().instructions > 9u * 4000);
}

TEST_CASE("without the lock updates are lost: the CPUs do run interleaved") {
    AssembledProgram program(counting_program(4000, false), plain_model(2));
    CHECK(program.run() == Stop::disabled_wait);
    CHECK(program.word("SUM") < 8'000);
    CHECK(program.word("SUM") >= 4'000);
}

TEST_CASE("every run of a multiprocessor is the same, to the nanosecond") {
    MachineModel model = MachineModel::load("s370-158");
    model.cpus.value = 2;
    std::string first;
    for (int run = 0; run < 2; ++run) {
        AssembledProgram program(counting_program(500, true), model);
        CHECK(program.run() == Stop::disabled_wait);
        const Machine& m = program.machine;
        std::string told;
        for (unsigned n = 0; n < 2; ++n) {
            Cpu& c = program.machine.cpu(n);
            told += fmt::format("{} {} {} ", c.counters().instructions, c.now(), c.gpr(2));
        }
        told += fmt::format("{} {}", m.instructions(), program.word("SUM"));
        if (run == 0) first = told;
        CHECK(told == first);
    }
}

TEST_CASE("four CPUs: each one stores its address, and SIGP finds no fifth") {
    AssembledProgram program(R"(
P        START 0
         DC    A(0,BEGIN)
         ORG   P+X'400'
         USING P,0
BEGIN    LA    1,OTHER
         ST    1,4
         LA    3,1
NEXT     SIGP  2,3,6
         BNZ   OUT
         LA    3,1(,3)
         B     NEXT
OUT      BALR  7,0
         SRL   7,28               ILC AND CONDITION CODE
AWAIT    CLC   SEEN+1(3),=X'010203'
         BNE   AWAIT
         STAP  OWN
         STIDP CPUID
         LPSW  END
OTHER    STAP  AT
         LH    4,AT
         STC   4,SEEN(4)
         LPSW  END
         DS    0D
CPUID    DC    D'0'
END      DC    X'00020000',A(0)
AT       DC    H'0'
OWN      DC    H'-1'
SEEN     DC    XL4'0'
         END
)",
                             plain_model(4));
    CHECK(program.run() == Stop::disabled_wait);
    CHECK(program.gpr(3) == 4);
    CHECK((program.gpr(7) & 3) == 3);  // not operational
    CHECK(program.half("OWN") == 0);
    CHECK(program.word("SEEN") == 0x00010203);
}

/// CPU 0 does what `body` says; CPU 1 can be started at OTHER with its own prefix area at 2000 (hex), where
/// external interruptions lead to HANDLER. GO: restarts CPU 1.
std::string pair_program(const std::string& body, const std::string& other, const std::string& data = "") {
    return R"(
P        START 0
         DC    A(0,BEGIN)
         ORG   P+X'58'
         DC    A(0,CAUGHT)
         ORG   P+X'68'
         DC    X'00020000',A(X'BAD')
         ORG   P+X'1000'
         USING P+X'1000',12
BEGIN    LA    12,1
         SLL   12,12
         LA    1,OTHER
         ST    1,4
         LA    3,1                CPU ADDRESS
)" + body + R"(
DONE     LPSW  END
CAUGHT   L     9,X'18'
         LH    8,X'84'
         LPSW  END
OTHER    LA    12,1
         SLL   12,12
)" + other +
           R"(
         DS    0D
END      DC    X'00020000',A(X'600D')
WAITEC   DC    X'010A0000',A(0)     EC, WAIT, EXTERNAL
WAITBC   DC    X'01020000',A(0)
MASKS    DC    X'0000E000'
PREFIX   DC    A(X'2000')
STATUS   DC    F'0'
CODES    DC    XL16'0'
AREA     DC    64F'0'
)" + data + R"(
         LTORG
         ORG   P+X'2058'
         DC    X'00080000',A(HANDLER)
         ORG   P+X'2068'
         DC    X'00020000',A(X'BAD1')
         END
)";
}

TEST_CASE("SIGP: sense, invalid orders, start, stop, resets") {
    // Each line: order and CPU address; the code is noted in CODES, the status in AREA.
    AssembledProgram program(R"(
P        START 0
         DC    A(0,BEGIN)
         ORG   P+X'400'
         USING P,0
BEGIN    LA    1,OTHER
         ST    1,4
         LA    5,LIST
         SR    6,6
LOOP     IC    7,0(,5)
         LH    3,2(,5)
         L     2,=X'A5A5A5A5'
         SIGP  2,3,0(7)
         BALR  8,0
         SLL   8,2
         SRL   8,30
         STC   8,CODES(6)
         LR    9,6
         SLL   9,2
         ST    2,AREA(9)
         LA    6,1(,6)
         LA    10,50
DELAY    BCT   10,DELAY
         LA    5,4(,5)
         CLI   0(5),X'FF'
         BNE   LOOP
         LPSW  END
OTHER    LA    11,1(,11)
         B     OTHER
         DS    0D
END      DC    X'00020000',A(X'600D')
CODES    DC    XL32'0'
AREA     DC    32F'0'
LIST     DC    X'01',X'00',H'1'    0 SENSE: STOPPED
         DC    X'00',X'00',H'1'    1 INVALID
         DC    X'0A',X'00',H'1'    2 NO MICROPROGRAM: INVALID
         DC    X'0D',X'00',H'1'    3 INVALID
         DC    X'01',X'00',H'0'    4 SENSE OF ITSELF
         DC    X'01',X'00',H'2'    5 NOT OPERATIONAL
         DC    X'06',X'00',H'1'    6 RESTART
         DC    X'01',X'00',H'1'    7 SENSE: OPERATING
         DC    X'05',X'00',H'1'    8 STOP
         DC    X'01',X'00',H'1'    9 SENSE
         DC    X'02',X'00',H'1'   10 EXTERNAL CALL TO A STOPPED CPU
         DC    X'02',X'00',H'1'   11 ONE IS PENDING
         DC    X'01',X'00',H'1'   12 SENSE: STOPPED, CALL PENDING
         DC    X'04',X'00',H'1'   13 START
         DC    X'01',X'00',H'1'   14 SENSE: CALL PENDING (NOT ENABLED)
         DC    X'0C',X'00',H'1'   15 CPU RESET
         DC    X'01',X'00',H'1'   16 SENSE: STOPPED
         DC    X'0B',X'00',H'1'   17 INITIAL CPU RESET
         DC    X'08',X'00',H'1'   18 PROGRAM RESET
         DC    X'07',X'00',H'1'   19 INITIAL PROGRAM RESET
         DC    X'FF'
         END
)",
                             plain_model(2));
    CHECK(program.run() == Stop::disabled_wait);
    struct Answer {
        unsigned code;
        uint32_t status;
    };
    constexpr uint32_t kUntouched = 0xA5A5A5A5;
    const Answer answers[] = {{1, 0x40},       {1, 0x02},       {1, 0x02},       {1, 0x02},
                              {0, kUntouched}, {3, kUntouched}, {0, kUntouched}, {0, kUntouched},
                              {0, kUntouched}, {1, 0x40},       {0, kUntouched}, {1, 0x80},
                              {1, 0xC0},       {0, kUntouched}, {1, 0x80},       {0, kUntouched},
                              {1, 0x40},       {0, kUntouched}, {0, kUntouched}, {0, kUntouched}};
    for (uint32_t i = 0; i < std::size(answers); ++i) {
        CAPTURE(i);
        CHECK(program.byte("CODES", i) == answers[i].code);
        CHECK(program.word("AREA", 4 * i) == answers[i].status);
    }
    Cpu& other = program.machine.cpu(1);
    CHECK(other.status == CpuStatus::stopped);
    CHECK(other.psw() == isa::Psw{});
    CHECK(other.gpr(11) > 20);  // it did run between restart and stop, and between start and the reset
    CHECK(other.clock_comparator() == 0);
}

TEST_CASE("external call and emergency signal interrupt the addressed CPU, with the sender's address") {
    for (const char* mode : {"WAITEC", "WAITBC"}) {
        CAPTURE(mode);
        AssembledProgram program(pair_program(R"(
         SIGP  2,3,6              RESTART
AWAIT    CLI   READY,1
         BNE   AWAIT
         SIGP  2,3,2              EXTERNAL CALL
AWAIT2   CLI   READY,2
         BNE   AWAIT2
         SIGP  2,3,3              EMERGENCY SIGNAL
AWAIT3   CLI   READY,3
         BNE   AWAIT3
)",
                                              std::string(R"(
         SPX   PREFIX
         LCTL  0,0,MASKS
         LA    11,CODES
         MVI   READY,1
         LPSW  )") + mode + R"(
HANDLER  MVC   0(4,11),X'84'        CPU ADDRESS AND CODE (EC)
         MVC   4(2,11),X'1A'        CODE (BC)
         LA    11,8(,11)
         IC    4,READY
         LA    4,1(,4)
         STC   4,READY
         CLI   READY,3
         BE    DONE
         LPSW  )" + mode,
                                              "READY    DC    X'00'"),
                                 plain_model(2));
        CHECK(program.run() == Stop::disabled_wait);
        CHECK(program.address(0) == 0x600D);
        CHECK(program.address(1) == 0x600D);
        CHECK(program.machine.cpu(1).prefix() == 0x2000);
        const bool ec = std::string_view(mode) == "WAITEC";
        CHECK(program.half("CODES", 0) == 0);  // CPU 0
        CHECK(program.half("CODES", 8) == 0);
        if (ec) {
            CHECK(program.half("CODES", 2) == 0x1202);
            CHECK(program.half("CODES", 10) == 0x1201);
        } else {
            CHECK(program.half("CODES", 4) == 0x1202);
            CHECK(program.half("CODES", 12) == 0x1201);
        }
    }
}

/// When SIGP began on CPU 0, and when CPU 1 was interrupted.
struct SignalTimes final : InstructionObserver, InterruptionObserver {
    void before(const Cpu& cpu, uint32_t, const isa::Decoded& instruction) override {
        if (cpu.cpu_address() == 0 && instruction.op == isa::Op::op_SIGP) sent.push_back(cpu.now());
    }
    void interruption(const Cpu& cpu, const isa::Interruption& i) override {
        if (cpu.cpu_address() == 1 && std::holds_alternative<isa::ExternalInterruption>(i))
            received.push_back(cpu.now());
    }
    std::vector<SimTime> sent, received;
};

TEST_CASE("a waiting CPU is interrupted when the signal is sent, wherever it had got to in waiting") {
    // The delay in front of a signal grows, so that the CPUs stand to one another in all ways in turn.
    AssembledProgram program(pair_program(R"(
         SR    4,4
         SR    6,6
         SIGP  2,3,6              RESTART
AWAIT    CLI   READY,1
         BNE   AWAIT
NEXT     LA    6,1(,6)
         LR    5,6
DELAY    BCT   5,DELAY
         SIGP  2,3,3              EMERGENCY SIGNAL
SPIN     IC    4,SEEN
         CR    4,6
         BNE   SPIN
         C     6,=F'30'
         BNE   NEXT
)",
                                          R"(
         SPX   PREFIX
         LCTL  0,0,MASKS
         MVI   READY,1
         LPSW  WAITEC
HANDLER  IC    4,SEEN
         LA    4,1(,4)
         STC   4,SEEN
         LPSW  WAITEC
)",
                                          "READY    DC    X'00'\nSEEN     DC    X'00'\n"),
                             plain_model(2));
    SignalTimes times;
    program.machine.executor().observers.add(times);
    program.machine.observers.add(times);
    CHECK(program.run() == Stop::idle);  // CPU 1 waits for more
    CHECK(program.address(0) == 0x600D);
    REQUIRE(times.sent.size() == 1 + 30);
    REQUIRE(times.received.size() == 30);
    for (unsigned n = 0; n < 30; ++n) {
        CAPTURE(n);
        CHECK(times.received[n] == times.sent[n + 1]);
    }
}

TEST_CASE("stop and store status: the registers of the other CPU, in absolute storage") {
    AssembledProgram program(pair_program(R"(
         SIGP  2,3,6
         LA    5,100
DELAY    BCT   5,DELAY
         SIGP  2,3,9
         BNZ   DONE
         SIGP  2,3,1
         ST    2,STATUS
         MVC   AREA(256),X'100'
)",
                                          R"(
         SPX   PREFIX
         LD    4,VALUES
         LM    0,15,VALUES
LOOP     B     LOOP
HANDLER  DS    0H
)",
                                          R"(
         DS    0D
VALUES   DC    X'0123456789ABCDEF',10F'7',A(X'1000'),3F'7'
)"),
                             plain_model(2));
    CHECK(program.run() == Stop::disabled_wait);
    CHECK(program.address() == 0x600D);
    CHECK(program.word("STATUS") == 0x40);
    CHECK(program.word("AREA", 4) == program.at("LOOP"));           // 256: the PSW
    CHECK(program.word("AREA", 8) == 0x2000);                       // 264: the prefix
    CHECK(program.doubleword("AREA", 0x70) == 0x0123456789ABCDEF);  // 352: floating-point registers; number 4
    CHECK(program.word("AREA", 0x80) == 0x01234567);                // 384: general registers
    CHECK(program.word("AREA", 0x80 + 60) == 7);
    CHECK(program.word("AREA", 0xC0) == 0x000000E0);  // 448: control registers
    CHECK(program.word("AREA", 0xC0 + 8) == 0xFFFFFFFF);
}

TEST_CASE("a CPU that stops itself can be started and goes on; a machine of stopped CPUs ends") {
    AssembledProgram program(pair_program(R"(
         SIGP  2,3,6
         LA    5,100
DELAY    BCT   5,DELAY
         SIGP  2,3,4
         LA    5,100
DELAY2   BCT   5,DELAY2
         SR    3,3
         SIGP  2,3,5
)",
                                          R"(
         LA    7,1
         LA    3,1
         SIGP  2,3,5
         LA    7,1(,7)
         SIGP  2,3,5
         LA    7,1(,7)
HANDLER  DS    0H
)"),
                             plain_model(2));
    CHECK(program.run() == Stop::stopped);
    CHECK(program.gpr(7, 1) == 2);
    CHECK(program.machine.cpu(0).status == CpuStatus::stopped);
    CHECK(program.address(0) == program.at("DONE"));
}

TEST_CASE("a CPU that check-stops alerts the others") {
    AssembledProgram program(pair_program(R"(
         LCTL  0,0,=X'00008000'
         SIGP  2,3,6
         STOSM STATUS,1
LOOP     SIGP  4,3,1
         B     LOOP
)",
                                          R"(
         SPX   PREFIX
         MVC   X'68'(8),=X'0000000000000001'   AN ODD NEW PSW
         DC    X'0000'
HANDLER  DS    0H
)"),
                             plain_model(2));
    CHECK(program.run() == Stop::disabled_wait);
    CHECK(program.address(0) == 0x600D);
    CHECK((program.gpr(9) & 0xFFFF) == 0x1200);
    CHECK(program.gpr(8) == 1);
    CHECK(program.machine.cpu(1).status == CpuStatus::check_stopped);
    // Alone it ends the run.
    AssembledProgram alone(R"(
P        START 0
         DC    A(0,BEGIN)
         ORG   P+X'68'
         DC    A(0,1)
BEGIN    DC    X'0000'
         END
)");
    CHECK(alone.run() == Stop::check_stop);
}

TEST_CASE("each CPU has the interval timer of its own prefix area") {
    AssembledProgram program(pair_program(R"(
         MVC   X'50'(4),=X'7FFFFFFF'
         SIGP  2,3,6
AWAIT    CLI   READY,1
         BNE   AWAIT
         MVC   AREA(4),X'50'
)",
                                          R"(
         SPX   PREFIX
         MVC   X'50'(4),=X'00000500'          SIX TICKS TO GO
         LCTL  0,0,=X'00000080'
         LPSW  WAITEC
HANDLER  MVC   CODES(4),X'84'
         MVI   READY,1
         LPSW  END
)",
                                          "READY    DC    X'00'"),
                             plain_model(2));
    CHECK(program.run() == Stop::disabled_wait);
    CHECK(program.word("CODES") == 0x00000080);
    // CPU 0 spun while six ticks of 1/300 second passed: its own timer counted them, to within one.
    CHECK(program.word("AREA") <= 0x7FFFFF00 - 5 * 256 + 255);
    CHECK(program.word("AREA") >= 0x7FFFFF00 - 7 * 256);
    CHECK(program.machine.cpu(0).now() > kSecond / 300 * 5);
}

TEST_CASE("an I/O interruption goes to the CPU that is enabled for it") {
    for (const bool second : {false, true}) {
        CAPTURE(second);
        AssembledProgram program(fmt::format(R"(
P        START 0
         DC    A(0,BEGIN)
         ORG   P+X'48'
         DC    A(CCW)
         ORG   P+X'78'
         DC    A(0,IOHAND)
         ORG   P+X'400'
         USING P,0
BEGIN    LA    1,OTHER
         ST    1,4
         LA    3,1
         SIGP  2,3,6
         SIO   X'00E'
         BNZ   BAD
         LPSW  {}
OTHER    LPSW  {}
IOHAND   STAP  WHO
         MVC   CODE(2),X'3A'
BAD      LPSW  END
         DS    0D
CCW      CCW   1,AREA,X'20',10
END      DC    X'00020000',A(X'600D')
ON       DC    X'FE020000',A(0)
OFF      DC    X'00020000',A(0)
WHO      DC    H'-1'
CODE     DC    H'0'
AREA     DC    C'0123456789'
         END
)",
                                             second ? "OFF" : "ON", second ? "ON" : "OFF"),
                                 plain_model(2));
        program.machine.channels().attach(0x00E, std::make_unique<channel_test::ScriptedDevice>());
        CHECK(program.run() == Stop::disabled_wait);
        CHECK(program.half("WHO") == (second ? 1 : 0));
        CHECK(program.half("CODE") == 0x00E);
        CHECK(program.machine.cpu(second ? 1 : 0).now() >= kMillisecond);
    }
}

TEST_CASE("a key set by one CPU counts on the other at once") {
    AssembledProgram program(pair_program(R"(
         SIGP  2,3,6
AWAIT    CLI   READY,1
         BNE   AWAIT
         LA    4,X'30'
         L     5,=A(X'8000')
         SSK   4,5                FROM NOW ON KEY 3
         MVI   READY,2
         LA    5,200
DELAY    BCT   5,DELAY
)",
                                          R"(
         SPX   PREFIX
         L     5,=A(X'8000')
         SPKA  X'20'              KEY 2
         LA    6,X'20'
         SPKA  0
         SSK   6,5
         SPKA  X'20'
         ST    5,0(,5)            THE STORE GOES THROUGH
         SPKA  0
         MVI   READY,1
AWAIT2   CLI   READY,2
         BNE   AWAIT2
         SPKA  X'20'
         ST    5,0(,5)            REFUSED NOW
HANDLER  DS    0H
)",
                                          "READY    DC    X'00'"),
                             plain_model(2));
    CHECK(program.run() == Stop::disabled_wait);
    CHECK(program.address(0) == 0x600D);
    CHECK(program.address(1) == 0xBAD1);
    CHECK(program.machine.storage().get16(0x202A) == 4);  // the program old PSW: protection
}

}  // namespace
}  // namespace simulation::test
