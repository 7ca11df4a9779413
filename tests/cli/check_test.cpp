// vmcp check, limits, and the exit code of one machine.
#include <nlohmann/json.hpp>

#include "tests/cli/shell.hpp"

namespace {

/// Adds 40 and 2, says so, and ends.
constexpr const char* kSum =
    "P        START 0\n         COPY  EQUATES\n         COPY  LOWCORE\n         ORG   LOWCORE+X'200'\n"
    "BEGIN    LA    R3,40\n         LA    R3,2(,R3)\n         ST    R3,TOTAL\n         LA    R2,LINE\n"
    "         LA    R3,L'LINE\n         BAL   R14,CONWRITE\n         L     R3,TOTAL\n         LPSW  WELL\n"
    "         COPY  CONSOLE\nWELL     DC    0D'0',X'00020000',A(0)\nTOTAL    DC    F'0'\n"
    "LINE     DC    C'TOTAL 42'\n         END   BEGIN\n";
constexpr const char* kLoop = "LOOP     START X'200'\n         BALR  1,0\n         BR    1\n         END\n";
constexpr const char* kMachine = "[[vm]]\nname = \"a\"\nstorage = \"64K\"\nguest = \"p.asm\"\n";

std::string scenario(const std::string& expectations) {
    return "title = \"t\"\n" + std::string(kMachine) + expectations;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("check: what is expected is judged item by item, under the control program and natively") {
    const Shell shell;
    shell.write("p.asm", kSum);
    shell.write("s.toml",
                scenario("[[vm.expect]]\nname = \"sums up\"\nconsole = \"TOTAL 42\"\n"
                         "registers = { R3 = \"2A\" }\nmost_instructions = 1000\nmost_exits = 50\n"
                         "[[vm.expect]]\nconsole_not = \"ERROR\"\nending = \"disabled-wait 000000\"\n"));
    for (const char* how : {"", " --native"}) {
        const auto outcome = shell.vmcp(std::string("check s.toml") + how);
        CAPTURE(outcome.output);
        CHECK(outcome.code == 0);
        CHECK(has(outcome.output, "ok      a: sums up: console: \"TOTAL 42\"\n"));
        CHECK(has(outcome.output, "ok      a: sums up: register R3: 0000002A\n"));
        CHECK(has(outcome.output, *how == '\0' ? "6 of 6 items as expected" : "5 of 5 items as expected"));
    }
}

TEST_CASE("check: what is not met is told with what was found, in text, JSON and JUnit") {
    const Shell shell;
    shell.write("p.asm", kSum);
    shell.write("s.toml", scenario("[[vm.expect]]\nconsole = \"TOTAL <43>\"\nregisters = { R3 = \"2B\" }\n"
                                   "storage = { \"200\" = \"FFFF\" }\nmost_instructions = 3\n"));
    const auto outcome = shell.vmcp("check s.toml --json v.json --junit v.xml");
    CHECK(outcome.code == 1);
    CHECK_MESSAGE(has(outcome.output, "NOT OK  a: register R3: 0000002B\n        found: 0000002A\n"),
                  outcome.output);
    CHECK_MESSAGE(has(outcome.output, "ok      a: ending: well\n"), outcome.output);
    CHECK(has(outcome.output, "1 of 5 items as expected"));
    const auto json = nlohmann::json::parse(shell.read("v.json"));
    CHECK(json.at("met") == false);
    CHECK(json.at("items").size() == 5);
    CHECK(json.at("items")[0].at("found") == "not among 1 line, the last of which is \"TOTAL 42\"");
    CHECK(json.at("items")[2].at("found") == "4130");
    const std::string xml = shell.read("v.xml");
    CHECK(has(xml, "<testsuite name=\"s\" tests=\"5\" failures=\"4\">"));
    CHECK(has(xml, "<testcase classname=\"a\" name=\"ending: well\"/>"));
    CHECK(has(xml, "TOTAL &lt;43&gt;"));
    CHECK(has(xml, "<failure message=\"expected 0000002B, found 0000002A\"/>"));
}

TEST_CASE(
    "check: a program that does not end fails; one that does not assemble, too; a wrong scenario is another "
    "thing") {
    const Shell shell;
    shell.write("p.asm", kLoop);
    shell.write("s.toml", scenario("[[vm.expect]]\nname = \"ends\"\nconsole_not = \"X\"\n"));
    for (const char* how : {"--max-instructions 1000000", "--max-time 100ms", "--max-time 100ms --native"}) {
        const auto outcome = shell.vmcp(std::string("check s.toml ") + how);
        CHECK(outcome.code == 1);
        CHECK_MESSAGE(has(outcome.output, "NOT OK  a: ending: well"), outcome.output);
        CHECK_MESSAGE(has(outcome.output, "limit of"), outcome.output);
    }
    shell.write("p.asm", "P START 0\n LR 1\n END\n");
    auto outcome = shell.vmcp("check s.toml");
    CHECK(outcome.code == 1);
    CHECK(has(outcome.output, "p.asm:2:"));
    shell.write("p.asm", kSum);
    shell.write("none.toml", scenario(""));
    const auto refused = [&shell](const std::string& arguments, const std::string& message) {
        const auto result = shell.vmcp(arguments);
        CHECK(result.code == 2);
        CHECK_MESSAGE(has(result.output, message), result.output);
    };
    refused("check none.toml", "nothing is expected");
    refused("check missing.toml", "missing.toml");
    refused("check", "scenario is required");
    shell.write("e.toml", scenario("[[vm.expect]]\nending = \"good\"\n"));
    refused("check e.toml", "e.toml:7:10: \"good\": expected well, badly, disabled-wait");
    shell.write("e.toml", scenario("[[vm.expect]]\nregisters = { R16 = \"1\" }\n"));
    refused("check e.toml", "expected R0 to R15");
    shell.write("e.toml", scenario("[[vm.expect]]\nregisters = { R1 = \"XY\" }\n"));
    refused("check e.toml", "expected up to 8 hexadecimal digits");
    shell.write("e.toml", scenario("[[vm.expect]]\nstorage = { \"FFFFF\" = \"00\" }\n"));
    refused("check e.toml", "lies beyond 65536 bytes of storage");
    refused("check s.toml --max-time 5", "expected simulated time, such as 200ms");
}

TEST_CASE("limits end what goes on for ever, and say so with the exit code 3") {
    const Shell shell;
    shell.write("p.asm", kLoop);
    shell.write("sum.asm", kSum);
    auto outcome = shell.vmcp("native p.asm --max-instructions 1000");
    CHECK(outcome.code == 3);
    CHECK_MESSAGE(has(outcome.output, "limit of 1,000 instructions"), outcome.output);
    outcome = shell.vmcp("native p.asm --max-time 20ms");
    CHECK(outcome.code == 3);
    CHECK_MESSAGE(has(outcome.output, "limit of 20.00 ms of simulated time"), outcome.output);
    shell.write("s.toml", "title = \"t\"\n" + std::string(kMachine) +
                              "[[vm]]\nname = \"b\"\nstorage = \"64K\"\nguest = \"sum.asm\"\n");
    outcome = shell.vmcp("run s.toml --max-instructions 100000 --json r.json");
    CHECK(outcome.code == 3);
    CHECK_MESSAGE(has(outcome.output, "limit of 100,000 instructions"), outcome.output);
    const auto json = nlohmann::json::parse(shell.read("r.json"));
    CHECK(json.at("vms")[0].at("ending").at("kind") == "instruction-limit");
    CHECK(json.at("vms")[0].at("instructions").get<uint64_t>() < 200'000);
    CHECK(json.at("vms")[1].at("ending").at("well") == true);
    CHECK(shell.vmcp("run s.toml --max-instructions 100000 --exit-code-of b").code == 0);
    CHECK(shell.vmcp("run s.toml --max-instructions 100000 --exit-code-of a").code == 3);
    CHECK(shell.vmcp("run s.toml --exit-code-of c").code == 1);
    CHECK(shell.vmcp("run s.toml --max-time 10ms").code == 3);
}

TEST_CASE("native says how a program ended: the line, the cause, and in JSON") {
    const Shell shell;
    shell.write("p.asm",
                "P        START 0\n         COPY  LOWCORE\n         ORG   P+X'200'\nBEGIN    BALR  12,0\n"
                "         USING *,12\n         AP    TOTAL,ITEM\nTOTAL    DC    PL3'0'\n"
                "ITEM     DC    C'123'\n         END   BEGIN\n");
    const auto outcome = shell.vmcp("native p.asm");
    CHECK(outcome.code == 3);
    CHECK_MESSAGE(has(outcome.output, "p.asm:6: AP TOTAL,ITEM"), outcome.output);
    CHECK_MESSAGE(has(outcome.output, "a number in zoned digits: PACK it"), outcome.output);
    const auto json = nlohmann::json::parse(shell.vmcp("native p.asm --json -").output).at("ending");
    CHECK(json.at("kind") == "disabled-wait");
    CHECK(json.at("wait_address") == "DEAD68");
    CHECK(json.at("interruption").at("class") == "program");
    CHECK(json.at("interruption").at("code") == "0007");
    CHECK(json.at("at").at("line") == 6);
    CHECK(json.at("at").at("instruction") == "AP 6(3,12),9(3,12)");
    // Beside one another it is said once where it is the same.
    shell.write("s.toml", kMachine);
    const auto compared = shell.vmcp("compare s.toml");
    CHECK(compared.code == 3);
    CHECK_MESSAGE(has(compared.output, "a ended badly natively and alone:\n  Why: disabled wait DEAD68"),
                  compared.output);
    CHECK(has(compared.output, "At: p.asm:6: AP TOTAL,ITEM"));
}
