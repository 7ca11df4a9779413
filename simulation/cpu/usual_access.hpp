// The short way of an access that is not in the access cache: what nearly always is so, without anything to
// tell of. It comes to what Cpu::resolve comes to, which does the rest. Programs with many pages are as fast
// as the TLB miss in it, which is therefore inlined where it is asked for, calls nothing, and stores last.
#pragma once

#include "simulation/cpu/cpu.hpp"

namespace simulation {

// The PSW has the address behind what is executed.
inline bool Cpu::may_be_code(uint32_t page) const {
    constexpr uint32_t kPage = isa::kAddressMask & ~(2 * kBlock - 1);
    return code_blocks_.any_of_page(page) || ((page ^ (state_.psw.address - 1)) & kPage) == 0;
}

/// A TLB miss that leads to a page. False: it was none, or not all is usual; at most the TLB has been filled.
[[gnu::always_inline]] inline bool Cpu::walk_usually(uint32_t logical, uint8_t used, const View& view,
                                                     uint8_t*& place) {
    constexpr isa::TranslationFormat kUsual{};
    const UsualTables& tables = *view.tables;
    if (!tables.translates(logical) || context_is_old_) [[unlikely]]
        return false;
    const uint32_t page = logical & ~kUsual.page_mask();
    const Tlb::Set set = tlb_.set_of(logical, kUsual.page_shift);
    if (set.find(page | view.space(), page | common_) != nullptr) [[unlikely]]
        return false;
    const uint32_t evicted = set.oldest_page();
    if (may_be_code(evicted)) [[unlikely]]
        return false;

    const uint32_t segment = tables.segment_entry(logical);
    const uint32_t index = logical >> 12 & 0xF;
    if ((segment & 0x0F000001) != 0 || index > segment >> 28) [[unlikely]]
        return false;
    const uint32_t at = ((segment & 0x00FFFFF8) + index * 2) & isa::kAddressMask;
    if (!tables.is_plain(at)) [[unlikely]]
        return false;
    const uint32_t entry = UsualTables::page_entry(base_ + at);
    const uint32_t frame = (entry & 0xFFF0) << 8 | (entry & 0x6) << 23;
    if ((entry & tables.refused_bits) != 0 || !tables.is_plain(frame)) [[unlikely]]
        return false;
    const uint32_t absolute = frame | (logical & kUsual.page_mask()), block = absolute / kBlock;
    place = base_ + absolute;

    ++counters_.tlb_misses;
    counters_.table_references += UsualTables::kReferences;
    counters_.table_walk_time += tables.walk_ns;
    time_ += tables.walk_ns;
    access_.forget_page(evicted);  // one that is invalid, too: less is asked so
    set.replace_oldest({page | ((segment & 2) != 0 ? tables.common : view.space()), frame});

    const uint8_t before = keys_[block], now = before | used;
    if (view.key() != 0 && view.key() != before >> 4) [[unlikely]]
        return false;
    // The access cache has nothing of a page that was not in the TLB.
    const uint32_t tag = (logical & ~(kBlock - 1)) | view.context;
    access_.slot_to_fill(logical, block) = {tag, (now & kKeyChanged) != 0 ? tag : AccessEntry::kNone,
                                            base_ + block * kBlock};
    if (now != before) keys_[block] = now;
    return true;
}

[[gnu::always_inline]] inline bool Cpu::bring_usual_to_hand(uint32_t a, unsigned n, uint8_t used) {
    if ((a & (kBlock - 1)) + n > kBlock) return false;
    uint8_t* place;
    if (walk_usually(a, used, operands_, place)) [[likely]]
        return true;
    return bring_without_walk(a, n, used);
}

}  // namespace simulation
