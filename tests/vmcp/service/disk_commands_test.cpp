// CP commands that give a machine disks and take devices from it: what they answer, and what a channel
// program finds afterwards.
#include <doctest/doctest.h>
#include <malloc.h>

#include <cstdlib>

#include "simulation/images/ckd_image.hpp"
#include "tests/vmcp/io/io_host.hpp"
#include "vmcp/service/cp_command.hpp"

namespace vmcp::test {
namespace {

constexpr uint16_t kPack = 0x350, kTemporary = 0x360, kBlocks = 0x370;

struct Desk {
    Desk() : folder("vmcp-commands"), path((folder.path() / "pack").string()) {
        const auto& geometry = *simulation::images::disk_geometry("3330");
        simulation::images::create_ckd(path, geometry, 20, {});
        simulation::DeviceDescription pack;
        pack.address = kPack;
        pack.type = "3330";
        pack.file = path;
        host.cp.real_io().attach(pack);
        pack.address = kTemporary;
        pack.file.clear();
        host.cp.attach_temporary(pack);
        pack.address = kBlocks;
        pack.type = "3370";
        host.cp.attach_temporary(pack);
    }
    static MappedDevice minidisk(uint16_t address, uint32_t first, uint32_t count, LinkMode mode) {
        MappedDevice disk;
        disk.address = address;
        disk.real = kPack;
        disk.first = first;
        disk.count = count;
        disk.mode = mode;
        return disk;
    }
    VirtualMachine& log_on(const std::string& name, const std::vector<MappedDevice>& disks = {}) {
        VmOptions options;
        options.name = name;
        options.storage = kTwinStorage;
        options.mapped_devices = disks;
        VmOutput output;
        output.console_line = [this](std::string_view line) { said += std::string(line) + "\n"; };
        VirtualMachine& vm = host.cp.log_on(std::move(options), std::move(output));
        put_storage(vm, 0, Bytes(kTwinStorage, 0));
        return vm;
    }
    /// The return code and what was said, one line each.
    std::string command(VirtualMachine& vm, std::string_view text) {
        said.clear();
        const uint32_t code = host.cp.command(vm, text);
        return fmt::format("{}\n{}", code, said);
    }
    void settle(VirtualMachine& vm, uint16_t device) {
        for (unsigned i = 0; i < 1000; ++i) {
            if (!vm.io.channels.working(device) && !vm.io.channels.device_end_due(device) &&
                !host.cp.real_io().interruption_pending())
                return;
            if (!host.step()) return;
        }
        FAIL("the operation never ends");
    }
    /// Runs a program of these CCWs and answers the unit status that comes of it.
    unsigned run(VirtualMachine& vm, uint16_t device, const Bytes& ccws) {
        put_storage(vm, 0x1000, ccws);
        Noticed noticed;
        noticed.start(host.start(vm, 0x1000, device));
        settle(vm, device);
        while (const auto one = vm.io.channels.take(device)) noticed.add(one->csw);
        CHECK(noticed.ended);
        return noticed.unit_status();
    }
    /// Formats record 1 of a track of the machine's, with eight bytes of data.
    unsigned write(VirtualMachine& vm, uint16_t device, uint8_t cylinder, uint8_t fill) {
        put_storage(vm, 0x2000, Bytes{0, 0, 0, cylinder, 0, 0, 0, 0});
        put_storage(vm, 0x2010,
                    Bytes{0, cylinder, 0, 0, 1, 0, 0, 8, fill, fill, fill, fill, fill, fill, fill, fill});
        // Seek, search for record 0, write count key data.
        put_storage(vm, 0x2020, Bytes{0, 0, 0, 0, 0});
        Bytes id = {0, cylinder, 0, 0, 0};
        // Record 0 has the number of the real cylinder: take it as it is.
        const Bytes find = {0x07, 0, 0x20, 0x00, 0x60, 0, 0, 6,  //
                            0x1A, 0, 0x20, 0x40, 0x60, 0, 0, 5,  //
                            0x16, 0, 0x20, 0x20, 0x20, 0, 0, 5};
        if (const unsigned status = run(vm, device, find); (status & 0x02) != 0) return status;
        return run(vm, device, {0x07, 0, 0x20, 0x00, 0x60, 0, 0, 6,  //
                                0x31, 0, 0x20, 0x20, 0x60, 0, 0, 5,  //
                                0x08, 0, 0x10, 0x08, 0,    0, 0, 0,  //
                                0x1D, 0, 0x20, 0x10, 0x20, 0, 0, 16});
    }
    /// The first byte of record 1 there; empty: there is none, or no such cylinder.
    std::optional<uint8_t> read(VirtualMachine& vm, uint16_t device, uint8_t cylinder) {
        put_storage(vm, 0x2000, Bytes{0, 0, 0, cylinder, 0, 0, 0, 0});
        put_storage(vm, 0x2010, Bytes{0, cylinder, 0, 0, 1});
        const unsigned status = run(vm, device, {0x07, 0, 0x20, 0x00, 0x60, 0, 0, 6,  //
                                                 0x31, 0, 0x20, 0x10, 0x60, 0, 0, 5,  //
                                                 0x08, 0, 0x10, 0x08, 0,    0, 0, 0,  //
                                                 0x06, 0, 0x21, 0x00, 0x20, 0, 0, 8});
        if ((status & simulation::kUnitCheck) != 0) return std::nullopt;
        return static_cast<uint8_t>(vm.storage.peek32(SecondLevel(0x2100)) >> 24);
    }

    simulation::TemporaryDirectory folder;
    std::string path, said;
    IoHost host;
};

TEST_CASE("LINK gives what the mode allows beside the others, and says who they are") {
    Desk desk;
    VirtualMachine& anna = desk.log_on("anna", {Desk::minidisk(0x191, 2, 3, LinkMode::m)});
    VirtualMachine& bert = desk.log_on("bert");
    VirtualMachine& carl = desk.log_on("carl");
    CHECK(desk.command(bert, "LINK ANNA 191 AS 291 R") ==
          "104\nDMKLNK104E ANNA 191 NOT LINKED; R/W BY anna\n");
    CHECK(desk.command(bert, "LINK ANNA 191 AS 291 W") ==
          "104\nDMKLNK104E ANNA 191 NOT LINKED; R/W BY anna\n");
    CHECK(desk.command(bert, "link to anna 191 as 291 rr") == "0\nDASD 291 LINKED R/O; R/W BY anna\n");
    CHECK(desk.command(carl, "LINK ANNA 191 191 MR ALL") ==
          "102\nDMKLNK102E DASD 191 FORCED R/O; R/W BY anna; R/O BY bert\n");
    CHECK(desk.command(carl, "QUERY LINKS 191") == "0\nanna 191 R/W, bert 291 R/O, carl 191 R/O\n");
    CHECK(desk.write(anna, 0x191, 1, 0x5A) == 0x0C);
    CHECK(desk.read(bert, 0x291, 1) == 0x5A);
    CHECK((desk.write(bert, 0x291, 1, 0x77) & simulation::kUnitCheck) != 0);
    CHECK(desk.read(anna, 0x191, 1) == 0x5A);
    CHECK(desk.command(carl, "DETACH 191") == "0\nDASD 191 DETACHED\n");
    CHECK(desk.command(carl, "LINK ANNA 191 AS 191 MW") ==
          "0\nDASD 191 LINKED R/W; R/W BY anna; R/O BY bert\n");
    CHECK(desk.write(carl, 0x191, 2, 0x33) == 0x0C);
    CHECK(desk.read(anna, 0x191, 2) == 0x33);
    // When the writers have gone.
    CHECK(desk.command(anna, "DETACH 191") == "0\nDASD 191 DETACHED\n");
    CHECK(desk.command(carl, "DET 191") == "0\nDASD 191 DETACHED\n");
    CHECK(desk.command(anna, "LINK * 191 AS 191 W") == "105\nDMKLNK105E * 191 NOT LINKED; R/O BY bert\n");
    CHECK(desk.command(anna, "LINK * 191 AS 191 WR") == "103\nDMKLNK103E DASD 191 FORCED R/O; R/O BY bert\n");
    CHECK(desk.command(bert, "DETACH 291") == "0\nDASD 291 DETACHED\n");
    CHECK(desk.command(bert, "LINK ANNA 191 AS 291 M") == "0\nDASD 291 LINKED R/W; R/O BY anna\n");
}

TEST_CASE("what LINK, DETACH and DEFINE refuse, and with which number") {
    Desk desk;
    VirtualMachine& anna = desk.log_on("anna", {Desk::minidisk(0x191, 2, 3, LinkMode::m)});
    const std::pair<const char*, const char*> rows[] = {
        {"LINK", "20\nDMKLNK020E USERID MISSING OR INVALID\n"},
        {"LINK ANNA", "22\nDMKLNK022E VADDR MISSING OR INVALID\n"},
        {"LINK ANNA 191 AS 12345", "22\nDMKLNK022E VADDR MISSING OR INVALID\n"},
        {"LINK ANNA 191 AS 291 X", "7\nDMKLNK007E INVALID OPERAND - X\n"},
        {"LINK NOBODY 191 AS 291 RR", "107\nDMKLNK107E NOBODY 191 NOT LINKED; NOT IN CP DIRECTORY\n"},
        {"LINK ANNA 192 AS 291 RR", "107\nDMKLNK107E ANNA 192 NOT LINKED; NOT IN CP DIRECTORY\n"},
        {"LINK ANNA 191 AS 00C RR", "110\nDMKLNK110E ANNA 191 NOT LINKED; VADDR 00C ALREADY DEFINED\n"},
        {"DETACH", "22\nDMKVDB022E VADDR MISSING OR INVALID\n"},
        {"DETACH 77", "40\nDMKVDB040E DEV 077 DOES NOT EXIST\n"},
        {"DETACH 009", "98\nDMKVDB098E CONS 009 NOT DETACHED; A MACHINE KEEPS ITS CONSOLE\n"},
        {"DEFINE", "26\nDMKDEF026E OPERAND MISSING OR INVALID\n"},
        {"DEFINE STORES 1M", "3\nDMKDEF003E INVALID OPTION - STORES\n"},
        {"DEFINE 191 AS 009", "90\nDMKDEF090E DEV 191 NOT DEFINED; 009 ALREADY DEFINED\n"},
        {"DEFINE 333 AS 334", "40\nDMKDEF040E DEV 333 DOES NOT EXIST\n"},
        {"DEFINE T3330 191 CYL 5", "90\nDMKDEF090E DASD 191 NOT DEFINED; ALREADY DEFINED\n"},
        {"DEFINE T3330 292", "26\nDMKDEF026E OPERAND MISSING OR INVALID\n"},
        {"DEFINE T3330 292 CYL 0", "7\nDMKDEF007E INVALID OPERAND - 0\n"},
        {"DEFINE T3330 292 405", "91\nDMKDEF091E DASD 292 NOT DEFINED; TEMP SPACE NOT AVAILABLE\n"},
        {"DEFINE T3350 292 1", "91\nDMKDEF091E DASD 292 NOT DEFINED; TEMP SPACE NOT AVAILABLE\n"},
        {"QUERY VIRTUAL 292", "40\nDMKCQG040E DEV 292 DOES NOT EXIST\n"},
        {"QUERY VIRTUAL NONSENSE", "3\nDMKCQG003E INVALID OPTION - NONSENSE\n"},
        {"QUERY LINKS 00C", "40\nDMKCQG040E DEV 00C DOES NOT EXIST\n"},
    };
    for (const auto& [text, answer] : rows) {
        CAPTURE(text);
        CHECK(desk.command(anna, text) == answer);
    }
    CHECK(desk.command(anna, "QUERY VIRTUAL DASD") == "0\nDASD 191 3330-1 ON 350 R/W 003 CYL\n");
}

TEST_CASE("temporary disks begin empty, end at their last cylinder, and are used again") {
    Desk desk;
    VirtualMachine& anna = desk.log_on("anna");
    VirtualMachine& bert = desk.log_on("bert");
    CHECK(desk.command(anna, "DEFINE T3330 AS 192 CYL 5") == "0\nDASD 192 DEFINED   005 CYL\n");
    CHECK(desk.command(bert, "DEFINE T3330 192 3") == "0\nDASD 192 DEFINED   003 CYL\n");
    CHECK(desk.command(anna, "QUERY VIRTUAL 192") == "0\nDASD 192 3330-1 (TEMP) R/W 005 CYL\n");
    for (uint8_t cylinder = 0; cylinder < 5; ++cylinder) {
        CHECK_FALSE(desk.read(anna, 0x192, cylinder));
        CHECK(desk.write(anna, 0x192, cylinder, uint8_t(0x50 + cylinder)) == 0x0C);
    }
    CHECK((desk.write(anna, 0x192, 5, 0x55) & simulation::kUnitCheck) != 0);
    CHECK(desk.write(bert, 0x192, 0, 0x99) == 0x0C);
    for (uint8_t cylinder = 0; cylinder < 5; ++cylinder)
        CHECK(desk.read(anna, 0x192, cylinder) == 0x50 + cylinder);
    // Whoever has the place next finds nothing there, not even of the track that the disk had under its head.
    CHECK(desk.command(anna, "DETACH 192") == "0\nDASD 192 DETACHED\n");
    CHECK(desk.command(bert, "DEFINE T3330 193 5") == "0\nDASD 193 DEFINED   005 CYL\n");
    for (const uint8_t cylinder : {4, 3, 2, 1, 0}) CHECK_FALSE(desk.read(bert, 0x193, cylinder));
    CHECK(desk.read(bert, 0x192, 0) == 0x99);
}

TEST_CASE("space for temporary disks is finite, comes together again, and is given back at log-off") {
    Desk desk;
    VirtualMachine& anna = desk.log_on("anna");
    for (unsigned i = 0; i < 4; ++i)
        CHECK(desk.command(anna, fmt::format("DEFINE T3330 {:03X} CYL 101", 0x200 + i)).starts_with("0\n"));
    CHECK(desk.command(anna, "DEFINE T3330 300 CYL 1").starts_with("91\n"));
    // Holes of 101 are not one of 202 unless they touch.
    desk.command(anna, "DETACH 200 202");
    CHECK(desk.command(anna, "DEFINE T3330 300 CYL 102").starts_with("91\n"));
    desk.command(anna, "DETACH 201");
    CHECK(desk.command(anna, "DEFINE T3330 300 CYL 303").starts_with("0\n"));
    CHECK(desk.command(anna, "DEFINE T3330 301 CYL 1").starts_with("91\n"));
    desk.host.cp.log_off(anna);
    VirtualMachine& bert = desk.log_on("bert");
    CHECK(desk.command(bert, "DEFINE T3330 300 CYL 404").starts_with("0\n"));
    // Blocks.
    CHECK(desk.command(bert, "DEFINE TFB-512 AS 310 BLK 100") == "0\nDASD 310 DEFINED   000100 BLK\n");
    CHECK(desk.command(bert, "DEFINE T3370 311 558000").starts_with("91\n"));
    CHECK(desk.command(bert, "DEFINE T3370 311 557900").starts_with("0\n"));
}

TEST_CASE("DEFINE gives a device another address, with what is on it") {
    Desk desk;
    VirtualMachine& anna = desk.log_on("anna", {Desk::minidisk(0x191, 2, 3, LinkMode::m)});
    CHECK(desk.write(anna, 0x191, 0, 0x11) == 0x0C);
    CHECK(desk.command(anna, "DEFINE 191 AS 391") == "0\nDASD 391 DEFINED\n");
    CHECK(desk.read(anna, 0x391, 0) == 0x11);
    CHECK(desk.host.start(anna, 0x1000, 0x191).condition_code == 3);
    CHECK(desk.command(anna, "DEFINE 009 AS 01F") == "0\nCONS 01F DEFINED\n");
    CHECK(desk.command(anna, "QUERY VIRTUAL CONSOLE") == "0\nCONS 01F ON 3215\n");
    CHECK(anna.io.console_address() == 0x01F);
    CHECK(desk.command(anna, "DEFINE 00C 10C") == "0\nRDR 10C DEFINED\n");
    CHECK(desk.command(anna, "DETACH 10C 00D 00E 391") ==
          "0\nRDR 10C DETACHED\nPUN 00D DETACHED\nPRT 00E DETACHED\nDASD 391 DETACHED\n");
    CHECK(desk.command(anna, "QUERY VIRTUAL UR") == "40\nDMKCQG040E DEV DOES NOT EXIST\n");
}

TEST_CASE("a device is detached at any moment of its channel program, and nothing is left behind") {
    Desk desk;
    VirtualMachine& anna = desk.log_on("anna", {Desk::minidisk(0x191, 2, 3, LinkMode::mw)});
    VirtualMachine& bert = desk.log_on("bert", {Desk::minidisk(0x191, 2, 3, LinkMode::mw)});
    CHECK(desk.write(bert, 0x191, 1, 0x42) == 0x0C);
    const uint32_t free = desk.host.cp.frames().free_frames();
    for (unsigned moment = 0; moment < 40; ++moment) {
        CAPTURE(moment);
        // Bert's program has the disk, or waits for it behind Anna's.
        for (VirtualMachine* vm : {moment % 2 == 0 ? &anna : &bert, moment % 2 == 0 ? &bert : &anna}) {
            put_storage(*vm, 0x2000, Bytes{0, 0, 0, 1, 0, 0, 0, 0});
            put_storage(*vm, 0x2010, Bytes{0, 1, 0, 0, 1});
            put_storage(*vm, 0x1000, Bytes{0x07, 0, 0x20, 0x00, 0x60, 0, 0, 6,  //
                                           0x31, 0, 0x20, 0x10, 0x60, 0, 0, 5,  //
                                           0x08, 0, 0x10, 0x08, 0,    0, 0, 0,  //
                                           0x06, 0, 0x21, 0x00, 0x20, 0, 0, 8});
            CHECK(desk.host.start(*vm, 0x1000, 0x191).condition_code == 0);
        }
        for (unsigned i = 0; i < moment / 2; ++i) desk.host.step();
        CHECK(desk.command(anna, "DETACH 191") == "0\nDASD 191 DETACHED\n");
        desk.settle(bert, 0x191);
        const auto interruption = bert.io.channels.take(0x191);
        REQUIRE(interruption);
        CHECK((interruption->csw.unit_status & simulation::kUnitCheck) == 0);
        while (bert.io.channels.take(0x191)) continue;
        CHECK_FALSE(anna.io.channels.take(0x191));
        for (uint32_t a = 0; a < kTwinStorage; a += kPage) CHECK_FALSE(anna.storage.locked(SecondLevel(a)));
        CHECK(desk.command(anna, "LINK BERT 191 AS 191 MW").starts_with("0\n"));
    }
    CHECK(desk.read(anna, 0x191, 1) == 0x42);
    CHECK(desk.host.cp.frames().free_frames() == free);
}

TEST_CASE("commands about disks leave storage as it was, however often they are tried") {
    const char* const wanted = std::getenv("VMCP_OPERATIONS");
    const uint32_t operations = wanted != nullptr ? static_cast<uint32_t>(std::atol(wanted)) : 5'000;
    Desk desk;
    VirtualMachine& anna = desk.log_on("anna", {Desk::minidisk(0x191, 2, 3, LinkMode::mw)});
    VirtualMachine& bert = desk.log_on("bert");
    const char* const round[] = {"LINK ANNA 191 AS 291 MR", "QUERY LINKS 291", "DEFINE 291 AS 292",
                                 "QUERY VIRTUAL DASD",      "DETACH 292",      "DEFINE T3330 193 2",
                                 "LINK ANNA 191 AS 291 Q",  "DETACH 193",      "DEFINE TFB-512 194 8",
                                 "DEFINE T3330 193 9999",   "DETACH 194 191"};
    const auto rounds = [&](uint32_t n) {
        for (uint32_t i = 0; i < n; ++i)
            for (const char* text : round) desk.command(bert, text);
    };
    rounds(operations / 10);
    desk.command(bert, "DEFINE T3330 193 2");
    CHECK(desk.write(bert, 0x193, 1, 1) == 0x0C);
    desk.command(bert, "DETACH 193");
    const uint32_t free = desk.host.cp.frames().free_frames();
    const size_t bytes = mallinfo2().uordblks;
    rounds(operations);
    CHECK(desk.host.cp.frames().free_frames() == free);
    CHECK(mallinfo2().uordblks < bytes + 20'000);
    CHECK(anna.io.relayed(0x191) != nullptr);
}

}  // namespace
}  // namespace vmcp::test
