/* The state description, by which the machine executes a guest: docs/interpretive-execution.md. And the instructions
   that take one, which GNU as does not know. */
#ifndef DESCRIPTION_H
#define DESCRIPTION_H

#include <stdbool.h>

#include "machine.h"

struct description {
    uint8_t validity, requests, mode, unused_3;
    uint32_t intercepts, host_table, extent;
    struct psw_image psw;
    uint32_t prefix;
    uint8_t reason, length; /* why it ended; of the instruction */
    uint16_t code;          /* of the operation, or of the interruption */
    uint32_t parameter;
    uint32_t operands;
    uint64_t comparator, cpu_timer, epoch;
    uint32_t registers[16], control[16];
    uint64_t floating_point[4];
    uint64_t cpu_identification;
    uint16_t cpu_address, unused_234;
    uint8_t event, event_length; /* an interruption that the guest takes first */
    uint16_t event_code;
    uint32_t event_words[2], per_address, current;
} __attribute__((aligned(256)));

_Static_assert(sizeof(struct description) == 256, "a state description");
_Static_assert(offsetof(struct description, event_words) == 240, "a state description");

enum { VALID = 0x80, IN_USE = 0x40, IO_PENDING = 0x80 };
enum { NESTED_TRANSLATION = 0x80, INTERVAL_TIMER_RUNS = 0x20, MAY_HAVE_GUESTS = 0x10 };
enum reason { NOTHING, INSTRUCTION, SUPERVISOR_CALL, LACKS_PAGE, HOST_INTERRUPTED, WAITS, WINDOW, CALL, LOOP };
enum event { NO_EVENT, PROGRAM_EVENT, SUPERVISOR_CALL_EVENT, EXTERNAL_EVENT, IO_EVENT };

static inline void start_interpretive_execution(struct description *d) {
    __asm__ volatile(".insn s,0xb2140000,0(%0)" : : "a"(d) : "cc", "memory");
}
static inline void clear_description(struct description *d) {
    __asm__ volatile(".insn s,0xb2c20000,0(%0)" : : "a"(d) : "memory");
}
static inline void purge_guest_tlb(void) { __asm__ volatile(".insn s,0xb2c80000,0" : : : "memory"); }
static inline void query_interpretive_execution(uint8_t answer[16]) {
    __asm__ volatile(".insn s,0xb2c60000,0(%0)" : : "a"(answer) : "memory");
}

/* Of the guest, whose storage is a stretch of ours. */
struct guest {
    uint32_t origin, size;
    struct description description;
};
extern struct guest guest;

static inline void *at(uint32_t address, uint32_t size) { /* 0: not in its storage */
    return address < guest.size && size <= guest.size - address ? (void *)(guest.origin + address) : 0;
}
static inline bool in_ec_mode(void) { return guest.description.psw.left & EC_MODE; }
static inline void set_condition(unsigned code) {
    struct psw_image *psw = &guest.description.psw;
    if (in_ec_mode())
        psw->left = (psw->left & 0xFFFFCFFF) | code << 12;
    else
        psw->right = (psw->right & 0xCFFFFFFF) | code << 28;
}
static inline void step_back(unsigned bytes) {
    struct psw_image *psw = &guest.description.psw;
    psw->right = (psw->right & ~(uint32_t)ADDRESS) | ((psw->right - bytes) & ADDRESS);
}

/* host.c */
void stop(uint32_t address) __attribute__((noreturn));
void give_exception(enum program_code code);

/* console.c */
unsigned virtual_start_io(uint32_t device);
unsigned virtual_test_io(uint32_t device);
unsigned virtual_test_channel(uint32_t device);
void console_interruption(void);
bool present_io(void); /* whether something interrupts the guest now */

/* nesting.c: the guest's own guest, where the machine does not execute that one by itself */
void simulate_start(uint32_t address);
void simulate_query(uint32_t address);
void purge_merged(void);
struct description *merged(void); /* that is to be executed in the place of the guest's; or 0 */
void merged_came_out(void);
void leave_merged(void);

#endif
