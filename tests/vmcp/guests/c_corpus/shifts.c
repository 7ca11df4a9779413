#include "corpus.h"

static NOINLINE u32 left(u32 a, u32 n) { return a << (n & 31); }
static NOINLINE u32 right(u32 a, u32 n) { return a >> (n & 31); }
static NOINLINE i32 sright(i32 a, u32 n) { return a >> (n & 31); }
static NOINLINE u32 rotate(u32 a, u32 n) { return a << (n & 31) | a >> (-n & 31); }
static NOINLINE u32 rotate7(u32 a) { return a << 7 | a >> 25; }
static NOINLINE u64 left64(u64 a, u32 n) { return a << (n & 63); }
static NOINLINE u64 right64(u64 a, u32 n) { return a >> (n & 63); }
static NOINLINE i64 sright64(i64 a, u32 n) { return a >> (n & 63); }
static NOINLINE u64 rotate64(u64 a, u32 n) { return a << (n & 63) | a >> (-n & 63); }
static NOINLINE u32 swap(u32 a) { return __builtin_bswap32(a); }
static NOINLINE u32 swap16(u16 a) { return __builtin_bswap16(a); }
static NOINLINE u64 swap64(u64 a) { return __builtin_bswap64(a); }
static NOINLINE u32 load_swapped(const u32 *p) { return __builtin_bswap32(*p); }
static NOINLINE void store_swapped(u32 *p, u32 v) { *p = __builtin_bswap32(v); }
static NOINLINE u32 load_swapped16(const u16 *p) { return __builtin_bswap16(*p); }
static NOINLINE void store_swapped16(u16 *p, u32 v) { *p = __builtin_bswap16((u16)v); }
static NOINLINE int leading(u32 a) { return __builtin_clz(a | 1); }
static NOINLINE int trailing(u32 a) { return __builtin_ctz(a | 0x80000000u); }
static NOINLINE int leading64(u64 a) { return __builtin_clzll(a | 1); }
static NOINLINE int trailing64(u64 a) { return __builtin_ctzll(a | 1ULL << 63); }
static NOINLINE int population(u32 a) { return __builtin_popcount(a); }
static NOINLINE int population64(u64 a) { return __builtin_popcountll(a); }
static NOINLINE int parity(u32 a) { return __builtin_parity(a); }
static NOINLINE int first_set(u32 a) { return __builtin_ffs((i32)a); }

void corpus_shifts(void) {
    u64 sum = 0;
    for (u32 i = 0; i < 70; ++i) {
        const u32 a = number();
        const u64 b = number64();
        u32 memory = a;
        u16 half = (u16)b;
        sum = sum * 31 + left(a, i) + right(a, i) + (u32)sright((i32)a, i) + rotate(a, i) + rotate7(a);
        sum ^= left64(b, i) + right64(b, i) + (u64)sright64((i64)b, i) + rotate64(b, i);
        sum += swap(a) + swap16((u16)a) + swap64(b) + load_swapped(&memory) + load_swapped16(&half);
        store_swapped(&memory, (u32)b);
        store_swapped16(&half, a);
        sum += memory + half;
        sum += (u64)(leading(a >> (i & 31)) + 100 * trailing(a << (i & 31)) + leading64(b >> (i & 63)) +
                     7 * trailing64(b << (i & 63)) + population(a) + 3 * population64(b) + parity(a) + first_set(a));
    }
    put64("shifts", sum);
}
