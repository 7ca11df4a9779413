#include "simulation/machine/machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "isa/per.hpp"
#include "simulation/executor/translator/executor_choice.hpp"

namespace simulation {

std::string_view name_of(Stop stop) {
    static constexpr std::string_view names[] = {"disabled-wait", "check-stop", "limit",
                                                 "idle",          "breakpoint", "stopped"};
    return names[static_cast<unsigned>(stop)];
}

namespace {

/// How far a CPU may run ahead of the one furthest behind.
constexpr SimTime kQuantum = 10 * kMicrosecond;

uint32_t storage_size(const MachineModel& model, uint32_t asked) {
    if (asked == 0) return static_cast<uint32_t>(model.storage_bytes.value);
    if (asked % 4096 != 0 || asked > model.max_storage_bytes.value)
        throw std::invalid_argument(
            fmt::format("storage of {} bytes: model {} takes multiples of 4096 up to {}", asked, model.name,
                        model.max_storage_bytes.value));
    return asked;
}

}  // namespace

Machine::Machine(MachineModel model, uint32_t storage_bytes)
    : model_(std::move(model)),
      storage_(storage_size(model_, storage_bytes)),
      channel_storage_(storage_),
      channels_(channel_storage_, events_, {.one_burst = model_.one_burst.value != 0}),
      executor_(make_executor(chosen_executor(), storage_, model_, code_epoch_)) {
    for (uint16_t n = 0; n < static_cast<uint16_t>(model_.cpus.value); ++n) {
        const CpuSurroundings surroundings{storage_, channels_, events_, tod_, model_, code_epoch_, this};
        processors_.push_back(
            {std::make_unique<Cpu>(surroundings, n), IntervalTimer(model_.interval_timer_hz.value), {}});
        if (n != 0) processors_[n].cpu->status = CpuStatus::stopped;
    }
}

Machine::~Machine() = default;

uint64_t Machine::instructions() const {
    uint64_t sum = 0;
    for (const Processor& p : processors_) sum += p.cpu->counters().instructions;
    return sum;
}

void Machine::restart(unsigned n) {
    Processor& p = processors_.at(n);
    start(p, cpu().now());
    restart(p);
}

/// It is the machine's own CPU that is restarted, whomever it executes.
void Machine::restart(Processor& p) {
    end_interpretive_execution(*p.cpu);
    take(p, isa::RestartInterruption{});
    p.interruptions = {};  // the operator's key is no part of a string
}

void Machine::end_interpretive_execution(Cpu& c) {
    if (InterpretiveExecution* const guest = c.guest()) guest->end();
}

void Machine::initial_program_load(uint16_t device) {
    Cpu& c = cpu();
    channels_.reset();
    for (Processor& p : processors_) {
        p.cpu->reset();
        p.cpu->status = CpuStatus::stopped;
    }
    c.initial_reset();
    c.status = CpuStatus::operating;
    bool ended = false, loaded = false;
    Csw csw;
    const IoResult start = channels_.start_ipl(device, [&](bool good, const Csw& status) {
        ended = true;
        loaded = good;
        csw = status;
    });
    if (start.condition_code != 0)
        throw std::runtime_error(
            fmt::format("IPL {:03X}: condition code {}: {}", device, start.condition_code,
                        start.condition_code == 3 ? "no such device" : "the device refused"));
    while (!ended) {
        if (events_.next() == kNever)
            throw std::runtime_error(
                fmt::format("IPL {:03X}: the device never ended (nothing to read?)", device));
        events_.run_until(events_.next());
    }
    c.set_now(std::max(c.now(), events_.now()));
    if (!loaded)
        throw std::runtime_error(
            fmt::format("IPL {:03X}: the load ended with unit status {:02X}, channel status {:02X}", device,
                        csw.unit_status, csw.channel_status));
    c.load_psw(isa::end_program_load(c, device));
}

void Machine::store_status(unsigned n) { store_status(cpu(n)); }

void Machine::store_status(Cpu& c) {
    end_interpretive_execution(c);
    const isa::CpuState& s = c.state();
    storage_.put64(0xD8, c.cpu_timer());
    storage_.put64(0xE0, c.clock_comparator());
    storage_.put64(0x100, isa::encode(s.psw));
    storage_.put32(0x108, s.prefix);
    for (unsigned i = 0; i < 4; ++i) storage_.put64(0x160 + 8 * i, s.fpr[i]);
    for (unsigned i = 0; i < 16; ++i) storage_.put32(0x180 + 4 * i, s.gpr[i]);
    for (unsigned i = 0; i < 16; ++i) storage_.put32(0x1C0 + 4 * i, s.cr[i]);
}

void Machine::catch_up(Processor& p) {
    Cpu& c = *p.cpu;
    events_.run_until(c.now());
    if (!interval_timer_runs) return;
    if (const int64_t ticks = p.interval_timer.take_ticks(c.now())) c.count_interval_timer(ticks);
}

SimTime Machine::next_event(Processor& p, bool waiting) {
    Cpu& c = *p.cpu;
    // What a waiting CPU is not enabled for will not wake it; it is found pending when something else has.
    const auto enabled = [&](uint32_t mask) {
        return !waiting || (c.psw().external_mask && (c.cr(0) & mask) != 0);
    };
    SimTime next = events_.next();
    if (enabled(isa::kCr0ClockComparatorMask | isa::kCr0CpuTimerMask))
        next = std::min(next, c.next_timer_event());
    if (interval_timer_runs && enabled(isa::kCr0IntervalTimerMask)) {
        // A running program may look at location 80 after any tick; a waiting one only sees it expire.
        const uint32_t word = storage_.get32(c.place(isa::Assigned::interval_timer));
        next =
            std::min(next, waiting ? p.interval_timer.becomes_negative(word) : p.interval_timer.next_tick());
    }
    return next;
}

std::optional<isa::Interruption> Machine::pending_interruption(Cpu& c) {
    if (auto external = c.external_pending()) return *external;
    if (!channels_.has_pending()) return std::nullopt;
    const auto io = channels_.take_first(c.enabled_channels());
    if (!io) return std::nullopt;
    return isa::IoInterruption{io->address, encode(io->csw)};
}

bool Machine::host_is_interrupted(const Cpu& c) const {
    return c.host_external_pending() || channels_.pending(c.enabled_channels()).has_value();
}

void Machine::accept(Cpu& c, const isa::Interruption& interruption) {
    if (const auto* external = std::get_if<isa::ExternalInterruption>(&interruption)) c.accept(*external);
}

bool Machine::take(Processor& p, const isa::Interruption& interruption) {
    if (InterpretiveExecution* const guest = p.cpu->guest();
        guest != nullptr && !guest->can_take(interruption))
        return false;
    observers.tell([&](InterruptionObserver& o) { o.interruption(*p.cpu, interruption); });
    const bool in_string = p.interruptions.add(p.cpu->counters().instructions);
    if (in_string) [[unlikely]]
        p.interruptions.keep_first(p.cpu->psw(), *p.cpu);
    p.cpu->take(interruption);
    p.dormant = p.quiet = false;
    if (!in_string || !p.interruptions.endless()) [[likely]]
        return true;
    if (InterpretiveExecution* const guest = p.cpu->guest())
        guest->leave(InterpretiveExecution::Reason::loop);
    else
        check_stop(p);
    return false;
}

bool Machine::interrupt_guest(Processor& p, bool machine_is_interrupted) {
    InterpretiveExecution& guest = *p.cpu->guest();
    if (guest.comes_out_for(machine_is_interrupted)) return true;
    const auto event = guest.take_event();
    if (event) take(p, *event);
    return event.has_value();
}

std::optional<isa::ProgramInterruption> Machine::run_guests(Cpu& c, SimTime until) {
    const auto is_its = [&c](const Processor& p) { return p.cpu.get() == &c; };
    Processor& p = *std::find_if(processors_.begin(), processors_.end(), is_its);
    InterpretiveExecution& levels = c.interpretive_execution();
    // What an interruption of an inner guest's would store into and the outermost guest lacks.
    InterpretiveExecution::Way page_zero;
    for (bool begun = false; c.level() > 1 || !begun;) {
        page_zero = {};
        if (c.level() > 1) {
            if (c.now() >= until) break;
            page_zero = levels.way_of(c.prefix());
            if (interrupt_guest(p, false)) continue;
            if (const auto error = c.psw_error()) {
                take(p, *error);
                continue;
            }
            if (const auto external = c.external_pending()) {
                c.accept(*external);
                take(p, *external);
                continue;
            }
            if (c.psw().wait) {
                levels.leave(InterpretiveExecution::Reason::wait);
                continue;
            }
        }
        const SimTime next = std::max(std::min(until, c.next_timer_event()), c.now() + 1);
        const Exit& exit = executor_->run(c, next, begun ? Executor::kUncounted : 1);
        begun = true;
        if (const auto* program = program_interruption(exit)) {
            const isa::ProgramInterruption i = *program;
            if (c.level() == 1 || i.by_host_tables == 1) {
                levels.back_to_outermost();
                return i;
            }
            if (i.by_host_tables != 0)
                levels.lacks(i.by_host_tables, static_cast<uint16_t>(i.code), i.translation_address);
            else
                take(p, i);
        } else if (const auto* svc = std::get_if<isa::SupervisorCallInterruption>(&exit)) {
            const isa::SupervisorCallInterruption i = *svc;
            if (take(p, i) && i.per_code != 0)
                take(p, isa::per_interruption(i.per_code, i.per_address, i.ilc, c.psw_error()));
        }
    }
    levels.back_to_outermost();
    if (page_zero.level != 1) return std::nullopt;
    isa::ProgramInterruption lacking;
    lacking.code = page_zero.problem;
    lacking.translation_address = page_zero.address;
    lacking.by_host_tables = 1;
    return lacking;
}

Machine::Turn Machine::next_turn() {
    Turn turn;
    for (Processor& p : processors_) {
        if (p.cpu->status != CpuStatus::operating || p.dormant) continue;
        const SimTime now = p.cpu->now();
        const Processor* const best = turn.processor;
        if (best == nullptr || now < best->cpu->now() ||
            (now == best->cpu->now() && best->quiet && !p.quiet)) {
            if (best != nullptr) turn.horizon = std::min(turn.horizon, best->cpu->now() + kQuantum);
            turn.processor = &p;
        } else {
            turn.horizon = std::min(turn.horizon, now + kQuantum);
        }
    }
    return turn;
}

Stop Machine::halted() const {
    const auto any = [this](auto predicate) {
        return std::any_of(processors_.begin(), processors_.end(), predicate);
    };
    if (any([](const Processor& p) { return p.dormant; })) return Stop::disabled_wait;
    if (any([](const Processor& p) { return p.cpu->status == CpuStatus::check_stopped; }))
        return Stop::check_stop;
    return Stop::stopped;
}

SimTime Machine::wait_bound(const Processor& waiting) {
    SimTime bound = kNever;
    for (Processor& p : processors_) {
        if (&p == &waiting || p.cpu->status != CpuStatus::operating || p.dormant) continue;
        // One that waits at the same point does nothing before its own next event.
        const bool idle = p.quiet && p.cpu->now() == waiting.cpu->now();
        bound = std::min(bound, idle ? next_event(p, true) : p.cpu->now());
    }
    return bound;
}

bool Machine::goes_on(Cpu& c) {
    Processor& p = processors_.front();
    Exit& exit = c.execution().exit;
    if (c.now() >= c.execution().until || c.guest() != nullptr || c.psw().per || p.order) return false;
    bool taken = false;
    if (const auto* svc = std::get_if<isa::SupervisorCallInterruption>(&exit)) {
        if (svc->per_code != 0) return false;
        taken = take(p, *svc);
    } else if (const auto* program = program_interruption(exit)) {
        if (program->by_host_tables != 0) return false;
        taken = take(p, *program);
    } else if (!std::holds_alternative<Attention>(exit) ||
               std::min(next_event(p, false), time_limit_) != c.execution().until) {
        return false;
    } else {
        taken = true;
    }
    const isa::Psw& psw = c.psw();
    if (taken && !psw.per && !psw.wait && !isa::has_format_error(psw, model_.facilities) &&
        !c.something_pending()) [[likely]]
        return true;
    exit = Attention{};
    return false;
}

Stop Machine::run(const RunLimits& limits) {
    const uint64_t first = instructions();
    const bool counted = limits.instructions != Executor::kUncounted;
    time_limit_ = limits.time;
    // While it lives, what a CPU that is alone stops for is asked of this machine.
    struct Asked {
        CpuOwner*& owner;
        ~Asked() { owner = nullptr; }
    } const asked{cpu().execution().owner};
    if (processors_.size() == 1 && !counted) asked.owner = this;
    for (Processor& p : processors_) p.dormant = p.quiet = false;
    while (true) {
        const Turn turn = next_turn();
        if (turn.processor == nullptr) return halted();
        Processor& p = *turn.processor;
        Cpu& c = *p.cpu;
        catch_up(p);
        if (c.now() >= limits.time) return Stop::limit;
        if (c.guest() != nullptr && interrupt_guest(p, host_is_interrupted(c))) continue;
        if (const auto error = c.psw_error()) {
            take(p, *error);
            continue;
        }
        if (const auto interruption = pending_interruption(c)) {
            accept(c, *interruption);
            take(p, *interruption);
            continue;
        }
        if (c.psw().wait) {
            if (InterpretiveExecution* const guest = c.guest()) {
                guest->leave(InterpretiveExecution::Reason::wait);
                continue;
            }
            if (isa::is_disabled_wait(c.state())) {
                p.dormant = true;
                continue;
            }
            p.quiet = true;
            const SimTime next = std::min(next_event(p, true), wait_bound(p));
            if (next == kNever) return Stop::idle;
            if (events_.empty() && next - c.now() > limits.patience) return Stop::idle;
            if (next > c.now()) {
                const SimTime until = std::min(next, limits.time);
                waited_ += until - c.now();
                c.set_now(until);
                p.quiet = false;
            }
            continue;
        }
        const uint64_t done = counted ? instructions() - first : 0;
        if (done >= limits.instructions) return Stop::limit;
        const SimTime until = std::min({next_event(p, false), limits.time, turn.horizon});
        const Exit& exit = executor_->run(c, until, limits.instructions - done);
        for (Processor& other : processors_) other.quiet = false;
        if (const auto* program = program_interruption(exit)) {
            if (program->by_host_tables != 0)
                c.guest()->lacks(program->by_host_tables, static_cast<uint16_t>(program->code),
                                 program->translation_address);
            else
                take(p, *program);
        } else if (const auto* svc = std::get_if<isa::SupervisorCallInterruption>(&exit)) {
            if (take(p, *svc) && svc->per_code != 0)
                take(p, isa::per_interruption(svc->per_code, svc->per_address, svc->ilc, c.psw_error()));
        }
        if (p.order) obey(p, *std::exchange(p.order, std::nullopt), c);
        if (std::holds_alternative<Breakpoint>(exit)) return Stop::breakpoint;
    }
}

}  // namespace simulation
