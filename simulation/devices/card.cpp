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

}  // namespace

Card card_of(std::string_view line) {
    const std::vector<uint8_t> columns = isa::to_ebcdic(line);
    if (columns.size() > kCardColumns)
        throw std::invalid_argument(
            fmt::format("{} characters do not fit on a card of 80 columns", columns.size()));
    Card card;
    card.fill(isa::kEbcdicBlank);
    std::copy(columns.begin(), columns.end(), card.begin());
    return card;
}

Deck deck_of(std::string_view contents) {
    Deck deck;
    if (!is_text(contents)) {
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
