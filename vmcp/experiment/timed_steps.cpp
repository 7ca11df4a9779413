#include "vmcp/experiment/timed_steps.hpp"

#include "vmcp/experiment/operand_flow.hpp"

namespace vmcp::experiment {
namespace {

using isa::Op;

uint64_t peek64(const VirtualMachine& vm, uint32_t at) {
    uint64_t value = 0;
    for (uint32_t i = at; i != at + 8; ++i)
        value = value << 8 | (vm.storage.peek32(SecondLevel(i & ~3U)) >> (24 - 8 * (i & 3)) & 0xFF);
    return value;
}

uint64_t answer_of(const VirtualMachine& vm, const TraceStep& step) {
    if (step.subject.op == Op::op_STIDC) return vm.storage.peek32(SecondLevel(isa::Assigned::channel_id));
    if (is_io(step)) return peek64(vm, isa::Assigned::csw);
    const auto stored = flow_of(step).stored;
    if (!stored) return 0;
    const auto at = place_of(vm, step.cpu, stored->address);
    return at && vm.storage.valid(SecondLevel(*at + 7)) ? peek64(vm, *at) : 0;
}

}  // namespace

bool asks(const TraceStep& step) {
    if (!step.is(TraceStep::Kind::instruction)) return false;
    return step.subject.op == Op::op_STCK || step.subject.op == Op::op_STPT ||
           step.subject.op == Op::op_STIDP;
}

bool is_io(const TraceStep& step) {
    return step.is(TraceStep::Kind::instruction) && step.subject.op != Op::invalid &&
           step.subject.row().cost == isa::CostClass::io;
}

const TimedStep* GuestSteps::peek(size_t ahead) {
    while (steps_.size() <= ahead) {
        if (ended_) return nullptr;
        ended_ = !guest_.go_on();
    }
    return &steps_[ahead];
}

void GuestSteps::add(const TraceStep& step) {
    const VirtualMachine* const vm = guest_.machine();
    TimedStep& timed = steps_.emplace_back(TimedStep{step, time_, timer_, 0});
    time_ = guest_.now();
    if (vm != nullptr) {
        timer_ = vm->storage.peek32(SecondLevel(isa::Assigned::interval_timer));
        if (asks(step) || is_io(step)) timed.answer = answer_of(*vm, step);
    }
    // An interruption is told when it comes, an instruction when the next step does.
    if (step.is(TraceStep::Kind::interruption)) timed.time = time_, timed.timer = timer_;
}

}  // namespace vmcp::experiment
