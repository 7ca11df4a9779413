// The line to gdb, as the command line asks for it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "vmcp/gdb/connection.hpp"

namespace vmcp::cli {

/// "" if the text says where to listen for gdb, or is "-"; else what was expected.
std::string wrong_gdb_address(const std::string& text);

/// Listens there, says how to call, and waits until gdb has; "-": gdb is at standard input and output, and
/// what else goes to standard output goes to standard error from now on. Null: Ctrl-C came first. Throws
/// InputError.
std::unique_ptr<gdb::Connection> await_gdb(const std::string& where, std::function<bool()> interrupted);

}  // namespace vmcp::cli
