// What lies everywhere that a hostile channel program must not reach.
#pragma once

#include <cstdint>
#include <span>

namespace vmcp::test {

inline constexpr uint8_t kMarker = 0xB7;

/// The marker four times on end does not come by chance, unless random bytes are many.
inline bool has_marker(std::span<const uint8_t> bytes) {
    unsigned run = 0;
    for (const uint8_t byte : bytes) {
        run = byte == kMarker ? run + 1 : 0;
        if (run == 4) return true;
    }
    return false;
}

}  // namespace vmcp::test
