#include "corpus.h"

static NOINLINE i32 divide(i32 a, i32 b) { return a / b; }
static NOINLINE i32 remain(i32 a, i32 b) { return a % b; }
static NOINLINE u32 udivide(u32 a, u32 b) { return a / b; }
static NOINLINE u32 uremain(u32 a, u32 b) { return a % b; }
static NOINLINE u32 both(u32 a, u32 b) { return a / b + a % b; }
static NOINLINE u32 by_memory(u32 a, const u32 *b) { return a / *b + a % *b; }
static NOINLINE i32 sby_memory(i32 a, const i32 *b) { return a / *b + a % *b; }
static NOINLINE i32 by7(i32 a) { return a / 7 + a % 10; }
static NOINLINE u32 uby1000(u32 a) { return a / 1000 + a % 60; }
static NOINLINE i32 by8(i32 a) { return a / 8 + a % 16; }
static NOINLINE u64 udivide64(u64 a, u64 b) { return a / b; }
static NOINLINE u64 uremain64(u64 a, u64 b) { return a % b; }
static NOINLINE i64 divide64(i64 a, i64 b) { return a / b; }
static NOINLINE i64 remain64(i64 a, i64 b) { return a % b; }
static NOINLINE u64 by10(u64 a) { return a / 10 + a % 10; }
static NOINLINE u32 mixed(u64 a, u32 b) { return (u32)(a / b) ^ (u32)(a % b); }
static NOINLINE i16 halves(i16 a, i16 b) { return (i16)(a / b + a % b); }
static NOINLINE u8 bytes(u8 a, u8 b) { return (u8)(a / b + a % b); }

void corpus_division(void) {
    u64 sum = 0;
    for (int i = 0; i < 60; ++i) {
        const u32 a = number(), b = (number() >> (i & 31)) | 1, c = (number() & 0xFFFFFF) | 2;
        const u64 d = number64(), e = (number64() >> i) | 1;
        const i32 s = (i32)c;
        sum = sum * 31 + (u32)divide((i32)a, s) + (u32)remain((i32)a, s) + udivide(a, b) + uremain(a, b) + both(b, a | 1);
        sum += by_memory(a, &b) + (u32)sby_memory((i32)a, &s);
        sum ^= (u64)(i64)(by7((i32)a) + by8((i32)a)) + uby1000(a);
        sum += udivide64(d, e) + uremain64(d, e) + by10(d) + mixed(d, b);
        sum ^= (u64)divide64((i64)d, (i64)(e | 4)) + (u64)remain64((i64)d, -(i64)(e >> 1 | 2));
        sum += (u64)(halves((i16)a, (i16)(b & 0xFF)) + bytes((u8)a, (u8)(c | 1)));
    }
    put64("division", sum);
}
