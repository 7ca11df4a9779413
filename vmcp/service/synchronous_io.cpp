#include "vmcp/service/synchronous_io.hpp"

#include <array>
#include <optional>
#include <vector>

#include "simulation/devices/ckd_codes.hpp"

namespace vmcp {
namespace {

using simulation::Csw;
using simulation::kSeek, simulation::kSeekHead, simulation::kSetSector, simulation::kSearchIdEqual,
    simulation::kReadData, simulation::kWriteData;

constexpr unsigned kReturnCode = 15;

/// What the guest gets when the operation has ended.
struct Outcome {
    uint8_t condition_code = 0;
    uint32_t return_code = 0;
};

constexpr uint8_t kBadUnit = simulation::kUnitCheck;
constexpr uint8_t kBadChannel = simulation::kProgramCheck | simulation::kProtectionCheck;

Outcome outcome_of(const Csw& csw) {
    constexpr uint32_t kPermanentError = 13, kUnitException = 2, kWrongLength = 3;
    if ((csw.unit_status & kBadUnit) != 0 || (csw.channel_status & kBadChannel) != 0)
        return {3, kPermanentError};
    if ((csw.unit_status & simulation::kUnitException) != 0) return {2, kUnitException};
    if ((csw.channel_status & simulation::kIncorrectLength) != 0) return {2, kWrongLength};
    return {};
}

void tell(VirtualMachine& vm, const Outcome& outcome) {
    vm.state.psw.condition_code = outcome.condition_code;
    vm.state.gpr[kReturnCode] = outcome.return_code;
}

/// The channel-status word of an operation that ended badly is where a program looks for it.
void store_csw(VirtualMachine& vm, const Csw& csw) {
    const SecondLevel at(isa::Assigned::csw);
    const auto real = vm.storage.try_resident(at);
    if (!real) return;
    vm.storage.real().put64(real->value, encode(csw));
    vm.storage.note_change(at);
}

/// For whom the operation is: the device, and the register that receives its first two bytes of sense
/// information in its low half, if any does.
struct Request {
    uint16_t device;
    unsigned sense_register;
};
constexpr unsigned kNoRegister = 16;

void finish(VirtualMachine& vm, const Request& request, const Csw& csw) {
    const Outcome outcome = outcome_of(csw);
    if (outcome.condition_code != 0) store_csw(vm, csw);
    if (outcome.condition_code == 3 && request.sense_register != kNoRegister) {
        const RelayedSubchannel* const relay = vm.io.relayed(request.device);
        const simulation::Device* const device =
            relay != nullptr ? &relay->what().device->device : vm.io.channels.device(request.device);
        const std::vector<uint8_t> sense = device->sense();
        uint32_t& into = vm.state.gpr[request.sense_register];
        into = (into & 0xFFFF0000) | uint32_t{sense[0]} << 8 | (sense.size() > 1 ? sense[1] : 0);
    }
    tell(vm, outcome);
}

/// Channel end and device end may come one after the other.
void on_interruption(MachineStates& states, VirtualMachine& vm, const Request& request) {
    SynchronousIo& io = vm.synchronous_io;
    while (const auto interruption = vm.io.channels.take(io.device)) {
        const Csw& csw = interruption->csw;
        if (csw.unit_status == 0 && csw.channel_status == simulation::kProgramControlled) continue;
        if (!io.ended) io.csw = csw;
        io.csw.unit_status |= csw.unit_status;
        io.ended = true;
    }
    if (!io.ended || vm.io.channels.device_end_due(io.device)) return;
    io.under_way = false;
    finish(vm, request, io.csw);
    vm.asleep = false;
    if (vm.status == VmState::waiting) states.wake(vm);
}

void start(MachineStates& states, VirtualCpu& cpu, const Request& request, uint32_t caw,
           uint32_t not_attached, uint32_t busy) {
    VirtualMachine& vm = cpu.vm();
    vm.io.charge_start(cpu.work(), request.device);
    const simulation::IoResult result = vm.io.start_io(cpu.work(), request.device, caw, false);
    switch (result.condition_code) {
        case 0: break;
        case 1:
            if ((result.csw.unit_status & simulation::kBusy) != 0) return tell(vm, {1, busy});
            return finish(vm, request, result.csw);
        case 2: return tell(vm, {1, busy});
        default: return tell(vm, {1, not_attached});
    }
    vm.synchronous_io = {
        true, false, request.device, {}, [&states, &vm, request] { on_interruption(states, vm, request); }};
    vm.asleep = true;
}

/// What is wrong with a program of X'18'; empty if nothing is.
std::optional<Outcome> flaw(VirtualCpu& cpu, const RelayedSubchannel& disk, uint32_t program,
                            uint32_t transfers) {
    enum Error : uint32_t {  // with condition code 2
        alignment = 5,
        argument = 6,
        command = 7,
        no_bytes = 8,
        too_many_bytes = 9,
        buffer = 10,
        count = 11,
        other_cylinder = 12
    };
    constexpr uint32_t kReadOnly = 3, kNoCylinder = 4;  // with condition code 1
    constexpr uint32_t kMostBytes = 2048, kMostTransfers = 15;
    // Each transfer has at most a seek, a set sector, a search and a transfer in channel of its own.
    constexpr uint32_t kMostCcws = 5 * kMostTransfers;
    if (program % 8 != 0) return Outcome{2, alignment};
    if (transfers == 0 || transfers > kMostTransfers) return Outcome{2, count};
    const uint32_t size = cpu.vm().storage.size();
    std::optional<unsigned> cylinder;
    for (unsigned i = 0; i < kMostCcws; ++i) {
        const uint32_t at = (program + 8 * i) & isa::kAddressMask;
        if (at + 8 > size) return Outcome{2, argument};
        std::array<uint8_t, 8> bytes;
        cpu.fetch(at, bytes.data(), 8);
        const simulation::Ccw ccw = simulation::decode_ccw(bytes.data());
        if (ccw.transfers_in_channel()) continue;
        const bool within = ccw.address + ccw.count <= size;
        if (ccw.command == kReadData || ccw.command == kWriteData) {
            if (ccw.count == 0) return Outcome{2, no_bytes};
            if (ccw.count > kMostBytes) return Outcome{2, too_many_bytes};
            if (!within) return Outcome{2, buffer};
            if (ccw.command == kWriteData && disk.what().extent.read_only) return Outcome{1, kReadOnly};
            if (transfers-- == 0) return Outcome{2, count};
        } else if (ccw.command == kSeek || ccw.command == kSeekHead) {
            if (!within || ccw.count < 6) return Outcome{2, argument};
            cpu.fetch(ccw.address, bytes.data(), 6);
            const unsigned to = unsigned{bytes[2]} << 8 | bytes[3];
            if (!disk.what().extent.whole && to >= disk.what().extent.size()) return Outcome{1, kNoCylinder};
            if (ccw.command == kSeekHead && cylinder && to != *cylinder) return Outcome{2, other_cylinder};
            if (!cylinder) cylinder = to;
        } else if (ccw.command == kSetSector || ccw.command == kSearchIdEqual) {
            if (!within) return Outcome{2, argument};
        } else {
            return Outcome{2, command};
        }
        if ((ccw.flags & (simulation::kFlagChainCommand | simulation::kFlagChainData)) == 0)
            return std::nullopt;
    }
    return Outcome{2, count};
}

// Classes and types of devices as DIAGNOSE X'24' tells them (GC20-1807).
constexpr uint8_t kTerminal = 0x80, kGraphic = 0x40, kReads = 0x20, kWrites = 0x10, kTape = 0x08,
                  kDisk = 0x04, kSpecial = 0x02;

std::pair<uint8_t, uint8_t> class_and_type(std::string_view type) {
    static constexpr std::pair<std::string_view, std::pair<uint8_t, uint8_t>> known[] = {
        {"2311", {kDisk, 0x80}},    {"2314", {kDisk, 0x40}},    {"3330", {kDisk, 0x10}},
        {"3350", {kDisk, 0x08}},    {"3340", {kDisk, 0x01}},    {"3370", {0x01, 0x02}},
        {"2400", {kTape, 0x80}},    {"3420", {kTape, 0x10}},    {"2540R", {kReads, 0x82}},
        {"3505", {kReads, 0x84}},   {"2540P", {kWrites, 0x82}}, {"3525", {kWrites, 0x84}},
        {"1403", {kWrites, 0x41}},  {"3211", {kWrites, 0x42}},  {"3277", {kGraphic, 0x04}},
        {"3278", {kGraphic, 0x01}}, {"CTCA", {kSpecial, 0x80}}, {"2540", {kReads, 0x82}},
    };
    for (const auto& [name, codes] : known)
        if (type.starts_with(name)) return codes;
    return {kTerminal, 0x00};
}

}  // namespace

void general_io(Nucleus&, MachineStates& states, VirtualCpu& cpu, unsigned r1, unsigned r3) {
    constexpr uint32_t kNotAttached = 1, kBusy = 5;
    // The high-order byte beside the address is the storage key.
    const uint32_t program = cpu.gpr(r3);
    start(states, cpu, {static_cast<uint16_t>(cpu.gpr(r1)), r3},
          (program >> 28 & 0xF) << 28 | (program & isa::kAddressMask), kNotAttached, kBusy);
}

void disk_io(Nucleus&, MachineStates& states, VirtualCpu& cpu, unsigned r1, unsigned r3) {
    constexpr uint32_t kNotAttached = 1, kNoDisk = 2, kBusy = 5;
    VirtualMachine& vm = cpu.vm();
    const auto device = static_cast<uint16_t>(cpu.gpr(r1));
    const RelayedSubchannel* const disk = vm.io.relayed(device);
    if (disk == nullptr)
        return tell(vm, {1, vm.io.channels.device(device) == nullptr ? kNotAttached : kNoDisk});
    if (disk->what().extent.device != DeviceClass::count_key_data) return tell(vm, {1, kNoDisk});
    const uint32_t program = cpu.gpr(r3) & isa::kAddressMask;
    if (const auto why = flaw(cpu, *disk, program, cpu.gpr(kReturnCode))) return tell(vm, *why);
    start(states, cpu, {device, kNoRegister}, program, kNotAttached, kBusy);
}

void end_synchronous_io(MachineStates& states, VirtualMachine& vm, uint16_t device) {
    constexpr uint32_t kNotAttached = 1;
    SynchronousIo& io = vm.synchronous_io;
    if (!io.under_way || io.device != device) return;
    io.under_way = false;
    tell(vm, {1, kNotAttached});
    vm.asleep = false;
    if (vm.status == VmState::waiting) states.wake(vm);
}

void device_type(VirtualCpu& cpu, unsigned r1, unsigned r3) {
    VirtualMachine& vm = cpu.vm();
    uint16_t address = static_cast<uint16_t>(cpu.gpr(r1));
    if (cpu.gpr(r1) == 0xFFFFFFFF) {
        for (const uint16_t one : vm.io.channels.addresses())
            if (vm.io.channels.device(one) == vm.io.devices.console) address = one;
        cpu.set_gpr(r1, address);
    }
    const RelayedSubchannel* const relay = vm.io.relayed(address);
    const simulation::Device* const device =
        relay != nullptr ? &relay->what().device->device : vm.io.channels.device(address);
    if (device == nullptr) return cpu.set_condition_code(3);
    const auto [device_class, type] = class_and_type(device->type());
    const uint32_t said = uint32_t{device_class} << 24 | uint32_t{type} << 16;
    cpu.set_gpr(r3, said);
    if (const unsigned next = r3 + 1; next <= 15) {
        // Of the real device: class, type, model, and for a terminal the length of its line.
        constexpr uint32_t kLineLength = 130;
        cpu.set_gpr(next, said | (device_class == kTerminal ? kLineLength : 0));
    }
    cpu.set_condition_code(relay != nullptr || device_class == kTerminal ? 0 : 2);
}

}  // namespace vmcp
