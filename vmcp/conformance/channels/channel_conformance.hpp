// The conformance run of channels and devices: random channel programs, legal and illegal, on this machine
// and on Debian's hercules; everything a program can see, what is printed and punched, and the disks and
// tapes that both leave behind are compared.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "vmcp/conformance/channels/accepted_channels.hpp"
#include "vmcp/conformance/hercules.hpp"

namespace vmcp::conformance {

struct ChannelConformanceOptions {
    uint64_t cases = 400;  // of each unit
    uint64_t seed = 1;
    std::string unit;          // only this one; empty: all
    size_t most_examples = 5;  // differences that come with an example
    /// Told how many cases of how many are done.
    std::function<void(uint64_t done, uint64_t all)> progress;
    /// Asked now and then; the run ends in order when the answer is yes.
    std::function<bool()> interrupted;
};

struct ChannelUnitCount {
    uint64_t cases = 0;
    uint64_t unusual = 0;    // of these, how many ended with unit check, unit exception or a channel's check
    uint64_t accepted = 0;   // differed as accepted
    uint64_t left_out = 0;   // came after one that left other media behind as accepted
    uint64_t different = 0;  // differed otherwise
    uint64_t media = 0;      // batches that left different disks or tapes behind
};

struct ChannelConformanceReport {
    ChannelConformanceOptions options;
    std::string judge;
    std::vector<std::pair<std::string, ChannelUnitCount>> units;
    std::vector<std::string> examples;
    std::vector<std::string> stale;  // accepted differences that did not occur
    AcceptedChannelDifferences accepted;
    bool interrupted = false;  // what is stale is not known

    uint64_t different() const;
    bool good() const { return different() == 0 && stale.empty(); }
    std::string text() const;
    std::string json() const;
};

/// Throws std::runtime_error where the judge fails or there is no such unit.
ChannelConformanceReport run_channel_conformance(const ChannelConformanceOptions& options, Hercules& judge,
                                                 AcceptedChannelDifferences accepted);

/// "1403, 3211, ..."
std::string channel_unit_names();

}  // namespace vmcp::conformance
