// The operator of a script: when steps are done, and what a line for the console waits for.
#include "vmcp/experiment/scripted_operator.hpp"

#include <doctest/doctest.h>

#include "simulation/devices/console.hpp"
#include "tests/simulation/channel_fixture.hpp"

namespace vmcp::experiment {
namespace {

using simulation::kMillisecond;
using simulation::kSecond;

struct Script : channel_test::Machine {
    explicit Script(OperatorScript what)
        : script(std::move(what)),
          scripted(script, channels, [this](const Action& action) { done.push_back(action); }) {}

    OperatorScript script;
    std::vector<Action> done;
    ScriptedOperator scripted;
};

OperatorStep waiting_step() {
    OperatorStep step;
    step.where = "o.toml:1:1";
    step.wait.emplace("READY");
    step.attention = true;
    return step;
}

}  // namespace

TEST_CASE("scripted operator: a pause counts from the text, and is no part of the limit") {
    OperatorStep step = waiting_step();
    step.limit = 10 * kSecond;
    step.pause = 60 * kSecond;
    Script s({step});
    s.scripted.begin(0);
    s.scripted.look(8 * kSecond, false);
    CHECK(s.scripted.deadline() == 10 * kSecond);
    s.scripted.hear("READY\n");
    s.scripted.look(9 * kSecond, false);
    CHECK(s.scripted.deadline() == 79 * kSecond);
    s.scripted.look(68 * kSecond, false);
    s.scripted.check_deadline(68 * kSecond);
    CHECK(s.done.empty());
    s.scripted.look(69 * kSecond, false);
    CHECK(s.done.size() == 1);
    CHECK(s.scripted.has_ended());
}

TEST_CASE(
    "scripted operator: a pause without a text counts from the step before; a text has to come in time") {
    OperatorStep pause, text = waiting_step();
    pause.pause = 700 * kSecond;  // longer than the limit of 600
    pause.attention = true;
    Script s({pause, text});
    s.scripted.begin(kSecond);
    s.scripted.look(700 * kSecond, false);
    s.scripted.check_deadline(700 * kSecond);
    CHECK(s.done.empty());
    s.scripted.look(701 * kSecond, false);
    CHECK(s.done.size() == 1);
    s.scripted.check_deadline(1300 * kSecond);
    CHECK_THROWS_AS(s.scripted.check_deadline(1301 * kSecond), OperatorError);
}

TEST_CASE("scripted operator: what the machine cannot do is told with the step") {
    OperatorStep step = waiting_step();
    step.wait.reset();
    const OperatorScript script{step};
    channel_test::Machine m;
    ScriptedOperator scripted(script, m.channels,
                              [](const Action&) { throw ActionError("there is no such reader"); });
    scripted.begin(0);
    CHECK_THROWS_WITH_AS(scripted.look(0, false), "o.toml:1:1: step 1: there is no such reader",
                         OperatorError);
}

TEST_CASE("console typist: a line waits for a read, an enabled interruption or a loop of TEST I/O") {
    channel_test::Machine m;
    auto& console = m.channels.attach(0x009, std::make_unique<simulation::Console>(nullptr));
    bool enabled = false;
    ConsoleTypist typist(m.channels, console, [&] { return enabled; });
    typist.type("one");
    CHECK(typist.holds_lines());
    CHECK_FALSE(typist.look(true));
    CHECK_FALSE(m.channels.has_pending());
    m.ccws({{0x0A, channel_test::SLI, 8, channel_test::Machine::data}});
    REQUIRE(m.start(channel_test::Machine::program, 0x009).condition_code == 0);
    CHECK_FALSE(typist.look(true));
    CHECK_FALSE(typist.holds_lines());
    CHECK(m.interruption(0x009).count == 5);
    // Single tests of the console are no loop.
    typist.type("two");
    for (int i = 0; i < 10; ++i) CHECK(m.channels.test_io(0x009).condition_code == 0);
    typist.look(true);
    CHECK(typist.holds_lines());
    for (int i = 0; i < 1000; ++i) m.channels.test_io(0x009);
    typist.look(true);
    CHECK_FALSE(typist.holds_lines());
    CHECK(m.interruption(0x009).unit_status == simulation::kAttention);
    console.cancel();
    m.ccws({{0x0A, channel_test::SLI, 8, channel_test::Machine::data}});
    REQUIRE(m.start(channel_test::Machine::program, 0x009).condition_code == 0);
    m.run();
    m.interruption(0x009);
    enabled = true;
    typist.type("three");
    CHECK_FALSE(typist.holds_lines());
    CHECK(m.interruption(0x009).unit_status == simulation::kAttention);
}

TEST_CASE("console typist: asks for a line when a busy program's read is outstanding") {
    channel_test::Machine m;
    auto& console = m.channels.attach(0x009, std::make_unique<simulation::Console>(nullptr));
    ConsoleTypist typist(m.channels, console, [] { return false; });
    CHECK_FALSE(typist.look(true));
    m.ccws({{0x0A, channel_test::SLI, 8, channel_test::Machine::data}});
    REQUIRE(m.start(channel_test::Machine::program, 0x009).condition_code == 0);
    CHECK_FALSE(typist.look(true));   // it has come since
    CHECK_FALSE(typist.look(false));  // the program waits: others may be what it waits for
    CHECK(typist.look(true));
}

}  // namespace vmcp::experiment
