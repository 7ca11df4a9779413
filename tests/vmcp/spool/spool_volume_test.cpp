// Machines whose spool lies on a real disk.
#include "simulation/model/toml_reader.hpp"
#include "tests/vmcp/spool/spool_guest.hpp"
#include "vmcp/experiment/json_report.hpp"

namespace vmcp::test {
namespace {

using simulation::kMillisecond;

const std::string kVolume = "[[machine.device]]\naddress = \"2B0\"\ntype = \"3330-1\"\nspool = true\n";

/// A machine of an example guest.
std::string example(const std::string& name, const std::string& guest, const std::string& parameter,
                    const std::string& more = "") {
    return fmt::format(
        "[[vm]]\nname = \"{}\"\nstorage = \"24K\"\nguest = \"{}/examples/guests/{}.asm\"\n"
        "patch = {{ \"3F0\" = \"{}\" }}\n{}",
        name, VMCP_SOURCE_DIR, guest, parameter, more);
}

/// Scenarios of machines that are all described in the tables.
experiment::RunResult run(const std::string& tables) {
    SpoolScenario scenario;
    scenario.tables = tables;
    return scenario.run();
}

/// 16 forms of 58 lines: 29 of them fill a page.
const std::string kLister = example("a", "lister", "00000010");
constexpr uint64_t kPages = 32;

TEST_CASE("each page of a spool file is written to the spool volume, and the machine pays for it") {
    const std::string spool = "[spool]\ndrain = true\n";
    const auto with = run(kVolume + spool + kLister), without = run(spool + kLister);
    REQUIRE(ended_well(with, "a"));
    REQUIRE(ended_well(without, "a"));
    REQUIRE(with.spool->files.size() == 1);
    CHECK(with.spool->files[0].pages == kPages);
    CHECK(with.spool->counts.pages_written == kPages);
    CHECK(with.spool->counts.pages_read == 0);
    CHECK(count(with, Step::page_out) == kPages);
    CHECK(count(without, Step::page_out) == 0);
    CHECK(without.spool->counts.pages_written == 0);
    REQUIRE(with.real_devices.size() == 1);
    const auto& volume = with.real_devices[0];
    CHECK(volume.own_use == OwnUse::spool);
    // The last page is written when the run ends: nobody waits for that.
    CHECK(volume.counts.requests == kPages - 1);
    const SimTime more = machine(with, "a").account.of(Cause::spool).time -
                         machine(without, "a").account.of(Cause::spool).time;
    CHECK(more >= static_cast<SimTime>(kPages) * 100 * simulation::kMicrosecond);
    CHECK(with.own.of(Cause::real_io).time == 0);
    const auto json = experiment::to_json(experiment::Scenario{}, with);
    CHECK(json["spool"]["pages_written"] == kPages);
    CHECK(json["machine"]["devices"][0]["spool"] == true);
    CHECK_FALSE(experiment::to_json(experiment::Scenario{}, without)["spool"].contains("pages_written"));
}

TEST_CASE("who prints faster than pages are written waits for a buffer") {
    const std::string spool = "[spool]\ndrain = true\n";
    const auto with = run(kVolume + spool + kLister), without = run(spool + kLister);
    // The work for moving 32 pages is a third of that.
    CHECK(machine(with, "a").elapsed() > machine(without, "a").elapsed() + 200 * kMillisecond);
    CHECK(machine(with, "a").output.printer == machine(without, "a").output.printer);
}

TEST_CASE("cards that come back from the spool volume are the same, and are waited for") {
    const auto scenario = [](const std::string& tables) {
        SpoolScenario scenario;
        scenario.tables = tables + "[spool]\n";
        SpoolGuest guest;
        guest.cp("SPOOL PUN TO *");
        for (unsigned card = 1; card <= 50; ++card) guest.punch(fmt::format("CARD {}", card));
        scenario.add("a", guest.cp("CLOSE PUN").type("READS").read().type("END"));
        return scenario.run();
    };
    const auto with = scenario(kVolume), without = scenario("");
    REQUIRE(ended_well(with, "a"));
    CHECK(console(with, "a") == console(without, "a"));
    CHECK(console(with, "a").find("CARD 50") != std::string::npos);
    CHECK(with.spool->counts.pages_written == 2);
    CHECK(with.spool->counts.pages_read == 2);
    CHECK(count(with, Step::page_in) == 2);
    const auto reading = [](const experiment::RunResult& result) {
        SimTime begin = 0, first = 0;
        for (const auto& line : machine(result, "a").output.console) {
            if (line.text == "READS") begin = line.at;
            if (line.text.starts_with("CARD 1 ")) first = line.at;
        }
        return first - begin;
    };
    CHECK(reading(with) > reading(without) + 5 * kMillisecond);
}

TEST_CASE("who prints is slower where a disk that is read has the control unit of the spool volume") {
    const auto printing = [](const char* type) {
        std::string tables = kVolume;
        tables += "[[machine.device]]\naddress = \"2B1\"\ntype = \"3330-1\"\ntemporary = true\n";
        tables += "[[machine.device]]\naddress = \"350\"\ntype = \"3330-11\"\ntemporary = true\n";
        tables += "[spool]\ndrain = true\n" + example("a", "lister", "00000020");
        tables += example("s", "scanner", "00000080",
                          fmt::format("[[vm.device]]\naddress = \"191\"\ntemp = \"{}\"\ncount = 2\n", type));
        const auto result = run(tables);
        REQUIRE(ended_well(result, "a"));
        REQUIRE(ended_well(result, "s"));
        return machine(result, "a").elapsed();
    };
    CHECK(printing("3330-1") > printing("3330-11") * 5 / 4);
}

TEST_CASE("files of former runs have places on the spool volume, as far as it has room") {
    const tests::TemporaryFolder folder;
    const std::string spool = fmt::format("[spool]\nfolder = \"{}\"\n", (folder / "spool"));
    SpoolScenario first;
    first.tables = kVolume + spool;
    first.add("a", SpoolGuest().cp("SPOOL PUN TO *").punch("ONE").cp("CLOSE PUN"));
    REQUIRE(ended_well(first.run(), "a"));
    SpoolScenario second;
    second.tables = kVolume + spool;
    second.add("a", SpoolGuest().read());
    const auto result = second.run();
    CHECK(ended_well(result, "a"));
    CHECK(result.spool->counts.pages_read == 1);
    CHECK(result.spool->counts.pages_written == 0);
    CHECK(result.spool->pages == 0);
}

TEST_CASE("the spool has no more room than its volumes") {
    const auto capacity = [](const std::string& tables) { return run(tables + kLister).spool->capacity; };
    // A track of a 2314 has one page.
    const std::string small =
        "[[machine.device]]\naddress = \"2B0\"\ntype = \"2314\"\nspool = true\n[spool]\n";
    CHECK(capacity(small + "capacity = 10000\n") == 200 * 20);
    CHECK(capacity(small + "capacity = 100\n") == 100);
}

TEST_CASE("a machine that logs off, and one that is reset, leave writes to their ends") {
    SpoolScenario scenario;
    scenario.tables = kVolume + "[spool]\ndrain = true\n" + example("b", "lister", "00000010");
    scenario.add("a", SpoolGuest().stays());
    const experiment::Scenario read = scenario.read();
    experiment::VirtualSession session(read);
    session.start();
    session.advance(700 * kMillisecond);
    session.act("b", experiment::action::CpCommand{"RESET 00E"});
    session.advance(710 * kMillisecond);
    session.act("b", experiment::action::LogOff{});
    session.advance(simulation::kSecond);
    session.finish();
    const auto result = session.result();
    REQUIRE(result.spool->files.size() == 1);
    CHECK(result.spool->files[0].pages == result.spool->counts.pages_written);
    CHECK(result.real_devices[0].counts.requests == result.spool->counts.pages_written);
}

TEST_CASE("equal runs with a spool volume are equal to the byte") {
    const std::string tables = kVolume + "[spool]\n" + kLister + example("b", "lister", "00000008");
    const auto text = [&] {
        auto json = experiment::to_json(experiment::Scenario{}, run(tables));
        json.erase("host");
        return json.dump();
    };
    CHECK(text() == text());
}

TEST_CASE("what is wrong with spool volumes of a scenario is told in one line") {
    const std::pair<std::string, const char*> rows[] = {
        {kVolume, "the real device 2B0 has spool = true: expected a table [spool]"},
        {kVolume + "paging = true\n[spool]\n",
         "expected it without paging = true: a disk has pages of storage or of spool files"},
        {kVolume + "file = \"a.asm\"\n[spool]\n",
         "expected none of a spool volume: it begins empty in each run"},
        {"[[machine.device]]\naddress = \"180\"\ntype = \"3420\"\nspool = true\n[spool]\n",
         "a 3420: expected a disk with cylinders"},
    };
    for (const auto& [tables, message] : rows) {
        CAPTURE(tables);
        std::string said;
        try {
            run(tables + kLister);
        } catch (const simulation::TomlError& error) {
            said = error.what();
        }
        CHECK_MESSAGE(said.find(message) != std::string::npos, said);
        CHECK(said.find('\n') == std::string::npos);
    }
    try {
        run(kVolume + "[spool]\n" + kLister + "[[vm.device]]\naddress = \"191\"\ndedicate = \"2B0\"\n");
        FAIL("not refused");
    } catch (const simulation::TomlError& error) {
        CHECK(std::string(error.what()).find("the real device 2B0 is a spool volume: expected another one") !=
              std::string::npos);
    }
}

}  // namespace
}  // namespace vmcp::test
