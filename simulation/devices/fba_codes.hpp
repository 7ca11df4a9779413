// Command codes of the fixed-block disks.
#pragma once

#include <cstdint>

namespace simulation::fba {

inline constexpr uint8_t kReadIpl = 0x02, kNoOperation = 0x03, kUnconditionalReserve = 0x14, kWrite = 0x41,
                         kRead = 0x42, kLocate = 0x43, kDefineExtent = 0x63, kCharacteristics = 0x64,
                         kRelease = 0x94, kReadLog = 0xA4, kReserve = 0xB4, kSenseId = 0xE4;
// The operation of a locate: the low half of its first byte.
inline constexpr uint8_t kLocateWrite = 1, kLocateReplicated = 2, kLocateWriteVerify = 5, kLocateRead = 6;

}  // namespace simulation::fba
