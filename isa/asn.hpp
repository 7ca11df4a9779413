// ASN translation and ASN authorization: how an address-space number leads to the segment table, linkage
// table and authority of an address space. GA22-7000 chapter 3, "ASN Translation" and "ASN Authorization". As
// in isa/dat.hpp, the tables lie in whatever memory `M` fetches from.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "isa/interruption.hpp"
#include "isa/psw.hpp"

namespace isa {

/// What an ASN-second-table entry says of an address space.
struct AddressSpaceEntry {
    uint32_t authority_table = 0;   // real address
    uint32_t authority_length = 0;  // of the table: one less than its units of 4 bytes
    uint32_t authorization_index = 0;
    uint32_t segment_table_designation = 0;
    uint32_t linkage_table_designation = 0;
};

struct AsnTranslation {
    std::optional<ProgramCode> problem;  // afx_translation, asx_translation, the specification, addressing
    AddressSpaceEntry entry;             // where there is no problem
};

/// Words at a real address, empty where one of them is beyond storage. Addresses wrap at 16 MiB.
template <unsigned kWords, class M>
std::optional<std::array<uint32_t, kWords>> fetch_entry(M& memory, uint32_t real) {
    std::array<uint32_t, kWords> words;
    for (unsigned i = 0; i < kWords; ++i) {
        const std::optional<uint32_t> word = memory.fetch_table32((real + 4 * i) & kAddressMask);
        if (!word) return std::nullopt;
        words[i] = *word;
    }
    return words;
}

/// `cr14` designates the ASN first table. The exceptions come in the order of their priority.
template <class M>
AsnTranslation translate_asn(M& memory, uint32_t cr14, uint32_t asn) {
    const auto stop = [](ProgramCode code) { return AsnTranslation{code, {}}; };
    const uint32_t first_table = (cr14 & 0xFFF) << 12;
    const auto first = fetch_entry<1>(memory, first_table + (asn >> 6 & 0x3FF) * 4);
    if (!first) return stop(ProgramCode::addressing);
    const uint32_t afte = (*first)[0];
    if (afte >> 31) return stop(ProgramCode::afx_translation);
    if (afte & 0x7F00000F) return stop(ProgramCode::asn_translation_specification);
    const auto second = fetch_entry<4>(memory, (afte & 0x00FFFFF0) + (asn & 0x3F) * 16);
    if (!second) return stop(ProgramCode::addressing);
    const auto& [authority, index, segments, linkage] = *second;
    if (authority >> 31) return stop(ProgramCode::asx_translation);
    if (authority & 0x7F000003 || index & 0x0000000F || linkage & 0x7F000000)
        return stop(ProgramCode::asn_translation_specification);
    return {std::nullopt, {authority & 0x00FFFFFC, index >> 4 & 0xFFF, index >> 16, segments, linkage}};
}

/// Which of the two bits of an authority-table entry gives the authority.
enum class Authority : uint8_t { primary = 0x80, secondary = 0x40 };

/// Whether programs with this authorization index may establish the space; empty where the authority table is
/// beyond storage (addressing exception).
template <class M>
std::optional<bool> authorizes(M& memory, const AddressSpaceEntry& entry, uint32_t authorization_index,
                               Authority authority) {
    if (authorization_index >> 4 > entry.authority_length) return false;
    const uint32_t at = (entry.authority_table + (authorization_index >> 2)) & kAddressMask;
    const std::optional<uint16_t> two = memory.fetch_table16(at & ~1u);
    if (!two) return std::nullopt;
    const unsigned byte = at & 1 ? *two & 0xFF : *two >> 8;
    return (byte & static_cast<unsigned>(authority) >> 2 * (authorization_index & 3)) != 0;
}

}  // namespace isa
