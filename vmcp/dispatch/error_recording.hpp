// SUPERVISOR CALL 76, by which guest operating systems record errors of devices and of the machine: the
// control program keeps the record, and the guest need not. GC20-1807 (VM/370 System Programmer's Guide).
#pragma once

#include "vmcp/dispatch/virtual_cpu.hpp"

namespace vmcp {

inline constexpr uint8_t kErrorRecording = 76;

/// The guest has executed it, and its PSW is behind it. General register 0 is the complement of the record's
/// length, 1 its address, as OS has them; 15 receives 0. False, and nothing is changed, where it makes no
/// sense: the guest gets its interruption then. So it does in the problem state.
[[gnu::cold]] bool record_error(Nucleus& nucleus, SharedSegments& segments, Work& work, VirtualMachine& vm);

}  // namespace vmcp
