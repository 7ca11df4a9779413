// The example guests: each assembles, ends as its header says with the output that it should have, natively
// and under the control program, and beside hostile neighbours no otherwise.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "isa/ebcdic.hpp"
#include "tests/file_contents.hpp"
#include "tests/vmcp/guest_pair.hpp"
#include "tests/vmcp/guests/example_guest.hpp"

namespace vmcp::test {
namespace {

namespace fs = std::filesystem;
using simulation::kMillisecond;
using simulation::kSecond;

const fs::path kExamples = fs::path(VMCP_SOURCE_DIR) / "examples";

struct Entry {
    SimTime at;
    std::string text;
};

/// A run of a guest and how it should end.
struct Example {
    std::string name, guest;
    Patches patches;
    std::string cards;  // a file of examples/cards
    std::vector<Entry> console_input;
    uint32_t address;     // of the disabled wait
    std::string console;  // what stands on its paper, without what the operator typed
    bool timed = false;   // registers at the end may depend on how fast the machine is
    std::string end = "disabled-wait";
};

const std::vector<Example>& examples() {
    static const std::vector<Example> all = {
        {"hello",
         "hello",
         {},
         "",
         {},
         0,
         "HELLO FROM A SYSTEM/370\nTHIS LINE AND THE NEXT ONE TOOK A SINGLE SIO\nGOOD BYE\n"},
        {"primes", "primes", {{0x3F0, 3}}, "", {}, 0, "PRIMES:        3 ROUNDS, ALL RIGHT: PASS\n"},
        {"tasks",
         "tasks",
         {},
         "",
         {},
         0,
         "TASKS: STARTING ALPHA, BETA AND GAMMA\n"
         "ALPHA: CHECKSUM F64A8B60, THE SAME IN EVERY ROUND\n"
         "ALPHA: THE TIMER HAS DIVIDED THE WORK INTO SLICES\n"
         "TASKS: ALPHA HAS ENDED ITSELF\n"
         "BETA: NUMBER 1 IS 014E652F\n"
         "BETA: NUMBER 2 IS 0162DEEF\n"
         "BETA: NUMBER 3 IS 0269E3F6\n"
         "BETA: NUMBER 4 IS 029B3F61\n"
         "BETA: NUMBER 5 IS 03C2DF86\n"
         "BETA: NUMBER 6 IS 03F4BC90\n"
         "TASKS: BETA  HAS ENDED ITSELF\n"
         "GAMMA: THE SUM OF 1 TO 10000 IS 50005000\n"
         "GAMMA: NOW I STORE INTO ALPHA'S PAGE\n"
         "TASKS: GAMMA PROGRAM CHECK, CODE 0004 AT 004036\n"
         "TASKS: ALL HAVE ENDED\n",
         true},
        {"spooler", "spooler", {}, "fortran.txt", {}, 0, "SPOOLER:       18 CARDS,        1 PAGES\n", true},
        {"spooler, three pages",
         "spooler",
         {},
         "inventory.txt",
         {},
         0,
         "SPOOLER:      100 CARDS,        3 PAGES\n",
         true},
        {"privop",
         "privop",
         {{0x3F0, 10}, {0x3F4, 40}},
         "",
         {},
         0,
         "PRIVOP:       40 ROUNDS OF 16: PASS\n",
         true},
        {"privop, 2",
         "privop",
         {{0x3F0, 0}, {0x3F4, 1}},
         "",
         {},
         0,
         "PRIVOP:        1 ROUNDS OF 16: PASS\n",
         true},
        {"echo",
         "echo",
         {},
         "",
         {{1 * kSecond, "Hello, world"},
          {3 * kSecond, ""},
          {3500 * kMillisecond, "x-y-Z 09"},
          {5 * kSecond, "end"}},
         0,
         "ECHO: TYPE A LINE (END ENDS)\nHELLO, WORLD\n \nX-Y-Z 09\nECHO: GOOD BYE\n"},
        {"echo, impatient",  // all lines before the prompt is typed
         "echo",
         {},
         "",
         {{0, "one"}, {1, "two"}, {2, "END"}},
         0,
         "ECHO: TYPE A LINE (END ENDS)\nONE\nTWO\nECHO: GOOD BYE\n"},
        {"idle", "idle", {{0x3F0, 3}}, "", {}, 0, "", true},
        {"many", "many", {{0x3F0, 2}}, "", {}, 0, "", true},
        {"hostile 2: stores",
         "hostile",
         {{0x3F0, 2}},
         "",
         {},
         0,
         "HOSTILE:       60 TIMES DONE,    16320 PROGRAM CHECKS\n"},
        {"hostile 3: disabled wait", "hostile", {{0x3F0, 3}}, "", {}, 0xBAD, ""},
        {"hostile 4: keys",
         "hostile",
         {{0x3F0, 4}},
         "",
         {},
         0,
         "HOSTILE:      128 TIMES DONE,    32640 PROGRAM CHECKS\n"},
        {"hostile 5: devices",
         "hostile",
         {{0x3F0, 5}},
         "",
         {},
         0,
         "HOSTILE: SIO TO EVERY DEVICE DONE\n",
         true},
        {"talker: nobody to talk to", "talker", {}, "", {}, 0xDEAD, "TALKER: NOBODY AT THE OTHER END\n"},
        {"hostile 6: program-check loop", "hostile", {{0x3F0, 6}}, "", {}, 0x401, "", false, "check-stop"},
    };
    return all;
}

constexpr uint32_t kStorage = 64 * 1024;

simulation::Deck cards_of(const Example& example) {
    return example.cards.empty() ? simulation::Deck{}
                                 : simulation::deck_of(tests::contents(kExamples / "cards" / example.cards));
}

void enter_all(simulation::EventQueue& events, simulation::Console& console, const Example& example) {
    for (const Entry& entry : example.console_input)
        events.schedule(entry.at, [&console, text = entry.text] { console.enter(text); });
}

constexpr SimTime kTimeLimit = 60 * kSecond;

struct Ran {
    std::string end;
    isa::CpuState state;
    uint64_t instructions = 0;
    std::string typed;  // by the program
    std::string paper;  // of the console: what was typed and what the operator keyed
    std::string printer;
};

Ran run_alone(const Example& example) {
    simulation::Machine machine(simulation::MachineModel::load("s370-158"), kStorage);
    Ran ran;
    simulation::UnitRecordOutput output;
    output.console = [&](std::string_view text, bool keyed) {
        ran.paper += text;
        if (!keyed) ran.typed += text;
    };
    output.punch = [](const simulation::Card&, unsigned) {};
    output.printer = [&](std::string_view text) { ran.printer += text; };
    const auto devices =
        simulation::attach_all(machine.channels(), machine.model(), simulation::standard_units(),
                               [&](const simulation::DeviceDescription&) { return output; });
    devices.reader->load(cards_of(example));
    enter_all(machine.events(), *devices.console, example);
    const std::vector<uint8_t> image = example_guest(example.guest, example.patches);
    machine.storage().put(0, image.data(), static_cast<uint32_t>(image.size()));
    machine.restart();
    ran.end = name_of(machine.run({~uint64_t{0}, kTimeLimit}));
    ran.state = machine.cpu().state();
    ran.instructions = machine.cpu().counters().instructions;
    return ran;
}

/// Once for each example, however often it is asked for.
const Ran& run_natively(const Example& example) {
    static std::map<std::string, Ran> runs;
    auto found = runs.find(example.name);
    if (found == runs.end()) found = runs.emplace(example.name, run_alone(example)).first;
    return found->second;
}

VirtualMachine& start(Host& host, const Example& example) {
    VirtualMachine& vm = host.log_on(example.name, kStorage);
    host.cp.load(vm, SecondLevel(0), example_guest(example.guest, example.patches));
    vm.io.devices.reader->load(cards_of(example));
    enter_all(host.machine.events(), *vm.io.devices.console, example);
    host.cp.restart(vm);
    return vm;
}

/// What the guest did is what it does natively. Where time takes part, registers and the number of
/// instructions may differ, but never the output.
void check_like_native(const Example& example, Host& host, const VirtualMachine& vm) {
    CAPTURE(example.name);
    const Ran& alone = run_natively(example);
    CHECK(name_of(vm.stop) == alone.end);
    CHECK(host.console[example.name] == alone.paper);
    CHECK(host.printer[example.name] == alone.printer);
    CHECK(vm.state.psw == alone.state.psw);
    if (example.timed) return;
    CHECK(vm.state.gpr == alone.state.gpr);
    CHECK(vm.state.cr == alone.state.cr);
    CHECK(vm.instructions == alone.instructions);
}

TEST_CASE("every guest assembles") {
    unsigned guests = 0;
    for (const auto& file : fs::directory_iterator(kExamples / "guests")) {
        if (file.path().extension() != ".asm") continue;
        ++guests;
        CHECK_FALSE(example_guest(file.path().stem().string()).empty());
    }
    CHECK(guests >= 9);
}

TEST_CASE("guests that are to be many fit into one page") {
    CHECK(example_guest("idle").size() <= 4096);
    CHECK(example_guest("many").size() <= 4096);
}

TEST_CASE("every guest ends natively as it says") {
    for (const Example& example : examples()) {
        CAPTURE(example.name);
        const Ran& ran = run_natively(example);
        CHECK(ran.end == example.end);
        CHECK(ran.state.psw.address == example.address);
        CHECK(ran.typed == example.console);
        CHECK(ran.printer.empty() == example.cards.empty());
    }
}

TEST_CASE("the spooler prints every card, 40 lines a page under a heading") {
    for (const Example& example : examples()) {
        if (example.cards.empty()) continue;
        std::string expected;
        unsigned number = 0;
        for (const simulation::Card& card : cards_of(example)) {
            if (number % 40 == 0)
                expected += fmt::format("{}CARDS IN THE READER                   PAGE {:8}\n\n",
                                        number == 0 ? "" : "\f", number / 40 + 1);
            std::string line = fmt::format("{:8}  {}", ++number, isa::to_text(card));
            line.erase(line.find_last_not_of(' ') + 1);
            expected += line + "\n";
        }
        CHECK(run_natively(example).printer == expected);
    }
}

TEST_CASE("every guest does under the control program what it does natively") {
    for (const Example& example : examples()) {
        Host host(simulation::kMebibyte);
        const VirtualMachine& vm = start(host, example);
        host.cp.run(2 * kTimeLimit);
        check_like_native(example, host, vm);
    }
}

TEST_CASE("hostile neighbours change nothing but the time it takes") {
    for (const char* policy : {"round-robin", "q1q2", "stride"}) {
        CAPTURE(std::string(policy));
        Host host(8 * simulation::kMebibyte, policy);
        for (uint32_t mode = 0; mode <= 7; ++mode)
            start(host, {fmt::format("mode {}", mode), "hostile", {{0x3F0, mode}}, "", {}, 0, ""});
        std::vector<const VirtualMachine*> vms;
        for (const Example& example : examples()) vms.push_back(&start(host, example));
        // The one that loops never stops: run until the others have.
        const auto all_stopped = [&] {
            return std::all_of(vms.begin(), vms.end(),
                               [](auto* vm) { return vm->status == VmState::stopped; });
        };
        while (!all_stopped() && host.cp.now() < 10 * kTimeLimit) host.cp.run(host.cp.now() + kSecond);
        for (size_t i = 0; i < vms.size(); ++i) check_like_native(examples()[i], host, *vms[i]);
    }
}

}  // namespace
}  // namespace vmcp::test
