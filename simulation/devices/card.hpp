// Punched cards: 80 columns of 12 rows.
//
// Nearly every card carries the EBCDIC card code: each column at most one hole in rows 1 to 7, which makes
// 256 combinations with the holes of rows 12, 11, 0, 8 and 9. Such a card is its 80 codes. What is punched in
// column binary (data mode 2 of the readers and punches) may have any holes; only then the card has them as
// well.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace simulation {

inline constexpr unsigned kCardColumns = 80;
/// In column binary: two bytes a column, of which bits 2-7 are rows 12, 11, 0 to 3 and rows 4 to 9.
inline constexpr unsigned kBinaryCardBytes = 2 * kCardColumns;

/// The holes of a column: bits 11 (row 12), 10 (row 11), 9 (row 0) down to 0 (row 9).
using Holes = uint16_t;

/// The EBCDIC card code of a character (GX20-1850, System/370 Reference Summary, "Code Translation Table").
Holes holes_of(uint8_t code);
/// Its inverse; nothing where more than one of rows 1 to 7 is punched.
std::optional<uint8_t> code_of(Holes holes);

struct Card : std::array<uint8_t, kCardColumns> {
    using Columns = std::array<Holes, kCardColumns>;
    /// Null where every column is the code in the array; else all the holes, and columns without a code are 0
    /// in the array.
    std::shared_ptr<const Columns> holes;
    /// A line of more than 80 bytes, which only a reader of the control program's has, whole; the array is
    /// its beginning.
    std::shared_ptr<const std::vector<uint8_t>> line = {};

    bool operator==(const Card& other) const;
};

/// A blank card.
Card blank_card();

/// One card from a line of UTF-8 text. Throws std::invalid_argument if it has more than 80 characters.
Card card_of(std::string_view line);

/// A card from column binary; bits 0 and 1 of a byte punch nothing, nor do bytes behind the last column.
Card card_of_binary(std::span<const uint8_t> bytes);
/// What reading in column binary gives.
std::array<uint8_t, kBinaryCardBytes> binary_of(const Card& card);

/// Cards in a box. Many readers may read the same box, so it is shared and never changed.
using Deck = std::vector<Card>;
using SharedDeck = std::shared_ptr<const Deck>;

/// A deck from the contents of a file. Valid UTF-8 text without control characters is one card a line, padded
/// with blanks; anything else is card images: in column binary, 160 bytes each, where no byte has bit 0 or 1
/// on, else in EBCDIC, 80 bytes each. Throws std::invalid_argument if a line (named) is longer than 80
/// characters, or card images do not end with a whole card.
Deck deck_of(std::string_view contents);

/// The contents of a file that deck_of takes for these cards: EBCDIC, or, if a card needs it, column binary.
std::string deck_bytes(std::span<const Card> cards);

}  // namespace simulation
