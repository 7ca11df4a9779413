/* The guest's console is ours: its channel programs are copied with our addresses in them. GA22-7000 chapter 12. */
#include "description.h"

enum { MOST_COMMANDS = 16, CHAIN_DATA = 0x80, CHAIN_COMMAND = 0x40 };
struct ccw {
    uint32_t command_and_address;
    uint8_t flags, unused;
    uint16_t count;
};

static struct ccw program[MOST_COMMANDS] __attribute__((aligned(8)));
static uint32_t guests_program; /* where the original lies */
static enum { IDLE, AT_WORK, INTERRUPTS } state;
static struct csw csw;

static bool copy_program(uint32_t from) {
    for (unsigned i = 0; i < MOST_COMMANDS; ++i, from += sizeof(struct ccw)) {
        const struct ccw *ccw = at(from, sizeof *ccw);
        if (!ccw || !at(ccw->command_and_address & ADDRESS, ccw->count)) return false;
        program[i] = *ccw;
        program[i].command_and_address += guest.origin;
        if ((ccw->flags & (CHAIN_DATA | CHAIN_COMMAND)) == 0) return true;
    }
    return false;
}

static struct lowcore *page_zero(void) { return (struct lowcore *)(guest.origin + guest.description.prefix); }

static unsigned present_status(uint16_t also) {
    csw.status |= also;
    page_zero()->csw = csw;
    state = IDLE;
    return 1;
}

static uint32_t address_for_guest(uint32_t address) {
    return address ? guests_program + (address - (uint32_t)program) : 0;
}

unsigned virtual_start_io(uint32_t device) {
    if (device != CONSOLE) return 3;
    if (state == AT_WORK) return 2;
    if (state == INTERRUPTS) return present_status(BUSY);
    const uint32_t caw = page_zero()->caw;
    guests_program = caw & ADDRESS;
    if (guests_program % 8 != 0 || !copy_program(guests_program)) {
        page_zero()->csw.status = PROGRAM_CHECK;
        return 1;
    }
    lowcore.caw = (caw & 0xF0000000) | (uint32_t)program;
    const unsigned code = start_io(CONSOLE);
    if (code == 0) state = AT_WORK;
    if (code == 1) page_zero()->csw.status = lowcore.csw.status;
    return code;
}

unsigned virtual_test_io(uint32_t device) {
    if (device != CONSOLE) return 3;
    return state == INTERRUPTS ? present_status(0) : state == AT_WORK ? 2 : 0;
}

unsigned virtual_test_channel(uint32_t device) { return device >> 8 ? 3 : state == INTERRUPTS ? 1 : 0; }

void console_interruption(void) {
    csw = lowcore.csw;
    csw.key_and_address = (csw.key_and_address & 0xFF000000) | address_for_guest(csw.key_and_address & ADDRESS);
    state = INTERRUPTS;
}

bool present_io(void) {
    struct description *d = &guest.description;
    const bool enabled = in_ec_mode() ? d->psw.left & IO_ENABLED && d->control[2] & 0x80000000 : d->psw.left & 0x80000000;
    d->requests = 0;
    if (state != INTERRUPTS || d->event != NO_EVENT) return false; /* after the other, when it comes out again */
    if (!enabled) {
        d->requests = IO_PENDING; /* it comes out when it is */
        return false;
    }
    d->event = IO_EVENT;
    d->event_code = CONSOLE;
    d->event_words[0] = csw.key_and_address;
    d->event_words[1] = (uint32_t)csw.status << 16 | csw.residual;
    state = IDLE;
    return true;
}
