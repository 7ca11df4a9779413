/* Shadow tables: the guest's translation and ours made one, entry by entry, as its program touches its pages.
   GA22-7000 chapter 3, "Translation Process". Only the format of 4K pages and 64K segments. */
#include "guest.h"

struct translation translate(const struct guest *g, uint32_t logical) {
    const uint32_t segment = logical >> 16 & 0xFF, page = logical >> 12 & 0xF;
    const uint32_t at = ((g->control[1] & 0x00FFFFC0) + 4 * segment) & ADDRESS;
    if (segment >> 4 > g->control[1] >> 24) return (struct translation){SEGMENT_TRANSLATION, 3, at};
    const uint32_t *entry = second_level(g, at, 4);
    if (!entry) return (struct translation){ADDRESSING, 0, at};
    if (*entry & 1) return (struct translation){SEGMENT_TRANSLATION, 1, at};
    if (*entry & 0x0F000000) return (struct translation){TRANSLATION_SPECIFICATION, 0, at};
    const uint32_t page_at = ((*entry & 0x00FFFFF8) + 2 * page) & ADDRESS;
    if (page > *entry >> 28) return (struct translation){PAGE_TRANSLATION, 3, page_at};
    const uint16_t *page_entry = second_level(g, page_at, 2);
    if (!page_entry) return (struct translation){ADDRESSING, 0, page_at};
    if (*page_entry & 8) return (struct translation){PAGE_TRANSLATION, 2, page_at};
    if (*page_entry & 6) return (struct translation){TRANSLATION_SPECIFICATION, 0, page_at};
    return (struct translation){0, 0, (*page_entry & 0xFFF0u) << 8 | (logical & (PAGE - 1))};
}

void make_shadow(struct guest *g) {
    for (unsigned i = 0; i < SEGMENTS; ++i) g->shadow.segments[i] = 1;
}

void purge_shadow(struct guest *g) {
    struct shadow_tables *shadow = &g->shadow;
    for (unsigned i = 0; i < shadow->used; ++i) shadow->segments[shadow->segment[i]] = 1;
    shadow->used = 0;
    purge_tlb();
}

/* The shadow's page table for a segment; where there is none left, all are taken away. */
static uint16_t *page_table_of(struct guest *g, uint32_t segment, uint32_t origin) {
    struct shadow_tables *shadow = &g->shadow;
    if ((shadow->segments[segment] & 1) == 0) return (uint16_t *)(shadow->segments[segment] & 0x00FFFFF8);
    if (shadow->used == SHADOW_TABLES) purge_shadow(g);
    shadow->segment[shadow->used] = (uint8_t)segment;
    shadow->origin[shadow->used] = origin;
    uint16_t *table = shadow->pages[shadow->used++];
    for (unsigned i = 0; i < PAGES_PER_SEGMENT; ++i) table[i] = 8;
    shadow->segments[segment] = 0xF0000000 | (uint32_t)table;
    return table;
}

/* LAB 6, part 1. The guest runs translated, and its program has come to an address for which there is no shadow entry.
   Either its own tables have a page there: then the entry is made, and the program goes on. Or they have not: then the
   guest gets the exception that its machine would have recognized. `logical` is the address of the page.

   As it stands, the guest is ended. */
void fill_shadow(struct guest *g, uint32_t logical) {
    (void)logical;
    (void)page_table_of;
    end_guest(g);
}

/* IPTE: of the page table at that origin the entry for that address goes. */
void invalidate_shadow(struct guest *g, uint32_t page_table_origin, uint32_t logical) {
    unsigned i = 0;
    while (i < g->shadow.used && g->shadow.origin[i] != page_table_origin) ++i;
    if (i < g->shadow.used) g->shadow.pages[i][logical >> 12 & 0xF] = 8;
    purge_tlb();
}

/* Of the tables that the guest runs under now, for control register 1. */
uint32_t table_designation(struct guest *g) {
    if (translates(g)) return (uint32_t)(SEGMENTS / 16 - 1) << 24 | (uint32_t)g->shadow.segments;
    return (uint32_t)(MOST_SEGMENTS / 16 - 1) << 24 | (uint32_t)g->host.segments;
}
