// --log-level and --log-file.
#include "tests/cli/shell.hpp"

namespace {

constexpr const char* kRun =
    "run " VMCP_SOURCE_DIR "/examples/scenarios/shared-segment.toml --time-limit-ms 10 --quiet";

TEST_CASE("without being asked, no diagnostics are written") {
    const Shell shell;
    const auto outcome = shell.vmcp(kRun);
    CHECK(outcome.code == 3);
    CHECK(outcome.output.empty());
}

TEST_CASE("diagnostics go to standard error or a file, and change no result") {
    const Shell shell;
    const std::string command = std::string(kRun) + " --json ";
    CHECK(shell.vmcp(command + "plain.json").code == 3);
    const auto told = shell.vmcp("--log-level info " + command + "told.json");
    CHECK(told.code == 3);
    CHECK(told.output.find("vmcp: info: ") == 0);
    CHECK(told.output.find(" is logged on: ") != std::string::npos);
    CHECK(shell.vmcp(command + "filed.json --log-file run.log").output.empty());
    CHECK(shell.read("run.log").find("info ") != std::string::npos);
    const auto simulated = [&](const char* file) {
        const std::string json = shell.read(file);
        return json.substr(0, json.rfind("\"host\""));
    };
    CHECK(simulated("told.json") == simulated("plain.json"));
    CHECK(simulated("filed.json") == simulated("plain.json"));
}

TEST_CASE("a level that there is not, and a file that cannot be, are refused") {
    const Shell shell;
    CHECK(shell.vmcp(std::string(kRun) + " --log-level loud").code == 2);
    const auto outcome = shell.vmcp(std::string(kRun) + " --log-file /nowhere/run.log");
    CHECK(outcome.code == 1);
    CHECK(outcome.output == "vmcp: error: /nowhere/run.log: cannot be written: No such file or directory\n");
}

}  // namespace
