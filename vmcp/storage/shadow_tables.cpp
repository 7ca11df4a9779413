#include "vmcp/storage/shadow_tables.hpp"

#include <algorithm>

#include "vmcp/storage/guest_storage.hpp"

namespace vmcp {
namespace {

constexpr uint32_t kSegments = 256;
constexpr uint32_t kPageTableBytes = 64;
constexpr uint32_t kSegmentInvalid = 1;

isa::TranslationFormat shadow_format(isa::TranslationFormat guest) { return {guest.page_shift, 16}; }

/// Where the guest's page table begins, by one of its entries.
uint32_t page_table_of(isa::TranslationFormat guest, ThirdLevel a, SecondLevel entry) {
    return (entry.value - guest.page_index(a.value) * 2) & isa::kAddressMask;
}

}  // namespace

ShadowTables::~ShadowTables() {
    for (Set& set : sets_) {
        empty(set);
        frames_.give_back_table(FirstLevel(set.segment_table), kSegments * 4);
    }
    for (const uint32_t table : free_page_tables_)
        frames_.give_back_table(FirstLevel(table), kPageTableBytes);
}

uint32_t ShadowTables::take(uint32_t bytes, uint32_t alignment, std::vector<uint32_t>& pool) {
    if (!pool.empty()) {
        const uint32_t at = pool.back();
        pool.pop_back();
        return at;
    }
    const auto at = frames_.take_table(bytes, alignment);
    if (!at) throw RealStorageExhausted{};
    return at->value;
}

ShadowTables::Designation ShadowTables::activate(isa::TranslationFormat format, uint32_t guest_cr1,
                                                 bool secondary) {
    size_t& active = active_[secondary ? 1 : 0];
    const auto mine = [&](const Set& set) { return set.guest_cr1 == guest_cr1 && set.format == format; };
    auto it = active < sets_.size() && mine(sets_[active]) ? sets_.begin() + static_cast<ptrdiff_t>(active)
                                                           : std::find_if(sets_.begin(), sets_.end(), mine);
    bool reused = false;
    if (it == sets_.end()) {
        if (sets_.size() < capacity_) {
            Set set;
            std::vector<uint32_t> none;
            set.segment_table = take(kSegments * 4, 64, none);
            for (uint32_t s = 0; s < kSegments; ++s)
                frames_.storage().put32(set.segment_table + 4 * s, kSegmentInvalid);
            sets_.push_back(std::move(set));
            it = sets_.end() - 1;
        } else {
            it = std::min_element(sets_.begin(), sets_.end(),
                                  [](const Set& a, const Set& b) { return a.last_use < b.last_use; });
            empty(*it);
            reused = true;
        }
        it->format = format;
        it->guest_cr1 = guest_cr1;
    }
    it->last_use = ++uses_;
    active = static_cast<size_t>(it - sets_.begin());
    const uint32_t page_size = format.page_shift == 12 ? isa::kCr0PageSize4K : isa::kCr0PageSize2K;
    return {page_size, (kSegments / 16 - 1) << 24 | it->segment_table, reused};
}

void ShadowTables::fill(ThirdLevel a, FirstLevel frame, SecondLevel guest_entry, bool secondary) {
    Set& set = sets_[active_[secondary ? 1 : 0]];
    simulation::RealStorage& storage = frames_.storage();
    const isa::TranslationFormat format = shadow_format(set.format);
    const uint32_t segment = format.segment_index(a.value);
    const uint32_t segment_entry = set.segment_table + segment * 4;
    const uint32_t guest_table = page_table_of(set.format, a, guest_entry);
    if (storage.get32(segment_entry) & kSegmentInvalid) {
        const uint32_t table = take(kPageTableBytes, kPageTableBytes, free_page_tables_);
        for (uint32_t i = 0; i < format.pages_per_segment(); ++i)
            storage.put16(table + 2 * i, format.invalid_bit());
        storage.put32(segment_entry, 0xF0000000 | table);
        set.used_segments.push_back({static_cast<uint8_t>(segment), guest_table});
    } else {
        const auto used = std::find_if(set.used_segments.begin(), set.used_segments.end(),
                                       [&](const Segment& s) { return s.index == segment; });
        if (used->guest_page_table != guest_table) used->guest_page_table = kSeveral;
    }
    const uint32_t page_entry = (storage.get32(segment_entry) & 0x00FFFFF8) + format.page_index(a.value) * 2;
    if (storage.get16(page_entry) & format.invalid_bit()) {
        ++set.entries;
        ++entries_;
    }
    storage.put16(page_entry, isa::page_table_entry(format, frame.value));
}

std::optional<FirstLevel> ShadowTables::find(ThirdLevel a) const {
    if (active_[0] >= sets_.size()) return std::nullopt;
    const Set& set = sets_[active_[0]];
    const simulation::RealStorage& storage = frames_.storage();
    const isa::TranslationFormat format = shadow_format(set.format);
    const uint32_t segment = storage.get32(set.segment_table + format.segment_index(a.value) * 4);
    if (segment & kSegmentInvalid) return std::nullopt;
    const uint16_t entry = storage.get16((segment & 0x00FFFFF8) + format.page_index(a.value) * 2);
    if (entry & format.invalid_bit()) return std::nullopt;
    return FirstLevel(isa::frame_of_entry(format, entry) | (a.value & format.page_mask()));
}

bool ShadowTables::has_table(ThirdLevel a, bool secondary) const {
    const Set& set = sets_[active_[secondary ? 1 : 0]];
    const uint32_t segment = shadow_format(set.format).segment_index(a.value);
    return (frames_.storage().get32(set.segment_table + segment * 4) & kSegmentInvalid) == 0;
}

void ShadowTables::empty(Set& set) {
    for (const Segment& segment : set.used_segments) {
        const uint32_t at = set.segment_table + uint32_t{segment.index} * 4;
        free_page_tables_.push_back(frames_.storage().get32(at) & 0x00FFFFF8);
        frames_.storage().put32(at, kSegmentInvalid);
    }
    set.used_segments.clear();
    entries_ -= set.entries;
    set.entries = 0;
}

uint64_t ShadowTables::purge() {
    const uint64_t valid = entries_;
    for (Set& set : sets_) empty(set);
    return valid;
}

void ShadowTables::purge_page(isa::TranslationFormat guest, ThirdLevel a, SecondLevel guest_entry) {
    const uint32_t guest_table = page_table_of(guest, a, guest_entry);
    for (Set& set : sets_) {
        if (!(set.format == guest)) continue;
        const isa::TranslationFormat format = shadow_format(guest);
        // The guest named a page table and a page index: segments that were formed from this table are
        // concerned, one or several.
        for (const Segment& segment : set.used_segments) {
            if (segment.guest_page_table != guest_table && segment.guest_page_table != kSeveral) continue;
            const uint32_t guest_segment_pages = guest.pages_per_segment();
            const uint32_t first = uint32_t{segment.index} * format.pages_per_segment();
            const uint32_t index = guest.page_index(a.value);
            if (index / format.pages_per_segment() !=
                first % guest_segment_pages / format.pages_per_segment())
                continue;
            const uint32_t table =
                frames_.storage().get32(set.segment_table + uint32_t{segment.index} * 4) & 0x00FFFFF8;
            const uint32_t entry = table + index % format.pages_per_segment() * 2;
            if (frames_.storage().get16(entry) & format.invalid_bit()) continue;
            frames_.storage().put16(entry, format.invalid_bit());
            --set.entries;
            --entries_;
        }
    }
}

uint64_t ShadowTables::purge_frame(FirstLevel frame) {
    simulation::RealStorage& storage = frames_.storage();
    uint64_t purged = 0;
    for (Set& set : sets_) {
        const isa::TranslationFormat format = shadow_format(set.format);
        for (const Segment& segment : set.used_segments) {
            const uint32_t table =
                storage.get32(set.segment_table + uint32_t{segment.index} * 4) & 0x00FFFFF8;
            for (uint32_t i = 0; i < format.pages_per_segment(); ++i) {
                const uint16_t entry = storage.get16(table + 2 * i);
                if (entry & format.invalid_bit() ||
                    isa::frame_of_entry(format, entry) / kPage != frame.value / kPage)
                    continue;
                storage.put16(table + 2 * i, format.invalid_bit());
                --set.entries;
                ++purged;
            }
        }
    }
    entries_ -= purged;
    return purged;
}

}  // namespace vmcp
