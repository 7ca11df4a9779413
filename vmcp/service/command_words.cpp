#include "vmcp/service/command_words.hpp"

#include <charconv>

#include "simulation/devices/ckd_disk.hpp"
#include "simulation/devices/display_3277.hpp"
#include "simulation/devices/fba_disk.hpp"
#include "simulation/devices/tape_drive.hpp"
#include "simulation/model/capitals.hpp"

namespace vmcp {

std::optional<uint32_t> decimal_number(std::string_view word, uint32_t most) {
    uint32_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size() || value > most) return std::nullopt;
    return value;
}

VirtualMachine* find_user(const Nucleus& nucleus, VirtualMachine& self, std::string_view name) {
    if (name == "*") return &self;
    if (VirtualMachine* const exactly = nucleus.machines.find(name)) return exactly;
    for (VirtualMachine& vm : nucleus.machines)
        if (simulation::capitals(vm.options.name) == name) return &vm;
    return nullptr;
}

const simulation::Device* device_at(const VirtualMachine& vm, uint16_t address) {
    const RelayedSubchannel* const relay = vm.io.relayed(address);
    return relay != nullptr ? &relay->what().device->device : vm.io.channels.device(address);
}

std::string_view kind_of(const simulation::Device& device) {
    using namespace simulation;
    if (dynamic_cast<const CkdDisk*>(&device) != nullptr || dynamic_cast<const FbaDisk*>(&device) != nullptr)
        return "DASD";
    if (dynamic_cast<const TapeDrive*>(&device) != nullptr) return "TAPE";
    if (dynamic_cast<const CardReader*>(&device) != nullptr) return "RDR";
    if (dynamic_cast<const CardPunch*>(&device) != nullptr) return "PUN";
    if (dynamic_cast<const Printer*>(&device) != nullptr) return "PRT";
    if (dynamic_cast<const Console*>(&device) != nullptr) return "CONS";
    if (dynamic_cast<const Display3277*>(&device) != nullptr) return "GRAF";
    return "CTCA";
}

}  // namespace vmcp
