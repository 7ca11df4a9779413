/* Who runs next, and how it gets there. */
#include "guest.h"

enum { ENDLESS = 64 }; /* interruptions of which none lets an instruction execute */

struct guest *loaded;
static uint32_t loaded_table;

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
    g->waits_since = tod_clock();
    set_alarm();
}

/* LAB 4, part 2: who runs next. As it stands it is round robin: the loaded guest goes on as long as it can and its slice
   lasts (slice_left; start_timers() sees to it that it is interrupted then), and after that whoever comes next in
   guests[]. Each way into the control program ends here, so a guest that has just come back from a wait can be
   preferred at once. begin_wait() above is where a guest begins to wait; TYPING is a short wait, too. */
static struct guest *next_ready(void) {
    if (loaded && loaded->state == READY && loaded->slice_left > 0) return loaded;
    static unsigned turn;
    for (unsigned i = 0; i < guest_count; ++i) {
        if (++turn >= guest_count) turn = 0;
        if (guests[turn].state != READY) continue;
        guests[turn].slice_left = SLICE;
        return &guests[turn];
    }
    return 0;
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
