// Numbers as bytes: the host formats of image files are little-endian, what a System/370 wrote is big-endian.
#pragma once

#include <cstdint>

namespace simulation::images {

constexpr uint16_t big16(const uint8_t* p) { return static_cast<uint16_t>(p[0] << 8 | p[1]); }
constexpr void put_big16(uint8_t* p, unsigned value) {
    p[0] = static_cast<uint8_t>(value >> 8);
    p[1] = static_cast<uint8_t>(value);
}
constexpr uint32_t big32(const uint8_t* p) { return uint32_t{big16(p)} << 16 | big16(p + 2); }
constexpr void put_big32(uint8_t* p, uint32_t value) {
    put_big16(p, value >> 16);
    put_big16(p + 2, value & 0xFFFF);
}
constexpr uint16_t little16(const uint8_t* p) { return static_cast<uint16_t>(p[1] << 8 | p[0]); }
constexpr uint32_t little32(const uint8_t* p) {
    return uint32_t{p[3]} << 24 | uint32_t{p[2]} << 16 | uint32_t{p[1]} << 8 | p[0];
}
constexpr void put_little16(uint8_t* p, unsigned value) {
    p[0] = static_cast<uint8_t>(value);
    p[1] = static_cast<uint8_t>(value >> 8);
}
constexpr void put_little32(uint8_t* p, uint32_t value) {
    put_little16(p, value & 0xFFFF);
    put_little16(p + 2, value >> 16);
}

}  // namespace simulation::images
