// Which VMCP has made a result.
#pragma once

#include <string_view>

namespace vmcp::experiment {

/// "0.1.0"
std::string_view version();
/// Of the sources: twelve hexadecimal digits, with a + if they have changed since; "unknown" without a
/// repository.
std::string_view commit();

}  // namespace vmcp::experiment
