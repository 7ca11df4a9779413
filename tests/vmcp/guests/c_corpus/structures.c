#include "corpus.h"

struct Small {
    i16 a, b;
};
struct Middle {
    i32 a;
    i64 b;
    char c[7];
};
struct Big {
    i32 numbers[100];
    char name[20];
};

static NOINLINE struct Small make_small(i32 x) { return (struct Small){(i16)x, (i16)(x >> 16)}; }
static NOINLINE struct Middle make_middle(i32 x) {
    struct Middle m = {x, (i64)x * x, {0}};
    for (int i = 0; i < 7; ++i) m.c[i] = (char)(x >> i);
    return m;
}
static NOINLINE i64 use_middle(struct Middle m, struct Small s) { return m.a + m.b + m.c[3] + s.a - s.b; }
static NOINLINE struct Big make_big(u32 x) {
    struct Big b;
    for (u32 i = 0; i < 100; ++i) b.numbers[i] = (i32)(x += 7 * i);
    __builtin_memset(b.name, 'x', sizeof b.name);
    b.name[19] = 0;
    return b;
}
static NOINLINE void assign(struct Big *a, const struct Big *b) { *a = *b; }
static NOINLINE u32 use_big(struct Big b) {
    u32 s = 0;
    for (int i = 0; i < 100; ++i) s = s * 5 + (u32)b.numbers[i];
    return s + (u8)b.name[4];
}
static NOINLINE int many(int a, int b, int c, int d, int e, int f, i64 g, char h, short i) {
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + (int)(7 * g) + 8 * h + 9 * i;
}

union Either {
    u32 word;
    struct {
        u16 first, second;
    } halves;
};

void corpus_structures(void) {
    static struct Big one, two;
    const struct Small s = make_small((i32)number());
    const struct Middle m = make_middle((i32)(number() >> 4));
    put("small", (u32)(s.a * 3 + s.b));
    put64("middle", (u64)use_middle(m, s));
    one = make_big(number());
    assign(&two, &one);
    put("big", use_big(two));
    put("many", (u32)many((int)one.numbers[3], 2, 3, 4, 5, 6, -7, 'h', -9));
    union Either e;
    e.word = number();
    put("union", (u32)(e.halves.first + e.halves.second));
}
