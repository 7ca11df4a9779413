/* Time. The real CPU timer ends a slice, or what is left of one of the guest's own timers, whichever comes
   first, and measures how long the guest has run. The real clock comparator is an alarm clock for guests that
   wait. GA22-7000 chapter 4, "Timing". */
#include "guest.h"

/* The interval timer counts 300 times a second in bit 23 of its word: every 10,000 thirds of a microsecond. */
enum { TICK = 0x100, THIRDS_A_TICK = 10000 };

static int64_t started_with;

static inline bool enabled(const struct guest *g, uint32_t subclass) {
    return (g->psw.system_mask & 1) && (g->control[0] & subclass);
}

/* How long until it becomes negative. */
static int64_t interval_timer_left(const struct guest *g) {
    const int32_t word = page_zero(g)->interval_timer;
    if (word < 0) return INT64_MAX;
    const uint32_t since = 3 * (uint32_t)(g->clock >> 12) - g->ticked;
    return ((int64_t)((word >> 8) + 1) * THIRDS_A_TICK - since) * MICROSECOND / 3 + MICROSECOND;
}

/* The guest's clocks go on by so much. */
static void pass(struct guest *g, int64_t units) {
    g->clock += (uint64_t)units;
    g->cpu_timer -= units;
    const uint32_t ticks = (3 * (uint32_t)(g->clock >> 12) - g->ticked) / THIRDS_A_TICK;
    if (ticks == 0) return;
    g->ticked += ticks * THIRDS_A_TICK;
    volatile int32_t *word = &page_zero(g)->interval_timer;
    const int32_t before = *word;
    *word = (int32_t)((uint32_t)before - ticks * TICK);
    if (before >= 0 && *word < 0) g->interval_timer_pending = true;
}

void start_timers(struct guest *g) {
    int64_t budget = g->slice_left;
    if (enabled(g, INTERVAL_TIMER_ENABLED) && (uint32_t)page_zero(g)->interval_timer < 16 * TICK) {
        const int64_t left = interval_timer_left(g);
        if (left < budget) budget = left;
    }
    if (enabled(g, CPU_TIMER_ENABLED) && g->cpu_timer < budget) budget = g->cpu_timer + 1;
    set_cpu_timer(started_with = budget);
}

void stop_timers(struct guest *g) {
    const int64_t used = started_with - cpu_timer();
    g->ran += (uint64_t)used;
    g->slice_left -= used;
    pass(g, used);
}

void pass_waiting_time(struct guest *g) {
    const uint64_t now = tod_clock();
    pass(g, (int64_t)(now - g->waits_since));
    g->waits_since = now;
}

/* For the first thing that a timer will do to a guest that waits, or a clock comparator to one that runs. */
void set_alarm(void) {
    const uint64_t now = tod_clock();
    uint64_t alarm = ~(uint64_t)0;
    for (unsigned i = 0; i < guest_count; ++i) {
        const struct guest *g = &guests[i];
        if (g->state == ENDED) continue;
        if (g->comparator >= now && g->comparator < alarm) alarm = g->comparator;
        if (g->state != WAITING) continue;
        if (enabled(g, INTERVAL_TIMER_ENABLED)) {
            const int64_t left = interval_timer_left(g);
            if (left != INT64_MAX && g->waits_since + (uint64_t)left < alarm) alarm = g->waits_since + (uint64_t)left;
        }
        if (enabled(g, CPU_TIMER_ENABLED) && g->cpu_timer >= 0 && g->waits_since + (uint64_t)g->cpu_timer < alarm)
            alarm = g->waits_since + (uint64_t)g->cpu_timer + 1;
    }
    set_clock_comparator(alarm);
}
