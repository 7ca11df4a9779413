#include "vmcp/guest_storage.hpp"

#include <stdexcept>

namespace vmcp {
namespace {

constexpr uint32_t kSegment = 0x10000;
constexpr uint32_t kPagesPerSegment = kSegment / kPage;
constexpr uint32_t kSegmentInvalid = 1;
constexpr uint16_t kPageInvalid = 0x0008;

uint16_t entry_of(uint32_t frame) { return isa::page_table_entry(isa::TranslationFormat{}, frame); }
uint32_t frame_of(uint16_t entry) { return (entry & 0xFFF0u) << 8 | (entry >> 1 & 3u) << 24; }

}  // namespace

GuestStorage::GuestStorage(FrameTable& frames, uint32_t size) : frames_(frames), size_(size) {
    const uint32_t segments = (size + kSegment - 1) / kSegment;
    const uint32_t blocks = (segments + 15) / 16;  // a segment table comes in blocks of 16 entries
    const auto table = frames_.take_table(blocks * 64, 64);
    if (!table) throw std::runtime_error("real storage has no room for another segment table");
    segment_table_ = table->value;
    for (uint32_t i = 0; i < blocks * 16; ++i) real().put32(segment_table_ + 4 * i, kSegmentInvalid);
    cr1_ = (blocks - 1) << 24 | segment_table_;
}

GuestStorage::~GuestStorage() {
    for (uint32_t a = 0; a < size_; a += kPage)
        if (const auto frame = locate(SecondLevel(a))) frames_.give_back(*frame);
}

std::optional<uint32_t> GuestStorage::page_entry(SecondLevel a) const {
    const uint32_t segment = real().get32(segment_table_ + a.value / kSegment * 4);
    if (segment & kSegmentInvalid) return std::nullopt;
    return (segment & 0x00FFFFF8) + a.value % kSegment / kPage * 2;
}

std::optional<FirstLevel> GuestStorage::locate(SecondLevel a) const {
    const auto at = page_entry(a);
    if (!at) return std::nullopt;
    const uint16_t entry = real().get16(*at);
    if (entry & kPageInvalid) return std::nullopt;
    return FirstLevel(frame_of(entry) | a.value % kPage);
}

bool GuestStorage::fill(SecondLevel a) {
    auto at = page_entry(a);
    if (!at) {
        const auto table = frames_.take_table(kPagesPerSegment * 2, 8);
        if (!table) return !(exhausted_ = true);
        for (uint32_t i = 0; i < kPagesPerSegment; ++i) real().put16(table->value + 2 * i, kPageInvalid);
        // Page-table length 15: all 16 entries. Pages beyond the guest's storage are never filled.
        real().put32(segment_table_ + a.value / kSegment * 4, 0xF0000000 | table->value);
        at = page_entry(a);
    }
    const auto frame = frames_.take_page();
    if (!frame) return !(exhausted_ = true);
    real().put16(*at, entry_of(frame->value));
    ++resident_;
    on_fill();
    if (!keys_of_absent_pages_.empty()) {
        const uint32_t block = a.value / kPage * 2;
        real().set_key(frame->value, keys_of_absent_pages_[block]);
        real().set_key(frame->value + simulation::kBlock, keys_of_absent_pages_[block + 1]);
    }
    return true;
}

FirstLevel GuestStorage::move_below_16m(SecondLevel a) {
    const SecondLevel page(a.value & ~(kPage - 1));
    const FirstLevel from = resident(page);
    const auto to = frames_.take_low_page();
    if (!to) throw RealStorageExhausted{};
    real().put(to->value, real().at(from.value), kPage);
    for (uint32_t half : {0u, simulation::kBlock})
        real().set_key(to->value + half, real().key(from.value + half));
    real().put16(*page_entry(page), entry_of(to->value));
    frames_.give_back(from);
    return FirstLevel(to->value | a.value % kPage);
}

uint8_t GuestStorage::key(SecondLevel a) const {
    if (const auto real_address = locate(a)) return real().key(real_address->value);
    return keys_of_absent_pages_.empty() ? 0 : keys_of_absent_pages_[a.value / simulation::kBlock];
}

void GuestStorage::set_key(SecondLevel a, uint8_t key) {
    if (const auto real_address = locate(a)) return real().set_key(real_address->value, key);
    if (keys_of_absent_pages_.empty()) {
        if (key == 0) return;
        keys_of_absent_pages_.resize(size_ / simulation::kBlock);
    }
    keys_of_absent_pages_[a.value / simulation::kBlock] = key;
}

void GuestStorage::exchange(uint32_t page_a, uint32_t page_b) {
    if (page_a == page_b) return;
    for (uint32_t page : {page_a, page_b}) resident(SecondLevel(page));
    const uint32_t at_a = *page_entry(SecondLevel(page_a)), at_b = *page_entry(SecondLevel(page_b));
    const uint16_t a = real().get16(at_a), b = real().get16(at_b);
    real().put16(at_a, b);
    real().put16(at_b, a);
}

void GuestStorage::change_prefix(uint32_t old_prefix, uint32_t prefix) {
    exchange(0, old_prefix);
    exchange(0, prefix);
}

}  // namespace vmcp
