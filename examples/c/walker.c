/* Walker: the assembler guest of the same name in C. It walks through PAGES pages; most steps fall into a working set
   of SET pages, which moves by its own length every MOVE steps. Even pages are changed, odd pages only read. What was
   added to the even ones must be there at the end, and the odd ones must be as they were.

   Its random numbers are the same, so with the same parameters both print the same checksum. Result: 0 if all is well,
   else 1.

   -DPAGES=n -DSET=n -DSTEPS=n -DMOVE=n -DLOCAL=n (of 256 steps, how many fall into the working set) -DSEED=n;
   -DTRANSLATED=1: with translation on, the pages at virtual address X'800000', in the frames in reverse order. */
#include "guest.h"
#include "translation.h"

#ifndef PAGES
#define PAGES 64
#endif
#ifndef SET
#define SET 8
#endif
#ifndef STEPS
#define STEPS 20000
#endif
#ifndef MOVE
#define MOVE 2000
#endif
#ifndef LOCAL
#define LOCAL 240
#endif
#ifndef SEED
#define SEED 1
#endif
#ifndef TRANSLATED
#define TRANSLATED 0
#endif

enum { VIRTUAL = 0x800000, DISTANCE = 64 };

typedef uint32_t page[PAGE / sizeof(uint32_t)];
static page frames[PAGES] __attribute__((aligned(PAGE)));

/* What stands there at the beginning. */
static uint32_t mark(uint32_t page_number, uint32_t offset) { return ((page_number << 12) + offset) ^ 0x5A000000; }

static void map(void) {
    make_address_space();
    map_program();
    for (uint32_t p = 0; p < PAGES; ++p) map_page(VIRTUAL + p * PAGE, (uint32_t)frames[PAGES - 1 - p]);
}

/* 0 where a page has other contents than it should. */
static int walk(page *pages, uint32_t *checksum) {
    for (uint32_t p = 0; p < PAGES; ++p)
        for (uint32_t offset = 0; offset < PAGE; offset += DISTANCE) pages[p][offset / 4] = mark(p, offset);
    uint32_t random = SEED, set = 0, left = MOVE, added = 0, sum = 0;
    for (uint32_t step = STEPS; step > 0; --step) {
        random = random * 1103515245 + 12345;
        const uint32_t choice = random >> 4 & 0xFFFF;
        uint32_t p;
        if (random >> 24 < LOCAL) {
            p = (choice * SET >> 16) + set;
            if (p >= PAGES) p -= PAGES;
        } else {
            p = choice * PAGES >> 16;
        }
        const uint32_t offset = random >> 14 & 0xFC0;
        uint32_t *word = &pages[p][offset / 4];
        if (p % 2 == 0) {
            *word += step;
            added += step;
        } else if (*word != mark(p, offset)) {
            return 0;
        }
        sum = sum * 31 + p;
        if (--left == 0) {
            left = MOVE;
            set += SET;
            if (set >= PAGES) set -= PAGES;
        }
    }
    for (uint32_t p = 0; p < PAGES; ++p)
        for (uint32_t offset = 0; offset < PAGE; offset += DISTANCE) {
            const uint32_t more = pages[p][offset / 4] - mark(p, offset);
            if (p % 2 != 0 && more != 0) return 0;
            added -= more;
        }
    *checksum = sum;
    return added == 0;
}

int main(void) {
    uint32_t checksum = 0;
    if (TRANSLATED) {
        map();
        translation_on();
    }
    const int right = walk(TRANSLATED ? (page *)VIRTUAL : frames, &checksum);
    if (TRANSLATED) translation_off();
    if (right)
        printf_console("WALKER: CHECKSUM %08x: PASS\n", (unsigned)checksum);
    else
        print("WALKER: A PAGE HAS OTHER CONTENTS: FAIL\n");
    return !right;
}
