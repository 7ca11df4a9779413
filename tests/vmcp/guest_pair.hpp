// The same core image natively and as a guest, for tests of equivalence.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "scheduler/make_policy.hpp"
#include "simulation/devices/device_configuration.hpp"
#include "simulation/machine/machine.hpp"
#include "vmcp/control_program/control_program.hpp"

namespace vmcp::test {

/// What is left of a program when it has ended, as far as it could see it itself.
struct EndState {
    isa::CpuState state;
    std::vector<uint8_t> storage;  // with the interval timer (location 80) zeroed: it tells time
    std::vector<uint8_t> keys;     // one a 2K block, reference and change bits included
    uint8_t timer = 0;             // first byte of the interval timer at the end
    uint64_t instructions = 0;
    std::string end;      // "disabled-wait", "check-stop", ...
    std::string console;  // lines

    /// Natively: whether a guest can be held to it. A program that loops for ever has no end; one that has
    /// set the interval timer sees time.
    bool is_comparable() const { return end != "limit" && timer == 0x7F; }
};

/// The first thing in which two end states differ; empty if in none.
inline std::string difference(const EndState& native, const EndState& guest) {
    if (native.end != guest.end) return fmt::format("end: {} natively, {} as a guest", native.end, guest.end);
    for (unsigned r = 0; r < 16; ++r) {
        if (native.state.gpr[r] != guest.state.gpr[r])
            return fmt::format("GR{}: {:08X} natively, {:08X} as a guest", r, native.state.gpr[r],
                               guest.state.gpr[r]);
        if (native.state.cr[r] != guest.state.cr[r])
            return fmt::format("CR{}: {:08X} natively, {:08X} as a guest", r, native.state.cr[r],
                               guest.state.cr[r]);
    }
    if (native.state.fpr != guest.state.fpr) return "floating-point registers";
    if (!(native.state.psw == guest.state.psw))
        return fmt::format("PSW: {:016X} natively, {:016X} as a guest", isa::encode(native.state.psw),
                           isa::encode(guest.state.psw));
    for (size_t i = 0; i < native.storage.size(); ++i)
        if (native.storage[i] != guest.storage[i])
            return fmt::format("storage at {:06X}: {:02X} natively, {:02X} as a guest", i, native.storage[i],
                               guest.storage[i]);
    for (size_t i = 0; i < native.keys.size(); ++i)
        if (native.keys[i] != guest.keys[i])
            return fmt::format("key of block {:06X}: {:02X} natively, {:02X} as a guest", i * 2048,
                               native.keys[i], guest.keys[i]);
    if (native.instructions != guest.instructions)
        return fmt::format("instructions: {} natively, {} as a guest", native.instructions,
                           guest.instructions);
    return {};
}

struct NativeGuest {
    explicit NativeGuest(uint32_t storage_bytes, const std::string& model = "s370-158")
        : machine(simulation::MachineModel::load(model), storage_bytes) {
        simulation::UnitRecordOutput output;
        output.console = [this](std::string_view text, bool) { console += text; };
        output.punch = [](const simulation::Card&, unsigned) {};
        output.printer = [this](std::string_view text) { printer += text; };
        devices = simulation::attach_all(machine.channels(), machine.model(), simulation::standard_units(),
                                         [&](const simulation::DeviceDescription&) { return output; });
    }

    /// `piece`: stops that often on the way, as an operator might; an interruptible instruction then ends
    /// after the unit of operation under way. The TLB is purged there, as a control program may that
    /// dispatches another.
    EndState run(const std::vector<uint8_t>& image, uint64_t max_instructions,
                 SimTime piece = simulation::kNever) {
        machine.storage().put(0, image.data(), static_cast<uint32_t>(image.size()));
        machine.restart();
        simulation::Stop stop = simulation::Stop::limit;
        for (uint64_t done = 0; done < max_instructions && stop == simulation::Stop::limit;) {
            const SimTime until = piece == simulation::kNever ? piece : machine.cpu().now() + piece;
            const uint64_t before = machine.instructions();
            if (piece != simulation::kNever) machine.cpu().purge_tlb();
            stop = machine.run({max_instructions - done, until});
            done += std::max<uint64_t>(machine.instructions() - before, 1);
        }
        return end_state(stop);
    }
    EndState end_state(simulation::Stop stop) {
        EndState e;
        e.state = machine.cpu().state();
        const uint32_t size = machine.storage().size();
        e.storage.assign(machine.storage().at(0), machine.storage().at(0) + size);
        for (uint32_t a = 0; a < size; a += simulation::kBlock) e.keys.push_back(machine.storage().key(a));
        e.timer = e.storage[isa::Assigned::interval_timer];
        std::fill_n(e.storage.begin() + isa::Assigned::interval_timer, 4, uint8_t{0});
        e.instructions = machine.cpu().counters().instructions;
        e.end = name_of(stop);
        e.console = console;
        return e;
    }

    simulation::Machine machine;
    simulation::UnitRecordDevices devices;
    std::string console, printer;
};

/// A control program on a machine of its own; guests are logged on by name.
struct Host {
    explicit Host(uint32_t real_storage = 16 * simulation::kMebibyte,
                  const std::string& policy = "round-robin", const std::string& model = "s370-158",
                  SimTime slice = 10 * simulation::kMillisecond, PagingOptions paging = {},
                  uint32_t v_equals_r = 0)
        : machine(simulation::MachineModel::load(model), real_storage),
          cp(machine, {ControlProgramModel::load("vm370", machine.model()),
                       scheduler::make_policy(policy, scheduler::Parameters{.slice = slice}),
                       std::move(paging), v_equals_r}) {}

    /// Pages go to a disk of this type on a real channel first.
    void page_on(const std::string& type, QueueOrder order = QueueOrder::arrival) {
        simulation::DeviceDescription disk;
        disk.address = 0x2B0;
        disk.type = type;
        cp.attach_paging(disk, order);
    }
    VirtualMachine& log_on(const std::string& name, uint32_t storage_bytes, unsigned shadow_sets = 4) {
        VmOptions options;
        options.name = name;
        options.storage = storage_bytes;
        options.shadow_sets = shadow_sets;
        return log_on(std::move(options));
    }
    VirtualMachine& log_on(VmOptions options) {
        const std::string name = options.name;
        VmOutput output;
        output.console_line = [this, name](std::string_view line) {
            console[name] += std::string(line) + "\n";
        };
        output.printer = [this, name](uint16_t, std::string_view text) { printer[name] += text; };
        return cp.log_on(std::move(options), std::move(output));
    }
    VirtualMachine& start(const std::string& name, uint32_t storage_bytes,
                          const std::vector<uint8_t>& image) {
        VirtualMachine& vm = log_on(name, storage_bytes);
        cp.load(vm, SecondLevel(0), image);
        cp.restart(vm);
        return vm;
    }
    EndState end_state(VirtualMachine& vm) {
        EndState e;
        e.state = vm.state;
        for (uint32_t a = 0; a < vm.storage.size(); a += simulation::kBlock) {
            e.keys.push_back(vm.storage.key(SecondLevel(a)));
            for (uint32_t i = 0; i < simulation::kBlock; i += 4) {
                const uint32_t word = vm.storage.peek32(SecondLevel(a + i));
                for (int shift = 24; shift >= 0; shift -= 8)
                    e.storage.push_back(static_cast<uint8_t>(word >> shift));
            }
        }
        e.timer = e.storage[isa::Assigned::interval_timer];
        std::fill_n(e.storage.begin() + isa::Assigned::interval_timer, 4, uint8_t{0});
        e.instructions = vm.instructions;
        e.end = vm.status == VmState::waiting ? "idle"
                                              : name_of(vm.stop);  // an enabled wait that nothing will end
        e.console = console[vm.options.name];
        return e;
    }

    simulation::Machine machine;
    ControlProgram cp;
    std::map<std::string, std::string> console, printer;
};

}  // namespace vmcp::test
