#include <fmt/format.h>

#include <stdexcept>

#include "vmcp/experiment/scenario.hpp"

namespace vmcp::experiment {
namespace {

using simulation::UnitRecordRole;

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
    simulation::DeviceList& devices = vm.options.devices;
    simulation::DeviceDescription* const own = role && !vm.described_units[static_cast<size_t>(*role)]
                                                   ? &first_unit(devices, *role)
                                                   : nullptr;  // whose place it takes
    for (const auto& other : devices)
        if (other.address == device.address && &other != own)
            throw std::invalid_argument(fmt::format("two devices have the address {:03X}", device.address));
    if (role) check_options(device, *role);
    const bool writes = role == UnitRecordRole::card_punch || role == UnitRecordRole::printer;
    if (writes && !device.file.empty()) vm.output_files[device.address] = device.file;
    if (own == nullptr) {
        if (role == UnitRecordRole::console)
            throw std::invalid_argument("there is a console already: expected one");
        devices.push_back(std::move(device));
        return;
    }
    vm.described_units[static_cast<size_t>(*role)] = true;
    own->address = device.address;
    own->type = device.type;
    if (*role != UnitRecordRole::card_reader || device.file.empty()) return;
    if (vm.cards != nullptr) throw std::invalid_argument("there are cards in the reader already");
    vm.cards = std::make_shared<const simulation::Deck>(read_cards(device.file));
}

void use_carriage_tape(simulation::DeviceList& devices, const std::string& file) {
    if (file.empty()) return;
    for (simulation::DeviceDescription& device : devices)
        if (simulation::unit_record_role(device.type) == UnitRecordRole::printer) device.carriage_tape = file;
}

}  // namespace vmcp::experiment
