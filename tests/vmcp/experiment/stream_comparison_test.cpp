// Comparing traces: streams that are made up, with differences that are known.
#include "vmcp/experiment/stream_comparison.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "isa/disassembler.hpp"

namespace vmcp::experiment {
namespace {

using Steps = std::vector<TraceStep>;

/// Hands the steps out, a few at a time.
class Recorded final : public StepSource {
  public:
    explicit Recorded(Steps steps, bool by_program = true)
        : steps_(std::move(steps)), by_program_(by_program) {}
    bool go_on() override {
        for (unsigned i = 0; i < 7 && next_ < steps_.size(); ++i) stream.add(steps_[next_++]);
        return next_ < steps_.size();
    }
    bool ended_by_program() const override { return by_program_; }
    StepStream stream{*this};

  private:
    Steps steps_;
    size_t next_ = 0;
    bool by_program_;
};

/// A program as it is executed.
struct Program {
    Steps steps;
    CpuPicture cpu;

    Program& operator()(uint32_t address, std::vector<uint8_t> text) {
        TraceStep step;
        step.address = address;
        text.resize(6);
        step.instruction = step.subject = isa::decode(text.data());
        step.cpu = cpu;
        steps.push_back(step);
        return *this;
    }
    Program& interruption(isa::Interruption what, uint32_t address) {
        TraceStep step;
        step.kind = TraceStep::Kind::interruption;
        step.interruption = what;
        step.address = address;
        step.cpu = cpu;
        steps.push_back(step);
        return *this;
    }
    /// n times LA 1,D with another D at each address.
    Program& work(uint32_t address, unsigned n) {
        for (unsigned i = 0; i < n; ++i) {
            const auto d = static_cast<uint8_t>(address / 4 + i);
            (*this)(address + 4 * i, {0x41, 0x10, 0, d});
            cpu.gpr[1] = d;
        }
        return *this;
    }
};

const std::vector<uint8_t> kStck = {0xB2, 0x05, 0x03, 0x00}, kLoadClock = {0x58, 0x20, 0x03, 0x04},
                           kLoad = {0x58, 0x20, 0x04, 0x00}, kTio = {0x9D, 0x00, 0x00, 0x0E},
                           kBranch = {0x47, 0x70, 0x02, 0x00}, kStoreR2 = {0x50, 0x20, 0x05, 0x00},
                           kLoadStored = {0x58, 0x30, 0x05, 0x00}, kTest = {0x91, 0x01, 0x04, 0x00},
                           kCount = {0xFA, 0x10, 0x04, 0x00, 0x04, 0x10};

StreamComparison compare(const Program& native, const Program& guest, bool by_program = true) {
    Recorded a(native.steps, by_program), b(guest.steps, by_program);
    return compare_streams(a.stream, b.stream);
}

const CauseCount& count(const StreamComparison& result, TimeCause cause) {
    return result.causes[static_cast<unsigned>(cause)];
}

TEST_CASE("equal streams agree to the end, loops at their full length") {
    Program p;
    p.work(0x200, 100);
    for (unsigned i = 0; i < 50; ++i) p(0x400, kTest)(0x404, kBranch);
    p.work(0x500, 10);
    const auto result = compare(p, p);
    CHECK(result.end == ComparisonEnd::agreed);
    CHECK(result.instructions == 210);
    CHECK_FALSE(result.first);
    CHECK_FALSE(result.last);
}

TEST_CASE("a loop in which nothing changes is folded, up to the step that differs") {
    Program p;
    p(0x1F0, kLoad);
    for (unsigned i = 0; i < 9; ++i) p(0x200, kTio)(0x204, kBranch);
    p(0x200, kTio);
    p.cpu.psw = 0x1000'0000'0000;
    p(0x204, kBranch)(0x208, kLoad);
    Recorded source(p.steps);
    std::vector<TraceStep::Kind> kinds;
    uint64_t times = 0;
    for (const TraceStep* step; (step = source.stream.peek()) != nullptr; source.stream.advance()) {
        kinds.push_back(step->kind);
        times += step->times;
    }
    using Kind = TraceStep::Kind;
    CHECK(kinds == std::vector{Kind::instruction, Kind::instruction, Kind::instruction, Kind::loop,
                               Kind::instruction, Kind::instruction, Kind::instruction});
    CHECK(times == 8);
    CHECK(source.stream.instructions() == p.steps.size());
}

TEST_CASE("a register that differs without a reason is a difference, and is shown") {
    Program native, guest;
    native.work(0x200, 20)(0x300, kLoad), guest.work(0x200, 20)(0x300, kLoad);
    guest.cpu.gpr[2] = 5;
    native.work(0x304, 20), guest.work(0x304, 20);
    const auto result = compare(native, guest);
    CHECK(result.end == ComparisonEnd::difference);
    CHECK_FALSE(result.good());
    CHECK(result.instructions == 21);
    REQUIRE(result.last);
    CHECK(result.last->what == "R2 differs, 0 natively and 5 as a guest");
    CHECK(result.last->around.before.back().address == 0x300);
    CHECK(result.last->around.guest.front().address == 0x304);
}

TEST_CASE("what comes from a clock may differ, through storage and registers; what is loaded anew may not") {
    const auto program = [](uint32_t time, uint32_t wrong) {
        Program p;
        p(0x200, kStck)(0x204, kLoadClock);
        p.cpu.gpr[2] = time;
        p(0x208, kStoreR2)(0x20C, kLoadStored);
        p.cpu.gpr[3] = time;
        p.work(0x210, 5)(0x230, kLoad);
        p.cpu.gpr[2] = wrong;
        return p.work(0x234, 5);
    };
    const auto good = compare(program(7, 1), program(9, 1));
    CHECK(good.end == ComparisonEnd::agreed);
    CHECK(good.instructions == 15);
    CHECK(count(good, TimeCause::clock).values == 2);
    // Register 2 has differed all the while, but what it is loaded from now is no time.
    const auto bad = compare(program(7, 1), program(9, 2));
    CHECK(bad.end == ComparisonEnd::difference);
    CHECK(bad.instructions == 10);
}

TEST_CASE("polling loops may go round another number of times, counting ones may not") {
    const auto polls = [](unsigned times, const std::vector<uint8_t>& body) {
        Program p;
        p.work(0x100, 5);
        for (unsigned i = 0; i < times; ++i) p(0x200, body)(0x206, kBranch);
        return p.work(0x20C, 80);
    };
    for (const auto& body : {kTio, kTest}) {
        const auto result = compare(polls(4, body), polls(1000, body));
        CHECK(result.end == ComparisonEnd::agreed);
        CHECK(result.instructions == 93);
        CHECK(count(result, TimeCause::polling).skipped_guest == 1992);
        CHECK(count(result, TimeCause::polling).skipped_native == 0);
    }
    const auto counts = compare(polls(4, kCount), polls(5, kCount));
    CHECK(counts.end == ComparisonEnd::difference);
}

TEST_CASE("an interruption at another instruction is found again") {
    const auto program = [](unsigned before) {
        Program p;
        p.work(0x1000, before);
        const CpuPicture interrupted = p.cpu;
        p.interruption(isa::ExternalInterruption{isa::ExternalCode::interval_timer}, 0x1000 + 4 * before);
        p.work(0x8000, 30);
        p.cpu = interrupted;
        return p.work(0x1000 + 4 * before, 400 - before);
    };
    const auto result = compare(program(100), program(110));
    CHECK(result.good());
    // Ten instructions and the handler of one side lie on the other side's other side.
    CHECK(count(result, TimeCause::external_arrival).parted == 1);
    CHECK(count(result, TimeCause::external_arrival).skipped_native == 41);
    CHECK(count(result, TimeCause::external_arrival).skipped_guest == 41);
    CHECK(result.instructions == 390);
    CHECK_FALSE(result.last);
}

TEST_CASE("other ways without a reason, and an end on one side only") {
    Program native, guest, longer;
    native.work(0x200, 10).work(0x600, 10), guest.work(0x200, 10).work(0x700, 10);
    CHECK(compare(native, guest).end == ComparisonEnd::difference);
    CHECK(compare(native, guest).instructions == 10);
    native = {}, native.work(0x200, 10), longer.work(0x200, 12);
    CHECK(compare(native, longer).end == ComparisonEnd::difference);
    CHECK(compare(native, longer, false).end == ComparisonEnd::one_ended);
}

}  // namespace
}  // namespace vmcp::experiment
