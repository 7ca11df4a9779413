/* The machine that the control program owns: page zero, and the privileged instructions that C cannot say.
   GA22-7000 chapters 3 and 4. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stddef.h>
#include <stdint.h>

enum { CONSOLE = 0x009 }; /* device address, ours and every guest's */
enum { PAGE = 4096, KEY_BLOCK = 2048, PAGES_PER_SEGMENT = 16, SEGMENTS = 256 };
enum { ADDRESS = 0x00FFFFFF, LOAD_ADDRESS_31 = 0x80000000 }; /* of a PSW's right word */

/* The left word of a PSW in EC mode. */
enum {
    TRANSLATION = 0x04000000,
    IO_ENABLED = 0x02000000,
    EXTERNAL_ENABLED = 0x01000000,
    EC_MODE = 0x00080000,
    MACHINE_CHECK_ENABLED = 0x00040000,
    WAIT = 0x00020000,
    PROBLEM_STATE = 0x00010000
};

enum program_code {
    OPERATION = 1,
    PRIVILEGED_OPERATION = 2,
    PROTECTION = 4,
    ADDRESSING = 5,
    SPECIFICATION = 6,
    SEGMENT_TRANSLATION = 0x10,
    PAGE_TRANSLATION = 0x11,
    TRANSLATION_SPECIFICATION = 0x12,
    SPECIAL_OPERATION = 0x13,
    MONITOR_EVENT = 0x40
};

enum external_code { INTERVAL_TIMER = 0x0080, CLOCK_COMPARATOR = 0x1004, CPU_TIMER = 0x1005 };

/* Control register 0. */
enum {
    PAGES_4K_SEGMENTS_64K = 0x00800000,
    FORMAT = 0x00F80000,
    SSM_SUPPRESSED = 0x40000000,
    COMPARATOR_ENABLED = 0x800,
    CPU_TIMER_ENABLED = 0x400,
    INTERVAL_TIMER_ENABLED = 0x80
};

struct psw_image {
    uint32_t left, right;
};

struct csw {
    uint32_t key_and_address;
    uint16_t status, residual;
};

/* Unit status and channel status, as one halfword. */
enum {
    ATTENTION = 0x8000,
    BUSY = 0x1000,
    CHANNEL_END = 0x0800,
    DEVICE_END = 0x0400,
    UNIT_CHECK = 0x0200,
    INCORRECT_LENGTH = 0x0040,
    PROGRAM_CHECK = 0x0020,
    PROTECTION_CHECK = 0x0010
};

/* Page zero: ours, and that of each guest. */
struct lowcore {
    struct psw_image restart_new, restart_old, ipl_ccw;
    struct psw_image external_old, supervisor_call_old, program_old, machine_check_old, io_old;
    struct csw csw;
    uint32_t caw, unused_4c;
    int32_t interval_timer;
    uint32_t unused_54;
    struct psw_image external_new, supervisor_call_new, program_new, machine_check_new, io_new;
    uint32_t unused_80;
    uint16_t cpu_address, external_code;              /* 84 */
    uint16_t supervisor_call_length, supervisor_call; /* 88: where the PSW is in EC mode */
    uint16_t program_length, program_code;            /* 8C */
    uint32_t translation_address;                     /* 90 */
    uint16_t monitor_class, per_code;                 /* 94 */
    uint32_t per_address, monitor_code;               /* 98 */
    uint8_t unused_a0[0xB8 - 0xA0];
    uint16_t io_address_left, io_address;
    uint8_t unused_bc[0x200 - 0xBC];
    uint32_t registers[16]; /* 200: ours alone from here on: entry.S */
    struct psw_image resume_psw;
};
extern volatile struct lowcore lowcore;

/* Clocks, timers and control registers: their values go by way of storage. */
static inline uint64_t tod_clock(void) {
    uint64_t value;
    __asm__ volatile("stck %0" : "=Q"(value) : : "cc");
    return value;
}
static inline void set_clock_comparator(uint64_t value) { __asm__ volatile("sckc %0" : : "Q"(value)); }
static inline void set_cpu_timer(int64_t value) { __asm__ volatile("spt %0" : : "Q"(value)); }
static inline int64_t cpu_timer(void) {
    int64_t value;
    __asm__ volatile("stpt %0" : "=Q"(value));
    return value;
}
static inline uint64_t cpu_identification(void) {
    uint64_t value;
    __asm__ volatile("stidp %0" : "=Q"(value));
    return value;
}
static inline void load_control_0_to_2(const uint32_t values[3]) {
    __asm__ volatile("lctl 0,2,%0" : : "Q"(*(const uint32_t(*)[3])values) : "memory");
}
static inline void load_control_1(uint32_t value) { __asm__ volatile("lctl 1,1,%0" : : "Q"(value) : "memory"); }
static inline void load_control_8(uint32_t value) { __asm__ volatile("lctl 8,8,%0" : : "Q"(value)); }
static inline void purge_tlb(void) { __asm__ volatile("ptlb" : : : "memory"); }

/* GNU as does not know what ESA/390 has no more: ISK, SSK, RRB, SIO. */
static inline uint32_t storage_key(uint32_t block) {
    uint32_t key = 0;
    __asm__ volatile(".insn rr,0x0900,%0,%1" : "+d"(key) : "a"(block));
    return key & 0xFE;
}
static inline void set_storage_key(uint32_t block, uint32_t key) {
    __asm__ volatile(".insn rr,0x0800,%0,%1" : : "d"(key), "a"(block) : "memory");
}
static inline unsigned reset_reference(uint32_t block) {
    unsigned code;
    __asm__ volatile(".insn s,0xb2130000,0(%1)\n\tipm %0\n\tsrl %0,28" : "=d"(code) : "a"(block) : "cc");
    return code;
}
static inline unsigned start_io(uint32_t device) {
    unsigned code;
    __asm__ volatile(".insn s,0x9c000000,0(%1)\n\tipm %0\n\tsrl %0,28" : "=d"(code) : "a"(device) : "cc", "memory");
    return code;
}

/* entry.S */
void resume(void) __attribute__((noreturn));
void switch_floating_point(uint64_t save[4], const uint64_t load[4]);

#endif
