/* The guest has a guest of its own, and the machine does not execute that one: its description is made one that is
   ours, as VM/XA did. It says what the guest's says, but for the tables: those of the guest for its guest, with our
   addresses in them. */
#include "description.h"

enum { SETS = 4, MOST_SEGMENTS = 32 };

/* Shadows of such tables, filled where something is lacking, thrown away as a TLB is. */
struct set {
    uint32_t table; /* of the guest's, that it is for; its designation */
    uint32_t segments[MOST_SEGMENTS] __attribute__((aligned(64)));
    uint16_t pages[MOST_SEGMENTS][PAGES_PER_SEGMENT] __attribute__((aligned(8)));
};

static struct set sets[SETS];
static struct set *set; /* of the one that is executed */
static struct description joined;
static struct description *theirs; /* what it is made of, in the guest's storage; or none */

struct description *merged(void) { return theirs ? &joined : 0; }

void purge_merged(void) {
    for (unsigned i = 0; i < SETS; ++i) sets[i].table = 0;
    purge_guest_tlb();
}

static void choose_set(uint32_t table) {
    static unsigned next;
    for (unsigned i = 0; i < SETS; ++i)
        if (sets[i].table == table) {
            set = &sets[i];
            return;
        }
    set = &sets[next++ % SETS];
    set->table = table;
    for (unsigned s = 0; s < MOST_SEGMENTS; ++s) {
        set->segments[s] = 0xF0000000 | (uint32_t)set->pages[s];
        for (unsigned p = 0; p < PAGES_PER_SEGMENT; ++p) set->pages[s][p] = 8;
    }
    purge_guest_tlb();
}

/* Whether it could be: what the guest's own tables lack is for the guest. */
static bool fill(uint32_t address) {
    const uint32_t segment = address >> 16, page = address >> 12 & 0xF;
    if (segment >= MOST_SEGMENTS || segment >> 4 > set->table >> 24) return false;
    const uint32_t *entry = at((set->table & 0x00FFFFC0) + 4 * segment, 4);
    if (!entry || *entry & 1 || page > *entry >> 28) return false;
    const uint16_t *page_entry = at((*entry & 0x00FFFFF8) + 2 * page, 2);
    if (!page_entry || *page_entry & 8) return false;
    const uint8_t *frame = at((*page_entry & 0xFFF0u) << 8, PAGE);
    if (!frame) return false;
    set->pages[segment][page] = (uint16_t)((uint32_t)frame >> 8);
    return true;
}

void simulate_start(uint32_t address) {
    struct description *d = at(address, sizeof *d);
    if (address % sizeof *d) return give_exception(SPECIFICATION);
    if (!d) return give_exception(ADDRESSING);
    const bool valid =
        (d->validity & (VALID | IN_USE)) == VALID && (d->mode & ~INTERVAL_TIMER_RUNS) == NESTED_TRANSLATION;
    set_condition(valid ? 0 : 3);
    if (!valid) return;
    theirs = d;
    joined = *theirs;
    choose_set(theirs->host_table);
    joined.host_table = (uint32_t)(MOST_SEGMENTS / 16 - 1) << 24 | (uint32_t)set->segments;
    joined.reason = NOTHING;
    theirs->validity |= IN_USE;
}

static void store(uint8_t reason) {
    joined.host_table = theirs->host_table;
    joined.reason = reason;
    *theirs = joined;
    theirs->validity &= (uint8_t)~IN_USE;
    theirs = 0;
}

/* What is no business of ours ends the guest's instruction. */
void merged_came_out(void) {
    const enum reason reason = joined.reason;
    joined.reason = NOTHING;
    if (reason == NOTHING || reason == HOST_INTERRUPTED || (reason == LACKS_PAGE && fill(joined.parameter))) return;
    set_condition(reason == LACKS_PAGE ? 2 : 0);
    store((uint8_t)reason);
}

/* For the guest is to be interrupted: its instruction has not been executed. */
void leave_merged(void) {
    store(theirs->reason);
    step_back(4);
}

void simulate_query(uint32_t address) {
    uint8_t *answer = at(address, 16);
    if (address % 8 || !answer) return give_exception(address % 8 ? SPECIFICATION : ADDRESSING);
    query_interpretive_execution(answer);
    answer[4] &= (uint8_t)~MAY_HAVE_GUESTS;
}
