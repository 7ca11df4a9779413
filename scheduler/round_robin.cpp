#include "scheduler/round_robin.hpp"

namespace scheduler {

void RoundRobin::join(Id id) {
    entities_[id].left = parameters().slice;
    entities_[id].place = queue_.insert(queue_.end(), id);
}

void RoundRobin::on_add(Id id, Time) {
    if (id >= entities_.size()) entities_.resize(size_t{id} + 1);
}

void RoundRobin::on_remove(Id id, State was, Time) {
    if (was == State::ready) queue_.erase(entities_[id].place);
}

void RoundRobin::on_ready(Id id, Time) { join(id); }

std::optional<Choice> RoundRobin::choose(Time) {
    if (queue_.empty()) return std::nullopt;
    const Id id = queue_.front();
    queue_.pop_front();
    return Choice{id, entities_[id].left};
}

void RoundRobin::on_charge(Id id, Duration used, Time) { entities_[id].left -= used; }

void RoundRobin::on_requeue(Id id, Time) {
    Entity& entity = entities_[id];
    if (entity.left > 0) {
        entity.place = queue_.insert(queue_.begin(), id);
    } else {
        join(id);
    }
}

void RoundRobin::on_block(Id id, State was, Wait, Time) {
    if (was == State::ready) queue_.erase(entities_[id].place);
}

}  // namespace scheduler
