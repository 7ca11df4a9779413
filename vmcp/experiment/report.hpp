// The report of a run as text, for a page of any width from 60 columns.
#pragma once

#include <string>

#include "vmcp/experiment/result.hpp"
#include "vmcp/experiment/text_page.hpp"

namespace vmcp::experiment {

struct ReportOptions {
    size_t most_machines = 20;  // rows of the table; those with the most CPU time, if there are more
    size_t most_causes = 14;
    size_t width = kUsualWidth;  // columns
};

std::string report(const Scenario& scenario, const RunResult& result, const ReportOptions& options = {});

/// PSW and general registers of a guest, some lines: what it stopped with.
std::string state_text(const isa::CpuState& state, size_t width = kUsualWidth);

/// "ended", "check-stop", "waiting", ...: at most 10 characters.
std::string state_word(const VmResult& vm);

/// The lines that name the models a result rests on.
std::string models_text(const Scenario& scenario, size_t width = kUsualWidth);

}  // namespace vmcp::experiment
