#include "vmcp/cli/gdb_line.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "vmcp/cli/commands.hpp"

namespace vmcp::cli {
namespace {

/// What gdb is to read for a System/370; empty: it is neither beside the program nor installed with it.
std::string gdb_script() {
    std::error_code failed;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
    for (const char* place : {"vmcp-gdb.py", "../share/vmcp/vmcp-gdb.py"}) {
        const auto file = program.parent_path() / place;
        if (std::filesystem::exists(file, failed)) return file.lexically_normal().string();
    }
    return {};
}

}  // namespace

std::string wrong_gdb_address(const std::string& text) {
    if (text == "-") return {};
    try {
        gdb::ListenAddress::parse(text);
        return {};
    } catch (const std::runtime_error& error) {
        return error.what();
    }
}

std::unique_ptr<gdb::Connection> await_gdb(const std::string& where, std::function<bool()> interrupted) {
    if (where == "-") {
        const int out = ::dup(STDOUT_FILENO);
        ::dup2(STDERR_FILENO, STDOUT_FILENO);
        return std::make_unique<gdb::Connection>(::dup(STDIN_FILENO), out, std::move(interrupted));
    }
    const gdb::ListenAddress at = gdb::ListenAddress::parse(where);
    try {
        const gdb::Listener listener(at);
        const std::string script = gdb_script();
        fmt::print(stderr,
                   "vmcp: waiting for gdb: gdb-multiarch{} -ex \"set endian big\" -ex \"target remote "
                   "{}:{}\" [FILE.elf]\n",
                   script.empty() ? "" : " -x " + script, at.address == "0.0.0.0" ? "HOST" : at.address,
                   listener.port());
        const int line = listener.accept(interrupted);
        if (line < 0) return nullptr;
        return std::make_unique<gdb::Connection>(line, line, std::move(interrupted));
    } catch (const std::runtime_error& error) {
        throw InputError(error.what());
    }
}

}  // namespace vmcp::cli
