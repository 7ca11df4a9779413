/* The guest's storage: a stretch of ours. GA22-7000 chapter 3, "Protection". */
#include "guest.h"

/* Segment and page tables that lead from its addresses to ours. Beyond its end the segments are invalid, and
   the table's length does not reach farther than 1 or 2 MiB. */
void make_host_tables(struct guest *g) {
    for (uint32_t s = 0; s < MOST_SEGMENTS; ++s) {
        g->host.segments[s] = s << 16 < g->size ? 0xF0000000 | (uint32_t)g->host.pages[s] : 1;
        for (uint32_t p = 0; p < PAGES_PER_SEGMENT; ++p) {
            const uint32_t address = s << 16 | p << 12;
            g->host.pages[s][p] = address < g->size ? (uint16_t)((g->origin + address) >> 8) : 8;
        }
    }
}

static void *refused(struct guest *g, enum program_code code, uint32_t address) {
    g->exception = code;
    g->exception_address = address;
    return 0;
}

void *operand(struct guest *g, uint32_t logical, unsigned size, enum access how) {
    logical &= ADDRESS;
    if (logical & (size - 1)) return refused(g, SPECIFICATION, logical);
    uint32_t real = logical;
    if (translates(g)) {
        const struct translation t = translate(g, logical);
        if (t.code) return refused(g, t.code, logical);
        real = t.real;
    }
    void *place = second_level(g, real, size);
    if (!place) return refused(g, ADDRESSING, logical);
    const unsigned psw_key = g->psw.key_and_mode >> 4;
    if (psw_key != 0) {
        const uint32_t key = storage_key((uint32_t)place & ~(uint32_t)(KEY_BLOCK - 1));
        if (key >> 4 != psw_key && (how == STORE || key & 8)) return refused(g, PROTECTION, logical);
    }
    return place;
}
