#include "corpus.h"

static u8 from[3000], to[3000];

static NOINLINE void copy(void *d, const void *s, u32 n) { __builtin_memcpy(d, s, n); }
static NOINLINE void copy40(void *d, const void *s) { __builtin_memcpy(d, s, 40); }
static NOINLINE void copy700(void *d, const void *s) { __builtin_memcpy(d, s, 700); }
static NOINLINE void copy2500(void *d, const void *s) { __builtin_memcpy(d, s, 2500); }
static NOINLINE void move(void *d, const void *s, u32 n) { __builtin_memmove(d, s, n); }
static NOINLINE void fill(void *d, int c, u32 n) { __builtin_memset(d, c, n); }
static NOINLINE void clear(void *d, u32 n) { __builtin_memset(d, 0, n); }
static NOINLINE void clear300(void *d) { __builtin_memset(d, 0, 300); }
static NOINLINE void fill2000(void *d) { __builtin_memset(d, 0x5A, 2000); }
static NOINLINE void clear2000(void *d) { __builtin_memset(d, 0, 2000); }
static NOINLINE int compare(const void *a, const void *b, u32 n) {
    const int r = __builtin_memcmp(a, b, n);
    return r < 0 ? -1 : r > 0;
}
static NOINLINE int compare100(const void *a, const void *b) {
    const int r = __builtin_memcmp(a, b, 100);
    return r < 0 ? -1 : r > 0;
}
static NOINLINE int same2000(const void *a, const void *b) { return __builtin_memcmp(a, b, 2000) == 0; }

static u32 checksum(void) {
    u32 s = 0;
    for (u32 i = 0; i < sizeof to; ++i) s = s * 31 + to[i];
    return s;
}

void corpus_blocks(void) {
    for (u32 i = 0; i < sizeof from; ++i) from[i] = (u8)number();
    copy(to, from, 1);
    copy(to + 5, from + 7, 600);
    copy(to + 1500, from, 256);
    copy(to + 2900, from, 0);
    put("copy", checksum());
    copy40(to + 3, from + 100);
    copy700(to + 100, from + 2);
    put("copies", checksum());
    copy2500(to + 400, from + 9);
    put("copies", checksum());
    move(to + 10, to, 1000);
    move(to + 1500, to + 1510, 700);
    put("move", checksum());
    fill(to + 50, 0xA5, 500);
    clear(to + 700, 257);
    clear300(to + 1200);
    put("fill", checksum());
    fill2000(to + 900);
    put("fill", checksum());
    clear2000(to + 30);
    put("fill", checksum());
    copy(to, from, sizeof to);
    u32 r = 0;
    for (u32 i = 0; i < 20; ++i) {
        const u32 at = number() % 2999;
        to[at] ^= (u8)(1 + (number() & 0x7F));
        r = r * 5 + (u32)(compare(to, from, sizeof to) + 1);
        r = r * 3 + (u32)(compare100(to + at - (at > 80 ? 80 : 0), from + at - (at > 80 ? 80 : 0)) + 1);
        r += (u32)same2000(to + 500, from + 500);
        to[at] = from[at];
    }
    put("compare", r + (u32)same2000(to, from));
}
