// What the channel tests share: storage that is an array with keys, a device that does as it is told, and a
// machine of both.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "simulation/channel/channel_subsystem.hpp"

namespace channel_test {

using namespace simulation;

class ArrayStorage final : public ChannelStorage {
  public:
    explicit ArrayStorage(uint32_t size = 64 * 1024)
        : bytes(size), keys(size / 2048), fetch_protected(size / 2048) {}

    uint32_t size() const override { return static_cast<uint32_t>(bytes.size()); }

    ChannelAccess fetch(uint32_t address, uint8_t* out, uint32_t length, uint8_t key) override {
        const ChannelAccess access = allowed(address, length, key, true);
        if (access == ChannelAccess::ok) std::memcpy(out, &bytes[address], length);
        return access;
    }
    ChannelAccess store(uint32_t address, const uint8_t* in, uint32_t length, uint8_t key) override {
        const ChannelAccess access = allowed(address, length, key, false);
        if (access == ChannelAccess::ok) std::memcpy(&bytes[address], in, length);
        return access;
    }

    void put64(uint32_t address, uint64_t value) {
        for (unsigned i = 0; i < 8; ++i) bytes[address + i] = static_cast<uint8_t>(value >> (56 - 8 * i));
    }
    void put32(uint32_t address, uint32_t value) {
        for (unsigned i = 0; i < 4; ++i) bytes[address + i] = static_cast<uint8_t>(value >> (24 - 8 * i));
    }

    std::vector<uint8_t> bytes;
    std::vector<uint8_t> keys;
    std::vector<bool> fetch_protected;

  private:
    ChannelAccess allowed(uint32_t address, uint32_t length, uint8_t key, bool fetching) const {
        // The contract of ChannelStorage: never across a 2K-byte block.
        REQUIRE(length >= 1);
        REQUIRE(address / 2048 == (address + length - 1) / 2048);
        if (address >= bytes.size()) return ChannelAccess::addressing;
        const uint32_t block = address / 2048;
        if (key == 0 || key == keys[block] || (fetching && !fetch_protected[block])) return ChannelAccess::ok;
        return ChannelAccess::protection;
    }
};

/// A device with these commands: 01 write and 02 read a record of `record` bytes; 0C read it backward; 07
/// control, immediate; 0B control, channel end at once and device end after 1 ms; 03 no-operation; 11 write,
/// channel end and device end apart. Every command lasts 1 ms.
class ScriptedDevice final : public Device {
  public:
    ScriptedDevice() : Device({}, 1) {}
    std::string_view type() const override { return "TEST"; }

    /// The ending status of the n-th command that transfers data, if not channel end and device end.
    std::map<unsigned, uint8_t> end_status;
    /// The initial status of a command code that is to be refused or modified.
    std::map<uint8_t, uint8_t> initial_status;
    std::string record = "ABCDEFGHIJ";
    std::string written;
    std::vector<uint8_t> commands;
    std::function<void()> before_transfer = [] {};
    uint32_t accepted = 0;  // bytes that the channel accepted of the last record

    void attention() { present(kAttention); }

  private:
    uint8_t start(uint8_t command) override {
        commands.push_back(command);
        if (const auto it = initial_status.find(command); it != initial_status.end()) {
            if ((it->second & kUnitCheck) != 0) return check(kSenseInterventionRequired);
            return it->second;
        }
        switch (command) {
            case 0x03:
            case 0x07: return kChannelEnd | kDeviceEnd;
            case 0x0B: after(kMillisecond, [this] { present(kDeviceEnd); }); return kChannelEnd;
            case 0x01:
            case 0x02:
            case 0x0C:
            case 0x11: after(kMillisecond, [this, command] { transfer(command); }); return 0;
            default: return check(kSenseCommandReject);
        }
    }

    void transfer(uint8_t command) {
        before_transfer();
        if ((command & 3) == 1) {
            std::vector<uint8_t> data(record.size());
            accepted = path().take(data);
            written.append(data.begin(), data.begin() + accepted);
        } else {
            std::string data = record;
            if (command == 0x0C) std::reverse(data.begin(), data.end());
            accepted = path().give({reinterpret_cast<const uint8_t*>(data.data()), data.size()});
        }
        const auto it = end_status.find(static_cast<unsigned>(commands.size()));
        const uint8_t status = it == end_status.end() ? kChannelEnd | kDeviceEnd : it->second;
        if (command == 0x11)
            end_transfer_then(kMillisecond);
        else
            present(status);
    }
};

// The abbreviations of the field, so that a channel program fits on a line.
enum : uint8_t {
    CD = kFlagChainData,
    CC = kFlagChainCommand,
    SLI = kFlagSuppressLength,
    SKIP = kFlagSkip,
    PCI = kFlagProgramControlled,
    IDA = kFlagIndirect,
    CE = kChannelEnd,
    DE = kDeviceEnd,
};

/// Channel programs at 1000 (hex), data at 2000, one device at 00E on the byte multiplexer channel.
struct Machine : ChannelObserver {
    static constexpr uint16_t device_address = 0x00E;
    static constexpr uint32_t program = 0x1000;
    static constexpr uint32_t data = 0x2000;

    explicit Machine(ChannelTiming timing = {}) : channels(storage, queue, timing) {}

    ArrayStorage storage;
    EventQueue queue;
    ChannelSubsystem channels;
    ScriptedDevice& device = channels.attach(device_address, std::make_unique<ScriptedDevice>());
    std::vector<uint16_t> announced;
    std::vector<ChannelUse> concluded;
    Observation<ChannelObserver> observation{channels.observers, *this};

    void on_interruption_pending(uint16_t address) override { announced.push_back(address); }
    void on_concluded(uint16_t, const ChannelUse& use) override { concluded.push_back(use); }

    void ccws(std::initializer_list<Ccw> list, uint32_t at = program) {
        for (const Ccw& ccw : list) {
            storage.put64(at, encode(ccw));
            at += 8;
        }
    }
    IoResult start(uint32_t caw = program, uint16_t address = device_address) {
        return channels.start_io(address, caw);
    }
    void run(SimTime duration = kSecond) { queue.run_until(queue.now() + duration); }
    /// Starts the program, lets it end, and answers the CSW of its interruption.
    Csw execute(uint32_t caw = program) {
        const IoResult result = start(caw);
        REQUIRE(result.condition_code == 0);
        run();
        return interruption();
    }
    Csw interruption(uint16_t address = device_address) {
        const auto taken = channels.take(address);
        REQUIRE(taken.has_value());
        return taken->csw;
    }
    std::string text(uint32_t at, unsigned length) const {
        return {storage.bytes.begin() + at, storage.bytes.begin() + at + length};
    }
};

}  // namespace channel_test

namespace doctest {
template <>
struct StringMaker<simulation::Csw> {
    static String convert(const simulation::Csw& csw) {
        char text[17];
        std::snprintf(text, sizeof text, "%016llX", static_cast<unsigned long long>(encode(csw)));
        return text;
    }
};
}  // namespace doctest
