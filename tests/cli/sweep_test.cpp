// vmcp sweep as users run it: a table, a CSV file that repeats, a drawing.
#include <algorithm>

#include "tests/cli/shell.hpp"

namespace {
const std::string kOvercommit = VMCP_SOURCE_DIR "/examples/scenarios/overcommit.toml";
}

TEST_CASE("sweep: the overcommit factor, as table, CSV and drawing") {
    const Shell shell;
    const auto swept = shell.vmcp("sweep " + kOvercommit + " --values 1,2,4 -o curve");
    CHECK(swept.code == 0);
    CHECK(swept.output.find("Sweep over overcommit") != std::string::npos);
    const std::string csv = shell.read("curve.csv");
    CHECK(std::count(csv.begin(), csv.end(), '\n') == 4);
    CHECK(csv.starts_with("overcommit,real_storage_bytes,"));
    CHECK(shell.read("curve.svg").find("<svg") != std::string::npos);
    CHECK(shell.vmcp("sweep " + kOvercommit + " --values 1,2,4 -o again --no-plot").code == 0);
    CHECK(shell.read("again.csv") == csv);
}

TEST_CASE("sweep: one clear line for what cannot be swept") {
    const Shell shell;
    CHECK(shell.vmcp("sweep " + kOvercommit + " --over luck").code == 2);
    const auto none = shell.vmcp("sweep " + kOvercommit + " --values 0");
    CHECK(none.code == 1);
    CHECK(none.output == "vmcp: error: overcommit cannot be 0: expected more than 0\n");
    const auto sets = shell.vmcp("sweep " + kOvercommit + " --over shadow-sets --values 99");
    CHECK(sets.code == 1);
    const auto large = shell.vmcp("sweep " + kOvercommit + " --values 0.01 -o x");
    CHECK(large.code == 1);
    CHECK(large.output.find("needs") != std::string::npos);
}
