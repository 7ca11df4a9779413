// Looking on: the story of a trap and the timeline. Neither may change a result.
#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "vmcp/experiment/explain.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/run.hpp"
#include "vmcp/experiment/trace.hpp"

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
    Explainer explainer(5, [&](std::string_view text) { stories.emplace_back(text); });
    RunHooks hooks;
    hooks.observers.push_back(&explainer);
    run(scenario, hooks);
    REQUIRE(stories.size() == 5);
    // The first thing that a guest does is to start its console; vm370's steps of a SIO without CCWs are 40,
    // 60, 450 and 100 instructions of 1 us, and s370-158 swaps PSWs in 4.6 us.
    CHECK(stories[0].find("the guest: SIO") != std::string::npos);
    CHECK(stories[0].find("program interruption, code 0002") != std::string::npos);
    CHECK(stories[0].find("old PSW -> 028: ") != std::string::npos);
    CHECK(stories[0].find("654.6 us of control-program time") != std::string::npos);
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

TEST_CASE("a timeline is valid JSON, its slices do not overlap in a row, and looking on changes nothing") {
    const Scenario scenario = read_scenario(kTimesharing);
    const auto file = std::filesystem::temp_directory_path() / "vmcp_looking_on_test.json";
    std::vector<std::string> names;
    for (const auto& vm : scenario.vms) names.push_back(vm.name);
    std::string watched;
    {
        TraceWriter trace(file.string(), names);
        Explainer explainer(3, [](std::string_view) {});
        RunHooks hooks;
        hooks.observers = {&trace, &explainer};
        watched = simulated_results(scenario, hooks);
        trace.close();
    }
    CHECK(watched == simulated_results(scenario, {}));

    std::ifstream in(file);
    const auto json = nlohmann::json::parse(in);
    std::map<int, double> row_end;
    double total = 0;
    unsigned slices = 0, traps = 0;
    for (const auto& event : json.at("traceEvents")) {
        const std::string phase = event.at("ph");
        if (phase == "i" && event.at("cat") == "trap") ++traps;
        if (phase != "X") continue;
        ++slices;
        const int row = event.at("tid");
        const double begin = event.at("ts"), duration = event.at("dur");
        CHECK(begin >= row_end[row] - 0.0005);
        row_end[row] = begin + duration;
        total += duration;
    }
    CHECK(traps > 1000);
    CHECK(slices > 5 * traps);
    // Guests, control program and idle time together are the whole run.
    double end = 0;
    for (const auto& [row, at] : row_end) end = std::max(end, at);
    CHECK(total == doctest::Approx(end).epsilon(1e-9));
    std::filesystem::remove(file);
}

}  // namespace
}  // namespace vmcp::experiment
