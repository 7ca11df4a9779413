#include "vmcp/cli/output_files.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "vmcp/cli/commands.hpp"

namespace vmcp::cli {

void write_file(const std::string& path, std::string_view bytes) {
    if (path == "-") {
        std::cout << bytes << std::flush;
        if (!std::cout) throw InputError("standard output: cannot be written");
        return;
    }
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) throw InputError(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
}

void check_writable(const std::string& path) {
    if (path.empty() || path == "-") return;
    std::error_code ignored;
    const bool existed = std::filesystem::exists(path, ignored);
    const std::ofstream out(path, std::ios::binary | std::ios::app);
    if (!out) throw InputError(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
    if (!existed) std::filesystem::remove(path, ignored);
}

void write_guest_output(const std::string& directory, const std::string& name,
                        const experiment::GuestOutput& output) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) throw InputError(fmt::format("{}: cannot be made: {}", directory, error.message()));
    const std::string stem = (std::filesystem::path(directory) / name).string();
    if (!output.console.empty()) {
        std::string text;
        for (const experiment::ConsoleLine& line : output.console) text += line.text + '\n';
        write_file(stem + ".console.txt", text);
    }
    const auto write = [&](const experiment::PrintedAndPunched& what, const std::string& device) {
        if (!what.printer.empty()) write_file(stem + ".printer" + device + ".txt", what.printer);
        if (!what.cards.empty()) write_file(stem + ".punch" + device + ".deck", deck_bytes(what.cards));
    };
    write(output, "");
    for (const auto& [address, further] : output.further) write(further, fmt::format("-{:03X}", address));
}

}  // namespace vmcp::cli
