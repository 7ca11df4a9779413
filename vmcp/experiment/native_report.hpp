// What a native run tells at its end: the state of the machine, and what it took.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "simulation/machine.hpp"

namespace vmcp::experiment {

struct NativeReport {
    simulation::Stop stop{};
    isa::CpuState state;
    uint64_t instructions = 0;
    simulation::SimTime simulated = 0;  // ns
    double host_seconds = 0;            // execution only
    std::string machine_model;
    std::vector<std::pair<uint32_t, std::vector<uint8_t>>> storage;  // address, bytes
};

/// `stop`, `psw`, `gpr`, `cr`, `fpr`, `instructions`, `simulated_ns`, `host_seconds`, `storage`, `model`.
nlohmann::ordered_json to_json(const NativeReport& report);

/// Upper-case hexadecimal of bytes.
std::string hex(const uint8_t* bytes, size_t length);

}  // namespace vmcp::experiment
