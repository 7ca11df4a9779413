// What a guest has reported of errors of its devices and its machine, by SUPERVISOR CALL 76
// (vmcp/dispatch/error_recording.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "simulation/model/time.hpp"

namespace vmcp {

struct ErrorRecord {
    simulation::SimTime time = 0;
    std::vector<uint8_t> bytes;  // as the guest has built it
};

struct ErrorRecords {
    /// As many as are kept of one machine; a guest that reports for ever takes no more room.
    static constexpr size_t kMost = 1000;

    uint64_t recorded = 0;          // all, also those that are not kept
    std::vector<ErrorRecord> kept;  // the first of them
};

}  // namespace vmcp
