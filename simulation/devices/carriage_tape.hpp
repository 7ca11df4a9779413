// What tells a printer's carriage where to stop: the carriage control tape of a 1403, or the forms control
// buffer of a 3211.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace simulation {

/// For every line of a form the channels punched there.
struct CarriageTape {
    std::vector<uint16_t> channels;  // bit n-1: channel n, 1..12

    bool has(size_t line, unsigned channel) const { return channels[line] >> (channel - 1) & 1; }

    /// 66 lines; channels 1 to 8, 10 and 11 every sixth line from the top; channels 12 and 9, which tell the
    /// program that the form ends, at lines 61 and 63.
    static std::shared_ptr<const CarriageTape> standard();
};

/// The contents of a 3211's forms control buffer, decoded (GA24-3543, "Forms Control Buffer").
struct FormsControl {
    static constexpr unsigned kSize = 180;  // bytes of the buffer

    std::shared_ptr<const CarriageTape> tape;
    int index = 0;  // print positions that lines are moved to the right; negative: to the left
    bool eight_lines_per_inch = false;
};

/// An optional indexing byte (bit 0 on; bit 1: to the left; bits 3-7: how far), then a byte a line: bits 4-7
/// the channel, bit 3 in the first line eight lines an inch, in a later line that it is the last. Nothing
/// where a channel is above 12 or no line is the last: a load check.
std::optional<FormsControl> forms_control_of(std::span<const uint8_t> bytes);

}  // namespace simulation
