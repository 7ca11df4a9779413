// Lab 4, part 1: a dispatching policy for the simulator. As it stands it is round-robin: whoever has waited
// longest runs next, for a whole slice. policy_plugin.h tells what is called when.
#include <algorithm>
#include <deque>

#include "policy_plugin.h"

namespace {

class MyPolicy {
  public:
    explicit MyPolicy(int64_t slice) : slice_(slice) {}

    // A new machine, which waits.
    void add(uint32_t) {}

    // What it waited for has come: it can run.
    void come_back(uint32_t id) { queue_.push_back(id); }

    // Who runs next, and for how many nanoseconds at most?
    bool pick(uint32_t& id, int64_t& slice) {
        if (queue_.empty()) return false;
        id = queue_.front();
        slice = slice_;
        queue_.pop_front();
        return true;
    }

    // It has run for so long. Called before stop(), and before it waits.
    void charge(uint32_t, int64_t) {}

    // It stops, but could go on: its slice has ended, or another machine preempts it.
    void stop(uint32_t id) { queue_.push_back(id); }

    // It is not to run any more, until it comes back.
    void forget(uint32_t id) { std::erase(queue_, id); }

    // Should the one that has just come back run at once?
    bool preempts(uint32_t, uint32_t) const { return false; }

  private:
    int64_t slice_;
    std::deque<uint32_t> queue_;
};

// ---- What vmcp calls: there is nothing to change from here on ----

MyPolicy& of(void* self) { return *static_cast<MyPolicy*>(self); }

const vmcp_policy kPolicy = {
    VMCP_POLICY_VERSION,
    "my policy",
    [](int64_t slice) -> void* { return new MyPolicy(slice); },
    [](void* self) { delete &of(self); },
    [](void* self, uint32_t id, const vmcp_entity*, int64_t) { of(self).add(id); },
    nullptr,
    [](void* self, uint32_t id, int64_t) { of(self).forget(id); },
    [](void* self, uint32_t id, int64_t) { of(self).come_back(id); },
    [](void* self, int64_t, uint32_t* id, int64_t* slice) -> int { return of(self).pick(*id, *slice); },
    [](void* self, uint32_t id, int64_t used, int64_t) { of(self).charge(id, used); },
    [](void* self, uint32_t id, int64_t) { of(self).stop(id); },
    [](void* self, uint32_t id, int was_ready, vmcp_wait, int64_t) {
        if (was_ready != 0) of(self).forget(id);
    },
    [](const void* self, uint32_t newcomer, uint32_t running, int64_t) -> int {
        return static_cast<const MyPolicy*>(self)->preempts(newcomer, running);
    },
};

}  // namespace

extern "C" const vmcp_policy* vmcp_make_policy() { return &kPolicy; }
