// --executor and VMCP_EXECUTOR: every command that runs machines has the option, and its results are the
// same.
#include "simulation/executor/translator/executor_choice.hpp"

#include "tests/cli/shell.hpp"

namespace {

const std::string kHello = "native " VMCP_SOURCE_DIR "/examples/guests/hello.asm";
constexpr const char* kExpected = "expected interpreter, translator or auto";

}  // namespace

TEST_CASE("executor: the commands that run machines have the option, others have not") {
    const Shell shell;
    const auto has = [&](const std::string& command) {
        return shell.vmcp(command + " --help").output.find("--executor") != std::string::npos;
    };
    for (const char* command :
         {"run", "native", "compare", "check", "calibrate", "diff-trace", "saveseg", "sweep", "ladder",
          "nano", "debug", "conform", "audit", "lab check", "lab grade"})
        CHECK_MESSAGE(has(command), command);
    for (const char* command :
         {"asm", "disasm", "report", "models", "image create", "spool list", "instructions", "lab start"})
        CHECK_MESSAGE(!has(command), command);
}

TEST_CASE("executor: what is none is refused, in one line and as wrong usage") {
    const Shell shell;
    const auto option = shell.vmcp(kHello + " --executor magic");
    CHECK(option.code == 2);
    CHECK(option.output.find(std::string("--executor: 'magic': ") + kExpected + "\n") != std::string::npos);
    const auto variable = shell.vmcp_with("VMCP_EXECUTOR=magic", kHello);
    CHECK(variable.code == 2);
    CHECK(variable.output.find(std::string("VMCP_EXECUTOR: 'magic': ") + kExpected + "\n") !=
          std::string::npos);
    CHECK(shell.vmcp_with("VMCP_EXECUTOR=magic", "models").code == 0);  // runs none
    CHECK(shell.vmcp_with("VMCP_EXECUTOR=", kHello).code == 0);
}

TEST_CASE("executor: the option goes before the environment, and who executed stands beside the host time") {
    const Shell shell;
    const auto by = [&](const std::string& environment, const std::string& option) {
        const std::string output = shell.vmcp_with(environment, kHello + option).output;
        const size_t end = output.find(')', output.find("host time "));
        const size_t begin = output.rfind('(', end) + 1;
        REQUIRE(end != std::string::npos);
        return output.substr(begin, end - begin);
    };
    CHECK(by("VMCP_EXECUTOR=interpreter", "") == "interpreter");
    CHECK(by("VMCP_EXECUTOR=translator", " --executor interpreter") == "interpreter");
    CHECK(by("VMCP_EXECUTOR=magic", " --executor interpreter") == "interpreter");
    CHECK(by("VMCP_EXECUTOR=translator", "") == by("", " --executor translator"));
}

TEST_CASE("executor: results are the same, and a host that cannot be translated for is told") {
    const Shell shell;
    const std::string run =
        "run " VMCP_SOURCE_DIR "/examples/scenarios/privileged-rate.toml --no-host --json ";
    const auto interpreted = shell.vmcp(run + "interpreter.json --quiet --executor interpreter");
    const auto translated = shell.vmcp(run + "translator.json --quiet --executor translator");
    CHECK(interpreted.output.empty());
    CHECK(translated.output == (simulation::can_translate() ? ""
                                                            : "vmcp: this host cannot be translated for: "
                                                              "the interpreter serves instead\n"));
    CHECK(interpreted.code == translated.code);
    CHECK(shell.read("interpreter.json") == shell.read("translator.json"));
    CHECK(shell.read("interpreter.json").size() > 1000);
}
