// The CP command IPL: IPL VADDR [CLEAR|NOCLEAR], IPL NAME (a saved system). GC20-1820 (VM/370 CP Command
// Reference for General Users). The machine is loaded behind the command: LoadRequest of its notes.
#pragma once

#include <optional>

#include "vmcp/service/command_words.hpp"

namespace vmcp {

/// CP's return code; empty: it is no such command.
std::optional<uint32_t> execute_load_command(const DeviceCommand& command);

}  // namespace vmcp
