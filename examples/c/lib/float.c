/* Floating point in software: what gcc calls for float and double with -msoft-float. IEEE 754 binary32 and binary64,
   rounding to the nearest, ties to even; no flags, no traps. Debian's cross compiler brings these for 64-bit code
   only.

   Every operation unpacks its operands into one form, computes with 64 bits and packs the result. The last bit of a
   fraction is sticky: it is one if anything below it was lost, which is all that rounding needs to know. */
#include <stdint.h>

enum kind { ZERO, FINITE, INFINITE, NOT_A_NUMBER };

/* fraction * 2**(exponent - 63), bit 63 of the fraction being one. */
struct number {
    enum kind kind;
    int negative;
    int exponent;
    uint64_t fraction;
};

struct format {
    int bits;     /* of the whole number */
    int fraction; /* bits stored */
    int bias;
};
static const struct format single_format = {32, 23, 127};
static const struct format double_format = {64, 52, 1023};

int __clzdi2(uint64_t a);

static uint64_t shift_right_sticky(uint64_t a, int n) {
    if (n == 0) return a;
    if (n > 63) return a != 0;
    return a >> n | ((a << (64 - n)) != 0);
}

/* A value whose fraction need not begin at bit 63. */
static struct number normalized(int negative, int exponent, uint64_t fraction) {
    struct number n = {ZERO, negative, 0, 0};
    if (fraction == 0) return n;
    const int zeros = __clzdi2(fraction);
    n.kind = FINITE;
    n.exponent = exponent - zeros;
    n.fraction = fraction << zeros;
    return n;
}

static struct number unpack(uint64_t bits, const struct format *f) {
    const int largest = 2 * f->bias + 1;
    const int negative = (int)(bits >> (f->bits - 1) & 1);
    const int exponent = (int)(bits >> f->fraction) & largest;
    const uint64_t fraction = bits & (((uint64_t)1 << f->fraction) - 1);
    struct number n = {fraction != 0 ? NOT_A_NUMBER : INFINITE, negative, 0, 0};
    if (exponent == largest) return n;
    const int to_left = 63 - f->fraction;
    if (exponent == 0) return normalized(negative, 1 - f->bias, fraction << to_left);
    return normalized(negative, exponent - f->bias, (fraction | (uint64_t)1 << f->fraction) << to_left);
}

static uint64_t pack(struct number n, const struct format *f) {
    const int largest = 2 * f->bias + 1;
    const uint64_t sign = (uint64_t)n.negative << (f->bits - 1);
    const uint64_t infinity = sign | (uint64_t)largest << f->fraction;
    if (n.kind == NOT_A_NUMBER) return (uint64_t)largest << f->fraction | (uint64_t)1 << (f->fraction - 1);
    if (n.kind == INFINITE) return infinity;
    if (n.kind == ZERO) return sign;
    int exponent = n.exponent + f->bias;
    uint64_t fraction = n.fraction;
    if (exponent < 1) { /* denormalized: the exponent field is zero and the leading bit is stored */
        fraction = shift_right_sticky(fraction, 1 - exponent);
        exponent = 1;
    }
    const int dropped = 63 - f->fraction;
    const uint64_t rest = fraction & (((uint64_t)1 << dropped) - 1), half = (uint64_t)1 << (dropped - 1);
    fraction >>= dropped;
    if (rest > half || (rest == half && (fraction & 1))) ++fraction;
    /* Adding lets a carry run into the exponent, and a leading one raise it from zero to one. */
    const uint64_t result = ((uint64_t)(exponent - 1) << f->fraction) + fraction;
    return (result >> f->fraction) >= (uint64_t)largest ? infinity : sign | result;
}

static struct number not_a_number(void) {
    const struct number n = {NOT_A_NUMBER, 0, 0, 0};
    return n;
}

static struct number add(struct number a, struct number b) {
    if (a.kind == NOT_A_NUMBER || b.kind == NOT_A_NUMBER) return not_a_number();
    if (a.kind == INFINITE) return b.kind == INFINITE && a.negative != b.negative ? not_a_number() : a;
    if (b.kind == INFINITE) return b;
    if (a.kind == ZERO && b.kind == ZERO) {
        a.negative &= b.negative;
        return a;
    }
    if (a.kind == ZERO) return b;
    if (b.kind == ZERO) return a;
    if (a.exponent < b.exponent || (a.exponent == b.exponent && a.fraction < b.fraction)) {
        const struct number larger = b;
        b = a;
        a = larger;
    }
    /* One bit to the right makes room for a carry; ten remain below the last bit of a double. */
    const uint64_t x = shift_right_sticky(a.fraction, 1);
    const uint64_t y = shift_right_sticky(b.fraction, a.exponent - b.exponent + 1);
    if (a.negative == b.negative) return normalized(a.negative, a.exponent + 1, x + y);
    return x == y ? normalized(0, 0, 0) : normalized(a.negative, a.exponent + 1, x - y);
}

static struct number multiply(struct number a, struct number b) {
    const int negative = a.negative != b.negative;
    if (a.kind == NOT_A_NUMBER || b.kind == NOT_A_NUMBER) return not_a_number();
    if (a.kind == INFINITE || b.kind == INFINITE) {
        if (a.kind == ZERO || b.kind == ZERO) return not_a_number();
        const struct number n = {INFINITE, negative, 0, 0};
        return n;
    }
    if (a.kind == ZERO || b.kind == ZERO) return normalized(negative, 0, 0);
    /* The left doubleword of the product of two doublewords, the right one being sticky. */
    const uint32_t ah = (uint32_t)(a.fraction >> 32), al = (uint32_t)a.fraction;
    const uint32_t bh = (uint32_t)(b.fraction >> 32), bl = (uint32_t)b.fraction;
    const uint64_t low = (uint64_t)al * bl, middle = (uint64_t)ah * bl + (low >> 32);
    const uint64_t other = (uint64_t)al * bh + (uint32_t)middle;
    const uint64_t high = (uint64_t)ah * bh + (middle >> 32) + (other >> 32);
    const uint32_t lost = (uint32_t)other | (uint32_t)low;
    return normalized(negative, a.exponent + b.exponent + 1, high | (lost != 0));
}

static struct number divide(struct number a, struct number b) {
    const int negative = a.negative != b.negative;
    struct number n = {INFINITE, negative, 0, 0};
    if (a.kind == NOT_A_NUMBER || b.kind == NOT_A_NUMBER || (a.kind == b.kind && a.kind != FINITE)) return not_a_number();
    if (a.kind == INFINITE || b.kind == ZERO) return n;
    if (a.kind == ZERO || b.kind == INFINITE) return normalized(negative, 0, 0);
    uint64_t rest = a.fraction, quotient = 0;
    int carry = 0;
    for (int i = 0; i < 63; ++i) { /* 62 bits behind the first, more than enough */
        quotient <<= 1;
        if (carry || rest >= b.fraction) {
            rest -= b.fraction;
            quotient |= 1;
        }
        carry = (int)(rest >> 63);
        rest <<= 1;
    }
    return normalized(negative, a.exponent - b.exponent + 1, quotient << 1 >> 1 | (rest != 0 || carry));
}

/* -1, 0, 1; 2 where one is not a number. */
static int compare(struct number a, struct number b) {
    if (a.kind == NOT_A_NUMBER || b.kind == NOT_A_NUMBER) return 2;
    if (a.kind == ZERO && b.kind == ZERO) return 0;
    if (a.kind == ZERO) return b.negative ? 1 : -1;
    if (b.kind == ZERO) return a.negative ? -1 : 1;
    if (a.negative != b.negative) return a.negative ? -1 : 1;
    int larger = 0;
    if (a.kind != b.kind)
        larger = a.kind == INFINITE ? 1 : -1;
    else if (a.kind == FINITE && a.exponent != b.exponent)
        larger = a.exponent > b.exponent ? 1 : -1;
    else if (a.kind == FINITE && a.fraction != b.fraction)
        larger = a.fraction > b.fraction ? 1 : -1;
    return a.negative ? -larger : larger;
}

/* Towards zero; what does not fit gives the nearest number that does. */
static uint64_t to_integer(struct number n, uint64_t most, uint64_t most_negative) {
    uint64_t value = 0;
    if (n.kind == NOT_A_NUMBER) return 0;
    if (n.kind == INFINITE || n.exponent > 63) value = ~(uint64_t)0;
    if (n.kind == FINITE && n.exponent >= 0 && n.exponent <= 63) value = n.fraction >> (63 - n.exponent);
    if (n.negative) return 0 - (value > most_negative ? most_negative : value);
    return value > most ? most : value;
}

static struct number from_unsigned(uint64_t a) { return normalized(0, 63, a); }
static struct number from_signed(int64_t a) {
    return normalized(a < 0, 63, a < 0 ? 0 - (uint64_t)a : (uint64_t)a);
}

/* float and double travel in general registers, so their bits are all that matters here. */
typedef uint64_t double_bits;
typedef uint32_t float_bits;

#define D(bits) unpack(bits, &double_format)
#define S(bits) unpack(bits, &single_format)
#define PACK_D(number) pack(number, &double_format)
#define PACK_S(number) (float_bits) pack(number, &single_format)
#define FUNCTION(type, name, ...) \
    type name(__VA_ARGS__);       \
    type name(__VA_ARGS__)

#define ARITHMETIC(type, letters, UNPACK, PACK, sign)                                                         \
    FUNCTION(type, __add##letters##3, type a, type b) { return PACK(add(UNPACK(a), UNPACK(b))); }             \
    FUNCTION(type, __sub##letters##3, type a, type b) { return PACK(add(UNPACK(a), UNPACK(b ^ sign))); }      \
    FUNCTION(type, __mul##letters##3, type a, type b) { return PACK(multiply(UNPACK(a), UNPACK(b))); }        \
    FUNCTION(type, __div##letters##3, type a, type b) { return PACK(divide(UNPACK(a), UNPACK(b))); }          \
    FUNCTION(type, __neg##letters##2, type a) { return a ^ sign; }                                            \
    FUNCTION(int, __eq##letters##2, type a, type b) { return compare(UNPACK(a), UNPACK(b)); }                 \
    FUNCTION(int, __ne##letters##2, type a, type b) { return compare(UNPACK(a), UNPACK(b)); }                 \
    FUNCTION(int, __lt##letters##2, type a, type b) { return compare(UNPACK(a), UNPACK(b)); }                 \
    FUNCTION(int, __le##letters##2, type a, type b) { return compare(UNPACK(a), UNPACK(b)); }                 \
    FUNCTION(int, __gt##letters##2, type a, type b) { return ordered_else(compare(UNPACK(a), UNPACK(b))); }   \
    FUNCTION(int, __ge##letters##2, type a, type b) { return ordered_else(compare(UNPACK(a), UNPACK(b))); }   \
    FUNCTION(int, __unord##letters##2, type a, type b) { return compare(UNPACK(a), UNPACK(b)) == 2; }         \
    FUNCTION(type, __floatsi##letters, int32_t a) { return PACK(from_signed(a)); }                            \
    FUNCTION(type, __floatunsi##letters, uint32_t a) { return PACK(from_unsigned(a)); }                       \
    FUNCTION(type, __floatdi##letters, int64_t a) { return PACK(from_signed(a)); }                            \
    FUNCTION(type, __floatundi##letters, uint64_t a) { return PACK(from_unsigned(a)); }                       \
    FUNCTION(int32_t, __fix##letters##si, type a) { return (int32_t)to_integer(UNPACK(a), 0x7FFFFFFF, 0x80000000); } \
    FUNCTION(uint32_t, __fixuns##letters##si, type a) { return (uint32_t)to_integer(UNPACK(a), 0xFFFFFFFF, 0); } \
    FUNCTION(int64_t, __fix##letters##di, type a) {                                                           \
        return (int64_t)to_integer(UNPACK(a), (uint64_t)-1 >> 1, (uint64_t)1 << 63);                          \
    }                                                                                                         \
    FUNCTION(uint64_t, __fixuns##letters##di, type a) { return to_integer(UNPACK(a), (uint64_t)-1, 0); }

/* "Greater" functions answer below zero where the operands have no order, the others above. */
static int ordered_else(int order) { return order == 2 ? -2 : order; }

ARITHMETIC(double_bits, df, D, PACK_D, ((double_bits)1 << 63))
ARITHMETIC(float_bits, sf, S, PACK_S, ((float_bits)1 << 31))

FUNCTION(double_bits, __extendsfdf2, float_bits a) { return PACK_D(S(a)); }
FUNCTION(float_bits, __truncdfsf2, double_bits a) { return PACK_S(D(a)); }
