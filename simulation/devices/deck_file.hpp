// Card decks in files: 80-byte EBCDIC card images, or text, a line a card.
#pragma once

#include <string>

#include "simulation/devices/card.hpp"

namespace simulation {

/// Reads a deck. A file named .txt is text in any case; of others deck_of decides. Throws std::runtime_error
/// with one line, "FILE:LINE:81: ..." for a line that does not fit on a card.
Deck read_deck(const std::string& path);

}  // namespace simulation
