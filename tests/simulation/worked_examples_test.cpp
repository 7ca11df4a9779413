// The worked examples of the manual: GA22-7000 appendix A, "Number Representation and Instruction-Use
// Examples". Each case is named after the example's title there; operands, addresses and results are the
// manual's. Page numbers, where given, are those of edition 10 (September 1987).
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "isa/assembler/assembler.hpp"
#include "isa/ebcdic.hpp"
#include "simulation/machine/machine.hpp"

namespace simulation {
namespace {

/// A machine whose registers and storage are given, one example's instructions, and what they leave behind.
class Example {
  public:
    Example() : machine_(std::make_unique<Machine>(MachineModel::load("unit"), kMebibyte)) {}

    Example& r(unsigned n, uint32_t value) {
        cpu().set_gpr(n, value);
        return *this;
    }
    Example& f(unsigned n, uint64_t value) {
        cpu().set_fpr(n, value);
        return *this;
    }
    Example& at(uint32_t address, std::string_view digits) {
        const std::vector<uint8_t> bytes = bytes_of(digits);
        machine_->storage().put(address, bytes.data(), static_cast<uint32_t>(bytes.size()));
        return *this;
    }
    /// Assembles statements, a line each, and executes `instructions` of them (0: as many as there are) from
    /// `where` on. Nothing may interrupt them.
    Example& run(const std::string& statements, uint32_t where = 0xF000, unsigned instructions = 0) {
        CAPTURE(statements);
        std::string source = fmt::format("E START X'{:X}'\n", where);
        unsigned lines = 0;
        for (size_t begin = 0; begin < statements.size(); ++lines) {
            const size_t end = std::min(statements.find('\n', begin), statements.size());
            source += " " + statements.substr(begin, end - begin) + "\n";
            begin = end + 1;
        }
        const auto program = isa::assembler::assemble(source + " END\n", "example.asm");
        for (const auto& d : program.diagnostics) FAIL_CHECK(isa::assembler::to_string(d));
        REQUIRE(program.ok);
        machine_->storage().put(where, program.image.data(), static_cast<uint32_t>(program.image.size()));
        code_ = program.image;
        isa::Psw psw;
        psw.address = where;
        psw.condition_code = 0;
        cpu().set_psw(psw);
        for (unsigned n = instructions != 0 ? instructions : lines; n != 0; --n) {
            const Exit exit = machine_->executor().run(cpu(), kNever, 1);
            REQUIRE(program_interruption(exit) == nullptr);
        }
        return *this;
    }

    Example& machine_format(std::string_view digits) {
        CHECK(code_ == bytes_of(digits));
        return *this;
    }
    Example& is_r(unsigned n, uint32_t value) {
        CHECK_MESSAGE(cpu().gpr(n) == value, fmt::format("register {} is {:08X}", n, cpu().gpr(n)));
        return *this;
    }
    Example& is_f(unsigned n, uint64_t value) {
        CHECK_MESSAGE(cpu().fpr(n) == value,
                      fmt::format("floating-point register {} is {:016X}", n, cpu().fpr(n)));
        return *this;
    }
    Example& is(uint32_t address, std::string_view digits) {
        const std::vector<uint8_t> expected = bytes_of(digits);
        std::string found;
        for (size_t i = 0; i < expected.size(); ++i)
            found += fmt::format("{:02X} ", *machine_->storage().at(address + static_cast<uint32_t>(i)));
        CHECK_MESSAGE(std::equal(expected.begin(), expected.end(), machine_->storage().at(address)),
                      fmt::format("at {:X}: {}", address, found));
        return *this;
    }
    Example& cc(unsigned code) {
        CHECK(cpu().condition_code() == code);
        return *this;
    }
    Example& goes_to(uint32_t address) {
        CHECK(cpu().psw().address == address);
        return *this;
    }

  private:
    static std::vector<uint8_t> bytes_of(std::string_view digits) {
        std::vector<uint8_t> bytes;
        for (size_t i = 0; i + 1 < digits.size(); ++i) {
            if (digits[i] == ' ') continue;
            bytes.push_back(static_cast<uint8_t>(std::stoul(std::string(digits.substr(i, 2)), nullptr, 16)));
            ++i;
        }
        return bytes;
    }
    Cpu& cpu() { return machine_->cpu(); }

    std::unique_ptr<Machine> machine_;
    std::vector<uint8_t> code_;
};

}  // namespace

TEST_CASE("appendix A, Floating-Point Numbers: sample numbers as the assembler makes them") {
    const auto program = isa::assembler::assemble(
        " START 0\n DC E'1.0',E'0.5',E'0.015625',E'0',E'-15.0',E'149.25'\n END\n", "e");
    REQUIRE(program.ok);
    const std::vector<uint8_t> expected = {0x41, 0x10, 0, 0, 0x40, 0x80, 0, 0, 0x3F, 0x40, 0,    0,
                                           0,    0,    0, 0, 0xC1, 0xF0, 0, 0, 0x42, 0x95, 0x40, 0};
    CHECK(program.image == expected);
}

// ---- General instructions ----

TEST_CASE("appendix A, ADD HALFWORD (page A-8)") {
    Example()
        .r(5, 25)
        .r(12, 0x1800)
        .r(13, 0x0150)
        .at(0x2000, "FFFE")
        .run("AH 5,X'6B0'(13,12)")
        .machine_format("4A 5D C6B0")
        .is_r(5, 23)
        .cc(2);
}

TEST_CASE("appendix A, AND: NI turns a bit off (page A-8)") {
    Example().r(8, 0x4890).at(0x4891, "43").run("NI 1(8),B'11111110'").is(0x4891, "42").cc(1);
}

TEST_CASE("appendix A, BRANCH ON CONDITION") {
    const auto after = [](unsigned code) {
        // The condition is made by ADD LOGICAL of two registers before the branch.
        static constexpr uint32_t operands[4][2] = {
            {0, 0}, {1, 1}, {0x80000000, 0x80000000}, {0x80000000, 0x80000001}};
        Example e;
        e.r(1, operands[code][0]).r(2, operands[code][1]).r(10, 0x5000).r(11, 0x1000);
        e.run("ALR 1,2\nBC 12,X'50'(11,10)");
        return e;
    };
    after(0).goes_to(0x6050);
    after(1).goes_to(0x6050);
    after(2).goes_to(0xF006);
    after(3).goes_to(0xF006);
}

TEST_CASE("appendix A, BRANCH ON COUNT: a loop is executed three times (page A-11)") {
    Example e;
    e.r(6, 3).r(8, 0).r(10, 0x6800).r(1, 1);
    e.run("AR 8,1\nNOPR 0\nBCT 6,X'26'(0,10)", 0x6826, 9);
    e.is_r(8, 3).is_r(6, 0).goes_to(0x682E);
}

TEST_CASE("appendix A, BRANCH ON INDEX HIGH, example 1 (page A-11)") {
    Example e;
    e.r(4, 0x8A).r(6, 2).r(7, 0xAA).r(10, 0x7130);
    e.run("BXH 4,6,0(10)")
        .machine_format("86 46 A000")
        .is_r(4, 0x8C)
        .is_r(6, 2)
        .is_r(7, 0xAA)
        .goes_to(0xF004);
    // Repeated, it branches when the value reaches 172.
    for (uint32_t value = 142; value <= 170; value += 2)
        e.run("BXH 4,6,0(10)").is_r(4, value).goes_to(0xF004);
    e.run("BXH 4,6,0(10)").is_r(4, 172).goes_to(0x7130);
}

TEST_CASE("appendix A, BRANCH ON INDEX HIGH, example 2: a table is searched with an odd increment register") {
    const std::string search =
        "LNR 9,9\n"         // F000
        "BXH 10,9,12(1)\n"  // F002: go on at F00C
        "BCR 15,14\n"       // F006: not found
        "NOPR 0\nNOPR 0\n"  // F008
        "CH 8,0(10,11)\n"   // F00C
        "BC 7,2(1)\n"       // F010: to the BXH
        "LH 8,2(10,11)\n"   // F014
        "BCR 15,14";        // F018
    const auto table = [](Example& e) -> Example& {
        return e.r(9, 4)
            .r(10, 0x18)
            .r(11, 0x4000)
            .r(14, 0xE000)
            .r(1, 0xF000)
            .at(0x4000, "0001 0011 0002 0022 0003 0033 0004 0044 0005 0055 0006 0066");
    };
    Example found;
    table(found).r(8, 3);
    // LNR; four times BXH and CH, the first three with BC back; LH; BCR
    found.run(search, 0xF000, 1 + 3 * 3 + 3 + 2).is_r(8, 0x0033).is_r(10, 8).goes_to(0xE000);
    Example absent;
    table(absent).r(8, 9);
    // LNR; six rounds; the seventh BXH does not branch
    absent.run(search, 0xF000, 1 + 6 * 3 + 1 + 1).is_r(10, 0xFFFFFFFC).is_r(9, 0xFFFFFFFC).goes_to(0xE000);
}

TEST_CASE("appendix A, BRANCH ON INDEX LOW OR EQUAL, example 1") {
    Example().r(4, 0x8A).r(6, 2).r(7, 0xAA).r(10, 0x7130).run("BXLE 4,6,0(10)").is_r(4, 0x8C).goes_to(0x7130);
}

TEST_CASE("appendix A, COMPARE HALFWORD (page A-13)") {
    Example().r(4, 0xFFFF8000).r(13, 0x16050).at(0x16080, "8000").run("CH 4,X'30'(0,13)").cc(0);
}

TEST_CASE("appendix A, COMPARE LOGICAL: CLC, CLI, CLR (page A-13)") {
    Example()
        .r(9, 0x1880)
        .r(7, 0x1900)
        .at(0x1886, "D1D6C8D5E2D6D56BC14BC24B")  // JOHNSON,A.B.
        .at(0x1900, "D1D6C8D5E2D6D56BC14BC34B")  // JOHNSON,A.C.
        .run("CLC 6(12,9),0(7)")
        .machine_format("D50B 9006 7000")
        .cc(1);
    Example().r(10, 0x1700).at(0x1703, "7E").run("CLI 3(10),X'AF'").machine_format("95AF A003").cc(1);
    Example().r(4, 1).r(7, 0xFFFFFFFF).run("CLR 4,7").cc(1).run("CR 4,7").cc(2);
}

TEST_CASE("appendix A, COMPARE LOGICAL CHARACTERS UNDER MASK") {
    Example()
        .r(6, 0xF0BC5C7B)
        .r(12, 0x10000)
        .at(0x10200, "F0BC7B")
        .run("CLM 6,B'1101',X'200'(12)")
        .machine_format("BD 6D C200")
        .cc(0)
        .is_r(6, 0xF0BC5C7B);
}

TEST_CASE("appendix A, COMPARE LOGICAL LONG") {
    // 100 bytes against 132, padded with blanks.
    const auto compare = [](int unequal) {
        Example e;
        std::string first, second;
        for (int i = 0; i < 132; ++i) {
            if (i < 100) first += "C1";
            second += i == unequal ? "C2" : i < 100 ? "C1" : "40";
        }
        e.r(4, 0x20800).r(5, 100).r(8, 0x20A00).r(9, 0x40000000 | 132).at(0x20800, first).at(0x20A00, second);
        e.run("CLCL 4,8").machine_format("0F48");
        return e;
    };
    compare(-1).cc(0).is_r(4, 0x20864).is_r(5, 0).is_r(8, 0x20A84).is_r(9, 0x40000000);
    // After 60 bytes, and after 110: the lengths that are left, and how far the addresses have come.
    compare(60).cc(1).is_r(4, 0x2083C).is_r(5, 0x28).is_r(8, 0x20A3C).is_r(9, 0x40000048);
    compare(110).cc(1).is_r(5, 0).is_r(8, 0x20A6E).is_r(9, 0x40000016);
}

TEST_CASE("appendix A, CONVERT TO BINARY and CONVERT TO DECIMAL") {
    Example().r(13, 0x3000).at(0x3010, "000000000025594C").run("CVB 7,16(0,13)").is_r(7, 0x63FA);
    Example().r(1, 0x0F0F).r(13, 0x7600).run("CVD 1,8(0,13)").is(0x7608, "000000000003855C");
}

TEST_CASE("appendix A, DIVIDE") {
    Example()
        .r(6, 0)
        .r(7, 2270)
        .r(8, 0x3550)
        .at(0x3550, "00000032")
        .run("D 6,0(0,8)")
        .is_r(6, 20)
        .is_r(7, 45)
        .is(0x3550, "00000032");
}

TEST_CASE("appendix A, EXCLUSIVE OR: XC exchanges two fields") {
    Example e;
    e.r(7, 0x358).at(0x358, "00001790").at(0x360, "00001401");
    e.run("XC 8(4,7),0(7)").is(0x360, "00000391").cc(1);
    e.run("XC 0(4,7),8(7)").is(0x358, "00001401");
    e.run("XC 8(4,7),0(7)").is(0x360, "00001790").is(0x358, "00001401");
}

TEST_CASE("appendix A, EXECUTE: the length of a MOVE (page A-19)") {
    Example()
        .r(1, 0x000FF003)
        .r(10, 0x3820)
        .r(12, 0x8913)
        .r(13, 0x90A0)
        .at(0x3820, "D200 C003 D000")
        .at(0x90A0, "0102030405")
        .at(0x8916, "FFFFFFFFFF")
        .run("EX 1,0(0,10)", 0x5000)
        .machine_format("4410 A000")
        .is(0x8916, "01020304FF")
        .is(0x3820, "D200 C003 D000")
        .is_r(1, 0x000FF003)
        .goes_to(0x5004);
}

TEST_CASE("appendix A, INSERT CHARACTERS UNDER MASK (page A-19)") {
    Example()
        .r(5, 0x12345678)
        .r(8, 0x2000)
        .at(0x2000, "FEDCBA")
        .run("ICM 5,B'0111',0(8)")
        .is_r(5, 0x12FEDCBA)
        .cc(1);
    Example().r(6, 0).r(8, 0x2000).at(0x2000, "1234").run("ICM 6,B'1001',0(8)").is_r(6, 0x12000034).cc(2);
}

TEST_CASE("appendix A, LOAD, LOAD ADDRESS, LOAD HALFWORD") {
    Example().r(8, 0x21000).at(0x21003, "0000ABCD").run("L 10,3(0,8)").is_r(10, 0xABCD);
    Example().r(1, 0xFFFFFFFF).run("LA 1,2048(0,0)").machine_format("4110 0800").is_r(1, 2048);
    Example().r(5, 0x00123456).run("LA 5,10(0,5)").machine_format("4150 500A").is_r(5, 0x00123460);
    Example().r(6, 0x7F123456).r(14, 0x1802).at(0x1802, "0020").run("LH 6,0(0,14)").is_r(6, 0x20);
    Example().r(6, 0x7F123456).r(14, 0x1802).at(0x1802, "A7B6").run("LH 6,0(0,14)").is_r(6, 0xFFFFA7B6);
}

TEST_CASE("appendix A, MOVE: MVI and MVC") {
    Example().r(12, 0x2000).at(0x2100, "F0F1").run("MVI X'100'(12),C'$'").is(0x2100, "5BF1");
    Example()
        .r(1, 0x2048)
        .r(2, 0x3840)
        .at(0x2048, "C1C2C3C4C5C6C7C8C9CACB")
        .at(0x3840, "F1F2F3F4F5F6F7F8F9")
        .run("MVC 0(8,1),0(2)")
        .is(0x2048, "F1F2F3F4F5F6F7F8C9CACB")
        .is(0x3840, "F1F2F3F4F5F6F7F8F9");
    // One byte is propagated through the field.
    Example()
        .r(11, 0x358)
        .at(0x358, "00F1F2F3F4F5F6F7F8")
        .run("MVC 1(8,11),0(11)")
        .is(0x358, "000000000000000000");
}

TEST_CASE("appendix A, MOVE NUMERICS, MOVE WITH OFFSET, MOVE ZONES") {
    Example()
        .r(14, 0x7090)
        .r(15, 0x7040)
        .at(0x7090, "C1C2C3C4C5C6C7C8")
        .at(0x7041, "F0F1F2F3F4F5F6F7F8")
        .run("MVN 1(4,15),0(14)")
        .machine_format("D103 F001 E000")
        .is(0x7041, "F1F2F3F4F4F5F6F7F8");
    Example()
        .r(12, 0x5600)
        .r(15, 0x4500)
        .at(0x5600, "7788990C")
        .at(0x4500, "123456")
        .run("MVO 0(4,12),0(3,15)")
        .is(0x5600, "0123456C");
    Example()
        .r(15, 0x800)
        .at(0x800, "F1C2F3C4F5C6")
        .run("MVZ 1(5,15),0(15)")
        .machine_format("D304 F001 F000")
        .is(0x800, "F1F2F3F4F5F6");
}

TEST_CASE("appendix A, MULTIPLY and MULTIPLY HALFWORD") {
    Example()
        .r(4, 0xFFFFFFFF)
        .r(5, 0x9A)
        .r(11, 0x0600)
        .r(12, 0x3000)
        .at(0x3750, "00000083")
        .run("M 4,X'150'(11,12)")
        .is_r(4, 0)
        .is_r(5, 0x4ECE)
        .is(0x3750, "00000083");
    Example().r(6, 0x12345678).r(7, 0x10).run("MR 6,7").machine_format("1C67").is_r(6, 0).is_r(7, 0x100);
    Example()
        .r(11, 21)
        .r(14, 0x0100)
        .r(15, 0x2000)
        .at(0x2102, "FFD9")
        .run("MH 11,2(14,15)")
        .is_r(11, 0xFFFFFCCD);
}

TEST_CASE("appendix A, OR: OI turns a bit on") {
    Example().r(8, 0x4890).at(0x4891, "42").run("OI 1(8),B'00000001'").is(0x4891, "43").cc(1);
}

TEST_CASE("appendix A, PACK and UNPACK") {
    Example().r(12, 0x1000).at(0x1000, "F1F2F3C4").run("PACK 0(4,12),0(4,12)").is(0x1000, "0001234C");
    Example()
        .r(12, 0x1000)
        .r(13, 0x2500)
        .at(0x2501, "12345D")
        .run("UNPK 0(5,12),1(3,13)")
        .machine_format("F342 C000 D001")
        .is(0x1000, "F1F2F3F4D5");
}

TEST_CASE("appendix A, SHIFT LEFT DOUBLE and SHIFT LEFT SINGLE") {
    Example()
        .r(2, 0x007F0A72)
        .r(3, 0xFEDCBA98)
        .run("SLDA 2,31(0)")
        .machine_format("8F20 001F")
        .is_r(2, 0x7F6E5D4C)
        .is_r(3, 0)
        .cc(3);
    Example().r(2, 0x007F0A72).run("SLA 2,8(0)").machine_format("8B20 0008").is_r(2, 0x7F0A7200).cc(2);
    Example().r(2, 0x007F0A72).run("SLA 2,9(0)").cc(3);
}

TEST_CASE("appendix A, STORE CHARACTERS UNDER MASK and STORE MULTIPLE") {
    Example().r(8, 0x12345678).r(1, 0x2000).run("STCM 8,B'0111',0(1)").is(0x2000, "345678");
    Example().r(9, 0x01234567).r(1, 0x2000).run("STCM 9,B'0101',0(1)").is(0x2000, "2367");
    Example()
        .r(14, 0x00002563)
        .r(15, 0x00012736)
        .r(0, 0x12430062)
        .r(1, 0x73261257)
        .r(6, 0x4000)
        .run("STM 14,1,X'50'(6)")
        .is(0x4050, "00002563 00012736 12430062 73261257");
}

TEST_CASE("appendix A, TEST UNDER MASK") {
    Example().r(9, 0x9999).at(0x9999, "FB").run("TM 0(9),B'11000011'").cc(3);
    Example().r(9, 0x9999).at(0x9999, "B9").run("TM 0(9),B'11000011'").cc(1);
    Example().r(9, 0x9999).at(0x9999, "3C").run("TM 0(9),B'11000011'").cc(0);
}

TEST_CASE("appendix A, TRANSLATE: EBCDIC to ASCII") {
    Example e;
    e.r(12, 0x2100).r(15, 0x1000);
    for (unsigned c = 0x20; c < 0x7F; ++c)
        e.at(0x1000u + isa::to_ebcdic(static_cast<char>(c)), fmt::format("{:02X}", c));
    e.at(0x2100, "D1D6C8D540D1D6D5C5E240F2F5F740E64B40F9F5");  // JOHN JONES 257 W. 95
    e.run("TR 0(20,12),0(15)").is(0x2100, "4A4F484E204A4F4E45532032353720572E203935");
}

// ---- Decimal instructions ----

TEST_CASE("appendix A, ADD DECIMAL and COMPARE DECIMAL") {
    Example()
        .r(12, 0x2000)
        .r(13, 0x4FC)
        .at(0x2000, "38460D")
        .at(0x500, "0112345C")
        .run("AP 0(3,12),4(4,13)")
        .is(0x2000, "73885C")
        .cc(2);
    Example()
        .r(12, 0x600)
        .r(13, 0x400)
        .at(0x700, "1725356D")
        .at(0x500, "7214424D")
        .run("CP X'100'(4,12),X'100'(4,13)")
        .cc(2);
}

TEST_CASE("appendix A, DIVIDE DECIMAL") {
    Example()
        .r(12, 0x2000)
        .r(13, 0x3000)
        .at(0x2000, "012345678C")
        .at(0x3000, "321D")
        .run("DP 0(5,12),0(2,13)", 0x5000)
        .machine_format("FD41 C000 D000")
        .is(0x2000, "38460D 018C");
}

TEST_CASE("appendix A, EDIT") {
    const auto edit = [](std::string_view source) {
        Example e;
        e.r(12, 0x1000).at(0x1200, source).at(0x1000, "40 2020 6B 2020 21 4B 2020 40 C3D9");
        e.run("ED 0(13,12),X'200'(12)");
        return e;
    };
    edit("0257426C").is(0x1000, "40 40F2 6B F5F7 F4 4B F2F6 40 4040").cc(2);  // 2,574.26
    edit("0000026D").is(0x1000, "40 4040 40 4040 40 4B F2F6 40 C3D9").cc(1);  // .26 CR
}

TEST_CASE("appendix A, EDIT AND MARK: a currency symbol before the first digit") {
    Example()
        .r(12, 0x1000)
        .r(1, 0xAA000000)
        .at(0x1200, "0257426C")
        .at(0x1000, "40 2020 6B 2020 21 4B 2020 40 C3D9")
        .run("EDMK 0(13,12),X'200'(12)\nBCTR 1,0\nMVI 0(1),C'$'")
        .is(0x1000, "40 5BF2 6B F5F7 F4 4B F2F6 40 4040")  // $2,574.26
        .is_r(1, 0xAA001001);
}

TEST_CASE("appendix A, MULTIPLY DECIMAL, and ZERO AND ADD to make room for the product") {
    Example()
        .r(4, 0x1200)
        .r(6, 0x500)
        .at(0x1202, "38460D")
        .at(0x500, "321D")
        .run("ZAP X'100'(5,4),2(3,4)\nMP X'100'(5,4),0(2,6)")
        .is(0x1300, "012345660C");
    Example()
        .r(9, 0x4000)
        .at(0x4000, "1234567890")
        .at(0x4500, "38460D")
        .run("ZAP 0(5,9),X'500'(3,9)")
        .is(0x4000, "000038460D")
        .cc(1);
}

TEST_CASE("appendix A, SHIFT AND ROUND DECIMAL") {
    Example().r(1, 0x2000).at(0x2000, "00012345678C").run("SRP 0(6,1),3,0").is(0x2000, "12345678000C").cc(2);
    Example().r(1, 0x2000).at(0x2000, "012345678D").run("SRP 0(5,1),64-4,0").is(0x2000, "000001234D").cc(1);
    Example().r(1, 0x2000).at(0x2000, "1239600D").run("SRP 0(4,1),64-3,5").is(0x2000, "0001240D").cc(1);
}

// ---- Floating-point instructions ----

TEST_CASE("appendix A, ADD NORMALIZED and ADD UNNORMALIZED") {
    // With the guard digit: -82.1 + 1.23456 = -80.ECBB; without it, one digit less.
    Example()
        .f(6, 0xC308210000000000)
        .r(13, 0x3000)
        .at(0x3000, "41123456")
        .run("AE 6,0(0,13)")
        .is_f(6, 0xC280ECBB00000000)
        .cc(1);
    Example()
        .f(6, 0xC308210000000000)
        .r(13, 0x3000)
        .at(0x3000, "41123456")
        .run("AU 6,0(0,13)")
        .is_f(6, 0xC3080ECB00000000)
        .cc(1);
}

TEST_CASE("appendix A, COMPARE: numbers of very different size may be equal") {
    Example().f(4, 0x4300000000000000).f(6, 0x34123456789ABCDE).run("CDR 4,6").cc(0);
}

// ---- Multiprogramming and multiprocessing examples ----

TEST_CASE("appendix A, Setting a Single Bit, with COMPARE AND SWAP") {
    Example()
        .r(1, 0x2000)
        .at(0x2000, "01234567")
        .run("LA 6,X'80'\nSLL 6,24\nL 7,0(1)\nLR 8,7\nOR 8,6\nCS 7,8,0(1)\nBC 4,14(15)")
        .is(0x2000, "81234567")
        .cc(0);
}

TEST_CASE("appendix A, Updating Counters: who is too late tries again with what is there") {
    Example e;
    e.r(1, 0x2000).at(0x2000, "0000000A").r(5, 1);
    e.run("L 3,0(1)\nLR 4,3\nAR 4,5");
    e.at(0x2000, "0000000B");  // somebody else was faster
    e.run("CS 3,4,0(1)").cc(1).is_r(3, 0xB).is(0x2000, "0000000B");
    e.run("LR 4,3\nAR 4,5\nCS 3,4,0(1)").cc(0).is(0x2000, "0000000C");
}

TEST_CASE("appendix A, Free-Pool Manipulation: an element is taken off with COMPARE DOUBLE AND SWAP") {
    Example e;  // header: first element, count of removals
    e.r(1, 0x2000).at(0x2000, "00003000 00000007").at(0x3000, "00004000");
    e.run("LM 2,3,0(1)\nL 4,0(2)\nLA 5,1\nAR 5,3\nCDS 2,4,0(1)");
    e.cc(0).is_r(2, 0x3000).is(0x2000, "00004000 00000008");
    // Taken and put back meanwhile: the address is the same, but the count is not.
    e.run("LM 2,3,0(1)\nL 4,0(2)\nLA 5,1\nAR 5,3");
    e.at(0x2004, "0000000A");
    e.run("CDS 2,4,0(1)").cc(1).is_r(3, 0xA).is(0x2000, "00004000 0000000A");
}

}  // namespace simulation
