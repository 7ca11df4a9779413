// Storage as people read it: lines of address, hexadecimal words and the EBCDIC characters.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace vmcp::panel {

/// Lines of 16 bytes, "000200  41300240 50300200 07FE0000 00000000  *....&...........*\n". The first line
/// begins at `address`, wherever that lies.
std::string storage_text(std::span<const uint8_t> bytes, uint32_t address);

}  // namespace vmcp::panel
