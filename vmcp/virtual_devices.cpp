// The virtual devices of a virtual machine. Reader, punch and printer are spooled: what the guest reads lies
// in a spool file already and what it writes goes to one, so they work at the control program's speed, not at
// the pace of a motor; the console is a real typewriter.
#include <string>

#include "vmcp/control_program.hpp"

namespace vmcp {
namespace {

using simulation::UnitRecordRole;

/// A spooled device answers as soon as the control program has done its work, which is charged by steps. Zero
/// time would let a looping channel program stand still, so every transfer takes this long (assumed).
constexpr SimTime kSpoolTransfer = 10 * simulation::kMicrosecond;

simulation::DeviceTiming spooled() { return {.cycle = kSpoolTransfer, .transfer = kSpoolTransfer}; }

class ChannelWatch final : public simulation::ChannelObserver {
  public:
    ChannelWatch(ControlProgram& cp, VmId id) : cp_(cp), id_(id) {}
    void on_ccw(uint16_t, const simulation::Ccw&) override {}
    void on_concluded(uint16_t, const simulation::ChannelUse& use) override {
        cp_.io_concluded(cp_.virtual_machines()[id_], use);
    }
    void on_interruption_pending(uint16_t) override { cp_.wake_if_interrupted(cp_.virtual_machines()[id_]); }

  private:
    ControlProgram& cp_;
    VmId id_;
};

}  // namespace

std::unique_ptr<simulation::ChannelObserver> ControlProgram::make_channel_watch(VmId id) {
    return std::make_unique<ChannelWatch>(*this, id);
}

void ControlProgram::io_concluded(VirtualMachine& vm, const simulation::ChannelUse& use) {
    count(vm, Cause::ccw);
    if (use.ccws != 0) charge(&vm, Cause::ccw, Step::translate_ccw, use.ccws);
    charge(&vm, Cause::ccw, Step::end_io);
}

void ControlProgram::attach_devices(VirtualMachine& vm) {
    const simulation::UnitRecordConfiguration& units = vm.options.devices;
    const simulation::UnitRecordTimings timings{
        simulation::UnitRecordTimings::of(machine_.model(), units).console, spooled(), spooled(), spooled()};
    simulation::UnitRecordOutput output;
    output.console = [this, &vm](std::string_view text, bool) {
        for (char c : text) {
            if (c == '\a') continue;
            if (c != '\n') {
                vm.console_text += c;
                continue;
            }
            count(vm, Cause::console);
            charge(&vm, Cause::console, Step::console_line);
            if (vm.output.console_line) vm.output.console_line(vm.console_text);
            vm.console_text.clear();
        }
    };
    output.punch = spooled_punch(vm, units.punch);
    output.printer = spooled_printer(vm, units.printer);
    vm.devices = simulation::attach_unit_record(vm.channels, units, timings, std::move(output));
    for (const simulation::DeviceDescription& device : vm.options.further_devices) {
        simulation::attach_further_unit(
            vm.channels, device.address, device.type, spooled(),
            {{}, spooled_punch(vm, device.address), spooled_printer(vm, device.address)});
        const bool reader = simulation::unit_record_role(device.type) == UnitRecordRole::card_reader;
        if (reader && !device.file.empty()) simulation::mount(vm.channels, device);
    }
}

simulation::CardPunch::Output ControlProgram::spooled_punch(VirtualMachine& vm, uint16_t device) {
    return [this, &vm, device](const simulation::Card& card, unsigned) {
        count(vm, Cause::spool);
        charge(&vm, Cause::spool, Step::spool_record);
        if (vm.output.punch) vm.output.punch(device, card);
    };
}

simulation::Printer::Output ControlProgram::spooled_printer(VirtualMachine& vm, uint16_t device) {
    return [this, &vm, device](std::string_view text) {
        for (char c : text) {
            if (c != '\n' && c != '\f') continue;
            count(vm, Cause::spool);
            charge(&vm, Cause::spool, Step::spool_record);
        }
        if (vm.output.printer) vm.output.printer(device, text);
    };
}

}  // namespace vmcp
