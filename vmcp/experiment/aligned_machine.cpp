#include "vmcp/experiment/aligned_machine.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "isa/per.hpp"
#include "vmcp/experiment/aligned_comparison.hpp"
#include "vmcp/experiment/interruption_text.hpp"

namespace vmcp::experiment {
namespace {

using isa::Op;
using simulation::ChannelSubsystem;

constexpr uint8_t kUnitBusy = 0x10;
uint8_t unit_status(uint64_t csw) { return static_cast<uint8_t>(csw >> 24); }

uint16_t device_of(const TraceStep& step) {
    const isa::Operands& o = step.subject.operands;
    return static_cast<uint16_t>((o.b2 != 0 ? step.cpu.gpr[o.b2] : 0) + o.d2);
}

unsigned condition_of(const TraceStep& step) { return isa::decode_psw(step.cpu.psw).condition_code; }

bool is_busy(const ChannelSubsystem& channels, uint16_t device) {
    return channels.working(device) || channels.device_end_due(device);
}

/// The guest has found the device further on than the bare machine would now.
bool is_behind(const ChannelSubsystem& channels, const TraceStep& step, unsigned condition, uint64_t csw) {
    const uint16_t device = device_of(step);
    switch (step.subject.op) {
        case Op::op_TCH: return condition == 1 && channels.test_channel(device) == 0;
        case Op::op_SIO:
        case Op::op_SIOF:
        case Op::op_TIO:
        case Op::op_CLRIO:
            // What waits in the device is told with the busy bit, if that is told instead of starting.
            if (condition == 1 && unit_status(csw) == kUnitBusy) return channels.working(device);
            if (condition == 1 && (unit_status(csw) & kUnitBusy) != 0)
                return !channels.interruption_pending(device);
            return condition <= 1 && is_busy(channels, device);
        case Op::op_HIO:
        case Op::op_HDV: return condition == 0 && channels.working(device);
        default: return false;
    }
}

/// The guest has found it at work yet.
bool is_ahead(const ChannelSubsystem& channels, const TraceStep& step, unsigned condition, uint64_t csw) {
    const uint16_t device = device_of(step);
    switch (step.subject.op) {
        case Op::op_TCH: return condition == 0 && channels.test_channel(device) == 1;
        case Op::op_SIO:
        case Op::op_SIOF:
        case Op::op_TIO:
        case Op::op_CLRIO:
            if (condition == 1 && unit_status(csw) == kUnitBusy) return !is_busy(channels, device);
            return condition == 2 && !channels.working(device);
        default: return false;
    }
}

std::string_view name_of(const TraceStep& step) { return step.subject.row().mnemonic; }

}  // namespace

AlignedMachine::AlignedMachine(NativeMachine& bare)
    : bare_(bare),
      machine_(bare.machine()),
      console_(first_unit(bare.description().options.devices, simulation::UnitRecordRole::console).address),
      recorder_(bare.machine(), [this](const TraceStep& step) { steps_.push_back(step); }) {}

void AlignedMachine::start() {
    bare_.start();
    // The word at location X'50' is the guest's: set_interval_timer.
    machine_.interval_timer_runs = false;
}

void AlignedMachine::follow(const TimedStep& guest) {
    simulation::Cpu& c = cpu();
    if (guest.time > c.now()) {
        // A guest's CPU timer stands still while the control program works, but not while the guest waits.
        if (c.psw().wait)
            c.set_now(guest.time);
        else
            c.skip_to(guest.time);
    }
    machine_.events().run_until(c.now());
    set_interval_timer(guest.timer);
}

void AlignedMachine::execute(const TimedStep& guest, const TimedStep* next) {
    moved_.reset();
    refused_.reset();
    simulation::Cpu& c = cpu();
    if (const auto error = c.psw_error()) return take(*error);
    if (c.psw().wait) return;
    const TraceStep& step = guest.step;
    if (!step.is(TraceStep::Kind::instruction)) return run_one(guest, next);
    if (is_io(step)) return ask_channel(guest, next);
    if (own_reason(step) == TimeCause::interval_timer)
        moved_ = {TimeCause::interval_timer,
                  fmt::format("{} looks at the interval timer, which is {:08X} as a guest, and now natively",
                              name_of(step), guest.timer)};
    const uint64_t clock = machine_.tod().read(c.now());
    run_one(guest, next);
    if (steps_.size() == 1 && same_place(steps_.front(), step)) give_answer(guest, clock);
}

void AlignedMachine::ask_channel(const TimedStep& guest, const TimedStep* next) {
    // What is interrupted has no answer; in the problem state it is privileged.
    if (next == nullptr || cpu().psw().problem_state) return run_one(guest, next);
    const unsigned condition = condition_of(next->step);
    if (is_ahead(machine_.channels(), guest.step, condition, guest.answer)) {
        if (const auto own = next_instruction();
            own && own->address == guest.step.address && own->instruction.op == guest.step.instruction.op)
            return answer_busy(guest, *own, condition);
    }
    bring_device(guest, condition);
    busy_since_.erase(device_of(guest.step));
    run_one(guest, next);
    if (steps_.size() != 1 || !same_place(steps_.front(), guest.step)) return;
    if (guest.step.subject.op == Op::op_STIDC)
        give_answer(guest, 0);
    else if (condition == 1)
        compare_csw(guest);
}

/// The program is told what the guest was, and the channels are not asked.
void AlignedMachine::answer_busy(const TimedStep& guest, const TraceStep& own, unsigned condition) {
    simulation::Cpu& c = cpu();
    recorder_.before(c, own.address, own.instruction);
    recorder_.flush();
    isa::Psw psw = c.psw();
    psw.address = (psw.address + own.instruction.length) & isa::kAddressMask;
    psw.condition_code = static_cast<uint8_t>(condition);
    c.set_psw(psw);
    if (condition == 1) machine_.storage().put64(c.absolute(isa::Assigned::csw), guest.answer);
    const uint16_t device = device_of(guest.step);
    const SimTime since = busy_since_.try_emplace(device, guest.time).first->second;
    const auto text =
        fmt::format("{} {:03X} answers {} as a guest, and natively, where the device is further on",
                    name_of(guest.step), device, condition);
    moved_ = {TimeCause::device_state, text};
    if (guest.time - since > kAlignedDelay) refused_ = text + " since more than a second";
}

void AlignedMachine::take(const isa::Interruption& interruption) {
    recorder_.flush();
    machine_.observers.tell(
        [&](simulation::InterruptionObserver& o) { o.interruption(cpu(), interruption); });
    cpu().take(interruption);
}

void AlignedMachine::run_one(const TimedStep& guest, const TimedStep* next) {
    simulation::Cpu& c = cpu();
    const TraceStep& step = guest.step;
    const uint32_t address = c.psw().address;
    const bool in_parts = goes_on_where_it_was(step) && step.address == address;
    // A guest that is interrupted in the middle has done a part.
    const bool broken_off =
        in_parts && next != nullptr && is_asynchronous(next->step) && next->step.address == step.address;
    do {
        const simulation::Exit& exit =
            machine_.executor().run(c, broken_off ? c.now() + 1 : simulation::kNever, 1);
        if (const auto* program = simulation::program_interruption(exit)) return take(*program);
        if (const auto* svc = std::get_if<isa::SupervisorCallInterruption>(&exit)) {
            const isa::SupervisorCallInterruption call = *svc;
            take(call);
            if (call.per_code != 0)
                take(isa::per_interruption(call.per_code, call.per_address, call.ilc, c.psw_error()));
            return;
        }
    } while (in_parts && c.psw().address == address && !(broken_off && c.state().gpr == next->step.cpu.gpr));
    recorder_.flush();
}

/// The word counts down as the guest's did; what else it is the program has stored there, and is compared.
void AlignedMachine::set_interval_timer(uint32_t word) {
    const uint32_t at = cpu().absolute(isa::Assigned::interval_timer);
    const auto own = static_cast<int32_t>(machine_.storage().get32(at)), wanted = static_cast<int32_t>(word);
    if (wanted >= own) return;
    machine_.storage().put32(at, word);
    if (wanted < 0 && own >= 0) cpu().external().interval_timer = true;
}

void AlignedMachine::bring_device(const TimedStep& guest, unsigned condition) {
    const auto there = [&] { return !is_behind(machine_.channels(), guest.step, condition, guest.answer); };
    if (there()) return;
    const SimTime before = machine_.events().now();
    if (wait_for(device_of(guest.step), there))
        moved_ = {TimeCause::device_state,
                  fmt::format("{} {:03X} answers {} as a guest; natively the device is waited for, {} us",
                              name_of(guest.step), device_of(guest.step), condition,
                              (machine_.events().now() - before) / simulation::kMicrosecond)};
}

void AlignedMachine::give_answer(const TimedStep& guest, uint64_t clock) {
    const TraceStep& step = guest.step;
    simulation::Cpu& c = cpu();
    if (step.subject.op == Op::op_SCK) {
        // The clock of a virtual machine is the real one, which goes on.
        machine_.tod().set(clock, c.now());
        moved_ = {TimeCause::clock, "SCK sets no clock as a guest, and none natively"};
        return;
    }
    if (step.subject.op == Op::op_STIDC) {
        const uint32_t at = c.absolute(isa::Assigned::channel_id);
        const uint32_t own = machine_.storage().get32(at);
        if (own == guest.answer || condition_of(steps_.front()) != 0) return;
        machine_.storage().put32(at, static_cast<uint32_t>(guest.answer));
        moved_ = {TimeCause::identity,
                  fmt::format("STIDC tells {:08X} natively and {:08X} as a guest, which is given to both",
                              own, guest.answer)};
        return;
    }
    if (!asks(step)) return;
    const auto stored = flow_of(steps_.front()).stored;
    const auto at = stored ? place_of(c, steps_.front().cpu, stored->address) : std::nullopt;
    if (!at || !machine_.storage().valid(*at + 7)) return;
    const uint64_t own = machine_.storage().get64(*at);
    if (own == guest.answer) return;
    machine_.storage().put64(*at, guest.answer);
    const TimeCause cause = own_reason(step);
    const auto apart = static_cast<int64_t>(guest.answer - own);
    if (cause == TimeCause::cpu_timer) c.set_cpu_timer(guest.answer);
    if (cause == TimeCause::clock && std::abs(apart) > simulation::tod_units(kAlignedDelay))
        refused_ =
            fmt::format("the clock is {:016X} natively and {:016X} as a guest, more than a second apart", own,
                        guest.answer);
    moved_ = {cause, fmt::format("{} tells {:016X} natively and {:016X} as a guest, which is given to both",
                                 name_of(step), own, guest.answer)};
}

/// The status that an I/O instruction has stored is what the program acts on next.
void AlignedMachine::compare_csw(const TimedStep& guest) {
    if (guest.step.subject.op == Op::op_TCH || cpu().psw().condition_code != 1) return;
    const uint64_t own = machine_.storage().get64(cpu().absolute(isa::Assigned::csw));
    if (own != guest.answer)
        refused_ = fmt::format("{} {:03X} stores the CSW {:016X} natively and {:016X} as a guest",
                               name_of(guest.step), device_of(guest.step), own, guest.answer);
}

/// The operator acts only when he is waited for, and what he types takes its time.
template <class Reached>
bool AlignedMachine::wait_for(uint16_t device, Reached reached) {
    constexpr SimTime kTyping = 60 * simulation::kSecond;
    bool attended = false;
    while (!reached()) {
        const bool nothing_due = machine_.events().next() > cpu().now();
        if (nothing_due && device == console_ && !attended) {
            bare_.attend();
            attended = true;
        } else if (!advance_devices(attended ? kTyping : kAlignedDelay)) {
            if (std::exchange(attended, true)) return false;
            bare_.attend();
        }
    }
    return true;
}

/// The time of the channels may run ahead of the CPU's, which is the guest's.
bool AlignedMachine::advance_devices(SimTime most) {
    const SimTime next = machine_.events().next();
    if (next == simulation::kNever || next > cpu().now() + most) return false;
    machine_.events().run_until(next);
    return true;
}

std::optional<std::string> AlignedMachine::present(const isa::Interruption& interruption) {
    moved_.reset();
    refused_.reset();
    const bool waiting = waits();
    std::optional<std::string> why;
    isa::Interruption taken = interruption;
    if (const auto* io = std::get_if<isa::IoInterruption>(&interruption)) {
        why = make_due(*io);
        if (!why) taken = isa::IoInterruption{io->device, encode(machine_.channels().take(io->device)->csw)};
        busy_since_.erase(io->device);
    } else if (const auto* external = std::get_if<isa::ExternalInterruption>(&interruption)) {
        why = make_due(*external);
        if (!why) isa::accept(cpu().external(), *external);
    } else {
        why = "natively there is none of its kind";
    }
    if (why) return why;
    take(taken);
    // In the wait state it comes at the same instruction in any case.
    if (!waiting)
        moved_ = {isa::class_of(interruption) == isa::InterruptionClass::io ? TimeCause::io_arrival
                                                                            : TimeCause::external_arrival,
                  fmt::format("{}: it comes at this instruction as a guest, and is given here natively",
                              interruption_text(interruption))};
    return std::nullopt;
}

std::optional<std::string> AlignedMachine::make_due(const isa::IoInterruption& interruption) {
    const uint16_t device = interruption.device;
    const ChannelSubsystem& channels = machine_.channels();
    if ((cpu().enabled_channels() & ChannelSubsystem::channel_bit(device >> 8)) == 0)
        return "natively its channel is not enabled";
    if (wait_for(device, [&] { return channels.interruption_pending(device); })) return std::nullopt;
    return "natively the device has nothing to tell";
}

std::optional<std::string> AlignedMachine::make_due(const isa::ExternalInterruption& interruption) {
    simulation::Cpu& c = cpu();
    if (interruption.code == isa::ExternalCode::interrupt_key) bare_.attend();
    if (interruption.code == isa::ExternalCode::cpu_timer) {
        // The prices of what is simulated differ from those of what is executed.
        const auto left = static_cast<int64_t>(c.cpu_timer());
        if (left >= 0 && left < simulation::tod_units(kAlignedDelay))
            c.spend(simulation::time_of_tod_units(static_cast<uint64_t>(left) + 1));
    }
    const auto due = c.external_pending();
    if (!due || due->code != interruption.code) return "natively it is not due";
    return std::nullopt;
}

std::optional<std::string> AlignedMachine::due() {
    simulation::Cpu& c = cpu();
    if (machine_.channels().has_pending())
        if (const auto device = machine_.channels().pending(c.enabled_channels()))
            return fmt::format("I/O interruption from {:03X}", *device);
    if (const auto external = c.external_pending();
        external && external->code != isa::ExternalCode::cpu_timer)
        return interruption_text(*external);
    return std::nullopt;
}

std::optional<std::string> AlignedMachine::due_within(SimTime time) {
    const SimTime until = machine_.events().now() + time;
    while (!due() && machine_.events().next() <= until) machine_.events().run_until(machine_.events().next());
    return due();
}

std::optional<TraceStep> AlignedMachine::next_instruction() const {
    const simulation::Cpu& c = cpu();
    TraceStep step;
    step.address = c.psw().address;
    step.cpu = {c.state().gpr, c.state().fpr, c.state().cr, isa::encode(c.psw())};
    std::array<uint8_t, 6> text{};
    for (unsigned i = 0; i < text.size() && (i < 2 || i < isa::length_of_opcode(text[0])); ++i) {
        const auto at = place_of(c, step.cpu, (step.address + i) & isa::kAddressMask);
        if (!at) return std::nullopt;
        text[i] = *machine_.storage().at(*at);
    }
    step.instruction = step.subject = isa::decode(text.data(), c.facilities());
    return step;
}

}  // namespace vmcp::experiment
