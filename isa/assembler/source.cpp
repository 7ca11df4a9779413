#include "isa/assembler/source.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace isa::assembler {
namespace {

constexpr std::size_t kTextColumns = 71;
constexpr std::size_t kContinuationColumn = 15;  // column 16, counted from 0
constexpr std::size_t kMaximumNesting = 32;

/// UTF-8 to Latin-1, one byte a character, so that columns are counted in characters.
std::string to_latin1(std::string_view utf8) {
    std::string out;
    out.reserve(utf8.size());
    for (std::size_t i = 0; i < utf8.size();) {
        const auto c = static_cast<unsigned char>(utf8[i]);
        const unsigned following = c < 0xC2 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : c < 0xF5 ? 3 : 0;
        bool valid = following > 0 && i + following < utf8.size();
        for (unsigned k = 1; valid && k <= following; ++k)
            valid = (static_cast<unsigned char>(utf8[i + k]) & 0xC0) == 0x80;
        if (!valid) {
            const bool control = (c < 0x20 && c != '\t') || c == 0x7F;
            out.push_back(control ? kNoCharacter : utf8[i]);
            ++i;
            continue;
        }
        const bool fits = following == 1 && c < 0xC4;
        out.push_back(fits
                          ? static_cast<char>((c & 3) << 6 | (static_cast<unsigned char>(utf8[i + 1]) & 0x3F))
                          : kNoCharacter);
        i += following + 1;
    }
    return out;
}

std::string expand_tabs(std::string_view line) {
    std::string out;
    for (char c : line) {
        if (c != '\t') {
            out.push_back(c);
            continue;
        }
        do out.push_back(' ');
        while (out.size() % 8 != 0);
    }
    return out;
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored)) return std::nullopt;
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::nullopt;
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

std::string to_lower(std::string_view text) {
    std::string s(text);
    for (char& c : s)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return s;
}

}  // namespace

StatementReader::StatementReader(std::string file_name, std::string_view text)
    : file_(std::make_shared<const std::string>(std::move(file_name))) {
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t end = text.find('\n', at);
        if (end == std::string_view::npos) end = text.size();
        std::string_view line = text.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        cards_.push_back({std::string(line), expand_tabs(to_latin1(line))});
        at = end + 1;
    }
}

bool StatementReader::next(Statement& s, const Report& report) {
    if (next_ >= cards_.size()) return false;
    s = Statement{};
    s.file = file_;
    s.first_line = static_cast<unsigned>(next_) + 1;
    const Card* card = &cards_[next_++];
    s.lines.push_back(card->raw);
    s.text = card->columns.substr(0, kTextColumns);
    s.segments.push_back({0, s.first_line, 1});
    split_fields(s);
    if (s.comment) return true;
    while (card->continued()) {
        if (next_ >= cards_.size()) {
            report(s.diagnose(0, Severity::error, "the last line is continued (column 72 is not blank)"));
            break;
        }
        card = &cards_[next_];
        const auto line = static_cast<unsigned>(next_) + 1;
        const std::string& columns = card->columns;
        const std::size_t first = columns.find_first_not_of(' ');
        if (first != std::string::npos && first < kContinuationColumn) {
            report({*file_, line, static_cast<unsigned>(first) + 1, Severity::error,
                    "columns 1 to 15 of a continuation must be blank (column 72 of the line before is not "
                    "blank)"});
            break;  // most likely a line that grew too long: take this one as a statement of its own
        }
        ++next_;
        s.lines.push_back(card->raw);
        // An operand field that broke off behind a comma: the rest of the card is a remark.
        const bool broken_off =
            s.operands.end < s.text.size() && !s.operands.empty() && s.text[s.operands.end - 1] == ',';
        if (broken_off) s.text.resize(s.operands.end);
        s.segments.push_back({s.text.size(), line, static_cast<unsigned>(kContinuationColumn) + 1});
        if (columns.size() > kContinuationColumn)
            s.text += columns.substr(kContinuationColumn, kTextColumns - kContinuationColumn);
        split_fields(s);
    }
    return true;
}

SourceInput::SourceInput(std::string file_name, std::string_view text,
                         std::vector<std::filesystem::path> copy_directories)
    : directories_(std::move(copy_directories)) {
    directories_.insert(directories_.begin(), std::filesystem::path(file_name).parent_path());
    stack_.emplace_back(std::move(file_name), text);
}

bool SourceInput::next(Statement& statement, const StatementReader::Report& report) {
    while (!stack_.empty()) {
        if (stack_.back().next(statement, report)) return true;
        stack_.pop_back();
    }
    return false;
}

std::optional<SourceInput::Member> SourceInput::find_member(std::string_view name) const {
    for (const auto& directory : directories_) {
        for (const std::string& stem : {std::string(name), to_upper(name), to_lower(name)}) {
            for (const char* suffix : {"", ".asm", ".copy", ".mac"}) {
                const auto path = directory / (stem + suffix);
                if (auto text = read_file(path)) return Member{path.string(), std::move(*text)};
            }
        }
    }
    return std::nullopt;
}

std::string SourceInput::copy(std::string_view name) {
    auto member = find_member(name);
    if (!member) {
        std::string where;
        for (const auto& d : directories_)
            where += (where.empty() ? "" : ", ") + (d.empty() ? "." : d.string());
        return fmt::format("no member {} to copy (looked for {}, {}.asm, {}.copy, {}.mac in {})", name, name,
                           name, name, name, where);
    }
    for (const StatementReader& open : stack_)
        if (open.file_name() == member->file_name) return fmt::format("{} copies itself", member->file_name);
    if (stack_.size() >= kMaximumNesting)
        return fmt::format("COPY is nested deeper than {}", kMaximumNesting);
    stack_.emplace_back(member->file_name, member->text);
    return {};
}

}  // namespace isa::assembler
