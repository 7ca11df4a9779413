// Punching cards: 80-byte EBCDIC records of the object deck's form. Column 1 holds X'02', columns 2-4 the
// record's kind (ESD, TXT, RLD, END), 11-12 the number of data bytes from column 17 on (at most 56), and
// 73-80 the deck's identification and a card number. Numbers are binary, unused columns blank.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace isa::assembler {

inline constexpr std::size_t kCardColumns = 80;
inline constexpr std::size_t kCardData = 56;  // bytes in columns 17-72

/// The first letters and digits of a name, in upper case: at most `most`.
std::string deck_identification(std::string_view name, std::size_t most = 4);

class CardPunch {
  public:
    /// `identification`, at most 8 characters, begins in column 73; the card's number takes what it leaves of
    /// columns 73-80.
    explicit CardPunch(std::string identification) : identification_(std::move(identification)) {}

    /// Columns 1 and following, at most 80. A card of at most 72 gets a number behind.
    void card(std::span<const uint8_t> columns);

    /// 80 columns as they are, which do not count as a card of the deck.
    void verbatim(std::span<const uint8_t> columns);

    /// A record with `data` (at most 56 bytes) in columns 17-72. `address` goes to columns 6-8 and `id`, the
    /// ESD number it belongs to, to 15-16; negative ones leave them blank. The count is punched unless data
    /// is empty.
    void record(std::string_view kind, int64_t address, int id, std::span<const uint8_t> data);

    /// The END record. `translator` goes to columns 33 and following.
    void end(int64_t address, int id, std::string_view translator);

    /// As many TXT records as it takes.
    void text(uint32_t address, int id, std::span<const uint8_t> bytes);

    /// All cards so far, 80 bytes each; leaves none.
    std::vector<uint8_t> take() { return std::move(cards_); }

  private:
    std::string identification_;
    std::size_t number_ = 0;  // of the last card
    std::vector<uint8_t> cards_;
};

}  // namespace isa::assembler
