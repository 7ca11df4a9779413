// Translation tables in which every address of storage stands for itself, in the four formats that pages and
// segments can have: with them a case runs with translation on and must come to the same end. Addresses
// behind the end of storage are aliases: their pages are invalid unless a case makes them stand for
// something, and behind the aliases even their segments are. GA22-7000 chapter 3, "Dynamic Address
// Translation".
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "vmcp/conformance/image_layout.hpp"

namespace vmcp::conformance {

inline constexpr unsigned kTableFormats = 4;
// The pages next to the end of storage stay invalid: operands that cross it must find nothing.
inline constexpr uint32_t kAliases = kEnd + 0x10000, kAliasesEnd = 0xF00000;

/// Writes the tables of all formats into a storage image.
void write_identity_tables(std::vector<uint8_t>& storage);

/// Sets control registers 0 (format) and 1 (origin).
void use_identity_tables(unsigned format, std::array<uint32_t, 16>& control_registers);

uint32_t page_size_of(unsigned format);
/// Where the page-table entry of a virtual address lies.
uint32_t page_entry_address(unsigned format, uint32_t address);
/// The entry that lets a page stand for the frame at a real address.
constexpr uint16_t page_entry(uint32_t real) { return static_cast<uint16_t>(real >> 8); }

}  // namespace vmcp::conformance
