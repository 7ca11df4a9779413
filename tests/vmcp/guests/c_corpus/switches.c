#include "corpus.h"

static u32 trail;
static NOINLINE void note(u32 v) { trail = trail * 17 + v; }

static NOINLINE u32 dense(u32 x) {
    switch (x) {
        case 0: note(3); return 5;
        case 1: note(1); return trail & 0xFF;
        case 2: note(4); /* fall through */
        case 3: note(9); return 77 ^ trail;
        case 4: return 13;
        case 5: note(2); return trail >> 3;
        case 6: note(6); break;
        case 7: return x * trail;
        case 8: note(5); return 8;
        default: note(x & 3);
    }
    return trail;
}

static NOINLINE u32 sparse(i32 x) {
    switch (x) {
        case -1000000: return 1;
        case -5: return 2;
        case 17: return 3;
        case 4096: return 4;
        case 65537: return 5;
        case 0x7FFFFFFF: return 6;
        default: return 7;
    }
}

static NOINLINE u32 ranges(u32 c) {
    switch (c) {
        case '0' ... '9': return c - '0';
        case 'a' ... 'f': return c - 'a' + 10;
        case 'A' ... 'F': return c - 'A' + 10;
        default: return 99;
    }
}

static NOINLINE u32 computed(u32 x) {
    static const void *const labels[] = {&&one, &&two, &&three};
    u32 r = 0;
    for (int i = 0; i < 5; ++i) {
        goto *labels[x % 3];
    one:
        r += 1;
        x += 2;
        continue;
    two:
        r += 20;
        x += 5;
        continue;
    three:
        r += 300;
        x += 1;
    }
    return r;
}

void corpus_switches(void) {
    static const i32 interesting[] = {-1000000, -5, 17, 4096, 65537, 0x7FFFFFFF, 0, 1, -1};
    u32 sum = 0;
    trail = 0;
    for (u32 i = 0; i < 60; ++i) sum = sum * 31 + dense(number() % 11) + computed(i);
    for (u32 i = 0; i < sizeof interesting / sizeof interesting[0]; ++i) sum = sum * 11 + sparse(interesting[i]);
    for (u32 c = ' '; c < 'z'; ++c) sum = sum * 3 + ranges(c);
    put("switches", sum);
}
