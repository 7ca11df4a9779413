// CP commands that make another machine of a virtual machine, and tell what it is: DEFINE STORAGE, DEFINE
// CHANNELS, and of QUERY VIRTUAL what is no device. GC20-1820 (VM/370 CP Command Reference for General
// Users).
//
//   DEFINE STORAGE nK|nM        its storage, up to 16M, rounded up to 4K; all zeros. The machine is reset,
//                               as by SYSTEM CLEAR, and does nothing until it is loaded: a LoadRequest
//   DEFINE CHANNELS SEL|BMX     all channels but channel 0; what goes on on them is given up
//   QUERY VIRTUAL STORAGE|CHANNELS
#pragma once

#include <optional>
#include <string>

#include "vmcp/service/command_words.hpp"

namespace vmcp {

/// CP's return code; empty: it is no such command.
std::optional<uint32_t> execute_configuration_command(const DeviceCommand& command);

/// "STORAGE = 00512K"
std::string storage_text(const VirtualMachine& vm);
/// "CHANNELS = BMX"
std::string channels_text(const VirtualMachine& vm);

}  // namespace vmcp
