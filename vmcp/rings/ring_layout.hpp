// What a driver and a device with shared rings have agreed upon: numbers, bits and places, all big-endian.
// The split virtqueue of VIRTIO 1.x (OASIS, "Virtual I/O Device (VIRTIO)", 2.7) for System/370: addresses are
// real ones of 24 bits, in words. docs/rings.md has it for who writes a driver.
#pragma once

#include <cstdint>
#include <string_view>

namespace vmcp {

/// The numbers of VIRTIO's device types.
enum class RingKind : uint8_t { network = 1, block = 2, console = 3, entropy = 4 };
/// "network", "block", "console", "entropy"
std::string_view name_of(RingKind kind);

/// Bits of a device's status (VIRTIO 2.1).
enum RingStatus : uint8_t {
    ring_acknowledge = 0x01,
    ring_driver = 0x02,
    ring_driver_ok = 0x04,
    ring_features_ok = 0x08,
    ring_needs_reset = 0x40,  // set by the device, and by nobody else
    ring_failed = 0x80,
};

/// Features of all devices; the others are a kind's own.
inline constexpr uint32_t kRingEventIndex = 0x20000000;  // VIRTIO_F_EVENT_IDX
inline constexpr uint32_t kBlockReadOnly = 0x20;         // VIRTIO_BLK_F_RO
inline constexpr uint32_t kNetworkMac = 0x20;            // VIRTIO_NET_F_MAC

/// Why a device needs a reset: what its driver did that nobody can go on from.
enum class RingFault : uint8_t {
    none,
    address,     // a ring, or a buffer, is not storage of the machine's own
    index,       // the available index jumped over more entries than there are
    descriptor,  // a number beyond the end of the descriptor table
    loop,        // a chain is longer than the table
    length,      // a descriptor of no bytes, or a chain of more than the device takes
    direction,   // a buffer to read from behind one to write to
    flags,       // a flag that was not agreed upon
    request,     // the buffers are not those of a request of this device
};
inline constexpr unsigned kRingFaults = 9;
/// "address", "index", ...
std::string_view name_of(RingFault fault);

/// Why a call was refused: condition code 2, with this in the register R3.
enum class RingRefusal : uint8_t {
    none,
    address,   // not storage of the machine's own
    number,    // there is no such queue
    order,     // not now: the status says why
    features,  // some of them were not offered
    size,      // of a queue: no power of two, or out of range
    place,     // of a part of a queue: not aligned, or over another part
};

inline constexpr uint16_t kMostRingEntries = 256;

/// A descriptor: word address, word length, halfword flags, halfword next.
inline constexpr uint32_t kDescriptorSize = 16;
enum DescriptorFlag : uint16_t { descriptor_next = 1, descriptor_write = 2 };
struct DescriptorPlace {
    static constexpr uint32_t address = 4, length = 8, flags = 12, next = 14;  // 0: a word that must be zero
};

/// The available ring: halfword flags, halfword index, halfwords; the used ring: the same, with entries of
/// two words (number of the first descriptor, bytes written). Behind each a halfword: at which index of the
/// other's the writer wants to be told next (event index).
inline constexpr uint32_t kRingEntries = 4, kUsedEntry = 8;
inline constexpr uint16_t kNoInterruption = 1;  // flag of the available ring
inline constexpr uint16_t kNoDoorbell = 1;      // flag of the used ring
constexpr uint32_t available_size(uint32_t entries) { return kRingEntries + 2 * entries + 2; }
constexpr uint32_t used_size(uint32_t entries) { return kRingEntries + kUsedEntry * entries + 2; }

/// Whether a writer whose index went from `before` to `now` is to tell the other, who wants to be told when
/// it goes beyond `event` (VIRTIO 2.7.10).
constexpr bool passes_event(uint16_t event, uint16_t now, uint16_t before) {
    return static_cast<uint16_t>(now - event - 1) < static_cast<uint16_t>(now - before);
}

/// The external interruption by which a guest is told. The code and its subclass are those of the block I/O
/// of VM/ESA and of KVM's virtio; no System/370 has them.
inline constexpr uint16_t kRingExternalCode = 0x2603;
inline constexpr uint32_t kRingSubclass = 0x00000200;  // of control register 0

/// The indicators: a doubleword in the guest's storage. Bit n of its first word, from the left: device n has
/// used something; of its second word: the device needs a reset.
inline constexpr uint32_t kIndicatorSize = 8;
inline constexpr unsigned kMostRingDevices = 32;

}  // namespace vmcp
