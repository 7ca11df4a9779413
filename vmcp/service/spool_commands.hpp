// CP commands for spooled devices and spool files: SPOOL, CLOSE, PURGE, CHANGE, ORDER, TRANSFER, and QUERY
// READER, PRINTER, PUNCH, FILES and UR. GC20-1820 (VM/370 CP Command Reference for General Users), GC20-1808
// (VM/370 System Messages). docs/spooling.md lists them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vmcp/dispatch/nucleus.hpp"

namespace vmcp {

/// Executes the command if it is one of these; `words`: in capitals, at least one. Nothing if it is another
/// one, or there is no spool. Returns CP's return code.
std::optional<uint32_t> execute_spool_command(Nucleus& nucleus, Work& work, VirtualMachine& vm,
                                              const std::vector<std::string>& words);

}  // namespace vmcp
