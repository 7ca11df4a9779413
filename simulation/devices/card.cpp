#include "simulation/devices/card.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "isa/ebcdic.hpp"

namespace simulation {

namespace {

/// Whether the contents are UTF-8 text without control characters. EBCDIC letters and digits (X'81' to X'F9')
/// do not form valid UTF-8, so card images are not mistaken for it.
bool is_text(std::string_view contents) {
    unsigned continuations = 0;
    for (const char c : contents) {
        const auto u = static_cast<unsigned char>(c);
        if (continuations != 0) {
            if (u >> 6 != 2) return false;
            --continuations;
        } else if (u >= 0x80) {
            if (u < 0xC2 || u > 0xF4) return false;
            continuations = u < 0xE0 ? 1 : u < 0xF0 ? 2 : 3;
        } else if (u < 0x20 && u != '\n' && u != '\r' && u != '\t') {
            return false;
        }
    }
    return continuations == 0;
}

// Bits of Holes.
constexpr Holes kRow12 = 1u << 11, kRow11 = 1u << 10, kRow0 = 1u << 9, kRow8 = 1u << 1, kRow9 = 1u << 0;

/// Row 1 to 7.
constexpr Holes row(unsigned digit) { return static_cast<Holes>(1u << (9 - digit)); }

/// The card code by quadrants of the table: what most characters of a quadrant have in common, and the
/// exceptions.
constexpr std::array<Holes, 256> make_card_code() {
    std::array<Holes, 256> code{};
    constexpr Holes kZones[] = {kRow12, kRow11, kRow0, 0};
    // Columns 8 to F of the table; 8-1 there is 9-8-1 in control characters.
    const auto digit_of = [](unsigned low) -> Holes {
        if (low < 8) return low == 0 ? Holes{0} : row(low);
        return low == 8 ? kRow8 : static_cast<Holes>(kRow8 | row(low - 8));
    };
    constexpr Holes kTwoZones[] = {kRow12 | kRow0, kRow12 | kRow11, kRow11 | kRow0, kRow12 | kRow11 | kRow0};
    for (unsigned quadrant = 0; quadrant < 4; ++quadrant)
        for (unsigned zone = 0; zone < 4; ++zone)
            for (unsigned low = 0; low < 16; ++low) {
                Holes holes = digit_of(low);
                const bool high = low >= 10;
                switch (quadrant) {
                    case 0: holes |= kZones[zone] | kRow9; break;
                    case 1: holes |= high ? kZones[zone] : kTwoZones[zone] | kRow9; break;
                    case 2: holes |= kTwoZones[zone]; break;
                    default: holes |= high ? kTwoZones[zone] | kRow9 : kZones[zone];
                }
                // Column 9 has row 9 instead of 8-1 in letters and digits.
                if (low == 9 && quadrant >= 2)
                    holes = static_cast<Holes>((holes & ~(kRow8 | row(1))) | kRow9);
                if (low == 9 && quadrant == 1) holes = static_cast<Holes>(kZones[zone] | kRow8 | row(1));
                code[quadrant << 6 | zone << 4 | low] = holes;
            }
    // Column 0, and what is where a regular pattern is taken by another character.
    for (unsigned zone = 0; zone < 4; ++zone) {
        code[zone << 4] = static_cast<Holes>(kTwoZones[zone] | kRow9 | kRow8 | row(1));
        code[0x80 | zone << 4] = static_cast<Holes>(kTwoZones[zone] | kRow8 | row(1));
    }
    code[0x40] = 0;
    code[0x50] = kRow12;
    code[0x60] = kRow11;
    code[0x61] = kRow0 | row(1);
    code[0x6A] = kRow12 | kRow11;
    code[0x70] = kRow12 | kRow11 | kRow0;
    code[0xC0] = kRow12 | kRow0;
    code[0xD0] = kRow11 | kRow0;
    code[0xE0] = kRow0 | kRow8 | row(2);
    code[0xE1] = kRow11 | kRow0 | kRow9 | row(1);
    code[0xF0] = kRow0;
    return code;
}

constexpr std::array<Holes, 256> kCardCode = make_card_code();

}  // namespace

Holes holes_of(uint8_t code) { return kCardCode[code]; }

std::optional<uint8_t> code_of(Holes holes) {
    static const std::array<int16_t, 4096> codes = [] {
        std::array<int16_t, 4096> inverse;
        inverse.fill(-1);
        for (unsigned code = 0; code < 256; ++code) inverse[kCardCode[code]] = static_cast<int16_t>(code);
        return inverse;
    }();
    const int16_t code = codes[holes & 0xFFF];
    if (code < 0) return std::nullopt;
    return static_cast<uint8_t>(code);
}

bool Card::operator==(const Card& other) const {
    return std::equal(begin(), end(), other.begin()) && !holes == !other.holes &&
           (!holes || *holes == *other.holes);
}

Card blank_card() {
    Card card;
    card.fill(isa::kEbcdicBlank);
    return card;
}

Card card_of(std::string_view line) {
    const std::vector<uint8_t> columns = isa::to_ebcdic(line);
    if (columns.size() > kCardColumns)
        throw std::invalid_argument(
            fmt::format("{} characters do not fit on a card of 80 columns", columns.size()));
    Card card = blank_card();
    std::copy(columns.begin(), columns.end(), card.begin());
    return card;
}

Card card_of_binary(std::span<const uint8_t> bytes) {
    Card card = blank_card();
    Card::Columns columns{};
    bool coded = true;
    for (size_t i = 0; i < std::min<size_t>(bytes.size(), kBinaryCardBytes); ++i)
        columns[i / 2] |= static_cast<Holes>((bytes[i] & 0x3F) << (i % 2 == 0 ? 6 : 0));
    for (size_t i = 0; i < kCardColumns; ++i) {
        const auto code = code_of(columns[i]);
        card[i] = code.value_or(0);
        coded = coded && code;
    }
    if (!coded) card.holes = std::make_shared<const Card::Columns>(columns);
    return card;
}

std::array<uint8_t, kBinaryCardBytes> binary_of(const Card& card) {
    std::array<uint8_t, kBinaryCardBytes> bytes;
    for (size_t i = 0; i < kCardColumns; ++i) {
        const Holes holes = card.holes ? (*card.holes)[i] : holes_of(card[i]);
        bytes[2 * i] = static_cast<uint8_t>(holes >> 6);
        bytes[2 * i + 1] = holes & 0x3F;
    }
    return bytes;
}

std::string deck_bytes(std::span<const Card> cards) {
    std::string bytes;
    const bool binary =
        std::any_of(cards.begin(), cards.end(), [](const Card& c) { return c.holes != nullptr; });
    for (const Card& card : cards) {
        if (binary) {
            const auto image = binary_of(card);
            bytes.append(image.begin(), image.end());
        } else {
            bytes.append(card.begin(), card.end());
        }
    }
    return bytes;
}

Deck deck_of(std::string_view contents) {
    Deck deck;
    if (!is_text(contents)) {
        const bool binary = contents.size() % kBinaryCardBytes == 0 &&
                            std::all_of(contents.begin(), contents.end(),
                                        [](char c) { return static_cast<unsigned char>(c) < 0x40; });
        for (size_t at = 0; binary && at < contents.size(); at += kBinaryCardBytes)
            deck.push_back(
                card_of_binary({reinterpret_cast<const uint8_t*>(contents.data()) + at, kBinaryCardBytes}));
        if (binary) return deck;
        if (contents.size() % kCardColumns != 0)
            throw std::invalid_argument(
                fmt::format("{} bytes are not a whole number of 80-column cards", contents.size()));
        deck.resize(contents.size() / kCardColumns);
        for (size_t i = 0; i < deck.size(); ++i)
            std::copy_n(contents.begin() + static_cast<std::ptrdiff_t>(i * kCardColumns), kCardColumns,
                        deck[i].begin());
        return deck;
    }
    while (!contents.empty()) {
        const size_t end = contents.find('\n');
        std::string_view line = contents.substr(0, end);
        contents.remove_prefix(end == std::string_view::npos ? contents.size() : end + 1);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        try {
            deck.push_back(card_of(line));
        } catch (const std::invalid_argument& error) {
            throw std::invalid_argument(fmt::format("line {}: {}", deck.size() + 1, error.what()));
        }
    }
    return deck;
}

}  // namespace simulation
