// A spool file as it would lie on the paging device: page buffers of 4096 bytes, with data and the channel
// programs that print or punch them, and the block by which the control program knows the file. SPLINK and
// SFBLOK of VM/370 (SY20-0884, Data Areas and Control Block Logic); docs/spooling.md has both.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "vmcp/spool/spool_file.hpp"

namespace vmcp {

using SpoolBuffer = std::array<uint8_t, 4096>;
using SpoolBlock = std::array<uint8_t, 104>;

/// All of them, one at least.
std::vector<SpoolBuffer> spool_buffers(const SpoolFile& file);

/// `date`, `time`: when the file was made, eight characters each.
SpoolBlock spool_block(const SpoolFile& file, std::string_view date, std::string_view time);

}  // namespace vmcp
