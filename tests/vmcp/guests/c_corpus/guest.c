/* The corpus as a guest of the simulated machine. */
#include "corpus.h"
#include "guest.h"

void put(const char *name, u32 value) { printf_console("%s %08x\n", name, value); }

int main(void) {
#define RUN(name)      \
    restart_numbers(); \
    corpus_##name();
    CORPUS(RUN)
    return 0;
}
