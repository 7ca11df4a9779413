// A machine with a random program, and what two such machines differ in.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "simulation/devices/device_configuration.hpp"
#include "simulation/machine/machine.hpp"
#include "tests/simulation/executors.hpp"
#include "tests/vmcp/random_program.hpp"

namespace simulation::test {

/// An interruption as it was taken: what it is, the state it met, and when.
struct Taken {
    size_t kind;
    unsigned code;
    uint64_t psw;
    SimTime when;
    uint64_t instructions;
    bool operator==(const Taken&) const = default;
};

inline std::string to_string(const Taken& t) {
    return fmt::format("kind {} code {:04X} PSW {:016X} at {} ns after {} instructions", t.kind, t.code,
                       t.psw, t.when, t.instructions);
}

struct Trace final : InterruptionObserver {
    void interruption(const Cpu& cpu, const isa::Interruption& i) override {
        unsigned code = 0;
        if (const auto* program = std::get_if<isa::ProgramInterruption>(&i))
            code = static_cast<unsigned>(program->code);
        if (const auto* svc = std::get_if<isa::SupervisorCallInterruption>(&i)) code = svc->number;
        if (const auto* io = std::get_if<isa::IoInterruption>(&i)) code = io->device;
        taken.push_back({i.index(), code, isa::encode(cpu.psw()), cpu.now(), cpu.counters().instructions});
    }
    std::vector<Taken> taken;
};

/// How many times more programs than usual: the environment variable VMCP_LOCKSTEP.
inline unsigned more_programs() {
    const char* text = std::getenv("VMCP_LOCKSTEP");
    return text != nullptr ? std::max(1u, static_cast<unsigned>(std::strtoul(text, nullptr, 10))) : 1;
}

/// A run ends behind so many instructions, or at that time.
struct SubjectLimits {
    uint64_t instructions = 3000;
    SimTime time = 50 * kMillisecond;
};

/// One machine with one program.
struct Subject {
    Subject(const std::vector<uint8_t>& image, const MachineModel& model, ExecutorKind kind,
            SubjectLimits limits = {})
        : machine(on_executor(kind, [&] { return Machine(model, vmcp::test::kProgramStorage); })),
          most(limits) {
        UnitRecordOutput output;
        output.console = [this](std::string_view text, bool) { printed += text; };
        output.punch = [](const Card&, unsigned) {};
        output.printer = [this](std::string_view text) { printed += text; };
        attach_all(machine.channels(), machine.model(), standard_units(),
                   [&](const DeviceDescription&) { return output; });
        machine.storage().put(0, image.data(), static_cast<uint32_t>(image.size()));
        machine.observers.add(trace);
        machine.restart();
    }
    /// So many instructions more, or until so much later.
    Stop advance(uint64_t instructions, SimTime time = kNever) {
        RunLimits limits;
        limits.instructions = std::min(instructions, most.instructions - machine.instructions());
        limits.time = time == kNever ? most.time : std::min(most.time, machine.cpu().now() + time);
        limits.patience = kMillisecond;
        return machine.run(limits);
    }
    bool ended(Stop stop) {
        return (stop != Stop::limit && stop != Stop::breakpoint) ||
               machine.instructions() >= most.instructions || machine.cpu().now() >= most.time;
    }

    Machine machine;
    const SubjectLimits most;
    Trace trace;
    std::string printed;
    Stop stop = Stop::limit;
};

/// What differs, in one line; empty if nothing does.
inline std::string difference(Subject& a, Subject& b) {
    for (size_t i = 0; i < std::max(a.trace.taken.size(), b.trace.taken.size()); ++i) {
        if (i >= a.trace.taken.size()) return "more: " + to_string(b.trace.taken[i]);
        if (i >= b.trace.taken.size()) return "missing: " + to_string(a.trace.taken[i]);
        if (!(a.trace.taken[i] == b.trace.taken[i]))
            return fmt::format("interruption {}: {}, but {}", i, to_string(a.trace.taken[i]),
                               to_string(b.trace.taken[i]));
    }
    Cpu& x = a.machine.cpu();
    Cpu& y = b.machine.cpu();
    if (a.stop != b.stop) return fmt::format("end: {}, but {}", name_of(a.stop), name_of(b.stop));
    if (x.now() != y.now()) return fmt::format("time: {}, but {}", x.now(), y.now());
    if (x.counters().instructions != y.counters().instructions)
        return fmt::format("instructions: {}, but {}", x.counters().instructions, y.counters().instructions);
    for (unsigned r = 0; r < 16; ++r) {
        if (x.gpr(r) != y.gpr(r)) return fmt::format("GR{}: {:08X}, but {:08X}", r, x.gpr(r), y.gpr(r));
        if (x.cr(r) != y.cr(r)) return fmt::format("CR{}: {:08X}, but {:08X}", r, x.cr(r), y.cr(r));
    }
    if (!(x.psw() == y.psw()))
        return fmt::format("PSW: {:016X}, but {:016X}", isa::encode(x.psw()), isa::encode(y.psw()));
    for (unsigned r = 0; r < 8; r += 2)
        if (x.fpr(r) != y.fpr(r)) return fmt::format("FR{}: {:016X}, but {:016X}", r, x.fpr(r), y.fpr(r));
    if (!(x.state() == y.state())) return "prefix";
    if (x.cpu_timer() != y.cpu_timer() || x.clock_comparator() != y.clock_comparator()) return "clocks";
    const auto counter = [&](const char* name, auto CpuCounters::*of) {
        const auto is = x.counters().*of, other = y.counters().*of;
        return is == other ? std::string() : fmt::format("{}: {}, but {}", name, is, other);
    };
    for (const std::string& how : {counter("TLB misses", &CpuCounters::tlb_misses),
                                   counter("table references", &CpuCounters::table_references),
                                   counter("time of table walks", &CpuCounters::table_walk_time)})
        if (!how.empty()) return how;
    const uint8_t* const left = a.machine.storage().at(0);
    const uint8_t* const right = b.machine.storage().at(0);
    if (std::memcmp(left, right, vmcp::test::kProgramStorage) != 0) {
        const auto at = std::mismatch(left, left + vmcp::test::kProgramStorage, right).first - left;
        return fmt::format("storage at {:06X}: {:02X}, but {:02X}", at, left[at], right[at]);
    }
    for (uint32_t at = 0; at < vmcp::test::kProgramStorage; at += kBlock)
        if (a.machine.storage().key(at) != b.machine.storage().key(at))
            return fmt::format("key of {:06X}: {:02X}, but {:02X}", at, a.machine.storage().key(at),
                               b.machine.storage().key(at));
    if (a.printed != b.printed) return "what was printed";
    if (a.machine.waited() != b.machine.waited()) return "time in the wait state";
    return {};
}

}  // namespace simulation::test
