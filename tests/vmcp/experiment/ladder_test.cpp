// The ladder: what the rungs are, that they are climbed in order, and what is said of published figures.
#include "vmcp/experiment/ladder.hpp"

#include <doctest/doctest.h>

#include <set>
#include <stdexcept>

namespace vmcp::experiment {
namespace {

const std::string kScenarios = std::string(VMCP_SOURCE_DIR) + "/examples/scenarios/";

std::vector<const Rung*> all_rungs() {
    std::vector<const Rung*> all;
    for (const Rung& rung : rungs()) all.push_back(&rung);
    return all;
}

TEST_CASE("rungs have names of their own, and refer to rungs that there are") {
    std::set<std::string> names;
    for (const Rung& rung : rungs()) {
        CHECK(names.insert(rung.name).second);
        CHECK(rung_called(rung.name) == &rung);
        CHECK_FALSE(rung.year.empty());
        CHECK_FALSE(rung.title.empty());
        if (!rung.published) continue;
        CHECK(rung.published->low <= rung.published->high);
        if (!rung.published->than.empty()) CHECK(rung_called(rung.published->than) != nullptr);
    }
    CHECK(rung_called("moon") == nullptr);
}

TEST_CASE("the guests that come with VMCP end alike on every rung, and the order is that of history") {
    const Scenario scenario = read_scenario(kScenarios + "ladder.toml");
    const Ladder ladder = climb(scenario, all_rungs());
    REQUIRE(ladder.rungs.size() == rungs().size());
    CHECK_FALSE(ladder.interrupted);
    for (const RungRuns& one : ladder.rungs) {
        CAPTURE(one.rung->name);
        CHECK(one.all_ended());
        for (const bool same : one.same_output) CHECK(same);
        SimTime caused = 0;
        for (unsigned i = 0; i < Cause::kCount; ++i) caused += one.of(Cause::at(i)).time;
        CHECK(caused == one.control_program_time());
    }
    const auto cp = [&](const char* rung) { return ladder.find(rung)->control_program_time(); };
    CHECK(cp("interpretation") > cp("cp67"));
    CHECK(ladder.find("interpretation")->guest_time() == 0);
    CHECK(ladder.find("interpretation")->exits() == 0);
    CHECK(cp("cp67") > cp("cp67-short"));
    CHECK(cp("software") > cp("vma"));
    CHECK(cp("vma") > cp("evma"));
    CHECK(cp("evma") > cp("ecps"));
    CHECK(cp("ecps-1to1") == cp("evma"));
    CHECK(cp("v=r") > cp("preferred"));
    CHECK(cp("vma") > cp("interpretive"));
    CHECK(cp("intercepting") > cp("interpretive"));
    CHECK(ladder.find("together")->exits() < ladder.find("intercepting")->exits());
    // A process serves devices at the same exits, but for the ends of slices, and costs more.
    CHECK(cp("kvm-process") > cp("kvm"));
    CHECK(static_cast<double>(ladder.find("kvm-process")->exits()) ==
          doctest::Approx(static_cast<double>(ladder.find("kvm")->exits())).epsilon(0.01));
    const auto served = verdict(ladder, *ladder.find("kvm-process"));
    REQUIRE(served);
    CHECK(served->ours > 1.5);
    CHECK(cp("vms") > cp("avm"));
    CHECK(cp("avm") > cp("vms-es"));
    CHECK(ladder.find("vma")->exits() < ladder.find("software")->exits());
    for (const char* without : {"cp67", "cp67-short", "software"})
        CHECK(ladder.find(without)->asked().calls == 0);
    CHECK(ladder.find("vma")->asked().hits > ladder.find("vma")->asked().calls / 2);
    // What ECPS gains is what it covers, nine tenths of which goes.
    const double covered = ladder.find("evma")->covered_share();
    const double left = static_cast<double>(cp("ecps")) / static_cast<double>(cp("evma"));
    CHECK(left == doctest::Approx(1 - 0.9 * covered).epsilon(0.05));
}

TEST_CASE("a ladder comes again byte for byte") {
    const Scenario scenario = read_scenario(kScenarios + "privileged-rate.toml");
    const std::vector<const Rung*> two = {rung_called("software"), rung_called("vma")};
    const Ladder once = climb(scenario, two), again = climb(scenario, two);
    CHECK(report(scenario, once, 80) == report(scenario, again, 80));
    CHECK(to_json(scenario, once).dump() == to_json(scenario, again).dump());
    CHECK(to_csv(once) == to_csv(again));
    // Rungs that hang on one that was not climbed say nothing of what was published.
    CHECK(verdict(once, once.rungs[1]).has_value());
    const Ladder alone = climb(scenario, {rung_called("vma")});
    CHECK_FALSE(verdict(alone, alone.rungs[0]).has_value());
}

TEST_CASE("a ladder that is interrupted holds what was done by then") {
    const Scenario scenario = read_scenario(kScenarios + "privileged-rate.toml");
    unsigned asked = 0;
    LadderHooks hooks;
    hooks.interrupted = [&asked] { return ++asked > 9; };
    const Ladder ladder = climb(scenario, all_rungs(), hooks);
    CHECK(ladder.interrupted);
    CHECK(ladder.rungs.size() < rungs().size());
}

TEST_CASE("what is varied is every combination of its values") {
    const auto all =
        combinations({parse_varied("translation=shadow,nested"), parse_varied("assists=none,vma+ecps")});
    REQUIRE(all.size() == 4);
    CHECK(all[0].name == "shadow none");
    CHECK(all[3].name == "nested vma+ecps");
    CHECK(all[3].translation == GuestTranslation::nested);
    CHECK(all[3].assists.has(Assist::ecps));
    CHECK(combinations({parse_varied("storage-kind=V=V,V=R"), parse_varied("policy=stride")})[1].kind ==
          StorageKind::real);
    const auto exits = combinations({parse_varied("assists=sie"), parse_varied("exits=apart,together")});
    CHECK(exits[0].exits_together == false);
    CHECK(exits[1].exits_together == true);
    CHECK(combinations({parse_varied("technique=interpretation")})[0].technique == Technique::interpretation);
    CHECK_THROWS_WITH_AS(
        combinations({parse_varied("technique=interpretation"), parse_varied("translation=nested")}),
        "the machines of \"interpretation nested\" cannot be interpreted: expected assists=none and "
        "translation=shadow with technique=interpretation",
        std::invalid_argument);
    CHECK_THROWS_WITH_AS(
        combinations({parse_varied("exits=together"), parse_varied("assists=sie,none")}),
        "exits of \"together none\" cannot be handled together: expected assists=sie with exits",
        std::invalid_argument);
    CHECK_THROWS_WITH_AS(parse_varied("exits=later"), "exits cannot be \"later\": expected apart or together",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(parse_varied("colour=red"),
                         "\"colour\" cannot be varied: expected technique, translation, assists, exits, "
                         "storage-kind, io, policy",
                         std::invalid_argument);
    CHECK_THROWS_AS(parse_varied("assists"), std::invalid_argument);
    CHECK_THROWS_AS(parse_varied("policy=luck"), std::invalid_argument);
}

TEST_CASE("what holds at half and twice the prices is said") {
    const Scenario scenario = read_scenario(kScenarios + "privileged-rate.toml");
    const std::vector<const Rung*> two = {rung_called("software"), rung_called("vma")};
    std::vector<ScaledLadder> ladders;
    for (const double scale : {0.5, 1.0, 2.0}) {
        Scenario other = scenario;
        other.control_program = other.control_program.scaled(scale);
        ladders.push_back({scale, climb(other, two)});
    }
    CHECK(ladders[0].ladder.overhead(ladders[0].ladder.rungs[0]) <
          ladders[2].ladder.overhead(ladders[2].ladder.rungs[0]));
    const std::string text = band_report(ladders, 80);
    CHECK(text.find("Which of two rungs takes less CPU time holds at all of these prices.") !=
          std::string::npos);
    CHECK(text.find("vma: inside what was published at ") != std::string::npos);
}

TEST_CASE("reports of a ladder keep to the width") {
    const Scenario scenario = read_scenario(kScenarios + "ladder.toml");
    const Ladder ladder = climb(
        scenario, {rung_called("software"), rung_called("vma"), rung_called("evma"), rung_called("ecps")});
    for (const size_t width : {60u, 80u, 120u}) {
        const std::string text = report(scenario, ladder, width);
        size_t begin = 0;
        while (begin < text.size()) {
            const size_t end = text.find('\n', begin);
            size_t characters = 0;
            for (size_t i = begin; i < end; ++i)
                characters += (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
            CHECK_MESSAGE(characters <= width, text.substr(begin, end - begin));
            begin = end + 1;
        }
    }
}

}  // namespace
}  // namespace vmcp::experiment
