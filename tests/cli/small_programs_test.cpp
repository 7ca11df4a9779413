// Small programs that own the machine, written as such programs are: without suppressing what is not wrong
// on most machines, polling, trusting that an operation is over when it says so. They run unchanged on the
// bare machine and, where their devices allow it, as guests.
#include <algorithm>
#include <fstream>
#include <regex>

#include "isa/ebcdic.hpp"
#include "tests/cli/shell.hpp"

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// With lines joined that were broken for the width of the page.
std::string unwrapped(const std::string& text) { return std::regex_replace(text, std::regex("\n +"), " "); }

/// The folder with the program, assembled, and a scenario with it as the only guest.
struct Program {
    explicit Program(const std::string& name_, const std::string& keys = "") : name(name_) {
        const auto folder = std::filesystem::path(VMCP_SOURCE_DIR "/tests/cli/programs");
        for (const auto& file : {name + ".asm", std::string("low.copy")})
            std::filesystem::copy_file(folder / file, std::filesystem::path(shell.path()) / file);
        const auto assembled = shell.vmcp(fmt::format("asm {0}.asm -o {0}.core", name));
        CHECK(assembled.output == "");
        REQUIRE_MESSAGE(assembled.code == 0, assembled.output);
        scenario(keys);
    }
    void scenario(const std::string& keys, const std::string& model = "s370-158") const {
        shell.write("s.toml", fmt::format("title = \"t\"\n[machine]\nmodel = \"{}\"\n[run]\n"
                                          "time_limit_ms = 60000\n"
                                          "[[vm]]\nname = \"A\"\nstorage = \"64K\"\nguest = \"{}.asm\"\n{}",
                                          model, name, keys));
    }
    /// Runs it natively; the wait that it ends in is the address `end`.
    std::string native(const std::string& options, const std::string& end = "000000") const {
        const auto run =
            shell.vmcp(fmt::format("native --core {}.core --time-limit-ms 100000 {}", name, options));
        CHECK_MESSAGE(run.code == (end == "000000" ? 0 : 3), run.output);
        CHECK_MESSAGE(has(run.output, "disabled-wait"), run.output);
        CHECK_MESSAGE(has(run.output, "PSW 00020000 00" + end), run.output);
        return run.output;
    }
    std::string guest(const std::string& options = "") const {
        const auto run = shell.vmcp("run s.toml " + options);
        CHECK_MESSAGE(run.code == 0, run.output);
        CHECK_MESSAGE(has(run.output, "A        ended"), run.output);
        CHECK_MESSAGE(!has(run.output, "A stopped"), run.output);
        return run.output;
    }

    Shell shell;
    std::string name;
};

/// A line typed 50 ms after the start by a script, before anybody has asked for it.
constexpr const char* kEarly = "[[step]]\npause_s = 0.01\ntype = \"ADAM\"\n";

}  // namespace

TEST_CASE("small programs: a console dialogue without SLI, polled by TEST I/O") {
    const Program p("dialogue", "operator = \"o.toml\"\n");
    p.shell.write("in.txt", "ADAM\n");
    for (const char* input : {"--console-input ADAM", "--console-input - <in.txt"}) {
        const auto run =
            p.shell.vmcp(std::string("native --core dialogue.core --time-limit-ms 100000 ") + input);
        CHECK_MESSAGE(has(run.output, "ENTER: ADAM\nHELLO ADAM"), run.output);
        CHECK(!has(run.output, "ENTER: ENTER"));
        CHECK(has(run.output, "PSW 00020000 00000000"));
    }
    // A script's answer before the question.
    p.shell.write("o.toml", std::string(kEarly) + "[[step]]\nwait = 'HELLO ADAM'\npause_s = 1\n");
    CHECK(has(p.native("--operator o.toml"), "HELLO ADAM"));
    CHECK(has(p.guest(), "HELLO ADAM"));
    // The unit that looks at lengths is what the program is not prepared for.
    p.native("--model s370-158-apart --console-input ADAM", "000BAD");
    // The console of a guest is standard input.
    p.scenario("");
    for (const char* name : {"dialogue", "attention", "spin"}) {
        const Program typed(name);
        typed.shell.write("in.txt", "ADAM\n");
        const std::string output = typed.guest("--terminal A <in.txt");
        CHECK_MESSAGE(has(output, "ADAM\n"), output);
        CHECK_MESSAGE(!has(output, "A | A |"), output);
        if (name == std::string("dialogue")) CHECK(has(output, "A | ENTER: ADAM\nA | HELLO ADAM"));
    }
    // What stands on the last line is seen, though its line has not ended.
    const auto waiting = p.shell.vmcp("native --core dialogue.core --time-limit-ms 3000");
    CHECK_MESSAGE(has(waiting.output, "ENTER: \n"), waiting.output);
}

TEST_CASE("small programs: the idle console is tested until there is attention") {
    const Program p("attention", "operator = \"o.toml\"\n");
    CHECK(has(p.native("--console-input ADAM"), "ADAM\nADAM"));
    p.shell.write("o.toml", std::string(kEarly) + "[[step]]\nwait = 'ADAM'\npause_s = 1\n");
    CHECK(has(p.native("--operator o.toml"), "ADAM\nADAM"));
    CHECK(has(p.guest(), "ADAM"));
}

TEST_CASE("small programs: a read is outstanding while the program loops, with interruptions") {
    const Program p("spin", "operator = \"o.toml\"\n");
    CHECK(has(p.native("--console-input ADAM"), "ADAM"));
    p.shell.write("o.toml", std::string(kEarly) + "[[step]]\npause_s = 1\n");
    CHECK(has(p.native("--operator o.toml"), "ADAM"));
    CHECK(has(p.guest(), "ADAM"));
}

TEST_CASE("small programs: the interval timer ends waits") {
    const Program p("timer");
    p.native("");
    p.guest();
}

TEST_CASE("small programs: a printer's form ends with channel 12, on the tape that is in it") {
    const Program p("lines");
    const auto lines_of_first_form = [&] {
        const std::string text = p.shell.read("out.txt");
        CHECK(has(text, "LINE 70\n"));
        CHECK(has(text, "LINE 01\n"));
        return std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.find('\f')), '\n');
    };
    p.native("--printer out.txt");
    CHECK(lines_of_first_form() == 60);
    p.shell.write("short.toml", "lines = 20\n[channels]\n1 = \"1\"\n12 = \"11\"\n");
    p.native("--printer out.txt --carriage-tape short.toml");
    CHECK(lines_of_first_form() == 10);
    p.guest("--output-dir out");
    CHECK(has(p.shell.read("out/A.printer.txt"), "LINE 11\n\f"));
    p.scenario("carriage_tape = \"short.toml\"\n");
    p.guest("--output-dir out");
    CHECK(has(p.shell.read("out/A.printer.txt"), "LINE 61\n\f"));
    const auto fails = [&](const std::string& tape, const std::string& message) {
        p.shell.write("bad.toml", tape);
        const auto run = p.shell.vmcp("native --core lines.core --carriage-tape bad.toml");
        CHECK(run.code == 1);
        CHECK_MESSAGE(has(run.output, message), run.output);
    };
    fails("lines = 20\n[channels]\n13 = \"1\"\n", "bad.toml:3:6: \"13\": expected a channel from 1 to 12");
    fails("lines = 20\n[channels]\n1 = \"21\"\n",
          "bad.toml:3:5: \"21\": expected numbers of lines from 1 to 20");
    fails("[channels]\n1 = \"1\"\n", "\"lines\"");
}

TEST_CASE("small programs: a spooled reader ends with channel end and device end together") {
    const Program p("lister", "cards = \"cards.txt\"\n");
    p.shell.write("cards.txt", "FIRST\nSECOND\n");
    CHECK(has(p.guest(), "SECOND"));
    // A machine model may have them apart: the program is not prepared for that.
    p.scenario("cards = \"cards.txt\"\n", "s370-158-apart");
    CHECK(has(p.shell.vmcp("run s.toml").output, "A stopped"));
}

TEST_CASE("small programs: a loader of two cards takes the machine as initial program loading leaves it") {
    const Program p("cardload");
    Program program("dialogue");
    const std::string loader = p.shell.read("cardload.core"), image = program.shell.read("dialogue.core");
    const auto card = [](std::string bytes) {
        bytes.resize(80, '\x40');
        return bytes;
    };
    using namespace std::string_literals;
    std::string deck = card(
        "\x00\x00\x00\x00\x00\x00\x01\x00\x02\x00\x01\x00\x40\x00\x00\x50\x02\x00\x01\x50\x20\x00\x00\x50"s);
    std::string code = loader;
    code.resize(160, '\0');
    deck += code.substr(0, 80) + code.substr(80);
    for (size_t at = 0; at < image.size(); at += 64) {
        if (at >= 0x100 && at < 0x200) continue;  // where the loader is
        const std::string bytes = image.substr(at, 64);
        std::string head(8, '\0');
        head[2] = static_cast<char>(at >> 8);
        head[3] = static_cast<char>(at);
        head[5] = static_cast<char>(bytes.size());
        deck += card(head + bytes);
    }
    p.shell.write("p.deck", deck);
    const auto run = [&](const std::string& options) {
        return p.shell
            .vmcp("native --ipl reader:p.deck --time-limit-ms 100000 --console-input ADAM " + options)
            .output;
    };
    for (const char* options : {"", "--device 00C:2540R"}) {
        const std::string output = run(options);
        CHECK_MESSAGE(has(output, "HELLO ADAM"), output);
    }
    CHECK(has(run("--model s370-158-apart"), "00000BAD"));
    p.shell.write("s.toml",
                  "title = \"t\"\n[[vm]]\nname = \"A\"\nstorage = \"64K\"\ndeck = \"p.deck\"\n"
                  "console_input = [{ at_ms = 2000, text = \"ADAM\" }]\n");
    CHECK(has(p.guest(), "HELLO ADAM"));
}

TEST_CASE("small programs: 4K-block keys, on a machine model that has them") {
    const Program p("keys");
    p.native("--model s370-158-keys");
    const std::string lacking = p.native("", "00DEAD");
    CHECK_MESSAGE(
        has(unwrapped(lacking),
            "SSKE at 00020A is of facility key_extended (storage-key instructions for 4K blocks: ISKE, "
            "RRBE, SSKE), which s370-158 lacks; machine models that have it: s370-158-keys, unit"),
        lacking);
    CHECK(has(unwrapped(p.shell.vmcp("run s.toml").output), "SSKE at 00020A is of facility key_extended"));
    p.scenario("", "s370-158-keys");
    p.guest();
}

TEST_CASE("small programs: a 1052 as diagnostics use it, and brackets of code page 1047") {
    const Program p("diagnostic");
    CHECK(
        has(p.native("--device 01F:1052 --code-page 1047 --console-input 'OK[1]'"), "[RDY]\nOK[1]\nOK[1]\n"));
    CHECK(has(p.native("--device 01F:1052 --console-input 'OK[1]'"), "\xC3\x9DRDY\xC2\xA8\nOK[1]\nOK[1]\n"));
    const auto wrong = p.shell.vmcp("native --core diagnostic.core --code-page 500");
    CHECK(wrong.code == 2);
}

TEST_CASE("small programs: a tape is copied block by block") {
    const Program p("tapecopy");
    REQUIRE(p.shell.vmcp("image create in.aws tape --volume SMALL1").code == 0);
    REQUIRE(p.shell.vmcp("image create out.aws tape").code == 0);
    p.native("--device 180:3420:in.aws,ro --device 181:3420:out.aws");
    const auto listed = p.shell.vmcp("image list out.aws");
    CHECK_MESSAGE(has(listed.output, "SMALL1"), listed.output);
}

TEST_CASE("small programs: a disk dump goes a turn a track") {
    const Program p("diskdump");
    REQUIRE(p.shell.vmcp("image create d.ckd 3330 --volume SMALL1").code == 0);
    const std::string output = p.native("--device 150:3330:d.ckd --trace-io trace.txt");
    // 19 tracks at 16.7 ms, and the turn before the first one.
    const std::string trace = p.shell.read("trace.txt");
    const double end = std::stod(trace.substr(trace.rfind('\n', trace.size() - 2) + 1));
    CHECK(end < 20 * 0.0168);
    CHECK(end > 18 * 0.0167);
}

TEST_CASE("small programs: a boot block of a fixed-block disk reads itself again, and goes on with locate") {
    const Program p("fbaboot");
    REQUIRE(p.shell.vmcp("image create boot.fba 3370").code == 0);
    std::fstream disk(p.shell.path() + "/boot.fba", std::ios::in | std::ios::out | std::ios::binary);
    const std::string boot = p.shell.read("fbaboot.core");
    disk.write(boot.data(), static_cast<std::streamsize>(boot.size()));
    disk.close();
    const auto run = p.shell.vmcp("native --ipl 240 --device 240:3370:boot.fba");
    CHECK_MESSAGE(has(run.output, "PSW 00020000 00000FBA"), run.output);
}

TEST_CASE("small programs: what --trace-io shows of a unit check is what sense gives") {
    const Program p("tapecopy");
    REQUIRE(p.shell.vmcp("image create in.aws tape").code == 0);
    p.shell.write("back.asm",
                  "BACK     START 0\n         COPY  LOW\n         BALR  12,0\n         USING *,12\n         "
                  "LA    1,RDB\n         ST    1,X'48'\n"
                  "         SIO   X'180'\nPOLL     TIO   X'180'\n         BC    7,POLL\n         LPSW  DONE\n"
                  "         DS    0D\nRDB      CCW   X'0C',BUF+7,X'20',8\nDONE     DC    X'00020000',A(0)\n"
                  "BUF      DC    XL8'00'\n         END\n");
    REQUIRE(p.shell.vmcp("asm back.asm -o back.core").code == 0);
    CHECK(p.shell.vmcp("native --core back.core --device 180:3420:in.aws --trace-io trace.txt").code == 0);
    CHECK_MESSAGE(has(p.shell.read("trace.txt"), "unit check; sense 0048000600C00300"),
                  p.shell.read("trace.txt"));
}
