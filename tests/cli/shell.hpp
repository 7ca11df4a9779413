// The program as users run it, in a folder of its own: output, files, exit codes.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "tests/command.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"

class Shell {
  public:
    using Outcome = tests::CommandResult;  // the output: standard output and standard error
    Outcome vmcp(const std::string& arguments) const { return vmcp_with("", arguments); }
    /// With variables of the environment: "NAME=VALUE ..." (reports are 80 columns wide else). Redirections
    /// among the arguments go before the joining of both outputs.
    Outcome vmcp_with(const std::string& environment, const std::string& arguments) const {
        return tests::run_command(fmt::format("cd {} && unset COLUMNS; exec 2>&1; {} {} {}", path(),
                                              environment, VMCP_BINARY, arguments));
    }
    void write(const std::string& name, const std::string& text) const { tests::put(folder_ / name, text); }
    std::string read(const std::string& name) const { return tests::contents(folder_ / name); }
    std::string path() const { return folder_.path().string(); }
    bool exists(const std::string& name) const { return std::filesystem::exists(folder_ / name); }

  private:
    tests::TemporaryFolder folder_;
};
