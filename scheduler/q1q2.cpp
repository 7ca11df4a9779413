#include "scheduler/q1q2.hpp"

#include <algorithm>

namespace scheduler {

namespace {

using UserState = Q1q2::UserState;

// Deadlines, penalties and ratios are in units of the round clock.
constexpr int64_t kRound = RoundClock::kRound;
constexpr int64_t kQ2Penalty = 5 * kRound;
constexpr int64_t kPriorityStep = kRound / 32;
constexpr int64_t kLongestStay = 8 * kRound;
constexpr Duration kQ1Fraction = 8;

bool in_q2(UserState state) {
    return state == UserState::q2_dispatchable || state == UserState::q2_waiting ||
           state == UserState::q2_eligible;
}

/// value * numerator / denominator, without overflow on the way.
int64_t scaled(int64_t value, int64_t numerator, int64_t denominator) {
    return static_cast<int64_t>(static_cast<__int128>(value) * numerator / denominator);
}

bool is_eligible(UserState state) {
    return state == UserState::q1_eligible || state == UserState::q2_eligible;
}

}  // namespace

bool Q1q2::in_queue(const Entity& entity) {
    switch (entity.state) {
        case UserState::q1_dispatchable:
        case UserState::q1_waiting:
        case UserState::q2_dispatchable:
        case UserState::q2_waiting: return true;
        default: return false;
    }
}

Duration Q1q2::stay(bool q2) const {
    return q2 ? parameters().slice : std::max<Duration>(1, parameters().slice / kQ1Fraction);
}

int64_t Q1q2::deadline(Id id, bool q2, int64_t penalty, Time now) const {
    return clock_.at(now) + entity_parameters(id).priority * kPriorityStep + penalty + (q2 ? kQ2Penalty : 0);
}

// A period is at least one slice long, so that a single short turn does not look like a ratio of 1.
void Q1q2::measure_ratio(Entity& entity, Time now) const {
    const Duration elapsed = now - entity.period_start;
    if (elapsed < parameters().slice) return;
    const int64_t last = std::min(kRound, scaled(entity.period_used, kRound, elapsed));
    entity.ratio = (entity.ratio + last) / 2;
    entity.period_start = now;
    entity.period_used = 0;
}

void Q1q2::join_eligible(Id id, bool q2, Time now) {
    Entity& entity = entities_[id];
    entity.state = q2 ? UserState::q2_eligible : UserState::q1_eligible;
    const int64_t limit = parameters().storage_limit;
    const int64_t wanted = entity.working_set.projected();
    const int64_t penalty = limit == 0 ? 0 : std::min(kRound, scaled(wanted, kRound, limit));
    entity.place = {deadline(id, q2, penalty, now), ++last_order_, id};
    eligible_.insert(entity.place);
    admit(now);
}

void Q1q2::join_dispatch_list(Id id, Time now) {
    Entity& entity = entities_[id];
    const bool q2 = in_q2(entity.state);
    entity.state = q2 ? UserState::q2_dispatchable : UserState::q1_dispatchable;
    measure_ratio(entity, now);
    const int64_t penalty = std::min(kRound, entity.ratio * competitors());
    entity.place = {deadline(id, q2, penalty, now), ++last_order_, id};
    dispatch_list_.insert(entity.place);
}

bool Q1q2::stay_is_over(const Entity& entity, Time now) const {
    return entity.left <= 0 || clock_.at(now) >= entity.stay_ends;
}

// The entity, which is in queue but not in the dispatch list, drops from queue and is eligible again.
void Q1q2::end_stay(Id id, Time now) {
    Entity& entity = entities_[id];
    const bool q2 = in_q2(entity.state) || entity.left <= 0;
    leave_queue(entity);
    join_eligible(id, q2, now);
}

void Q1q2::leave_queue(Entity& entity) {
    --in_queue_;
    pages_ -= entity.pages;
    entity.pages = 0;
    if (entity.observed >= 0) entity.working_set.observe(entity.observed);
    entity.observed = -1;
}

// Takes an entity that no longer competes out of whatever it is in. Its state is for the caller to set.
void Q1q2::withdraw(Id id, bool was_ready, Time now) {
    Entity& entity = entities_[id];
    if (is_eligible(entity.state)) {
        eligible_.erase(entity.place);
    } else if (in_queue(entity)) {
        if (was_ready) dispatch_list_.erase(entity.place);
        leave_queue(entity);
    } else {
        return;
    }
    clock_.set_competitors(competitors(), now);
}

std::optional<int64_t> Q1q2::room_for(const Entity& entity) const {
    const Parameters& limits = parameters();
    const int64_t wanted = entity.working_set.projected();
    if (in_queue_ == 0) return wanted;
    if (limits.queue_limit != 0 && in_queue_ >= limits.queue_limit) return std::nullopt;
    const int64_t left = limits.storage_limit - pages_;
    if (limits.storage_limit == 0 || wanted <= left) return wanted;
    const int64_t three_quarters = wanted - wanted / 4;
    if (entity.state == UserState::q2_eligible && three_quarters <= left) return three_quarters;
    return std::nullopt;
}

void Q1q2::admit(Time now) {
    while (!eligible_.empty()) {
        const Id id = eligible_.begin()->id;
        Entity& entity = entities_[id];
        const std::optional<int64_t> pages = room_for(entity);
        if (!pages) return;
        eligible_.erase(eligible_.begin());
        ++in_queue_;
        pages_ += *pages;
        entity.pages = *pages;
        entity.left = stay(in_q2(entity.state));
        entity.stay_ends = clock_.at(now) + kLongestStay;
        join_dispatch_list(id, now);
    }
}

void Q1q2::on_add(Id id, Time now) {
    if (id >= entities_.size()) entities_.resize(size_t{id} + 1);
    entities_[id] = {};
    entities_[id].working_set = WorkingSetProjection(entity_parameters(id).working_set);
    entities_[id].period_start = now;
}

void Q1q2::on_remove(Id id, State was, Time now) {
    withdraw(id, was == State::ready, now);
    admit(now);
}

void Q1q2::on_ready(Id id, Time now) {
    Entity& entity = entities_[id];
    if (!in_queue(entity)) {
        clock_.set_competitors(competitors() + 1, now);
        join_eligible(id, false, now);
    } else if (stay_is_over(entity, now)) {
        end_stay(id, now);
    } else {
        join_dispatch_list(id, now);
    }
}

std::optional<Choice> Q1q2::choose(Time) {
    if (dispatch_list_.empty()) return std::nullopt;
    const Id id = dispatch_list_.begin()->id;
    dispatch_list_.erase(dispatch_list_.begin());
    return Choice{id, entities_[id].left};
}

void Q1q2::on_charge(Id id, Duration used, Time) {
    entities_[id].left -= used;
    entities_[id].period_used += used;
}

void Q1q2::on_requeue(Id id, Time now) {
    if (stay_is_over(entities_[id], now)) {
        end_stay(id, now);
    } else {
        dispatch_list_.insert(entities_[id].place);
    }
}

void Q1q2::on_block(Id id, State was, Wait wait, Time now) {
    Entity& entity = entities_[id];
    if (wait == Wait::io && in_queue(entity)) {
        if (was == State::ready) dispatch_list_.erase(entity.place);
        entity.state = in_q2(entity.state) ? UserState::q2_waiting : UserState::q1_waiting;
        return;
    }
    withdraw(id, was == State::ready, now);
    entity.state = wait == Wait::terminal ? UserState::terminal_wait : UserState::idle;
    admit(now);
}

bool Q1q2::does_preempt(Id newcomer, Id running, Duration) const {
    const Entity& entity = entities_[newcomer];
    return in_queue(entity) && entity.place < entities_[running].place;
}

void Q1q2::on_observe_working_set(Id id, int64_t pages) { entities_[id].observed = pages; }

std::string_view Q1q2::describe(Id id) const {
    switch (entities_[id].state) {
        case UserState::q1_dispatchable: return "Q1 dispatchable";
        case UserState::q1_waiting: return "Q1 waiting";
        case UserState::q1_eligible: return "eligible for Q1";
        case UserState::terminal_wait: return "terminal wait";
        case UserState::q2_dispatchable: return "Q2 dispatchable";
        case UserState::q2_waiting: return "Q2 waiting";
        case UserState::q2_eligible: return "eligible for Q2";
        case UserState::idle: return "idle";
    }
    return "";
}

}  // namespace scheduler
