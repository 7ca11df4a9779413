#include "vmcp/experiment/native_report.hpp"

#include <fmt/format.h>

namespace vmcp::experiment {

std::string hex(const uint8_t* bytes, size_t length) {
    std::string text;
    text.reserve(2 * length);
    for (size_t i = 0; i < length; ++i) fmt::format_to(std::back_inserter(text), "{:02X}", bytes[i]);
    return text;
}

nlohmann::ordered_json to_json(const NativeReport& report) {
    nlohmann::ordered_json j;
    j["model"] = report.machine_model;
    j["stop"] = name_of(report.stop);
    j["psw"] = fmt::format("{:016X}", isa::encode(report.state.psw));
    for (const char* name : {"gpr", "cr"}) {
        auto list = nlohmann::ordered_json::array();
        for (uint32_t v : name[0] == 'g' ? report.state.gpr : report.state.cr)
            list.push_back(fmt::format("{:08X}", v));
        j[name] = std::move(list);
    }
    auto list = nlohmann::ordered_json::array();
    for (uint64_t v : report.state.fpr) list.push_back(fmt::format("{:016X}", v));
    j["fpr"] = std::move(list);
    j["instructions"] = report.instructions;
    j["simulated_ns"] = report.simulated;
    j["host_seconds"] = report.host_seconds;
    auto storage = nlohmann::ordered_json::object();
    for (const auto& [address, bytes] : report.storage)
        storage[fmt::format("{:06X}", address)] = hex(bytes.data(), bytes.size());
    j["storage"] = std::move(storage);
    return j;
}

}  // namespace vmcp::experiment
