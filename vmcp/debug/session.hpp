// A run that is debugged, forward and back: a native program, or a scenario under the control program.
//
// The run itself knows nothing of it. An executor that pauses (vmcp/debug/pausing_executor.hpp) stands in the
// place of the machine's; observers count what happens in between; checkpoints (vmcp/debug/checkpoints.hpp)
// are left behind, and who goes back goes to one and replays from there. A stop calls the front end from
// within the run, wherever that is.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "isa/assembler/assembler.hpp"
#include "isa/psw.hpp"
#include "isa/state.hpp"
#include "vmcp/debug/frontend.hpp"

namespace vmcp::debug {

/// What a machine's registers hold: of a virtual one, what its guest would see.
struct Registers {
    std::array<uint32_t, 16> gpr{}, cr{};
    std::array<uint64_t, 4> fpr{};
    isa::Psw psw;
};

/// Which addresses are meant.
enum class AddressKind : uint8_t {
    logical,  // as the machine's PSW has them translated now
    real,     // of a virtual machine: what it takes for real
};

/// Something that is altered by hand. It becomes part of the run: who goes back over it and on again meets it
/// again.
struct Alteration {
    enum class What : uint8_t { gpr, cr, fpr, psw, address, storage, console_line, attention, external };
    What what = What::gpr;
    MachineNumber machine = kRealMachine;
    unsigned number = 0;         // of a register
    uint64_t value = 0;          // of a register, PSW or instruction address
    uint32_t at = 0;             // of storage, logical
    std::vector<uint8_t> bytes;  // of storage
    std::string text;            // of a console line
};

void to_json(nlohmann::json& json, const Alteration& alteration);
void from_json(const nlohmann::json& json, Alteration& alteration);

/// Something that has happened, for people.
struct LogEntry {
    Position position;
    simulation::SimTime time = 0;  // ns, simulated
    MachineNumber machine = kRealMachine;
    std::string text;
    bool by_control_program = false;  // what it does, not what a machine does
};

/// A run that cannot do what it is asked: one line that says what was expected.
struct DebugError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Session {
  public:
    virtual ~Session() = default;

    /// 1 for a native run; else 1 + the virtual machines of the scenario.
    virtual unsigned machines() const = 0;
    /// "real machine", or the virtual machine's name.
    virtual std::string name(MachineNumber machine) const = 0;
    /// Null: there is none of this name. Capitals do not matter.
    virtual std::optional<MachineNumber> find(std::string_view name) const = 0;
    virtual bool logged_on(MachineNumber machine) const = 0;
    /// The virtual machine whose instructions the real CPU executes, or is about to; 0 for none: the control
    /// program works, or there is none.
    virtual MachineNumber running() const = 0;

    virtual Registers registers(MachineNumber machine) const = 0;
    /// Reads storage without disturbing anything: no keys, no TLB, no pages. Bytes that are not there are
    /// empty. At most as many as `count`.
    virtual std::vector<std::optional<uint8_t>> read(MachineNumber machine, AddressKind kind,
                                                     uint32_t address, uint32_t count) const = 0;

    virtual Position position() const = 0;
    virtual simulation::SimTime now() const = 0;
    /// What has happened up to here, as far as it was looked at; the last is the newest.
    virtual std::span<const LogEntry> log() const = 0;
    /// Everything that the console of a machine shows so far.
    virtual std::string console(MachineNumber machine) const = 0;
    /// The line of assembler source that an address of a machine comes from; null: not known.
    virtual const isa::assembler::PlacedStatement* source(MachineNumber machine, uint32_t address) const = 0;
    /// A symbol of a machine's program, or "CSECT+1A". Empty: not known.
    virtual std::optional<uint32_t> symbol(MachineNumber machine, std::string_view name) const = 0;
    /// "LOOP+4", or empty.
    virtual std::string place_name(MachineNumber machine, uint32_t address) const = 0;

    /// Sets a stop; its id. Throws DebugError where the machine has no such thing.
    virtual unsigned add(Stop stop) = 0;
    /// False: there is none with this id.
    virtual bool remove(unsigned id) = 0;
    virtual const std::vector<Stop>& stops() const = 0;

    /// Throws DebugError where it cannot be done.
    virtual void alter(Alteration alteration) = 0;
};

}  // namespace vmcp::debug
