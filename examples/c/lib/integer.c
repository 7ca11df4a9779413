/* What gcc calls for integer operations that the machine has no instruction for. Debian's cross compiler brings these
   (its libgcc) for 64-bit code only. */
#include <stdint.h>

/* A doubleword by a word, where the quotient fits into a word: DIVIDE LOGICAL. */
static uint32_t divide_word(uint32_t high, uint32_t low, uint32_t by, uint32_t *remainder) {
    uint64_t pair = (uint64_t)high << 32 | low;
    __asm__("dlr %0,%1" : "+d"(pair) : "d"(by));
    *remainder = (uint32_t)(pair >> 32);
    return (uint32_t)pair;
}

static uint64_t divide(uint64_t a, uint64_t b, uint64_t *remainder) {
    if (b >> 32 == 0) {
        uint32_t rest;
        const uint32_t high = divide_word(0, (uint32_t)(a >> 32), (uint32_t)b, &rest);
        const uint32_t low = divide_word(rest, (uint32_t)a, (uint32_t)b, &rest);
        *remainder = rest;
        return (uint64_t)high << 32 | low;
    }
    /* The quotient has at most 32 bits: shift and subtract. */
    uint64_t rest = a >> 32;
    uint32_t quotient = 0;
    for (int i = 31; i >= 0; --i) {
        const int carry = (int)(rest >> 63);
        rest = rest << 1 | (a >> i & 1);
        quotient <<= 1;
        if (carry || rest >= b) {
            rest -= b;
            quotient |= 1;
        }
    }
    *remainder = rest;
    return quotient;
}

static uint64_t magnitude(int64_t a) { return a < 0 ? 0 - (uint64_t)a : (uint64_t)a; }
static int64_t with_sign(uint64_t a, int negative) { return (int64_t)(negative ? 0 - a : a); }

uint64_t __udivdi3(uint64_t a, uint64_t b);
uint64_t __umoddi3(uint64_t a, uint64_t b);
uint64_t __udivmoddi4(uint64_t a, uint64_t b, uint64_t *remainder);
int64_t __divdi3(int64_t a, int64_t b);
int64_t __moddi3(int64_t a, int64_t b);
int64_t __divmoddi4(int64_t a, int64_t b, int64_t *remainder);
int __clzsi2(uint32_t a);
int __clzdi2(uint64_t a);
int __ctzsi2(uint32_t a);
int __ctzdi2(uint64_t a);
int __ffssi2(int32_t a);
int __ffsdi2(int64_t a);
int __popcountsi2(uint32_t a);
int __popcountdi2(uint64_t a);
int __paritysi2(uint32_t a);
int __paritydi2(uint64_t a);

uint64_t __udivdi3(uint64_t a, uint64_t b) {
    uint64_t rest;
    return divide(a, b, &rest);
}
uint64_t __umoddi3(uint64_t a, uint64_t b) {
    uint64_t rest;
    divide(a, b, &rest);
    return rest;
}
uint64_t __udivmoddi4(uint64_t a, uint64_t b, uint64_t *remainder) { return divide(a, b, remainder); }

int64_t __divmoddi4(int64_t a, int64_t b, int64_t *remainder) {
    uint64_t rest;
    const uint64_t quotient = divide(magnitude(a), magnitude(b), &rest);
    *remainder = with_sign(rest, a < 0);
    return with_sign(quotient, (a < 0) != (b < 0));
}
int64_t __divdi3(int64_t a, int64_t b) {
    int64_t rest;
    return __divmoddi4(a, b, &rest);
}
int64_t __moddi3(int64_t a, int64_t b) {
    int64_t rest;
    __divmoddi4(a, b, &rest);
    return rest;
}

int __clzsi2(uint32_t a) {
    int n = 0;
    if (a >> 16 == 0) n += 16, a <<= 16;
    if (a >> 24 == 0) n += 8, a <<= 8;
    if (a >> 28 == 0) n += 4, a <<= 4;
    if (a >> 30 == 0) n += 2, a <<= 2;
    return n + (a >> 31 == 0);
}
int __clzdi2(uint64_t a) { return a >> 32 != 0 ? __clzsi2((uint32_t)(a >> 32)) : 32 + __clzsi2((uint32_t)a); }
int __ctzsi2(uint32_t a) { return 31 - __clzsi2(a & (0 - a)); }
int __ctzdi2(uint64_t a) { return (uint32_t)a != 0 ? __ctzsi2((uint32_t)a) : 32 + __ctzsi2((uint32_t)(a >> 32)); }
int __ffssi2(int32_t a) { return a == 0 ? 0 : 1 + __ctzsi2((uint32_t)a); }
int __ffsdi2(int64_t a) { return a == 0 ? 0 : 1 + __ctzdi2((uint64_t)a); }
int __popcountsi2(uint32_t a) {
    int n = 0;
    for (; a != 0; a &= a - 1) ++n;
    return n;
}
int __popcountdi2(uint64_t a) { return __popcountsi2((uint32_t)(a >> 32)) + __popcountsi2((uint32_t)a); }
int __paritysi2(uint32_t a) { return __popcountsi2(a) & 1; }
int __paritydi2(uint64_t a) { return __popcountdi2(a) & 1; }
