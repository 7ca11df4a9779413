// A device with shared rings that a virtual machine is to have.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "vmcp/rings/ring_layout.hpp"

namespace vmcp {

using MacAddress = std::array<uint8_t, 6>;

struct RingDescription {
    RingKind kind{};
    uint16_t queue_size = 128;      // at most: a power of two up to kMostRingEntries
    uint16_t disk = 0;              // of a block device: the machine's virtual disk that it is
    uint32_t block = 512;           // and bytes of a block; of a fixed-block disk 512
    std::optional<MacAddress> mac;  // of a network adapter; empty: made of the numbers of machine and device
    uint64_t seed = 0;              // of an entropy device
    uint64_t driver_fault = 0;      // of a block device: the request at which its driver fails; 0: never

    bool operator==(const RingDescription&) const = default;
};

}  // namespace vmcp
