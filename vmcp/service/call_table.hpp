// A page of a guest's storage that the control program fills with code: one routine for each operation of a
// guest's kernel, which does it in the way of the machine found. The kernel calls them and need not know
// which that is.
#pragma once

#include "vmcp/dispatch/virtual_cpu.hpp"

namespace vmcp {

/// Each routine has 64 bytes; R15 has its address, R14 where it returns to; R15 and the condition code are
/// lost.
inline constexpr uint32_t kCallTableEntry = 64;

/// Fills the guest's page there; its routines refer to the page that the guest shares.
void fill_call_table(VirtualMachine& vm, SecondLevel at, uint32_t shared_page);

}  // namespace vmcp
