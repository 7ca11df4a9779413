// The assembler: classic System/370 assembler language in, storage image and listing out.
//
// The language is that of the OS assemblers of the 1970s: the machine instructions of
// isa/instruction_table.inc, extended mnemonics, START CSECT DSECT COM END ENTRY EXTRN WXTRN USING DROP PUSH
// POP DC DS CCW EQU ORG LTORG CNOP COPY, the listing controls, and the macro language (macro_processor.hpp).
// Letters may be of either case; symbols have up to 63 characters. Character constants are EBCDIC, code page
// 037.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "isa/assembler/diagnostic.hpp"

namespace isa::assembler {

struct Options {
    std::string sysparm;           // value of &SYSPARM
    bool allow_externals = false;  // addresses of other modules: only an object deck can hold them
    std::vector<std::filesystem::path> copy_directories;  // for COPY, behind the source file's own directory
};

struct SymbolInfo {
    std::string name;
    uint32_t value = 0;   // assembled address, or absolute value
    std::string section;  // "" where absolute
    bool absolute = false;
    unsigned length = 1;        // length attribute, bytes
    std::size_t statement = 0;  // number in the listing
};

enum class SectionKind : uint8_t { control, dummy, common, external };

struct SectionInfo {
    std::string name;  // "" is the unnamed (private code) section
    SectionKind kind = SectionKind::control;
    uint32_t origin = 0;  // assembled address; 0 for dummy and external ones
    uint32_t size = 0;    // bytes
    bool weak = false;    // of external ones
};

/// A stretch of generated object code: DS and alignment leave gaps between these.
struct TextPiece {
    uint32_t address = 0;
    std::size_t section = 0;  // index into Result::sections
    std::vector<uint8_t> bytes;
};

/// An address constant to which a loader adds what the origin of `target` has moved by.
struct RelocationInfo {
    std::size_t target = 0;   // index into Result::sections
    std::size_t section = 0;  // where the constant is
    uint32_t address = 0;
    unsigned length = 4;  // bytes
    char type = 'A';      // A or V
    bool negative = false;
};

/// A symbol that other modules may name (ENTRY).
struct EntryInfo {
    std::string name;
    uint32_t address = 0;
    std::size_t section = 0;
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
    std::vector<RelocationInfo> relocations;  // in order of the source
    std::vector<EntryInfo> entries;           // in order of ENTRY
    std::vector<SymbolInfo> symbols;          // ascending by name
    std::string listing;                      // made even if there are errors
    std::vector<Diagnostic> diagnostics;      // in order of the source

    const SymbolInfo* find(std::string_view symbol) const;
};

/// Assembles `source` (UTF-8); `file_name` is for messages, and its directory is searched by COPY. Never
/// throws for bad source.
Result assemble(std::string_view source, const std::string& file_name, const Options& options = {});

}  // namespace isa::assembler
