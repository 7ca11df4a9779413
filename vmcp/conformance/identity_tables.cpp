#include "vmcp/conformance/identity_tables.hpp"

#include "isa/psw.hpp"
#include "isa/state.hpp"
#include "vmcp/conformance/image_layout.hpp"

namespace vmcp::conformance {
namespace {

struct Format {
    uint32_t page_size, segment_size, origin;
    uint32_t segments() const { return 0x1000000 / segment_size; }
    uint32_t pages() const { return segment_size / page_size; }
};
constexpr uint32_t kSpace = 0x8000;  // bytes for the tables of one format
constexpr Format kFormats[] = {{2048, 0x10000, kTranslationTables},
                               {4096, 0x10000, kTranslationTables + kSpace},
                               {2048, 0x100000, kTranslationTables + 2 * kSpace},
                               {4096, 0x100000, kTranslationTables + 3 * kSpace}};
static_assert(kTranslationTables + 4 * kSpace <= kRecords);

}  // namespace

void write_identity_tables(std::vector<uint8_t>& storage) {
    const auto put16 = [&](uint32_t at, uint32_t value) {
        storage[at] = static_cast<uint8_t>(value >> 8), storage[at + 1] = static_cast<uint8_t>(value);
    };
    for (const Format& f : kFormats) {
        for (uint32_t segment = 0; segment < f.segments(); ++segment) {
            const uint32_t table = f.origin + 0x400 + segment * f.pages() * 2;
            const bool there = segment * f.segment_size < kEnd;
            const uint32_t entry = there ? 0xF0000000 | table : 1;
            put16(f.origin + 4 * segment, entry >> 16);
            put16(f.origin + 4 * segment + 2, entry);
            for (uint32_t page = 0; there && page < f.pages(); ++page) {
                const uint32_t frame = segment * f.segment_size + page * f.page_size;
                put16(table + 2 * page, frame >> 8);
            }
        }
    }
}

void use_identity_tables(Random& random, std::array<uint32_t, 16>& control_registers) {
    const Format& f = random.pick(kFormats);
    control_registers[0] = (f.page_size == 2048 ? isa::kCr0PageSize2K : isa::kCr0PageSize4K) |
                           (f.segment_size == 0x100000 ? isa::kCr0Segment1M : 0);
    control_registers[1] = (f.segments() / 16 - 1) << 24 | f.origin;
}

}  // namespace vmcp::conformance
