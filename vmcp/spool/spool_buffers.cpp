#include "vmcp/spool/spool_buffers.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "isa/ebcdic.hpp"

namespace vmcp {
namespace {

constexpr uint8_t kNoOperation = 0x03, kTransfer = 0x08;
constexpr uint8_t kChained = 0x60;  // command chaining, suppress length indication
constexpr uint32_t kLink = 16;      // what stands in front of the records
constexpr uint32_t kCcw = 8;
constexpr uint32_t kTag = 136;    // bytes of the tag record
constexpr uint32_t kOf3800 = 48;  // that the end of the first buffer keeps for a 3800

void put(uint8_t* out, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) out[i] = static_cast<uint8_t>(value >> (8 * (bytes - 1 - i)));
}

void put_text(uint8_t* out, std::string_view text, size_t length) {
    for (size_t i = 0; i < length; ++i) out[i] = isa::to_ebcdic(i < text.size() ? text[i] : ' ');
}

void put_ccw(uint8_t* out, uint8_t command, uint32_t address, uint8_t flags, uint32_t count) {
    put(out, uint64_t{command} << 56 | uint64_t{address} << 32 | uint64_t{flags} << 24 | count, 8);
}

/// Where a page would lie: in the place of a device's address the file and the page in it, from 1. 0: none.
uint32_t location(const SpoolFile& file, size_t page) {
    return file.number << 16 | static_cast<uint32_t>(page + 1);
}

/// What a record moves, as far as a page can hold it.
std::span<const uint8_t> data_of(const SpoolRecord& record) {
    constexpr size_t kMost = sizeof(SpoolBuffer) - kLink - 3 * kCcw;
    return record.data.first(std::min(record.data.size(), kMost));
}

/// What moves data takes its CCW, a transfer to the next one, and the data; what moves none its CCW.
uint32_t room_for(size_t bytes) {
    return bytes == 0 ? kCcw : 2 * kCcw + static_cast<uint32_t>((bytes + kCcw - 1) / kCcw * kCcw);
}

/// Where in the pages of a file its records come to stand, one behind the other.
struct Place {
    size_t page = 0;
    uint32_t at = kLink;

    /// Room is left for one more CCW at the end of each page.
    uint32_t take(size_t bytes) {
        const uint32_t end = static_cast<uint32_t>(sizeof(SpoolBuffer)) - (page == 0 ? kOf3800 : 0);
        if (at + room_for(bytes) + kCcw > end) {
            ++page;
            at = kLink;
        }
        return std::exchange(at, at + room_for(bytes));
    }
};

size_t page_count(const SpoolFile& file) {
    Place place;
    place.take(kTag);
    for (const SpoolRecord& record : file.records) place.take(data_of(record).size());
    return place.page + 1;
}

void put_record(SpoolBuffer& page, uint32_t at, uint8_t command, std::span<const uint8_t> data) {
    const uint32_t from = data.empty() ? 0 : at + 2 * kCcw;
    put_ccw(&page[at], command, from, kChained, std::max<uint32_t>(static_cast<uint32_t>(data.size()), 1));
    if (data.empty()) return;
    put_ccw(&page[at + kCcw], kTransfer, at + room_for(data.size()), 0, 1);
    std::copy(data.begin(), data.end(), page.begin() + from);
}

uint8_t type_code(const SpoolFile& file) {
    if (file.origin == SpoolOrigin::punch) return file.device.starts_with("3525") ? 0x84 : 0x82;
    return file.device.starts_with("3211") ? 0x42 : 0x41;
}

}  // namespace

std::vector<SpoolBuffer> spool_buffers(const SpoolFile& file) {
    std::vector<SpoolBuffer> pages(page_count(file), SpoolBuffer{});
    std::vector<uint32_t> records(pages.size());
    Place place;
    const std::vector<uint8_t> tag(kTag, isa::kEbcdicBlank);
    put_record(pages[0], place.take(tag.size()), kNoOperation, tag);
    for (const SpoolRecord& record : file.records) {
        const auto data = data_of(record);
        const uint32_t at = place.take(data.size());
        put_record(pages[place.page], at, record.command, data);
        ++records[place.page];
    }
    for (size_t i = 0; i < pages.size(); ++i) {
        put(&pages[i][0], i + 1 < pages.size() ? location(file, i + 1) : 0, 4);
        put(&pages[i][4], i > 0 ? location(file, i - 1) : 0, 4);
        put(&pages[i][12], records[i], 4);
    }
    put(&pages[0][0xFF8], file.number, 2);
    return pages;
}

SpoolBlock spool_block(const SpoolFile& file, std::string_view date, std::string_view time) {
    constexpr uint8_t kInUse = 0x80, kComplete = 0x40, kUserHold = 0x20;
    constexpr uint8_t kNotEmpty = 0x20;
    size_t longest = 0;
    for (const SpoolRecord& record : file.records) longest = std::max(longest, record.data.size());
    SpoolBlock block{};
    put(&block[0x04], location(file, 0), 4);
    put_text(&block[0x08], file.owner, 8);
    put_text(&block[0x10], file.from, 8);
    put(&block[0x18], file.lines(), 4);
    put(&block[0x1C], longest, 2);
    put(&block[0x1E], file.number, 2);
    block[0x20] = static_cast<uint8_t>((file.in_use ? kInUse : 0) | kComplete | (file.hold ? kUserHold : 0));
    block[0x21] = type_code(file);
    put_text(&block[0x28], file.name, 12);
    put_text(&block[0x34], file.type, 12);
    put_text(&block[0x40], date, 8);
    put_text(&block[0x48], time, 8);
    put(&block[0x50], location(file, page_count(file) - 1), 4);
    put(&block[0x54], file.copies, 2);
    block[0x56] = isa::to_ebcdic(file.spool_class);
    block[0x57] = kNotEmpty;
    put_text(&block[0x58], file.from, 8);  // there are no distribution codes
    block[0x64] = 1;
    return block;
}

}  // namespace vmcp
