#include "isa/assembler/diagnostic.hpp"

#include <fmt/format.h>

namespace isa::assembler {
namespace {

constexpr std::size_t kTab = 8;

/// Bytes of the UTF-8 character that begins at `at`; 1 where the text is not valid UTF-8.
std::size_t character_length(const std::string& text, std::size_t at) {
    const auto c = static_cast<unsigned char>(text[at]);
    const std::size_t length = c < 0xC2 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 1;
    for (std::size_t i = 1; i < length; ++i)
        if (at + i >= text.size() || (static_cast<unsigned char>(text[at + i]) & 0xC0) != 0x80) return 1;
    return length;
}

}  // namespace

std::string to_string(const Diagnostic& d) {
    static constexpr const char* kNames[] = {"note", "warning", "error"};
    std::string where = d.file;
    if (d.line != 0) where += fmt::format(":{}", d.line);
    if (d.line != 0 && d.column != 0) where += fmt::format(":{}", d.column);
    return fmt::format("{}: {}: {}", where, kNames[static_cast<unsigned>(d.severity)], d.message);
}

std::string pointed_out(const Diagnostic& d) {
    if (d.source.empty() || d.column == 0) return {};
    std::string line;
    std::size_t column = 0;
    for (std::size_t i = 0; i < d.source.size();) {
        const std::size_t length = character_length(d.source, i);
        const auto c = static_cast<unsigned char>(d.source[i]);
        if (c == '\t') {
            const std::size_t blanks = kTab - column % kTab;
            line.append(blanks, ' ');
            column += blanks;
        } else {
            if (length == 1 && (c < 0x20 || c >= 0x7F))
                line.push_back('?');
            else
                line.append(d.source, i, length);
            ++column;
        }
        i += length;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return fmt::format("{}\n{:>{}}\n", line, '^', d.column);
}

}  // namespace isa::assembler
