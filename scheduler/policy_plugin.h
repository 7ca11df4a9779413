/* A dispatching policy of one's own: what a shared object must have for `policy = "mine.so"`. C and C++.

       gcc -shared -fPIC -I VMCP mine.c -o mine.so
       vmcp run scenario.toml --policy ./mine.so

   It exports one function, vmcp_make_policy(), which answers a table of functions. What they are called for,
   and the life of an entity, is told in scheduler/policy.hpp; docs/scheduling.md says more,
   examples/labs/04-policy has an example. Entities are known by small numbers, times are simulated
   nanoseconds. All that the policy remembers belongs into what `make` answers, not into static variables: one
   process may run it several times. The same calls must lead to the same choices.

   It is executed within vmcp: an error in it is an error there. What it chooses is checked. */
#ifndef VMCP_POLICY_PLUGIN_H
#define VMCP_POLICY_PLUGIN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { VMCP_POLICY_VERSION = 1 };

/* Why an entity waits: for a device or a page; for a person; for nothing that is under way. */
enum vmcp_wait { VMCP_WAIT_IO, VMCP_WAIT_TERMINAL, VMCP_WAIT_IDLE };

struct vmcp_entity {
    int32_t priority;    /* 1 to 99; the lower one goes first */
    uint32_t share;      /* at least 1, relative to the others' */
    int64_t working_set; /* pages; 0: not known */
};

struct vmcp_policy {
    unsigned version; /* VMCP_POLICY_VERSION */
    const char* name; /* for reports */

    /* A policy with nobody in it; `slice`: the scenario's. Null: no memory. */
    void* (*make)(int64_t slice);
    void (*destroy)(void* self);

    /* A new entity, waiting; new parameters for one, which count from its next turn; it is gone, whatever it
     * did. */
    void (*add)(void* self, uint32_t id, const struct vmcp_entity* entity, int64_t now);
    void (*change)(void* self, uint32_t id, const struct vmcp_entity* entity); /* may be null */
    void (*remove)(void* self, uint32_t id, int64_t now);

    /* What it waited for has come. */
    void (*ready)(void* self, uint32_t id, int64_t now);

    /* Who runs next, and for how long at most (at least 1). 0: nobody, which is right only if nobody is
     * ready. */
    int (*pick)(void* self, int64_t now, uint32_t* id, int64_t* slice);

    /* A running one has used so much time; always called before it stops. May be null. */
    void (*charge)(void* self, uint32_t id, int64_t used, int64_t now);

    /* A running one stops, but could go on: its slice has ended, or another one preempts it. */
    void (*requeue)(void* self, uint32_t id, int64_t now);

    /* One that ran, or was ready, or waited for something else (`was_ready`: the second) begins to wait. */
    void (*block)(void* self, uint32_t id, int was_ready, enum vmcp_wait wait, int64_t now);

    /* Should the one that has just become ready have the processor of the one that runs? Null: never. */
    int (*preempts)(const void* self, uint32_t newcomer, uint32_t running, int64_t used);
};

/* What the shared object exports. */
const struct vmcp_policy* vmcp_make_policy(void);

#ifdef __cplusplus
}
#endif

#endif
