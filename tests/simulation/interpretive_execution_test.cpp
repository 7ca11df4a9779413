// Interpretive execution by its ten instructions: docs/interpretive-execution.md. What is the same as
// natively random programs show (tests/vmcp/assist/interpretive_execution_lockstep_test.cpp); here is what
// comes out, and how.
#include <fmt/format.h>

#include <random>

#include "tests/simulation/assembled_program.hpp"
#include "tests/simulation/interpretive_execution_host.hpp"

namespace simulation::test {
namespace {

using Format = StateDescriptionFormat;
using Reason = Format::Reason;

MachineModel interpreting_model() {
    MachineModel model = plain_model();
    model.facilities.install(isa::Facility::nested_translation);
    model.facilities.install(isa::Facility::interpretive_execution);
    return model;
}

/// What every guest here begins with.
constexpr std::string_view kBegin = R"(
G        START 0
         DC    X'00000000',A(BEGIN)
         ORG   G+X'400'
         USING G,0
)";

std::string guest(std::string_view body) {
    return std::string(kBegin) + std::string(body) + "         END\n";
}

struct Guest : InterpretiveExecutionHost {
    explicit Guest(std::string_view body, MachineModel model = interpreting_model())
        : InterpretiveExecutionHost(std::move(model)) {
        load(guest_source(body));
    }
    static std::string guest_source(std::string_view body) { return test::guest(body); }
};

}  // namespace

TEST_CASE("a guest executes privileged instructions by itself, and comes out with a DIAGNOSE") {
    Guest g(R"(
BEGIN    SSM   MASK
         STNSM WAS,X'FE'
         LCTL  8,9,CONTROL
         STCTL 8,9,STORED
         LA    4,X'38'
         LA    5,X'800'
         SSK   4,5
         ISK   6,5
         STIDP ID
         STAP  CPU
         DIAG  2,3,X'58'
         LR    7,6
         DIAG  0,0,1
         DS    0D
ID       DC    D'0'
CONTROL  DC    X'12345678',X'9ABCDEF0'
STORED   DC    2F'0'
CPU      DC    H'0'
MASK     DC    X'01'
WAS      DC    X'00'
)");
    g.set64(Format::kCpuId, 0xFF12345601580000);
    g.set(Format::kCpuAddress, 0x00050000);
    CHECK(g.enter() == 0xACE);
    CHECK(g.condition() == 0);
    CHECK(g.reason() == Reason::instruction);
    CHECK(g.get(Format::kReason) == 0x01040083);
    CHECK(g.get(Format::kParameter) == 0x58);
    CHECK(g.get(Format::kOperands) == 0x23000000);
    CHECK(g.guest_word(g.at("STORED")) == 0x12345678);
    CHECK(g.guest_word(g.at("STORED") + 4) == 0x9ABCDEF0);
    CHECK(g.get(Format::kControlRegisters + 4 * 8) == 0x12345678);
    CHECK((g.guest_word(g.at("WAS")) >> 24) == 0x01);
    CHECK(g.guest_doubleword(g.at("ID")) == 0xFF12345601580000);
    CHECK((g.guest_word(g.at("CPU")) >> 16) == 5);
    CHECK((g.gpr(6) & 0xF8) == 0x38);
    CHECK((g.storage().key(g.frame(0x800)) & 0xF8) == 0x38);
    CHECK((g.get64(Format::kPsw) & 0xFFFFFF) == g.at("BEGIN") + 40);  // behind the DIAGNOSE
    // The host's registers are as they were, and it can go on with the guest where that came out.
    CHECK(g.machine.cpu().gpr(1) == InterpretiveExecutionHost::kProgram);
    CHECK(g.machine.cpu().cr(8) == 0);
    CHECK(g.enter() == 0xACE);
    CHECK(g.gpr(7) == g.gpr(6));
    CHECK(g.get(Format::kParameter) == 1);
}

TEST_CASE("without the facility there is no such instruction") {
    Guest g("BEGIN    LPSW  0\n", plain_model());
    CHECK(g.enter() == 0xBAD + isa::Assigned::program_new);
    CHECK((g.storage().get64(isa::Assigned::program_old) >> 32) == 0x00000001);  // BC mode: operation
}

TEST_CASE("a description that is not valid is not entered") {
    const auto refused = [](uint32_t field, uint32_t value) {
        Guest g("BEGIN    DIAG  0,0,1\n");
        g.set(field, value);
        CHECK(g.enter() == 0xACE);
        CAPTURE(field);
        CAPTURE(value);
        CHECK(g.condition() == 3);
        CHECK(g.get(Format::kReason) == 0);
    };
    refused(Format::kValidity, 0x00008000);  // not valid
    refused(Format::kValidity, 0xC0008000);  // in use
    refused(Format::kValidity, 0x80000000);  // neither nested nor preferred
    refused(Format::kValidity, 0x8000C000);  // both
    refused(Format::kValidity, 0x80004000);  // a facility that the machine does not have
    refused(Format::kExtent, 0);
    refused(Format::kExtent, 0x10800);
    refused(Format::kExtent, 0x01001000);
    refused(Format::kPrefix, 0x800);
    refused(Format::kPrefix, 0x10000);
}

TEST_CASE("what the host's tables lack comes out in front of the instruction, and goes on when it is there") {
    SUBCASE("an operand") {
        Guest g("BEGIN    L     2,X'FFC'(,3)\n         DIAG  0,0,1\n");
        g.set(Format::kRegisters + 12, 0x8000);
        g.lack(0x8000);
        CHECK(g.enter() == 0xACE);
        CHECK(g.condition() == 2);
        CHECK(g.get(Format::kReason) == 0x03000011);
        CHECK(g.get(Format::kParameter) == 0x8FFC);
        CHECK((g.get64(Format::kPsw) & 0xFFFFFF) == g.at("BEGIN"));
        g.lack(0x8000, false);
        g.storage().put32(g.frame(0x8FFC), 0xCAFE);
        CHECK(g.enter() == 0xACE);
        CHECK(g.reason() == Reason::instruction);
        CHECK(g.gpr(2) == 0xCAFE);
    }
    SUBCASE("the instruction") {
        Guest g("BEGIN    BR    3\n");
        g.set(Format::kRegisters + 12, 0x8000);
        g.lack(0x8000);
        CHECK(g.enter() == 0xACE);
        CHECK(g.get(Format::kParameter) == 0x8000);
        CHECK((g.get64(Format::kPsw) & 0xFFFFFF) == 0x8000);
    }
    SUBCASE("a real address, whose key is asked for") {
        Guest g("BEGIN    ISK   2,3\n         DIAG  0,0,1\n");
        g.set(Format::kRegisters + 12, 0x8000);
        g.lack(0x8000);
        CHECK(g.enter() == 0xACE);
        CHECK(g.get(Format::kParameter) == 0x8000);
        CHECK((g.get64(Format::kPsw) & 0xFFFFFF) == g.at("BEGIN"));
    }
    SUBCASE("page zero, where an interruption stores: it is kept, and taken when the page is there") {
        Guest g("BEGIN    BR    3\n");
        g.set(Format::kRegisters + 12, 0x8000);
        const uint8_t svc[] = {0x0A, 0x2A};
        g.storage().put(g.frame(0x8000), svc, 2);
        g.storage().put64(g.frame(isa::Assigned::supervisor_call_new), 0x0002000000000777);
        g.set64(Format::kPsw, 0x0000000000008000);
        g.lack(0);
        CHECK(g.enter() == 0xACE);
        CHECK(g.reason() == Reason::host_translation);
        CHECK(g.get(Format::kParameter) == 0);
        CHECK(g.get(Format::kEvent) == 0x0202002A);
        g.lack(0, false);
        CHECK(g.enter() == 0xACE);
        CHECK(g.reason() == Reason::wait);
        CHECK(g.get(Format::kEvent) == 0);
        CHECK(g.guest_doubleword(isa::Assigned::supervisor_call_old) == 0x0000002A40008002);
        CHECK((g.get64(Format::kPsw) & 0xFFFFFF) == 0x777);
    }
}

TEST_CASE("beyond its storage a guest has an addressing exception of its own") {
    for (const char* body : {"BEGIN    L     2,0(,3)\n", "BEGIN    ISK   2,3\n", "BEGIN    BR    3\n"}) {
        Guest g(body);
        g.set(Format::kRegisters + 12, 0x10000);
        g.storage().put64(g.frame(isa::Assigned::program_new), 0x0002000000000777);
        CHECK(g.enter() == 0xACE);
        CHECK(g.reason() == Reason::wait);
        CHECK((g.guest_doubleword(isa::Assigned::program_old) >> 32 & 0xFFFF) == 5);
    }
}

TEST_CASE("a guest translates by its own tables, on those of its host") {
    // Segment table at 2000, page table at 2100; page 5 lies in page 9.
    Guest g(R"(
BEGIN    LCTL  0,1,CONTROL
         LPSW  MAPPED
NEXT     L     2,X'123'(,3)
         LRA   4,X'123'(,3)
         STNSM 0(6),X'FB'
         L     5,X'123'(,3)
         DIAG  0,0,1
         DS    0D
MAPPED   DC    X'04080000',A(NEXT)
CONTROL  DC    X'008000E0',X'00002000'
)");
    g.storage().put32(g.frame(0x2000), 0xF0002100);
    for (uint32_t page = 0; page < 16; ++page)
        g.storage().put16(g.frame(0x2100 + 2 * page),
                          isa::page_table_entry({}, (page == 5 ? 9 : page) << 12));
    g.set(Format::kRegisters + 12, 0x5001);
    g.set(Format::kRegisters + 24, 0x1000);
    g.storage().put32(g.frame(0x9124), 0x0000CAFE);
    g.storage().put32(g.frame(0x5124), 0x00000FFF);
    CHECK(g.enter() == 0xACE);
    CHECK(g.reason() == Reason::instruction);
    CHECK(g.gpr(2) == 0xCAFE);
    CHECK(g.gpr(4) == 0x9124);
    CHECK(g.gpr(5) == 0xFFF);  // translation is off again
}

TEST_CASE("a guest has a prefix of its own") {
    Guest g(R"(
BEGIN    SPX   WHERE
         STPX  IS
         L     2,X'10'
         MVI   X'14',X'AB'
         DIAG  0,0,1
WHERE    DC    X'00003000'
IS       DC    F'0'
         ORG   G+X'3400'
         L     2,X'10'
)");
    // Behind SPX the code at 4xx is that of page 3.
    for (uint32_t a = 0x400; a < 0x800; ++a)
        g.storage().put(g.frame(0x3000 + a), g.storage().at(g.frame(a)), 1);
    g.storage().put32(g.frame(0x3010), 0xCAFE);
    CHECK(g.enter() == 0xACE);
    CHECK(g.reason() == Reason::instruction);
    CHECK(g.gpr(2) == 0xCAFE);
    CHECK(*g.storage().at(g.frame(0x3014)) == 0xAB);
    CHECK(g.get(Format::kPrefix) == 0x3000);
    CHECK(g.machine.cpu().prefix() == 0);
    CHECK(g.guest_word(0x3000 + g.at("IS")) == 0x3000);
}

TEST_CASE("supervisor calls, exceptions and waits are the guest's own") {
    Guest g(R"(
BEGIN    LPSW  USER
CALLED   LA    2,1(,2)
         LPSW  X'20'
FAILED   LPSW  WAITS
USER     DC    X'00010000',A(PROBLEM)
WAITS    DC    X'00020000',A(X'777')
PROBLEM  SVC   9
         SVC   9
         SSM   WAITS
         ORG   G+X'60'
         DC    X'00000000',A(CALLED)
         DC    X'00000000',A(FAILED)
)");
    CHECK(g.enter() == 0xACE);
    CHECK(g.reason() == Reason::wait);
    CHECK(g.gpr(2) == 2);
    CHECK((g.guest_doubleword(isa::Assigned::program_old) >> 32) == 0x00010002);
    CHECK(g.get64(Format::kPsw) == 0x0002000000000777);
}

TEST_CASE("what a control program wants to see comes out in front of its execution") {
    const auto comes_out = [](std::string_view instruction, uint8_t control, uint16_t operation) {
        Guest g("BEGIN    " + std::string(instruction) + "\n         DIAG  0,0,1\nD        DC    2D'0'\n");
        CAPTURE(std::string(instruction));
        g.set(Format::kIntercepts, uint32_t{control} << 24);
        CHECK(g.enter() == 0xACE);
        CHECK(g.reason() == (operation == 0x0A ? Reason::supervisor_call : Reason::instruction));
        if (operation != 0x0A) CHECK(g.code() == operation);
        Guest through("BEGIN    " + std::string(instruction) +
                      "\n         DIAG  0,0,1\nD        DC    2D'0'\n");
        through.set(Format::kIntercepts, uint32_t(~control & 0xFC) << 24);
        through.storage().put64(through.frame(isa::Assigned::supervisor_call_new),
                                0x0002000000000000 | through.at("D"));
        CHECK(through.enter() == 0xACE);
        if (operation == 0x82)
            CHECK(through.reason() != Reason::instruction);
        else if (operation != 0x0A)
            CHECK(through.code() == 0x83);
    };
    comes_out("SSM   D", 0x80, 0x80);
    comes_out("STNSM D,X'FF'", 0x80, 0xAC);
    comes_out("STOSM D,X'00'", 0x80, 0xAD);
    comes_out("LPSW  D", 0x40, 0x82);
    comes_out("LCTL  8,8,D", 0x20, 0xB7);
    comes_out("STCTL 8,8,D", 0x20, 0xB6);
    comes_out("ISK   2,3", 0x10, 0x09);
    comes_out("SSK   2,3", 0x10, 0x08);
    comes_out("RRB   0", 0x10, 0xB213);
    comes_out("STPT  D", 0x08, 0xB209);
    comes_out("SCKC  D", 0x08, 0xB206);
    comes_out("SVC   1", 0x04, 0x0A);
}

TEST_CASE("I/O, other CPUs, and what is a control program's own always come out") {
    struct Case {
        std::string instruction;
        uint16_t operation;
    };
    for (const Case& one : {Case{"SIO   9", 0x9C00}, Case{"TIO   9", 0x9D00}, Case{"TCH   9", 0x9F00},
                            Case{"SIGP  2,3,1", 0xAE}, Case{"SCK   D", 0xB204}, Case{"SIE   D", 0xB214},
                            Case{"QAS   2", 0xB2C7}, Case{"EX    0,D", 0x9C00}}) {
        Guest g("BEGIN    " + one.instruction + "\nD        SIO   9\n");
        CAPTURE(one.instruction);
        CHECK(g.enter() == 0xACE);
        CHECK(g.reason() == Reason::instruction);
        CHECK(g.code() == one.operation);
        CHECK((g.get64(Format::kPsw) & 0xFFFFFF) == g.at("BEGIN") + 4);
        CHECK((g.get(Format::kReason) >> 16 & 0xFF) == 4);
    }
}

TEST_CASE("in the problem state of the guest a privileged instruction is its exception") {
    Guest g("BEGIN    SIO   9\n");
    g.set64(Format::kPsw, 0x0001000000000000 | g.at("BEGIN"));
    g.storage().put64(g.frame(isa::Assigned::program_new), 0x0002000000000777);
    CHECK(g.enter() == 0xACE);
    CHECK(g.reason() == Reason::wait);
}

TEST_CASE("CALL HOST comes out in either state, and is no instruction of a host's") {
    Guest g("BEGIN    CALLH X'123'\n");
    g.set64(Format::kPsw, 0x0001000000000000 | g.at("BEGIN"));
    CHECK(g.enter() == 0xACE);
    CHECK(g.get(Format::kReason) == 0x07040123);
    CHECK(g.get(Format::kParameter) == 0x123);
    const uint8_t call[] = {0xB2, 0xC5, 0x00, 0x01};
    g.storage().put(InterpretiveExecutionHost::kProgram, call, sizeof call);
    CHECK(g.enter() == 0xBAD + isa::Assigned::program_new);
}

TEST_CASE("an interruption of the host's ends interpretive execution, and is taken behind it") {
    Guest g("BEGIN    LA    2,1(,2)\n         B     BEGIN\n");
    // External interruptions are enabled in the host's PSW, and its CPU timer is about to run out.
    g.storage().put64(0, 0x0100000000000000 | InterpretiveExecutionHost::kProgram);
    g.machine.cpu().set_cr(0, isa::kCr0CpuTimerMask);
    g.machine.cpu().set_cpu_timer(uint64_t{100} << 12);
    CHECK(g.enter() == 0xBAD + isa::Assigned::external_new);
    CHECK(g.reason() == Reason::host_interruption);
    const uint64_t old = g.storage().get64(isa::Assigned::external_old);
    CHECK((old & 0xFFFFFF) == InterpretiveExecutionHost::kProgram + 4);
    CHECK((old >> 28 & 3) == 1);  // the condition code
    CHECK((old >> 32 & 0xFFFF) == 0x1005);
    CHECK(g.gpr(2) > 40);
    CHECK(g.gpr(2) < 60);
}

TEST_CASE("a guest's clocks interrupt the guest") {
    Guest g(R"(
BEGIN    LCTL  0,0,MASKS
         SPT   SHORT
         SSM   ALL
         LA    2,1(,2)
         B     *-4
DONE     STCK  NOW
         STPT  LEFT
         DIAG  0,0,1
         DS    0D
SHORT    DC    X'0000000000064000'
NOW      DC    D'0'
LEFT     DC    D'0'
MASKS    DC    X'00000400'
ALL      DC    X'01'
         ORG   G+X'58'
         DC    X'00000000',A(DONE)
)");
    g.set64(Format::kEpoch, 0x1000000000000000);
    CHECK(g.enter() == 0xACE);
    CHECK(g.reason() == Reason::instruction);
    CHECK((g.guest_doubleword(isa::Assigned::external_old) >> 32 & 0xFFFF) == 0x1005);
    CHECK(g.gpr(2) > 40);
    CHECK(g.gpr(2) < 60);
    CHECK((g.guest_doubleword(g.at("NOW")) >> 60) == 1);
    CHECK((g.guest_doubleword(g.at("LEFT")) >> 63) == 1);
    CHECK((g.get64(Format::kCpuTimer) >> 63) == 1);
}

TEST_CASE("a window opens where the guest lets through what is pending for it") {
    SUBCASE("I/O") {
        Guest g("BEGIN    LA    2,1\n         SSM   MASK\n         LA    2,2\nMASK     DC    X'80'\n");
        g.set(Format::kValidity, g.get(Format::kValidity) | uint32_t{Format::kIoPending} << 16);
        CHECK(g.enter() == 0xACE);
        CHECK(g.reason() == Reason::window);
        CHECK(g.gpr(2) == 1);
    }
    SUBCASE("external") {
        Guest g("BEGIN    LA    2,1\n         SSM   MASK\n         LA    2,2\nMASK     DC    X'01'\n");
        g.set(Format::kValidity, g.get(Format::kValidity) | uint32_t{Format::kExternalPending} << 16);
        CHECK(g.enter() == 0xACE);
        CHECK(g.reason() == Reason::window);
        CHECK(g.gpr(2) == 1);
    }
}

TEST_CASE("a guest takes the interruption that its description holds first") {
    Guest g("BEGIN    LA    2,1\n         DIAG  0,0,1\n");
    for (uint32_t place = 88; place < 128; place += 8)
        g.storage().put64(g.frame(place), 0x0002000000000700 | place);
    const auto give = [&](uint32_t event, uint64_t words) {
        g.set64(Format::kPsw, 0xFF00000000000000 | g.at("BEGIN"));
        g.set(Format::kEvent, event);
        g.set64(Format::kEventWords, words);
        CHECK(g.enter() == 0xACE);
        CHECK(g.reason() == Reason::wait);
        CHECK(g.get(Format::kEvent) == 0);
        return g.get64(Format::kPsw) & 0xFFFFFF;
    };
    CHECK(give(0x0400000E, 0x0000200008000000) == 0x700 + isa::Assigned::io_new);
    CHECK(g.guest_doubleword(isa::Assigned::csw) == 0x0000200008000000);
    CHECK((g.guest_doubleword(isa::Assigned::io_old) >> 32 & 0xFFFF) == 0x000E);
    CHECK(give(0x03001202, 0x0003000000000000) == 0x700 + isa::Assigned::external_new);
    CHECK((g.guest_word(isa::Assigned::external_cpu_address) >> 16) == 3);
    CHECK(give(0x01040006, 0) == 0x700 + isa::Assigned::program_new);
    CHECK((g.guest_doubleword(isa::Assigned::program_old) >> 32 & 0xFFFF) == 6);
    CHECK(give(0x02020042, 0) == 0x700 + isa::Assigned::supervisor_call_new);
}

TEST_CASE("restart and store status are about the machine's CPU, not its guest") {
    Guest g("BEGIN    LA    2,1(,2)\n         B     BEGIN\n");
    g.set(Format::kCpuAddress, 0x00050000);
    g.enter(1000);
    CHECK(g.machine.cpu().guest() != nullptr);
    const auto check_host = [&g](uint64_t psw) {
        CHECK(g.machine.cpu().guest() == nullptr);
        CHECK(g.reason() == Reason::host_interruption);
        CHECK(g.gpr(2) > 400);
        CHECK((psw & 0xFFFFFF) == InterpretiveExecutionHost::kProgram + 4);
    };
    SUBCASE("by the operator") {
        g.machine.store_status();
        check_host(g.storage().get64(0x100));
    }
    SUBCASE("the restart key") {
        g.machine.restart();
        check_host(g.storage().get64(isa::Assigned::restart_old));
    }
}

TEST_CASE("another CPU stops one that executes a guest, and stores its status") {
    MachineModel model = interpreting_model();
    model.cpus.value = 2;
    Guest g("BEGIN    LA    2,1(,2)\n         B     BEGIN\n", model);
    g.set(Format::kCpuAddress, 0x00050000);              // what the guest has, and none of the machine's
    const uint8_t program[] = {0xAE, 0x23, 0x00, 0x09,   // SIGP  2,3,9: stop and store status
                               0x82, 0x00, 0x11, 0x00};  // LPSW  X'100'(1)
    constexpr uint32_t kAt = InterpretiveExecutionHost::kProgram + 0x80;
    g.storage().put(kAt, program, sizeof program);
    Cpu& other = g.machine.cpu(1);
    other.set_gpr(1, InterpretiveExecutionHost::kProgram);
    isa::Psw psw;
    psw.address = kAt;
    other.set_psw(psw);
    other.set_now(kMillisecond);
    other.status = CpuStatus::operating;
    g.enter();
    CHECK(g.machine.cpu().status == CpuStatus::stopped);
    CHECK(g.machine.cpu().guest() == nullptr);
    CHECK(g.reason() == Reason::host_interruption);
    CHECK((g.storage().get64(0x100) & 0xFFFFFF) == InterpretiveExecutionHost::kProgram + 4);
    CHECK(g.gpr(2) > 400);
}

TEST_CASE("an endless string of interruptions stops the guest, not the machine") {
    Guest g("BEGIN    DC    H'0'\n");
    g.storage().put64(g.frame(isa::Assigned::program_new), g.at("BEGIN"));
    CHECK(g.enter() == 0xACE);
    CHECK(g.reason() == Reason::loop);
}

TEST_CASE("the instructions that keep a description") {
    AssembledProgram program(R"(
P        START 0
         DC    A(0,BEGIN)
         ORG   P+X'68'
         DC    X'00020000',A(X'BAD')
         ORG   P+X'400'
         USING P,0
BEGIN    STSD  BEFORE
         RSDF  2,3
         BALR  10,0
         MVC   AREA(256),GARBAGE
         CLSD  AREA
         LA    3,8
         LSD   AREA
         BALR  11,0
         STSD  DURING
         LA    2,X'777'
         WSDF  2,3
         BALR  12,0
         LA    3,28
         WSDF  2,3
         BALR  13,0
         LA    3,128
         RSDF  4,3
         QIE   ANSWER
         QAS   5
         PGTLB
         MVI   AREA,0
         LSD   AREA
         BALR  14,0
         LPSW  END
         DS    0D
END      DC    X'00020000',A(X'600D')
ANSWER   DC    2D'0'
BEFORE   DC    F'0'
DURING   DC    F'0'
GARBAGE  DC    256X'A5'
         ORG   P+X'800'
AREA     DS    XL256
         END
)",
                             interpreting_model());
    CHECK(program.run() == Stop::disabled_wait);
    CHECK(program.address() == 0x600D);
    const auto code = [&](unsigned r) { return program.gpr(r) >> 28 & 3; };
    CHECK(program.word("BEFORE") == 0xFFFFFFFF);
    CHECK(code(10) == 3);  // no description is current
    CHECK(code(11) == 0);
    CHECK(program.word("DURING") == 0x800);
    CHECK(code(12) == 0);
    CHECK(program.word("AREA", 8) == 0x777);
    CHECK(code(13) == 1);  // the reason is the machine's to tell
    CHECK(program.gpr(4) == isa::initial_control_registers()[0]);
    CHECK(program.word("AREA", Format::kPsw) == 0);
    CHECK(program.doubleword("ANSWER") == 0x01000100A0FC0805);
    CHECK(program.gpr(5) == 0x07000000);  // interpretive execution, nested translation, a tagged TLB
    CHECK(code(14) == 3);
}

TEST_CASE("host tables that lead beyond storage come out, and reach nothing") {
    for (const char* body : {"BEGIN    L     2,0(,3)\n", "BEGIN    ISK   2,3\n", "BEGIN    SSK   2,3\n"}) {
        Guest g(body);
        g.set(Format::kRegisters + 12, 0x8000);
        g.storage().put16(InterpretiveExecutionHost::kPages + 2 * 8, 0xFFF0);  // of a machine with 1M
        CHECK(g.enter() == 0xACE);
        CHECK(g.condition() == 2);
        CHECK(g.get(Format::kReason) == 0x03000005);
        CHECK(g.get(Format::kParameter) == 0x8000);
    }
}

TEST_CASE("a description and host tables of random bits harm nobody") {
    std::mt19937 random(370);
    MachineModel model = interpreting_model();
    model.facilities.install(isa::Facility::preferred_machine);
    unsigned entered = 0;
    for (unsigned round = 0; round < 3000; ++round) {
        InterpretiveExecutionHost host(model);
        RealStorage& storage = host.storage();
        for (uint32_t a = 4; a < Format::kBytes; a += 4)
            if (random() % 2 != 0) host.set(a, random());
        // Mostly valid enough to be entered.
        host.set(Format::kValidity,
                 0x80000000 | (random() % 2 != 0 ? 0x8000 : 0x4000) | (random() & 0xE02000));
        if (random() % 4 != 0) host.set(Format::kExtent, (random() % 0x1001) << 12);
        if (random() % 4 != 0) host.set(Format::kPrefix, (random() % 0x20) << 12);
        if (random() % 2 != 0) host.set(Format::kHostTable, (random() % 0x100) << 12);
        for (unsigned n = 0; n < 64; ++n) {
            storage.put32(InterpretiveExecutionHost::kSegments + 4 * (random() % 256), random());
            storage.put16(InterpretiveExecutionHost::kPages + 2 * (random() % 16),
                          static_cast<uint16_t>(random()));
            storage.put32(InterpretiveExecutionHost::kFrames + 4 * (random() % 0x4000), random());
        }
        // A preferred machine may reach its host, which has said so. That all of it ends is the point.
        host.enter(2000);
        entered += (host.get(Format::kReason) >> 24) != 0;
    }
    CHECK(entered > 500);
}

TEST_CASE("the times of entry and exit are the machine's") {
    MachineModel model = interpreting_model();
    model.interpretive.entry_ns.value = 70'000;
    model.interpretive.exit_ns.value = 30'000;
    Guest plain("BEGIN    DIAG  0,0,1\n"), dear("BEGIN    DIAG  0,0,1\n", model);
    plain.enter();
    dear.enter();
    CHECK(dear.machine.cpu().now() - plain.machine.cpu().now() == 100'000);
}

}  // namespace simulation::test
