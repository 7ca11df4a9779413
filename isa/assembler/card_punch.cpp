#include "isa/assembler/card_punch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "isa/assembler/statement.hpp"
#include "isa/ebcdic.hpp"

namespace isa::assembler {
namespace {

constexpr std::size_t kNumberColumn = 72;  // counted from 0, as all here
constexpr std::size_t kDataColumn = 16;
constexpr std::size_t kIdentification = 8;  // columns
constexpr std::size_t kTranslatorColumn = 32;

}  // namespace

std::string deck_identification(std::string_view name, std::size_t most) {
    std::string identification;
    for (char c : name) {
        c = upper(c);
        if (identification.size() < most && ((c >= 'A' && c <= 'Z') || is_digit(c)))
            identification.push_back(c);
    }
    return identification;
}

void CardPunch::card(std::span<const uint8_t> columns) {
    std::array<uint8_t, kCardColumns> card;
    card.fill(kEbcdicBlank);
    ++number_;
    if (columns.size() <= kNumberColumn) {
        // The lowest digits, as many as there is room for.
        const std::string number = fmt::format("{:0{}}", number_, kIdentification);
        const std::string id =
            identification_ + number.substr(number.size() - kIdentification + identification_.size());
        std::transform(id.begin(), id.end(), card.begin() + kNumberColumn,
                       [](char c) { return to_ebcdic(c); });
    }
    std::copy_n(columns.begin(), std::min(columns.size(), kCardColumns), card.begin());
    cards_.insert(cards_.end(), card.begin(), card.end());
}

void CardPunch::record(std::string_view kind, int64_t address, int id, std::span<const uint8_t> data) {
    std::array<uint8_t, kNumberColumn> columns;
    columns.fill(kEbcdicBlank);
    columns[0] = 0x02;
    std::transform(kind.begin(), kind.end(), columns.begin() + 1, [](char c) { return to_ebcdic(c); });
    const auto number = [&](std::size_t column, std::size_t bytes, int64_t value) {
        for (std::size_t i = 0; i < bytes; ++i)
            columns[column + bytes - 1 - i] = static_cast<uint8_t>(value >> (8 * i));
    };
    if (address >= 0) number(5, 3, address);
    if (!data.empty()) number(10, 2, static_cast<int64_t>(data.size()));
    if (id >= 0) number(14, 2, id);
    std::copy_n(data.begin(), std::min(data.size(), kCardData), columns.begin() + kDataColumn);
    card(columns);
}

void CardPunch::verbatim(std::span<const uint8_t> columns) {
    cards_.insert(cards_.end(), columns.begin(), columns.end());
}

void CardPunch::end(int64_t address, int id, std::string_view translator) {
    record("END", address, id, {});
    auto column = cards_.end() - static_cast<std::ptrdiff_t>(kCardColumns - kTranslatorColumn);
    for (const char c : translator) *column++ = to_ebcdic(c);
}

void CardPunch::text(uint32_t address, int id, std::span<const uint8_t> bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += kCardData)
        record("TXT", address + static_cast<int64_t>(at), id,
               bytes.subspan(at, std::min(kCardData, bytes.size() - at)));
}

}  // namespace isa::assembler
