// Guests in C: what gcc emits for a corpus of programs runs natively and as a guest, at three levels of
// optimization, and prints what the same programs print on the host.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "isa/instruction.hpp"
#include "tests/command.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/vmcp/guest_pair.hpp"

using namespace vmcp;
using namespace vmcp::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* kModel = "s370-158-gcc";
constexpr uint32_t kStorage = 1 << 20;
constexpr uint64_t kMaxInstructions = 50'000'000;
constexpr const char* kLevels[] = {"-O0", "-O2", "-Os"};

const fs::path kExamples = fs::path(VMCP_SOURCE_DIR) / "examples/c";
const fs::path kCorpus = fs::path(VMCP_SOURCE_DIR) / "tests/vmcp/guests/c_corpus";

bool skipped() {
    if (tests::installed("s390x-linux-gnu-gcc")) return false;
    MESSAGE("skipped: gcc-s390x-linux-gnu is not installed");
    return true;
}

std::vector<fs::path> corpus_sources() {
    std::vector<fs::path> sources;
    for (const auto& entry : fs::directory_iterator(kCorpus))
        if (entry.path().extension() == ".c" && entry.path().stem() != "host" &&
            entry.path().stem() != "guest")
            sources.push_back(entry.path());
    std::sort(sources.begin(), sources.end());
    return sources;
}

std::string joined(const std::vector<fs::path>& files) {
    std::string text;
    for (const auto& file : files) text += " " + file.string();
    return text;
}

std::string output_of(const std::string& command) {
    const tests::CommandResult result = tests::run_command(command);
    REQUIRE_MESSAGE(result.code == 0, command << "\n" << result.output);
    return result.output;
}

std::vector<uint8_t> build(const tests::TemporaryFolder& dir, const std::string& arguments) {
    const std::string core = dir / "guest.core";
    CHECK(output_of(fmt::format("{} -Werror -o {} {} 2>&1", (kExamples / "build.sh").string(), core,
                                arguments)) == "");
    std::vector<uint8_t> image = tests::bytes_of(core);
    REQUIRE(image.size() > 0x200);
    return image;
}

std::vector<uint8_t> build_corpus(const tests::TemporaryFolder& dir, const char* level) {
    auto sources = corpus_sources();
    sources.push_back(kCorpus / "guest.c");
    return build(dir, level + joined(sources));
}

EndState run_native(const std::vector<uint8_t>& image, const std::vector<std::string>& typed = {},
                    const std::string& model = kModel) {
    NativeGuest native(kStorage, model);
    for (const std::string& line : typed) native.devices.console->enter(line);
    return native.run(image, kMaxInstructions);
}

EndState run_as_guest(const std::vector<uint8_t>& image, const std::vector<std::string>& typed = {}) {
    Host host(16 * simulation::kMebibyte, "round-robin", kModel);
    VirtualMachine& vm = host.start("C", kStorage, image);
    for (const std::string& line : typed) vm.io.devices.console->enter(line);
    host.cp.run(simulation::kNever);
    return host.end_state(vm);
}

}  // namespace

TEST_CASE("the table has every instruction that gcc emits for the corpus" * doctest::test_suite("c_corpus")) {
    if (skipped()) return;
    const tests::TemporaryFolder dir;
    std::set<std::string> used;
    for (const char* level : {"-O0", "-O1", "-O2", "-O3", "-Os"}) {
        build_corpus(dir, level);
        std::istringstream listing(
            output_of(fmt::format("s390x-linux-gnu-objdump -d -j .text {} 2>&1", dir / "guest.core.elf")));
        for (std::string line; std::getline(listing, line);) {
            // "     200:\tc0 f0 00 00 12 34 \tlarl\t%r15,..."
            const auto tab = line.find('\t');
            if (tab == std::string::npos || line.find(':') != tab - 1) continue;
            uint8_t bytes[6] = {};
            unsigned n = 0;
            std::istringstream digits(line.substr(tab + 1, line.find('\t', tab + 1) - tab - 1));
            for (unsigned byte; n < 6 && digits >> std::hex >> byte;) bytes[n++] = static_cast<uint8_t>(byte);
            const isa::Decoded d = isa::decode(bytes, isa::FacilitySet::with_gcc());
            CHECK_MESSAGE(d.op != isa::Op::invalid, line);
            CHECK_MESSAGE(d.length == n, line);
            if (d.op != isa::Op::invalid && d.row().facility == isa::Facility::gcc)
                used.insert(std::string(d.row().mnemonic));
        }
    }
    // What the corpus does not make gcc emit need not be in the facility; these few complete it.
    const std::set<std::string> complete = {"BRAS", "BRXH"};
    for (const isa::Row& row : isa::kRows)
        if (row.facility == isa::Facility::gcc && !complete.contains(std::string(row.mnemonic)))
            CHECK_MESSAGE(used.contains(std::string(row.mnemonic)), row.mnemonic);
    MESSAGE("the corpus uses ", used.size(), " instructions beyond System/370");
}

TEST_CASE("the corpus prints natively and as a guest what it prints on the host" *
          doctest::test_suite("c_corpus")) {
    if (skipped()) return;
    if (!tests::installed("cc")) {
        MESSAGE("skipped: no C compiler for the host");
        return;
    }
    const tests::TemporaryFolder dir;
    auto sources = corpus_sources();
    sources.push_back(kCorpus / "host.c");
    output_of(fmt::format("cc -O1 -ffp-contract=off -w -o {}{} 2>&1", dir / "host", joined(sources)));
    const std::string expected = output_of(dir / "host");
    REQUIRE(std::count(expected.begin(), expected.end(), '\n') > 80);
    for (const char* level : kLevels) {
        CAPTURE(level);
        const auto image = build_corpus(dir, level);
        const EndState native = run_native(image);
        CHECK(native.end == "disabled-wait");
        CHECK(native.state.psw.address == 0);
        CHECK(native.console == expected);
        const EndState guest = run_as_guest(image);
        CHECK(guest.end == native.end);
        CHECK(guest.state.psw == native.state.psw);
        CHECK(guest.console == expected);
    }
}

TEST_CASE("a machine without the facility refuses what gcc emits" * doctest::test_suite("c_corpus")) {
    if (skipped()) return;
    const tests::TemporaryFolder dir;
    const auto image = build_corpus(dir, "-O2");
    NativeGuest native(kStorage, "s370-158");
    const EndState end = native.run(image, 1000);
    // Bit 32 of the PSWs is not assigned there: no PSW of the program can be loaded, not even that of an
    // interruption.
    CHECK(end.end == "check-stop");
    CHECK(end.console.empty());
}

TEST_CASE("the self-checking guest finds all its results right") {
    if (skipped()) return;
    const tests::TemporaryFolder dir;
    const std::string source = " " + (kExamples / "marks.c").string();
    for (const char* level : kLevels) {
        CAPTURE(level);
        const auto image = build(dir, level + std::string(" -DROUNDS=2 -DQUIET") + source);
        const EndState native = run_native(image);
        CHECK(native.end == "disabled-wait");
        CHECK(native.state.psw.address == 0);
        CHECK(native.console ==
              "MARKS: 2 ROUNDS OF LIST, MATRIX AND STATE MACHINE\nMARKS: ALL RESULTS RIGHT\n");
        const EndState guest = run_as_guest(image);
        CHECK(guest.state.psw == native.state.psw);
        CHECK(guest.console == native.console);
        CHECK(guest.instructions == native.instructions);
    }
    // It can find them wrong: with another polynomial it says so and ends with 1.
    std::string text = tests::contents(kExamples / "marks.c");
    const auto polynomial = text.find("crc << 1 ^ 0x1021");
    REQUIRE(polynomial != std::string::npos);
    text.replace(polynomial, 17, "crc << 1 ^ 0x1023");
    tests::put(dir / "wrong.c", text);
    const EndState wrong = run_native(build(dir, "-O2 -DROUNDS=1 -DQUIET " + (dir / "wrong.c")));
    CHECK(wrong.state.psw.address == 1);
    CHECK(wrong.console.find("MARKS: WRONG\n") != std::string::npos);
}

TEST_CASE("the interactive guest beats in time, natively and as a guest") {
    if (skipped()) return;
    const tests::TemporaryFolder dir;
    const std::vector<std::string> typed = {"3 120", "many", "2 240", "END"};
    const std::string expected =
        "METRONOME: BEATS AND BEATS PER MINUTE, OR END\n"
        "3 120\n"
        "  1/3 .*..................................... ONE\n"
        "  2/3 .....................................*. two\n"
        "  3/3 .*..................................... three\n"
        "NEXT?\n"
        "many\n"
        "1 TO 1000 BEATS, 1 TO 600 A MINUTE, SUCH AS: 4 120\n"
        "2 240\n"
        "  1/2 .*..................................... ONE\n"
        "  2/2 .....................................*. two\n"
        "NEXT?\n"
        "END\n"
        "METRONOME: 5 BEATS\n";
    for (const char* level : kLevels) {
        CAPTURE(level);
        const auto image = build(dir, level + (" " + (kExamples / "metronome.c").string()));
        const EndState native = run_native(image, typed);
        CHECK(native.end == "disabled-wait");
        CHECK(native.console == expected);
        const EndState guest = run_as_guest(image, typed);
        CHECK(guest.end == "disabled-wait");
        CHECK(guest.console == expected);
    }
}

TEST_CASE("a sleeping guest sleeps as long as it asked for") {
    if (skipped()) return;
    const tests::TemporaryFolder dir;
    tests::put(dir / "sleep.c",
               "#include \"guest.h\"\n"
               "int main(void) {\n"
               "    const uint64_t begin = clock_us();\n"
               "    sleep_ms(250);\n"
               "    sleep_ms(0);\n"
               "    return (int)((clock_us() - begin) / 1000);\n"
               "}\n");
    const auto image = build(dir, "-O2 " + (dir / "sleep.c"));
    const EndState native = run_native(image), guest = run_as_guest(image);
    // The timer counts 300 times a second.
    CHECK(native.state.psw.address >= 247);
    CHECK(native.state.psw.address <= 258);
    CHECK(guest.state.psw.address >= 247);
    CHECK(guest.state.psw.address <= 258);
}

TEST_CASE("the guests in C that translate print natively and as a guest what they should") {
    if (skipped()) return;
    const tests::TemporaryFolder dir;
    struct Example {
        std::string source, flags, console;
    };
    // The checksum is that of the assembler guest with the same parameters (storage_guests_test.cpp).
    for (const auto& [source, flags, console] : {
             Example{"walker.c", "-DSTEPS=20000", "WALKER: CHECKSUM 1323DF82: PASS\n"},
             Example{"walker.c", "-DSTEPS=20000 -DTRANSLATED=1", "WALKER: CHECKSUM 1323DF82: PASS\n"},
             Example{"churner.c", "-DROUNDS=40", "CHURNER:     2560 TOUCHES, ALL RIGHT: PASS\n"},
             Example{"churner.c", "-DROUNDS=40 -DPAGES=37 -DTOUCHES=1 -DHOW=1",
                     "CHURNER:     1480 TOUCHES, ALL RIGHT: PASS\n"},
         })
        for (const char* level : kLevels) {
            CAPTURE(level);
            const std::string options = flags;  // clang 14 captures no structured bindings
            CAPTURE(options);
            const auto image =
                build(dir, fmt::format("{} {} {}", level, flags, (kExamples / source).string()));
            const EndState native = run_native(image), guest = run_as_guest(image);
            CHECK(native.end == "disabled-wait");
            CHECK(native.state.psw.address == 0);
            CHECK(native.console == console);
            CHECK(guest.state.psw == native.state.psw);
            CHECK(guest.console == console);
            CHECK(guest.instructions == native.instructions);
        }
    // It can fail: pages that are mapped to other frames behind its back, with nothing purged.
    std::string text = tests::contents(kExamples / "churner.c");
    const auto call = text.find("if (HOW == 0) invalidate_page(address);");
    REQUIRE(call != std::string::npos);
    text.replace(call, 39, "");
    tests::put(dir / "wrong.c", text);
    const EndState wrong = run_native(build(dir, "-O2 " + (dir / "wrong.c")));
    CHECK(wrong.console == "CHURNER: A PAGE LED TO A WRONG FRAME\n");
    CHECK(wrong.state.psw.address == 1);
}
