// vmcp run as users run it: results that repeat, JSON on standard output alone, one clear line for bad input.
#include <nlohmann/json.hpp>

#include <algorithm>

#include "tests/cli/shell.hpp"

namespace {

const std::string kScenarios = VMCP_SOURCE_DIR "/examples/scenarios/";

std::string scenario_with(const std::string& line) {
    return "title = \"t\"\n[machine]\nmodel = \"unit\"\nstorage = \"1M\"\n[control_program]\nmodel = "
           "\"unit\"\n"
           "policy = \"stride\"\n[[vm]]\nname = \"a\"\nstorage = \"64K\"\n" +
           line + "\n";
}

}  // namespace

TEST_CASE("run: the same scenario gives the same bytes, but for the host's figures") {
    const Shell shell;
    std::string first;
    for (const char* file : {"one.json", "two.json"}) {
        CHECK(shell.vmcp("run " + kScenarios + "hostile.toml --quiet --json " + file).code == 3);
        auto json = nlohmann::ordered_json::parse(shell.read(file));
        CHECK(json.contains("host"));
        json.erase("host");
        if (first.empty())
            first = json.dump();
        else
            CHECK(first == json.dump());
    }
}

TEST_CASE("run: --json - writes JSON and nothing else to standard output, with what the report is made of") {
    const Shell shell;
    const auto outcome = shell.vmcp("run " + kScenarios + "timesharing.toml --json -");
    REQUIRE(outcome.code == 0);
    const auto json = nlohmann::json::parse(outcome.output);
    for (const char* key : {"models", "machine", "vms", "totals", "host"})
        CHECK_MESSAGE(json.contains(key), key);
    for (const auto& vm : json.at("vms")) {
        int64_t causes = 0;
        for (const auto& [name, cause] : vm.at("causes").items()) causes += cause.at("cp_ns").get<int64_t>();
        CHECK(causes == vm.at("cp_ns").get<int64_t>());
        for (const char* key : {"name", "state", "guest_ns", "tv_ratio", "elapsed_ns", "instructions"})
            CHECK_MESSAGE(vm.contains(key), key);
    }
}

TEST_CASE("run: a way of I/O that the machine model lacks gives way to the next one, and a line says so") {
    const Shell shell;
    const std::string scenario = "run " + kScenarios + "pass-through.toml --no-host --quiet";
    CHECK(shell.vmcp(scenario).output.empty());
    const auto outcome = shell.vmcp(scenario + " --model s370-158");
    CHECK(outcome.code == 0);
    CHECK(
        outcome.output.find("vmcp: each 350: ccw-translation instead of translating-channel, for the machine "
                            "model s370-158 has no translating channels\n") != std::string::npos);
}

TEST_CASE("run: no colour and no progress bar where standard output is no terminal") {
    const Shell shell;
    const auto outcome = shell.vmcp("run " + kScenarios + "timesharing.toml");
    CHECK(outcome.code == 0);
    CHECK(outcome.output.find('\x1b') == std::string::npos);
    CHECK(outcome.output.find("HELLO FROM A SYSTEM/370") != std::string::npos);
}

TEST_CASE("run: a bad scenario is told in one line with file, line and column") {
    const Shell shell;
    const auto refused = [&](const std::string& text, const std::string& expected) {
        shell.write("s.toml", text);
        const auto outcome = shell.vmcp("run s.toml");
        CHECK(outcome.code == 1);
        CHECK_MESSAGE(outcome.output.find(expected) != std::string::npos, outcome.output);
        CHECK_MESSAGE(outcome.output.find('\n') == outcome.output.size() - 1, outcome.output);
    };
    refused("title = ", "s.toml:1:");
    refused("title = \"t\"\n[machine]\nmodell = \"unit\"\n", "s.toml:3:1: unknown key \"modell\"");
    refused(scenario_with(""), "s.toml:8:1: the virtual machine has nothing to run");
    refused(scenario_with("guest = \"missing.asm\""), "missing.asm");
    refused(scenario_with("core = \"missing.core\""), "missing.core");
    shell.write("bad.asm", "GUEST  START 0\n       LR    1\n       END\n");
    refused(scenario_with("guest = \"bad.asm\""), "bad.asm:2:");
    shell.write("two.toml", scenario_with("core = \"x\"") + "core = \"y\"\n");
    CHECK(shell.vmcp("run two.toml").code == 1);
    CHECK(shell.vmcp("run").code == 2);
    CHECK(shell.vmcp("run s.toml --policy lottery").code == 2);
    CHECK(shell.vmcp("run nowhere.toml").code == 1);
}

TEST_CASE("native: a core image ends in a disabled wait, and the JSON tells the state") {
    const Shell shell;
    // PSW: BC mode, address 200. 200: L 1,20C; LPSW 210; 20C: 0000002A; 210: a disabled wait at 0.
    std::string image(0x218, '\0');
    const auto put = [&](size_t at, std::initializer_list<int> bytes) {
        for (int b : bytes) image[at++] = static_cast<char>(b);
    };
    put(4, {0x00, 0x00, 0x02, 0x00});
    put(0x200, {0x58, 0x10, 0x02, 0x0C, 0x82, 0x00, 0x02, 0x10});
    put(0x20C, {0x00, 0x00, 0x00, 0x2A, 0x00, 0x02});
    shell.write("a.core", image);
    const auto outcome = shell.vmcp("native --core a.core --storage 64K --model unit --dump 20C:4 --json -");
    REQUIRE(outcome.code == 0);
    const auto json = nlohmann::json::parse(outcome.output);
    CHECK(json.at("stop") == "disabled-wait");
    CHECK(json.at("psw") == "0002000000000000");
    CHECK(json.at("gpr").at(1) == "0000002A");
    CHECK(json.at("instructions") == 2);
    CHECK(json.at("storage").begin().value() == "0000002A");
    CHECK(shell.vmcp("native --core a.core --max-instructions 1 --json -").output.find("\"limit\"") !=
          std::string::npos);
    CHECK(shell.vmcp("native --core nowhere.core --json -").code == 1);
    CHECK(shell.vmcp("native --core a.core@FFFFFF --storage 64K --json -").code == 1);
}

TEST_CASE("run: the bars of the report are made of what the locale has") {
    const Shell shell;
    const std::string run = "run " + kScenarios + "privileged-rate.toml";
    const auto blocks = shell.vmcp_with("LC_ALL=C.UTF-8", run);
    CHECK(blocks.output.find("█") != std::string::npos);
    const auto plain = shell.vmcp_with("LC_ALL=C", run);
    CHECK(plain.output.find("####") != std::string::npos);
    CHECK(std::all_of(plain.output.begin(), plain.output.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
    CHECK(shell.vmcp_with("LC_ALL= LC_CTYPE=de_DE.utf8 LANG=C", run).output.find("█") != std::string::npos);
}
