#include "corpus.h"

static volatile i8 byte;
static volatile u8 ubyte;
static volatile i16 half;
static volatile u16 uhalf;
static volatile i32 word;
static volatile i64 two_words;
static volatile u8 flags[4];

static NOINLINE void set_all(u32 v) {
    byte = (i8)v;
    ubyte = (u8)(v >> 8);
    half = (i16)(v >> 3);
    uhalf = (u16)(v >> 5);
    word = (i32)v;
    two_words = (i64)v << 20;
}
static NOINLINE i64 get_all(void) { return byte + ubyte * 2 + half * 3 + uhalf * 4 + (i64)word + two_words; }

void corpus_volatiles(void) {
    i64 sum = 0;
    for (int i = 0; i < 30; ++i) {
        set_all(number());
        ++byte;
        ubyte ^= 0x55;
        half -= 3;
        uhalf |= 0x1001;
        word += 1000;
        two_words ^= -1;
        flags[1] |= 4;
        flags[2] &= (u8)~8;
        flags[3] = 0x40;
        if (flags[1] & 4) flags[2] ^= 0x81;
        sum = (i64)((u64)sum * 31 + (u64)get_all());
    }
    put64("volatiles", (u64)sum);
    put("flags", (u32)(flags[0] + flags[1] + flags[2] + flags[3]));
}
