// What came of one instruction: what its program sees of that, and the control state of the real machine,
// which in a machine with guests belongs to the control program.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "isa/state.hpp"
#include "vmcp/audit/guest_state.hpp"

namespace vmcp::audit {

struct Outcome {
    enum class End : uint8_t {
        completed,
        refused,  // privileged operation, or special operation: the trap that a control program waits for
        program,  // another program interruption
        supervisor_call,
    };
    End end = End::completed;
    uint16_t code = 0;  // of the interruption

    // The program's own: an instruction may do with it what it likes. Storage is the guest's, by its real
    // addresses, wherever it lies.
    std::array<uint32_t, 16> gpr{};
    std::array<uint64_t, 4> fpr{};
    uint8_t condition_code = 0, program_mask = 0;
    uint32_t address = 0;
    std::vector<uint8_t> storage;
    std::array<uint8_t, kGuestBlocks> keys{};  // control state as well

    // Control state.
    uint8_t system_mask = 0, psw_key = 0;
    bool ec_mode = false, machine_check_mask = false, wait = false, secondary_space = false;
    bool state_changed = false;  // between supervisor and problem state
    std::array<uint32_t, 16> cr{};
    uint32_t prefix = 0;
    uint64_t comparator = 0, timer = 0, tod = 0;  // the clocks as they were read when the instruction began
    uint64_t device_operations = 0;               // that channels were asked for
    bool external_pending = false;
    bool tlb_purged = false;
};

/// The first part in which two outcomes differ, and what it is in each.
struct Difference {
    std::string what, first, second;
};

/// In what programs see.
std::optional<Difference> visible_difference(const Outcome& a, const Outcome& b);
/// In the control state. That storage was referred to, or changed, is none.
std::optional<Difference> control_difference(const Outcome& a, const Outcome& b);

}  // namespace vmcp::audit
