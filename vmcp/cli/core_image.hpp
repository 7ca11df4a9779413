// Raw core images on the command line: FILE or FILE@HEXADDR.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vmcp::cli {

struct CoreImage {
    std::string file;
    uint32_t address = 0;
    std::vector<uint8_t> bytes;
};

/// Reads FILE[@HEXADDR]. Throws InputError.
CoreImage read_core_image(const std::string& argument);

/// "16M", "64K", "4096". Throws InputError.
uint32_t parse_storage_size(const std::string& text);

/// A hexadecimal number without prefix, as used for storage addresses. `what` names it in the message. Throws
/// InputError.
uint32_t parse_hex(const std::string& text, const std::string& what);

/// The whole file. Throws InputError.
std::vector<uint8_t> read_file(const std::string& path);

}  // namespace vmcp::cli
