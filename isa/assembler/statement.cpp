#include "isa/assembler/statement.hpp"

#include <fmt/format.h>

namespace isa::assembler {

std::string to_string(const Diagnostic& d) {
    static constexpr const char* kNames[] = {"note", "warning", "error"};
    std::string where = d.file;
    if (d.line != 0) where += fmt::format(":{}", d.line);
    if (d.line != 0 && d.column != 0) where += fmt::format(":{}", d.column);
    return fmt::format("{}: {}: {}", where, kNames[static_cast<unsigned>(d.severity)], d.message);
}

bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '$' || c == '#' || c == '@' || c == '_';
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_symbol_character(char c) { return is_letter(c) || is_digit(c); }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
std::string to_upper(std::string_view text) {
    std::string s(text);
    for (char& c : s) c = upper(c);
    return s;
}

std::string printable(std::string_view latin1) {
    std::string out;
    for (const char c : latin1) {
        const auto u = static_cast<unsigned char>(c);
        if (u < 0x20 || (u >= 0x7F && u < 0xA0)) {
            out.push_back('?');
        } else if (u < 0x80) {
            out.push_back(c);
        } else {
            out.push_back(static_cast<char>(0xC0 | u >> 6));
            out.push_back(static_cast<char>(0x80 | (u & 0x3F)));
        }
    }
    return out;
}

Diagnostic Statement::diagnose(std::size_t offset, Severity severity, std::string message) const {
    if (!context.empty()) message += fmt::format(" ({})", context);
    Diagnostic d{*file, first_line, 1, severity, std::move(message)};
    for (const Segment& s : segments) {
        if (s.offset > offset) break;
        d.line = s.line;
        d.column = s.column + static_cast<unsigned>(offset - s.offset);
    }
    return d;
}

bool is_attribute_apostrophe(std::string_view text, std::size_t at) {
    if (at == 0 || at + 1 >= text.size()) return false;
    if (std::string_view("LTKNSI").find(upper(text[at - 1])) == std::string_view::npos) return false;
    if (at >= 2 && is_symbol_character(text[at - 2])) return false;
    const char next = text[at + 1];
    return is_letter(next) || next == '&' || next == '*' || next == '=';
}

std::size_t end_of_string(std::string_view text, std::size_t at, std::size_t end) {
    for (std::size_t i = at + 1; i < end; ++i) {
        if (text[i] != '\'') continue;
        if (i + 1 < end && text[i + 1] == '\'') {
            ++i;
            continue;
        }
        return i + 1;
    }
    return std::string_view::npos;
}

namespace {

/// In these, blanks inside parentheses belong to the operand: the logical expressions of conditional
/// assembly.
bool blanks_in_parentheses(std::string_view op) {
    return op == "AIF" || op == "AGO" || op == "SETA" || op == "SETB" || op == "SETC";
}

}  // namespace

void split_fields(Statement& s) {
    const std::string& t = s.text;
    s.label = s.operation = s.operands = Field{};
    s.comment = !t.empty() && (t[0] == '*' || t.starts_with(".*"));
    s.op.clear();
    if (s.comment) return;
    std::size_t i = 0;
    const auto skip_blanks = [&] {
        while (i < t.size() && t[i] == ' ') ++i;
    };
    const auto word = [&] {
        const std::size_t begin = i;
        while (i < t.size() && t[i] != ' ') ++i;
        return Field{begin, i};
    };
    s.label = word();
    skip_blanks();
    s.operation = word();
    s.op = to_upper(s.view(s.operation));
    skip_blanks();
    const std::size_t begin = i;
    const bool keep_blanks = blanks_in_parentheses(s.op);
    int depth = 0;
    while (i < t.size()) {
        const char c = t[i];
        if (c == ' ' && !(keep_blanks && depth > 0)) break;
        if (c == '(') ++depth;
        if (c == ')') --depth;
        if (c == '\'' && !is_attribute_apostrophe(t, i)) {
            const std::size_t end = end_of_string(t, i, t.size());
            i = end == std::string::npos ? t.size() : end;
            continue;
        }
        ++i;
    }
    s.operands = Field{begin, i};
}

std::vector<Field> split_at_commas(std::string_view text, Field field) {
    std::vector<Field> parts;
    if (field.empty()) return parts;
    int depth = 0;
    std::size_t begin = field.begin;
    std::size_t i = field.begin;
    while (i < field.end) {
        const char c = text[i];
        if (c == '\'' && !is_attribute_apostrophe(text, i)) {
            const std::size_t end = end_of_string(text, i, field.end);
            i = end == std::string_view::npos ? field.end : end;
            continue;
        }
        if (c == '(') ++depth;
        if (c == ')') --depth;
        if (c == ',' && depth <= 0) {
            parts.push_back({begin, i});
            begin = i + 1;
        }
        ++i;
    }
    parts.push_back({begin, field.end});
    return parts;
}

}  // namespace isa::assembler
