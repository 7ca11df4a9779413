// A device that two machines' channel programs are compared on: how its programs are made up, what it works
// on, and what it leaves behind.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/channel/device.hpp"
#include "vmcp/conformance/channels/channel_programs.hpp"
#include "vmcp/conformance/random.hpp"

namespace vmcp::conformance {

/// One batch of cases on one device. Its files are in a folder of its own.
class ChannelUnit {
  public:
    virtual ~ChannelUnit() = default;

    virtual uint16_t address() const = 0;
    /// Makes the media of both machines, for so many cases.
    virtual void prepare(const std::filesystem::path& folder, unsigned cases, Random& random) = 0;
    /// Case `n` of the batch; `number` is its number among all cases of this unit.
    virtual void make_case(ChannelPrograms& programs, unsigned n, uint64_t number, Random& random) = 0;
    /// The device on this machine, with its medium.
    virtual std::unique_ptr<simulation::Device> device() = 0;
    /// Takes the medium off, so that everything is in its file.
    virtual void dismount(simulation::Device& device);
    /// The judge's line of configuration.
    virtual std::string judge_device() const = 0;
    /// After both runs, with this machine's medium taken off: fills in `output` of the results.
    virtual void collect(std::vector<ChannelResult>& here, std::vector<ChannelResult>& there);
    /// How the media that both leave behind differ; empty if they do not.
    virtual std::string media_difference();
};

struct ChannelUnitKind {
    std::string_view name;  // "1403"
    std::unique_ptr<ChannelUnit> (*make)(std::string_view name);
};

std::vector<ChannelUnitKind> unit_record_units();
std::vector<ChannelUnitKind> storage_units();
/// Both.
std::vector<ChannelUnitKind> channel_units();

}  // namespace vmcp::conformance
