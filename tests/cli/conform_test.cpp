// vmcp conform as users run it. Without hercules only the refusals are tested.
#include <nlohmann/json.hpp>

#include "tests/cli/shell.hpp"
#include "vmcp/conformance/hercules.hpp"

TEST_CASE("conform: what cannot be judged is refused in one line") {
    const Shell shell;
    CHECK(shell.vmcp("conform --cases 0").code == 2);
    CHECK(shell.vmcp("conform --cases many").code == 2);
    if (!vmcp::conformance::Hercules::find()) return;
    auto outcome = shell.vmcp("conform --group none");
    CHECK(outcome.code == 1);
    CHECK(outcome.output.find("vmcp: error: no group \"none\": expected one of general, ") == 0);
    outcome = shell.vmcp("conform --instruction FOO");
    CHECK(outcome.code == 1);
    CHECK(outcome.output == "vmcp: error: no instruction \"FOO\" that can be judged\n");
}

TEST_CASE("conform: without hercules it says how to get it") {
    const Shell shell;
    const auto outcome = shell.vmcp_with("VMCP_HERCULES=/nowhere/hercules", "conform --cases 10");
    CHECK(outcome.code == 1);
    CHECK(outcome.output.find("the hercules emulator was not found: install Debian's package `hercules`") !=
          std::string::npos);
}

TEST_CASE("conform: one group, with the counts of every instruction" * doctest::test_suite("hercules")) {
    if (!vmcp::conformance::Hercules::find()) {
        MESSAGE("skipped: " << vmcp::conformance::Hercules::missing_message());
        return;
    }
    const Shell shell;
    const auto outcome = shell.vmcp("conform --cases 3000 --group decimal --seed 5 --json -");
    CHECK(outcome.code == 0);
    const auto json = nlohmann::json::parse(outcome.output);
    CHECK(json.at("good") == true);
    CHECK(json.at("cases") == 3000);
    CHECK(json.at("different") == 0);
    CHECK(json.at("groups").size() == 1);
    int64_t sum = 0;
    for (const auto& instruction : json.at("instructions")) {
        CHECK(instruction.at("cases").get<int64_t>() > 0);
        sum += instruction.at("cases").get<int64_t>();
    }
    CHECK(sum == 3000);
    CHECK(json.at("instructions").contains("SRP"));
    CHECK_FALSE(json.at("instructions").contains("AR"));
    const auto one = shell.vmcp("conform --cases 500 --instruction ED");
    CHECK(one.code == 0);
    CHECK(one.output.find("no unexplained difference") != std::string::npos);
}
