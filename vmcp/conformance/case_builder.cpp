#include "vmcp/conformance/case_builder.hpp"

#include <algorithm>

#include "isa/state.hpp"
#include "vmcp/conformance/identity_tables.hpp"

namespace vmcp::conformance {

using isa::kAddressMask;

CaseBuilder::CaseBuilder(Random& source, AreaAllocator& areas, TestCase& to_build)
    : random(source), test(to_build), areas_(areas), slot_(slot_address(to_build.position)) {
    psw.address = slot_;
    psw.ec_mode = random.chance(50);
    psw.problem_state = random.chance(50);
    psw.condition_code = static_cast<uint8_t>(random.below(4));
    psw.program_mask = static_cast<uint8_t>(random.chance(40)   ? random.below(16)
                                            : random.chance(50) ? 15
                                                                : 0);
}

void CaseBuilder::translate() {
    translating_ = psw.dat = psw.ec_mode = true;
    table_format_ = random.below(kTableFormats);
    use_identity_tables(table_format_, test.cr);
}

// ---- Registers
// -----------------------------------------------------------------------------------------------------

unsigned CaseBuilder::fresh_register(bool base) {
    for (;;) {
        const unsigned r = random.below(16);
        if ((used_ >> r & 1) == 0 && !(base && r == 0)) {
            used_ |= 1u << r;
            return r;
        }
    }
}

unsigned CaseBuilder::operand_register() {
    const bool fresh = random.chance(90);
    const unsigned r = fresh ? fresh_register() : random.below(16);
    // One that is a base or an index already keeps its value: the address must stay what it is.
    if (fresh || !is_set(r)) set(r, edge_word(random));
    return r;
}

unsigned CaseBuilder::operand_pair() {
    unsigned r = random.below(8) * 2;
    while ((used_ >> r & 3) != 0) r = (r + 2) & 15;
    set(r, random.chance(30) ? 0u - random.below(2) : edge_word(random));
    set(r + 1, edge_word(random));
    return random.chance(96) ? r : r + 1;
}

unsigned CaseBuilder::float_register() { return random.chance(97) ? random.below(4) * 2 : random.below(16); }
unsigned CaseBuilder::float_pair() { return random.chance(96) ? random.below(2) * 4 : random.below(16); }

void CaseBuilder::set(unsigned r, uint32_t value) {
    test.gpr[r & 15] = value;
    used_ |= 1u << (r & 15);
}

// ---- Storage operands
// ----------------------------------------------------------------------------------------------

void CaseBuilder::draw_places(unsigned count) {
    special_operand_ = random.below(count);
    const uint32_t lot = random.below(100);
    if (low_allowed_ && random.chance(3))
        special_ = Place::low;
    else if (translating_ && lot < 35)
        special_ = Place::page_edge;
    else
        special_ = lot < 74   ? Place::inside
                   : lot < 83 ? Place::block_edge
                   : lot < 91 ? Place::protected_edge
                   : lot < 96 ? Place::storage_end
                              : Place::beyond;
}

void CaseBuilder::area(uint32_t address, uint32_t length) {
    test.areas.push_back({address, edge_operand(random, Data::bytes, length)});
}

uint32_t CaseBuilder::place(unsigned operand, unsigned length, unsigned alignment, bool strict,
                            unsigned slack) {
    // How far in front of a boundary the operand begins: from wholly in front of it to wholly behind it.
    const auto distance = [&] {
        uint32_t d = random.chance(80) && length > 1 ? random.between(1, length - 1)
                     : random.chance(50)             ? 0
                                                     : length;
        if (strict && random.chance(92)) d = (d + alignment - 1) / alignment * alignment;
        return d;
    };
    switch (place_of(operand)) {
        case Place::inside: {
            const bool aligned = random.chance(strict ? 93 : 55);
            const uint32_t skew = aligned ? random.below(8) / alignment * alignment : random.below(8);
            const uint32_t start = areas_.small(length + slack, skew);
            area(start, length + slack);
            if (random.chance(45))
                psw.key = key_of_block(start) >> 4;
            else if (random.chance(5))
                psw.key = static_cast<uint8_t>(random.below(16));
            return start;
        }
        case Place::block_edge:
        case Place::protected_edge: {
            const bool protection = special_ == Place::protected_edge;
            auto kind = AreaAllocator::Edge::same_key;
            if (protection) {
                kind = static_cast<AreaAllocator::Edge>(random.between(1, 3));
                static constexpr uint8_t kKeys[] = {3, 5, 7, 9, 3, 5, 7};
                psw.key = random.pick(kKeys);
            } else if (random.chance(50)) {
                kind = static_cast<AreaAllocator::Edge>(random.below(4));
                psw.key = 0;
            } else {
                psw.key = 3;
            }
            const uint32_t boundary = areas_.edge(kind);
            const uint32_t start = boundary - distance();
            area(start, length + std::min(slack, AreaAllocator::kEdge - length));
            return start;
        }
        case Place::storage_end: {
            if (!test.uses_end) {
                area(areas_.large(kEndLength), kEndLength);
                std::swap(test.areas.front(), test.areas.back());
                test.uses_end = true;
            }
            if (random.chance(50)) psw.key = key_of_block(kEnd - 1) >> 4;
            return kEnd - std::min(distance(), kEndLength);
        }
        case Place::beyond: {
            const uint32_t start = unavailable(kAddressMask - 0x1000);
            return strict && random.chance(90) ? start & ~(alignment - 1) : start;
        }
        case Place::low: {
            constexpr uint32_t kProtected = 512;
            uint32_t start = kProtected - length - (random.chance(50) ? 0 : random.below(8));
            if (strict && random.chance(92)) start &= ~(alignment - 1);
            psw.key = random.chance(70) ? 0 : 3;
            return start;
        }
        case Place::page_edge: return place_at_page_edge(distance());
    }
    return 0;
}

uint32_t CaseBuilder::unavailable(uint32_t last) {
    return random.between(translating_ ? kAliasesEnd : kEnd, last);
}

uint32_t CaseBuilder::place_at_page_edge(uint32_t distance) {
    static constexpr uint8_t kKeys[] = {0, 0, 0, 3, 7};
    psw.key = random.pick(kKeys);
    const uint32_t page_size = page_size_of(table_format_);
    const uint32_t first = areas_.alias(table_format_), second = first + page_size;
    // The end of one frame and the beginning of another; boundaries of these kinds are those of 4K frames.
    const auto frame_boundary = [&] {
        return areas_.edge(random.chance(70) ? AreaAllocator::Edge::same_key
                                             : AreaAllocator::Edge::into_fetch_protected);
    };
    const auto map = [&](uint32_t page, uint32_t frame) {
        const uint32_t entry = page_entry_address(table_format_, page);
        const uint16_t value = page_entry(frame);
        test.areas.push_back({entry, {static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)}});
    };
    const uint32_t lot = random.below(10);
    constexpr uint32_t kLength = AreaAllocator::kEdge;
    if (lot != 0 && lot < 8) {
        const uint32_t boundary = frame_boundary();
        map(first, boundary - page_size);
        area(boundary - kLength, kLength);
        aliases_.push_back({second - kLength, kLength, boundary - kLength});
    }
    if (lot > 3) {
        const uint32_t boundary = frame_boundary();
        map(second, boundary);
        area(boundary, kLength);
        aliases_.push_back({second, kLength, boundary});
    }
    return second - distance;
}

uint32_t CaseBuilder::large(unsigned length) {
    const uint32_t start = areas_.large(length);
    area(start, length);
    return start;
}

uint32_t CaseBuilder::at_frame(unsigned before) {
    // Boundaries of these two kinds are those of 4K frames.
    const uint32_t start = areas_.edge(random.chance(50) ? AreaAllocator::Edge::same_key
                                                         : AreaAllocator::Edge::into_fetch_protected);
    area(start - before, before + AreaAllocator::kEdge);
    return start;
}

void CaseBuilder::put(uint32_t address, const std::vector<uint8_t>& bytes) {
    for (uint32_t n = 0; n < bytes.size(); ++n) {
        uint32_t at = address + n;
        for (const Alias& alias : aliases_)
            if (at - alias.address < alias.length) {
                at = alias.real + (at - alias.address);
                break;
            }
        for (StorageBlock& a : test.areas)
            if (at >= a.address && at - a.address < a.bytes.size()) a.bytes[at - a.address] = bytes[n];
        if (test.uses_end && at >= kEnd - kEndLength && at < kEnd)
            test.areas.front().bytes[at - (kEnd - kEndLength)] = bytes[n];
    }
}

void CaseBuilder::put64(uint32_t address, uint64_t value) {
    std::vector<uint8_t> bytes(8);
    for (unsigned n = 0; n < 8; ++n) bytes[n] = static_cast<uint8_t>(value >> (56 - 8 * n));
    put(address, bytes);
}

void CaseBuilder::address(uint8_t& base, uint16_t& displacement, uint32_t target) {
    static constexpr uint16_t kDisplacements[] = {0, 1, 0xFFF, 0x800, 4, 0xFF8};
    displacement =
        random.chance(50) ? random.pick(kDisplacements) : static_cast<uint16_t>(random.below(4096));
    base = static_cast<uint8_t>(fresh_register(true));
    // Bits 0-7 of a base take no part in the address.
    const uint32_t high = random.chance(50) ? 0 : random.next32() & ~kAddressMask;
    set(base, ((target - displacement) & kAddressMask) | high);
}

void CaseBuilder::address(uint8_t& index, uint8_t& base, uint16_t& displacement, uint32_t target) {
    index = 0;
    if (random.chance(55)) return address(base, displacement, target);
    index = static_cast<uint8_t>(fresh_register(true));
    set(index, edge_word(random));
    address(base, displacement, target - get(index));
    if (random.chance(20)) {  // only an index
        set(index, target - displacement);
        base = 0;
    } else if (random.chance(30)) {
        std::swap(index, base);
    }
}

// ---- Code
// ----------------------------------------------------------------------------------------------------------

uint32_t CaseBuilder::branch_target() {
    if (random.chance(4)) return unavailable(kAddressMask);
    const uint32_t pad = slot_ + kPads + 2 * random.below(kPadCount);
    return random.chance(5) ? pad + 1 : pad;
}

void CaseBuilder::code(const std::vector<uint8_t>& bytes) {
    std::copy(bytes.begin(), bytes.end(), test.slot.begin() + code_length_);
    code_length_ += static_cast<unsigned>(bytes.size());
}

void CaseBuilder::subject(const isa::Decoded& instruction, bool by_execute) {
    std::vector<uint8_t> bytes(6);
    bytes.resize(isa::encode(instruction, bytes.data()));
    // Fields that the architecture ignores may hold anything.
    const isa::Format format = instruction.row().format;
    const bool ignores_second_digit = format == isa::Format::RR_R || format == isa::Format::RS_R;
    if (ignores_second_digit && random.chance(25)) bytes[1] |= static_cast<uint8_t>(random.below(16));
    if (format == isa::Format::SI_S && random.chance(25)) bytes[1] = random.byte();
    subject(bytes, by_execute);
}

void CaseBuilder::subject(std::vector<uint8_t> bytes, bool by_execute) {
    std::copy(bytes.begin(), bytes.end(), test.instruction.begin());
    test.by_execute = by_execute;
    if (!by_execute) return code(bytes);
    // EXECUTE ors the low byte of R1 to the second byte of its target; R1 = 0 leaves the target as it is.
    const unsigned r1 = random.chance(20) ? 0 : fresh_register(true);
    if (r1 != 0) {
        const uint8_t second = bytes[1];
        const uint8_t from_target = random.byte(), both = random.byte();
        bytes[1] = second & (from_target | both);
        set(r1, (random.next32() & ~0xFFu) | (second & (~from_target | both) & 0xFF));
    }
    const uint32_t target = slot_ + kTarget;
    std::copy(bytes.begin(), bytes.end(), test.slot.begin() + kTarget);
    isa::Decoded execute;
    execute.op = isa::Op::op_EX;
    execute.operands.r1 = static_cast<uint8_t>(r1);
    address(execute.operands.r2, execute.operands.b2, execute.operands.d2,
            random.chance(3)   ? target + 1
            : random.chance(2) ? unavailable(kAddressMask)
                               : target);
    std::vector<uint8_t> text(6);
    text.resize(isa::encode(execute, text.data()));
    code(text);
}

bool CaseBuilder::may_record_events() const {
    if (!psw.ec_mode || test.architecture != Architecture::s370) return false;
    // The judge does not report the events of SUPERVISOR CALL; with another prefix the driver would not get
    // control.
    const isa::Op op = test.decoded().op;
    return op != isa::Op::op_SVC && op != isa::Op::op_SPX;
}

void CaseBuilder::record_events() {
    psw.per = true;
    // The judge records no alteration of general registers.
    test.cr[9] = random.between(1, 7) << 29 | random.next32() >> 16;
    const auto watch = [this](uint32_t from, uint32_t to) {
        test.cr[10] = (from & kAddressMask) | (random.chance(50) ? 0 : random.next32() & ~kAddressMask);
        test.cr[11] = (to & kAddressMask) | (random.chance(50) ? 0 : random.next32() & ~kAddressMask);
    };
    // No area contains a SUPERVISOR CALL of the slot without the first instruction, which is recorded first.
    const uint32_t lot = random.below(10);
    if (lot < 4 && !test.areas.empty()) {  // an operand, or a part of it, or what is next to it
        const StorageBlock& area = test.areas[random.below(static_cast<uint32_t>(test.areas.size()))];
        const uint32_t start =
            test.uses_end && &area == &test.areas.front() ? kEnd - kEndLength : area.address;
        const auto length = static_cast<uint32_t>(area.bytes.size());
        const uint32_t from = start + random.below(length + 2) - 1;
        watch(from, random.chance(50) ? from + random.below(4) : start + length);
    } else if (lot < 7) {  // an instruction: here, or where EXECUTE finds it
        const bool target = test.by_execute && random.chance(50);
        const uint32_t start = target ? slot_ + kTarget : slot_, end = start + (target ? 6 : code_length_);
        const uint32_t from = random.between(start, end - 1);
        watch(from, random.chance(50) ? std::min(from + random.below(4), end - 1) : end - 1);
    } else if (lot < 8) {  // everything
        watch(0, kAddressMask);
    } else {  // over the end of storage: all but the slots before this one, or after some address
        const uint32_t address = random.chance(50) ? slot_ : random.next32() & ~(kSlotSize - 1);
        watch(address, address - 1 - kSlotSize * random.below(64));
    }
}

void CaseBuilder::finish() {
    if (test.architecture == Architecture::esa390) {  // there is no BC mode, and the driver sets no keys
        psw.ec_mode = true;
        psw.key = 0;
    }
    if (special_ == Place::low) test.cr[0] |= isa::kCr0LowAddressProtection;
    for (unsigned r = 0; r < 16; ++r)
        if (!is_set(r)) test.gpr[r] = edge_word(random);
    for (uint64_t& f : test.fpr) f = f == 0 ? edge_float(random) : f;
    const auto pad = [&](unsigned at, uint8_t number) { test.slot[at] = 0x0A, test.slot[at + 1] = number; };
    pad(code_length_, 1);
    for (unsigned n = 0; n < kPadCount; ++n) pad(kPads + 2 * n, static_cast<uint8_t>(2 + n));
    pad(kTarget + 6, 9);
    if (may_record_events() && random.chance(15)) record_events();
    test.psw = isa::encode(psw);
}

}  // namespace vmcp::conformance
