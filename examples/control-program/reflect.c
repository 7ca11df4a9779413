/* Interruptions of the guest: what the machine would do to it, done to its own page zero. GA22-7000 chapter
   6. */
#include "guest.h"

static struct psw_image image_of(const struct psw *psw, uint16_t code, unsigned length) {
    const uint32_t left = (uint32_t)psw->system_mask << 24 | (uint32_t)psw->key_and_mode << 16;
    if (psw->key_and_mode & EC_MODE >> 16)
        return (struct psw_image){left | (uint32_t)psw->conditions << 8,
                                  psw->address | (psw->load_address_31 ? LOAD_ADDRESS_31 : 0)};
    return (struct psw_image){left | code, length << 30 | (uint32_t)psw->conditions << 24 | psw->address};
}

void load_psw(struct guest *g, struct psw_image image) {
    struct psw *psw = &g->psw;
    psw->system_mask = (uint8_t)(image.left >> 24);
    psw->key_and_mode = (uint8_t)(image.left >> 16);
    psw->address = image.right & ADDRESS;
    const bool ec = image.left & EC_MODE;
    psw->conditions = (ec ? image.left >> 8 : image.right >> 24) & 0x3F;
    psw->load_address_31 = ec && image.right & LOAD_ADDRESS_31;
    psw->malformed = ec && ((image.left & 0xB800C0FF) || (image.right & 0x7F000000));
}

/* In EC mode the code has been stored at its own place already. */
static void swap(struct guest *g, struct psw_image *old, const struct psw_image *new, uint16_t code, unsigned length) {
    *old = image_of(&g->psw, code, length);
    load_psw(g, *new);
    ++g->reflected;
}

void reflect_program(struct guest *g, enum program_code code) {
    struct lowcore *zero = page_zero(g);
    if (in_ec_mode(g)) {
        zero->program_length = (uint16_t)(g->length << 1);
        zero->program_code = (uint16_t)code;
    }
    if (code == SEGMENT_TRANSLATION || code == PAGE_TRANSLATION) zero->translation_address = g->exception_address;
    if (code == MONITOR_EVENT) {
        zero->monitor_class = lowcore.monitor_class;
        zero->monitor_code = lowcore.monitor_code;
    }
    swap(g, &zero->program_old, &zero->program_new, (uint16_t)code, g->length);
}

void reflect_supervisor_call(struct guest *g, uint8_t number) {
    struct lowcore *zero = page_zero(g);
    if (in_ec_mode(g)) {
        zero->supervisor_call_length = (uint16_t)(g->length << 1);
        zero->supervisor_call = number;
    }
    swap(g, &zero->supervisor_call_old, &zero->supervisor_call_new, number, g->length);
}

/* The external condition that comes first, of those that it is enabled for; or 0. */
static inline uint16_t external_pending(const struct guest *g) {
    if ((g->psw.system_mask & 1) == 0) return 0;
    const uint32_t masks = g->control[0];
    if (masks & INTERVAL_TIMER_ENABLED && g->interval_timer_pending) return INTERVAL_TIMER;
    if (masks & COMPARATOR_ENABLED && g->comparator < tod_clock()) return CLOCK_COMPARATOR;
    if (masks & CPU_TIMER_ENABLED && g->cpu_timer < 0) return CPU_TIMER;
    return 0;
}

static inline bool io_pending(const struct guest *g) {
    if (g->console.state != INTERRUPTS) return false;
    return in_ec_mode(g) ? (g->psw.system_mask & 2) && (g->control[2] & 0x80000000) : g->psw.system_mask & 0x80;
}

bool has_pending(const struct guest *g) { return external_pending(g) || io_pending(g); }

static void interrupt_external(struct guest *g, uint16_t code) {
    struct lowcore *zero = page_zero(g);
    if (code == INTERVAL_TIMER) g->interval_timer_pending = false;
    if (in_ec_mode(g)) {
        zero->cpu_address = 0;
        zero->external_code = code;
    }
    swap(g, &zero->external_old, &zero->external_new, code, 0);
}

static void interrupt_io(struct guest *g) {
    struct lowcore *zero = page_zero(g);
    zero->csw = g->console.csw;
    g->console.state = IDLE;
    if (in_ec_mode(g)) {
        zero->io_address_left = 0;
        zero->io_address = CONSOLE;
    }
    swap(g, &zero->io_old, &zero->io_new, CONSOLE, 0);
}

bool present_pending(struct guest *g) {
    const uint16_t external = external_pending(g);
    if (g->psw.malformed) {
        g->length = 0;
        reflect_program(g, SPECIFICATION); /* as soon as such a PSW has been loaded */
    } else if (translates(g) && (g->control[0] & FORMAT) != PAGES_4K_SEGMENTS_64K) {
        g->length = 1;
        g->psw.address = (g->psw.address + 2) & ADDRESS;
        reflect_program(g, TRANSLATION_SPECIFICATION);
    } else if (external) {
        interrupt_external(g, external);
    } else if (io_pending(g)) {
        interrupt_io(g);
    } else {
        return false;
    }
    return true;
}
