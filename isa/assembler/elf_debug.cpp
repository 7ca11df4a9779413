#include "isa/assembler/elf_debug.hpp"

#include <algorithm>
#include <map>
#include <string_view>

#include "isa/assembler/elf_bytes.hpp"
#include "isa/assembler/program_labels.hpp"
#include "isa/assembler/program_lines.hpp"

namespace isa::assembler {
namespace {

// DWARF 4: chapter 7 of its standard has these numbers.
constexpr unsigned kTagArray = 0x01, kTagMember = 0x0D, kTagUnit = 0x11, kTagStructure = 0x13,
                   kTagSubrange = 0x21, kTagBase = 0x24, kTagConstant = 0x27, kTagRoutine = 0x2E,
                   kTagVariable = 0x34;
constexpr unsigned kAtLocation = 0x02, kAtName = 0x03, kAtByteSize = 0x0B, kAtStatements = 0x10,
                   kAtLowPc = 0x11, kAtHighPc = 0x12, kAtLanguage = 0x13, kAtDirectory = 0x1B,
                   kAtValue = 0x1C, kAtProducer = 0x25, kAtCount = 0x37, kAtOffset = 0x38, kAtEncoding = 0x3E,
                   kAtExternal = 0x3F, kAtType = 0x49;
constexpr unsigned kFormAddress = 0x01, kFormData2 = 0x05, kFormString = 0x08, kFormData1 = 0x0B,
                   kFormNumber = 0x0D, kFormUnsigned = 0x0F, kFormReference = 0x13, kFormOffset = 0x17,
                   kFormExpression = 0x18, kFormPresent = 0x19;
constexpr unsigned kSigned = 0x05, kUnsignedCharacter = 0x08;
constexpr unsigned kAssemblerLanguage = 0x8001;
constexpr unsigned kOperatorAddress = 0x03;

enum Abbreviation : uint8_t {
    unit = 1,
    base,
    variable,
    array,
    subrange,
    routine,
    structure,
    member,
    constant
};

std::vector<uint8_t> abbreviations() {
    ElfBytes out;
    const auto entry = [&](unsigned code, unsigned tag, bool children,
                           std::initializer_list<std::pair<unsigned, unsigned>> attributes) {
        out.unsigned_leb(code);
        out.unsigned_leb(tag);
        out.u8(children);
        for (const auto& [attribute, form] : attributes) {
            out.unsigned_leb(attribute);
            out.unsigned_leb(form);
        }
        out.u16(0);
    };
    entry(unit, kTagUnit, true,
          {{kAtProducer, kFormString},
           {kAtLanguage, kFormData2},
           {kAtName, kFormString},
           {kAtDirectory, kFormString},
           {kAtLowPc, kFormAddress},
           {kAtHighPc, kFormAddress},
           {kAtStatements, kFormOffset}});
    entry(base, kTagBase, false,
          {{kAtName, kFormString}, {kAtByteSize, kFormData1}, {kAtEncoding, kFormData1}});
    entry(variable, kTagVariable, false,
          {{kAtName, kFormString},
           {kAtType, kFormReference},
           {kAtExternal, kFormPresent},
           {kAtLocation, kFormExpression}});
    entry(array, kTagArray, true, {{kAtType, kFormReference}});
    entry(subrange, kTagSubrange, false, {{kAtType, kFormReference}, {kAtCount, kFormUnsigned}});
    entry(routine, kTagRoutine, false,
          {{kAtName, kFormString},
           {kAtExternal, kFormPresent},
           {kAtLowPc, kFormAddress},
           {kAtHighPc, kFormAddress}});
    entry(structure, kTagStructure, true, {{kAtName, kFormString}, {kAtByteSize, kFormUnsigned}});
    entry(member, kTagMember, false,
          {{kAtName, kFormString}, {kAtType, kFormReference}, {kAtOffset, kFormUnsigned}});
    entry(constant, kTagConstant, false,
          {{kAtName, kFormString}, {kAtType, kFormReference}, {kAtValue, kFormNumber}});
    out.u8(0);
    return out.take();
}

/// What data is called and of which length it is, where routines begin, what dummy sections lay out, and what
/// names stand for.
class DebugInfo {
  public:
    DebugInfo(const Result& result, const std::string& source, const std::string& directory) : r_(result) {
        const std::size_t length = out_.begin_length();
        out_.u16(4);  // the version of DWARF
        out_.u32(0);  // into .debug_abbrev
        out_.u8(4);   // bytes of an address
        out_.unsigned_leb(unit);
        out_.string("vmcp asm");
        out_.u16(kAssemblerLanguage);
        out_.string(source);
        out_.string(directory);
        out_.u32(r_.load_address);
        out_.u32(r_.load_address + static_cast<uint32_t>(r_.image.size()));
        out_.u32(0);  // into .debug_line
        types();
        labels();
        for (const SectionInfo& section : r_.sections)
            if (section.kind == SectionKind::dummy && section.size > 0 && !section.name.empty())
                structure_of(section);
        for (const SymbolInfo& s : r_.symbols)
            if (s.absolute) constant_of(s);
        out_.u8(0);
        out_.end_length(length);
    }
    std::vector<uint8_t> take() { return out_.take(); }

  private:
    void type(unsigned bytes, std::string_view name, unsigned encoding) {
        types_[bytes] = static_cast<uint32_t>(out_.size());
        out_.unsigned_leb(base);
        out_.string(name);
        out_.u8(bytes);
        out_.u8(encoding);
    }
    void types() {
        type(1, "byte", kUnsignedCharacter);
        type(2, "halfword", kSigned);
        type(4, "fullword", kSigned);
        type(8, "doubleword", kSigned);
    }
    uint32_t type_of(unsigned length) {
        const auto [at, made] = types_.try_emplace(length, static_cast<uint32_t>(out_.size()));
        if (made) {
            out_.unsigned_leb(array);
            out_.u32(types_[1]);
            out_.unsigned_leb(subrange);
            out_.u32(types_[4]);
            out_.unsigned_leb(length);
            out_.u8(0);
        }
        return at->second;
    }
    /// Every label of code is a routine: gdb steps over calls only where it sees another routine begin.
    void labels() {
        const ProgramLabel* before = nullptr;
        const std::vector<ProgramLabel> labels = program_labels(r_);
        for (const ProgramLabel& label : labels) {
            const SymbolInfo& s = *label.symbol;
            if (label.data && s.length != 0)
                variable_at(s);
            else if (label.end > s.value && (before == nullptr || before->symbol->value != s.value))
                routine_at(s, label.end);
            before = &label;
        }
    }
    void variable_at(const SymbolInfo& s) {
        const uint32_t type = type_of(s.length);
        out_.unsigned_leb(variable);
        out_.string(s.name);
        out_.u32(type);
        out_.unsigned_leb(5);
        out_.u8(kOperatorAddress);
        out_.u32(s.value);
    }
    void routine_at(const SymbolInfo& s, uint32_t end) {
        out_.unsigned_leb(routine);
        out_.string(s.name);
        out_.u32(s.value);
        out_.u32(end);
    }

    void structure_of(const SectionInfo& section) {
        std::vector<const SymbolInfo*> members;
        for (const SymbolInfo& s : r_.symbols)
            if (!s.absolute && s.section == section.name && s.name != section.name && s.length != 0 &&
                s.value - section.origin < section.size)
                members.push_back(&s);
        std::stable_sort(members.begin(), members.end(),
                         [](const SymbolInfo* a, const SymbolInfo* b) { return a->value < b->value; });
        for (const SymbolInfo* s : members) type_of(s->length);  // types do not stand within a structure
        out_.unsigned_leb(structure);
        out_.string(section.name);
        out_.unsigned_leb(section.size);
        for (const SymbolInfo* s : members) {
            out_.unsigned_leb(member);
            out_.string(s->name);
            out_.u32(type_of(s->length));
            out_.unsigned_leb(s->value - section.origin);
        }
        out_.u8(0);
    }
    void constant_of(const SymbolInfo& s) {
        out_.unsigned_leb(constant);
        out_.string(s.name);
        out_.u32(types_[4]);
        out_.signed_leb(static_cast<int32_t>(s.value));
    }

    const Result& r_;
    ElfBytes out_;
    std::map<unsigned, uint32_t> types_;  // offsets, by length
};

/// The program that makes the table of lines.
class LineProgram {
  public:
    LineProgram(const Result& result, const std::string& source) : lines_(program_lines(result)) {
        number_files(source);
        const std::size_t length = out_.begin_length();
        out_.u16(4);
        const std::size_t header = out_.begin_length();
        out_.u8(1);                         // bytes of the smallest instruction
        out_.u8(1);                         // operations an instruction
        out_.u8(1);                         // each row begins a statement
        out_.u8(static_cast<uint8_t>(-5));  // special opcodes, which are not used, begin at this line
        out_.u8(14);                        // and have this range
        out_.u8(kFirstSpecial);
        for (const unsigned operands : {0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1}) out_.u8(operands);
        out_.u8(0);  // no directories: names are whole
        for (const std::string& file : files_) {
            out_.string(file);
            out_.u8(0);  // its directory
            out_.u8(0);  // its time
            out_.u8(0);  // its length
        }
        out_.u8(0);
        out_.end_length(header);
        rows();
        out_.end_length(length);
    }
    std::vector<uint8_t> take() { return out_.take(); }

  private:
    static constexpr unsigned kCopy = 1, kAdvanceAddress = 2, kAdvanceLine = 3, kSetFile = 4,
                              kFirstSpecial = 13;
    static constexpr unsigned kEndSequence = 1, kSetAddress = 2;  // extended

    void number_files(const std::string& source) {
        files_ = {source};
        for (const ProgramLine& line : lines_)
            if (std::find(files_.begin(), files_.end(), *line.file) == files_.end())
                files_.push_back(*line.file);
    }
    unsigned number_of(const std::string& file) const {
        return 1 + static_cast<unsigned>(std::find(files_.begin(), files_.end(), file) - files_.begin());
    }

    void rows() {
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            const ProgramLine& line = lines_[i];
            if (i == 0 || lines_[i - 1].end != line.address) begin_sequence(line.address);
            advance_to(line.address);
            if (const unsigned file = number_of(*line.file); file != file_) {
                out_.u8(kSetFile);
                out_.unsigned_leb(file_ = file);
            }
            if (line.line != line_) {
                out_.u8(kAdvanceLine);
                out_.signed_leb(int64_t{line.line} - line_);
                line_ = line.line;
            }
            out_.u8(kCopy);
            if (i + 1 == lines_.size() || lines_[i + 1].address != line.end) end_sequence(line.end);
        }
    }
    void begin_sequence(uint32_t address) {
        out_.u8(0);
        out_.unsigned_leb(5);
        out_.u8(kSetAddress);
        out_.u32(address);
        address_ = address;
        file_ = line_ = 1;
    }
    void end_sequence(uint32_t address) {
        advance_to(address);
        out_.u8(0);
        out_.unsigned_leb(1);
        out_.u8(kEndSequence);
    }
    void advance_to(uint32_t address) {
        if (address == address_) return;
        out_.u8(kAdvanceAddress);
        out_.unsigned_leb(address - address_);
        address_ = address;
    }

    std::vector<ProgramLine> lines_;
    std::vector<std::string> files_;
    ElfBytes out_;
    uint32_t address_ = 0;
    unsigned file_ = 1, line_ = 1;
};

/// Every control section: its caller's place, register 14, is not known.
std::vector<uint8_t> frames(const Result& result) {
    constexpr unsigned kDefineFrame = 0x0C, kUndefined = 0x07;
    constexpr unsigned kReturn = 14, kStack = 15, kStackOffset = 96;
    constexpr uint32_t kCommon = 0xFFFFFFFF;
    ElfBytes out;
    const auto entry = [&out](const auto& contents) {
        const std::size_t length = out.begin_length();
        contents();
        out.align(4);  // with DW_CFA_nop
        out.end_length(length);
    };
    entry([&] {
        out.u32(kCommon);
        out.u8(1);     // the version
        out.u8(0);     // no augmentation
        out.u8(1);     // what distances in code are multiples of
        out.u8(0x7C);  // and of data: -4
        out.u8(kReturn);
        out.u8(kDefineFrame);
        out.u8(kStack);
        out.u8(kStackOffset);
        out.u8(kUndefined);
        out.u8(kReturn);
    });
    for (const SectionInfo& s : result.sections) {
        if (s.kind != SectionKind::control || s.size == 0) continue;
        entry([&] {
            out.u32(0);  // of the common entry
            out.u32(s.origin);
            out.u32(s.size);
        });
    }
    return out.take();
}

}  // namespace

DebugSections make_debug_sections(const Result& result, const std::string& source,
                                  const std::string& directory) {
    return {DebugInfo(result, source, directory).take(), abbreviations(), LineProgram(result, source).take(),
            frames(result)};
}

}  // namespace isa::assembler
