// DIAGNOSE X'230' to X'244': how a guest sets up its devices with shared rings (vmcp/rings), and their
// doorbell. A machine that has no such device has none of these codes: they are specification exceptions. R1
// is the number of a device. Condition code 0: done; 1, of a doorbell: the device is not driven; 2: refused,
// the register R3 says why (RingRefusal); 3: there is no such device. docs/rings.md has them call by call.
#pragma once

#include "vmcp/dispatch/virtual_cpu.hpp"

namespace vmcp {

enum class RingCall : uint32_t {
    doorbell = 0x230,
    tell = 0x234,
    set_status = 0x238,
    accept_features = 0x23C,
    set_queue = 0x240,
    set_indicators = 0x244,
};
inline constexpr uint32_t kFirstRingCall = 0x230, kLastRingCall = 0x244;

/// The machine has devices with rings.
void ring_call(VirtualCpu& cpu, unsigned r1, unsigned r3, uint32_t code);

}  // namespace vmcp
