#include "vmcp/audit/guest_state.hpp"

#include <algorithm>

#include "isa/dat.hpp"
#include "vmcp/conformance/case_generator.hpp"
#include "vmcp/conformance/edge_values.hpp"

namespace vmcp::audit {
namespace {

using conformance::Data;
using conformance::Random;
using isa::Format;
using isa::Op;

// Tables, in the page of kSegmentTable.
constexpr uint32_t kPageTable = 0x2100, kSecondSegments = 0x2200, kSecondPages = 0x2300, kLinkage = 0x2400,
                   kEntries = 0x2500, kAsnFirst = 0x2700, kAsnSecond = 0x2800, kAuthority = 0x2900;
constexpr uint32_t kPrimaryAsn = 0x7001, kOtherAsn = 0x7002;  // their entry is at kAsnFirst
constexpr uint32_t kTarget = 0x1800;                          // where programs are called

class Maker {
  public:
    Maker(Op op, const isa::FacilitySet& facilities, uint64_t seed, uint64_t number)
        : random_(seed, number), row_(isa::row_of(op)), facilities_(facilities) {
        state_.op = op;
        state_.storage.resize(kGuestStorage);
    }

    GuestState make() {
        draw_storage();
        draw_psw();
        draw_control_registers();
        draw_clocks();
        draw_tables();
        for (unsigned r = 0; r < 16; ++r) gpr(r) = any_register();
        for (uint64_t& r : state_.cpu.fpr) r = conformance::edge_float(random_);
        instruction_.op = state_.op;
        by_format();
        by_instruction();
        place();
        return std::move(state_);
    }

  private:
    uint32_t& gpr(unsigned r) { return state_.cpu.gpr[r & 15]; }
    uint8_t u8(uint32_t value) const { return static_cast<uint8_t>(value); }
    void put16(uint32_t a, uint32_t v) {
        state_.storage[a] = u8(v >> 8);
        state_.storage[a + 1] = u8(v);
    }
    void put32(uint32_t a, uint32_t v) {
        put16(a, v >> 16);
        put16(a + 2, v);
    }
    void put64(uint32_t a, uint64_t v) {
        put32(a, static_cast<uint32_t>(v >> 32));
        put32(a + 4, static_cast<uint32_t>(v));
    }
    /// An address among the data with room behind it, mostly on a doubleword boundary.
    uint32_t data_address() {
        const uint32_t a = random_.between(kData, kUntouched - 0x400);
        return random_.chance(85) ? a & ~7u : a;
    }
    uint32_t any_register() {
        const uint32_t lot = random_.below(4);
        return lot < 2 ? data_address() : lot == 2 ? conformance::edge_word(random_) : random_.below(64);
    }

    void draw_storage() {
        for (uint32_t a = 0; a < kSubject; a += 8) put64(a, random_.next());
        for (uint32_t a = kData; a < kUntouched; a += 8) put64(a, random_.next());
        static constexpr uint8_t kKeys[] = {0x00, 0x80, 0x88, 0x30};
        for (unsigned block = 0; block < kGuestBlocks; ++block) {
            const bool data = block * 2048 >= kData && block * 2048 < kUntouched;
            state_.keys[block] = data ? random_.pick(kKeys) | (random_.byte() & 0x06) : 0;
        }
    }
    void draw_psw() {
        isa::Psw& psw = state_.cpu.psw;
        psw.ec_mode = random_.chance(60);
        const bool spaces = row_.facility == isa::Facility::dual_address_space;
        if (spaces) psw.ec_mode |= random_.chance(80);
        psw.dat = psw.ec_mode && random_.chance(spaces ? 90 : 50);
        psw.secondary_space =
            psw.dat && facilities_.has(isa::Facility::dual_address_space) && random_.chance(20);
        psw.external_mask = random_.chance(50);
        psw.io_mask = psw.ec_mode && random_.chance(50);
        if (!psw.ec_mode) psw.bc_channel_masks = random_.byte() & 0xFE;
        psw.machine_check_mask = random_.chance(50);
        psw.key = random_.chance(70) ? 0 : random_.chance(70) ? 8 : u8(random_.below(16));
        psw.condition_code = u8(random_.below(4));
        psw.program_mask = u8(random_.below(16));
        psw.address = kCode + 2 * random_.below(0x100);
    }
    void draw_control_registers() {
        auto& cr = state_.cpu.cr;
        for (uint32_t& r : cr) r = random_.next32();
        cr[0] = isa::kCr0PageSize4K | (random_.next32() & 0x8000FCFF) | isa::kCr0ExtractionAuthority |
                isa::kCr0SecondarySpaceControl;
        if (random_.chance(15)) cr[0] |= isa::kCr0LowAddressProtection;
        if (random_.chance(10)) cr[0] |= isa::kCr0SsmSuppression;
        cr[1] = kSegmentTable;
        cr[7] = kSecondSegments;
        cr[3] = random_.next32() << 16 | kOtherAsn;
        cr[4] = random_.below(8) << 16 | kPrimaryAsn;
        cr[5] = isa::kCr5SubsystemLinkageControl | kLinkage;
        cr[14] = isa::kCr14AsnTranslationControl | (kAsnFirst >> 12);
        static constexpr uint32_t kPrefixes[] = {0, 0, 0x4000, 0x5000};
        state_.cpu.prefix = random_.pick(kPrefixes);
    }
    void draw_clocks() {
        state_.cpu.clocks.comparator = random_.next() & ~uint64_t{0xFFF};
        state_.cpu_timer = random_.next() & ~uint64_t{0xFFF};
        state_.tod = random_.next() & ~uint64_t{0xFFF};
    }

    /// Pages of data change places, and some are invalid; all others are where they seem to be.
    PageMap draw_map() {
        PageMap map;
        for (unsigned page = 0; page < kGuestPages; ++page) map[page] = u8(page);
        for (unsigned page = kData / kPage; page < kUntouched / kPage; ++page) {
            map[page] = u8(random_.between(kData / kPage, kUntouched / kPage - 1));
            if (random_.chance(10)) map[page].reset();
        }
        return map;
    }
    void put_tables(const PageMap& map, uint32_t segments, uint32_t pages) {
        for (unsigned n = 0; n < 16; ++n) put32(segments + 4 * n, n == 0 ? 0xF0000000 | pages : 1);
        const isa::TranslationFormat format;
        for (unsigned n = 0; n < kTableEntries; ++n)
            put16(pages + 2 * n, n < kGuestPages && map[n] ? isa::page_table_entry(format, *map[n] * kPage)
                                                           : format.invalid_bit());
    }
    void put_space(uint32_t asn, uint32_t designation) {
        const uint32_t entry = kAsnSecond + (asn & 0x3F) * 16;
        put32(entry, kAuthority);
        put32(entry + 4, random_.below(8) << 16 | 0x40);
        put32(entry + 8, designation);
        put32(entry + 12, isa::kCr5SubsystemLinkageControl | kLinkage);
    }
    void draw_tables() {
        state_.primary = draw_map();
        state_.secondary = draw_map();
        put_tables(state_.primary, kSegmentTable, kPageTable);
        put_tables(state_.secondary, kSecondSegments, kSecondPages);
        put32(kAsnFirst, kAsnSecond);
        put_space(kPrimaryAsn, kSegmentTable);
        put_space(kOtherAsn, kSecondSegments);
        for (uint32_t a = 0; a < 64; a += 4)
            put32(kAuthority + a, random_.chance(80) ? ~0u : random_.next32());
        put32(kLinkage, kEntries);
        for (unsigned entry = 0; entry < 4; ++entry) {
            put32(kEntries + 16 * entry, random_.next32() << 16 | (random_.chance(50) ? 0 : kOtherAsn));
            put32(kEntries + 16 * entry + 4, kTarget | random_.below(2));
            put32(kEntries + 16 * entry + 8, random_.next32());
            put32(kEntries + 16 * entry + 12, random_.next32());
        }
    }

    uint8_t first_register() {
        uint32_t r = random_.below(16);
        if (random_.chance(5)) return u8(r);
        if (row_.requires_ & isa::even1) r &= 14;
        if (row_.requires_ & isa::float1) r &= 6;
        if (row_.requires_ & isa::floatpair1) r &= 4;
        return u8(r);
    }
    uint8_t second_register() {
        uint32_t r = random_.below(16);
        if (random_.chance(5)) return u8(r);
        if (row_.requires_ & (isa::even2 | isa::even3)) r &= 14;
        if (row_.requires_ & isa::float2) r &= 6;
        if (row_.requires_ & isa::floatpair2) r &= 4;
        return u8(r);
    }
    /// Base and displacement of an operand among the data, which is of this kind.
    void storage_operand(uint8_t& base, uint16_t& displacement, Data data, unsigned length) {
        base = u8(random_.between(1, 15));
        displacement = static_cast<uint16_t>(8 * random_.below(16));
        gpr(base) = data_address();
        put_operand(gpr(base) + displacement, data, length);
    }
    /// Where the address leads to, whatever the mode.
    void put_operand(uint32_t logical, Data data, unsigned length) {
        const auto bytes = conformance::edge_operand(random_, data, std::max(length, 1u));
        for (uint32_t n = 0; n < bytes.size(); ++n) store_byte(logical + n, bytes[n]);
    }
    void store_byte(uint32_t logical, uint8_t byte) {
        const isa::Psw& psw = state_.cpu.psw;
        if (logical >= kUntouched) return;
        uint32_t page = logical / kPage;
        if (psw.dat) {
            const auto& to = (psw.secondary_space ? state_.secondary : state_.primary)[page];
            if (!to) return;
            page = *to;
        }
        if (page >= kData / kPage) state_.storage[page * kPage + logical % kPage] = byte;
    }
    void by_format() {
        isa::Operands& o = instruction_.operands;
        o.r1 = first_register();
        o.r2 = second_register();
        o.imm = random_.byte();
        const conformance::Profile profile = conformance::profile_of(row_);
        unsigned first_length = std::max(profile.length, 1u), second_length = first_length;
        switch (row_.format) {
            case Format::RX:
            case Format::RX_M:
            case Format::RXE:
            case Format::RS:
            case Format::RS_M:
            case Format::RSE:
            case Format::S: storage_operand(o.b2, o.d2, profile.second, second_length); break;
            case Format::RS_R:
                o.b2 = 0;
                o.d2 = static_cast<uint16_t>(random_.below(64));
                break;
            case Format::SI:
            case Format::SI_S: storage_operand(o.b1, o.d1, profile.first, first_length); break;
            case Format::SS_L:
            case Format::SS_LL:
            case Format::SS_LI:
            case Format::SS_R:
            case Format::SSE:
                if (row_.format == Format::SS_L && random_.chance(80)) o.imm &= 0xF;
                if (row_.format == Format::SS_L)
                    first_length = second_length = static_cast<unsigned>(o.imm) + 1;
                if (row_.format == Format::SS_LL) first_length = o.r1 + 1u, second_length = o.r2 + 1u;
                if (row_.format == Format::SS_LI) first_length = o.r1 + 1u, o.imm &= 0xF;
                storage_operand(o.b1, o.d1, profile.first, first_length);
                storage_operand(o.b2, o.d2, profile.second, second_length);
                break;
            default: break;
        }
        if (row_.format == Format::RX || row_.format == Format::RX_M || row_.format == Format::RXE) index();
        if (row_.cost == isa::CostClass::move_long && row_.format == Format::RR) long_operands();
    }
    /// Mostly none, so that the operand stays where it is.
    void index() {
        isa::Operands& o = instruction_.operands;
        o.r2 = random_.chance(70) ? 0 : u8(random_.below(16));
        if (o.r2 != 0 && o.r2 != o.b2) gpr(o.r2) = 8 * random_.below(16);
    }
    void long_operands() {
        for (unsigned r : {instruction_.operands.r1, instruction_.operands.r2}) {
            gpr(r) = data_address();
            gpr(r + 1u) = random_.byte() << 24 | random_.below(300);
        }
    }

    uint64_t random_psw_image() {
        isa::Psw psw;
        psw.ec_mode = random_.chance(50);
        psw.key = u8(random_.below(16));
        psw.problem_state = random_.chance(50);
        psw.external_mask = random_.chance(50);
        psw.io_mask = psw.ec_mode && random_.chance(50);
        psw.dat = psw.ec_mode && random_.chance(50);
        if (!psw.ec_mode) psw.bc_channel_masks = random_.byte() & 0xFE;
        psw.machine_check_mask = random_.chance(50);
        psw.condition_code = u8(random_.below(4));
        psw.program_mask = u8(random_.below(16));
        psw.address = kCode + 2 * random_.below(0x100);
        return isa::encode(psw);
    }
    void no_base(uint32_t displacement) {
        instruction_.operands.b2 = 0;
        instruction_.operands.d2 = static_cast<uint16_t>(displacement);
    }
    void put_bytes(uint32_t logical, uint64_t value, unsigned length) {
        for (unsigned n = 0; n < length; ++n)
            store_byte(logical + n, u8(value >> 8 * (length - 1 - n) & 0xFF));
    }
    uint32_t second_address() const {
        const isa::Operands& o = instruction_.operands;
        return (o.b2 != 0 ? state_.cpu.gpr[o.b2] : 0) + o.d2;
    }
    uint32_t first_address() const {
        const isa::Operands& o = instruction_.operands;
        return (o.b1 != 0 ? state_.cpu.gpr[o.b1] : 0) + o.d1;
    }

    /// What an instruction wants beyond its format.
    void by_instruction() {
        isa::Operands& o = instruction_.operands;
        switch (state_.op) {
            case Op::op_LPSW: return put_bytes(first_address(), random_psw_image(), 8);
            case Op::op_SSM: return put_bytes(first_address(), system_mask(), 1);
            case Op::op_STNSM:
            case Op::op_STOSM: o.imm = system_mask(); return;
            case Op::op_ISK:
            case Op::op_SSK: return key_operand(0xF, 0);
            case Op::op_ISKE:
            case Op::op_SSKE:
            case Op::op_RRBE:
            case Op::op_TB:
            case Op::op_IVSK: return key_operand(0, random_.below(2048));
            case Op::op_IPTE:
                if (o.r1 == o.r2) o.r2 = u8(o.r1 ^ 1u);
                gpr(o.r1) = kPageTable;
                gpr(o.r2) = random_.between(kData, kUntouched - 1);
                return;
            case Op::op_LRA:
                if (random_.chance(20)) gpr(o.b2) = random_.below(2 * kGuestStorage);
                return;
            case Op::op_SPX: return put_bytes(second_address(), random_.chance(50) ? 0x4000 : 0x6000, 4);
            case Op::op_SIGP: gpr(o.r2) = random_.below(2); return no_base(random_.between(1, 12));
            case Op::op_SAC: return no_base(random_.below(2) << 8);
            case Op::op_MVCK:
            case Op::op_MVCP:
            case Op::op_MVCS:
                if (o.r1 == o.r2) o.r2 = u8(o.r1 ^ 1u);
                gpr(o.r2) = (random_.chance(60) ? 0 : random_.below(16)) << 4;
                if (o.r1 != o.b1 && o.r1 != o.b2) gpr(o.r1) = random_.below(300);
                return;
            case Op::op_PC: return no_base(random_.below(4));
            case Op::op_PT:
                if (o.r1 == o.r2) o.r2 = u8(o.r1 ^ 1u);
                gpr(o.r1) = random_.next32() << 16 | any_asn();
                gpr(o.r2) = kTarget | random_.below(2);
                return;
            case Op::op_SSAR: gpr(o.r1) = any_asn(); return;
            case Op::op_LASP:
                put_bytes(first_address(),
                          random_.next() << 48 | uint64_t{any_asn()} << 32 |
                              uint64_t{random_.below(8)} << 16 | any_asn(),
                          8);
                return no_base(random_.below(8));
            case Op::op_CLST:
            case Op::op_MVST:
            case Op::op_SRST: gpr(0) = random_.byte(); return;  // the character that ends a string
            case Op::op_EX: return execute_something();
            case Op::op_MC: o.imm &= 0xF; return;
            default: break;
        }
        if (row_.cost == isa::CostClass::io)
            no_base(random_.chance(75) ? kDevice : random_.chance(50) ? kDevice + 1u : 0x10Eu);
    }
    uint8_t system_mask() { return state_.cpu.psw.ec_mode ? u8(random_.byte() & 0x07u) : random_.byte(); }
    uint32_t any_asn() { return random_.chance(50) ? kPrimaryAsn : kOtherAsn; }
    void key_operand(uint32_t zeros, uint32_t within) {
        isa::Operands& o = instruction_.operands;
        if (o.r2 == o.r1) o.r2 = u8(o.r1 ^ 1u);
        gpr(o.r1) = random_.next32();
        gpr(o.r2) = (random_.between(kData, kUntouched - 2048) & ~2047u & ~zeros) + within;
    }
    /// EXECUTE of a harmless instruction; every other one is executed by EXECUTE as well (place).
    void execute_something() {
        static constexpr uint16_t kHarmless[] = {0x1A12, 0x1634, 0x0400, 0x0510};  // AR, OR, SPM, BALR
        put16(kSubject, random_.pick(kHarmless));
        instruction_.operands.r2 = 0;
        no_base(kSubject);
    }

    void place() {
        std::array<uint8_t, 6> text{};
        const unsigned length = isa::encode(instruction_, text.data());
        state_.by_execute = state_.op != Op::op_EX && !isa::is_relative(row_.format) && random_.chance(25);
        uint32_t at = state_.cpu.psw.address;
        if (state_.by_execute) {
            put32(at, 0x44000000 | kSubject);
            at = kSubject;
        }
        std::copy_n(text.begin(), length, state_.storage.begin() + at);
    }

    Random random_;
    const isa::Row& row_;
    const isa::FacilitySet& facilities_;
    GuestState state_;
    isa::Decoded instruction_;
};

}  // namespace

GuestState random_state(Op op, const isa::FacilitySet& facilities, uint64_t seed, uint64_t number) {
    // By the name of the instruction, so that a new row in the table changes no other's states.
    uint64_t stream = number;
    for (const char c : isa::row_of(op).mnemonic) stream = stream * 131 + static_cast<unsigned char>(c);
    return Maker(op, facilities, seed, stream).make();
}

}  // namespace vmcp::audit
