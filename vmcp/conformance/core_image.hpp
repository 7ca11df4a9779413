// A core image with thousands of cases and the driver that runs them one after the other: see
// image_layout.hpp. The driver is System/370 code that uses only loads, stores, moves and LPSW. For each case
// it loads control registers, floating-point and general registers and then a PSW that leads to the case's
// slot. The instruction there ends in an interruption: its own program interruption, or that of the
// SUPERVISOR CALL behind it or at the landing pad it branched to. The driver stores what the CPU then holds
// over the case's record, and goes on. After the last case it stores all storage keys and loads a disabled
// wait.
#pragma once

#include <cstdint>
#include <vector>

#include "vmcp/conformance/test_case.hpp"

namespace vmcp::conformance {

/// Where the PSW points in the disabled wait that ends a complete run, and in one that tells of an
/// interruption that nobody expected (external, machine-check, I/O).
inline constexpr uint32_t kWaitDone = 0xD0D0D0, kWaitUnexpected = 0xBADBAD;

/// The request that runs these cases; at most kMaxCases, positions ascending from 0, all for one
/// architecture.
RunRequest make_core_image(const std::vector<TestCase>& cases);

struct ImageResult {
    std::vector<TestResult> results;  // one a case
    std::vector<uint8_t> keys;        // one a block, as INSERT STORAGE KEY gives it in EC mode
    bool complete = false;            // the driver came to its end
    uint32_t stopped_in = 0;          // otherwise: the position of the case it was in
};

/// Takes the results out of the storage dump of an outcome of make_core_image's request.
ImageResult results_of(const std::vector<TestCase>& cases, const Outcome& outcome);

}  // namespace vmcp::conformance
