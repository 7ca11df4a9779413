/* Memory and strings. gcc calls some of these by itself, for large structures and unknown sizes. Compiled with
   -fno-tree-loop-distribute-patterns, so that it does not find memcpy in memcpy. */
#include "guest.h"

void *memcpy(void *to, const void *from, size_t size) {
    char *d = to;
    const char *s = from;
    while (size--) *d++ = *s++;
    return to;
}

void *memmove(void *to, const void *from, size_t size) {
    char *d = to;
    const char *s = from;
    if (d <= s || d >= s + size) return memcpy(to, from, size);
    while (size--) d[size] = s[size];
    return to;
}

void *memset(void *to, int byte, size_t size) {
    char *d = to;
    while (size--) *d++ = (char)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t size) {
    const unsigned char *x = a, *y = b;
    for (; size--; ++x, ++y)
        if (*x != *y) return *x - *y;
    return 0;
}

void *memchr(const void *in, int byte, size_t size) {
    const unsigned char *p = in;
    for (; size--; ++p)
        if (*p == (unsigned char)byte) return (void *)(uintptr_t)p;
    return 0;
}

size_t strlen(const char *text) {
    const char *end = text;
    while (*end) ++end;
    return (size_t)(end - text);
}

int strcmp(const char *a, const char *b) {
    while (*a && *a == *b) ++a, ++b;
    return (unsigned char)*a - (unsigned char)*b;
}

char *stpcpy(char *to, const char *from) {
    while ((*to = *from++)) ++to;
    return to;
}

char *strcpy(char *to, const char *from) {
    stpcpy(to, from);
    return to;
}

char *strchr(const char *in, int character) {
    for (; *in != (char)character; ++in)
        if (*in == 0) return 0;
    return (char *)(uintptr_t)in;
}

int to_digits(char *text, uint64_t value, unsigned base) {
    char reversed[64];
    int n = 0, length;
    do reversed[n++] = "0123456789ABCDEF"[value % base];
    while ((value /= base) != 0);
    for (length = n; n > 0;) *text++ = reversed[--n];
    *text = 0;
    return length;
}

int32_t to_number(const char *text) {
    uint32_t value = 0;
    while (*text == ' ') ++text;
    const int negative = *text == '-';
    for (text += negative; *text >= '0' && *text <= '9'; ++text) value = value * 10 + (uint32_t)(*text - '0');
    return (int32_t)(negative ? 0 - value : value);
}
