/* A control program for one guest, which the machine executes (START INTERPRETIVE EXECUTION): what comes out is looked
   at here. The guest may be this program itself. docs/interpretive-execution.md#a-host-that-can-be-its-own-guest. */
#include "description.h"

/* What build.py puts behind the program. */
extern const struct {
    uint32_t count;
    struct {
        uint8_t name[8];
        uint32_t origin, size;
    } guest[1];
} directory;

enum { MOST_SEGMENTS = 32 };
static uint32_t segments[MOST_SEGMENTS] __attribute__((aligned(64)));
static uint16_t pages[MOST_SEGMENTS][PAGES_PER_SEGMENT] __attribute__((aligned(8)));
struct guest guest;

void stop(uint32_t address) {
    lowcore.resume_psw.left = EC_MODE | WAIT;
    lowcore.resume_psw.right = address;
    resume();
}

void give_exception(enum program_code code) {
    guest.description.event = PROGRAM_EVENT;
    guest.description.event_length = guest.description.length;
    guest.description.event_code = (uint16_t)code;
}

/* ---- What came out ---- */

static void simulate(uint32_t operand) {
    switch (guest.description.code) { /* the operation code, and the second byte where it is part of that */
        case 0x9C00:
        case 0x9C01: return set_condition(virtual_start_io(operand & 0xFFFF));
        case 0x9D00:
        case 0x9D01: return set_condition(virtual_test_io(operand & 0xFFFF));
        case 0x9E00:
        case 0x9E01:
        case 0x9F00:
        case 0x9F01: return set_condition(virtual_test_channel(operand & 0xFFFF));
        case 0xB214: return simulate_start(operand);
        case 0xB2C2: {
            struct description *theirs = at(operand, sizeof *theirs);
            if (!theirs || operand % sizeof *theirs) return give_exception(ADDRESSING);
            return clear_description(theirs);
        }
        case 0xB2C6: return simulate_query(operand);
        case 0xB2C8: return purge_merged();
        case 0x83: return give_exception(SPECIFICATION);
        default: return give_exception(OPERATION);
    }
}

/* ---- While the machine does not execute the guest, its clocks are ours ---- */

static bool clocks_are_lent, waiting;

static void borrow_clocks(void) {
    const struct description *d = &guest.description;
    const bool enabled = d->psw.left & EXTERNAL_ENABLED;
    const uint32_t masks = enabled ? d->control[0] & (COMPARATOR_ENABLED | CPU_TIMER_ENABLED) : 0;
    const uint32_t control[3] = {PAGES_4K_SEGMENTS_64K | masks, 0, 0xFFFFFFFF};
    set_clock_comparator(d->comparator);
    set_cpu_timer((int64_t)d->cpu_timer);
    load_control_0_to_2(control);
    clocks_are_lent = true;
}

static void give_clocks_back(void) {
    static const uint32_t quiet[3] = {PAGES_4K_SEGMENTS_64K, 0, 0xFFFFFFFF};
    if (!clocks_are_lent) return;
    clocks_are_lent = false;
    guest.description.cpu_timer = (uint64_t)cpu_timer();
    load_control_0_to_2(quiet);
}

static void wait(void) {
    const struct psw_image *psw = &guest.description.psw;
    const bool enabled = psw->left & (in_ec_mode() ? IO_ENABLED | EXTERNAL_ENABLED : 0xFF000000);
    if (!enabled) stop(psw->right & ADDRESS); /* the end, and ours */
    borrow_clocks();
    lowcore.resume_psw.left = IO_ENABLED | EXTERNAL_ENABLED | EC_MODE | WAIT;
    lowcore.resume_psw.right = LOAD_ADDRESS_31;
    resume();
}

/* ---- What came out, and how it goes on ---- */

static void look_at_guest(void) {
    struct description *d = &guest.description;
    const enum reason reason = d->reason;
    d->reason = NOTHING;
    if (reason == INSTRUCTION) simulate(d->parameter);
    if (reason == CALL) give_exception(OPERATION);
    if (reason == WAITS) waiting = true;
    if (reason == LACKS_PAGE || reason == LOOP) stop(0xBAD200 + reason); /* its storage is there */
}

/* We are enabled only here, so that whatever interrupts us finds the guest's state in its description. It may come in
   front of the instruction, or behind it. */
static void execute(struct description *d) {
    uint8_t mask;
    __asm__ volatile("stosm %0,0x03" : "=Q"(mask) : : "memory");
    start_interpretive_execution(d);
    __asm__ volatile("stnsm %0,0xfc" : "=Q"(mask) : : "memory");
}

/* `interrupted`: by the clocks that are the guest's. */
static void __attribute__((noreturn)) dispatch(bool interrupted) {
    for (;; interrupted = false) {
        give_clocks_back();
        if (merged())
            merged_came_out();
        else
            look_at_guest();
        if (interrupted) waiting = false;
        if (present_io()) waiting = false, interrupted = true;
        if (interrupted && merged()) leave_merged();
        if (waiting) wait();
        if (merged()) borrow_clocks();
        execute(merged() ? merged() : &guest.description);
    }
}

void __attribute__((noreturn)) on_external(void) { dispatch(true); }

void __attribute__((noreturn)) on_io(void) {
    console_interruption();
    dispatch(false);
}

void __attribute__((noreturn)) on_program(void) { stop(0xBAD000 + lowcore.program_code); }

void main(void) {
    uint8_t answer[16] __attribute__((aligned(8)));
    struct description *d = &guest.description;
    guest.origin = directory.guest[0].origin;
    guest.size = directory.guest[0].size;
    for (uint32_t a = 0; a < MOST_SEGMENTS << 16; a += PAGE) {
        segments[a >> 16] = a >> 16 << 16 < guest.size ? 0xF0000000 | (uint32_t)pages[a >> 16] : 1;
        pages[a >> 16][a >> 12 & 0xF] = a < guest.size ? (uint16_t)((guest.origin + a) >> 8) : 8;
    }
    query_interpretive_execution(answer);
    clear_description(d);
    d->mode = NESTED_TRANSLATION | INTERVAL_TIMER_RUNS | (answer[4] & MAY_HAVE_GUESTS);
    d->host_table = (uint32_t)(MOST_SEGMENTS / 16 - 1) << 24 | (uint32_t)segments;
    d->extent = guest.size;
    d->psw = ((const struct lowcore *)guest.origin)->restart_new;
    d->cpu_identification = cpu_identification() | (uint64_t)0xFF << 56;
    dispatch(false);
}
