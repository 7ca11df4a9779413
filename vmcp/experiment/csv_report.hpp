// Results as comma-separated values: a row for each virtual machine, then what spreadsheets and plots need of
// the causes.
#pragma once

#include <string>

#include "vmcp/experiment/result.hpp"

namespace vmcp::experiment {

/// One header line and one line a virtual machine: name, guest, state, stop, storage_bytes, priority, share,
/// guest_ns, cp_ns, tv_ratio, elapsed_ns, wait_ns, ready_ns, responses, mean_response_ns, instructions,
/// exits, then for every cause that occurred two columns, CAUSE_count and CAUSE_cp_ns.
std::string to_csv(const RunResult& result);

/// A field, quoted where it must be (RFC 4180).
std::string csv_field(const std::string& text);

}  // namespace vmcp::experiment
