/* Lab 7, the test bench: a program for the bare machine that gives channel programs to translate_program() and looks at
   the copies as a channel would. A line for each: OK, or WRONG and why. The last one is typed by the real console.

   A guest of 30 KiB has eight frames out of a pool, scattered; the others belong to another guest. What a channel does
   with a channel program is written down as a list of steps, once of the guest's program with the guest's addresses and
   once of the copy with real ones. Both must be the same. */
#include "guest.h"
#include "translate.h"

enum { POOL = 20, PAGES = 8, SIZE = 7 * PAGE + PAGE / 2, MOST_STEPS = 400, GUARD = 0x5A5A5A5A };

static uint8_t pool[POOL][PAGE] __attribute__((aligned(PAGE)));
static const uint8_t own[PAGES] = {9, 3, 17, 4, 12, 1, 8, 14};
static uint32_t frames[PAGES];
static const struct storage guest = {SIZE, frames};
static struct {
    uint32_t before[64];
    struct copy copy;
    uint32_t behind[64];
} bench __attribute__((aligned(8)));

static unsigned tests, wrong;

/* ---- What a channel does ---- */

struct step {
    enum { COMMAND, BYTES, END } kind;
    uint32_t a, b; /* command and flags; address and length; flags */
};
struct course {
    struct step steps[MOST_STEPS];
    unsigned count;
    const char *refused; /* program check: why */
    bool endless;
};
static struct course expected, found;

static bool add_step(struct course *c, int kind, uint32_t a, uint32_t b) {
    struct step *last = c->count ? &c->steps[c->count - 1] : 0;
    if (kind == BYTES && last && last->kind == BYTES && last->a + last->b == a) {
        last->b += b;
        return true;
    }
    if (c->count == MOST_STEPS) c->endless = true;
    if (c->endless) return false;
    c->steps[c->count++] = (struct step){kind, a, b};
    return true;
}

/* Program check. */
static bool refuse(struct course *c, const char *why) {
    c->refused = why;
    return false;
}

/* Real storage, for the copy; the guest's own, for its program. */
struct view {
    bool real;
};

static bool in_copy(uint32_t address, const void *begin, uint32_t size) {
    return address >= (uint32_t)begin && address < (uint32_t)begin + size;
}

static uint32_t to_real(const struct view *v, uint32_t address) {
    return v->real ? address : address < SIZE ? frames[address / PAGE] + address % PAGE : 0;
}

static const struct ccw *fetch_ccw(const struct view *v, struct course *c, uint32_t address) {
    if (address % 8) return refuse(c, "a CCW is not on a doubleword boundary"), (void *)0;
    if (!v->real && address >= SIZE) return refuse(c, "a CCW lies beyond the guest's storage"), (void *)0;
    if (v->real && !in_copy(address, bench.copy.ccws, bench.copy.ccw_count * sizeof bench.copy.ccws[0]))
        return refuse(c, "a CCW that is not one of the copy's `ccw_count`"), (void *)0;
    return (const struct ccw *)to_real(v, address);
}

static bool move_bytes(const struct view *v, struct course *c, uint32_t address, uint32_t count) {
    if (v->real) return add_step(c, BYTES, address, count);
    if (address >= SIZE || count > SIZE - address) return refuse(c, "its data reach beyond the guest's storage");
    while (count > 0) {
        const uint32_t here = PAGE - address % PAGE, length = count < here ? count : here;
        if (!add_step(c, BYTES, to_real(v, address), length)) return false;
        address += length;
        count -= length;
    }
    return true;
}

static bool move_indirectly(const struct view *v, struct course *c, uint32_t list, uint32_t count) {
    if (list % 4) return refuse(c, "a list of IDAWs is not on a word boundary");
    for (bool first = true; count > 0; first = false, list += 4) {
        if (!v->real && list >= SIZE) return refuse(c, "a list of IDAWs reaches beyond the guest's storage");
        if (v->real && !in_copy(list, bench.copy.idaws, bench.copy.idaw_count * sizeof bench.copy.idaws[0]))
            return refuse(c, "an IDAW that is not one of the copy's `idaw_count`");
        const uint32_t idaw = *(const uint32_t *)to_real(v, list);
        if (idaw & ~(uint32_t)ADDRESS) return refuse(c, "the left byte of an IDAW is not zero");
        if (!first && idaw % INDIRECT_BLOCK) return refuse(c, "an IDAW behind the first is not on a 2K boundary");
        const uint32_t here = INDIRECT_BLOCK - idaw % INDIRECT_BLOCK, length = count < here ? count : here;
        if (!move_bytes(v, c, idaw, length)) return false;
        count -= length;
    }
    return true;
}

static void follow(const struct view *v, uint32_t address, struct course *c) {
    bool first = true, behind_tic = false, chained_data = false;
    c->count = 0;
    c->refused = 0;
    c->endless = false;
    for (unsigned n = 0; n < MOST_STEPS; ++n) {
        const struct ccw *ccw = fetch_ccw(v, c, address);
        if (!ccw) return;
        const uint32_t command = ccw->command_and_address >> 24, data = ccw->command_and_address & ADDRESS;
        if ((command & 0xF) == TRANSFER_IN_CHANNEL) {
            if (first) return (void)refuse(c, "its first CCW is a TIC");
            if (behind_tic) return (void)refuse(c, "a TIC leads to a TIC");
            behind_tic = true;
            address = data;
            continue;
        }
        first = behind_tic = false;
        if (ccw->flags & MUST_BE_ZERO) return (void)refuse(c, "flag bits 38 and 39 are not zero");
        if (!chained_data) {
            if ((command & 0xF) == 0) return (void)refuse(c, "a command ends in four zero bits");
            if (!add_step(c, COMMAND, command, ccw->flags & (SKIP | INTERRUPT))) return;
        }
        if (ccw->count == 0) return (void)refuse(c, "a count is zero");
        if (!(ccw->flags & INDIRECT ? move_indirectly : move_bytes)(v, c, data, ccw->count)) return;
        address += 8;
        chained_data = ccw->flags & CHAIN_DATA;
        if (chained_data) continue;
        if (!add_step(c, END, ccw->flags & (CHAIN_COMMAND | ANY_LENGTH), 0)) return;
        if ((ccw->flags & CHAIN_COMMAND) == 0) return;
    }
    c->endless = true;
}

/* ---- What is said of it ---- */

static const char *name_now;

static void begin_wrong(void) {
    ++wrong;
    printf_console("WRONG %s: ", name_now);
}

static void print_place(uint32_t real) {
    for (uint32_t p = 0; p < PAGES; ++p)
        if (real / PAGE == frames[p] / PAGE) {
            printf_console("X'%06x' (the guest's X'%06x')", real, p * PAGE + real % PAGE);
            return;
        }
    printf_console("X'%06x' (%s)", real,
                   in_copy(real, pool, sizeof pool) ? "another guest's storage" : "not the guest's storage");
}

static void print_step(const struct course *c, unsigned i) {
    if (i >= c->count) {
        if (c->refused) print("program check: ");
        print(c->refused ? c->refused : "the end of the program");
        return;
    }
    const struct step *s = &c->steps[i];
    if (s->kind == COMMAND) {
        printf_console("command X'%02x', flags X'%04x'", s->a, s->b);
    } else if (s->kind == END) {
        printf_console("its end, %schained, %s", s->a & CHAIN_COMMAND ? "" : "not ",
                       s->a & ANY_LENGTH ? "any length" : "length checked");
    } else {
        printf_console("%u bytes at ", s->b);
        print_place(s->a);
    }
}

static bool same(void) {
    unsigned i = 0;
    while (i < expected.count && i < found.count && expected.steps[i].kind == found.steps[i].kind &&
           expected.steps[i].a == found.steps[i].a && expected.steps[i].b == found.steps[i].b)
        ++i;
    if (i == expected.count && i == found.count && !found.refused) return true;
    begin_wrong();
    print("in the copy the channel should come to ");
    print_step(&expected, i);
    print("; it comes to ");
    print_step(&found, i);
    print("\n");
    return false;
}

static uint32_t checksum(void) {
    uint32_t sum = 0;
    const uint32_t *words = (const uint32_t *)pool;
    for (unsigned i = 0; i < sizeof pool / 4; ++i) sum = (sum << 1 | sum >> 31) ^ words[i];
    return sum;
}

static const char *const verdicts[] = {"COPIED", "PROGRAM_CHECK", "TOO_LONG"};

static bool guards_whole(void) {
    if (bench.copy.ccw_count > MOST_CCWS || bench.copy.idaw_count > MOST_IDAWS) return false;
    for (unsigned i = 0; i < 64; ++i)
        if (bench.before[i] != (uint32_t)GUARD || bench.behind[i] != (uint32_t)GUARD) return false;
    return true;
}

/* `quickly`: without a look at all of the storage. */
static bool is_copied_rightly(uint32_t address, bool too_long, bool quickly) {
    static const struct view guests = {false}, real = {true};
    follow(&guests, address, &expected);
    const uint32_t before = quickly ? 0 : checksum();
    for (unsigned i = 0; i < 64; ++i) bench.before[i] = bench.behind[i] = GUARD;
    memset(&bench.copy, 0, sizeof bench.copy);
    const enum verdict verdict = translate_program(&guest, address, &bench.copy);
    const enum verdict wanted = too_long ? TOO_LONG : expected.refused ? PROGRAM_CHECK : COPIED;
    if (!guards_whole()) {
        begin_wrong();
        print("it has stored beside the copy: there is room for 64 CCWs and 256 IDAWs\n");
        return false;
    }
    if (!quickly && checksum() != before) {
        begin_wrong();
        print("it has changed a guest's storage, and must only read it\n");
        return false;
    }
    if (verdict != wanted) {
        begin_wrong();
        printf_console("%s was expected, %s came", verdicts[wanted],
                       verdict <= TOO_LONG ? verdicts[verdict] : "no verdict");
        if (wanted == PROGRAM_CHECK) printf_console(": %s", expected.refused);
        if (wanted == TOO_LONG) print(": it does not fit into the copy");
        if (wanted == COPIED) print(": nothing is wrong with it");
        print("\n");
        return false;
    }
    if (verdict != COPIED) return true;
    follow(&real, (uint32_t)bench.copy.ccws, &found);
    return same();
}

static void check_at(const char *name, uint32_t address, bool too_long) {
    name_now = name;
    ++tests;
    if (is_copied_rightly(address, too_long, false)) printf_console("OK %s\n", name);
}

static void check(const char *name) { check_at(name, 0x1000, false); }

/* ---- Channel programs ---- */

static void *place(uint32_t address) { return (void *)(frames[address / PAGE] + address % PAGE); }

static void clear(void) {
    uint32_t random = 7;
    for (unsigned i = 0; i < sizeof pool; ++i) {
        random = random * 1103515245 + 12345;
        ((uint8_t *)pool)[i] = (uint8_t)(random >> 16);
    }
}

static void ccw(uint32_t address, uint32_t command, uint32_t data, uint16_t flags, uint16_t count) {
    *(struct ccw *)place(address) = (struct ccw){command << 24 | data, flags, count};
}

static void word(uint32_t address, uint32_t value) { *(uint32_t *)place(address) = value; }

static void check_data(void) {
    ccw(0x1000, 0x01, 0x2345, 0, 80);
    check("one write in one page");
    ccw(0x1000, 0x02, 0x2FF0, 0, 32);
    check("data across a page boundary");
    ccw(0x1000, 0x09, 0x27FF, 0, 9000);
    check("data across three pages");
    ccw(0x1000, 0x01, 0x3000, 0, PAGE);
    check("a whole page");
    ccw(0x1000, 0x01, SIZE - 100, 0, 100);
    check("data up to the guest's last byte");
    ccw(0x1000, 0x01, SIZE - 100, 0, 101);
    check("data one byte beyond the guest's storage");
    ccw(0x1000, 0x01, 0x6F00, 0, 0xFFFF);
    check("data that end far beyond");
    ccw(0x1000, 0x02, 0xFFFFF0, 0, 0x20);
    check("data at the end of 16 MiB");
}

static void check_chains(void) {
    ccw(0x1000, 0x0B, 0x2000, CHAIN_COMMAND | ANY_LENGTH, 1);
    ccw(0x1008, 0x01, 0x2100, CHAIN_COMMAND | INTERRUPT, 40);
    ccw(0x1010, 0x02, 0x2200, CHAIN_COMMAND | SKIP, 40);
    ccw(0x1018, 0x09, 0x2300, 0, 40);
    check("chained commands and their flags");
    ccw(0x1000, 0x01, 0x2000, CHAIN_DATA, 10);
    ccw(0x1008, 0x00, 0x4FF8, CHAIN_DATA | CHAIN_COMMAND, 20);
    ccw(0x1010, 0xFF, 0x3000, ANY_LENGTH, 30);
    check("chained data");
    ccw(0x1FF8, 0x01, 0x3000, CHAIN_COMMAND, 10);
    ccw(0x2000, 0x01, 0x3100, 0, 10);
    check_at("a program across a page boundary", 0x1FF8, false);
    ccw(SIZE - 8, 0x01, 0x3000, CHAIN_COMMAND, 10);
    ccw(SIZE, 0x01, 0x3000, 0, 10); /* it is there, but it is not the guest's */
    check_at("a chain that runs out of storage", SIZE - 8, false);
    check_at("a program beyond the guest's storage", SIZE, false);
    word(0x100C, 0x01003000);
    word(0x1010, 10);
    check_at("a program that is not on a doubleword", 0x100C, false);
    ccw(0x1000, 0x01, 0x3000, CHAIN_COMMAND, 10);
    ccw(0x1008, 0x01, 0x3000, 0, 0);
    check("a count of zero");
    ccw(0x1008, 0x10, 0x3000, 0, 10);
    check("a command that is none");
    ccw(0x1008, 0x01, 0x3000, 0x0100, 10);
    check("a flag that is none");
}

static void check_transfers(void) {
    ccw(0x1000, 0x01, 0x3000, CHAIN_COMMAND, 10);
    ccw(0x1008, 0x08, 0x5010, 0, 0);
    ccw(0x5010, 0x09, 0x3100, ANY_LENGTH, 10);
    check("a TIC to another page");
    ccw(0x1008, 0xF8, 0x5010, 0xFFFF, 0);
    check("a TIC whose other bits are on");
    ccw(0x1000, 0x01, 0x3000, CHAIN_DATA, 10);
    check("a TIC among chained data");
    ccw(0x1000, 0x01, 0x3000, CHAIN_COMMAND, 10);
    ccw(0x1008, 0x01, 0x3100, CHAIN_COMMAND, 20);
    ccw(0x1010, 0x08, 0x1008, 0, 0);
    check("a TIC back: a loop");
    ccw(0x1008, 0x08, 0x1018, 0, 0);
    ccw(0x1018, 0x08, 0x5010, 0, 0);
    check("a TIC to a TIC");
    check_at("a TIC as the first CCW", 0x1018, false);
    ccw(0x1008, 0x08, SIZE, 0, 0);
    check("a TIC out of the guest's storage");
    ccw(0x1008, 0x08, 0x5014, 0, 0);
    word(0x5014, 0x01003000);
    word(0x5018, 10);
    check("a TIC that is not to a doubleword");
}

static void check_idaws(void) {
    ccw(0x1000, 0x02, 0x1800, INDIRECT, 3000);
    word(0x1800, 0x2F00);
    word(0x1804, 0x5800);
    word(0x1808, 0x3000);
    check("IDAWs of the guest's");
    ccw(0x1000, 0x02, 0x1FFC, INDIRECT, 3000);
    word(0x1FFC, 0x4F00);
    word(0x2000, 0x5800);
    word(0x2004, 0x3000);
    check("a list of IDAWs across a page boundary");
    word(0x2000, 0x5804);
    check("a second IDAW that is not on a 2K boundary");
    word(0x2000, 0x01005800);
    check("an IDAW of more than 24 bits");
    word(0x2000, 0x8000);
    check("an IDAW beyond the guest's storage");
    ccw(0x1000, 0x02, 0x1802, INDIRECT, 10);
    check("a list of IDAWs that is not on a word");
    ccw(0x1000, 0x02, SIZE - 4, INDIRECT, 3000);
    word(SIZE - 4, 0x2000);
    word(SIZE, 0x5800);
    check("a list of IDAWs that runs out of storage");
}

static void check_room(void) {
    for (uint32_t i = 0; i < 64; ++i)
        ccw(0x1000 + 8 * i, 0x01, 0x3000, i < 63 ? CHAIN_COMMAND : 0, 10);
    check("64 CCWs: the most");
    ccw(0x1000 + 8 * 63, 0x01, 0x3000, CHAIN_COMMAND, 10);
    ccw(0x1000 + 8 * 64, 0x01, 0x3000, 0, 10);
    check_at("65 CCWs", 0x1000, true);
    for (uint32_t i = 0; i < 24; ++i)
        ccw(0x1000 + 8 * i, 0x01, 0, i < 23 ? CHAIN_COMMAND : 0, 14 * INDIRECT_BLOCK);
    check_at("more than 256 IDAWs", 0x1000, true);
}

/* Programs with something of everything, right and wrong; the same ones in every run. */
static void check_random(void) {
    uint32_t seed = 1;
    name_now = "300 programs by chance";
    ++tests;
    for (unsigned n = 0; n < 300; ++n) {
        for (uint32_t i = 0; i < 12; ++i) {
            uint32_t r[4];
            for (unsigned k = 0; k < 4; ++k) r[k] = (seed = seed * 1103515245 + 12345) >> 8 & 0xFFFF;
            const uint32_t data = r[0] % 16 ? r[0] % SIZE : 0x7700 + r[1] % 512;
            const uint16_t flags = (uint16_t)(r[1] % 5 ? CHAIN_COMMAND : r[1] % 3 ? CHAIN_DATA : 0) | (r[1] & ANY_LENGTH);
            if (r[2] % 8 == 0)
                ccw(0x1000 + 8 * i, 0x08, 0x1000 + 8 * (r[0] % 12), 0, 0);
            else
                ccw(0x1000 + 8 * i, r[2] % 37 ? 1 + r[2] % 2 : 0, data, flags, (uint16_t)(1 + r[3] % (r[3] % 5 ? 200 : 6000)));
        }
        ccw(0x1060, 0x03, 0x3000, 0, 1);
        if (!is_copied_rightly(0x1000, false, true)) return;
    }
    printf_console("OK %s\n", name_now);
}

/* ---- On the real console ---- */

extern volatile uint32_t channel_address_word;

static void type_for_real(void) {
    static const char text[] = "THIS LINE LIES IN TWO PAGES THAT ARE NO NEIGHBORS\n";
    for (unsigned i = 0; text[i] != '\n'; ++i) *(uint8_t *)place(0x4FE8 + i) = to_ebcdic(text[i]);
    ccw(0x1000, 0x09, 0x4FE8, 0, sizeof text - 2);
    name_now = "typed by the real console";
    ++tests;
    if (!is_copied_rightly(0x1000, false, false)) return;
    unsigned code;
    channel_address_word = (uint32_t)bench.copy.ccws;
    __asm__ volatile(".insn s,0x9c000000,0(%1)\n\tipm %0\n\tsrl %0,28" : "=d"(code) : "a"(9) : "cc", "memory");
    if (code == 0) {
        while (wait_for_interruption() != 9) continue;
        printf_console("OK %s\n", name_now);
    } else {
        begin_wrong();
        printf_console("START INPUT/OUTPUT has set condition code %u\n", code);
    }
}

int main(void) {
    for (unsigned p = 0; p < PAGES; ++p) frames[p] = (uint32_t)pool[own[p]];
    clear();
    check_data();
    check_chains();
    check_transfers();
    check_idaws();
    check_room();
    check_random();
    type_for_real();
    printf_console("DONE: %u of %u are right\n", tests - wrong, tests);
    return 0;
}
