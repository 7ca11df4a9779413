// What commands of panels and debuggers are made of: hexadecimal operands, ranges, registers; and registers
// and PSWs as text.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "isa/psw.hpp"

namespace vmcp::panel {

/// A command that cannot be done: one line that says what was expected. Nothing has changed.
struct PanelError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The words of a line.
std::vector<std::string> split(std::string_view line);

/// A hexadecimal number of at most `most`. Throws PanelError; `expected` completes its message.
uint32_t hex(std::string_view text, uint32_t most, const char* expected);

/// "3" or "3-7" behind the letter of a kind of register: hexadecimal or decimal numbers, all without one.
/// Throws PanelError.
std::pair<unsigned, unsigned> registers(std::string_view text, unsigned most);

struct Range {
    uint32_t address, length;
};

/// What makes an address of a word; throws PanelError.
using AddressOf = std::function<uint32_t(std::string_view text)>;

/// "200", "200.40" (so many bytes) or "200-23F"; the addresses by `address_of`, where there is one. Throws
/// PanelError, also for more bytes than one display shows.
Range range_of(std::string_view text, uint32_t default_length, const AddressOf& address_of = {});

/// Pairs of hexadecimal digits, 16 digits, up to 8 digits. Throw PanelError.
std::vector<uint8_t> hex_bytes(std::span<const std::string> words);
uint64_t hex64(std::span<const std::string> words);
uint32_t hex32(std::span<const std::string> words);

/// Registers `first` to `last`, eight on a line, each line behind its kind and number.
template <size_t N>
std::string words_text(char kind, const std::array<uint32_t, N>& values, unsigned first, unsigned last) {
    std::string text;
    for (unsigned begin = first; begin <= last; begin += 8) {
        text += fmt::format("{}{:<3}", kind, begin);
        for (unsigned r = begin; r <= std::min(last, begin + 7); ++r)
            text += fmt::format(" {:08X}", values[r]);
        text += '\n';
    }
    return text;
}

/// "PSW  00000000 00000200   BC mode, supervisor state, key 0, CC 0", with the end of the line.
std::string psw_text(const isa::Psw& psw);

}  // namespace vmcp::panel
