// A CPU for the tests of single instructions: registers, and 64 KiB of storage of which any part can be
// closed.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>

#include "isa/cpu.hpp"
#include "isa/semantics/convert.hpp"
#include "isa/semantics/decimal.hpp"
#include "isa/semantics/float_extended.hpp"
#include "isa/semantics/float_short_long.hpp"
#include "isa/state.hpp"

namespace isa::test {

class TestCpu {
  public:
    static constexpr uint32_t kSize = 0x10000;

    CpuState state;
    std::array<uint8_t, kSize> storage{};
    // Accesses at or above these addresses raise an addressing and a protection exception.
    uint32_t fetch_limit = kSize;
    uint32_t store_limit = kSize;

    uint32_t gpr(unsigned n) const { return state.gpr[n]; }
    void set_gpr(unsigned n, uint32_t v) { state.gpr[n] = v; }
    uint64_t fpr(unsigned n) const { return state.fpr[n / 2]; }
    void set_fpr(unsigned n, uint64_t v) { state.fpr[n / 2] = v; }
    uint32_t cr(unsigned n) const { return state.cr[n]; }

    uint32_t address(unsigned base, unsigned displacement) const { return address(0, base, displacement); }
    uint32_t address(unsigned index, unsigned base, unsigned displacement) const {
        return ((index != 0 ? gpr(index) : 0) + (base != 0 ? gpr(base) : 0) + displacement) & kAddressMask;
    }

    uint32_t load8(uint32_t a) { return static_cast<uint32_t>(load(a, 1)); }
    uint32_t load16(uint32_t a) { return static_cast<uint32_t>(load(a, 2)); }
    uint32_t load32(uint32_t a) { return static_cast<uint32_t>(load(a, 4)); }
    uint64_t load64(uint32_t a) { return load(a, 8); }
    void store8(uint32_t a, uint32_t v) { put(a, v, 1); }
    void store16(uint32_t a, uint32_t v) { put(a, v, 2); }
    void store32(uint32_t a, uint32_t v) { put(a, v, 4); }
    void store64(uint32_t a, uint64_t v) { put(a, v, 8); }
    void fetch(uint32_t a, uint8_t* out, unsigned n) {
        probe_fetch(a, n);
        for (unsigned i = 0; i < n; ++i) out[i] = storage[(a + i) & kAddressMask];
    }
    void store(uint32_t a, const uint8_t* in, unsigned n) {
        probe_store(a, n);
        for (unsigned i = 0; i < n; ++i) storage[(a + i) & kAddressMask] = in[i];
    }
    void probe_fetch(uint32_t a, unsigned n) const {
        for (unsigned i = 0; i < n; ++i) {
            if (((a + i) & kAddressMask) >= fetch_limit) throw ProgramCheck{ProgramCode::addressing};
        }
    }
    void probe_store(uint32_t a, unsigned n) const {
        probe_fetch(a, n);
        for (unsigned i = 0; i < n; ++i) {
            if (((a + i) & kAddressMask) >= store_limit) throw ProgramCheck{ProgramCode::protection};
        }
    }

    unsigned condition_code() const { return state.psw.condition_code; }
    void set_condition_code(unsigned cc) { state.psw.condition_code = static_cast<uint8_t>(cc); }
    unsigned program_mask() const { return state.psw.program_mask; }
    [[noreturn]] void raise(const ProgramCheck& check) const { throw check; }
    [[noreturn]] void program_check(ProgramCode code) const { raise({code}); }

    // Helpers of the tests.
    void put_bytes(uint32_t a, std::initializer_list<unsigned> bytes) {
        for (unsigned b : bytes) storage[a++] = static_cast<uint8_t>(b);
    }
    /// Storage as hexadecimal digits, two a byte, unseparated.
    std::string hex(uint32_t a, unsigned n) const {
        static constexpr char kDigits[] = "0123456789ABCDEF";
        std::string text;
        for (unsigned i = 0; i < n; ++i) {
            text += kDigits[storage[a + i] >> 4];
            text += kDigits[storage[a + i] & 0xF];
        }
        return text;
    }
    /// Hexadecimal digits, blanks ignored, into storage.
    void put_hex(uint32_t a, std::string_view digits) {
        unsigned half = 0;
        unsigned value = 0;
        for (const char d : digits) {
            if (d == ' ') continue;
            value = value << 4 | static_cast<unsigned>(d <= '9' ? d - '0' : d - 'A' + 10);
            if (half++ % 2 == 1) storage[a++] = static_cast<uint8_t>(value);
        }
    }

  private:
    uint64_t load(uint32_t a, unsigned n) {
        std::array<uint8_t, 8> bytes{};
        fetch(a, bytes.data(), n);
        uint64_t v = 0;
        for (unsigned i = 0; i < n; ++i) v = v << 8 | bytes[i];
        return v;
    }
    void put(uint32_t a, uint64_t v, unsigned n) {
        std::array<uint8_t, 8> bytes{};
        for (unsigned i = 0; i < n; ++i) bytes[i] = static_cast<uint8_t>(v >> 8 * (n - 1 - i));
        store(a, bytes.data(), n);
    }
};

static_assert(Cpu<TestCpu>);

/// What an instruction gave: nothing, or the program interruption that it raised.
inline constexpr auto kNoException = static_cast<ProgramCode>(0);

/// Register numbers as the row requires them. Operand alignment is not checked here.
inline bool registers_valid(const Row& row, const Operands& o) {
    const auto is_float = [](unsigned r) { return r < 8 && r % 2 == 0; };
    const auto is_pair = [](unsigned r) { return r == 0 || r == 4; };
    const unsigned need = row.requires_;
    return ((need & even1) == 0 || o.r1 % 2 == 0) && ((need & even2) == 0 || o.r2 % 2 == 0) &&
           ((need & even3) == 0 || o.r2 % 2 == 0) && ((need & float1) == 0 || is_float(o.r1)) &&
           ((need & float2) == 0 || is_float(o.r2)) && ((need & floatpair1) == 0 || is_pair(o.r1)) &&
           ((need & floatpair2) == 0 || is_pair(o.r2));
}

/// Runs the body of one decoded instruction, if it is one of those included above; returns the exception that
/// it raised, or kNoException.
template <class C>
ProgramCode execute(C& cpu, const Decoded& instruction) {
    using Body = void (*)(C&, const Operands&);
    using namespace semantics;
    static constexpr Body kBodies[] = {
#define INSTRUCTION(mnemonic, opcode, format, privilege, how, body, ...) \
    [](C& c, const Operands& o) {                                        \
        if constexpr (requires { body(c, o); })                          \
            body(c, o);                                                  \
        else                                                             \
            FAIL("no body for " #mnemonic);                              \
    },
#include "isa/instruction_table.inc"
#undef INSTRUCTION
    };
    if (instruction.op == Op::invalid) return ProgramCode::operation;
    if (!registers_valid(instruction.row(), instruction.operands)) return ProgramCode::specification;
    try {
        kBodies[static_cast<unsigned>(instruction.op)](cpu, instruction.operands);
    } catch (const ProgramCheck& check) {
        return check.code;
    }
    return kNoException;
}

/// The same for an instruction written in hexadecimal: execute(cpu, "FA23 C000 D000").
inline ProgramCode execute(TestCpu& cpu, std::string_view text) {
    TestCpu scratch;
    scratch.put_hex(0, text);
    return execute(cpu, decode(scratch.storage.data()));
}

}  // namespace isa::test

namespace isa {

inline doctest::String toString(ProgramCode code) {
    return code == test::kNoException ? doctest::String("no exception")
                                      : doctest::String(name_of(code).data());
}

}  // namespace isa
