// What the program fits to its reader: the width of reports, characters, colours, progress, prompts.
#include <algorithm>
#include <filesystem>
#include <sstream>

#include "tests/cli/shell.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace {

using vmcp::experiment::characters;

const std::string kNested = VMCP_SOURCE_DIR "/examples/scenarios/shadow-vs-nested.toml";
const std::string kMany = VMCP_SOURCE_DIR "/examples/scenarios/many.toml";

size_t longest_line(const std::string& text) {
    size_t longest = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.ends_with('\r')) line.pop_back();
        longest = std::max(longest, characters(line));
    }
    return longest;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

bool is_ascii(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// The program at a terminal with so many columns: all that it shows there.
std::string at_terminal(const Shell& shell, unsigned columns, const std::string& environment,
                        const std::string& arguments) {
    const auto outcome = tests::run_command(fmt::format(
        "cd {} && unset COLUMNS NO_COLOR; script -qec \"stty cols {}; {} {} {}\" /dev/null </dev/null",
        shell.path(), columns, environment, VMCP_BINARY, arguments));
    CHECK_MESSAGE(outcome.code == 0, outcome.output);
    return outcome.output;
}

void write_echo(const Shell& shell) {
    for (const char* name : {"echo.asm", "console.copy", "upcase.copy", "equates.copy", "lowcore.copy"})
        std::filesystem::copy_file(std::filesystem::path(VMCP_SOURCE_DIR "/examples/guests") / name,
                                   std::filesystem::path(shell.path()) / name);
    shell.write("echo.toml", "[[vm]]\nname = \"user\"\nstorage = \"64K\"\nguest = \"echo.asm\"\n");
}

}  // namespace

TEST_CASE("reports are as wide as COLUMNS says, within bounds, and 80 in a pipe") {
    const Shell shell;
    const std::string compare = "compare " + kNested;
    const auto width = [&](const std::string& environment) {
        return longest_line(shell.vmcp_with(environment, compare).output);
    };
    const size_t usual = width("");
    CHECK(usual <= 80);
    CHECK(usual > 75);
    for (const char* none : {"COLUMNS=", "COLUMNS=wide", "COLUMNS=0", "COLUMNS=-5", "COLUMNS=90x"})
        CHECK(width(none) == usual);
    CHECK(width("COLUMNS=60") <= 60);
    CHECK(width("COLUMNS=20") == width("COLUMNS=60"));
    CHECK(width("COLUMNS=120") > 110);
    CHECK(width("COLUMNS=120") <= 120);
    CHECK(width("COLUMNS=1000") == width("COLUMNS=200"));
}

TEST_CASE("every help fits 80 columns, and 60 but for a command that is longer") {
    const Shell shell;
    for (const char* command :
         {"", "run", "compare", "sweep", "ladder", "nano", "models", "asm", "disasm", "native", "image",
          "image list", "image create", "image convert", "instructions", "conform", "audit", "calibrate"}) {
        CAPTURE(command);
        CHECK(longest_line(shell.vmcp(std::string(command) + " --help").output) <= 80);
        std::istringstream lines(shell.vmcp_with("COLUMNS=60", std::string(command) + " --help").output);
        for (std::string line; std::getline(lines, line);)
            CHECK_MESSAGE((line.size() <= 60 || line.starts_with("  vmcp ")), line);
    }
    CHECK(longest_line(shell.vmcp_with("COLUMNS=60", "instructions").output) <= 60);
}

TEST_CASE("at a terminal its width, its characters, its colours") {
    const Shell shell;
    const std::string utf8 = "TERM=xterm LC_ALL=C.UTF-8", run = "run " + kNested;
    CHECK(longest_line(at_terminal(shell, 100, utf8, "compare " + kNested)) > 85);
    const std::string narrow = at_terminal(shell, 60, utf8, "compare " + kNested);
    CHECK(longest_line(narrow.substr(narrow.find("Shadow tables"))) <= 60);
    const std::string whole = at_terminal(shell, 80, utf8, run);
    CHECK(has(whole, "\x1b["));
    CHECK(has(whole, "█"));
    CHECK_FALSE(has(at_terminal(shell, 80, utf8 + " NO_COLOR=1", run), "m\x1b[0m"));
    CHECK_FALSE(has(at_terminal(shell, 80, utf8 + " NO_COLOR=1", run), "\x1b[36m"));
    CHECK(has(at_terminal(shell, 80, utf8 + " NO_COLOR=", run), "\x1b[36m"));
    const std::string dumb = at_terminal(shell, 80, "TERM=dumb LC_ALL=C.UTF-8", run);
    CHECK_FALSE(has(dumb, "\x1b"));
    CHECK(is_ascii(dumb));
    CHECK(is_ascii(at_terminal(shell, 80, "TERM=xterm LC_ALL=C", run)));
}

TEST_CASE("the story of a trap is made of what the reader's terminal has") {
    const Shell shell;
    const std::string explain = "run " + kNested + " --quiet --explain 2";
    CHECK(has(shell.vmcp_with("LC_ALL=C.UTF-8", explain).output, "┼"));
    const auto plain = shell.vmcp_with("LC_ALL=C", explain);
    CHECK(is_ascii(plain.output));
    CHECK(has(plain.output, "-+-"));
    CHECK(has(plain.output, " | virtual PSW"));
}

TEST_CASE("progress goes to terminals that can take it, in one line that fits") {
    const Shell shell;
    const std::string compare = "compare " + kMany;
    const auto shows = [&](unsigned columns, const std::string& environment) {
        return has(at_terminal(shell, columns, environment, compare + " --json result.json >/dev/null"),
                   "\r\x1b[K");
    };
    CHECK(shows(80, "TERM=xterm"));
    CHECK(shows(40, "TERM=xterm"));
    CHECK_FALSE(shows(39, "TERM=xterm"));
    CHECK_FALSE(shows(80, "TERM=dumb"));
    CHECK_FALSE(shows(80, "TERM="));
    CHECK_FALSE(has(shell.vmcp(compare).output, "\r"));
    // Nothing of it is wider than the terminal: it would leave a line behind.
    std::istringstream pieces(at_terminal(shell, 40, "TERM=xterm", compare + " >/dev/null"));
    for (std::string piece; std::getline(pieces, piece, '\r');) {
        if (piece.starts_with("\x1b[K")) piece.erase(0, 3);
        CHECK_MESSAGE(characters(piece) < 40, piece);
    }
}

TEST_CASE("run --terminal: the prompt is part of what is shown, and of nothing else") {
    const Shell shell;
    write_echo(shell);
    const std::string run = "run echo.toml --terminal user";
    const auto with_input = [&](const std::string& more) {
        return tests::run_command(
            fmt::format("cd {} && printf 'hello\\nend\\n' | {} {} {}", shell.path(), VMCP_BINARY, run, more));
    };
    const auto shown = with_input("");
    CHECK(shown.code == 0);
    CHECK(has(shown.output, "hello\n"));
    const auto quiet = with_input("--quiet");
    CHECK(quiet.code == 0);
    CHECK(quiet.output.empty());
    const auto json = with_input("--json -");
    CHECK(json.code == 0);
    CHECK(json.output.starts_with("{\n"));
    CHECK(json.output.ends_with("}\n"));
}
