// Device addresses as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace simulation {

/// A device address of up to three hexadecimal digits, channel and unit: "00C", "1A0". Empty where the text
/// is not one.
std::optional<uint16_t> parse_device_address(std::string_view text);

}  // namespace simulation
