// Decimal, conversion and editing instructions: the worked examples of GA22-7000 appendix A ("Instruction-Use
// Examples"), edge cases of chapters 7 and 8, and random operands against schoolbook arithmetic on digit
// strings.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>

#include "tests/isa/test_cpu.hpp"

using namespace isa;
using namespace isa::test;

namespace {

/// A CPU with register 12 at 0x2000 and register 13 at 0x3000, holding the two operands given in hexadecimal.
TestCpu cpu_with(std::string_view first, std::string_view second = "") {
    TestCpu cpu;
    cpu.set_gpr(12, 0x2000);
    cpu.set_gpr(13, 0x3000);
    cpu.put_hex(0x2000, first);
    cpu.put_hex(0x3000, second);
    cpu.set_condition_code(0);
    return cpu;
}

struct Outcome {
    std::string first;
    unsigned condition;
    ProgramCode exception;
    bool operator==(const Outcome&) const = default;
};

doctest::String toString(const Outcome& o) {
    return doctest::String((o.first + " cc " + std::to_string(o.condition) + " ").c_str()) +
           isa::toString(o.exception);
}

/// Runs an instruction on two operands; the condition code is 2 before.
Outcome outcome(std::string_view instruction, std::string_view first, std::string_view second = "",
                unsigned program_mask = 0) {
    TestCpu cpu = cpu_with(first, second);
    cpu.state.psw.condition_code = 2;
    cpu.state.psw.program_mask = static_cast<uint8_t>(program_mask);
    const auto exception = execute(cpu, instruction);
    const auto digits =
        static_cast<unsigned>(std::count_if(first.begin(), first.end(), [](char c) { return c != ' '; }));
    return {cpu.hex(0x2000, digits / 2), cpu.condition_code(), exception};
}

}  // namespace

TEST_CASE("appendix A: ADD DECIMAL, COMPARE DECIMAL, ZERO AND ADD") {
    CHECK(outcome("FA23 C000 D000", "38 46 0D", "01 12 34 5C") == Outcome{"73885C", 2, kNoException});
    CHECK(outcome("F933 C000 D000", "17 25 35 6D", "00 72 14 2D") == Outcome{"1725356D", 1, kNoException});
    CHECK(outcome("F932 C000 D000", "17 25 35 6D", "72 14 2D") == Outcome{"1725356D", 1, kNoException});
    CHECK(outcome("F842 C000 D000", "12 34 56 78 90", "38 46 0D") == Outcome{"000038460D", 1, kNoException});
}

TEST_CASE("appendix A: MULTIPLY DECIMAL and DIVIDE DECIMAL") {
    CHECK(outcome("FC41 C000 D000", "00 00 38 46 0D", "32 1D") == Outcome{"012345660C", 2, kNoException});
    CHECK(outcome("FD41 C000 D000", "01 23 45 67 8C", "32 1D") == Outcome{"38460D018C", 2, kNoException});
    // The manual's note: a one-byte divisor (its last byte) leaves too many quotient digits.
    CHECK(outcome("FD40 C000 D001", "01 23 45 67 8C", "32 1D") ==
          Outcome{"012345678C", 2, ProgramCode::decimal_divide});
}

TEST_CASE("appendix A: SHIFT AND ROUND DECIMAL") {
    CHECK(outcome("F040 C000 0003", "00 01 23 45 7C") == Outcome{"123457000C", 2, kNoException});
    CHECK(outcome("F040 C000 003C", "00 12 34 56 7C") == Outcome{"000000123C", 2, kNoException});
    CHECK(outcome("F045 C000 003D", "00 12 39 60 0D") == Outcome{"000001240D", 1, kNoException});
    // The shift is the address, not what it points to: displacement 2 plus -3 in a register.
    TestCpu cpu = cpu_with("00 00 00 12 7C");
    cpu.set_gpr(3, 0xFFFFFFFD);
    CHECK(execute(cpu, "F045 C000 3002") == kNoException);
    CHECK(cpu.hex(0x2000, 5) == "000000013C");
}

TEST_CASE("appendix A: EDIT and EDIT AND MARK") {
    constexpr auto kPattern = "40 20 20 6B 20 20 21 4B 20 20 40 C3 D9";
    CHECK(outcome("DE0C C000 D000", kPattern, "02 57 42 6C") ==
          Outcome{"4040F26BF5F7F44BF2F6404040", 2, kNoException});
    CHECK(outcome("DE0C C000 D000", kPattern, "00 00 02 6D") ==
          Outcome{"404040404040404BF2F640C3D9", 1, kNoException});

    TestCpu cpu = cpu_with(kPattern, "02 57 42 6C");
    cpu.set_gpr(1, 0xAB002007);
    CHECK(execute(cpu, "DF0C C000 D000") == kNoException);
    CHECK(cpu.gpr(1) == 0xAB002002);  // bits 0-7 stay
    cpu = cpu_with(kPattern, "00 00 02 6D");
    cpu.set_gpr(1, 0xAB002007);
    CHECK(execute(cpu, "DF0C C000 D000") == kNoException);
    CHECK(cpu.gpr(1) == 0xAB002007);  // significance was forced: no mark
}

TEST_CASE("appendix A: CONVERT TO BINARY and CONVERT TO DECIMAL") {
    TestCpu cpu = cpu_with("00 00 00 00 00 25 59 4C");
    CHECK(execute(cpu, "4F70 C000") == kNoException);
    CHECK(cpu.gpr(7) == 25594);
    cpu.set_gpr(1, 0x00000F0F);
    CHECK(execute(cpu, "4E10 C010") == kNoException);
    CHECK(cpu.hex(0x2010, 8) == "000000000003855C");
}

TEST_CASE("appendix A: PACK, UNPACK and MOVE WITH OFFSET") {
    CHECK(outcome("F244 C000 C000", "F1 F2 F3 F4 C5") == Outcome{"000012345C", 2, kNoException});
    CHECK(outcome("F342 C000 D000", "00 00 00 00 00", "12 34 5D") == Outcome{"F1F2F3F4D5", 2, kNoException});
    CHECK(outcome("F132 C000 D000", "77 88 99 0C", "12 34 56") == Outcome{"0123456C", 2, kNoException});
}

TEST_CASE("chapter 7, PACK, UNPACK, MOVE WITH OFFSET: lengths and overlap") {
    // Both halves of the last byte change places; the first operand may be too long or too short.
    CHECK(outcome("F200 C000 D000", "00", "C5").first == "5C");
    CHECK(outcome("F230 C000 D000", "FF FF FF FF", "C5").first == "0000005C");
    CHECK(outcome("F204 C000 D000", "FF", "F1 F2 F3 F4 C5").first == "5C");
    CHECK(outcome("F300 C000 D000", "00", "5C").first == "C5");
    CHECK(outcome("F350 C000 D000", "00 00 00 00 00 00", "5C").first == "F0F0F0F0F0C5");
    CHECK(outcome("F312 C000 D000", "00 00", "12 34 5D").first == "F4D5");
    CHECK(outcome("F102 C000 D000", "9C", "12 34 56").first == "6C");
    CHECK(outcome("F130 C000 D000", "99 99 99 9D", "56").first == "0000056D");
    // Right to left, each byte stored before the next is fetched.
    CHECK(outcome("F342 C000 C000", "12 34 5C 00 00").first == "F1F2F3F4C5");
    CHECK(outcome("F342 C000 C002", "00 00 12 34 5C").first == "FFF3F3F4C5");
    CHECK(outcome("F223 C000 C001", "00 F1 F2 F3 C4").first == "03C34CF3C4");
    CHECK(outcome("F122 C000 C001", "11 22 33 44").first == "44344344");
    CHECK(outcome("F133 C000 C000", "11 22 33 4C").first == "122334CC");
}

TEST_CASE("chapter 7, CONVERT TO BINARY: range, signs, invalid codes") {
    struct Case {
        std::string_view packed;
        uint32_t value;
        ProgramCode exception;
    };
    for (const Case& t :
         {Case{"00 00 02 14 74 83 64 7C", 0x7FFFFFFF, kNoException},
          Case{"00 00 02 14 74 83 64 8D", 0x80000000, kNoException},
          Case{"00 00 02 14 74 83 64 8C", 0x80000000, ProgramCode::fixed_point_divide},
          Case{"00 00 02 14 74 83 64 9D", 0x7FFFFFFF, ProgramCode::fixed_point_divide},
          Case{"99 99 99 99 99 99 99 9F", 0xA4C67FFF, ProgramCode::fixed_point_divide},
          Case{"00 00 00 00 00 00 00 0B", 0, kNoException}, Case{"00 00 00 00 00 00 00 1A", 1, kNoException},
          Case{"00 00 00 00 00 00 00 1E", 1, kNoException},
          Case{"00 00 00 00 00 00 00 1B", 0xFFFFFFFF, kNoException},
          Case{"00 00 00 00 00 00 00 19", 0xDEADBEEF, ProgramCode::data},
          Case{"00 00 00 00 00 00 00 AC", 0xDEADBEEF, ProgramCode::data},
          Case{"00 00 0A 00 00 00 00 1C", 0xDEADBEEF, ProgramCode::data}}) {
        CAPTURE(t.packed);
        TestCpu cpu = cpu_with(t.packed);
        cpu.set_gpr(7, 0xDEADBEEF);
        CHECK(execute(cpu, "4F70 C000") == t.exception);
        CHECK(cpu.gpr(7) == t.value);
    }
}

TEST_CASE("chapter 7, CONVERT TO DECIMAL: the extremes") {
    TestCpu cpu = cpu_with("");
    cpu.set_gpr(1, 0x80000000);
    CHECK(execute(cpu, "4E10 C000") == kNoException);
    CHECK(cpu.hex(0x2000, 8) == "000002147483648D");
    cpu.set_gpr(1, 0x7FFFFFFF);
    CHECK(execute(cpu, "4E10 C000") == kNoException);
    CHECK(cpu.hex(0x2000, 8) == "000002147483647C");
    cpu.set_gpr(1, 0);
    CHECK(execute(cpu, "4E10 C000") == kNoException);
    CHECK(cpu.hex(0x2000, 8) == "000000000000000C");
}

TEST_CASE("chapter 8, ADD DECIMAL and SUBTRACT DECIMAL: signs, zero, overflow") {
    // Every sign code is accepted; the preferred ones come out.
    for (const char* plus : {"1A", "1C", "1E", "1F"})
        CHECK(outcome("FA00 C000 D000", plus, "1C").first == "2C");
    for (const char* minus : {"1B", "1D"}) CHECK(outcome("FA00 C000 D000", minus, "1C").first == "0C");
    CHECK(outcome("FA00 C000 D000", "1B", "1D") == Outcome{"2D", 1, kNoException});
    CHECK(outcome("FA00 C000 D000", "0D", "0D") == Outcome{"0C", 0, kNoException});
    CHECK(outcome("FB00 C000 D000", "5C", "5F") == Outcome{"0C", 0, kNoException});
    // A zero that overflow leaves has the sign of the true sum, and the interruption is masked.
    CHECK(outcome("FA00 C000 D000", "5D", "5D") == Outcome{"0D", 3, kNoException});
    CHECK(outcome("FA00 C000 D000", "5C", "5C", kMaskDecimalOverflow) ==
          Outcome{"0C", 3, ProgramCode::decimal_overflow});
    CHECK(outcome("FA01 C000 D000", "5C", "99 9D", 0xF & ~kMaskDecimalOverflow) ==
          Outcome{"4D", 3, kNoException});
    // A long second operand alone is no overflow.
    CHECK(outcome("FA01 C000 D000", "5C", "00 3C") == Outcome{"8C", 2, kNoException});
    // 31 digits.
    CHECK(outcome("FAFF C000 D000", "99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 9C",
                  "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 1C") ==
          Outcome{"0000000000000000000000000000000C", 3, kNoException});
    CHECK(outcome("FBFF C000 D000", "99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 9C",
                  "99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 9D") ==
          Outcome{"9999999999999999999999999999998C", 3, kNoException});
    // Overlapping with coincident rightmost bytes is proper: a number added to itself, to its own end.
    CHECK(outcome("FA22 C000 C000", "12 34 5C") == Outcome{"24690C", 2, kNoException});
    CHECK(outcome("FA20 C000 C002", "12 34 5C") == Outcome{"12350C", 2, kNoException});
}

TEST_CASE("chapter 8: invalid codes and improper overlap are data exceptions and change nothing") {
    for (const char* instruction : {"FA11 C000 D000", "FB11 C000 D000", "F911 C000 D000", "F811 C000 D000"}) {
        CAPTURE(instruction);
        CHECK(outcome(instruction, "12 3C", "A1 2C") == Outcome{"123C", 2, ProgramCode::data});
    }
    CHECK(outcome("FA11 C000 D000", "12 34", "01 2C") == Outcome{"1234", 2, ProgramCode::data});
    CHECK(outcome("FA11 C000 D000", "12 3C", "01 22") == Outcome{"123C", 2, ProgramCode::data});
    CHECK(outcome("FA11 C000 D000", "1A 3C", "01 2C") == Outcome{"1A3C", 2, ProgramCode::data});
    CHECK(outcome("FA11 C000 C001", "12 3C 4C") == Outcome{"123C4C", 2, ProgramCode::data});
    // ZAP does not look at its first operand, except where it lies.
    CHECK(outcome("F811 C000 D000", "FF FF", "01 2D") == Outcome{"012D", 1, kNoException});
    CHECK(outcome("F811 C000 C001", "FF 01 2D") == Outcome{"FF012D", 2, ProgramCode::data});
    CHECK(outcome("F811 C001 C000", "01 2D FF") == Outcome{"01012D", 1, kNoException});
}

TEST_CASE("chapter 8, ZERO AND ADD: zero, sign and overflow") {
    CHECK(outcome("F811 C000 D000", "00 00", "00 0D") == Outcome{"000C", 0, kNoException});
    CHECK(outcome("F801 C000 D000", "00", "10 0D", kMaskDecimalOverflow) ==
          Outcome{"0D", 3, ProgramCode::decimal_overflow});
    CHECK(outcome("F801 C000 D000", "00", "12 3F") == Outcome{"3C", 3, kNoException});
}

TEST_CASE("chapter 8, COMPARE DECIMAL") {
    CHECK(outcome("F900 C000 D000", "0C", "0D").condition == 0);
    CHECK(outcome("F910 C000 D000", "00 5C", "5A").condition == 0);
    CHECK(outcome("F900 C000 D000", "5D", "4D").condition == 1);
    CHECK(outcome("F900 C000 D000", "4D", "5D").condition == 2);
    CHECK(outcome("F900 C000 D000", "4C", "5D").condition == 2);
    CHECK(outcome("F901 C000 D000", "9C", "01 0C") == Outcome{"9C", 1, kNoException});
}

TEST_CASE("chapter 8, MULTIPLY DECIMAL: lengths, leading zeros, sign of zero") {
    CHECK(outcome("FC11 C000 D000", "00 2C", "00 3C").exception == ProgramCode::specification);
    CHECK(outcome("FC98 C000 D000", "00 2C", "00 3C").exception == ProgramCode::specification);
    CHECK(outcome("FC10 C000 D000", "00 9C", "9D") == Outcome{"081D", 2, kNoException});
    // One byte of multiplier asks for one byte of zeros.
    CHECK(outcome("FC10 C000 D000", "01 9C", "9D") == Outcome{"019C", 2, ProgramCode::data});
    CHECK(outcome("FC10 C000 D000", "01 9C", "0D") == Outcome{"019C", 2, ProgramCode::data});
    CHECK(outcome("FC10 C000 D000", "00 0C", "9D") == Outcome{"000D", 2, kNoException});
    CHECK(outcome("FC10 C000 D000", "00 9D", "0D") == Outcome{"000C", 2, kNoException});
    CHECK(outcome("FCF7 C000 D000", "00 00 00 00 00 00 00 00 99 99 99 99 99 99 99 9C",
                  "99 99 99 99 99 99 99 9C") == Outcome{"0999999999999998000000000000001C", 2, kNoException});
}

TEST_CASE("chapter 8, DIVIDE DECIMAL: lengths, signs, decimal-divide exception") {
    CHECK(outcome("FD11 C000 D000", "00 2C", "00 3C").exception == ProgramCode::specification);
    CHECK(outcome("FD98 C000 D000", "00 2C", "00 3C").exception == ProgramCode::specification);
    CHECK(outcome("FD10 C000 D000", "00 7D", "2C") == Outcome{"3D1D", 2, kNoException});
    CHECK(outcome("FD10 C000 D000", "00 7C", "2D") == Outcome{"3D1C", 2, kNoException});
    CHECK(outcome("FD10 C000 D000", "00 0D", "2C") == Outcome{"0D0D", 2, kNoException});
    CHECK(outcome("FD10 C000 D000", "00 7C", "0C") == Outcome{"007C", 2, ProgramCode::decimal_divide});
    CHECK(outcome("FD10 C000 D000", "01 9C", "2C") == Outcome{"9C1C", 2, kNoException});
    CHECK(outcome("FD10 C000 D000", "02 0C", "2C") == Outcome{"020C", 2, ProgramCode::decimal_divide});
    // Invalid codes win over division by zero.
    CHECK(outcome("FD10 C000 D000", "00 A0", "0C") == Outcome{"00A0", 2, ProgramCode::data});
}

TEST_CASE("chapter 8, SHIFT AND ROUND DECIMAL: extremes") {
    CHECK(outcome("F010 C000 0001", "01 2D", "", kMaskDecimalOverflow) == Outcome{"120D", 1, kNoException});
    CHECK(outcome("F010 C000 0002", "01 2D", "", kMaskDecimalOverflow) ==
          Outcome{"200D", 3, ProgramCode::decimal_overflow});
    CHECK(outcome("F010 C000 0003", "01 2D") == Outcome{"000D", 3, kNoException});
    CHECK(outcome("F010 C000 001F", "00 0D") == Outcome{"000C", 0, kNoException});
    CHECK(outcome("F010 C000 001F", "00 1D") == Outcome{"000D", 3, kNoException});
    CHECK(outcome("F010 C000 0000", "00 1F") == Outcome{"001C", 2, kNoException});  // the sign is replaced
    CHECK(outcome("F015 C000 003F", "99 5C") == Outcome{"100C", 2, kNoException});
    CHECK(outcome("F015 C000 003F", "99 4C") == Outcome{"099C", 2, kNoException});
    CHECK(outcome("F019 C000 003D", "01 0D") == Outcome{"000C", 0, kNoException});
    CHECK(outcome("F019 C000 0020", "99 9D") == Outcome{"000C", 0, kNoException});  // right by 32
    CHECK(outcome("F0F5 C000 0021", "99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 9D") ==
          Outcome{"0000000000000000000000000000001D", 1, kNoException});  // right by 31
    CHECK(outcome("F01A C000 0000", "00 1C") == Outcome{"001C", 2, ProgramCode::data});
    CHECK(outcome("F010 C000 0001", "00 12") == Outcome{"0012", 2, ProgramCode::data});
}

TEST_CASE("chapter 8, EDIT: separators, sign in the middle, invalid codes") {
    // Two fields; the condition code tells of the last.
    CHECK(outcome("DE06 C000 D000", "5C 20 20 20 22 20 20", "12 3C 00 00") ==
          Outcome{"5CF1F2F35C5C5C", 0, kNoException});
    CHECK(outcome("DE03 C000 D000", "5C 20 20 22", "99 9C") == Outcome{"5CF9F95C", 0, kNoException});
    // The fill byte may itself be a digit selector or significance starter.
    CHECK(outcome("DE01 C000 D000", "20 20", "05 0C") == Outcome{"20F5", 1, kNoException});
    CHECK(outcome("DE02 C000 D000", "21 20 40", "00 0D") == Outcome{"21F040", 0, kNoException});
    // A plus sign next to the digit of a significance starter turns significance off again.
    CHECK(outcome("DE02 C000 D000", "40 21 C1", "0C") == Outcome{"404040", 0, kNoException});
    CHECK(outcome("DE02 C000 D000", "40 21 C1", "0D") == Outcome{"4040C1", 0, kNoException});
    CHECK(outcome("DE02 C000 D000", "40 20 C1", "5F") == Outcome{"40F540", 2, kNoException});
    CHECK(outcome("DE02 C000 D000", "40 20 C1", "5B") == Outcome{"40F5C1", 1, kNoException});
    // A field separator does not skip the right half of a source byte.
    CHECK(outcome("DE03 C000 D000", "40 20 22 20", "12") == Outcome{"40F140F2", 1, kNoException});
    // Only the left digit must be a digit.
    CHECK(outcome("DE01 C000 D000", "40 20", "C1") == Outcome{"4020", 2, ProgramCode::data});
    // No source byte is fetched that no digit calls for.
    TestCpu cpu = cpu_with("40 20 20 C1");
    cpu.set_gpr(13, 0xFFFE);
    cpu.put_hex(0xFFFE, "12 34");
    cpu.fetch_limit = 0xFFFF;
    CHECK(execute(cpu, "DE03 C000 D000") == kNoException);
    CHECK(cpu.hex(0x2000, 4) == "40F1F2C1");
    cpu.put_hex(0x2000, "40 20 20 20");
    CHECK(execute(cpu, "DE03 C000 D000") == ProgramCode::addressing);
    CHECK(cpu.hex(0x2000, 4) == "40202020");
}

TEST_CASE("chapter 8, EDIT AND MARK: the last of several marks counts") {
    TestCpu cpu = cpu_with("40 20 20 20 22 20 20 20", "01 20 34 5C");
    cpu.set_gpr(1, 0xFF000000);
    CHECK(execute(cpu, "DF07 C000 D000") == kNoException);
    CHECK(cpu.hex(0x2000, 8) == "4040F1F24040F3F4");
    CHECK(cpu.gpr(1) == 0xFF002006);
}

TEST_CASE("chapter 6: access exceptions come before data exceptions and change nothing") {
    for (const char* instruction : {"FA11 C000 D000", "FB11 C000 D000", "F811 C000 D000", "FC21 C000 D000",
                                    "FD21 C000 D000", "F010 C000 0000", "DE01 C000 D000", "F111 C000 D000",
                                    "F211 C000 D000", "F311 C000 D000", "4E10 C000"}) {
        CAPTURE(instruction);
        TestCpu cpu = cpu_with("FF FF FF", "FF FF FF");
        cpu.store_limit = 0x2001;
        cpu.state.psw.condition_code = 2;
        CHECK(execute(cpu, instruction) == ProgramCode::protection);
        CHECK(cpu.hex(0x2000, 3) == "FFFFFF");
        CHECK(cpu.condition_code() == 2);
    }
}
