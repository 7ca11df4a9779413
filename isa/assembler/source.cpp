#include "isa/assembler/source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "isa/assembler/operation.hpp"
#include "isa/ebcdic.hpp"

namespace isa::assembler {
namespace {

constexpr std::size_t kCardColumns = 80;
constexpr std::size_t kMaximumNesting = 32;
constexpr unsigned kSequenceMessages = 10;

/// Bytes of the UTF-8 character that begins at `at`; 0 if there is none.
std::size_t utf8_length(std::string_view text, std::size_t at) {
    const auto c = static_cast<unsigned char>(text[at]);
    const std::size_t length = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
    if (at + length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((static_cast<unsigned char>(text[at + i]) & 0xC0) != 0x80) return 0;
    return length;
}

/// Whether all of it is UTF-8. (Single bytes may look like it in a file that is not.)
bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = utf8_length(text, i);
        if (length == 0) return false;
        i += length;
    }
    return true;
}

/// UTF-8 to Latin-1, one byte a character, so that columns are counted in characters.
std::string to_latin1(std::string_view utf8) {
    std::string out;
    out.reserve(utf8.size());
    for (std::size_t i = 0; i < utf8.size();) {
        const std::size_t length = std::max<std::size_t>(utf8_length(utf8, i), 1);
        const auto c = static_cast<unsigned char>(utf8[i]);
        if (length == 1)
            out.push_back(utf8[i]);
        else if (length == 2 && c < 0xC4)
            out.push_back(static_cast<char>((c & 3) << 6 | (static_cast<unsigned char>(utf8[i + 1]) & 0x3F)));
        else
            out.push_back(kNoCharacter);
        i += length;
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

/// Column numbers, separated by commas.
std::vector<std::size_t> column_numbers(const Statement& s) {
    std::vector<std::size_t> numbers;
    if (s.view(s.operands) == ",") return numbers;
    for (const Field& part : split_at_commas(s.text, s.operands)) {
        std::size_t n = 0;
        for (std::size_t i = part.begin; i < part.end; ++i) {
            if (!is_digit(s.text[i])) throw SourceError(i, "expected a column, 1 to 80");
            n = std::min<std::size_t>(10 * n + static_cast<std::size_t>(s.text[i] - '0'), 1000);
        }
        if (n < 1 || n > kCardColumns) throw SourceError(part.begin, "expected a column, 1 to 80");
        numbers.push_back(n);
    }
    return numbers;
}

}  // namespace

StatementReader::StatementReader(std::string file_name, std::string_view text)
    : file_(std::make_shared<const std::string>(std::move(file_name))), utf8_(is_utf8(text)) {
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t end = text.find('\n', at);
        if (end == std::string_view::npos) end = text.size();
        std::string_view line = text.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        cards_.emplace_back(line);
        at = end + 1;
    }
}

void StatementReader::check_sequence(std::size_t left, std::size_t right) {
    sequence_left_ = left;
    sequence_right_ = right;
    sequence_.reset();
}

std::string StatementReader::take_card(std::vector<std::string>& lines, const Report& report) {
    const std::string& raw = cards_[next_++];
    lines.push_back(raw);
    std::string card = expand_tabs(utf8_ ? to_latin1(raw) : raw);
    if (sequence_left_ != 0) in_sequence(card, report);
    return card;
}

bool StatementReader::has_mark(const std::string& card) const {
    return columns_.continued != 0 && card.size() > columns_.end && card[columns_.end] != ' ';
}

void StatementReader::in_sequence(const std::string& card, const Report& report) {
    std::string number = card.size() < sequence_left_
                             ? std::string()
                             : card.substr(sequence_left_ - 1, sequence_right_ - sequence_left_ + 1);
    number.resize(sequence_right_ - sequence_left_ + 1, ' ');
    const bool ascends =
        !sequence_ ||
        std::lexicographical_compare(sequence_->begin(), sequence_->end(), number.begin(), number.end(),
                                     [](char a, char b) { return isa::to_ebcdic(a) < isa::to_ebcdic(b); });
    if (!ascends && ++out_of_sequence_ <= kSequenceMessages)
        report({*file_, static_cast<unsigned>(next_), static_cast<unsigned>(sequence_left_),
                Severity::warning,
                fmt::format("'{}' is out of sequence behind '{}'{}", printable(number), printable(*sequence_),
                            out_of_sequence_ == kSequenceMessages ? "; the next ones are not reported" : ""),
                cards_[next_ - 1]});
    sequence_ = std::move(number);
}

bool StatementReader::next(Statement& s, const Report& report) {
    if (next_ >= cards_.size()) return false;
    s = Statement{};
    s.file = file_;
    s.first_line = static_cast<unsigned>(next_) + 1;
    auto lines = std::make_shared<std::vector<std::string>>();
    s.lines = lines;
    const std::size_t before = columns_.begin - 1;
    std::string card = take_card(*lines, report);
    if (card.size() > before) s.text = card.substr(before, columns_.end - before);
    s.segments.push_back({0, s.first_line, static_cast<unsigned>(columns_.begin)});
    FieldSplitter splitter;
    splitter.split(s);
    while (has_mark(card)) {
        if (next_ >= cards_.size()) {
            report(s.diagnose(
                0, Severity::error,
                fmt::format("the last line is continued (column {} is not blank)", columns_.end + 1)));
            break;
        }
        const auto line = static_cast<unsigned>(next_) + 1;
        card = take_card(*lines, report);
        const std::size_t first = card.find_first_not_of(' ', before);
        if (first < columns_.continued - 1)
            report({*file_, line, static_cast<unsigned>(first) + 1, Severity::warning,
                    fmt::format("columns {} to {} of a continuation should be blank: column {} of the line "
                                "before is not blank, so that this line belongs to it",
                                columns_.begin, columns_.continued - 1, columns_.end + 1),
                    lines->back()});
        // An operand field that broke off behind a comma: the rest of the card is a remark. But a comma alone
        // stands for operands that an assembler instruction does without.
        if (splitter.at_remark() && !s.operands.empty() && s.text[s.operands.end - 1] == ',' &&
            !(s.view(s.operands) == "," && is_assembler_operation(s.op)))
            splitter.resume_operands(s);
        s.segments.push_back({s.text.size(), line, static_cast<unsigned>(columns_.continued)});
        if (card.size() >= columns_.continued)
            s.text += card.substr(columns_.continued - 1, columns_.end - columns_.continued + 1);
        splitter.split(s);
    }
    if (s.op == "REPRO") {
        if (next_ >= cards_.size()) {
            report(s.diagnose(s.operation.begin, Severity::error, "there is no card behind REPRO"));
        } else {
            s.card = take_card(*lines, report);
            s.card.resize(kCardColumns, ' ');
        }
    }
    return true;
}

SourceInput::SourceInput(std::string file_name, std::string_view text, const Options& options)
    : directories_(options.copy_directories), built_in_(options.built_in) {
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

std::optional<SourceInput::Member> SourceInput::find_member(
    std::string_view name, const std::function<bool(const Member&)>& accept) const {
    for (const auto& directory : directories_) {
        for (const std::string& stem : {std::string(name), to_upper(name), to_lower(name)}) {
            for (const char* suffix : {"", ".asm", ".copy", ".mac"}) {
                const auto path = directory / (stem + suffix);
                auto text = read_file(path);
                if (!text) continue;
                Member member{path.string(), std::move(*text)};
                if (accept(member)) return member;
            }
        }
    }
    for (const BuiltInMember& one : built_in_) {
        if (one.name != to_lower(name)) continue;
        Member member{fmt::format("built-in/{}.copy", one.name), std::string(one.text)};
        if (accept(member)) return member;
    }
    return std::nullopt;
}

SourceInput::Copied SourceInput::copy(std::string_view name) {
    std::string open_file;  // of that name, which is being read
    auto member = find_member(name, [&](const Member& m) {
        const bool open = std::any_of(stack_.begin(), stack_.end(), [&](const StatementReader& reader) {
            return reader.file_name() == m.file_name;
        });
        if (open) open_file = m.file_name;
        return !open;
    });
    if (!member && !open_file.empty()) return {fmt::format("{} copies itself", open_file), false, {}};
    if (!member) {
        std::string where;
        for (const auto& d : directories_)
            where += (where.empty() ? "" : ", ") + (d.empty() ? "." : d.string());
        return {
            fmt::format("no member {} to copy (looked for {}, {}.asm, {}.copy, {}.mac in {}{})", name, name,
                        name, name, name, where, built_in_.empty() ? "" : ", and among the built-in members"),
            true,
            {}};
    }
    if (stack_.size() >= kMaximumNesting)
        return {fmt::format("COPY is nested deeper than {}", kMaximumNesting), false, {}};
    stack_.emplace_back(member->file_name, member->text);
    return {{}, false, std::move(member->file_name)};
}

void SourceInput::control(const Statement& s, bool first) {
    StatementReader& source = stack_.front();
    const std::vector<std::size_t> numbers = column_numbers(s);
    const std::size_t at = s.operands.begin;
    if (s.op == "ISEQ") {
        if (numbers.empty()) return source.check_sequence(0, 0);
        if (numbers.size() != 2 || numbers[0] > numbers[1])
            throw SourceError(at, "ISEQ takes the first and the last column of the sequence number");
        return source.check_sequence(numbers[0], numbers[1]);
    }
    if (!first) throw SourceError(s.operation.begin, "ICTL must be the first statement");
    StatementReader::Columns columns;
    if (numbers.empty() || numbers.size() > 3)
        throw SourceError(at, "ICTL takes the columns where statements begin, end, and are continued");
    columns.begin = numbers[0];
    if (numbers.size() > 1) columns.end = numbers[1];
    if (numbers.size() > 2) columns.continued = numbers[2];
    if (columns.begin > 40 || columns.end < 41 || columns.end < columns.begin + 5 || columns.continued > 40 ||
        columns.continued <= columns.begin)
        throw SourceError(
            at,
            "ICTL's columns are 1 to 40, 41 to 80 (at least 5 behind), and up to 40 (behind the "
            "first)");
    if (columns.end == kCardColumns) columns.continued = 0;  // no room for the mark
    source.set_columns(columns);
}

}  // namespace isa::assembler
