// The block in real storage that control register 6 points to while an assisted guest runs, and what lies
// behind it: where microcode finds the guest's virtual PSW and control registers. GA22-7074 (Virtual-Machine
// Assist and Shadow-Table-Bypass Assist); the names are the manual's.
//
//   +0   MICRSEG  the segment table that the real CPU translates by
//   +4   MICCREG  where the virtual control registers are
//   +8   MICVPSW  bits 8-31: where the virtual PSW is; bit 0: an interruption is pending for the machine
//   +12  MICWORK  a work area: zero, this microcode needs none
//   +16  MICVTMR  the real address of the guest's location 80; zero where that has no frame
//   +20  MICACF   bit 0: the expanded assist is allowed
//   +32  the virtual PSW
//   +64  the virtual control registers
//
// The control program brings it up to date whenever it lets the guest go on, the assist whenever it changes
// something. Both act on the same virtual state (VirtualMachine::state); the block is how it looks from the
// machine.
#pragma once

#include <array>
#include <cstdint>

#include "vmcp/machine/virtual_machine.hpp"
#include "vmcp/storage/frame_table.hpp"

namespace vmcp {

/// Control register 6.
struct AssistControl {
    static constexpr uint32_t on = 0x80000000;             // virtual-machine assist
    static constexpr uint32_t problem_state = 0x40000000;  // of the guest
    static constexpr uint32_t no_svc = 0x08000000;         // SUPERVISOR CALL goes to the control program
    static constexpr uint32_t shadow = 0x04000000;         // entries of shadow tables are made valid
    static constexpr uint32_t paths = 0x02000000;          // control-program assist
    static constexpr uint32_t timer = 0x01000000;          // virtual interval timer
    static constexpr uint32_t block = 0x00FFFFF8;          // real address of the block
};

class AssistBlock {
  public:
    /// Throws std::runtime_error where real storage has no room.
    explicit AssistBlock(FrameTable& frames);
    ~AssistBlock();
    AssistBlock(const AssistBlock&) = delete;
    AssistBlock& operator=(const AssistBlock&) = delete;

    /// Everything, as the machine is now. `pending`: an interruption is.
    void update(const VirtualMachine& vm, bool pending);
    /// Only the virtual PSW, from an image of it: without what only an old PSW shows, in the BC mode.
    void update_psw(uint64_t image) {
        constexpr uint64_t kEcMode = uint64_t{1} << 51, kOfOldPsw = 0x0000FFFFC0000000;
        frames_.storage().put_aligned(at_ + kPsw, (image & kEcMode) != 0 ? image : image & ~kOfOldPsw);
    }
    /// Only its system mask.
    void update_mask(uint8_t mask) { *frames_.storage().at(at_ + kPsw) = mask; }
    uint32_t address() const { return at_; }

    static constexpr uint32_t kBytes = 128;
    static constexpr uint32_t kPsw = 32, kControlRegisters = 64;

  private:
    FrameTable& frames_;
    uint32_t at_;
    std::array<uint32_t, 16> cr_{};  // as they were stored last
};

}  // namespace vmcp
