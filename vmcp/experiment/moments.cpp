#include "vmcp/experiment/moments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "isa/disassembler.hpp"
#include "vmcp/experiment/assembled_source.hpp"
#include "vmcp/experiment/interruption_text.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::experiment {

using Json = nlohmann::ordered_json;

struct MomentRecorder::Moment {
    std::string_view kind;
    SimTime at = 0;
    std::optional<SimTime> cost;
    std::optional<uint32_t> vm;
    uint64_t trap = 0;                                 // number of the one that it belongs to; 0: none
    std::optional<uint64_t> real_psw;                  // nothing: as before
    std::optional<std::array<uint32_t, 16>> real_gpr;  // nothing: the control program's own
    uint64_t psw = 0;                                  // the virtual machine's
    std::array<uint32_t, 16> gpr{}, cr{};              // likewise
    std::optional<isa::Decoded> instruction;           // put into words when it is certain that it is kept
    std::optional<uint32_t> address;
    std::string text, name, cause;
    uint64_t times = 1, left_out = 0;
    std::string_view document;
    size_t lines = 0;  // of the consoles, so far
};

std::string_view document_of(Step step) {
    constexpr std::string_view kTakesOver = "how-a-trap-travels.md#step-3",
                               kSimulates = "how-a-trap-travels.md#step-5",
                               kPresents = "how-a-trap-travels.md#step-6",
                               kGoesOn = "how-a-trap-travels.md#step-7",
                               kOtherExits = "how-a-trap-travels.md#faults-and-other-exits",
                               kVirtualDevice = "channel-io.md#the-way",
                               kRealDevice = "virtual-io.md#what-happens-at-a-guests-sio";
    switch (step) {
        case Step::enter_from_trap: return kTakesOver;
        case Step::interpret_fetch:
        case Step::interpret_operand:
        case Step::interpret_walk:
        case Step::interpret_general:
        case Step::interpret_branch:
        case Step::interpret_field:
        case Step::interpret_long:
        case Step::interpret_float:
        case Step::interpret_execute: return "techniques.md#pure-interpretation";
        case Step::translate_instruction:
        case Step::find_code_page:
        case Step::translated_call:
        case Step::translated_sequence:
        case Step::checked_store: return "binary-translation.md#how-it-works";
        case Step::reflect_svc:
        case Step::reflect_program:
        case Step::reflect_external:
        case Step::reflect_io:
        case Step::find_pending: return kPresents;
        case Step::take_timer_request:
        case Step::timer_update:
        case Step::timer_interruption:
        case Step::fill_page: return kOtherExits;
        case Step::take_hypercall:
        case Step::set_page_entry:
        case Step::update_shared_page:
        case Step::send_event:
        case Step::fill_call_table: return "paravirtual.md#calls";
        case Step::take_message_function:
        case Step::queue_message:
        case Step::copy_message:
        case Step::present_message: return "messages.md#costs";
        case Step::watch_block:
        case Step::encipher_block: return "thin-monitor.md#what-it-costs";
        case Step::grant_page:
        case Step::find_grant:
        case Step::map_grant: return "service-machines.md#what-it-costs";
        case Step::ring_configure:
        case Step::ring_doorbell:
        case Step::ring_descriptor:
        case Step::ring_copy:
        case Step::ring_request:
        case Step::ring_frame:
        case Step::ring_used:
        case Step::ring_signal: return "rings.md#what-it-costs";
        case Step::cp_command: return "virtual-io.md#commands";
        case Step::start_io:
        case Step::start_spool:
        case Step::end_io:
        case Step::test_io:
        case Step::test_channel:
        case Step::halt_io:
        case Step::identify_channel:
        case Step::console_line:
        case Step::console_character: return kVirtualDevice;
        case Step::find_device:
        case Step::translate_control_ccw:
        case Step::translate_data_ccw:
        case Step::cross_page:
        case Step::relocate_ccw:
        case Step::compare_ccw:
        case Step::queue_io:
        case Step::start_device:
        case Step::take_io_interruption:
        case Step::end_device:
        case Step::untranslate_csw:
        case Step::release_control_ccw:
        case Step::release_data_ccw: return kRealDevice;
        case Step::scan_ccw:
        case Step::find_io_page:
        case Step::map_io_page:
        case Step::unmap_io_page:
        case Step::purge_io_tlb: return "pass-through.md#what-mapping-costs";
        case Step::spool_record:
        case Step::open_spool_file:
        case Step::close_spool_file: return "spooling.md#the-life-of-a-spool-file";
        case Step::schedule:
        case Step::wake_machine:
        case Step::slice_end: return "scheduling.md#choosing";
        case Step::walk_guest_tables:
        case Step::shadow_fill:
        case Step::shadow_purge: return "virtual-storage.md#shadow-tables";
        case Step::examine_frame:
        case Step::take_frame:
        case Step::page_in:
        case Step::page_out: return "virtual-storage.md#demand-paging";
        case Step::check_shared_page:
        case Step::attach_segment: return "virtual-storage.md#three-levels";
        case Step::dispatch:
        case Step::switch_machine:
        case Step::idle:
        case Step::stop_machine: return kGoesOn;
        default: return is_of_host(step) ? "hosted.md#what-it-costs" : kSimulates;
    }
}

MomentRecorder::MomentRecorder(const Scenario& scenario, MomentOptions options)
    : scenario_(scenario), options_(options), row_(std::max<size_t>(options.most_in_a_row, 1)) {}
MomentRecorder::~MomentRecorder() = default;

void MomentRecorder::know(const VirtualMachine& vm) {
    if (machines_.size() <= vm.id) machines_.resize(vm.id + 1);
    machines_[vm.id] = &vm;
}

void MomentRecorder::console_line(size_t vm, std::string_view line) {
    if (!full_) console_.emplace_back(vm, line);
}

MomentRecorder::Moment MomentRecorder::begin(std::string_view kind, const VirtualMachine* vm,
                                             SimTime at) const {
    Moment moment;
    moment.kind = kind;
    moment.at = at;
    moment.trap = traps_;
    moment.lines = console_.size();
    if (vm == nullptr) return moment;
    moment.vm = vm->id;
    moment.psw = isa::encode(vm->state.psw);
    moment.gpr = vm->state.gpr;
    moment.cr = vm->state.cr;
    return moment;
}

void MomentRecorder::keep(Moment moment) {
    if (moments_.size() >= options_.most) {
        full_ = true;
        return;
    }
    now_ = moment.at;
    moments_.push_back(std::move(moment));
}

MomentRecorder::Moment MomentRecorder::moment_of(const Executed& one) const {
    Moment moment = begin("instruction", one.vm, one.at);
    moment.trap = one.trap;
    moment.real_psw = isa::encode(one.real);
    moment.psw = isa::encode(one.psw);
    moment.gpr = one.gpr;
    moment.cr = one.cr;
    moment.real_gpr = moment.gpr;
    moment.address = one.address;
    moment.document = "how-a-trap-travels.md#step-1";
    moment.name = isa::disassemble(one.instruction);
    const isa::Row& row = one.instruction.row();
    moment.text = row.privilege == isa::Privilege::problem
                      ? fmt::format("{} executes {} at {:06X}, on the real CPU itself: {}.",
                                    one.vm->options.name, row.mnemonic, one.address, row.title)
                      : fmt::format(
                            "{} comes to {} at {:06X}: {}. The real CPU, in problem state, may not "
                            "simply execute it.",
                            one.vm->options.name, row.mnemonic, one.address, row.title);
    return moment;
}

void MomentRecorder::add_instructions() {
    const uint64_t kept = std::min<uint64_t>(in_row_, row_.size());
    for (uint64_t i = in_row_ - kept; i < in_row_; ++i) {
        Moment moment = moment_of(row_[i % row_.size()]);
        if (i == in_row_ - kept) moment.left_out = i;
        keep(std::move(moment));
    }
    in_row_ = 0;
}

void MomentRecorder::add(Moment moment) {
    add_instructions();
    keep(std::move(moment));
}

void MomentRecorder::before(const simulation::Cpu& cpu, uint32_t address, const isa::Decoded& instruction) {
    ++watched_;
    if (running_ == nullptr || !follows()) return;
    Executed& one = row_[in_row_++ % row_.size()];
    one.at = cpu.now();
    one.trap = traps_;
    one.vm = running_;
    one.address = address;
    one.instruction = instruction;
    one.real = cpu.psw();
    one.psw = running_->state.psw;
    one.psw.set_changing(one.real);  // the mode is the guest's own, the rest what the real CPU holds for it
    one.real.address = one.psw.address = address;
    one.gpr = cpu.state().gpr;
    one.cr = running_->state.cr;
}

void MomentRecorder::trapped(const VirtualMachine& vm, const Trap& trap) {
    know(vm);
    ++traps_;
    running_ = nullptr;
    if (!wanted()) {
        in_row_ = 0;
        return;
    }
    Moment moment = begin("trap", &vm, trap.time);
    moment.cost = trap.taken - trap.time;
    moment.real_gpr = vm.state.gpr;
    moment.name = trap.instruction ? std::string(trap.instruction->row().mnemonic)
                                   : interruption_name(trap.interruption);
    moment.address = trap.real_old_psw.address;
    moment.document = "how-a-trap-travels.md#step-2";
    const std::string why =
        trap.instruction
            ? fmt::format("{} is privileged, and {} runs in real problem state", moment.name, vm.options.name)
            : fmt::format("{}: {}", vm.options.name, interruption_text(trap.interruption));
    if (trap.intercepted) {
        moment.text = fmt::format("{}: the hardware intercepts it and ends interpretive execution.", why);
        moment.document = "interpretive-execution.md";
        return add(std::move(moment));
    }
    const PswPlaces places = psw_places(trap.interruption);
    const simulation::RealStorage& real = vm.storage.real();
    moment.real_psw = uint64_t{real.get32(places.new_psw)} << 32 | real.get32(places.new_psw + 4);
    moment.text = fmt::format(
        "{}. The hardware stores the real PSW at real {:06X} and loads the one at real {:06X}: now the "
        "control program runs.",
        why, places.old_psw, places.new_psw);
    if (trap.instruction == std::nullopt) moment.document = "how-a-trap-travels.md#faults-and-other-exits";
    add(std::move(moment));
}

void MomentRecorder::followed(const VirtualMachine& vm, const isa::Decoded& instruction) {
    if (!wanted()) return;
    Moment moment = begin("followed", &vm, now_);
    moment.address = vm.state.psw.address;
    moment.name = isa::disassemble(instruction);
    moment.text =
        fmt::format("The next instruction, {} at {:06X}, would trap as well: it is simulated at once.",
                    instruction.row().mnemonic, vm.state.psw.address);
    moment.document = "how-a-trap-travels.md#step-5";
    add(std::move(moment));
}

void MomentRecorder::interpreted(const VirtualMachine& vm, const isa::Decoded& instruction,
                                 const simulation::Cpu& cpu) {
    know(vm);
    if (!wanted()) return;
    Moment moment = begin("interpreted", &vm, cpu.now());
    moment.address = vm.state.psw.address;
    moment.name = isa::disassemble(instruction);
    moment.text =
        fmt::format("The control program interprets {} at {:06X} for {}: {}.", instruction.row().mnemonic,
                    vm.state.psw.address, vm.options.name, instruction.row().title);
    moment.document = "techniques.md#pure-interpretation";
    add(std::move(moment));
}

void MomentRecorder::reflected(const VirtualMachine& vm, const isa::Interruption& interruption) {
    if (!wanted()) return;
    const PswPlaces places = psw_places(interruption);
    Moment moment = begin("reflection", &vm, now_);
    moment.name = interruption_name(interruption);
    moment.text = fmt::format(
        "The control program gives {} an interruption, as its own machine would have: {}. The virtual PSW is "
        "stored at its {:06X}, and the one at its {:06X} is loaded.",
        vm.options.name, interruption_text(interruption), places.old_psw, places.new_psw);
    moment.document = "how-a-trap-travels.md#step-6";
    add(std::move(moment));
}

void MomentRecorder::resumed(const VirtualMachine& vm, SimTime at) {
    know(vm);
    running_ = &vm;
    if (!wanted()) return;
    Moment moment = begin("resumption", &vm, at);
    moment.address = vm.state.psw.address;
    moment.real_gpr = vm.state.gpr;
    moment.name = vm.options.name;
    moment.text = fmt::format(
        "{} goes on at {:06X}: the control program loads the registers, and a real PSW in problem state with "
        "address translation on.",
        vm.options.name, vm.state.psw.address);
    moment.document = "how-a-trap-travels.md#step-7";
    add(std::move(moment));
}

void MomentRecorder::translated(const VirtualMachine& vm, const RelayedSubchannel& device) {
    if (!wanted()) return;
    Moment moment = begin("channel-program", &vm, now_);
    moment.name = fmt::format("{:03X}", device.address());
    moment.text = fmt::format(
        "A copy of {}'s channel program for {:03X}, with real addresses, is ready for real device {:03X}.",
        vm.options.name, device.address(), device.what().device->address);
    moment.document = "virtual-io.md#what-happens-at-a-guests-sio";
    add(std::move(moment));
}

void MomentRecorder::idled(SimTime begin_time, SimTime end) {
    running_ = nullptr;
    if (!wanted()) return;
    Moment moment = begin("idle", nullptr, begin_time);
    moment.cost = end - begin_time;
    moment.text =
        fmt::format("Nobody has anything to do: the real CPU waits for {}, until something happens.",
                    duration_text(end - begin_time));
    moment.document = "how-a-trap-travels.md#step-7";
    add(std::move(moment));
}

void MomentRecorder::stopped(const VirtualMachine& vm, SimTime at) {
    if (running_ == &vm) running_ = nullptr;
    if (wanted()) {
        Moment moment = begin("stop", &vm, at);
        moment.name = name_of(vm.stop);
        moment.text = fmt::format("{} is stopped: {}.", vm.options.name, name_of(vm.stop));
        moment.document = "how-a-trap-travels.md#step-7";
        add(std::move(moment));
    }
    if (vm.id < machines_.size()) machines_[vm.id] = nullptr;
}

void MomentRecorder::worked(const Account& account, Cause cause, Step step, uint64_t times,
                            SimTime begin_time, SimTime cost) {
    if (!wanted()) return;
    Moment moment = begin("step", machine(account.owner), begin_time);
    moment.cost = cost;
    moment.times = times;
    moment.name = name_of(step);
    moment.cause = cause.name();
    moment.text = fmt::format("The control program {}{}.", text_of(step),
                              times == 1 ? "" : fmt::format(" ({} times)", times));
    moment.document = document_of(step);
    add(std::move(moment));
}

namespace {

std::string word(uint32_t value) { return fmt::format("{:08X}", value); }

/// The registers that are not as they were.
Json changed(std::array<uint32_t, 16>& before, const std::array<uint32_t, 16>& now) {
    Json registers = Json::object();
    for (unsigned i = 0; i < 16; ++i)
        if (before[i] != now[i]) registers[std::to_string(i)] = word(now[i]);
    before = now;
    return registers;
}

/// What was last told of a virtual machine.
struct Told {
    std::optional<uint64_t> psw;
    std::array<uint32_t, 16> gpr{}, cr{};
};

}  // namespace

Json MomentRecorder::to_json() {
    if (!full_) add_instructions();
    Json machines = Json::array(), lines = Json::array(), list = Json::array();
    for (const VmDescription& vm : scenario_.vms) machines.push_back(vm.options.name);
    for (const auto& [vm, line] : console_) lines.push_back({{"vm", vm}, {"text", line}});
    std::vector<Told> told(scenario_.vms.size());
    std::array<uint32_t, 16> real_gpr{};
    std::optional<uint64_t> real_psw;
    bool knew_real = false;
    size_t lines_told = 0;
    for (const Moment& moment : moments_) {
        Json j = {{"kind", moment.kind}, {"at_ns", moment.at}};
        if (moment.cost) j["cost_ns"] = *moment.cost;
        if (moment.vm) j["vm"] = *moment.vm;
        if (moment.trap != 0) j["trap"] = moment.trap;
        if (moment.left_out != 0) j["left_out"] = moment.left_out;
        if (!moment.name.empty()) j["name"] = moment.name;
        if (!moment.cause.empty()) j["cause"] = moment.cause;
        if (moment.times != 1) j["times"] = moment.times;
        j["text"] = moment.text;
        j["document"] = moment.document;
        if (moment.real_psw && moment.real_psw != real_psw)
            j["real_psw"] = fmt::format("{:016X}", *moment.real_psw);
        if (moment.real_psw) real_psw = moment.real_psw;
        if (moment.real_gpr) {
            j["real_gpr"] = changed(real_gpr, *moment.real_gpr);
        } else if (knew_real) {
            j["real_gpr"] = nullptr;
        }
        knew_real = moment.real_gpr.has_value();
        if (moment.vm && *moment.vm < told.size()) {
            Told& before = told[*moment.vm];
            if (before.psw != moment.psw) j["psw"] = fmt::format("{:016X}", moment.psw);
            before.psw = moment.psw;
            if (Json gpr = changed(before.gpr, moment.gpr); !gpr.empty()) j["gpr"] = std::move(gpr);
            if (Json cr = changed(before.cr, moment.cr); !cr.empty()) j["cr"] = std::move(cr);
        }
        if (moment.address) j["address"] = fmt::format("{:06X}", *moment.address);
        // A place of the source, where the program's addresses are those of its storage.
        if (moment.address && moment.vm && *moment.vm < scenario_.vms.size() &&
            !isa::decode_psw(moment.psw).dat) {
            const auto& guest = scenario_.vms[*moment.vm].guest;
            const AssembledSource* const source = guest == nullptr ? nullptr : guest->source.get();
            if (const auto* const statement = source == nullptr ? nullptr : source->at(*moment.address);
                statement != nullptr && statement->file != nullptr) {
                j["file"] = *statement->file;
                j["line"] = statement->line;
            }
        }
        if (moment.lines != lines_told) j["lines"] = moment.lines;
        lines_told = moment.lines;
        list.push_back(std::move(j));
    }
    return {{"vmcp", maker_to_json("moments")},
            {"scenario", {{"file", scenario_.file}, {"title", scenario_.title}, {"seed", scenario_.seed}}},
            {"machines", std::move(machines)},
            {"first_trap", options_.first_trap},
            {"traps", traps_},
            {"truncated", full_},
            {"console", std::move(lines)},
            {"moments", std::move(list)}};
}

}  // namespace vmcp::experiment
