// Random channel programs for disks, tapes and units that take what they are given: most of them what a
// system would write, some with a rule broken, some that change themselves.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "simulation/channel/channel_words.hpp"
#include "vmcp/conformance/random.hpp"

namespace vmcp::test {

using Bytes = std::vector<uint8_t>;

enum class ProgramKind : uint8_t { count_key_data, fixed_block, tape, plain };

struct ProgramShape {
    ProgramKind kind = ProgramKind::count_key_data;
    uint32_t places = 0;    // cylinders or blocks that there are
    uint32_t storage = 0;   // bytes; the first 0x1000 are left alone
    bool minidisk = false;  // without commands that tell where on the real disk it lies
    unsigned broken_percent = 25;
};

/// What is written into storage, by absolute addresses.
struct RandomProgram {
    std::vector<std::pair<uint32_t, Bytes>> pieces;
    std::vector<std::pair<uint32_t, uint8_t>> keys;  // of all blocks
    std::vector<std::pair<uint32_t, simulation::Ccw>> ccws;
    uint32_t caw = 0;
    uint32_t arguments = 0, lists = 0;  // where they are: 128 bytes each

    std::string text() const;
};

/// The heads and records of a disk that its programs look for.
inline constexpr unsigned kHeadsInUse = 4, kRecordsInUse = 4;

RandomProgram random_channel_program(conformance::Random& random, const ProgramShape& shape);

}  // namespace vmcp::test
