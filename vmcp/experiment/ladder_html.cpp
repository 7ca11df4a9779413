#include "vmcp/experiment/ladder_html.hpp"

#include <span>

#include "simulation/model/embedded_text.hpp"

namespace vmcp::experiment {

std::span<const simulation::EmbeddedText> embedded_report_pages();  // generated

namespace {

/// Where the page has the ladder.
constexpr std::string_view kPlace = "@LADDER@";

/// JSON that may stand within a script element: no text of it can end the element, or begin a comment.
std::string within_script(const nlohmann::ordered_json& json) {
    std::string text;
    for (const char c : json.dump())
        if (c == '<')
            text += "\\u003c";
        else
            text += c;
    return text;
}

}  // namespace

std::string ladder_html(const nlohmann::ordered_json& ladder) {
    std::string page(embedded_report_pages().front().text);
    return page.replace(page.find(kPlace), kPlace.size(), within_script(ladder));
}

}  // namespace vmcp::experiment
