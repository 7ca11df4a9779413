// Dynamic address translation: the algorithm of GA22-7000 chapter 3, "Translation Process", over whatever
// memory the tables lie in. Used by the real CPU (tables in real storage) and by the control program (a
// guest's tables in second-level storage), so that both translate alike.
#pragma once

#include <cstdint>
#include <optional>

#include "isa/interruption.hpp"
#include "isa/state.hpp"

namespace isa {

/// The translation format that control register 0 selects.
struct TranslationFormat {
    unsigned page_shift = 12;     // 11 or 12
    unsigned segment_shift = 16;  // 16 or 20

    /// Empty where CR0 bits 8-12 are an invalid combination.
    static constexpr std::optional<TranslationFormat> of(uint32_t cr0) {
        TranslationFormat f;
        switch (cr0 & kCr0PageSizeMask) {
            case kCr0PageSize2K: f.page_shift = 11; break;
            case kCr0PageSize4K: f.page_shift = 12; break;
            default: return std::nullopt;
        }
        switch (cr0 & kCr0SegmentSizeMask) {
            case 0: f.segment_shift = 16; break;
            case kCr0Segment1M: f.segment_shift = 20; break;
            default: return std::nullopt;
        }
        return f;
    }

    constexpr uint32_t page_mask() const { return (1u << page_shift) - 1; }
    constexpr unsigned page_index_bits() const { return segment_shift - page_shift; }
    constexpr uint32_t pages_per_segment() const { return 1u << page_index_bits(); }
    constexpr uint32_t segment_index(uint32_t address) const {
        return (address & kAddressMask) >> segment_shift;
    }
    constexpr uint32_t page_index(uint32_t address) const {
        return (address >> page_shift) & (pages_per_segment() - 1);
    }
    /// The invalid bit of a page-table entry: bit 12 with 4K pages, bit 13 with 2K pages.
    constexpr uint16_t invalid_bit() const { return page_shift == 12 ? 0x0008 : 0x0004; }
    bool operator==(const TranslationFormat&) const = default;
};

/// A valid page-table entry for a frame on a page boundary. Frames above 16 MiB need 4K pages (extended real
/// addressing).
constexpr uint16_t page_table_entry(TranslationFormat format, uint32_t frame) {
    const uint32_t low = frame >> 8 & (format.page_shift == 12 ? 0xFFF0u : 0xFFF8u);
    return static_cast<uint16_t>(low | (format.page_shift == 12 ? (frame >> 24 & 3) << 1 : 0));
}

/// The frame that a valid page-table entry names, on a page boundary; the inverse of page_table_entry.
constexpr uint32_t frame_of_entry(TranslationFormat format, uint16_t entry) {
    return format.page_shift == 12 ? (entry & 0xFFF0u) << 8 | (entry >> 1 & 3u) << 24
                                   : (entry & 0xFFF8u) << 8;
}

/// The outcome of a translation. `problem` empty: `real` is the real address.
/// segment_translation and page_translation name the entry's address too, which LRA delivers.
struct Translation {
    enum class Cause : uint8_t { none, segment_invalid, page_invalid, length, specification, addressing };
    Cause cause = Cause::none;
    ProgramCode problem{};
    uint32_t real = 0;           // up to 26 bits where extended real addressing is installed
    uint32_t entry_address = 0;  // of the entry that stopped the translation
    uint32_t page_entry = 0;     // real address of the page-table entry, where it was reached
    bool common_segment = false;
    unsigned references = 0;  // table entries fetched: the price of a walk

    bool ok() const { return cause == Cause::none; }
};

/// `M` fetches table entries: `std::optional<uint32_t> fetch_table32(uint32_t real)`, `fetch_table16`; empty
/// where the address is beyond storage (addressing exception). `extended_real`: page-table entries carry two
/// more real-address bits (bits 13-14 with 4K pages), as on machines with more than 16 MiB.
template <class M>
Translation translate_address(M& memory, TranslationFormat format, uint32_t cr1, uint32_t address,
                              bool extended_real) {
    Translation t;
    const auto stop = [&t](Translation::Cause cause, ProgramCode code, uint32_t entry) {
        t.cause = cause;
        t.problem = code;
        t.entry_address = entry;
        return t;
    };
    const uint32_t segment = format.segment_index(address);
    const uint32_t segment_entry = ((cr1 & 0x00FFFFC0) + segment * 4) & kAddressMask;
    // The table's length counts blocks of 16 entries of a 256-entry table.
    const uint32_t segment_block = format.segment_shift == 16 ? segment >> 4 : 0;
    if (segment_block > cr1 >> 24)
        return stop(Translation::Cause::length, ProgramCode::segment_translation, segment_entry);
    const std::optional<uint32_t> ste = memory.fetch_table32(segment_entry);
    ++t.references;
    if (!ste) return stop(Translation::Cause::addressing, ProgramCode::addressing, segment_entry);
    if (*ste & 1)
        return stop(Translation::Cause::segment_invalid, ProgramCode::segment_translation, segment_entry);
    if (*ste & 0x0F000000)
        return stop(Translation::Cause::specification, ProgramCode::translation_specification, segment_entry);
    t.common_segment = *ste & 2;

    const uint32_t page = format.page_index(address);
    const uint32_t page_entry = ((*ste & 0x00FFFFF8) + page * 2) & kAddressMask;
    if (page >> (format.page_index_bits() - 4) > *ste >> 28)
        return stop(Translation::Cause::length, ProgramCode::page_translation, page_entry);
    const std::optional<uint16_t> pte = memory.fetch_table16(page_entry);
    ++t.references;
    t.page_entry = page_entry;
    if (!pte) return stop(Translation::Cause::addressing, ProgramCode::addressing, page_entry);
    if (*pte & format.invalid_bit())
        return stop(Translation::Cause::page_invalid, ProgramCode::page_translation, page_entry);
    uint32_t high = 0;
    if (format.page_shift == 12) {
        if (extended_real)
            high = uint32_t{*pte} >> 1 & 3;
        else if (*pte & 0x0006)
            return stop(Translation::Cause::specification, ProgramCode::translation_specification,
                        page_entry);
    } else if (*pte & 0x0002) {
        return stop(Translation::Cause::specification, ProgramCode::translation_specification, page_entry);
    }
    const uint32_t frame = uint32_t{*pte} & ~(format.page_shift == 12 ? 0x000Fu : 0x0007u);
    t.real = high << 24 | frame << 8 | (address & format.page_mask());
    return t;
}

}  // namespace isa
