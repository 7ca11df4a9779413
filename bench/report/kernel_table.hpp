// The speeds of kernels as a table to read, as Markdown and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "bench/report/kernel_speed.hpp"

namespace bench {

/// 80 columns.
std::string to_text(const KernelSpeeds& speeds);
/// A whole document: docs/measurements/kernels.md.
std::string to_markdown(const KernelSpeeds& speeds);
/// By kernel, and the geometric mean.
nlohmann::json to_json(const KernelSpeeds& speeds);

}  // namespace bench
