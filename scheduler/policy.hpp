// A dispatching policy: whose turn it is, and for how long. It deals in opaque ids and in durations, and
// knows nothing of what it dispatches.
//
// The life of an entity, as its owner tells it:
//
//              ready            pick
//   waiting  -------->  ready  ------>  running
//      ^                 | ^               | |
//      |      block      | |    requeue    | |
//      |<----------------+ +---------------+ |
//      |                 block               |
//      +-------------------------------------+
//
// While an entity runs its owner reports the processor time with charge; before requeue or block it must have
// charged all of it. An owner that interrupts an entity within its slice (to handle an event, say) and lets
// it go on tells nobody; it asks preempts() only when the event made another one ready. Several entities may
// be running, one a processor.
//
// Every operation takes O(log n) or less among n entities, and the same calls give the same choices: ties go
// to whoever came first. Misuse (an unknown id, a charge to one that does not run) throws std::logic_error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace scheduler {

/// Names an entity. Small numbers: memory is proportional to the largest one.
using Id = uint32_t;

/// Points in simulated time and durations, in nanoseconds.
using Time = int64_t;
using Duration = int64_t;

/// What a policy is made with.
struct Parameters {
    Duration slice = 50'000'000;  // ns, at least 1: the turn of one that never waits
    uint32_t queue_limit = 0;     // q1q2: how many may be in queue at once; 0: no limit
    int64_t storage_limit = 0;    // q1q2: pages that the working sets in queue may add up to; 0: no limit
};

/// What an entity is added with. Each policy looks at what concerns it.
struct EntityParameters {
    int priority = 50;        // 1..99, the lower one goes first (q1q2)
    uint32_t share = 100;     // at least 1, relative to the others' (stride)
    int64_t working_set = 0;  // pages, 0 if not known (q1q2)

    bool operator==(const EntityParameters&) const = default;
};

/// Why an entity waits.
enum class Wait : uint8_t {
    io,        // short: for a device or a page; it keeps its place in queue
    terminal,  // long: for a person
    idle,      // long: for nothing that is under way, or stopped
};

struct Choice {
    Id id;
    Duration slice;  // ns, at least 1: how long it may run before it has to be requeued

    bool operator==(const Choice&) const = default;
};

class Policy {
  public:
    /// Throws std::invalid_argument if the slice is below 1 ns.
    explicit Policy(const Parameters& parameters);
    virtual ~Policy() = default;
    Policy(const Policy&) = delete;
    Policy& operator=(const Policy&) = delete;

    /// The name by which make_policy knows it.
    virtual std::string_view name() const = 0;

    /// A new entity, waiting (Wait::idle). Throws std::invalid_argument for parameters out of range.
    void add(Id id, const EntityParameters& parameters, Time now);

    /// New parameters for one that is known; they count from its next turn.
    void change(Id id, const EntityParameters& parameters);

    /// Forgets an entity, in whatever state it is.
    void remove(Id id, Time now);

    /// What it waited for has come. No effect if it does not wait.
    void ready(Id id, Time now);

    /// Who runs next, and now counts as running; nobody if nobody is ready.
    std::optional<Choice> pick(Time now);

    /// A running entity has used this much processor time since pick or the last charge.
    void charge(Id id, Duration used, Time now);

    /// A running entity stops running but could go on: its slice has ended, or it is preempted. In the latter
    /// case it does not lose what is left of its slice.
    void requeue(Id id, Time now);

    /// An entity begins to wait, or waits for something else than before.
    void block(Id id, Time now, Wait wait);

    /// Should `newcomer`, just made ready, have the processor of `running`, which has used `used` ns that are
    /// not charged yet? False if newcomer is not ready or running does not run.
    bool preempts(Id newcomer, Id running, Duration used) const;

    /// What the entity was seen to use, in pages; counts from the next time that it enters a queue.
    void observe_working_set(Id id, int64_t pages);

    /// Which queue or state it is in, for reports: the terms of the policy.
    std::string_view state_of(Id id) const;

    bool contains(Id id) const { return id < slots_.size() && slots_[id].state != State::absent; }
    const EntityParameters& parameters_of(Id id) const;
    size_t size() const { return size_; }

  protected:
    enum class State : uint8_t { absent, waiting, ready, running };

    State state(Id id) const { return slots_[id].state; }
    const EntityParameters& entity_parameters(Id id) const { return slots_[id].parameters; }
    const Parameters& parameters() const { return parameters_; }

    // What a policy does when the above has been checked. `was` is the state that the entity leaves; state()
    // already tells the new one, except in on_remove.
    virtual void on_add(Id id, Time now) = 0;
    virtual void on_remove(Id id, State was, Time now) = 0;
    virtual void on_ready(Id id, Time now) = 0;
    virtual std::optional<Choice> choose(Time now) = 0;
    virtual void on_charge(Id id, Duration used, Time now) = 0;
    virtual void on_requeue(Id id, Time now) = 0;
    virtual void on_block(Id id, State was, Wait wait, Time now) = 0;
    virtual bool does_preempt(Id newcomer, Id running, Duration used) const = 0;
    virtual void on_observe_working_set(Id, int64_t) {}
    virtual std::string_view describe(Id id) const;

  private:
    struct Slot {
        State state = State::absent;
        EntityParameters parameters;
    };

    Slot& known(Id id, std::string_view operation);
    Slot& running(Id id, std::string_view operation);

    Parameters parameters_;
    std::vector<Slot> slots_;
    size_t size_ = 0;
};

}  // namespace scheduler
