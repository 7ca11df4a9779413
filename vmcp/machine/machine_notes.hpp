// What the control program notes about a virtual machine: how it stands with the dispatcher, what it has
// used, what it waits for. The guest sees nothing of it, but for what DIAGNOSE and CP commands tell.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string_view>

#include "simulation/channel/channel_words.hpp"
#include "simulation/machine/interruption_string.hpp"
#include "simulation/model/event_queue.hpp"
#include "vmcp/ledger/account.hpp"
#include "vmcp/machine/assist_counts.hpp"
#include "vmcp/machine/assist_set.hpp"
#include "vmcp/machine/error_records.hpp"
#include "vmcp/machine/named_system.hpp"
#include "vmcp/storage/page_transfer.hpp"

namespace vmcp {

/// page_wait: it cannot go on before a page has come.
enum class VmState : uint8_t { waiting, ready, running, page_wait, stopped };
std::string_view name_of(VmState state);

/// Why a virtual machine was stopped.
enum class StopReason : uint8_t {
    none,
    disabled_wait,
    check_stop,         // an endless string of program interruptions
    storage_exhausted,  // real storage has no frame left for it
    load_failed,        // IPL
    logged_off,
    output_full,  // it has put out as much as a run holds
    instruction_limit,
    control_program_failed,  // and all others with it
};
std::string_view name_of(StopReason reason);

/// VM handshaking (GC20-1821, "VM/370 Handshaking"): with SET PAGEX ON a guest is told of its page waits.
struct Handshaking {
    bool on = false;
    std::deque<uint32_t> arrived;  // second-level addresses of pages that have come, to be told
    struct Arrival {
        simulation::EventQueue::Handle event = 0;  // when it is known
        PageWait wait;                             // until then, of a page on a real device
    };
    std::map<uint32_t, Arrival> under_way;  // and of those that have not
};

/// What happens on the devices of a machine while it does not run itself: vmcp/dispatch/device_work.hpp.
struct DeviceWorkNotes {
    simulation::EventQueue::Handle event = 0;  // its next, on the real machine's queue; 0: none
    unsigned since_turn = 0;  // instants at which something happened, since its last turn or a longer pause
    SimTime last = 0;         // the last of them
    SimTime held_until = 0;   // nothing more before
    SimTime debt = 0;         // what its next slices are shorter by
};

/// An operation that an instruction of the guest's waits for (vmcp/service/synchronous_io.hpp); the machine
/// is asleep meanwhile.
struct SynchronousIo {
    bool under_way = false;
    bool ended = false;  // the channel program has; the device perhaps not
    uint16_t device = 0;
    simulation::Csw csw;
    std::function<void()> on_interruption = [] {};  // one is pending for the machine
};

/// What a guest that makes hypercalls has arranged (vmcp/service/hypercall.hpp).
struct Paravirtual {
    std::optional<uint32_t> page;  // that it shares with the control program: second-level address
    bool takes_events = false;
    // It waits by hypercall or TEST MESSAGE, and goes on where it was when something has come for it.
    bool blocked = false;
};

/// What the host has been asked for until the machine was let go on last: vmcp/dispatch/hosting.hpp.
struct HostingNotes {
    bool in_process = false;  // its devices are served there
    uint64_t devices = 0, interruptions = 0, turns = 0, others = 0;
};

struct MachineNotes {
    VmState status = VmState::waiting;
    StopReason stop = StopReason::none;
    Account account;

    uint64_t exits = 0;             // times that the real CPU was interrupted while it ran the guest
    uint64_t exits_spared = 0;      // handled together with the one before (VmOptions::exits_together)
    uint64_t io_presented = 0;      // I/O interruptions that the machine gave it by itself
    uint64_t instructions = 0;      // completed by the guest, simulated ones included
    uint64_t units = 0;             // bytes that its interruptible instructions have dealt with
    uint64_t tlb_misses = 0;        // of the real CPU while it ran the guest
    uint64_t table_references = 0;  // that those misses took
    simulation::InterruptionString interruptions;
    std::optional<uint16_t> left_pending;  // when it was stopped: a device whose interruption was pending

    SimTime started = 0, ended = 0;
    SimTime waited = 0;            // by its own will: enabled wait
    SimTime interpreted_time = 0;  // what its interpreted instructions would have taken on the real CPU
    SimTime was_ready = 0;         // could have run but did not
    SimTime page_waited = 0;       // for pages
    uint64_t page_waits = 0;
    SimTime since = 0;          // when the present status began
    SimTime woken = 0;          // when its last wait ended
    uint64_t responses = 0;     // from the end of a wait to the beginning of the next
    SimTime response_time = 0;  // sum

    AssistSet assists;        // that are on
    bool assists_svc = true;  // SET ASSIST SVC
    SimTime ran_until = 0;    // real time up to which the account has what the guest ran
    AssistCounts assist_counts;
    bool asleep = false;            // by the CP command SLEEP: interruptions do not wake it
    bool receives_messages = true;  // SET MSG
    SynchronousIo synchronous_io;
    Handshaking handshaking;
    Paravirtual paravirtual;
    /// Message interruptions that are pending: the bits of control register 0 that enable them.
    uint8_t message_interruptions = 0;
    ErrorRecords errors;
    DeviceWorkNotes device_work;
    HostingNotes hosting;
    /// Guests of its own, by interpretive execution within interpretive execution.
    struct Nesting {
        bool begins = false;            // the instruction that it is at is one for that
        uint32_t current = 0xFFFFFFFF;  // its current state description
    };
    Nesting nesting;
    /// Going back to it may take more than dispatching: interpretive execution, or a host.
    bool goes_in_specially = false;
    uint16_t ipl_device = 0;
    // Events that concern it; 0: none.
    simulation::EventQueue::Handle wake_up = 0, page_arrival = 0, load = 0;
    PageWait pages;  // that are under way on real devices, in page wait
    std::optional<LoadRequest> load_request;

    /// Enters what the guest has run so far, in the middle of it.
    void enter_guest_time(SimTime now) {
        account.guest += now - ran_until;
        ran_until = now;
    }
    /// Of what the control program has interpreted, as long as the real CPU would have run it.
    void enter_interpreted_time(SimTime time) {
        interpreted_time += time;
        waited_and_interpreted_ += time;
    }
    void enter_wait(SimTime time) {
        waited += time;
        waited_and_interpreted_ += time;
    }
    /// Virtual time: the guest's own running and waiting. Its interval timer and CPU timer go by it, so that
    /// time that others use is not taken from them.
    SimTime virtual_now() const { return account.guest + waited_and_interpreted_; }
    /// CPU time that it has used by itself, whoever executed its instructions.
    SimTime virtual_cpu_time() const { return account.guest + interpreted_time; }

  private:
    SimTime waited_and_interpreted_ = 0;  // the sum: virtual time is asked for on every trap
};

}  // namespace vmcp
