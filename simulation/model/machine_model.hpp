// A machine model: what the simulated real machine consists of and what each thing it does costs in simulated
// time.
//
// Models are TOML files (examples/models/machine); those of the repository are built into the program and
// known by name. Every number carries its source. docs/models.md explains the files and how the figures came
// about.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "isa/cost_class.hpp"
#include "isa/facility.hpp"
#include "isa/holes.hpp"
#include "simulation/model/figure.hpp"
#include "simulation/model/time.hpp"

namespace simulation {

/// What one instruction of a cost class costs: fixed + per_unit * units (see isa::units_of), in ns.
struct Price {
    SimTime fixed = 0;     // at least 1
    SimTime per_unit = 0;  // 0 where the class has no unit
    bool operator==(const Price&) const = default;
};

/// Figures of one device type by name: "lines_per_minute", "rotation_us". See docs/models.md for the names in
/// use.
using DeviceFigures = std::map<std::string, Figure, std::less<>>;

/// What the assists of a machine cost, which it has by its facilities; GA22-7074 (Virtual-Machine Assist).
/// Zero on a machine without them.
struct AssistFigures {
    Figure simulate_ns;   // beyond the instruction itself: finds the virtual PSW, looks at the conditions
    Figure refuse_ns;     // looks at the conditions, in front of the interruption
    Figure shadow_ns;     // makes an entry of a shadow table valid
    Figure path_percent;  // what a path of the control program that microcode takes over costs still: 1..100
};

/// What interpretive execution costs; SA22-7095. Zero on a machine without it.
struct InterpretiveFigures {
    Figure entry_ns;  // from the control program to the guest
    Figure exit_ns;   // back
    Figure io_ns;     // what an I/O instruction for a guest's own device takes more than natively
};

struct MachineModel {
    std::string name;   // "s370-158"; a scaled model is named "s370-158 x0.5"
    std::string title;  // one line for reports; tells the scale as well
    std::string file;   // where it was read from
    double scale = 1;   // what the prices were multiplied with

    // The CPU identification, GA22-7000 chapter 10, "STORE CPU ID".
    Figure cpu_version;              // 0..X'FF'
    Figure cpu_serial;               // 0..X'FFFFFF'
    Figure model_number;             // 0..X'FFFF', the digits of the model: X'0158'
    Figure machine_check_extension;  // length of the machine-check extended logout area, bytes

    Figure cycle_ns;       // the CPU's cycle: what a price given in cycles is multiplied with. Never scaled
    Figure cpus;           // 1..4
    Figure storage_bytes;  // default size of real storage
    Figure max_storage_bytes;  // largest size that a scenario may ask for, up to 64 MiB
    Figure interval_timer_hz;  // how often location 80 is updated (GA22-7000 chapter 4, "Interval Timer")
    Figure cp_instruction_ns;  // average instruction of the control program, for prices in path lengths
    Figure interruption_ns;    // storing the old PSW and code, fetching the new PSW

    Figure tlb_entries;           // translation-lookaside buffer, all entries; a power of two
    Figure tlb_ways;              // entries that one page may be held in, 1..16; divides tlb_entries
    std::string tlb_replacement;  // which of those makes room: "fifo", the one that was filled first
    std::string tlb_replacement_source;
    Figure table_reference_ns;  // one fetch of a segment- or page-table entry in a table walk

    Figure one_burst;  // 1: a block multiplexer channel has one device at a time in a burst; 0: any number

    isa::FacilitySet facilities;
    std::string facilities_source;
    isa::Holes holes;  // none on a System/370; docs/virtualizable.md
    std::string holes_source;
    AssistFigures assist;
    InterpretiveFigures interpretive;

    std::array<Price, isa::kCostClasses> prices{};
    std::array<std::string, isa::kCostClasses> price_sources;

    std::map<std::string, DeviceFigures, std::less<>> devices;  // by type: "1403", "3330-1"

    /// Simulated time of one instruction of `cost_class` with `units` bytes or registers.
    SimTime cost(isa::CostClass cost_class, unsigned units) const {
        const Price& p = prices[static_cast<unsigned>(cost_class)];
        return p.fixed + p.per_unit * static_cast<SimTime>(units);
    }

    /// The 8 bytes that STORE CPU ID stores, for a CPU with address 0.
    uint64_t cpu_id() const;

    /// A device figure. Throws std::out_of_range with a line that names model, device and figure if the model
    /// does not have it.
    const Figure& device(std::string_view type, std::string_view figure) const;

    /// Whether the model has figures of this device type.
    bool has_device(std::string_view type) const { return devices.contains(type); }

    /// The same machine with all CPU prices (instructions, interruption, table reference, control-program
    /// instruction) multiplied, for sensitivity runs. Devices and clocks keep their pace. Title and name tell
    /// the factor. Throws std::invalid_argument unless 0.001 <= factor <= 1000.
    MachineModel scaled(double factor) const;

    /// Loads a built-in model by name, or a file by a path that ends in ".toml". Throws TomlError.
    static MachineModel load(std::string_view name_or_path);

    /// Reads a model from TOML text: all figures, or those of a built-in model (extends = "NAME") with more
    /// facilities, those of its assists, holes, and others of channels and devices; `file` is its name in
    /// messages. Throws TomlError.
    static MachineModel parse(std::string_view text, std::string file);

    /// The names of the built-in models, sorted.
    static std::vector<std::string> names();
};

}  // namespace simulation
