// The report of a run as a page for a browser: one file, which needs neither a network nor any other file.
#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace vmcp::experiment {

/// A text that is no result of a run. what() says what was expected, and where.
struct ResultError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What vmcp run --json has written, so far as the page needs it. Throws ResultError.
nlohmann::ordered_json read_result(std::string_view text);

/// `result`: what to_json gives, or read_result. Figures of the host are left out: equal runs give equal
/// bytes.
std::string run_html(nlohmann::ordered_json result);

/// Names of causes and steps, and what they mean in English: `causes`, `steps`.
nlohmann::ordered_json words_to_json();

/// JSON that may stand within a script element: no text of it can end the element, or begin a comment.
std::string within_script(const nlohmann::ordered_json& json);

}  // namespace vmcp::experiment
