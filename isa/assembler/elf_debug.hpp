// The DWARF sections of an ELF file (elf_file.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "isa/assembler/assembler.hpp"

namespace isa::assembler {

struct DebugSections {
    std::vector<uint8_t> info, abbrev, line, frame;
};

DebugSections make_debug_sections(const Result& result, const std::string& source,
                                  const std::string& directory);

/// Of a symbol: whether data stands there, not an instruction or nothing.
class DataPlaces {
  public:
    explicit DataPlaces(const Result& result);
    bool data_at(uint32_t address) const;

  private:
    std::vector<uint32_t> addresses_;  // where data statements begin, ascending
};

}  // namespace isa::assembler
