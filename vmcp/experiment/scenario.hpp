// A scenario: which machine, which control program, which guests. TOML files; docs/scenarios.md describes
// them. Reading is strict: an unknown key, a value out of range or a file that is not there is an error that
// says where.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/policy.hpp"
#include "simulation/model/machine_model.hpp"
#include "vmcp/control_program/control_program.hpp"
#include "vmcp/experiment/vm_description.hpp"
#include "vmcp/spool/spool.hpp"

namespace vmcp::experiment {

/// So that no guest can keep a run going for ever.
inline constexpr SimTime kDefaultTimeLimit = 600 * simulation::kSecond;

/// A named segment that guests may load.
struct SegmentDescription {
    std::string name;
    uint32_t origin = 0;
    std::vector<uint8_t> contents;
};

/// A system that machines load by its name.
struct SystemDescription {
    std::string name;
    std::shared_ptr<const GuestImage> image;  // no deck
};

/// A device of the real machine, which virtual machines have all of or a part of.
struct RealDeviceDescription {
    simulation::DeviceDescription device;
    QueueOrder order = QueueOrder::arrival;
    bool temporary = false;  // all of it is space for temporary disks
    bool paging = false;     // all of it is for pages
    bool spool = false;      // all of it is for pages of spool files
};

struct Scenario {
    std::string file, title, description;
    simulation::MachineModel machine;
    uint32_t storage = 0;  // of the real machine, bytes; 0: the model's default
    std::vector<RealDeviceDescription> real_devices;
    ControlProgramModel control_program;
    std::string policy;
    scheduler::Parameters scheduling;
    PagingOptions paging;
    std::optional<SpoolOptions> spool;  // nothing: there is none
    SimTime time_limit = kDefaultTimeLimit;
    uint64_t seed = 0;
    std::vector<SegmentDescription> segments;
    std::vector<SystemDescription> systems;
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
    std::optional<std::string> spool;  // the folder
};

/// Every key of a scenario file with an example and its meaning, as a TOML file.
std::string scenario_reference();

/// Reads and checks a scenario and everything that it names: models, guests, cards. Throws
/// simulation::TomlError or GuestError.
Scenario read_scenario(const std::string& path, const Overrides& overrides = {});

/// The same from text; `file` is its name in messages, and files are looked for beside it.
Scenario parse_scenario(std::string_view text, const std::string& file, const Overrides& overrides = {});

}  // namespace vmcp::experiment
