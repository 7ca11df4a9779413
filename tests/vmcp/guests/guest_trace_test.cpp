// The example guests, instruction by instruction: the sequence of instructions that a guest executes under
// the control program, and its registers at every interruption, are those of the bare machine, and a hostile
// neighbour changes nothing. What depends on time is left out: guests that are interrupted by timers while
// they compute are compared by their output and their end.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/vmcp/guest_pair.hpp"
#include "tests/vmcp/guests/example_guest.hpp"

namespace vmcp::test {
namespace {

constexpr uint32_t kGuestStorage = 256 * 1024;

/// Instruction addresses, with a hash of the registers after each interruption.
struct Trace {
    std::vector<uint32_t> instructions;
    std::vector<std::array<uint32_t, 16>> at_interruptions;

    void add(uint32_t address, isa::Op op) {
        // MOVE LONG and COMPARE LOGICAL LONG may be interrupted and go on: that is one execution.
        const bool goes_on = (op == isa::Op::op_MVCL || op == isa::Op::op_CLCL) && !instructions.empty() &&
                             instructions.back() == address;
        if (!goes_on) instructions.push_back(address);
    }
};

class NativeRecorder final : public simulation::InstructionObserver, public simulation::InterruptionObserver {
  public:
    void before(const simulation::Cpu&, uint32_t address, const isa::Decoded& d) override {
        trace.add(address, d.op);
    }
    void interruption(const simulation::Cpu& cpu, const isa::Interruption&) override {
        trace.at_interruptions.push_back(cpu.state().gpr);
    }
    Trace trace;
};

class GuestRecorder final : public simulation::InstructionObserver, public Observer {
  public:
    explicit GuestRecorder(std::string name) : name_(std::move(name)) {}
    void before(const simulation::Cpu&, uint32_t address, const isa::Decoded& d) override {
        if (mine_) trace.add(address, d.op);
    }
    void trapped(const VirtualMachine& vm, const Trap& trap) override {
        if (vm.options.name != name_) return;
        const auto* program = program_interruption(trap.exit);
        missing_page_ = program != nullptr && (program->code == isa::ProgramCode::page_translation ||
                                               program->code == isa::ProgramCode::segment_translation);
    }
    void reflected(const VirtualMachine& vm, const isa::Interruption&) override {
        if (vm.options.name == name_) trace.at_interruptions.push_back(vm.state.gpr);
    }
    void resumed(const VirtualMachine& vm, SimTime) override {
        mine_ = vm.options.name == name_;
        // An instruction that found a page missing is executed again.
        if (mine_ && missing_page_ && !trace.instructions.empty() &&
            trace.instructions.back() == vm.state.psw.address)
            trace.instructions.pop_back();
        if (mine_) missing_page_ = false;
    }
    Trace trace;

  private:
    std::string name_;
    bool mine_ = false, missing_page_ = false;
};

struct Case {
    std::string guest;
    Patches patches;
    std::string cards;
    std::vector<std::string> console_input;
};

const Case kCases[] = {
    {"hello", {}, {}, {}},
    {"primes", {{0x3F0, 1}}, {}, {}},
    {"privop", {{0x3F0, 5}, {0x3F4, 200}}, {}, {}},
    {"echo", {}, {}, {"hello there", "end"}},
};

template <class Devices>
void give_input(const Case& c, simulation::EventQueue& events, Devices& devices) {
    if (!c.cards.empty()) {
        devices.reader->load(std::make_shared<const simulation::Deck>(simulation::deck_of(c.cards)));
        devices.reader->set_end_of_file(true);
    }
    SimTime at = simulation::kSecond;
    for (const std::string& line : c.console_input) {
        events.schedule(at, [&devices, line] { devices.console->enter(line); });
        at += 10 * simulation::kSecond;
    }
}

Trace run_natively(const Case& c, EndState& end, std::string& printer) {
    NativeGuest native(kGuestStorage);
    NativeRecorder recorder;
    native.machine.executor().observers.add(recorder);
    native.machine.observers.add(recorder);
    give_input(c, native.machine.events(), native.devices);
    end = native.run(example_guest(c.guest, c.patches), 5'000'000);
    printer = native.printer;
    recorder.trace.at_interruptions.erase(recorder.trace.at_interruptions.begin());  // the restart itself
    return std::move(recorder.trace);
}

/// How a guest's storage is brought about.
struct Setting {
    const char* name = "V=V";
    StorageKind kind = StorageKind::paged;
    GuestTranslation translation = GuestTranslation::shadow;
    uint32_t real_storage = 8 * simulation::kMebibyte;
};

Trace run_as_guest(const Case& c, bool with_hostile_neighbours, EndState& end, std::string& printer,
                   const Setting& setting = {}) {
    Host host(setting.real_storage, "round-robin", "s370-158-nested", simulation::kMillisecond,
              {"clock", {"2305-2", "3330-1"}}, setting.kind == StorageKind::real ? kGuestStorage : 0);
    GuestRecorder recorder("guest");
    VmOptions options;
    options.name = "guest";
    options.storage = kGuestStorage;
    options.storage_kind = setting.kind;
    options.translation = setting.translation;
    VirtualMachine& vm = host.log_on(std::move(options));
    host.cp.load(vm, SecondLevel(0), example_guest(c.guest, c.patches));
    give_input(c, host.machine.events(), vm.io.devices);
    if (with_hostile_neighbours) {
        for (uint32_t mode = 0; mode < 8; ++mode) {
            host.start(fmt::format("hostile{}", mode), kGuestStorage,
                       example_guest("hostile", {{0x3F0, mode}}));
        }
    }
    host.cp.observers().add(recorder);
    host.machine.executor().observers.add(recorder);
    host.cp.restart(vm);
    while (vm.status != VmState::stopped && host.cp.now() < 300 * simulation::kSecond)
        host.cp.run(host.cp.now() + simulation::kSecond);
    end = host.end_state(vm);
    printer = host.printer["guest"];
    recorder.trace.at_interruptions.erase(recorder.trace.at_interruptions.begin());
    return std::move(recorder.trace);
}

TEST_CASE("a guest executes the same instructions however its storage is brought about") {
    constexpr uint32_t kTight = 36 * kPage;  // 16 pages of nucleus, a few of tables
    constexpr Setting kSettings[] = {
        {"shadow, V=Resident", StorageKind::resident, GuestTranslation::shadow, simulation::kMebibyte},
        {"shadow, V=R", StorageKind::real, GuestTranslation::shadow, simulation::kMebibyte},
        {"shadow, paged", StorageKind::paged, GuestTranslation::shadow, kTight},
        {"nested", StorageKind::paged, GuestTranslation::nested, simulation::kMebibyte},
        {"nested, V=R", StorageKind::real, GuestTranslation::nested, simulation::kMebibyte},
        {"nested, paged", StorageKind::paged, GuestTranslation::nested, kTight},
    };
    const Case kTranslating[] = {
        {"walker", {{0x3F0, 32}, {0x3F4, 6}, {0x3F8, 800}, {0x3FC, 100}, {0x3E4, 1}}, {}, {}},
        {"churner", {{0x3F0, 16}, {0x3F4, 10}}, {}, {}},
    };
    for (const Case& c : kTranslating) {
        CAPTURE(c.guest);
        EndState native_end, guest_end;
        std::string native_printer, guest_printer;
        const Trace native = run_natively(c, native_end, native_printer);
        CHECK(native_end.state.psw.address == 0);
        for (const Setting& setting : kSettings) {
            CAPTURE(setting.name);
            const Trace guest = run_as_guest(c, false, guest_end, guest_printer, setting);
            CHECK(guest_end.state.psw == native_end.state.psw);
            CHECK(guest_end.console == native_end.console);
            CHECK(guest.instructions == native.instructions);
        }
    }
}

TEST_CASE(
    "an example guest executes the same instructions natively, as a guest, and beside hostile neighbours") {
    for (const Case& c : kCases) {
        CAPTURE(c.guest);
        EndState native_end, guest_end;
        std::string native_printer, guest_printer;
        const Trace native = run_natively(c, native_end, native_printer);
        CHECK(native_end.end == "disabled-wait");
        CHECK(native_end.state.psw.address == 0);
        for (const bool neighbours : {false, true}) {
            CAPTURE(neighbours);
            const Trace guest = run_as_guest(c, neighbours, guest_end, guest_printer);
            CHECK(guest_end.end == native_end.end);
            CHECK(guest_end.state.psw == native_end.state.psw);
            CHECK(guest_end.console == native_end.console);
            CHECK(guest_printer == native_printer);
            const auto at = std::mismatch(guest.instructions.begin(), guest.instructions.end(),
                                          native.instructions.begin(), native.instructions.end());
            CHECK_MESSAGE(
                (at.first == guest.instructions.end() && at.second == native.instructions.end()),
                fmt::format("they part at instruction {} of {} as a guest, {} natively: {:06X}, {:06X}",
                            at.first - guest.instructions.begin(), guest.instructions.size(),
                            native.instructions.size(), at.first == guest.instructions.end() ? 0 : *at.first,
                            at.second == native.instructions.end() ? 0 : *at.second));
            CHECK(guest.at_interruptions == native.at_interruptions);
            CHECK(guest_end.instructions == native_end.instructions);
        }
    }
}

// Time slicing and overlapped I/O let the order of instructions depend on time; what comes out must not.
TEST_CASE(
    "the multitasking and the spooling example say the same natively, as guests, and beside hostile "
    "neighbours") {
    for (const Case& c :
         {Case{"tasks", {}, {}, {}}, Case{"spooler", {}, "FIRST CARD\nSECOND CARD\nTHIRD\n", {}}}) {
        CAPTURE(c.guest);
        EndState native, guest;
        std::string native_printer, guest_printer;
        run_natively(c, native, native_printer);
        CHECK(native.end == "disabled-wait");
        CHECK(native.state.psw.address == 0);
        CHECK(native.console != "");
        for (const bool neighbours : {false, true}) {
            CAPTURE(neighbours);
            run_as_guest(c, neighbours, guest, guest_printer);
            CHECK(guest.end == native.end);
            CHECK(guest.state.psw == native.state.psw);
            CHECK(guest.console == native.console);
            CHECK(guest_printer == native_printer);
        }
    }
}

}  // namespace
}  // namespace vmcp::test
