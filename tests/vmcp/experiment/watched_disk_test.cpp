// A disk whose blocks the control program enciphers on their way: the guest finds what it wrote, and somebody
// who takes the disk away finds nothing.
#include <doctest/doctest.h>

#include <algorithm>

#include "simulation/images/block_cipher.hpp"
#include "simulation/images/fba_image.hpp"
#include "simulation/model/toml_reader.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "vmcp/experiment/compare.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/run.hpp"
#include "vmcp/experiment/scenario.hpp"

namespace vmcp::experiment {
namespace {

namespace images = simulation::images;

const std::string kKey = "2718281828459045235360287471352631415926535897932384626433832795";

/// Writes blocks 1 to 4 by one command, in two pieces, and reads them back: 512 bytes each of X'01', X'02',
/// ...
constexpr const char* kGuest =
    "OVER     START X'1000'\n         BALR  12,0\n         USING *,12\n"
    "         LA    2,CHAIN\n         ST    2,72\n         SIO   X'190'\n"
    "LOOP     TIO   X'190'\n         BC    2,LOOP\n"
    "         L     5,READ\n         L     3,0(,5)\n         L     4,1536(,5)\n         LPSW  WAIT\nWAIT     "
    "DC    0D'0',X'0002000000000000'\n"
    "CHAIN    CCW   X'63',EXTENT,X'40',16\n         CCW   X'43',PUT,X'40',8\n"
    "         CCW   X'41',X'2000',X'80',1000\n         CCW   0,X'2000'+1000,X'40',1048\n"
    "         CCW   X'43',GET,X'40',8\nLAST     CCW   X'42',X'4000',0,2048\n"
    "EXTENT   DC    X'00000000',F'1',F'0',F'3'\n"
    "PUT      DC    X'01000004',F'0'\nGET      DC    X'06000004',F'0'\n"
    "READ     DC    A(X'4000')\n"
    "         ORG   OVER+X'1000'\n         DC    512X'01',512X'02',512X'03',512X'04'\n"
    "         END   OVER\n";

struct Folder {
    Folder() {
        images::create_fba(folder / "pack", 20);
        tests::put(folder / "over.asm", kGuest);
    }
    /// `of_device`: further lines of the device.
    Scenario scenario(const std::string& of_device, const std::string& type = "3370",
                      const std::string& kind = "dedicate = \"350\"") const {
        return parse_scenario(
            "[machine]\nmodel = \"s370-158-translating\"\n"
            "[[machine.device]]\naddress = \"350\"\ntype = \"" +
                type + "\"\n" + (type == "3370" ? "file = \"pack\"\n" : "") +
                "[[machine.device]]\naddress = \"360\"\ntype = \"3370\"\ntemporary = true\n"
                "[[vm]]\nname = \"a\"\nstorage = \"64K\"\nguest = \"over.asm\"\n"
                "[[vm.device]]\naddress = \"190\"\n" +
                kind + "\n" + of_device,
            folder / "s.toml");
    }
    std::string refused(const std::string& of_device, const std::string& type = "3370",
                        const std::string& kind = "dedicate = \"350\"") const {
        try {
            scenario(of_device, type, kind);
        } catch (const std::runtime_error& error) {
            const std::string message = error.what();
            return message.substr(message.find(": ") + 2);  // behind file, line and column
        }
        return "not refused";
    }
    std::vector<uint8_t> pack() const {
        std::vector<uint8_t> bytes(4 * 512);
        images::open_fba(folder / "pack", images::Access::read)->read(1, bytes);
        return bytes;
    }
    tests::TemporaryFolder folder;
};

std::vector<uint8_t> written_by_guest() {
    std::vector<uint8_t> bytes;
    for (uint8_t n = 1; n <= 4; ++n) bytes.insert(bytes.end(), 512, n);
    return bytes;
}

/// What the guest has read: of its first block, and of its last one.
bool has_read(const isa::CpuState& cpu) { return cpu.gpr[3] == 0x01010101 && cpu.gpr[4] == 0x04040404; }

TEST_CASE("what lies on an enciphered disk is the cipher of what the guest wrote") {
    const Folder folder;
    const RunResult result = run(folder.scenario("encipher = \"" + kKey + "\"\n"));
    CHECK(has_read(result.vms[0].cpu));
    const VirtualDeviceResult& device = result.vms[0].devices.at(0);
    CHECK(device.counts.watched.read == 4);
    CHECK(device.counts.watched.written == 4);
    CHECK(result.steps.steps[static_cast<unsigned>(Step::watch_block)].count == 8);
    CHECK(result.steps.steps[static_cast<unsigned>(Step::encipher_block)].count == 8);

    std::vector<uint8_t> bytes = folder.pack();
    const auto wrote = written_by_guest();
    CHECK(std::none_of(wrote.begin(), wrote.end(), [&](uint8_t n) {
        return std::search_n(bytes.begin(), bytes.end(), 8, n) != bytes.end();
    }));
    const auto cipher = images::block_cipher(kKey);
    for (uint32_t n = 0; n < 4; ++n) cipher->read(1 + n, std::span(bytes).subspan(512 * n, 512));
    CHECK(bytes == wrote);
}

TEST_CASE("what is only watched lies there as it was written") {
    const Folder folder;
    const RunResult result = run(folder.scenario("watch = true\n"));
    CHECK(folder.pack() == written_by_guest());
    CHECK(result.vms[0].devices.at(0).counts.watched.all() == 8);
    CHECK(result.steps.steps[static_cast<unsigned>(Step::watch_block)].count == 8);
    CHECK(result.steps.steps[static_cast<unsigned>(Step::encipher_block)].count == 0);
}

TEST_CASE("natively the same disk is enciphered, at no cost") {
    const Folder folder;
    const Comparison comparison = compare(folder.scenario("encipher = \"" + kKey + "\"\n"));
    REQUIRE(comparison.guests.size() == 1);
    CHECK(has_read(comparison.guests[0].native.cpu));
    CHECK(has_read(comparison.guests[0].alone.vms.at(0).cpu));
}

TEST_CASE("a temporary disk can be enciphered, too") {
    const Folder folder;
    const RunResult result =
        run(folder.scenario("count = 20\nencipher = \"" + kKey + "\"\n", "3370", "temp = \"3370\""));
    CHECK(result.vms[0].devices.at(0).counts.watched.all() == 8);
}

TEST_CASE("who may not be watched, and keys that are none") {
    const Folder folder;
    CHECK(folder.refused("encipher = \"12\"\n") ==
          "expected a key of 64 hexadecimal digits, two halves that differ");
    CHECK(folder.refused("watch = true\n", "3330") == "expected it beside dedicate or temp, of a 3370");
    CHECK(folder.refused("watch = true\nfirst = 0\ncount = 10\n", "3370", "minidisk = \"350\"") ==
          "expected it beside dedicate or temp, of a 3370");
    CHECK(
        folder.refused("watch = true\n[[vm.ring]]\ntype = \"block\"\ndisk = \"190\"\n") ==
        "the data of 190 are watched, which is paid for where its machine starts it: expected another disk");
    CHECK(folder.refused("watch = true\nio = \"translating-channel\"\n") ==
          "io = \"translating-channel\": expected ccw-translation or fast, for what is "
          "passed through does not go through the control program");
}

}  // namespace
}  // namespace vmcp::experiment
