/* Churner: the assembler guest of the same name in C. In each round it gives each page of a window another frame, and
   touches each page a few times; each frame knows its number, so an old entry of a TLB or of a shadow table is noticed
   at once. Result: 0 if all is well, else 1.

   -DPAGES=n (1 to 256), -DROUNDS=n, -DTOUCHES=n; -DHOW=0: entries are invalidated one by one, by IPTE; 1: all of them
   are changed in storage, then PTLB. */
#include "guest.h"
#include "translation.h"

#ifndef PAGES
#define PAGES 16
#endif
#ifndef ROUNDS
#define ROUNDS 200
#endif
#ifndef TOUCHES
#define TOUCHES 4
#endif
#ifndef HOW
#define HOW 0
#endif

enum { WINDOW = 0x800000 };

struct frame {
    uint32_t number;
    uint32_t touches;
    uint8_t rest[PAGE - 8];
};
static struct frame frames[PAGES] __attribute__((aligned(PAGE)));

static int churn(void) {
    for (uint32_t round = 0; round < ROUNDS; ++round) {
        for (uint32_t p = 0; p < PAGES; ++p) {
            const uint32_t address = WINDOW + p * PAGE;
            if (HOW == 0) invalidate_page(address);
            map_page(address, (uint32_t)&frames[(p + round) % PAGES]);
        }
        if (HOW != 0) purge_tlb();
        for (uint32_t p = 0; p < PAGES; ++p) {
            volatile struct frame *frame = (struct frame *)(WINDOW + p * PAGE);
            for (int i = 0; i < TOUCHES; ++i) {
                if (frame->number != (p + round) % PAGES) return 0;
                ++frame->touches;
            }
        }
    }
    return 1;
}

int main(void) {
    uint32_t touches = 0;
    for (uint32_t f = 0; f < PAGES; ++f) frames[f].number = f;
    make_address_space();
    map_program();
    translation_on();
    const int right = churn();
    translation_off();
    for (uint32_t f = 0; f < PAGES; ++f) touches += frames[f].touches;
    if (!right)
        print("CHURNER: A PAGE LED TO A WRONG FRAME\n");
    else if (touches != (uint32_t)PAGES * ROUNDS * TOUCHES)
        print("CHURNER: TOUCHES ARE MISSING\n");
    else
        printf_console("CHURNER: %8u TOUCHES, ALL RIGHT: PASS\n", (unsigned)touches);
    return !right || touches != (uint32_t)PAGES * ROUNDS * TOUCHES;
}
