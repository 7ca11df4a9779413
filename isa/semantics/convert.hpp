// Conversion between the binary, packed and zoned formats: CVB, CVD, PACK, UNPK, MVO. GA22-7000 chapter 7.
#pragma once

#include "isa/cpu.hpp"
#include "isa/decimal_arithmetic.hpp"
#include "isa/pack.hpp"

namespace isa::semantics {

/// CVB. The register is set even where the number is too large for it: the fixed-point-divide exception
/// completes the operation.
template <class C>
void convert_to_binary(C& c, const Operands& o) {
    const uint64_t field = c.load64(c.address(o.r2, o.b2, o.d2));
    if (!decimal::is_valid(field)) c.program_check(ProgramCode::data);
    const auto packed = decimal::Packed<uint64_t>::of(field);
    const auto binary = decimal::to_binary(decimal::to_number({packed.digits, packed.negative}));
    c.set_gpr(o.r1, binary.value);
    if (binary.too_large) c.program_check(ProgramCode::fixed_point_divide);
}

/// CVD.
template <class C>
void convert_to_decimal(C& c, const Operands& o) {
    const auto packed = decimal::to_packed(decimal::from_binary(c.gpr(o.r1)));
    c.store64(c.address(o.r2, o.b2, o.d2), static_cast<uint64_t>(packed.field()));
}

/// How many bytes the first of two addresses lies behind the second: addresses wrap at 16 MiB.
constexpr int32_t offset_between(uint32_t first, uint32_t second) {
    return static_cast<int32_t>((first - second) << 8) >> 8;
}

/// PACK.
template <class C>
void pack(C& c, const Operands& o) {
    uint8_t source[16];
    uint8_t result[16];
    const unsigned n1 = o.r1 + 1u;
    const unsigned n2 = o.r2 + 1u;
    const uint32_t a1 = c.address(o.b1, o.d1);
    const uint32_t a2 = c.address(o.b2, o.d2);
    c.fetch(a2, source, n2);
    isa::pack(result, n1, source, n2, offset_between(a1, a2));
    c.store(a1, result, n1);
}

/// UNPK.
template <class C>
void unpack(C& c, const Operands& o) {
    uint8_t source[16];
    uint8_t result[16];
    const unsigned n1 = o.r1 + 1u;
    const unsigned n2 = o.r2 + 1u;
    const uint32_t a1 = c.address(o.b1, o.d1);
    const uint32_t a2 = c.address(o.b2, o.d2);
    c.fetch(a2, source, n2);
    isa::unpack(result, n1, source, n2, offset_between(a1, a2));
    c.store(a1, result, n1);
}

/// MVO.
template <class C>
void move_with_offset(C& c, const Operands& o) {
    uint8_t source[16];
    uint8_t result[16];
    const unsigned n1 = o.r1 + 1u;
    const unsigned n2 = o.r2 + 1u;
    const uint32_t a1 = c.address(o.b1, o.d1);
    const uint32_t a2 = c.address(o.b2, o.d2);
    c.fetch(a2, source, n2);
    c.fetch(a1, result, n1);
    isa::move_with_offset(result, n1, source, n2, offset_between(a1, a2));
    c.store(a1, result, n1);
}

}  // namespace isa::semantics
