/* One typewriter for all. Each guest has a console of its own, whose channel programs are gone through here;
   what they type goes out on the real one, a line at a time, with the guest's name in front. GA22-7000
   chapter 13. */
#include "guest.h"

/* ---- The real console ---- */

struct ccw {
    uint32_t command_and_address;
    uint16_t flags, count;
} __attribute__((aligned(8)));

enum { WRITE = 0x01, SENSE = 0x04, NO_OPERATION = 0x03, TRANSFER = 0x08, WRITE_WITH_RETURN = 0x09 };
enum { MOST_COMMANDS = 256 }; /* CCWs without a line to be typed */
enum { CHAIN_DATA = 0x8000, CHAIN_COMMAND = 0x4000, ANY_LENGTH = 0x2000 };

static struct line *first, *last; /* lines that wait, and the one that is typed */
static bool typing;

static void line_typed(struct guest *g);

static void start_typing(void) {
    static struct ccw program;
    program.command_and_address = (uint32_t)WRITE_WITH_RETURN << 24 | (uint32_t)first->text;
    program.flags = ANY_LENGTH;
    program.count = first->length;
    lowcore.caw = (uint32_t)&program;
    for (;;) {
        switch (start_io(CONSOLE)) {
            case 0: typing = true; return;
            case 1: continue; /* it had something to tell, and has told */
            case 2: return;   /* likewise, by an interruption, behind which this comes once more */
            default: stop(0xBAD10D);
        }
    }
}

void type(struct line *line) {
    line->next = 0;
    if (first)
        last->next = line;
    else
        first = line;
    last = line;
    if (!typing) start_typing();
}

void console_interruption(void) {
    if (typing && lowcore.csw.status & DEVICE_END) {
        struct line *done = first;
        first = first->next;
        typing = false;
        if (done->owner)
            line_typed(done->owner);
        else if (!first)
            stop(0); /* the last line of the last report */
    }
    if (first && !typing) start_typing();
}

/* ---- Lines ---- */

bool append(struct line *line, const char *text) {
    for (; *text; ++text) {
        if (line->length == COLUMNS) return false;
        line->text[line->length++] = (uint8_t)*text;
    }
    return true;
}

void append_number(struct line *line, uint32_t number) {
    char digits[11];
    unsigned n = sizeof digits - 1;
    digits[n] = 0;
    do digits[--n] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    append(line, digits + n);
}

void append_hex(struct line *line, uint32_t number, unsigned digits) {
    while (digits-- > 0) line->text[line->length++] = (uint8_t) "0123456789ABCDEF"[number >> 4 * digits & 0xF];
}

void begin_line(struct guest *g) {
    g->line.length = 0;
    for (unsigned i = 0; i < g->name_length; ++i) g->line.text[g->line.length++] = g->name[i];
    append(&g->line, ": ");
}

/* ---- The console of a guest ---- */

static void finish(struct guest *g, uint16_t status, uint16_t residual) {
    struct console *console = &g->console;
    console->csw = (struct csw){(uint32_t)console->key << 28 | ((console->ccw + 8) & ADDRESS), status, residual};
    console->state = INTERRUPTS;
}

/* A line becomes longer by what a CCW names. */
static uint16_t write(struct guest *g, const struct ccw *ccw) {
    const uint8_t *data = second_level(g, ccw->command_and_address & ADDRESS, ccw->count);
    if (!data) return PROGRAM_CHECK;
    for (unsigned i = 0; i < ccw->count && g->line.length < COLUMNS; ++i) g->line.text[g->line.length++] = data[i];
    return 0;
}

static uint16_t sense(struct guest *g, const struct ccw *ccw, uint16_t *residual) {
    uint8_t *data = second_level(g, ccw->command_and_address & ADDRESS, 1);
    if (!data) return PROGRAM_CHECK;
    if (g->console.key && storage_key((uint32_t)data & ~(uint32_t)(KEY_BLOCK - 1)) >> 4 != g->console.key)
        return PROTECTION_CHECK;
    *data = g->console.sense;
    g->console.sense = 0;
    *residual = (uint16_t)(ccw->count - 1);
    return *residual && (ccw->flags & ANY_LENGTH) == 0 ? INCORRECT_LENGTH : 0;
}

/* Goes on with the channel program until a line has to be typed, or to its end. One that runs in a circle,
   which would keep a real channel busy for ever, ends: the control program has other guests, too. */
static void go_on(struct guest *g) {
    struct console *console = &g->console;
    bool transferred = false;
    for (unsigned done = 0;; console->ccw += 8) {
        if (++done > MOST_COMMANDS) return finish(g, PROGRAM_CHECK, 0);
        const struct ccw *ccw = console->ccw & 7 ? 0 : second_level(g, console->ccw, 8);
        if (!ccw) return finish(g, PROGRAM_CHECK, 0);
        uint8_t command = (uint8_t)(ccw->command_and_address >> 24);
        if ((command & 0xF) == TRANSFER) {
            if (transferred) return finish(g, PROGRAM_CHECK, 0);
            transferred = true;
            console->ccw = (ccw->command_and_address & ADDRESS) - 8;
            continue;
        }
        transferred = false;
        if (ccw->count == 0 || (command & 0xF) == 0) return finish(g, PROGRAM_CHECK, ccw->count);
        uint16_t residual = 0, error = 0;
        switch (command) {
            case WRITE:
            case WRITE_WITH_RETURN:
                error = write(g, ccw);
                while (!error && ccw->flags & CHAIN_DATA && ++done <= MOST_COMMANDS) {
                    ccw = second_level(g, console->ccw += 8, 8);
                    error = ccw && ccw->count ? write(g, ccw) : PROGRAM_CHECK;
                }
                if (!error && command == WRITE_WITH_RETURN) return type(&g->line);
                break;
            case SENSE: error = sense(g, ccw, &residual); break;
            case NO_OPERATION: break;
            default:
                console->sense = 0x80; /* command reject: nobody can be asked for input */
                error = UNIT_CHECK;
                residual = ccw->count;
        }
        if (error) return finish(g, error | CHANNEL_END | DEVICE_END, residual);
        if ((ccw->flags & CHAIN_COMMAND) == 0) return finish(g, CHANNEL_END | DEVICE_END, residual);
    }
}

/* The guest's line is on the paper. */
static void line_typed(struct guest *g) {
    struct console *console = &g->console;
    begin_line(g);
    if (g->end_told) return;
    if (g->state == TYPING) g->state = READY;
    if (console->state == AT_WORK) {
        const struct ccw *ccw = second_level(g, console->ccw, 8);
        if (ccw && ccw->flags & CHAIN_COMMAND && g->state != ENDED) {
            console->ccw += 8;
            go_on(g);
        } else {
            finish(g, CHANNEL_END | DEVICE_END, 0);
        }
    }
    if (g->state == ENDED) end_guest(g);
}

unsigned virtual_start_io(struct guest *g, uint32_t device) {
    struct console *console = &g->console;
    const uint32_t caw = page_zero(g)->caw;
    if ((device & 0xFFFF) != CONSOLE) return 3;
    if (console->state != IDLE) return 2;
    console->key = (uint8_t)(caw >> 28);
    console->ccw = caw & ADDRESS;
    console->state = AT_WORK;
    const struct ccw *ccw = caw & 0x0F000007 ? 0 : second_level(g, console->ccw, 8);
    if (ccw && (ccw->command_and_address >> 24 & 0xF) != TRANSFER) {
        go_on(g);
        return 0;
    }
    console->state = IDLE;
    page_zero(g)->csw.status = PROGRAM_CHECK;
    return 1;
}

unsigned virtual_test_io(struct guest *g, uint32_t device) {
    if ((device & 0xFFFF) != CONSOLE) return 3;
    if (g->console.state == AT_WORK) return 2;
    if (g->console.state == IDLE) return 0;
    page_zero(g)->csw = g->console.csw;
    g->console.state = IDLE;
    return 1;
}

/* What is being typed is typed to its end. */
unsigned virtual_halt_io(struct guest *g, uint32_t device) {
    if ((device & 0xFFFF) != CONSOLE) return 3;
    if (g->console.state == INTERRUPTS) return 0;
    page_zero(g)->csw.status = 0;
    return 1;
}

unsigned virtual_test_channel(struct guest *g, uint32_t device) {
    if ((device >> 8 & 0xFF) != 0) return 3;
    return g->console.state == INTERRUPTS;
}
