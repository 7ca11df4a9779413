// What scenarios say of temporary disks, minidisks in pieces and saved systems, and what is said of those in
// error.
#include <doctest/doctest.h>

#include "simulation/images/fba_image.hpp"
#include "simulation/model/toml_reader.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "vmcp/experiment/run.hpp"
#include "vmcp/experiment/scenario.hpp"
#include "vmcp/experiment/virtual_session.hpp"

namespace vmcp::experiment {
namespace {

const std::string kDisks = R"(
[[machine.device]]
address = "350"
type = "3330"
[[machine.device]]
address = "358"
type = "3330-1"
[[machine.device]]
address = "368"
type = "3350"
[[machine.device]]
address = "360"
type = "3330"
temporary = true
[[machine.device]]
address = "370"
type = "3370"
[[machine.device]]
address = "180"
type = "3420"
)";

const std::string kVm = "[[vm]]\nname = \"a\"\nstorage = \"64K\"\nguest = \"wait.asm\"\n";

struct Folder {
    Folder() {
        tests::put(folder / "wait.asm",
                   "WAIT     START 0\n         DC    X'000A000000000000'\n         END\n");
    }
    Scenario parse(const std::string& text) const { return parse_scenario(text, folder / "s.toml"); }
    /// The message, without the place in front of it.
    std::string refused(const std::string& text) const {
        try {
            parse(text);
        } catch (const std::runtime_error& error) {
            const std::string message = error.what();
            return message.substr(message.find("error: ") == std::string::npos ? 0
                                                                               : message.find("error: ") + 7);
        }
        return "not refused";
    }
    tests::TemporaryFolder folder;
};

TEST_CASE("disks of a scenario: temporary ones, and minidisks in pieces") {
    const Folder folder;
    const Scenario s = folder.parse(kDisks + kVm + R"(
[[vm.device]]
address = "192"
temp = "3330-1"
count = 3
[[vm.device]]
address = "193"
extents = [{ on = "358", first = 10, count = 2 }, { on = "358", first = 0, count = 1 }]
mode = "M"
)");
    CHECK(s.real_devices[3].temporary);
    const std::vector<MappedDevice>& disks = s.vms[0].options.mapped_devices;
    REQUIRE(disks.size() == 2);
    CHECK(disks[0].temporary == "3330-1");
    CHECK(disks[0].count == 3);
    CHECK(disks[1].real == 0x358);
    CHECK(disks[1].mode == LinkMode::m);
    CHECK(disks[1].further == std::vector<MinidiskPiece>{{0x358, 0, 1}});
}

TEST_CASE("what a guest writes and reads over the end of a piece lies on both disks") {
    namespace images = simulation::images;
    const Folder folder;
    for (const char* name : {"one", "two"}) images::create_fba(folder.folder / name, 20);
    // Four blocks of a minidisk of five: three on the first disk, and the end of the second one.
    tests::put(folder.folder / "over.asm",
               "OVER     START X'1000'\n         BALR  12,0\n         USING *,12\n"
               "         LA    2,CHAIN\n         ST    2,72\n         SIO   X'190'\n"
               "LOOP     TIO   X'190'\n         BC    2,LOOP\n         L     3,64\n         L     4,68\n"
               "         LPSW  WAIT\nWAIT     DC    0D'0',X'0002000000000000'\n"
               "CHAIN    CCW   X'63',EXTENT,X'40',16\n         CCW   X'43',PUT,X'40',8\n"
               "         CCW   X'41',X'2000',X'80',1000\n         CCW   0,X'2000'+1000,X'40',1048\n"
               "         CCW   X'43',GET,X'40',8\nLAST     CCW   X'42',X'4000',0,2100\n"
               "EXTENT   DC    X'00000000',F'1',F'0',F'3'\n"
               "PUT      DC    X'01000004',F'0'\nGET      DC    X'06000004',F'0'\n"
               "         ORG   OVER+X'1000'\n         DC    512X'01',512X'02',512X'03',512X'04'\n"
               "         END   OVER\n");
    const Scenario s = folder.parse(R"(
[[machine.device]]
address = "350"
type = "3370"
file = "one"
[[machine.device]]
address = "358"
type = "3370"
file = "two"
[[vm]]
name = "a"
storage = "64K"
guest = "over.asm"
[[vm.device]]
address = "190"
extents = [{ on = "350", first = 10, count = 3 }, { on = "358", first = 17, count = 2 }]
)");
    const RunResult result = run(s);
    REQUIRE(result.vms[0].stop == StopReason::disabled_wait);
    CHECK(result.vms[0].cpu.gpr[3] - result.vms[0].cpu.gpr[2] == 48);  // the last CCW
    CHECK(result.vms[0].cpu.gpr[4] == 0x0C400034);                     // 52 bytes more than four blocks have
    std::vector<uint8_t> block(512);
    const auto blocks = [&](const char* name) {
        const auto image = images::open_fba(folder.folder / name, images::Access::read);
        std::vector<int> first;
        for (uint32_t i = 8; i < 20; ++i) {
            image->read(i, block);
            first.push_back(block == std::vector<uint8_t>(512, block[0]) ? block[0] : -1);
        }
        return first;
    };
    CHECK(blocks("one") == std::vector<int>{0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0});
    CHECK(blocks("two") == std::vector<int>{0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 4, 0});
}

TEST_CASE("what is wrong with disks of a scenario is told in one line") {
    const Folder folder;
    const std::pair<const char*, const char*> rows[] = {
        {"temp = \"3340\"\ncount = 1",
         "\"3340\": expected the type of a [[machine.device]] with temporary = true"},
        {"temp = \"3330\"", "expected \"count\" beside it: cylinders, or blocks"},
        {"temp = \"3330\"\ncount = 1\nfirst = 2", "expected it beside a minidisk: a temporary disk is new"},
        {"temp = \"3330\"\ncount = 1\nminidisk = \"350\"",
         "\"temp\" beside \"minidisk\": expected one of them"},
        {"minidisk = \"360\"\nfirst = 1\ncount = 1",
         "the real device 360 is space for temporary disks: expected temp = \"3330\""},
        {"extents = []", "expected at least one piece: { on = \"350\", first = 0, count = 1 }"},
        {"extents = [{ on = \"350\", first = 1, count = 1 }, { on = \"368\", first = 1, count = 1 }]",
         "a 3350 beside a 3330: expected disks of one type"},
        {"extents = [{ on = \"370\", first = 1, count = 1 }, { on = \"350\", first = 1, count = 1 }]",
         "a 3330 beside a 3370: expected disks of one type"},
        {"extents = [{ on = \"180\", first = 1, count = 1 }]", "a 3420: expected a disk"},
        {"extents = [{ on = \"350\", first = 1, count = 0 }]", "expected"},
        {"extents = [{ on = \"350\", first = 1, count = 1 }]\ncount = 3",
         "expected it within each of the extents"},
    };
    for (const auto& [text, message] : rows) {
        CAPTURE(text);
        const std::string said =
            folder.refused(kDisks + kVm + "[[vm.device]]\naddress = \"192\"\n" + text + "\n");
        CHECK_MESSAGE(said.find(message) != std::string::npos, said);
    }
    CHECK(folder.refused("[[machine.device]]\naddress = \"180\"\ntype = \"3420\"\ntemporary = true\n" + kVm)
              .find("a 3420: expected a disk") != std::string::npos);
    CHECK(folder
              .refused("[[machine.device]]\naddress = \"180\"\ntype = \"3330\"\nfile = \"wait.asm\"\n"
                       "temporary = true\n" +
                       kVm)
              .find("it begins empty in each run") != std::string::npos);
}

TEST_CASE("a run whose temporary disks do not fit does not begin, and says why") {
    const Folder folder;
    const Scenario s =
        folder.parse(kDisks + kVm + "[[vm.device]]\naddress = \"192\"\ntemp = \"3330\"\ncount = 405\n");
    CHECK_THROWS_WITH(
        run(s),
        "device 192: a temporary 3330 of 405: the control program has 404 free, not all in one place");
}

TEST_CASE("a saved system of a scenario is loaded by its name, from the beginning or by a command") {
    const Folder folder;
    tests::put(folder.folder / "wait.asm",
               "WAIT     START 0\n         DC    X'FE02000000000000'\n         END\n");
    const std::string system = "[[system]]\nname = \"SYS\"\nguest = \"wait.asm\"\n";
    const Scenario s = folder.parse(system +
                                    "[[vm]]\nname = \"a\"\nstorage = \"64K\"\nipl = \"SYS\"\n"
                                    "console_input = [{ at_ms = 10, text = \"#cp query userid\" }, "
                                    "{ at_ms = 20, text = \"#CP IPL SYS\" }]\n");
    REQUIRE(s.systems.size() == 1);
    const RunResult result = run(s);
    CHECK(result.vms[0].state == VmState::waiting);
    CHECK(result.vms[0].start > 20 * simulation::kMillisecond);  // the last time
    REQUIRE(result.vms[0].output.console.size() == 1);
    CHECK(result.vms[0].output.console[0].text == "a");
    CHECK(folder.refused(system + system + kVm).find("there is a saved system \"SYS\" already") !=
          std::string::npos);
    CHECK(folder.refused("[[system]]\nname = \"00C\"\nguest = \"wait.asm\"\n" + kVm)
              .find("is a device address: expected another name") != std::string::npos);
}

TEST_CASE("an operator's script enters commands, also when the machine has stopped by itself") {
    const Folder folder;
    tests::put(folder.folder / "op.toml",
               "[[step]]\npause_s = 1\ncommand = \"QUERY USERID\"\n[[step]]\nwait = \"a\"\n"
               "command = \"IPL SYS CLEAR\"\n[[step]]\npause_s = 1\ncommand = \"QUERY STORAGE\"\n"
               "[[step]]\nwait = \"00064K\"\n");
    const Scenario s =
        folder.parse("[[system]]\nname = \"SYS\"\nguest = \"wait.asm\"\n" + kVm + "operator = \"op.toml\"\n");
    const RunResult result = run(s);
    REQUIRE(result.vms[0].output.console.size() == 2);
    CHECK(result.vms[0].output.console[1].text == "STORAGE = 00064K");
    tests::put(folder.folder / "op.toml", "[[step]]\ncommand = \"\"\n");
    CHECK(folder.refused(kVm + "operator = \"op.toml\"\n").find("expected a CP command") !=
          std::string::npos);
}

TEST_CASE("what is saved of a machine in the middle of its work goes on elsewhere to the same end") {
    const Folder folder;
    tests::put(
        folder.folder / "sum.asm",
        "SUM      START X'1000'\n         BALR  12,0\n         USING *,12\n         L     2,=F'200000'\n"
        "         SR    3,3\n         SR    4,4\nLOOP     AR    3,2\n         ST    3,TOTAL\n"
        "         BCT   2,LOOP\n         L     5,TOTAL\n         LPSW  WAIT\n"
        "WAIT     DC    0D'0',X'0002000000000000'\nTOTAL    DC    F'0'\n         END   SUM\n");
    const std::string vm = "[[vm]]\nname = \"a\"\nstorage = \"64K\"\n";
    const Scenario whole = folder.parse(vm + "guest = \"sum.asm\"\n");
    const RunResult wanted = run(whole);
    REQUIRE(wanted.vms[0].stop == StopReason::disabled_wait);

    VirtualSession session(whole);
    session.start();
    CHECK(session.advance(session.now() + 100 * simulation::kMillisecond) == Progress::time);
    const std::vector<uint8_t> bytes = session.saved("a", 0, 0x2000);
    tests::put(folder.folder / "sum.saved", std::string(bytes.begin(), bytes.end()));
    CHECK_THROWS_AS(session.saved("b", 0, 0x1000), ActionError);
    for (const auto& [from, length] : {std::pair(0u, 0u), {0x800, 0x1000}, {0, 0x11000}, {0x10000, 0x1000}})
        CHECK_THROWS_AS(session.saved("a", from, length), ActionError);
    // Saving changes nothing.
    session.advance(simulation::kNever);
    CHECK(session.result().vms[0].cpu.gpr == wanted.vms[0].cpu.gpr);

    const Scenario rest =
        folder.parse("[[system]]\nname = \"SUM\"\nsaved = \"sum.saved\"\n" + vm + "ipl = \"SUM\"\n");
    const RunResult got = run(rest);
    CHECK(got.vms[0].stop == StopReason::disabled_wait);
    CHECK(got.vms[0].cpu.gpr == wanted.vms[0].cpu.gpr);
    CHECK(got.vms[0].instructions < wanted.vms[0].instructions);
    CHECK(got.vms[0].instructions > 1000);
}

TEST_CASE("ends of channel-to-channel adapters: what they may be coupled with") {
    const Folder folder;
    const auto end = [](const std::string& couple) {
        return "[[vm.device]]\naddress = \"0E0\"\ntype = \"CTCA\"\n" +
               (couple.empty() ? "" : "couple = \"" + couple + "\"\n");
    };
    std::string other = kVm;
    other.replace(other.find("\"a\""), 3, "\"b\"");
    const Scenario s = folder.parse(kVm + end("") + other + end("a 0E0"));
    CHECK(s.vms[1].options.devices.back().couple == 0x0E0);
    CHECK(s.vms[1].options.devices.back().couple_machine == "a");
    std::string third = kVm;
    third.replace(third.find("\"a\""), 3, "\"c\"");
    CHECK(folder.refused(kVm + end("") + other + end("a 0E0") + third + end("a 0E0"))
              .ends_with("\"a 0E0\": device 0E0 of b is coupled with it already"));
    const auto is_refused = [&](const std::string& text) {
        return folder.refused(text).ends_with(
            "expected a channel-to-channel adapter that is not coupled, of a machine that is described "
            "before");
    };
    CHECK(is_refused(kVm + end("b 0E0") + other + end("")));
    CHECK(is_refused(kVm + end("") + other + end("a 0E1")));
    CHECK(is_refused(kVm + end("") + other + end("a XYZ")));
    CHECK(is_refused(kVm + end("") + other + end("a 00C")));
}

}  // namespace
}  // namespace vmcp::experiment
