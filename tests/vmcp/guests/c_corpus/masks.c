#include "corpus.h"

/* Arithmetic modulo 2**31: gcc computes it with LOAD ADDRESS, which must then yield 31 bits. */
static NOINLINE u32 low31(u32 a) { return a & 0x7FFFFFFF; }
static NOINLINE u32 sum31(u32 a, u32 b) { return (a + b) & 0x7FFFFFFF; }
static NOINLINE u32 sum31_constant(u32 a) { return (a + 4000) & 0x7FFFFFFF; }
static NOINLINE u32 sum31_both(u32 a, u32 b) { return (a + b + 77) & 0x7FFFFFFF; }
static NOINLINE u32 random31(u32 *seed) { return *seed = (*seed * 1103515245 + 12345) & 0x7FFFFFFF; }
static NOINLINE u32 positive(i32 a) { return (u32)a & 0x7FFFFFFF ? 1u : 0u; }
static NOINLINE int sign_of(u64 bits) { return (bits & 0x7FFFFFFFFFFFFFFFULL) != bits; }
static NOINLINE u32 many(u32 a) { return (a & 0xFF00FF00) ^ (a & 0x0000FFFF) ^ (a | 0x00FF0000) ^ (a & 0xFFFF0000); }
static NOINLINE u32 low24(u32 a) { return a & 0x00FFFFFF; }

void corpus_masks(void) {
    u32 sum = 0, seed = 1;
    for (int i = 0; i < 40; ++i) {
        const u32 a = number(), b = number();
        sum = sum * 31 + low31(a) + sum31(a, b) + sum31_constant(a) + sum31_both(a, b) + random31(&seed);
        sum ^= positive((i32)(a & 0x80000000)) + (u32)sign_of((u64)a << 32) + many(a) + low24(b);
    }
    put("masks", sum);
}
