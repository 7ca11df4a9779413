// A virtual machine: what one guest believes it owns, and the control program's notes about it.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/policy.hpp"
#include "simulation/channel/channel_subsystem.hpp"
#include "simulation/cpu/clock.hpp"
#include "simulation/cpu/interval_timer.hpp"
#include "simulation/devices/device_configuration.hpp"
#include "simulation/devices/unit_record.hpp"
#include "simulation/machine/machine.hpp"
#include "vmcp/guest_storage.hpp"
#include "vmcp/ledger.hpp"
#include "vmcp/shadow_tables.hpp"

namespace vmcp {

using VmId = scheduler::Id;

/// How a guest's own translation is brought about.
enum class GuestTranslation : uint8_t {
    shadow,  // shadow tables, vmcp/shadow_tables.hpp
    nested,  // by the hardware: facility nested_translation
};
/// "shadow", "nested"
std::string_view name_of(GuestTranslation translation);

/// What a scenario says of one virtual machine.
struct VmOptions {
    std::string name;
    uint32_t storage = 256 * 1024;  // bytes
    scheduler::EntityParameters scheduling;
    simulation::UnitRecordConfiguration devices;
    std::vector<simulation::DeviceDescription> further_devices = {};  // readers, punches and printers
    GuestTranslation translation = GuestTranslation::shadow;
    unsigned shadow_sets = 4;   // address spaces that shadow tables are kept for: 1..16
    std::string classes = "G";  // CP privilege classes, A to H
    StorageKind storage_kind = StorageKind::paged;
    uint32_t reserved_pages = 0;  // page frames that are not taken away from it (SET RESERVE)
    std::vector<std::pair<uint32_t, uint32_t>> locked_pages =
        {};  // first and last page number, from 0 (LOCK)
};

/// Where the output of a virtual machine goes. Text is UTF-8; cards are 80 EBCDIC bytes.
struct VmOutput {
    std::function<void(std::string_view line)> console_line;              // without the line end
    std::function<void(uint16_t device, std::string_view text)> printer;  // '\n' ends a line, '\f' a page
    std::function<void(uint16_t device, const simulation::Card& card)> punch;
};

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
};
std::string_view name_of(StopReason reason);

/// A virtual machine's channels see its second-level storage, and only that.
class GuestChannelStorage final : public simulation::ChannelStorage {
  public:
    GuestChannelStorage(GuestStorage& storage, const isa::CpuState& state)
        : storage_(storage), state_(state) {}
    /// Called before an access to a shared segment.
    std::function<void(SharedSegment&, bool storing)> on_shared_access = [](SharedSegment&, bool) {};
    uint32_t size() const override { return storage_.size(); }
    simulation::ChannelAccess fetch(uint32_t address, uint8_t* out, uint32_t length, uint8_t key) override;
    simulation::ChannelAccess store(uint32_t address, const uint8_t* in, uint32_t length,
                                    uint8_t key) override;

  private:
    /// Channels use absolute addresses; the tables map real ones. The two differ by the virtual prefix.
    SecondLevel real_of(uint32_t absolute) const {
        const uint32_t page = absolute & ~(kPage - 1);
        return SecondLevel(page == 0               ? absolute | state_.prefix
                           : page == state_.prefix ? absolute % kPage
                                                   : absolute);
    }
    GuestStorage& storage_;
    const isa::CpuState& state_;
};

/// Pages of one virtual machine that moved.
struct PageCounts {
    uint64_t fills = 0;   // got a frame of zeroes
    uint64_t reads = 0;   // were brought in
    uint64_t writes = 0;  // were written out
    uint64_t taken = 0;   // lost their frames
};

/// VM handshaking (GC20-1821, "VM/370 Handshaking"): with SET PAGEX ON a guest is told of its page waits.
struct Handshaking {
    bool on = false;
    std::deque<uint32_t> arrived;  // second-level addresses of pages that have come, to be told
};

struct VirtualMachine {
    VirtualMachine(VmId id, VmOptions options, Pager& pager, uint32_t storage_limit,
                   simulation::EventQueue& events, const simulation::MachineModel& model,
                   std::unique_ptr<simulation::ChannelObserver> channel_observer);

    VmId id;
    VmOptions options;
    VmOutput output;

    // ---- What the guest believes ----
    isa::CpuState state;  // its CPU timer counts virtual_now()
    GuestStorage storage;
    ShadowTables shadow;
    GuestChannelStorage channel_storage;
    std::unique_ptr<simulation::ChannelObserver> channel_observer;
    simulation::ChannelSubsystem channels;
    simulation::IntervalTimer interval_timer;
    simulation::UnitRecordDevices devices;

    // ---- What the control program knows ----
    VmState status = VmState::waiting;
    StopReason stop = StopReason::none;
    Account account;
    uint64_t instructions = 0;  // completed by the guest, simulated ones included
    SimTime started = 0, ended = 0;
    SimTime waited = 0;       // by its own will: enabled wait
    SimTime was_ready = 0;    // could have run but did not
    SimTime page_waited = 0;  // for pages
    uint64_t page_waits = 0;
    SimTime since = 0;          // when the present status began
    SimTime woken = 0;          // when its last wait ended
    uint64_t responses = 0;     // from the end of a wait to the beginning of the next
    SimTime response_time = 0;  // sum
    simulation::EventQueue::Handle wake_up = 0;
    SimTime pages_ready = 0;  // when every page that it waits for will be there
    simulation::EventQueue::Handle page_arrival = 0;
    PageCounts pages;
    bool asleep = false;  // by the CP command SLEEP: interruptions do not wake it
    simulation::InterruptionString interruptions;
    Handshaking handshaking;
    uint16_t ipl_device = 0;
    std::string console_text;  // of the line being written

    /// Virtual time: the guest's own running and waiting. Its interval timer and CPU timer go by it, so that
    /// time that others use is not taken from them.
    SimTime virtual_now() const { return account.guest + waited; }

    /// When a virtual timer will next want to interrupt, in virtual time; kNever if none is enabled to.
    SimTime next_timer() const;
};

}  // namespace vmcp
