// A control-program model: what each step of the control program's work costs in simulated time.
//
// The control program is C++ and takes no simulated time by itself; it plays the part of several ten thousand
// lines of assembler, and a model says how long their paths were. Models are TOML files
// (examples/models/control-program); those of the repository are built into the program and known by name.
// Every number carries its source. docs/models.md explains the files and how the figures came about.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/model/machine_model.hpp"
#include "simulation/model/time.hpp"
#include "vmcp/ledger/host_model.hpp"
#include "vmcp/ledger/step.hpp"

namespace vmcp {

struct ControlProgramModel {
    std::string name;     // "vm370"; a scaled model is named "vm370 x0.5"
    std::string title;    // one line for reports; tells the scale as well
    std::string file;     // where it was read from
    std::string machine;  // the name of the machine model whose instructions the paths were timed with
    double scale = 1;     // what the prices were multiplied with

    std::array<simulation::SimTime, kSteps> prices{};  // ns
    std::array<int64_t, kSteps> path_lengths{};        // instructions; 0 for a price given in ns
    std::array<std::string, kSteps> sources;

    // What microcode takes over where the machine has the control-program assist: those steps, at the
    // machine's fraction of their prices. Without the facility the prices are the same.
    std::array<bool, kSteps> assisted{};
    std::string assisted_source;
    std::array<simulation::SimTime, kSteps> assisted_prices{};  // ns

    /// Whose task it is; none: it has the real machine for itself, and no price for a host's steps.
    std::optional<HostModel> host;

    /// Whether the step is one of this control program.
    bool has(unsigned step) const { return host.has_value() || !is_of_host(step); }

    /// Simulated time of one such step.
    simulation::SimTime price(Step step) const { return prices[static_cast<unsigned>(step)]; }

    /// Sets assisted_prices for the microcode of this machine.
    void assist_by(const simulation::MachineModel& on);

    /// The same control program with all prices multiplied, for sensitivity runs. Title and name tell the
    /// factor. Throws std::invalid_argument unless 0.001 <= factor <= 1000.
    ControlProgramModel scaled(double factor) const;

    /// Loads a built-in model by name, or a file by a path that ends in ".toml". Path lengths become times
    /// with the machine's average control-program instruction. Throws simulation::TomlError.
    static ControlProgramModel load(std::string_view name_or_path, const simulation::MachineModel& machine);

    /// Reads a model from TOML text; `file` is its name in messages. Throws simulation::TomlError.
    static ControlProgramModel parse(std::string_view text, std::string file,
                                     const simulation::MachineModel& machine);

    /// The names of the built-in models, sorted.
    static std::vector<std::string> names();
};

}  // namespace vmcp
