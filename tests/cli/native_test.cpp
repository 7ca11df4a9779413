// vmcp native: decks, devices, limits and what is said of wrong options.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <regex>

#include "tests/cli/shell.hpp"

namespace {

void write_hello(const Shell& shell) {
    for (const char* name :
         {"hello.asm", "echo.asm", "console.copy", "upcase.copy", "equates.copy", "lowcore.copy"})
        std::filesystem::copy_file(std::filesystem::path(VMCP_SOURCE_DIR "/examples/guests") / name,
                                   std::filesystem::path(shell.path()) / name);
    REQUIRE(shell.vmcp("asm hello.asm -o hello.deck --format deck").code == 0);
    REQUIRE(shell.vmcp("asm hello.asm -o hello.core").code == 0);
    shell.write("s.toml",
                "title = \"t\"\n[[vm]]\nname = \"a\"\nstorage = \"64K\"\nguest = \"hello.asm\"\n"
                "[[vm]]\nname = \"b\"\nstorage = \"64K\"\ncore = \"hello.core\"\n");
}

std::vector<std::string> console_of(const nlohmann::json& json) {
    std::vector<std::string> lines;
    for (const auto& line : json.at("output").at("console")) lines.push_back(line.at("text"));
    return lines;
}

}  // namespace

TEST_CASE("native: a deck that IPLs says what its core image says, and takes the time of its cards") {
    const Shell shell;
    write_hello(shell);
    const auto deck = nlohmann::json::parse(shell.vmcp("native --ipl reader:hello.deck --json -").output);
    const auto core = nlohmann::json::parse(shell.vmcp("native --core hello.core --json -").output);
    CHECK(deck.at("stop") == "disabled-wait");
    CHECK(deck.at("psw") == core.at("psw"));
    CHECK(console_of(deck) == console_of(core));
    REQUIRE(console_of(core).size() == 3);
    CHECK(console_of(core)[0] == "HELLO FROM A SYSTEM/370");
    CHECK(deck.at("simulated_ns").get<int64_t>() > core.at("simulated_ns").get<int64_t>() + 500'000'000);
    // The same bytes again, but for the host's time.
    auto again = nlohmann::json::parse(shell.vmcp("native --ipl reader:hello.deck --json -").output);
    auto first = deck;
    first.erase("host");
    again.erase("host");
    CHECK(first == again);
}

TEST_CASE("native: the console is shown, and the summary goes to standard error") {
    const Shell shell;
    write_hello(shell);
    const auto outcome = shell.vmcp("native --core hello.core 2>summary");
    CHECK(outcome.code == 0);
    CHECK(outcome.output.find("HELLO FROM A SYSTEM/370\n") == 0);
    CHECK(outcome.output.find("simulated time") == std::string::npos);
    CHECK(shell.read("summary").find("disabled-wait after ") == 0);
}

TEST_CASE("native: a guest of a scenario, chosen by name") {
    const Shell shell;
    write_hello(shell);
    CHECK(shell.vmcp("native s.toml --vm b").code == 0);
    auto outcome = shell.vmcp("native s.toml");
    CHECK(outcome.code == 1);
    CHECK(outcome.output ==
          "vmcp: error: s.toml: there are 2 virtual machines: expected --vm NAME to choose one\n");
    outcome = shell.vmcp("native s.toml --vm c");
    CHECK(outcome.code == 1);
    CHECK(outcome.output == "vmcp: error: s.toml: there is no virtual machine \"c\"\n");
}

TEST_CASE(
    "native: what cannot be started is told in one line, with status 1; a wrong command line ends with 2") {
    const Shell shell;
    write_hello(shell);
    shell.write("empty.deck", "");
    shell.write("odd.deck", std::string(81, '\x01'));
    shell.write("blank.deck", std::string(80, '\x40'));
    const auto refused = [&](const std::string& arguments, const std::string& part) {
        CAPTURE(arguments);
        const auto outcome = shell.vmcp("native " + arguments);
        CHECK(outcome.code == 1);
        CHECK_MESSAGE(outcome.output.find(part) != std::string::npos, outcome.output);
        CHECK_MESSAGE(outcome.output.find('\n') == outcome.output.size() - 1, outcome.output);
    };
    refused("--ipl reader:none.deck", "none.deck: cannot be read");
    refused("--ipl punch:hello.deck", "expected reader:DECK");
    refused("--ipl reader:empty.deck", "expected at least one card");
    refused("--ipl reader:odd.deck", "odd.deck: ");
    refused("--core none.core", "none.core: cannot be read");
    refused("--core hello.core@XYZ", "expected a hexadecimal address");
    refused("--core hello.core@FFFFFF --storage 64K", "hello.core");
    refused("--core hello.core --storage 3K", "3072 bytes");
    refused("--core hello.core --dump 5", "dump '5': expected HEXADDR:HEXLEN");
    refused("--core hello.core --storage 64K --dump FFFF:2", "beyond the end of storage");
    refused("--core hello.core --model vax", "vax");
    refused("--core hello.core --console 00C", "00C");
    refused("--core hello.core --console 0x1", "--console '0x1': expected a device address");
    refused("--core hello.core --json no/such/folder.json", "cannot be written");
    refused("--core hello.core --cards none.txt", "none.txt: cannot be read");
    CHECK(shell.vmcp("native").code == 2);
    CHECK(shell.vmcp("native --core hello.core --ipl reader:hello.deck").code == 2);
    CHECK(shell.vmcp("native --core hello.core --max-instructions many").code == 2);
    CHECK(shell.vmcp("native --core hello.core --nonsense").code == 2);
    // A deck of blanks is read, and leads nowhere.
    const auto blank = shell.vmcp("native --ipl reader:blank.deck --max-instructions 1000");
    CHECK(blank.code <= 1);
    CHECK_FALSE(blank.output.empty());
}

TEST_CASE("native: limits of instructions and of simulated time end a program that does not") {
    const Shell shell;
    shell.write("loop.asm",
                "L        START 0\n         DC    A(0,512)\n         ORG   L+512\n         BALR  1,0\n       "
                "  BR    1\n         END\n");
    REQUIRE(shell.vmcp("asm loop.asm -o loop.core").code == 0);
    const auto counted = nlohmann::json::parse(
        shell.vmcp("native --core loop.core@0 --model unit --max-instructions 777 --json -").output);
    CHECK(counted.at("stop") == "limit");
    CHECK(counted.at("instructions") == 777);
    CHECK(counted.at("simulated_ns") == 778'000);  // and the restart
    const auto timed = nlohmann::json::parse(
        shell.vmcp("native --core loop.core --model unit --time-limit-ms 5 --json -").output);
    CHECK(timed.at("stop") == "limit");
    CHECK(timed.at("simulated_ns") == 5'000'000);
}

TEST_CASE("native: lines for the console from the command line, a file and standard input") {
    const Shell shell;
    write_hello(shell);
    REQUIRE(shell.vmcp("asm echo.asm -o echo.core").code == 0);
    shell.write("lines.txt", "first\nend\n");
    const auto typed = shell.vmcp("native --core echo.core --console-input first --console-input end");
    CHECK(typed.code == 0);
    const auto read = shell.vmcp("native --core echo.core --console-input lines.txt");
    // All but the host's time, which two runs need not have in common.
    const auto simulated = [](const std::string& output) {
        static const std::regex host("host time [0-9.]+ s");
        REQUIRE(std::regex_search(output, host));
        return std::regex_replace(output, host, "");
    };
    CHECK(simulated(read.output) == simulated(typed.output));
    CHECK(typed.output.find("FIRST") != std::string::npos);
    const auto piped = shell.vmcp("native --core echo.core --console-input - --json - <lines.txt");
    CHECK(nlohmann::json::parse(piped.output).at("stop") == "disabled-wait");
}

TEST_CASE("native: a run that puts out more than is held ends with its report, which says so") {
    const Shell shell;
    // Prints for ever, and waits for the printer meanwhile.
    std::string ccws;
    for (int i = 0; i < 60; ++i) ccws += "         CCW   X'09',TEXT,X'60',132\n";
    shell.write("prints.asm",
                "P        START 0\n         DC    A(0,BEGIN)\n         ORG   P+72\n         DC    A(LIST)\n"
                "         ORG   P+120\n         DC    A(0,BEGIN)\n"
                "         ORG   P+X'200'\n         USING P,0\nBEGIN    SIO   X'00E'\n         LPSW  WAIT\n"
                "WAIT     DC    0D'0',X'8002000000000000'\nLIST     DS    0D\n" +
                    ccws +
                    "         CCW   X'09',TEXT,X'20',132\nTEXT     DC    132C'='\n         END   BEGIN\n");
    REQUIRE(shell.vmcp("asm prints.asm -o prints.core").code == 0);
    const std::string native = "native --core prints.core --model unit --storage 64K";
    const auto full = shell.vmcp(native + " --printer printed.txt --json result.json");
    CHECK(full.code == 3);
    CHECK_MESSAGE(
        full.output.starts_with("vmcp: the run ends at the limit of output: printer 00E: one more line "
                                "or card than a run holds: expected at most 67108864 bytes"),
        full.output);
    CHECK(nlohmann::json::parse(shell.read("result.json")).at("stop") == "output-full");
    CHECK(shell.read("printed.txt").size() > (64 << 20) - 200);
    const auto told = shell.vmcp(native);
    CHECK(told.code == 3);
    CHECK(told.output.find("output-full after ") != std::string::npos);
    CHECK(told.output.find("  PSW ") != std::string::npos);
    shell.write("commands", "begin\n");
    const auto panel = shell.vmcp(native + " --panel <commands");
    CHECK(panel.code == 3);
    CHECK_MESSAGE(panel.output.find("output-full after ") != std::string::npos, panel.output);
}

TEST_CASE("native: each word of a repeated option is a value as it stands, brackets or not") {
    const Shell shell;
    write_hello(shell);
    REQUIRE(shell.vmcp("asm echo.asm -o echo.core").code == 0);
    const auto json = nlohmann::json::parse(
        shell.vmcp("native --core echo.core --console-input '[A,B]' --console-input end --json -").output);
    const std::vector<std::string> lines = console_of(json);
    CHECK(std::find(lines.begin(), lines.end(), "[A,B]") != lines.end());
    // Nor does one take the scenario that stands behind it.
    CHECK(shell.vmcp("native --console-input end s.toml --vm a").code == 0);
}

TEST_CASE("native: a source is assembled and run, with members of its own, of other folders, and built in") {
    const Shell shell;
    std::filesystem::copy_file(VMCP_SOURCE_DIR "/examples/guests/hello.asm", shell.path() + "/hello.asm");
    auto outcome = shell.vmcp("native hello.asm 2>summary");
    CHECK(outcome.code == 0);
    CHECK(outcome.output.find("HELLO FROM A SYSTEM/370\n") == 0);
    CHECK(shell.vmcp("asm hello.asm").code == 0);

    // Who has a member of the name beside the source, or in a folder that is named, gets that.
    std::filesystem::create_directory(shell.path() + "/own");
    shell.write("own/mine.copy", "         DC    X'0002000000000BAD'\n");
    shell.write("p.asm", "P        START 0\n         COPY  MINE\n         END\n");
    outcome = shell.vmcp("native p.asm");
    CHECK(outcome.code == 1);
    CHECK(outcome.output.find("no member MINE to copy") != std::string::npos);
    CHECK(outcome.output.find("built-in members") != std::string::npos);
    CHECK(shell.vmcp("native p.asm --copy own").code == 3);
    shell.write("own/equates.copy", "         DC    X'0002000000000000'\n");
    shell.write("q.asm", "P        START 0\n         COPY  EQUATES\n         END\n");
    CHECK(shell.vmcp("native q.asm --copy own").code == 0);

    // Warnings are told, and errors end it with their lines.
    shell.write("w.asm",
                "P        START X'200'\nR2       EQU   2\n         LR    R2,1\n         CLC   R2(1),8\n"
                "         LPSW  X'210'\n         ORG   P+X'10'\n         DC    X'0002000000000000'\n"
                "         END\n");
    outcome = shell.vmcp("native w.asm");
    CHECK(outcome.code == 0);
    CHECK(outcome.output.find("w.asm:4:16: warning: R2 stands for a register") != std::string::npos);
    shell.write("e.asm", "P        START 0\n         LR    1\n         END\n");
    outcome = shell.vmcp("native e.asm");
    CHECK(outcome.code == 1);
    CHECK(outcome.output.find("e.asm:2:") == 0);
    CHECK(shell.vmcp("native hello.asm --core hello.core").code == 2);
    CHECK(shell.vmcp("native --core hello.core --copy own").code == 2);
    CHECK(shell.vmcp("native hello.asm --trace hello.asm").code == 1);
}

TEST_CASE("native: the built-in timer waits as long as it is told") {
    const Shell shell;
    shell.write(
        "t.asm",
        "T        START 0\n         COPY  EQUATES\n         COPY  LOWCORE\n"
        "         ORG   LOWCORE+X'400'\nBEGIN    LA    R2,1500\n         BAL   R14,TIMWAIT\n"
        "         LPSW  WELL\nWELL     DC    0D'0',X'00020000',A(0)\n         COPY  TIMER\n         END\n");
    const auto outcome = shell.vmcp("native t.asm --json - 2>summary");
    CHECK(outcome.code == 0);
    const auto waited = nlohmann::json::parse(outcome.output).at("simulated_ns").get<int64_t>();
    CHECK(waited >= 1'500'000'000);
    CHECK(waited < 1'505'000'000);
}
