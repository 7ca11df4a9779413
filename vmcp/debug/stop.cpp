#include "vmcp/debug/stop.hpp"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::debug {

std::string text_of(const Stop& stop) {
    using Kind = Stop::Kind;
    const auto number = [&](int digits) {
        return stop.number < 0 ? std::string("any") : fmt::format("{:0{}X}", stop.number, digits);
    };
    switch (stop.kind) {
        case Kind::address:
            return stop.text.empty() ? fmt::format("address {:06X}", stop.address)
                                     : fmt::format("address {:06X} ({})", stop.address, stop.text);
        case Kind::change: return fmt::format("change of {:06X}.{:X}", stop.address, stop.length);
        case Kind::supervisor_call:
            return stop.number < 0 ? "any supervisor call" : fmt::format("SVC {}", stop.number);
        case Kind::program_check: return fmt::format("program interruption {}", number(4));
        case Kind::interruption: return "any interruption";
        case Kind::cause: return fmt::format("exit cause {}", stop.text);
        case Kind::console: return fmt::format("console text \"{}\"", stop.text);
        case Kind::time: return fmt::format("time {}", experiment::duration_text(stop.time));
    }
    return {};
}

void to_json(nlohmann::json& json, const Stop& stop) {
    json = {{"id", stop.id},           {"kind", static_cast<int>(stop.kind)},
            {"machine", stop.machine}, {"address", stop.address},
            {"length", stop.length},   {"number", stop.number},
            {"text", stop.text},       {"time", stop.time},
            {"once", stop.once}};
}

void from_json(const nlohmann::json& json, Stop& stop) {
    json.at("id").get_to(stop.id);
    stop.kind = static_cast<Stop::Kind>(json.at("kind").get<int>());
    json.at("machine").get_to(stop.machine);
    json.at("address").get_to(stop.address);
    json.at("length").get_to(stop.length);
    json.at("number").get_to(stop.number);
    json.at("text").get_to(stop.text);
    json.at("time").get_to(stop.time);
    json.at("once").get_to(stop.once);
}

}  // namespace vmcp::debug
