// Key-controlled protection, GA22-7000 chapter 3, "Protection".
#pragma once

#include <cstdint>

namespace isa {

// A storage key: access-control bits in the upper half, then these.
inline constexpr uint8_t kKeyFetchProtected = 0x08;

/// Whether an access with `key` may be made to a block with `storage_key`.
constexpr bool key_allows(uint8_t storage_key, uint8_t key, bool storing) {
    if (key == 0 || storage_key >> 4 == key) return true;
    return !storing && (storage_key & kKeyFetchProtected) == 0;
}

}  // namespace isa
