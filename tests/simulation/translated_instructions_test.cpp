// Every instruction that programs in the problem state have, in a loop that is translated: it does what it
// does when it is interpreted, whatever its operands, in front of a branch on each condition code.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <random>
#include <vector>

#include "simulation/machine/machine.hpp"
#include "tests/simulation/assembled_program.hpp"
#include "tests/simulation/executors.hpp"

namespace simulation::test {
namespace {

constexpr uint32_t kStorage = 64 << 10, kLoop = 0x800, kSubject = 0xA00, kRegisters = 0x300;

class Bytes {
  public:
    void halfword(unsigned v) {
        bytes_.push_back(static_cast<uint8_t>(v >> 8));
        bytes_.push_back(static_cast<uint8_t>(v));
    }
    void instruction(const isa::Decoded& d) {
        uint8_t bytes[6];
        bytes_.insert(bytes_.end(), bytes, bytes + isa::encode(d, bytes));
    }
    void put(Machine& machine, uint32_t at) const {
        machine.storage().put(at, bytes_.data(), static_cast<uint32_t>(bytes_.size()));
    }

  private:
    std::vector<uint8_t> bytes_;
};

class Loop {
  public:
    /// `executed`: by EXECUTE.
    Loop(isa::Op op, bool executed, std::mt19937& random) : random_(random) {
        constexpr unsigned kLoadMultiple = 0x980F, kCompare = 0x1900, kBranch = 0x4700, kAlways = 0xF0,
                           kExecute = 0x4400;
        isa::Operands o;
        const unsigned step = below(3) == 0 ? 1 : 2;  // mostly even registers
        o.r1 = static_cast<uint8_t>(below(16 / step) * step);
        o.r2 = static_cast<uint8_t>(below(16 / step) * step);
        if (below(4) == 0) o.r2 = o.r1 |= 1;
        o.b1 = static_cast<uint8_t>(below(16));
        o.b2 = below(3) == 0 ? o.b1 : static_cast<uint8_t>(below(16));
        o.d1 = static_cast<uint16_t>(below(4096));
        o.d2 = below(3) == 0 ? o.d1 : static_cast<uint16_t>(below(4096) & (below(2) == 0 ? 0xFF8 : 0xFFF));
        o.imm = static_cast<int32_t>(below(256));
        code.halfword(kLoadMultiple);
        code.halfword(kRegisters);
        code.halfword(kCompare | below(256));
        const isa::Decoded instruction{op, static_cast<uint8_t>(isa::length_of(isa::row_of(op).format)), o};
        if (executed) {
            code.halfword(kExecute | (below(2) == 0 ? 0 : below(16) << 4));
            code.halfword(kSubject);
            subject.instruction(instruction);
        } else {
            code.instruction(instruction);
        }
        code.halfword(kBranch | below(16) << 4);
        code.halfword(kLoop);
        code.halfword(kBranch | kAlways);
        code.halfword(kLoop);
        for (uint8_t& byte : data) byte = static_cast<uint8_t>(below(3) == 0 ? 0x1C : random_());
        for (uint32_t& r : registers) r = below(4) == 0 ? random_() : below(kStorage / 4) * 4;
        // Mostly of nearly the same size, so that sums are made of both.
        for (uint64_t& f : floats) {
            f = uint64_t{random_()} << 32 | random_();
            if (below(4) != 0) f = (f & 0x80FF'FFFF'FFFF'FFFF) | uint64_t{0x3F + below(3)} << 56;
        }
        mask = below(16);
    }

    void begin(Machine& machine) const {
        RealStorage& storage = machine.storage();
        storage.put(0, data.data(), kStorage);
        for (uint32_t r = 0; r < 16; ++r) storage.put32(kRegisters + 4 * r, registers[r]);
        for (const uint32_t new_psw : {0x58U, 0x60U, 0x68U, 0x70U, 0x78U})
            storage.put64(new_psw, uint64_t{mask} << 24 | kLoop);
        code.put(machine, kLoop);
        subject.put(machine, kSubject);
        for (unsigned f = 0; f < floats.size(); ++f) machine.cpu().set_fpr(2 * f, floats[f]);
        isa::Psw psw;
        psw.address = kLoop;
        psw.program_mask = static_cast<uint8_t>(mask);
        machine.cpu().set_psw(psw);
    }

  private:
    uint32_t below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }

    std::mt19937& random_;
    Bytes code, subject;
    std::vector<uint8_t> data = std::vector<uint8_t>(kStorage);
    std::array<uint32_t, 16> registers{};
    std::array<uint64_t, 4> floats{};
    uint32_t mask = 0;
};

void translated_as_interpreted(bool executed) {
    MachineModel model = MachineModel::load("s370-158-gcc");
    uint64_t regions = 0, failed = 0;
    for (unsigned n = 0; n < isa::kRowCount; ++n) {
        const auto op = static_cast<isa::Op>(n);
        const isa::Row& row = isa::row_of(op);
        if (row.privilege != isa::Privilege::problem || !model.facilities.has(row.facility)) continue;
        if (row.ends == isa::Ends::time) continue;
        for (unsigned round = 0; round < 12; ++round) {
            const unsigned seed = n * 1000 + round;
            std::mt19937 random(seed);
            const Loop loop(op, executed, random);
            const auto machine_on = [&](ExecutorKind kind) {
                return on_executor(kind, [&] { return std::make_unique<Machine>(model, kStorage); });
            };
            const auto a = machine_on(ExecutorKind::interpreter), b = machine_on(ExecutorKind::translator);
            loop.begin(*a);
            loop.begin(*b);
            std::string what = fmt::format("{} seed {}", row.mnemonic, seed);
            CAPTURE(what);
            for (unsigned leg = 0; leg < 3; ++leg) {
                const uint64_t instructions = 20 + random() % 60;
                CHECK(a->run({.instructions = instructions}) == b->run({.instructions = instructions}));
                CHECK(a->cpu().state() == b->cpu().state());
                CHECK(a->cpu().now() == b->cpu().now());
                CHECK(a->cpu().counters().instructions == b->cpu().counters().instructions);
                CHECK(a->cpu().counters().units == b->cpu().counters().units);
                CHECK(std::memcmp(a->storage().at(0), b->storage().at(0), kStorage) == 0);
            }
            regions += b->executor().counts().translated.regions;
            failed += b->executor().counts().translated.failed_regions;
        }
    }
    if (can_translate()) CHECK(regions > 1000);
    CHECK(failed == 0);
}

TEST_CASE("every instruction of the problem state does translated what it does interpreted") {
    translated_as_interpreted(false);
}

TEST_CASE("so does every subject of EXECUTE") { translated_as_interpreted(true); }

// Marks of more than the operand's bytes are looked at.
TEST_CASE("operands that end where storage does") {
    const ChosenExecutor chosen(ExecutorKind::translator);
    AssembledProgram program(R"(
P        START 0
         DC    A(0,BEGIN)
         ORG   P+X'200'
         USING P,0
BEGIN    LA    3,100
         L     5,=A(X'10000'-256)
LOOP     MVC   0(256,5),FROM
         STM   0,15,192(5)
         ST    3,252(,5)
         STC   3,255(,5)
         LM    6,7,248(5)
         BCT   3,LOOP
         LPSW  GOOD
         DS    0D
GOOD     DC    X'000A000000600D00'
FROM     DC    256X'55'
         END
)",
                             plain_model(), kStorage);
    CHECK(program.run() == Stop::disabled_wait);
    CHECK(program.gpr(7) == 1);
    CHECK(program.machine.storage().get32(kStorage - 256) == 0x55555555);
}

// A block ends where its 2K block does: a conditional branch there is its last instruction.
TEST_CASE("a conditional branch at the end of a 2K block") {
    std::array<SimTime, 2> time{};
    for (unsigned i = 0; i < 2; ++i) {
        const ChosenExecutor chosen(i == 0 ? ExecutorKind::interpreter : ExecutorKind::translator);
        AssembledProgram program(R"(
P        START 0
         DC    A(0,BEGIN)
         ORG   P+X'200'
         USING P,0
         USING P+4096,15
BEGIN    LA    3,100
         LA    15,4095
         LA    15,1(,15)
         B     BACK
         ORG   P+X'FF6'
BACK     LR    4,3
         N     4,ONE
         BZ    BACK2
         BNZ   BACK2
         ORG   P+X'1010'
BACK2    BCT   3,BACK
         LPSW  GOOD
         DS    0D
GOOD     DC    X'000A000000600D00'
ONE      DC    F'1'
         END
)");
        CHECK(program.run() == Stop::disabled_wait);
        time[i] = program.machine.cpu().now();
    }
    CHECK(time[0] == time[1]);
}

}  // namespace
}  // namespace simulation::test
