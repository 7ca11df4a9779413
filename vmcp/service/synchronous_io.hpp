// DIAGNOSE X'18' and X'20': a channel program that is over when the instruction is. The machine sleeps until
// the device has ended; no interruption is made of that. GC20-1807 (VM/370 System Programmer's Guide).
#pragma once

#include "vmcp/dispatch/machine_states.hpp"
#include "vmcp/dispatch/virtual_cpu.hpp"

namespace vmcp {

/// X'20': R1 the device, R3 the channel program, with its storage key in the high-order byte. Condition code
/// 0; 1 it could not be started; 2 ended with unit exception or incorrect length; 3 ended badly: the low half
/// of R3 has two bytes of sense information. R15 says more.
void general_io(Nucleus& nucleus, MachineStates& states, VirtualCpu& cpu, unsigned r1, unsigned r3);

/// X'18': the same for disks; the program must consist of seeks, searches with their transfers in channel,
/// reads and writes of data of at most 2048 bytes, and R15 says how many of these two there are.
void disk_io(Nucleus& nucleus, MachineStates& states, VirtualCpu& cpu, unsigned r1, unsigned r3);

/// The device of an operation that is under way goes: condition code 1, as if it had never been there.
/// Nothing happens where the machine waits for another one, or for none.
void end_synchronous_io(MachineStates& states, VirtualMachine& vm, uint16_t device);

/// X'24': what the device at R1 is, into R3 and the register behind it; -1: the console, whose address R1
/// receives. Condition code 0; 2 it is not a real one; 3 there is none.
void device_type(VirtualCpu& cpu, unsigned r1, unsigned r3);

}  // namespace vmcp
