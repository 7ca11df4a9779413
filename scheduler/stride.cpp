#include "scheduler/stride.hpp"

#include <algorithm>

namespace scheduler {

void Stride::join(Id id) {
    entities_[id].order = ++last_order_;
    queue_.insert(place_of(id));
}

void Stride::on_add(Id id, Time) {
    if (id >= entities_.size()) entities_.resize(size_t{id} + 1);
    entities_[id] = {};
}

void Stride::on_remove(Id id, State was, Time) {
    if (was == State::ready) queue_.erase(place_of(id));
}

void Stride::on_ready(Id id, Time) {
    entities_[id].pass = std::max(entities_[id].pass, virtual_time_);
    join(id);
}

std::optional<Choice> Stride::choose(Time) {
    if (queue_.empty()) return std::nullopt;
    const Place first = *queue_.begin();
    queue_.erase(queue_.begin());
    virtual_time_ = std::max(virtual_time_, first.pass);
    return Choice{first.id, parameters().slice};
}

void Stride::on_charge(Id id, Duration used, Time) {
    Entity& entity = entities_[id];
    const Duration share = entity_parameters(id).share;
    entity.pass += (used + entity.rest) / share;
    entity.rest = (used + entity.rest) % share;
}

void Stride::on_requeue(Id id, Time) { join(id); }

void Stride::on_block(Id id, State was, Wait, Time) {
    if (was == State::ready) queue_.erase(place_of(id));
}

bool Stride::does_preempt(Id newcomer, Id running, Duration used) const {
    return entities_[newcomer].pass < entities_[running].pass + used / entity_parameters(running).share;
}

}  // namespace scheduler
