// The example scenarios: each can be read, and shows what its description promises.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <string>

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
bool decks_present() { return fs::exists(fs::path(VMCP_SOURCE_DIR) / "../shared/guests/ibc/ibcdasdi.deck"); }

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

TEST_CASE("hostile.toml: each hostile guest ends in its own way, the others well") {
    const RunResult result = run_scenario("hostile.toml");
    for (const char* name : {"hello", "primes", "tasks", "printer", "stores", "keys", "devices", "diagnose"})
        check_well(vm_of(result, name));
    CHECK(vm_of(result, "loop").stop == StopReason::none);
    CHECK(vm_of(result, "deadwait").stop == StopReason::disabled_wait);
    CHECK(vm_of(result, "deadwait").cpu.psw.address == 0xBAD);
    CHECK(vm_of(result, "checkstop").stop == StopReason::check_stop);
    CHECK(last_line(vm_of(result, "tasks")) == "TASKS: ALL HAVE ENDED");
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

TEST_CASE("ibc.toml: stand-alone utilities read the operator's answer and echo their control cards") {
    if (!decks_present()) {
        MESSAGE("skipped: ../shared/guests/ibc is not there");
        return;
    }
    const RunResult result = run_scenario("ibc.toml");
    check_well(vm_of(result, "primes"));
    check_well(vm_of(result, "tasks"));
    const std::map<std::string, std::string> utilities = {
        {"dasdi", "  DADEF     TODEV=3330,TOADDR=150,VOLID=SCRATCH,FLAGTEST=NO,BYPASS=YES"},
        {"dmprs", "  RESTORE     FROMDEV=2400,FROMADDR=180,TODEV=3330,MODE=C3,            C"}};
    for (const auto& [name, card] : utilities) {
        CAPTURE(name);
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

}  // namespace
}  // namespace vmcp::test
