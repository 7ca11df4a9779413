// vmcp compare, and the tables and files that run and compare write.
#include <nlohmann/json.hpp>

#include <map>
#include <vector>

#include "tests/cli/shell.hpp"

namespace {

/// Two machines with one guest, which says hello, and one that only computes.
void write_scenario(const Shell& shell) {
    for (const char* name : {"hello.asm", "console.copy", "equates.copy", "lowcore.copy"})
        std::filesystem::copy_file(std::filesystem::path(VMCP_SOURCE_DIR "/examples/guests") / name,
                                   std::filesystem::path(shell.path()) / name);
    shell.write("count.asm",
                "C        START 0\n         DC    A(0,BEGIN)\n         ORG   C+X'200'\n         USING C,0\n"
                "BEGIN    LA    1,4000\n         BCT   1,*\n         LPSW  GOOD\n         DS    0D\n"
                "GOOD     DC    X'0002000000600D00'\n         END   BEGIN\n");
    shell.write("s.toml",
                "title = \"three\"\n[machine]\nmodel = \"s370-158\"\nstorage = \"2M\"\n"
                "[[vm]]\nname = \"one\"\nstorage = \"64K\"\nguest = \"hello.asm\"\n"
                "[[vm]]\nname = \"two\"\nstorage = \"64K\"\nguest = \"hello.asm\"\n"
                "[[vm]]\nname = \"busy\"\nstorage = \"64K\"\nguest = \"count.asm\"\n");
}

/// The lines of a table of comma-separated values, by column. No value of ours has a comma in it.
std::vector<std::map<std::string, std::string>> rows_of(const std::string& csv) {
    const auto cells = [](const std::string& line) {
        std::vector<std::string> result(1);
        for (char c : line)
            if (c == ',')
                result.emplace_back();
            else
                result.back() += c;
        return result;
    };
    std::vector<std::map<std::string, std::string>> rows;
    std::istringstream lines(csv);
    std::string line;
    REQUIRE(std::getline(lines, line));
    const auto names = cells(line);
    while (std::getline(lines, line)) {
        const auto values = cells(line);
        REQUIRE(values.size() == names.size());
        std::map<std::string, std::string> row;
        for (size_t i = 0; i < names.size(); ++i) row[names[i]] = values[i];
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace

TEST_CASE("compare: every guest natively, alone and together") {
    const Shell shell;
    write_scenario(shell);
    const auto outcome = shell.vmcp("compare s.toml --csv rows.csv --json all.json");
    CHECK(outcome.code == 0);
    CHECK(outcome.output.find("one x2") != std::string::npos);  // two machines with one guest are one line
    CHECK(outcome.output.find("same") != std::string::npos);
    CHECK(outcome.output.find('\x1b') == std::string::npos);

    const auto rows = rows_of(shell.read("rows.csv"));
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].at("name") == "one");
    CHECK(rows[2].at("name") == "busy");
    for (const auto& row : rows) {
        CHECK(row.at("same_output") == "true");
        // The guest's own instructions take what they take natively: less those that are simulated, and a few
        // table walks.
        CHECK(std::stoll(row.at("alone_guest_ns")) <= std::stoll(row.at("native_busy_ns")) + 20'000);
        CHECK(std::stoll(row.at("alone_cp_ns")) > 0);
        CHECK(std::stoll(row.at("together_elapsed_ns")) >= std::stoll(row.at("alone_elapsed_ns")));
        const double overhead = (std::stod(row.at("alone_guest_ns")) + std::stod(row.at("alone_cp_ns"))) /
                                std::stod(row.at("native_busy_ns"));
        CHECK(std::stod(row.at("cpu_overhead")) == doctest::Approx(overhead).epsilon(0.001));
    }
    CHECK(std::stod(rows[0].at("cpu_overhead")) > 10 * std::stod(rows[2].at("cpu_overhead")));

    const auto json = nlohmann::json::parse(shell.read("all.json"));
    REQUIRE(json.at("guests").size() == 2);
    CHECK(json.at("guests").at(0).at("names") == nlohmann::json({"one", "two"}));
    CHECK(json.at("guests").at(0).at("native").at("stop") == "disabled-wait");
    CHECK(json.at("models").at("machine").at("name") == "s370-158");
}

TEST_CASE("compare: standard output takes one thing, and it alone") {
    const Shell shell;
    write_scenario(shell);
    const auto csv = shell.vmcp("compare s.toml --csv -");
    CHECK(csv.code == 0);
    CHECK(rows_of(csv.output).size() == 3);
    const auto json = shell.vmcp("compare s.toml --json -");
    CHECK(json.code == 0);
    CHECK(nlohmann::json::accept(json.output));
    const auto both = shell.vmcp("compare s.toml --json - --csv -");
    CHECK(both.code == 1);
    CHECK(both.output == "vmcp: error: standard output can take one of --json and --csv\n");
    CHECK(shell.vmcp("compare").code == 2);
    CHECK(shell.vmcp("compare none.toml").code == 1);
    CHECK(shell.vmcp("compare s.toml --policy lottery").code == 2);
    const auto unwritable = shell.vmcp("compare s.toml --csv no/such/folder.csv");
    CHECK(unwritable.code == 1);
    CHECK(unwritable.output ==
          "vmcp: error: no/such/folder.csv: cannot be written: No such file or directory\n");
}

TEST_CASE("run: --csv has a line for every machine, which agrees with the JSON") {
    const Shell shell;
    write_scenario(shell);
    CHECK(shell.vmcp("run s.toml --quiet --csv rows.csv --json all.json").code == 0);
    const auto rows = rows_of(shell.read("rows.csv"));
    const auto json = nlohmann::json::parse(shell.read("all.json"));
    REQUIRE(rows.size() == 3);
    for (size_t i = 0; i < rows.size(); ++i) {
        const auto& vm = json.at("vms").at(i);
        CHECK(rows[i].at("name") == vm.at("name"));
        CHECK(rows[i].at("stop") == "disabled-wait");
        for (const char* key : {"guest_ns", "cp_ns", "elapsed_ns", "instructions"})
            CHECK_MESSAGE(std::stoll(rows[i].at(key)) == vm.at(key).get<int64_t>(), key);
        // The columns of the causes add up to the control program's time.
        int64_t sum = 0;
        for (const auto& [column, value] : rows[i])
            if (column.ends_with("_cp_ns") && !value.empty()) sum += std::stoll(value);
        CHECK(sum == std::stoll(rows[i].at("cp_ns")));
    }
    const auto alone = shell.vmcp("run s.toml --quiet --csv -");
    CHECK(alone.code == 0);
    CHECK(alone.output == shell.read("rows.csv"));
}

TEST_CASE("run: prices and slices of the command line take effect, and the time limit ends the run") {
    const Shell shell;
    write_scenario(shell);
    const auto figure = [&](const std::string& options, const char* column) {
        return std::stoll(
            rows_of(shell.vmcp("run s.toml --quiet --csv - " + options).output).at(2).at(column));
    };
    const auto cp = figure("", "cp_ns"), guest = figure("", "guest_ns");
    CHECK(figure("--cp-scale 2", "guest_ns") == guest);
    CHECK(figure("--cp-scale 2", "cp_ns") > cp * 3 / 2);
    CHECK(figure("--machine-scale 2", "guest_ns") > guest * 19 / 10);
    CHECK(figure("--time-limit-ms 1", "elapsed_ns") <= 1'100'000);
    CHECK(shell.vmcp("run s.toml --cp-scale 0").code != 0);
    CHECK(shell.vmcp("run s.toml --cp-scale nonsense").code == 2);
}
