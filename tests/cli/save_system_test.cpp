// vmcp saveseg: what is saved goes on, and what cannot be saved is told in one line.
#include <doctest/doctest.h>

#include "tests/cli/shell.hpp"

namespace {

const std::string kExamples = std::string(VMCP_SOURCE_DIR) + "/examples/";

TEST_CASE("saveseg: a guest that is saved in the middle of a run ends as the whole run does") {
    const Shell shell;
    const std::string guest = "[[vm]]\nname = \"a\"\nstorage = \"64K\"\n";
    shell.write("whole.toml", guest + "guest = \"" + kExamples + "guests/primes.asm\"\n");
    shell.write("rest.toml",
                "[[system]]\nname = \"PRIMES\"\nsaved = \"primes.saved\"\n" + guest + "ipl = \"PRIMES\"\n");
    const auto saved = shell.vmcp("saveseg whole.toml --at-ms 200 --length 32K -o primes.saved");
    CHECK(saved.code == 0);
    CHECK(saved.output == "");
    CHECK(shell.read("primes.saved").size() == 9 * 4096);
    const auto whole = shell.vmcp("run whole.toml"), rest = shell.vmcp("run rest.toml");
    CHECK(whole.code == 0);
    CHECK(rest.code == 0);
}

TEST_CASE("saveseg: machines and storage that there are not") {
    const Shell shell;
    const std::string scenario = kExamples + "scenarios/timesharing.toml";
    const auto none = shell.vmcp("saveseg " + scenario + " --vm nobody -o x");
    CHECK(none.code == 1);
    CHECK(none.output.find("there is no virtual machine \"nobody\"") != std::string::npos);
    const auto many = shell.vmcp("saveseg " + scenario + " -o x");
    CHECK(many.code == 1);
    CHECK(many.output.find("expected --vm NAME to choose one") != std::string::npos);
    const auto far =
        shell.vmcp("saveseg " + scenario + " --vm user --at-ms 1 --from FF0000 --length 4K -o x");
    CHECK(far.code == 1);
    CHECK(far.output.find("expected whole pages") != std::string::npos);
}

}  // namespace
