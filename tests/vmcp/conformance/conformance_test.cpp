// The conformance run itself: it must find what is wrong, be the same each time, and take its exceptions from
// the file only.
#include "vmcp/conformance/conformance.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <stdexcept>

#include "vmcp/conformance/case_generator.hpp"
#include "vmcp/conformance/comparison.hpp"
#include "vmcp/conformance/core_image.hpp"
#include "vmcp/conformance/groups.hpp"
#include "vmcp/conformance/simulated_machine.hpp"

using namespace vmcp::conformance;

namespace {

/// The simulated machine, with something done to the request before and to the outcome after each run.
class Altered final : public Implementation {
  public:
    std::function<void(RunRequest&)> before = [](RunRequest&) {};
    std::function<void(Outcome&)> after = [](Outcome&) {};
    std::string name() const override { return "altered"; }
    Outcome run(const RunRequest& request) override {
        RunRequest changed = request;
        before(changed);
        Outcome outcome = machine_.run(changed);
        after(outcome);
        return outcome;
    }

  private:
    SimulatedMachine machine_;
};

ConformanceReport run_against(Altered& judge, const ConformanceOptions& options,
                              AcceptedDifferences accepted = AcceptedDifferences()) {
    SimulatedMachine ours;
    return run_conformance(options, ours, judge, std::move(accepted));
}

std::vector<TestCase> cases_of(isa::Op op, unsigned count, uint64_t seed) {
    std::vector<TestCase> cases(count);
    AreaAllocator areas;
    for (unsigned n = 0; n < count; ++n) {
        cases[n].number = n;
        cases[n].position = n;
        cases[n].op = op;
        Random random(seed, n);
        generate_case(random, areas, cases[n]);
    }
    return cases;
}

}  // namespace

TEST_CASE("a machine agrees with itself, on every instruction, and a second run gives the same report") {
    Altered judge;
    ConformanceOptions options;
    options.cases = 20'000;
    options.seed = 3;
    const ConformanceReport first = run_against(judge, options);
    CHECK(first.good());
    CHECK(first.cases == 20'000);
    CHECK(first.uncovered.empty());
    for (const auto& entry : first.instructions) {
        CAPTURE(entry.first);
        CHECK(entry.second.cases > 20);
        CHECK(entry.second.exceptions <= entry.second.cases);
    }
    CHECK(first.text() == run_against(judge, options).text());
}

TEST_CASE("one wrong bit in one result of the judge is found and named") {
    for (const auto& [what, offset] :
         {std::pair{"gpr", Record::gpr + 4 * 7}, {"fpr", Record::fpr + 3u}, {"cr", Record::cr + 6u}}) {
        Altered judge;
        judge.after = [where = offset](Outcome& o) {
            o.storage[0].bytes[kRecords + 41 * Record::size + where] ^= 0x10;
        };
        ConformanceOptions options;
        options.cases = 100;
        options.group = "general";
        const ConformanceReport report = run_against(judge, options);
        CHECK(report.different == 1);
        CHECK_FALSE(report.good());
        REQUIRE(report.differences.size() == 1);
        CHECK(report.differences[0].what.find(what) != std::string::npos);
        CHECK(report.differences[0].example.find("case 41:") != std::string::npos);
    }
}

TEST_CASE("a judge that stops early and one that changes a storage key are found") {
    Altered judge;
    ConformanceOptions options;
    options.cases = 300;
    options.instruction = "AR";
    judge.before = [](RunRequest& r) {
        const uint32_t slot = slot_address(200);
        std::copy_n("\x47\xF0\x00\x00", 4, r.core.bytes.begin() + slot);  // to location 0, where no driver is
        r.core.bytes[slot + 2] = 0;
    };
    CHECK_FALSE(run_against(judge, options).good());

    judge.before = [](RunRequest&) {};
    judge.after = [](Outcome& o) { o.storage[0].bytes[kFinalKeys + 3000] ^= 0x10; };
    const ConformanceReport report = run_against(judge, options);
    REQUIRE(report.differences.size() == 1);
    CHECK(report.differences[0].what == "storage keys at the end of an image");
}

TEST_CASE("accepted differences cover what they name and nothing else, and go stale") {
    Altered judge;
    judge.after = [](Outcome& o) { o.storage[0].bytes[kRecords + 5 * Record::size + Record::gpr + 40] ^= 1; };
    ConformanceOptions options;
    options.cases = 10;
    options.instruction = "LR";
    const auto accept = [&](const std::string& keys) {
        return AcceptedDifferences::parse("[[accepted]]\nsection = \"ch. 7\"\nreason = \"test\"\n" + keys,
                                          "test.toml");
    };
    const ConformanceReport accepted =
        run_against(judge, options, accept("fields = [\"gpr\"]\ninstructions = [\"LR\"]"));
    CHECK(accepted.good());
    CHECK(accepted.instructions.at("LR").accepted == 1);
    for (const char* other :
         {"fields = [\"fpr\"]", "fields = [\"gpr\"]\ninstructions = [\"SR\"]",
          "fields = [\"gpr\"]\ngroups = [\"float\"]", "fields = [\"gpr\"]\nhere_codes = [\"7\"]",
          "fields = [\"condition\"]\njudge_codes = [\"none\"]"})
        CHECK_FALSE(run_against(judge, options, accept(other)).good());

    Altered same;
    ConformanceOptions whole;
    whole.cases = 2'000;
    const AcceptedDifferences needless = accept("fields = [\"gpr\"]\nfrom_cases = 1000");
    const ConformanceReport stale = run_against(same, whole, needless);
    CHECK(stale.stale.size() == 1);
    CHECK_FALSE(stale.good());
    whole.cases = 900;
    CHECK(run_against(same, whole, needless).stale.empty());
}

TEST_CASE("mistakes in the file of accepted differences are named with their place") {
    const auto parse = [](const std::string& text) { return AcceptedDifferences::parse(text, "test.toml"); };
    const std::string rest = "section = \"s\"\nreason = \"r\"\n";
    CHECK_THROWS_WITH_AS(parse("[[accepted]]\nfields = [\"gprs\"]\n" + rest),
                         doctest::Contains("test.toml:2:"), std::runtime_error);
    CHECK_THROWS_WITH_AS(parse("[[accepted]]\nfields = [\"gpr\"]\ninstructions = [\"XYZ\"]\n" + rest),
                         doctest::Contains("XYZ"), std::runtime_error);
    CHECK_THROWS_AS(parse("[[accepted]]\n" + rest), std::runtime_error);
    CHECK_THROWS_AS(parse("[[accepted]]\nfields = [\"gpr\"]\nhere_codes = [\"G\"]\n" + rest),
                    std::runtime_error);
    CHECK_NOTHROW(AcceptedDifferences::built_in());
}

TEST_CASE("unknown groups and instructions are refused") {
    Altered judge;
    ConformanceOptions options;
    options.group = "vector";
    CHECK_THROWS_WITH_AS(run_against(judge, options), doctest::Contains("expected one of general"),
                         std::runtime_error);
    options.group.clear();
    options.instruction = "NOP";
    CHECK_THROWS_AS(run_against(judge, options), std::runtime_error);
}

TEST_CASE("every instruction comes at each kind of place, directly and through EXECUTE") {
    unsigned edges = 0, ends = 0, executed = 0, direct = 0;
    for (const TestCase& test : cases_of(isa::Op::op_MVC, 600, 1)) {
        ends += test.uses_end;
        (test.by_execute ? executed : direct) += 1;
        for (const StorageBlock& area : test.areas)
            edges += area.address / kBlock != (area.address + area.bytes.size() - 1) / kBlock;
    }
    CHECK(edges > 30);
    CHECK(ends > 5);
    CHECK(executed > 10);
    CHECK(direct > 400);
}

TEST_CASE("operand areas of the cases of an image do not overlap") {
    std::vector<bool> taken(kStorageSize);
    bool overlap = false;
    for (const isa::Op op : {isa::Op::op_MVCL, isa::Op::op_STM, isa::Op::op_AP, isa::Op::op_LRA})
        for (unsigned round = 0; round < 1; ++round) {
            taken.assign(kStorageSize, false);
            for (const TestCase& test : cases_of(op, 500, 9))
                for (const StorageBlock& area : test.areas)
                    for (uint32_t n = 0; n < area.bytes.size(); ++n) {
                        overlap |= taken[area.address + n];
                        taken[area.address + n] = true;
                        overlap |= area.address < kLarge &&
                                   !(area.address >= kTranslationTables && area.address < kRecords);
                    }
        }
    CHECK_FALSE(overlap);
}
