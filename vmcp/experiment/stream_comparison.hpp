// Compares the traces of the two sides, step by step, and brings them together again where time is why they
// part.
//
// Two steps agree if they are at the same place and every register is equal, or differs for a reason that is
// known (TimeValues): a clock was read, and the value has come from there. Where the sides go different ways
// for such a reason, or an interruption comes at another instruction, both are read on until they run alike
// for kCommonRun steps; the registers that differ there, and storage that only one side has stored into, have
// that reason from then on. Any other difference ends the comparison.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vmcp/experiment/step_stream.hpp"
#include "vmcp/experiment/time_values.hpp"

namespace vmcp::experiment {

inline constexpr size_t kCommonRun = 64;          // steps
inline constexpr size_t kResyncWindow = 100'000;  // steps of each side

/// What lies around a difference.
struct Surroundings {
    std::vector<TraceStep> before;         // that both sides have in common, natively seen; the last ones
    std::vector<TraceStep> native, guest;  // what comes then, the first of which differ
};

struct CauseCount {
    uint64_t values = 0;                             // registers that began to differ
    uint64_t parted = 0;                             // how often the sides were brought together again
    uint64_t skipped_native = 0, skipped_guest = 0;  // steps that only one side has
    std::optional<uint64_t> first;                   // instructions that had agreed when it came first
};

enum class ComparisonEnd : uint8_t {
    agreed,      // both came to their ends
    one_ended,   // one side was brought to its end from outside, or waits for something
    limit,       // so many instructions as asked for
    difference,  // that time does not explain
    lost,        // time parted them, and they do not come together again within the window
    interrupted,
};
/// "agreed", "difference", ...
std::string_view word_of(ComparisonEnd end);

struct StreamComparison {
    ComparisonEnd end{};
    uint64_t instructions = 0, interruptions = 0;  // that agreed
    std::array<CauseCount, kTimeCauses> causes{};
    /// The first difference that time explains, and the one that ended the comparison.
    struct Difference {
        TimeCause cause{};
        std::string what;     // a sentence
        uint64_t behind = 0;  // instructions that had agreed
        Surroundings around;
    };
    std::optional<Difference> first, last;
    /// The bare machine was kept in step with the guest (compare_aligned): of the counts only `values` are
    /// used, answers and interruptions that were given to it as the guest had got them.
    bool aligned = false;

    bool good() const {
        return end == ComparisonEnd::agreed || end == ComparisonEnd::one_ended || end == ComparisonEnd::limit;
    }
};

/// `instructions`: to compare at most. `interrupted`: asked now and then.
StreamComparison compare_streams(StepStream& native, StepStream& guest, uint64_t instructions = ~uint64_t{0},
                                 const std::function<bool()>& interrupted = {});

}  // namespace vmcp::experiment
