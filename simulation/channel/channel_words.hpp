// The words by which programs and channels speak: the channel-command word (CCW), the channel-status word
// (CSW), and their bits. GA22-7000 chapter 13, "Channel-Address Word", "Channel-Command Word",
// "Channel-Status Word".
#pragma once

#include <cstdint>

namespace simulation {

// Unit status: CSW bits 32-39, made by the device and its control unit.
inline constexpr uint8_t kAttention = 0x80;
inline constexpr uint8_t kStatusModifier = 0x40;
inline constexpr uint8_t kControlUnitEnd = 0x20;
inline constexpr uint8_t kBusy = 0x10;
inline constexpr uint8_t kChannelEnd = 0x08;
inline constexpr uint8_t kDeviceEnd = 0x04;
inline constexpr uint8_t kUnitCheck = 0x02;
inline constexpr uint8_t kUnitException = 0x01;

// Channel status: CSW bits 40-47, made by the channel. The three that report equipment malfunctions and the
// chaining check never occur here: this machine's channels do not fail and do not overrun.
inline constexpr uint8_t kProgramControlled = 0x80;
inline constexpr uint8_t kIncorrectLength = 0x40;
inline constexpr uint8_t kProgramCheck = 0x20;
inline constexpr uint8_t kProtectionCheck = 0x10;

// CCW flags: bits 32-37. Bits 38 and 39 must be zeros except in a transfer in channel.
inline constexpr uint8_t kFlagChainData = 0x80;
inline constexpr uint8_t kFlagChainCommand = 0x40;
inline constexpr uint8_t kFlagSuppressLength = 0x20;
inline constexpr uint8_t kFlagSkip = 0x10;
inline constexpr uint8_t kFlagProgramControlled = 0x08;
inline constexpr uint8_t kFlagIndirect = 0x04;
inline constexpr uint8_t kFlagsReserved = 0x03;

inline constexpr uint32_t kLocationCsw = 64;
inline constexpr uint32_t kLocationCaw = 72;

/// A CAW that is wrong by itself: bits 4-7 must be zeros, and the first CCW is a doubleword.
constexpr bool is_invalid_caw(uint32_t caw) { return (caw & 0x0F000007) != 0; }

struct Ccw {
    uint8_t command = 0;
    uint8_t flags = 0;
    uint16_t count = 0;
    uint32_t address = 0;  // 24 bits: of the data, of the first IDAW, or where TIC transfers to

    bool transfers_in_channel() const { return (command & 0x0F) == 0x08; }
    bool reads_backward() const { return (command & 0x0F) == 0x0C; }
};

constexpr Ccw decode_ccw(uint64_t image) {
    return {static_cast<uint8_t>(image >> 56), static_cast<uint8_t>(image >> 24),
            static_cast<uint16_t>(image), static_cast<uint32_t>(image >> 32) & 0xFFFFFF};
}

constexpr uint64_t encode(const Ccw& ccw) {
    return uint64_t{ccw.command} << 56 | uint64_t{ccw.address & 0xFFFFFF} << 32 | uint64_t{ccw.flags} << 24 |
           ccw.count;
}

/// The same from and to storage.
constexpr Ccw decode_ccw(const uint8_t* bytes) {
    uint64_t image = 0;
    for (unsigned i = 0; i < 8; ++i) image = image << 8 | bytes[i];
    return decode_ccw(image);
}
constexpr void store(const Ccw& ccw, uint8_t* bytes) {
    const uint64_t image = encode(ccw);
    for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<uint8_t>(image >> (56 - 8 * i));
}

/// What makes a CCW other than a transfer in channel invalid by itself. The command code counts only where it
/// is used: not in data chaining.
constexpr bool is_invalid(const Ccw& ccw, bool data_chained) {
    return (!data_chained && (ccw.command & 0x0F) == 0) || (ccw.flags & kFlagsReserved) != 0 ||
           ccw.count == 0;
}

/// An indirect-data-address word as it lies in storage.
constexpr uint32_t decode_idaw(const uint8_t* bytes) {
    return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

struct Csw {
    uint8_t key = 0;           // 0..15
    uint32_t ccw_address = 0;  // 24 bits; 8 higher than the last CCW used
    uint8_t unit_status = 0;
    uint8_t channel_status = 0;
    uint16_t count = 0;  // residual

    bool operator==(const Csw&) const = default;
};

constexpr uint64_t encode(const Csw& csw) {
    return uint64_t{csw.key} << 60 | uint64_t{csw.ccw_address & 0xFFFFFF} << 32 |
           uint64_t{csw.unit_status} << 24 | uint64_t{csw.channel_status} << 16 | csw.count;
}

constexpr Csw decode_csw(uint64_t image) {
    return {static_cast<uint8_t>(image >> 60), static_cast<uint32_t>(image >> 32) & 0xFFFFFF,
            static_cast<uint8_t>(image >> 24), static_cast<uint8_t>(image >> 16),
            static_cast<uint16_t>(image)};
}

}  // namespace simulation
