/* A driver for devices with shared rings, in C; docs/rings.md says what the devices do, examples/guests/ringdrv.copy is a
   smaller one in assembler. This one has several chains under way in a queue, and uses event indexes, so that it is told
   once for many. For one CPU, without address translation: addresses are those that the devices see. */
#ifndef RINGS_H
#define RINGS_H

#include "guest.h"

enum { RING_SIZE = 16 }; /* entries of a queue */
enum { RING_NETWORK = 1, RING_BLOCK, RING_CONSOLE, RING_ENTROPY };
enum { RING_EVENT_INDEX = 0x20000000 };
enum { RING_NEXT = 1, RING_WRITE = 2 }; /* flags of a descriptor */

struct ring_descriptor {
    uint32_t upper; /* zero */
    uint32_t address, length;
    uint16_t flags, next;
};

struct ring_available {
    uint16_t flags, index, entry[RING_SIZE], used_event;
};

struct ring_used {
    uint16_t flags, index;
    struct {
        uint32_t head, written;
    } entry[RING_SIZE];
    uint16_t available_event;
};

struct ring_queue {
    volatile struct ring_descriptor table[RING_SIZE] __attribute__((aligned(16)));
    volatile struct ring_available available __attribute__((aligned(2)));
    volatile struct ring_used used __attribute__((aligned(4)));
    uint32_t device, number;
    uint16_t taken;       /* used index of what is taken next */
    uint16_t rung;        /* available index when the doorbell was considered last */
    uint16_t free, spare; /* first free descriptor, by `next`; how many are free */
};

/* What X'234' stores. */
struct ring_device {
    uint32_t kind, offered, accepted;
    uint8_t status, fault, queues, devices;
    uint16_t most_entries, unused;
    uint32_t most_bytes, unused_too[2];
    uint8_t special[32];
} __attribute__((aligned(4)));

/* The calls. Condition code: 0 done, 1 not driven, 2 refused, 3 no such device. */
#define RING_CALL(code, device, operand)                              \
    ({                                                                \
        unsigned condition_;                                          \
        uint32_t first_ = (device), second_ = (uint32_t)(operand);    \
        __asm__ volatile("diag %1,%2,%3(0)\n\tipm %0\n\tsrl %0,28"    \
                         : "=d"(condition_), "+d"(first_), "+d"(second_) \
                         : "i"(code)                                  \
                         : "cc", "memory");                           \
        condition_;                                                   \
    })
static inline unsigned ring_doorbell(uint32_t device, uint32_t queue) { return RING_CALL(0x230, device, queue); }
static inline unsigned ring_tell(uint32_t device, struct ring_device *to) { return RING_CALL(0x234, device, to); }
static inline unsigned ring_status(uint32_t device, uint32_t status) { return RING_CALL(0x238, device, status); }
static inline unsigned ring_features(uint32_t device, uint32_t set) { return RING_CALL(0x23C, device, set); }
static inline unsigned ring_queue_at(uint32_t device, void *block) { return RING_CALL(0x240, device, block); }

/* Lets the external interruptions of devices with rings through, beside the others. */
static inline void ring_enable(void) {
    uint32_t cr0;
    __asm__ volatile("stctl 0,0,%0" : "=Q"(cr0));
    cr0 |= 0x200;
    __asm__ volatile("lctl 0,0,%0" : : "Q"(cr0));
}

/* Resets a device of this kind and brings it up with its queues, as many as it has. 0, or at which step it was refused. */
static inline int ring_up(uint32_t device, uint32_t kind, struct ring_queue *queues) {
    struct ring_device what;
    if (ring_tell(device, &what) != 0 || what.kind != kind) return 1;
    if (ring_status(device, 0) != 0 || ring_status(device, 1) != 0 || ring_status(device, 3) != 0) return 2;
    if (ring_features(device, what.offered & RING_EVENT_INDEX) != 0 || ring_status(device, 11) != 0) return 3;
    for (uint32_t n = 0; n < what.queues; ++n) {
        struct ring_queue *q = &queues[n];
        struct {
            uint16_t number, size;
            uint32_t table, available, used;
        } __attribute__((aligned(4))) block = {n, RING_SIZE, (uint32_t)&q->table, (uint32_t)&q->available, (uint32_t)&q->used};
        memset(q, 0, sizeof *q);
        q->device = device;
        q->number = n;
        q->spare = RING_SIZE;
        for (unsigned i = 0; i < RING_SIZE; ++i) q->table[i].next = i + 1;
        if (ring_queue_at(device, &block) != 0) return 4;
    }
    return ring_status(device, 15) == 0 ? 0 : 5;
}

struct ring_buffer {
    void *at;
    uint32_t length;
    int device_writes;
};

/* Makes a chain available, of which the device is not told yet. Its number, or -1: too few descriptors are free. */
static inline int ring_put(struct ring_queue *q, const struct ring_buffer *buffers, unsigned count) {
    if (count > q->spare) return -1;
    const uint16_t head = q->free;
    uint16_t at = head;
    for (unsigned i = 0; i < count; ++i) {
        volatile struct ring_descriptor *d = &q->table[at];
        d->upper = 0;
        d->address = (uint32_t)buffers[i].at;
        d->length = buffers[i].length;
        d->flags = (i + 1 < count ? RING_NEXT : 0) | (buffers[i].device_writes ? RING_WRITE : 0);
        at = d->next;
    }
    q->free = at;
    q->spare -= count;
    q->available.entry[q->available.index % RING_SIZE] = head;
    ++q->available.index; /* last: now the device may see it */
    return head;
}

/* Tells the device of what was put since the last time, if it wants to know. */
static inline void ring_kick(struct ring_queue *q) {
    const uint16_t now = q->available.index, event = q->used.available_event;
    if ((uint16_t)(now - event - 1) < (uint16_t)(now - q->rung)) ring_doorbell(q->device, q->number);
    q->rung = now;
}

/* Takes what was used next, if anything was: the number of its chain, whose descriptors are free again; or -1. */
static inline int ring_take(struct ring_queue *q, uint32_t *written) {
    if (q->taken == q->used.index) return -1;
    const uint16_t head = (uint16_t)q->used.entry[q->taken % RING_SIZE].head;
    if (written) *written = q->used.entry[q->taken % RING_SIZE].written;
    ++q->taken;
    uint16_t last = head;
    ++q->spare;
    for (; q->table[last].flags & RING_NEXT; last = q->table[last].next) ++q->spare;
    q->table[last].next = q->free;
    q->free = head;
    return head;
}

/* Waits until so many more have been used, and no longer: is told once. The program runs disabled. */
static inline void ring_wait(struct ring_queue *q, uint16_t more) {
    q->available.used_event = q->taken + more - 1;
    while ((uint16_t)(q->used.index - q->taken) < more) wait_for_interruption();
}

#endif
