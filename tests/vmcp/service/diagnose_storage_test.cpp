// The DIAGNOSE codes that are about storage: X'04', X'10', X'60' and the named segments of X'64'; and VM
// handshaking. Programs in assembler, so that what is tested is what a guest sees.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/guest_pair.hpp"

namespace vmcp::test {
namespace {

using simulation::kMillisecond;
using simulation::kSecond;

/// Page zero: starts at BEGIN, ends in a disabled wait at END; a program interruption ends it with code 99.
const std::string kPageZero = R"(
ZERO     DC    X'00000000',A(BEGIN)
         USING ZERO,0
         ORG   ZERO+X'68'
         DC    X'00020000',A(X'99')
         ORG   ZERO+X'100'
DONE     DC    0D'0',X'00020000',A(0)
)";

uint32_t word(VirtualMachine& vm, SecondLevel a, uint32_t offset = 0) {
    return vm.storage.peek32(SecondLevel(a.value + offset));
}

TEST_CASE("DIAGNOSE 60 tells the size of storage, 10 gives pages back") {
    const Program program(kPageZero + R"(
BEGIN    DIAG  R7,0,X'60'
         ST    R7,SIZE
         L     R1,=A(X'3000')
         MVC   0(8,R1),=C'RUBBISH.'
         L     R2,=A(X'2000')
         L     R3,=A(X'4000')
         DIAG  R2,R3,X'10'
         MVC   LEFT(8),0(R1)
         LPSW  DONE
SIZE     DC    F'0'
LEFT     DC    CL8'?'
R1       EQU   1
R2       EQU   2
R3       EQU   3
R7       EQU   7
)");
    Host host;
    VirtualMachine& vm = host.start("alpha", 64 * 1024, program.result.image);
    host.cp.run(kSecond);
    CHECK(vm.state.psw.address == 0);
    CHECK(word(vm, program.at("SIZE")) == 64 * 1024);
    CHECK(word(vm, program.at("LEFT")) == 0);
    CHECK(word(vm, program.at("LEFT"), 4) == 0);
    CHECK(vm.storage.counts().fills == 3);  // page zero, and page 3 twice
}

TEST_CASE("DIAGNOSE 10 refuses what are not pages of the machine") {
    for (const auto& [first, last] :
         {std::pair(0x2001u, 0x3000u), {0x2000, 0x3800}, {0x3000, 0x2000}, {0x2000, 0x10000}}) {
        const Program program(kPageZero + fmt::format(R"(
BEGIN    L     2,=A({})
         L     3,=A({})
         DIAG  2,3,X'10'
         LPSW  DONE
)",
                                                      first, last));
        Host host;
        VirtualMachine& vm = host.start("alpha", 64 * 1024, program.result.image);
        host.cp.run(kSecond);
        CHECK(vm.state.psw.address == 0x99);
        CHECK((word(vm, SecondLevel(isa::Assigned::program_old)) & 0xFFFF) == 6);
    }
}

const std::string kExamine = kPageZero + R"(
BEGIN    LA    2,LIST
         LA    3,2
         LA    4,RESULT
         DIAG  2,4,X'04'
         LPSW  DONE
LIST     DC    A(X'6C',X'7C')
RESULT   DC    2F'-1'
)";

TEST_CASE("DIAGNOSE 4 shows real storage to classes C and E only") {
    const Program program(kExamine);
    for (const char* classes : {"G", "EG"}) {
        Host host;
        VmOptions options;
        options.name = "alpha";
        options.storage = 64 * 1024;
        options.classes = classes;
        VirtualMachine& vm = host.log_on(std::move(options));
        host.cp.load(vm, SecondLevel(0), program.result.image);
        host.cp.restart(vm);
        host.cp.run(kSecond);
        const bool allowed = std::string(classes) == "EG";
        CHECK(vm.state.psw.address == (allowed ? 0 : 0x99));
        CHECK(word(vm, program.at("RESULT")) == (allowed ? host.machine.storage().get32(0x6C) : 0xFFFFFFFF));
        if (!allowed) CHECK((word(vm, SecondLevel(isa::Assigned::program_old)) & 0xFFFF) == 2);
    }
}

// ---- Named segments ----

/// Loads the segment TABLES at 100000, adds its first two words, perhaps stores into the second page of it,
/// looks again, and ends after a pause in which others have their turns.
std::string segment_user(bool stores, const char* how = "0") {
    return kPageZero + fmt::format(R"(
BEGIN    LA    2,NAME
         L     3,=F'{}'
         DIAG  2,3,X'64'
         BALR  4,0
         ST    4,CODE
         STM   2,3,WHERE
         BC    7,QUIT
         L     5,0(2)
         A     5,4(2)
         ST    5,SUM
         {}   X'800'(4,2),=F'77'
         L     6,=F'60000'
LOOP     BCT   6,LOOP
         MVC   SEEN(4),X'800'(2)
         LA    2,NAME
         LA    3,8
         DIAG  2,3,X'64'
         BALR  4,0
         ST    4,GONE
QUIT     LPSW  DONE
NAME     DC    0D'0',CL8'TABLES'
CODE     DC    F'0'
WHERE    DC    2F'0'
SUM      DC    F'0'
SEEN     DC    F'0'
GONE     DC    F'0'
)",
                                   how, stores ? "MVC" : "CLC");
}

std::vector<uint8_t> tables() {
    std::vector<uint8_t> bytes(0x3000);
    bytes[3] = 30;
    bytes[7] = 12;
    bytes[0x803] = 5;
    return bytes;
}

TEST_CASE("a named segment is one copy for all, until one stores into it") {
    Host host(simulation::kMebibyte, "round-robin", "s370-158", 5 * kMillisecond);
    host.cp.define_segment("TABLES", SecondLevel(0x100000), tables());
    const uint32_t frames = host.cp.frames().pages_in_use();
    const Program reader(segment_user(false)), writer(segment_user(true));
    std::vector<VirtualMachine*> readers;
    for (int i = 0; i < 4; ++i)
        readers.push_back(&host.start(fmt::format("reader{}", i), 64 * 1024, reader.result.image));
    VirtualMachine& bad = host.start("writer", 64 * 1024, writer.result.image);
    host.cp.run(10 * kSecond);
    for (VirtualMachine* vm : readers) {
        CHECK(vm->state.psw.address == 0);
        CHECK((word(*vm, reader.at("CODE")) >> 28 & 3) == 0);
        CHECK(word(*vm, reader.at("WHERE")) == 0x100000);
        CHECK(word(*vm, reader.at("WHERE"), 4) == 0x10FFFF);
        CHECK(word(*vm, reader.at("SUM")) == 42);
        CHECK(word(*vm, reader.at("SEEN")) == 5);
        CHECK((word(*vm, reader.at("GONE")) >> 28 & 3) == 0);
        CHECK(host.console[vm->options.name].empty());
    }
    CHECK(word(bad, writer.at("SUM")) == 42);
    CHECK(word(bad, writer.at("SEEN")) == 77);
    CHECK(host.console["writer"] == "DMKVMA181E SHARED SYSTEM TABLES REPLACED WITH NON-SHARED COPY\n");
    // Nobody but the writer needed frames of his own for the segment, and those have been given back.
    CHECK(host.cp.frames().pages_in_use() == frames + 5);
}

TEST_CASE("who stores into a segment and gives it up leaves it to the others as it was") {
    Host host;
    host.cp.define_segment("TABLES", SecondLevel(0x100000), tables());
    const Program careless(kPageZero + R"(
BEGIN    LA    2,NAME
         SR    3,3
         DIAG  2,3,X'64'
         MVC   X'800'(4,2),=F'77'
         LA    2,NAME
         LA    3,8
         DIAG  2,3,X'64'
         LPSW  DONE
NAME     DC    0D'0',CL8'TABLES'
)");
    host.start("careless", 64 * 1024, careless.result.image);
    host.cp.run(kSecond);
    const Program reader(segment_user(false));
    VirtualMachine& vm = host.start("reader", 64 * 1024, reader.result.image);
    host.cp.run(10 * kSecond);
    CHECK(vm.state.psw.address == 0);
    CHECK(word(vm, reader.at("SEEN")) == 5);
}

TEST_CASE("a channel program does not see what another machine has just stored into a shared segment") {
    std::vector<uint8_t> contents = tables();
    std::fill_n(contents.begin() + 0x900, 8, uint8_t{0xC1});  // AAAAAAAA
    Host host(simulation::kMebibyte, "round-robin", "s370-158", kSecond);
    host.cp.define_segment("TABLES", SecondLevel(0x20000), contents);
    const std::string load = R"(
BEGIN    LA    2,NAME
         SR    3,3
         DIAG  2,3,X'64'
)";
    const std::string name = "NAME     DC    0D'0',CL8'TABLES'\n";
    // Types a line of its own, and then one from the segment, while the other machine has its turn.
    const Program typist(kPageZero + load + R"(
         MVC   X'48'(4),=A(LINES)
         MVC   X'78'(8),HANDLER
         SIO   X'009'
         LPSW  IDLE
ENDED    TM    X'44',X'04'         device end?
         BO    QUIT
         LPSW  IDLE
QUIT     LPSW  DONE
IDLE     DC    0D'0',X'80020000',A(0)
HANDLER  DC    0D'0',X'00000000',A(ENDED)
LINES    CCW   X'09',OWN,X'60',8
         CCW   X'09',X'020900',X'20',8
OWN      DC    C'MY OWN..'
)" + name);
    const Program other(kPageZero + load + R"(
         MVC   X'900'(8,2),=C'BBBBBBBB'
         L     6,=F'500000'
LOOP     BCT   6,LOOP
         LPSW  DONE
)" + name);
    host.start("typist", 256 * 1024, typist.result.image);
    host.start("other", 256 * 1024, other.result.image);
    host.cp.run(20 * kSecond);
    CHECK(host.console["typist"] == "MY OWN..\nAAAAAAAA\n");
    CHECK(host.console["other"] == "DMKVMA181E SHARED SYSTEM TABLES REPLACED WITH NON-SHARED COPY\n");
}

TEST_CASE("segments: not shared, not known, found, lost again") {
    const auto run = [](const std::string& source, const char* defined) {
        Host host;
        host.cp.define_segment(defined, SecondLevel(0x100000), tables());
        const Program program(source);
        VirtualMachine& vm = host.start("alpha", 64 * 1024, program.result.image);
        host.cp.run(kSecond);
        CHECK(vm.state.psw.address == 0);
        return std::array{word(vm, program.at("CODE")) >> 28 & 3, word(vm, program.at("WHERE"), 4),
                          word(vm, program.at("SEEN")), word(vm, program.at("GONE")) >> 28 & 3};
    };
    CHECK(run(segment_user(true, "4"), "TABLES") == std::array<uint32_t, 4>{0, 0x10FFFF, 77, 0});
    CHECK(run(segment_user(false), "OTHER") == std::array<uint32_t, 4>{2, 44, 0, 0});
    CHECK(run(segment_user(false, "12"), "TABLES")[0] == 1);  // FINDSYS: it exists, but is not loaded
    CHECK(run(segment_user(false, "8"), "TABLES")[0] == 1);   // PURGESYS: it was not loaded
}

TEST_CASE("a segment needs a place") {
    Host host;
    CHECK_THROWS_AS(host.cp.define_segment("A", SecondLevel(0x100800), tables()), std::runtime_error);
    CHECK_THROWS_AS(host.cp.define_segment("A", SecondLevel(0xFF0000), std::vector<uint8_t>(0x20000)),
                    std::runtime_error);
    host.cp.define_segment("A", SecondLevel(0x100000), tables());
    CHECK_THROWS_AS(host.cp.define_segment("A", SecondLevel(0x200000), tables()), std::runtime_error);
}

// ---- Handshaking ----

/// Two tasks: one reads a page that lies on a paging device, the other counts until the page has come. EC
/// mode.
const std::string kTwoTasks = R"(
ZERO     DC    X'00080000',A(BEGIN)
         USING ZERO,0
         ORG   ZERO+X'68'
         DC    X'00080000',A(FAULT)
         ORG   ZERO+X'78'
         DC    X'000A0000',A(X'78')
         ORG   ZERO+X'100'
DONE     DC    0D'0',X'000A0000',A(0)
BAD      DC    0D'0',X'000A0000',A(X'99')
BEGIN    LA    2,COMMAND
         LA    3,12
         DIAG  2,3,X'08'
         LPSW  TASK1
*        every page of storage from X'8000' on is touched, twice
READ     L     4,=A(X'8000')
NEXT     L     5,0(4)
         AR    6,5
         A     4,=F'4096'
         C     4,=A(X'40000')
         BL    NEXT
         BCT   7,READ
         ST    6,SUM
         LPSW  DONE
COUNT    A     9,=F'1'
         B     COUNT
FAULT    CLC   X'8E'(2),=X'0014'     the interruption code: EC mode, in 8E
         BNE   WRONG
         TM    X'90',X'80'
         BO    COME
         MVC   AWAITED(4),X'90'
         MVC   SAVED(8),X'28'
         STM   4,7,REGS
         A     8,=F'1'               faults
         LPSW  TASK2
COME     NI    X'90',X'7F'
         CLC   AWAITED(4),X'90'
         BNE   WRONG
         A     10,=F'1'              arrivals
         LM    4,7,REGS
         LPSW  SAVED
WRONG    LPSW  BAD
COMMAND  DC    CL12'SET PAGEX ON'
TASK1    DC    0D'0',X'02080000',A(READ)
TASK2    DC    0D'0',X'02080000',A(COUNT)
SAVED    DC    D'0'
REGS     DC    4F'0'
AWAITED  DC    F'0'
SUM      DC    F'0'
)";

TEST_CASE("with handshaking a guest goes on with another task while a page comes") {
    const Program program(kTwoTasks);
    Host host(48 * kPage, "round-robin", "s370-158", 5 * kMillisecond, {"clock", {"2305-2"}});
    VirtualMachine& vm = host.log_on("alpha", 256 * 1024);
    host.cp.load(vm, SecondLevel(0), program.result.image);
    uint32_t sum = 0;
    for (uint32_t page = 8; page < 64; ++page) {
        host.cp.load(vm, SecondLevel(page * kPage), {0, 0, 0, static_cast<uint8_t>(page)});
        sum += 2 * page;
    }
    vm.state.gpr[7] = 2;
    host.cp.restart(vm);
    host.cp.run(20 * kSecond);
    CHECK(vm.state.psw.address == 0);
    CHECK(word(vm, program.at("SUM")) == sum);
    CHECK(vm.state.gpr[8] > 56);                      // faults
    CHECK(vm.state.gpr[10] == vm.state.gpr[8]);       // every page that was awaited has come
    CHECK(vm.state.gpr[9] > 1000 * vm.state.gpr[8]);  // counted meanwhile
    CHECK(vm.page_waits < 10);
}

}  // namespace
}  // namespace vmcp::test
