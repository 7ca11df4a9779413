// The assembler: classic System/370 assembler language in, storage image and listing out.
//
// The language is that of the OS assemblers of the 1970s: the machine instructions of
// isa/instruction_table.inc, extended mnemonics, the assembler instructions of operation.hpp, and the macro
// language (macro_processor.hpp). docs/assembler.md lists all of it.
// Letters may be of either case; symbols have up to 63 characters. Character constants are EBCDIC, code page
// 037.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "isa/assembler/diagnostic.hpp"
#include "isa/instruction.hpp"

namespace isa::assembler {

/// A member that comes with the program.
struct BuiltInMember {
    std::string_view name;  // in small letters
    std::string_view text;
};

struct Options {
    std::string sysparm;             // value of &SYSPARM
    std::string sysdate = kSysdate;  // of &SYSDATE: MM/DD/YY
    std::string systime = kSystime;  // of &SYSTIME: HH.MM
    bool allow_externals = false;  // an object deck is wanted: a linkage editor gives externals their values
    std::vector<std::filesystem::path> copy_directories;  // for COPY, behind the source file's own directory
    /// For the same, behind all directories.
    std::vector<BuiltInMember> built_in = {};
    /// Statements that the macro language may look at: no source keeps the assembler forever. ACTR is the
    /// programmer's limit, and far below.
    uint64_t work_limit = 100'000'000;
    /// What to say of an instruction that the machine lacks; empty if it has it. Not set: it has all.
    std::function<std::string(Op)> missing_instruction;

    /// Assembling at whatever time gives the same result.
    static constexpr const char* kSysdate = "01/01/70";
    static constexpr const char* kSystime = "00.00";
};

struct SymbolInfo {
    std::string name;
    uint32_t value = 0;   // assembled address, or absolute value
    std::string section;  // "" where absolute
    bool absolute = false;
    unsigned length = 1;        // length attribute, bytes
    std::size_t statement = 0;  // number in the listing
};

/// An external dummy section (DXD, or a DSECT that a Q constant names) is a part of a vector whose layout the
/// linkage editor decides.
enum class SectionKind : uint8_t { control, dummy, common, external, external_dummy };

struct SectionInfo {
    std::string name;  // "" is the unnamed (private code) section
    SectionKind kind = SectionKind::control;
    uint32_t origin = 0;  // assembled address; 0 for dummy and external ones, and for commons in object decks
    uint32_t size = 0;    // bytes
    bool weak = false;    // of external ones
    unsigned alignment = 8;  // of external dummy ones, bytes
};

inline constexpr std::size_t kNoSection = static_cast<std::size_t>(-1);

/// A stretch of generated object code: what DS and ORG skip are gaps between these.
struct TextPiece {
    uint32_t address = 0;
    std::size_t section = 0;  // index into Result::sections
    std::vector<uint8_t> bytes;
};

/// An address constant to which a loader adds what the origin of `target` has moved by. Of type Q: where it
/// puts the offset of an external dummy section; of type C (CXD): the length of all of them, without target.
struct RelocationInfo {
    std::size_t target = 0;   // index into Result::sections, or kNoSection
    std::size_t section = 0;  // where the constant is
    uint32_t address = 0;
    unsigned length = 4;  // bytes
    char type = 'A';      // A, V, Q or C
    bool negative = false;
};

/// A symbol that other modules may name (ENTRY).
struct EntryInfo {
    std::string name;
    uint32_t address = 0;
    std::size_t section = 0;
};

/// A base register by which an operand was reached, and what USING says that it holds.
struct BaseRegister {
    uint8_t number = 0;
    uint32_t value = 0;  // assembled address

    bool operator==(const BaseRegister&) const = default;
};

/// A statement that takes up storage, for those who ask what a place in storage was in the source.
struct PlacedStatement {
    uint32_t address = 0, length = 0;
    bool instruction = false;  // else a constant or a space
    std::shared_ptr<const std::string> file;
    unsigned line = 0;
    std::string text;                 // as it stands there, its first line; of a macro: what that generated
    std::vector<BaseRegister> bases;  // of an instruction, where USING names an address of the program
};

/// What the external symbol dictionary names, in the order of the source.
struct DictionaryItem {
    bool entry = false;
    std::size_t index = 0;  // into Result::entries or Result::sections
};

/// A card of PUNCH or REPRO, and its place in the deck.
struct PunchedCard {
    std::vector<uint8_t> columns;  // 80, EBCDIC
    bool leads = false;            // stands before the first control section: goes before the dictionary
    std::size_t text = 0;          // else: goes before this one of Result::text
};

struct Result {
    bool ok = false;             // no errors: only then do image and text mean anything
    uint32_t load_address = 0;   // of image[0]: START's operand, rounded up to a doubleword
    std::vector<uint8_t> image;  // all control sections; what no statement filled is zero
    std::vector<TextPiece>
        text;                // the same as generated, in order of the source: later ones lie over earlier
    uint32_t entry = 0;      // END's operand, or the beginning of the first section
    bool has_entry = false;  // END has an operand
    std::size_t entry_section = 0;  // that of END's operand
    std::vector<SectionInfo> sections;
    std::vector<DictionaryItem> dictionary;   // without dummy sections
    std::vector<RelocationInfo> relocations;  // in order of the source
    std::vector<EntryInfo> entries;           // in order of ENTRY
    std::vector<PunchedCard> punched;         // in order of the source
    std::vector<PlacedStatement> statements;  // likewise, of control sections
    std::string deck_name;                    // label of the first TITLE that has one, at most 8 characters
    std::string translator;               // of END: 10 characters of name, 4 of version, 5 of date (or none)
    std::vector<SymbolInfo> symbols;      // ascending by name
    std::vector<std::string> members;     // files that COPY and macro calls have read
    std::string listing;                  // made even if there are errors
    std::vector<Diagnostic> diagnostics;  // in order of the source

    const SymbolInfo* find(std::string_view symbol) const;
};

/// Assembles `source` (UTF-8); `file_name` is for messages, and its directory is searched by COPY. Never
/// throws for bad source.
Result assemble(std::string_view source, const std::string& file_name, const Options& options = {});

}  // namespace isa::assembler
