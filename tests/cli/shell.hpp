// The program as users run it, in a folder of its own: output, files, exit codes.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace fs = std::filesystem;

class Shell {
  public:
    Shell() {
        std::string pattern = (fs::temp_directory_path() / "vmcp-cli-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~Shell() { fs::remove_all(path_); }
    Shell(const Shell&) = delete;
    Shell& operator=(const Shell&) = delete;

    struct Outcome {
        int code;
        std::string output;  // standard output and standard error
    };
    Outcome vmcp(const std::string& arguments) const { return vmcp_with("", arguments); }
    /// With variables of the environment: "NAME=VALUE ...". Redirections among the arguments go before the
    /// joining of both outputs.
    Outcome vmcp_with(const std::string& environment, const std::string& arguments) const {
        const std::string command =
            fmt::format("cd {} && exec 2>&1; {} {} {}", path_.string(), environment, VMCP_BINARY, arguments);
        FILE* pipe = popen(command.c_str(), "r");
        REQUIRE(pipe != nullptr);
        std::string text;
        char buffer[4096];
        while (const std::size_t n = fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, n);
        const int status = pclose(pipe);
        REQUIRE(WIFEXITED(status));
        return {WEXITSTATUS(status), text};
    }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(path_ / name, std::ios::binary) << text;
    }
    std::string read(const std::string& name) const {
        std::ifstream in(path_ / name, std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }
    std::string path() const { return path_.string(); }
    bool exists(const std::string& name) const { return fs::exists(path_ / name); }

  private:
    fs::path path_;
};
