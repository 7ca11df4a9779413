// The control program: owns the real machine and time-slices virtual machines on it.
//
// A guest runs in real problem state with address translation on, through tables built in real storage.
// Whatever it may not do interrupts the real CPU; the hardware stores the old PSW at real location 40 (or 32,
// 24) and the control program takes over in on_trap: it simulates the instruction on the guest's virtual CPU,
// reflects the interruption to the guest, or serves itself (a page without a frame, a timer). Then it looks
// for what is pending for the guest, and lets it go on. Everything it does is charged by name: see
// vmcp/step.hpp, vmcp/cause.hpp, vmcp/ledger.hpp.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "isa/per.hpp"
#include "scheduler/policy.hpp"
#include "simulation/machine/machine.hpp"
#include "vmcp/control_program_model.hpp"
#include "vmcp/observer.hpp"
#include "vmcp/virtual_machine.hpp"

namespace vmcp {

struct PagingOptions {
    std::string replacement = "clock";  // see make_page_replacement
    std::vector<std::string> devices;   // of the machine model; pages go to the first that is not full
};

struct ControlProgramOptions {
    ControlProgramModel model;
    std::unique_ptr<scheduler::Policy> policy;
    PagingOptions paging = {};
    uint32_t v_equals_r = 0;  // bytes of the V=R area, a multiple of 4096; 0: there is no V=R machine
};

class ControlProgram final : private PagerEvents {
  public:
    /// Throws std::invalid_argument or std::out_of_range for paging options that the machine model cannot
    /// serve.
    ControlProgram(simulation::Machine& machine, ControlProgramOptions options);
    ~ControlProgram() override;

    /// Logs a virtual machine on; it does nothing until started. Throws std::runtime_error where it does not
    /// fit.
    VirtualMachine& log_on(VmOptions options, VmOutput output);

    /// Keeps a named segment for all virtual machines that log on later. Throws std::runtime_error where it
    /// does not fit or the name is taken.
    void define_segment(std::string name, SecondLevel origin, const std::vector<uint8_t>& contents);

    /// Gives the guest control as the restart key would: the PSW at its location 0.
    void restart(VirtualMachine& vm);
    /// Initial program loading from one of its devices; it starts when the load has ended.
    void initial_program_load(VirtualMachine& vm, uint16_t device);
    /// Copies bytes into second-level storage, as a program loader before the start. Throws
    /// std::runtime_error.
    void load(VirtualMachine& vm, SecondLevel at, const std::vector<uint8_t>& bytes);

    /// Runs until every virtual machine is stopped, nothing will ever happen again, or simulated time is
    /// `until`. May be called again.
    void run(SimTime until);

    simulation::Machine& machine() { return machine_; }
    const ControlProgramModel& model() const { return options_.model; }
    scheduler::Policy& policy() { return *options_.policy; }
    std::deque<VirtualMachine>& virtual_machines() { return vms_; }
    VirtualMachine* find(std::string_view name);
    FrameTable& frames() { return frames_; }
    const Pager& pager() const { return pager_; }

    // ---- Results ----
    const Account& own_account() const { return own_; }
    const StepTotals& step_totals() const { return totals_; }
    SimTime idle_time() const { return idle_; }
    /// Of that, while a virtual machine waited for a page.
    SimTime idle_for_pages() const { return idle_for_pages_; }
    SimTime now() { return machine_.cpu().now(); }
    uint64_t switches() const { return switches_; }
    uint64_t traps() const { return traps_; }

    // ---- For its parts: privileged operations, DIAGNOSE, CP commands ----
    /// Spends simulated time on a step and enters it into the ledger. `vm` null: the control program's own
    /// account.
    void charge(VirtualMachine* vm, Cause cause, Step step, uint64_t times = 1);
    void count(VirtualMachine& vm, Cause cause);
    /// The cause that the present handling is entered under.
    Cause cause() const { return cause_; }
    /// A line on a virtual machine's console that the control program itself writes.
    void console_message(VirtualMachine& vm, std::string_view line);
    void stop(VirtualMachine& vm, StopReason reason);
    /// Puts a virtual machine to sleep for a time, whatever it waits for (CP command SLEEP).
    void sleep(VirtualMachine& vm, SimTime duration);
    SharedSegment* find_segment(std::string_view name);
    /// Frees the page frames and slots of the pages from `first` to `last`: they are zeroes again.
    void release_pages(VirtualMachine& vm, SecondLevel first, SecondLevel last);
    /// What the hardware and the shadow tables know of where a guest's pages lie is no longer true.
    void forget_mappings(VirtualMachine& vm);
    /// A machine has changed, or is about to change, a segment that others share: it gets its own copy.
    void unshare(VirtualMachine& vm, SharedSegment& segment);
    /// The guest may have changed its translation tables: its shadow must not hold on to them.
    void purge_shadow(VirtualMachine& vm);
    void purge_shadow_page(VirtualMachine& vm, isa::TranslationFormat format, ThirdLevel page,
                           SecondLevel entry);
    /// A channel program of one of its devices has ended.
    void io_concluded(VirtualMachine& vm, const simulation::ChannelUse& use);
    /// Lets a waiting virtual machine go on if an interruption that it has enabled is pending.
    void wake_if_interrupted(VirtualMachine& vm);

    Observer* observer = nullptr;
    /// Asked when nothing will happen by itself, or not soon; true if it has entered something (a line from a
    /// terminal, say).
    std::function<bool()> on_idle;

  private:
    // ---- Dispatching: dispatch.cpp ----
    void take_turn(VirtualMachine& vm, SimTime slice, SimTime until);
    void settle_turn(VirtualMachine& vm);
    simulation::Exit run_guest(VirtualMachine& vm, SimTime until);
    void load_guest(VirtualMachine& vm);
    bool choose_shadow(VirtualMachine& vm);
    SimTime next_timer(VirtualMachine& vm);
    bool idle_until_next_event(SimTime until);
    void set_status(VirtualMachine& vm, VmState status);
    void begin_wait(VirtualMachine& vm, scheduler::Wait kind);
    scheduler::Wait kind_of_wait(const VirtualMachine& vm) const;
    void wake(VirtualMachine& vm);
    void make_ready(VirtualMachine& vm);

    // ---- Traps: traps.cpp ----
    void on_trap(VirtualMachine& vm, const simulation::Exit& exit);
    void on_shadow_fault(VirtualMachine& vm, const isa::ProgramInterruption& i);
    void report_units_done(VirtualMachine& vm, const isa::ProgramInterruption& fault);
    void on_privileged(VirtualMachine& vm, const simulation::PrivilegedOperation& p,
                       const simulation::Exit& exit);
    void on_program(VirtualMachine& vm, const isa::ProgramInterruption& i, const simulation::Exit& exit);
    void take(VirtualMachine& vm, Cause cause, const isa::Interruption& real, const simulation::Exit& exit,
              std::optional<isa::Decoded> instruction = std::nullopt);
    void on_page_fault(VirtualMachine& vm, SecondLevel page, const isa::ProgramInterruption& fault);
    /// Presents pending virtual interruptions in the order of the architecture.
    void deliver_pending(VirtualMachine& vm);
    void deliver(VirtualMachine& vm, const isa::Interruption& interruption);
    /// The specification exception of a virtual PSW that breaks its format.
    std::optional<isa::ProgramInterruption> psw_error(const VirtualMachine& vm) const;
    void update_virtual_timers(VirtualMachine& vm);
    std::optional<isa::ExternalInterruption> external_pending(const VirtualMachine& vm);

    // ---- Privileged operations: privileged.cpp ----
    /// `trap`: the real CPU's privileged-operation interruption.
    void simulate(VirtualMachine& vm, const isa::Decoded& instruction, const isa::ProgramInterruption& trap);

    // ---- Paging: paging.cpp ----
    bool waits_for_page(const VirtualMachine& vm) { return vm.pages_ready > now(); }
    void begin_page_wait(VirtualMachine& vm);
    void end_page_wait(VirtualMachine& vm);
    bool present_pseudo_page_fault(VirtualMachine& vm, SecondLevel page);
    void present_page_arrival(VirtualMachine& vm);
    static bool takes_pseudo_page_faults(const VirtualMachine& vm);
    VirtualMachine& machine_of(const GuestStorage& storage) { return vms_[storage.id()]; }
    SimTime now_for_paging() override { return now(); }
    void page_filled(GuestStorage& storage) override;
    void page_read(GuestStorage& storage) override;
    void page_written(GuestStorage& payer, GuestStorage& owner) override;
    void page_taken(GuestStorage& payer, GuestStorage& owner, FirstLevel frame) override;
    void frames_examined(GuestStorage& payer, uint64_t frames) override;
    void page_awaited(GuestStorage& storage, SimTime ready) override;
    uint64_t progress(const GuestStorage& storage) override;

    void check_shared_segments(VirtualMachine& vm);
    void on_channel_access(VirtualMachine& vm, SharedSegment& segment, bool storing);

    // ---- Virtual devices: virtual_devices.cpp ----
    std::unique_ptr<simulation::ChannelObserver> make_channel_watch(VmId id);
    void attach_devices(VirtualMachine& vm);
    simulation::CardPunch::Output spooled_punch(VirtualMachine& vm, uint16_t device);
    simulation::Printer::Output spooled_printer(VirtualMachine& vm, uint16_t device);

    simulation::Machine& machine_;
    ControlProgramOptions options_;
    FrameTable frames_;
    Pager pager_;
    std::deque<SharedSegment> segments_;  // before the machines that may hold them
    std::deque<VirtualMachine> vms_;
    VirtualMachine* last_dispatched_ = nullptr;
    VirtualMachine* running_ = nullptr;
    SimTime turn_began_ = 0;  // of the one that is running
    bool preempt_ = false;
    Account own_;
    StepTotals totals_;
    SimTime idle_ = 0, idle_for_pages_ = 0;
    unsigned waiting_for_pages_ = 0;
    uint64_t switches_ = 0, traps_ = 0;
    unsigned not_stopped_ = 0;
    Cause cause_ = Cause::dispatch;
};

}  // namespace vmcp
