#include "simulation/cpu/usual_access.hpp"

#include <algorithm>

namespace simulation {
namespace {

constexpr uint32_t kFormatMask = isa::kCr0PageSizeMask | isa::kCr0SegmentSizeMask;

}  // namespace

uint8_t* Cpu::admit(uint32_t logical, uint32_t absolute, bool storing, const View& view) {
    const uint8_t key = in_.storage.key(absolute);
    const bool matches = view.key() == 0 || view.key() == key >> 4;
    const bool low_protected = state_.cr[0] & isa::kCr0LowAddressProtection && logical < kBlock;
    if (storing ? !matches || (low_protected && logical < 512) : !matches && (key & kKeyFetchProtected) != 0)
        return nullptr;
    const uint8_t used = storing ? kKeyReferenced | kKeyChanged : kKeyReferenced;
    if ((key & used) != used) in_.storage.mark_used(absolute, used);
    // What is changed already may be stored into without another look.
    const bool changed = storing || (key & kKeyChanged) != 0;

    uint8_t* const host = base_ + (absolute & ~(kBlock - 1));
    const uint32_t tag = (logical & ~(kBlock - 1)) | view.context;
    AccessEntry& e = access_.slot_to_fill(logical, absolute / kBlock);
    const bool keeps = e.host == host && (e.read_tag == tag || e.write_tag == tag);
    const uint32_t read_tag = !storing || matches ? tag : AccessEntry::kNone;
    const uint32_t write_tag = changed && matches && !low_protected ? tag : AccessEntry::kNone;
    if (!keeps || read_tag == tag) e.read_tag = read_tag;
    if (!keeps || write_tag == tag) e.write_tag = write_tag;
    e.host = host;
    return base_ + absolute;
}

/// For the present context. False: what it has is not usual.
bool Cpu::find_usual_tables(const View& view) {
    if (!state_.psw.dat || (state_.cr[0] & kFormatMask) != isa::kCr0PageSize4K) return false;
    if (preferred_.limit != 0 || host_table_ != 0) return false;
    UsualTables& tables = *view.tables;
    // Page zero and the prefix area are each other's. The greater of the parts that are neither.
    const uint32_t size = in_.storage.size();
    tables.plain_from = 0;
    tables.plains = size;
    if (state_.prefix != 0) {
        constexpr uint32_t kArea = 4096;
        const uint32_t below = std::min(state_.prefix, size), above = std::min(state_.prefix + kArea, size);
        const bool is_below = below - kArea > size - above;
        tables.plain_from = is_below ? kArea : above;
        tables.plains = is_below ? below - kArea : size - above;
    }
    const uint32_t blocks = std::min((view.designation >> 24) + 1, 16u);  // of 16 segments
    const uint32_t origin = view.designation & 0x00FFFFC0, last = origin + blocks * 64 - 1;
    if (last > isa::kAddressMask || !tables.is_plain(origin) || !tables.is_plain(last)) return false;
    tables.segments = base_ + origin;
    tables.refused_bits = extended_real() ? 0x8 : 0xE;
    tables.common =
        common_ != kNothingCommon && facilities().has(isa::Facility::extended) ? common_ : view.space();
    tables.walk_ns = in_.model.table_reference_ns.value * SimTime{UsualTables::kReferences};
    tables.from = (state_.cr[0] & isa::kCr0LowAddressProtection) != 0 ? kBlock : 0;
    tables.length = blocks * kMebibyte - tables.from;
    return true;
}

uint8_t* Cpu::resolve_usual(uint32_t logical, uint8_t used, const View& view) {
    uint8_t* place;
    if (walk_usually(logical, used, view, place)) [[likely]]
        return place;
    return resolve_without_walk(logical, used, view);
}

/// What is in the TLB, or not translated.
[[gnu::noinline]] uint8_t* Cpu::resolve_without_walk(uint32_t logical, uint8_t used, const View& view) {
    constexpr isa::TranslationFormat kUsual{};
    if (guest_ != nullptr) return nullptr;
    uint32_t real = logical;
    if (state_.psw.dat) {
        if ((state_.cr[0] & kFormatMask) != isa::kCr0PageSize4K) return nullptr;
        const uint32_t page = logical & ~kUsual.page_mask();
        if (const auto* entry = tlb_.find(logical, kUsual.page_shift, page | view.space(), page | common_))
            real = entry->frame | (logical & kUsual.page_mask());
        else if (uint8_t * place; !context_is_old_ && view.tables->length == 0 && find_usual_tables(view) &&
                                  walk_usually(logical, used, view, place))
            return place;
        else
            return nullptr;
    }
    const uint32_t a = prefixed(real, state_.prefix);
    return in_.storage.valid(a) ? admit(logical, a, (used & kKeyChanged) != 0, view) : nullptr;
}

[[gnu::noinline]] bool Cpu::bring_without_walk(uint32_t a, unsigned n, uint8_t used) {
    return resolve_without_walk(a, used, operands_) != nullptr && is_cached(a, n, (used & kKeyChanged) != 0);
}

uint8_t* Cpu::resolved(uint32_t logical, bool storing, const View& view) {
    logical &= isa::kAddressMask;
    const uint8_t used = storing ? kKeyReferenced | kKeyChanged : kKeyReferenced;
    if (uint8_t* const usual = resolve_usual(logical, used, view)) [[likely]]
        return usual;
    const Checked<uint8_t*> place = resolve(logical, storing, view);
    if (place.refused()) raise(place.check);
    return place.value;
}

}  // namespace simulation
