#include "vmcp/conformance/conformance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <future>
#include <stdexcept>

#include "vmcp/conformance/case_generator.hpp"
#include "vmcp/conformance/comparison.hpp"
#include "vmcp/conformance/core_image.hpp"
#include "vmcp/conformance/groups.hpp"

namespace vmcp::conformance {
namespace {

/// How often an instruction comes up relative to the simplest ones: more where operands depend on each other.
unsigned weight(const isa::Row& row) {
    switch (row.format) {
        case isa::Format::SS_L:
        case isa::Format::SS_LL:
        case isa::Format::SS_LI: return 3;
        default: break;
    }
    const std::string_view group = group_of(row);
    if (group == "float" || row.execution == isa::Execution::call) return 2;
    if (group == "io") return 1;
    return 1;
}

/// The instructions to be tested, each as often as its weight says; in rounds, so that any run of cases has
/// all.
std::vector<isa::Op> make_deck(const ConformanceOptions& options, ConformanceReport& report) {
    std::vector<isa::Op> deck;
    for (unsigned round = 0; round < 3; ++round)
        for (unsigned n = 0; n < isa::kRowCount; ++n) {
            const auto op = static_cast<isa::Op>(n);
            const isa::Row& row = isa::row_of(op);
            if (!options.group.empty() && group_of(row) != options.group) continue;
            if (!options.instruction.empty() && row.mnemonic != options.instruction) continue;
            const std::string mnemonic(row.mnemonic);
            if (const std::string_view why = not_judged_because(row); !why.empty()) {
                report.not_judged[mnemonic] = why;
                continue;
            }
            if (const std::string_view why = exceptions_only_because(op); !why.empty())
                report.exceptions_only[mnemonic] = why;
            report.instructions[mnemonic];
            if (round < weight(row)) deck.push_back(op);
        }
    const std::string undefined(mnemonic_of(isa::Op::invalid));
    if ((options.group.empty() || options.group == undefined) &&
        (options.instruction.empty() || options.instruction == undefined)) {
        deck.insert(deck.end(), 4, isa::Op::invalid);
        report.instructions[undefined];
    }
    if (deck.empty())
        throw std::runtime_error(
            options.instruction.empty()
                ? fmt::format("no group \"{}\": expected one of {}", options.group, group_names())
                : fmt::format("no instruction \"{}\" that can be judged{}", options.instruction,
                              options.group.empty() ? "" : " in group " + options.group));
    return deck;
}

void write_bytes(const std::filesystem::path& path, const std::vector<uint8_t>& bytes) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) throw std::runtime_error(fmt::format("cannot write {}", path.string()));
}

class Run {
  public:
    Run(const ConformanceOptions& options, Implementation& ours, Implementation& judge,
        AcceptedDifferences accepted)
        : options_(options), ours_(ours), judge_(judge) {
        report_.options = options;
        report_.ours = ours.name();
        report_.judge = judge.name();
        report_.accepted = std::move(accepted);
        deck_ = make_deck(options, report_);
    }

    ConformanceReport go() {
        // First the cases for a judge of System/370, then those for one of a later architecture.
        std::array<std::vector<isa::Op>, 2> decks;
        for (const isa::Op op : deck_) decks[static_cast<unsigned>(architecture_of(op))].push_back(op);
        const size_t all = deck_.size();
        uint64_t until = options_.cases * decks[0].size() / all;
        for (std::vector<isa::Op>& deck : decks) {
            deck_ = std::move(deck);
            while (report_.cases < until) {
                if (options_.interrupted && options_.interrupted()) {
                    report_.interrupted = true;
                    return std::move(report_);
                }
                const std::vector<TestCase> cases = next_image(until);
                run_image(cases);
                report_.cases += cases.size();
                ++report_.images;
                if (options_.progress) options_.progress(report_.cases);
            }
            until = options_.cases;
        }
        const bool whole = options_.group.empty() && options_.instruction.empty();
        if (whole) {
            for (const AcceptedDifference* entry : report_.accepted.stale(report_.cases))
                report_.stale.push_back(fmt::format("{}: no case needs it: {}", entry->where, entry->reason));
            for (const isa::Row& row : isa::kRows) {
                const std::string mnemonic(row.mnemonic);
                const auto it = report_.instructions.find(mnemonic);
                if ((it == report_.instructions.end() || it->second.cases == 0) &&
                    !report_.not_judged.contains(mnemonic))
                    report_.uncovered.push_back(mnemonic);
            }
        }
        return std::move(report_);
    }

  private:
    /// As many cases as fit into one image.
    std::vector<TestCase> next_image(uint64_t until) {
        std::vector<TestCase> cases;
        AreaAllocator areas;
        while (cases.size() < kMaxCases && report_.cases + cases.size() < until) {
            TestCase test;
            test.number = report_.cases + cases.size();
            test.position = static_cast<uint32_t>(cases.size());
            test.op = deck_[test.number % deck_.size()];
            test.architecture = architecture_of(test.op);
            Random random(options_.seed, test.number);
            try {
                generate_case(random, areas, test);
            } catch (const ImageFull&) {
                if (cases.empty())
                    throw std::runtime_error(fmt::format("case {} does not fit into an image", test.number));
                break;
            }
            cases.push_back(std::move(test));
        }
        return cases;
    }

    void run_image(const std::vector<TestCase>& cases) {
        const RunRequest request = make_core_image(cases);
        // The judge is another process: it runs beside us.
        auto judged = std::async(std::launch::async, [&] { return judge_.run(request); });
        const Outcome mine = ours_.run(request);
        const Outcome other = judged.get();
        report_.seconds_ours += mine.host_seconds;
        report_.seconds_judge += other.host_seconds;
        const ImageResult ours = results_of(cases, mine), judge = results_of(cases, other);
        const uint64_t before = report_.different;
        for (size_t n = 0; n < cases.size(); ++n) count(cases[n], ours.results[n], judge.results[n]);
        unfinished(cases, ours, mine, report_.ours);
        unfinished(cases, judge, other, report_.judge);
        if (ours.complete && judge.complete && request.architecture == Architecture::s370)
            keys(cases, ours, judge);
        if (report_.different != before && !options_.keep.empty()) keep(cases, request, mine, other);
    }

    void count(const TestCase& test, const TestResult& ours, const TestResult& judge) {
        InstructionCount& counts = report_.instructions[std::string(mnemonic_of(test.op))];
        ++counts.cases;
        if (judge.kind == TestResult::program) ++counts.exceptions;
        const uint16_t fields = compare(ours, judge);
        if (fields == 0) return;
        if (report_.accepted.allows(test, ours, judge, fields)) {
            ++counts.accepted;
            return;
        }
        ++counts.different;
        differs(kind_of(test, ours, judge, fields), [&] { return describe(test, ours, judge, "judge"); });
    }

    void unfinished(const std::vector<TestCase>& cases, const ImageResult& result, const Outcome& outcome,
                    const std::string& who) {
        if (result.complete) return;
        differs(fmt::format("{} did not finish an image", who), [&] {
            const size_t at = std::min<size_t>(result.stopped_in, cases.size() - 1);
            return fmt::format("  image {}: {} at PSW {:016X}, in or after case {} ({})\n", report_.images,
                               name_of(outcome.stop), outcome.psw, cases[at].number,
                               instruction_text(cases[at]));
        });
    }

    /// Storage keys at the end of an image. Reference bits may be set by references that need not happen
    /// (GA22-7000 chapter 3, "Reference Recording"): they are left out.
    void keys(const std::vector<TestCase>& cases, const ImageResult& ours, const ImageResult& judge) {
        constexpr uint8_t kReference = 0x04, kChange = 0x02;
        for (uint32_t block = 0; block < kBlocks; ++block) {
            const int different = (ours.keys[block] ^ judge.keys[block]) & ~kReference;
            if (different == 0) continue;
            std::vector<size_t> users;
            for (size_t n = 0; n < cases.size(); ++n)
                if (uses(cases[n], block)) users.push_back(n);
            // A change bit that only one side has: the judge stored more, or it was interrupted where we went
            // on.
            const bool only_judge = (judge.keys[block] & kChange) != 0;
            const auto explains = [&](size_t n) {
                const bool went_on = ours.results[n].kind == TestResult::supervisor_call &&
                                     judge.results[n].kind != TestResult::supervisor_call;
                return (only_judge || went_on) &&
                       report_.accepted.allows(cases[n], ours.results[n], judge.results[n], Field::key);
            };
            if (different == kChange && std::any_of(users.begin(), users.end(), explains)) continue;
            differs("storage keys at the end of an image", [&] {
                std::string text =
                    fmt::format("  key of the block at {:06X}: here {:02X}, judge {:02X}; used by\n",
                                block * kBlock, ours.keys[block], judge.keys[block]);
                for (const size_t n : users)
                    text += describe(cases[n], ours.results[n], judge.results[n], "judge");
                return text;
            });
        }
    }

    static bool uses(const TestCase& test, uint32_t block) {
        return std::any_of(test.areas.begin(), test.areas.end(), [&](const StorageBlock& area) {
            return area.address / kBlock <= block && (area.address + area.bytes.size() - 1) / kBlock >= block;
        });
    }

    static std::string kind_of(const TestCase& test, const TestResult& ours, const TestResult& judge,
                               uint16_t fields) {
        const auto end = [](const TestResult& r) {
            return r.kind == TestResult::not_run           ? std::string("not reached")
                   : r.kind == TestResult::supervisor_call ? std::string("no exception")
                                                           : fmt::format("code {:02X}", r.code());
        };
        const isa::Op op = test.op == isa::Op::invalid ? test.op : test.decoded().op;
        return fmt::format("{}{}: {}; here {}, judge {}", test.by_execute ? "EX of " : "", mnemonic_of(op),
                           names_of(fields), end(ours), end(judge));
    }

    template <class Describe>
    void differs(const std::string& what, Describe describe) {
        ++report_.different;
        const auto [it, is_new] = kinds_.try_emplace(what, report_.differences.size());
        if (is_new)
            report_.differences.push_back({what, 0, it->second < options_.most_examples ? describe() : ""});
        ++report_.differences[it->second].cases;
    }

    void keep(const std::vector<TestCase>& cases, const RunRequest& request, const Outcome& mine,
              const Outcome& other) {
        std::filesystem::create_directories(options_.keep);
        const std::string stem =
            fmt::format("seed{}-cases{}-{}", options_.seed, cases.front().number, cases.back().number);
        write_bytes(options_.keep / (stem + ".core"), request.core.bytes);
        write_bytes(options_.keep / (stem + ".ours"), mine.storage.at(0).bytes);
        write_bytes(options_.keep / (stem + ".judge"), other.storage.at(0).bytes);
    }

    ConformanceOptions options_;
    Implementation& ours_;
    Implementation& judge_;
    ConformanceReport report_;
    std::vector<isa::Op> deck_;
    std::map<std::string, size_t> kinds_;  // into report_.differences
};

}  // namespace

uint64_t planned_cases(isa::Op op, uint64_t cases) {
    ConformanceReport unused;
    const std::vector<isa::Op> deck = make_deck(ConformanceOptions{}, unused);
    return cases * static_cast<uint64_t>(std::count(deck.begin(), deck.end(), op)) / deck.size();
}

ConformanceReport run_conformance(const ConformanceOptions& options, Implementation& ours,
                                  Implementation& judge, AcceptedDifferences accepted) {
    return Run(options, ours, judge, std::move(accepted)).go();
}

}  // namespace vmcp::conformance
