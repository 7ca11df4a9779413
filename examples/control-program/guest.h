/* A guest, and what the parts of the control program say to one another. docs/control-program-in-c.md tells
   the story.

   Times are in units of the TOD clock: 4096 are a microsecond. Addresses of a guest's storage (second level)
   are real addresses to it; ours lie `origin` further up. */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>

#include "machine.h"

enum { GUESTS = 8, NAME = 8, COLUMNS = 150 };
enum { MOST_SEGMENTS = 32, SHADOW_TABLES = 32 }; /* 2 MiB of storage a guest; page tables of a shadow */
#define MICROSECOND ((int64_t)4096)
#define SLICE (10000 * MICROSECOND)

/* The PSW that the guest believes to have, in either mode. */
struct psw {
    uint8_t system_mask;  /* bits 0 to 7 */
    uint8_t key_and_mode; /* bits 8 to 15: key, EC, M, W, P */
    uint8_t conditions;   /* condition code and program mask: 00CCPPPP */
    bool load_address_31, malformed;
    uint32_t address;
};

typedef uint16_t page_table[PAGES_PER_SEGMENT];

/* The guest's storage as an address space: what runs with its translation off runs under these tables. */
struct host_tables {
    uint32_t segments[MOST_SEGMENTS] __attribute__((aligned(64)));
    page_table pages[MOST_SEGMENTS] __attribute__((aligned(8)));
};

/* What its own tables say, with our addresses in them: filled at faults, thrown away as a TLB is. */
struct shadow_tables {
    uint32_t segments[SEGMENTS] __attribute__((aligned(64)));
    page_table pages[SHADOW_TABLES] __attribute__((aligned(8)));
    uint8_t segment[SHADOW_TABLES]; /* that each of them is for */
    uint32_t origin[SHADOW_TABLES]; /* of the guest's page table that it shadows */
    unsigned used;
};

/* A line on its way to the real console. */
struct line {
    struct line *next;
    struct guest *owner; /* none: a line of the control program itself */
    uint8_t length;
    uint8_t text[COLUMNS];
};

/* A guest's console: device 009 of it. */
struct console {
    enum { IDLE, AT_WORK, INTERRUPTS } state;
    uint32_t ccw; /* the one under way */
    uint8_t key, sense;
    struct csw csw; /* to be presented */
};

enum state { READY, WAITING, TYPING, ENDED }; /* TYPING: by hypercall */

struct guest {
    uint8_t name[NAME];
    unsigned name_length;
    uint32_t origin, size;
    enum state state;
    struct psw psw;
    uint32_t registers[16]; /* while it is not loaded */
    uint64_t floating_point[4];
    uint32_t control[16];
    struct host_tables host;
    struct shadow_tables shadow;

    int64_t slice_left, cpu_timer;
    uint64_t clock;       /* time that it has run or waited */
    uint64_t ran;         /* time that it has run */
    uint64_t waits_since; /* TOD clock */
    uint64_t comparator;  /* TOD clock */
    uint32_t ticked;      /* `clock` at the last tick of the interval timer, in thirds of a microsecond */
    bool interval_timer_pending;

    struct console console;
    struct line line;
    bool end_told;

    enum program_code exception; /* why an access was refused */
    uint32_t exception_address;
    unsigned length; /* of the instruction that trapped, in halfwords */
    uint32_t traps, simulated, reflected, filled;
};

extern struct guest guests[GUESTS];
extern unsigned guest_count;
extern struct guest *loaded; /* whose registers are in the machine and in page zero; or none */

static inline bool in_ec_mode(const struct guest *g) { return g->psw.key_and_mode & EC_MODE >> 16; }
static inline bool translates(const struct guest *g) {
    return in_ec_mode(g) && (g->psw.system_mask & TRANSLATION >> 24);
}
static inline struct lowcore *page_zero(const struct guest *g) { return (struct lowcore *)g->origin; }
static inline void set_condition(struct guest *g, unsigned code) {
    g->psw.conditions = (uint8_t)(code << 4 | (g->psw.conditions & 0xF));
}

/* Where a piece of its storage lies in ours; 0: beyond its end. */
static inline void *second_level(const struct guest *g, uint32_t address, unsigned size) {
    return address < g->size && size <= g->size - address ? (void *)(g->origin + address) : 0;
}

/* main.c */
void all_have_ended(void);
void stop(uint32_t address) __attribute__((noreturn));

/* dispatch.c */
void dispatch(void) __attribute__((noreturn));
void end_guest(struct guest *g);

/* timers.c */
void start_timers(struct guest *g);
void stop_timers(struct guest *g);
void pass_waiting_time(struct guest *g);
void set_alarm(void);

/* storage.c: where an operand of the guest lies in our storage, after the checks that the machine would make;
   0: refused, and `exception` says why. `size` is 1, 2, 4 or 8; what is not aligned is refused. */
enum access { FETCH, STORE };
void *operand(struct guest *g, uint32_t logical, unsigned size, enum access how);
void make_host_tables(struct guest *g);

/* shadow.c */
struct translation {
    enum program_code code; /* 0: `real` is the address; else of the entry at fault */
    unsigned condition;     /* that LRA sets */
    uint32_t real;
};
struct translation translate(const struct guest *g, uint32_t logical);
void fill_shadow(struct guest *g, uint32_t logical);
void make_shadow(struct guest *g);
void purge_shadow(struct guest *g);
void invalidate_shadow(struct guest *g, uint32_t page_table_origin, uint32_t logical);
uint32_t table_designation(struct guest *g);

/* reflect.c */
void load_psw(struct guest *g, struct psw_image image);
bool present_pending(struct guest *g); /* whether it has interrupted the guest */
bool has_pending(const struct guest *g);
void reflect_program(struct guest *g, enum program_code code);
void reflect_supervisor_call(struct guest *g, uint8_t number);

/* privileged.c, hypercall.c */
void simulate(struct guest *g);
enum program_code hypercall(struct guest *g, unsigned r1, unsigned r3, uint32_t code);

/* console.c */
void type(struct line *line);
void console_interruption(void);
void begin_line(struct guest *g);
unsigned virtual_start_io(struct guest *g, uint32_t device);
unsigned virtual_test_io(struct guest *g, uint32_t device);
unsigned virtual_halt_io(struct guest *g, uint32_t device);
unsigned virtual_test_channel(struct guest *g, uint32_t device);
bool append(struct line *line, const char *text);
void append_number(struct line *line, uint32_t number);
void append_hex(struct line *line, uint32_t number, unsigned digits);

#endif
