// The state description of a guest whose control program is VMCP: simulation/cpu/state_description.hpp says
// what lies where. Interpretive execution is an assist then (vmcp/assist/interpretive_execution.hpp), which
// keeps the guest's state by itself and shows it here.
#pragma once

#include <array>
#include <cstdint>

#include "simulation/cpu/state_description.hpp"
#include "vmcp/machine/virtual_machine.hpp"
#include "vmcp/storage/frame_table.hpp"

namespace vmcp {

class StateDescription : public simulation::StateDescriptionFormat {
  public:
    /// Throws std::runtime_error where real storage has no room.
    explicit StateDescription(FrameTable& frames);
    ~StateDescription();
    StateDescription(const StateDescription&) = delete;
    StateDescription& operator=(const StateDescription&) = delete;

    bool in_use() const { return (frames_.storage().get32(at_) >> 24 & kInUse) != 0; }
    /// The guest is about to be entered as it is now.
    void enter(const VirtualMachine& vm, bool io_pending, bool external_pending);
    /// It has come out.
    void leave(const VirtualMachine& vm, const simulation::Exit& exit);
    uint32_t address() const { return at_; }

  private:
    void store_state(const VirtualMachine& vm);

    FrameTable& frames_;
    uint32_t at_;
    std::array<uint32_t, 16> cr_{};  // as they were stored last
};

}  // namespace vmcp
