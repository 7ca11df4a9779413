#include "corpus.h"

static char text[64];

static NOINLINE unsigned length(const char *s) { return (unsigned)__builtin_strlen(s); }
static NOINLINE int compare(const char *a, const char *b) { return __builtin_strcmp(a, b) < 0; }
static NOINLINE char *copy(char *to, const char *from) { return __builtin_strcpy(to, from); }
static NOINLINE char *end_copy(char *to, const char *from) { return __builtin_stpcpy(to, from); }
static NOINLINE const char *find(const char *s, char c) { return __builtin_memchr(s, c, 40); }
static NOINLINE const char *find_in(const char *s, char c) { return __builtin_strchr(s, c); }
static NOINLINE void upper(char *s) {
    for (; *s; ++s)
        if (*s >= 'a' && *s <= 'z') *s = (char)(*s - 'a' + 'A');
}
static NOINLINE u32 hash(const char *s) {
    u32 h = 5381;
    while (*s) h = h * 33 ^ (u8)*s++;
    return h;
}
static NOINLINE i32 parse(const char *s) {
    i32 v = 0, sign = 1;
    if (*s == '-') sign = -1, ++s;
    for (; *s >= '0' && *s <= '9'; ++s) v = v * 10 + (*s - '0');
    return v * sign;
}
static NOINLINE void reverse(char *s) {
    for (unsigned i = 0, j = length(s); j > i + 1; ++i) {
        --j;
        const char c = s[i];
        s[i] = s[j];
        s[j] = c;
    }
}
static NOINLINE i32 signed_bytes(const i8 *p, int n) {
    i32 s = 0;
    for (int i = 0; i < n; ++i) s += p[i] * (i + 1);
    return s;
}

void corpus_characters(void) {
    copy(text, "the quick brown fox");
    put("length", length(text));
    put("find", (u32)(find(text, 'q') - text) + (u32)(find_in(text, 'x') - text) * 100u + (find_in(text, '!') == 0));
    put("hash", hash(text));
    upper(text);
    reverse(text);
    put("reversed", hash(text));
    put("end", (u32)(end_copy(text + 10, "jumps over") - text));
    put("hash", hash(text));
    put("compare", (u32)(compare("abc", "abd") + 2 * compare("abd", "abc") + 4 * compare("", "a") + 8 * compare("a", "")));
    put("parse", (u32)parse("-20471") + (u32)parse("123456"));
    i8 b[32];
    for (int i = 0; i < 32; ++i) b[i] = (i8)number();
    put("signed_bytes", (u32)signed_bytes(b, 32));
}
