// Where a debugged run is going, and how: what Resume asked for, turned into moments to look for. It goes
// with the message when another process takes over.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "vmcp/debug/frontend.hpp"

namespace vmcp::debug {

/// What it was like where the run was told to go on.
struct Departure {
    Position position = {};
    uint32_t address = 0;                     // of the machine's next instruction
    std::optional<uint32_t> returns_to = {};  // that is a call, and comes back there
    std::string file = {};                    // of its source
    unsigned line = 0;
};

struct Goal {
    enum class Way : uint8_t {
        onward,  // to the first moment that is looked for
        search,  // the last such moment from `from` on and before `limit` is looked for
        arrive,  // to `target`, where `then` is told
    };
    Way way = Way::onward;
    Resume resume = {};
    Departure departure = {};
    Position from = {}, limit = {};
    Position target = {};
    Stopped then = {};
};

/// What a search has come across so far.
struct Found {
    Position position;
    Stopped stopped;
};

void to_json(nlohmann::json& json, const Position& position);
void from_json(const nlohmann::json& json, Position& position);
void to_json(nlohmann::json& json, const Goal& goal);
void from_json(const nlohmann::json& json, Goal& goal);

}  // namespace vmcp::debug
