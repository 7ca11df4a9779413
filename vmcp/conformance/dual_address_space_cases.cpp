// Cases of the dual-address-space facility. The primary space is an identical one (identity_tables.hpp), from
// which the instructions come whatever the mode; the secondary space has one segment of the case's own, whose
// pages stand for the frames of the case's areas. ASN, linkage and entry tables are made around one entry
// each: the origins are chosen so that the entry lies in an area of the case.
#include <algorithm>

#include "isa/state.hpp"
#include "vmcp/conformance/case_generator.hpp"
#include "vmcp/conformance/identity_tables.hpp"

namespace vmcp::conformance {
namespace {

using Bytes = std::vector<uint8_t>;

uint8_t u8(unsigned value) { return static_cast<uint8_t>(value); }

void put32(CaseBuilder& b, uint32_t at, uint32_t value) {
    b.put(at, {u8(value >> 24), u8(value >> 16 & 0xFF), u8(value >> 8 & 0xFF), u8(value & 0xFF)});
}

/// Authorities and modes: nearly always enough to get on, and now and then each of them missing.
void draw_controls(CaseBuilder& b) {
    if (b.random.chance(92))
        b.translate();
    else if (b.psw.ec_mode)
        b.psw.secondary_space = b.random.chance(20);
    auto& cr = b.test.cr;
    if (b.random.chance(70)) cr[0] |= isa::kCr0ExtractionAuthority;
    if (b.random.chance(88)) cr[0] |= isa::kCr0SecondarySpaceControl;
    cr[3] = b.random.next32() | (b.random.chance(50) ? 0xFFFF0000 : 0);
    cr[4] = b.random.next32();
    cr[5] = b.random.next32() & 0x80FFFFFF;  // as do bits 1-7 of control register 5
    cr[14] = b.random.below(0x1000);  // bits 13-19 belong to the origin in later architectures and the judge
    if (b.random.chance(90)) cr[14] |= isa::kCr14AsnTranslationControl;
    if (b.random.chance(90))
        cr[5] |= isa::kCr5SubsystemLinkageControl;
    else
        cr[5] &= ~isa::kCr5SubsystemLinkageControl;
}

// ---- The secondary space

struct SecondarySpace {
    uint32_t page_table = 0, segment = 0;
    uint32_t page_size = 0, segment_size = 0;
    unsigned pages = 0;
};

SecondarySpace make_secondary_space(CaseBuilder& b) {
    SecondarySpace s;
    const uint32_t cr0 = b.test.cr[0];
    s.page_size = (cr0 & isa::kCr0PageSizeMask) == isa::kCr0PageSize2K ? 2048 : 4096;
    s.segment_size = cr0 & isa::kCr0Segment1M ? 0x100000 : 0x10000;
    const uint32_t unit = s.segment_size / s.page_size / 16;  // page-table entries a length unit
    const uint32_t units = std::min<uint32_t>(16, 32 / unit);
    s.pages = unit * units;
    const uint32_t table = (b.place(1, 64 + 64 + 63) + 63) & ~63u;
    s.page_table = table + 64;
    s.segment = b.random.below(16);
    for (unsigned n = 0; n < 16; ++n)
        put32(b, table + 4 * n, n == s.segment ? (units - 1) << 28 | s.page_table : 1);
    const unsigned invalid = s.page_size == 2048 ? 4 : 8;
    for (unsigned n = 0; n < 32; ++n) b.put(s.page_table + 2 * n, {0, u8(invalid)});
    b.test.cr[7] = table;
    return s;
}

/// The virtual address that stands for `length` bytes at a real address, which cross at most one page; now
/// and then one of the two pages stays invalid.
uint32_t map(CaseBuilder& b, const SecondarySpace& s, uint32_t real, uint32_t length) {
    const unsigned page = b.random.below(s.pages - 1);
    const bool crosses = real % s.page_size + length > s.page_size;
    for (unsigned n = 0; n < (crosses ? 2 : 1); ++n) {
        if (b.random.chance(8)) continue;
        const uint16_t entry = page_entry((real & ~(s.page_size - 1)) + n * s.page_size);
        b.put(s.page_table + 2 * (page + n), {u8(entry >> 8), u8(entry & 0xFF)});
    }
    const uint32_t segment = b.random.chance(97) ? s.segment : (s.segment + b.random.between(1, 15)) % 16;
    return segment * s.segment_size + page * s.page_size + real % s.page_size;
}

// ---- What tells of the present space

Bytes extract(CaseBuilder& b, isa::Decoded& d) {
    draw_controls(b);
    b.psw.secondary_space = b.psw.ec_mode && b.random.chance(40);
    d.operands.r1 = u8(b.operand_register());
    return {};
}

Bytes insert_virtual_storage_key(CaseBuilder& b, isa::Decoded& d) {
    draw_controls(b);
    d.operands.r1 = u8(b.operand_register());
    d.operands.r2 = u8(b.random.chance(5) ? d.operands.r1 : b.fresh_register());
    b.draw_places(1);
    uint32_t address = b.place(0, 1);
    if (b.psw.dat && b.place_of(0) != Place::page_edge && b.random.chance(50)) {
        const SecondarySpace s = make_secondary_space(b);
        address = map(b, s, address, 1);
        b.psw.secondary_space = true;
    }
    b.set(d.operands.r2, address | (b.random.chance(40) ? b.random.next32() & 0xFF000000 : 0));
    return {};
}

/// SAC, and then what a fetch finds.
Bytes set_address_space_control(CaseBuilder& b, isa::Decoded& d) {
    draw_controls(b);
    const uint32_t operand = b.place(1, 4);
    // Codes 2 and 3 are modes of later architectures, which the judge knows.
    const uint32_t code = b.random.chance(90) ? b.random.below(2) : b.random.between(4, 15);
    b.address(d.operands.b2, d.operands.d2, (b.random.next32() & 0xFFF0FF) | code << 8);
    if (!b.psw.dat) return {};
    b.psw.secondary_space = b.random.chance(30);
    const SecondarySpace s = make_secondary_space(b);
    isa::Operands load;
    load.r1 = u8(b.operand_register());
    b.address(load.b2, load.d2, code == 0 ? operand : map(b, s, operand, 4));
    return helping_instruction("L", load);
}

// ---- Moves

unsigned true_length(CaseBuilder& b) {
    return b.random.chance(8)    ? 0
           : b.random.chance(60) ? b.random.below(40)
           : b.random.chance(80) ? b.random.below(300)
                                 : b.random.next32();
}

/// Length in R1; the key of the operand at `address`, or another one, in R3.
void length_and_key(CaseBuilder& b, isa::Operands& o, unsigned length, uint32_t address) {
    o.r1 = u8(b.fresh_register());
    o.r2 = u8(b.random.chance(3) ? o.r1 : b.fresh_register());
    const unsigned key = b.random.chance(65)   ? key_of_block(std::min(address, kEnd - 1)) >> 4
                         : b.random.chance(50) ? 0
                                               : b.random.below(16);
    b.set(o.r2, (b.random.next32() & ~0xF0u) | key << 4);
    b.set(o.r1, length);
}

Bytes move_with_key(CaseBuilder& b, isa::Decoded& d) {
    isa::Operands& o = d.operands;
    b.test.cr[3] = b.random.next32() | (b.random.chance(50) ? 0xFFFF0000 : 0);
    if (b.random.chance(40)) b.translate();
    const unsigned length = true_length(b), moved = std::min(length, 256u);
    b.draw_places(2);
    uint32_t to = b.place(0, std::max(moved, 1u)), from = b.place(1, std::max(moved, 1u));
    if (b.place_of(0) == Place::inside && b.place_of(1) == Place::inside && b.random.chance(25)) {
        from = b.place(1, 2 * moved + 8);
        to = from + b.random.below(moved + 8);
        if (b.random.chance(50)) std::swap(from, to);
    }
    length_and_key(b, o, length, from);
    b.address(o.b1, o.d1, to);
    b.address(o.b2, o.d2, from);
    return {};
}

Bytes move_between_spaces(CaseBuilder& b, isa::Decoded& d) {
    isa::Operands& o = d.operands;
    draw_controls(b);
    const unsigned length = true_length(b), moved = std::max(std::min(length, 256u), 1u);
    b.draw_places(1);
    const uint32_t primary = b.place(0, moved);
    uint32_t secondary = b.random.chance(80) ? b.place(1, moved) : b.at_frame(moved / 2) - moved / 2;
    length_and_key(b, o, length, secondary);
    if (b.psw.dat) {
        const SecondarySpace s = make_secondary_space(b);
        secondary = map(b, s, secondary, moved);
        b.psw.secondary_space = b.random.chance(40);
    }
    const bool to_primary = d.row().mnemonic == "MVCP";
    b.address(o.b1, o.d1, to_primary ? primary : secondary);
    b.address(o.b2, o.d2, to_primary ? secondary : primary);
    return {};
}

// ---- Address spaces by number

/// Breaks a word now and then: its first bit, or one of those that must be zero.
uint32_t with_errors(CaseBuilder& b, uint32_t word, uint32_t must_be_zero) {
    if (b.random.chance(4)) word |= 0x80000000;
    if (b.random.chance(4)) {
        uint32_t bit;
        do bit = 1u << b.random.below(32);
        while ((bit & must_be_zero) == 0);
        word |= bit;
    }
    return word;
}

/// Tables that lead to one address space, whose number it returns. `first_table`: 256 bytes on a 4K boundary.
/// `designation`: what the space has as its segment-table designation. `index`: the authorization index that
/// will be looked for. `half`: of the first table, so that two spaces have an entry each.
uint32_t make_address_space(CaseBuilder& b, uint32_t first_table, uint32_t designation, uint32_t index,
                            unsigned half = 0) {
    const uint32_t area = (b.place(1, 64 + 15) + 15) & ~15u;
    const uint32_t authority = area + 32 + 4 * b.random.below(4);
    const uint32_t afx = 32 * half + b.random.below(32), asx = b.random.below(64);
    // The byte that the authorization index leads to lies at `authority`.
    const uint32_t table = (authority - (index >> 2)) & ~3u & isa::kAddressMask;
    const uint32_t length =
        b.random.chance(90) ? std::min(0xFFFu, (index >> 4) + b.random.below(3)) : b.random.below(0x1000);
    put32(b, first_table + 4 * afx, with_errors(b, (area - 16 * asx) & 0x00FFFFF0, 0x7F00000F));
    put32(b, area, with_errors(b, table, 0x7F000003));
    put32(b, area + 4, (with_errors(b, length << 4, 0xF) & 0xFFFF) | (b.random.next32() & 0xFFFF0000));
    put32(b, area + 8, designation);
    put32(b, area + 12, with_errors(b, b.random.next32() & 0x80FFFFFF, 0x7F000000));
    return afx << 6 | asx;
}

/// The authorization index in CR4, and where that of the operand is used instead. Small ones share tables.
uint32_t draw_index(CaseBuilder& b) {
    return b.random.chance(70) ? b.random.below(64) : b.random.below(0x10000);
}

uint32_t first_table(CaseBuilder& b) {
    const uint32_t table = b.at_frame();
    b.test.cr[14] = (b.test.cr[14] & ~0xFFFu) | table >> 12;
    return table;
}

/// A designation of the identical space: the length may be any that is enough, and the control of the
/// space-switch event is on now and then. That is bit 0 for the judge, as in later architectures.
uint32_t identical_space(CaseBuilder& b) {
    uint32_t designation = b.test.cr[1] & ~1u;
    if (b.random.chance(50)) designation |= 0x70000000;
    return designation | (b.random.chance(8) ? 1 : 0);
}

Bytes set_secondary_asn(CaseBuilder& b, isa::Decoded& d) {
    draw_controls(b);
    const uint32_t index = draw_index(b);
    b.test.cr[4] = index << 16 | (b.test.cr[4] & 0xFFFF);
    const uint32_t asn = make_address_space(b, first_table(b), b.random.next32(), index);
    if (b.random.chance(20)) b.test.cr[4] = index << 16 | asn;
    b.psw.secondary_space = b.psw.ec_mode && b.random.chance(20);
    d.operands.r1 = u8(b.fresh_register());
    b.set(d.operands.r1, (b.random.next32() & 0xFFFF0000) | asn);
    return {};
}

/// Where PC and PT go: to a landing pad, in either state.
uint32_t target(CaseBuilder& b) { return (b.branch_target() & 0x00FFFFFE) | b.random.below(2); }

Bytes program_call(CaseBuilder& b, isa::Decoded& d) {
    draw_controls(b);
    for (unsigned r : {3u, 4u, 14u}) b.set(r, edge_word(b.random));
    auto& cr = b.test.cr;
    if (b.random.chance(8)) cr[1] |= 1;
    uint32_t asn = 0;
    if (b.random.chance(60)) asn = make_address_space(b, first_table(b), identical_space(b), draw_index(b));
    if (b.random.chance(5)) b.psw.secondary_space = b.psw.ec_mode;
    const uint32_t area = (b.place(1, 48 + 15) + 15) & ~15u;
    const uint32_t entry = area, linkage = area + 16 + 4 * b.random.below(4);
    const uint32_t authority = b.random.chance(70) ? 0xFFFF : 1u << b.random.below(16);
    put32(b, entry, authority << 16 | asn);
    put32(b, entry + 4, target(b) | (b.random.chance(4) ? 1u << b.random.between(24, 31) : 0));
    put32(b, entry + 8, b.random.next32());
    put32(b, entry + 12, b.random.next32());
    // The low bits of both indexes say where in their units the entries lie.
    const uint32_t ex = b.random.below(64) << 2 | (entry >> 4 & 3);
    const uint32_t lx = b.random.below(128) << 5 | (linkage >> 2 & 31);
    const auto length = [&](uint32_t index, uint32_t most) {
        return b.random.chance(94) ? std::min(most, index + b.random.below(3)) : b.random.below(most + 1);
    };
    const uint32_t entry_table = (entry - 16 * ex) & 0x00FFFFC0;
    put32(b, linkage, with_errors(b, entry_table | length(ex >> 2, 0x3F), 0x7F000000));
    cr[5] = (cr[5] & 0xFF000000) | ((linkage - 4 * lx) & 0x00FFFF80) | length(lx >> 5, 0x7F);
    b.address(d.operands.b2, d.operands.d2, b.random.below(16) << 20 | lx << 8 | ex);
    return {};
}

Bytes program_transfer(CaseBuilder& b, isa::Decoded& d) {
    draw_controls(b);
    if (b.random.chance(8)) b.test.cr[1] |= 1;
    const uint32_t index = draw_index(b);
    const uint32_t asn = make_address_space(b, first_table(b), identical_space(b), index);
    b.test.cr[4] = index << 16 | (b.random.chance(35) ? asn : b.random.next32() & 0xFFFF);
    if (b.random.chance(5)) b.psw.secondary_space = b.psw.ec_mode;
    d.operands.r1 = u8(b.fresh_register());
    d.operands.r2 = u8(b.fresh_register());
    b.set(d.operands.r1, (b.random.next32() & 0xFFFF0000) | asn);
    b.set(d.operands.r2, target(b) | (b.random.chance(4) ? 1u << b.random.between(24, 31) : 0));
    return {};
}

Bytes load_address_space_parameters(CaseBuilder& b, isa::Decoded& d) {
    draw_controls(b);
    isa::Operands& o = d.operands;
    auto& cr = b.test.cr;
    if (b.random.chance(8)) cr[1] |= 1;
    b.draw_places(1);
    const uint32_t parameters = b.place(0, 8, 8, true);
    const uint32_t index = draw_index(b), table = first_table(b);
    const uint32_t primary = make_address_space(b, table, identical_space(b), draw_index(b));
    const uint32_t secondary = make_address_space(b, table, b.random.next32(), index, 1);
    // The index that counts: the old one, that of the operand, or that of the entry, by the options.
    cr[4] = index << 16 | (b.random.chance(50) ? primary : cr[4] & 0xFFFF);
    cr[3] = (cr[3] & 0xFFFF0000) | (b.random.chance(50) ? secondary : cr[3] & 0xFFFF);
    cr[7] = b.random.next32();
    const uint32_t second = b.random.chance(15) ? primary : secondary;
    b.put64(parameters, uint64_t{b.random.next32() & 0xFFFF0000} << 32 | uint64_t{second} << 32 |
                            (b.random.chance(80) ? index : b.random.below(0x10000)) << 16 | primary);
    b.address(o.b1, o.d1, parameters);
    b.address(o.b2, o.d2, b.random.next32());
    return {};
}

struct Entry {
    std::string_view mnemonic;
    Fill fill;
};
constexpr Entry kFills[] = {
    {"EPAR", extract},
    {"ESAR", extract},
    {"IAC", extract},
    {"IVSK", insert_virtual_storage_key},
    {"SAC", set_address_space_control},
    {"MVCK", move_with_key},
    {"MVCP", move_between_spaces},
    {"MVCS", move_between_spaces},
    {"SSAR", set_secondary_asn},
    {"PC", program_call},
    {"PT", program_transfer},
    {"LASP", load_address_space_parameters},
};

}  // namespace

Fill dual_address_space_fill(std::string_view mnemonic) {
    for (const Entry& entry : kFills)
        if (entry.mnemonic == mnemonic) return entry.fill;
    return nullptr;
}

}  // namespace vmcp::conformance
