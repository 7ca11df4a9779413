/* The four ways in. Each begins in entry.S, with the guest's registers in page zero, and ends in dispatch(). */
#include "guest.h"

/* What the guest changed of its PSW without asking us: address, condition code, program mask. */
static void come_in(struct psw_image old) {
    if (!loaded) return; /* the machine waited */
    stop_timers(loaded);
    loaded->psw.address = old.right & ADDRESS;
    loaded->psw.conditions = old.left >> 8 & 0x3F;
    ++loaded->traps;
}

/* The control program itself must not interrupt itself. */
static inline void check(struct psw_image old, uint32_t address) {
    if ((old.left & PROBLEM_STATE) == 0) stop(address);
}

static void wake(void) {
    for (unsigned i = 0; i < guest_count; ++i) {
        struct guest *g = &guests[i];
        if (g->state != WAITING) continue;
        pass_waiting_time(g);
        if (has_pending(g)) g->state = READY;
    }
    set_alarm();
}

void __attribute__((noreturn)) on_external(void) {
    come_in(lowcore.external_old);
    if (lowcore.external_code == CLOCK_COMPARATOR) wake();
    dispatch(); /* the end of a slice: it has used it up */
}

void __attribute__((noreturn)) on_io(void) {
    come_in(lowcore.io_old);
    console_interruption();
    wake();
    dispatch();
}

void __attribute__((noreturn)) on_supervisor_call(void) {
    check(lowcore.supervisor_call_old, 0xBAD0A0);
    come_in(lowcore.supervisor_call_old);
    loaded->length = lowcore.supervisor_call_length >> 1;
    reflect_supervisor_call(loaded, (uint8_t)lowcore.supervisor_call);
    dispatch();
}

/* The instruction is nullified by a translation exception, but suppressed by what the guest gets instead. */
static void reflect_instead(struct guest *g, enum program_code code) {
    g->psw.address = (g->psw.address + 2 * g->length) & ADDRESS;
    reflect_program(g, code);
}

void __attribute__((noreturn)) on_program(void) {
    const uint16_t code = lowcore.program_code;
    check(lowcore.program_old, 0xBAD000 + code);
    come_in(lowcore.program_old);
    struct guest *g = loaded;
    g->length = lowcore.program_length >> 1;
    if (code == PRIVILEGED_OPERATION && (g->psw.key_and_mode & PROBLEM_STATE >> 16) == 0) {
        simulate(g);
    } else if (code == SEGMENT_TRANSLATION || code == PAGE_TRANSLATION) {
        if (!translates(g))
            reflect_instead(g, ADDRESSING); /* beyond its storage */
        else
            fill_shadow(g, lowcore.translation_address & ADDRESS);
    } else {
        reflect_program(g, code);
    }
    dispatch();
}
