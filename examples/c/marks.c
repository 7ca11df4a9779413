/* Marks: a compute-bound guest that checks itself, of the make of the well-known small benchmarks: a linked list that
   is searched, reversed and sorted; matrices of integers; a state machine that reads numbers; and a CRC over all their
   results. Every round must give the same CRC, and that CRC is known.

   Prints the time that the machine's own clock says has passed, so natively and as a guest it prints different times
   and the same results. Result: 0 if all is well, else 1.

   -DROUNDS=n sets the number of rounds, -DQUIET leaves out the times. */
#include "guest.h"

#ifndef ROUNDS
#define ROUNDS 10
#endif

enum { ITEMS = 120, SIZE = 9, TEXT = 400 };

/* ---- CRC-16, polynomial X'1021', most significant bit first ---- */

static uint16_t crc_byte(uint16_t crc, uint8_t byte) {
    crc ^= (uint16_t)(byte << 8);
    for (int i = 0; i < 8; ++i) crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
    return crc;
}

static uint16_t crc_word(uint16_t crc, uint32_t word) {
    for (int shift = 24; shift >= 0; shift -= 8) crc = crc_byte(crc, (uint8_t)(word >> shift));
    return crc;
}

/* ---- The list ---- */

struct item {
    struct item *next;
    int16_t key;
    uint16_t index;
};

static struct item items[ITEMS];

static struct item *make_list(uint32_t seed) {
    for (unsigned i = 0; i < ITEMS; ++i) {
        seed = seed * 69069 + 5;
        items[i].next = i + 1 < ITEMS ? &items[i + 1] : 0;
        items[i].key = (int16_t)(seed >> 16 & 0x7FF);
        items[i].index = (uint16_t)i;
    }
    return items;
}

static struct item *reverse(struct item *list) {
    struct item *done = 0;
    while (list) {
        struct item *rest = list->next;
        list->next = done;
        done = list;
        list = rest;
    }
    return done;
}

static const struct item *find(const struct item *list, int16_t key) {
    while (list && list->key != key) list = list->next;
    return list;
}

typedef int (*order)(const struct item *, const struct item *);
static int by_key(const struct item *a, const struct item *b) { return a->key - b->key; }
static int by_index(const struct item *a, const struct item *b) { return (int)a->index - (int)b->index; }

static struct item *merge(struct item *a, struct item *b, order before) {
    struct item *head = 0, **end = &head;
    while (a && b) {
        struct item **from = before(a, b) <= 0 ? &a : &b;
        *end = *from;
        end = &(*from)->next;
        *from = (*from)->next;
    }
    *end = a ? a : b;
    return head;
}

static struct item *sort(struct item *list, order before) {
    if (!list || !list->next) return list;
    struct item *slow = list, *fast = list->next;
    while (fast && fast->next) {
        slow = slow->next;
        fast = fast->next->next;
    }
    struct item *second = slow->next;
    slow->next = 0;
    return merge(sort(list, before), sort(second, before), before);
}

static uint16_t list_work(uint16_t crc, uint32_t seed) {
    struct item *list = reverse(make_list(seed));
    unsigned found = 0;
    for (int16_t key = 0; key < 64; ++key) {
        const struct item *i = find(list, (int16_t)(key * 31));
        if (i) found += i->index;
    }
    crc = crc_word(crc, found);
    list = sort(list, by_key);
    for (const struct item *i = list; i; i = i->next) crc = crc_word(crc, (uint32_t)i->key << 16 | i->index);
    list = sort(list, by_index);
    for (const struct item *i = list; i; i = i->next) crc = crc_word(crc, (uint16_t)i->key);
    return crc;
}

/* ---- The matrices ---- */

typedef int32_t matrix[SIZE][SIZE];

static void multiply(matrix to, matrix a, matrix b) {
    for (int r = 0; r < SIZE; ++r)
        for (int c = 0; c < SIZE; ++c) {
            int32_t sum = 0;
            for (int i = 0; i < SIZE; ++i) sum += a[r][i] * b[i][c];
            to[r][c] = sum;
        }
}

static uint16_t matrix_work(uint16_t crc, uint32_t seed) {
    static matrix a, b, c;
    for (int r = 0; r < SIZE; ++r)
        for (int i = 0; i < SIZE; ++i) {
            seed = seed * 69069 + 5;
            a[r][i] = (int32_t)(seed >> 20) - 2048;
            b[r][i] = (int32_t)(seed >> 8 & 0xFF) + (r == i);
        }
    multiply(c, a, b);
    for (int r = 0; r < SIZE; ++r)
        for (int i = 0; i < SIZE; ++i) a[r][i] = c[r][i] / (b[i][r] | 1) % 1000;
    multiply(c, b, a);
    uint64_t trace = 0;
    for (int i = 0; i < SIZE; ++i) trace = trace * 1000003 + (uint64_t)(int64_t)c[i][SIZE - 1 - i];
    for (int r = 0; r < SIZE; ++r)
        for (int i = 0; i < SIZE; ++i) crc = crc_word(crc, (uint32_t)c[r][i]);
    return crc_word(crc_word(crc, (uint32_t)(trace >> 32)), (uint32_t)trace);
}

/* ---- The state machine: what kind of number is each word of a text? ---- */

enum state { BLANK, SIGN, INTEGER, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, SCIENTIFIC, INVALID, STATES };

static enum state next_state(enum state s, char c) {
    const int digit = c >= '0' && c <= '9';
    if (c == ' ') return BLANK;
    switch (s) {
        case BLANK: return digit ? INTEGER : c == '+' || c == '-' ? SIGN : c == '.' ? POINT : INVALID;
        case SIGN: return digit ? INTEGER : c == '.' ? POINT : INVALID;
        case INTEGER: return digit ? INTEGER : c == '.' ? FRACTION : c == 'e' || c == 'E' ? EXPONENT : INVALID;
        case POINT: return digit ? FRACTION : INVALID;
        case FRACTION: return digit ? FRACTION : c == 'e' || c == 'E' ? EXPONENT : INVALID;
        case EXPONENT: return digit ? SCIENTIFIC : c == '+' || c == '-' ? EXPONENT_SIGN : INVALID;
        case EXPONENT_SIGN:
        case SCIENTIFIC: return digit ? SCIENTIFIC : INVALID;
        default: return INVALID;
    }
}

static uint16_t state_work(uint16_t crc, uint32_t seed) {
    static const char *const words[] = {"5012", "-17", ".5", "+3.14", "2.7e-3", "1E9", "12x", "--4", "e7", "9.", "-0.0e+1"};
    static char text[TEXT];
    unsigned length = 0, ends[STATES] = {0}, visits[STATES] = {0};
    for (;;) {
        seed = seed * 69069 + 5;
        const char *word = words[(seed >> 16) % (sizeof words / sizeof words[0])];
        const unsigned n = (unsigned)strlen(word);
        if (length + n + 1 > TEXT) break;
        memcpy(text + length, word, n);
        length += n;
        text[length++] = ' ';
    }
    enum state s = BLANK;
    for (unsigned i = 0; i < length; ++i) {
        const enum state before = s;
        s = next_state(s, text[i]);
        ++visits[s];
        if (s == BLANK) ++ends[before];
    }
    for (int i = 0; i < STATES; ++i) crc = crc_word(crc, ends[i] << 16 | visits[i]);
    return crc;
}

int main(void) {
    const uint16_t expected = 0x6121;
    unsigned wrong = 0;
    uint64_t begin = clock_us();
    printf_console("MARKS: %d ROUNDS OF LIST, MATRIX AND STATE MACHINE\n", ROUNDS);
    for (int i = 0; i < ROUNDS; ++i) {
        uint16_t crc = 0xFFFF;
        crc = list_work(crc, 3415);
        crc = matrix_work(crc, 1066);
        crc = state_work(crc, 102);
        if (crc != expected) {
            ++wrong;
            printf_console("ROUND %d: CRC %04x, EXPECTED %04x\n", i, crc, expected);
        }
    }
#ifndef QUIET
    const unsigned elapsed = (unsigned)(clock_us() - begin);
    printf_console("%u.%06u SECONDS, %u US A ROUND\n", elapsed / 1000000, elapsed % 1000000, elapsed / ROUNDS);
#else
    (void)begin;
#endif
    print(wrong ? "MARKS: WRONG\n" : "MARKS: ALL RESULTS RIGHT\n");
    return wrong != 0;
}
