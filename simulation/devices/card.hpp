// Punched cards, as their 80 columns' EBCDIC codes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace simulation {

inline constexpr unsigned kCardColumns = 80;

using Card = std::array<uint8_t, kCardColumns>;

/// Cards in a box. Many readers may read the same box, so it is shared and never changed.
using Deck = std::vector<Card>;
using SharedDeck = std::shared_ptr<const Deck>;

/// A deck from the contents of a file. Valid UTF-8 text without control characters is one card a line, padded
/// with blanks; anything else is EBCDIC card images, 80 bytes each. Throws std::invalid_argument if a line
/// (named) is longer than 80 characters, or card images do not end with a whole card.
Deck deck_of(std::string_view contents);

/// One card from a line of UTF-8 text of at most 80 characters.
Card card_of(std::string_view line);

}  // namespace simulation
