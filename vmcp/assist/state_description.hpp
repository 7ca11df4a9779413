// The state description: the block in real storage by which the control program tells the machine how a guest
// is to be executed interpretively, and learns why that has ended. It stands where a VMCS stands on today's
// machines. The kinds of fields are those of SA22-7095 (System/370 Extended Architecture, Interpretive
// Execution); where they lie is this machine's own, for there is none for System/370 that has been published.
//
//   +0   validity        bit 0: the description is valid; bit 1: the machine is in interpretive execution
//   +1   requests        bit 0: an I/O interruption is pending for the guest; bit 1: an external one
//   +2   mode            bit 0: the guest's addresses go through the host's tables (nested translation);
//                        bit 1: preferred machine, they are real ones below `extent`
//   +4   intercepts      what comes out: bit 0 SSM STNSM STOSM, 1 LPSW, 2 LCTL STCTL, 3 storage keys,
//                        4 clocks, 5 SVC. Always: I/O, DIAGNOSE, SIGP, direct control, a PSW that waits,
//                        an instruction that runs into an exception
//   +8   host table      segment-table designation of the guest's storage, as in control register 1
//   +12  extent          bytes of guest storage
//   +16  PSW             the guest's
//   +24  prefix          the guest's
//   +28  reason          byte 0: why it ended (Reason); byte 1: instruction length in bytes, 0 without one;
//                        bytes 2-3: operation code (reason instruction), or interruption code
//   +32  parameter       the guest address that the host's tables lack (reason host_translation)
//   +40  comparator      the guest's clock comparator
//   +48  CPU timer       the guest's, as it was when the guest was entered or came out
//   +64  registers       general registers 0-15 at the end
//   +128 control         control registers 0-15, the guest's
//   +192 floating point  registers 0, 2, 4, 6 at the end
#pragma once

#include <array>
#include <cstdint>

#include "vmcp/machine/virtual_machine.hpp"
#include "vmcp/storage/frame_table.hpp"

namespace vmcp {

class StateDescription {
  public:
    enum class Reason : uint8_t {
        none,
        instruction,       // that is intercepted
        supervisor_call,   // likewise
        host_translation,  // the host's tables lack a page of the guest's
        host_interruption  // of the real machine: its timer, its channels
    };

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

    static constexpr uint32_t kBytes = 256;
    static constexpr uint32_t kRequests = 1, kMode = 2, kIntercepts = 4, kHostTable = 8, kExtent = 12,
                              kPsw = 16, kPrefix = 24, kReason = 28, kParameter = 32, kComparator = 40,
                              kCpuTimer = 48, kRegisters = 64, kControlRegisters = 128, kFloatingPoint = 192;
    static constexpr uint8_t kValid = 0x80, kInUse = 0x40;

  private:
    void store_state(const VirtualMachine& vm);

    FrameTable& frames_;
    uint32_t at_;
    std::array<uint32_t, 16> cr_{};  // as they were stored last
};

}  // namespace vmcp
