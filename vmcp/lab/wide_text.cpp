#include "vmcp/lab/wide_text.hpp"

#include <algorithm>
#include <cstdint>

namespace vmcp::lab {
namespace {

/// A character, and where the next one begins.
struct Character {
    std::string_view bytes;
    uint32_t code = 0;

    bool wide() const {
        return (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
               (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
               (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) ||
               (code >= 0xFFE0 && code <= 0xFFE6);
    }
    /// It stays with what is before it.
    bool hangs() const {
        return code == 0x3001 || code == 0x3002 || code == 0x300D || code == 0x300F || code == 0x30FC ||
               code == 0xFF09 || code == 0xFF0C || code == 0xFF0E || code == 0xFF1A;
    }
};

Character character_at(std::string_view text) {
    const auto byte = [&text](size_t i) { return static_cast<uint8_t>(text[i]); };
    const size_t length = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : byte(0) >= 0xC0 ? 2 : 1;
    if (length > text.size()) return {text.substr(0, 1), byte(0)};
    uint32_t code = length == 1 ? byte(0) : byte(0) & (0xFFU >> (length + 1));
    for (size_t i = 1; i < length; ++i) code = code << 6 | (byte(i) & 0x3F);
    return {text.substr(0, length), code};
}

/// What is not broken: a word with the blank behind it, or one wide character with what hangs on it.
std::string_view piece_at(std::string_view text) {
    size_t end = 0;
    while (end < text.size()) {
        const Character c = character_at(text.substr(end));
        if (end > 0 && c.wide() && !c.hangs()) break;
        end += c.bytes.size();
        if (c.code == ' ') break;
        if (!c.wide()) continue;
        while (end < text.size() && character_at(text.substr(end)).hangs())
            end += character_at(text.substr(end)).bytes.size();
        if (end < text.size() && text[end] == ' ') ++end;
        break;
    }
    return text.substr(0, end);
}

std::string_view without_blanks(std::string_view text) {
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

void wrap_line(std::string_view text, size_t width, std::vector<std::string>& lines) {
    // How it is indented, it goes on.
    const std::string indent(std::min(text.find_first_not_of(' '), text.size()), ' ');
    text.remove_prefix(indent.size());
    std::string line;
    while (!text.empty()) {
        const std::string_view piece = piece_at(text);
        if (!line.empty() && indent.size() + columns_of(line) + columns_of(without_blanks(piece)) > width) {
            lines.push_back(indent + std::string(without_blanks(line)));
            line.clear();
        }
        line += piece;
        text.remove_prefix(piece.size());
    }
    if (!line.empty()) lines.push_back(indent + std::string(without_blanks(line)));
}

}  // namespace

size_t columns_of(std::string_view text) {
    size_t columns = 0;
    while (!text.empty()) {
        const Character c = character_at(text);
        columns += c.wide() ? 2 : 1;
        text.remove_prefix(c.bytes.size());
    }
    return columns;
}

std::vector<std::string> wrap_wide(std::string_view text, size_t width) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        wrap_line(text.substr(0, end), width, lines);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::string padded(std::string text, size_t columns) {
    const size_t have = columns_of(text);
    if (have < columns) text.append(columns - have, ' ');
    return text;
}

}  // namespace vmcp::lab
