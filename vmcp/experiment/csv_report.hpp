// Results as comma-separated values: a row for each virtual machine, then what spreadsheets and plots need of
// the causes.
#pragma once

#include <optional>
#include <string>

#include "vmcp/experiment/result.hpp"

namespace vmcp::experiment {

/// One header line and one line a virtual machine: name, guest, state, stop, storage_bytes, priority, share,
/// guest_ns, cp_ns, tv_ratio, elapsed_ns, wait_ns, ready_ns, responses, mean_response_ns, instructions,
/// exits, then for every cause two columns, CAUSE_count and CAUSE_cp_ns, and the settings.
std::string to_csv(const Scenario& scenario, const RunResult& result);

/// The last columns of every table: what made it, and with which models and settings.
std::string settings_columns();
/// Their values. `vm`: the row's machine; null where a row is about several.
std::string settings_fields(const Scenario& scenario, const VmResult* vm);

/// A field, quoted where it must be (RFC 4180).
std::string csv_field(const std::string& text);

}  // namespace vmcp::experiment
