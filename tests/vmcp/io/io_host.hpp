// A control program with real devices, driven event by event, for tests of what guests do with them.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/make_policy.hpp"
#include "simulation/devices/device_configuration.hpp"
#include "simulation/machine/machine.hpp"
#include "simulation/model/temporary_directory.hpp"
#include "vmcp/control_program/control_program.hpp"

namespace vmcp::test {

using Bytes = std::vector<uint8_t>;

inline constexpr uint16_t kDevice = 0x150;
inline constexpr uint32_t kTwinStorage = 0x10000;

/// A control program whose work takes no time, so that what it does for a guest happens at the moment when
/// the guest asks for it.
inline ControlProgramModel free_of_charge(const simulation::MachineModel& machine) {
    ControlProgramModel model = ControlProgramModel::load("unit", machine);
    model.prices.fill(0);
    return model;
}

/// Of a machine whose interruptions take no time either, if `free`.
inline simulation::MachineModel machine_model(bool free) {
    simulation::MachineModel model = simulation::MachineModel::load("s370-158-interpretive-io");
    if (free) model.interruption_ns.value = 0;
    return model;
}

struct IoHost {
    explicit IoHost(uint32_t real_storage = 2 * simulation::kMebibyte, uint32_t v_equals_r = 0,
                    bool free = true, PagingOptions paging = {})
        : machine(machine_model(free), real_storage),
          cp(machine,
             {free ? free_of_charge(machine.model()) : ControlProgramModel::load("vm370", machine.model()),
              scheduler::make_policy("round-robin", scheduler::Parameters{}), std::move(paging),
              v_equals_r}) {}

    VirtualMachine& log_on(const std::string& name, StorageKind kind, const std::vector<MappedDevice>& mapped,
                           uint32_t storage = kTwinStorage) {
        VmOptions options;
        options.name = name;
        options.storage = storage;
        options.storage_kind = kind;
        options.mapped_devices = mapped;
        if (interpretive) {
            options.assists = {Assist::sie};
            options.translation = GuestTranslation::nested;
        }
        return cp.log_on(std::move(options), {});
    }
    /// Pages go to a disk of this type on a real channel first.
    void page_on(uint16_t address, const std::string& type, QueueOrder order = QueueOrder::arrival) {
        simulation::DeviceDescription disk;
        disk.address = address;
        disk.type = type;
        cp.attach_paging(disk, order);
    }
    simulation::IoResult start(VirtualMachine& vm, uint32_t caw, uint16_t device = kDevice) {
        Work work(cp.ledger(), vm.account, Cause::ccw);
        return vm.io.start_io(work, device, caw, false);
    }
    /// Lets time go on to the next event; false if there is none.
    bool step() {
        if (cp.real_io().interruption_pending()) {
            cp.real_io().take_interruptions(nullptr);
            return true;
        }
        const SimTime next = machine.events().next();
        if (next == simulation::kNever) return false;
        if (next > cp.now()) cp.ledger().idle_until(next, false);
        machine.catch_up();
        cp.real_io().take_interruptions(nullptr);
        return true;
    }

    simulation::Machine machine;
    ControlProgram cp;
    bool interpretive = false;  // those that log on are in interpretive execution
};

inline void put_storage(VirtualMachine& vm, uint32_t at, const Bytes& bytes) {
    for (uint32_t i = 0; i < bytes.size();) {
        const uint32_t n =
            std::min<uint32_t>(static_cast<uint32_t>(bytes.size()) - i, kPage - (at + i) % kPage);
        vm.storage.real().put(vm.storage.resident(SecondLevel(at + i)).value, &bytes[i], n);
        vm.storage.note_change(SecondLevel(at + i));
        i += n;
    }
}

inline Bytes storage_of(VirtualMachine& vm) {
    Bytes all(vm.storage.size());
    for (uint32_t a = 0; a < vm.storage.size(); a += kPage)
        if (const auto at = vm.storage.locate(SecondLevel(a)))
            std::memcpy(&all[a], vm.storage.real().at(at->value), kPage);
    return all;
}

/// What a program noticed of one START I/O.
struct Noticed {
    unsigned condition_code = 0;
    bool ended = false;  // an interruption with a whole CSW, or status stored
    simulation::Csw csw;
    uint8_t later = 0;  // unit status that came behind it
    bool program_controlled = false;

    bool operator==(const Noticed&) const = default;
    uint8_t unit_status() const { return csw.unit_status | later; }
    std::string text() const {
        return fmt::format("condition code {}, CSW {:016X}, later {:02X}{}{}", condition_code, encode(csw),
                           later, program_controlled ? ", PCI" : "", ended ? "" : ", never ended");
    }
    void add(simulation::Csw status) {
        const bool pci = (status.channel_status & simulation::kProgramControlled) != 0;
        program_controlled = program_controlled || pci;
        status.channel_status &= static_cast<uint8_t>(~simulation::kProgramControlled);
        if (pci && status.unit_status == 0 && status.channel_status == 0) return;
        if (ended) {
            later |= status.unit_status;
        } else {
            csw = status;
            ended = true;
        }
    }
    void start(const simulation::IoResult& result) {
        condition_code = result.condition_code;
        // Of a CSW only the status is stored by START I/O.
        if (result.condition_code == 1)
            add({0, 0, result.csw.unit_status, result.csw.channel_status, 0});
        else if (result.condition_code != 0)
            ended = true;
    }
};

}  // namespace vmcp::test
