// Looking on: the story of a trap and the timeline. Neither may change a result.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "vmcp/experiment/cpu_trace.hpp"
#include "vmcp/experiment/explain.hpp"
#include "vmcp/experiment/guest_image.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/run.hpp"
#include "vmcp/experiment/time_order.hpp"
#include "vmcp/experiment/trace.hpp"
#include "vmcp/experiment/virtual_session.hpp"

namespace vmcp::experiment {
namespace {

constexpr const char* kTimesharing = VMCP_SOURCE_DIR "/examples/scenarios/timesharing.toml";

std::string simulated_results(const Scenario& scenario, const RunHooks& hooks) {
    auto json = to_json(scenario, run(scenario, hooks));
    json.erase("host");
    return json.dump();
}

TEST_CASE("a story has a price for every step, and they add up") {
    const Scenario scenario = read_scenario(kTimesharing);
    std::vector<std::string> stories;
    Explainer explainer(first_events(5), scenario.machine, {},
                        [&](std::string_view text) { stories.emplace_back(text); });
    RunHooks hooks;
    hooks.observers.push_back(&explainer);
    hooks.ledger_observers.push_back(&explainer);
    run(scenario, hooks);
    REQUIRE(stories.size() == 5);
    // The first thing that a guest does is to start its console; vm370's steps of a SIO without CCWs are 62,
    // 37, 700 and 45 instructions of 0.775 us, and s370-158 swaps PSWs in 4.6 us.
    CHECK(stories[0].find("000418  SIO   9") != std::string::npos);
    CHECK(stories[0].find("program interruption, code 0002") != std::string::npos);
    CHECK(stories[0].find("stores that PSW at real 000028") != std::string::npos);
    CHECK(stories[0].find("658.7 us of simulated control-program time") != std::string::npos);
    for (const std::string& story : stories) {
        size_t begin = 0;
        while (begin < story.size()) {
            const size_t end = story.find('\n', begin);
            size_t width = 0;
            for (size_t i = begin; i < end; ++i)
                width += (static_cast<unsigned char>(story[i]) & 0xC0) != 0x80;
            CHECK_MESSAGE(width <= 80, story.substr(begin, end - begin));
            begin = end + 1;
        }
    }
}

TEST_CASE("a story tells what was found behind an exit") {
    Scenario scenario = read_scenario(VMCP_SOURCE_DIR "/examples/scenarios/exits-together.toml");
    std::erase_if(scenario.vms, [](const VmDescription& vm) { return vm.options.name != "together"; });
    std::string story;
    Explainer explainer(first_events(60), scenario.machine, {},
                        [&](std::string_view text) { story += text; });
    RunHooks hooks;
    hooks.observers.push_back(&explainer);
    hooks.ledger_observers.push_back(&explainer);
    run(scenario, hooks);
    // STPT, SPT and LPSW stand side by side: the first comes out, the others are found.
    const size_t first = story.find("STPT"), second = story.find("The next would come out, too:", first),
                 third = story.find("The next would come out, too:", second + 1);
    REQUIRE(third != std::string::npos);
    CHECK(story.substr(second, story.find('\n', second) - second).find("SPT") != std::string::npos);
    CHECK(story.substr(third, story.find('\n', third) - third).find("LPSW") != std::string::npos);
}

TEST_CASE("stories are chosen by machine, cause, number and time, and told when all is known") {
    const Scenario scenario = read_scenario(kTimesharing);
    std::vector<std::string> names;
    for (const auto& vm : scenario.vms) names.push_back(vm.options.name);
    const EventNames choosable = Explainer::names_of(names);
    const auto stories_of = [&](std::vector<const char*> texts, std::vector<std::string> unmet = {}) {
        std::vector<EventChoice> choices;
        for (const char* text : texts) choices.push_back(parse_event_choice(text, choosable));
        std::vector<std::string> stories;
        Explainer explainer(choices, scenario.machine, names,
                            [&](std::string_view text) { stories.emplace_back(text); });
        RunHooks hooks;
        hooks.observers.push_back(&explainer);
        hooks.ledger_observers.push_back(&explainer);
        run(scenario, hooks);
        CHECK(explainer.selection().unmet() == unmet);
        return stories;
    };
    const auto has = [](const std::string& text, const char* part) {
        return text.find(part) != std::string::npos;
    };
    auto stories = stories_of({"tasks:LPSW:2"});
    REQUIRE(stories.size() == 2);
    CHECK(has(stories[0], " The traps chosen by tasks:LPSW:2 "));
    CHECK_FALSE(has(stories[1], "chosen by"));
    for (const std::string& story : stories) {
        CHECK(has(story, "VIRTUAL MACHINE tasks\n"));
        CHECK(has(story, "  LPSW  "));
        CHECK_FALSE(has(story, "VIRTUAL MACHINE hello"));
    }
    // Presented with a trap of another cause: known when the control program has come to it.
    stories = stories_of({"reflect_io"});
    REQUIRE(stories.size() == 1);
    CHECK(has(stories[0], "gets: I/O interruption"));
    stories = stories_of({"@40", "20ms", "hello:TIO:@1000000"}, {"hello:TIO:@1000000"});
    REQUIRE(stories.size() == 2);
    CHECK(has(stories[1], "\nTrap 40: "));
}

// Guests whose data push the translation of their own code out of the TLB: the walk that the next instruction
// takes must not depend on how many instructions the executor takes at a time.
TEST_CASE("a trace of every instruction changes nothing, to the nanosecond") {
    for (const char* name : {"shadow-vs-nested", "address-spaces"}) {
        const Scenario scenario =
            read_scenario(fmt::format(VMCP_SOURCE_DIR "/examples/scenarios/{}.toml", name));
        for (const VmDescription& vm : scenario.vms) {
            CAPTURE(vm.options.name);
            const simulation::RunLimits limits{.instructions = 400'000};
            const NativeResult alone = NativeMachine(scenario.machine, vm).run(limits);
            NativeMachine watched(scenario.machine, vm);
            uint64_t lines = 0;
            CpuTrace trace(watched.machine(), [&](simulation::SimTime, const std::string&) { ++lines; });
            trace.watch(true, true);
            const NativeResult result = watched.run(limits);
            trace.flush();
            CHECK(lines >= result.instructions);
            CHECK(result.instructions == alone.instructions);
            CHECK(result.elapsed == alone.elapsed);
            CHECK(result.busy == alone.busy);
            CHECK(result.cpu == alone.cpu);
        }
    }
}

// CPUs run one after the other, each a little ahead of the rest.
TEST_CASE("a trace of two CPUs is in the order of time, and has every line") {
    const tests::TemporaryFolder folder;
    tests::put(folder / "two.asm",
               "P        START 0\n         DC    A(0,BEGIN)\n         ORG   P+X'400'\n         USING P,0\n"
               "BEGIN    LA    1,COUNT\n         ST    1,4\n         LA    3,1\n"
               "         SIGP  2,3,6              RESTART CPU 1\n"
               "COUNT    LA    5,500\nAGAIN    BCT   5,AGAIN\n         LPSW  GOOD\n         DS    0D\n"
               "GOOD     DC    X'0002000000000000'\n         END   BEGIN\n");
    VmDescription guest;
    guest.options.storage = 65536;
    guest.guest = assemble_guest(folder / "two.asm");
    simulation::MachineModel model = simulation::MachineModel::load("s370-158");
    model.cpus.value = 2;
    NativeMachine native(model, guest);
    std::vector<std::string> ordered;
    std::vector<simulation::SimTime> came;
    TimeOrder order(native.machine(), [&](const std::string& line) { ordered.push_back(line); });
    CpuTrace trace(native.machine(), [&](simulation::SimTime at, const std::string& line) {
        came.push_back(at);
        order.add(at, line);
    });
    trace.watch(true, false);
    native.run({.instructions = 100'000});
    trace.flush();
    // Nothing is held back for long: a CPU is at most 10 us ahead.
    CHECK(ordered.size() + 100 > came.size());
    order.finish();
    CHECK(ordered.size() == came.size());
    CHECK_FALSE(std::is_sorted(came.begin(), came.end()));
    double last = 0;
    std::map<std::string, unsigned> lines;
    for (const std::string& line : ordered) {
        const double at = std::stod(line);
        CHECK(at >= last);
        last = at;
        for (const char* cpu : {"CPU0", "CPU1"}) lines[cpu] += line.find(cpu) != std::string::npos;
    }
    CHECK(lines["CPU0"] > 500);
    CHECK(lines["CPU1"] > 500);
}

// Operators act when they look, so they must not look more often because somebody else does.
TEST_CASE("what operators do hangs neither on a timeline nor on where a session pauses") {
    const tests::TemporaryFolder folder;
    std::string script;
    for (const char* line : {"one", "two", "three", "four", "end"})
        script += fmt::format(
            "[[step]]\npause_s = 0.333\nattention = true\n[[step]]\npause_s = 0.071\ntype = '{}'\n", line);
    tests::put(folder / "script.toml", script);
    const Scenario scenario =
        parse_scenario(fmt::format("[[vm]]\nname = \"echo\"\nstorage = \"8K\"\noperator = \"script.toml\"\n"
                                   "guest = \"{}/examples/guests/echo.asm\"\n",
                                   VMCP_SOURCE_DIR),
                       folder / "s.toml");
    const auto told = [](const RunResult& result) {
        std::string text = fmt::format("{}", result.end);
        for (const ConsoleLine& line : result.vms[0].output.console)
            text += fmt::format(" {} {}", line.at, line.text);
        return text;
    };
    const std::string expected = told(run(scenario));
    CHECK(expected.find("THREE") != std::string::npos);
    RunHooks hooks;
    hooks.timeline = true;
    CHECK(told(run(scenario, hooks)) == expected);
    VirtualSession session(scenario);
    session.start();
    SimTime until = 0;
    do until += 7'654'321;
    while (session.advance(until) == Progress::time);
    CHECK(told(session.result()) == expected);
}

TEST_CASE("a timeline has a row for each real device, with the requests that it served") {
    const Scenario scenario = read_scenario(VMCP_SOURCE_DIR "/examples/scenarios/real-disk.toml");
    const tests::TemporaryFolder folder;
    const std::string file = folder / "timeline.json";
    std::vector<std::string> names;
    for (const auto& vm : scenario.vms) names.push_back(vm.options.name);
    TraceWriter trace(file, scenario.title, names);
    RunHooks hooks;
    hooks.observers = {&trace};
    hooks.ledger_observers = {&trace};
    hooks.io_observers = {&trace};
    const RunResult result = run_on_copies(scenario, hooks);
    trace.finish();
    const auto json = nlohmann::json::parse(tests::contents(file));
    std::map<int, unsigned> served;
    std::map<int, bool> works;
    std::map<std::string, int> most;
    double last = 0;
    for (const auto& event : json.at("traceEvents")) {
        if (event.at("pid") != 2 || event.at("ph") == "M") continue;
        CHECK(event.at("ts").get<double>() >= last);
        last = event.at("ts");
        if (event.at("ph") == "C") {
            for (const auto& number : event.at("args").items())
                most[event.at("name")] = std::max(most[event.at("name")], number.value().get<int>());
            continue;
        }
        const int device = event.at("tid");
        CHECK(works[device] == (event.at("ph") == "E"));
        works[device] = event.at("ph") == "B";
        if (works[device]) {
            ++served[device];
            CHECK(std::find(names.begin(), names.end(), event.at("name")) != names.end());
        }
    }
    REQUIRE_FALSE(result.real_devices.empty());
    for (const auto& device : result.real_devices) {
        CHECK(served[device.address] > 0);
        CHECK(served[device.address] <= device.counts.requests);
        CHECK(most[fmt::format("channel {:X}", device.address >> 8)] == 1);
    }
}

TEST_CASE("a timeline is valid JSON, its slices nest, and looking on changes nothing") {
    const Scenario scenario = read_scenario(kTimesharing);
    const tests::TemporaryFolder folder;
    const std::string file = folder / "timeline.json";
    std::vector<std::string> names;
    for (const auto& vm : scenario.vms) names.push_back(vm.options.name);
    std::string watched;
    {
        TraceWriter trace(file, scenario.title, names);
        Explainer explainer(first_events(3), scenario.machine, names, [](std::string_view) {});
        RunHooks hooks;
        hooks.observers = {&trace, &explainer};
        hooks.ledger_observers = {&trace, &explainer};
        watched = simulated_results(scenario, hooks);
        trace.finish();
    }
    CHECK(watched == simulated_results(scenario, {}));

    const auto json = nlohmann::json::parse(tests::contents(file));
    // Slices of a row come in the order of time; a step lies within the trap or work before it, and nothing
    // else lies within anything. Exact: nanoseconds as integers.
    const auto ns = [](const nlohmann::json& us) { return std::llround(us.get<double>() * 1000); };
    struct Row {
        int64_t end = 0, step_end = 0;
    };
    std::map<int, Row> rows;
    std::map<int, int64_t> guest, steps;
    std::map<int, std::string> row_names;
    int64_t idle = 0;
    unsigned traps = 0;
    for (const auto& event : json.at("traceEvents")) {
        if (event.at("ph") == "M" && event.at("name") == "thread_name")
            row_names[event.at("tid")] = event.at("args").at("name");
        if (event.at("ph") != "X") continue;
        const int number = event.at("tid");
        const int64_t begin = ns(event.at("ts")), end = begin + ns(event.at("dur"));
        Row& row = rows[number];
        const std::string category = event.at("cat");
        if (category == "step") {
            CHECK(begin == row.step_end);
            CHECK(end <= row.end);
            row.step_end = end;
            steps[number] += end - begin;
            continue;
        }
        CHECK(begin >= row.end);
        row = {end, begin};
        if (category == "guest") guest[number] += end - begin;
        if (category == "idle") idle += end - begin;
        if (category == "trap") {
            ++traps;
            CHECK_FALSE(event.at("name").get<std::string>().empty());
        }
    }
    const RunResult result = run(scenario);
    CHECK(traps == result.exits);
    CHECK(idle == result.idle);
    CHECK(steps[0] == result.own.control_program);
    for (size_t i = 0; i < result.vms.size(); ++i) {
        const int number = static_cast<int>(i) + 1;
        CHECK(row_names[number] == result.vms[i].name);
        CHECK(guest[number] == result.vms[i].account.guest);
        CHECK(steps[number] == result.vms[i].account.control_program);
    }
}

}  // namespace
}  // namespace vmcp::experiment
