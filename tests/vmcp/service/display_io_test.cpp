// DIAGNOSE X'58': what stands on a display of the machine's, and what is read from it.
#include "simulation/devices/display_3277.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <malloc.h>

#include <random>

#include "isa/ebcdic.hpp"
#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/guest_pair.hpp"

namespace vmcp::test {
namespace {

constexpr uint32_t kDisplay = 0x0C0, kCcws = 0x1000, kData = 0x2000;

struct Ccw {
    uint8_t command;
    uint32_t address;
    uint8_t flags, control;
    uint16_t count;
};

struct Desk {
    Desk() {
        VmOptions options;
        options.name = "guest";
        options.storage = 64 * 1024;
        simulation::DeviceDescription display;
        display.address = kDisplay;
        display.type = "3277";
        options.devices.push_back(display);
        vm = &host.log_on(std::move(options));
        image = assembled(kPageZeroOfEcMode + R"(
BEGIN    DIAG  2,3,X'58'
         BALR  6,0
         SR    7,7
WAIT     TIO   0(3)
         BC    2,WAIT
         BC    9,DONE
         L     7,X'44'
DONE     LPSW  END
END      DC    0D'0',X'000A0000',A(0)
)");
        host.cp.load(*vm, SecondLevel(0), image);
    }
    simulation::Display3277& display() {
        return dynamic_cast<simulation::Display3277&>(*vm->io.channels.device(kDisplay));
    }
    void text(uint32_t at, const std::string& what) {
        host.cp.load(*vm, SecondLevel(at), isa::to_ebcdic(what));
    }
    void ccws(const std::vector<Ccw>& all) {
        std::vector<uint8_t> bytes;
        for (const Ccw& one : all)
            bytes.insert(
                bytes.end(),
                {one.command, static_cast<uint8_t>(one.address >> 16), static_cast<uint8_t>(one.address >> 8),
                 static_cast<uint8_t>(one.address), one.flags, one.control,
                 static_cast<uint8_t>(one.count >> 8), static_cast<uint8_t>(one.count)});
        host.cp.load(*vm, SecondLevel(kCcws), bytes);
    }
    /// The condition code, and the status that TEST I/O stores behind it; or the code of the program check.
    std::string ask(uint32_t device = kDisplay, uint32_t at = kCcws) {
        vm->state.gpr[2] = at;
        vm->state.gpr[3] = device;
        host.cp.restart(*vm);
        host.cp.run(simulation::kNever, host.cp.now() + simulation::kSecond / 5);
        if (vm->stop != StopReason::disabled_wait) return "never ends";
        if (vm->state.psw.address == 0x99)
            return fmt::format("code {:X}", vm->storage.peek32(SecondLevel(0x8C)) & 0xFF);
        return fmt::format("{} {:04X}", vm->state.gpr[6] >> 28 & 3, vm->state.gpr[7] >> 16);
    }
    std::string ask(const std::vector<Ccw>& all) {
        ccws(all);
        return ask();
    }
    std::string row(unsigned n) {
        const std::string all = display().buffer().text();
        size_t at = 0;
        for (; n > 0; --n) at = all.find('\n', at) + 1;
        std::string line = all.substr(at, all.find('\n', at) - at);
        line.erase(line.find_last_not_of(' ') + 1);
        return line;
    }
    Host host{2 * simulation::kMebibyte};
    VirtualMachine* vm = nullptr;
    std::vector<uint8_t> image;
};

constexpr uint8_t kSuppress = 0x20, kChained = 0x60, kDataChained = 0xA0;

TEST_CASE(
    "lines are displayed in one operation, from any line on, on what stands there or on an empty screen") {
    Desk desk;
    desk.text(kData, "THE FIRST LINE");
    desk.text(kData + 0x100, "THE LAST");
    CHECK(desk.ask({{0x19, kData, kChained, 0, 14}, {0x19, kData + 0x100, kSuppress, 21, 8}}) == "0 0C00");
    CHECK(desk.row(0) == "THE FIRST LINE");
    CHECK(desk.row(21) == "THE LAST");
    CHECK(desk.ask({{0x19, kData, kSuppress, 3, 9}}) == "0 0C00");
    CHECK(desk.row(0) == "THE FIRST LINE");
    CHECK(desk.row(3) == "THE FIRST");
    // Pieces of one line.
    CHECK(desk.ask({{0x19, kData, kDataChained, 5, 4}, {0x19, kData + 0x104, kSuppress, 0, 4}}) == "0 0C00");
    CHECK(desk.row(5) == "THE LAST");
    CHECK(desk.ask({{0x19, kData, kSuppress, 0x82, 9}}) == "0 0C00");
    CHECK(desk.row(0).empty());
    CHECK(desk.row(2) == "THE FIRST");
    CHECK(desk.ask({{0x19, kData, kSuppress, 0xFF, 9}}) == "0 0C00");
    CHECK(desk.display().buffer().text().find_first_not_of(" \n") == std::string::npos);
    // All of it: 22 lines.
    desk.text(kData, std::string(1760, 'X'));
    CHECK(desk.ask({{0x19, kData, kSuppress, 0, 1760}}) == "0 0C00");
    CHECK(desk.row(21) == std::string(80, 'X'));
    CHECK(desk.row(22).empty());
}

TEST_CASE("what does not fit is not displayed, nor where there is no display") {
    Desk desk;
    desk.text(kData, std::string(2033, 'X'));
    CHECK(desk.ask({{0x19, kData, kSuppress, 0, 1761}}) == "1 0000");
    CHECK(desk.ask({{0x19, kData, kSuppress, 21, 81}}) == "1 0000");
    CHECK(desk.ask({{0x19, kData, kSuppress, 22, 1}}) == "1 0000");
    CHECK(desk.ask({{0x19, kData, kChained, 0, 9}, {0x29, kData, kSuppress, 0, 9}}) == "1 0000");
    CHECK(desk.display().buffer().text().find_first_not_of(" \n") == std::string::npos);
    CHECK(desk.ask(0x009, kCcws) == "3 0000");
    CHECK(desk.ask(0x444, kCcws).starts_with("3"));
    CHECK(desk.ask(kDisplay, kCcws + 4) == "code 6");
    CHECK(desk.ask(kDisplay, 0x10000) == "code 5");
    CHECK(desk.ask({{0x19, 0xFFFF, kSuppress, 0, 9}}) == "code 5");
    CHECK(desk.ask({{0x19, 0xFFFFFF, kSuppress, 0, 9}}) == "code 5");
    // A chain without end.
    desk.host.cp.load(*desk.vm, SecondLevel(0xF000), std::vector<uint8_t>(0x1000, 0x19));
    CHECK(desk.ask(kDisplay, 0xF000).size() != 0);
}

TEST_CASE("in full-screen mode the guest writes and reads data streams of its own") {
    Desk desk;
    // Write control character, a field that may be keyed into, the cursor in it.
    desk.host.cp.load(*desk.vm, SecondLevel(kData), {0xC3, 0x11, 0x40, 0x40, 0x1D, 0x40, 0x13});
    CHECK(desk.ask({{0x29, kData, kSuppress, 0x80, 7}}) == "0 0C00");
    REQUIRE(desk.display().keyboard().type("hi"));
    // Without erasing: what was keyed stays.
    desk.host.cp.load(*desk.vm, SecondLevel(kData), {0xC2, 0x11, 0xC1, 0x50, 0xE7});
    CHECK(desk.ask({{0x29, kData, kSuppress, 0x00, 5}}) == "0 0C00");
    CHECK(desk.row(1) == "X");
    CHECK(desk.ask({{0x2A, kData + 0x100, kSuppress, 0x80, 100}}) == "0 0C00");
    const auto word = [&](uint32_t at) { return desk.vm->storage.peek32(SecondLevel(at)); };
    CHECK((word(kData + 0x104) >> 16) == 0x40C1);  // behind AID and cursor: set buffer address, location 1
    CHECK(desk.ask({{0x2A, kData + 0x200, kSuppress, 0x00, 100}}) == "0 0C00");
    CHECK((word(kData + 0x204) >> 16) == 0xC188);  // behind AID and cursor: the field, and what was keyed
    // Beyond storage: the channel's program check. Nor does the display know of anything else.
    CHECK(desk.ask({{0x29, 0x10000, 0, 0x80, 7}}).ends_with("20"));
    CHECK(desk.ask({{0x69, kData, kSuppress, 0, 7}}).substr(0, 1) == "1");
    CHECK(desk.ask({{0x29, kData, kSuppress, 0x20, 7}}).substr(0, 1) == "1");
}

TEST_CASE("whatever the channel-command words say, nothing breaks, and nothing is kept") {
    Desk desk;
    std::mt19937 random(1);
    const auto one_of = [&](std::initializer_list<uint32_t> all) {
        return *(all.begin() + random() % all.size());
    };
    size_t bytes = 0;
    constexpr unsigned kRounds = 1000;
    uint32_t at = kDisplay;
    for (unsigned i = 0; i < kRounds; ++i) {
        if (i == kRounds / 2) bytes = mallinfo2().uordblks;
        std::vector<Ccw> all;
        for (unsigned n = 0; n < 1 + random() % 4; ++n)
            all.push_back({static_cast<uint8_t>(one_of({0x19, 0x19, 0x29, 0x2A, 0x03, 0x08, 0x69})),
                           one_of({kData, kCcws, 0, 0xFFF0, 0x10000, 0xFFFFFF}),
                           static_cast<uint8_t>(one_of({0x20, 0x60, 0x60, 0xA0, 0x00, 0x04})),
                           static_cast<uint8_t>(random()), static_cast<uint16_t>(random() % 2100)});
        desk.ccws(all);
        desk.host.cp.load(*desk.vm, SecondLevel(0), desk.image);
        desk.ask(one_of({at, at, at, 0x009}));
        desk.host.cp.command(*desk.vm, fmt::format("RESET {:03X}", at));  // a program may have no end
        if (random() % 8 == 0) {
            const uint32_t to = 0x100 + random() % 0xE00;
            if (desk.host.cp.command(*desk.vm, fmt::format("DEFINE {:03X} AS {:03X}", at, to)) == 0) at = to;
        }
    }
    CHECK(mallinfo2().uordblks < bytes + 100'000);
}

}  // namespace
}  // namespace vmcp::test
