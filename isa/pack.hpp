// PACK, UNPACK and MOVE WITH OFFSET on bytes in hand. GA22-7000 chapter 7.
//
// The three instructions go from right to left, and a result byte counts as stored right after the bytes that
// it needs were fetched: where the operands overlap, later bytes see it. `overlap` tells by how much: the
// address of the first operand less that of the second, as a signed number of bytes. Contents do not matter,
// nothing is checked.
#pragma once

#include <cstdint>

namespace isa {

/// `result` receives n1 bytes; `source` holds n2 bytes, and is changed where result bytes fall on it.
void pack(uint8_t* result, unsigned n1, uint8_t* source, unsigned n2, int32_t overlap);
void unpack(uint8_t* result, unsigned n1, uint8_t* source, unsigned n2, int32_t overlap);

/// As above; the sign position of `result` (the low four bits of its last byte) is kept.
void move_with_offset(uint8_t* result, unsigned n1, uint8_t* source, unsigned n2, int32_t overlap);

}  // namespace isa
