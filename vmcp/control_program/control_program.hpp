// The control program: owns the real machine and time-slices virtual machines on it.
//
// A guest runs in real problem state with address translation on, through tables built in real storage.
// Whatever it may not do interrupts the real CPU; the hardware stores the old PSW at real location 40 (or 32,
// 24) and the control program takes over (vmcp/dispatch/traps.hpp): it simulates the instruction on the
// guest's virtual CPU, reflects the interruption to the guest, or serves itself (a page without a frame, a
// timer). Then it looks for what is pending for the guest, and lets it go on (vmcp/dispatch/dispatcher.hpp).
// Everything it does is charged by name (vmcp/ledger/).
//
// This class puts the parts together, and is what others see of them.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "vmcp/dispatch/dispatcher.hpp"
#include "vmcp/rings/ring_switch.hpp"
#include "vmcp/service/services.hpp"

namespace vmcp {

struct PagingOptions {
    std::string replacement = "clock";  // see make_page_replacement
    // Of the machine model, each alone on its channel; pages go to the first that is not full.
    std::vector<std::string> devices;
};

struct ControlProgramOptions {
    ControlProgramModel model;
    std::unique_ptr<scheduler::Policy> policy;
    PagingOptions paging = {};
    uint32_t v_equals_r = 0;  // bytes of the V=R area, a multiple of 4096; 0: there is no V=R machine
    Spool* spool = nullptr;   // must outlive the control program; null: there is none
};

class ControlProgram final {
  public:
    /// Throws std::invalid_argument or std::out_of_range for paging options that the machine model cannot
    /// serve.
    ControlProgram(simulation::Machine& machine, ControlProgramOptions options);
    ~ControlProgram();
    ControlProgram(const ControlProgram&) = delete;
    ControlProgram& operator=(const ControlProgram&) = delete;

    /// Logs a virtual machine on; it does nothing until started. Throws std::runtime_error where it does not
    /// fit, or its name is taken; std::invalid_argument or std::out_of_range for devices that cannot be.
    VirtualMachine& log_on(VmOptions options, VmOutput output);
    /// Logs it off, whatever it is doing: it is stopped if it is not, and everything that it held is free.
    /// Must not be called from within its own turn. `vm` is gone then.
    void log_off(VirtualMachine& vm);

    /// The real devices. Those that machines are to have must be there before.
    RealIo& real_io() { return real_io_; }
    /// Attaches a disk that has space for temporary disks on all of it. Throws std::invalid_argument for
    /// another device, and as RealIo::attach.
    void attach_temporary(const simulation::DeviceDescription& disk, QueueOrder order = QueueOrder::arrival);

    /// Attaches a disk that is a paging volume (vmcp/io/paging_volume.hpp): pages go there before they go to
    /// the devices of the paging options. Throws as PagingVolume and RealIo::attach, and std::logic_error
    /// where pages have been written out already.
    void attach_paging(const simulation::DeviceDescription& disk, QueueOrder order = QueueOrder::arrival);

    /// Attaches a disk that pages of spool files lie on. Throws as PagingVolume and RealIo::attach.
    void attach_spool(const simulation::DeviceDescription& disk, QueueOrder order = QueueOrder::arrival);

    /// Keeps a named segment for all virtual machines that log on later. Throws std::runtime_error where it
    /// does not fit or the name is taken.
    void define_segment(std::string name, SecondLevel origin, const std::vector<uint8_t>& contents);

    /// Enters a user in the directory, whose minidisks others may link while he is not logged on: what is
    /// described of them when he logs on comes first.
    void enter_in_directory(DirectoryUser user) { nucleus_.directory.push_back(std::move(user)); }

    /// Keeps a saved system, which machines load by its name. Throws std::runtime_error where the name is
    /// taken.
    void define_system(NamedSystem system);
    /// A machine whose storage is that of a saved system goes on where that was saved.
    void resume(VirtualMachine& vm, const SavedState& saved);

    /// Gives the guest control as the restart key would: the PSW at its location 0.
    void restart(VirtualMachine& vm);
    /// Initial program loading from one of its devices; it starts when the load has ended.
    void initial_program_load(VirtualMachine& vm, uint16_t device);
    /// Copies bytes into second-level storage, as a program loader before the start. Throws
    /// std::runtime_error.
    void load(VirtualMachine& vm, SecondLevel at, const std::vector<uint8_t>& bytes);

    /// Executes a CP command, as the machine's user would enter it; answers go to its console. CP's return
    /// code.
    uint32_t command(VirtualMachine& vm, std::string_view text);
    /// Closes what it has written on spooled devices, as at log-off; nothing where there is no spool.
    void close_spool_files(VirtualMachine& vm);
    /// The interrupt key: an external interruption becomes pending for it.
    void interrupt_key(VirtualMachine& vm);
    /// Stops it for good, as far as guests can tell.
    void stop(VirtualMachine& vm, StopReason reason);

    /// Runs until every virtual machine is stopped, nothing will ever happen again, or simulated time is
    /// `until`; or until it is `pause`, at the next moment where that changes nothing (Dispatcher::run). May
    /// be called again.
    DispatchEnd run(SimTime until, SimTime pause = simulation::kNever) {
        return dispatcher_.run(until, pause);
    }

    simulation::Machine& machine() { return machine_; }
    const ControlProgramModel& model() const { return options_.model; }
    scheduler::Policy& policy() { return *options_.policy; }
    MachineTable& virtual_machines() { return machines_; }
    VirtualMachine* find(std::string_view name) { return machines_.find(name); }
    /// Whose turn it is; null: nobody's.
    const VirtualMachine* running() const { return processor_.running; }
    SharedSegment* find_segment(std::string_view name) { return segments_.find(name); }
    const Services& services() const { return services_; }
    MachineStates& states() { return states_; }
    FrameTable& frames() { return frames_; }
    const SpareCopies& copies() const { return copies_; }
    const Pager& pager() const { return pager_; }
    Ledger& ledger() { return ledger_; }
    const Ledger& ledger() const { return ledger_; }
    SimTime now() const { return ledger_.now(); }
    uint64_t switches() const { return dispatcher_.switches(); }
    uint64_t traps() const { return dispatcher_.traps(); }

    /// Asked when nothing will happen by itself, or not soon; true if it has entered something (a line from a
    /// terminal, say).
    std::function<bool()>& on_idle() { return dispatcher_.on_idle; }
    simulation::Observers<Observer>& observers() { return nucleus_.observers; }

  private:
    void give_assist(VirtualMachine& vm);
    void give_rings(VirtualMachine& vm);
    void fail();
    void forget_pages_for(const GuestStorage& storage);
    void load_anew(VirtualMachine& vm);
    void redefine_storage(VirtualMachine& vm, uint32_t size);
    void load_system(VirtualMachine& vm, const NamedSystem& system);
    void refuse_load(VirtualMachine& vm, std::string_view why);

    simulation::Machine& machine_;
    ControlProgramOptions options_;
    Ledger ledger_;
    FrameTable frames_;
    SpareCopies copies_;
    Pager pager_;
    std::vector<std::unique_ptr<PagingDevice>> spool_volumes_;
    RealIo real_io_;
    MinidiskUsers minidisk_users_;
    TemporarySpace temporary_;
    RingSwitch switch_;  // between the network adapters of all machines
    MachineTable machines_;
    Nucleus nucleus_;
    Processor processor_;
    SharedSegments segments_;
    MachineStates states_;
    Services services_;
    Dispatcher dispatcher_;
    bool failed_ = false;
};

}  // namespace vmcp
