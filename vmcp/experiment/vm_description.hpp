// One virtual machine of a scenario, or the real machine that stands for it in a native run: its options, and
// what it starts with.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulation/devices/device_configuration.hpp"
#include "simulation/devices/unit_record.hpp"
#include "vmcp/experiment/expectation.hpp"
#include "vmcp/experiment/guest_image.hpp"
#include "vmcp/experiment/operator_script.hpp"
#include "vmcp/machine/vm_options.hpp"

namespace vmcp::experiment {

using simulation::SimTime;

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
    /// What it may put out on console, printers and punches, in bytes: it is held in memory until the end.
    uint64_t most_output = uint64_t{64} << 20;
    /// When it has completed so many instructions it is stopped soon.
    uint64_t most_instructions = ~uint64_t{0};
    SimTime start = 0;  // ns after the beginning of the run
    std::vector<Expectation> expectations;

    bool operator==(const VmDescription&) const = default;
};

/// Adds a device to the configuration. The first console, reader, punch and printer so described stand in the
/// place of the standard ones. Throws std::invalid_argument with the reason where that cannot be.
void add_device(VmDescription& vm, simulation::DeviceDescription device);

/// Puts the carriage tape into all printers of the configuration; an empty file name leaves them as they are.
void use_carriage_tape(simulation::DeviceList& devices, const std::string& file);

}  // namespace vmcp::experiment
