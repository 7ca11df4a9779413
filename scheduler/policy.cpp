#include "scheduler/policy.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace scheduler {

namespace {

void check(const EntityParameters& parameters) {
    if (parameters.priority < 1 || parameters.priority > 99) {
        throw std::invalid_argument(
            fmt::format("priority {} is out of range; expected 1 to 99", parameters.priority));
    }
    if (parameters.share < 1) throw std::invalid_argument("share 0 is out of range; expected at least 1");
    if (parameters.working_set < 0) {
        throw std::invalid_argument(
            fmt::format("working set of {} pages; expected 0 or more", parameters.working_set));
    }
}

}  // namespace

Policy::Policy(const Parameters& parameters) : parameters_(parameters) {
    if (parameters.slice < 1) {
        throw std::invalid_argument(fmt::format("slice of {} ns; expected at least 1", parameters.slice));
    }
    if (parameters.storage_limit < 0) {
        throw std::invalid_argument(
            fmt::format("storage limit of {} pages; expected 0 or more", parameters.storage_limit));
    }
}

Policy::Slot& Policy::known(Id id, std::string_view operation) {
    if (!contains(id)) throw std::logic_error(fmt::format("{}: entity {} is not known", operation, id));
    return slots_[id];
}

Policy::Slot& Policy::running(Id id, std::string_view operation) {
    Slot& slot = known(id, operation);
    if (slot.state != State::running) {
        throw std::logic_error(fmt::format("{}: entity {} does not run", operation, id));
    }
    return slot;
}

void Policy::add(Id id, const EntityParameters& parameters, Time now) {
    check(parameters);
    if (contains(id)) throw std::logic_error(fmt::format("add: entity {} is known already", id));
    if (id >= slots_.size()) slots_.resize(size_t{id} + 1);
    slots_[id] = {State::waiting, parameters};
    ++size_;
    on_add(id, now);
}

void Policy::change(Id id, const EntityParameters& parameters) {
    check(parameters);
    known(id, "change").parameters = parameters;
}

void Policy::remove(Id id, Time now) {
    Slot& slot = known(id, "remove");
    on_remove(id, slot.state, now);
    slot.state = State::absent;
    --size_;
}

void Policy::ready(Id id, Time now) {
    Slot& slot = known(id, "ready");
    if (slot.state != State::waiting) return;
    slot.state = State::ready;
    on_ready(id, now);
}

std::optional<Choice> Policy::pick(Time now) {
    const std::optional<Choice> choice = choose(now);
    if (choice) slots_[choice->id].state = State::running;
    return choice;
}

void Policy::charge(Id id, Duration used, Time now) {
    running(id, "charge");
    if (used < 0) throw std::logic_error(fmt::format("charge: {} ns to entity {}", used, id));
    on_charge(id, used, now);
}

void Policy::requeue(Id id, Time now) {
    running(id, "requeue").state = State::ready;
    on_requeue(id, now);
}

void Policy::block(Id id, Time now, Wait wait) {
    Slot& slot = known(id, "block");
    const State was = slot.state;
    slot.state = State::waiting;
    on_block(id, was, wait, now);
}

bool Policy::preempts(Id newcomer, Id running, Duration used) const {
    return contains(newcomer) && contains(running) && state(newcomer) == State::ready &&
           state(running) == State::running && does_preempt(newcomer, running, used);
}

void Policy::observe_working_set(Id id, int64_t pages) {
    known(id, "observe_working_set");
    if (pages < 0)
        throw std::logic_error(fmt::format("observe_working_set: {} pages of entity {}", pages, id));
    on_observe_working_set(id, pages);
}

std::string_view Policy::state_of(Id id) const {
    if (!contains(id)) throw std::logic_error(fmt::format("state_of: entity {} is not known", id));
    return describe(id);
}

const EntityParameters& Policy::parameters_of(Id id) const {
    if (!contains(id)) throw std::logic_error(fmt::format("parameters_of: entity {} is not known", id));
    return slots_[id].parameters;
}

std::string_view Policy::describe(Id id) const {
    switch (state(id)) {
        case State::waiting: return "waiting";
        case State::ready: return "ready";
        case State::running: return "running";
        case State::absent: break;
    }
    return "absent";
}

}  // namespace scheduler
