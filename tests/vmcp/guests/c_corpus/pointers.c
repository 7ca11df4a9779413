#include "corpus.h"

struct Node {
    struct Node *next;
    i32 value;
};

typedef u32 (*Function)(u32);
static NOINLINE u32 twice(u32 a) { return a * 2; }
static NOINLINE u32 plus3(u32 a) { return a + 3; }
static NOINLINE u32 minus(u32 a) { return 0 - a; }
static NOINLINE u32 invert(u32 a) { return ~a; }
static Function const table[] = {twice, plus3, minus, invert};
static Function chosen;

static struct Node nodes[50];

static NOINLINE struct Node *build(int n) {
    struct Node *head = 0;
    for (int i = 0; i < n; ++i) {
        nodes[i].value = (i32)(number() % 1000);
        nodes[i].next = head;
        head = &nodes[i];
    }
    return head;
}
static NOINLINE struct Node *reverse(struct Node *n) {
    struct Node *done = 0;
    while (n) {
        struct Node *next = n->next;
        n->next = done;
        done = n;
        n = next;
    }
    return done;
}
static NOINLINE i32 sum(const struct Node *n) {
    i32 s = 0;
    for (int i = 1; n; n = n->next, ++i) s += n->value * i;
    return s;
}
static NOINLINE i32 indices(i32 *base, int i, int j) { return base[i + j] - base[i - j] + *(base + 2 * i); }
static NOINLINE i32 backwards(const i32 *end, int n) {
    u32 s = 0;
    while (n--) s = s * 3 + (u32)*--end;
    return (i32)s;
}
static NOINLINE i32 distance(const i32 *a, const i32 *b) { return (i32)(b - a); }
static NOINLINE int ordered(const char *a, const char *b) { return a < b; }
static NOINLINE i32 matrix(i32 m[][7], int r, int c) { return m[r][c] + m[c][r]; }
static NOINLINE void through(i32 **p) { **p += 5, ++*p; }

void corpus_pointers(void) {
    struct Node *list = build(50);
    put("list", (u32)sum(list));
    list = reverse(list);
    put("reversed", (u32)sum(list));
    u32 v = 1;
    for (int i = 0; i < 40; ++i) {
        chosen = table[number() & 3];
        v = chosen(v) + 1;
    }
    put("functions", v);
    i32 array[49];
    for (int i = 0; i < 49; ++i) array[i] = (i32)(number() >> 8);
    put("indices", (u32)(indices(array, 10, 3) + indices(array, 20, 20)));
    put("backwards", (u32)backwards(array + 30, 29));
    put("distance", (u32)(distance(array + 40, array + 3) + 100 * ordered((char *)array, (char *)(array + 1))));
    put("matrix", (u32)matrix((i32(*)[7])array, 3, 6));
    i32 *p = array;
    for (int i = 0; i < 9; ++i) through(&p);
    put("through", (u32)(array[0] + array[8] + (p - array)));
}
