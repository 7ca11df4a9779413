#include "isa/assembler/statement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace isa::assembler {

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

namespace {

/// A statement may be as long as the source; what is quoted of it need not be.
std::string shortened(std::string message) {
    constexpr std::size_t kLongest = 1000, kEnd = 300;
    if (message.size() <= kLongest) return message;
    return message.substr(0, kLongest - kEnd) + " ... " + message.substr(message.size() - kEnd);
}

}  // namespace

Diagnostic Statement::diagnose(std::size_t offset, Severity severity, std::string message) const {
    message = shortened(std::move(message));
    if (!context.empty()) message += fmt::format(" ({})", context);
    Diagnostic d{*file, first_line, 1, severity, std::move(message), {}};
    // The last segment that begins at the offset or before.
    auto s = std::upper_bound(segments.begin(), segments.end(), offset,
                              [](std::size_t at, const Segment& x) { return at < x.offset; });
    if (s != segments.begin()) {
        --s;
        d.line = s->line;
        d.column = s->column + static_cast<unsigned>(offset - s->offset);
    }
    if (lines && d.line >= first_line && d.line - first_line < lines->size())
        d.source = (*lines)[d.line - first_line];
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

void FieldSplitter::begin(const Statement& s) {
    begun_ = true;
    part_ = s.comment ? Part::comment : Part::label;
}

void FieldSplitter::split(Statement& s) {
    const std::string& t = s.text;
    if (!begun_) {
        s.label = s.operation = s.operands = Field{};
        s.op.clear();
        s.comment = !t.empty() && (t[0] == '*' || t.starts_with(".*"));
        begin(s);
    }
    if (part_ == Part::comment) return;
    const auto skip_blanks = [&] {
        while (at_ < t.size() && t[at_] == ' ') ++at_;
    };
    const auto word = [&](Field& field) {
        if (field.empty()) field.begin = at_;
        while (at_ < t.size() && t[at_] != ' ') ++at_;
        field.end = at_;
        return at_ < t.size();
    };
    if (part_ == Part::label) {
        if (!word(s.label)) return;
        part_ = Part::operation;
        s.operation = Field{};
    }
    if (part_ == Part::operation) {
        if (s.operation.empty()) skip_blanks();
        const std::size_t from = at_;
        const bool ended = word(s.operation);
        s.op += to_upper(std::string_view(t).substr(from, at_ - from));
        keep_blanks_ = blanks_in_parentheses(s.op);
        s.operands = {at_, at_};
        if (!ended) return;
        part_ = Part::operands;
        skip_blanks();
        s.operands = {at_, at_};
    }
    if (part_ == Part::operands) {
        if (s.operands.empty()) {
            skip_blanks();
            s.operands.begin = at_;
        }
        scan_operands(t);
        s.operands.end = part_ == Part::remark ? at_ : t.size();
    }
}

void FieldSplitter::scan_operands(const std::string& t) {
    while (at_ < t.size()) {
        const char c = t[at_];
        if (in_string_) {
            if (c == '\'') {
                if (at_ + 1 == t.size()) return;  // what follows tells whether it is doubled
                if (t[at_ + 1] == '\'')
                    ++at_;
                else
                    in_string_ = false;
            }
            ++at_;
            continue;
        }
        if (c == ' ' && !(keep_blanks_ && depth_ > 0)) {
            part_ = Part::remark;
            return;
        }
        if (c == '(') ++depth_;
        if (c == ')') --depth_;
        if (c == '\'') {
            if (at_ + 1 == t.size()) return;  // likewise: an attribute's apostrophe, or a string's
            in_string_ = !is_attribute_apostrophe(t, at_);
        }
        ++at_;
    }
}

void FieldSplitter::resume_operands(Statement& s) {
    s.text.resize(s.operands.end);
    part_ = Part::operands;
}

void split_fields(Statement& s) { FieldSplitter().split(s); }

std::size_t closing_parenthesis(std::string_view text, std::size_t at) {
    int depth = 0;
    for (std::size_t i = at; i < text.size(); ++i) {
        if (text[i] == '\'' && !is_attribute_apostrophe(text, i)) {
            const std::size_t end = end_of_string(text, i, text.size());
            if (end == std::string_view::npos) return end;
            i = end - 1;
        } else if (text[i] == '(') {
            ++depth;
        } else if (text[i] == ')' && --depth == 0) {
            return i;
        }
    }
    return std::string_view::npos;
}

std::size_t end_of_operands(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ' ') return i;
        if (text[i] != '\'' || is_attribute_apostrophe(text, i)) continue;
        const std::size_t end = end_of_string(text, i, text.size());
        if (end == std::string_view::npos) break;
        i = end - 1;
    }
    return text.size();
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
