#include "corpus.h"

struct Record {
    u32 key;
    i16 weight;
    char tag[6];
};

static void swap_records(struct Record *a, struct Record *b) {
    const struct Record t = *a;
    *a = *b;
    *b = t;
}
static NOINLINE void quick(u32 *a, int low, int high) {
    while (low < high) {
        const u32 pivot = a[(low + high) / 2];
        int i = low, j = high;
        while (i <= j) {
            while (a[i] < pivot) ++i;
            while (a[j] > pivot) --j;
            if (i <= j) {
                const u32 t = a[i];
                a[i++] = a[j];
                a[j--] = t;
            }
        }
        if (j - low < high - i) {
            quick(a, low, j);
            low = i;
        } else {
            quick(a, i, high);
            high = j;
        }
    }
}
static NOINLINE void insertion(i16 *a, int n) {
    for (int i = 1; i < n; ++i) {
        const i16 v = a[i];
        int j = i;
        for (; j > 0 && a[j - 1] > v; --j) a[j] = a[j - 1];
        a[j] = v;
    }
}
typedef int (*Before)(const struct Record *, const struct Record *);
static NOINLINE void sift(struct Record *a, int root, int end, Before before) {
    for (int child; (child = root * 2 + 1) < end; root = child) {
        if (child + 1 < end && before(&a[child], &a[child + 1])) ++child;
        if (!before(&a[root], &a[child])) return;
        swap_records(&a[root], &a[child]);
    }
}
static NOINLINE void heap(struct Record *a, int n, Before before) {
    for (int root = n / 2 - 1; root >= 0; --root) sift(a, root, n, before);
    while (--n > 0) {
        swap_records(&a[0], &a[n]);
        sift(a, 0, n, before);
    }
}
static int by_key(const struct Record *a, const struct Record *b) { return a->key < b->key; }
static int by_weight(const struct Record *a, const struct Record *b) {
    return a->weight != b->weight ? a->weight < b->weight : a->key < b->key;
}
static NOINLINE int search(const u32 *a, int n, u32 v) {
    int low = 0;
    while (low < n) {
        const int middle = (low + n) / 2;
        if (a[middle] < v)
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}

void corpus_sorting(void) {
    static u32 words[200];
    static i16 halves[60];
    static struct Record records[40];
    u32 sum = 0;
    for (int i = 0; i < 200; ++i) words[i] = number();
    quick(words, 0, 199);
    for (int i = 0; i < 200; ++i) sum = sum * 31 + words[i] + (i > 0 && words[i] < words[i - 1]);
    put("quick", sum);
    put("search", (u32)search(words, 200, 0x80000000u));
    for (int i = 0; i < 60; ++i) halves[i] = (i16)number();
    insertion(halves, 60);
    for (int i = 0; i < 60; ++i) sum = sum * 31 + (u32)halves[i];
    put("insertion", sum);
    for (u32 i = 0; i < 40; ++i) {
        records[i].key = number();
        records[i].weight = (i16)(number() & 7);
        __builtin_memset(records[i].tag, (int)('a' + i % 26), 6);
    }
    heap(records, 40, by_key);
    for (int i = 0; i < 40; ++i) sum = sum * 31 + records[i].key + (u8)records[i].tag[2];
    put("heap", sum);
    heap(records, 40, by_weight);
    for (int i = 0; i < 40; ++i) sum = sum * 31 + records[i].key + (u8)records[i].tag[2];
    put("heap", sum);
}
