#include "corpus.h"

static NOINLINE u64 add(u64 a, u64 b) { return a + b; }
static NOINLINE u64 subtract(u64 a, u64 b) { return a - b; }
static NOINLINE u64 multiply(u64 a, u64 b) { return a * b; }
static NOINLINE u64 wide(u32 a, u32 b) { return (u64)a * b; }
static NOINLINE i64 swide(i32 a, i32 b) { return (i64)a * b; }
static NOINLINE i64 negate(i64 a) { return -a; }
static NOINLINE int less(i64 a, i64 b) { return a < b; }
static NOINLINE int below(u64 a, u64 b) { return a < b; }
static NOINLINE int equal(u64 a, u64 b) { return a == b; }
static NOINLINE u64 logic(u64 a, u64 b) { return ((a & b) | 0x123456789ULL) ^ ~b; }
static NOINLINE u64 increment(u64 a) { return a + 1; }
static NOINLINE u64 load_add(const u64 *a, const u64 *b) { return *a + *b; }
static NOINLINE u64 load_subtract(const u64 *a, const u64 *b) { return *a - *b; }
static NOINLINE void accumulate(u64 *a, u32 b) { *a += b; }
static NOINLINE u32 high_product(u32 a, const u32 *b) { return (u32)((u64)a * *b >> 32); }
static NOINLINE i32 shigh_product(i32 a, const i32 *b) { return (i32)((i64)a * *b >> 32); }
static NOINLINE u32 carries(const u32 *a, const u32 *b, u32 *to) {
    u32 carry = 0;
    for (int i = 0; i < 4; ++i) {
        const u32 s = a[i] + b[i];
        const u32 c = s < a[i];
        to[i] = s + carry;
        carry = c | (to[i] < s);
    }
    return carry;
}

void corpus_arithmetic64(void) {
    u64 sum = 1;
    u32 flags = 0;
    for (int i = 0; i < 40; ++i) {
        u64 a = number64();
        const u64 b = number64();
        sum = sum * 31 + add(a, b);
        sum ^= subtract(a, b) + multiply(a, b) + wide((u32)a, (u32)b);
        sum += (u64)swide((i32)a, (i32)b) + (u64)negate((i64)(a >> 1)) + logic(a, b) + increment(b);
        sum ^= load_add(&a, &b) - load_subtract(&b, &a);
        accumulate(&a, (u32)b);
        sum += a;
        flags = flags * 3 + (u32)(less((i64)a, (i64)b) + 2 * below(a, b) + 4 * equal(a, a ^ (b & 1)));
        u32 x[4] = {(u32)a, (u32)(a >> 32), 0xFFFFFFFF, (u32)b}, y[4] = {(u32)b, 0xFFFFFFFF, (u32)a, ~(u32)a}, z[4];
        flags += carries(x, y, z);
        sum += z[0] ^ z[1] ^ z[2] ^ z[3];
        sum += high_product(x[0], &y[0]);
        const i32 s = (i32)x[1];
        sum += (u64)(i64)shigh_product((i32)y[2], &s);
    }
    put64("arithmetic64", sum);
    put("flags", flags);
}
