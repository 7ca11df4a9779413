// CP command SET: what a user switches on and off for his machine (MSG, PAGEX, ASSIST, STBYPASS), and the
// system's operator for all (SASSIST, CPASSIST; privilege class A). GC20-1820 and GC20-1806 (VM/370 CP
// Command Reference for General Users; Operator's Guide).
#pragma once

#include "vmcp/service/command_words.hpp"

namespace vmcp {

/// CP's return code; empty: it is no such command.
std::optional<uint32_t> execute_set_command(const DeviceCommand& command);

/// What QUERY SET tells of the assists, "ASSIST ON SVC TMR"; empty where the real machine has none.
std::string assist_settings(const VirtualMachine& vm);

}  // namespace vmcp
