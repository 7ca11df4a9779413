#include "corpus.h"

static u64 bits(double d) {
    u64 b;
    __builtin_memcpy(&b, &d, sizeof b);
    return b;
}
static u32 bits32(float f) {
    u32 b;
    __builtin_memcpy(&b, &f, sizeof b);
    return b;
}

static NOINLINE double horner(double x) { return ((x * 0.25 - 1.5) * x + 2.0) * x - 0.125; }
static NOINLINE double ratio(double a, double b) { return a / b; }
static NOINLINE float single(float a, float b) { return a * b + a / b - 3.5f; }
static NOINLINE u32 comparisons(double a, double b) {
    return (u32)((a < b) + 2 * (a <= b) + 4 * (a > b) + 8 * (a >= b) + 16 * (a == b) + 32 * (a != b));
}
static NOINLINE double root(double a) {
    double x = a;
    for (int i = 0; i < 30; ++i) x = (x + a / x) * 0.5;
    return x;
}
static NOINLINE double from_signed(i32 a) { return a; }
static NOINLINE double from_unsigned(u32 a) { return a; }
static NOINLINE double from_long(i64 a) { return (double)a; }
static NOINLINE i32 to_signed(double a) { return (i32)a; }
static NOINLINE u32 to_unsigned(double a) { return (u32)a; }
static NOINLINE i64 to_long(double a) { return (i64)a; }
static NOINLINE float narrow(double a) { return (float)a; }
static NOINLINE double widen(float a) { return a; }
static NOINLINE double magnitude(double a) { return __builtin_fabs(a); }
static NOINLINE double negative(double a) { return -a; }

void corpus_floats(void) {
    u64 sum = 0;
    u32 flags = 0;
    for (int i = 0; i < 30; ++i) {
        const u32 n = number() >> (i & 15);
        const double a = from_signed((i32)n), b = from_unsigned(n ^ 0x55555) + 0.75;
        sum = sum * 31 + bits(horner(a * 1e-6)) + bits(ratio(a, b)) + bits(root(b));
        sum ^= bits(from_long((i64)number64())) + bits(magnitude(a)) + bits(negative(b));
        sum += bits32(single(narrow(a * 0.001), narrow(b))) + bits(widen(narrow(ratio(b, 3.0))));
        sum += (u32)to_signed(ratio(a, 7.5)) + to_unsigned(b) + (u64)to_long(a * 4096.5);
        flags = flags * 3 + comparisons(a, b) + comparisons(b, b);
    }
    put64("floats", sum);
    put("compared", flags);
    put64("small", bits(ratio(1e-300, 3e10)));   /* denormalized */
    put64("large", bits(ratio(1e300, 1e-300)));  /* infinity */
    put("single", bits32(single(1e-38f, 3e7f)));
}
