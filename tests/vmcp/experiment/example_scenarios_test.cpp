// The example scenarios: each can be read, and shows what its description promises.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <regex>
#include <string>

#include "simulation/model/toml_reader.hpp"
#include "vmcp/experiment/compare.hpp"
#include "vmcp/experiment/ending.hpp"
#include "vmcp/experiment/run.hpp"
#include "vmcp/experiment/scenario.hpp"

namespace vmcp::test {
namespace {

namespace fs = std::filesystem;
using experiment::RunResult;
using experiment::VmResult;

const fs::path kScenarios = fs::path(VMCP_SOURCE_DIR) / "examples" / "scenarios";

RunResult run_scenario(const std::string& name, const experiment::Overrides& overrides = {}) {
    RunResult result = experiment::run(experiment::read_scenario((kScenarios / name).string(), overrides));
    CHECK(result.accounted() == result.end);
    return result;
}

const VmResult& vm_of(const RunResult& result, std::string_view name) {
    for (const VmResult& vm : result.vms)
        if (vm.name == name) return vm;
    FAIL("no virtual machine ", std::string(name));
    return result.vms.front();
}

/// The guest has ended itself and says that all went well.
void check_well(const VmResult& vm) {
    CAPTURE(vm.name);
    CHECK(vm.stop == StopReason::disabled_wait);
    CHECK(vm.cpu.psw.address == 0);
}

std::string last_line(const VmResult& vm) {
    return vm.output.console.empty() ? "" : vm.output.console.back().text;
}

double tv_ratio(const VmResult& vm) {
    return 1 + static_cast<double>(vm.account.control_program) / static_cast<double>(vm.account.guest);
}

/// The decks are not part of this project; the scenario looks for them beside it.
bool decks_present() {
    const fs::path guests = fs::path(VMCP_SOURCE_DIR) / "../shared/guests";
    for (const char* file :
         {"ibc/ibcdasdi.deck", "ibc/ibcdmprs.deck", "osvs1/dasdi.cards", "osvs1/restore.cards"})
        if (!fs::exists(guests / file)) return false;
    return true;
}

TEST_CASE("every scenario can be read") {
    unsigned read = 0;
    for (const auto& file : fs::directory_iterator(kScenarios)) {
        CAPTURE(file.path().string());
        if (file.path().filename() == "ibc.toml" && !decks_present()) continue;
        const auto scenario = experiment::read_scenario(file.path().string());
        CHECK_FALSE(scenario.title.empty());
        CHECK_FALSE(scenario.description.empty());
        CHECK_FALSE(scenario.vms.empty());
        ++read;
    }
    CHECK(read >= 5);
}

TEST_CASE("the scenarios that docs/map.md names exist") {
    const std::string map = simulation::read_text_file(VMCP_SOURCE_DIR "/docs/map.md");
    static const std::regex name("((\\.\\./native/)?[a-z-]+\\.toml)");
    unsigned names = 0;
    for (auto at = std::sregex_iterator(map.begin(), map.end(), name); at != std::sregex_iterator();
         ++at, ++names)
        CHECK_MESSAGE(fs::exists(kScenarios / at->str()), at->str());
    CHECK(names > 15);
}

TEST_CASE("timesharing.toml: every guest ends well") {
    const RunResult result = run_scenario("timesharing.toml");
    CHECK_FALSE(result.time_limit_reached);
    CHECK(result.vms.size() == 7);
    for (const VmResult& vm : result.vms) {
        check_well(vm);
        CHECK_FALSE(vm.output.console.empty());
    }
    CHECK(last_line(vm_of(result, "user")) == "ECHO: GOOD BYE");
    CHECK(last_line(vm_of(result, "printer")) == "SPOOLER:      100 CARDS,        3 PAGES");
    CHECK_FALSE(vm_of(result, "printer").output.printer.empty());
    // A computing guest pays next to nothing; one that traps all the time pays many times its own time.
    CHECK(tv_ratio(vm_of(result, "cpu1")) < 1.1);
    CHECK(tv_ratio(vm_of(result, "privop")) > 3);
}

TEST_CASE("privileged-rate.toml: overhead falls with the share of privileged instructions") {
    const RunResult result = run_scenario("privileged-rate.toml");
    double before = 1e9;
    for (const VmResult& vm : result.vms) {
        check_well(vm);
        CHECK(tv_ratio(vm) < before);
        before = tv_ratio(vm);
        CHECK(vm.instructions > 450'000);
        CHECK(vm.instructions < 550'000);
    }
    CHECK(result.vms.size() == 6);
}

TEST_CASE("many.toml: a thousand machines, one page each") {
    const RunResult result = run_scenario("many.toml");
    CHECK(result.vms.size() == 1000);
    for (const VmResult& vm : result.vms) {
        check_well(vm);
        CHECK(vm.resident_pages <= 2);
    }
}

void check_hostile(const RunResult& result) {
    for (const char* name : {"hello", "primes", "tasks", "printer", "stores", "keys", "devices", "diagnose"})
        check_well(vm_of(result, name));
    CHECK(vm_of(result, "loop").stop == StopReason::none);
    CHECK(vm_of(result, "deadwait").stop == StopReason::disabled_wait);
    CHECK(vm_of(result, "deadwait").cpu.psw.address == 0xBAD);
    CHECK(vm_of(result, "checkstop").stop == StopReason::check_stop);
    CHECK(last_line(vm_of(result, "tasks")) == "TASKS: ALL HAVE ENDED");
}

TEST_CASE("hostile.toml: each hostile guest ends in its own way, the others well") {
    check_hostile(run_scenario("hostile.toml"));
    // Translated they may take longer, and can do no more.
    experiment::Scenario scenario = experiment::read_scenario((kScenarios / "hostile.toml").string());
    for (experiment::VmDescription& vm : scenario.vms) vm.options.technique = Technique::binary_translation;
    check_hostile(experiment::run(scenario));
}

TEST_CASE("fairness.toml: processor time stands as the shares do") {
    const RunResult result = run_scenario("fairness.toml");
    CHECK(result.time_limit_reached);
    const auto time = [&](const char* name) {
        const Account& account = vm_of(result, name).account;
        return static_cast<double>(account.guest + account.control_program);
    };
    CHECK(time("two") / time("one") == doctest::Approx(2).epsilon(0.02));
    CHECK(time("three") / time("one") == doctest::Approx(3).epsilon(0.02));
    // A policy that knows no shares gives all three the same.
    experiment::Overrides overrides;
    overrides.policy = "round-robin";
    const RunResult same = run_scenario("fairness.toml", overrides);
    CHECK(static_cast<double>(vm_of(same, "three").account.guest) /
              static_cast<double>(vm_of(same, "one").account.guest) ==
          doctest::Approx(1).epsilon(0.02));
}

uint64_t count_of(const VmResult& vm, Cause cause) { return vm.account.of(cause).count; }

TEST_CASE("overcommit.toml: sixteen guests on a quarter of their storage, those page that go about in it") {
    const RunResult result = run_scenario("overcommit.toml");
    CHECK_FALSE(result.time_limit_reached);
    REQUIRE(result.vms.size() == 16);
    uint64_t storage = 0;
    SimTime waited = 0;
    std::map<std::string, uint64_t> reads;
    std::map<std::string, SimTime> ended;
    for (const VmResult& vm : result.vms) {
        check_well(vm);
        storage += vm.storage;
        const std::string kind = vm.name.substr(0, vm.name.size() - 1);
        reads[kind] += vm.pages.reads;
        ended[kind] = std::max(ended[kind], vm.end);
        waited += vm.page_waited;
    }
    CHECK(storage == 4 * result.storage);
    // Reads per step: local 200,000, moving 50,000, wide 4,000, random 1,000 steps.
    CHECK(reads["local"] / 200'000.0 < reads["moving"] / 50'000.0);
    CHECK(reads["moving"] / 50'000.0 < reads["wide"] / 4'000.0);
    CHECK(reads["wide"] / 4'000.0 < reads["random"] / 1'000.0);
    // Who needs the fewest pages computes most, and is done long before those that compute next to nothing.
    CHECK(ended["local"] < ended["random"] * 2 / 3);
    CHECK(result.idle_for_pages > result.end / 3);
    CHECK(result.idle_for_pages < result.end * 3 / 4);
    // Page wait is overlapped: what machines wait for pages is many times what the CPU does.
    CHECK(waited > 10 * result.idle_for_pages);
    CHECK(result.paging_devices.at(0).busy > result.end * 4 / 5);
    // With storage for everybody nobody pages, and the same work takes a third of the time.
    auto scenario = experiment::read_scenario((kScenarios / "overcommit.toml").string());
    scenario.storage = 16u << 20;
    const RunResult roomy = experiment::run(scenario);
    CHECK(roomy.paging.reads == 0);
    CHECK(roomy.end * 2 < result.end);
    for (size_t i = 0; i < 16; ++i) CHECK(last_line(roomy.vms[i]) == last_line(result.vms[i]));
}

TEST_CASE(
    "shadow-vs-nested.toml: shadow tables lose when tables churn, nested translation when the TLB misses") {
    const RunResult result = run_scenario("shadow-vs-nested.toml");
    REQUIRE(result.vms.size() == 8);
    const auto time = [](const VmResult& vm) { return vm.account.guest + vm.account.control_program; };
    for (const char* guest : {"churn", "purge", "os", "miss"}) {
        CAPTURE(guest);
        const VmResult& shadow = vm_of(result, fmt::format("{}-shadow", guest));
        const VmResult& nested = vm_of(result, fmt::format("{}-nested", guest));
        check_well(shadow);
        check_well(nested);
        CHECK(last_line(shadow) == last_line(nested));
        CHECK(count_of(shadow, Cause::shadow_fill) > 0);
        CHECK(count_of(nested, Cause::shadow_fill) == 0);
        CHECK(count_of(nested, Cause::shadow_purge) == 0);
    }
    const VmResult &churn = vm_of(result, "churn-shadow"), &purge = vm_of(result, "purge-shadow");
    CHECK(count_of(churn, Cause::shadow_fill) >= 3200);
    CHECK(count_of(purge, Cause::shadow_fill) >= 3200);
    CHECK(time(churn) > 1.5 * time(vm_of(result, "churn-nested")));
    CHECK(time(purge) > 4 * time(vm_of(result, "purge-nested")));
    CHECK(time(vm_of(result, "os-shadow")) > time(vm_of(result, "os-nested")));
    // The other way round: six references more for each of the 256 x 800 walks, and no overhead to be seen.
    const VmResult &shadow = vm_of(result, "miss-shadow"), &nested = vm_of(result, "miss-nested");
    CHECK(time(nested) > 2 * time(shadow));
    const auto model = experiment::read_scenario((kScenarios / "shadow-vs-nested.toml").string()).machine;
    CHECK(static_cast<double>(nested.account.guest - shadow.account.guest) ==
          doctest::Approx(256.0 * 800 * 6 * model.table_reference_ns.value).epsilon(0.02));
    CHECK(tv_ratio(nested) < tv_ratio(shadow));
}

TEST_CASE("address-spaces.toml: sets of shadow tables pay if there is one for each space") {
    const RunResult result = run_scenario("address-spaces.toml");
    std::map<std::string, uint64_t> fills;
    for (const VmResult& vm : result.vms) {
        check_well(vm);
        fills[vm.name] = count_of(vm, Cause::shadow_fill);
    }
    REQUIRE(fills.size() == 5);
    CHECK(fills["twelve-1"] > 10 * fills["twelve-16"]);
    CHECK(static_cast<double>(fills["twelve-4"]) ==
          doctest::Approx(static_cast<double>(fills["twelve-1"])).epsilon(0.05));
    CHECK(fills["three-1"] > 10 * fills["three-4"]);
    CHECK(tv_ratio(vm_of(result, "twelve-1")) > 1.5 * tv_ratio(vm_of(result, "twelve-16")));
    CHECK(tv_ratio(vm_of(result, "three-1")) > 1.5 * tv_ratio(vm_of(result, "three-4")));
}

TEST_CASE("a TLB that does not tell guests apart misses the more, the more often they are switched") {
    const auto misses = [](const char* model, double slice_ms) {
        experiment::Overrides overrides;
        overrides.machine_model = model;
        overrides.slice_ms = slice_ms;
        uint64_t sum = 0;
        for (const VmResult& vm : run_scenario("timesharing.toml", overrides).vms) {
            check_well(vm);
            sum += vm.tlb_misses;
        }
        return sum;
    };
    const uint64_t tagged = misses("s370-158-nested", 2);
    const uint64_t seldom = misses("s370-158-untagged", 50);
    const uint64_t often = misses("s370-158-untagged", 2);
    CHECK(often > 4 * tagged);
    CHECK(often > seldom);
}

TEST_CASE("interpretive.toml: what a guest does comes out only where it is asked for, or must") {
    const RunResult result = run_scenario("interpretive.toml");
    for (const VmResult& vm : result.vms) check_well(vm);
    const VmResult &ops = vm_of(result, "ops"), &inside = vm_of(result, "ops-sie"),
                   &out = vm_of(result, "ops-all-out");
    CHECK(inside.exits < 50);
    CHECK(out.exits > ops.exits / 2);
    CHECK(inside.account.control_program * 20 < ops.account.control_program);
    CHECK(count_of(inside, Cause::simulated(isa::Op::op_SSM)) == 0);
    const VmResult &nested = vm_of(result, "os-nested"), &os = vm_of(result, "os-sie");
    CHECK(os.exits * 2 < nested.exits);
    CHECK(os.account.control_program < nested.account.control_program);
    for (const char* name : {"os-nested", "os-sie"})
        CHECK(last_line(vm_of(result, name)) == last_line(vm_of(result, "os")));
}

TEST_CASE("hosted.toml: devices in a process cost more than in the kernel, and nothing else does") {
    const RunResult result = run_scenario("hosted.toml");
    for (const VmResult& vm : result.vms) check_well(vm);
    const VmResult &kernel = vm_of(result, "kernel"), &process = vm_of(result, "process");
    CHECK(last_line(kernel) == last_line(process));
    CHECK(kernel.instructions == process.instructions);
    CHECK(kernel.account.of(Cause::simulated(isa::Op::op_SIO)).count ==
          process.account.of(Cause::simulated(isa::Op::op_SIO)).count);
    CHECK(kernel.account.control_program < process.account.control_program);
}

TEST_CASE("task-priority.toml: masks come out only when it matters") {
    const RunResult result = run_scenario("task-priority.toml");
    for (const VmResult& vm : result.vms) check_well(vm);
    const VmResult &simulated = vm_of(result, "levels"), &out = vm_of(result, "levels-out"),
                   &inside = vm_of(result, "levels-sie");
    CHECK(simulated.exits > 20'000);
    CHECK(out.exits > 20'000);
    CHECK(inside.exits < 100);
    const AssistCount& opened = inside.assist_counts[Cause::simulated(isa::Op::op_SSM)];
    CHECK(opened.hits == opened.calls);
    CHECK(opened.calls > 10'000);
    CHECK(tv_ratio(inside) < 1.1);
}

TEST_CASE("exits-together.toml: two of three exits are spared") {
    const RunResult result = run_scenario("exits-together.toml");
    for (const VmResult& vm : result.vms) check_well(vm);
    const VmResult &apart = vm_of(result, "one-by-one"), &together = vm_of(result, "together");
    CHECK(apart.exits > 30'000);
    CHECK(apart.exits_spared == 0);
    CHECK(together.exits_spared > 19'800);
    CHECK(together.exits < 10'200);
    CHECK(together.account.control_program < apart.account.control_program);
}

TEST_CASE("containers.toml: a fault of the kernel ends all that share it, and one of eight machines") {
    const RunResult result = run_scenario("containers.toml");
    const auto address = [](const VmResult& vm) { return vm.cpu.psw.address; };
    const auto lines = [](const VmResult& vm) { return vm.output.console.size(); };
    const VmResult &shared = vm_of(result, "shared"), &shared_bad = vm_of(result, "shared-bad"),
                   &own_bad = vm_of(result, "own-bad");
    check_well(shared);
    CHECK(lines(shared) == 8);
    CHECK(last_line(shared).find("CHECKSUM F64A8B60") != std::string::npos);
    for (const VmResult* bad : {&shared_bad, &own_bad}) {
        CHECK(address(*bad) == 0xDEAD68);
        CHECK(lines(*bad) == 0);
    }
    SimTime eight = 0;
    for (unsigned i = 1; i <= 8; ++i) {
        const VmResult& own = vm_of(result, "own" + std::to_string(i));
        check_well(own);
        CHECK(last_line(own).find("CHECKSUM F64A8B60") != std::string::npos);
        eight += own.account.guest + own.account.control_program;
        CHECK(own.pages.fills == shared.pages.fills);  // a kernel each
        if (i <= 7) check_well(vm_of(result, "own-good" + std::to_string(i)));
    }
    // The work is the same, and what is around it is little.
    const SimTime alone = shared.account.guest + shared.account.control_program;
    CHECK(eight > alone);
    CHECK(eight < alone * 105 / 100);
}

TEST_CASE("holes.toml: right on a System/370 and natively, wrong as a guest of a machine with holes") {
    const auto lines = [](const auto& output) {
        std::string text;
        for (const auto& line : output.console) text += line.text + "\n";
        return text;
    };
    const RunResult wrong = run_scenario("holes.toml");
    CHECK(vm_of(wrong, "masker").cpu.psw.address == 0xDEAD);
    CHECK(lines(vm_of(wrong, "masker").output).find(" 0 UPDATES LOST") == std::string::npos);
    CHECK(lines(vm_of(wrong, "masker").output).find("CPU 00") != std::string::npos);
    CHECK(vm_of(wrong, "masker").account.of(Cause::simulated(isa::Op::op_STNSM)).count == 0);

    experiment::Overrides overrides;
    overrides.machine_model = "s370-158";
    const RunResult right = run_scenario("holes.toml", overrides);
    check_well(vm_of(right, "masker"));
    CHECK(lines(vm_of(right, "masker").output).find(" 0 UPDATES LOST") != std::string::npos);
    CHECK(lines(vm_of(right, "masker").output).find("CPU FF") != std::string::npos);
    CHECK(vm_of(right, "masker").account.of(Cause::simulated(isa::Op::op_STNSM)).count == 20'000);

    // Keys keep a program from its supervisor on both, although both run in the real problem state.
    for (const RunResult* result : {&wrong, &right}) {
        check_well(vm_of(*result, "rings"));
        CHECK(lines(vm_of(*result, "rings").output).find("REFUSED: PROTECTION\n") != std::string::npos);
        CHECK(last_line(vm_of(*result, "rings")) == "RINGS: ITS LPSW IS REFUSED: PRIVILEGED OPERATION");
    }

    // Without a control program the machine with holes serves its system well.
    const experiment::Comparison comparison =
        experiment::compare(experiment::read_scenario((kScenarios / "holes.toml").string()));
    const experiment::NativeResult& native = comparison.guests.front().native;
    CHECK(native.name == "masker");
    CHECK(native.cpu.psw.address == 0);
    CHECK(lines(native.output).find(" 0 UPDATES LOST") != std::string::npos);
}

TEST_CASE("interpretation.toml: a guest that is interpreted is right on a machine with holes, and dear") {
    const RunResult result = run_scenario("interpretation.toml");
    const VmResult &trapped = vm_of(result, "trapped"), &interpreted = vm_of(result, "interpreted");
    CHECK(trapped.cpu.psw.address == 0xDEAD);
    check_well(interpreted);
    check_well(vm_of(result, "rings"));
    CHECK(last_line(interpreted).ends_with(" 0 UPDATES LOST"));
    CHECK(interpreted.account.of(Cause::simulated(isa::Op::op_STNSM)).count == 20'000);
    CHECK(interpreted.account.guest == 0);
    CHECK(interpreted.exits == 0);
    CHECK(interpreted.account.control_program > 20 * trapped.account.guest);
    CHECK(interpreted.account.control_program < 80 * trapped.account.guest);
    // What it takes for its own time is what it is on a machine of its own.
    CHECK(static_cast<double>(interpreted.interpreted) ==
          doctest::Approx(static_cast<double>(trapped.account.guest)).epsilon(0.05));
}

TEST_CASE(
    "binary-translation.toml: guests that are translated are right on a machine with holes, and not dear") {
    const RunResult result = run_scenario("binary-translation.toml");
    const VmResult &trapped = vm_of(result, "trapped"), &translated = vm_of(result, "translated"),
                   &selfcheck = vm_of(result, "selfcheck");
    CHECK(trapped.cpu.psw.address == 0xDEAD);
    check_well(translated);
    check_well(selfcheck);
    CHECK(last_line(translated).ends_with(" 0 UPDATES LOST"));
    CHECK(last_line(selfcheck).ends_with(" 0 WRONG"));
    CHECK(translated.code.sequences > 39'000);
    CHECK(translated.exits * 10 < trapped.exits);
    CHECK(selfcheck.code.invalidated >= 300);
}

TEST_CASE("handshake.toml: who is told of page waits computes meanwhile") {
    const RunResult result = run_scenario("handshake.toml");
    const VmResult &told = vm_of(result, "told"), &untold = vm_of(result, "untold");
    check_well(told);
    check_well(untold);
    REQUIRE(told.output.console.size() == untold.output.console.size());
    for (size_t i = 0; i < told.output.console.size(); ++i)
        CHECK(told.output.console[i].text == untold.output.console[i].text);
    CHECK(told.page_waits * 4 < untold.page_waits);
    CHECK(told.page_waited * 4 < untold.page_waited);
    CHECK(count_of(told, Cause::pseudo_page_fault) > 1000);
    CHECK(count_of(untold, Cause::pseudo_page_fault) == 0);
}

TEST_CASE("paravirtual.toml: the same lines with each back end, and fewer exits") {
    const RunResult result = run_scenario("paravirtual.toml");
    const VmResult& trapping = vm_of(result, "trapping");
    for (const char* name : {"trapping", "hypercall", "calltable", "unmodified"}) {
        const VmResult& vm = vm_of(result, name);
        check_well(vm);
        REQUIRE(vm.output.console.size() == 8);
        CHECK(last_line(vm) == "PARAVIRTUAL: ROUND     128, CHECKSUM 1345EFC0");
    }
    CHECK(vm_of(result, "hypercall").account.control_program * 5 < trapping.account.control_program);
    CHECK(vm_of(result, "calltable").account.control_program * 3 < trapping.account.control_program);
}

TEST_CASE("spin-yield.toml: who gives the CPU up uses a tenth of it") {
    const RunResult result = run_scenario("spin-yield.toml");
    for (const char* name : {"polite1", "polite2", "rude1", "rude2"}) {
        check_well(vm_of(result, name));
        CHECK(last_line(vm_of(result, name)) == "PINGPONG:       50 EVENTS");
    }
    CHECK(vm_of(result, "polite1").account.guest * 10 < vm_of(result, "rude1").account.guest);
    CHECK(vm_of(result, "polite1").account.control_program < vm_of(result, "rude1").account.guest);
}

TEST_CASE("shared-segment.toml: one copy for all who read, another for the one who stores") {
    const RunResult result = run_scenario("shared-segment.toml");
    REQUIRE(result.vms.size() == 9);
    for (const VmResult& vm : result.vms) {
        check_well(vm);
        const bool writer = vm.name == "writer";
        REQUIRE(vm.output.console.size() == (writer ? 2 : 1));
        CHECK(vm.output.console.back().text == "SHARER: SEGMENT TABLES, ALL SUMS RIGHT: PASS");
        // Page zero, with the program; the writer has the 16 pages of the segment besides.
        CHECK(vm.pages.fills == (writer ? 17 : 1));
    }
    CHECK(vm_of(result, "writer").output.console.front().text ==
          "DMKVMA181E SHARED SYSTEM TABLES REPLACED WITH NON-SHARED COPY");
}

TEST_CASE("ibc.toml: stand-alone utilities read the operator's answer and echo their control cards" *
          doctest::test_suite("ibc")) {
    if (!decks_present()) {
        MESSAGE("skipped: the decks and cards below ../shared/guests are not there");
        return;
    }
    const RunResult result = run_scenario("ibc.toml");
    check_well(vm_of(result, "primes"));
    check_well(vm_of(result, "tasks"));
    const std::map<std::string, std::string> utilities = {
        {"dasdi", "  DADEF     TODEV=3330,TOADDR=150,VOLID=SCRATCH,FLAGTEST=NO,BYPASS=YES"},
        {"dmprs", "  RESTORE     FROMDEV=2400,FROMADDR=180,TODEV=3330,MODE=C3,            C"}};
    for (const auto& [name, card] : utilities) {
        const std::string utility(name);  // clang 14 captures no structured bindings
        CAPTURE(utility);
        const VmResult& vm = vm_of(result, name);
        CHECK(vm.stop == StopReason::disabled_wait);
        CHECK(vm.cpu.psw.address == 0xEEEE);
        bool prompted = false, echoed = false, said = false;
        for (const auto& line : vm.output.console) {
            prompted |= line.text.starts_with("IBC105A");
            echoed |= line.text.starts_with(card);
            said |= line.text.starts_with("IBC211W NOT AVAIL");
        }
        CHECK(prompted);
        CHECK(echoed);
        CHECK(said);
    }
}

TEST_CASE("real-disk: two machines read their minidisks of one disk, and neither the other's") {
    const RunResult result = run_scenario("real-disk.toml");
    const auto console = [](const VmResult& vm) {
        std::string text;
        for (const auto& line : vm.output.console) text += line.text + "\n";
        return text;
    };
    for (const VmResult& vm : result.vms) check_well(vm);
    CHECK(console(vm_of(result, "anna")) ==
          "DISK SYSTEM: DIR, TYPE NAME, HELP, STOP\ndir\nNOTES     WHERE IS MY DISK\n"
          "SHOPPING  FOR MONDAY\nREADY\ntype notes\n"
          "CYLINDER 1 OF MY DISK IS CYLINDER 3 OF THE REAL ONE.\nI CANNOT TELL.\nREADY\n"
          "type riddle\nTHERE IS NO RIDDLE  \nstop\nDISK SYSTEM ENDS\n");
    CHECK(console(vm_of(result, "bert")) ==
          "DISK SYSTEM: DIR, TYPE NAME, HELP, STOP\nhelp\nDIR          WHAT IS ON YOUR DISK\n"
          "TYPE NAME    ONE OF ITS TEXTS\nSTOP         THE END\nREADY\ntype riddle\n"
          "I HAVE ONE ARM AND MANY HEADS,\nAND NEVER LEAVE MY CYLINDER UNASKED.\nREADY\n"
          "type answer\nA DISK.\nREADY\nstop\nDISK SYSTEM ENDS\n");
}

TEST_CASE("interpretive-io: START I/O, interruptions and waits do not come out") {
    const RunResult result = run_scenario("interpretive-io.toml");
    for (const VmResult& vm : result.vms) check_well(vm);
    const VmResult &started = vm_of(result, "started"), &interpreted = vm_of(result, "interpreted"),
                   &waiting = vm_of(result, "waiting"), &paged = vm_of(result, "paged");
    const auto reads = started.devices.front().counts.starts;
    CHECK(started.exits > 2 * reads);
    CHECK(started.io_presented == 0);
    // Only the wait comes out, and an interruption that ends it.
    CHECK(interpreted.exits > reads);
    CHECK(interpreted.exits < reads + 10);
    CHECK(interpreted.devices.front().counts.by_machine == reads);
    CHECK(interpreted.io_presented == reads);
    for (const VmResult* vm : {&waiting, &paged}) {
        CHECK(vm->exits < 30);
        CHECK(vm->io_presented == reads);
        CHECK(vm->account.control_program < started.account.control_program / 20);
    }
    CHECK(paged.devices.front().counts.by_machine == reads - 1);  // the first maps the guest
}

TEST_CASE(
    "pass-through: I/O tables cost what their strategy says, and what is not the machine's is refused") {
    const RunResult result = run_scenario("pass-through.toml");
    for (const VmResult& vm : result.vms) check_well(vm);
    const auto cost = [&](const char* name) { return vm_of(result, name).account.control_program; };
    CHECK(cost("direct") < cost("whole"));
    CHECK(cost("whole") < cost("kept"));
    CHECK(cost("kept") < cost("each"));
    CHECK(cost("each") < cost("copied"));
    const auto mapped = [&](const char* name) {
        return vm_of(result, name).devices.front().counts.mapping.mapped;
    };
    CHECK(mapped("whole") == 16);
    CHECK(mapped("each") == 512);
    CHECK(mapped("kept") == 2);
    const VmResult& strayer = vm_of(result, "strayer");
    CHECK(strayer.io_refused == 9);
    CHECK(strayer.io_refusals[0].what == IoRefusal::What::not_mapped);
    CHECK(strayer.io_refusals[0].address == 0x80000);
    CHECK(strayer.io_refusals[2].what == IoRefusal::What::unit);
    CHECK(strayer.io_refusals[2].device == 0x351);
    CHECK(vm_of(result, "copied").io_refused == 0);
}

TEST_CASE("spooling: what one machine punches another one reads and prints, and its console is kept") {
    const RunResult result = run_scenario("spooling.toml");
    check_well(vm_of(result, "courier"));
    check_well(vm_of(result, "reader"));
    const std::string& printed = vm_of(result, "reader").output.printer;
    CHECK(printed.find("ORDER 00001  GEAR SPUR") != std::string::npos);
    CHECK(printed.find("ORDER 00050  BOLT HEXAGONAL") != std::string::npos);
    CHECK(last_line(vm_of(result, "reader")) == "SPOOLER:       50 CARDS,        2 PAGES");
    REQUIRE(result.spool.has_value());
    REQUIRE(result.spool->files.size() == 1);
    CHECK(result.spool->files[0].owner == "courier");
    CHECK(result.spool->files[0].origin == SpoolOrigin::console);
}

TEST_CASE("adapter: what one machine says another one shows, and ends are made by commands") {
    const RunResult result = run_scenario("adapter.toml");
    for (const VmResult& vm : result.vms) check_well(vm);
    const auto& heard = vm_of(result, "bert").output.console;
    REQUIRE(heard.size() == 11);
    CHECK(heard[0].text == "CTCA 0E0 TO anna 0E0");
    CHECK(heard[1].text == "LINE 00001 FOR YOU  ");
    CHECK(heard[10].text == "LINE 00010 FOR YOU  ");
    CHECK(last_line(vm_of(result, "carl")) == "CTCA 1E0 TO carl 0E0");
}

TEST_CASE("messages: a desk answers whom the directory lets in, and each pays for what he asks") {
    const RunResult result = run_scenario("messages.toml");
    for (const char* name : {"desk", "anna", "bert"}) check_well(vm_of(result, name));
    CHECK(last_line(vm_of(result, "carl")) == "CALLER: NO ANSWER");
    CHECK(last_line(vm_of(result, "desk")) == "DESK: 00080 REQUESTS SERVED, GOOD NIGHT");
    const Account &anna = vm_of(result, "anna").account, &bert = vm_of(result, "bert").account;
    CHECK(anna.of(Cause::iucv).count == bert.of(Cause::iucv).count);
    CHECK(anna.of(Cause::message).count == bert.of(Cause::message).count);
    // A question by IUCV is one function and one interruption for who asks.
    CHECK(anna.of(Cause::iucv).count == 20 + 4);
}

TEST_CASE("service-machine: it is killed and started anew; clients wait, and lose nothing") {
    const RunResult result = run_scenario("service-machine.toml");
    CHECK_FALSE(result.time_limit_reached);
    for (const char* name : {"one", "two", "bystander"}) check_well(vm_of(result, name));
    for (const char* name : {"one", "two"})
        CHECK(last_line(vm_of(result, name)) == "CLIENT: ALL WELL, PATHS LOST: 00001");
    CHECK(vm_of(result, "service").output.console.size() > 2);  // it has opened twice
    CHECK(experiment::ended_well(result));
}

TEST_CASE("two-back-ends, service-ways: the same guests, served in two ways") {
    const RunResult backs = run_scenario("two-back-ends.toml");
    for (const char* name : {"ring", "three", "four"}) check_well(vm_of(backs, name));
    CHECK(vm_of(backs, "ring").rings[0].counts.requests == 32);
    const RunResult ways = run_scenario("service-ways.toml");
    for (const char* name : {"one", "two"}) check_well(vm_of(ways, name));
    const auto calls = [&](const char* name) {
        return vm_of(ways, name).account.of(Cause::simulated(isa::Op::op_DIAG)).count;
    };
    CHECK(calls("copier") == 32);      // COPY
    CHECK(calls("mapper") == 2 * 32);  // MAP and UNMAP
}

TEST_CASE("driver-fault: a driver in the control program takes everything with it, and the report says so") {
    const RunResult result = run_scenario("driver-fault.toml");
    for (const VmResult& vm : result.vms) {
        CAPTURE(vm.name);
        CHECK(vm.stop == StopReason::control_program_failed);
        CHECK(vm.ending.text.find("a driver in the control program has failed") != std::string::npos);
    }
    CHECK(vm_of(result, "disk").rings[0].counts.requests == 19);
    CHECK_FALSE(experiment::ended_well(result));
}

TEST_CASE(
    "page-contention: a walker waits longer for its pages where a neighbour's disk has their control unit") {
    const RunResult result = run_scenario("page-contention.toml");
    CHECK_FALSE(result.time_limit_reached);
    for (const VmResult& vm : result.vms) check_well(vm);
    const VmResult &quiet = vm_of(result, "quiet"), &apart = vm_of(result, "apart"),
                   &beside = vm_of(result, "beside");
    for (const VmResult* vm : {&quiet, &apart, &beside}) {
        CHECK(vm->output.console.back().text == quiet.output.console.back().text);
        CHECK(vm->pages.reads > 60);
    }
    // None runs while another walker does; who reads a disk does so for as long.
    CHECK(quiet.end < apart.start);
    CHECK(apart.end < beside.start);
    CHECK(beside.end < vm_of(result, "nextdoor").end + 5 * simulation::kSecond);
    const auto a_page = [](const VmResult& vm) {
        return static_cast<double>(vm.page_waited) / static_cast<double>(vm.page_waits);
    };
    CHECK(a_page(apart) < 1.25 * a_page(quiet));
    CHECK(a_page(beside) > 1.5 * a_page(apart));
    // Each pays for its own way to the disks: the walkers for none of the scanners' work.
    CHECK(vm_of(result, "nextdoor").account.of(Cause::ccw).count > 0);
    CHECK(beside.account.of(Cause::ccw).count == quiet.account.of(Cause::ccw).count);
    const auto& volume = result.real_devices.at(0);
    CHECK(volume.address == 0x2B0);
    CHECK(volume.counts.requests == result.paging.reads + result.paging.writes);
    CHECK(result.paging_devices.at(0).transfers == volume.counts.requests);
    CHECK(result.paging_devices.at(0).busy == volume.counts.service);
}

TEST_CASE("channel-contention: two disks on one channel wait for each other, on two they do not") {
    const RunResult result = run_scenario("channel-contention.toml");
    CHECK_FALSE(result.time_limit_reached);
    for (const VmResult& vm : result.vms) check_well(vm);
    const VmResult &left = vm_of(result, "left"), &right = vm_of(result, "right"),
                   &first = vm_of(result, "first"), &second = vm_of(result, "second");
    CHECK(left.end < first.start);
    CHECK(right.end < first.start);
    CHECK(first.elapsed() > left.elapsed() * 3 / 2);
    CHECK(second.elapsed() > right.elapsed() * 3 / 2);
    const auto& devices = result.real_devices;
    REQUIRE(devices.size() == 4);
    for (const auto& device : devices) CHECK(device.counts.requests == devices[0].counts.requests);
    CHECK(devices[0].channel_waits == simulation::ChannelWaits{});
    CHECK(devices[1].channel_waits == simulation::ChannelWaits{});
    for (const auto& device : {devices[2], devices[3]}) {
        CHECK(device.channel_waits.starts + device.channel_waits.reconnections >= device.counts.requests / 2);
        CHECK(device.channel_waits.time > simulation::kSecond);
        CHECK(device.channel_waits.time < device.counts.service);
    }
}

TEST_CASE("spool-volume: who prints waits for the disk that is read beside the spool") {
    const RunResult result = run_scenario("spool-volume.toml");
    CHECK_FALSE(result.time_limit_reached);
    for (const VmResult& vm : result.vms) check_well(vm);
    const VmResult &alone = vm_of(result, "alone"), &apart = vm_of(result, "apart"),
                   &beside = vm_of(result, "beside");
    CHECK(alone.end < apart.start);
    CHECK(apart.end < beside.start);
    CHECK(apart.elapsed() < alone.elapsed() * 9 / 8);
    CHECK(beside.elapsed() > apart.elapsed() * 5 / 4);
    // Each prints 64 forms of 58 lines, of which 29 fill a page.
    REQUIRE(result.spool.has_value());
    REQUIRE(result.spool->files.size() > 3);
    uint64_t pages = 0;
    for (size_t i = 0; i < 3; ++i) CHECK(result.spool->files[i].pages == 128);
    for (const auto& file : result.spool->files) pages += file.pages;
    // 200 cards have been read, of which 46 fill a page.
    CHECK(result.spool->counts.pages_read == 5);
    CHECK(result.spool->counts.pages_written == pages + 5);
}

TEST_CASE("temporary-disk: disks come and go by commands, and one lies on two packs") {
    const RunResult result = run_scenario("temporary-disk.toml");
    const auto console = [](const VmResult& vm) {
        std::string text;
        for (const auto& line : vm.output.console) text += line.text + "\n";
        return text;
    };
    for (const VmResult& vm : result.vms) check_well(vm);
    CHECK(console(vm_of(result, "bert")) ==
          "DISK SYSTEM: DIR, TYPE NAME, HELP, STOP\ntype notes\nTHERE IS NO NOTES   \n"
          "DASD 291 LINKED R/O; R/O BY 002 USERS\nDASD 391 DEFINED\nDASD 191 DEFINED\ntype notes\n"
          "CYLINDER 1 OF MY DISK IS CYLINDER 3 OF THE REAL ONE.\nI CANNOT TELL.\nREADY\n"
          "DASD 192 DEFINED   005 CYL\n"
          "DASD 190 3330-1 ON 350 R/O 001 CYL\nDASD 191 3330-1 ON 350 R/O 002 CYL\n"
          "DASD 192 3330-1 (TEMP) R/W 005 CYL\nDASD 193 3330-1 (TEMP) R/W 004 CYL\n"
          "DASD 391 3330-1 ON 350 R/O 002 CYL\n"
          "DASD 192 DETACHED\nDMKDEF091E DASD 192 NOT DEFINED; TEMP SPACE NOT AVAILABLE\n"
          "DISK SYSTEM: DIR, TYPE NAME, HELP, STOP\ndir\nNOTES     WHERE IS MY DISK\n"
          "SHOPPING  FOR MONDAY\nREADY\nstop\nDISK SYSTEM ENDS\n");
    CHECK(console(vm_of(result, "carl")) ==
          "DISK SYSTEM: DIR, TYPE NAME, HELP, STOP\ndir\nNOTES     WHERE IS MY DISK\n"
          "SHOPPING  FOR MONDAY\nREADY\ntype notes\n"
          "CYLINDER 1 OF MY DISK IS CYLINDER 3 OF THE REAL ONE.\nI CANNOT TELL.\nREADY\n"
          "stop\nDISK SYSTEM ENDS\n");
    for (const auto& device : result.real_devices)
        CHECK((device.counts.requests != 0) == (device.address != 0x360));
}

}  // namespace
}  // namespace vmcp::test
