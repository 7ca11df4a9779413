// A module under assembly: its statements, sections, symbols and literals. Both passes work on this.
//
// The first pass reads the source, gives every statement its place (section and offset) and every label its
// value. Then the sections are laid out one behind the other, which turns offsets into addresses. The second
// pass evaluates the operands and generates object code; nothing moves any more.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "isa/assembler/assembler.hpp"
#include "isa/assembler/constant.hpp"
#include "isa/assembler/operation.hpp"
#include "isa/assembler/statement.hpp"
#include "isa/assembler/symbol_table.hpp"
#include "isa/assembler/using_table.hpp"
#include "isa/assembler/value.hpp"

namespace isa::assembler {

/// With so many messages the assembly ends: nobody reads more.
inline constexpr std::size_t kMaximumMessages = 1000;
inline constexpr uint32_t kMaximumAddress = 0x1000000;  // 16 MiB

struct Section : SectionInfo {
    uint32_t location = 0;  // the location counter, as an offset
    SectionId dummy = -1;   // of an external dummy section that is a DSECT: that
};

/// An operand of DC, DS or DXD in its statement.
struct PlacedConstant {
    Constant constant;
    uint64_t begin = 0;  // bits behind the statement's location
};

/// A statement with what the passes found out about it.
struct Line {
    Statement statement;
    std::size_t number = 0;  // statement number in the listing, from 1; 0: not listed with a number
    std::optional<Directive> directive;
    std::optional<MachineOperation> machine;
    bool failed = false;       // an error was reported: the second pass leaves it alone
    bool listed_only = false;  // the macro language's, and dealt with
    bool generated = false;    // by a macro: the listing marks it
    std::optional<Location> location;
    uint32_t length = 0;   // bytes
    uint32_t skipped = 0;  // bytes before the location that the alignment made zero
    bool leads = false;    // before the first control section
    std::vector<PlacedConstant> constants;

    // From the second pass, for the listing.
    std::vector<uint8_t> object;
    std::optional<uint32_t> address1;
    std::optional<uint32_t> address2;
    std::optional<uint32_t> value;  // of EQU, USING, ORG, END
    std::vector<BaseRegister> bases;
};

/// A literal in its pool.
struct Literal {
    std::string key;       // what equal literals have in common
    Line* line = nullptr;  // the first that uses it
    Constant constant;
    Location use;  // of that instruction: what * means in it
    std::optional<Location> location;
    std::vector<uint8_t> object;
};

/// The literals between two LTORGs.
struct LiteralPool {
    std::deque<Literal> literals;
    std::map<std::string, Literal*> by_key;
    const Line* placed_by = nullptr;  // LTORG or END
    std::vector<Literal*> in_order;   // of location
};

/// A name on ENTRY.
struct Entry {
    std::string name;
    Line* line = nullptr;
    std::size_t offset = 0;  // in the statement's text
};

/// Where a loader adds a section's origin (RelocationInfo).
struct Relocation {
    SectionId target = 0;  // -1: none
    Location at;
    unsigned length = 4;
    char type = 'A';
    bool negative = false;
};

struct Module {
    Options options;
    std::deque<Line> lines;
    std::vector<Section> sections;
    SymbolTable symbols;
    std::deque<LiteralPool> pools{1};
    std::vector<Relocation> relocations;
    std::vector<Entry> entries;
    std::vector<DictionaryItem> dictionary;          // Result::dictionary, dummy sections included
    std::optional<uint32_t> start;                   // of START
    std::string current_section;                     // its name, as the first pass goes along
    std::optional<Value> entry;                      // of END
    std::string translator;                          // of END
    std::string deck_name;                           // of TITLE
    std::map<std::string, SectionId> externals;      // EXTRN, WXTRN and V constants
    std::map<std::string, SectionId> dummy_offsets;  // DXD, and DSECTs that Q constants name
    uint32_t dummy_total = 0;                        // length of the vector of external dummy sections
    std::vector<PunchedCard> punched;
    std::vector<std::string> members;  // files that were read

    std::vector<std::pair<std::size_t, Diagnostic>> diagnostics;  // with index into lines
    std::optional<std::size_t> missing_member;  // among them: that the first COPY member is not there
    std::size_t left_out = 0;                   // messages that may follow from that

    /// Object code as it was generated, in order of the source: later pieces lie over earlier ones.
    struct Piece {
        Location at;
        std::vector<uint8_t> bytes;
    };
    std::vector<Piece> pieces;

    int64_t assembled_address(const Value& v) const {
        int64_t a = v.number;
        for (const auto& [section, factor] : v.terms)
            a += int64_t{factor} * sections[static_cast<std::size_t>(section)].origin;
        return a;
    }
    uint32_t assembled_address(Location at) const {
        return sections[static_cast<std::size_t>(at.section)].origin + at.offset;
    }

    bool gave_up = false;      // too many errors
    std::size_t errors = 0;    // so far
    std::size_t warnings = 0;  // and notes
    /// Whether there are too many errors; then that is reported of `line`, once.
    bool too_many_messages(const Line& line);

    std::size_t index_of(const Line& line) const;

    /// About the line of this index, which may be one that is still to come.
    void report(std::size_t index, Diagnostic diagnostic);
    void report(const Line& line, std::size_t offset, Severity severity, const std::string& message);
    /// What is wrong with a statement, unless the message is empty; its names may be a missing member's.
    void report(std::size_t index, const Statement& statement, const SourceError& error);
    /// Reports an error (unless its message is empty) and marks the line.
    void fail(Line& line, const SourceError& error);
};

/// The key of the literal at the cursor, which stands on '='; parses it and moves behind. `statement` tells
/// literals apart that depend on the location counter.
struct ParsedLiteral {
    std::string key;
    Constant constant;
};
ParsedLiteral parse_literal(Cursor& cursor, const Scope& scope, std::size_t statement);

/// Where a statement is, for messages: "FILE:LINE", and the macro that generated it.
std::string place_of(const Module& module, std::size_t statement);

void first_pass(Module& module, std::string_view source, const std::string& file_name);
void lay_out_sections(Module& module);
void second_pass(Module& module);

}  // namespace isa::assembler
