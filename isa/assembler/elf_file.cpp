#include "isa/assembler/elf_file.hpp"

#include <algorithm>
#include <utility>

#include "isa/assembler/elf_bytes.hpp"
#include "isa/assembler/elf_debug.hpp"
#include "isa/assembler/program_labels.hpp"

namespace isa::assembler {
namespace {

// The ELF specification's numbers, and that of the machine.
constexpr uint32_t kFileHeader = 52, kProgramHeader = 32, kSectionHeader = 40, kSymbol = 16;
constexpr unsigned kExecutable = 2, kSystem390 = 22;
constexpr uint32_t kProgramBits = 1, kSymbols = 2, kStrings = 3;
constexpr uint32_t kWritten = 1, kAllocated = 2, kExecuted = 4;
constexpr unsigned kObject = 1, kFunction = 2, kGlobal = 0x10;
constexpr uint32_t kAlignment = 8;  // of the image, within the file as well

struct Section {
    std::string name;
    uint32_t type = kProgramBits, flags = 0, address = 0, offset = 0, size = 0, link = 0, info = 0,
             alignment = 1, entry_size = 0;
};

class ElfFile {
  public:
    explicit ElfFile(const Result& result) : r_(result), sections_(1, Section{{}, 0}) {
        sections_.back().alignment = 0;
    }

    std::vector<uint8_t> make(const std::string& source, const std::string& directory) {
        contents_.append(std::vector<uint8_t>(kImage));  // the headers take their place
        contents_.append(r_.image);
        allocated_sections();
        const DebugSections debug = make_debug_sections(r_, source, directory);
        add({".debug_info"}, debug.info);
        add({".debug_abbrev"}, debug.abbrev);
        add({".debug_line"}, debug.line);
        add({.name = ".debug_frame", .alignment = 4}, debug.frame);
        symbols();
        const auto names_index = static_cast<unsigned>(sections_.size());
        section_names();
        contents_.align(4);
        const auto headers = static_cast<uint32_t>(contents_.size());
        for (const Section& s : sections_) section_header(s);
        std::vector<uint8_t> file = contents_.take();
        const std::vector<uint8_t> header = file_header(headers, names_index);
        std::copy(header.begin(), header.end(), file.begin());
        return file;
    }

  private:
    static constexpr uint32_t kImage = (kFileHeader + kProgramHeader + kAlignment - 1) & ~(kAlignment - 1);

    void add(Section section, const std::vector<uint8_t>& bytes) {
        contents_.align(section.alignment);
        section.offset = static_cast<uint32_t>(contents_.size());
        section.size = static_cast<uint32_t>(bytes.size());
        contents_.append(bytes);
        sections_.push_back(std::move(section));
    }

    void allocated_sections() {
        index_.assign(r_.sections.size(), 0);
        for (std::size_t i = 0; i < r_.sections.size(); ++i) {
            const SectionInfo& s = r_.sections[i];
            if (!in_image(s)) continue;
            index_[i] = static_cast<unsigned>(sections_.size());
            sections_.push_back(
                {.name = s.name.empty() ? ".text" : s.name,
                 .flags = kWritten | kAllocated | (s.kind == SectionKind::control ? kExecuted : 0),
                 .address = s.origin,
                 .offset = kImage + (s.origin - r_.load_address),
                 .size = s.size,
                 .alignment = 8});
        }
    }

    void symbols() {
        ElfStrings names;
        ElfBytes table;
        const auto symbol = [&](const std::string& name, uint32_t value, uint32_t size, unsigned type,
                                unsigned section) {
            table.u32(names.add(name));
            table.u32(value);
            table.u32(size);
            table.u8(type);
            table.u8(0);
            table.u16(section);
        };
        symbol("", 0, 0, 0, 0);
        const std::vector<ProgramLabel> labels = program_labels(r_);
        for (const ProgramLabel& label : labels)
            symbol(label.symbol->name, label.symbol->value, label.end - label.symbol->value,
                   kGlobal | (label.data ? kObject : 0), index_[label.section]);
        for (std::size_t i = 0; i < r_.sections.size(); ++i) {
            const SectionInfo& s = r_.sections[i];
            if (index_[i] == 0 || s.name.empty()) continue;
            // gdb remembers where a routine ends, and must not take all the section's labels for one.
            const auto next = std::find_if(labels.begin(), labels.end(), [&](const ProgramLabel& label) {
                return label.section == i && label.symbol->value > s.origin;
            });
            const uint32_t end = next == labels.end() ? s.origin + s.size : next->symbol->value;
            const unsigned type = s.kind == SectionKind::control ? kFunction : kObject;
            symbol(s.name, s.origin, end - s.origin, kGlobal | type, index_[i]);
        }
        const auto strings = static_cast<uint32_t>(sections_.size() + 1);
        add({.name = ".symtab",
             .type = kSymbols,
             .link = strings,
             .info = 1,  // the first that is global
             .alignment = 4,
             .entry_size = kSymbol},
            table.take());
        add({.name = ".strtab", .type = kStrings}, names.take());
    }

    void section_names() {
        sections_.push_back({.name = ".shstrtab", .type = kStrings});
        ElfStrings names;
        for (const Section& s : sections_) name_at_.push_back(names.add(s.name));
        const std::vector<uint8_t> bytes = names.take();
        sections_.back().offset = static_cast<uint32_t>(contents_.size());
        sections_.back().size = static_cast<uint32_t>(bytes.size());
        contents_.append(bytes);
    }

    void section_header(const Section& s) {
        const auto index = static_cast<std::size_t>(&s - sections_.data());
        for (const uint32_t word : {name_at_[index], s.type, s.flags, s.address, s.offset, s.size, s.link,
                                    s.info, s.alignment, s.entry_size})
            contents_.u32(word);
    }

    std::vector<uint8_t> file_header(uint32_t section_headers, unsigned names) const {
        ElfBytes out;
        for (const unsigned byte : {0x7F, 'E' + 0, 'L' + 0, 'F' + 0, 1 /* 32 bits */, 2 /* big-endian */, 1})
            out.u8(byte);
        out.align(16);
        out.u16(kExecutable);
        out.u16(kSystem390);
        out.u32(1);
        out.u32(r_.entry);
        out.u32(kFileHeader);  // where the program header is
        out.u32(section_headers);
        out.u32(0);
        out.u16(kFileHeader);
        out.u16(kProgramHeader);
        out.u16(1);
        out.u16(kSectionHeader);
        out.u16(static_cast<unsigned>(sections_.size()));
        out.u16(names);
        const auto size = static_cast<uint32_t>(r_.image.size());
        for (const uint32_t word : {uint32_t{1} /* load */, kImage, r_.load_address, r_.load_address, size,
                                    size, uint32_t{7} /* read, write, execute */, kAlignment})
            out.u32(word);
        return out.take();
    }

    const Result& r_;
    std::vector<Section> sections_;
    std::vector<unsigned> index_;    // of r_.sections: which of ours; 0: none
    std::vector<uint32_t> name_at_;  // of each of ours, in .shstrtab
    ElfBytes contents_;
};

}  // namespace

std::vector<uint8_t> make_elf_file(const Result& result, const std::string& source,
                                   const std::string& directory) {
    return ElfFile(result).make(source, directory);
}

}  // namespace isa::assembler
