// Lab 4, a model answer: two queues. Whoever comes back from a wait is taken for interactive and goes to the
// front queue, for an eighth of a slice; who needs more goes to the back queue, for whole slices. So that
// nobody starves behind a front queue that never runs empty, one of the back queue has its turn after a few
// of the front.
#include <algorithm>
#include <deque>
#include <vector>

#include "policy_plugin.h"

namespace {

constexpr int64_t kPartInFront = 8;  // of a slice
constexpr unsigned kMostFavours = 6;  // turns of the front queue while somebody waits in the back queue

class TwoQueues {
  public:
    explicit TwoQueues(int64_t slice) : slice_(slice) {}

    void add(uint32_t id) {
        if (id >= entities_.size()) entities_.resize(id + 1);
        entities_[id] = {};
    }

    void come_back(uint32_t id) {
        entities_[id] = {true, std::max<int64_t>(1, slice_ / kPartInFront)};
        front_.push_back(id);
    }

    bool pick(uint32_t& id, int64_t& slice) {
        const bool from_back = front_.empty() || (favours_ >= kMostFavours && !back_.empty());
        std::deque<uint32_t>& queue = from_back ? back_ : front_;
        if (queue.empty()) return false;
        favours_ = from_back ? favours_ : favours_ + 1;
        id = queue.front();
        slice = entities_[id].left;
        queue.pop_front();
        return true;
    }

    void charge(uint32_t id, int64_t used) { entities_[id].left -= used; }

    void stop(uint32_t id) {
        Entity& one = entities_[id];
        if (one.left > 0) {  // another one came in between: the rest is still its own
            (one.front ? front_ : back_).push_front(id);
            return;
        }
        if (!one.front) favours_ = 0;
        one = {false, slice_};
        back_.push_back(id);
    }

    void forget(uint32_t id) {
        std::erase(front_, id);
        std::erase(back_, id);
    }

    bool preempts(uint32_t newcomer, uint32_t running) const {
        return entities_[newcomer].front && !entities_[running].front && favours_ < kMostFavours;
    }

  private:
    struct Entity {
        bool front = false;
        int64_t left = 0;  // ns of its turn
    };

    int64_t slice_;
    unsigned favours_ = 0;
    std::vector<Entity> entities_;
    std::deque<uint32_t> front_, back_;
};

TwoQueues& of(void* self) { return *static_cast<TwoQueues*>(self); }

const vmcp_policy kPolicy = {
    VMCP_POLICY_VERSION,
    "two queues",
    [](int64_t slice) -> void* { return new TwoQueues(slice); },
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
        return static_cast<const TwoQueues*>(self)->preempts(newcomer, running);
    },
};

}  // namespace

extern "C" const vmcp_policy* vmcp_make_policy() { return &kPolicy; }
