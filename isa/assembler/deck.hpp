// Card decks that load themselves: a storage image as 80-byte EBCDIC records that IPL from a card reader.
//
// Card 1 is what IPL reads into locations 0-23: the IPL PSW and two channel command words. They read card 2,
// which begins with more of them: those read the rest of the loader. The loader then clears the image's
// storage, reads the program's cards one at a time with START I/O and TEST I/O, interruptions disabled, and
// moves their text to its place. The cards are those of object decks (card_punch.hpp), and can be told from
// each other by columns 2-4:
//
//   TXT   columns 6-8: address; 11-12: number of bytes; 17-72: the bytes (binary numbers)
//   END   the last: columns 73-80 only are used
//
// Locations 0-87 are busy while a program is loaded (CSW, CAW, interval timer). What the image has there
// travels to a place beside the loader, and is moved down last. Then the general registers are set to zero
// and the PSW at location 0 is loaded: the program starts as if restarted with the image in storage. If
// the image does not cover locations 0-7, that PSW is a BC-mode one, disabled, of the entry address.
//
// The loader lies right behind the image, or below it, or else in a gap of it that holds only zeros; it is
// not cleared away. If the reader reports anything but success, the machine stops in the disabled wait with
// address X'000BAD'.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace isa::assembler {

/// The deck: a multiple of 80 bytes. `image` is the storage from `load_address` on; `entry` is used where the
/// image holds no PSW at location 0. `name` (up to 4 letters and digits are used) goes to columns 73-76,
/// before a card number. Raises std::runtime_error if there is no room for the loader below 16 MiB.
std::vector<uint8_t> make_ipl_deck(std::span<const uint8_t> image, uint32_t load_address, uint32_t entry,
                                   std::string_view name);

}  // namespace isa::assembler
