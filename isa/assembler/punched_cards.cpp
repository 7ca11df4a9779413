#include "isa/assembler/punched_cards.hpp"

#include <fmt/format.h>

#include "isa/assembler/card_punch.hpp"
#include "isa/assembler/expression.hpp"
#include "isa/ebcdic.hpp"

namespace isa::assembler {

std::vector<uint8_t> punch_card(const Statement& s) {
    Cursor c(s, s.operands);
    if (c.peek() != '\'') c.fail(fmt::format("expected the card in apostrophes, found {}", c.found()));
    const std::size_t close = end_of_string(s.text, c.at, c.end);
    if (close == std::string_view::npos) c.fail("the closing apostrophe is missing");
    if (close != c.end) throw SourceError(close, "expected the end of the operand behind the apostrophe");
    std::vector<uint8_t> card;
    for (std::size_t i = c.at + 1; i + 1 < close; ++i) {
        const char ch = s.text[i];
        if ((ch == '\'' || ch == '&') && i + 2 < close && s.text[i + 1] == ch) ++i;
        if (ch == kNoCharacter) throw SourceError(i, "this character has no EBCDIC code");
        if (card.size() == kCardColumns) throw SourceError(i, "a card has no more than 80 columns");
        card.push_back(to_ebcdic(ch));
    }
    card.resize(kCardColumns, kEbcdicBlank);
    return card;
}

std::vector<uint8_t> repro_card(const Statement& s) {
    std::vector<uint8_t> card;
    for (const char ch : s.card.substr(0, kCardColumns)) {
        if (ch == kNoCharacter)
            throw SourceError(s.operation.begin, "the card has a character without EBCDIC code");
        card.push_back(to_ebcdic(ch));
    }
    card.resize(kCardColumns, kEbcdicBlank);
    return card;
}

std::string translator_identification(const Statement& s, Field operand) {
    constexpr std::size_t kName = 10, kVersion = 4, kDate = 5;
    const char* wanted =
        "END's second operand is (translator,version,date): up to 10 characters, 4 and 5 of them";
    const std::string_view text = s.view(operand);
    if (text.size() < 2 || text.front() != '(' || text.back() != ')')
        throw SourceError(operand.begin, wanted);
    const auto parts = split_at_commas(s.text, {operand.begin + 1, operand.end - 1});
    if (parts.size() != 3) throw SourceError(operand.begin, wanted);
    const std::string_view name = s.view(parts[0]);
    const std::string_view version = s.view(parts[1]);
    const std::string_view date = s.view(parts[2]);
    if (name.empty() || name.size() > kName) throw SourceError(parts[0].begin, wanted);
    if (version.size() != kVersion) throw SourceError(parts[1].begin, wanted);
    if (date.size() != kDate) throw SourceError(parts[2].begin, wanted);
    return fmt::format("{:<{}}{}{}", name, kName, version, date);
}

}  // namespace isa::assembler
