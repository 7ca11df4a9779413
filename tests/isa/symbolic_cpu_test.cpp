// The bodies of which the table says "inline" can be translated: each is a template that asks its CPU for
// everything and decides on no value. They are instantiated here for a CPU that has no values yet (one that
// does decide does not compile), and what they recorded, done afterwards, is what they do when they are
// executed.
#include "tests/isa/symbolic_cpu.hpp"

#include <doctest/doctest.h>

#include <random>
#include <type_traits>

#include "isa/semantics/all.hpp"

namespace isa::test {
namespace {

using Word = SymbolicCpu::Word;
static_assert(!std::is_constructible_v<bool, Word>, "no body may ask whether a value is so");
static_assert(!std::is_constructible_v<unsigned, Word>);

template <class C>
using Body = void (*)(C&, const Operands&);

/// The bodies of all rows; null for those that are called.
template <class C>
constexpr Body<C> kBodies[] = {
#define BODY_inline(body) &semantics::body<C>
#define BODY_call(body) nullptr
#define INSTRUCTION(mnemonic, opcode, format, privilege, how, body, ...) BODY_##how(body),
#include "isa/instruction_table.inc"
#undef INSTRUCTION
#undef BODY_inline
#undef BODY_call
};

std::string effects(Op op, const Operands& o) {
    SymbolicCpu cpu;
    kBodies<SymbolicCpu>[static_cast<unsigned>(op)](cpu, o);
    return cpu.effects();
}

struct Random {
    std::mt19937 bits{370};
    uint32_t below(uint32_t n) { return static_cast<uint32_t>(bits() % n); }
    uint32_t word() {
        static constexpr uint32_t kEdges[] = {0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFF, 0x8000};
        return below(4) == 0 ? kEdges[below(std::size(kEdges))] : static_cast<uint32_t>(bits());
    }

    Operands operands(const Row& row) {
        Operands o;
        o.r1 = static_cast<uint8_t>(below(16));
        if ((row.requires_ & even1) != 0) o.r1 &= 0xE;
        o.r2 = static_cast<uint8_t>(below(16));
        o.b1 = static_cast<uint8_t>(below(16));
        o.b2 = static_cast<uint8_t>(below(16));
        o.d1 = static_cast<uint16_t>(below(4096));
        o.d2 = static_cast<uint16_t>(below(4096));
        const uint32_t immediate = word();
        o.imm = row.format == Format::SI     ? static_cast<uint8_t>(immediate)
                : row.format == Format::RI_U ? static_cast<uint16_t>(immediate)
                                             : static_cast<int16_t>(immediate);
        return o;
    }
    /// Most addresses lie in storage, some are refused for storing, some altogether.
    ExecutingCpu cpu() {
        ExecutingCpu cpu;
        for (uint32_t& r : cpu.state.gpr) r = below(2) == 0 ? word() : below(0xC000);
        for (uint8_t& byte : cpu.storage) byte = static_cast<uint8_t>(bits());
        cpu.store_limit = 0xC000;
        cpu.state.psw.address = 2 * below(0x8000);
        cpu.state.psw.condition_code = static_cast<uint8_t>(below(4));
        cpu.state.psw.program_mask = static_cast<uint8_t>(below(16));
        return cpu;
    }
};

template <class F>
ProgramCode outcome(F f) {
    try {
        f();
    } catch (const ProgramCheck& check) {
        return check.code;
    }
    return kNoException;
}

}  // namespace

TEST_CASE("bodies to be translated: what a few of them record") {
    CHECK(effects(Op::op_AR, {.r1 = 1, .r2 = 2}) ==
          "set_gpr(1, add_signed(gpr(1), gpr(2)))\ntrap_on_overflow()\n");
    CHECK(effects(Op::op_N, {.r1 = 1, .r2 = 2, .b2 = 12, .d2 = 0x10}) ==
          "test_bits((load32(address(2, C, 10)) & gpr(1)))\nset_gpr(1, (load32(address(2, C, 10)) & "
          "gpr(1)))\n");
    CHECK(effects(Op::op_STC, {.r1 = 3, .b2 = 4, .d2 = 5}) == "store8(address(0, 4, 5), (gpr(3) & FF))\n");
    CHECK(effects(Op::op_BCTR, {.r1 = 3, .r2 = 4}) ==
          "set_gpr(3, (gpr(3) - 1))\nbranch_if_not_zero(gpr(3), (gpr(4) & FFFFFF))\n");
    // What the text of the instruction decides may be decided while recording.
    CHECK(effects(Op::op_BCTR, {.r1 = 3}) == "set_gpr(3, (gpr(3) - 1))\n");
    CHECK(effects(Op::op_BCR, {.r1 = 15}).empty());
}

TEST_CASE("bodies to be translated: recorded once and done later is the same as executed") {
    Random random;
    unsigned bodies = 0, checks = 0;
    for (unsigned i = 0; i < kRowCount; ++i) {
        const Row& row = kRows[i];
        CHECK((kBodies<SymbolicCpu>[i] != nullptr) == (row.execution == Execution::inline_));
        if (row.execution != Execution::inline_) continue;
        ++bodies;
        CAPTURE(row.mnemonic);
        for (unsigned n = 0; n < 8; ++n) {
            const Operands o = random.operands(row);
            SymbolicCpu recorded;
            kBodies<SymbolicCpu>[i](recorded, o);
            for (unsigned state = 0; state < 4; ++state) {
                ExecutingCpu executed = random.cpu(), replayed = executed;
                const ProgramCode check = outcome([&] { kBodies<ExecutingCpu>[i](executed, o); });
                CHECK(outcome([&] { recorded.replay(replayed); }) == check);
                CHECK((replayed.state == executed.state));
                CHECK((replayed.storage == executed.storage));
                if (check != kNoException) ++checks;
            }
        }
    }
    CHECK(bodies > 80);
    CHECK(checks > bodies);
}

}  // namespace isa::test
