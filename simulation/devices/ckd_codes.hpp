// Command codes, file mask and sense bits of the count-key-data disks.
#pragma once

#include <cstdint>

namespace simulation {

inline constexpr uint8_t kMultitrack = 0x80;

inline constexpr uint8_t kNoOperation = 0x03, kSeek = 0x07, kSeekCylinder = 0x0B, kSpaceCount = 0x0F,
                         kRecalibrate = 0x13, kRestore = 0x17, kSeekHead = 0x1B, kSetFileMask = 0x1F,
                         kSetSector = 0x23;
inline constexpr uint8_t kReadIpl = 0x02, kReadData = 0x06, kReadKeyData = 0x0E, kReadCount = 0x12,
                         kReadRecord0 = 0x16, kReadHome = 0x1A, kReadCountKeyData = 0x1E, kReadSector = 0x22;
inline constexpr uint8_t kWriteSpecial = 0x01, kWriteData = 0x05, kWriteKeyData = 0x0D, kErase = 0x11,
                         kWriteRecord0 = 0x15, kWriteHome = 0x19, kWriteCountKeyData = 0x1D;
inline constexpr uint8_t kSearchHome = 0x39, kSearchIdEqual = 0x31, kSearchIdHigh = 0x51,
                         kSearchIdEqualHigh = 0x71, kSearchKeyEqual = 0x29, kSearchKeyHigh = 0x49,
                         kSearchKeyEqualHigh = 0x69, kSearchKeyDataEqual = 0x2D, kSearchKeyDataHigh = 0x4D,
                         kSearchKeyDataEqualHigh = 0x6D;
inline constexpr uint8_t kSenseId = 0xE4, kReserve = 0xB4, kRelease = 0x94, kReadLog = 0xA4;

// What a search looks for.
inline constexpr uint8_t kEqual = 0x20, kHigh = 0x40;

// The file mask: what may be written, and how the arm and heads may be moved.
inline constexpr uint8_t kMaskWrites = 0xC0;
inline constexpr uint8_t kMaskNoHomeWrites = 0x00, kMaskNoWrites = 0x40, kMaskNoFormats = 0x80,
                         kMaskAllWrites = 0xC0;
inline constexpr uint8_t kMaskSeeks = 0x18;
inline constexpr uint8_t kMaskSeekCylinder = 0x08, kMaskNoSeek = 0x18;
// The larger units have bits for diagnostic access and PCI fetch mode besides.
inline constexpr uint8_t kMaskReserved = 0x20, kMaskReservedNarrow = 0x27;

inline constexpr uint8_t kNoSector = 0xFF;

// Sense byte 0, further bits (command reject and intervention required are everybody's).
inline constexpr uint8_t kDataCheck = 0x08, kTrackCondition = 0x02;
inline constexpr uint8_t kSeekCheck = 0x01;  // 2311, 2314
// Sense byte 1. Track overrun on the 2311 and 2314 is invalid track format on the others, and overflow
// incomplete is operation incomplete.
inline constexpr uint8_t kTrackOverrun = 0x40, kEndOfCylinder = 0x20, kInvalidSequence = 0x10,
                         kNoRecordFound = 0x08, kFileProtected = 0x04, kWriteInhibited = 0x02,
                         kOverflowIncomplete = 0x01;
// Sense byte 2 of the larger units.
inline constexpr uint8_t kSectorsInstalled = 0x80;  // 3340: rotational position sensing
inline constexpr uint8_t kEnvironmental = 0x10;     // what follows is statistics
// Sense byte 3 of the 2311 and 2314.
inline constexpr uint8_t kDriveReady = 0x80, kDriveOnLine = 0x40, kDriveSelected = 0x08,
                         kDriveEndOfCylinder = 0x04;
// Sense byte 7 of the larger units: format 0, program or operator errors; format 6, statistics.
inline constexpr uint8_t kWrongCommand = 1, kWrongSequence = 2, kShortCount = 3, kWrongData = 4;
inline constexpr uint8_t kStatistics = 0x60;

// What was under way when a record could not be followed to its next track (GA26-5988, sense byte 5): the
// code of the read or write; for a search of key and data the code with 05, or, where the outcome is known
// already, one of these.
inline constexpr uint8_t kOverflowSearchFails = 0x55, kOverflowSearchHigh = 0x75;

}  // namespace simulation
