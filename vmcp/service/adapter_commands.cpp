#include "vmcp/service/adapter_commands.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vmcp {
namespace {

using simulation::ChannelToChannel;

// Message numbers, which are the return codes, and texts in the manner of GC20-1808 (VM/370 System Messages).
enum ReturnCode : uint32_t {
    kDone = 0,
    kInvalidType = 6,
    kUserMissing = 20,
    kAddressMissing = 22,
    kNoDevice = 40,
    kNotLoggedOn = 45,
    kCoupledWithItself = 58,
};

struct Place {
    VirtualMachine* vm = nullptr;  // null: nowhere
    uint16_t address = 0;
};

/// Whose end that is.
Place place_of(const Nucleus& nucleus, const ChannelToChannel& end) {
    for (VirtualMachine& vm : nucleus.machines)
        for (const uint16_t address : vm.io.channels.addresses())
            if (vm.io.channels.device(address) == &end) return {&vm, address};
    return {};
}

/// The end at an address of a machine. Null: it has none there, which has been said; `code` is set.
ChannelToChannel* end_at(const DeviceCommand& c, const VirtualMachine& vm, uint16_t address, uint32_t& code) {
    if (device_at(vm, address) == nullptr) {
        code = c.refuse(kNoDevice, fmt::format("DMKDIA040E DEV {:03X} DOES NOT EXIST", address));
        return nullptr;
    }
    ChannelToChannel* const end = vm.io.adapter(address);
    if (end == nullptr)
        code = c.refuse(kInvalidType, fmt::format("DMKDIA006E INVALID DEVICE TYPE - {:03X}", address));
    return end;
}

uint32_t couple(const DeviceCommand& c) {
    const auto mine = c.address(1);
    if (!mine) return c.refuse(kAddressMissing, "DMKDIA022E VADDR MISSING OR INVALID");
    size_t at = c.word(2) == "TO" ? 3 : 2;
    if (at >= c.size()) return c.refuse(kUserMissing, "DMKDIA020E USERID MISSING OR INVALID");
    VirtualMachine* const other = find_user(c.nucleus, c.vm, c.word(at));
    if (other == nullptr)
        return c.refuse(kNotLoggedOn, fmt::format("DMKDIA045E {} NOT LOGGED ON", c.word(at)));
    const auto theirs = c.address(at + 1);
    if (!theirs) return c.refuse(kAddressMissing, "DMKDIA022E VADDR MISSING OR INVALID");
    uint32_t code = kDone;
    ChannelToChannel* const one = end_at(c, c.vm, *mine, code);
    if (one == nullptr) return code;
    ChannelToChannel* const two = end_at(c, *other, *theirs, code);
    if (two == nullptr) return code;
    if (one == two)
        return c.refuse(kCoupledWithItself, fmt::format("DMKDIA058E CTCA {:03X} NOT COUPLED; IT IS THE OTHER "
                                                        "END",
                                                        *mine));
    if (one->partner() != two) {
        tell_dropped(c, *mine);
        one->uncouple();
        if (two->partner() != nullptr) {
            const Place third = place_of(c.nucleus, *two->partner());
            third.vm->io.message(c.work, fmt::format("CTCA {:03X} DROP {} {:03X}", third.address,
                                                     other->options.name, *theirs));
            two->uncouple();
        }
        one->couple(*two);
    }
    c.say(fmt::format("CTCA {:03X} COUPLE TO {} {:03X}", *mine, other->options.name, *theirs));
    if (other != &c.vm)
        other->io.message(c.work,
                          fmt::format("CTCA {:03X} COUPLE BY {} {:03X}", *theirs, c.vm.options.name, *mine));
    return kDone;
}

}  // namespace

std::string coupled_text(const Nucleus& nucleus, const ChannelToChannel& end) {
    if (end.partner() == nullptr) return "NOT COUPLED";
    const Place other = place_of(nucleus, *end.partner());
    return fmt::format("TO {} {:03X}", other.vm->options.name, other.address);
}

void tell_dropped(const DeviceCommand& c, uint16_t address) {
    const ChannelToChannel* const end = c.vm.io.adapter(address);
    if (end == nullptr || end->partner() == nullptr) return;
    const Place other = place_of(c.nucleus, *end->partner());
    c.say(fmt::format("CTCA {:03X} DROP {} {:03X}", address, other.vm->options.name, other.address));
    if (other.vm != &c.vm)
        other.vm->io.message(
            c.work, fmt::format("CTCA {:03X} DROP {} {:03X}", other.address, c.vm.options.name, address));
}

void couple_as_described(MachineTable& machines, const VirtualMachine& added) {
    const auto& own = added.options.devices;
    if (std::none_of(own.begin(), own.end(), [](const auto& device) { return device.type == "CTCA"; }))
        return;
    for (VirtualMachine& vm : machines)
        for (const simulation::DeviceDescription& device : vm.options.devices) {
            if (!device.couple || device.couple_machine.empty()) continue;
            const VirtualMachine* const other = machines.find(device.couple_machine);
            ChannelToChannel* const one = vm.io.adapter(device.address);
            ChannelToChannel* const two = other == nullptr ? nullptr : other->io.adapter(*device.couple);
            if (one == nullptr || two == nullptr || one == two) continue;
            if (one->partner() == nullptr && two->partner() == nullptr) one->couple(*two);
        }
}

std::optional<uint32_t> execute_adapter_command(const DeviceCommand& c) {
    if (c.is(0, "COUPLE", 2)) return couple(c);
    return std::nullopt;
}

}  // namespace vmcp
