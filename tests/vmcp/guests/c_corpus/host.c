/* The corpus on the host: what the simulated machine has to print. */
#include <stdio.h>

#include "corpus.h"

void put(const char *name, u32 value) { printf("%s %08X\n", name, value); }

int main(void) {
#define RUN(name)      \
    restart_numbers(); \
    corpus_##name();
    CORPUS(RUN)
    return 0;
}
