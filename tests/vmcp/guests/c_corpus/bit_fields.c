#include "corpus.h"

struct Fields {
    u32 a : 3;
    u32 b : 11;
    i32 c : 7;
    u32 d : 1;
    u32 e : 10;
    u16 f : 12;
    u16 g : 4;
    i64 h : 40;
    u64 i : 24;
};

static struct Fields many[8];

static NOINLINE void set(struct Fields *f, u32 v) {
    f->a = v;
    f->b = v >> 3;
    f->c = (i32)(v >> 5) & 0x3F;
    f->d = v >> 9;
    f->e = v >> 11;
    f->f = (u16)(v & 0xFFF);
    f->g = (u16)(v >> 20 & 0xF);
    f->h = (i64)v * 77;
    f->i = v ^ 0x5A5A5A;
}

static NOINLINE u64 get(const struct Fields *f) {
    return f->a + 8u * f->b + (u64)(i64)f->c * 3 + f->d + f->e * 5u + f->f + f->g * 9u + (u64)f->h + f->i;
}

static NOINLINE void flip(struct Fields *f) {
    f->d = !f->d;
    f->a ^= 5;
    f->b += 3;
    f->e |= 0x101;
}

void corpus_bit_fields(void) {
    u64 sum = 0;
    for (u32 i = 0; i < 40; ++i) {
        struct Fields *f = &many[i & 7];
        set(f, number());
        flip(f);
        sum = sum * 31 + get(f);
    }
    put64("bit_fields", sum);
}
