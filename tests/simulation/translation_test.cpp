// Dynamic address translation in its four formats, its exceptions and the instructions around it. GA22-7000
// chapter 3, "Dynamic Address Translation", and chapter 10.
#include <fmt/format.h>

#include <vector>

#include "tests/simulation/one_instruction.hpp"

namespace simulation::test {
namespace {

using isa::ProgramCode;
using isa::TranslationFormat;

const std::vector<TranslationFormat> kFormats = {{11, 16}, {12, 16}, {11, 20}, {12, 20}};

/// A machine with translation on: a segment table at 20000, the page tables of segments 0 and 1 at 21000 and
/// 22000; the first pages of segment 0 lie where they are, so that the code can be executed.
struct Translated : OneInstruction {
    static constexpr uint32_t kSegments = 0x20000, kPages0 = 0x21000, kPages1 = 0x22000;

    explicit Translated(TranslationFormat f) : format(f) {
        for (uint32_t s = 0; s < 256; ++s) storage().put32(kSegments + 4 * s, 1);
        segment(0, kPages0);
        segment(1, kPages1);
        for (uint32_t p = 0; p < format.pages_per_segment(); ++p) {
            page(0, p, p << format.page_shift);
            page(1, p, 0, true);
        }
        set_cr(0, isa::initial_control_registers()[0] | cr0());
        set_cr(1, 0xFF000000 | kSegments);
        psw.ec_mode = psw.dat = true;
    }
    uint32_t cr0() const {
        return (format.page_shift == 11 ? isa::kCr0PageSize2K : isa::kCr0PageSize4K) |
               (format.segment_shift == 20 ? isa::kCr0Segment1M : 0);
    }
    /// `length` counts sixteenths of the largest page table.
    void segment(uint32_t number, uint32_t pages, uint32_t length = 16, bool invalid = false,
                 bool common = false) {
        storage().put32(kSegments + 4 * number,
                        (length - 1) << 28 | pages | (common ? 2 : 0) | (invalid ? 1 : 0));
    }
    void page(uint32_t segment, uint32_t number, uint32_t frame, bool invalid = false) {
        uint16_t entry = isa::page_table_entry(format, frame);
        if (invalid) entry |= format.invalid_bit();
        storage().put16((segment == 0 ? kPages0 : kPages1) + 2 * number, entry);
    }
    uint32_t page_size() const { return 1u << format.page_shift; }
    uint32_t segment_size() const { return 1u << format.segment_shift; }
    /// What the operating system does after it has changed its tables.
    void purge() { cpu().purge_tlb(); }

    TranslationFormat format;
};

}  // namespace

TEST_CASE("pages lie where the tables say, in every format") {
    for (const TranslationFormat format : kFormats) {
        CAPTURE(format.page_shift);
        CAPTURE(format.segment_shift);
        Translated t(format);
        const uint32_t last = format.pages_per_segment() - 1;
        t.page(1, 0, 0x80000);
        t.page(1, last, 0x90000);
        t.storage().put32(0x80010, 0x11111111);
        t.storage().put32(0x90010, 0x22222222);
        t.set_gpr(1, t.segment_size() + 0x10);
        t.good("L 2,0(1)");
        CHECK(t.gpr(2) == 0x11111111);
        t.set_gpr(1, t.segment_size() + last * t.page_size() + 0x10);
        t.good("L 2,0(1)");
        CHECK(t.gpr(2) == 0x22222222);
        t.good("LRA 3,0(1)");
        CHECK(t.cc() == 0);
        CHECK(t.gpr(3) == 0x90010);
        // Two pages that do not follow each other in real storage, and an operand in both.
        t.page(1, 1, 0xA0000);
        t.set_gpr(1, t.segment_size() + t.page_size() - 2);
        t.set_gpr(2, 0xAABBCCDD);
        t.good("ST 2,0(1)");
        CHECK(t.storage().get16(0x80000 + t.page_size() - 2) == 0xAABB);
        CHECK(t.storage().get16(0xA0000) == 0xCCDD);
    }
}

TEST_CASE("translation exceptions: their code, the address that they store, and that they nullify") {
    for (const TranslationFormat format : kFormats) {
        CAPTURE(format.page_shift);
        CAPTURE(format.segment_shift);
        Translated t(format);
        const auto check = [&](uint32_t address, ProgramCode code, unsigned lra_code, uint32_t entry) {
            CAPTURE(address);
            t.purge();
            t.set_gpr(1, address);
            const auto i = t.refused("L 2,0(1)", code);
            CHECK(i.translation_address == (address & ~(t.page_size() - 1)));
            CHECK(i.ilc == 2);
            CHECK(t.cpu().psw().address == OneInstruction::kCode);
            t.set_gpr(3, 0);
            t.good("LRA 3,0(1)");
            CHECK(t.cc() == lra_code);
            CHECK(t.gpr(3) == entry);
            t.good("TPROT 0(1),0(0)");
            CHECK(t.cc() == 3);
        };
        const uint32_t in_1 = t.segment_size() + 2 * t.page_size() + 0x123;
        check(2 * t.segment_size() + 0x7FF, ProgramCode::segment_translation, 1, Translated::kSegments + 8);
        check(in_1, ProgramCode::page_translation, 2, Translated::kPages1 + 4);
        // A page table of one sixteenth of its greatest length; an address behind that.
        t.page(1, 2, 0x80000);
        t.segment(1, Translated::kPages1, 1);
        const uint32_t sixteenth = t.segment_size() / 16;
        const uint32_t behind = t.segment_size() + sixteenth;
        check(behind, ProgramCode::page_translation, 3,
              Translated::kPages1 + 2 * (sixteenth >> format.page_shift));
        // A segment table of one unit (16 entries of 64K, or 16 of 1M, which is all of 24 bits).
        if (format.segment_shift == 16) {
            t.set_cr(1, Translated::kSegments);
            check(0x100000, ProgramCode::segment_translation, 3, Translated::kSegments + 4 * 16);
        }
    }
}

TEST_CASE("translation specification: reserved bits of entries, and formats that do not exist") {
    for (const TranslationFormat format : kFormats) {
        CAPTURE(format.page_shift);
        CAPTURE(format.segment_shift);
        Translated t(format);
        t.page(1, 0, 0x80000);
        t.set_gpr(1, t.segment_size());
        const uint32_t entry = Translated::kSegments + 4;
        const uint32_t good = t.storage().get32(entry);
        t.storage().put32(entry, good | 0x01000000);
        t.refused("L 2,0(1)", ProgramCode::translation_specification);
        CHECK(t.cpu().psw().address == OneInstruction::kCode + 4);  // suppressed, not nullified
        t.refused("LRA 2,0(1)", ProgramCode::translation_specification);
        t.storage().put32(entry, good);
        t.good("L 2,0(1)");
        t.purge();
        const uint16_t page = t.storage().get16(Translated::kPages1);
        t.storage().put16(Translated::kPages1, page | 2);
        t.refused("L 2,0(1)", ProgramCode::translation_specification);
    }
    for (const uint32_t format : {0x00000000u, 0x00C00000u, 0x00480000u, 0x00580000u, 0x00780000u}) {
        CAPTURE(format);
        CHECK_FALSE(TranslationFormat::of(format).has_value());
        OneInstruction one;
        one.set_cr(0, format);
        one.psw.ec_mode = one.psw.dat = true;
        one.refused("LR 1,2", ProgramCode::translation_specification);
        one.psw.dat = false;
        one.refused("LRA 1,0(2)", ProgramCode::translation_specification);
    }
}

TEST_CASE("tables outside storage are addressing exceptions") {
    for (const TranslationFormat format : kFormats) {
        Translated t(format);
        t.set_gpr(1, t.segment_size());
        t.segment(1, 0x00F00000);
        t.refused("L 2,0(1)", ProgramCode::addressing);
        t.refused("LRA 2,0(1)", ProgramCode::addressing);
        t.segment(1, Translated::kPages1);
        t.page(1, 0, 0x00F00000);
        t.refused("L 2,0(1)", ProgramCode::addressing);  // the page itself
        t.good("LRA 2,0(1)");                            // which LRA does not look at
        CHECK(t.gpr(2) == 0x00F00000);
        t.psw.dat = false;
        t.set_cr(1, 0xFF000000 | 0x00F00000);
        t.refused("LRA 2,0(1)", ProgramCode::addressing);
    }
}

TEST_CASE("the TLB keeps what it has found until it is purged") {
    Translated t({12, 16});
    t.page(1, 0, 0x80000);
    t.storage().put32(0x80000, 1);
    t.storage().put32(0x90000, 2);
    t.set_gpr(1, t.segment_size());
    t.good("L 2,0(1)");
    CHECK(t.gpr(2) == 1);
    t.page(1, 0, 0x90000);
    t.good("L 2,0(1)");
    CHECK(t.gpr(2) == 1);
    t.good("PTLB");
    t.good("L 2,0(1)");
    CHECK(t.gpr(2) == 2);
    // IPTE turns the entry's invalid bit on, and out of the TLB it goes.
    t.set_gpr(4, Translated::kPages1);
    t.set_gpr(5, t.segment_size());
    t.good("IPTE 4,5");
    CHECK((t.storage().get16(Translated::kPages1) & t.format.invalid_bit()) != 0);
    t.refused("L 2,0(1)", ProgramCode::page_translation);
}

TEST_CASE("another segment table is another space; the first is found again") {
    Translated t({12, 16});
    t.page(1, 0, 0x80000);
    t.storage().put32(0x80000, 1);
    t.storage().put32(0x90000, 2);
    // A second segment table at 23000 with the same segment 0, and segment 1 elsewhere.
    t.storage().put32(0x23000, t.storage().get32(Translated::kSegments));
    t.storage().put32(0x23004, 0xF0000000 | 0x24000);
    t.storage().put16(0x24000, isa::page_table_entry(t.format, 0x90000));
    t.set_gpr(1, t.segment_size());
    for (int times = 0; times < 3; ++times) {
        t.set_cr(1, 0xFF000000 | Translated::kSegments);
        t.good("L 2,0(1)");
        CHECK(t.gpr(2) == 1);
        t.set_cr(1, 0xFF000000 | 0x23000);
        t.good("L 2,0(1)");
        CHECK(t.gpr(2) == 2);
    }
}

TEST_CASE("a common segment translates as any other") {
    Translated t({11, 16});
    t.page(1, 0, 0x80000);
    t.segment(1, Translated::kPages1, 16, false, true);
    t.storage().put32(0x80000, 7);
    t.set_gpr(1, t.segment_size());
    t.good("L 2,0(1)");
    CHECK(t.gpr(2) == 7);
}

TEST_CASE("keys and low-address protection apply to real blocks and logical addresses") {
    Translated t({12, 16});
    t.page(1, 0, 0x80000);
    t.set_key(0x80000, 0x40);
    t.psw.key = 5;
    t.set_gpr(1, t.segment_size());
    t.refused("ST 2,0(1)", ProgramCode::protection);
    t.psw.key = 4;
    t.good("ST 2,0(1)");
    // Logical page 0 of segment 1 may be stored into although it lies at real 0.
    t.psw.key = 0;
    t.page(1, 0, 0);
    t.purge();
    t.set_cr(0, t.cpu().cr(0) | isa::kCr0LowAddressProtection);
    t.good("ST 2,256(1)");
    t.set_gpr(1, 0);
    t.refused("ST 2,256(1)", ProgramCode::protection);
}

TEST_CASE("a changed key counts wherever its block is mapped, and nowhere else") {
    constexpr uint32_t kFrame = 0x80000, kOther = 0x90000;
    Translated t({12, 16});
    for (const uint32_t p : {0u, 1u, 5u}) t.page(1, p, kFrame);
    t.page(1, 2, kOther);
    t.set_key(kFrame, 0x50);
    t.set_key(kOther, 0x50);
    const auto at_page = [&](uint32_t p) { t.set_gpr(1, t.segment_size() + p * t.page_size()); };
    const auto change_key = [&](uint32_t key) {
        t.psw.key = 0;
        t.set_gpr(3, key);
        t.set_gpr(4, kFrame);
        t.good("SSK 3,4");
        t.psw.key = 5;
    };
    t.psw.key = 5;
    for (int times = 0; times < 2; ++times) {
        for (const uint32_t p : {0u, 1u, 2u, 5u}) {
            at_page(p);
            t.good("ST 2,0(1)");
            t.good("L 2,4(1)");
        }
        CHECK(t.key(kFrame) == 0x56);
        CHECK(t.key(kOther) == 0x56);
        change_key(0x60);
        for (const uint32_t p : {0u, 1u, 5u}) {
            at_page(p);
            t.refused("ST 2,0(1)", ProgramCode::protection);
        }
        CHECK(t.key(kFrame) == 0x60);
        for (const uint32_t p : {5u, 0u, 1u}) {
            at_page(p);
            t.good("L 2,4(1)");
        }
        CHECK(t.key(kFrame) == 0x64);
        change_key(0x68);
        for (const uint32_t p : {0u, 1u, 5u}) {
            at_page(p);
            t.refused("L 2,4(1)", ProgramCode::protection);
        }
        at_page(2);
        t.good("ST 2,0(1)");
        change_key(0x50);  // stores through any of the mappings are recorded anew
        for (const uint32_t p : {5u, 1u, 0u}) {
            at_page(p);
            t.good("L 2,4(1)");
        }
        CHECK(t.key(kFrame) == 0x54);
        at_page(times == 0 ? 0 : 5);
        t.good("ST 2,0(1)");
        CHECK(t.key(kFrame) == 0x56);
    }
}

TEST_CASE("prefixing: real page 0 and the prefix page change places") {
    OneInstruction one;
    one.storage().put32(0x8000, 0x00009000);
    one.set_gpr(1, 0x8000);
    one.good("SPX 0(1)");
    CHECK(one.cpu().prefix() == 0x9000);
    one.set_gpr(1, 0);
    one.set_gpr(2, 0x600DF00D);
    one.good("ST 2,256(1)");
    CHECK(one.storage().get32(0x9100) == 0x600DF00D);
    one.set_gpr(1, 0x9000);
    one.set_gpr(2, 0x0BADF00D);
    one.good("ST 2,260(1)");
    CHECK(one.storage().get32(0x104) == 0x0BADF00D);
}

}  // namespace simulation::test
