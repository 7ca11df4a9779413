// Sessions: a run that is looked at, acted on and operated while it goes on.
#include "vmcp/experiment/session.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/virtual_session.hpp"

namespace vmcp::experiment {
namespace {

constexpr const char* kScenarios = VMCP_SOURCE_DIR "/examples/scenarios/";

/// Asks for a name, says it back, prints a line, and ends.
constexpr const char* kAsk =
    "ASK      START 0\n         DC    A(0,BEGIN)\n         ORG   ASK+72\n         DC    A(TALK)\n"
    "         ORG   ASK+120\n         DC    A(0,BEGUN)\n         ORG   ASK+X'200'\n         USING ASK,0\n"
    "BEGIN    SIO   X'009'\nWAIT     LPSW  IDLE\nBEGUN    TM    68,X'04'\n         BZ    WAIT\n"
    "         CLI   PRINTED,1\n         BE    END\n         MVI   PRINTED,1\n         MVC   72(4),=A(LIST)\n"
    "         SIO   X'00E'\n         B     WAIT\nEND      LPSW  DONE\n         DS    0D\n"
    "IDLE     DC    X'FE02000000000000'\nDONE     DC    X'0002000000000000'\n"
    "TALK     CCW   X'09',PROMPT,X'60',5\n         CCW   X'0A',NAME,X'60',20\n         CCW   "
    "X'09',NAME,X'20',3\n"
    "LIST     CCW   X'09',NAME,X'20',3\nPROMPT   DC    C'NAME?'\nNAME     DC    CL20' '\nPRINTED  DC    "
    "X'00'\n"
    "         LTORG\n         END   BEGIN\n";

struct Asking {
    explicit Asking(const char* script, const char* more = "") {
        tests::put(folder / "ask.asm", kAsk);
        tests::put(folder / "script.toml", script);
        tests::put(folder / "s.toml",
                   fmt::format("title = \"asking\"\n[machine]\nmodel = \"s370-158\"\n"
                               "[run]\ntime_limit_ms = 100000\n"
                               "[[vm]]\nname = \"a\"\nstorage = \"64K\"\nguest = \"ask.asm\"\n{}{}",
                               *script != '\0' ? "operator = \"script.toml\"\n" : "", more));
        scenario = read_scenario(folder / "s.toml");
    }
    tests::TemporaryFolder folder;
    Scenario scenario;
};

std::vector<std::string> lines(const GuestOutput& output) {
    std::vector<std::string> result;
    for (const ConsoleLine& line : output.console) result.push_back(line.text);
    return result;
}

nlohmann::ordered_json json_of(const Scenario& scenario, const RunResult& result) {
    nlohmann::ordered_json j = to_json(scenario, result);
    j.erase("host");
    return j;
}

constexpr const char* kAnswer =
    "[[step]]\nwait = \"NAME.\"\ntype = \"BOB\"\n[[step]]\nwait = \"BOB\"\npause_s = 2\n";

TEST_CASE("a machine that prints without end is stopped, and the others go on to their end") {
    // One prints lines for ever; the other one asks for a name and has it after it.
    constexpr const char* kLooper =
        "LOOP     START 0\n         DC    A(0,BEGIN)\n         ORG   LOOP+72\n         DC    A(LIST)\n"
        "         ORG   LOOP+X'200'\n         USING LOOP,0\nBEGIN    SIO   X'00E'\n         TIO   X'00E'\n   "
        "      B     BEGIN\n"
        "LIST     CCW   X'09',TEXT,X'20',9\nTEXT     DC    C'FOR EVER.'\n         END   BEGIN\n";
    const tests::TemporaryFolder folder;
    tests::put(folder / "ask.asm", kAsk);
    tests::put(folder / "script.toml", kAnswer);
    tests::put(folder / "loop.asm", kLooper);
    tests::put(folder / "s.toml",
               "title = \"loop\"\n[machine]\nmodel = \"s370-158\"\n[run]\ntime_limit_ms = 100000\n"
               "[[vm]]\nname = \"looper\"\nstorage = \"64K\"\nguest = \"loop.asm\"\n"
               "[[vm]]\nname = \"a\"\nstorage = \"64K\"\nguest = \"ask.asm\"\noperator = \"script.toml\"\n");
    Scenario scenario = read_scenario(folder / "s.toml");
    scenario.vms[0].most_output = 400;
    const RunResult result = run(scenario);
    REQUIRE(result.vms.size() == 2);
    CHECK(result.vms[0].stop == StopReason::output_full);
    CHECK(result.vms[0].output.printer.size() >= 400);
    CHECK(result.vms[0].output.printer.size() < 800);
    CHECK(result.vms[0].output.printer.starts_with("FOR EVER.\nFOR EVER.\n"));
    CHECK(result.vms[1].output.printer == "BOB\n");
    CHECK(to_json(scenario, result).dump().find("output-full") != std::string::npos);
}

TEST_CASE("looking on piece by piece changes nothing of a run") {
    for (const char* name : {"timesharing.toml", "overcommit.toml", "shadow-vs-nested.toml"}) {
        CAPTURE(name);
        Scenario scenario = read_scenario(std::string(kScenarios) + name);
        scenario.time_limit = 3 * simulation::kSecond;
        const nlohmann::ordered_json whole = json_of(scenario, run(scenario));
        for (const SimTime piece : {SimTime{7'000}, SimTime{3'333'333}}) {
            VirtualSession session(scenario);
            session.start();
            unsigned pieces = 1;
            while (session.advance(session.now() + piece) != Progress::ended) ++pieces;
            CHECK(pieces > 100);
            session.finish();
            const bool same = json_of(scenario, session.result()) == whole;
            CHECK(same);
        }
    }
}

TEST_CASE("an operator's script does the same natively and under the control program") {
    const Asking asking(kAnswer);
    const NativeResult native = NativeMachine(asking.scenario.machine, asking.scenario.vms[0])
                                    .run({.time = asking.scenario.time_limit});
    const RunResult result = run(asking.scenario);
    CHECK(lines(native.output) == std::vector<std::string>{"NAME?", "BOB", "BOB"});
    CHECK(lines(result.vms[0].output) == lines(native.output));
    CHECK(result.vms[0].output.printer == "BOB\n");
    CHECK(result.vms[0].stop == StopReason::disabled_wait);
}

TEST_CASE("a script that waits for what never comes says so, and what was printed is there") {
    const Asking asking(
        "[[step]]\nwait = \"NAME.\"\ntype = \"BOB\"\n[[step]]\nwait = \"NEVER\"\nlimit_s = 5\n",
        "[[vm.device]]\naddress = \"00E\"\ntype = \"1403\"\nfile = \"list.txt\"\n");
    CHECK_THROWS_WITH_AS(run(asking.scenario), doctest::Contains("step 2: disabled-wait: expected a console"),
                         OperatorError);
    CHECK(tests::contents(asking.folder / "list.txt") == "BOB\n");
    std::filesystem::remove(asking.folder / "list.txt");
    CHECK_THROWS_AS(NativeMachine(asking.scenario.machine, asking.scenario.vms[0]).run({}), OperatorError);
    CHECK(tests::contents(asking.folder / "list.txt") == "BOB\n");
}

TEST_CASE("a session takes actions between its pieces") {
    const Asking asking("");
    VirtualSession session(asking.scenario);
    session.start();
    CHECK(session.advance(5 * simulation::kSecond) == Progress::idle);
    session.act("a", action::CpCommand{"query userid"});
    session.act("a", action::ConsoleLine{"EVE"});
    VmDescription second = asking.scenario.vms[0];
    second.options.name = std::string("b");
    session.act("b", action::LogOn{second});
    CHECK_THROWS_WITH_AS(session.act("b", action::LogOn{second}), "there is a virtual machine \"b\" already",
                         ActionError);
    CHECK(session.advance(20 * simulation::kSecond) == Progress::idle);
    RunResult result = session.result();
    CHECK(lines(result.vms[0].output) == std::vector<std::string>{"NAME?", "a", "EVE", "EVE"});
    CHECK(result.vms[0].account.of(Cause::command).count == 1);
    CHECK(result.vms[0].state == VmState::stopped);
    CHECK(result.vms[1].state == VmState::waiting);
    CHECK_THROWS_AS(session.act("a", action::ConsoleLine{"X"}), ActionError);
    session.act("b", action::LogOff{});
    CHECK_THROWS_WITH_AS(session.act("b", action::Attention{}), "there is no virtual machine \"b\"",
                         ActionError);
    CHECK_THROWS_AS(session.act("nobody", action::Restart{}), ActionError);
    CHECK(session.advance(30 * simulation::kSecond) == Progress::ended);
    result = session.result();
    CHECK(result.vms[1].stop == StopReason::logged_off);
    CHECK(result.vms[1].account.guest > 0);
    CHECK(result.accounted() == result.end);
}

TEST_CASE("a native machine takes the same actions, and refuses those that only virtual ones know") {
    const Asking asking("");
    NativeMachine session(asking.scenario.machine, asking.scenario.vms[0]);
    session.start();
    CHECK(session.advance(5 * simulation::kSecond) == Progress::idle);
    CHECK_THROWS_AS(session.act("a", action::CpCommand{"query userid"}), ActionError);
    CHECK_THROWS_AS(session.act("b", action::Restart{}), ActionError);
    session.act("a", action::ConsoleLine{"EVE"});
    CHECK(session.advance(20 * simulation::kSecond) == Progress::ended);
    session.act("a", action::Restart{});
    CHECK(session.advance(40 * simulation::kSecond) == Progress::ended);
}

TEST_CASE("an operator hears what the control program says, too") {
    const Asking asking("[[step]]\nwait = 'CONNECT= .* TOTCPU'\ntype = \"BOB\"\n[[step]]\nwait = \"BOB\"\n");
    VirtualSession session(asking.scenario);
    session.start();
    CHECK(session.advance(20 * simulation::kMillisecond) == Progress::time);
    session.act("a", action::CpCommand{"query time"});
    CHECK(session.advance(50 * simulation::kSecond) == Progress::ended);
    CHECK(lines(session.result().vms[0].output).back() == "BOB");
}

TEST_CASE("machines are started anew, loaded, put to sleep and logged off whatever they are doing") {
    const auto frames_after_logging_off = [](VirtualSession& session, const Scenario& scenario) {
        for (const VmDescription& vm : scenario.vms) session.act(vm.options.name, action::LogOff{});
        CHECK(session.advance(simulation::kNever) == Progress::ended);
        return session.result().page_frames_free;
    };
    for (const char* policy : {"round-robin", "q1q2", "stride"}) {
        CAPTURE(policy);
        Overrides overrides;
        overrides.policy = policy;
        Scenario scenario = read_scenario(std::string(kScenarios) + "overcommit.toml", overrides);
        scenario.time_limit = 4 * simulation::kSecond;
        VirtualSession session(scenario);
        session.start();
        unsigned step = 0;
        while (session.advance(session.now() + 13 * simulation::kMillisecond) != Progress::ended &&
               step < 400) {
            const size_t i = 7 * step % scenario.vms.size();
            const std::string& name = scenario.vms[i].options.name;
            switch (step++ % 5) {
                case 0:
                case 1: session.act(name, action::Restart{}); break;
                case 2: session.act(name, action::CpCommand{"sleep 1 sec"}); break;
                case 3: session.act(name, action::Attention{}); break;
                default: {
                    session.act(name, action::LogOff{});
                    session.act(name, action::LogOn{scenario.vms[i]});
                }
            }
        }
        CHECK(step > 200);
        const RunResult result = session.result();
        CHECK(result.accounted() == result.end);
        VirtualSession fresh(scenario);
        fresh.start();
        CHECK(frames_after_logging_off(session, scenario) == frames_after_logging_off(fresh, scenario));
    }
}

TEST_CASE("a load in the middle of a program begins with a reset") {
    const tests::TemporaryFolder folder;
    // Changes a control register, and loops.
    tests::put(folder / "g.asm",
               "G        START 0\n         DC    A(0,BEGIN)\n         ORG   G+X'200'\n         USING G,0\n"
               "BEGIN    LCTL  2,2,ZERO\nLOOP     B     LOOP\n"
               "ZERO     DC    F'0'\n         END   BEGIN\n");
    tests::put(folder / "s.toml",
               "title = \"reset\"\n[run]\ntime_limit_ms = 10000\n[[vm]]\nname = \"a\"\n"
               "storage = \"64K\"\nguest = \"g.asm\"\n");
    const Scenario scenario = read_scenario(folder / "s.toml");
    VirtualSession session(scenario);
    session.start();
    CHECK(session.advance(simulation::kSecond) == Progress::time);
    CHECK(session.result().vms[0].cpu.cr[2] == 0);
    session.act("a", action::LoadProgram{0x00C});  // no cards: the load cannot be done
    CHECK(session.advance(2 * simulation::kSecond) == Progress::ended);
    const VmResult vm = session.result().vms[0];
    CHECK(vm.stop == StopReason::load_failed);
    CHECK(vm.cpu.cr == isa::initial_control_registers());
}

}  // namespace
}  // namespace vmcp::experiment
