#include "corpus.h"

static NOINLINE i32 mix(i32 a, i32 b, i32 c) { return a * 7 + b * c - (c << 3) + 100; }
static NOINLINE u32 umix(u32 a, u32 b) { return a * 0x01000193u + b * 100003u - 40000u; }
static NOINLINE i32 halves(i16 a, i16 b) { return a * b + a - b; }
static NOINLINE i32 constants(i32 a) { return ((a + 32767) * -300 - 32768) ^ (a * 10); }
static NOINLINE i32 minimum(i32 a, i32 b) { return a < b ? a : b; }
static NOINLINE u32 maximum(u32 a, u32 b) { return a > b ? a : b; }
static NOINLINE i32 magnitude(i32 a) { return a < 0 ? -a : a; }
static NOINLINE u32 average(u32 a, u32 b) { return (a & b) + ((a ^ b) >> 1); }
static NOINLINE int adds(i32 a, i32 b, i32 *sum) { return __builtin_add_overflow(a, b, sum); }
static NOINLINE int multiplies(i32 a, i32 b, i32 *product) { return __builtin_mul_overflow(a, b, product); }
static NOINLINE int subtracts(u32 a, u32 b, u32 *difference) { return __builtin_sub_overflow(a, b, difference); }

void corpus_arithmetic(void) {
    u32 sum = 0, overflows = 0;
    for (int i = 0; i < 50; ++i) {
        const u32 a = number(), b = number();
        i32 x, y;
        u32 z;
        sum = sum * 31 + (u32)mix((i32)(a >> 12), (i32)(b >> 20), i);
        sum += umix(a, b);
        sum ^= (u32)halves((i16)a, (i16)b);
        sum += (u32)constants((i32)(a >> 16) - 30000);
        sum ^= (u32)minimum((i32)a, (i32)b) + maximum(a, b);
        sum += (u32)magnitude((i32)(a | 1)) + average(a, b);
        overflows += (u32)adds((i32)a, (i32)b, &x) + (u32)multiplies((i32)a >> 10, (i32)b >> 18, &y) * 100u +
                     (u32)subtracts(a, b, &z) * 10000u;
        sum += (u32)x + (u32)y + z;
    }
    put("arithmetic", sum);
    put("overflows", overflows);
}
