// Cases of the control and I/O instructions, and of MONITOR CALL: what they change is looked at by the
// instructions that follow in the slot, or by the driver, which stores PSW and control registers of every
// case.
#include <algorithm>

#include "isa/state.hpp"
#include "vmcp/conformance/case_generator.hpp"
#include "vmcp/conformance/identity_tables.hpp"

namespace vmcp::conformance {
namespace {

using Bytes = std::vector<uint8_t>;

uint8_t u8(unsigned value) { return static_cast<uint8_t>(value); }

/// A block whose key the case may change; the driver of the next case that uses it sets the key anew.
uint32_t private_block(CaseBuilder& b) {
    return kPrivateBlocks + b.random.below(kPrivateBlockCount) * kBlock;
}

// ---- Storage keys
// --------------------------------------------------------------------------------------------------

/// SSK, ISK, RRB: set a key, perhaps refer to the block and change it, then look.
Bytes key_2k(CaseBuilder& b, isa::Decoded& d) {
    isa::Operands& o = d.operands;
    const std::string_view mnemonic = d.row().mnemonic;
    const auto key = u8(b.fresh_register()), at = u8(b.fresh_register(true)), seen = u8(b.fresh_register());
    const uint32_t block = private_block(b);
    b.set(key, b.random.next32());
    // Bits 28-31 of the address must be zero, bits 0-7 and 21-27 are ignored.
    const uint32_t junk = b.random.chance(50) ? 0 : b.random.next32() & 0xFF0007F0;
    const uint32_t bad = b.random.chance(4) ? b.random.between(1, 15) : 0;
    const uint32_t address = b.random.chance(4) ? b.random.between(kEnd, isa::kAddressMask) & ~0xFu : block;
    b.set(at, address | junk | bad);
    Bytes insert = helping_instruction("ISK", {.r1 = seen, .r2 = at});
    if (mnemonic == "SSK") {
        o.r1 = key, o.r2 = at;
        return insert;
    }
    const auto right = u8(b.fresh_register(true));
    b.set(right, block);
    b.code(helping_instruction("SSK", {.r1 = key, .r2 = right}));
    if (b.psw.problem_state || b.random.chance(40)) {
        // Stores or fetches through the key 0 PSW set the reference and change bits.
        b.psw.key = 0;
        b.code(b.random.chance(50) ? helping_instruction("STC", {.r1 = key, .b2 = right})
                                   : helping_instruction("TM", {.b1 = right}));
    }
    if (mnemonic == "RRB") {
        // RRB has displacement and base, and ignores bits 21-31 of the address.
        o.b2 = at;
        o.d2 = static_cast<uint16_t>(b.random.below(16));
        b.set(at, address | junk);
        return helping_instruction("ISK", {.r1 = seen, .r2 = right});
    }
    o.r1 = seen, o.r2 = at;
    return {};
}

/// SSKE, ISKE, RRBE: the same for blocks of 4K.
Bytes key_4k(CaseBuilder& b, isa::Decoded& d) {
    isa::Operands& o = d.operands;
    const std::string_view mnemonic = d.row().mnemonic;
    const auto key = u8(b.fresh_register()), at = u8(b.fresh_register(true)), seen = u8(b.fresh_register());
    const uint32_t block = private_block(b) & ~0xFFFu;
    b.set(key, b.random.next32());
    const uint32_t address =
        b.random.chance(4) ? b.random.between(kEnd, isa::kAddressMask) : block | b.random.below(4096);
    // Machines with extended real addressing take bits 6 and 7 as well: they stay zero.
    b.set(at, address);
    if (mnemonic == "SSKE") {
        o.r1 = key, o.r2 = at;
        return helping_instruction("ISKE", {.r1 = seen, .r2 = at});
    }
    const auto right = u8(b.fresh_register(true));
    b.set(right, block);
    b.code(helping_instruction("SSKE", {.r1 = key, .r2 = right}));
    if (mnemonic == "ISKE") {
        o.r1 = seen, o.r2 = at;
        return {};
    }
    o.r1 = u8(b.random.below(16)), o.r2 = at;
    if (o.r1 == right) o.r1 = 0;
    return helping_instruction("ISKE", {.r1 = seen, .r2 = right});
}

Bytes test_block(CaseBuilder& b, isa::Decoded& d) {
    d.operands.r1 = u8(b.fresh_register(true));
    d.operands.r2 = u8(b.fresh_register(true));
    b.set(0, 0);
    const uint32_t block = b.random.chance(5) ? b.random.between(kEnd, isa::kAddressMask)
                                              : (private_block(b) & ~0xFFFu) | b.random.below(4096);
    b.set(d.operands.r2, block);
    return {};
}

// ---- PSW
// -----------------------------------------------------------------------------------------------------------

/// Translation on in the EC-mode PSW bits of a system mask needs tables: the identical ones.
void allow_translation(CaseBuilder& b) { use_identity_tables(b.random.below(kTableFormats), b.test.cr); }

/// A system mask. In EC mode bits 0 and 2-4 must be zero; bit 1 is PER, bit 5 translation.
uint8_t mask_byte(CaseBuilder& b) {
    uint8_t mask = b.random.byte();
    if (b.psw.ec_mode && b.random.chance(85)) mask &= 0x47;
    return mask;
}

Bytes set_system_mask(CaseBuilder& b, isa::Decoded& d) {
    fill_by_format(b, d);
    allow_translation(b);
    const isa::Operands& o = d.operands;
    const uint8_t mask = mask_byte(b);
    if (d.row().mnemonic == "SSM") b.put((b.get(o.b1) + o.d1) & isa::kAddressMask, {mask});
    // STNSM and STOSM take it from the instruction.
    else
        d.operands.imm = mask;
    if (b.random.chance(12)) b.test.cr[0] |= isa::kCr0SsmSuppression;
    if (b.random.chance(30)) b.psw.external_mask = true;
    return {};
}

Bytes load_psw(CaseBuilder& b, isa::Decoded& d) {
    allow_translation(b);
    b.draw_places(1);
    const uint32_t address = b.place(0, 8, 8, true);
    b.address(d.operands.b1, d.operands.d1, address);
    isa::Psw psw;
    psw.ec_mode = b.random.chance(50);
    psw.problem_state = b.random.chance(40);
    psw.key = u8(b.random.below(16));
    psw.condition_code = u8(b.random.below(4));
    psw.program_mask = u8(b.random.below(16));
    psw.external_mask = b.random.chance(20);
    psw.machine_check_mask = b.random.chance(20);
    psw.dat = b.random.chance(20) && psw.ec_mode;
    psw.secondary_space = b.random.chance(20) && psw.ec_mode;
    psw.address = b.branch_target();
    uint64_t image =
        isa::encode(psw, psw.ec_mode ? 0 : static_cast<uint16_t>(b.random.next32()), b.random.below(4));
    // Bits that must be zero in EC mode: 0, 2-4, 17, 24-39.
    if (psw.ec_mode && b.random.chance(15)) {
        static constexpr unsigned kReserved[] = {0, 2, 3, 4, 17, 24, 28, 31, 32, 36, 39};
        image |= uint64_t{1} << (63 - b.random.pick(kReserved));
    }
    b.put64(address, image);
    return {};
}

Bytes insert_psw_key(CaseBuilder& b, isa::Decoded&) {
    b.psw.key = u8(b.random.below(16));
    b.set(2, edge_word(b.random));
    if (b.random.chance(60)) b.test.cr[0] |= isa::kCr0ExtractionAuthority;
    return {};
}

Bytes set_psw_key(CaseBuilder& b, isa::Decoded& d) {
    b.address(d.operands.b2, d.operands.d2, b.random.next32() & isa::kAddressMask);
    b.test.cr[3] = b.random.next32();  // the PSW-key mask
    return {};
}

Bytes monitor_call(CaseBuilder& b, isa::Decoded& d) {
    isa::Operands& o = d.operands;
    o.imm = b.random.chance(94) ? b.random.byte() & 0xF : b.random.byte();
    b.address(o.b1, o.d1, b.random.next32() & isa::kAddressMask);
    b.test.cr[8] = b.random.chance(60) ? b.random.next32() : 0x8000u >> b.random.below(16);
    return {};
}

// ---- Control registers
// ---------------------------------------------------------------------------------------------

/// What may stand in the control registers while a case runs without harm: external interruptions stay masked
/// in CR0.
void random_control_registers(CaseBuilder& b) {
    for (unsigned n = 1; n < 16; ++n) b.test.cr[n] = edge_word(b.random);
    for (unsigned n = 9; n < 12; ++n) b.test.cr[n] = b.random.next32() & 0x00FFFFFF;
}

Bytes store_control(CaseBuilder& b, isa::Decoded& d) {
    fill_by_format(b, d);
    random_control_registers(b);
    return {};
}

Bytes load_control(CaseBuilder& b, isa::Decoded& d) {
    fill_by_format(b, d);
    b.psw.external_mask = b.psw.io_mask = false;
    b.psw.bc_channel_masks = 0;
    return {};
}

Bytes purge(CaseBuilder&, isa::Decoded&) { return {}; }

// ---- Clocks, prefix, other CPUs
// ------------------------------------------------------------------------------------

/// SCKC, then STCKC; STCKC alone would tell what the comparator happens to hold.
Bytes clock_comparator(CaseBuilder& b, isa::Decoded& d) {
    b.draw_places(1);
    const uint32_t set_from = b.place(0, 8, 8, true);
    const uint32_t spare = b.place(1, 16, 8, true);
    const uint32_t aligned = (spare + 7) & ~7u;
    // The comparator has as many bits as the clock of the model: those behind the microsecond stay zero.
    b.put64(set_from, b.random.next() & ~uint64_t{0xFFF});
    isa::Operands set, store;
    b.address(set.b2, set.d2, set_from);
    b.address(store.b2, store.d2, aligned);
    if (d.row().mnemonic == "SCKC") {
        d.operands = set;
        return helping_instruction("STCKC", store);
    }
    // The tested one stores: the comparator is set from somewhere safe first.
    b.put64(aligned, b.random.next() & ~uint64_t{0xFFF});
    b.code(helping_instruction("SCKC", store));
    d.operands = set;
    return {};
}

/// SPX, STPX, and back to prefix 0: an interruption in between would find no new PSWs.
Bytes prefix(CaseBuilder& b, isa::Decoded& d) {
    b.draw_places(1);
    const uint32_t operand = b.place(0, 4, 4, true);
    const uint32_t spare = (b.place(1, 12, 4, true) + 3) & ~3u;
    b.put(operand, edge_operand(b.random, Data::fixed, 4));
    isa::Operands first, store, zero;
    b.address(first.b2, first.d2, operand);
    b.address(store.b2, store.d2, spare);
    b.address(zero.b2, zero.d2, spare + 4);
    b.put(spare + 4, {0, 0, 0, 0});
    d.operands = first;
    if (d.row().mnemonic == "STPX") return {};
    b.psw.key = 0;  // an exception while the prefix is set would be lost
    const uint32_t page = private_block(b) & ~0xFFFu;
    const uint32_t value = page | (b.random.chance(30) ? b.random.next32() & 0xFF000FFF : 0);
    b.put(operand, {u8(value >> 24), u8(value >> 16 & 0xFF), u8(value >> 8 & 0xFF), u8(value & 0xFF)});
    Bytes code = helping_instruction("STPX", store);
    const Bytes back = helping_instruction("SPX", zero);
    code.insert(code.end(), back.begin(), back.end());
    return code;
}

/// SIGP to CPUs that are not there.
Bytes signal_processor(CaseBuilder& b, isa::Decoded& d) {
    isa::Operands& o = d.operands;
    o.r1 = u8(b.fresh_register());
    o.r2 = u8(b.fresh_register());
    b.set(o.r1, edge_word(b.random));
    b.set(o.r2, b.random.between(8, 0xFFFF));
    // Order 12 (hexadecimal) of later architectures would turn the judge into another machine.
    b.address(o.b2, o.d2, b.random.below(0x12));
    return {};
}

/// The I/O instructions to addresses at which there is no device and no channel.
Bytes input_output(CaseBuilder& b, isa::Decoded& d) {
    b.address(d.operands.b2, d.operands.d2, b.random.between(0x0FF0, 0x0FFF));
    return {};
}

// ---- Translation
// ---------------------------------------------------------------------------------------------------

struct Tables {
    uint32_t segment_table = 0, page_table = 0;
    uint32_t page_size = 0, segment_size = 0, page_entries = 0;
    unsigned segments;  // entries of the segment table
};

/// Small tables of the case's own, one segment of them valid, in a random format.
Tables own_tables(CaseBuilder& b) {
    Tables t{};
    t.page_size = b.random.chance(50) ? 4096 : 2048;
    t.segment_size = b.random.chance(50) ? 0x10000 : 0x100000;
    const uint32_t unit = t.segment_size / t.page_size / 16;  // page-table entries a length unit
    const uint32_t units = std::min<uint32_t>(16, std::max<uint32_t>(1, 32 / unit));
    const uint32_t length_code = b.random.below(units);
    t.page_entries = (length_code + 1) * unit;
    t.segments = 16;
    const uint32_t start = b.place(0, 64 + 64 + 63);
    t.segment_table = (start + 63) & ~63u;
    t.page_table = t.segment_table + 64;
    b.test.cr[0] = (t.page_size == 4096 ? isa::kCr0PageSize4K : isa::kCr0PageSize2K) |
                   (t.segment_size == 0x100000 ? isa::kCr0Segment1M : 0);
    if (b.random.chance(4)) {  // not one of the four formats
        static constexpr uint32_t kWrong[] = {isa::kCr0PageSizeMask, 0x00080000, 0x00200000};
        b.test.cr[0] |= b.random.pick(kWrong);
    }
    b.test.cr[1] = t.segment_table;
    const bool four = t.page_size == 4096;
    for (unsigned n = 0; n < 16; ++n) {
        uint32_t entry = length_code << 28 | t.page_table | (b.random.chance(70) ? 0 : 1);
        if (b.random.chance(10)) entry |= b.random.below(4) << 1;
        if (b.random.chance(3)) entry |= 1u << b.random.between(24, 27);
        b.put(t.segment_table + 4 * n,
              {u8(entry >> 24), u8(entry >> 16 & 0xFF), u8(entry >> 8 & 0xFF), u8(entry & 0xFF)});
    }
    for (unsigned n = 0; n < 32; ++n) {
        uint32_t entry = b.random.next32() & (four ? 0xFFF0 : 0xFFF8);
        if (b.random.chance(30)) entry |= four ? 8 : 4;
        // Bits 13 and 14 of an entry for 4K pages carry address bits where there is extended real addressing.
        if (b.random.chance(8)) entry |= four ? 1 : b.random.below(4);
        b.put(t.page_table + 2 * n, {u8(entry >> 8), u8(entry & 0xFF)});
    }
    return t;
}

uint32_t virtual_address(CaseBuilder& b, const Tables& t) {
    const uint32_t segment =
        b.random.chance(93) ? b.random.below(16) : b.random.below(0x1000000 / t.segment_size);
    const uint32_t page =
        b.random.chance(85) ? b.random.below(t.page_entries) : b.random.below(t.segment_size / t.page_size);
    return (segment * t.segment_size + page * t.page_size + b.random.below(t.page_size)) & isa::kAddressMask;
}

Bytes load_real_address(CaseBuilder& b, isa::Decoded& d) {
    isa::Operands& o = d.operands;
    const Tables t = own_tables(b);
    if (b.random.chance(30)) {
        b.test.cr[7] = t.segment_table;
        b.psw.secondary_space = b.psw.ec_mode;
        if (b.psw.ec_mode) b.test.cr[1] = b.random.next32();
    }
    b.address(o.r2, o.b2, o.d2, virtual_address(b, t));
    o.r1 = u8(b.operand_register());
    return {};
}

Bytes invalidate_page_table_entry(CaseBuilder& b, isa::Decoded& d) {
    const Tables t = own_tables(b);
    d.operands.r1 = u8(b.fresh_register());
    d.operands.r2 = u8(b.fresh_register());
    // The first operand looks like a segment-table entry, the second names the page.
    b.set(d.operands.r1, t.page_table | (b.random.chance(30) ? b.random.next32() & 0xFF000007 : 0));
    b.set(d.operands.r2, b.random.below(32) * t.page_size | b.random.below(t.page_size) |
                             (b.random.next32() & ~(t.segment_size - 1)));
    return {};
}

Bytes test_protection(CaseBuilder& b, isa::Decoded& d) {
    isa::Operands& o = d.operands;
    b.draw_places(1);
    uint32_t address = b.place(0, 1);
    if (b.random.chance(30)) {
        const Tables t = own_tables(b);
        address = virtual_address(b, t);
    }
    b.address(o.b1, o.d1, address);
    b.address(o.b2, o.d2,
              b.random.chance(70) ? b.random.below(16) << 4 : b.random.next32() & isa::kAddressMask);
    return {};
}

struct Entry {
    std::string_view mnemonic;
    Fill fill;
};
constexpr Entry kFills[] = {
    {"SSK", key_2k},
    {"ISK", key_2k},
    {"RRB", key_2k},
    {"SSKE", key_4k},
    {"ISKE", key_4k},
    {"RRBE", key_4k},
    {"TB", test_block},
    {"SSM", set_system_mask},
    {"STNSM", set_system_mask},
    {"STOSM", set_system_mask},
    {"LPSW", load_psw},
    {"IPK", insert_psw_key},
    {"SPKA", set_psw_key},
    {"MC", monitor_call},
    {"STCTL", store_control},
    {"LCTL", load_control},
    {"PTLB", purge},
    {"SCKC", clock_comparator},
    {"STCKC", clock_comparator},
    {"SPX", prefix},
    {"STPX", prefix},
    {"SIGP", signal_processor},
    {"SIO", input_output},
    {"SIOF", input_output},
    {"TIO", input_output},
    {"CLRIO", input_output},
    {"HIO", input_output},
    {"HDV", input_output},
    {"TCH", input_output},
    {"CLRCH", input_output},
    {"STIDC", input_output},
    {"LRA", load_real_address},
    {"IPTE", invalidate_page_table_entry},
    {"TPROT", test_protection},
};

}  // namespace

Fill control_fill(std::string_view mnemonic) {
    for (const Entry& entry : kFills)
        if (entry.mnemonic == mnemonic) return entry.fill;
    return nullptr;
}

}  // namespace vmcp::conformance
