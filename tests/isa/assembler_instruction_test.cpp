// Machine instructions: encodings by the formats of GA22-7000 chapter 5, and by GNU as where it is installed.
#include <algorithm>
#include <fstream>
#include <map>
#include <random>
#include <regex>
#include <sstream>

#include "assembler_support.hpp"
#include "isa/disassembler.hpp"
#include "isa/instruction.hpp"
#include "tests/command.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"

using namespace isa;
using namespace isa::assembler::test;

namespace {

/// A row with random fields that its format has.
Decoded random_instruction(Op op, std::mt19937& random) {
    Decoded d;
    d.op = op;
    d.length = static_cast<uint8_t>(length_of(d.row().format));
    uint8_t bytes[6];
    for (auto& b : bytes) b = static_cast<uint8_t>(random());
    uint8_t opcode[6];
    encode(d, opcode);
    bytes[0] = opcode[0];
    const auto extension = extension_of(d.row().format);
    if (extension == OpcodeExtension::second_byte) bytes[1] = opcode[1];
    if (extension == OpcodeExtension::low_digit)
        bytes[1] = static_cast<uint8_t>((bytes[1] & 0xF0) | opcode[1]);
    if (extension == OpcodeExtension::last_byte) bytes[5] = opcode[5];
    const FacilitySet facilities =
        d.row().facility == Facility::gcc ? FacilitySet::with_gcc() : FacilitySet::system370();
    const Decoded r = decode(bytes, facilities);
    REQUIRE(r.op == op);
    // Once through encode, so that ignored bits are zero.
    encode(r, bytes);
    return decode(bytes, facilities);
}

std::string bytes_of(const Decoded& d) {
    uint8_t bytes[6];
    const unsigned length = encode(d, bytes);
    return hex(std::span<const uint8_t>(bytes, length));
}

}  // namespace

TEST_CASE("formats") {
    CHECK(code_of("AR    1,2") == "1A12");
    CHECK(code_of("ar    1,2") == "1A12");
    CHECK(code_of("SVC   X'FF'") == "0AFF");
    CHECK(code_of("SPM   5") == "0450");
    CHECK(code_of("BCR   15,14") == "07FE");
    CHECK(code_of("L     1,4(2,3)") == "58123004");
    CHECK(code_of("L     1,4(,3)") == "58103004");
    CHECK(code_of("L     1,4(2)") == "58120004");  // one register is the index
    CHECK(code_of("L     1,4095") == "58100FFF");
    CHECK(code_of("BC    8,16(0,12)") == "4780C010");
    CHECK(code_of("STM   14,12,12(13)") == "90ECD00C");
    CHECK(code_of("SLL   7,3") == "89700003");
    CHECK(code_of("SRDA  2,32(1)") == "8E201020");
    CHECK(code_of("ICM   1,B'0111',1(2)") == "BF172001");
    CHECK(code_of("MVI   3(4),C'A'") == "92C14003");
    CHECK(code_of("LPSW  8") == "82000008");
    CHECK(code_of("STCK  16(5)") == "B2055010");
    CHECK(code_of("PTLB") == "B20D0000");
    CHECK(code_of("PTLB  this is a remark") == "B20D0000");
    CHECK(code_of("SIO   9") == "9C000009");
    CHECK(code_of("MVC   0(256,1),0(2)") == "D2FF10002000");
    CHECK(code_of("MVC   0(1,1),0(2)") == "D20010002000");
    CHECK(code_of("MVC   0(0,1),0(2)") == "D20010002000");  // as the target of EX
    CHECK(code_of("MVC   8(,1),0(2)") == "D20010082000");   // implied by the absolute term: 1
    CHECK(code_of("LCTL  0,15,X'100'") == "B70F0100");
    CHECK(code_of("TPROT 0(1),2(3)") == "E50110003002");
    CHECK(code_of("IPTE  1,2") == "B2210012");
    CHECK(code_of("CLRCH 0(1)") == "9F011000");
}

TEST_CASE("extended mnemonics stand for masks") {
    CHECK(code_of("B     0(1,2)") == "47F12000");
    CHECK(code_of("NOP   0(1,2)") == "47012000");
    CHECK(code_of("BR    14") == "07FE");
    CHECK(code_of("NOPR  0") == "0700");
    const std::pair<const char*, int> masks[] = {{"H", 2},   {"L", 4},   {"E", 8},  {"NH", 13}, {"NL", 11},
                                                 {"NE", 7},  {"O", 1},   {"P", 2},  {"M", 4},   {"Z", 8},
                                                 {"NP", 13}, {"NM", 11}, {"NZ", 7}, {"NO", 14}};
    for (const auto& [name, mask] : masks) {
        CHECK(code_of(fmt::format("B{}    5(0,6)", name)) == fmt::format("47{:X}06005", mask));
        CHECK(code_of(fmt::format("B{}R   6", name)) == fmt::format("07{:X}6", mask));
    }
}

TEST_CASE("what is disassembled assembles to the same bytes, for every row") {
    std::mt19937 random(370);
    std::string text = "T        START 0\n";
    std::string expected;
    for (unsigned round = 0; round < 40; ++round) {
        for (unsigned i = 0; i < kRowCount; ++i) {
            const Decoded d = random_instruction(static_cast<Op>(i), random);
            text += "         " + disassemble(d) + "\n";
            expected += bytes_of(d);
        }
    }
    text += "         END\n";
    const auto r = assembler::assemble(text, "t.asm");
    for (const auto& m : r.diagnostics)
        REQUIRE_MESSAGE(m.severity != assembler::Severity::error, to_string(m));
    REQUIRE(r.ok);
    CHECK(hex(r.image) == expected);
}

TEST_CASE("text that is no instruction disassembles to constants") {
    const std::vector<uint8_t> bytes = {0xFF, 0x12, 0x18, 0x07, 0xFE, 0x58, 0x10};
    CHECK(disassemble(bytes) == "DC    X'FF12'");
    CHECK(disassemble_range(bytes, 0x1000) ==
          "001000  FF12          DC    X'FF12'\n"
          "001002  1807          LR    0,7\n"
          "001004  FE58          DC    X'FE58'\n"
          "001006  10            DC    X'10'\n");
    CHECK(disassemble(std::span<const uint8_t>()).empty());
}

TEST_CASE("displacements are in the base of the addresses beside them, and say so from 10 on") {
    const struct {
        std::vector<uint8_t> bytes;
        const char* text;
    } kRows[] = {
        {{0x41, 0x10, 0x04, 0x60}, "LA    1,X'460'"},
        {{0x58, 0x10, 0xC0, 0x10}, "L     1,X'10'(0,12)"},
        {{0x58, 0x10, 0xC0, 0x09}, "L     1,9(0,12)"},
        {{0x50, 0x10, 0x00, 0x0A}, "ST    1,X'A'"},
        {{0xD2, 0x4F, 0x10, 0x00, 0x2F, 0xFF}, "MVC   0(X'50',1),X'FFF'(2)"},
        {{0xFA, 0x32, 0x10, 0x14, 0x20, 0x08}, "AP    X'14'(4,1),8(3,2)"},
        {{0x92, 0x09, 0x09, 0xA0}, "MVI   X'9A0',X'09'"},
        {{0x98, 0xEC, 0xD0, 0x0C}, "LM    14,12,X'C'(13)"},
        {{0x9C, 0x00, 0x00, 0x0E}, "SIO   X'E'"},
        {{0xA7, 0x15, 0xFF, 0xF0}, "BRAS  1,*-X'20'"},
        // How far to shift is counted in decimal, as lengths are.
        {{0x8E, 0x20, 0x00, 0x20}, "SRDA  2,32"},
        {{0x89, 0x20, 0x10, 0x10}, "SLL   2,16(1)"},
        {{0xF0, 0x35, 0x10, 0x14, 0x00, 0x3E}, "SRP   X'14'(4,1),62,5"},
    };
    const FacilitySet all = FacilitySet::with_gcc();
    for (const auto& row : kRows) CHECK(disassemble(row.bytes, all) == row.text);
    CHECK(disassemble_range(std::vector<uint8_t>{0x47, 0xF0, 0x08, 0xFE}, 0x8FA) ==
          "0008FA  47F008FE      B     X'8FE'\n");
}

TEST_CASE("GNU as gives the same object code" * doctest::test_suite("binutils")) {
    if (!tests::installed("s390x-linux-gnu-as") || !tests::installed("s390x-linux-gnu-objcopy")) {
        MESSAGE("skipped: binutils-s390x-linux-gnu is not installed");
        return;
    }
    std::mt19937 random(390);
    std::vector<std::string> theirs;
    std::vector<std::string> ours;
    for (unsigned i = 0; i < kRowCount; ++i) {
        for (unsigned round = 0; round < 6; ++round) {
            Decoded d = random_instruction(static_cast<Op>(i), random);
            // GNU as insists on what we warn about: even registers of pairs, floating-point registers.
            const auto needs = d.row().requires_;
            if ((needs & even1) != 0) d.operands.r1 &= 0xE;
            if ((needs & (even2 | even3)) != 0) d.operands.r2 &= 0xE;
            if ((needs & float1) != 0) d.operands.r1 &= 6;
            if ((needs & float2) != 0) d.operands.r2 &= 6;
            if ((needs & floatpair1) != 0) d.operands.r1 &= 4;
            if ((needs & floatpair2) != 0) d.operands.r2 &= 4;
            std::string line = disassemble(d);
            ours.push_back(line);
            line = std::regex_replace(line, std::regex("B'([01]+)'"), "0b$1");
            line = std::regex_replace(line, std::regex("X'([0-9A-F]+)'"), "0x$1");
            line = std::regex_replace(line, std::regex("\\*([+-])"), ".$1");
            std::transform(line.begin(), line.end(), line.begin(),
                           [](unsigned char c) { return std::tolower(c); });
            theirs.push_back(line);
        }
    }
    const tests::TemporaryFolder dir;
    const std::string as =
        fmt::format("s390x-linux-gnu-as -m31 -mesa -march=z900 -o {} {} 2>&1", dir / "t.o", dir / "t.s");
    const auto write = [&](const std::vector<bool>& refused) {
        std::ofstream out(dir / "t.s");
        for (std::size_t i = 0; i < theirs.size(); ++i) out << (refused[i] ? "" : theirs[i]) << "\n";
    };
    // What GNU as does not know (or not so) is left out; the count below says that this is not much.
    std::vector<bool> refused(theirs.size(), false);
    write(refused);
    const std::string problems = tests::run_command(as).output;
    const std::regex position("t\\.s:([0-9]+): (?:Error|Warning)");
    for (auto it = std::sregex_iterator(problems.begin(), problems.end(), position);
         it != std::sregex_iterator(); ++it)
        refused[std::stoul((*it)[1]) - 1] = true;
    write(refused);
    REQUIRE(tests::run_command(as).output == "");
    REQUIRE(tests::run_command(
                fmt::format("s390x-linux-gnu-objcopy -O binary -j .text {} {}", dir / "t.o", dir / "t.bin"))
                .code == 0);
    const std::string code = tests::contents(dir / "t.bin");

    std::string text = "T        START 0\n";
    std::vector<std::string> lines;
    std::vector<std::string> mnemonics;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        if (refused[i]) continue;
        text += "         " + ours[i] + "\n";
        lines.push_back(ours[i]);
        mnemonics.push_back(ours[i].substr(0, ours[i].find(' ')));
    }
    const auto r = assembler::assemble(text + "         END\n", "t.asm");
    REQUIRE(r.ok);
    std::size_t at = 0;
    for (const auto& line : lines) {
        REQUIRE(at < r.image.size());
        const unsigned length = length_of_opcode(r.image[at]);
        REQUIRE(at + length <= code.size());
        const auto* their = reinterpret_cast<const uint8_t*>(code.data()) + at;
        CHECK_MESSAGE(hex({r.image.data() + at, length}) == hex({their, length}), line);
        at += length;
    }
    std::sort(mnemonics.begin(), mnemonics.end());
    mnemonics.erase(std::unique(mnemonics.begin(), mnemonics.end()), mnemonics.end());
    MESSAGE("compared ", lines.size(), " instructions, ", mnemonics.size(), " mnemonics");
    CHECK(mnemonics.size() > 140);
}

TEST_CASE("GNU objdump knows the same mnemonics" * doctest::test_suite("binutils")) {
    if (!tests::installed("s390x-linux-gnu-objdump")) {
        MESSAGE("skipped: binutils-s390x-linux-gnu is not installed");
        return;
    }
    constexpr std::size_t kSlot = 16;
    std::mt19937 random(31);
    std::vector<Decoded> all;
    std::string bytes;
    for (unsigned i = 0; i < kRowCount; ++i) {
        for (unsigned round = 0; round < 8; ++round) {
            all.push_back(random_instruction(static_cast<Op>(i), random));
            uint8_t code[6];
            const unsigned length = encode(all.back(), code);
            bytes.append(reinterpret_cast<const char*>(code), length);
            // Each begins a slot of its own, so that one that objdump does not know leaves the next alone.
            while (bytes.size() % kSlot != 0) bytes.append("\x07\x00", 2);
        }
    }
    const tests::TemporaryFolder dir;
    tests::put(dir / "t.bin", bytes);
    std::istringstream listing(
        tests::run_command("s390x-linux-gnu-objdump -D -z -b binary -m s390:31-bit " + (dir / "t.bin"))
            .output);
    const std::regex row("^ *([0-9a-f]+):\t([0-9a-f ]+?) *\t([^ \t]+).*");
    std::size_t at = 0;
    unsigned known = 0;
    std::string unknown;
    for (std::string line; std::getline(listing, line);) {
        std::smatch match;
        if (!std::regex_match(line, match, row)) continue;
        if (std::stoul(match[1], nullptr, 16) % kSlot != 0) continue;
        REQUIRE(at < all.size());
        const Decoded& d = all[at++];
        const std::string code = match[2];
        std::string their = match[3];
        if (their[0] == '.') {
            if (unknown.find(fmt::format(" {} ", d.row().mnemonic)) == std::string::npos)
                unknown += fmt::format(" {} ", d.row().mnemonic);
            continue;
        }
        ++known;
        std::transform(their.begin(), their.end(), their.begin(),
                       [](unsigned char c) { return std::toupper(c); });
        // Some instructions got new names after System/370; objdump has only those.
        static const std::map<std::string, std::string> kRenamed = {{"LDXR", "LRDR"}, {"LEDR", "LRER"},
                                                                    {"MDE", "ME"},    {"MDER", "MER"},
                                                                    {"TMLH", "TMH"},  {"TMLL", "TML"}};
        if (const auto it = kRenamed.find(their); it != kRenamed.end()) their = it->second;
        // JGH for what the manual calls BRHL.
        if (d.op == Op::op_BRCL && their.starts_with("JG"))
            their = their == "JG" ? "BRUL" : "BR" + their.substr(2) + "L";
        const std::string text = disassemble(d);
        const std::string our = text.substr(0, text.find(' '));
        // objdump has extended mnemonics of its own for masks of two bits, such as BNLE.
        const bool branch = (our == "BC" || our == "BCR" || our == "BRC" || our == "BRCL");
        const bool two_bits = branch && (their[0] == 'B' || their[0] == 'J');
        // Their opcodes now mean BRXH and BRXLE.
        const bool reused = d.row().facility == Facility::direct_control;
        CHECK_MESSAGE((their == our || their == d.row().mnemonic || two_bits || reused), code, " ", their,
                      " ", our);
    }
    CHECK(at == all.size());
    MESSAGE("agreed on ", known, " instructions; not known to objdump:", unknown);
    CHECK(known > 140 * 8);
}
