// Any text at all as a control-program model.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "simulation/model/toml_reader.hpp"
#include "vmcp/ledger/control_program_model.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const simulation::MachineModel machine = simulation::MachineModel::load("unit");
    try {
        const auto model =
            vmcp::ControlProgramModel::parse({reinterpret_cast<const char*>(data), size}, "c.toml", machine);
        for (unsigned step = 0; step < vmcp::kSteps; ++step)
            if (model.price(static_cast<vmcp::Step>(step)) < 0) std::abort();
    } catch (const simulation::TomlError& error) {
        const std::string_view why = error.what();
        if (!why.starts_with("c.toml:") || why.find('\n') != why.npos) std::abort();
    }
    return 0;
}
