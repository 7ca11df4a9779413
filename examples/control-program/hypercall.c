/* What a guest may ask for by DIAGNOSE, if it knows where it runs. docs/control-program-in-c.md has the same
   table.

     code  R1           R3
     100                            lets another guest run
     104   address      length      types a line
     108   (answer)     (answer)    microseconds that this guest has run: R1 the left half, R3 the right one
     10C   result                   ends this guest, with this address

   Any other code is a specification exception. */
#include "guest.h"

static enum program_code type_line(struct guest *g, uint32_t address, uint32_t length) {
    const uint8_t *text = second_level(g, address & ADDRESS, length);
    if (!text || length == 0) return ADDRESSING;
    if (length > COLUMNS - NAME - 2) return SPECIFICATION;
    if (g->console.state != IDLE) { /* its typewriter is at work: it asks once more */
        g->psw.address = (g->psw.address - 2 * g->length) & ADDRESS;
        g->slice_left = 0;
        return 0;
    }
    for (uint32_t i = 0; i < length; ++i) g->line.text[g->line.length++] = text[i];
    g->state = TYPING;
    type(&g->line);
    return 0;
}

enum program_code hypercall(struct guest *g, unsigned r1, unsigned r3, uint32_t code) {
    switch (code) {
        case 0x100: g->slice_left = 0; return 0;
        case 0x104: return type_line(g, lowcore.registers[r1], lowcore.registers[r3]);
        case 0x108: {
            const uint64_t microseconds = g->ran / MICROSECOND;
            lowcore.registers[r1] = (uint32_t)(microseconds >> 32);
            lowcore.registers[r3] = (uint32_t)microseconds;
            return 0;
        }
        case 0x10C:
            g->psw.address = lowcore.registers[r1] & ADDRESS;
            end_guest(g);
            return 0;
        default: return SPECIFICATION;
    }
}
