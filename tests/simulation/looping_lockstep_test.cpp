// Executors side by side on programs that loop, so that those which translate have translated: run from
// budget to budget, looked at and changed in between, and compared behind each. VMCP_LOCKSTEP=100 makes it a
// hundred times as much, VMCP_LOCKSTEP_SEED runs one program.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/simulation/executors.hpp"
#include "tests/simulation/lockstep_subject.hpp"
#include "tests/simulation/looping_program.hpp"

namespace simulation::test {
namespace {

constexpr uint64_t kInstructions = 1'000'000;  // in all, on each executor; VMCP_LOCKSTEP times that

struct Family {
    const char* model;
    bool translating, recording;
    unsigned share;  // of the instructions, in percent
};
constexpr Family kFamilies[] = {
    {"s370-158", false, false, 25}, {"s370-158", true, false, 30},     {"s370-158-gcc", false, false, 15},
    {"unit", true, false, 10},      {"s370-158-gcc", true, false, 10}, {"s370-158", true, true, 10},
};

/// What is done to a machine at a time: something from outside, then a run.
struct Leg {
    enum class First : uint8_t { nothing, look, stop_at, store, set_key };
    First first = First::nothing;
    uint32_t address = 0;
    uint8_t value = 0;
    uint64_t instructions = ~uint64_t{0};
    SimTime time = kNever;
};

Leg random_leg(std::mt19937_64& random) {
    const auto below = [&](uint64_t n) { return random() % n; };
    Leg leg;
    const auto first = below(40);
    if (first >= 1 && first <= 4) leg.first = static_cast<Leg::First>(first);
    leg.address = static_cast<uint32_t>(below(4) == 0 ? below(0x8000) : 0x1000 + below(0x800));
    leg.value = static_cast<uint8_t>(random());
    // Where only the time is limited nobody counts instructions.
    constexpr uint64_t kMost[] = {1, 10, 100, 1000, 10'000};
    const auto kind = below(3);
    if (kind != 0) leg.instructions = 1 + below(kMost[below(std::size(kMost))]);
    if (kind != 1) leg.time = static_cast<SimTime>(1 + below(kMost[below(std::size(kMost))] * 1000));
    return leg;
}

struct Onlooker final : InstructionObserver {
    void before(const Cpu& cpu, uint32_t address, const isa::Decoded&) override {
        seen += address + cpu.gpr(1);
    }
    uint64_t seen = 0;
};

/// A machine in a race of several.
struct Runner {
    Runner(const std::vector<uint8_t>& image, const MachineModel& model, ExecutorKind k,
           const SubjectLimits& limits)
        : kind(k), subject(image, model, k, limits) {}
    void run(const Leg& leg) {
        subject.trace.taken.clear();
        Machine& machine = subject.machine;
        Onlooker onlooker;
        switch (leg.first) {
            case Leg::First::nothing: break;
            case Leg::First::look: machine.executor().observers.add(onlooker); break;
            case Leg::First::stop_at: machine.executor().set_breakpoint(leg.address & ~1U, true); break;
            case Leg::First::store: machine.storage().put(leg.address, &leg.value, 1); break;
            case Leg::First::set_key:
                machine.storage().set_key(leg.address, leg.value);
                machine.cpu().flush_access();
        }
        RunLimits limits;
        limits.instructions = leg.instructions;
        limits.time = leg.time == kNever ? subject.most.time : machine.cpu().now() + leg.time;
        limits.patience = kMillisecond;
        subject.stop = machine.run(limits);
        seen = onlooker.seen;
        if (leg.first == Leg::First::look) machine.executor().observers.remove(onlooker);
        if (leg.first == Leg::First::stop_at) machine.executor().set_breakpoint(leg.address & ~1U, false);
    }
    bool ended() { return subject.ended(subject.stop); }

    ExecutorKind kind;
    Subject subject;
    uint64_t seen = 0;  // by the onlooker
};

std::string difference(Runner& a, Runner& b) {
    std::string how = difference(a.subject, b.subject);
    const CpuCounters &x = a.subject.machine.cpu().counters(), &y = b.subject.machine.cpu().counters();
    if (how.empty() && x.units != y.units) how = fmt::format("units: {}, but {}", x.units, y.units);
    if (how.empty() && a.seen != b.seen) how = "what an observer saw";
    if (how.empty() &&
        a.subject.machine.executor().is_cut_short() != b.subject.machine.executor().is_cut_short())
        how = "whether the run was cut short";
    return how;
}

/// A program on a family's machine.
class Race {
  public:
    Race(const Family& family, uint64_t seed)
        : model_(MachineModel::load(family.model)),
          image_(LoopingProgram(seed, family.translating, family.recording, model_.facilities).image()),
          random_(seed) {
        limits_.instructions = random_() % 16 == 0 ? 40'000 : 4'000;
        limits_.time = kSecond;
    }
    /// Until its end, or the first difference, which is the answer.
    std::string run() {
        Runner first(image_, model_, ExecutorKind::interpreter, limits_);
        std::vector<std::unique_ptr<Runner>> others;
        for (const ExecutorKind kind : {ExecutorKind::translator, ExecutorKind::automatic})
            others.push_back(std::make_unique<Runner>(image_, model_, kind, limits_));
        while (!first.ended() || legs_.empty()) {
            legs_.push_back(random_leg(random_));
            first.run(legs_.back());
            for (const auto& other : others) {
                other->run(legs_.back());
                const std::string how = difference(first, *other);
                if (!how.empty()) return told(how, *other);
            }
        }
        instructions = first.subject.machine.instructions();
        blocks = first.subject.machine.executor().counts().decoded_blocks;
        return {};
    }

    uint64_t instructions = 0, blocks = 0;  // that were executed; that were decoded for it

  private:
    std::unique_ptr<Runner> behind(ExecutorKind kind, size_t legs) const {
        auto runner = std::make_unique<Runner>(image_, model_, kind, limits_);
        for (size_t i = 0; i < legs; ++i) runner->run(legs_[i]);
        return runner;
    }
    /// The last leg, but with so many instructions.
    Leg part(uint64_t instructions) const {
        Leg leg = legs_.back();
        leg.instructions = instructions;
        return leg;
    }
    std::string difference_behind(ExecutorKind kind, uint64_t instructions) const {
        const auto a = behind(ExecutorKind::interpreter, legs_.size() - 1);
        const auto b = behind(kind, legs_.size() - 1);
        a->run(part(instructions));
        b->run(part(instructions));
        return difference(*a, *b);
    }
    /// A difference in the last leg, and where: by running the leg again with the least number of
    /// instructions that shows one.
    std::string told(const std::string& how, Runner& other) const {
        const Leg& leg = legs_.back();
        const size_t before = legs_.size() - 1;
        std::string text =
            fmt::format("{}, leg {} ({} instructions, {} ns, first {}): {}", name_of(other.kind), before,
                        leg.instructions, leg.time, static_cast<unsigned>(leg.first), how);
        const uint64_t done =
            other.subject.machine.instructions() - behind(other.kind, before)->subject.machine.instructions();
        uint64_t same = 0, differs = std::min<uint64_t>(done + 1, leg.instructions);
        if (difference_behind(other.kind, differs).empty())
            return text + "; not with an exact number of instructions";
        while (differs - same > 1) {
            const uint64_t half = same + (differs - same) / 2;
            (difference_behind(other.kind, half).empty() ? same : differs) = half;
        }
        const auto last_alike = behind(ExecutorKind::interpreter, before);
        if (same != 0) last_alike->run(part(same));
        return text +
               fmt::format("\n  with {} instructions of the leg, not with {}: {}\n  in front of the last: {}",
                           differs, same, difference_behind(other.kind, differs), state(*last_alike));
    }
    static std::string state(Runner& runner) {
        Machine& machine = runner.subject.machine;
        const Cpu& cpu = machine.cpu();
        std::string text = fmt::format("PSW {:016X}, bytes", isa::encode(cpu.psw()));
        const uint32_t at = cpu.absolute(cpu.psw().address & isa::kAddressMask);
        for (uint32_t i = at; i < at + 6 && i < vmcp::test::kProgramStorage; ++i)
            text += fmt::format(" {:02X}", *machine.storage().at(i));
        for (unsigned r = 0; r < 16; ++r)
            text += fmt::format("{}{:08X}", r % 8 == 0 ? "\n  GR " : " ", cpu.gpr(r));
        return text;
    }

    const MachineModel model_;
    const std::vector<uint8_t> image_;
    SubjectLimits limits_;
    std::mt19937_64 random_;
    std::vector<Leg> legs_;
};

}  // namespace

TEST_CASE("executors side by side on programs that loop") {
    const char* const only = std::getenv("VMCP_LOCKSTEP_SEED");
    unsigned failures = 0;
    for (size_t i = 0; i < std::size(kFamilies); ++i) {
        const Family& family = kFamilies[i];
        const std::string model = family.model;
        const uint64_t all = kInstructions * more_programs() / 100 * family.share,
                       first = (i + 1) * 100'000'000;
        uint64_t instructions = 0, blocks = 0, programs = 0;
        for (uint64_t seed = first; instructions < all && failures < 3; ++seed) {
            if (only != nullptr) {
                seed = std::strtoull(only, nullptr, 10);
                if (seed / 100'000'000 != i + 1) break;
            }
            Race race(family, seed);
            const std::string how = race.run();
            CHECK_MESSAGE(how.empty(),
                          fmt::format("seed {} ({}{}{}), {}\nAgain: VMCP_LOCKSTEP_SEED={} test_simulation "
                                      "--test-case='executors side by side*'",
                                      seed, family.model, family.translating ? ", translating" : "",
                                      family.recording ? ", recording" : "", how, seed));
            failures += !how.empty();
            instructions += race.instructions;
            blocks += race.blocks;
            ++programs;
            if (only != nullptr) break;
        }
        if (only != nullptr || failures != 0) continue;
        CAPTURE(model);
        CAPTURE(programs);
        CAPTURE(instructions);
        CHECK(blocks * 10 < instructions);  // they do loop
        if (std::getenv("VMCP_LOCKSTEP") != nullptr)
            MESSAGE(model, ": ", programs, " programs, ", instructions, " instructions, ", blocks, " blocks");
    }
}

}  // namespace simulation::test
