// The differences that are accepted: where the manual leaves the result open, or where the judge is wrong by
// it. They stand in one file, accepted.toml, with the manual's section and the reason.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vmcp/conformance/test_case.hpp"

namespace vmcp::conformance {

struct AcceptedDifference {
    static constexpr uint16_t kNoException = 0xFFFF;

    std::vector<std::string> instructions;  // mnemonics; empty: all
    std::vector<std::string> groups;        // groups of instructions; empty: all
    // Program-interruption codes without the bit of PER, kNoException among them; empty: any. 80: events
    // only.
    std::vector<uint16_t> here_codes, judge_codes;
    std::vector<unsigned> here_conditions;  // condition codes that this machine gives; empty: any
    bool by_execute = false;                // only instructions that EXECUTE leads to
    bool same_start = false;                // only where address less instruction length is the same on both
    uint16_t fields = 0;                    // what may differ
    std::string section;                    // of GA22-7000
    std::string reason;
    std::string where;        // FILE:LINE:COLUMN
    uint64_t from_cases = 0;  // stale only where a whole run of at least so many cases does not need it
    uint64_t used = 0;        // by how many cases
};

class AcceptedDifferences {
  public:
    AcceptedDifferences() = default;
    /// Reads the text of a file of [[accepted]] tables. Throws std::runtime_error with file, line and what
    /// was expected.
    static AcceptedDifferences parse(std::string_view text, const std::string& file);
    /// The file of this program.
    static AcceptedDifferences built_in();

    /// True where entries together allow all of `fields` to differ for this case; counts the entries that
    /// did.
    bool allows(const TestCase& test, const TestResult& ours, const TestResult& judge, uint16_t fields);

    /// Entries that a whole run (every instruction) of `cases` cases should have needed but did not.
    std::vector<const AcceptedDifference*> stale(uint64_t cases) const;

    const std::vector<AcceptedDifference>& entries() const { return entries_; }

  private:
    std::vector<AcceptedDifference> entries_;
};

}  // namespace vmcp::conformance
