#include "simulation/devices/device_address.hpp"

#include <charconv>

namespace simulation {

std::optional<uint16_t> parse_device_address(std::string_view text) {
    constexpr uint16_t kLast = 0xFFF;
    uint16_t address = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), address, 16);
    if (error != std::errc{} || end != text.data() + text.size() || address > kLast) return std::nullopt;
    return address;
}

}  // namespace simulation
