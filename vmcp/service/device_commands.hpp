// CP commands by which a user does what an operator does at a device: RESET VADDR, READY VADDR, NOTREADY
// VADDR (spooled devices and displays), REWIND VADDR (a dedicated tape), ATTN or REQUEST (the console's key).
// GC20-1820 (VM/370 CP Command Reference for General Users).
#pragma once

#include <optional>

#include "vmcp/service/command_words.hpp"

namespace vmcp {

/// CP's return code; empty: it is no such command.
std::optional<uint32_t> execute_device_command(const DeviceCommand& command);

}  // namespace vmcp
