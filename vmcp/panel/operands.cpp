#include "vmcp/panel/operands.hpp"

#include <charconv>

#include "vmcp/experiment/cpu_trace.hpp"
#include "vmcp/experiment/guest_image.hpp"

namespace vmcp::panel {
namespace {

constexpr uint32_t kMostShown = 0x1000;  // bytes of one display

}  // namespace

std::vector<std::string> split(std::string_view line) {
    std::vector<std::string> words;
    while (true) {
        const size_t begin = line.find_first_not_of(" \t");
        if (begin == std::string_view::npos) return words;
        line.remove_prefix(begin);
        const size_t end = std::min(line.find_first_of(" \t"), line.size());
        words.emplace_back(line.substr(0, end));
        line.remove_prefix(end);
    }
}

uint32_t hex(std::string_view text, uint32_t most, const char* expected) {
    uint32_t value = 0;
    if (!experiment::parse_hex(text, most, value))
        throw PanelError(fmt::format("'{}': expected {}", text, expected));
    return value;
}

std::pair<unsigned, unsigned> registers(std::string_view text, unsigned most) {
    const auto number = [&](std::string_view digits) {
        unsigned value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error == std::errc{} && end == digits.data() + digits.size() && value <= most) return value;
        return hex(digits, most, "a register number");
    };
    if (text.empty()) return {0, most};
    const size_t dash = text.find('-');
    const unsigned first = number(text.substr(0, dash));
    const unsigned last = dash == std::string_view::npos ? first : number(text.substr(dash + 1));
    if (last < first) throw PanelError(fmt::format("'{}': expected the lower register first", text));
    return {first, last};
}

Range range_of(std::string_view text, uint32_t default_length, const AddressOf& address_of) {
    const size_t mark = text.find_first_of(".-");
    const std::string_view begin = text.substr(0, mark);
    Range range{address_of ? address_of(begin) : hex(begin, 0x3FFFFFF, "a hexadecimal address"),
                default_length};
    if (mark == std::string_view::npos) return range;
    const std::string_view end = text.substr(mark + 1);
    const uint32_t second = address_of && text[mark] == '-'
                                ? address_of(end)
                                : hex(end, 0x3FFFFFF, "a hexadecimal length or address");
    if (text[mark] == '.') {
        range.length = second;
    } else {
        if (second < range.address)
            throw PanelError(fmt::format("'{}': expected the lower address first", text));
        range.length = second - range.address + 1;
    }
    if (range.length == 0 || range.length > kMostShown)
        throw PanelError(fmt::format("'{}': expected 1 to {:X} bytes", text, kMostShown));
    return range;
}

std::vector<uint8_t> hex_bytes(std::span<const std::string> words) {
    std::string digits;
    for (const std::string& word : words) digits += word;
    std::vector<uint8_t> bytes;
    for (size_t i = 0; i + 1 < digits.size(); i += 2)
        bytes.push_back(static_cast<uint8_t>(
            hex(std::string_view(digits).substr(i, 2), 0xFF, "pairs of hexadecimal digits")));
    if (bytes.empty() || digits.size() % 2 != 0)
        throw PanelError(fmt::format("'{}': expected pairs of hexadecimal digits", digits));
    return bytes;
}

uint64_t hex64(std::span<const std::string> words) {
    const std::vector<uint8_t> bytes = hex_bytes(words);
    if (bytes.size() != 8) throw PanelError("expected 16 hexadecimal digits");
    uint64_t value = 0;
    for (const uint8_t byte : bytes) value = value << 8 | byte;
    return value;
}

uint32_t hex32(std::span<const std::string> words) {
    if (words.size() != 1) throw PanelError("expected one value of up to 8 hexadecimal digits");
    return hex(words.front(), 0xFFFFFFFF, "a value of up to 8 hexadecimal digits");
}

std::string psw_text(const isa::Psw& psw) {
    std::string text = fmt::format("PSW  {}   {} mode, {} state, key {:X}, CC {}", experiment::psw_hex(psw),
                                   psw.ec_mode ? "EC" : "BC", psw.problem_state ? "problem" : "supervisor",
                                   psw.key, psw.condition_code);
    if (psw.dat) text += ", DAT";
    if (psw.wait) text += ", wait";
    return text + '\n';
}

}  // namespace vmcp::panel
