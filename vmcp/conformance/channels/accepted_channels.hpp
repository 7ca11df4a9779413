// The differences between this machine's channels and the judge's that are accepted. They stand in one file,
// channels/accepted.toml, with the manual's section and the reason.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vmcp/conformance/channels/channel_programs.hpp"

namespace vmcp::conformance {

/// What may differ.
enum ChannelField : uint16_t {
    kFieldStart = 1,          // condition code of START I/O; then CCW address and count are not comparable
    kFieldEnd = 2,            // channel end and device end
    kFieldUnit = 4,           // the rest of the unit status
    kFieldChannel = 8,        // channel status
    kFieldAddress = 0x10,     // CCW address of the CSW
    kFieldCount = 0x20,       // residual count
    kFieldSense0 = 0x40,      // sense byte 0
    kFieldSense1 = 0x80,      // sense byte 1
    kFieldSenseMore = 0x100,  // the other sense bytes
    kFieldData = 0x200,       // storage
    kFieldOutput = 0x400,     // what was printed or punched
    kFieldMedia = 0x800,      // disk or tape after a batch of cases
};

/// "start, count"
std::string channel_field_names(uint16_t fields);

/// One case on both machines.
struct ChannelComparison {
    std::string_view unit;
    /// The CCW that was in control at the end: its command (of the chain's first CCW where data are chained)
    /// and flags.
    uint8_t command = 0, flags = 0;
    bool data_chained = false;      // it is one of several CCWs that data are chained by
    std::vector<uint8_t> commands;  // of the whole program
    /// Each command with the one before it, by their places in storage; without transfers in channel,
    /// no-operations and the CCWs that data are chained to.
    std::vector<std::pair<uint8_t, uint8_t>> pairs;
    bool caw_reserved = false;  // bits 4-7 of the CAW are not zeros
    ChannelResult here, there;
    uint16_t fields = 0;  // that differ
};

/// Finds the fields that differ, and the CCW in control.
ChannelComparison compare_channel_results(std::string_view unit, const ChannelPrograms& programs, unsigned n,
                                          ChannelResult here, ChannelResult there);

struct AcceptedChannelDifference {
    /// A byte of which some bits are looked at.
    struct Pattern {
        uint8_t mask = 0, value = 0;
        bool holds(uint8_t byte) const { return (byte & mask) == value; }
    };

    std::vector<std::string> units;       // empty: all
    std::vector<uint8_t> commands;        // in control at the end; empty: any
    std::vector<uint8_t> contains;        // one of them anywhere in the program; empty: any
    std::vector<uint8_t> behind;          // and that one is the next command behind one of these; empty: any
    bool caw_reserved = false;            // only with bits 4-7 of the CAW on
    bool data_chained = false;            // only where the CCW in control is one of several with chained data
    Pattern flags;                        // of the CCW in control
    Pattern here_unit, judge_unit;        // unit status
    Pattern here_channel, judge_channel;  // channel status
    Pattern here_sense, judge_sense;      // sense byte 0
    Pattern judge_sense1;                 // sense byte 1
    uint16_t fields = 0;
    std::string section, reason, where;
    uint64_t from_cases = 0;  // stale only where a run has so many cases of each unit
    uint64_t used = 0;
};

class AcceptedChannelDifferences {
  public:
    /// Throws simulation::TomlError.
    static AcceptedChannelDifferences parse(std::string_view text, const std::string& file);
    static AcceptedChannelDifferences built_in();

    /// True where entries together allow all the fields; counts the entries that were needed.
    bool allows(const ChannelComparison& comparison);
    /// True where an entry that allows one of the fields also allows other disks or tapes behind the batch.
    bool media_may_differ(const ChannelComparison& comparison) const;
    std::vector<const AcceptedChannelDifference*> stale(uint64_t cases_of_each_unit) const;
    const std::vector<AcceptedChannelDifference>& entries() const { return entries_; }
    /// A table for the documentation.
    std::string markdown() const;

  private:
    std::vector<AcceptedChannelDifference> entries_;
};

}  // namespace vmcp::conformance
