// A scenario: which machine, which control program, which guests. TOML files; docs/scenarios.md describes
// them. Reading is strict: an unknown key, a value out of range or a file that is not there is an error that
// says where.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/policy.hpp"
#include "simulation/devices/device_configuration.hpp"
#include "simulation/devices/unit_record.hpp"
#include "simulation/model/machine_model.hpp"
#include "vmcp/control_program/control_program.hpp"
#include "vmcp/experiment/guest_image.hpp"
#include "vmcp/experiment/operator_script.hpp"

namespace vmcp::experiment {

using simulation::SimTime;

/// So that no guest can keep a run going for ever.
inline constexpr SimTime kDefaultTimeLimit = 600 * simulation::kSecond;

/// A line that the operator of a virtual machine enters.
struct ConsoleInput {
    SimTime at = 0;  // after the start of the machine, ns
    std::string text;

    bool operator==(const ConsoleInput&) const = default;
};

/// One virtual machine, or the real machine that stands for it in a native run.
struct VmDescription {
    VmOptions options;
    std::array<bool, 4> described_units{};  // by UnitRecordRole: not the standard unit any more
    std::map<uint16_t, std::string>
        output_files;                         // of punches and printers: what they put out goes there too
    std::shared_ptr<const GuestImage> guest;  // for `ipl` an empty one, whose file names the device
    std::optional<uint16_t> ipl;              // the disk or tape to load from instead of a guest
    OperatorScript operator_script;           // what the operator does; may be empty
    std::vector<StorageBytes> patches;        // over the image, before the start
    simulation::SharedDeck cards;             // in the reader, behind what it is IPLed from; may be null
    std::vector<ConsoleInput> console_input;
    SimTime start = 0;  // ns after the beginning of the run

    bool operator==(const VmDescription&) const = default;
};

/// Adds a device to the configuration. The first console, reader, punch and printer so described stand in the
/// place of the standard ones. Throws std::invalid_argument with the reason where that cannot be.
void add_device(VmDescription& vm, simulation::DeviceDescription device);

/// A named segment that guests may load.
struct SegmentDescription {
    std::string name;
    uint32_t origin = 0;
    std::vector<uint8_t> contents;
};

struct Scenario {
    std::string file, title, description;
    simulation::MachineModel machine;
    uint32_t storage = 0;  // of the real machine, bytes; 0: the model's default
    ControlProgramModel control_program;
    std::string policy;
    scheduler::Parameters scheduling;
    PagingOptions paging;
    SimTime time_limit = kDefaultTimeLimit;
    uint64_t seed = 0;
    std::vector<SegmentDescription> segments;
    std::vector<VmDescription> vms;

    /// Storage of the V=R machine, bytes; 0 if there is none.
    uint32_t v_equals_r() const;
};

/// What the command line puts in the place of what the file says.
struct Overrides {
    std::optional<std::string> machine_model, control_program_model, policy;
    std::optional<double> slice_ms;
    std::optional<double> machine_scale, control_program_scale;
    std::optional<uint64_t> seed;
    std::optional<double> time_limit_ms;
};

/// Reads and checks a scenario and everything that it names: models, guests, cards. Throws
/// simulation::TomlError or GuestError.
Scenario read_scenario(const std::string& path, const Overrides& overrides = {});

/// The same from text; `file` is its name in messages, and files are looked for beside it.
Scenario parse_scenario(std::string_view text, const std::string& file, const Overrides& overrides = {});

}  // namespace vmcp::experiment
