// Floating-point instructions: worked examples of GA22-7000 appendix A ("Floating-Point Instructions"), and
// the rules of chapter 9 one by one.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "tests/isa/test_cpu.hpp"

using namespace isa;
using namespace isa::test;

namespace {

constexpr unsigned kUnderflow = kMaskExponentUnderflow;
constexpr unsigned kSignificance = kMaskSignificance;

struct Outcome {
    uint64_t value;  // register 0
    unsigned condition;
    ProgramCode exception;
    bool operator==(const Outcome&) const = default;
};

doctest::String toString(const Outcome& o) {
    return doctest::String((fmt::format("{:016X} cc {} ", o.value, o.condition)).c_str()) +
           isa::toString(o.exception);
}

/// Runs a register-register instruction: first operand in register 0, second in 2; the condition code is 3
/// before.
Outcome outcome(std::string_view instruction, uint64_t a, uint64_t b, unsigned program_mask = 0) {
    TestCpu cpu;
    cpu.set_fpr(0, a);
    cpu.set_fpr(2, b);
    cpu.set_condition_code(3);
    cpu.state.psw.program_mask = static_cast<uint8_t>(program_mask);
    const auto exception = execute(cpu, instruction);
    CHECK(cpu.fpr(2) == b);
    return {cpu.fpr(0), cpu.condition_code(), exception};
}

struct ExtendedOutcome {
    uint64_t high;
    uint64_t low;
    unsigned condition;
    ProgramCode exception;
    bool operator==(const ExtendedOutcome&) const = default;
};

doctest::String toString(const ExtendedOutcome& o) {
    return doctest::String((fmt::format("{:016X} {:016X} cc {} ", o.high, o.low, o.condition)).c_str()) +
           isa::toString(o.exception);
}

ExtendedOutcome extended(std::string_view instruction, hex_float::Extended a, hex_float::Extended b,
                         unsigned program_mask = 0) {
    TestCpu cpu;
    cpu.set_fpr(0, a.high);
    cpu.set_fpr(2, a.low);
    cpu.set_fpr(4, b.high);
    cpu.set_fpr(6, b.low);
    cpu.set_condition_code(3);
    cpu.state.psw.program_mask = static_cast<uint8_t>(program_mask);
    const auto exception = execute(cpu, instruction);
    CHECK(cpu.fpr(4) == b.high);
    CHECK(cpu.fpr(6) == b.low);
    return {cpu.fpr(0), cpu.fpr(2), cpu.condition_code(), exception};
}

}  // namespace

TEST_CASE("appendix A: ADD NORMALIZED (AE) and ADD UNNORMALIZED (AU)") {
    TestCpu cpu;
    cpu.set_gpr(13, 0x2000);
    cpu.put_hex(0x2000, "41 12 34 56 00 00 00 00");
    cpu.set_fpr(6, 0x4308210000000000);
    CHECK(execute(cpu, "7A60 D000") == kNoException);
    CHECK(cpu.fpr(6) == 0x4283334500000000);
    CHECK(cpu.condition_code() == 2);
    cpu.set_fpr(6, 0x4308210000000000);
    CHECK(execute(cpu, "7E60 D000") == kNoException);
    CHECK(cpu.fpr(6) == 0x4308333400000000);
    CHECK(cpu.condition_code() == 2);
    // The long form has the digits that the short one loses.
    cpu.set_fpr(6, 0x4308210000000000);
    CHECK(execute(cpu, "6A60 D000") == kNoException);
    CHECK(cpu.fpr(6) == 0x4283334560000000);
}

TEST_CASE("appendix A: COMPARE (CDR): an operand without fraction but with the larger characteristic") {
    CHECK(outcome("2902", 0x4300000000000000, 0x34123456789ABCDE) ==
          Outcome{0x4300000000000000, 0, kNoException});
}

TEST_CASE("chapter 9, LOAD and STORE: short operands keep the right half") {
    TestCpu cpu;
    cpu.set_gpr(13, 0x2000);
    cpu.put_hex(0x2000, "12 34 56 78 9A BC DE F0");
    cpu.set_fpr(4, 0x1111111122222222);
    CHECK(execute(cpu, "7840 D001") == kNoException);  // any boundary will do
    CHECK(cpu.fpr(4) == 0x3456789A22222222);
    CHECK(execute(cpu, "6860 D000") == kNoException);
    CHECK(cpu.fpr(6) == 0x123456789ABCDEF0);
    CHECK(execute(cpu, "3846") == kNoException);
    CHECK(cpu.fpr(4) == 0x1234567822222222);
    CHECK(execute(cpu, "2804") == kNoException);
    CHECK(cpu.fpr(0) == 0x1234567822222222);
    CHECK(execute(cpu, "7060 D010") == kNoException);
    CHECK(cpu.hex(0x2010, 8) == "1234567800000000");
    CHECK(execute(cpu, "6040 D010") == kNoException);
    CHECK(cpu.hex(0x2010, 8) == "1234567822222222");
    CHECK(cpu.condition_code() == 0);
}

TEST_CASE("chapter 6, specification exception: register numbers") {
    TestCpu cpu;
    for (const char* bad : {"3810", "3801", "3808", "2880", "3A03", "3624", "3642", "2726", "2502", "2782"}) {
        CAPTURE(bad);
        CHECK(execute(cpu, bad) == ProgramCode::specification);
    }
    for (const char* good : {"3604", "2742", "2564", "3526"}) {
        CAPTURE(good);
        CHECK(execute(cpu, good) == kNoException);
    }
    CHECK(execute(cpu, "6720 0100") == ProgramCode::specification);
    CHECK(execute(cpu, "7810 0100") == ProgramCode::specification);
}

TEST_CASE("chapter 9, LOAD AND TEST, COMPLEMENT, NEGATIVE, POSITIVE") {
    constexpr uint64_t kOld = 0x5555555566666666;
    CHECK(outcome("3202", kOld, 0xC110000077777777) == Outcome{0xC110000066666666, 1, kNoException});
    CHECK(outcome("3202", kOld, 0xC100000077777777) == Outcome{0xC100000066666666, 0, kNoException});
    CHECK(outcome("2202", kOld, 0xC100000000000001) == Outcome{0xC100000000000001, 1, kNoException});
    CHECK(outcome("3302", kOld, 0xC110000077777777) == Outcome{0x4110000066666666, 2, kNoException});
    CHECK(outcome("2302", kOld, 0x0000000000000000) == Outcome{0x8000000000000000, 0, kNoException});
    CHECK(outcome("3102", kOld, 0x4110000077777777) == Outcome{0xC110000066666666, 1, kNoException});
    CHECK(outcome("2102", kOld, 0x4100000000000000) == Outcome{0xC100000000000000, 0, kNoException});
    CHECK(outcome("3002", kOld, 0xC110000077777777) == Outcome{0x4110000066666666, 2, kNoException});
    CHECK(outcome("2002", kOld, 0xC100000000000000) == Outcome{0x4100000000000000, 0, kNoException});
}

TEST_CASE("chapter 9, ADD NORMALIZED: guard digit, carry, exceptions") {
    // 1.00000 - .0FFFFFF: the guard digit is brought in by normalization.
    CHECK(outcome("3B02", 0x4110000000000000, 0x40FFFFFF00000000) ==
          Outcome{0x3B10000000000000, 2, kNoException});
    CHECK(outcome("3A02", 0x41FFFFFF00000000, 0x4110000000000000) ==
          Outcome{0x4210FFFF00000000, 2, kNoException});
    CHECK(outcome("3A02", 0x7FFFFFFF12345678, 0x7F10000000000000) ==
          Outcome{0x0010FFFF12345678, 2, ProgramCode::exponent_overflow});
    CHECK(outcome("3A02", 0xFFFFFFFF12345678, 0xFF10000000000000) ==
          Outcome{0x8010FFFF12345678, 1, ProgramCode::exponent_overflow});
    // Underflow: the difference needs a characteristic of -4 (wrapped: 124).
    CHECK(outcome("3B02", 0x0110000000000000, 0x00FFFFFF00000000) == Outcome{0, 0, kNoException});
    CHECK(outcome("3B02", 0x0010000100000000, 0x0010000000000000, kUnderflow) ==
          Outcome{0x7B10000000000000, 2, ProgramCode::exponent_underflow});
    CHECK(outcome("3B02", 0x0010000000000000, 0x0010000100000000, kUnderflow) ==
          Outcome{0xFB10000000000000, 1, ProgramCode::exponent_underflow});
    // Significance: a true zero, or the characteristic stays and an interruption follows.
    CHECK(outcome("3B02", 0x4510000000000000, 0x4510000000000000) == Outcome{0, 0, kNoException});
    CHECK(outcome("3B02", 0x4510000012345678, 0x4510000000000000, kSignificance) ==
          Outcome{0x4500000012345678, 0, ProgramCode::significance});
    CHECK(outcome("2B02", 0xC510000012345678, 0xC510000012345678, kSignificance) ==
          Outcome{0x4500000000000000, 0, ProgramCode::significance});
    // There is one guard digit; what is shifted further is gone.
    CHECK(outcome("3A02", 0x4110000000000000, 0x3FFFFFFF00000000) ==
          Outcome{0x4110FFFF00000000, 2, kNoException});
    CHECK(outcome("3A02", 0x4100000000000000, 0x3ABCDEF100000000) == Outcome{0, 0, kNoException});
    CHECK(outcome("3A02", 0x4100000000000000, 0x3BBCDEF100000000) ==
          Outcome{0x3BB0000000000000, 2, kNoException});
}

TEST_CASE("chapter 9, ADD UNNORMALIZED and SUBTRACT UNNORMALIZED") {
    CHECK(outcome("3E02", 0x4601000000000000, 0x4601000000000000) ==
          Outcome{0x4602000000000000, 2, kNoException});
    CHECK(outcome("3F02", 0x4600000300000000, 0x4600000100000000) ==
          Outcome{0x4600000200000000, 2, kNoException});
    CHECK(outcome("2F02", 0x4600000000000001, 0x4600000000000002) ==
          Outcome{0xC600000000000001, 1, kNoException});
    CHECK(outcome("3E02", 0x46FFFFFF00000000, 0x4600000100000000) ==
          Outcome{0x4710000000000000, 2, kNoException});
    CHECK(outcome("3E02", 0x7FFFFFFF00000000, 0x7F00000100000000) ==
          Outcome{0x0010000000000000, 2, ProgramCode::exponent_overflow});
    // A sum that is left in the guard digit only counts as zero.
    CHECK(outcome("3E02", 0x4100000000000000, 0x3BBCDEF100000000) == Outcome{0, 0, kNoException});
    CHECK(outcome("3E02", 0x4100000000000000, 0x3BBCDEF100000000, kSignificance) ==
          Outcome{0x4100000000000000, 0, ProgramCode::significance});
}

TEST_CASE("chapter 9, COMPARE") {
    CHECK(outcome("3902", 0x4110000000000000, 0x40FFFFFF00000000).condition == 2);
    CHECK(outcome("3902", 0x4110000000000000, 0x4201000000000000).condition == 0);
    CHECK(outcome("3902", 0xC110000000000000, 0x4110000000000000).condition == 1);
    CHECK(outcome("3902", 0x8000000000000000, 0x7F00000000000000).condition == 0);
    CHECK(outcome("3902", 0xC110000000000000, 0xC210000000000000).condition == 2);
    CHECK(outcome("2902", 0x4110000000000000, 0x4110000000000001).condition == 1);
    // No exception, whatever the masks.
    CHECK(outcome("2902", 0x4110000000000000, 0x4110000000000000, 0xF) ==
          Outcome{0x4110000000000000, 0, kNoException});
}

TEST_CASE("chapter 9, HALVE normalizes") {
    CHECK(outcome("3402", 0x1111111122222222, 0x4120000100000000) ==
          Outcome{0x4110000022222222, 3, kNoException});
    CHECK(outcome("3402", 0, 0x4110000100000000) == Outcome{0x4080000800000000, 3, kNoException});
    CHECK(outcome("2402", 0, 0xC110000000000001) == Outcome{0xC080000000000008, 3, kNoException});
    CHECK(outcome("2402", 0, 0x4100000000000001) == Outcome{0x3380000000000000, 3, kNoException});
    CHECK(outcome("2402", 1, 0xC100000000000000, 0xF) == Outcome{0, 3, kNoException});
    CHECK(outcome("3402", 0, 0x8010000000000000) == Outcome{0, 3, kNoException});
    CHECK(outcome("3402", 0, 0x8010000000000000, kUnderflow) ==
          Outcome{0xFF80000000000000, 3, ProgramCode::exponent_underflow});
}

TEST_CASE("chapter 9, MULTIPLY: long product of short operands, prenormalization, exceptions") {
    CHECK(outcome("3C02", 0x4112345677777777, 0x4110000077777777) ==
          Outcome{0x4112345600000000, 3, kNoException});
    CHECK(outcome("3C02", 0x41FFFFFF00000000, 0xC1FFFFFF00000000) ==
          Outcome{0xC2FFFFFE00000100, 3, kNoException});
    CHECK(outcome("3C02", 0x4700000100000000, 0x4700000100000000) ==
          Outcome{0x4310000000000000, 3, kNoException});
    CHECK(outcome("2C02", 0x41FFFFFFFFFFFFFF, 0x41FFFFFFFFFFFFFF) ==
          Outcome{0x42FFFFFFFFFFFFFE, 3, kNoException});
    CHECK(outcome("2C02", 0x7F00000000000000, 0x7F10000000000000) == Outcome{0, 3, kNoException});
    CHECK(outcome("2C02", 0x7F10000000000000, 0x7F20000000000000) ==
          Outcome{0x3D20000000000000, 3, ProgramCode::exponent_overflow});
    // 16^64 is out of range before, but not after, normalization.
    CHECK(outcome("2C02", 0x7F10000000000000, 0x4110000000000000) ==
          Outcome{0x7F10000000000000, 3, kNoException});
    CHECK(outcome("2C02", 0x0010000000000000, 0x4010000000000000) == Outcome{0, 3, kNoException});
    CHECK(outcome("2C02", 0x0010000000000000, 0xC010000000000000, kUnderflow) ==
          Outcome{0xFF10000000000000, 3, ProgramCode::exponent_underflow});
    // A factor may have a negative characteristic when prenormalized.
    CHECK(outcome("2C02", 0x0000000000000001, 0x5010000000000000) ==
          Outcome{0x0210000000000000, 3, kNoException});
}

TEST_CASE("chapter 9, DIVIDE") {
    CHECK(outcome("3D02", 0x4110000012345678, 0x4130000000000000) ==
          Outcome{0x4055555512345678, 3, kNoException});
    CHECK(outcome("2D02", 0x4110000000000000, 0xC130000000000000) ==
          Outcome{0xC055555555555555, 3, kNoException});
    CHECK(outcome("2D02", 0x4130000000000000, 0x4110000000000000) ==
          Outcome{0x4130000000000000, 3, kNoException});
    CHECK(outcome("2D02", 0x4300000000000001, 0x4200000000000001) ==
          Outcome{0x4210000000000000, 3, kNoException});
    CHECK(outcome("2D02", 0x4310000000000001, 0xC200000000000000) ==
          Outcome{0x4310000000000001, 3, ProgramCode::floating_point_divide});
    CHECK(outcome("3D02", 0x0000000000000000, 0x4200000077777777) ==
          Outcome{0, 3, ProgramCode::floating_point_divide});
    CHECK(outcome("2D02", 0xC300000000000000, 0x4210000000000000) == Outcome{0, 3, kNoException});
    CHECK(outcome("2D02", 0x7F20000000000000, 0x4010000000000000) ==
          Outcome{0x0020000000000000, 3, ProgramCode::exponent_overflow});
    CHECK(outcome("2D02", 0x0010000000000000, 0x4220000000000000) == Outcome{0, 3, kNoException});
    CHECK(outcome("2D02", 0x0010000000000000, 0x4220000000000000, kUnderflow) ==
          Outcome{0x7E80000000000000, 3, ProgramCode::exponent_underflow});
}

TEST_CASE("chapter 9, LOAD ROUNDED") {
    CHECK(outcome("3502", 0x1111111122222222, 0x411234567FFFFFFF) ==
          Outcome{0x4112345622222222, 3, kNoException});
    CHECK(outcome("3502", 0, 0xC112345680000000) == Outcome{0xC112345700000000, 3, kNoException});
    CHECK(outcome("3502", 0, 0x41FFFFFF80000000) == Outcome{0x4210000000000000, 3, kNoException});
    CHECK(outcome("3502", 0, 0x7FFFFFFF80000000) ==
          Outcome{0x0010000000000000, 3, ProgramCode::exponent_overflow});
    CHECK(outcome("3502", 0, 0x4100000000000000) == Outcome{0x4100000000000000, 3, kNoException});
    CHECK(extended("2504", {1, 2}, {0x4112345678ABCDEF, 0x007FFFFFFFFFFFFF}) ==
          ExtendedOutcome{0x4112345678ABCDEF, 2, 3, kNoException});
    CHECK(extended("2504", {1, 2}, {0x4112345678ABCDEF, 0xFF80000000000000}) ==
          ExtendedOutcome{0x4112345678ABCDF0, 2, 3, kNoException});
    CHECK(extended("2504", {1, 2}, {0xFFFFFFFFFFFFFFFF, 0x0080000000000000}) ==
          ExtendedOutcome{0x8010000000000000, 2, 3, ProgramCode::exponent_overflow});
}

TEST_CASE("chapter 9, extended operands: the low-order part") {
    // 1 + 16^-27, then minus 1: sign and characteristic of the low part follow the high part.
    CHECK(extended("3604", {0x4110000000000000, 0x0000000000000000},
                   {0x2610000000000000, 0xFF00000000000000}) ==
          ExtendedOutcome{0x4110000000000000, 0x3300000000000001, 2, kNoException});
    CHECK(extended("3704", {0x4110000000000000, 0x3300000000000001}, {0x4110000000000000, 0}) ==
          ExtendedOutcome{0x2610000000000000, 0x1800000000000000, 2, kNoException});
    // A characteristic of the low part below zero wraps and is no exception.
    CHECK(extended("3604", {0x8510000000000000, 0x0000000000000000}, {0x8510000000000000, 0}, 0xF) ==
          ExtendedOutcome{0x8520000000000000, 0xF700000000000000, 1, kNoException});
    CHECK(extended("3704", {0x4510000000000000, 0}, {0x4510000000000000, 0}) ==
          ExtendedOutcome{0, 0, 0, kNoException});
    CHECK(extended("3704", {0x4510000000000000, 0}, {0x4510000000000000, 0}, kSignificance) ==
          ExtendedOutcome{0x4500000000000000, 0x3700000000000000, 0, ProgramCode::significance});
    // Overflow: the low characteristic remains the correct one, 128 - 14.
    CHECK(extended("3604", {0x7FFFFFFFFFFFFFFF, 0x00FFFFFFFFFFFFFF}, {0x7F10000000000000, 0}) ==
          ExtendedOutcome{0x0010FFFFFFFFFFFF, 0x72FFFFFFFFFFFFFF, 2, ProgramCode::exponent_overflow});
}

TEST_CASE("chapter 9, MULTIPLY with an extended product") {
    CHECK(extended("2704", {0x41FFFFFFFFFFFFFF, 0}, {0x41FFFFFFFFFFFFFF, 0}) ==
          ExtendedOutcome{0x42FFFFFFFFFFFFFE, 0x3400000000000001, 3, kNoException});
    CHECK(extended("2604", {0xC110000000000000, 0}, {0x4112345678ABCDEF, 0x3312345678ABCDEF}) ==
          ExtendedOutcome{0xC112345678ABCDEF, 0xB312345678ABCDEF, 3, kNoException});
    CHECK(extended("2604", {0x41FFFFFFFFFFFFFF, 0x00FFFFFFFFFFFFFF},
                   {0x41FFFFFFFFFFFFFF, 0x80FFFFFFFFFFFFFF}) ==
          ExtendedOutcome{0x42FFFFFFFFFFFFFF, 0x34FFFFFFFFFFFFFE, 3, kNoException});
    CHECK(extended("2604", {0x4110000000000000, 0}, {0x4100000000000000, 0x3300000000000000}) ==
          ExtendedOutcome{0, 0, 3, kNoException});
    CHECK(extended("2604", {0x0010000000000000, 0}, {0x4010000000000000, 0}, kUnderflow) ==
          ExtendedOutcome{0x7F10000000000000, 0x7100000000000000, 3, ProgramCode::exponent_underflow});
    TestCpu cpu;
    cpu.set_fpr(4, 0x4120000000000000);
    cpu.set_fpr(6, 0x1234);
    cpu.put_hex(0x100, "C1 30 00 00 00 00 00 00");
    CHECK(execute(cpu, "6740 0100") == kNoException);
    CHECK(cpu.fpr(4) == 0xC160000000000000);
    CHECK(cpu.fpr(6) == 0xB300000000000000);
}
