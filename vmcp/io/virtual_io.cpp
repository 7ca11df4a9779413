#include "vmcp/io/virtual_io.hpp"

#include <algorithm>
#include <utility>

namespace vmcp {
namespace {

using simulation::UnitRecordRole;

/// A spooled device answers as soon as the control program has done its work, which is charged by steps. Zero
/// time would let a looping channel program stand still, so every transfer takes this long (assumed).
constexpr SimTime kSpoolTransfer = 10 * simulation::kMicrosecond;

simulation::DeviceTiming spool_timing() {
    return {.cycle = kSpoolTransfer,
            .transfer = kSpoolTransfer,
            .ends_together = simulation::DeviceTiming::Together::all};
}

}  // namespace

VirtualIo::VirtualIo(Ledger& ledger, Account& account, simulation::EventQueue& events, GuestStorage& storage,
                     const isa::CpuState& state, VmOutput output)
    : channel_storage(storage, state),
      channels(channel_storage, events),
      ledger_(ledger),
      account_(account),
      output_(std::move(output)) {
    channels.observers.add(*this);
}

void VirtualIo::attach(const simulation::MachineModel& model,
                       const std::vector<simulation::DeviceDescription>& all) {
    const auto output = [this](const simulation::DeviceDescription& device) -> simulation::UnitRecordOutput {
        return {[this](std::string_view text, bool keyed) { type(text, keyed); },
                spooled_punch(device.address), spooled_printer(device.address)};
    };
    devices = simulation::attach_all(channels, model, all, output, spool_timing());
    for (const simulation::DeviceDescription& device : all)
        if (simulation::unit_record_role(device.type) != UnitRecordRole::console) add_spooled(device.address);
}

void VirtualIo::add_spooled(uint16_t device) {
    spooled_.push_back({device, dynamic_cast<const simulation::CardReader*>(channels.device(device))});
}

VirtualIo::Spooled* VirtualIo::spooled(uint16_t device) {
    const auto found = std::find_if(spooled_.begin(), spooled_.end(),
                                    [&](const Spooled& one) { return one.address == device; });
    return found == spooled_.end() ? nullptr : &*found;
}

Step VirtualIo::start_step(uint16_t device) {
    return spooled(device) != nullptr ? Step::start_spool : Step::start_io;
}

/// No channel program of the guest's was translated: the control program makes the console's itself, and for
/// a spooled device there is none, nor a real interruption.
void VirtualIo::on_concluded(uint16_t device, const simulation::ChannelUse&) {
    Spooled* const spool = spooled(device);
    if (spool == nullptr) return Work(ledger_, account_, Cause::ccw).step(Step::end_io);
    if (spool->reader == nullptr) return;
    const uint64_t read = spool->reader->cards_read() - spool->cards_charged;
    spool->cards_charged += read;
    if (read != 0) Work(ledger_, account_, Cause::spool).step(Step::spool_record, read);
}

void VirtualIo::on_interruption_pending(uint16_t) { on_interruption_pending_for_guest(); }

void VirtualIo::message(Work& work, std::string_view line) {
    work.step(Step::console_line);
    if (output_.console_text) output_.console_text(std::string(line) + '\n', false);
    if (output_.console_line) output_.console_line(line);
}

void VirtualIo::end_console_line() {
    if (lines_.line().empty()) return;
    lines_.end([this](std::string_view line) {
        if (output_.console_line) output_.console_line(line);
    });
}

void VirtualIo::type(std::string_view text, bool keyed) {
    if (output_.console_text) output_.console_text(text, keyed);
    lines_.add(text, [this](std::string_view line) {
        Work(ledger_, account_, Cause::console).step(Step::console_line);
        if (output_.console_line) output_.console_line(line);
    });
}

simulation::CardPunch::Output VirtualIo::spooled_punch(uint16_t device) {
    return [this, device](const simulation::Card& card, unsigned) {
        Work(ledger_, account_, Cause::spool).step(Step::spool_record);
        if (output_.punch) output_.punch(device, card);
    };
}

simulation::Printer::Output VirtualIo::spooled_printer(uint16_t device) {
    return [this, device](std::string_view text) {
        for (const char c : text)
            if (c == '\n' || c == '\f') Work(ledger_, account_, Cause::spool).step(Step::spool_record);
        if (output_.printer) output_.printer(device, text);
    };
}

}  // namespace vmcp
