// SIGNAL PROCESSOR: what the CPUs of one machine do to one another. GA22-7000 chapter 4, "CPU Signaling and
// Response".
#include "simulation/machine/machine.hpp"

namespace simulation {

using isa::SignalCode;
using isa::SignalOrder;
using isa::SignalStatus;

namespace {

/// The status that keeps a CPU from obeying an order; all there is, for sense.
uint32_t status_of(const Cpu& c, SignalOrder order) {
    const uint32_t stopped = c.status == CpuStatus::stopped ? SignalStatus::stopped : 0;
    const uint32_t check_stop = c.status == CpuStatus::check_stopped ? SignalStatus::check_stop : 0;
    const uint32_t call = c.external().external_calls != 0 ? SignalStatus::external_call_pending : 0;
    switch (order) {
        case SignalOrder::sense: return stopped | check_stop | call;
        case SignalOrder::external_call: return check_stop | call;
        case SignalOrder::emergency_signal:
        case SignalOrder::start:
        case SignalOrder::stop:
        case SignalOrder::restart:
        case SignalOrder::stop_and_store_status: return check_stop;
        case SignalOrder::initial_program_reset:
        case SignalOrder::program_reset:
        case SignalOrder::initial_cpu_reset:
        case SignalOrder::cpu_reset: return 0;
        case SignalOrder::initial_microprogram_load: break;  // there is no microprogram to load
    }
    return SignalStatus::invalid_order;
}

uint16_t bit_of(const Cpu& c) { return static_cast<uint16_t>(1u << c.cpu_address()); }

}  // namespace

unsigned Machine::signal(Cpu& sender, uint16_t target, uint8_t code, uint32_t& status) {
    if (target >= processors_.size()) return SignalCode::not_operational;
    Processor& p = processors_[target];
    const auto order = static_cast<SignalOrder>(code);
    status = status_of(*p.cpu, order);
    if (status != 0) return SignalCode::status_stored;
    if (p.cpu.get() == &sender)
        p.order = order;
    else
        obey(p, order, sender);
    return SignalCode::accepted;
}

void Machine::obey(Processor& p, SignalOrder order, const Cpu& sender) {
    Cpu& c = *p.cpu;
    const auto arrives = [&] {  // a signal does not reach a waiting CPU before it was sent
        if (c.status == CpuStatus::operating && c.psw().wait) c.set_now(std::max(c.now(), sender.now()));
        p.quiet = false;
    };
    switch (order) {
        case SignalOrder::sense: break;
        case SignalOrder::external_call:
            arrives();
            c.external().external_calls |= bit_of(sender);
            break;
        case SignalOrder::emergency_signal:
            arrives();
            c.external().emergency_signals |= bit_of(sender);
            break;
        case SignalOrder::start: start(p, sender.now()); break;
        case SignalOrder::stop:
            c.status = CpuStatus::stopped;
            p.dormant = false;
            break;
        case SignalOrder::restart:
            start(p, sender.now());
            arrives();
            restart(p);
            break;
        case SignalOrder::stop_and_store_status:
            c.status = CpuStatus::stopped;
            p.dormant = false;
            store_status(c);
            break;
        case SignalOrder::initial_program_reset:
        case SignalOrder::program_reset: channels_.reset(); [[fallthrough]];
        case SignalOrder::initial_cpu_reset:
        case SignalOrder::cpu_reset:
            if (order == SignalOrder::initial_program_reset || order == SignalOrder::initial_cpu_reset)
                c.initial_reset();
            else
                c.reset();
            c.status = CpuStatus::stopped;
            p.dormant = false;
            break;
        case SignalOrder::initial_microprogram_load: break;
    }
}

/// From the stopped to the operating state; the timers of a stopped CPU have stood still.
void Machine::start(Processor& p, SimTime when) {
    if (p.cpu->status != CpuStatus::stopped) return;
    p.cpu->skip_to(when);
    p.interval_timer.take_ticks(p.cpu->now());
    p.cpu->status = CpuStatus::operating;
}

void Machine::check_stop(Processor& p) {
    p.cpu->status = CpuStatus::check_stopped;
    for (Processor& other : processors_)
        if (&other != &p) {
            other.cpu->external().malfunction_alerts |= bit_of(*p.cpu);
            other.quiet = false;
        }
}

void Machine::keys_changed() {
    for (Processor& p : processors_) p.cpu->flush_access();
}

void Machine::key_changed(uint32_t absolute) {
    for (Processor& p : processors_) p.cpu->forget_key(absolute);
}

void Machine::page_invalidated() {
    for (Processor& p : processors_) p.cpu->purge_tlb();
}

}  // namespace simulation
