// VM/370's CMS, a system that runs only under a control program: as a saved system with its shared segment,
// on minidisks, through DIAGNOSE. Its files lie outside the repository; without them the test says so and
// skips.
#include "tests/real/real_machine.hpp"

namespace vmcp::test {
namespace {

/// A session: lines typed four seconds apart. The console's text.
std::string session(const tests::TemporaryFolder& folder, const std::vector<std::string>& lines) {
    const std::string cms = shared_guests() + "/cms/";
    std::string typed;
    for (size_t i = 0; i < lines.size(); ++i)
        typed += fmt::format("{}{{at_ms = {}, text = '''{}'''}}", i == 0 ? "" : ", ",
                             i == 0 ? 2000 : 8000 + 4000 * i, lines[i]);
    std::string text = fmt::format(
        "[run]\ntime_limit_ms = {}\n"
        "[[machine.device]]\naddress = \"350\"\ntype = \"3350\"\nfile = \"{}\"\n"
        "[[machine.device]]\naddress = \"351\"\ntype = \"3350\"\nfile = \"{}\"\nread_only = true\n"
        "[[segment]]\nname = \"CMSSEG\"\norigin = \"F00000\"\nsaved = \"{}\"\n"
        "[[vm]]\nname = \"CMSUSER\"\nstorage = \"1M\"\nsaved = \"{}\"\nconsole_input = [{}]\n"
        "[[vm.device]]\naddress = \"191\"\ndedicate = \"350\"\n"
        "[[vm.device]]\naddress = \"19D\"\ndedicate = \"351\"\n",
        12000 + 4000 * lines.size(), folder / "191", cms + "shared_19D.cckd", cms + "CMSSEG.segment",
        cms + "CMS.segment", typed);
    const experiment::Scenario scenario = experiment::parse_scenario(text, folder / "cms.toml");
    return RealRun::console_of(experiment::run(scenario));
}

TEST_CASE("CMS: logs on, loads a program and makes a module, which is there in the next session") {
    if (!present({"cms/CMS.segment", "cms/CMSSEG.segment", "cms/cmsuser_191.cckd", "cms/shared_19D.cckd"}))
        return;
    const tests::TemporaryFolder folder;
    std::filesystem::copy_file(shared_guests() + "/cms/cmsuser_191.cckd", folder / "191");
    std::filesystem::permissions(folder / "191", std::filesystem::perms::owner_all);

    const std::string first = session(
        folder, {"", "state hello text a", "state xyz module a", "load testcmd (nomap", "genmod xyz"});
    INFO(first);
    CHECK(has(first, "CMS VERSION 6.0 - 09/30/10 21:03"));
    CHECK(
        has(first, "DMSMOD104S ERROR '3' READING FILE 'ACCESS MODULE' FROM DISK."));  // its disk is not here
    CHECK(has(first, "state hello text a\nReady;"));
    CHECK(has(first, "File 'XYZ MODULE A' not found."));
    CHECK(has(first, "genmod xyz\nReady;"));

    const std::string second =
        session(folder, {"", "state xyz module a", "erase xyz module a", "state xyz module a"});
    INFO(second);
    CHECK(has(second, "state xyz module a\nReady;"));
    CHECK(has(second, "erase xyz module a\nReady;"));
    CHECK(has(second, "File 'XYZ MODULE A' not found."));
    CHECK(has(second, "Ready(00028);"));
}

}  // namespace
}  // namespace vmcp::test
