// Any text at all as a machine model: a machine can be made of what is read, and what is refused is refused
// in one line with its place.
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "simulation/machine/machine.hpp"
#include "simulation/model/toml_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace simulation;
    MachineModel model;
    try {
        model = MachineModel::parse({reinterpret_cast<const char*>(data), size}, "m.toml");
    } catch (const TomlError& error) {
        const std::string_view why = error.what();
        if (!why.starts_with("m.toml:") || why.find('\n') != why.npos) std::abort();
        return 0;
    }
    for (const Price& price : model.prices)
        if (price.fixed <= 0 || price.per_unit < 0) std::abort();
    if (model.scaled(2).prices[0].fixed < model.prices[0].fixed) std::abort();
    try {
        Machine machine(model, 4096);
        machine.restart();
        machine.run({100, kSecond});
    } catch (const std::invalid_argument&) {
        // as much storage as that is not to be had
    }
    return 0;
}
