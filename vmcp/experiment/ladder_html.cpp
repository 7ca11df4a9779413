#include "vmcp/experiment/ladder_html.hpp"

#include <span>

#include "simulation/model/embedded_text.hpp"
#include "vmcp/experiment/run_html.hpp"

namespace vmcp::experiment {

std::span<const simulation::EmbeddedText> embedded_report_pages();  // generated

namespace {

/// Where the page has the ladder.
constexpr std::string_view kPlace = "@LADDER@";

}  // namespace

std::string ladder_html(const nlohmann::ordered_json& ladder) {
    std::string page(embedded_report_pages().front().text);
    return page.replace(page.find(kPlace), kPlace.size(), within_script(ladder));
}

}  // namespace vmcp::experiment
