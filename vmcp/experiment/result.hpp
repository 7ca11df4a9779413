// What a run leaves behind: everything that reports, comparisons and tests look at.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "simulation/devices/card.hpp"
#include "simulation/machine/machine.hpp"
#include "vmcp/experiment/program_ending.hpp"
#include "vmcp/experiment/scenario.hpp"
#include "vmcp/experiment/timeline.hpp"
#include "vmcp/ledger/ledger.hpp"
#include "vmcp/machine/virtual_machine.hpp"
#include "vmcp/spool/spool.hpp"
#include "vmcp/translation/translation_counts.hpp"

namespace vmcp::experiment {

struct ConsoleLine {
    SimTime at = 0;    // when it was complete
    std::string text;  // UTF-8, without the line end
};

struct PrintedAndPunched {
    std::string printer;                  // UTF-8: '\n' ends a line, '\f' starts a page
    std::vector<simulation::Card> cards;  // punched

    bool operator==(const PrintedAndPunched&) const = default;
};

/// What a guest has written, whether natively or under the control program: on its console, printer and
/// punch, and on further devices by their addresses.
struct GuestOutput : PrintedAndPunched {
    std::vector<ConsoleLine> console;
    std::map<uint16_t, PrintedAndPunched> further;
};

/// Seconds and rates of the host computer: never part of what is reproducible.
struct HostFigures {
    double seconds = 0;                  // running, without reading and reporting
    double instructions_per_second = 0;  // of guests
    double ns_per_trap = 0;              // from the guest's interruption until a guest goes on; sampled
};

/// A device of a virtual machine that is a real one or lies on one.
struct VirtualDeviceResult {
    uint16_t address = 0, real = 0;
    std::string type;
    WayOfIo way{};
    bool dedicated = false, read_only = false;
    uint32_t first = 0, count = 0;       // of a minidisk: cylinders or blocks
    std::vector<MinidiskPiece> further;  // of a minidisk of several pieces: the others
    RelayCounts counts;
    bool watched = false, enciphered = false;  // its data go through the control program
    std::optional<WayOfIo> instead_of;         // the way that was asked for, which the machine model lacks
    bool interpretive;                         // the machine may start it by itself
    std::string not_interpretive;              // why not, where it was asked for
    std::optional<IoMappingStrategy> mapping;  // of a translating channel: the strategy that is in use
};

/// A device of a virtual machine with shared rings.
struct RingResult {
    RingKind kind{};
    uint8_t status = 0;
    RingFault fault{};  // why it needs a reset; none: it does not
    RingCounts counts;
};

/// A device of the real machine.
struct RealDeviceResult {
    uint16_t address = 0;
    std::string type;
    QueueOrder order{};
    OwnUse own_use{};
    RealDeviceCounts counts;
    simulation::ChannelWaits channel_waits;
};

struct VmResult {
    std::string name;
    std::string file;  // of the guest
    uint32_t storage = 0;
    uint32_t resident_pages = 0;
    scheduler::EntityParameters scheduling;
    VmState state{};
    StopReason stop{};
    bool started = false;
    bool console_read_waiting = false;
    isa::CpuState cpu;  // as the guest sees it
    Account account;
    uint64_t exits = 0;  // from the guest to the control program
    uint64_t instructions = 0;
    uint64_t tlb_misses = 0;        // while it ran on the real CPU
    uint64_t table_references = 0;  // to translation tables, that those misses took
    SimTime start = 0, end = 0;     // of its life; the end of the run if it still lives
    SimTime waited = 0, was_ready = 0, page_waited = 0;
    uint64_t page_waits = 0;
    ErrorRecords errors;  // that the guest has recorded by SUPERVISOR CALL 76
    PageCounts pages;
    StorageKind storage_kind{};
    Technique technique{};
    TranslationCounts code;   // that was translated
    size_t code_pages = 0;    // that hold translated code at the end
    SimTime interpreted = 0;  // virtual time of instructions that the control program interpreted
    GuestTranslation translation{};
    AssistSet assists;  // that were on at log-on
    InterceptSet intercepts;
    bool exits_together = false;
    bool wait_completion = false;
    uint64_t io_presented = 0;  // I/O interruptions that the machine gave it by itself
    uint64_t exits_spared = 0;  // by that
    AssistCounts assist_counts;
    uint64_t responses = 0;
    SimTime response_time = 0;  // sum
    GuestOutput output;
    std::vector<VirtualDeviceResult> devices;
    uint64_t io_refused = 0;              // accesses and units that translating channels refused to it
    std::vector<IoRefusal> io_refusals;   // the first hundred
    std::vector<RingResult> rings;        // by their numbers
    Ending ending;                        // how it ended, and why
    std::vector<StorageBytes> looked_at;  // what is in storage where an expectation names it

    SimTime elapsed() const { return end - start; }
};

struct PagingDeviceResult {
    std::string type;
    uint32_t slots = 0, slots_in_use = 0;
    uint64_t transfers = 0;
    SimTime busy = 0;
};

/// A spool file that waits when the run has ended.
struct SpoolFileResult {
    unsigned number = 0;
    SpoolOrigin origin{};
    SpoolQueue queue{};
    std::string from, owner;
    char spool_class = 'A';
    bool hold = false;
    unsigned copies = 1;
    size_t records = 0;
    uint32_t pages = 0;
    std::string name, type;
    SimTime created = 0;
};

struct SpoolResult {
    SpoolCounts counts;
    uint32_t capacity = 0, pages = 0;  // pages: in use
    bool on_disk = false;              // its pages lie on real disks
    std::vector<SpoolFileResult> files;
    std::vector<std::string> complaints;  // what of the folder was not used, and why
};

struct RunResult {
    std::vector<VmResult> vms;
    Account own;  // the control program's
    StepTotals steps;
    SimTime idle = 0;
    SimTime idle_for_pages = 0;  // of that, while a machine waited for a page
    PagerCounts paging;
    std::vector<PagingDeviceResult> paging_devices;
    std::vector<RealDeviceResult> real_devices;
    std::optional<SpoolResult> spool;  // nothing: there is none
    uint32_t page_frames = 0, page_frames_free = 0;
    SimTime end = 0;  // simulated time of the whole run
    bool time_limit_reached = false;
    bool interrupted = false;  // somebody ended it before its time
    uint64_t switches = 0, exits = 0;
    uint32_t storage = 0;                  // of the real machine, bytes
    std::vector<TimelineMoment> timeline;  // where it was asked for (RunHooks::timeline)
    HostFigures host;

    SimTime guest_time() const;
    SimTime control_program_time() const;  // of all virtual machines and its own
    /// Guest, control-program and idle time together. Equal to `end`: nothing is lost.
    SimTime accounted() const { return guest_time() + control_program_time() + idle; }
    uint64_t instructions() const;
    /// The ledger's entry of a cause over all virtual machines and the control program's own account.
    LedgerEntry of(Cause cause) const;
    /// Jain's index over CPU time received (guest and control program) per share: 1 is perfectly fair, 1/n
    /// means that one of n got everything. 1 if nobody received any.
    double fairness() const;
};

/// A guest alone on the bare machine.
struct NativeResult {
    std::string name;
    simulation::Stop stop{};
    isa::CpuState cpu;
    uint64_t instructions = 0;
    Ending ending;
    std::vector<StorageBytes> looked_at;
    SimTime elapsed = 0;  // from the start
    SimTime busy = 0;     // CPU time, of all CPUs: not in the wait state
    uint64_t interruptions = 0;
    uint64_t tlb_misses = 0, table_references = 0;  // of all CPUs
    uint32_t storage = 0;
    double host_seconds = 0;
    GuestOutput output;
    bool interrupted = false;  // somebody ended it: `stop` means nothing
    std::string output_full;   // the run ended because no more output is held: what was told of it, or empty
    std::map<uint16_t, std::string> displays;  // what stands on their screens in the end
};

}  // namespace vmcp::experiment
