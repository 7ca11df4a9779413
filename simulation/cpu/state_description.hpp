// The state description: the block in real storage by which a control program tells the machine how a guest
// is to be executed interpretively, and learns why that has ended. It stands where a VMCS stands on today's
// machines. The kinds of fields are those of SA22-7095 (System/370 Extended Architecture, Interpretive
// Execution); where they lie is this machine's own, for there is none for System/370 that has been published.
//
//   +0   validity        bit 0: the description is valid; bit 1: the machine is in interpretive execution
//   +1   requests        bit 0: an I/O interruption is pending for the guest; bit 1: an external one
//   +2   mode            bit 0: the guest's addresses go through the host's tables (nested translation);
//                        bit 1: preferred machine, they are real ones below `extent`;
//                        bit 2: the interval timer at the guest's location 80 runs;
//                        bit 3: the guest may have guests of its own (nested interpretive execution)
//   +4   intercepts      what comes out: bit 0 SSM STNSM STOSM, 1 LPSW, 2 LCTL STCTL, 3 storage keys,
//                        4 clocks, 5 SVC. What always does: simulation/cpu/interpreted_instructions.hpp
//   +8   host table      segment-table designation of the guest's storage, as in control register 1; of a
//                        preferred machine, the real address of its page zero
//   +12  extent          bytes of guest storage
//   +16  PSW             the guest's
//   +24  prefix          the guest's
//   +28  reason          byte 0: why it ended (Reason); byte 1: instruction length in bytes, 0 without one;
//                        bytes 2-3: operation code (reason instruction), or interruption code
//   +32  parameter       the guest address that the host's tables lack (reason host_translation); the operand
//                        address (reasons instruction, call)
//   +36  operands        the second byte of the instruction (reason instruction)
//   +37  deeper          of how many levels below the guest the instruction is: 0, it is its own; 1, that of
//                        a guest of the guest's, whose description is at `current`
//   +40  comparator      the guest's clock comparator
//   +48  CPU timer       the guest's, as it was when the guest was entered or came out
//   +56  epoch           what the guest's TOD clock is ahead of the machine's
//   +64  registers       general registers 0-15
//   +128 control         control registers 0-15, the guest's
//   +192 floating point  registers 0, 2, 4, 6
//   +224 CPU id          what STORE CPU ID shows the guest
//   +232 CPU address     what STORE CPU ADDRESS shows it
//   +236 event           an interruption that the guest is to take first. Byte 0: 0 none, 1 program,
//                        2 supervisor call, 3 external, 4 I/O, 5 restart; byte 1: instruction length, bytes;
//                        bytes 2-3: its code, or the device
//   +240 event words     program: translation address or monitor code, and at +244 monitor class, PER code;
//                        external: the CPU address; I/O: the CSW
//   +248 PER address     of a program event
//   +252 current         of a guest that may have guests: real address of its current description, with bit
//                        31 on; 0 none
#pragma once

#include <cstdint>

namespace simulation {

struct StateDescriptionFormat {
    static constexpr uint32_t kBytes = 256;  // and its boundary
    static constexpr uint32_t kValidity = 0, kRequests = 1, kMode = 2, kIntercepts = 4, kHostTable = 8,
                              kExtent = 12, kPsw = 16, kPrefix = 24, kReason = 28, kParameter = 32,
                              kOperands = 36, kComparator = 40, kCpuTimer = 48, kEpoch = 56, kRegisters = 64,
                              kControlRegisters = 128, kFloatingPoint = 192, kCpuId = 224, kCpuAddress = 232,
                              kEvent = 236, kEventWords = 240, kPerAddress = 248, kCurrent = 252;
    static constexpr uint8_t kValid = 0x80, kInUse = 0x40;                // validity
    static constexpr uint8_t kIoPending = 0x80, kExternalPending = 0x40;  // requests
    static constexpr uint8_t kNested = 0x80, kPreferred = 0x40, kIntervalTimer = 0x20,
                             kMayHost = 0x10;  // mode
    static constexpr uint32_t kIsCurrent = 1;  // of `current`: there is one

    enum class Reason : uint8_t {
        none,
        instruction,        // that is intercepted
        supervisor_call,    // likewise
        host_translation,   // the host's tables lack a page of the guest's
        host_interruption,  // of the real machine: its timer, its channels
        wait,               // the guest's PSW waits
        window,             // something of `requests` may interrupt the guest now
        call,               // CALL HOST
        loop,               // of interruptions, of which no instruction completes
    };
    enum class Event : uint8_t { none, program, supervisor_call, external, io, restart };

    static constexpr uint32_t reason_word(Reason reason, unsigned length, uint16_t code) {
        return uint32_t{static_cast<uint8_t>(reason)} << 24 | length << 16 | code;
    }
};

}  // namespace simulation
