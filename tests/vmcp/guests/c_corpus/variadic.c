#include "corpus.h"

static NOINLINE i64 total(const char *kinds, ...) {
    __builtin_va_list list;
    i64 sum = 0;
    __builtin_va_start(list, kinds);
    for (; *kinds; ++kinds) {
        if (*kinds == 'i') sum += __builtin_va_arg(list, int);
        if (*kinds == 'l') sum += __builtin_va_arg(list, i64);
        if (*kinds == 's') sum += __builtin_va_arg(list, const char *)[1];
    }
    __builtin_va_end(list);
    return sum;
}

static NOINLINE i32 inner(int n, __builtin_va_list list) {
    i32 product = 1;
    while (n--) product = product * 3 + __builtin_va_arg(list, int);
    return product;
}
static NOINLINE i32 outer(int n, ...) {
    __builtin_va_list list, other;
    __builtin_va_start(list, n);
    __builtin_va_copy(other, list);
    const i32 r = inner(n, list) - 2 * inner(n - 1, other);
    __builtin_va_end(other);
    __builtin_va_end(list);
    return r;
}

void corpus_variadic(void) {
    const i64 third = (i64)number64() >> 3;
    const int last = (int)(number() >> 1);
    put64("variadic", (u64)total("iilsilii", 1, -2, third, "xyz", 5, -6LL * 0x123456789, 7, last));
    put("lists", (u32)outer(9, 1, 2, 3, 4, 5, 6, 7, 8, (int)(number() >> 20)));
}
