/* Privileged instructions of a guest that believes itself in supervisor state: fetched, decoded and done to
   what it has of a machine. GA22-7000 chapters 10 and 13. */
#include "guest.h"

struct instruction {
    uint8_t opcode, second; /* the second byte: R1 and R2, a mask, or more of the opcode */
    unsigned r1, r2;
    uint32_t address; /* base and displacement */
};

static inline uint32_t general(unsigned r) { return lowcore.registers[r]; }
static inline uint32_t base(unsigned r) { return r ? general(r) : 0; }
static inline uint32_t based(uint16_t field) { return (base(field >> 12) + (field & 0xFFF)) & ADDRESS; }

static bool fetch_text(struct guest *g, uint32_t at, unsigned halfwords, uint16_t *text) {
    for (unsigned i = 0; i < halfwords; ++i) {
        const uint16_t *half = operand(g, at + 2 * i, 2, FETCH);
        if (!half) return false;
        text[i] = *half;
    }
    return true;
}

/* Behind it lies the address in the guest's PSW. The subject of an EXECUTE is looked up, too. */
static bool decode(struct guest *g, struct instruction *is) {
    enum { EXECUTE = 0x44 };
    uint16_t text[2] = {0, 0};
    if (!fetch_text(g, g->psw.address - 2 * g->length, g->length < 2 ? 1 : 2, text)) return false;
    if (text[0] >> 8 == EXECUTE) {
        const uint32_t subject = based(text[1]) + base(text[0] & 0xF);
        const unsigned r1 = text[0] >> 4 & 0xF;
        if (!fetch_text(g, subject, 1, text)) return false;
        if (text[0] >= 0x4000 && !fetch_text(g, subject, 2, text)) return false;
        if (r1) text[0] |= general(r1) & 0xFF;
    }
    is->opcode = (uint8_t)(text[0] >> 8);
    is->second = (uint8_t)text[0];
    is->r1 = is->second >> 4;
    is->r2 = is->second & 0xF;
    is->address = based(text[1]);
    if (is->opcode == 0xB2 && is->second == 0x21) { /* IPTE: its registers are in the fourth byte */
        is->r1 = text[1] >> 4 & 0xF;
        is->r2 = text[1] & 0xF;
    }
    return true;
}

/* ---- The PSW ---- */

static enum program_code load_psw_from(struct guest *g, uint32_t address) {
    const struct psw_image *image = operand(g, address, 8, FETCH);
    if (!image) return g->exception;
    load_psw(g, *image);
    return 0;
}

/* LAB 3, part 1: SET SYSTEM MASK. The new system mask is the byte at `address`.

   operand(g, address, 1, FETCH) makes the checks that the machine would make and answers where the byte lies in
   our storage, or 0: then g->exception says what to answer here. 0 says that all went well. */
static enum program_code set_system_mask(struct guest *g, uint32_t address) {
    (void)g;
    (void)address;
    return OPERATION;
}

/* LAB 3, part 2: STORE THEN AND SYSTEM MASK (opcode AC), STORE THEN OR SYSTEM MASK (AD). The byte at is->address
   takes the old system mask; is->second is the immediate byte of the instruction. */
static enum program_code store_then_set_mask(struct guest *g, const struct instruction *is) {
    (void)g;
    (void)is;
    return OPERATION;
}

/* ---- Control registers ---- */

static enum program_code load_control(struct guest *g, const struct instruction *is) {
    uint32_t values[16];
    const unsigned count = ((is->r2 - is->r1) & 0xF) + 1;
    for (unsigned i = 0; i < count; ++i) {
        const uint32_t *word = operand(g, is->address + 4 * i, 4, FETCH);
        if (!word) return g->exception;
        values[i] = *word;
    }
    const uint32_t format = g->control[0] & FORMAT, table = g->control[1];
    for (unsigned i = 0; i < count; ++i) g->control[(is->r1 + i) & 0xF] = values[i];
    if ((g->control[0] & FORMAT) != format || g->control[1] != table) purge_shadow(g);
    load_control_8(g->control[8]);
    return 0;
}

static enum program_code store_control(struct guest *g, const struct instruction *is) {
    const unsigned count = ((is->r2 - is->r1) & 0xF) + 1;
    if (!operand(g, is->address + 4 * (count - 1), 4, STORE)) return g->exception; /* all or nothing */
    for (unsigned i = 0; i < count; ++i) {
        uint32_t *word = operand(g, is->address + 4 * i, 4, STORE);
        if (!word) return g->exception;
        *word = g->control[(is->r1 + i) & 0xF];
    }
    return 0;
}

/* ---- Storage keys: those of the frames are the guest's own ---- */

static enum program_code key_operation(struct guest *g, const struct instruction *is) {
    const bool reset = is->opcode == 0xB2;
    const uint32_t address = reset ? is->address : general(is->r2);
    if (!reset && address & 0xF) return SPECIFICATION;
    const void *block = second_level(g, address & ADDRESS & ~(uint32_t)(KEY_BLOCK - 1), KEY_BLOCK);
    if (!block) return ADDRESSING;
    if (reset)
        set_condition(g, reset_reference((uint32_t)block));
    else if (is->opcode == 0x08)
        set_storage_key((uint32_t)block, general(is->r1));
    else
        lowcore.registers[is->r1] =
            (general(is->r1) & 0xFFFFFF00) | (storage_key((uint32_t)block) & (in_ec_mode(g) ? 0xFE : 0xF8));
    return 0;
}

/* ---- Translation ---- */

static enum program_code load_real_address(struct guest *g, const struct instruction *is) {
    if ((g->control[0] & FORMAT) != PAGES_4K_SEGMENTS_64K) return TRANSLATION_SPECIFICATION;
    const struct translation t = translate(g, is->address + base(is->r2));
    if (t.code && t.condition == 0) return t.code;
    lowcore.registers[is->r1] = t.real;
    set_condition(g, t.condition);
    return 0;
}

static enum program_code invalidate_page_table_entry(struct guest *g, const struct instruction *is) {
    if ((g->control[0] & FORMAT) != PAGES_4K_SEGMENTS_64K) return TRANSLATION_SPECIFICATION;
    const uint32_t origin = general(is->r1) & 0x00FFFFF8, logical = general(is->r2);
    uint16_t *entry = second_level(g, (origin + 2 * (logical >> 12 & 0xF)) & ADDRESS, 2);
    if (!entry) return ADDRESSING;
    *entry |= 8;
    invalidate_shadow(g, origin, logical);
    return 0;
}

/* ---- Clocks and identification: doublewords ---- */

static enum program_code doubleword(struct guest *g, const struct instruction *is) {
    const bool loads = is->second == 0x04 || is->second == 0x06 || is->second == 0x08;
    uint64_t *value = operand(g, is->address, 8, loads ? FETCH : STORE);
    if (!value) return g->exception;
    switch (is->second) {
        case 0x02: *value = cpu_identification() | (uint64_t)0xFF << 56; break; /* STIDP: the version says "virtual" */
        case 0x04: set_condition(g, 0); break;                                  /* SCK: the clock is everybody's */
        case 0x06:
            g->comparator = *value;
            set_alarm();
            break;                                         /* SCKC */
        case 0x07: *value = g->comparator; break;          /* STCKC */
        case 0x08: g->cpu_timer = (int64_t)*value; break;  /* SPT */
        case 0x09: *value = (uint64_t)g->cpu_timer; break; /* STPT */
    }
    return 0;
}

static enum program_code extended(struct guest *g, const struct instruction *is) { /* opcode B2 */
    switch (is->second) {
        case 0x03: set_condition(g, 3); return 0; /* STIDC: no channel says what it is */
        case 0x0A: return OPERATION;              /* LAB 3, part 3: SPKA. The key comes from is->address */
        case 0x0B: /* IPK */ lowcore.registers[2] = (general(2) & 0xFFFFFF00) | (g->psw.key_and_mode & 0xF0u); return 0;
        case 0x0D: purge_shadow(g); return 0; /* PTLB */
        case 0x13: return key_operation(g, is);
        case 0x21: return invalidate_page_table_entry(g, is);
        case 0x02:
        case 0x04:
        case 0x06:
        case 0x07:
        case 0x08:
        case 0x09: return doubleword(g, is);
        default: return OPERATION; /* its machine has no such facility */
    }
}

static enum program_code execute(struct guest *g, const struct instruction *is) {
    switch (is->opcode) {
        case 0x08:                              /* SSK */
        case 0x09: return key_operation(g, is); /* ISK */
        case 0x80: return set_system_mask(g, is->address);
        case 0x82: return load_psw_from(g, is->address);
        case 0x83: return hypercall(g, is->r1, is->r2, is->address);             /* DIAGNOSE */
        case 0x9C: set_condition(g, virtual_start_io(g, is->address)); return 0; /* SIO, SIOF */
        case 0x9D: set_condition(g, virtual_test_io(g, is->address)); return 0;  /* TIO, CLRIO */
        case 0x9E: set_condition(g, virtual_halt_io(g, is->address)); return 0;  /* HIO, HDV */
        case 0x9F: set_condition(g, virtual_test_channel(g, is->address)); return 0;
        case 0xAC:
        case 0xAD: return store_then_set_mask(g, is);
        case 0xB1: return load_real_address(g, is);
        case 0xB2: return extended(g, is);
        case 0xB6: return store_control(g, is);
        case 0xB7: return load_control(g, is);
        default: return OPERATION;
    }
}

void simulate(struct guest *g) {
    struct instruction is;
    const uint32_t behind = g->psw.address;
    const enum program_code code = decode(g, &is) ? execute(g, &is) : g->exception;
    if (code == 0) {
        ++g->simulated;
        return;
    }
    if (code == SEGMENT_TRANSLATION || code == PAGE_TRANSLATION)
        g->psw.address = (behind - 2 * g->length) & ADDRESS; /* nullified: once more */
    reflect_program(g, code);
}
