// A control program on the bare machine that has the machine execute its guest.
#include "tests/cli/shell.hpp"

TEST_CASE("native: a control program counts how often its guest comes out of interpretive execution") {
    const Shell shell;
    const std::string example = std::string(VMCP_SOURCE_DIR) + "/examples/native/monitor.toml";
    const auto run = shell.vmcp("native " + example);
    CHECK(run.code == 0);
    CHECK(run.output.find("GUEST: HERE I AM\nMASKS STAY INSIDE:      2\n"
                          "GUEST: HERE I AM\nMASKS COME OUT:     2,002\n") != std::string::npos);
    // Elsewhere its first instruction of this kind is none: an operation exception that it does not expect.
    const auto without = shell.vmcp("native " + example + " --model s370-158");
    CHECK(without.code == 3);
    CHECK(without.output.find("00DEAD68") != std::string::npos);
}
