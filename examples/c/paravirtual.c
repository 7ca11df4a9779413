/* A kernel that is at home on several machines: what only the owner of a machine may do, it does by way of a table of
   operations, which is filled at the start for the machine found. docs/paravirtual.md tells the story, and
   examples/guests/parakern.copy is the same in assembler.

     native      the bare machine: the privileged instructions
     trapping    a virtual machine that offers nothing: the same, and each of them traps
     hypercall   VMCP with `paravirtual = true`: masks in a shared page, DIAGNOSE X'200' and on
     shim        the control program in C: its hypercalls, given the shape of VMCP's; what it has not, traps

   Work: two producers fill a queue, in critical sections; a consumer empties it into a table that it sees through a
   window of pages, which lead elsewhere in every round. Lines, a timer and a wait in between. It types the same
   everywhere. -DROUNDS=n -DBACKEND=0|1|2 (0: as found, 1: trapping, 2: hypercall). */
#include "guest.h"
#include "translation.h"

#ifndef ROUNDS
#define ROUNDS 64
#endif
#ifndef BACKEND
#define BACKEND 0
#endif

enum { WINDOW = 0x200000, WINDOW_PAGES = 4, TABLES = 4, QUEUE = 64 };

struct mapping {
    uint32_t page, frame;
};

struct operations {
    const char *name;
    void (*disable)(void);
    void (*enable)(void);
    void (*wait)(void); /* called disabled: until an interruption has come; enabled behind it */
    void (*set_timer)(uint32_t microseconds);
    void (*type)(const char *text);
    void (*yield)(void);
    void (*map)(const struct mapping *mappings, unsigned count);
    uint64_t (*time)(void); /* microseconds spent */
};

/* ---- Interruptions ----
   The timer's handler: it notes the tick, and lets who waits go on. Translation is off in it. And DIAGNOSE X'00', which
   a control program may not have: -1 then, or how many bytes of the block it has not filled. */
volatile uint8_t ticked;
uint64_t never __attribute__((aligned(8))) = ~(uint64_t)0;
void timer_interruption(void);
int identify(void *block, uint32_t length);
__asm__(
    "        .text\n"
    "timer_interruption:\n"
    "        st      %r1, 0x1c0\n"
    "        larl    %r1, ticked\n"
    "        mvi     0(%r1), 1\n"
    "        larl    %r1, never\n"
    "        sckc    0(%r1)\n"
    "        ni      0x19, 0xfd\n"
    "        l       %r1, 0x1c0\n"
    "        lpsw    0x18\n"
    "identify:\n"
    "        mvc     0x1c8(8), 0x68\n"
    "        mvc     0x68(4), 0x00\n"
    "        larl    %r1, 1f\n"
    "        st      %r1, 0x6c\n"
    "        oi      0x6c, 0x80\n"
    "        diag    %r2, %r3, 0\n"
    "        lr      %r2, %r3\n"
    "        j       2f\n"
    "1:      lhi     %r2, -1\n"
    "2:      mvc     0x68(8), 0x1c8\n"
    "        br      %r14\n");

struct psw {
    uint32_t left, right;
} __attribute__((aligned(8)));
static volatile struct psw *const external_new_psw = (volatile struct psw *)0x58;

static inline uint64_t tod_clock(void) {
    uint64_t value;
    __asm__ volatile("stck %0" : "=Q"(value) : : "cc");
    return value;
}

/* ---- Native, and trapping ---- */

static void native_disable(void) {
    uint8_t before;
    __asm__ volatile("stnsm %0,0xfe" : "=Q"(before) : : "memory");
}

static void native_enable(void) {
    uint8_t before;
    __asm__ volatile("stosm %0,0x01" : "=Q"(before) : : "memory");
}

static void native_wait(void) {
    struct psw wait = {0x050A0000, 0}; /* translation, external interruptions, wait */
    __asm__ volatile(
        "larl   %%r1,0f\n\t"
        "st     %%r1,4+%0\n\t"
        "oi     4+%0,0x80\n\t"
        "lpsw   %0\n"
        "0:"
        : "+Q"(wait)
        :
        : "r1", "cc", "memory");
}

static void native_set_timer(uint32_t microseconds) {
    const uint64_t at = tod_clock() + ((uint64_t)microseconds << 12);
    __asm__ volatile("sckc %0" : : "Q"(at));
}

static void native_type(const char *text) {
    translation_off(); /* a channel program is of real storage */
    print(text);
    translation_on();
}

static void native_yield(void) {}

static void native_map(const struct mapping *mappings, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
        invalidate_page(mappings[i].page);
        map_page(mappings[i].page, mappings[i].frame);
    }
}

static uint64_t native_time(void) { return tod_clock() >> 12; }

static const struct operations native = {"NATIVE",        native_disable, native_enable, native_wait, native_set_timer,
                                         native_type,     native_yield,   native_map,    native_time};

/* A DIAGNOSE: its code is part of the instruction. The condition code; `first` and `second` are R1 and R3. */
#define DIAGNOSE(code, first, second)                                                        \
    ({                                                                                       \
        unsigned condition;                                                                  \
        __asm__ volatile("diag %1,%2,%3(0)\n\tipm %0\n\tsrl %0,28"                           \
                         : "=d"(condition), "+d"(first), "+d"(second)                        \
                         : "i"(code)                                                         \
                         : "cc", "memory");                                                  \
        condition;                                                                           \
    })

static uint64_t trapping_time(void) {
    static uint64_t block[4];
    uint32_t at = (uint32_t)block, none = 0;
    DIAGNOSE(0x0C, at, none);
    return block[3];
}

/* ---- Hypercalls of VMCP ---- */

static struct {
    volatile uint8_t masks, missed;
    uint8_t unused[2];
    uint32_t spins;
    volatile uint32_t changes;
    uint32_t unused_12;
    volatile uint64_t away;
} __attribute__((aligned(4096))) shared;

static void hyper_disable(void) {
    shared.masks = 0xC0;
    __asm__ volatile("" : : : "memory");
}

static void hyper_enable(void) {
    uint32_t first = 0, second = 0;
    __asm__ volatile("" : : : "memory");
    shared.masks = 0;
    if (shared.missed == 0) return;
    shared.missed = 0;
    DIAGNOSE(0x208, first, second);
}

static void hyper_wait(void) {
    uint32_t first = 0, second = 0;
    DIAGNOSE(0x224, first, second);
    hyper_enable();
}

static void hyper_set_timer(uint32_t microseconds) {
    uint32_t second = 0;
    DIAGNOSE(0x21C, microseconds, second);
}

static unsigned to_line(uint8_t *line, const char *text) {
    unsigned length = 0;
    for (; *text && *text != '\n'; ++text) line[length++] = to_ebcdic(*text);
    return length;
}

static void hyper_type(const char *text) {
    uint8_t line[132];
    uint32_t at = (uint32_t)line, length = to_line(line, text);
    DIAGNOSE(0x228, at, length);
}

static void hyper_yield(void) {
    uint32_t first = 0, second = 0;
    DIAGNOSE(0x220, first, second);
}

static void hyper_map(const struct mapping *mappings, unsigned count) {
    struct {
        uint32_t code, first, second, unused;
    } batch[WINDOW_PAGES];
    for (unsigned i = 0; i < count; ++i) {
        batch[i].code = 0x20C;
        batch[i].first = mappings[i].page;
        batch[i].second = mappings[i].frame;
    }
    uint32_t at = (uint32_t)batch;
    if (DIAGNOSE(0x204, at, count) != 0) finish(0xBAD204);
}

static uint64_t hyper_time(void) {
    uint32_t changes;
    uint64_t spent;
    do {
        changes = shared.changes;
        spent = tod_clock() - shared.away;
    } while (changes != shared.changes);
    return spent >> 12;
}

static const struct operations hypercall = {"HYPERCALL", hyper_disable, hyper_enable, hyper_wait, hyper_set_timer,
                                            hyper_type,  hyper_yield,   hyper_map,    hyper_time};

/* ---- The shim for the control program in C ---- */

static void shim_type(const char *text) {
    uint8_t line[132];
    uint32_t at = (uint32_t)line, length = to_line(line, text);
    DIAGNOSE(0x104, at, length); /* the stack's real addresses are its virtual ones */
}

static void shim_yield(void) {
    uint32_t first = 0, second = 0;
    DIAGNOSE(0x100, first, second);
}

static uint64_t shim_time(void) {
    uint32_t left = 0, right = 0;
    DIAGNOSE(0x108, left, right);
    return (uint64_t)left << 32 | right;
}

/* ---- Which machine is it? ---- */

static struct operations machine;

static void discover(void) {
    static const uint8_t paravirtual[8] = {0xD7, 0xC1, 0xD9, 0xC1, 0xE5, 0xC9, 0xD9, 0xE3}; /* PARAVIRT */
    static const uint8_t cp_in_c[8] = {0xC3, 0xD7, 0x40, 0xC9, 0xD5, 0x40, 0xC3, 0x40};     /* CP IN C */
    static uint8_t block[56] __attribute__((aligned(8)));
    uint64_t id;
    machine = native;
    __asm__ volatile("stidp %0" : "=Q"(id));
    if (id >> 56 != 0xFF || BACKEND == 1) return;
    machine.name = "TRAPPING";
    const int left = identify(block, sizeof block);
    if (left >= 0 && memcmp(block, cp_in_c, sizeof cp_in_c) == 0) {
        machine.name = "SHIM";
        machine.type = shim_type;
        machine.yield = shim_yield;
        machine.time = shim_time;
        return;
    }
    uint32_t page = (uint32_t)&shared, function = 0;
    if (left == 0 && memcmp(block + 40, paravirtual, sizeof paravirtual) == 0 && DIAGNOSE(0x200, page, function) == 0)
        machine = hypercall;
    else
        machine.time = trapping_time;
}

/* ---- The kernel ---- */

static struct {
    uint32_t item[QUEUE];
    unsigned first, used;
} queue;
static uint32_t table[TABLES][WINDOW_PAGES * PAGE / 4] __attribute__((aligned(4096)));

static int put(uint32_t item) {
    machine.disable();
    const int room = queue.used < QUEUE;
    if (room) queue.item[(queue.first + queue.used++) % QUEUE] = item;
    machine.enable();
    return room;
}

static int take(uint32_t *item) {
    machine.disable();
    const int any = queue.used != 0;
    if (any) {
        *item = queue.item[queue.first];
        queue.first = (queue.first + 1) % QUEUE;
        --queue.used;
    }
    machine.enable();
    return any;
}

static void look_at(unsigned which) {
    struct mapping mappings[WINDOW_PAGES];
    for (unsigned i = 0; i < WINDOW_PAGES; ++i) {
        mappings[i].page = WINDOW + i * PAGE;
        mappings[i].frame = (uint32_t)table[which] + i * PAGE;
    }
    machine.map(mappings, WINDOW_PAGES);
}

static void sleep_a_little(void) {
    ticked = 0;
    machine.set_timer(2000);
    for (;;) {
        machine.disable();
        if (ticked) break;
        machine.wait();
    }
    machine.enable();
}

static void tell(unsigned round, uint32_t sum) {
    char line[64], *to = stpcpy(line, "QUEUE: ROUND ");
    to += to_digits(to, round, 10);
    to = stpcpy(to, ", SUM ");
    to += to_digits(to, sum, 16);
    strcpy(to, "\n");
    machine.type(line);
}

int main(void) {
    volatile uint32_t *const window = (volatile uint32_t *)WINDOW;
    uint32_t seed = 1, sum = 0;
    discover();
    make_address_space();
    map_program();
    segment_table[WINDOW >> 16] = 15u << 28 | (uint32_t)page_tables[WINDOW >> 16];
    const uint32_t control = 0x00800800; /* 4K pages, 64K segments; clock comparator */
    __asm__ volatile("lctl 0,0,%0" : : "Q"(control));
    external_new_psw->left = 0x00080000;
    external_new_psw->right = (uint32_t)timer_interruption | 0x80000000;
    translation_on();
    native_enable(); /* whatever the back end: from here on it is the one that disables */
    const uint64_t began = machine.time();
    for (unsigned round = 1; round <= ROUNDS; ++round) {
        uint32_t item;
        look_at(round % TABLES);
        for (unsigned i = 0; i < 40; ++i) {
            seed = seed * 1103515245 + 12345;
            if (!put(seed >> 8)) finish(0xDEAD01);
        }
        while (take(&item)) {
            window[item % (WINDOW_PAGES * PAGE / 4)] += item;
            sum = (sum << 1 | sum >> 31) ^ window[(item >> 3) % (WINDOW_PAGES * PAGE / 4)];
        }
        if (round % 16 != 0) continue;
        tell(round, sum);
        sleep_a_little();
        machine.yield();
    }
    const int well = machine.time() > began;
    native_disable();
    translation_off();
    return well ? 0 : 0xDEAD;
}
