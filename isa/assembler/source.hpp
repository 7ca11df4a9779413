// Source text as statements: cards, continuation, COPY members.
//
// A line is a card. Columns 1-71 hold the statement, a character in column 72 says that the next card goes
// on (its columns 1-15 should be blank, and it resumes in column 16), columns 73-80 are for sequence numbers
// and are ignored. ICTL moves these columns, ISEQ has the sequence numbers checked; both concern the source
// file, not members. An operand field is continued in either of two ways: it fills the card up to column 71,
// or it breaks off behind a comma and a remark may follow. Comments (* or .* in column 1) are continued as
// well. The card behind REPRO belongs to it, whatever it holds.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "isa/assembler/assembler.hpp"
#include "isa/assembler/statement.hpp"

namespace isa::assembler {

/// One file (or text) as a sequence of statements.
class StatementReader {
  public:
    using Report = std::function<void(Diagnostic)>;

    /// Which columns of a card mean what; they count from 1.
    struct Columns {
        std::size_t begin = 1;
        std::size_t end = 71;        // the next one is that of the continuation mark
        std::size_t continued = 16;  // where a continuation resumes; 0: there are none
    };

    /// `text` is UTF-8 (Latin-1 if not all of it is valid UTF-8), lines ending in LF or CR LF.
    StatementReader(std::string file_name, std::string_view text);

    /// ICTL: for the cards from here on.
    void set_columns(const Columns& columns) { columns_ = columns; }
    /// ISEQ: the cards from here on must ascend in these columns; left 0 ends that.
    void check_sequence(std::size_t left, std::size_t right);

    /// False at the end of the text. What is wrong with the cards themselves goes to `report`.
    bool next(Statement& statement, const Report& report);

    const std::string& file_name() const { return *file_; }

  private:
    /// The columns of the next card (Latin-1, tabs expanded), which is counted as read.
    std::string take_card(std::vector<std::string>& lines, const Report& report);
    bool has_mark(const std::string& card) const;
    void in_sequence(const std::string& card, const Report& report);

    std::shared_ptr<const std::string> file_;
    bool utf8_;
    std::vector<std::string> cards_;  // as in the file
    std::size_t next_ = 0;
    Columns columns_;
    std::size_t sequence_left_ = 0;  // columns of the sequence number; 0: not checked
    std::size_t sequence_right_ = 0;
    std::optional<std::string> sequence_;  // of the card before
    unsigned out_of_sequence_ = 0;         // cards
};

/// The stack of texts that statements come from: the source file, and COPY members in it.
class SourceInput {
  public:
    SourceInput(std::string file_name, std::string_view text, const Options& options);

    /// Next statement, of the innermost text that has one left.
    bool next(Statement& statement, const StatementReader::Report& report);

    /// Whether the last statement came from the source file itself, not from a member.
    bool in_source() const { return stack_.size() == 1; }

    /// Continues with the member `name` (NAME, NAME.asm, NAME.copy or NAME.mac, upper or lower case, in the
    /// directory of the source file, in those given or among those that are built in). Tells what is wrong,
    /// if anything.
    struct Copied {
        std::string problem;
        bool missing = false;   // there is no such member
        std::string file_name;  // of the member
    };
    Copied copy(std::string_view name);

    /// ICTL and ISEQ; `first` tells whether it is the first statement. Raises SourceError.
    void control(const Statement& s, bool first);

    /// Reads a member without continuing with it: its text and its file name.
    struct Member {
        std::string file_name;
        std::string text;
    };
    /// The first of the files of that name that `accept` takes.
    std::optional<Member> find_member(
        std::string_view name,
        const std::function<bool(const Member&)>& accept = [](const Member&) { return true; }) const;

  private:
    std::vector<StatementReader> stack_;
    std::vector<std::filesystem::path> directories_;
    std::vector<BuiltInMember> built_in_;
};

}  // namespace isa::assembler
