/* Lab 7, a model answer: the copy is a straight line, for TICs are followed while it is made; only a loop leaves one. */
#include "translate.h"

/* Where the guest's CCWs lie that have been copied, to find the beginning of a loop. */
struct state {
    const struct storage *guest;
    struct copy *copy;
    uint32_t origin[MOST_CCWS];
};

/* Where a byte of the guest lies in real storage; 0: beyond its end. */
static uint32_t real_address(const struct storage *guest, uint32_t address) {
    if (address >= guest->size) return 0;
    return guest->frames[address / PAGE] + address % PAGE;
}

/* Whether all of these bytes are there. Without overflow: address + count might not be. */
static bool exists(const struct storage *guest, uint32_t address, uint32_t count) {
    return address < guest->size && count <= guest->size - address;
}

static enum verdict add_idaw(struct copy *copy, uint32_t real) {
    if (copy->idaw_count == MOST_IDAWS) return TOO_LONG;
    copy->idaws[copy->idaw_count++] = real;
    return COPIED;
}

/* An IDAW for each block of 2K that the data touch. */
static enum verdict add_idaws(struct state *s, uint32_t address, uint32_t count) {
    if (!exists(s->guest, address, count)) return PROGRAM_CHECK;
    while (count > 0) {
        const uint32_t block = INDIRECT_BLOCK - address % INDIRECT_BLOCK;
        const uint32_t length = count < block ? count : block;
        const enum verdict verdict = add_idaw(s->copy, real_address(s->guest, address));
        if (verdict != COPIED) return verdict;
        address += length;
        count -= length;
    }
    return COPIED;
}

/* The guest has IDAWs itself: each of them is an address of its own storage. */
static enum verdict copy_idaws(struct state *s, uint32_t list, uint32_t count) {
    if (list % 4 != 0) return PROGRAM_CHECK;
    for (bool first = true; count > 0; first = false, list += 4) {
        if (!exists(s->guest, list, 4)) return PROGRAM_CHECK;
        const uint32_t idaw = *(const uint32_t *)real_address(s->guest, list);
        if (idaw & ~(uint32_t)ADDRESS) return PROGRAM_CHECK;
        if (!first && idaw % INDIRECT_BLOCK != 0) return PROGRAM_CHECK;
        const uint32_t block = INDIRECT_BLOCK - idaw % INDIRECT_BLOCK;
        const uint32_t length = count < block ? count : block;
        if (!exists(s->guest, idaw, length)) return PROGRAM_CHECK;
        const enum verdict verdict = add_idaw(s->copy, real_address(s->guest, idaw));
        if (verdict != COPIED) return verdict;
        count -= length;
    }
    return COPIED;
}

static enum verdict copy_data(struct state *s, const struct ccw *from, struct ccw *to) {
    const uint32_t address = from->command_and_address & ADDRESS, count = from->count;
    const uint32_t first = s->copy->idaw_count;
    enum verdict verdict = COPIED;
    uint32_t data = 0;
    if (from->flags & INDIRECT) {
        verdict = copy_idaws(s, address, count);
    } else if (!exists(s->guest, address, count)) {
        verdict = PROGRAM_CHECK;
    } else if (address / PAGE == (address + count - 1) / PAGE) {
        data = real_address(s->guest, address);
    } else {
        verdict = add_idaws(s, address, count);
        to->flags |= INDIRECT;
    }
    if (to->flags & INDIRECT) data = (uint32_t)&s->copy->idaws[first];
    to->command_and_address = (from->command_and_address & ~(uint32_t)ADDRESS) | data;
    return verdict;
}

static bool is_transfer(const struct ccw *ccw) { return (ccw->command_and_address >> 24 & 0xF) == TRANSFER_IN_CHANNEL; }

/* The CCW at an address of the guest; none: the channel could not fetch it. */
static const struct ccw *fetch(const struct state *s, uint32_t address) {
    if (address % 8 != 0 || !exists(s->guest, address, 8)) return 0;
    return (const struct ccw *)real_address(s->guest, address);
}

static enum verdict copy_ccw(struct state *s, const struct ccw *from, bool chained_data) {
    if (s->copy->ccw_count == MOST_CCWS) return TOO_LONG;
    struct ccw *to = &s->copy->ccws[s->copy->ccw_count++];
    *to = *from;
    if (from->count == 0 || from->flags & MUST_BE_ZERO) return PROGRAM_CHECK;
    if (!chained_data && (from->command_and_address >> 24 & 0xF) == 0) return PROGRAM_CHECK;
    return copy_data(s, from, to);
}

/* The channel goes round in a circle: so does the copy. */
static enum verdict close_loop(struct state *s, unsigned to) {
    if (s->copy->ccw_count == MOST_CCWS) return TOO_LONG;
    s->copy->ccws[s->copy->ccw_count++] =
        (struct ccw){(uint32_t)TRANSFER_IN_CHANNEL << 24 | (uint32_t)&s->copy->ccws[to], 0, 0};
    return COPIED;
}

enum verdict translate_program(const struct storage *guest, uint32_t address, struct copy *copy) {
    struct state s = {.guest = guest, .copy = copy};
    copy->ccw_count = copy->idaw_count = 0;
    bool chained_data = false;
    for (;;) {
        const struct ccw *ccw = fetch(&s, address);
        if (ccw && is_transfer(ccw)) {
            if (copy->ccw_count == 0) return PROGRAM_CHECK;
            address = ccw->command_and_address & ADDRESS;
            ccw = fetch(&s, address);
            if (ccw && is_transfer(ccw)) return PROGRAM_CHECK;
        }
        if (!ccw) return PROGRAM_CHECK;
        for (unsigned i = 0; i < copy->ccw_count; ++i)
            if (s.origin[i] == address) return close_loop(&s, i);
        if (copy->ccw_count < MOST_CCWS) s.origin[copy->ccw_count] = address;
        const enum verdict verdict = copy_ccw(&s, ccw, chained_data);
        if (verdict != COPIED) return verdict;
        if ((ccw->flags & (CHAIN_DATA | CHAIN_COMMAND)) == 0) return COPIED;
        chained_data = ccw->flags & CHAIN_DATA;
        address += 8;
    }
}
