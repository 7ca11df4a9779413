// Interpretive execution within interpretive execution: docs/interpretive-execution.md#guests-of-guests. That
// a guest at level 2 does what it does natively random programs show
// (tests/vmcp/assist/interpretive_execution_lockstep_test.cpp); here is who is told what.
#include <fmt/format.h>

#include <random>

#include "tests/simulation/assembled_program.hpp"
#include "tests/simulation/nested_hosts.hpp"

namespace simulation::test {
namespace {

using Format = StateDescriptionFormat;
using Reason = Format::Reason;

MachineModel nesting_model() {
    MachineModel model = plain_model();
    for (const auto facility :
         {isa::Facility::nested_translation, isa::Facility::interpretive_execution,
          isa::Facility::preferred_machine, isa::Facility::nested_interpretive_execution})
        model.facilities.install(facility);
    return model;
}

std::string program(std::string_view body) {
    return "G        START 0\n         DC    X'00000000',A(BEGIN)\n         ORG   G+X'400'\n"
           "         USING G,0\n" +
           std::string(body) + "         END\n";
}

struct Nest : NestedHosts {
    explicit Nest(std::string_view body, std::vector<bool> preferred = {false, false},
                  MachineModel model = nesting_model())
        : NestedHosts(std::move(model), std::move(preferred)) {
        load(program(body));
    }
};

/// Levels 1 and 2, each in either kind of storage.
const std::vector<std::vector<bool>> kKinds = {{false, false}, {false, true}, {true, false}, {true, true}};

}  // namespace

TEST_CASE("a guest's guest is executed by the machine, and comes out to the guest") {
    for (const auto& kinds : kKinds) {
        Nest g(R"(
BEGIN    SSM   MASK
         LCTL  8,8,CONTROL
         SPX   WHERE
         STIDP ID
         SVC   7
BACK     DIAG  2,3,X'58'
         DS    0D
ID       DC    D'0'
CONTROL  DC    X'12345678'
WHERE    DC    A(0)
MASK     DC    X'01'
CALLED   LA    4,X'777'
         L     5,X'F00'
         B     BACK
         ORG   G+X'60'
         DC    X'00000000',A(CALLED)
         ORG   G+X'F00'
         DC    X'CAFEBABE'
)",
               kinds);
        g.set64(Format::kCpuId, 0xFF22222201580000);
        g.enter();
        CHECK(g.has_ended(0));
        CHECK(g.reason(1) == Reason::wait);
        CHECK(g.has_ended(1));
        CHECK(g.condition(1) == 0);
        CHECK(g.get(2, Format::kReason) == 0x01040083);
        CHECK(g.get(2, Format::kParameter) == 0x58);
        CHECK(g.get(2, Format::kOperands) == 0x23000000);
        CHECK(g.get(2, Format::kControlRegisters + 4 * 8) == 0x12345678);
        CHECK(g.storage().get64(g.frame(g.at("ID"))) == 0xFF22222201580000);
        CHECK(g.gpr(4) == 0x777);
        CHECK(g.gpr(5) == 0xCAFEBABE);
        CHECK(g.machine.cpu().level() == 0);
        CHECK((g.get(1, Format::kValidity) >> 24) == Format::kValid);
        CHECK((g.get(2, Format::kValidity) >> 24) == Format::kValid);
    }
}

TEST_CASE("a guest that may not have guests comes out with their instructions") {
    Nest g("BEGIN    DIAG  0,0,1\n");
    g.set(1, Format::kValidity, 0x80008000);
    g.enter();
    CHECK(g.reason(1) == Reason::instruction);
    CHECK((g.get(1, Format::kReason) & 0xFFFF) == 0xB214);
    CHECK(g.get(1, Format::kParameter) == g.area(1) + 0x1200);
}

TEST_CASE("without the facility no guest may have guests") {
    MachineModel model = nesting_model();
    model.facilities.remove(isa::Facility::nested_interpretive_execution);
    Nest g("BEGIN    DIAG  0,0,1\n", {false, false}, model);
    g.enter();
    CHECK(g.condition(0) == 3);
    CHECK(g.get(1, Format::kReason) == 0);
}

TEST_CASE("eight levels are executed, and a ninth comes out") {
    Nest g(R"(
BEGIN    LA    4,X'123'
         QIE   ANSWER
         DS    0D
ANSWER   DC    2D'0'
)",
           {false, true, false, false, true, false, false, false});
    g.set(8, Format::kValidity, g.get(8, Format::kValidity) | uint32_t{Format::kMayHost} << 8);
    g.enter();
    CHECK(g.reason(8) == Reason::instruction);
    CHECK(g.code() == 0xB2C6);
    CHECK(g.gpr(4) == 0x123);
    for (unsigned host = 0; host < 8; ++host) CHECK(g.has_ended(host));
    for (unsigned level = 1; level < 8; ++level) CHECK(g.reason(level) == Reason::wait);
}

TEST_CASE("a guest that may have guests is told what is installed") {
    Nest g(R"(
BEGIN    QIE   ANSWER
         QAS   5
         STSD  BEFORE
         LA    2,X'800'
         CLSD  0(2)
         LSD   0(2)
         STSD  AFTER
         LA    3,8
         LA    4,X'777'
         WSDF  4,3
         RSDF  6,3
         PGTLB
         CALLH 5
         DS    0D
ANSWER   DC    2D'0'
BEFORE   DC    F'0'
AFTER    DC    F'0'
)");
    g.set(2, Format::kValidity, g.get(2, Format::kValidity) | uint32_t{Format::kMayHost} << 8);
    g.enter();
    CHECK(g.get(2, Format::kReason) == 0x07040005);
    CHECK(g.storage().get64(g.frame(g.at("ANSWER"))) == 0x01000100F0FC0805);
    CHECK(g.gpr(5) == 0x0F800000);
    CHECK(g.storage().get32(g.frame(g.at("BEFORE"))) == 0xFFFFFFFF);
    CHECK(g.storage().get32(g.frame(g.at("AFTER"))) == 0x800);
    CHECK(g.storage().get32(g.frame(0x808)) == 0x777);
    CHECK(g.gpr(6) == 0x777);
    CHECK(g.get(2, Format::kCurrent) == 0x801);
    CHECK(g.get(1, Format::kCurrent) == (g.area(1) + 0x1200) + 1);  // it has entered it
    SUBCASE("and finds its current description again") {
        g.begin_hosts();
        g.set64(Format::kPsw, g.at("ANSWER"));
        const uint8_t store[] = {0xB2, 0xC1, 0x09, 0x00, 0xB2, 0xC5, 0x00, 0x06};  // STSD X'900'; CALLH 6
        g.storage().put(g.frame(g.at("ANSWER")), store, sizeof store);
        g.enter();
        CHECK(g.get(2, Format::kReason) == 0x07040006);
        CHECK(g.storage().get32(g.frame(0x900)) == 0x800);
    }
}

TEST_CASE("the host whose tables lack a page is told which, and those above it try again") {
    const std::string body = R"(
BEGIN    L     2,X'FFC'(,3)
         DIAG  0,0,1
)";
    SUBCASE("of the guest's guest") {
        Nest g(body);
        g.set(Format::kRegisters + 12, 0x8000);
        g.storage().put32(g.frame(0x8FFC), 0xCAFE);
        g.lack(2, 0x8000);
        g.enter();
        CHECK(g.has_ended(1));
        CHECK(g.condition(1) == 2);
        CHECK(g.get(2, Format::kReason) == 0x03000011);
        CHECK(g.get(2, Format::kParameter) == 0x8FFC);
        CHECK(g.reason(1) == Reason::wait);
    }
    SUBCASE("of the guest, where its guest's page lies") {
        for (const bool preferred : {false, true}) {
            Nest g(body, {false, preferred});
            g.set(Format::kRegisters + 12, 0x8000);
            g.storage().put32(g.frame(0x8FFC), 0xCAFE);
            const uint32_t second = preferred ? 0x8FFC : g.bytes(2) - 0x8000 + 0xFFC;
            g.lack(1, second);
            g.enter();
            CHECK(g.condition(0) == 2);
            CHECK(g.get(1, Format::kReason) == 0x03000011);
            CHECK(g.get(1, Format::kParameter) == second);
            CHECK((g.get(1, Format::kPsw + 4) & 0xFFFFFF) == g.area(1) + 0x1000);  // in front of its SIE
            CHECK(g.get(2, Format::kReason) == 0);
            CHECK((g.get64(Format::kPsw) & 0xFFFFFF) == g.at("BEGIN"));
            const uint64_t before = g.machine.instructions();
            g.lack(1, second, false);
            g.enter();
            CHECK(g.reason(1) == Reason::wait);
            CHECK(g.get(2, Format::kReason) == 0x01040083);
            CHECK(g.gpr(2) == 0xCAFE);
            CHECK(g.machine.instructions() - before == 1 + g.own_instructions());
        }
    }
    SUBCASE("of the guest, where its tables for its guest lie, or the description") {
        for (const uint32_t what : {0x2000u, 0x3000u, 0x1000u}) {
            Nest g(body);
            g.lack(1, g.area(1) + what);
            g.enter();
            CHECK(g.condition(0) == 2);
            CHECK((g.get(1, Format::kParameter) & ~0xFFFu) == g.area(1) + what);
            g.lack(1, g.area(1) + what, false);
            g.enter();
            CHECK(g.reason(2) == Reason::instruction);
        }
    }
    SUBCASE("page zero of the guest's guest, where an interruption stores") {
        Nest g("BEGIN    DS    0H\n");
        const uint8_t call[] = {0x0A, 0x2A};
        g.storage().put(g.frame(0x8000), call, sizeof call);
        g.set64(Format::kPsw, 0x8000);
        g.storage().put64(g.frame(isa::Assigned::supervisor_call_new), 0x0002000000000777);
        g.lack(1, g.bytes(2));  // where it lies
        g.enter();
        CHECK(g.condition(0) == 2);
        CHECK(g.get(2, Format::kEvent) == 0x0202002A);
        g.lack(1, g.bytes(2), false);
        g.enter();
        CHECK(g.reason(2) == Reason::wait);
        CHECK((g.get64(Format::kPsw) & 0xFFFFFF) == 0x777);
        CHECK((g.storage().get64(g.frame(isa::Assigned::supervisor_call_old)) >> 32) == 0x0000002A);
    }
}

TEST_CASE("tables that lead beyond the guest's storage come out to the guest") {
    Nest g("BEGIN    L     2,0(,3)\n");
    g.set(Format::kRegisters + 12, 0x8000);
    const uint32_t at = g.frame(1, g.area(1) + 0x3000 + 2 * 8);
    g.storage().put16(at, 0x7FF0);  // valid for the machine's 4M, not for its guest's storage
    g.enter();
    CHECK(g.condition(1) == 2);
    CHECK(g.get(2, Format::kReason) == 0x03000005);
    CHECK(g.get(2, Format::kParameter) == 0x8000);
}

TEST_CASE("what a host wants to see of its guest is not what it sees of that one's guest, but for keys") {
    const std::string body =
        "BEGIN    SSM   MASK\n         SSK   2,3\n         DIAG  0,0,1\nMASK     DC    X'00'\n";
    SUBCASE("masks") {
        Nest g(body);
        g.set(1, Format::kIntercepts, 0x80000000);
        g.enter();
        CHECK(g.get(2, Format::kReason) == 0x01040083);
    }
    SUBCASE("keys: the machine's host sees them, and how deep the guest is") {
        Nest g(body);
        g.set(1, Format::kIntercepts, 0x10000000);
        g.enter();
        CHECK(g.has_ended(0));
        CHECK(g.get(1, Format::kReason) == 0x01020008);
        CHECK(g.get(1, Format::kOperands) == 0x23010000);
        CHECK((g.get(1, Format::kPsw + 4) & 0xFFFFFF) == g.area(1) + 0x1000);
        CHECK(g.get(2, Format::kReason) == 0);
        CHECK((g.get64(Format::kPsw) & 0xFFFFFF) == g.at("BEGIN") + 6);  // behind it
        g.enter();                                                       // once the host has simulated it
        CHECK(g.get(2, Format::kReason) == 0x01040083);
    }
    SUBCASE("keys that its own host wants to see, too, are that one's") {
        Nest g(body);
        g.set(1, Format::kIntercepts, 0x10000000);
        g.set(2, Format::kIntercepts, 0x10000000);
        g.enter();
        CHECK(g.get(2, Format::kReason) == 0x01020008);
        CHECK(g.reason(1) == Reason::wait);
    }
}

TEST_CASE("interruptions of the machine, of the guest, and of its guest") {
    const std::string loop = "BEGIN    LA    2,1(,2)\n         B     BEGIN\n";
    SUBCASE("the machine's timer: all come out, and go on") {
        Nest g(loop);
        g.storage().put64(0, 0x0100000000000000 | (g.area(0) + 0x1000));
        g.machine.cpu().set_cr(0, isa::kCr0CpuTimerMask);
        g.machine.cpu().set_cpu_timer(uint64_t{100} << 12);
        g.enter();
        CHECK(g.reason(1) == Reason::host_interruption);
        CHECK(g.machine.cpu().psw().address == 0xBAD + isa::Assigned::external_new);
        CHECK((g.get(1, Format::kPsw + 4) & 0xFFFFFF) == g.area(1) + 0x1000);
        CHECK(g.get(2, Format::kReason) == 0);
        const uint32_t counted = g.gpr(2);
        CHECK(counted > 40);
        g.machine.cpu().set_cpu_timer(uint64_t{100'000} << 12);
        g.enter(100);
        g.machine.store_status();
        CHECK(g.gpr(2) > counted + 40);
        CHECK((g.get(1, Format::kPsw + 4) & 0xFFFFFF) == g.area(1) + 0x1000);
    }
    SUBCASE("the guest's timer: its guest comes out") {
        Nest g(loop);
        g.storage().put64(g.description(1) + Format::kPsw, 0x0100000000000000 | (g.area(1) + 0x1000));
        g.storage().put64(g.description(1) + Format::kCpuTimer, uint64_t{100} << 12);
        g.set(1, Format::kControlRegisters, isa::kCr0CpuTimerMask);
        g.enter();
        CHECK(g.reason(2) == Reason::host_interruption);
        CHECK(g.reason(1) == Reason::wait);
        CHECK((g.get(1, Format::kPsw + 4) & 0xFFFFFF) == 0xBAD + isa::Assigned::external_new);
        const uint64_t old = g.storage().get64(g.frame(1, isa::Assigned::external_old));
        CHECK((old & 0xFFFFFF) == g.area(1) + 0x1004);
        CHECK((old >> 28 & 3) == 1);
        CHECK(g.gpr(2) > 40);
        CHECK(g.gpr(2) < 60);
    }
    SUBCASE("the guest's guest's timer") {
        Nest g(loop);
        g.set64(Format::kPsw, 0x0100000000000000 | g.at("BEGIN"));
        g.set64(Format::kCpuTimer, uint64_t{100} << 12);
        g.set(2, Format::kControlRegisters, isa::kCr0CpuTimerMask);
        g.storage().put64(g.frame(isa::Assigned::external_new), 0x0002000000000777);
        g.enter();
        CHECK(g.reason(2) == Reason::wait);
        CHECK(g.reason(1) == Reason::wait);
        CHECK((g.get64(Format::kPsw) & 0xFFFFFF) == 0x777);
    }
}

TEST_CASE("the TOD clock of a guest's guest is ahead by both epochs") {
    Nest g("BEGIN    STCK  NOW\n         DIAG  0,0,1\n         DS    0D\nNOW      DC    D'0'\n");
    g.storage().put64(g.description(1) + Format::kEpoch, 0x1000000000000000);
    g.set64(Format::kEpoch, 0x2000000000000000);
    g.enter();
    CHECK((g.storage().get64(g.frame(g.at("NOW"))) >> 60) == 3);
}

TEST_CASE(
    "entry and exit are paid at each level, and a walk through tables of tables for each of its references") {
    MachineModel model = nesting_model();
    model.interpretive.entry_ns.value = 70'000;
    model.interpretive.exit_ns.value = 30'000;
    Nest plain("BEGIN    DIAG  0,0,1\n"), dear("BEGIN    DIAG  0,0,1\n", {false, false}, model);
    plain.enter();
    dear.enter();
    CHECK(dear.machine.cpu().now() - plain.machine.cpu().now() == 200'000);
    // The machine's tables for its guest: 2. The guest's for its own: those 2, each in storage of a guest,
    // and the page itself: 2 + 3 * 2.
    Nest one("BEGIN    DIAG  0,0,1\n", {false});
    one.enter();
    CHECK(one.machine.cpu().counters().table_references % 2 == 0);
    const uint64_t misses = plain.machine.cpu().counters().tlb_misses;
    CHECK(plain.machine.cpu().counters().table_references > 2 * misses);
}

TEST_CASE("a description that is the guest's own, or that of its host, ends somewhere") {
    SUBCASE("its guest is itself") {
        // Level 1 sees all of the machine's storage where it is; its description names itself.
        Nest g("BEGIN    DIAG  0,0,1\n", {true});
        const uint32_t description = g.description(1);
        g.set(1, Format::kValidity, 0x80005000);
        g.set(1, Format::kExtent, 4 * kMebibyte);
        g.set(1, Format::kHostTable, 0);
        g.set(1, Format::kRegisters + 4, g.area(0) + 0x1000);
        g.set64(Format::kPsw, g.area(0) + 0x1000);
        g.enter();
        CHECK(g.condition(0) == 0);
        CHECK(g.storage().get64(description + Format::kPsw) == 0x0002000000000ACE);
    }
    SUBCASE("and says that it is not in use") {
        Nest g("BEGIN    DIAG  0,0,1\n", {true});
        // MVI 0(3),X'80'; SIE 0(3); the guest begins again and again, each time one level deeper.
        const uint8_t program[] = {0x92, 0x80, 0x30, 0x00, 0xB2, 0x14, 0x30, 0x00, 0x83, 0x00, 0x00, 0x00};
        g.storage().put(0x9000, program, sizeof program);
        g.set(1, Format::kValidity, 0x80005000);
        g.set(1, Format::kExtent, 4 * kMebibyte);
        g.set(1, Format::kRegisters + 12, g.description(1));
        g.set64(Format::kPsw, 0x9000);
        g.enter();
        CHECK(g.has_ended(0));
        CHECK(g.reason(1) == Reason::instruction);
    }
}

TEST_CASE("descriptions and tables of random bits at two levels harm nobody") {
    std::mt19937 random(3702);
    unsigned entered = 0;
    for (unsigned round = 0; round < 1500; ++round) {
        NestedHosts host(nesting_model(), {random() % 2 != 0, random() % 2 != 0});
        RealStorage& storage = host.storage();
        for (uint32_t a = 4; a < Format::kBytes; a += 4)
            if (random() % 2 != 0) host.set(2, a, random());
        host.set(2, Format::kValidity,
                 0x80000000 | (random() % 2 != 0 ? 0x8000 : 0x4000) | (random() & 0xE03000));
        if (random() % 4 != 0) host.set(2, Format::kExtent, (random() % 0x1001) << 12);
        if (random() % 4 != 0) host.set(2, Format::kPrefix, (random() % 0x20) << 12);
        if (random() % 2 != 0) host.set(2, Format::kHostTable, (random() % 0x100) << 12);
        for (unsigned n = 0; n < 64; ++n) {
            const uint32_t control = host.area(1) + 4 * (random() % 0x1000);
            if (random() % 8 == 0) storage.put32(host.frame(1, control & ~3u), random());
            storage.put32(host.frame(random() % 0x10000 & ~3u), random());
            // Instructions of interpretive execution at descriptions of all kinds.
            const uint32_t at = host.frame(random() % 0x10000 & ~3u);
            storage.put32(at, random() % 2 != 0 ? 0xB2141200 : 0xB2C00200 | (random() & 0x070F00));
        }
        if (random() % 4 == 0)  // the guest's own tables, too
            storage.put16(host.frame(0, host.area(0) + 0x3000 + 2 * (random() % 32)),
                          static_cast<uint16_t>(random()));
        for (unsigned again = 0; again < 3; ++again) host.enter(2000);
        entered += (host.get(2, Format::kReason) >> 24) != 0;
    }
    CHECK(entered > 300);
}

}  // namespace simulation::test
