// Object decks: what a linkage editor or a relocating loader of the System/360 and 370 operating systems
// reads.
//
//   ESD   the external symbol dictionary, 16 bytes a symbol: name in 8 EBCDIC characters; type (00 SD
//   section,
//         01 LD entry, 02 ER external, 04 PC unnamed section, 05 CM common, 0A WX weak external); 3-byte
//         address; a blank; 3 bytes: length of a section, number of an entry's section, blank for externals.
//         Every symbol but entries has a number, counted from 1; columns 15-16 hold that of the first
//         numbered one on the card
//   TXT   columns 6-8 address, 15-16 number of the section, 17-72 up to 56 bytes of text
//   RLD   the relocation dictionary: number of the symbol whose address is to be added, number of the section
//         that holds the address constant, a flag byte and the constant's 3-byte address. Flags: X'10'
//         V-type, X'0C' length in bytes less one, X'02' subtract, X'01' the next item has the same two
//         numbers and omits them
//   END   columns 6-8 entry address and 15-16 number of its section, where the source's END names one
//
// Addresses are those of the listing.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "isa/assembler/assembler.hpp"

namespace isa::assembler {

/// The deck, a multiple of 80 bytes, of a result without errors. Raises std::runtime_error if a name has more
/// than 8 characters.
std::vector<uint8_t> make_object_deck(const Result& result, std::string_view name);

}  // namespace isa::assembler
