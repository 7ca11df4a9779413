// A bare machine kept in step with a guest: real guests agree, and whatever is changed of what the guest did
// is found where it was changed, behind interruptions too.
#include "vmcp/experiment/aligned_comparison.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "vmcp/experiment/bare_machine.hpp"

namespace vmcp::experiment {
namespace {

using simulation::kMillisecond;
using simulation::kSecond;

/// A guest of which something is not as it was. `change` is given each step once, with its number.
class Changed final : public TimedSteps {
  public:
    using Change = std::function<void(TimedStep& step, uint64_t number)>;
    Changed(const Scenario& scenario, size_t vm, Change change)
        : steps_(scenario, vm), change_(std::move(change)) {}

    const TimedStep* peek(size_t ahead) override {
        while (seen_.size() <= ahead) {
            const TimedStep* const step = steps_.peek(0);
            if (step == nullptr) return nullptr;
            seen_.push_back(*step);
            change_(seen_.back(), number_++);
            steps_.advance();
        }
        return &seen_[ahead];
    }
    void advance() override { seen_.pop_front(); }
    bool ended_by_program() const override { return steps_.ended_by_program(); }
    bool is_idle() const override { return steps_.is_idle(); }

  private:
    GuestSteps steps_;
    Change change_;
    std::deque<TimedStep> seen_;
    uint64_t number_ = 0;
};

StreamComparison compare(const Scenario& scenario, size_t vm, const Changed::Change& change) {
    BareDisks disks;
    NativeMachine bare(scenario.machine, bare_machine(scenario, scenario.vms[vm], disks));
    Changed guest(scenario, vm, change);
    return compare_aligned(bare, guest, 300'000);
}

void as_it_is(TimedStep&, uint64_t) {}

const CauseCount& count(const StreamComparison& result, TimeCause cause) {
    return result.causes[static_cast<unsigned>(cause)];
}

bool says(const StreamComparison& result, const char* text) {
    REQUIRE(result.last);
    const bool found = result.last->what.find(text) != std::string::npos;
    if (!found) MESSAGE(result.last->what);
    return found;
}

/// A multitasking system with interval timer and console, beside other machines.
Scenario timesharing() { return read_scenario(VMCP_SOURCE_DIR "/examples/scenarios/timesharing.toml"); }
size_t tasks(const Scenario& scenario) {
    for (size_t i = 0; i < scenario.vms.size(); ++i)
        if (scenario.vms[i].options.name == "tasks") return i;
    return ~size_t{0};
}

Scenario program(const tests::TemporaryFolder& folder, const std::string& body) {
    tests::put(folder / "g.asm",
               "D        START 0\n         DC    A(0,BEGIN)\n         ORG   D+X'200'\n"
               "         USING D,0\n" +
                   body + "         END   BEGIN\n");
    return parse_scenario("[[vm]]\nname = \"a\"\nstorage = \"64K\"\nguest = \"g.asm\"\n", folder / "s.toml");
}

TEST_CASE("aligned: a guest with interruptions agrees to its last instruction, in every register") {
    const Scenario scenario = timesharing();
    const auto result = compare(scenario, tasks(scenario), as_it_is);
    CHECK(result.end == ComparisonEnd::agreed);
    CHECK(result.aligned);
    CHECK(result.interruptions > 200);
    CHECK(result.instructions > 100'000);
    CHECK_FALSE(result.last);
    // Its timer interrupts it at work.
    CHECK(count(result, TimeCause::external_arrival).values > 0);
    REQUIRE(result.first);
}

TEST_CASE("aligned: a fault behind interruptions is found at its step") {
    const Scenario scenario = timesharing();
    uint64_t interruptions = 0, instructions = 0, planted = 0;
    bool done = false;
    const auto result = compare(scenario, tasks(scenario), [&](TimedStep& step, uint64_t) {
        const bool interruption = step.step.is(TraceStep::Kind::interruption);
        interruptions += interruption ? 1 : 0;
        if (!interruption && interruptions == 150 && !done) {
            done = true;
            planted = instructions;
            step.step.cpu.gpr[7] ^= 1;
        }
        instructions += interruption ? 0 : 1;
    });
    CHECK(result.end == ComparisonEnd::difference);
    REQUIRE(result.last);
    CHECK(says(result, "R7 differs"));
    CHECK(result.last->behind == planted);
    CHECK(result.interruptions == 150);
}

TEST_CASE("aligned: an interruption for which there is no reason yet is found") {
    const Scenario scenario = timesharing();
    // The word at location X'50' has not become negative.
    const auto timer =
        compare(scenario, tasks(scenario), [](TimedStep& step, uint64_t) { step.timer = 0x7FFFFFFF; });
    CHECK(timer.end == ComparisonEnd::difference);
    CHECK(says(timer, "natively it is not due"));
    // By a device that was never asked for anything.
    const auto device = compare(scenario, tasks(scenario), [](TimedStep& step, uint64_t) {
        if (auto* io = std::get_if<isa::IoInterruption>(&step.step.interruption)) io->device = 0x00D;
    });
    CHECK(device.end == ComparisonEnd::difference);
    CHECK(says(device, "natively the device has nothing to tell"));
}

TEST_CASE("aligned: another status of a device is found") {
    const Scenario scenario = timesharing();
    const auto result = compare(scenario, tasks(scenario), [](TimedStep& step, uint64_t) {
        if (auto* io = std::get_if<isa::IoInterruption>(&step.step.interruption)) io->csw ^= 1;
    });
    CHECK(result.end == ComparisonEnd::difference);
    CHECK(says(result, "CSW"));
}

TEST_CASE("aligned: an interruption that the guest does not get is found") {
    const tests::TemporaryFolder folder;
    const Scenario scenario =
        program(folder,
                "BEGIN    MVC   88(8),NEW\n         MVC   80(4),=F'1000'\n         SSM   NEW\n"
                "LOOP     B     LOOP\n         DS    0D\n"
                "NEW      DC    X'01000000',A(LOOP)\n         LTORG\n");
    CHECK(compare(scenario, 0, as_it_is).good());
    // It goes on in its loop, where the interval timer would have interrupted it.
    std::optional<TimedStep> loop;
    bool lost = false;
    SimTime time = 0;
    const auto result = compare(scenario, 0, [&](TimedStep& step, uint64_t) {
        lost = lost || (loop && is_asynchronous(step.step));
        if (lost) {
            step = *loop;
            step.timer = 0xFFFFFF00;
        } else if (step.step.is(TraceStep::Kind::instruction) && step.step.subject.op == isa::Op::op_BC) {
            loop = step;
        }
        time = std::max(time, step.time) + (lost ? kMillisecond : 0);
        step.time = time;
    });
    CHECK(result.end == ComparisonEnd::difference);
    REQUIRE(result.last);
    CHECK(says(result, "the guest does not get"));
    CHECK(says(result, "interval timer"));
}

TEST_CASE("aligned: clocks may be a little apart, and are told so") {
    const tests::TemporaryFolder folder;
    const Scenario scenario =
        program(folder,
                "BEGIN    STCK  NOW\n         LM    2,3,NOW\n         LPSW  GOOD\n         DS    0D\n"
                "GOOD     DC    X'0002000000600D00'\nNOW      DS    D\n");
    const auto apart = [&](SimTime by) {
        const auto units = static_cast<uint64_t>(simulation::tod_units(by));
        return compare(scenario, 0, [units](TimedStep& step, uint64_t number) {
            // What it loads from there is part of what it was told.
            if (number == 1) step.answer += units;
            if (number != 3) return;
            const uint64_t now = (uint64_t{step.step.cpu.gpr[2]} << 32 | step.step.cpu.gpr[3]) + units;
            step.step.cpu.gpr[2] = static_cast<uint32_t>(now >> 32);
            step.step.cpu.gpr[3] = static_cast<uint32_t>(now);
        });
    };
    CHECK(apart(0).end == ComparisonEnd::agreed);
    const auto little = apart(kMillisecond);
    CHECK(little.end == ComparisonEnd::agreed);
    CHECK(count(little, TimeCause::clock).values == 1);
    const auto much = apart(2 * kSecond);
    CHECK(much.end == ComparisonEnd::difference);
    CHECK(says(much, "more than a second apart"));
}

}  // namespace
}  // namespace vmcp::experiment
