#include "isa/instruction.hpp"

#include <algorithm>
#include <unordered_map>

namespace isa {
namespace {

constexpr bool io_opcode(uint8_t first) { return first >= 0x9C && first <= 0x9F; }

constexpr uint16_t kNone = static_cast<uint16_t>(Op::invalid);

/// First byte -> row, or -> page of the second-level table.
struct DecodeTables {
    std::array<uint16_t, 256> row{};
    std::array<uint16_t, 256> later{};  // row of facility gcc where another one has the byte, too
    std::array<uint8_t, 256> page{};    // 0: no second level
    std::array<std::array<uint16_t, 256>, 16> second{};
    std::array<OpcodeExtension, 256> extension{};
    unsigned pages = 0;
};

constexpr DecodeTables build() {
    DecodeTables t;
    t.row.fill(kNone);
    t.later.fill(kNone);
    for (auto& page : t.second) page.fill(kNone);
    for (unsigned i = 0; i < kRowCount; ++i) {
        const Row& row = kRows[i];
        const uint8_t first = first_byte(row);
        const auto extension = extension_of(row.format);
        t.extension[first] = extension;
        if (extension == OpcodeExtension::none) {
            const bool taken = row.facility == Facility::gcc && t.row[first] != kNone;
            (taken ? t.later : t.row)[first] = static_cast<uint16_t>(i);
            continue;
        }
        if (t.page[first] == 0) t.page[first] = static_cast<uint8_t>(++t.pages);
        auto& second = t.second[t.page[first] - 1];
        const unsigned low = row.opcode & 0xFF;
        for (unsigned b = 0; b < 256; ++b) {
            const bool mine = extension == OpcodeExtension::low_digit ? (b & 0xF) == (low & 0xF)
                              : io_opcode(first)                      ? (b & 1) == (low & 1)
                                                                      : b == low;
            if (mine) second[b] = static_cast<uint16_t>(i);
        }
    }
    return t;
}

constexpr DecodeTables kDecode = build();

/// Two rows may share an opcode of one byte if the facilities of a machine decide between them; the later one
/// in the table is that of facility gcc.
constexpr bool told_apart(const Row& first, const Row& second) {
    return extension_of(second.format) == OpcodeExtension::none && first.facility != Facility::gcc &&
           second.facility == Facility::gcc;
}

/// Compared are the rows of one first byte, which are chained (number + 1, 0 ends): each row with every other
/// is more than a compiler cares to evaluate.
constexpr bool opcodes_unique() {
    uint16_t latest[256] = {}, before[kRowCount] = {};
    for (unsigned i = 0; i < kRowCount; ++i) {
        const uint8_t first = first_byte(kRows[i]);
        for (unsigned j = latest[first]; j != 0; j = before[j - 1]) {
            if (extension_of(kRows[i].format) != extension_of(kRows[j - 1].format)) return false;
            if (kRows[i].opcode == kRows[j - 1].opcode && !told_apart(kRows[j - 1], kRows[i])) return false;
        }
        before[i] = latest[first];
        latest[first] = static_cast<uint16_t>(i + 1);
    }
    return true;
}

constexpr bool lengths_agree() {
    return std::all_of(std::begin(kRows), std::end(kRows), [](const Row& row) {
        return length_of(row.format) == length_of_opcode(first_byte(row));
    });
}

constexpr bool privileged_rows_end_blocks() {
    return std::all_of(std::begin(kRows), std::end(kRows), [](const Row& row) {
        return row.privilege == Privilege::problem || row.ends != Ends::no;
    });
}

static_assert(opcodes_unique(), "two rows share an opcode, or one first byte has two kinds of extension");
static_assert(lengths_agree(), "a row's format and its opcode disagree on the instruction length");
static_assert(privileged_rows_end_blocks(), "a privileged instruction must end a block: it may trap");

uint16_t displacement(const uint8_t* p) { return static_cast<uint16_t>((p[0] & 0xF) << 8 | p[1]); }
uint8_t high(uint8_t b) { return b >> 4; }
uint8_t low(uint8_t b) { return b & 0xF; }

void put_base_displacement(uint8_t* p, uint8_t base, uint16_t d) {
    p[0] = static_cast<uint8_t>(base << 4 | (d >> 8 & 0xF));
    p[1] = static_cast<uint8_t>(d);
}

}  // namespace

Op find_op(uint8_t first, uint8_t second, uint8_t last, FacilitySet facilities) {
    const uint8_t page = kDecode.page[first];
    if (page == 0) {
        const uint16_t later = kDecode.later[first];
        if (later != kNone && facilities.has(Facility::gcc)) return static_cast<Op>(later);
        return static_cast<Op>(kDecode.row[first]);
    }
    const uint8_t key = kDecode.extension[first] == OpcodeExtension::last_byte ? last : second;
    return static_cast<Op>(kDecode.second[page - 1][key]);
}

Decoded decode(const uint8_t* p, FacilitySet facilities) {
    Decoded d;
    d.length = static_cast<uint8_t>(length_of_opcode(p[0]));
    d.op = find_op(p[0], p[1], d.length == 6 ? p[5] : 0, facilities);
    if (d.op == Op::invalid) return d;
    Operands& o = d.operands;
    switch (d.row().format) {
        case Format::E:
        case Format::S_0:
        case Format::RRE_0: break;
        case Format::RR:
        case Format::RR_M:
        case Format::RR_R:
            o.r1 = high(p[1]);
            o.r2 = low(p[1]);
            break;
        case Format::RR_I: o.imm = p[1]; break;
        case Format::RRE:
        case Format::RRE_R:
            o.r1 = high(p[3]);
            o.r2 = low(p[3]);
            break;
        case Format::RX:
        case Format::RX_M:
        case Format::RXE:
        case Format::RSE:
        case Format::RS:
        case Format::RS_M:
        case Format::RS_R:
            o.r1 = high(p[1]);
            o.r2 = low(p[1]);
            o.b2 = high(p[2]);
            o.d2 = displacement(p + 2);
            break;
        case Format::SI:
        case Format::SI_S:
            o.imm = p[1];
            o.b1 = high(p[2]);
            o.d1 = displacement(p + 2);
            break;
        case Format::S:
            o.b2 = high(p[2]);
            o.d2 = displacement(p + 2);
            break;
        case Format::SS_L:
        case Format::SS_LL:
        case Format::SS_LI:
        case Format::SS_R:
        case Format::SSE:
            if (d.row().format == Format::SS_L) {
                o.imm = p[1];
            } else if (d.row().format == Format::SS_LI) {
                o.r1 = high(p[1]);
                o.imm = low(p[1]);
            } else if (d.row().format != Format::SSE) {
                o.r1 = high(p[1]);
                o.r2 = low(p[1]);
            }
            o.b1 = high(p[2]);
            o.d1 = displacement(p + 2);
            o.b2 = high(p[4]);
            o.d2 = displacement(p + 4);
            break;
        case Format::RI:
        case Format::RI_M:
        case Format::RI_B:
            o.r1 = high(p[1]);
            o.imm = static_cast<int16_t>(p[2] << 8 | p[3]);
            break;
        case Format::RI_U:
            o.r1 = high(p[1]);
            o.imm = p[2] << 8 | p[3];
            break;
        case Format::RSI:
            o.r1 = high(p[1]);
            o.r2 = low(p[1]);
            o.imm = static_cast<int16_t>(p[2] << 8 | p[3]);
            break;
        case Format::RIL:
        case Format::RIL_M:
            o.r1 = high(p[1]);
            o.imm = static_cast<int32_t>(uint32_t{p[2]} << 24 | uint32_t{p[3]} << 16 | uint32_t{p[4]} << 8 |
                                         p[5]);
            break;
    }
    return d;
}

unsigned encode(const Decoded& instruction, uint8_t* p) {
    const Row& row = instruction.row();
    const Operands& o = instruction.operands;
    const unsigned length = length_of(row.format);
    std::fill(p, p + length, uint8_t{0});
    p[0] = first_byte(row);
    switch (extension_of(row.format)) {
        case OpcodeExtension::none: break;
        case OpcodeExtension::second_byte: p[1] = static_cast<uint8_t>(row.opcode); break;
        case OpcodeExtension::low_digit: p[1] = row.opcode & 0xF; break;
        case OpcodeExtension::last_byte: p[5] = static_cast<uint8_t>(row.opcode); break;
    }
    const auto registers = [&](uint8_t* at) { *at = static_cast<uint8_t>(o.r1 << 4 | (o.r2 & 0xF)); };
    switch (row.format) {
        case Format::E:
        case Format::S_0:
        case Format::RRE_0: break;
        case Format::RR:
        case Format::RR_M: registers(p + 1); break;
        case Format::RR_R: p[1] = static_cast<uint8_t>(o.r1 << 4); break;
        case Format::RR_I: p[1] = static_cast<uint8_t>(o.imm); break;
        case Format::RRE: registers(p + 3); break;
        case Format::RRE_R: p[3] = static_cast<uint8_t>(o.r1 << 4); break;
        case Format::RS_R:
            p[1] = static_cast<uint8_t>(o.r1 << 4);
            put_base_displacement(p + 2, o.b2, o.d2);
            break;
        case Format::RX:
        case Format::RX_M:
        case Format::RXE:
        case Format::RSE:
        case Format::RS:
        case Format::RS_M:
            registers(p + 1);
            put_base_displacement(p + 2, o.b2, o.d2);
            break;
        case Format::SI: p[1] = static_cast<uint8_t>(o.imm); [[fallthrough]];
        case Format::SI_S: put_base_displacement(p + 2, o.b1, o.d1); break;
        case Format::S: put_base_displacement(p + 2, o.b2, o.d2); break;
        case Format::SS_L:
        case Format::SS_LL:
        case Format::SS_LI:
        case Format::SS_R:
        case Format::SSE:
            if (row.format == Format::SS_L) p[1] = static_cast<uint8_t>(o.imm);
            if (row.format == Format::SS_LL || row.format == Format::SS_R) registers(p + 1);
            if (row.format == Format::SS_LI) p[1] = static_cast<uint8_t>(o.r1 << 4 | (o.imm & 0xF));
            put_base_displacement(p + 2, o.b1, o.d1);
            put_base_displacement(p + 4, o.b2, o.d2);
            break;
        case Format::RI:
        case Format::RI_U:
        case Format::RI_M:
        case Format::RI_B:
            p[1] = static_cast<uint8_t>(o.r1 << 4 | (row.opcode & 0xF));
            p[2] = static_cast<uint8_t>(o.imm >> 8);
            p[3] = static_cast<uint8_t>(o.imm);
            break;
        case Format::RSI:
            registers(p + 1);
            p[2] = static_cast<uint8_t>(o.imm >> 8);
            p[3] = static_cast<uint8_t>(o.imm);
            break;
        case Format::RIL:
        case Format::RIL_M:
            p[1] = static_cast<uint8_t>(o.r1 << 4 | (row.opcode & 0xF));
            for (int i = 0; i < 4; ++i) p[2 + i] = static_cast<uint8_t>(o.imm >> (24 - 8 * i));
            break;
    }
    return length;
}

unsigned units_of(const Row& row, const Operands& o) {
    switch (kCostUnits[static_cast<unsigned>(row.cost)]) {
        case CostUnit::none: return 0;
        case CostUnit::registers: return ((o.r2 - o.r1) & 0xF) + 1u;
        case CostUnit::bytes: break;
    }
    switch (row.format) {
        case Format::SS_L: return static_cast<unsigned>(o.imm) + 1;
        case Format::SS_LL: return std::max<unsigned>(o.r1, o.r2) + 1;
        case Format::SS_LI: return o.r1 + 1u;
        default: return 0;
    }
}

Op find_mnemonic(std::string_view mnemonic) {
    static const auto index = [] {
        std::unordered_map<std::string_view, Op> m;
        for (unsigned i = 0; i < kRowCount; ++i) m.emplace(kRows[i].mnemonic, static_cast<Op>(i));
        return m;
    }();
    const auto it = index.find(mnemonic);
    return it == index.end() ? Op::invalid : it->second;
}

}  // namespace isa
