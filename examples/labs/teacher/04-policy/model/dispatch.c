/* Who runs next, and how it gets there. Lab 4, a model answer: two queues. Who comes back from a wait goes into the front
   queue, for an eighth of a slice; who has used that up goes into the back queue, for whole slices. After a few turns of the
   front queue one of the back queue has its turn, so that nobody starves. */
#include "guest.h"

enum { ENDLESS = 64 }; /* interruptions of which none lets an instruction execute */

enum { PART_IN_FRONT = 8, MOST_FAVOURS = 6 };

struct guest *loaded;
static uint32_t loaded_table;

/* Where a guest stands. In each queue the lowest order goes first; who is preempted keeps it. */
struct place {
    enum queue { NOWHERE, FRONT, BACK } queue;
    unsigned order;
};
static struct place places[GUESTS];
static unsigned last_order, favours;

/* The real PSW of a guest: always EC mode, translated, in problem state, and enabled for what is ours. Its
   key, condition code, program mask and address are its own. */
static inline void make_real_psw(const struct guest *g) {
    lowcore.resume_psw.left = TRANSLATION | IO_ENABLED | EXTERNAL_ENABLED | EC_MODE | MACHINE_CHECK_ENABLED |
                              PROBLEM_STATE | (g->psw.key_and_mode & 0xF0u) << 16 | (uint32_t)g->psw.conditions << 8;
    lowcore.resume_psw.right = g->psw.address | (g->psw.load_address_31 ? LOAD_ADDRESS_31 : 0);
}

/* Takes the registers of the guest that is loaded out of the machine, and puts those of another in; or of none. */
static void load(struct guest *g) {
    static uint64_t nobody[4];
    if (g == loaded) return;
    switch_floating_point(loaded ? loaded->floating_point : nobody, g ? g->floating_point : nobody);
    for (unsigned i = 0; loaded && i < 16; ++i) loaded->registers[i] = lowcore.registers[i];
    for (unsigned i = 0; g && i < 16; ++i) lowcore.registers[i] = g->registers[i];
    if (g) load_control_8(g->control[8]); /* MONITOR CALL asks it */
    loaded = g;
}

static void __attribute__((noreturn)) run(struct guest *g) {
    load(g);
    const uint32_t table = table_designation(g);
    if (table != loaded_table) load_control_1(loaded_table = table);
    make_real_psw(g);
    start_timers(g);
    resume();
}

/* Nobody can run: the machine waits for the console or the alarm. */
static void __attribute__((noreturn)) wait(void) {
    load(0);
    set_cpu_timer(INT64_MAX);
    lowcore.resume_psw.left = IO_ENABLED | EXTERNAL_ENABLED | EC_MODE | MACHINE_CHECK_ENABLED | WAIT;
    lowcore.resume_psw.right = LOAD_ADDRESS_31;
    resume();
}

static void begin_wait(struct guest *g) {
    const unsigned enabled = g->psw.system_mask & (in_ec_mode(g) ? 3 : 0xFF);
    if (enabled == 0) return end_guest(g);
    g->state = WAITING;
    places[g - guests].queue = NOWHERE;
    g->waits_since = tod_clock();
    set_alarm();
}

static void join(struct guest *g, enum queue queue, int64_t slice) {
    places[g - guests] = (struct place){queue, ++last_order};
    g->slice_left = slice;
}

static struct guest *first_of(enum queue queue) {
    struct guest *first = 0;
    for (unsigned i = 0; i < guest_count; ++i) {
        if (guests[i].state != READY || places[i].queue != queue) continue;
        if (!first || places[i].order < places[first - guests].order) first = &guests[i];
    }
    return first;
}

static struct guest *next_ready(void) {
    for (unsigned i = 0; i < guest_count; ++i)
        if (guests[i].state == READY && places[i].queue == NOWHERE) join(&guests[i], FRONT, SLICE / PART_IN_FRONT);
    if (loaded && loaded->state == READY && loaded->slice_left <= 0) {
        if (places[loaded - guests].queue == BACK) favours = 0;
        join(loaded, BACK, SLICE);
    }
    struct guest *front = first_of(FRONT), *back = first_of(BACK);
    if (!front || (back && favours >= MOST_FAVOURS)) return back;
    if (front != loaded) ++favours;
    return front;
}

void dispatch(void) {
    for (;;) {
        struct guest *g = next_ready();
        if (!g) wait();
        for (unsigned strung = 0; g->state == READY && present_pending(g);)
            if (++strung == ENDLESS) end_guest(g); /* a machine would check-stop */
        if (g->state == READY && g->psw.key_and_mode & WAIT >> 16)
            begin_wait(g);
        else if (g->state == READY)
            run(g);
    }
}

/* Tells it on the console, as soon as the guest's own last line has been typed. */
void end_guest(struct guest *g) {
    g->state = ENDED;
    if (g->console.state == AT_WORK) return;                         /* console.c comes back */
    if (g->line.length > g->name_length + 2u) return type(&g->line); /* likewise: what it had begun to type */
    g->end_told = true;
    g->line.length = 0;
    append(&g->line, "*");
    for (unsigned i = 0; i < g->name_length; ++i) g->line.text[g->line.length++] = g->name[i];
    append(&g->line, " ENDED AT ");
    append_hex(&g->line, g->psw.address, 6);
    type(&g->line);
    for (unsigned i = 0; i < guest_count; ++i)
        if (!guests[i].end_told) return;
    all_have_ended();
}
