// ELF files of assembled programs, for debuggers and binutils: what the image holds, and where it comes from.
//
// An executable for System/390, 32 bits, big-endian: one segment with the whole image, a section for each
// control section, .symtab, and DWARF 4:
//
//   .debug_info, .debug_abbrev   one compilation unit in assembler language: labels of data as variables, of
//   code as routines .debug_line                  the line of every instruction, of a macro's the line that
//   the listing means .debug_frame                 nobody knows who called: a debugger that steps must not
//   look for callers
//
// What is data is told by its length attribute alone: 1, 2, 4 and 8 bytes are integers, anything else is an
// array of characters, which are EBCDIC.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "isa/assembler/assembler.hpp"

namespace isa::assembler {

/// Of a result without errors, assembled without `allow_externals`. `source` is the file as it was named, and
/// `directory` the one in which this name, and those of members, mean something.
std::vector<uint8_t> make_elf_file(const Result& result, const std::string& source,
                                   const std::string& directory);

}  // namespace isa::assembler
