// What gdb's command `monitor` asks of a debugged run: what gdb has no command for.
#pragma once

#include <string>
#include <string_view>

#include "vmcp/debug/session.hpp"

namespace vmcp::gdb {

/// The answer, whole lines. Never throws for what is asked; a wrong one is answered by what was expected.
std::string monitor(debug::Session& session, debug::MachineNumber machine, std::string_view command);

}  // namespace vmcp::gdb
