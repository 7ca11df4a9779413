// The scripted operator at a console that says much, and what is held of a machine's output.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "simulation/channel/channel_subsystem.hpp"
#include "tests/simulation/channel_fixture.hpp"
#include "tests/temporary_folder.hpp"
#include "vmcp/experiment/device_outputs.hpp"
#include "vmcp/experiment/scripted_operator.hpp"

using namespace vmcp::experiment;

namespace {

struct Seat : channel_test::Machine {
    explicit Seat(const std::vector<std::string>& waits) {
        for (const std::string& wait : waits) {
            OperatorStep step;
            step.wait.emplace(wait);
            step.type = "ANSWER TO " + wait;
            script.push_back(std::move(step));
        }
    }
    size_t answers() {
        scripted.look(0, true);
        return typed;
    }
    OperatorScript script;
    size_t typed = 0;
    ScriptedOperator scripted{script, channels, [this](const Action&) { ++typed; }};
};

std::string repeated(std::string_view text, size_t times) {
    std::string all;
    for (size_t i = 0; i < times; ++i) all += text;
    return all;
}

}  // namespace

TEST_CASE("scripted operator: a text is found wherever the looks and the windows end") {
    // Pieces that are looked at after each of them; the text begins anywhere in them.
    for (const size_t before : {0u, 1u, 1018u, 1023u, 1024u, 2046u, 2048u, 20'000u, 200'000u})
        for (const size_t piece : {1u, 7u, 5000u, 100'000u}) {
            if (before > 1000 * piece) continue;
            CAPTURE(before);
            CAPTURE(piece);
            Seat seat({"READY [0-9]+;", "NEXT"});
            const std::string text = std::string(before, '.') + "READY 12345;NEXT";
            for (size_t at = 0; at < text.size(); at += piece) {
                seat.scripted.hear(std::string_view(text).substr(at, piece));
                if (at + piece <= before) CHECK(seat.answers() == 0);
                seat.answers();
            }
            CHECK(seat.answers() == 2);
        }
}

TEST_CASE(
    "scripted operator: the beginning of a text is that of what the console said since the step before") {
    Seat seat({"^READY", "^THEN$"});
    seat.scripted.hear(std::string(10'000, '.') + "\nREADY");
    CHECK(seat.answers() == 0);
    Seat other({"^READY", "^THEN$"});
    other.scripted.hear("READYTHEN");
    CHECK(other.answers() == 2);
    // Nor is the end of a window one.
    Seat third({"\\.$"});
    third.scripted.hear(std::string(30'000, '.') + "x");
    CHECK(third.answers() == 0);
}

TEST_CASE("scripted operator: looking is in proportion to what the console says") {
    const auto looked_through = [](size_t lines) {
        Seat seat({"NEVER"});
        for (size_t i = 0; i < lines; ++i) {
            seat.scripted.hear("A LINE OF THE CONSOLE, AND ANOTHER LOOK\n");
            CHECK(seat.answers() == 0);
        }
        return seat.scripted.looked_through();
    };
    // Ten times the text is ten times the work, and each byte is looked at with a window before it.
    const uint64_t small = looked_through(2000), large = looked_through(20'000);
    CHECK(large < 11 * small);
    CHECK(large < 20'000 * (ScriptedOperator::kLongestText + 100));
    // At once, each byte is looked at twice.
    Seat seat({"NEVER"});
    seat.scripted.hear(repeated("x", 1 << 20));
    seat.answers();
    CHECK(seat.scripted.looked_through() < 2u << 20);
}

TEST_CASE("scripted operator: a pattern that goes over all of a long text does not take the stack") {
    Seat seat({"A[^]*B"});
    seat.scripted.hear("A" + repeated("x", 1 << 20));
    CHECK(seat.answers() == 0);
}

TEST_CASE(
    "device outputs: a machine that puts out without end is told of, and what came before is in its files") {
    const tests::TemporaryFolder folder;
    VmDescription description;
    constexpr uint64_t kMost = 64 << 20;
    description.options.name = "looper";
    description.output_files[0x00E] = folder / "printed";
    DeviceOutputs outputs(description);
    const std::string line(1 << 20, '=');
    for (unsigned i = 0; i < kMost >> 20; ++i) outputs.print(0x00E, line);
    CHECK_THROWS_WITH_AS(
        outputs.print(0x00E, "1"),
        "looper: printer 00E: one more line or card than a run holds: expected at most 67108864 "
        "bytes from the console, printers and punches of a machine",
        OutputFull);
    CHECK_THROWS_AS(outputs.punch(0x00D, simulation::Card{}), OutputFull);
    CHECK_THROWS_AS(outputs.console_line(0, ""), OutputFull);
    outputs.finish();
    CHECK(std::filesystem::file_size(folder / "printed") == kMost);
    CHECK(outputs.output().printer.size() == kMost);
}
