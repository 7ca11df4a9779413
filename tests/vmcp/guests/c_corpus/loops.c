#include "corpus.h"

static i32 grid[20][20];

static NOINLINE i32 nested(void) {
    i32 s = 0;
    for (int i = 0; i < 20; ++i)
        for (int j = 0; j < 20; ++j) s += grid[i][j] * (i - j);
    return s;
}
static NOINLINE i32 countdown(i32 n) {
    i32 s = 0;
    do s += n * n;
    while (--n);
    return s;
}
static NOINLINE i32 steps(i32 from, i32 to, i32 by) {
    u32 s = 0;
    for (i32 i = from; i <= to; i += by) s ^= s * 3 + (u32)i;
    return (i32)s;
}
static NOINLINE i32 down(i32 from, i32 to, i32 by) {
    u32 s = 0;
    for (i32 i = from; i > to; i -= by) s = s * 7 + (u32)i;
    return (i32)s;
}
static NOINLINE u32 collatz(u32 n) {
    u32 s = 0;
    while (n != 1) {
        n = n & 1 ? 3 * n + 1 : n / 2;
        ++s;
    }
    return s;
}
static NOINLINE u32 sieve(void) {
    static u8 marks[2000];
    u32 count = 0;
    for (u32 i = 2; i < sizeof marks; ++i) {
        if (marks[i]) continue;
        ++count;
        for (u32 j = i * 2; j < sizeof marks; j += i) marks[j] = 1;
    }
    return count;
}
static NOINLINE void add_arrays(i32 *restrict a, const i32 *restrict b, int n) {
    for (int i = 0; i < n; ++i) a[i] += b[i];
}
static NOINLINE u32 gcd(u32 a, u32 b) {
    while (b) {
        const u32 r = a % b;
        a = b;
        b = r;
    }
    return a;
}

void corpus_loops(void) {
    for (int i = 0; i < 20; ++i)
        for (int j = 0; j < 20; ++j) grid[i][j] = (i32)(number() >> 20);
    put("nested", (u32)nested());
    put("countdown", (u32)countdown(100));
    put("steps", (u32)(steps(-10, 50, 3) + down(40, -7, 4)));
    put("collatz", collatz(27));
    put("sieve", sieve());
    add_arrays(grid[3], grid[5], 60);
    put("added", (u32)nested());
    put("gcd", gcd(1071 * 13, 462 * 13));
}
