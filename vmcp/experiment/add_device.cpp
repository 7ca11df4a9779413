#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "vmcp/experiment/scenario.hpp"

namespace vmcp::experiment {
namespace {

using simulation::UnitRecordRole;

uint16_t address_of(const simulation::UnitRecordConfiguration& units, UnitRecordRole role) {
    switch (role) {
        case UnitRecordRole::console: return units.console;
        case UnitRecordRole::card_reader: return units.reader;
        case UnitRecordRole::card_punch: return units.punch;
        case UnitRecordRole::printer: break;
    }
    return units.printer;
}

constexpr std::array kRoles = {UnitRecordRole::console, UnitRecordRole::card_reader,
                               UnitRecordRole::card_punch, UnitRecordRole::printer};

void check_options(const simulation::DeviceDescription& device, UnitRecordRole role) {
    if (!device.overlay.empty()) throw std::invalid_argument("only disks have overlays");
    if (device.read_only) throw std::invalid_argument("only disks and tapes can be read only");
    if (role == UnitRecordRole::console && !device.file.empty())
        throw std::invalid_argument("a console has no file");
}

}  // namespace

void add_device(VmDescription& vm, simulation::DeviceDescription device) {
    check_device(device);
    const auto role = simulation::unit_record_role(device.type);
    const bool first = role && !vm.described_units[static_cast<size_t>(*role)];
    for (const UnitRecordRole other : kRoles)
        if (device.address == address_of(vm.options.devices, other) && !(first && other == *role))
            throw std::invalid_argument(fmt::format("two devices have the address {:03X}", device.address));
    for (const auto& other : vm.options.further_devices)
        if (other.address == device.address)
            throw std::invalid_argument(fmt::format("two devices have the address {:03X}", device.address));
    if (!role) {
        vm.options.further_devices.push_back(std::move(device));
        return;
    }
    check_options(device, *role);
    const bool writes = *role == UnitRecordRole::card_punch || *role == UnitRecordRole::printer;
    if (writes && !device.file.empty()) vm.output_files[device.address] = device.file;
    if (!first) {
        if (*role == UnitRecordRole::console)
            throw std::invalid_argument("there is a console already: expected one");
        vm.options.further_devices.push_back(std::move(device));
        return;
    }
    vm.described_units[static_cast<size_t>(*role)] = true;
    choose_unit(vm.options.devices, device.address, device.type);
    if (*role != UnitRecordRole::card_reader || device.file.empty()) return;
    if (vm.cards != nullptr) throw std::invalid_argument("there are cards in the reader already");
    vm.cards = std::make_shared<const simulation::Deck>(read_cards(device.file));
}

}  // namespace vmcp::experiment
