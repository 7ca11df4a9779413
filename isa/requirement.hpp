// Requirements that an instruction's row states and the dispatcher checks before the body runs; each failure
// is a specification exception. GA22-7000 chapter 6, "Specification Exception".
#pragma once

#include <cstdint>

namespace isa {

enum Requirement : uint16_t {
    none = 0,
    even1 = 1,         // R1 even (the body uses the pair R1, R1+1)
    even2 = 2,         // R2 even
    even3 = 4,         // R3 even
    halfword = 8,      // the storage operand on a halfword boundary
    word = 16,         // ... on a word boundary
    doubleword = 32,   // ... on a doubleword boundary
    float1 = 64,       // R1 names a floating-point register: 0, 2, 4, 6
    float2 = 128,      // R2 too
    floatpair1 = 256,  // R1 names a floating-point register pair: 0, 4
    floatpair2 = 512,  // R2 too
};

}  // namespace isa
