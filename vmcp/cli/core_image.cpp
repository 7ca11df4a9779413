#include "vmcp/cli/core_image.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "simulation/model/input_file.hpp"
#include "vmcp/cli/commands.hpp"
#include "vmcp/experiment/guest_image.hpp"

namespace vmcp::cli {

std::vector<uint8_t> read_file(const std::string& path) {
    constexpr size_t kLongest = vmcp::experiment::kLongestGuestFile;
    const auto bytes = simulation::read_input_file(path, kLongest + 1);
    if (!bytes) throw InputError(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
    if (bytes->size() > kLongest)
        throw InputError(fmt::format("{}: expected a file of at most {} bytes", path, kLongest));
    return {bytes->begin(), bytes->end()};
}

uint32_t parse_hex(const std::string& text, const std::string& what) {
    uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc{} || end != text.data() + text.size())
        throw InputError(fmt::format("{}: '{}' is not a hexadecimal number", what, text));
    return value;
}

uint32_t parse_storage_size(const std::string& text) {
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string unit(end, text.data() + text.size());
    const uint64_t factor = unit.empty() ? 1 : unit == "K" ? 1024 : unit == "M" ? 1024 * 1024 : 0;
    if (error != std::errc{} || factor == 0 || value == 0 || value > (uint64_t{64} << 20) ||
        value * factor > (uint64_t{64} << 20))
        throw InputError(
            fmt::format("storage size '{}': expected a number, perhaps with K or M, up to 64M", text));
    return static_cast<uint32_t>(value * factor);
}

CoreImage read_core_image(const std::string& argument) {
    CoreImage image;
    const size_t at = argument.rfind('@');
    image.file = argument.substr(0, at);
    if (at != std::string::npos) image.address = parse_hex(argument.substr(at + 1), "core image address");
    image.bytes = read_file(image.file);
    return image;
}

}  // namespace vmcp::cli
