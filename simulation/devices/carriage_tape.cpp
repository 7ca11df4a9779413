#include "simulation/devices/carriage_tape.hpp"

namespace simulation {

namespace {

constexpr uint8_t kIndexing = 0x80, kToTheLeft = 0x40, kPositions = 0x1F;
constexpr uint8_t kFlag = 0x10;  // first line: eight lines an inch; later: last line
constexpr uint8_t kChannel = 0x0F;
constexpr unsigned kMostChannel = 12;

uint16_t channel_bit(unsigned channel) {
    return channel == 0 ? 0 : static_cast<uint16_t>(1u << (channel - 1));
}

}  // namespace

std::shared_ptr<const CarriageTape> CarriageTape::standard() {
    static const auto tape = [] {
        auto t = std::make_shared<CarriageTape>();
        t->channels.resize(66);
        unsigned line = 0;
        for (const unsigned channel : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u, 10u, 11u}) {
            t->channels[line] = channel_bit(channel);
            line += 6;
        }
        t->channels[60] = channel_bit(12);
        t->channels[62] = channel_bit(9);
        return t;
    }();
    return tape;
}

std::optional<FormsControl> forms_control_of(std::span<const uint8_t> bytes) {
    FormsControl control;
    auto tape = std::make_shared<CarriageTape>();
    if (!bytes.empty() && (bytes[0] & kIndexing) != 0) {
        const int positions = bytes[0] & kPositions;
        control.index = (bytes[0] & kToTheLeft) != 0 ? -positions : positions;
        bytes = bytes.subspan(1);
    }
    for (const uint8_t line : bytes) {
        const unsigned channel = line & kChannel;
        if (channel > kMostChannel) return std::nullopt;
        const bool first = tape->channels.empty();
        tape->channels.push_back(channel_bit(channel));
        if (first) {
            control.eight_lines_per_inch = (line & kFlag) != 0;
        } else if ((line & kFlag) != 0) {
            control.tape = std::move(tape);
            return control;
        }
    }
    return std::nullopt;
}

}  // namespace simulation
