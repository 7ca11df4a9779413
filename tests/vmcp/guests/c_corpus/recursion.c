#include "corpus.h"

static NOINLINE u32 fibonacci(u32 n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
static NOINLINE u32 ackermann(u32 m, u32 n) {
    return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}
static NOINLINE int odd(u32 n);
static NOINLINE int even(u32 n) { return n == 0 ? 1 : odd(n - 1); }
static NOINLINE int odd(u32 n) { return n == 0 ? 0 : even(n - 1); }

static u32 moves;
static NOINLINE void hanoi(int n, int from, int to, int by) {
    if (n == 0) return;
    hanoi(n - 1, from, by, to);
    moves = moves * 3 + (u32)(from * 10 + to);
    hanoi(n - 1, by, to, from);
}

static NOINLINE u32 queens(u32 n, u32 columns, u32 left, u32 right) {
    const u32 all = (1u << n) - 1;
    if (columns == all) return 1;
    u32 count = 0;
    for (u32 free = all & ~(columns | left | right); free; free &= free - 1) {
        const u32 bit = free & -free;
        count += queens(n, columns | bit, (left | bit) << 1, (right | bit) >> 1);
    }
    return count;
}

static NOINLINE u32 frame(u32 n) {
    u32 local[20 + (n & 15)]; /* a frame whose size is known at run time only */
    for (u32 i = 0; i < 20; ++i) local[i] = n * i;
    return n == 0 ? local[7] : local[n % 20] + frame(n - 1);
}

void corpus_recursion(void) {
    put("fibonacci", fibonacci(15));
    put("ackermann", ackermann(2, 5));
    put("parity", (u32)(even(40) * 2 + odd(40)));
    hanoi(6, 1, 3, 2);
    put("hanoi", moves);
    put("queens", queens(6, 0, 0, 0));
    put("frame", frame(30));
}
