#include "vmcp/conformance/identity_tables.hpp"

#include "isa/state.hpp"

namespace vmcp::conformance {
namespace {

struct Format {
    uint32_t page_size, segment_size, origin;
    constexpr uint32_t segments() const { return 0x1000000 / segment_size; }
    constexpr uint32_t pages() const { return segment_size / page_size; }
    constexpr uint32_t page_table(uint32_t segment) const { return origin + 0x400 + segment * pages() * 2; }
    constexpr uint16_t invalid() const { return page_size == 2048 ? 0x0004 : 0x0008; }
};
constexpr uint32_t kSpace = 0x8000;  // bytes for the tables of one format
constexpr Format kFormats[kTableFormats] = {{2048, 0x10000, kTranslationTables},
                                            {4096, 0x10000, kTranslationTables + kSpace},
                                            {2048, 0x100000, kTranslationTables + 2 * kSpace},
                                            {4096, 0x100000, kTranslationTables + 3 * kSpace}};
static_assert(kTranslationTables + kTableFormats * kSpace <= kRecords);

}  // namespace

void write_identity_tables(std::vector<uint8_t>& storage) {
    const auto put16 = [&](uint32_t at, uint32_t value) {
        storage[at] = static_cast<uint8_t>(value >> 8), storage[at + 1] = static_cast<uint8_t>(value);
    };
    for (const Format& f : kFormats) {
        for (uint32_t segment = 0; segment < f.segments(); ++segment) {
            const bool there = segment * f.segment_size < kAliasesEnd;
            const uint32_t entry = there ? 0xF0000000 | f.page_table(segment) : 1;
            put16(f.origin + 4 * segment, entry >> 16);
            put16(f.origin + 4 * segment + 2, entry);
            for (uint32_t page = 0; there && page < f.pages(); ++page) {
                const uint32_t frame = segment * f.segment_size + page * f.page_size;
                put16(f.page_table(segment) + 2 * page, frame < kEnd ? page_entry(frame) : f.invalid());
            }
        }
    }
}

void use_identity_tables(unsigned format, std::array<uint32_t, 16>& control_registers) {
    const Format& f = kFormats[format];
    control_registers[0] = (f.page_size == 2048 ? isa::kCr0PageSize2K : isa::kCr0PageSize4K) |
                           (f.segment_size == 0x100000 ? isa::kCr0Segment1M : 0);
    control_registers[1] = (f.segments() / 16 - 1) << 24 | f.origin;
}

uint32_t page_size_of(unsigned format) { return kFormats[format].page_size; }

uint32_t page_entry_address(unsigned format, uint32_t address) {
    const Format& f = kFormats[format];
    return f.page_table(address / f.segment_size) + address % f.segment_size / f.page_size * 2;
}

}  // namespace vmcp::conformance
