// Every way of executing instructions there is, on every executor, on random programs that may do anything:
// they agree on every register, byte of storage, key and interruption, and on every nanosecond of simulated
// time.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "simulation/machine/machine.hpp"
#include "tests/simulation/executors.hpp"
#include "tests/simulation/lockstep_subject.hpp"
#include "tests/vmcp/random_program.hpp"

namespace simulation {
namespace {

using test::difference;
using test::Subject;
using vmcp::test::Freedom;
using vmcp::test::kProgramStorage;
using vmcp::test::RandomProgram;

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

struct Way {
    const char* name;
    std::function<void(Subject&, std::mt19937_64&)> run;
    bool stops_in_time = false;  // and not by instructions
    bool forgets = false;        // nothing is ever executed for the second time
};

void until_end(Subject& s, const std::function<Stop()>& portion) {
    do s.stop = portion();
    while (!s.ended(s.stop));
}

const std::vector<Way> kWays = {
    {"whole blocks",
     [](Subject& s, std::mt19937_64&) { until_end(s, [&] { return s.advance(~uint64_t{0}); }); }},
    {"one instruction at a time",
     [](Subject& s, std::mt19937_64&) { until_end(s, [&] { return s.advance(1); }); }},
    {"one instruction at a time, each decoded afresh",
     [](Subject& s, std::mt19937_64&) {
         until_end(s, [&] {
             s.machine.storage().stored(0, kProgramStorage);
             return s.advance(1);
         });
     },
     false, true},
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

/// Programs of some seeds, on each executor and in each way, against whole blocks of the interpreter.
void compare(const std::string& model_name, bool translating, bool recording, uint64_t first,
             unsigned programs) {
    const MachineModel model = MachineModel::load(model_name);
    programs *= test::more_programs();
    CAPTURE(model_name);
    CAPTURE(translating);
    CAPTURE(recording);
    uint64_t interruptions = 0, instructions = 0, compared = 0;
    for (uint64_t seed = first; seed < first + programs; ++seed) {
        const RandomProgram program(seed, translating, recording, Freedom::full);
        Subject blocks(program.image(), model, ExecutorKind::interpreter);
        until_end(blocks, [&] { return blocks.advance(~uint64_t{0}); });
        interruptions += blocks.trace.taken.size();
        instructions += blocks.machine.instructions();
        for (const ExecutorKind kind : test::kExecutors) {
            const auto check = [&](Subject& other, const char* way) {
                const std::string how = difference(blocks, other);
                CHECK_MESSAGE(how.empty(), fmt::format("seed {}, {}, {}: {}", seed, name_of(kind), way, how));
            };
            Subject observed(program.image(), model, kind);
            Watch watch(observed.machine.storage());
            observed.machine.executor().observers.add(watch);
            until_end(observed, [&] { return observed.advance(~uint64_t{0}); });
            CHECK(watch.seen >= observed.machine.instructions());
            check(observed, "observed");
            for (const Way& way : kWays) {
                if (way.stops_in_time && watch.interruptible) continue;
                if (way.forgets && kind != ExecutorKind::interpreter) continue;
                std::mt19937_64 random(seed);
                Subject other(program.image(), model, kind);
                way.run(other, random);
                ++compared;
                check(other, way.name);
            }
        }
    }
    CHECK(interruptions > 5 * programs);
    CHECK(instructions > 50 * programs);
    CHECK(compared > std::size(test::kExecutors) * ((kWays.size() - 2) * programs + programs / 2));
}

}  // namespace

TEST_CASE("every executor agrees with the interpreter on random programs") {
    compare("s370-158", false, false, 1, 300);
    compare("unit", false, false, 500'000, 200);
}

TEST_CASE("every executor agrees with the interpreter on random programs with translation tables") {
    compare("s370-158", true, false, 1'000'000, 300);
    compare("unit", true, false, 1'500'000, 200);
}

TEST_CASE("every executor agrees with the interpreter on random programs with program-event recording") {
    compare("s370-158", false, true, 2'000'000, 150);
    compare("unit", true, true, 2'500'000, 150);
}

}  // namespace simulation
