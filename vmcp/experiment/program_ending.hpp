// How a program ended, and why: worked out from what its machine holds in the end.
//
// The PSW says what stopped it; page zero has the old PSWs and codes of the last interruptions, and the new
// PSW that led to a disabled wait is the one that equals it. Where the program was assembled here, places in
// storage are lines of its source.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "isa/instruction.hpp"
#include "isa/interruption.hpp"
#include "isa/state.hpp"
#include "simulation/machine/interruption_string.hpp"
#include "simulation/model/machine_model.hpp"
#include "vmcp/experiment/assembled_source.hpp"
#include "vmcp/experiment/guest_image.hpp"

namespace vmcp::experiment {

enum class EndingKind : uint8_t {
    none,  // it has not ended
    disabled_wait,
    check_stop,
    instruction_limit,
    time_limit,
    output_limit,
    waiting,  // enabled, and nothing goes on that could interrupt
    interrupted,
    stopped,  // by SIGNAL PROCESSOR, at a breakpoint, at the panel
    no_storage,
    load_failed,
    logged_off,
    control_program_failed,
};
/// "disabled-wait", "check-stop", "instruction-limit", ...
std::string_view name_of(EndingKind kind);

/// An instruction, and where it is in the source.
struct EndingPlace {
    uint32_t address = 0;
    std::string instruction;  // disassembled; empty where none can be seen
    std::string file;         // empty where the source is not known
    unsigned line = 0;
    std::string source;  // that line

    /// "prog.asm:12: L R1,DATA", or what is known of that.
    std::string text() const;
};

/// An interruption as it stands in the assigned locations.
struct EndingInterruption {
    isa::InterruptionClass of{};
    uint16_t code = 0;  // of I/O: the device
    uint64_t old_psw = 0;
    unsigned ilc = 0;      // halfwords
    uint32_t address = 0;  // of the instruction that was interrupted, or of the next one

    /// "program interruption, code 0007: data".
    std::string text() const;
};

struct Ending {
    EndingKind kind = EndingKind::none;
    bool well = true;
    std::string text;                                // a line
    std::optional<uint32_t> wait_address;            // of a disabled wait
    std::optional<EndingInterruption> interruption;  // that led to it, or the last program interruption
    std::optional<EndingPlace> at;                   // the instruction that it was about, or the next one
    std::vector<std::string> hints;                  // what may be the cause, a sentence or two each
};

/// What is there in the end.
struct EndState {
    EndingKind kind = EndingKind::none;
    bool well = true;
    std::string limit = {};  // of a limit: which, "10,000 instructions"
    const isa::CpuState& cpu;
    const simulation::MachineModel& model;
    uint32_t storage = 0;                                   // bytes
    std::function<uint8_t(uint32_t)> byte = {};             // of the program's real storage
    const GuestImage* guest = nullptr;                      // null: not known
    const std::vector<StorageBytes>* patches = nullptr;     // over it
    const simulation::InterruptionRecord* first = nullptr;  // of a check-stop: what began the string
    std::optional<uint16_t> pending_device = {};  // whose interruption is pending, whatever the masks
    bool reads_console = false;                   // the console waits for a line
};

/// Looks at the state, and reads registers and storage of it.
class EndedProgram {
  public:
    explicit EndedProgram(const EndState& state) : state_(state) {}

    const EndState& state() const { return state_; }
    uint32_t gpr(unsigned number) const { return state_.cpu.gpr[number & 15]; }
    uint8_t byte(uint32_t address) const { return address < state_.storage ? state_.byte(address) : 0; }
    std::vector<uint8_t> bytes(uint32_t address, uint32_t length) const;
    uint64_t doubleword(uint32_t address) const;
    const AssembledSource* source() const {
        return state_.guest == nullptr ? nullptr : state_.guest->source.get();
    }
    const isa::assembler::PlacedStatement* statement(uint32_t address) const {
        return source() == nullptr ? nullptr : source()->at(address);
    }
    /// What was loaded at an address; nothing outside the image.
    std::optional<uint8_t> loaded(uint32_t address) const;
    isa::Decoded instruction(uint32_t address) const;
    EndingPlace place(uint32_t address) const;
    /// "FILE:LINE", or the address.
    std::string name_of_place(uint32_t address) const;

  private:
    const EndState& state_;
};

Ending explain_ending(const EndState& state);

/// What the reader of a report sees of an ending that is no good one: lines indented by two, for a page of so
/// many columns.
std::string ending_text(const Ending& ending, size_t width);
/// `kind`, `well`, `text`, and where they are known `wait_address`, `interruption`, `at`, `hints`.
nlohmann::ordered_json to_json(const Ending& ending);

}  // namespace vmcp::experiment
