#include "vmcp/experiment/symbol_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "vmcp/experiment/guest_image.hpp"

namespace vmcp::experiment {
namespace {

/// Numbers at places of a file, big-endian. What lies beyond its end makes it no file that we can use.
class Elf {
  public:
    explicit Elf(const std::string& path) : path_(path), bytes_(read_bytes(path)) {
        constexpr uint8_t kMagic[] = {0x7F, 'E', 'L', 'F', 1, 2};  // 32 bits, big-endian
        if (bytes_.size() < 52 || !std::equal(std::begin(kMagic), std::end(kMagic), bytes_.begin())) fail();
    }

    uint32_t number(uint64_t at, unsigned length) const {
        if (at + length > bytes_.size()) fail();
        uint32_t value = 0;
        for (unsigned i = 0; i < length; ++i) value = value << 8 | bytes_[at + i];
        return value;
    }
    std::string text(uint64_t at) const {
        const auto begin = bytes_.begin() + static_cast<ptrdiff_t>(std::min<uint64_t>(at, bytes_.size()));
        const auto end = std::find(begin, bytes_.end(), 0);
        const bool printable = std::all_of(begin, end, [](uint8_t c) { return c > ' ' && c < 0x7F; });
        if (end == bytes_.end() || !printable) fail();
        return {begin, end};
    }
    [[noreturn]] void fail() const {
        throw GuestError(fmt::format(
            "{}: expected a 32-bit big-endian ELF file with symbols, such as s390x-linux-gnu-ld -m elf_s390 "
            "writes",
            path_));
    }

  private:
    std::string path_;
    std::vector<uint8_t> bytes_;
};

struct Section {
    uint32_t type, flags, address, offset, size, link;
};

std::vector<Section> sections_of(const Elf& elf) {
    constexpr uint64_t kTable = 0x20, kEntrySize = 0x2E, kEntries = 0x30;
    const uint64_t table = elf.number(kTable, 4), size = elf.number(kEntrySize, 2);
    std::vector<Section> sections;
    for (uint64_t i = 0; i < elf.number(kEntries, 2); ++i) {
        const uint64_t at = table + i * size;
        sections.push_back({elf.number(at + 4, 4), elf.number(at + 8, 4), elf.number(at + 12, 4),
                            elf.number(at + 16, 4), elf.number(at + 20, 4), elf.number(at + 24, 4)});
    }
    return sections;
}

}  // namespace

SymbolTable SymbolTable::load(const std::string& path) {
    constexpr uint32_t kSymbols = 2, kExecutable = 4, kSymbolSize = 16;
    constexpr uint32_t kNoType = 0, kFunction = 2, kGlobal = 1;
    const Elf elf(path);
    const std::vector<Section> sections = sections_of(elf);
    SymbolTable table;
    for (const Section& symbols : sections) {
        if (symbols.type != kSymbols) continue;
        if (symbols.link >= sections.size()) elf.fail();
        for (uint64_t at = symbols.offset; at + kSymbolSize <= uint64_t{symbols.offset} + symbols.size;
             at += kSymbolSize) {
            const std::string name = elf.text(uint64_t{sections[symbols.link].offset} + elf.number(at, 4));
            const uint32_t address = elf.number(at + 4, 4), info = elf.number(at + 12, 1),
                           section = elf.number(at + 14, 2);
            if (name.empty()) continue;
            if (info >> 4 == kGlobal) table.globals_.emplace(name, address);
            if (section >= sections.size() || (sections[section].flags & kExecutable) == 0) continue;
            const uint32_t type = info & 0xF;
            if (type != kFunction && type != kNoType) continue;
            table.functions_.push_back({name, address, sections[section].address + sections[section].size});
        }
    }
    if (table.functions_.empty()) elf.fail();
    auto& functions = table.functions_;
    std::stable_sort(functions.begin(), functions.end(),
                     [](const Function& a, const Function& b) { return a.address < b.address; });
    functions.erase(std::unique(functions.begin(), functions.end(),
                                [](const Function& a, const Function& b) { return a.address == b.address; }),
                    functions.end());
    for (size_t i = 0; i + 1 < functions.size(); ++i)
        functions[i].end = std::min(functions[i].end, functions[i + 1].address);
    return table;
}

std::optional<size_t> SymbolTable::function_at(uint32_t address) const {
    auto behind =
        std::upper_bound(functions_.begin(), functions_.end(), address,
                         [](uint32_t at, const Function& function) { return at < function.address; });
    if (behind == functions_.begin()) return std::nullopt;
    --behind;
    if (address >= behind->end) return std::nullopt;
    return static_cast<size_t>(behind - functions_.begin());
}

std::optional<uint32_t> SymbolTable::address_of(std::string_view name) const {
    const auto found = globals_.find(name);
    if (found == globals_.end()) return std::nullopt;
    return found->second;
}

}  // namespace vmcp::experiment
