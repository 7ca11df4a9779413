#include "corpus.h"

static NOINLINE u32 comparisons(i32 a, i32 b) {
    return (u32)((a < b) + 2 * (a <= b) + 4 * (a > b) + 8 * (a >= b) + 16 * (a == b) + 32 * (a != b));
}
static NOINLINE u32 ucomparisons(u32 a, u32 b) { return (u32)((a < b) + 2 * (a <= b) + 4 * (a > b) + 8 * (a >= b)); }
static NOINLINE u32 zero(i32 a) { return (u32)((a == 0) + 2 * !a + 4 * (a < 0) + 8 * (a > 0)); }
static NOINLINE u32 bits(u32 a) {
    u32 r = 0;
    if (a & 1) r += 1;
    if (a & 0x80) r += 2;
    if (a & 0x8000) r += 4;
    if ((a & 0x30) == 0x30) r += 8;
    if (a & 0x00100000) r += 16;
    if (a & 0x80000000) r += 32;
    if ((a & 0x0F000000) == 0) r += 64;
    if ((a & 0xFF0000) == 0xFF0000) r += 128;
    return r;
}
static NOINLINE u32 memory_bits(const u8 *p) { return (u32)((p[0] & 4 ? 1 : 0) + (p[1] & 0x81 ? 2 : 0) + (p[2] == 7) * 4); }
static NOINLINE u32 select(int c, u32 a, u32 b) { return c ? a : b; }
static NOINLINE u32 chain(u32 a, u32 b, u32 c) { return (a < b && b < c) || (a == c && !(b & 1)); }
static NOINLINE int sign(i32 a) { return (a > 0) - (a < 0); }
static NOINLINE u32 constants(i32 a) {
    return (u32)((a == 32767) + 2 * (a > -32768) + 4 * (a < 100000) + 8 * ((u32)a > 200u) + 16 * (a == 0x12345678));
}
static NOINLINE u32 halves(i16 a, u16 b) { return (u32)((a > 100) + 2 * (b > 40000) + 4 * (a == (i16)b)); }
static NOINLINE u32 masked(u32 a, u32 b) { return (a & b) ? 3 : (a | b) ? 2 : (a ^ b) ? 1 : 0; }

void corpus_conditions(void) {
    u32 sum = 0;
    for (int i = 0; i < 100; ++i) {
        const u32 a = number() >> (i & 24), b = i & 1 ? a : number() >> (i & 16);
        const u8 bytes[3] = {(u8)a, (u8)b, (u8)(a & 7)};
        sum = sum * 31 + comparisons((i32)a, (i32)b) + ucomparisons(a, b) * 64 + zero((i32)a & (i & 1 ? -1 : 0));
        sum += bits(a) + memory_bits(bytes) + select(a & 16, a, b) + chain(a, b, a ^ b) + (u32)sign((i32)a);
        sum ^= constants((i32)a) + halves((i16)a, (u16)b) + masked(a & 0xF0, b & 0x3C);
    }
    put("conditions", sum);
}
