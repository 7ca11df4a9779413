#include "vmcp/service/command_words.hpp"

#include <charconv>

#include "simulation/devices/ckd_disk.hpp"
#include "simulation/devices/display_3277.hpp"
#include "simulation/devices/fba_disk.hpp"
#include "simulation/devices/tape_drive.hpp"

namespace vmcp {
namespace {

template <class T>
std::optional<T> parse(std::string_view text, int base, T most) {
    T value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value > most)
        return std::nullopt;
    return value;
}

}  // namespace

std::optional<uint16_t> DeviceCommand::address(size_t i) const {
    if (word(i).size() > 3) return std::nullopt;
    return parse<uint16_t>(word(i), 16, 0xFFF);
}

std::optional<uint32_t> DeviceCommand::number(size_t i) const {
    return parse<uint32_t>(word(i), 10, 99'999'999);
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
