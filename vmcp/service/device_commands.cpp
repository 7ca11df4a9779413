#include "vmcp/service/device_commands.hpp"

#include <fmt/format.h>

#include "simulation/devices/tape_drive.hpp"
#include "vmcp/service/synchronous_io.hpp"

namespace vmcp {
namespace {

enum ReturnCode : uint32_t { kDone = 0, kInvalidType = 6, kAddressMissing = 22, kNoDevice = 40, kBusy = 46 };

uint32_t reset(const DeviceCommand& c, uint16_t address) {
    end_synchronous_io(c.states, c.vm, address);
    c.vm.io.channels.reset(address);
    return kDone;
}

/// Of a device that works: it will tell of its end by itself.
uint32_t ready(const DeviceCommand& c, uint16_t address) {
    simulation::Device* const own = c.vm.io.channels.device(address);
    if (own != nullptr) own->set_stopped(false);
    if (c.vm.io.channels.working(address) || c.vm.io.channels.device_end_due(address)) return kDone;
    if (own != nullptr)
        own->announce(simulation::kDeviceEnd);
    else
        c.vm.io.relayed(address)->make_ready();
    return kDone;
}

uint32_t not_ready(const DeviceCommand& c, uint16_t address) {
    simulation::Device* const own = c.vm.io.channels.device(address);
    if (own == nullptr)
        return c.refuse(kInvalidType, fmt::format("DMKCPU006E INVALID DEVICE TYPE - {:03X}", address));
    own->set_stopped(true);
    return kDone;
}

uint32_t rewind(const DeviceCommand& c, uint16_t address) {
    RelayedSubchannel* const relay = c.vm.io.relayed(address);
    auto* const tape =
        relay == nullptr ? nullptr : dynamic_cast<simulation::TapeDrive*>(&relay->what().device->device);
    if (tape == nullptr)
        return c.refuse(kInvalidType, fmt::format("DMKCPU006E INVALID DEVICE TYPE - {:03X}", address));
    if (relay->what().device->busy() || !tape->rewind_by_hand())
        return c.refuse(kBusy, fmt::format("DMKCPU046E TAPE {:03X} NOT REWOUND; NOT READY OR BUSY", address));
    c.say("REWIND COMPLETE");
    return kDone;
}

}  // namespace

std::optional<uint32_t> execute_device_command(const DeviceCommand& c) {
    if (c.is(0, "ATTN", 2) || c.is(0, "REQUEST", 3)) {
        c.vm.io.devices.console->request();
        return kDone;
    }
    uint32_t (*command)(const DeviceCommand&, uint16_t) = nullptr;
    if (c.is(0, "RESET", 3)) command = reset;
    if (c.is(0, "READY", 3)) command = ready;
    if (c.is(0, "NOTREADY", 3)) command = not_ready;
    if (c.is(0, "REWIND", 3)) command = rewind;
    if (command == nullptr) return std::nullopt;
    const auto address = c.address(1);
    if (!address) return c.refuse(kAddressMissing, "DMKCPU022E VADDR MISSING OR INVALID");
    if (device_at(c.vm, *address) == nullptr)
        return c.refuse(kNoDevice, fmt::format("DMKCPU040E DEV {:03X} DOES NOT EXIST", *address));
    return command(c, *address);
}

}  // namespace vmcp
