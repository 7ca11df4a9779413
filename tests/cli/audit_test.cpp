// vmcp audit as users run it.
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/shell.hpp"

TEST_CASE("audit: a System/370 is virtualizable, and the report fits a terminal") {
    const Shell shell;
    const auto outcome = shell.vmcp("audit --states 8");
    CHECK(outcome.code == 0);
    CHECK(outcome.output.find("\nVirtualizable: each of the ") != std::string::npos);
    CHECK(outcome.output.find("LPSW   refused     C ") != std::string::npos);
    CHECK(outcome.output.find("outside of the theorem: STCK\n") != std::string::npos);
    std::istringstream lines(outcome.output);
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
    CHECK(shell.vmcp("audit --states 8").output == outcome.output);
}

TEST_CASE("audit: holes are told with an example each, and by the exit code") {
    const Shell shell;
    const auto outcome = shell.vmcp("audit --machine s370-holes");
    CHECK(outcome.code == 1);
    CHECK(outcome.output.find("4 are not privileged: SSM STIDP\nSTNSM STOSM\n") != std::string::npos);
    CHECK(outcome.output.find("\n  STNSM  system mask: ") != std::string::npos);
    CHECK(outcome.output.find("STIDP  EXECUTED    - - - M -") != std::string::npos);
}

TEST_CASE("audit: a model of one's own, as JSON") {
    const Shell shell;
    shell.write(
        "mine.toml",
        "name = \"mine\"\ntitle = \"mine\"\nextends = \"s370-158\"\n[holes]\nunprivileged = [\"LRA\", "
        "\"RDD\"]\nignored = [\"LPSW\"]\nsource = \"assumed\"\n");
    const auto outcome = shell.vmcp("audit --machine mine.toml --states 16 --json -");
    CHECK(outcome.code == 1);
    const auto json = nlohmann::json::parse(outcome.output);
    CHECK(json.at("virtualizable") == false);
    CHECK(json.at("holes") == nlohmann::json({"LPSW", "LRA"}));
    for (const auto& one : json.at("instructions")) {
        if (one.at("mnemonic") == "LPSW") CHECK(one.at("sensitive_to").contains("mode"));
        if (one.at("mnemonic") == "LRA") CHECK(one.at("sensitive_to").at("location").at("in_problem_state"));
        if (one.at("mnemonic") == "RDD") CHECK_FALSE(one.at("privileged"));
    }
}
