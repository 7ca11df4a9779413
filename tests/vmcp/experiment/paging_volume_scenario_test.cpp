// What scenarios say of paging volumes, and what is said of those in error.
#include <doctest/doctest.h>

#include "simulation/model/toml_reader.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/run.hpp"
#include "vmcp/experiment/scenario.hpp"

namespace vmcp::experiment {
namespace {

const std::string kVm = "[[vm]]\nname = \"a\"\nstorage = \"64K\"\nguest = \"wait.asm\"\n";

std::string device(const std::string& address, const std::string& type, const std::string& further) {
    return "[[machine.device]]\naddress = \"" + address + "\"\ntype = \"" + type + "\"\n" + further + "\n";
}

struct Folder {
    Folder() {
        tests::put(folder / "wait.asm",
                   "WAIT     START 0\n         DC    X'000A000000000000'\n         END\n");
    }
    Scenario parse(const std::string& text) const { return parse_scenario(text, folder / "s.toml"); }
    std::string refused(const std::string& text) const {
        try {
            parse(text);
        } catch (const simulation::TomlError& error) {
            return error.what();
        }
        return "not refused";
    }
    tests::TemporaryFolder folder;
};

TEST_CASE("paging volumes come in the order of the file, in front of devices that are apart") {
    const Folder folder;
    const std::string volumes = device("2B0", "3330", "paging = true\norder = \"cylinder\"") +
                                device("350", "3350", "") + device("2B1", "3340-70", "paging = true");
    const auto types = [](const RunResult& result) {
        std::vector<std::string> all;
        for (const PagingDeviceResult& one : result.paging_devices) all.push_back(one.type);
        return all;
    };
    const Scenario s = folder.parse(volumes + kVm);
    CHECK(s.real_devices[0].paging);
    CHECK_FALSE(s.real_devices[1].paging);
    const RunResult result = run(s);
    CHECK(types(result) == std::vector<std::string>{"3330-1", "3340-70"});
    CHECK(result.paging_devices[0].slots == 404 * 19 * 3);
    CHECK(result.real_devices.size() == 3);
    CHECK(result.real_devices[0].order == QueueOrder::cylinder);
    CHECK(to_json(s, result)["settings"]["paging_devices"].dump() == R"(["3330 at 2B0","3340-70 at 2B1"])");
    CHECK(types(run(folder.parse(volumes + "[paging]\ndevices = [\"2305-2\"]\n" + kVm))) ==
          std::vector<std::string>{"3330-1", "3340-70", "2305-2"});
    CHECK(types(run(folder.parse(volumes + "[paging]\nreplacement = \"lru\"\n" + kVm))).size() == 2);
    CHECK(types(run(folder.parse(kVm))) == std::vector<std::string>{"2305-2", "3330-1"});
}

TEST_CASE("what is wrong with paging volumes of a scenario is told in one line") {
    const Folder folder;
    const std::pair<std::string, const char*> rows[] = {
        {device("2B0", "3330", "paging = true\nfile = \"wait.asm\""),
         "expected none of a paging volume: it begins empty in each run"},
        {device("2B0", "3330", "paging = true\nread_only = true"),
         "expected none of a paging volume: it begins empty in each run"},
        {device("2B0", "3330", "paging = true\ntemporary = true"),
         "expected it without temporary = true: a disk has pages or temporary disks"},
        {device("180", "3420", "paging = true"), "a 3420: expected a disk with cylinders"},
        {device("2B0", "3370", "paging = true"), "a 3370: expected a disk with cylinders"},
        {device("2B0", "2311", "paging = true"),
         "a 2311 cannot be a paging volume: a track of a 2311 does not hold a page of 4096 bytes"},
        {device("2B0", "3330", "paging = 1"), "expected"},
    };
    for (const auto& [text, message] : rows) {
        CAPTURE(text);
        const std::string said = folder.refused(text + kVm);
        CHECK_MESSAGE(said.find(message) != std::string::npos, said);
        CHECK(said.find("s.toml:") != std::string::npos);
        CHECK(said.find('\n') == std::string::npos);
    }
    for (const char* mapped : {"dedicate = \"2B0\"", "minidisk = \"2B0\"\nfirst = 1\ncount = 1",
                               "extents = [{ on = \"2B0\", first = 1, count = 1 }]"}) {
        CAPTURE(mapped);
        const std::string said = folder.refused(device("2B0", "3330", "paging = true") + kVm +
                                                "[[vm.device]]\naddress = \"191\"\n" + mapped + "\n");
        CHECK_MESSAGE(
            said.find("the real device 2B0 is a paging volume: expected another one") != std::string::npos,
            said);
    }
}

}  // namespace
}  // namespace vmcp::experiment
