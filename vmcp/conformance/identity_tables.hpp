// Translation tables in which every address of storage stands for itself, in the four formats that pages and
// segments can have: with them a case runs with translation on and must come to the same end. Addresses
// behind the end of storage are segments without a page table. GA22-7000 chapter 3, "Dynamic Address
// Translation".
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "vmcp/conformance/random.hpp"

namespace vmcp::conformance {

/// Writes the tables of all formats into a storage image.
void write_identity_tables(std::vector<uint8_t>& storage);

/// Sets control registers 0 (format) and 1 (origin) for one of the formats.
void use_identity_tables(Random& random, std::array<uint32_t, 16>& control_registers);

}  // namespace vmcp::conformance
