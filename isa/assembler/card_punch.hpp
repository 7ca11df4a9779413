// Punching cards: 80-byte EBCDIC records of the object deck's form. Column 1 holds X'02', columns 2-4 the
// record's kind (ESD, TXT, RLD, END), 11-12 the number of data bytes from column 17 on (at most 56), and
// 73-80 a deck name and card number. Numbers are binary, unused columns blank.
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

class CardPunch {
  public:
    /// Up to 4 letters and digits of `name` are used.
    explicit CardPunch(std::string_view name);

    /// Columns 1 and following, at most 80. A card of at most 72 gets a number behind.
    void card(std::span<const uint8_t> columns);

    /// A record with `data` (at most 56 bytes) in columns 17-72. `address` goes to columns 6-8 and `id`, the
    /// ESD number it belongs to, to 15-16; negative ones leave them blank. The count is punched unless data
    /// is empty.
    void record(std::string_view kind, int64_t address, int id, std::span<const uint8_t> data);

    /// As many TXT records as it takes.
    void text(uint32_t address, int id, std::span<const uint8_t> bytes);

    /// All cards so far, 80 bytes each; leaves none.
    std::vector<uint8_t> take() { return std::move(cards_); }

  private:
    std::string name_;
    std::vector<uint8_t> cards_;
};

}  // namespace isa::assembler
