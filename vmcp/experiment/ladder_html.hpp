// The ladder as a page for a browser: one file, which needs neither a network nor any other file.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace vmcp::experiment {

/// `ladder`: what to_json gives, with `band` where there is one. The page is report_page/ladder.html, which
/// draws what it is given; equal ladders give equal bytes.
std::string ladder_html(const nlohmann::ordered_json& ladder);

}  // namespace vmcp::experiment
