#include "simulation/machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace simulation {

std::string_view name_of(Stop stop) {
    static constexpr std::string_view names[] = {"disabled-wait", "check-stop", "limit", "idle",
                                                 "breakpoint"};
    return names[static_cast<unsigned>(stop)];
}

namespace {

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
      channels_(channel_storage_, events_),
      interpreter_(storage_, model_),
      interval_timer_(model_.interval_timer_hz.value) {
    cpus_.push_back(
        std::make_unique<Cpu>(CpuSurroundings{storage_, channels_, events_, tod_, model_}, uint16_t{0}));
}

void Machine::restart() { take(cpu(), isa::RestartInterruption{}); }

void Machine::initial_program_load(uint16_t device) {
    Cpu& c = cpu();
    channels_.reset();
    c.initial_reset();
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
    // The address of the device is stored where an I/O interruption would have left it, by mode of the new
    // PSW.
    isa::Psw psw = isa::decode_psw(storage_.get64(0));
    if (psw.ec_mode)
        storage_.put32(isa::Assigned::io_address, device);
    else
        storage_.put16(2, device);
    c.load_psw(psw);
}

void Machine::store_status() {
    Cpu& c = cpu();
    const isa::CpuState& s = c.state();
    storage_.put64(0xD8, c.cpu_timer());
    storage_.put64(0xE0, c.clock_comparator());
    storage_.put64(0x100, isa::encode(s.psw));
    storage_.put32(0x108, s.prefix);
    for (unsigned i = 0; i < 4; ++i) storage_.put64(0x160 + 8 * i, s.fpr[i]);
    for (unsigned i = 0; i < 16; ++i) storage_.put32(0x180 + 4 * i, s.gpr[i]);
    for (unsigned i = 0; i < 16; ++i) storage_.put32(0x1C0 + 4 * i, s.cr[i]);
}

void Machine::catch_up() {
    Cpu& c = cpu();
    events_.run_until(c.now());
    if (!interval_timer_runs) return;
    if (const int64_t ticks = interval_timer_.take_ticks(c.now())) {
        const uint32_t at = c.absolute(isa::Assigned::interval_timer);
        storage_.put32(at, IntervalTimer::count_down(storage_.get32(at), ticks, c.external.interval_timer));
    }
}

SimTime Machine::next_event(Cpu& c, bool waiting) {
    SimTime next = std::min(events_.next(), c.next_timer_event());
    if (interval_timer_runs) {
        // A running program may look at location 80 after any tick; a waiting one only sees it expire.
        const uint32_t word = storage_.get32(c.absolute(isa::Assigned::interval_timer));
        next = std::min(next, waiting ? interval_timer_.becomes_negative(word) : interval_timer_.next_tick());
    }
    return next;
}

std::optional<isa::Interruption> Machine::pending_interruption(Cpu& c) {
    if (auto external = c.external_pending()) return *external;
    if (channels_.has_pending()) {
        if (const auto device = channels_.pending(c.enabled_channels())) {
            if (const auto io = channels_.take(*device))
                return isa::IoInterruption{io->address, encode(io->csw)};
        }
    }
    return std::nullopt;
}

void Machine::accept(Cpu& c, const isa::Interruption& interruption) {
    if (const auto* external = std::get_if<isa::ExternalInterruption>(&interruption))
        c.external.accept(*external);
}

bool Machine::take(Cpu& c, const isa::Interruption& interruption) {
    if (observer != nullptr) observer->interruption(c, interruption);
    c.take(interruption);
    return !interruptions_.add(c.counters().instructions);
}

Stop Machine::run(const RunLimits& limits) {
    Cpu& c = cpu();
    const uint64_t first = c.counters().instructions;
    while (true) {
        catch_up();
        if (c.now() >= limits.time) return Stop::limit;
        if (const auto error = c.psw_error()) {
            if (!take(c, *error)) return Stop::check_stop;
            continue;
        }
        if (const auto interruption = pending_interruption(c)) {
            accept(c, *interruption);
            if (!take(c, *interruption)) return Stop::check_stop;
            continue;
        }
        if (c.psw().wait) {
            if (isa::is_disabled_wait(c.state())) return Stop::disabled_wait;
            const SimTime next = next_event(c, true);
            if (next == kNever) return Stop::idle;
            if (next >= limits.time) {
                c.set_now(limits.time);
                continue;
            }
            c.set_now(std::max(c.now(), next));
            continue;
        }
        const uint64_t done = c.counters().instructions - first;
        if (done >= limits.instructions) return Stop::limit;
        const Exit exit =
            interpreter_.run(c, std::min(next_event(c, false), limits.time), limits.instructions - done);
        if (const auto* program = std::get_if<isa::ProgramInterruption>(&exit)) {
            if (!take(c, *program)) return Stop::check_stop;
        } else if (const auto* svc = std::get_if<isa::SupervisorCallInterruption>(&exit)) {
            take(c, *svc);
        } else if (std::holds_alternative<Breakpoint>(exit)) {
            return Stop::breakpoint;
        }
    }
}

}  // namespace simulation
