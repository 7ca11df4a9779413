// Control instructions. GA22-7000 chapter 10. They act on what isa/system_cpu.hpp describes: the real CPU
// executes them, and the control program executes the same bodies on a guest's virtual CPU to simulate them.
#pragma once

#include <array>

#include "isa/dat.hpp"
#include "isa/system_cpu.hpp"

namespace isa::semantics {

// ---- PSW ----
template <class C>
void load_psw(C& c, const Operands& o) {
    c.load_psw_image(c.load64(c.address(o.b1, o.d1)));
}

template <class C>
void set_system_mask_to(C& c, uint8_t mask) {
    c.change_psw([mask](Psw& psw) { set_system_mask(psw, mask); });
}

template <class C>
void set_system_mask(C& c, const Operands& o) {
    if (c.cr(0) & kCr0SsmSuppression) c.program_check(ProgramCode::special_operation);
    set_system_mask_to(c, static_cast<uint8_t>(c.load8(c.address(o.b1, o.d1))));
}
template <class C>
void store_then_and_system_mask(C& c, const Operands& o) {
    const uint8_t mask = system_mask(c.psw());
    c.store8(c.address(o.b1, o.d1), mask);
    set_system_mask_to(c, mask & static_cast<uint8_t>(o.imm));
}
template <class C>
void store_then_or_system_mask(C& c, const Operands& o) {
    const uint8_t mask = system_mask(c.psw());
    c.store8(c.address(o.b1, o.d1), mask);
    set_system_mask_to(c, mask | static_cast<uint8_t>(o.imm));
}
/// Nothing is connected to the direct-control lines: what goes out is not seen, and the lines that come in
/// are at rest, which reads as zeros; no hold signal makes the CPU wait.
template <class C>
void read_direct(C& c, const Operands& o) {
    c.store8(c.address(o.b1, o.d1), 0);
}
template <class C>
void write_direct(C& c, const Operands& o) {
    c.load8(c.address(o.b1, o.d1));
}
/// Semi-privileged: in the problem state the extraction-authority control must be one.
template <class C>
void require_extraction_authority(C& c) {
    if (c.psw().problem_state && !(c.cr(0) & kCr0ExtractionAuthority))
        c.program_check(ProgramCode::privileged_operation);
}
/// Semi-privileged: in the problem state the PSW-key mask in control register 3 must allow the key.
template <class C>
void require_key(C& c, unsigned key) {
    if (c.psw().problem_state && !(c.cr(3) << key & 0x80000000))
        c.program_check(ProgramCode::privileged_operation);
}
template <class C>
void insert_psw_key(C& c, const Operands&) {
    require_extraction_authority(c);
    c.set_gpr(2, (c.gpr(2) & 0xFFFFFF00) | uint32_t{c.psw().key} << 4);
}
template <class C>
void set_psw_key_from_address(C& c, const Operands& o) {
    const uint8_t key = c.address(o.b2, o.d2) >> 4 & 0xF;
    require_key(c, key);
    c.change_psw([key](Psw& psw) { psw.key = key; });
}

// ---- Control registers ----
template <class C>
void load_control(C& c, const Operands& o) {
    const unsigned count = ((o.r2 - o.r1) & 0xFu) + 1;
    std::array<uint8_t, 64> bytes;
    c.fetch(c.address(o.b2, o.d2), bytes.data(), count * 4);
    for (unsigned i = 0; i < count; ++i) {
        const uint8_t* p = &bytes[4 * i];
        c.set_cr((o.r1 + i) & 0xF, uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | p[3]);
    }
    c.control_registers_changed();
}
template <class C>
void store_control(C& c, const Operands& o) {
    const unsigned count = ((o.r2 - o.r1) & 0xFu) + 1;
    std::array<uint8_t, 64> bytes;
    for (unsigned i = 0; i < count; ++i)
        for (unsigned k = 0; k < 4; ++k)
            bytes[4 * i + k] = static_cast<uint8_t>(c.cr((o.r1 + i) & 0xF) >> (24 - 8 * k));
    c.store(c.address(o.b2, o.d2), bytes.data(), count * 4);
}

// ---- Storage keys: real addresses of 2K blocks (ISK, SSK, RRB) or of 4K blocks (the extended forms) ----
// A key byte holds access control (0xF0), fetch protection (0x08), reference (0x04) and change (0x02).
template <class C>
uint32_t key_block(C& c, uint32_t address, uint32_t block) {
    const uint32_t real = address & kAddressMask & ~(block - 1);
    if (!c.real_address_valid(real)) c.program_check(ProgramCode::addressing);
    return real;
}
template <class C>
uint32_t key_block_2k(C& c, uint32_t address) {
    if (address & 0xF) c.program_check(ProgramCode::specification);
    return key_block(c, address, 2048);
}
template <class C>
void insert_storage_key(C& c, const Operands& o) {
    const uint32_t key = c.storage_key(key_block_2k(c, c.gpr(o.r2)));
    c.set_gpr(o.r1, (c.gpr(o.r1) & 0xFFFFFF00) | (key & (c.psw().ec_mode ? 0xFE : 0xF8)));
}
template <class C>
void set_storage_key(C& c, const Operands& o) {
    c.set_storage_key(key_block_2k(c, c.gpr(o.r2)), static_cast<uint8_t>(c.gpr(o.r1) & 0xFE));
}
template <class C>
void reset_reference_bit(C& c, const Operands& o) {
    const uint32_t block = key_block(c, c.address(o.b2, o.d2), 2048);
    const uint8_t key = c.storage_key(block);
    c.set_storage_key(block, key & 0xFA);
    c.set_condition_code(key >> 1 & 3);
}
template <class C>
void insert_storage_key_extended(C& c, const Operands& o) {
    const uint32_t block = key_block(c, c.gpr(o.r2), 4096);
    const uint32_t key = c.storage_key(block) | (c.storage_key(block + 2048) & 0x06u);
    c.set_gpr(o.r1, (c.gpr(o.r1) & 0xFFFFFF00) | (key & 0xFE));
}
template <class C>
void set_storage_key_extended(C& c, const Operands& o) {
    const uint32_t block = key_block(c, c.gpr(o.r2), 4096);
    const auto key = static_cast<uint8_t>(c.gpr(o.r1) & 0xFE);
    c.set_storage_key(block, key);
    c.set_storage_key(block + 2048, key);
}
template <class C>
void reset_reference_bit_extended(C& c, const Operands& o) {
    const uint32_t block = key_block(c, c.gpr(o.r2), 4096);
    const unsigned both = c.storage_key(block) | c.storage_key(block + 2048);
    for (uint32_t half : {block, block + 2048}) c.set_storage_key(half, c.storage_key(half) & 0xFA);
    c.set_condition_code(both >> 1 & 3);
}
/// TEST BLOCK: every block of simulated storage is usable. The 4K block is cleared, register 0 becomes zero.
template <class C>
void test_block(C& c, const Operands& o) {
    const uint32_t block = key_block(c, c.gpr(o.r2), 4096);
    if (block == 0 && c.cr(0) & kCr0LowAddressProtection) c.program_check(ProgramCode::protection);
    c.clear_real_block(block);
    c.set_gpr(0, 0);
    c.set_condition_code(0);
}

// ---- Translation ----
template <class C>
TranslationFormat translation_format(C& c) {
    const auto format = TranslationFormat::of(c.cr(0));
    if (!format) c.program_check(ProgramCode::translation_specification);
    return *format;
}
/// Of the space that logical addresses belong to: CR7 where the address-space-control bit of an EC-mode PSW
/// is one, CR1 otherwise.
template <class C>
uint32_t segment_table_designation(const C& c) {
    return c.cr(c.psw().secondary_space ? 7 : 1);
}
template <class C>
void load_real_address(C& c, const Operands& o) {
    const uint32_t address = c.address(o.r2, o.b2, o.d2);
    const Translation t =
        translate_address(c, translation_format(c), segment_table_designation(c), address, c.extended_real());
    switch (t.cause) {
        case Translation::Cause::none: c.set_gpr(o.r1, t.real); return c.set_condition_code(0);
        case Translation::Cause::segment_invalid:
            c.set_gpr(o.r1, t.entry_address);
            return c.set_condition_code(1);
        case Translation::Cause::page_invalid:
            c.set_gpr(o.r1, t.entry_address);
            return c.set_condition_code(2);
        case Translation::Cause::length: c.set_gpr(o.r1, t.entry_address); return c.set_condition_code(3);
        case Translation::Cause::specification:
        case Translation::Cause::addressing: c.program_check(t.problem);
    }
}
template <class C>
void purge_tlb(C& c, const Operands&) {
    c.purge_tlb();
}

/// R1: the origin of the page table, as in a segment-table entry; R2: an address whose page index is used.
template <class C>
void invalidate_page_table_entry(C& c, const Operands& o) {
    const TranslationFormat format = translation_format(c);
    const uint32_t entry = ((c.gpr(o.r1) & 0x00FFFFF8) + format.page_index(c.gpr(o.r2)) * 2) & kAddressMask;
    const auto pte = c.fetch_table16(entry);
    if (!pte) c.program_check(ProgramCode::addressing);
    // The entry is a real storage operand: protection by key and of low addresses, and change recording,
    // apply to it.
    const uint8_t key = c.storage_key(entry);
    const unsigned psw_key = c.psw().key;
    if ((psw_key != 0 && psw_key != key >> 4) || (entry < 512 && c.cr(0) & kCr0LowAddressProtection))
        c.program_check(ProgramCode::protection);
    c.store_table16(entry, *pte | format.invalid_bit());
    c.set_storage_key(entry, key | 0x06);
    c.purge_tlb_page(format, c.gpr(o.r2));
}

template <class C>
void test_protection(C& c, const Operands& o) {
    const uint32_t logical = c.address(o.b1, o.d1);
    const unsigned key = c.address(o.b2, o.d2) >> 4 & 0xF;
    uint32_t real = logical;
    if (c.psw().dat) {
        const Translation t = translate_address(c, translation_format(c), segment_table_designation(c),
                                                logical, c.extended_real());
        if (t.cause == Translation::Cause::specification || t.cause == Translation::Cause::addressing)
            c.program_check(t.problem);
        if (!t.ok()) return c.set_condition_code(3);
        real = t.real;
    }
    if (!c.real_address_valid(real)) c.program_check(ProgramCode::addressing);
    const uint8_t storage_key = c.storage_key(real & ~2047u);
    const bool matches = key == 0 || key == storage_key >> 4;
    const bool low = logical < 512 && c.cr(0) & kCr0LowAddressProtection;
    c.set_condition_code(matches && !low ? 0 : matches || (storage_key & 0x08) == 0 ? 1 : 2);
}

// ---- Clocks ----
template <class C>
void set_clock(C& c, const Operands& o) {
    c.set_tod_clock(c.load64(c.address(o.b2, o.d2)));
    c.set_condition_code(0);
}
template <class C>
void set_clock_comparator(C& c, const Operands& o) {
    c.set_clock_comparator(c.load64(c.address(o.b2, o.d2)));
}
template <class C>
void store_clock_comparator(C& c, const Operands& o) {
    c.store64(c.address(o.b2, o.d2), c.clock_comparator());
}
template <class C>
void set_cpu_timer(C& c, const Operands& o) {
    c.set_cpu_timer(c.load64(c.address(o.b2, o.d2)));
}
template <class C>
void store_cpu_timer(C& c, const Operands& o) {
    c.store64(c.address(o.b2, o.d2), c.cpu_timer());
}

// ---- Identification, prefix, other CPUs ----
template <class C>
void store_cpu_id(C& c, const Operands& o) {
    c.store64(c.address(o.b2, o.d2), c.cpu_id());
}
template <class C>
void store_cpu_address(C& c, const Operands& o) {
    c.store16(c.address(o.b2, o.d2), c.cpu_address());
}
template <class C>
void set_prefix(C& c, const Operands& o) {
    const uint32_t prefix = c.load32(c.address(o.b2, o.d2)) & 0x00FFF000;
    if (!c.absolute_address_valid(prefix)) c.program_check(ProgramCode::addressing);
    c.set_prefix(prefix);
}
template <class C>
void store_prefix(C& c, const Operands& o) {
    c.store32(c.address(o.b2, o.d2), c.prefix());
}
/// The parameter is in the odd register of R1, R1+1; the order in the low byte of the address.
template <class C>
void signal_processor(C& c, const Operands& o) {
    const uint8_t order = c.address(o.b2, o.d2) & 0xFF;
    uint32_t status = 0;
    const unsigned code = c.signal(static_cast<uint16_t>(c.gpr(o.r2)), order, c.gpr(o.r1 | 1u), status);
    if (code == 1) c.set_gpr(o.r1, status);
    c.set_condition_code(code);
}
template <class C>
void diagnose(C& c, const Operands& o) {
    c.diagnose(o.r1, o.r2, c.address(o.b2, o.d2));
}

}  // namespace isa::semantics
