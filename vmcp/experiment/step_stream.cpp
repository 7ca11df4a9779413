#include "vmcp/experiment/step_stream.hpp"

#include <algorithm>
#include <cstring>

namespace vmcp::experiment {
namespace {

uint64_t state_hash(const TraceStep& step) {
    uint64_t hash = place_hash(step);
    const auto mix = [&hash](uint64_t v) { hash = (hash ^ v) * 0x9E3779B97F4A7C15 + (hash >> 29); };
    for (const uint32_t v : step.cpu.gpr) mix(v);
    for (const uint64_t v : step.cpu.fpr) mix(v);
    for (const uint32_t v : step.cpu.cr) mix(v);
    mix(step.cpu.psw);
    return hash;
}

}  // namespace

void StepStream::end_loop() {
    period_ = pending_ = 0;
    run_.fill(0);
    came_ = 0;
}

void StepStream::add(const TraceStep& step) {
    // An interruption is no part of a loop.
    if (!step.is(TraceStep::Kind::instruction)) {
        end_loop();
        steps_.push_back(step);
        return;
    }
    const uint64_t hash = state_hash(step);
    const auto before = [this](unsigned back) { return hashes_[(came_ - back) % kRing]; };
    if (period_ != 0 && before(period_) != hash) end_loop();
    for (unsigned p = 1; p <= kLongestLoop; ++p) run_[p] = came_ >= p && before(p) == hash ? run_[p] + 1 : 0;
    hashes_[came_++ % kRing] = hash;
    steps_.push_back(step);
    if (period_ != 0) {
        if (++pending_ < period_) return;
        steps_.resize(steps_.size() - period_);
        ++steps_.back().times;
        pending_ = 0;
        return;
    }
    for (unsigned p = 1; p <= kLongestLoop; ++p) {
        if (run_[p] < p) continue;
        steps_.resize(steps_.size() - p);
        TraceStep loop;
        loop.kind = TraceStep::Kind::loop;
        loop.address = step.address;
        loop.period = p;
        loop.times = 1;
        steps_.push_back(loop);
        period_ = p;
        pending_ = 0;
        return;
    }
}

const TraceStep* StepStream::peek(size_t ahead) {
    // What may still be folded is not shown.
    const auto shown = [this] {
        const size_t open = ended_ ? 0 : period_ != 0 ? 1 + pending_ : kLongestLoop;
        return steps_.size() - std::min(steps_.size(), open);
    };
    while (next_ + ahead >= shown()) {
        if (ended_) return nullptr;
        ended_ = !source_.go_on();
    }
    return &steps_[next_ + ahead];
}

const TraceStep* StepStream::behind(size_t back) const {
    return back == 0 || back > next_ ? nullptr : &steps_[next_ - back];
}

void StepStream::advance() {
    const TraceStep& step = steps_[next_++];
    switch (step.kind) {
        case TraceStep::Kind::instruction: ++instructions_; break;
        case TraceStep::Kind::interruption: ++interruptions_; break;
        case TraceStep::Kind::loop: instructions_ += step.period * step.times; break;
    }
    if (next_ <= kKept) return;
    steps_.pop_front();
    --next_;
}

}  // namespace vmcp::experiment
