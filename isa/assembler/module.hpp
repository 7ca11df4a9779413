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
    uint32_t length = 0;  // bytes
    std::vector<Constant> constants;

    // From the second pass, for the listing.
    std::vector<uint8_t> object;
    std::optional<uint32_t> address1;
    std::optional<uint32_t> address2;
    std::optional<uint32_t> value;  // of EQU, USING, ORG, END
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

/// Where a loader adds a section's origin.
struct Relocation {
    SectionId target = 0;
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
    std::vector<std::string> entries;                             // names on ENTRY
    std::optional<uint32_t> start;                                // of START
    std::string current_section;                                  // its name, as the first pass goes along
    std::optional<Value> entry;                                   // of END
    std::map<std::string, SectionId> externals;                   // EXTRN, WXTRN and V constants
    std::vector<std::pair<std::size_t, Diagnostic>> diagnostics;  // with index into lines

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

    bool gave_up = false;  // too many messages
    /// Whether there are too many messages; then that is reported of `line`, once.
    bool too_many_messages(const Line& line);

    std::size_t index_of(const Line& line) const;

    void report(const Line& line, std::size_t offset, Severity severity, const std::string& message);
    void report(const Line& line, Diagnostic diagnostic);
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

void first_pass(Module& module, std::string_view source, const std::string& file_name);
void lay_out_sections(Module& module);
void second_pass(Module& module);

}  // namespace isa::assembler
