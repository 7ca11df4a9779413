#include "vmcp/panel/storage_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "isa/ebcdic.hpp"

namespace vmcp::panel {

std::string storage_text(std::span<const uint8_t> bytes, uint32_t address) {
    constexpr size_t kLine = 16;
    std::string text;
    for (size_t at = 0; at < bytes.size(); at += kLine) {
        const auto line = bytes.subspan(at, std::min(kLine, bytes.size() - at));
        std::string hex, characters;
        for (size_t i = 0; i < line.size(); ++i) {
            if (i != 0 && i % 4 == 0) hex += ' ';
            hex += fmt::format("{:02X}", line[i]);
            const uint8_t c = isa::kEbcdicToLatin1[line[i]];
            characters += c >= 0x20 && c < 0x7F ? static_cast<char>(c) : '.';
        }
        text += fmt::format("{:06X}  {:<35}  *{}*\n", address + at, hex, characters);
    }
    return text;
}

}  // namespace vmcp::panel
