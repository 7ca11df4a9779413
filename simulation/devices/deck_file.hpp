// Card decks in files: 80-byte EBCDIC card images, or text, a line a card.
#pragma once

#include <string>

#include "simulation/devices/card.hpp"

namespace simulation {

inline constexpr size_t kLongestDeckFile = 64 << 20;  // bytes

/// Reads a deck. A file named .txt is text in any case; of others deck_of decides. Throws std::runtime_error
/// with one line, "FILE:LINE:81: ..." for a line that does not fit on a card, and where the file is longer
/// than that.
Deck read_deck(const std::string& path);

}  // namespace simulation
