#include "vmcp/experiment/seat.hpp"

#include <fmt/format.h>

#include <utility>

#include "vmcp/experiment/ending.hpp"
#include "vmcp/experiment/program_ending.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/translation/code_space.hpp"

namespace vmcp::experiment {
namespace {

uint8_t byte_of(const VirtualMachine& vm, uint32_t address) {
    return static_cast<uint8_t>(vm.storage.peek32(SecondLevel(address & ~3u)) >> (24 - 8 * (address & 3)));
}

EndingKind kind_of_ending(const VmResult& one, const SeatMoment& at) {
    if (one.state != VmState::stopped) {
        if (at.interrupted) return EndingKind::interrupted;
        if (at.now >= at.end) return EndingKind::time_limit;
        return one.state == VmState::waiting && one.started ? EndingKind::waiting : EndingKind::none;
    }
    switch (one.stop) {
        case StopReason::none: return EndingKind::stopped;
        case StopReason::disabled_wait: return EndingKind::disabled_wait;
        case StopReason::check_stop: return EndingKind::check_stop;
        case StopReason::storage_exhausted: return EndingKind::no_storage;
        case StopReason::load_failed: return EndingKind::load_failed;
        case StopReason::logged_off: return EndingKind::logged_off;
        case StopReason::output_full: return EndingKind::output_limit;
        case StopReason::instruction_limit: return EndingKind::instruction_limit;
        case StopReason::control_program_failed: return EndingKind::control_program_failed;
    }
    return EndingKind::none;
}

Ending explain(const Seat& seat, const VmResult& one, const SeatMoment& at) {
    VirtualMachine& vm = *seat.vm;
    EndState state{.cpu = one.cpu, .model = at.model};
    state.kind = kind_of_ending(one, at);
    state.well = ended_well(one) && state.kind != EndingKind::time_limit;
    state.limit = state.kind == EndingKind::time_limit ? duration_text(at.time_limit) + " of simulated time"
                  : state.kind == EndingKind::instruction_limit
                      ? counted(seat.description.most_instructions, "instruction")
                      : fmt::format("{} bytes of output", count_text(seat.description.most_output));
    state.storage = one.storage;
    state.byte = [&vm](uint32_t address) {
        const uint32_t page = address & ~(kPage - 1);
        return byte_of(vm, page == 0                 ? address | vm.state.prefix
                           : page == vm.state.prefix ? address & (kPage - 1)
                                                     : address);
    };
    state.guest = seat.description.guest.get();
    state.patches = &seat.description.patches;
    state.first = vm.interruptions.first();
    state.pending_device = one.state == VmState::stopped ? vm.left_pending : vm.io.channels.pending();
    state.reads_console = one.console_read_waiting;
    return explain_ending(state);
}

}  // namespace

VmResult result_of(Seat& seat, const SeatMoment& at) {
    if (seat.vm == nullptr) return seat.left;
    const VirtualMachine& vm = *seat.vm;
    const SimTime now = at.now;
    const SimTime since = now - vm.since;
    VmResult one;
    one.name = vm.options.name;
    one.file = seat.description.guest->file;
    one.storage = vm.storage.size();
    one.resident_pages = vm.storage.resident_pages();
    one.scheduling = vm.options.scheduling;
    one.state = vm.status;
    one.stop = vm.stop;
    one.started = seat.started;
    one.console_read_waiting = vm.io.devices.console->read_waiting();
    one.cpu = vm.state;
    one.account = vm.account;
    one.exits = vm.exits;
    one.instructions = vm.instructions;
    one.tlb_misses = vm.tlb_misses;
    one.table_references = vm.table_references;
    one.start = vm.started;
    one.end = vm.status == VmState::stopped ? vm.ended : now;
    one.waited = vm.waited + (vm.status == VmState::waiting ? since : 0);
    one.page_waited = vm.page_waited + (vm.status == VmState::page_wait ? since : 0);
    one.page_waits = vm.page_waits;
    one.errors = vm.errors;
    one.pages = vm.storage.counts();
    one.storage_kind = vm.options.storage_kind;
    one.technique = vm.options.technique;
    one.interpreted = vm.interpreted_time;
    if (vm.code != nullptr) {
        one.code = vm.code->counts;
        one.code_pages = vm.code->pages();
    }
    one.translation = vm.options.translation;
    one.assists = vm.options.assists;
    one.intercepts = vm.options.intercepts;
    one.exits_together = vm.options.exits_together;
    one.wait_completion = vm.options.wait_completion;
    one.io_presented = vm.io_presented;
    one.exits_spared = vm.exits_spared;
    one.assist_counts = vm.assist_counts;
    one.was_ready = vm.was_ready + (vm.status == VmState::ready ? since : 0);
    one.responses = vm.responses;
    one.response_time = vm.response_time;
    for (const RelayedSubchannel* relay : vm.io.all_relayed()) {
        const RelayedDevice& what = relay->what();
        RealDevice& device = what.pieces.empty() ? *what.device : *what.pieces.front().device;
        const DiskExtent& extent = what.pieces.empty() ? what.extent : what.pieces.front().extent;
        std::vector<MinidiskPiece> further;
        for (size_t i = 1; i < what.pieces.size(); ++i)
            further.push_back(
                {what.pieces[i].device->address, what.pieces[i].extent.first, what.pieces[i].extent.count});
        one.devices.push_back(
            {relay->address(), device.address, std::string(device.device.type()), what.way, what.dedicated,
             extent.read_only, extent.first, extent.count, std::move(further), relay->counts(),
             what.watch != nullptr, what.watch != nullptr && what.watch->enciphers(), what.instead_of,
             what.interpretive, std::string(what.not_interpretive),
             what.way == WayOfIo::translating_channel ? std::optional(relay->mapping()) : std::nullopt});
    }
    one.io_refused = vm.io.refused();
    one.io_refusals = vm.io.refusals();
    if (vm.rings != nullptr)
        for (unsigned i = 0; i < vm.rings->size(); ++i) {
            const RingDevice& ring = *vm.rings->find(i);
            one.rings.push_back({ring.kind(), ring.status(), ring.fault(), ring.counts()});
        }
    one.output = seat.outputs.output();
    one.ending = explain(seat, one, at);
    for (const Expectation& expectation : seat.description.expectations)
        for (StorageBytes bytes : expectation.looks_at()) {
            for (uint32_t i = 0; i < bytes.bytes.size(); ++i) bytes.bytes[i] = byte_of(vm, bytes.address + i);
            one.looked_at.push_back(std::move(bytes));
        }
    return one;
}

}  // namespace vmcp::experiment
