#include "simulation/machine/io_table.hpp"

namespace simulation {

void IoZone::purge() { remembered_.fill({}); }

/// The entry of the page, from memory if that allows what is needed.
uint32_t IoZone::look_up(uint32_t page, uint32_t needed) {
    Entry& entry = remembered_[page % remembered_.size()];
    if (entry.page == page && (entry.word & needed) != 0) return entry.word;
    ++walks_;
    constexpr uint32_t kTablePages = kIoTableBytes / 4;
    const uint32_t table = storage_.get32(directory_ + page / kTablePages * 4);
    if (table == 0) return 0;
    entry = {page, storage_.get32(table + page % kTablePages * 4)};
    return entry.word;
}

IoZone::Place IoZone::translate(uint32_t address, bool storing) {
    const uint32_t needed = storing ? kIoMayStore : kIoMayFetch;
    const uint32_t word = address < size() ? look_up(address / kIoPage, needed) : 0;
    const uint32_t real = (word & ~(kIoPage - 1)) | address % kIoPage;
    const bool mapped = (word & (kIoMayFetch | kIoMayStore)) != 0 && storage_.valid(real);
    if (mapped && (word & needed) != 0) return {ChannelAccess::ok, real};
    on_refused(
        {mapped ? RefusedAccess::Why::not_permitted : RefusedAccess::Why::not_mapped, address, storing});
    return {mapped ? ChannelAccess::protection : ChannelAccess::addressing, 0};
}

// An access lies within a block of 2K, and so within a page.
ChannelAccess IoZone::fetch(uint32_t address, uint8_t* out, uint32_t length, uint8_t key) {
    const auto [access, real] = translate(address, false);
    return access == ChannelAccess::ok ? behind_.fetch(real, out, length, key) : access;
}

ChannelAccess IoZone::store(uint32_t address, const uint8_t* in, uint32_t length, uint8_t key) {
    const auto [access, real] = translate(address, true);
    return access == ChannelAccess::ok ? behind_.store(real, in, length, key) : access;
}

}  // namespace simulation
