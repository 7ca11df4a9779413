#include "vmcp/control_program.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "vmcp/virtual_cpu.hpp"

namespace vmcp {
namespace {

/// Real storage that the control program keeps for itself: its prefix area and nucleus.
constexpr uint32_t kNucleus = 64 * 1024;
/// Where the real new PSWs point, in the nucleus: the interruption handlers. What runs there is this program.
constexpr uint32_t kHandlers = 0x1000;
/// How long the user of a terminal waits for machines that do nothing (a guest's timer may run on meanwhile).
constexpr SimTime kPatience = 10 * simulation::kSecond;

/// The nucleus lies behind the V=R area and its relocated page 0; without one, at real 0.
uint32_t nucleus_of(const ControlProgramOptions& options) {
    return options.v_equals_r == 0 ? 0 : options.v_equals_r + kPage;
}

std::vector<PagingDevice> paging_devices(const simulation::MachineModel& model,
                                         const std::vector<std::string>& types) {
    std::vector<PagingDevice> devices;
    for (const std::string& type : types) devices.emplace_back(model, type);
    return devices;
}

std::unique_ptr<PageReplacement> page_replacement(const std::string& name, uint32_t frames) {
    auto policy = make_page_replacement(name, frames);
    if (policy == nullptr) throw std::invalid_argument(fmt::format("unknown page replacement \"{}\"", name));
    return policy;
}

}  // namespace

ControlProgram::ControlProgram(simulation::Machine& machine, ControlProgramOptions options)
    : machine_(machine),
      options_(std::move(options)),
      frames_(machine.storage(), nucleus_of(options_) + kNucleus),
      pager_(frames_, *this, page_replacement(options_.paging.replacement, frames_.frames()),
             paging_devices(machine.model(), options_.paging.devices)) {
    machine_.interval_timer_runs = false;  // location 80 is kept for each guest instead
    isa::Psw handler;
    handler.ec_mode = true;
    handler.machine_check_mask = true;
    uint32_t at = nucleus_of(options_) + kHandlers;
    for (uint32_t location :
         {isa::Assigned::restart_new, isa::Assigned::external_new, isa::Assigned::supervisor_call_new,
          isa::Assigned::program_new, isa::Assigned::machine_check_new, isa::Assigned::io_new}) {
        handler.address = at;
        machine_.storage().put64(location, isa::encode(handler));
        at += 0x100;
    }
    handler.address = nucleus_of(options_) + kHandlers;
    machine_.cpu().set_psw(handler);
}

ControlProgram::~ControlProgram() = default;

VirtualMachine* ControlProgram::find(std::string_view name) {
    for (VirtualMachine& vm : vms_)
        if (vm.options.name == name) return &vm;
    return nullptr;
}

void ControlProgram::charge(VirtualMachine* vm, Cause cause, Step step, uint64_t times) {
    const SimTime cost = options_.model.price(step) * static_cast<SimTime>(times);
    if (observer != nullptr) observer->worked(vm, cause, step, times, now(), cost);
    machine_.cpu().spend(cost);
    Account& account = vm != nullptr ? vm->account : own_;
    account.control_program += cost;
    account.causes[cause.index()].time += cost;
    LedgerEntry& total = totals_.steps[static_cast<unsigned>(step)];
    total.count += times;
    total.time += cost;
}

void ControlProgram::count(VirtualMachine& vm, Cause cause) { ++vm.account.causes[cause.index()].count; }

// ---- Logging on, loading, starting ----

VirtualMachine& ControlProgram::log_on(VmOptions options, VmOutput output) {
    if (find(options.name) != nullptr)
        throw std::runtime_error(fmt::format("virtual machine '{}' is logged on already", options.name));
    const auto id = static_cast<VmId>(vms_.size());
    if (options.translation == GuestTranslation::nested &&
        !machine_.model().facilities.has(isa::Facility::nested_translation))
        throw std::runtime_error(
            fmt::format("virtual machine '{}' asks for nested translation, which the machine "
                        "model {} does not have",
                        options.name, machine_.model().name));
    if (options.storage_kind == StorageKind::real && options.storage != options_.v_equals_r)
        throw std::runtime_error(
            fmt::format("virtual machine '{}' is V=R with {} bytes, but the V=R area has {}", options.name,
                        options.storage, options_.v_equals_r));
    uint32_t limit = 0;
    for (const SharedSegment& segment : segments_) limit = std::max(limit, segment.end().value);
    VirtualMachine& vm = vms_.emplace_back(id, std::move(options), pager_, limit, machine_.events(),
                                           machine_.model(), make_channel_watch(id));
    vm.output = std::move(output);
    vm.channel_storage.on_shared_access = [this, &vm](SharedSegment& segment, bool storing) {
        on_channel_access(vm, segment, storing);
    };
    attach_devices(vm);
    options_.policy->add(id, vm.options.scheduling, now());
    vm.since = vm.started = now();
    ++not_stopped_;
    return vm;
}

void ControlProgram::define_segment(std::string name, SecondLevel origin,
                                    const std::vector<uint8_t>& contents) {
    const uint64_t end = uint64_t{origin.value} + contents.size();
    if (origin.value % SharedSegment::kUnit != 0 || contents.empty() || end > 16 * simulation::kMebibyte)
        throw std::runtime_error(fmt::format(
            "segment {}: expected contents that begin at a multiple of 64K and end below 16M", name));
    if (find_segment(name) != nullptr)
        throw std::runtime_error(fmt::format("there is a segment {} already", name));
    segments_.emplace_back(frames_, std::move(name), origin, contents);
}

SharedSegment* ControlProgram::find_segment(std::string_view name) {
    for (SharedSegment& segment : segments_)
        if (segment.name() == name) return &segment;
    return nullptr;
}

void ControlProgram::load(VirtualMachine& vm, SecondLevel at, const std::vector<uint8_t>& bytes) {
    if (bytes.size() > vm.storage.size() || at.value > vm.storage.size() - bytes.size())
        throw std::runtime_error(fmt::format("{}: {} bytes at {:06X} do not fit into {} bytes of storage",
                                             vm.options.name, bytes.size(), at.value, vm.storage.size()));
    for (size_t done = 0; done < bytes.size();) {
        const auto to = SecondLevel(at.value + static_cast<uint32_t>(done));
        const auto n = std::min<size_t>(bytes.size() - done, kPage - to.value % kPage);
        const auto real = vm.storage.try_resident(to);
        if (!real) throw std::runtime_error(fmt::format("{}: real storage is exhausted", vm.options.name));
        machine_.storage().put(real->value, bytes.data() + done, static_cast<uint32_t>(n));
        vm.storage.note_change(to);
        done += n;
    }
}

void ControlProgram::restart(VirtualMachine& vm) {
    // This may be an event in the middle of another machine's turn, which goes on under its own cause.
    const Cause interrupted = std::exchange(cause_, Cause::ipl);
    count(vm, Cause::ipl);
    vm.since = now();  // what was before the start is not its waiting
    deliver(vm, isa::RestartInterruption{});
    cause_ = interrupted;
    vm.started = now();
    make_ready(vm);
}

void ControlProgram::initial_program_load(VirtualMachine& vm, uint16_t device) {
    count(vm, Cause::ipl);
    vm.channels.reset();
    machine_.events().run_until(now());
    vm.since = vm.started = now();
    const auto refused = [this, &vm](std::string_view why) {
        const Cause interrupted = std::exchange(cause_, Cause::ipl);
        console_message(vm, fmt::format("DMKVMI IPL: {}", why));
        cause_ = interrupted;
        stop(vm, StopReason::load_failed);
    };
    const simulation::IoResult start =
        vm.channels.start_ipl(device, [this, &vm, refused](bool loaded, const simulation::Csw& csw) {
            if (!loaded)
                return refused(fmt::format("unit status {:02X}, channel status {:02X}", csw.unit_status,
                                           csw.channel_status));
            VirtualCpu cpu(*this, vm, 0);
            const isa::Psw psw = isa::decode_psw(cpu.fetch_assigned64(0));
            const uint16_t from = vm.ipl_device;
            if (psw.ec_mode)
                cpu.store_assigned32(isa::Assigned::io_address, from);
            else
                cpu.store_assigned16(2, from);
            cpu.load_psw(psw);
            make_ready(vm);
        });
    vm.ipl_device = device;
    charge(&vm, Cause::ipl, Step::start_io);
    if (start.condition_code != 0)
        refused(fmt::format("device {:03X} answered {}", device, start.condition_code));
}

// ---- Messages and stopping ----

void ControlProgram::console_message(VirtualMachine& vm, std::string_view line) {
    charge(&vm, cause_, Step::console_line);
    if (vm.output.console_line) vm.output.console_line(line);
}

void ControlProgram::stop(VirtualMachine& vm, StopReason reason) {
    if (vm.status == VmState::stopped) return;
    count(vm, Cause::stop);
    charge(&vm, Cause::stop, Step::stop_machine);
    vm.stop = reason;
    if (vm.wake_up != 0) machine_.events().cancel(vm.wake_up);
    if (vm.page_arrival != 0) machine_.events().cancel(vm.page_arrival);
    if (vm.status == VmState::page_wait) --waiting_for_pages_;
    vm.channels.reset();
    settle_turn(vm);
    set_status(vm, VmState::stopped);
    options_.policy->remove(vm.id, now());
    vm.ended = now();
    --not_stopped_;
    if (observer != nullptr) observer->stopped(vm, now());
}

void ControlProgram::sleep(VirtualMachine& vm, SimTime duration) {
    vm.asleep = true;
    vm.wake_up = machine_.events().schedule(now() + duration, [this, &vm] {
        vm.wake_up = 0;
        vm.asleep = false;
        if (vm.status == VmState::waiting) wake(vm);
    });
}

// ---- The main loop ----

void ControlProgram::run(SimTime until) {
    while (not_stopped_ != 0 && now() < until) {
        machine_.catch_up();
        if (const auto choice = options_.policy->pick(now()))
            take_turn(vms_[choice->id], choice->slice, until);
        else if (!idle_until_next_event(until))
            return;
    }
}

bool ControlProgram::idle_until_next_event(SimTime until) {
    const SimTime event = machine_.events().next();
    if (on_idle && event - now() > kPatience && on_idle()) return true;
    if (event == simulation::kNever) return false;
    const SimTime next = std::min(event, until);
    ++own_.causes[Cause(Cause::idle).index()].count;
    charge(nullptr, Cause::idle, Step::idle);
    const SimTime from = now();
    if (next > from) {
        machine_.cpu().set_now(next);
        idle_ += next - from;
        if (waiting_for_pages_ != 0) idle_for_pages_ += next - from;
        if (observer != nullptr) observer->idled(from, next);
    }
    return true;
}

}  // namespace vmcp
