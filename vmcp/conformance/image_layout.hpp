// How a conformance core image lies in storage, and with which storage keys; which part a case may use for
// what.
//
//   000000  assigned locations, the driver and its variables (base register 0 reaches them)
//   001000  table of storage keys, written by the driver when all cases are done
//   003000  pointers to the case records, in order, ended by zero
//   013000  translation tables
//   033000  case records: initial state, overwritten by the final state
//   ...     slots: the instruction of each case, and landing pads for its branches
//   ...     blocks with private keys, for instructions that change keys
//   ...     large operands, key 0
//   ...     operand areas; 2K blocks with keys of a repeating pattern
//   C00000  end of storage
//
// Operand areas are never reused within an image, so that their final contents are the result; the exception
// are the last 256 bytes of storage, which the driver loads before, and saves after, each case that asks for
// it.
#pragma once

#include <cstdint>

namespace vmcp::conformance {

inline constexpr uint32_t kStorageSize = 12u << 20;
inline constexpr uint32_t kBlock = 2048;  // the unit of storage keys
inline constexpr uint32_t kBlocks = kStorageSize / kBlock;

// Low storage.
inline constexpr uint32_t kFinalKeys = 0x1000;  // a byte a block
inline constexpr uint32_t kPointers = 0x3000;
inline constexpr uint32_t kMaxCases = 0x10000 / 4 - 1;
inline constexpr uint32_t kTranslationTables = 0x13000;
inline constexpr uint32_t kRecords = 0x33000;

/// A case record: offsets of its fields, in bytes.
struct Record {
    static constexpr uint32_t psw = 0, gpr = 8, fpr = 72, cr = 104, identification = 168, kind = 200,
                              end_copy = 204, size = 208;
};
/// What `identification` holds: this many bytes of assigned storage, from here.
inline constexpr uint32_t kIdentification = 0x84, kIdentificationLength = 32;

inline constexpr uint32_t kSlots = kRecords + (kMaxCases + 1) * Record::size;
inline constexpr uint32_t kSlotSize = 64;
inline constexpr uint32_t kPads = 32, kPadCount = 4;  // in a slot: SVC 2, SVC 3, ...
inline constexpr uint32_t kTarget = 48;               // in a slot: where the target of EXECUTE lies

inline constexpr uint32_t kPrivateBlocks =
    (kSlots + (kMaxCases + 1) * kSlotSize + 2 * kBlock - 1) / (2 * kBlock) * (2 * kBlock);
inline constexpr uint32_t kPrivateBlockCount = 64;
inline constexpr uint32_t kLarge = kPrivateBlocks + kPrivateBlockCount * kBlock;
inline constexpr uint32_t kLargeSize = 1u << 20;
inline constexpr uint32_t kAreas = kLarge + kLargeSize;
inline constexpr uint32_t kEnd = kStorageSize;
inline constexpr uint32_t kEndLength = 256;  // of the bytes next to the end of storage
static_assert(kAreas % (2 * kBlock) == 0 && kAreas < kEnd - (4u << 20));

/// The storage key of a block, as SET STORAGE KEY takes it: access-control bits, then fetch protection. The
/// pattern is such that each kind of step from block to block occurs, and that the last block of storage has
/// no fetch protection.
constexpr uint8_t key_of_block(uint32_t address) {
    if (address < kAreas) return 0;
    constexpr uint8_t kPattern[4] = {0x30, 0x30, 0x50, 0x78};
    return kPattern[(address / kBlock + 1) & 3];
}

}  // namespace vmcp::conformance
