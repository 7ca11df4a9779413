#include "vmcp/debug/goal.hpp"

#include <nlohmann/json.hpp>

namespace vmcp::debug {

using nlohmann::json;

void to_json(json& j, const Position& position) { j = {position.instructions, position.event}; }

void from_json(const json& j, Position& position) {
    j.at(0).get_to(position.instructions);
    j.at(1).get_to(position.event);
}

namespace {

json stopped_to_json(const Stopped& stopped) {
    json j{{"why", static_cast<int>(stopped.why)}, {"text", stopped.text}};
    if (stopped.stop) j["stop"] = *stopped.stop;
    return j;
}

Stopped stopped_from_json(const json& j) {
    Stopped stopped;
    stopped.why = static_cast<Stopped::Why>(j.at("why").get<int>());
    j.at("text").get_to(stopped.text);
    if (j.contains("stop")) stopped.stop = j.at("stop").get<Stop>();
    return stopped;
}

}  // namespace

void to_json(json& j, const Goal& goal) {
    const Departure& d = goal.departure;
    j = {
        {"way", static_cast<int>(goal.way)},
        {"kind", static_cast<int>(goal.resume.kind)},
        {"backward", goal.resume.backward},
        {"machine", goal.resume.machine},
        {"to", goal.resume.position},
        {"departure", {{"position", d.position}, {"address", d.address}, {"file", d.file}, {"line", d.line}}},
        {"from", goal.from},
        {"limit", goal.limit},
        {"target", goal.target},
        {"then", stopped_to_json(goal.then)}};
    if (d.returns_to) j["departure"]["returns_to"] = *d.returns_to;
}

void from_json(const json& j, Goal& goal) {
    goal.way = static_cast<Goal::Way>(j.at("way").get<int>());
    goal.resume.kind = static_cast<Resume::Kind>(j.at("kind").get<int>());
    j.at("backward").get_to(goal.resume.backward);
    j.at("machine").get_to(goal.resume.machine);
    j.at("to").get_to(goal.resume.position);
    const json& d = j.at("departure");
    d.at("position").get_to(goal.departure.position);
    d.at("address").get_to(goal.departure.address);
    d.at("file").get_to(goal.departure.file);
    d.at("line").get_to(goal.departure.line);
    if (d.contains("returns_to")) goal.departure.returns_to = d.at("returns_to").get<uint32_t>();
    j.at("from").get_to(goal.from);
    j.at("limit").get_to(goal.limit);
    j.at("target").get_to(goal.target);
    goal.then = stopped_from_json(j.at("then"));
}

}  // namespace vmcp::debug
