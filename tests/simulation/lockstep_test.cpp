// Every way of executing instructions there is, on random programs that may do anything: they agree on every
// register, byte of storage, key and interruption, and on every nanosecond of simulated time.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "simulation/devices/device_configuration.hpp"
#include "simulation/machine/machine.hpp"
#include "tests/vmcp/random_program.hpp"

namespace simulation {
namespace {

using vmcp::test::Freedom;
using vmcp::test::kProgramStorage;
using vmcp::test::RandomProgram;

/// An interruption as it was taken: what it is, the state it met, and when.
struct Taken {
    size_t kind;
    unsigned code;
    uint64_t psw;
    SimTime when;
    uint64_t instructions;
    bool operator==(const Taken&) const = default;
};

std::string to_string(const Taken& t) {
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

constexpr uint64_t kMostInstructions = 3000;
constexpr SimTime kMostTime = 50 * kMillisecond;

/// One machine with one program, run in one way.
struct Subject {
    Subject(const std::vector<uint8_t>& image, const MachineModel& model) : machine(model, kProgramStorage) {
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
        limits.instructions = std::min(instructions, kMostInstructions - machine.instructions());
        limits.time = time == kNever ? kMostTime : std::min(kMostTime, machine.cpu().now() + time);
        limits.patience = kMillisecond;
        return machine.run(limits);
    }
    bool ended(Stop stop) {
        return (stop != Stop::limit && stop != Stop::breakpoint) ||
               machine.instructions() >= kMostInstructions || machine.cpu().now() >= kMostTime;
    }

    Machine machine;
    Trace trace;
    std::string printed;
    Stop stop = Stop::limit;
};

/// The byte at a logical address, without touching anything; 0 where there is none.
uint8_t look(const Cpu& cpu, RealStorage& storage, uint32_t address) {
    if (cpu.psw().dat) {
        const auto format = isa::TranslationFormat::of(cpu.cr(0));
        if (!format) return 0;
        const auto t = isa::translate_address(cpu, *format, cpu.cr(1), address, false);
        if (!t.ok()) return 0;
        address = t.real;
    }
    const uint32_t at = cpu.absolute(address & isa::kAddressMask);
    return storage.valid(at) ? *storage.at(at) : 0;
}

/// Sees whether a program executes MOVE LONG or COMPARE LOGICAL LONG. To go on with one after an interruption
/// takes time, so how often it is stopped can be seen in the time that it takes.
struct Watch final : InstructionObserver {
    explicit Watch(RealStorage& s) : storage(s) {}
    void before(const Cpu& cpu, uint32_t address, const isa::Decoded& instruction) override {
        ++seen;
        uint8_t opcode = look(cpu, storage, address);
        const isa::Operands& o = instruction.operands;
        if (opcode == 0x44) opcode = look(cpu, storage, cpu.address(o.r2, o.b2, o.d2));
        if (opcode == 0x0E || opcode == 0x0F) interruptible = true;
    }
    RealStorage& storage;
    uint64_t seen = 0;
    bool interruptible = false;
};

/// What differs, in one line; empty if nothing does.
std::string difference(Subject& a, Subject& b) {
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
    if (!(x.state() == y.state())) return "floating-point registers or prefix";
    if (x.cpu_timer() != y.cpu_timer() || x.clock_comparator() != y.clock_comparator()) return "clocks";
    if (x.counters().tlb_misses != y.counters().tlb_misses ||
        x.counters().table_references != y.counters().table_references ||
        x.counters().table_walk_time != y.counters().table_walk_time)
        return "table walks";
    for (uint32_t at = 0; at < kProgramStorage; ++at)
        if (*a.machine.storage().at(at) != *b.machine.storage().at(at))
            return fmt::format("storage at {:06X}: {:02X}, but {:02X}", at, *a.machine.storage().at(at),
                               *b.machine.storage().at(at));
    for (uint32_t at = 0; at < kProgramStorage; at += kBlock)
        if (a.machine.storage().key(at) != b.machine.storage().key(at))
            return fmt::format("key of {:06X}: {:02X}, but {:02X}", at, a.machine.storage().key(at),
                               b.machine.storage().key(at));
    if (a.printed != b.printed) return "what was printed";
    if (a.machine.waited() != b.machine.waited()) return "time in the wait state";
    return {};
}

struct Executor {
    const char* name;
    std::function<void(Subject&, std::mt19937_64&)> run;
    bool stops_in_time = false;  // and not by instructions
};

void until_end(Subject& s, const std::function<Stop()>& portion) {
    do s.stop = portion();
    while (!s.ended(s.stop));
}

const std::vector<Executor> kExecutors = {
    {"one instruction at a time",
     [](Subject& s, std::mt19937_64&) { until_end(s, [&] { return s.advance(1); }); }},
    {"one instruction at a time, each decoded afresh",
     [](Subject& s, std::mt19937_64&) {
         until_end(s, [&] {
             s.machine.storage().stored(0, kProgramStorage);
             return s.advance(1);
         });
     }},
    {"random numbers of instructions",
     [](Subject& s, std::mt19937_64& random) { until_end(s, [&] { return s.advance(1 + random() % 40); }); }},
    {"random times",
     [](Subject& s, std::mt19937_64& random) {
         until_end(s, [&] { return s.advance(~uint64_t{0}, 1 + static_cast<SimTime>(random() % 30'000)); });
     },
     true},
    {"with instruction stops",
     [](Subject& s, std::mt19937_64& random) {
         for (unsigned n = 0; n < 8; ++n)
             s.machine.executor().set_breakpoint(0x1000 + 2 * static_cast<uint32_t>(random() % 256), true);
         until_end(s, [&] { return s.advance(~uint64_t{0}); });
     }},
};

/// How many times more programs than usual: the environment variable VMCP_LOCKSTEP.
unsigned more_programs() {
    const char* text = std::getenv("VMCP_LOCKSTEP");
    return text != nullptr ? std::max(1u, static_cast<unsigned>(std::strtoul(text, nullptr, 10))) : 1;
}

/// Programs of some seeds, with each executor against whole blocks.
void compare(const std::string& model_name, bool translating, bool recording, uint64_t first,
             unsigned programs) {
    const MachineModel model = MachineModel::load(model_name);
    programs *= more_programs();
    CAPTURE(model_name);
    CAPTURE(translating);
    CAPTURE(recording);
    uint64_t interruptions = 0, instructions = 0, compared = 0;
    for (uint64_t seed = first; seed < first + programs; ++seed) {
        const RandomProgram program(seed, translating, recording, Freedom::full);
        Subject blocks(program.image(), model);
        until_end(blocks, [&] { return blocks.advance(~uint64_t{0}); });
        interruptions += blocks.trace.taken.size();
        instructions += blocks.machine.instructions();
        Subject observed(program.image(), model);
        Watch watch(observed.machine.storage());
        observed.machine.executor().observers.add(watch);
        until_end(observed, [&] { return observed.advance(~uint64_t{0}); });
        CHECK(watch.seen >= observed.machine.instructions());
        const std::string changed = difference(blocks, observed);
        CHECK_MESSAGE(changed.empty(), fmt::format("seed {}, observed: {}", seed, changed));
        for (const Executor& executor : kExecutors) {
            if (executor.stops_in_time && watch.interruptible) continue;
            std::mt19937_64 random(seed);
            Subject other(program.image(), model);
            executor.run(other, random);
            ++compared;
            const std::string how = difference(blocks, other);
            CHECK_MESSAGE(how.empty(), fmt::format("seed {}, {}: {}", seed, executor.name, how));
        }
    }
    CHECK(interruptions > 5 * programs);
    CHECK(instructions > 50 * programs);
    CHECK(compared > (kExecutors.size() - 1) * programs + programs / 2);
}

}  // namespace

TEST_CASE("every executor agrees with blocks on random programs") {
    compare("s370-158", false, false, 1, 300);
    compare("unit", false, false, 500'000, 200);
}

TEST_CASE("every executor agrees with blocks on random programs with translation tables") {
    compare("s370-158", true, false, 1'000'000, 300);
    compare("unit", true, false, 1'500'000, 200);
}

TEST_CASE("every executor agrees with blocks on random programs with program-event recording") {
    compare("s370-158", false, true, 2'000'000, 150);
    compare("unit", true, true, 2'500'000, 150);
}

}  // namespace simulation
