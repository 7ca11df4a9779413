// Guests that drive rings: the example scenario, with each way of executing a guest; the driver in C; and
// what a scenario must not say.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <functional>

#include "simulation/model/toml_reader.hpp"
#include "tests/command.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/run.hpp"

namespace vmcp::test {
namespace {

using experiment::RingResult;
using experiment::RunResult;
using experiment::Scenario;
using experiment::VmResult;

const std::string kScenario = std::string(VMCP_SOURCE_DIR) + "/examples/scenarios/rings.toml";

using Lines = std::vector<std::string>;

Lines lines_of(const VmResult& vm) {
    Lines lines;
    for (const auto& line : vm.output.console) lines.push_back(line.text);
    return lines;
}

void check_pair(const RunResult& result) {
    CHECK(result.accounted() == result.end);
    for (const VmResult& vm : result.vms) {
        CAPTURE(vm.name);
        CHECK(vm.stop == StopReason::disabled_wait);
        CHECK(vm.cpu.psw.address == 0);
    }
    CHECK(lines_of(result.vms[0]) == Lines{"RINGS ARE UP", "ANSWERED"});
    CHECK(lines_of(result.vms[1]) ==
          Lines{"RINGS ARE UP", "DISK WELL", "NETWORK WELL", "YOU SAID good morning"});
}

TEST_CASE("rings.toml: console, entropy, disk and network by rings, and what is counted") {
    const RunResult result = experiment::run(experiment::read_scenario(kScenario));
    check_pair(result);
    const std::vector<RingResult>& rings = result.vms[1].rings;
    REQUIRE(rings.size() == 4);
    CHECK(rings[0].counts.requests == 5);  // four lines, and the one that was typed
    CHECK(rings[1].counts.bytes == 512);
    CHECK(rings[2].counts.requests == 2);
    CHECK(rings[2].counts.bytes == 1024);
    CHECK(rings[2].counts.doorbells == 2);
    CHECK(rings[2].counts.notifications == 2);
    CHECK(rings[3].counts.bytes == 2 * 78);
    for (const RingResult& ring : rings) CHECK(ring.counts.faults == RingCounts{}.faults);
    // The disk turned for it: two machines wrote and read.
    REQUIRE(result.real_devices.size() == 1);
    CHECK(result.real_devices[0].counts.requests == 4);
    CHECK(result.real_devices[0].counts.service > 4 * simulation::kMillisecond);
    CHECK(result.vms[1].account.of(Cause::simulated(isa::Op::op_SIO)).count == 0);
}

TEST_CASE("rings.toml: the seed decides what the entropy devices give, and nothing else does") {
    const auto data = [](uint64_t seed) {
        experiment::Overrides overrides;
        overrides.seed = seed;
        Scenario scenario = experiment::read_scenario(kScenario, overrides);
        CHECK(scenario.vms[0].options.rings[1].seed != scenario.vms[1].options.rings[1].seed);
        return scenario.vms[1].options.rings[1].seed;
    };
    CHECK(data(1) == data(1));
    CHECK(data(1) != data(2));
}

TEST_CASE("it does the same whoever executes the guest") {
    const auto with = [](const std::string& model, const std::function<void(VmOptions&)>& change) {
        experiment::Overrides overrides;
        overrides.machine_model = model;
        Scenario scenario = experiment::read_scenario(kScenario, overrides);
        for (auto& vm : scenario.vms) change(vm.options);
        check_pair(experiment::run(scenario));
    };
    with("s370-158", [](VmOptions& o) { o.technique = Technique::interpretation; });
    with("s370-158", [](VmOptions& o) { o.technique = Technique::binary_translation; });
    with("s370-158-assists", [](VmOptions& o) {
        o.assists.add(Assist::vma);
        o.assists.add(Assist::evma);
    });
    with("s370-158-interpretive", [](VmOptions& o) {
        o.translation = GuestTranslation::nested;
        o.assists.add(Assist::sie);
    });
}

TEST_CASE("rings and buffers are pages like others: they go and come, or stay") {
    Scenario paged = experiment::read_scenario(kScenario);
    paged.storage = 96 * 1024;
    const RunResult result = experiment::run(paged);
    check_pair(result);
    for (const VmResult& vm : result.vms) CHECK(vm.pages.reads > 0);
    Scenario resident = experiment::read_scenario(kScenario);
    for (auto& vm : resident.vms) vm.options.storage_kind = StorageKind::resident;
    check_pair(experiment::run(resident));
}

TEST_CASE("the driver in C: four requests at once, one doorbell, one interruption") {
    if (!tests::installed("s390x-linux-gnu-gcc")) {
        MESSAGE("skipped: gcc-s390x-linux-gnu is not installed");
        return;
    }
    const tests::TemporaryFolder dir;
    const tests::CommandResult built =
        tests::run_command(fmt::format("{0}/examples/c/build.sh -o {1} {0}/examples/c/ringwork.c 2>&1",
                                       VMCP_SOURCE_DIR, dir / "ringwork.core"));
    REQUIRE_MESSAGE(built.code == 0, built.output);
    std::string text = tests::contents(kScenario);
    const auto put = [&text](size_t from, const std::string& old, const std::string& by) {
        const size_t at = text.find(old, from);
        REQUIRE(at != std::string::npos);
        text.replace(at, old.size(), by);
    };
    const std::string guests = std::string(VMCP_SOURCE_DIR) + "/examples/guests/";
    put(0, "s370-158", "s370-158-gcc");
    put(0, "../guests/", guests);
    const size_t anna = text.find("name = \"anna\"");
    put(anna, "64K", "256K");
    put(anna, "guest = \"../guests/ringpair.asm\"", "core = \"" + (dir / "ringwork.core") + "\"");
    put(anna, "count = 100", "count = 200");
    const RunResult result = experiment::run(experiment::parse_scenario(text, dir / "rings.toml"));
    const VmResult& vm = result.vms[1];
    CHECK(vm.stop == StopReason::disabled_wait);
    CHECK(vm.cpu.psw.address == 0);
    CHECK(lines_of(vm) == Lines{"RINGS ARE UP", "DISK WELL", "NETWORK WELL"});
    const RingCounts& disk = vm.rings[2].counts;
    CHECK(disk.requests == 8);
    CHECK(disk.bytes == 8 * 512);
    CHECK(disk.doorbells == 2);
    CHECK(disk.notifications == 2);
    CHECK(disk.suppressed == 6);
}

TEST_CASE(
    "disk-ways.toml: a ring spares exits where several requests go together, and none where they do not") {
    const RunResult result =
        experiment::run(experiment::read_scenario(VMCP_SOURCE_DIR "/examples/scenarios/disk-ways.toml"));
    REQUIRE(result.vms.size() == 4);
    for (const VmResult& vm : result.vms) {
        CAPTURE(vm.name);
        CHECK(vm.stop == StopReason::disabled_wait);
        CHECK(vm.cpu.psw.address == 0);
    }
    const VmResult &sio = result.vms[0], &one = result.vms[2], &four = result.vms[3];
    CHECK(one.exits > sio.exits);
    CHECK(four.exits * 3 < sio.exits);
    CHECK(four.account.control_program < sio.account.control_program);
    // One request at a time takes the disk's time, whichever way it comes.
    CHECK(std::abs(one.elapsed() - sio.elapsed()) < sio.elapsed() / 50);
    CHECK(four.rings[0].counts.doorbells == 16);
    CHECK(four.rings[0].counts.notifications == 16);
    CHECK(four.rings[0].counts.suppressed == 48);
}

TEST_CASE("a machine without rings has none of their calls") {
    Scenario scenario = experiment::read_scenario(kScenario);
    scenario.vms[1].options.rings.clear();
    const RunResult result = experiment::run(scenario);
    CHECK(result.vms[1].cpu.psw.address == 0xDEAD68);
    CHECK(result.vms[1].rings.empty());
}

TEST_CASE("what a [[vm.ring]] must not say is told with its line") {
    const auto message = [](const std::string& ring, const std::string& vm = "") {
        const std::string text = fmt::format(
            "[[vm]]\nname = \"a\"\nstorage = \"64K\"\nguest = "
            "\"{}/examples/guests/idle.asm\"\n{}[[vm.ring]]\n{}\n",
            VMCP_SOURCE_DIR, vm, ring);
        try {
            experiment::parse_scenario(text, "x.toml");
        } catch (const simulation::TomlError& error) {
            return std::string(error.what());
        }
        return std::string("nothing");
    };
    const auto told = [](const std::string& said, const std::string& part) {
        CAPTURE(said);
        CHECK(said.find(part) != std::string::npos);
        CHECK(said.starts_with("x.toml:"));
    };
    told(message(""), "type");
    told(message("type = \"tape\""), "expected block, console, network or entropy");
    told(message("type = \"block\""), "expected \"disk\" beside it");
    told(message("type = \"block\"\ndisk = \"191\""), "no real disk at 191");
    told(message("type = \"console\"\ndisk = \"191\""), "expected it beside type = \"block\"");
    told(message("type = \"network\"\nmac = \"02-00\""), "expected six bytes");
    told(message("type = \"network\"\nmac = \"03:00:00:00:00:01\""), "the first one even");
    told(message("type = \"network\"\nmac = \"02:00:00:00:00:01\"", "count = 2\n"), "several machines");
    told(message("type = \"entropy\"\nqueue_size = 12"), "power of two");
    told(message("type = \"console\"\n[[vm.ring]]\ntype = \"console\""), "at most one console");
    told(message("type = \"entropy\"\nspeed = 1"), "speed");
    CHECK(message("type = \"entropy\"") == "nothing");
}

}  // namespace
}  // namespace vmcp::test
