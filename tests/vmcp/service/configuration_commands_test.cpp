// Commands that make another machine of a virtual machine: DEFINE STORAGE and DEFINE CHANNELS, and what QUERY
// VIRTUAL tells of it; LINK to what somebody has who is not logged on.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <malloc.h>

#include <cstdlib>

#include "simulation/images/ckd_image.hpp"
#include "simulation/model/temporary_directory.hpp"
#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/guest_pair.hpp"

namespace vmcp::test {
namespace {

using simulation::kMebibyte;
using simulation::kSecond;

constexpr uint16_t kPack = 0x350;

/// Stores into every page of so much storage, gives a command, and stops where it should not go on.
std::vector<uint8_t> asking(const std::string& command, uint32_t bytes = 64 * 1024) {
    return assembled(kPageZeroOfEcMode + fmt::format(R"(
BEGIN    L     4,=A(X'1000')
TOUCH    ST    4,0(,4)
         A     4,=A(X'1000')
         C     4,=A({})
         BL    TOUCH
         LA    2,COMMAND
         LA    3,L'COMMAND
         DIAG  2,3,X'08'
         ST    3,X'800'
         LPSW  END
END      DC    0D'0',X'000A0000',A(0)
COMMAND  DC    C'{}'
         LTORG
)",
                                                     bytes, command));
}

/// Tells its size by DIAGNOSE X'60', and stores at the last word that there is.
std::vector<uint8_t> measuring() {
    return assembled(kPageZeroOfEcMode + R"(
BEGIN    DIAG  5,5,X'60'
         L     6,=A(X'2000')
         L     6,0(,6)            whatever was there
         LR    4,5
         BCTR  4,0
         MVI   0(4),X'C1'
         LPSW  END
END      DC    0D'0',X'000A0000',A(0)
         LTORG
)");
}

struct Desk {
    explicit Desk(uint32_t real = 4 * kMebibyte, PagingOptions paging = {}, uint32_t v_equals_r = 0)
        : host(real, "round-robin", "s370-158", 10 * simulation::kMillisecond, std::move(paging),
               v_equals_r) {}
    std::string command(VirtualMachine& vm, std::string_view text) {
        host.console[vm.options.name].clear();
        const uint32_t code = host.cp.command(vm, text);
        return fmt::format("{}\n{}", code, host.console[vm.options.name]);
    }
    void run(SimTime time = kSecond) { host.cp.run(simulation::kNever, host.cp.now() + time); }
    Host host;
};

TEST_CASE("DEFINE STORAGE gives a machine another size, zeros, and lets it do nothing until it is loaded") {
    Desk desk;
    VirtualMachine& vm = desk.host.start("guest", 64 * 1024, asking("SLEEP 99 MIN"));
    desk.run();
    REQUIRE(vm.asleep);
    REQUIRE(vm.storage.resident_pages() == 16);
    const uint32_t held = desk.host.cp.frames().free_frames() + vm.storage.resident_pages();
    CHECK(desk.command(vm, "DEFINE STORAGE 300K") == "0\nSTORAGE = 00300K\n");
    CHECK(vm.storage.size() == 300 * 1024);
    CHECK(vm.storage.resident_pages() == 0);
    CHECK(desk.host.cp.frames().free_frames() >= held);
    CHECK(vm.state.gpr == std::array<uint32_t, 16>{});
    CHECK_FALSE(vm.asleep);
    const uint64_t executed = vm.instructions;
    desk.run(100 * kSecond);
    CHECK(vm.status == VmState::waiting);
    CHECK(vm.instructions == executed);
    CHECK(desk.command(vm, "QUERY STORAGE") == "0\nSTORAGE = 00300K\n");
    CHECK(desk.command(vm, "Q V STOR") == "0\nSTORAGE = 00300K\n");
    desk.host.cp.load(vm, SecondLevel(0), measuring());
    desk.host.cp.restart(vm);
    desk.run();
    CHECK(vm.stop == StopReason::disabled_wait);
    CHECK(vm.state.psw.address == 0);
    CHECK(vm.state.gpr[5] == 300 * 1024);
    CHECK(vm.state.gpr[6] == 0);
    CHECK(vm.storage.peek32(SecondLevel(300 * 1024 - 4)) == 0xC1);
    // Also where it has stopped, and to less; in pages.
    CHECK(desk.command(vm, "DEF STOR 9K") == "0\nSTORAGE = 00012K\n");
    CHECK_FALSE(vm.storage.valid(SecondLevel(12 * 1024)));
    desk.host.cp.load(vm, SecondLevel(0), measuring());
    desk.host.cp.restart(vm);
    desk.run();
    CHECK(vm.state.psw.address == 0);
    CHECK(vm.state.gpr[5] == 12 * 1024);
}

TEST_CASE("a guest that gives the command itself never comes back from it") {
    Desk desk;
    VirtualMachine& vm = desk.host.start("guest", 64 * 1024, asking("DEFINE STORAGE 128K"));
    desk.run();
    CHECK(vm.status == VmState::waiting);
    CHECK(vm.storage.size() == 128 * 1024);
    CHECK(vm.storage.peek32(SecondLevel(0x400)) == 0);
    CHECK(desk.host.console["guest"] == "STORAGE = 00128K\n");
}

TEST_CASE("what cannot be its storage is refused with a reason, and the machine is as it was") {
    Desk desk;
    VirtualMachine& vm = desk.host.start("guest", 64 * 1024, asking("DEFINE STORAGE 16384K"));
    const std::pair<const char*, const char*> rows[] = {
        {"DEFINE STORAGE", "25\nDMKDEF025E STORAGE MISSING OR INVALID; 8K TO 16384K\n"},
        {"DEFINE STORAGE 4K", "25\nDMKDEF025E STORAGE MISSING OR INVALID; 8K TO 16384K\n"},
        {"DEFINE STORAGE 512", "25\nDMKDEF025E STORAGE MISSING OR INVALID; 8K TO 16384K\n"},
        {"DEFINE STORAGE 17M", "25\nDMKDEF025E STORAGE MISSING OR INVALID; 8K TO 16384K\n"},
        {"DEFINE STORAGE 99999999999K", "25\nDMKDEF025E STORAGE MISSING OR INVALID; 8K TO 16384K\n"},
        {"DEFINE CHANNELS", "26\nDMKDEF026E OPERAND MISSING OR INVALID\n"},
        {"DEFINE CHANNELS BYTE", "7\nDMKDEF007E INVALID OPERAND - BYTE\n"}};
    for (const auto& [text, answer] : rows) {
        CAPTURE(text);
        CHECK(desk.command(vm, text) == answer);
    }
    // No more than real storage and paging devices hold together.
    CHECK(desk.command(vm, "DEFINE STORAGE 16M").starts_with("94\nDMKDEF094E STORAGE EXCEEDS ALLOWED "));
    desk.run();
    CHECK(vm.stop == StopReason::disabled_wait);
    CHECK(vm.storage.peek32(SecondLevel(0x800)) == 94);
    CHECK(vm.storage.size() == 64 * 1024);
    PagingOptions paging;
    paging.devices = {"3350"};
    Desk larger(4 * kMebibyte, paging);
    CHECK(larger.command(larger.host.log_on("guest", 64 * 1024), "DEFINE STORAGE 16M") ==
          "0\nSTORAGE = 16384K\n");

    Desk preferred(4 * kMebibyte, {}, 256 * 1024);
    for (const StorageKind kind : {StorageKind::real, StorageKind::resident}) {
        VmOptions options;
        options.name = name_of(kind);
        options.storage = 256 * 1024;
        options.storage_kind = kind;
        VirtualMachine& fixed = preferred.host.log_on(std::move(options));
        CHECK(preferred.command(fixed, "DEFINE STORAGE 128K") ==
              fmt::format("91\nDMKDEF091E STORAGE NOT DEFINED; THE MACHINE IS {}\n",
                          kind == StorageKind::real ? "V=R" : "V=RESIDENT"));
        CHECK(fixed.storage.size() == 256 * 1024);
    }
}

TEST_CASE("a machine that is waited for by devices, pages and named segments gets another size in between") {
    PagingOptions paging;
    paging.devices = {"2305-2"};
    Desk desk(512 * 1024, paging);
    desk.host.cp.define_segment("TABLES", SecondLevel(0x40000), std::vector<uint8_t>(0x10000, 1));
    const auto program = assembled(R"(
ZERO     DC    X'00080000',A(BEGIN)
         USING ZERO,0
         ORG   ZERO+X'400'
BEGIN    LA    2,NAME
         SR    3,3
         DIAG  2,3,X'64'
         LA    2,PAGEX
         LA    3,L'PAGEX
         DIAG  2,3,X'08'
         LA    2,TYPE
         ST    2,X'48'
AGAIN    SIO   X'009'
         L     4,=A(X'1000')
TOUCH    ST    4,0(,4)
         A     4,=A(X'1000')
         C     4,=A(X'40000')
         BL    TOUCH
         B     AGAIN
NAME     DC    0D'0',CL8'TABLES'
PAGEX    DC    C'SET PAGEX ON'
         DS    0D
TYPE     CCW   9,PAGEX,X'20',12
         LTORG
)");
    VirtualMachine& other = desk.host.start("other", 256 * 1024, program);
    VmOptions options;
    options.name = "guest";
    options.storage = 256 * 1024;
    options.locked_pages = {{3, 40}};
    VirtualMachine& vm = desk.host.log_on(std::move(options));
    for (unsigned i = 0; i < 300; ++i) {
        const uint32_t size = i % 3 == 0 ? 1024 : 256;
        CHECK(desk.command(vm, fmt::format("DEFINE STORAGE {}K", size)).find("STORAGE = ") !=
              std::string::npos);
        CHECK(vm.storage.locked(SecondLevel(0x5000)));
        desk.host.cp.load(vm, SecondLevel(0), program);
        desk.host.cp.restart(vm);
        desk.run((1 + i % 7) * 3 * simulation::kMillisecond);
    }
    CHECK(other.status != VmState::stopped);
    desk.command(vm, "DEFINE STORAGE 8K");
    CHECK(vm.storage.attachments().empty());
    const uint32_t left = desk.host.cp.frames().free_frames();
    desk.host.cp.log_off(vm);
    CHECK(desk.host.cp.frames().free_frames() <= left + 4);  // the tables
    desk.host.cp.log_off(other);
    for (const auto& device : desk.host.cp.pager().devices()) CHECK(device->slots_in_use() == 0);
}

TEST_CASE("storage that is defined again and again is given back") {
    const char* const wanted = std::getenv("VMCP_OPERATIONS");
    const unsigned operations = wanted != nullptr ? static_cast<unsigned>(std::atol(wanted)) / 10 : 2000;
    PagingOptions paging;
    paging.devices = {"2305-2"};
    Desk desk(512 * 1024, paging);
    VirtualMachine& vm = desk.host.start("guest", 64 * 1024, asking("DEFINE STORAGE 1M"));
    const auto once = [&](unsigned i) {
        const std::string size = i % 2 == 0 ? "1M" : "96K";
        const auto image = asking("DEFINE STORAGE " + size, vm.storage.size());
        desk.host.cp.load(vm, SecondLevel(0), image);
        desk.host.cp.restart(vm);
        while (vm.status != VmState::waiting) desk.run(kSecond / 10);
        CHECK(vm.storage.size() == (i % 2 == 0 ? kMebibyte : 96 * 1024));
    };
    for (unsigned i = 0; i < 100; ++i) once(i);
    const uint32_t free = desk.host.cp.frames().free_frames();
    const size_t bytes = mallinfo2().uordblks;
    for (unsigned i = 0; i < operations; ++i) once(i);
    CHECK(desk.host.cp.frames().free_frames() == free);
    CHECK(desk.host.cp.pager().devices()[0]->slots_in_use() == 0);
    CHECK(mallinfo2().uordblks < bytes + 200'000);
}

// ---- Channels ----

TEST_CASE("DEFINE CHANNELS makes channels selector or block multiplexer channels, what is on them is reset") {
    Desk desk;
    VirtualMachine& vm = desk.host.start("guest", 64 * 1024, assembled(R"(
ZERO     DC    X'00080000',A(BEGIN)
         USING ZERO,0
         ORG   ZERO+X'400'
BEGIN    STIDC 0
         L     5,X'A8'
         STIDC X'1F0'
         L     6,X'A8'
         LPSW  END
END      DC    0D'0',X'000A0000',A(0)
)"));
    const auto identified = [&] {
        desk.host.cp.restart(vm);
        desk.run();
        return fmt::format("{:X} {:X}", vm.state.gpr[5], vm.state.gpr[6]);
    };
    CHECK(desk.command(vm, "DEFINE PRINTER AS 1F0") == "0\nPRT 1F0 DEFINED\n");
    CHECK(desk.command(vm, "QUERY VIRTUAL CHANNELS") == "0\nCHANNELS = BMX\n");
    CHECK(identified() == "10000000 20000000");
    CHECK(desk.command(vm, "READY 00C") == "0\n");
    REQUIRE(vm.io.channels.interruption_pending(0x00C));
    CHECK(desk.command(vm, "DEFINE CHANNELS SEL") == "0\nCHANNELS = SEL\n");
    CHECK_FALSE(vm.io.channels.interruption_pending(0x00C));
    CHECK(identified() == "10000000 0");
    CHECK(desk.command(vm, "Q V CHAN") == "0\nCHANNELS = SEL\n");
    // One that comes later, too.
    CHECK(desk.command(vm, "DEFINE 1F0 AS 2F0") == "0\nPRT 2F0 DEFINED\n");
    CHECK(vm.io.channels.type(2) == simulation::ChannelType::selector);
    CHECK(desk.command(vm, "DEF CHAN BMX") == "0\nCHANNELS = BMX\n");
    CHECK(vm.io.channels.type(2) == simulation::ChannelType::block_multiplexer);
}

TEST_CASE("QUERY VIRTUAL tells storage and channels, then devices by their kinds") {
    Desk desk;
    VirtualMachine& vm = desk.host.log_on("guest", 64 * 1024);
    desk.command(vm, "DEFINE CTCA AS 008");
    desk.command(vm, "DEFINE READER AS 1F0");
    const std::string all = desk.command(vm, "QUERY VIRTUAL");
    CHECK(all ==
          "0\nSTORAGE = 00064K\nCHANNELS = BMX\nCONS 009 ON 3215\nRDR 00C ON 3505\nRDR 1F0 ON 3505\n"
          "PUN 00D ON 3525\nPRT 00E ON 1403\nCTCA 008 NOT COUPLED\n");
    CHECK(desk.command(vm, "Q V ALL") == all);
}

TEST_CASE("what somebody has who is not logged on can be linked, as he is described") {
    const simulation::TemporaryDirectory folder("vmcp-directory");
    const std::string path = (folder.path() / "pack").string();
    simulation::images::create_ckd(path, *simulation::images::disk_geometry("3330"), 20, {});
    Desk desk;
    simulation::DeviceDescription pack;
    pack.address = kPack;
    pack.type = "3330";
    pack.file = path;
    desk.host.cp.real_io().attach(pack);
    MappedDevice disk;
    disk.address = 0x191;
    disk.real = kPack;
    disk.first = 2;
    disk.count = 3;
    disk.mode = LinkMode::w;
    MappedDevice dedicated = disk;
    dedicated.address = 0x192;
    dedicated.dedicated = true;
    desk.host.cp.enter_in_directory({"anna", {disk, dedicated}});
    VirtualMachine& vm = desk.host.log_on("bert", 64 * 1024);
    CHECK(desk.command(vm, "LINK ANNA 191 AS 291 W") == "0\nDASD 291 LINKED R/W\n");
    CHECK(desk.command(vm, "LINK ANNA 192 AS 292") ==
          "107\nDMKLNK107E ANNA 192 NOT LINKED; NOT IN CP DIRECTORY\n");
    CHECK(desk.command(vm, "LINK CARL 191 AS 292") ==
          "107\nDMKLNK107E CARL 191 NOT LINKED; NOT IN CP DIRECTORY\n");
    // When she logs on with something else, that is what she has.
    VirtualMachine& anna = desk.host.log_on("anna", 64 * 1024);
    CHECK(desk.command(vm, "LINK ANNA 191 AS 292") ==
          "107\nDMKLNK107E ANNA 191 NOT LINKED; NOT IN CP DIRECTORY\n");
    desk.host.cp.log_off(anna);
    CHECK(desk.command(vm, "DETACH 291") == "0\nDASD 291 DETACHED\n");
    CHECK(desk.command(vm, "LINK ANNA 191 AS 292 RR") == "0\nDASD 292 LINKED R/O\n");
}

}  // namespace
}  // namespace vmcp::test
