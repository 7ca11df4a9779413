// What people read of the example scenarios, on pages of every width: no line is longer than the page, and
// whatever tells rows apart is there as a whole.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cctype>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "vmcp/experiment/compare.hpp"
#include "vmcp/experiment/explain.hpp"
#include "vmcp/experiment/report.hpp"
#include "vmcp/experiment/run.hpp"
#include "vmcp/experiment/sweep.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::experiment {
namespace {

namespace fs = std::filesystem;

constexpr size_t kWidths[] = {60, 80, 100, 120, 200};

Scenario scenario_of(const std::string& name) {
    return read_scenario(fmt::format(VMCP_SOURCE_DIR "/examples/scenarios/{}.toml", name));
}

void check_page(const std::string& text, size_t width) {
    CAPTURE(width);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        CHECK_MESSAGE(characters(line) <= width, line);
        CHECK_MESSAGE(!line.ends_with(' '), line);
    }
    CHECK(text.find("…") == std::string::npos);
}

/// In how many lines the name stands first, alone or with something behind it.
size_t rows_of(const std::string& text, const std::string& name) {
    size_t rows = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        rows += line.starts_with(name) && (line.size() == name.size() || line[name.size()] == ' ');
    return rows;
}

TEST_CASE("the report of every example scenario fits its page, with all machines by name") {
    unsigned reports = 0;
    for (const auto& file : fs::directory_iterator(VMCP_SOURCE_DIR "/examples/scenarios")) {
        if (file.path().filename() == "ibc.toml") continue;  // of programs that are not here
        CAPTURE(file.path().string());
        const Scenario scenario = read_scenario(file.path().string());
        const RunResult result = run(scenario);
        for (const size_t width : kWidths) {
            const std::string text =
                report(scenario, result, {.most_machines = scenario.vms.size(), .width = width});
            check_page(text, width);
            for (const VmResult& vm : result.vms)
                CHECK_MESSAGE(rows_of(text, vm.name) >= 3, vm.name);  // state, life, translation
            check_page(report(scenario, result, {.width = width}), width);
            ++reports;
        }
    }
    CHECK(reports >= 50);
}

TEST_CASE("a report says the same at every width") {
    const Scenario scenario = scenario_of("handshake");
    const RunResult result = run(scenario);
    const auto figures = [&](size_t width) {
        // All words but bars, headings that are repeated, and names.
        std::multiset<std::string> words;
        std::istringstream text(report(scenario, result, {.width = width}));
        for (std::string word; text >> word;)
            if (std::isdigit(static_cast<unsigned char>(word.front())) != 0) words.insert(word);
        return words;
    };
    for (const size_t width : kWidths) CHECK(figures(width) == figures(200));
}

TEST_CASE("comparisons and sweeps fit their pages, with all guests by name") {
    for (const char* name : {"shadow-vs-nested", "address-spaces", "timesharing"}) {
        const Scenario scenario = scenario_of(name);
        const Comparison comparison = compare(scenario);
        for (const size_t width : kWidths) {
            const std::string text = report(scenario, comparison, width);
            check_page(text, width);
            for (const GuestComparison& guest : comparison.guests)
                CHECK(rows_of(text, scenario.vms[guest.machines.front()].options.name) >= 2);
        }
    }
    const Scenario scenario = scenario_of("overcommit");
    const auto points = sweep(scenario, SweepParameter::overcommit, {1, 2.25});
    for (const size_t width : kWidths) {
        const std::string text = sweep_table(scenario, SweepParameter::overcommit, points, width);
        check_page(text, width);
        CHECK(text.find("2.25 ") != std::string::npos);
    }
}

TEST_CASE("the story of a trap fits its page, and tells the same") {
    const Scenario scenario = scenario_of("shadow-vs-nested");
    std::vector<std::string> names;
    for (const auto& vm : scenario.vms) names.push_back(vm.options.name);
    for (const size_t width : kWidths) {
        std::string story;
        Explainer explainer(
            first_events(60), scenario.machine, names, [&](std::string_view text) { story += text; }, width);
        RunHooks hooks;
        hooks.observers.push_back(&explainer);
        hooks.ledger_observers.push_back(&explainer);
        run(scenario, hooks);
        check_page(story, width);
        CHECK(story.find("VIRTUAL MACHINE churn-shadow\n") != std::string::npos);
        CHECK(story.find("Trap 60: ") != std::string::npos);
    }
}

}  // namespace
}  // namespace vmcp::experiment
