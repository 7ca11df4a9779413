#include "corpus.h"

/* Parts of words: inserting, extracting, extending. */
static NOINLINE u32 insert(u32 a, u32 b) { return (a & 0xFFFFFF00) | (b & 0xFF); }
static NOINLINE u32 insert_middle(u32 a, const u8 *p) { return (a & 0xFF0000FF) | (u32)p[0] << 16 | (u32)p[1] << 8; }
static NOINLINE u32 merge_half(u32 a, u32 b) { return (a & 0xFFFF0000) | (b & 0xFFFF); }
static NOINLINE u32 big_endian(const u8 *p) { return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3]; }
static NOINLINE u32 three(const u8 *p) { return (u32)p[0] << 16 | (u32)p[1] << 8 | p[2]; }
static NOINLINE u32 little_endian(const u8 *p) { return (u32)p[3] << 24 | (u32)p[2] << 16 | (u32)p[1] << 8 | p[0]; }
static NOINLINE void spread(u8 *p, u32 a) {
    p[0] = (u8)(a >> 24);
    p[1] = (u8)(a >> 16);
    p[2] = (u8)(a >> 8);
    p[3] = (u8)a;
}
static NOINLINE i32 extend8(u32 a) { return (i8)a; }
static NOINLINE i32 extend16(u32 a) { return (i16)a; }
static NOINLINE u32 zero8(u32 a) { return (u8)a; }
static NOINLINE u32 zero16(u32 a) { return (u16)a; }
static NOINLINE i64 extend64(i32 a) { return a; }
static NOINLINE i32 load8(const i8 *p) { return *p; }
static NOINLINE u32 uload8(const u8 *p) { return *p; }
static NOINLINE i32 load16(const i16 *p) { return *p; }
static NOINLINE u32 uload16(const u16 *p) { return *p; }
static NOINLINE u32 nibbles(u32 a) { return (a >> 4 & 0x0F0F0F0F) | (a & 0x0F0F0F0F) << 4; }
static NOINLINE u32 sign_bit(u32 a) { return a >> 31; }
static NOINLINE u32 field(u32 a) { return a >> 5 & 0x7FF; }

void corpus_bytes(void) {
    u64 sum = 0;
    for (int i = 0; i < 40; ++i) {
        const u32 a = number(), b = number();
        u8 p[4];
        i16 h = (i16)b;
        spread(p, a);
        sum = sum * 31 + insert(a, b) + insert_middle(b, p) + merge_half(a, b) + big_endian(p) + three(p);
        sum += little_endian(p) + (u64)(i64)(extend8(a) + extend16(a)) + zero8(a) + zero16(b) + (u64)extend64((i32)a);
        sum ^= (u64)(i64)(load8((const i8 *)p) + load16(&h)) + uload8(p) + uload16((const u16 *)&h);
        sum += nibbles(a) + sign_bit(b) + field(a);
    }
    put64("bytes", sum);
}
