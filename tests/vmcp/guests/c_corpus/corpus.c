#include "corpus.h"

static volatile u32 state = 12345;

void restart_numbers(void) { state = 12345; }

u32 number(void) {
    u32 s = state;
    s ^= s << 13;
    s ^= s >> 17;
    s ^= s << 5;
    state = s;
    return s;
}

u64 number64(void) {
    u64 high = number();
    return high << 32 | number();
}

void put64(const char *name, u64 value) {
    put(name, (u32)(value >> 32));
    put(name, (u32)value);
}
