/* The beginning and the end: finds its guests, gives each of them storage and tables, and reports what became of
   them. */
#include "guest.h"

struct guest guests[GUESTS];
unsigned guest_count;

/* What build.py puts behind the control program: how many guests, and of each where its storage lies. Its
   image is there already. */
extern const struct {
    uint32_t count;
    struct {
        uint8_t name[NAME];
        uint32_t origin, size;
    } guest[GUESTS];
} directory;

static uint64_t began;

/* As a machine is after an initial reset: GA22-7000 chapter 4, "Resets". It starts with the restart PSW. */
static void make_guest(struct guest *g, unsigned index) {
    for (unsigned i = 0; i < NAME; ++i) {
        g->name[i] = directory.guest[index].name[i];
        if (g->name[i] != ' ') g->name_length = i + 1;
    }
    g->origin = directory.guest[index].origin;
    g->size = directory.guest[index].size;
    g->control[0] = 0x000000E0;
    g->control[2] = 0xFFFFFFFF;
    g->control[14] = 0xC2000000;
    g->comparator = ~(uint64_t)0;
    g->line.owner = g;
    begin_line(g);
    make_host_tables(g);
    make_shadow(g);
    load_psw(g, page_zero(g)->restart_new);
}

void main(void) {
    const uint32_t control[3] = {PAGES_4K_SEGMENTS_64K | COMPARATOR_ENABLED | CPU_TIMER_ENABLED, 0, 0xFFFFFFFF};
    load_control_0_to_2(control);
    set_clock_comparator(~(uint64_t)0);
    began = tod_clock();
    guest_count = directory.count;
    for (unsigned i = 0; i < guest_count; ++i) make_guest(&guests[i], i);
    dispatch();
}

static void append_microseconds(struct line *line, uint64_t units) {
    append_number(line, (uint32_t)(units / MICROSECOND));
    append(line, " US");
}

/* When the last guest has ended. Lines that begin with an asterisk are the control program's own. */
void all_have_ended(void) {
    static struct line lines[GUESTS + 1];
    uint64_t guests_ran = 0;
    for (unsigned i = 0; i < guest_count; ++i) {
        const struct guest *g = &guests[i];
        struct line *line = &lines[i];
        append(line, "*");
        for (unsigned n = 0; n < g->name_length; ++n) line->text[line->length++] = g->name[n];
        append(line, " RAN ");
        append_microseconds(line, g->ran);
        append(line, ", TRAPS ");
        append_number(line, g->traps);
        append(line, ": SIMULATED ");
        append_number(line, g->simulated);
        append(line, ", REFLECTED ");
        append_number(line, g->reflected);
        append(line, ", SHADOW ");
        append_number(line, g->filled);
        guests_ran += g->ran;
    }
    struct line *total = &lines[guest_count];
    append(total, "*CONTROL PROGRAM: ");
    append_microseconds(total, tod_clock() - began);
    append(total, ", OF WHICH GUESTS ");
    append_microseconds(total, guests_ran);
    for (unsigned i = 0; i <= guest_count; ++i) type(&lines[i]);
}

void stop(uint32_t address) {
    lowcore.resume_psw.left = EC_MODE | WAIT;
    lowcore.resume_psw.right = address;
    resume();
}
