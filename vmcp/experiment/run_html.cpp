#include "vmcp/experiment/run_html.hpp"

#include <fmt/format.h>

#include <array>
#include <span>
#include <utility>

#include "simulation/model/embedded_text.hpp"
#include "vmcp/ledger/cause.hpp"
#include "vmcp/ledger/step.hpp"

namespace vmcp::experiment {

std::span<const simulation::EmbeddedText> embedded_run_page();  // generated: report_page/run

namespace {

using Json = nlohmann::ordered_json;
using Type = nlohmann::detail::value_t;

/// What the page reads of a result, beside what may be missing: where it is, and what it is.
struct Needed {
    std::string_view at;
    Type type;
};
constexpr std::array kNeeded = {
    Needed{"/vmcp/version", Type::string},
    Needed{"/vmcp/command", Type::string},
    Needed{"/scenario/title", Type::string},
    Needed{"/scenario/file", Type::string},
    Needed{"/models/machine/title", Type::string},
    Needed{"/models/control_program/title", Type::string},
    Needed{"/models/policy/name", Type::string},
    Needed{"/models/policy/slice_ns", Type::number_unsigned},
    Needed{"/machine/storage_bytes", Type::number_unsigned},
    Needed{"/totals/simulated_ns", Type::number_unsigned},
    Needed{"/totals/guest_ns", Type::number_unsigned},
    Needed{"/totals/cp_ns", Type::number_unsigned},
    Needed{"/totals/idle_ns", Type::number_unsigned},
    Needed{"/totals/exits", Type::number_unsigned},
    Needed{"/totals/instructions", Type::number_unsigned},
    Needed{"/totals/switches", Type::number_unsigned},
    Needed{"/totals/paging", Type::object},
    Needed{"/totals/causes", Type::object},
    Needed{"/vms", Type::array},
};
constexpr std::array kNeededOfMachine = {
    Needed{"/name", Type::string},
    Needed{"/state", Type::string},
    Needed{"/ending/text", Type::string},
    Needed{"/guest_ns", Type::number_unsigned},
    Needed{"/cp_ns", Type::number_unsigned},
    Needed{"/wait_ns", Type::number_unsigned},
    Needed{"/ready_ns", Type::number_unsigned},
    Needed{"/exits", Type::number_unsigned},
    Needed{"/instructions", Type::number_unsigned},
    Needed{"/storage_bytes", Type::number_unsigned},
    Needed{"/storage_kind", Type::string},
    Needed{"/resident_pages", Type::number_unsigned},
    Needed{"/pages", Type::object},
    Needed{"/output/console", Type::array},
    Needed{"/output/printer", Type::string},
    Needed{"/output/punch", Type::array},
};

void need(const Json& json, std::span<const Needed> all, const std::string& within) {
    for (const auto& [at, type] : all) {
        const Json::json_pointer pointer{std::string(at)};
        if (!json.contains(pointer) || json.at(pointer).type() != type)
            throw ResultError(
                fmt::format("expected a result of vmcp run --json: it has no {}{}", within, at.substr(1)));
    }
}

void put_in(std::string& page, std::string_view place, std::string_view text) {
    page.replace(page.find(place), place.size(), text);
}

std::string_view part(std::string_view name) {
    for (const simulation::EmbeddedText& one : embedded_run_page())
        if (one.name == name) return one.text;
    throw std::logic_error("a part of the page is missing");
}

}  // namespace

std::string within_script(const Json& json) {
    std::string text;
    for (const char c : json.dump(-1, ' ', false, Json::error_handler_t::replace))
        if (c == '<')
            text += "\\u003c";
        else
            text += c;
    return text;
}

Json read_result(std::string_view text) {
    constexpr int kDeepest = 32;  // ours are less than half as deep
    Json result;
    try {
        result = Json::parse(text, [](int depth, Json::parse_event_t, Json&) {
            if (depth > kDeepest)
                throw ResultError("expected a result of vmcp run --json: it is nested too deeply");
            return true;
        });
    } catch (const Json::parse_error& error) {
        throw ResultError(
            fmt::format("expected a result of vmcp run --json: no JSON at byte {}", error.byte));
    }
    if (const Json::json_pointer command("/vmcp/command");
        result.is_object() && result.contains(command) && result.at(command) != "run")
        throw ResultError(
            fmt::format("expected a result of vmcp run --json: this one is of vmcp {}",
                        result.at(command).is_string() ? result.at(command).get<std::string>() : "?"));
    need(result, kNeeded, "");
    for (size_t i = 0; i < result["vms"].size(); ++i)
        need(result["vms"][i], kNeededOfMachine, fmt::format("vms/{}/", i));
    return result;
}

Json words_to_json() {
    Json causes = Json::object(), steps = Json::object();
    for (unsigned i = 0; i < Cause::kCount; ++i)
        causes[std::string(Cause::at(i).name())] = Cause::at(i).text();
    for (unsigned i = 0; i < kSteps; ++i) steps[std::string(kStepNames[i])] = kStepTexts[i];
    return {{"causes", std::move(causes)}, {"steps", std::move(steps)}};
}

std::string run_html(Json result) {
    result.erase("host");
    std::string page(part("frame"));
    put_in(page, "@LOOK@", part("look"));
    put_in(page, "@PARTS@", part("parts"));
    put_in(page, "@DATA@", within_script({{"result", std::move(result)}, {"words", words_to_json()}}));
    return page;
}

}  // namespace vmcp::experiment
