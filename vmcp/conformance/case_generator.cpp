#include "vmcp/conformance/case_generator.hpp"

#include <algorithm>
#include <bit>

#include "vmcp/conformance/groups.hpp"

namespace vmcp::conformance {

using isa::Format;
using isa::Op;
using isa::Row;

Profile profile_of(const Row& row) {
    struct Entry {
        std::string_view mnemonic;
        Profile profile;
    };
    static constexpr Entry kEntries[] = {
        {"AH", {Data::none, Data::fixed, 2}},     {"CH", {Data::none, Data::fixed, 2}},
        {"LH", {Data::none, Data::fixed, 2}},     {"MH", {Data::none, Data::fixed, 2}},
        {"SH", {Data::none, Data::fixed, 2}},     {"STH", {Data::none, Data::fixed, 2}},
        {"IC", {Data::none, Data::bytes, 1}},     {"STC", {Data::none, Data::bytes, 1}},
        {"CVB", {Data::none, Data::packed, 8}},   {"CVD", {Data::none, Data::bytes, 8}},
        {"CDS", {Data::none, Data::fixed, 8}},    {"PACK", {Data::bytes, Data::zoned, 0}},
        {"UNPK", {Data::bytes, Data::packed, 0}}, {"MVO", {Data::packed, Data::packed, 0}},
        {"STIDP", {Data::none, Data::bytes, 8}},  {"STAP", {Data::none, Data::bytes, 2}},
        {"STCK", {Data::none, Data::bytes, 8}},   {"SCK", {Data::none, Data::bytes, 8}},
        {"SCKC", {Data::none, Data::bytes, 8}},   {"STCKC", {Data::none, Data::bytes, 8}},
        {"SPT", {Data::none, Data::bytes, 8}},    {"STPT", {Data::none, Data::bytes, 8}},
        {"SSM", {Data::bytes, Data::none, 1}},    {"TS", {Data::bytes, Data::none, 1}},
        {"LPSW", {Data::bytes, Data::none, 8}},
    };
    for (const Entry& entry : kEntries)
        if (entry.mnemonic == row.mnemonic) return entry.profile;
    if (row.facility == isa::Facility::floating_point || row.facility == isa::Facility::extended_float) {
        // Those on short operands end in E, or in U for unnormalized ones.
        const char last = row.mnemonic.back(),
                   before = row.mnemonic.size() > 1 ? row.mnemonic[row.mnemonic.size() - 2] : 0;
        const bool is_short = last == 'E' || last == 'U' || (last == 'R' && (before == 'E' || before == 'U'));
        return {Data::none, is_short ? Data::float_short : Data::float_long, is_short ? 4u : 8u};
    }
    if (row.facility == isa::Facility::decimal) return {Data::packed, Data::packed, 0};
    if (row.format == Format::SS_L || row.format == Format::SI || row.format == Format::SI_S)
        return {Data::bytes, Data::bytes, 1};
    return {};
}

unsigned required_alignment(const Row& row) {
    return row.requires_ & isa::doubleword ? 8
           : row.requires_ & isa::word     ? 4
           : row.requires_ & isa::halfword ? 2
                                           : 1;
}

unsigned length_code(Random& random, unsigned most) {
    const uint32_t lot = random.below(10);
    return lot == 0   ? 0
           : lot == 1 ? most
           : lot < 7  ? random.below(std::min(most, 15u) + 1)
                      : random.below(most + 1);
}

namespace {

/// Register fields of the formats that have them, as the row's requirements ask.
unsigned register_field(CaseBuilder& b, const Row& row, unsigned even, unsigned real, unsigned pair) {
    if (row.requires_ & pair) return b.float_pair();
    if (row.requires_ & real) return b.float_register();
    if (row.requires_ & even) return b.operand_pair();
    return b.operand_register();
}
unsigned first_register(CaseBuilder& b, const Row& row) {
    return register_field(b, row, isa::even1, isa::float1, isa::floatpair1);
}
unsigned second_register(CaseBuilder& b, const Row& row) {
    return register_field(b, row, isa::even2, isa::float2, isa::floatpair2);
}

std::vector<uint8_t> bytes_of(uint64_t value, unsigned length) {
    std::vector<uint8_t> bytes(length);
    for (unsigned n = 0; n < length; ++n) bytes[n] = static_cast<uint8_t>(value >> (8 * (length - 1 - n)));
    return bytes;
}

/// Makes two registers related now and then: equal, complementary, next to each other.
void relate(CaseBuilder& b, const Row& row, unsigned r1, unsigned r2) {
    if (row.requires_ & (isa::float1 | isa::floatpair1)) {
        if (r1 == r2 || r1 > 6 || r2 > 6 || !b.random.chance(25)) return;
        uint64_t value = b.test.fpr[r1 / 2] == 0 ? edge_float(b.random) : b.test.fpr[r1 / 2];
        b.test.fpr[r1 / 2] = value;
        if (b.random.chance(50)) value ^= uint64_t{1} << 63;
        if (b.random.chance(50)) value += b.random.below(3) - 1;
        b.test.fpr[r2 / 2] = value;
        return;
    }
    if (r1 == r2 || !b.random.chance(20)) return;
    const uint32_t value = b.get(r1);
    const uint32_t related[] = {value, 0 - value, ~value, value + 1, value - 1};
    b.set(r2, b.random.pick(related));
}

void fill_second_operand(CaseBuilder& b, isa::Decoded& d, uint32_t address, unsigned length) {
    const Row& row = d.row();
    const Profile profile = profile_of(row);
    std::vector<uint8_t> data = edge_operand(b.random, profile.second, length);
    if (b.random.chance(15)) {  // equal, or nearly, to the first operand
        if (row.requires_ & isa::float1) {
            if (d.operands.r1 <= 6) {
                const uint64_t value = edge_float(b.random);
                b.test.fpr[d.operands.r1 / 2] = value;
                data = bytes_of(length == 4 ? value >> 32 : value, length);
            }
        } else if (length == 4 || length == 2) {
            data = bytes_of(b.get(d.operands.r1) + (b.random.chance(30) ? 1 : 0), length);
        }
    }
    b.put(address, data);
}

}  // namespace

std::vector<uint8_t> helping_instruction(std::string_view mnemonic, const isa::Operands& operands) {
    isa::Decoded d;
    d.op = isa::find_mnemonic(mnemonic);
    d.operands = operands;
    std::vector<uint8_t> bytes(6);
    bytes.resize(isa::encode(d, bytes.data()));
    return bytes;
}

void fill_by_format(CaseBuilder& b, isa::Decoded& d) {
    const Row& row = d.row();
    const Profile profile = profile_of(row);
    isa::Operands& o = d.operands;
    const unsigned alignment = required_alignment(row);
    const bool strict = alignment > 1;
    const auto natural = [&](unsigned length) {
        return strict ? alignment : length >= 8 ? 8u : length >= 4 ? 4u : length >= 2 ? 2u : 1u;
    };
    switch (row.format) {
        case Format::E:
        case Format::S_0:
        case Format::RRE_0: break;
        case Format::RR:
        case Format::RRE:
            o.r1 = static_cast<uint8_t>(first_register(b, row));
            o.r2 = static_cast<uint8_t>(b.random.chance(6) ? o.r1 : second_register(b, row));
            relate(b, row, o.r1, o.r2);
            break;
        case Format::RR_M:
            o.r1 = static_cast<uint8_t>(b.random.below(16));
            o.r2 = static_cast<uint8_t>(b.operand_register());
            break;
        case Format::RR_R:
        case Format::RRE_R: o.r1 = static_cast<uint8_t>(first_register(b, row)); break;
        case Format::RR_I: o.imm = b.random.byte(); break;
        case Format::RX:
        case Format::RX_M:
        case Format::RXE: {
            b.draw_places(1);
            const uint32_t address = b.place(0, profile.length, natural(profile.length), strict);
            b.address(o.r2, o.b2, o.d2, address);
            o.r1 = static_cast<uint8_t>(row.format == Format::RX_M ? b.random.below(16)
                                                                   : first_register(b, row));
            fill_second_operand(b, d, address, profile.length);
            break;
        }
        case Format::RS:
        case Format::RS_M: {
            b.draw_places(1);
            const bool multiple = row.cost == isa::CostClass::load_multiple ||
                                  row.cost == isa::CostClass::store_multiple ||
                                  row.cost == isa::CostClass::load_control;
            // Which registers decides how long the operand is.
            o.r2 = static_cast<uint8_t>(b.random.below(16));
            unsigned length = profile.length;
            if (multiple) {
                o.r1 = static_cast<uint8_t>(b.random.below(16));
                length = 4 * (((o.r2 - o.r1) & 15) + 1);
            } else if (row.format == Format::RS_M) {
                length = std::max(1, std::popcount(static_cast<unsigned>(o.r2)));
            }
            const uint32_t address = b.place(0, length, strict ? alignment : multiple ? 4 : 1, strict);
            b.address(o.b2, o.d2, address);
            if (!multiple) {
                o.r1 = static_cast<uint8_t>(first_register(b, row));
                if (row.format == Format::RS)
                    o.r2 = static_cast<uint8_t>(register_field(b, row, isa::even3, 0, 0));
            }
            fill_second_operand(b, d, address, length);
            break;
        }
        case Format::RS_R:
        case Format::RSE:
            o.r1 = static_cast<uint8_t>(first_register(b, row));
            if (row.format == Format::RSE) o.r2 = static_cast<uint8_t>(b.operand_register());
            if (b.random.chance(40)) {
                o.d2 = static_cast<uint16_t>(b.random.chance(70) ? b.random.below(64) : b.random.below(4096));
            } else {
                b.address(o.b2, o.d2, b.random.chance(50) ? b.random.below(64) : b.random.next32());
            }
            break;
        case Format::SI:
        case Format::SI_S: {
            b.draw_places(1);
            const uint32_t address = b.place(0, profile.length, natural(profile.length), strict);
            b.address(o.b1, o.d1, address);
            const std::vector<uint8_t> data = edge_operand(b.random, profile.first, profile.length);
            b.put(address, data);
            o.imm = b.random.chance(25) ? data[0] : b.random.byte();
            break;
        }
        case Format::S: {
            b.draw_places(1);
            const uint32_t address = b.place(0, profile.length, natural(profile.length), strict);
            b.address(o.b2, o.d2, address);
            b.put(address, edge_operand(b.random, profile.second, profile.length));
            break;
        }
        case Format::SS_L:
        case Format::SS_LL:
        case Format::SS_LI:
        case Format::SS_R:
        case Format::SSE: {
            b.draw_places(2);
            unsigned length1 = profile.length, length2 = profile.length;
            if (row.format == Format::SS_L) {
                o.imm = static_cast<int32_t>(length_code(b.random, 255));
                length1 = length2 = static_cast<unsigned>(o.imm) + 1;
            } else if (row.format == Format::SS_LL || row.format == Format::SS_LI) {
                o.r1 = static_cast<uint8_t>(length_code(b.random, 15));
                o.r2 = static_cast<uint8_t>(length_code(b.random, 15));
                length1 = o.r1 + 1u, length2 = o.r2 + 1u;
            }
            uint32_t address1 = 0, address2 = 0;
            const bool inside = b.place_of(0) == Place::inside && b.place_of(1) == Place::inside;
            if (inside && b.random.chance(35)) {
                // Overlapping operands: both in one area, a few bytes apart or anywhere in it.
                const unsigned total = length1 + length2 + 8;
                const uint32_t start = b.place(0, total);
                const unsigned span = total - std::max(length1, length2);
                address1 = start + b.random.below(total - length1 + 1);
                address2 = start + b.random.below(total - length2 + 1);
                if (b.random.chance(50))
                    address2 = std::clamp(address1 + b.random.below(5) - 2, start, start + span);
                if (address2 + length2 > start + total) address2 = start + total - length2;
                if (address1 + length1 > start + total) address1 = start + total - length1;
            } else {
                address1 = b.place(0, length1);
                address2 = b.place(1, length2);
            }
            b.address(o.b1, o.d1, address1);
            b.address(o.b2, o.d2, address2);
            const std::vector<uint8_t> first = edge_operand(b.random, profile.first, length1);
            b.put(address1, first);
            std::vector<uint8_t> second = edge_operand(b.random, profile.second, length2);
            if (length1 == length2 && b.random.chance(20)) {
                second = first;
                if (b.random.chance(60))
                    second[b.random.below(length2)] ^= static_cast<uint8_t>(1u << b.random.below(8));
            }
            b.put(address2, second);
            break;
        }
        case Format::RI_U:
            o.r1 = static_cast<uint8_t>(first_register(b, row));
            o.imm = static_cast<uint16_t>(edge_word(b.random));
            break;
        case Format::RI:
            o.r1 = static_cast<uint8_t>(first_register(b, row));
            o.imm = static_cast<int16_t>(edge_word(b.random));
            break;
        case Format::RIL:
            o.r1 = static_cast<uint8_t>(first_register(b, row));
            o.imm = row.ends == isa::Ends::branch
                        ? static_cast<int32_t>(kPads / 2 + b.random.below(kPadCount))
                        : static_cast<int32_t>(edge_word(b.random));
            break;
        case Format::RI_M:
        case Format::RI_B:
        case Format::RIL_M:
        case Format::RSI:
            o.r1 = static_cast<uint8_t>(row.format == Format::RI_M || row.format == Format::RIL_M
                                            ? b.random.below(16)
                                            : first_register(b, row));
            o.r2 = static_cast<uint8_t>(b.operand_register());
            o.imm = static_cast<int32_t>(kPads / 2 + b.random.below(kPadCount));
            break;
    }
}

std::string_view exceptions_only_because(Op op) {
    if (op == Op::invalid) return {};
    const Row& row = isa::row_of(op);
    if (row.mnemonic == "DIAG") return "what DIAGNOSE does belongs to the model";
    if (row.mnemonic == "STCK" || row.mnemonic == "SCK" || row.mnemonic == "SPT" || row.mnemonic == "STPT")
        return "clocks and timers run with time, which the implementations do not share";
    if (row.mnemonic == "RDD" || row.mnemonic == "WRD") return "there is nothing at the direct-control lines";
    return {};
}

namespace {

Fill fill_of(Op op) {
    const std::string_view mnemonic = isa::row_of(op).mnemonic;
    if (const Fill fill = general_fill(mnemonic)) return fill;
    if (const Fill fill = decimal_fill(mnemonic)) return fill;
    if (const Fill fill = gcc_fill(mnemonic)) return fill;
    if (const Fill fill = dual_address_space_fill(mnemonic)) return fill;
    return control_fill(mnemonic);
}

std::vector<uint8_t> fill(CaseBuilder& b, isa::Decoded& d) {
    if (const Fill special = fill_of(d.op)) return special(b, d);
    fill_by_format(b, d);
    return {};
}

}  // namespace

namespace {

/// The facility gcc is not installed where undefined opcodes are tested: then its instructions are undefined
/// too.
bool is_defined(Op op) { return op != Op::invalid && isa::row_of(op).facility != isa::Facility::gcc; }

/// An instruction without a row, in the problem state: an operation exception. All registers point into an
/// area of the case, in case the judge knows the instruction and it stores.
void generate_undefined(CaseBuilder& b) {
    static constexpr uint8_t kWithSecondByte[] = {0x01, 0xA5, 0xA7, 0xB2, 0xB3, 0xB9, 0xC0,
                                                  0xE3, 0xE4, 0xE5, 0xE6, 0xEB, 0xED};
    b.psw.problem_state = true;
    std::vector<uint8_t> bytes(6);
    do
        for (unsigned n = 0; n < 6; ++n)
            bytes[n] = n == 0 && b.random.chance(40) ? b.random.pick(kWithSecondByte)
                       : n < 2                       ? b.random.byte()
                                                     : 0;
    while (is_defined(isa::find_op(bytes[0], bytes[1], bytes[5])));
    bytes.resize(isa::length_of_opcode(bytes[0]));
    const uint32_t middle = b.place(0, 512) + 256;
    for (unsigned r = 0; r < 16; ++r) b.set(r, middle);
    b.subject(bytes);
}

/// Groups whose instructions may run with translation on without its tables being changed under way.
bool may_translate(const Row& row) {
    const std::string_view group = group_of(row);
    return row.mnemonic != "MC" && (group == "general" || group == "decimal" || group == "float");
}

}  // namespace

void generate_case(Random& random, AreaAllocator& areas, TestCase& test) {
    CaseBuilder b(random, areas, test);
    if (test.op == Op::invalid) {
        generate_undefined(b);
        return b.finish();
    }
    isa::Decoded d;
    d.op = test.op;
    bool by_execute = random.chance(6);
    if (d.op == Op::op_EX) {
        // Any instruction can be the target, EXECUTE itself among them (an execute exception).
        by_execute = true;
        if (!random.chance(5)) do
                d.op = static_cast<Op>(random.below(isa::kRowCount));
            while (d.op == Op::op_EX || !not_judged_because(d.row()).empty() ||
                   architecture_of(d.op) != test.architecture);
    }
    const Row& row = d.row();
    if (may_translate(row)) {
        b.allow_low_storage();
        if (random.chance(12)) b.translate();
    }
    if (row.privilege == isa::Privilege::privileged) b.psw.problem_state = random.chance(8);
    std::vector<uint8_t> after;
    if (!exceptions_only_because(d.op).empty()) {
        if (row.privilege == isa::Privilege::privileged && (row.format != Format::S || random.chance(60))) {
            b.psw.problem_state = true;
            fill_by_format(b, d);
        } else {
            // Not available, or across the end of storage where the instruction allows any boundary.
            uint32_t address = b.unavailable(isa::kAddressMask - 64) & ~7u;
            if (required_alignment(row) > 1)
                address += random.chance(10);
            else if (random.chance(50))
                address = kEnd - random.between(1, profile_of(row).length - 1);
            b.address(d.operands.b2, d.operands.d2, address);
        }
    } else {
        after = fill(b, d);
    }
    b.subject(d, by_execute);
    b.code(after);
    b.finish();
}

}  // namespace vmcp::conformance
