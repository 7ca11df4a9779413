// Random channel programs for devices whose commands do not depend on each other much: legal ones, and such
// as break the rules of GA22-7000 chapter 13 in every way that a CCW or the CAW can, but not in the middle of
// data that are chained.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "vmcp/conformance/channels/channel_programs.hpp"
#include "vmcp/conformance/random.hpp"

namespace vmcp::conformance {

struct ProgramRecipe {
    std::span<const uint8_t> commands;  // of the unit; each as often as it is in the list
    std::span<const uint16_t> counts;   // record lengths that matter
    unsigned odd_percent = 8;           // how often any command code at all
    std::function<bool(uint8_t command)> usable = [](uint8_t) { return true; };  // among those
    unsigned most_commands = 5;
    uint16_t most_count = 255;
    bool backward = false;  // 0C reads backward: its address is that of the last byte
    bool broken = true;     // break rules in some cases
};

/// Fills in program, operands (indirect addresses) and CAW of a case whose data are there already.
void make_random_program(ChannelPrograms& programs, unsigned n, Random& random, const ProgramRecipe& recipe);

/// A program of the single command.
void make_single_command(ChannelPrograms& programs, unsigned n, uint8_t command, uint16_t count);

}  // namespace vmcp::conformance
