// Scenario files: what they say, and what is said of those in error.
#include "vmcp/experiment/scenario.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>

#include "simulation/model/toml_reader.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"

namespace vmcp::experiment {
namespace {

/// A folder with a guest, a deck and cards, for scenarios beside them.
class Folder {
  public:
    Folder() {
        write("wait.asm", "WAIT     START 0\n         DC    X'0002000000000000'\n         END\n");
        write("later.asm",
              "LATER    START X'1000'\n         BALR  15,0\n         USING *,15\n         LPSW  WAIT\n"
              "WAIT     DC    0D'0',X'0002000000000000'\n         END   LATER\n");
        write("bad.asm", "BAD      START 0\n         LR    1\n         NOSUCH\n         END\n");
        write("cards.txt", "FIRST\nSECOND\n");
        write("long.txt", "FINE\n" + std::string(81, 'X') + "\n");
    }

    void write(const std::string& name, const std::string& text) const { tests::put(folder_ / name, text); }
    Scenario parse(const std::string& text, const Overrides& overrides = {}) const {
        return parse_scenario(text, folder_ / "s.toml", overrides);
    }
    /// The message with the folder's name taken out.
    std::string refused(const std::string& text, const Overrides& overrides = {}) const {
        try {
            parse(text, overrides);
        } catch (const std::runtime_error& error) {
            std::string message = error.what();
            const std::string prefix = folder_ / "";
            for (size_t at = message.find(prefix); at != std::string::npos; at = message.find(prefix))
                message.erase(at, prefix.size());
            return message;
        }
        return "not refused";
    }

  private:
    tests::TemporaryFolder folder_;
};

bool starts_with(const std::string& text, const std::string& prefix) { return text.rfind(prefix, 0) == 0; }

const std::string kVm = "title = \"t\"\n[[vm]]\nname = \"a\"\nstorage = \"64K\"\n";

}  // namespace

TEST_CASE("scenario: everything that can be said") {
    const Folder folder;
    const Scenario s = folder.parse(R"(
title = "All"
description = "of it"
[machine]
model = "unit"
storage = "1M"
[control_program]
model = "unit"
policy = "stride"
slice_ms = 2.5
[run]
time_limit_ms = 1500
seed = 7
[[vm]]
name = "u"
count = 10
storage = "64K"
guest = "wait.asm"
patch = { "3F0" = "0000000a", "10" = "FF" }
priority = 3
share = 200
console = "01F"
printer = "10E"
cards = "cards.txt"
console_input = [{ at_ms = 1, text = "one" }, { at_ms = 2.5, text = "two" }]
start_ms = 4
)");
    CHECK(s.title == "All");
    CHECK(s.machine.name == "unit");
    CHECK(s.storage == 1024 * 1024);
    CHECK(s.control_program.name == "unit");
    CHECK(s.policy == "stride");
    CHECK(s.scheduling.slice == 2'500'000);
    CHECK(s.time_limit == 1'500'000'000);
    CHECK(s.seed == 7);
    REQUIRE(s.vms.size() == 10);
    CHECK(s.vms[0].options.name == "u01");
    CHECK(s.vms[9].options.name == "u10");
    const VmDescription& vm = s.vms[4];
    CHECK(vm.options.storage == 65536);
    CHECK(vm.guest == s.vms[0].guest);  // assembled once
    CHECK(vm.cards == s.vms[0].cards);
    CHECK(vm.guest->storage.bytes == std::vector<uint8_t>{0, 2, 0, 0, 0, 0, 0, 0});
    REQUIRE(vm.patches.size() == 2);
    CHECK(vm.patches[0].address == 0x10);
    CHECK(vm.patches[1].bytes == std::vector<uint8_t>{0, 0, 0, 10});
    CHECK(vm.options.scheduling.priority == 3);
    CHECK(vm.options.scheduling.share == 200);
    using simulation::UnitRecordRole;
    CHECK(first_unit(vm.options.devices, UnitRecordRole::console).address == 0x01F);
    CHECK(first_unit(vm.options.devices, UnitRecordRole::card_reader).address == 0x00C);
    CHECK(first_unit(vm.options.devices, UnitRecordRole::printer).address == 0x10E);
    CHECK(vm.cards->size() == 2);
    REQUIRE(vm.console_input.size() == 2);
    CHECK(vm.console_input[1].at == 2'500'000);
    CHECK(vm.console_input[1].text == "two");
    CHECK(vm.start == 4'000'000);
}

TEST_CASE("scenario: a program that leaves location 0 alone is started at its entry") {
    const Folder folder;
    const Scenario s = folder.parse(kVm + "guest = \"later.asm\"\n");
    const StorageBytes& image = s.vms[0].guest->storage;
    CHECK(image.address == 0);
    REQUIRE(image.bytes.size() > 0x1000);
    CHECK(std::vector<uint8_t>(image.bytes.begin(), image.bytes.begin() + 8) ==
          std::vector<uint8_t>{0, 0, 0, 0, 0, 0, 0x10, 0});
}

TEST_CASE("scenario: starts are spread by the seed, the same every time") {
    const Folder folder;
    const std::string text = kVm + "guest = \"wait.asm\"\ncount = 50\nstart_ms = 10\nstart_spread_ms = 5\n";
    const auto starts = [&](uint64_t seed) {
        Overrides overrides;
        overrides.seed = seed;
        std::vector<SimTime> result;
        for (const VmDescription& vm : folder.parse(text, overrides).vms) {
            CHECK(vm.start >= 10'000'000);
            CHECK(vm.start <= 15'000'000);
            result.push_back(vm.start);
        }
        return result;
    };
    CHECK(starts(1) == starts(1));
    CHECK(starts(1) != starts(2));
    const auto some = starts(3);
    CHECK(std::set<SimTime>(some.begin(), some.end()).size() > 40);
}

TEST_CASE("scenario: the command line goes before the file") {
    const Folder folder;
    Overrides overrides;
    overrides.machine_model = "unit";
    overrides.machine_scale = 3;
    overrides.control_program_scale = 2;
    overrides.policy = "stride";
    overrides.slice_ms = 1;
    overrides.time_limit_ms = 2;
    const Scenario s = folder.parse(kVm + "guest = \"wait.asm\"\n", overrides);
    CHECK(s.machine.name == "unit x3");
    CHECK(s.control_program.name == "vm370 x2");
    CHECK(s.policy == "stride");
    CHECK(s.scheduling.slice == simulation::kMillisecond);
    CHECK(s.time_limit == 2 * simulation::kMillisecond);
}

TEST_CASE("scenario: mistakes are told with file, line and column") {
    const Folder folder;
    const auto check = [&](const std::string& text, const std::string& expected) {
        const std::string message = folder.refused(text);
        CHECK_MESSAGE(starts_with(message, expected), message);
        CHECK_MESSAGE(message.find('\n') == std::string::npos, message);
    };
    check("title = ", "s.toml:1:");
    check("title = \"t\"\n", "s.toml:1:1: the file has no [[vm]]");
    check("title = \"t\"\n[machine]\nmodl = \"unit\"\n" + kVm.substr(kVm.find("[[vm")) +
              "guest = \"wait.asm\"\n",
          "s.toml:3:1: unknown key \"modl\" in [machine]");
    check("title = \"t\"\n[machine]\nmodel = \"vax\"\n",
          "s.toml:3:9: unknown model \"vax\": expected one of ");
    check("title = \"t\"\n[machine]\nmodel = \"vax.toml\"\n", "s.toml:3:9: there is no file vax.toml");
    check("title = \"t\"\n[control_program]\npolicy = \"lottery\"\n",
          "s.toml:3:10: unknown dispatching policy");
    check("title = \"t\"\n[control_program]\nslice_ms = 0\n",
          "s.toml:3:12: \"slice_ms\" is 0: expected a number");
    check(kVm, "s.toml:2:1: the virtual machine has nothing to run");
    check(kVm + "gest = \"wait.asm\"\nguest = \"wait.asm\"\n", "s.toml:5:1: unknown key \"gest\"");
    check(kVm + "guest = \"none.asm\"\n", "s.toml:5:9: there is no file none.asm");
    check(kVm + "core = \"wait.asm@XYZ\"\n", "s.toml:5:8: wait.asm@XYZ: expected a hexadecimal address");
    check(kVm + "guest = \"wait.asm\"\ndeck = \"cards.txt\"\n", "s.toml:6:8: \"deck\" beside \"guest\"");
    check(kVm + "guest = \"wait.asm\"\ncards = \"long.txt\"\n", "s.toml:6:9: long.txt:2:81: 81 characters");
    check(kVm + "guest = \"wait.asm\"\nconsole = \"00C\"\n", "s.toml:2:1: two devices have the address 00C");
    check(kVm + "guest = \"wait.asm\"\nconsole = \"0x9\"\n",
          "s.toml:6:11: \"0x9\": expected a device address");
    check(kVm + "guest = \"wait.asm\"\npatch = { \"XY\" = \"00\" }\n",
          "s.toml:6:18: \"XY\": expected a hexadecimal");
    check(kVm + "guest = \"wait.asm\"\npatch = { \"10\" = \"0\" }\n", "s.toml:6:18: \"0\": expected pairs");
    check(kVm + "guest = \"wait.asm\"\npatch = { \"FFFF\" = \"0000\" }\n",
          "s.toml:6:20: the patch at FFFF lies beyond");
    check(kVm + "guest = \"wait.asm\"\npriority = 100\n",
          "s.toml:6:12: \"priority\" is 100: expected an integer");
    check(kVm +
              "guest = \"wait.asm\"\nconsole_input = [{ at_ms = 2, text = \"a\" }, { at_ms = 1, text = \"b\" "
              "}]\n",
          "s.toml:6:55: the lines of console_input must be in the order of time");
    check("title = \"t\"\n[[vm]]\nname = \"a b\"\n", "s.toml:3:8: \"a b\": expected 1 to 16 letters");
    check("title = \"t\"\n[[vm]]\nname = \"a\"\nstorage = \"63K\"\n",
          "s.toml:4:11: \"63K\": expected a size");
    check(kVm + "guest = \"later.asm\"\n[[vm]]\nname = \"b\"\nstorage = \"4K\"\nguest = \"later.asm\"\n",
          "s.toml:8:11: the guest's ");
    check(kVm + "guest = \"wait.asm\"\n[[vm]]\nname = \"a\"\nstorage = \"64K\"\nguest = \"wait.asm\"\n",
          "s.toml:7:8: there is a virtual machine \"a\" already");
}

TEST_CASE("scenario: where devices are served is said only of a control program with a host") {
    const Folder folder;
    const std::string hosted = "title = \"t\"\n[control_program]\nmodel = \"kvm\"\n" +
                               kVm.substr(kVm.find("[[vm")) + "guest = \"wait.asm\"\n";
    CHECK_FALSE(folder.parse(hosted).vms[0].options.device_server);
    CHECK(folder.parse(hosted + "devices = \"process\"\n").vms[0].options.device_server ==
          DeviceServer::process);
    CHECK(folder.parse(hosted + "devices = \"kernel\"\n").vms[0].options.device_server ==
          DeviceServer::kernel);
    CHECK(folder.refused(hosted + "devices = \"moon\"\n") ==
          "s.toml:8:11: \"moon\": expected kernel or process");
    CHECK(folder.refused(kVm + "guest = \"wait.asm\"\ndevices = \"process\"\n") ==
          "s.toml:6:11: the control program vm370 is no task of a host: expected one that is, as kvm or "
          "hosted");
}

TEST_CASE("scenario: every error of a guest's source is told") {
    const Folder folder;
    const std::string message = folder.refused(kVm + "guest = \"bad.asm\"\n");
    CHECK_MESSAGE(starts_with(message, "bad.asm:2:"), message);
    CHECK_MESSAGE(message.find("\nbad.asm:3:") != std::string::npos, message);
}

}  // namespace vmcp::experiment
