// Source text as statements: cards, continuation, COPY members.
//
// A line is a card. Columns 1-71 hold the statement, a character in column 72 says that the next card goes
// on (its columns 1-15 are blank, and it resumes in column 16), columns 73-80 are for sequence numbers and
// are ignored. An operand field is continued in either of two ways: it fills the card up to column 71, or it
// breaks off behind a comma and a remark may follow. Comments (* or .* in column 1) are not continued.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "isa/assembler/statement.hpp"

namespace isa::assembler {

/// One file (or text) as a sequence of statements.
class StatementReader {
  public:
    using Report = std::function<void(Diagnostic)>;

    /// `text` is UTF-8 (Latin-1 where it is not valid UTF-8), lines ending in LF or CR LF.
    StatementReader(std::string file_name, std::string_view text);

    /// False at the end of the text. What is wrong with the cards themselves goes to `report`.
    bool next(Statement& statement, const Report& report);

    const std::string& file_name() const { return *file_; }

  private:
    struct Card {
        std::string raw;      // as in the file
        std::string columns;  // Latin-1, tabs expanded
        bool continued() const { return columns.size() > 71 && columns[71] != ' '; }
    };

    std::shared_ptr<const std::string> file_;
    std::vector<Card> cards_;
    std::size_t next_ = 0;
};

/// The stack of texts that statements come from: the source file, and COPY members in it.
class SourceInput {
  public:
    SourceInput(std::string file_name, std::string_view text,
                std::vector<std::filesystem::path> copy_directories);

    /// Next statement, of the innermost text that has one left.
    bool next(Statement& statement, const StatementReader::Report& report);

    /// Continues with the member `name` (NAME, NAME.asm, NAME.copy or NAME.mac, upper or lower case, in the
    /// directory of the source file or in those given). Returns what is wrong, or an empty text.
    std::string copy(std::string_view name);

    /// Reads a member without continuing with it: its text and its file name.
    struct Member {
        std::string file_name;
        std::string text;
    };
    std::optional<Member> find_member(std::string_view name) const;

  private:
    std::vector<StatementReader> stack_;
    std::vector<std::filesystem::path> directories_;
};

}  // namespace isa::assembler
