#include "vmcp/control_program/control_program.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "vmcp/assist/interpretive_execution.hpp"
#include "vmcp/assist/translated_sequences.hpp"
#include "vmcp/assist/virtual_machine_assist.hpp"
#include "vmcp/dispatch/assigned_page.hpp"
#include "vmcp/io/paging_volume.hpp"
#include "vmcp/service/adapter_commands.hpp"
#include "vmcp/service/cp_command.hpp"
#include "vmcp/service/services.hpp"
#include "vmcp/translation/code_space.hpp"

namespace vmcp {
namespace {

/// Real storage that the control program keeps for itself: its prefix area and nucleus.
constexpr uint32_t kNucleus = 64 * 1024;
/// Where the real new PSWs point, in the nucleus: the interruption handlers. What runs there is this program.
constexpr uint32_t kHandlers = 0x1000;

/// The nucleus lies behind the V=R area and its relocated page 0; without one, at real 0.
uint32_t nucleus_of(const ControlProgramOptions& options) {
    return options.v_equals_r == 0 ? 0 : options.v_equals_r + kPage;
}

std::vector<std::unique_ptr<PagingDevice>> paging_devices(const simulation::MachineModel& model,
                                                          const std::vector<std::string>& types) {
    std::vector<std::unique_ptr<PagingDevice>> devices;
    for (const std::string& type : types) devices.push_back(std::make_unique<PagingDevice>(model, type));
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
      ledger_(options_.model, machine.cpu()),
      frames_(machine.storage(), nucleus_of(options_) + kNucleus),
      copies_(frames_),
      pager_(frames_, ledger_, machine.cpus(),
             page_replacement(options_.paging.replacement, frames_.frames()),
             paging_devices(machine.model(), options_.paging.devices)),
      real_io_(machine, ledger_),
      nucleus_{machine, ledger_, pager_, machines_, real_io_, machine.cpu()},
      processor_{machine.cpu()},
      segments_(nucleus_, processor_),
      states_(nucleus_, *options_.policy, processor_),
      services_(nucleus_, segments_, states_),
      dispatcher_(nucleus_, *options_.policy, segments_, processor_, states_) {
    nucleus_.services = &services_;
    nucleus_.host = options_.model.host;
    nucleus_.load_anew = [this](VirtualMachine& vm) { load_anew(vm); };
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

// Machines first: they hold shared segments, frames and events. Pages that are under way for them are
// nobody's then.
ControlProgram::~ControlProgram() {
    for (const VirtualMachine& vm : machines_) forget_pages_for(vm.storage);
    machines_.clear();
}

// ---- Logging on and off, loading, starting ----

VirtualMachine& ControlProgram::log_on(VmOptions options, VmOutput output) {
    if (find(options.name) != nullptr)
        throw std::runtime_error(fmt::format("virtual machine '{}' is logged on already", options.name));
    if (options.translation == GuestTranslation::nested &&
        !machine_.model().facilities.has(isa::Facility::nested_translation))
        throw std::runtime_error(
            fmt::format("virtual machine '{}' asks for nested translation, which the machine "
                        "model {} does not have",
                        options.name, machine_.model().name));
    for (MappedDevice& device : options.mapped_devices)
        if (device.way == WayOfIo::translating_channel && device.dedicated &&
            !machine_.model().facilities.has(isa::Facility::translating_channels)) {
            device.instead_of = device.way;
            device.way = options.storage_kind == StorageKind::paged ? WayOfIo::translation : WayOfIo::direct;
        }
    for (MappedDevice& device : options.mapped_devices) {
        if (!device.interpretive) continue;
        if (!machine_.model().facilities.has(isa::Facility::interpretive_io))
            device.not_interpretive = "the machine model has no interpretive I/O";
        else if (!options.assists.has(Assist::sie))
            device.not_interpretive = "the guest is not in interpretive execution";
        else if (device.way != WayOfIo::direct && device.way != WayOfIo::translating_channel)
            device.not_interpretive = "its channel programs are translated";
        else if (device.unsafe)
            device.not_interpretive = "its channel programs reach all of real storage";
        device.interpretive = device.not_interpretive.empty();
    }
    if (const auto missing = options.assists.missing_of(machine_.model().facilities))
        throw std::runtime_error(fmt::format(
            "virtual machine '{}' asks for the assist {}, which the machine model {} does not have",
            options.name, name_of(*missing), machine_.model().name));
    if (options.assists.has(Assist::pma) && options.storage_kind != StorageKind::real)
        throw std::runtime_error(fmt::format(
            "virtual machine '{}' asks for the assist pma, which is for V=R machines", options.name));
    if (options.technique != Technique::trap_and_emulate &&
        (!options.assists.empty() || options.translation == GuestTranslation::nested))
        throw std::runtime_error(fmt::format(
            "virtual machine '{}' is {}: no assist and no nested translation can help", options.name,
            options.technique == Technique::interpretation ? "interpreted" : "translated"));
    if (options.device_server && !nucleus_.host)
        throw std::runtime_error(
            fmt::format("virtual machine '{}' says where its devices are served, but the control program {} "
                        "is no task of a host",
                        options.name, options_.model.name));
    if (options.storage_kind == StorageKind::real) {
        if (options.storage != options_.v_equals_r)
            throw std::runtime_error(
                fmt::format("virtual machine '{}' is V=R with {} bytes, but the V=R area has {}",
                            options.name, options.storage, options_.v_equals_r));
        for (const VirtualMachine& vm : machines_)
            if (vm.storage.kind() == StorageKind::real)
                throw std::runtime_error(fmt::format("virtual machine '{}' is V=R, but '{}' has the V=R area",
                                                     options.name, vm.options.name));
    }
    VirtualMachine& vm = machines_.add(std::make_unique<VirtualMachine>(
        machines_.next_id(), std::move(options), std::move(output), segments_.end(), pager_, ledger_,
        RealInputOutput{real_io_, minidisk_users_, temporary_, frames_, copies_, options_.spool},
        machine_.events(), machine_.model()));
    vm.io.channel_storage.on_shared_access = [this, &vm](SharedSegment& segment, bool storing) {
        segments_.on_channel_access(vm, segment, storing);
    };
    vm.io.channel_storage.on_page_moved = [this] { machine_.cpus().page_invalidated(); };
    vm.io.on_translated = [this, &vm](const RelayedSubchannel& one) {
        nucleus_.observers.tell([&](Observer& o) { o.translated(vm, one); });
    };
    give_rings(vm);
    give_assist(vm);
    vm.goes_in_specially = vm.interpretive_execution != nullptr || nucleus_.host.has_value();
    vm.hosting.in_process =
        nucleus_.host && vm.options.device_server.value_or(nucleus_.host->devices) == DeviceServer::process;
    dispatcher_.add(vm);
    couple_as_described(machines_, vm);
    return vm;
}

void ControlProgram::give_rings(VirtualMachine& vm) {
    if (vm.options.rings.empty()) return;
    try {
        vm.rings = std::make_unique<RingDevices>(vm.id, vm.options.rings, ledger_, vm.account, vm.storage,
                                                 vm.device_events, vm.io, real_io_, switch_);
        vm.rings->on_driver_failure = [this] { fail(); };
    } catch (const std::invalid_argument&) {
        machines_.remove(vm.id);
        throw;
    }
}

/// Nothing holds between the parts of the control program: when one of its drivers does what it must not,
/// nobody knows what else is wrong, and it stops with all that it keeps. Behind what is being done now.
void ControlProgram::fail() {
    if (failed_) return;
    failed_ = true;
    processor_.preempt = true;
    machine_.events().schedule(now(), [this] {
        for (VirtualMachine& vm : machines_) stop(vm, StopReason::control_program_failed);
    });
}

/// What the machine has; whether it is on is another question (SET ASSIST).
void ControlProgram::give_assist(VirtualMachine& vm) {
    const isa::FacilitySet& facilities = machine_.model().facilities;
    if (vm.interpreted()) return;  // microcode is asked by a real CPU that executes guests
    if (vm.code != nullptr) {
        vm.assist = std::make_unique<TranslatedSequences>(nucleus_, segments_, vm);
        return;
    }
    try {
        if (facilities.has(isa::Facility::virtual_machine_assist))
            vm.assist = std::make_unique<VirtualMachineAssist>(nucleus_, segments_, vm);
        if (facilities.has(isa::Facility::interpretive_execution))
            vm.interpretive_execution = std::make_unique<InterpretiveExecution>(nucleus_, segments_, vm);
    } catch (const std::runtime_error&) {
        machines_.remove(vm.id);
        throw;
    }
}

void ControlProgram::attach_temporary(const simulation::DeviceDescription& disk, QueueOrder order) {
    RealDevice& device = real_io_.attach(disk, order);
    temporary_.add(device);
    machine_.channels().test_io(device.address);  // the device end of a pack that was there before the run
}

void ControlProgram::attach_paging(const simulation::DeviceDescription& disk, QueueOrder order) {
    RealDevice& device = real_io_.attach(disk, order);
    pager_.add(std::make_unique<PagingVolume>(real_io_, device));
    machine_.channels().test_io(device.address);  // as above
}

void ControlProgram::attach_spool(const simulation::DeviceDescription& disk, QueueOrder order) {
    RealDevice& device = real_io_.attach(disk, order);
    PagingDevice& volume =
        *spool_volumes_.emplace_back(std::make_unique<PagingVolume>(real_io_, device, OwnUse::spool));
    if (options_.spool != nullptr) options_.spool->volumes().add(volume);
    machine_.channels().test_io(device.address);  // as above
}

/// Those that are under way for its need go on, for nobody's.
void ControlProgram::forget_pages_for(const GuestStorage& storage) {
    pager_.forget(storage);
    for (const auto& volume : spool_volumes_) volume->forget(storage);
}

void ControlProgram::log_off(VirtualMachine& vm) {
    stop(vm, StopReason::logged_off);
    if (processor_.running == &vm)
        throw std::logic_error(
            fmt::format("virtual machine '{}' is logged off in its own turn", vm.options.name));
    vm.io.uncouple();
    dispatcher_.forget(vm);
    forget_pages_for(vm.storage);
    machines_.remove(vm.id);
    // Its tables are used again by others; what the CPUs know of them must go.
    machine_.cpus().page_invalidated();
}

void ControlProgram::stop(VirtualMachine& vm, StopReason reason) {
    dispatcher_.end_open_turn();
    states_.stop(vm, reason);
}

void ControlProgram::interrupt_key(VirtualMachine& vm) {
    vm.state.external.interrupt_key = true;
    if (MachineStates::waits_for_interruption(vm) && vm.state.psw.external_mask) states_.wake(vm);
}

uint32_t ControlProgram::command(VirtualMachine& vm, std::string_view text) {
    dispatcher_.end_open_turn();
    Work work(ledger_, vm.account, Cause::command);
    const uint32_t code = execute_cp_command(nucleus_, states_, work, vm, text);
    if (vm.load_request) load_anew(vm);
    return code;
}

void ControlProgram::close_spool_files(VirtualMachine& vm) {
    if (vm.io.spooled_units() == nullptr) return;
    dispatcher_.end_open_turn();
    vm.io.spooled_units()->close_all();
}

void ControlProgram::define_segment(std::string name, SecondLevel origin,
                                    const std::vector<uint8_t>& contents) {
    segments_.define(std::move(name), origin, contents);
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
    dispatcher_.end_open_turn();
    states_.revive(vm);
    states_.hold(vm);
    Work work(ledger_, vm.account, Cause::ipl);
    vm.since = now();  // what was before the start is not its waiting
    dispatcher_.reflection().deliver(work, vm, isa::RestartInterruption{});
    vm.interruptions = {};
    vm.started = now();
    states_.make_ready(vm);
}

void ControlProgram::initial_program_load(VirtualMachine& vm, uint16_t device) {
    dispatcher_.end_open_turn();
    states_.revive(vm);
    states_.hold(vm);
    if (vm.initial_reset()) machine_.cpus().page_invalidated();
    Work work(ledger_, vm.account, Cause::ipl);
    states_.reset_input_output(vm);
    machine_.events().run_until(now());
    vm.since = vm.started = now();
    const simulation::IoResult start =
        vm.io.start_ipl(work, device, [this, &vm](bool loaded, const simulation::Csw& csw) {
            if (!loaded)
                return refuse_load(vm, fmt::format("unit status {:02X}, channel status {:02X}",
                                                   csw.unit_status, csw.channel_status));
            auto page = AssignedPage::of(vm);
            if (!page) return refuse_load(vm, "real storage is exhausted");
            vm.state.psw = isa::end_program_load(*page, vm.ipl_device);
            vm.state.early_ilc = 0;
            states_.make_ready(vm);
        });
    vm.ipl_device = device;
    if (start.condition_code != 0)
        refuse_load(vm, fmt::format("device {:03X} answered {}", device, start.condition_code));
}

void ControlProgram::define_system(NamedSystem system) {
    for (const NamedSystem& other : nucleus_.systems)
        if (other.name == system.name)
            throw std::runtime_error(fmt::format("there is a saved system {} already", system.name));
    nucleus_.systems.push_back(std::move(system));
}

void ControlProgram::load_system(VirtualMachine& vm, const NamedSystem& system) {
    states_.hold(vm);
    if (vm.initial_reset()) machine_.cpus().page_invalidated();
    states_.reset_input_output(vm);
    load(vm, SecondLevel(system.address), system.bytes);
    if (!system.state) return restart(vm);
    const SavedState& saved = *system.state;
    for (size_t i = 0; i < saved.keys.size(); ++i)
        vm.storage.set_key(SecondLevel(static_cast<uint32_t>(i) * simulation::kBlock), saved.keys[i]);
    resume(vm, saved);
}

void ControlProgram::resume(VirtualMachine& vm, const SavedState& saved) {
    states_.hold(vm);
    vm.state.gpr = saved.gpr;
    vm.state.cr = saved.cr;
    vm.state.fpr = saved.fpr;
    vm.state.psw = saved.psw;
    vm.since = vm.started = now();
    states_.make_ready(vm);
}

void ControlProgram::load_anew(VirtualMachine& vm) {
    const LoadRequest request = *std::exchange(vm.load_request, std::nullopt);
    if (!states_.revive(vm)) {
        Work work = Work::continued(ledger_, vm.account, Cause::ipl);
        return vm.io.message(work, "DMKVMI IPL: the machine is logged off");
    }
    if (request.storage) return redefine_storage(vm, *request.storage);
    if (request.clear) {
        vm.io.give_up_pages(0, vm.storage.size());
        for (uint32_t page = 0; page < vm.storage.size(); page += kPage)
            if (const auto frame = vm.storage.discard(SecondLevel(page))) vm.frame_lost(*frame);
        machine_.cpus().page_invalidated();
    }
    if (request.system == nullptr) return initial_program_load(vm, request.device);
    try {
        load_system(vm, *request.system);
    } catch (const std::runtime_error& why) {  // real storage
        refuse_load(vm, why.what());
    }
}

/// As SYSTEM CLEAR, but that the storage is another one. The machine does nothing until it is loaded.
void ControlProgram::redefine_storage(VirtualMachine& vm, uint32_t size) {
    states_.hold(vm);
    states_.forget_pages(vm);
    states_.reset_input_output(vm);
    vm.initial_reset();
    vm.state.gpr = {};
    vm.state.fpr = {};
    Work work = Work::continued(ledger_, vm.account, Cause::command);
    if (vm.storage.redefine(size)) {
        for (const auto& [first, last] : vm.options.locked_pages)
            for (uint32_t page = first; page <= last && page < size / kPage; ++page)
                vm.storage.lock(SecondLevel(page * kPage));
        vm.io.message(work, fmt::format("STORAGE = {:05}K", size / 1024));
    } else {
        vm.io.message(work, "DMKDEF091E STORAGE NOT DEFINED; REAL STORAGE NOT AVAILABLE");
    }
    vm.forget_translations();
    if (vm.code != nullptr) vm.code->drop_all();
    machine_.cpus().page_invalidated();
    dispatcher_.forget_context();
}

void ControlProgram::refuse_load(VirtualMachine& vm, std::string_view why) {
    Work work = Work::continued(ledger_, vm.account, Cause::ipl);
    vm.io.message(work, fmt::format("DMKVMI IPL: {}", why));
    states_.stop(vm, StopReason::load_failed);
}

}  // namespace vmcp
