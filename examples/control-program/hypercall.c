/* What a guest may ask for by DIAGNOSE, if it knows where it runs. docs/control-program-in-c.md has the same
   table.

     code  R1           R3
     000   address      length      stores "CP IN C ", as much of it as there is room for; R3: what is left of the length
     100                            lets another guest run
     104   address      length      types a line
     108   (answer)     (answer)    microseconds that this guest has run: R1 the left half, R3 the right one
     10C   result                   ends this guest, with this address
     110   page                     fills this page with a call table

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

static enum program_code identify(struct guest *g, unsigned r1, unsigned r3) {
    static const char name[] = "CP IN C ";
    const uint32_t length = lowcore.registers[r3] < NAME ? lowcore.registers[r3] : NAME;
    uint8_t *to = second_level(g, lowcore.registers[r1] & ADDRESS, length);
    if (!to) return ADDRESSING;
    for (uint32_t i = 0; i < length; ++i) to[i] = (uint8_t)name[i];
    lowcore.registers[r3] -= length;
    return 0;
}

extern const uint8_t call_table[9 * 64]; /* calltable.S */

static enum program_code fill_call_table(struct guest *g, uint32_t address) {
    uint8_t *to = second_level(g, address & ADDRESS, PAGE);
    if (!to || address % PAGE != 0) return SPECIFICATION;
    for (unsigned i = 0; i < sizeof call_table; ++i) to[i] = call_table[i];
    return 0;
}

enum program_code hypercall(struct guest *g, unsigned r1, unsigned r3, uint32_t code) {
    switch (code) {
        case 0x000: return identify(g, r1, r3);
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
        case 0x110: return fill_call_table(g, lowcore.registers[r1]);
        default: return SPECIFICATION;
    }
}
