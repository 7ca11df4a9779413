// The instructions of facility gcc on the simulated machine. Expected values by hand from the definitions in
// SA22-7832, z/Architecture Principles of Operation, chapter 7.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "isa/assembler/assembler.hpp"
#include "isa/instruction.hpp"
#include "simulation/machine/machine.hpp"

using namespace isa;
using simulation::Machine;
using simulation::MachineModel;

namespace {

constexpr uint32_t kCode = 0x1000;

/// A machine with one program at X'1000'; it ends at an LPSW to a disabled wait, or with a program
/// interruption, whose new PSW is another.
class Run {
  public:
    explicit Run(std::string_view source, const std::string& model = "s370-158-gcc")
        : shared_(std::make_shared<Machine>(MachineModel::load(model), 1 << 20)), machine_(*shared_) {
        const auto program = assembler::assemble(
            fmt::format("P        START X'1000'\n{}\n         LPSW  X'0F00'\n         END\n", source),
            "t.asm");
        for (const auto& d : program.diagnostics)
            REQUIRE_MESSAGE(d.severity != assembler::Severity::error, assembler::to_string(d));
        machine_.storage().put(kCode, program.image.data(), static_cast<uint32_t>(program.image.size()));
        machine_.storage().put64(0xF00, 0x000A000000000F00);  // end
        machine_.storage().put64(0x68, 0x000A000000000BAD);   // program interruption
    }
    Run& gpr(unsigned r, uint32_t value) {
        initial_[r] = value;
        return *this;
    }
    Run& put(uint32_t address, std::initializer_list<uint8_t> bytes) {
        for (const uint8_t b : bytes) machine_.storage().put(address++, &b, 1);
        return *this;
    }
    /// Condition code at the start, and more of the PSW's left word.
    Run& psw(unsigned condition_code, uint32_t left = 0x00080000, uint32_t right = kCode) {
        left_ = left | condition_code << 12;
        right_ = right;
        return *this;
    }
    Run& go() {
        machine_.storage().put64(0, uint64_t{left_} << 32 | right_);
        machine_.restart();
        for (unsigned r = 0; r < 16; ++r) machine_.cpu().registers().gpr[r] = initial_[r];
        machine_.run({10'000, simulation::kNever});
        const auto old = decode_psw(machine_.storage().get64(0x28));
        interrupted = machine_.cpu().state().psw.address == 0xBAD;
        code = interrupted ? machine_.storage().get16(0x8E) : 0;
        old_address = interrupted ? old.address : 0;
        // The condition code: of the PSW that LPSW replaced, so the tests save it with IPM or BC where they
        // need it.
        return *this;
    }
    uint32_t operator[](unsigned r) const { return machine_.cpu().state().gpr[r]; }
    std::string bytes(uint32_t address, unsigned n) {
        std::string text;
        for (unsigned i = 0; i < n; ++i) text += fmt::format("{:02X}", machine_.storage().at(address)[i]);
        return text;
    }
    Machine& machine() { return machine_; }

    bool interrupted = false;
    unsigned code = 0;
    uint32_t old_address = 0;

  private:
    std::shared_ptr<Machine> shared_;  // a Run is made in several steps and copied
    Machine& machine_;
    std::array<uint32_t, 16> initial_{};
    uint32_t left_ = 0x00080000, right_ = kCode;
};

/// Runs one instruction and returns its condition code, kept in register 15 by IPM.
unsigned code_after(Run& run) { return run.go()[15] >> 28; }
Run with_code(const std::string& instruction) {
    return Run("         " + instruction + "\n         IPM   15");
}

}  // namespace

TEST_CASE("immediate operands are sign-extended") {
    CHECK(Run(" LHI 1,-1").go()[1] == 0xFFFFFFFF);
    CHECK(Run(" LHI 1,X'7FFF'").go()[1] == 0x7FFF);
    CHECK(Run(" MHI 1,-3").gpr(1, 7).go()[1] == 0xFFFFFFEB);
    CHECK(Run(" MHI 1,X'100'").gpr(1, 0x12345678).go()[1] == 0x34567800);
    auto add = with_code("AHI 1,-5").gpr(1, 3);
    CHECK(code_after(add) == 1);
    CHECK(add[1] == 0xFFFFFFFE);
    auto overflow = with_code("AHI 1,1").gpr(1, 0x7FFFFFFF);
    CHECK(code_after(overflow) == 3);
    CHECK(overflow[1] == 0x80000000);
    auto trapped = Run(" AHI 1,1").gpr(1, 0x7FFFFFFF).psw(0, 0x00080800);
    CHECK(trapped.go().code == 8);  // fixed-point overflow
    CHECK(trapped[1] == 0x80000000);
    auto low = with_code("CHI 1,-2").gpr(1, 0xFFFFFFFD), equal = with_code("CHI 1,-3").gpr(1, 0xFFFFFFFD),
         high = with_code("CHI 1,-4").gpr(1, 0xFFFFFFFD);
    CHECK(code_after(low) == 1);
    CHECK(code_after(equal) == 0);
    CHECK(code_after(high) == 2);
}

TEST_CASE("TMH and TML tell where the mixed bits begin") {
    const auto tmh = [](uint32_t value, const char* mask) {
        auto run = with_code(fmt::format("TMH 1,X'{}'", mask)).gpr(1, value);
        return code_after(run);
    };
    CHECK(tmh(0x0FFFFFFF, "F000") == 0);
    CHECK(tmh(0xFFFFFFFF, "0000") == 0);
    CHECK(tmh(0x40000000, "C000") == 1);  // leftmost selected bit zero
    CHECK(tmh(0x80000000, "C000") == 2);
    CHECK(tmh(0x7FFF0000, "8001") == 1);
    CHECK(tmh(0x00018000, "8001") == 1);
    CHECK(tmh(0xC0000000, "C000") == 3);
    auto tml = with_code("TML 1,X'00FF'").gpr(1, 0xFFFFFF80);
    CHECK(code_after(tml) == 2);
    auto ones = with_code("TML 1,X'FF80'").gpr(1, 0x0000FF80);
    CHECK(code_after(ones) == 3);
}

TEST_CASE("relative operands count halfwords from the instruction") {
    CHECK(Run(" LARL 1,*+16").go()[1] == kCode + 16);
    CHECK(Run(" LR 2,2\n LR 2,2\n LARL 1,*-2").go()[1] == kCode + 2);  // not the first of its block
    CHECK(Run(" LARL 1,*-X'1002'").go()[1] == 0xFFFFFE);               // addresses wrap at 16 MiB
    auto call = Run(" BRAS 14,F\n LHI 3,7\n BRC 15,E\nF LHI 2,5\n BR 14\nE LR 4,14").go();
    CHECK(call[2] == 5);
    CHECK(call[3] == 7);
    CHECK(call[4] == kCode + 4);
    auto far = Run(" BRASL 14,F\n DS 3000XL1\nF LR 2,14").go();
    CHECK(far[2] == kCode + 6);
    CHECK(Run("L BRASL 14,F\nF LR 2,14").go()[2] == kCode + 6);
    for (unsigned cc = 0; cc < 4; ++cc) {
        for (const char* name : {"BRC", "BRCL"}) {
            for (unsigned mask = 0; mask < 16; ++mask) {
                auto run = Run(fmt::format(" {} {},T\n LHI 1,1\nT LR 2,2", name, mask)).psw(cc).go();
                CHECK((run[1] == 0) == ((mask & 8 >> cc) != 0));
            }
        }
    }
    auto count = Run("L AHI 2,3\n BRCT 1,L").gpr(1, 5).go();
    CHECK(count[1] == 0);
    CHECK(count[2] == 15);
    // R1 += R3 until it is above R3+1, the comparand.
    auto index = Run("L AHI 2,1\n BRXLE 4,6,L").gpr(4, 1).gpr(6, 2).gpr(7, 7).go();
    CHECK(index[2] == 4);
    CHECK(index[4] == 9);
    auto down = Run("L AHI 2,1\n BRXH 4,6,L").gpr(4, 9).gpr(6, 0xFFFFFFFE).gpr(7, 2).go();
    CHECK(down[2] == 4);
    CHECK(down[4] == 1);
    // A backward branch, and a target in another 2K block than the instruction.
    auto blocks = Run(" BRC 15,F\n ORG P+X'7FE'\nF BRAS 14,G\nE BRC 15,X\n ORG P+X'1000'\nG LARL 3,*\n BRC "
                      "15,E\nX LR 4,4")
                      .go();
    CHECK(blocks[14] == kCode + 0x802);
    CHECK(blocks[3] == kCode + 0x1000);
}

TEST_CASE("EXECUTE of a relative instruction counts from the instruction that is executed") {
    auto larl = Run(" LARL 5,S\n EX 0,0(5)\n BRC 15,E\n DS XL98\nS LARL 1,*+20\nE LR 2,2").go();
    CHECK(larl[1] == larl[5] + 20);
    auto branch = Run(" LARL 5,S\n EX 0,0(5)\n LHI 2,1\n BRC 15,E\n DS 2100XL1\nS BRAS 14,*+8\n DC 2H'0'\n "
                      "LHI 3,1\nE LR 4,14")
                      .go();
    CHECK(branch[2] == 0);
    CHECK(branch[3] == 1);
    CHECK(branch[14] == kCode + 10);  // behind EXECUTE
}

TEST_CASE("arithmetic of longer numbers") {
    CHECK(Run(" MSR 1,2").gpr(1, 0x10001).gpr(2, 0xFFFFFFFF).go()[1] == 0xFFFEFFFF);
    CHECK(Run(" MS 1,X'800'").gpr(1, 6).put(0x800, {0xFF, 0xFF, 0xFF, 0xF9}).go()[1] == 0xFFFFFFD6);
    auto ml = Run(" MLR 2,5").gpr(3, 0xFFFFFFFF).gpr(5, 0xFFFFFFFE).go();
    CHECK(ml[2] == 0xFFFFFFFD);
    CHECK(ml[3] == 2);
    auto from_storage = Run(" ML 2,X'800'").gpr(3, 0x80000000).put(0x800, {0, 0, 0, 6}).go();
    CHECK(from_storage[2] == 3);
    CHECK(from_storage[3] == 0);
    CHECK(Run(" MLR 3,5").go().code == 6);  // odd register
    auto dl = Run(" DLR 2,5").gpr(2, 1).gpr(3, 5).gpr(5, 0xFFFFFFFF).go();
    CHECK(dl[2] == 6);
    CHECK(dl[3] == 1);
    auto quotient = Run(" DL 2,X'800'").gpr(2, 0).gpr(3, 0xFFFFFFFF).put(0x800, {0, 0, 0, 1}).go();
    CHECK(quotient[2] == 0);
    CHECK(quotient[3] == 0xFFFFFFFF);
    CHECK(Run(" DLR 2,5").gpr(2, 7).gpr(5, 7).go().code == 9);  // the quotient needs 33 bits
    CHECK(Run(" DLR 2,5").gpr(3, 7).go().code == 9);            // zero divisor

    const auto alc = [](unsigned cc, uint32_t a, uint32_t b, uint32_t sum) {
        auto run = with_code("ALCR 1,2").gpr(1, a).gpr(2, b).psw(cc);
        const unsigned after = code_after(run);
        CHECK(run[1] == sum);
        return after;
    };
    CHECK(alc(0, 0, 0, 0) == 0);
    CHECK(alc(1, 1, 2, 3) == 1);  // code 1 is no carry
    CHECK(alc(2, 1, 2, 4) == 1);
    CHECK(alc(3, 0xFFFFFFFF, 0, 0) == 2);
    CHECK(alc(3, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF) == 3);
    const auto slb = [](unsigned cc, uint32_t a, uint32_t b, uint32_t difference) {
        auto run = with_code("SLBR 1,2").gpr(1, a).gpr(2, b).psw(cc);
        const unsigned after = code_after(run);
        CHECK(run[1] == difference);
        return after;
    };
    CHECK(slb(2, 5, 5, 0) == 2);  // no borrow before, none after
    CHECK(slb(3, 5, 3, 2) == 3);
    CHECK(slb(0, 5, 5, 0xFFFFFFFF) == 1);  // a borrow before
    CHECK(slb(1, 6, 5, 0) == 2);
    CHECK(slb(1, 0, 0xFFFFFFFF, 0) == 0);  // all of 2**32 is taken away: zero, and a borrow
    auto stored = with_code("ALC 1,X'800'").gpr(1, 1).put(0x800, {0, 0, 0, 1}).psw(2);
    CHECK(code_after(stored) == 1);
    CHECK(stored[1] == 3);
    auto taken = with_code("SLB 1,X'800'").gpr(1, 1).put(0x800, {0, 0, 0, 1}).psw(1);
    CHECK(code_after(taken) == 1);
    CHECK(taken[1] == 0xFFFFFFFF);
}

TEST_CASE("rotation, reversal and the program mask") {
    CHECK(Run(" RLL 1,2,4").gpr(2, 0x12345678).go()[1] == 0x23456781);
    CHECK(Run(" RLL 1,2,32(3)").gpr(2, 0x80000001).gpr(3, 0xFFFFFF01).go()[1] == 3);  // 33 is as good as 1
    CHECK(Run(" LRVR 1,2").gpr(2, 0x12345678).go()[1] == 0x78563412);
    CHECK(Run(" LRV 1,X'801'").put(0x801, {0x12, 0x34, 0x56, 0x78}).go()[1] == 0x78563412);
    CHECK(Run(" LRVH 1,X'801'").gpr(1, 0xAAAABBBB).put(0x801, {0x12, 0x34}).go()[1] == 0xAAAA3412);
    CHECK(Run(" STRV 1,X'800'").gpr(1, 0x12345678).go().bytes(0x800, 5) == "7856341200");
    CHECK(Run(" STRVH 1,X'800'").gpr(1, 0x12345678).go().bytes(0x800, 3) == "785600");
    CHECK(Run(" IPM 1").gpr(1, 0xFFFFFFFF).psw(2, 0x00080500).go()[1] == 0x25FFFFFF);
}

TEST_CASE("MVCLE moves up to a block boundary at a time and pads") {
    auto padded =
        with_code("MVCLE 2,4,C'*'").gpr(2, 0x8000).gpr(3, 5).gpr(4, 0x9000).gpr(5, 2).put(0x9000, {1, 2, 3});
    CHECK(code_after(padded) == 2);
    CHECK(padded.bytes(0x8000, 6) == "01025C5C5C00");
    CHECK(padded[2] == 0x8005);
    CHECK(padded[3] == 0);
    CHECK(padded[4] == 0x9002);
    CHECK(padded[5] == 0);
    auto truncated =
        with_code("MVCLE 2,4,0").gpr(2, 0x8000).gpr(3, 1).gpr(4, 0x9000).gpr(5, 3).put(0x9000, {1, 2, 3});
    CHECK(code_after(truncated) == 1);
    CHECK(truncated.bytes(0x8000, 2) == "0100");
    CHECK(truncated[5] == 2);
    auto part = with_code("MVCLE 2,4,X'11'").gpr(2, 0x8123).gpr(3, 5000);
    CHECK(code_after(part) == 3);
    CHECK(part[2] == 0x8800);
    CHECK(part[3] == 5000 - (0x800 - 0x123));
    auto source = with_code("MVCLE 2,4,0").gpr(2, 0x8123).gpr(3, 5000).gpr(4, 0x97FF).gpr(5, 5000);
    CHECK(code_after(source) == 3);
    CHECK(source[2] == 0x8124);
    CHECK(source[4] == 0x9800);
    CHECK(source[5] == 4999);
    auto all =
        Run("L MVCLE 2,4,X'11'\n BRC 1,L\n IPM 15").gpr(2, 0x8000).gpr(3, 5000).gpr(4, 0xFF123456).go();
    CHECK((all[15] >> 28) == 2);
    CHECK(all[2] == 0x8000 + 5000);
    CHECK(all[4] == 0x00123456);
    CHECK(all.bytes(0x8000 + 4998, 3) == "111100");
    // An exception in a later part: the registers say how far it got.
    auto beyond = Run("L MVCLE 2,4,0\n BRC 1,L").gpr(2, (1 << 20) - 600).gpr(3, 1000).go();
    CHECK(beyond.code == 5);
    CHECK(beyond[2] == 0x100000);
    CHECK(beyond[3] == 400);
    CHECK(Run(" MVCLE 3,4,0").go().code == 6);
    CHECK(Run(" MVCLE 2,5,0").go().code == 6);
}

TEST_CASE("CLCLE compares with padding") {
    const auto compare = [](std::initializer_list<uint8_t> a, std::initializer_list<uint8_t> b, uint32_t at) {
        auto run = with_code("CLCLE 2,4,C' '")
                       .gpr(2, 0x8000)
                       .gpr(3, static_cast<uint32_t>(a.size()))
                       .gpr(4, 0x9000)
                       .gpr(5, static_cast<uint32_t>(b.size()))
                       .put(0x8000, a)
                       .put(0x9000, b);
        const unsigned code = code_after(run);
        CHECK(run[2] == 0x8000 + std::min<uint32_t>(at, static_cast<uint32_t>(a.size())));
        CHECK(run[3] == (at < a.size() ? a.size() - at : 0));
        CHECK(run[4] == 0x9000 + std::min<uint32_t>(at, static_cast<uint32_t>(b.size())));
        return code;
    };
    CHECK(compare({1, 2, 3}, {1, 2, 3}, 3) == 0);
    CHECK(compare({1, 2, 3}, {1, 4, 3}, 1) == 1);
    CHECK(compare({1, 9, 3}, {1, 4, 3}, 1) == 2);
    CHECK(compare({1, 0x40, 0x40}, {1}, 3) == 0);
    CHECK(compare({1}, {1, 0x40, 0x41}, 2) == 1);
    auto part = with_code("CLCLE 2,4,0").gpr(2, 0x8000).gpr(3, 6000).gpr(4, 0xA000).gpr(5, 6000);
    CHECK(code_after(part) == 3);
    CHECK(part[3] == 6000 - 2048);
}

TEST_CASE("strings end with the character in register 0") {
    auto found = with_code("SRST 2,4").gpr(0, 0xC1).gpr(2, 0x8100).gpr(4, 0x8000).put(0x8005, {0xC1, 0xC1});
    CHECK(code_after(found) == 1);
    CHECK(found[2] == 0x8005);
    CHECK(found[4] == 0x8000);
    auto absent = with_code("SRST 2,4").gpr(0, 0xC1).gpr(2, 0x8005).gpr(4, 0x8000).put(0x8005, {0xC1});
    CHECK(code_after(absent) == 2);
    CHECK(absent[2] == 0x8005);
    auto more = with_code("SRST 2,4").gpr(0, 0xC1).gpr(2, 0).gpr(4, 0x8000);
    CHECK(code_after(more) == 3);
    CHECK(more[4] == 0x8100);
    CHECK(Run(" SRST 2,4").gpr(0, 0x100).go().code == 6);
    CHECK(Run(" MVST 2,4").gpr(0, 0x80000000).go().code == 6);
    CHECK(Run(" CLST 2,4").gpr(0, 0x1C1).go().code == 6);

    auto move = with_code("MVST 2,4").gpr(2, 0x8000).gpr(4, 0x9000).put(0x9000, {1, 2, 3, 0, 5});
    move.put(0x8000, {9, 9, 9, 9, 9});
    CHECK(code_after(move) == 1);
    CHECK(move.bytes(0x8000, 5) == "0102030009");
    CHECK(move[2] == 0x8003);
    CHECK(move[4] == 0x9000);
    auto longer = with_code("MVST 2,4").gpr(0, 1).gpr(2, 0x8100).gpr(4, 0x9000);
    CHECK(code_after(longer) == 3);
    CHECK(longer[2] == 0x9000);
    CHECK(longer[4] == 0x9F00);
    const auto compare = [](uint8_t ending, std::initializer_list<uint8_t> a,
                            std::initializer_list<uint8_t> b, uint32_t at) {
        auto run =
            with_code("CLST 2,4").gpr(0, ending).gpr(2, 0x8000).gpr(4, 0x9000).put(0x8000, a).put(0x9000, b);
        const unsigned code = code_after(run);
        CHECK(run[2] == 0x8000 + at);
        CHECK(run[4] == 0x9000 + at);
        return code;
    };
    CHECK(compare(0, {1, 2, 0}, {1, 2, 0}, 0) == 0);
    CHECK(compare(0, {1, 2, 0}, {1, 3, 0}, 1) == 1);
    CHECK(compare(0, {1, 4, 0}, {1, 3, 0}, 1) == 2);
    CHECK(compare(0x40, {1, 0x40}, {1, 3}, 1) == 1);  // the shorter is lower although its ending is larger
    CHECK(compare(0x40, {1, 3}, {1, 0x40}, 1) == 2);
}

TEST_CASE("bit 32 of the PSW makes LOAD ADDRESS yield 31 bits, and nothing else") {
    constexpr const char* kProgram = " LA 1,1(2)\n L 3,0(4)\n LARL 5,*\n BASR 6,0";
    auto narrow = Run(kProgram).gpr(2, 0xFFFFFFFF).gpr(4, 0xFF000800).put(0x800, {1, 2, 3, 4}).go();
    CHECK(narrow[1] == 0);
    CHECK(Run(" LA 1,0(2)").gpr(2, 0x89ABCDEF).go()[1] == 0x00ABCDEF);
    auto wide = Run(kProgram).gpr(2, 0x12345678).gpr(4, 0xFF000800).put(0x800, {1, 2, 3, 4});
    wide.psw(0, 0x00080000, 0x80000000 | kCode).go();
    CHECK(wide[1] == 0x12345679);
    CHECK(wide[3] == 0x01020304);
    CHECK(wide[5] == kCode + 8);
    CHECK(wide[6] == kCode + 16);
    CHECK(Run(" LA 1,1(2)").gpr(2, 0xFFFFFFFF).psw(0, 0x00080000, 0x80000000 | kCode).go()[1] == 0);
    CHECK(Run(" LA 1,0(2)").gpr(2, 0x89ABCDEF).psw(0, 0x00080000, 0x80000000 | kCode).go()[1] == 0x09ABCDEF);
    // An old PSW shows the bit.
    auto old = Run(" DC H'0'").psw(0, 0x00080000, 0x80000000 | kCode).go();
    CHECK(old.code == 1);
    CHECK(old.machine().storage().get64(0x28) == 0x0008000080001002);
    // In BC mode bits 32-33 are the instruction-length code.
    CHECK(Run(" LA 1,0(2)").gpr(2, 0x89ABCDEF).psw(0, 0, 0x80000000 | kCode).go()[1] == 0x00ABCDEF);
    // Without the facility the bit is an error in the PSW.
    CHECK(Run(" LA 1,0(2)", "s370-158").psw(0, 0x00080000, 0x80000000 | kCode).go().code == 6);
}

TEST_CASE("without the facility every one of its instructions is an operation exception") {
    unsigned refused = 0;
    unsigned of_direct_control = 0;  // the opcodes of BRXH and BRXLE are those of WRD and RDD
    for (unsigned i = 0; i < kRowCount; ++i) {
        const Row& row = kRows[i];
        if (row.facility != Facility::gcc) continue;
        CAPTURE(row.mnemonic);
        Decoded d;
        d.op = static_cast<Op>(i);
        d.length = static_cast<uint8_t>(length_of(row.format));
        d.operands.r1 = d.operands.r2 = 2;
        d.operands.b2 = 3;
        d.operands.imm = 2;
        uint8_t bytes[6];
        encode(d, bytes);
        if (decode(bytes).op != Op::invalid && decode(bytes).op != d.op) {
            ++of_direct_control;
            continue;
        }
        for (const char* model : {"s370-158", "unit"}) {
            Run run(" DS XL16", model);
            for (unsigned b = 0; b < d.length; ++b) run.put(kCode + b, {bytes[b]});
            CHECK(run.go().code == 1);
            CHECK(run.old_address == kCode + d.length);
        }
        // As the subject of EXECUTE too.
        Run run(" EX 0,X'800'", "s370-158");
        for (unsigned b = 0; b < d.length; ++b) run.put(0x800 + b, {bytes[b]});
        CHECK(run.go().code == 1);
        ++refused;
    }
    CHECK(refused == 34);
    CHECK(of_direct_control == 2);
}

TEST_CASE("a machine model extends another by facilities") {
    const auto base = MachineModel::load("s370-158"), more = MachineModel::load("s370-158-gcc");
    CHECK(more.name == "s370-158-gcc");
    CHECK(more.prices == base.prices);
    CHECK(more.devices.size() == base.devices.size());
    CHECK(!base.facilities.has(Facility::gcc));
    auto facilities = base.facilities;
    facilities.install(Facility::gcc);
    CHECK(more.facilities == facilities);
    const auto parse = [](const char* text) { return MachineModel::parse(text, "m.toml"); };
    CHECK_THROWS_WITH(
        parse("name = \"x\"\ntitle = \"x\"\nextends = \"s360\"\n"),
        "m.toml:3:11: unknown machine model \"s360\": expected a built-in one that extends none");
    CHECK_THROWS_WITH(
        parse("name = \"x\"\ntitle = \"x\"\nextends = \"s370-158-gcc\"\n"),
        "m.toml:3:11: unknown machine model \"s370-158-gcc\": expected a built-in one that extends none");
    CHECK_THROWS(
        parse("name = \"x\"\ntitle = \"x\"\nextends = \"unit\"\n"
              "[facilities]\ninstalled = [\"gcc\"]\nsource = \"assumed\"\n[cost]\n"));
}
