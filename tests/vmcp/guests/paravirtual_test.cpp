// The paravirtual guests: the same image types the same on the bare machine, under our control program with
// what it offers and without, and under the control program in C; and does so with fewer and fewer exits.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/command.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/vmcp/guest_pair.hpp"
#include "tests/vmcp/guests/example_guest.hpp"

using namespace vmcp;
using namespace vmcp::test;

namespace {

constexpr uint32_t kStorage = 96 * 1024;
constexpr uint32_t kBackEnd = 0x3F4;
enum BackEnd : uint32_t { as_found, trapping, hypercall, call_table, in_place };

using Image = std::vector<uint8_t>;

Image kernel(BackEnd back_end, uint32_t rounds = 48, const char* name = "paravirtual") {
    return example_guest(name, {{0x3F0, rounds}, {kBackEnd, back_end}});
}

struct Ran {
    std::string console;
    uint32_t ended_at = 0;
    uint64_t exits = 0;
    SimTime guest = 0, control_program = 0;
};

struct Setting {
    bool paravirtual = true;
    GuestTranslation translation = GuestTranslation::shadow;
    std::string model = "s370-158";
    uint32_t storage = kStorage;
    AssistSet assists = {};
};

Ran as_guest(const Image& image, const Setting& setting = {}) {
    Host host(16 * simulation::kMebibyte, "round-robin", setting.model);
    VmOptions options;
    options.name = "GUEST";
    options.storage = setting.storage;
    options.translation = setting.translation;
    options.paravirtual = setting.paravirtual;
    options.assists = setting.assists;
    VirtualMachine& vm = host.log_on(std::move(options));
    host.cp.load(vm, SecondLevel(0), image);
    host.cp.restart(vm);
    host.cp.run(100 * simulation::kSecond);
    CHECK(vm.stop == StopReason::disabled_wait);
    return {host.console["GUEST"], vm.state.psw.address, vm.exits, vm.account.guest,
            vm.account.control_program};
}

Ran natively(const Image& image, const std::string& model = "s370-158", uint32_t storage = kStorage) {
    NativeGuest native(storage, model);
    const EndState end = native.run(image, 50'000'000);
    CHECK(end.end == "disabled-wait");
    return {.console = end.console, .ended_at = end.state.psw.address};
}

uint64_t native_instructions(const Image& image) {
    NativeGuest native(kStorage);
    return native.run(image, 50'000'000).instructions;
}

bool has_compiler() {
    if (tests::installed("s390x-linux-gnu-gcc") && tests::installed("python3")) return true;
    MESSAGE("skipped: gcc-s390x-linux-gnu or python3 is not installed");
    return false;
}

/// What a guest of the control program in C has typed, without its name.
std::string under_control_program_in_c(const Image& image, const std::string& storage) {
    const tests::TemporaryFolder dir;
    tests::put_bytes(dir / "guest.core", image);
    const tests::CommandResult built = tests::run_command(
        fmt::format("{}/examples/control-program/build.py --flag=-Werror -o {} GUEST={}:{} 2>&1",
                    VMCP_SOURCE_DIR, dir / "cp.core", dir / "guest.core", storage));
    REQUIRE_MESSAGE(built.code == 0, built.output);
    const EndState end =
        NativeGuest(4 << 20, "s370-158-gcc").run(tests::bytes_of(dir / "cp.core"), 100'000'000);
    CHECK(end.console.find("*GUEST ENDED AT 000000\n") != std::string::npos);
    std::string text;
    std::istringstream lines(end.console);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("GUEST: ")) text += line.substr(7) + "\n";
    return text;
}

}  // namespace

TEST_CASE("the assembler guest types the same with every back end and on every machine") {
    const Ran native = natively(kernel(as_found));
    CHECK(native.ended_at == 0);
    CHECK(std::count(native.console.begin(), native.console.end(), '\n') == 3);
    CHECK(natively(kernel(as_found, 48, "unparavirtual")).console == native.console);
    CHECK(natively(kernel(trapping)).console == native.console);
    for (const BackEnd back_end : {as_found, trapping, hypercall, call_table, in_place}) {
        CAPTURE(static_cast<uint32_t>(back_end));
        for (const bool paravirtual : {true, false}) {
            CAPTURE(paravirtual);
            const Ran ran = as_guest(kernel(back_end), {.paravirtual = paravirtual});
            // What is asked for and not there is said.
            const bool there = paravirtual || (back_end != hypercall && back_end != call_table);
            CHECK(ran.ended_at == (there ? 0 : 0xBAD2));
            CHECK(ran.console == (there ? native.console : ""));
        }
    }
    CHECK(natively(kernel(hypercall)).ended_at == 0xBAD2);
    CHECK(natively(kernel(call_table)).console == native.console);
}

TEST_CASE("it does so with nested translation and with assists as well") {
    const std::string expected = natively(kernel(as_found)).console;
    for (const BackEnd back_end : {as_found, call_table}) {
        const Ran nested =
            as_guest(kernel(back_end), {.translation = GuestTranslation::nested, .model = "s370-158-nested"});
        CHECK(nested.ended_at == 0);
        CHECK(nested.console == expected);
    }
    Setting assisted{.model = "s370-158-assists"};
    assisted.assists.add(Assist::vma);
    assisted.assists.add(Assist::evma);
    const Ran ran = as_guest(kernel(as_found), assisted);
    CHECK(ran.ended_at == 0);
    CHECK(ran.console == expected);
    // Hardware that presents interruptions does not know the page: it is not offered, and the guest does
    // without.
    Setting interpretive{.translation = GuestTranslation::nested, .model = "s370-158-interpretive"};
    interpretive.assists.add(Assist::sie);
    CHECK(as_guest(kernel(as_found), interpretive).console == expected);
    CHECK(as_guest(kernel(hypercall), interpretive).ended_at == 0xBAD2);
}

TEST_CASE("hypercalls need a tenth of the exits, a call table a fifth") {
    const Ran traps = as_guest(kernel(as_found), {.paravirtual = false});
    const Ran calls = as_guest(kernel(hypercall)), table = as_guest(kernel(call_table));
    CHECK(calls.exits * 10 < traps.exits);
    CHECK(table.exits * 5 < traps.exits);
    CHECK(calls.control_program * 5 < traps.control_program);
    CHECK(table.control_program * 3 < traps.control_program);
    CHECK(calls.guest < traps.guest);
}

TEST_CASE("on the bare machine a kernel with an operations table costs next to nothing") {
    // An operation every 400 microseconds; instructions are counted.
    const auto kernel_of = [](const char* name, BackEnd back_end) {
        return native_instructions(example_guest(name, {{0x3F0, 512}, {kBackEnd, back_end}}));
    };
    const auto direct = static_cast<double>(kernel_of("unparavirtual", as_found));
    CHECK(static_cast<double>(kernel_of("paravirtual", as_found)) < 1.011 * direct);
    CHECK(static_cast<double>(kernel_of("paravirtual", trapping)) < 1.04 * direct);
    CHECK(static_cast<double>(kernel_of("paravirtual", trapping)) > 1.02 * direct);
}

TEST_CASE(
    "the same image runs under the control program in C, by a shim and by the call table that it fills") {
    if (!has_compiler()) return;
    const std::string expected = natively(kernel(as_found)).console;
    for (const BackEnd back_end : {as_found, trapping, call_table})
        CHECK(under_control_program_in_c(kernel(back_end), "96K") == expected);
}

TEST_CASE("the C guest types the same everywhere") {
    if (!has_compiler()) return;
    const tests::TemporaryFolder dir;
    const auto build = [&](const std::string& flags) {
        const tests::CommandResult built = tests::run_command(
            fmt::format("{0}/examples/c/build.sh -Werror {1} -o {2} {0}/examples/c/paravirtual.c 2>&1",
                        VMCP_SOURCE_DIR, flags, dir / "guest.core"));
        REQUIRE_MESSAGE(built.code == 0, built.output);
        return tests::bytes_of(dir / "guest.core");
    };
    constexpr uint32_t kRoom = 512 * 1024;
    const Setting with{.paravirtual = true, .model = "s370-158-gcc", .storage = kRoom};
    const Setting without{.paravirtual = false, .model = "s370-158-gcc", .storage = kRoom};
    const Image image = build("-O2");
    const Ran native = natively(image, "s370-158-gcc", kRoom);
    CHECK(native.ended_at == 0);
    CHECK(std::count(native.console.begin(), native.console.end(), '\n') == 4);
    const Ran traps = as_guest(image, without), calls = as_guest(image, with);
    CHECK(traps.console == native.console);
    CHECK(calls.console == native.console);
    CHECK(calls.exits * 20 < traps.exits);
    CHECK(under_control_program_in_c(image, "512K") == native.console);
    CHECK(as_guest(build("-O2 -DBACKEND=1"), with).console == native.console);
    CHECK(as_guest(build("-O0"), with).console == native.console);
}

TEST_CASE("the control program in C with its hypercalls is as small as it was promised") {
    size_t lines = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(VMCP_SOURCE_DIR "/examples/control-program")) {
        const std::string kind = entry.path().extension();
        if (kind != ".c" && kind != ".h" && kind != ".S") continue;
        std::ifstream file(entry.path());
        for (std::string line; std::getline(file, line);) ++lines;
    }
    CHECK(lines > 1000);
    CHECK(lines < 1500);
}
