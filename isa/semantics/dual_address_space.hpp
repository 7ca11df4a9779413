// Instructions of the dual-address-space facility. GA22-7000 chapter 10; the mechanisms are in chapter 3
// ("Address Spaces", "ASN Translation", "ASN Authorization") and chapter 5 ("Dual-Address-Space Control").
//
// Nearly all are semi-privileged: the problem state may use them as far as an authority in a control register
// goes. The order of the checks is the manual's "Priority of Execution" of each instruction: first what lacks
// in both states (special operation), then the authority (privileged operation), then operands and tables.
#pragma once

#include <algorithm>
#include <array>

#include "isa/asn.hpp"
#include "isa/semantics/control.hpp"
#include "isa/system_cpu.hpp"

namespace isa::semantics {

template <class C>
void require_special(C& c, bool condition) {
    if (!condition) c.program_check(ProgramCode::special_operation);
}

template <class C>
uint32_t primary_asn(const C& c) {
    return c.cr(4) & 0xFFFF;
}
template <class C>
uint32_t secondary_asn(const C& c) {
    return c.cr(3) & 0xFFFF;
}
template <class C>
void set_key_mask_and_secondary_asn(C& c, uint32_t key_mask, uint32_t asn) {
    c.set_cr(3, key_mask << 16 | asn);
}

// ---- What the present space is ----
template <class C>
void require_extraction(C& c) {
    require_special(c, c.psw().dat);
    require_extraction_authority(c);
}
template <class C>
void extract_primary_asn(C& c, const Operands& o) {
    require_extraction(c);
    c.set_gpr(o.r1, primary_asn(c));
}
template <class C>
void extract_secondary_asn(C& c, const Operands& o) {
    require_extraction(c);
    c.set_gpr(o.r1, secondary_asn(c));
}
/// The bit goes to bit 23 of the register, bits 16-22 become zero.
template <class C>
void insert_address_space_control(C& c, const Operands& o) {
    require_extraction(c);
    const uint32_t secondary = c.psw().secondary_space ? 1 : 0;
    c.set_gpr(o.r1, (c.gpr(o.r1) & 0xFFFF00FF) | secondary << 8);
    c.set_condition_code(secondary);
}
/// Neither protection nor reference recording applies to the block.
template <class C>
void insert_virtual_storage_key(C& c, const Operands& o) {
    require_extraction(c);
    const uint32_t address = c.gpr(o.r2) & kAddressMask;
    const TranslationFormat format = translation_format(c);
    const Translation t =
        translate_address(c, format, segment_table_designation(c), address, c.extended_real());
    if (!t.ok())
        c.raise(ProgramCheck{t.problem, (address & ~format.page_mask()) |
                                            (c.psw().secondary_space ? kSecondarySpaceException : 0)});
    if (!c.real_address_valid(t.real)) c.program_check(ProgramCode::addressing);
    c.set_gpr(o.r1, (c.gpr(o.r1) & 0xFFFFFF00) | (c.storage_key(t.real & ~2047u) & 0xF8u));
}

/// Bits 20-23 of the address: 0 primary, 1 secondary.
template <class C>
void set_address_space_control(C& c, const Operands& o) {
    require_special(c, c.psw().dat && c.cr(0) & kCr0SecondarySpaceControl);
    const unsigned code = c.address(o.b2, o.d2) >> 8 & 0xF;
    if (code > 1) c.program_check(ProgramCode::specification);
    c.change_psw([code](Psw& psw) { psw.secondary_space = code == 1; });
}

// ---- Moves between spaces and keys: the length is in R1, the key of the other operand in R3 ----
/// `one_space`: the addresses of both operands belong to the same space, so that they may overlap.
template <class C>
void move_by_paths(C& c, const Operands& o, AccessPath to_path, AccessPath from_path, bool one_space) {
    const uint32_t true_length = c.gpr(o.r1);
    const unsigned length = std::min<uint32_t>(true_length, 256);
    if (length != 0) {
        const uint32_t to = c.address(o.b1, o.d1), from = c.address(o.b2, o.d2);
        std::array<uint8_t, 256> bytes;
        c.probe_store(to, length, to_path);
        c.fetch(from, bytes.data(), length, from_path);
        const uint32_t shift = (to - from) & kAddressMask;
        if (one_space && shift != 0)  // byte by byte: what was moved is moved again
            for (unsigned i = shift; i < length; ++i) bytes[i] = bytes[i - shift];
        c.store(to, bytes.data(), length, to_path);
        c.charge_units(length);
    }
    c.set_condition_code(true_length > 256 ? 3 : 0);
}
template <class C>
uint8_t other_key(C& c, const Operands& o) {
    const auto key = static_cast<uint8_t>(c.gpr(o.r2) >> 4 & 0xF);
    require_key(c, key);
    return key;
}
template <class C>
void move_with_key(C& c, const Operands& o) {
    using Space = AccessPath::Space;
    const uint8_t key = other_key(c, o);
    move_by_paths(c, o, {Space::current, c.psw().key}, {Space::current, key}, true);
}
template <class C>
void move_to_primary(C& c, const Operands& o) {
    using Space = AccessPath::Space;
    require_special(c, c.psw().dat && c.cr(0) & kCr0SecondarySpaceControl);
    const uint8_t key = other_key(c, o);
    move_by_paths(c, o, {Space::primary, c.psw().key}, {Space::secondary, key}, c.cr(1) == c.cr(7));
}
template <class C>
void move_to_secondary(C& c, const Operands& o) {
    using Space = AccessPath::Space;
    require_special(c, c.psw().dat && c.cr(0) & kCr0SecondarySpaceControl);
    const uint8_t key = other_key(c, o);
    move_by_paths(c, o, {Space::secondary, key}, {Space::primary, c.psw().key}, c.cr(1) == c.cr(7));
}

// ---- Changing spaces ----
/// ASN translation for all but LASP, where each problem is an exception.
template <class C>
AddressSpaceEntry address_space_of(C& c, uint32_t asn) {
    require_special(c, c.cr(14) & kCr14AsnTranslationControl);
    const AsnTranslation t = translate_asn(c, c.cr(14), asn);
    if (t.problem) c.raise(ProgramCheck{*t.problem, asn});
    return t.entry;
}
template <class C>
void require_authority(C& c, const AddressSpaceEntry& space, uint32_t asn, Authority authority) {
    const auto allowed = authorizes(c, space, c.cr(4) >> 16, authority);
    if (!allowed) c.program_check(ProgramCode::addressing);
    if (!*allowed)
        c.raise(ProgramCheck{authority == Authority::primary ? ProgramCode::primary_authority
                                                             : ProgramCode::secondary_authority,
                             asn});
}
template <class C>
void set_primary_space(C& c, const AddressSpaceEntry& space, uint32_t asn) {
    c.set_cr(1, space.segment_table_designation);
    c.set_cr(4, space.authorization_index << 16 | asn);
    c.set_cr(5, space.linkage_table_designation);
}
/// After PC-ss or PT-ss has completed. What is stored tells of the space that was left.
template <class C>
void space_switch_event(C& c, uint32_t old_cr1, uint32_t old_asn) {
    if ((old_cr1 | c.cr(1)) & kSpaceSwitchEventControl)
        c.raise(ProgramCheck{ProgramCode::space_switch_event,
                             (old_cr1 & kSpaceSwitchEventControl) << 31 | old_asn});
}

template <class C>
void set_secondary_asn(C& c, const Operands& o) {
    require_special(c, c.psw().dat && c.cr(14) & kCr14AsnTranslationControl);
    const uint32_t asn = c.gpr(o.r1) & 0xFFFF;
    uint32_t designation = c.cr(1);
    if (asn != primary_asn(c)) {
        const AddressSpaceEntry space = address_space_of(c, asn);
        require_authority(c, space, asn, Authority::secondary);
        designation = space.segment_table_designation;
    }
    set_key_mask_and_secondary_asn(c, c.cr(3) >> 16, asn);
    c.set_cr(7, designation);
    c.address_spaces_changed();
}

template <class C>
void require_linkage(C& c) {
    require_special(c, c.psw().dat && !c.psw().secondary_space && c.cr(5) & kCr5SubsystemLinkageControl);
}

/// The entry-table entry of a PC number (chapter 5, "PC-Number Translation").
template <class C>
std::array<uint32_t, 4> entry_of_pc_number(C& c, uint32_t number) {
    const uint32_t linkage_index = number >> 8, entry_index = number & 0xFF;
    const auto need = [&](bool condition, ProgramCode code) {
        if (!condition) c.raise(ProgramCheck{code, number});
    };
    need(linkage_index >> 5 <= (c.cr(5) & 0x7F), ProgramCode::lx_translation);
    const auto linkage = fetch_entry<1>(c, (c.cr(5) & 0x00FFFF80) + linkage_index * 4);
    need(linkage.has_value(), ProgramCode::addressing);
    const uint32_t designation = (*linkage)[0];
    need(!(designation >> 31), ProgramCode::lx_translation);
    need(!(designation & 0x7F000000), ProgramCode::pc_translation_specification);
    need(entry_index >> 2 <= (designation & 0x3F), ProgramCode::ex_translation);
    const auto entry = fetch_entry<4>(c, (designation & 0x00FFFFC0) + entry_index * 16);
    need(entry.has_value(), ProgramCode::addressing);
    need(!((*entry)[1] >> 24), ProgramCode::pc_translation_specification);
    return *entry;
}

template <class C>
void program_call(C& c, const Operands& o) {
    require_linkage(c);
    const auto [keys_and_asn, target, parameter, entry_keys] =
        entry_of_pc_number(c, c.address(o.b2, o.d2) & 0xFFFFF);
    Psw psw = c.psw();
    const uint32_t old_cr1 = c.cr(1), old_asn = primary_asn(c), key_mask = c.cr(3) >> 16;
    if (psw.problem_state && (keys_and_asn >> 16 & key_mask) == 0)
        c.program_check(ProgramCode::privileged_operation);
    const uint32_t asn = keys_and_asn & 0xFFFF;
    if (asn != 0) set_primary_space(c, address_space_of(c, asn), asn);

    c.set_gpr(3, key_mask << 16 | old_asn);
    c.set_gpr(4, parameter);
    c.set_gpr(14, (psw.address & 0x00FFFFFE) | (psw.problem_state ? 1 : 0));
    set_key_mask_and_secondary_asn(c, key_mask | entry_keys >> 16, old_asn);
    c.set_cr(7, old_cr1);
    c.change_psw([problem = (target & 1) != 0](Psw& psw) { psw.problem_state = problem; });
    c.branch(target & 0x00FFFFFE);
    c.address_spaces_changed();
    if (asn != 0) space_switch_event(c, old_cr1, old_asn);
}

/// R1: PSW-key mask and ASN; R2: address and problem-state bit, as PROGRAM CALL leaves them in registers 3
/// and 14.
template <class C>
void program_transfer(C& c, const Operands& o) {
    require_linkage(c);
    const uint32_t target = c.gpr(o.r2), asn = c.gpr(o.r1) & 0xFFFF;
    const uint32_t key_mask = c.cr(3) & c.gpr(o.r1);
    Psw psw = c.psw();
    if (psw.problem_state && !(target & 1)) c.program_check(ProgramCode::privileged_operation);
    if (target >> 24) c.program_check(ProgramCode::specification);
    const uint32_t old_cr1 = c.cr(1), old_asn = primary_asn(c);
    if (asn != old_asn) {
        const AddressSpaceEntry space = address_space_of(c, asn);
        require_authority(c, space, asn, Authority::primary);
        set_primary_space(c, space, asn);
    }
    set_key_mask_and_secondary_asn(c, key_mask >> 16, asn);
    c.set_cr(7, c.cr(1));
    c.change_psw([problem = (target & 1) != 0](Psw& psw) { psw.problem_state = problem; });
    c.branch(target & 0x00FFFFFE);
    c.address_spaces_changed();
    if (asn != old_asn) space_switch_event(c, old_cr1, old_asn);
}

/// The second-operand address holds no address but three bits: 29 translate in any case, 30 take the
/// authorization index from the operand, 31 do not ask for authority over the secondary space.
template <class C>
void load_address_space_parameters(C& c, const Operands& o) {
    require_special(c, c.cr(14) & kCr14AsnTranslationControl);
    const uint32_t at = c.address(o.b1, o.d1);
    if (at & 7) c.program_check(ProgramCode::specification);
    const uint64_t parameters = c.load64(at);
    const uint32_t options = c.address(o.b2, o.d2);
    const bool force = options & 4, index_from_operand = options & 2, skip_authority = options & 1;
    const auto field = [&](unsigned shift) { return static_cast<uint32_t>(parameters >> shift & 0xFFFF); };
    const uint32_t key_mask = field(48), secondary = field(32), index = field(16), primary = field(0);

    // False, and the condition code, where the space is not available; the other problems are exceptions.
    const auto translate = [&](uint32_t asn, unsigned code_if_unavailable, AddressSpaceEntry& entry) {
        const AsnTranslation t = translate_asn(c, c.cr(14), asn);
        if (t.problem == ProgramCode::afx_translation || t.problem == ProgramCode::asx_translation) {
            c.set_condition_code(code_if_unavailable);
            return false;
        }
        if (t.problem) c.program_check(*t.problem);
        entry = t.entry;
        return true;
    };

    AddressSpaceEntry space;
    space.segment_table_designation = c.cr(1);
    space.linkage_table_designation = c.cr(5);
    space.authorization_index = c.cr(4) >> 16;
    if (force || primary != primary_asn(c)) {
        if (!translate(primary, 1, space)) return;
        if ((c.cr(1) | space.segment_table_designation) & kSpaceSwitchEventControl)
            return c.set_condition_code(3);
    }
    if (index_from_operand) space.authorization_index = index;

    uint32_t secondary_designation = space.segment_table_designation;
    if (secondary != primary) {
        secondary_designation = c.cr(7);
        if (force || !skip_authority || secondary != secondary_asn(c)) {
            AddressSpaceEntry other;
            if (!translate(secondary, 2, other)) return;
            if (!skip_authority) {
                const auto allowed = authorizes(c, other, space.authorization_index, Authority::secondary);
                if (!allowed) c.program_check(ProgramCode::addressing);
                if (!*allowed) return c.set_condition_code(2);
            }
            secondary_designation = other.segment_table_designation;
        }
    }
    set_primary_space(c, space, primary);
    set_key_mask_and_secondary_asn(c, key_mask, secondary);
    c.set_cr(7, secondary_designation);
    c.set_condition_code(0);
    c.address_spaces_changed();
}

}  // namespace isa::semantics
