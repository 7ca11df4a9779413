// The conformance run of channels and devices: that it finds differences, that what is accepted is
// documented. The run itself, against hercules, is the test `channel-conformance`.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "simulation/model/toml_reader.hpp"
#include "vmcp/conformance/channels/accepted_channels.hpp"
#include "vmcp/conformance/channels/channel_conformance.hpp"

namespace {

using namespace vmcp::conformance;
using simulation::Ccw;

/// Two equal results of a program of one command.
struct Compared {
    ChannelPrograms programs{1, 0x00E};
    ChannelResult here, there;
    Compared() {
        programs.ccw(0, 0,
                     {0x09, simulation::kFlagSuppressLength, 20, programs.at(0) + channel_layout::kData});
        here.unit_status = simulation::kChannelEnd | simulation::kDeviceEnd;
        here.ccw_address = programs.at(0) + 8;
        here.sense.resize(24);
        here.storage.resize(channel_layout::kCaseSize);
        there = here;
    }
    ChannelComparison operator()() const { return compare_channel_results("1403", programs, 0, here, there); }
};

}  // namespace

TEST_CASE("channel conformance: everything that may differ is found") {
    Compared c;
    CHECK(c().fields == 0);
    CHECK(c().command == 0x09);
    SUBCASE("start") {
        c.here.condition_code = 1;
        c.here.ccw_address = 0;
        CHECK(c().fields == kFieldStart);  // the address was not stored
    }
    SUBCASE("end") {
        c.there.unit_status = simulation::kDeviceEnd;
        CHECK(c().fields == kFieldEnd);
    }
    SUBCASE("unit status; busy tells nothing") {
        c.there.unit_status |= simulation::kBusy;
        CHECK(c().fields == 0);
        c.there.unit_status |= simulation::kUnitException;
        CHECK(c().fields == kFieldUnit);
    }
    SUBCASE("channel status") {
        c.here.channel_status = simulation::kProgramControlled;
        CHECK(c().fields == kFieldChannel);
    }
    SUBCASE("address and count") {
        c.here.ccw_address += 8;
        c.here.count = 1;
        CHECK(c().fields == (kFieldAddress | kFieldCount));
    }
    SUBCASE("sense, where both have a unit check") {
        c.here.sense[0] = 0x80;
        CHECK(c().fields == 0);
        c.here.unit_status = c.there.unit_status = simulation::kUnitCheck;
        c.here.sense[1] = 1;
        c.here.sense[23] = 1;
        CHECK(c().fields == (kFieldSense0 | kFieldSense1 | kFieldSenseMore));
    }
    SUBCASE("data and output") {
        c.there.storage[channel_layout::kDataEnd - 1] = 1;
        c.there.output = std::string(1, 'A');
        CHECK(c().fields == (kFieldData | kFieldOutput));
    }
}

TEST_CASE("channel conformance: an entry allows what it names, and entries allow together") {
    auto accepted = AcceptedChannelDifferences::parse(
        "[[accepted]]\nunits = ['1403']\ncommands = ['09']\nfields = ['count']\nsection = 's'\nreason = 'r'\n"
        "[[accepted]]\nhere_unit = '02/02'\nfields = ['channel', 'address']\nsection = 's'\nreason = 'r'\n",
        "test.toml");
    Compared c;
    c.here.count = 1;
    CHECK(accepted.allows(c()));
    c.here.channel_status = 0x40;
    CHECK_FALSE(accepted.allows(c()));
    c.here.unit_status = c.there.unit_status = simulation::kUnitCheck;
    CHECK(accepted.allows(c()));
    CHECK(accepted.entries()[0].used == 2);
    CHECK(accepted.entries()[1].used == 1);
    CHECK(accepted.stale(1000).empty());
    c.programs.ccw(0, 0, {0x11, 0, 20, 0x1000});
    CHECK_FALSE(accepted.allows(c()));
}

TEST_CASE("channel conformance: an entry may ask what a command stands behind, and for chained data") {
    auto accepted = AcceptedChannelDifferences::parse(
        "[[accepted]]\ncontains = ['92']\nbehind = ['1D']\nfields = ['data']\nsection = 's'\nreason = 'r'\n"
        "[[accepted]]\ndata_chained = true\nfields = ['count']\nsection = 's'\nreason = 'r'\n"
        "[[accepted]]\njudge_sense1 = 'FF/08'\nfields = ['channel']\nsection = 's'\nreason = 'r'\n",
        "test.toml");
    using namespace simulation;
    const auto behind = [&](std::initializer_list<Ccw> list) {
        Compared c;
        unsigned i = 0;
        for (const Ccw& ccw : list) c.programs.ccw(0, i++, ccw);
        c.here.storage[channel_layout::kData] ^= 1;
        REQUIRE(c().fields == kFieldData);
        return accepted.allows(c());
    };
    const Ccw format = {0x1D, kFlagChainCommand, 9, 0}, read = {0x92, 0, 8, 0};
    CHECK(behind({format, read}));
    CHECK(behind({format, {0x03, kFlagChainCommand, 1, 0}, read}));
    CHECK(behind({{0x1D, kFlagChainData, 8, 0}, {0x31, kFlagChainCommand, 1, 0}, read}));
    CHECK_FALSE(behind({{0x92, kFlagChainCommand, 8, 0}, {0x1D, 0, 9, 0}}));
    CHECK_FALSE(behind({format, {0x06, kFlagChainCommand, 1, 0}, read}));
    CHECK_FALSE(behind({{0x1D, 0, 9, 0}, read}));  // behind the end of the chain
    Compared c;
    c.here.count = 1;
    CHECK_FALSE(accepted.allows(c()));
    c.programs.ccw(0, 0, {0x09, kFlagChainData, 20, 0x1000});
    CHECK(accepted.allows(c()));
    c.programs.ccw(0, 1, {0, 0, 20, 0x1000});
    c.here.ccw_address = c.there.ccw_address = c.programs.at(0) + 16;
    CHECK(accepted.allows(c()));
    c.here.channel_status = 0x40;
    CHECK_FALSE(accepted.allows(c()));
    c.there.sense[1] = 0x08;
    CHECK(accepted.allows(c()));
}

TEST_CASE("channel conformance: mistakes in the list of accepted differences are named") {
    const auto message = [](const std::string& text) {
        try {
            AcceptedChannelDifferences::parse(text, "a.toml");
        } catch (const simulation::TomlError& error) {
            return std::string(error.what());
        }
        return std::string("none");
    };
    CHECK(message("[[accepted]]\nunits = ['1404']\n").find("a.toml:2:") == 0);
    CHECK(message("[[accepted]]\nfields = ['weight']\n").find("expected some of start, end") !=
          std::string::npos);
    CHECK(message("[[accepted]]\nflags = '80'\n").find("expected mask and value") != std::string::npos);
    CHECK(message("[[accepted]]\ncommands = ['XY']\n").find("expected bytes in hexadecimal") !=
          std::string::npos);
}

TEST_CASE("channel conformance: the accepted differences are in the documentation, word for word") {
    std::ifstream file(std::string(VMCP_SOURCE_DIR) + "/docs/channel-conformance.md");
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const auto accepted = AcceptedChannelDifferences::built_in();
    CHECK(accepted.entries().size() > 20);
    const std::string table = accepted.markdown();
    if (text.find(table) == std::string::npos)
        FAIL_CHECK("docs/channel-conformance.md: expected this table (vmcp conform --channel --list):\n"
                   << table);
}
