// Interpretive execution: how a CPU executes a guest under a state description. It is inside from START
// INTERPRETIVE EXECUTION until something comes out; docs/interpretive-execution.md tells what, and how.
//
// Inside, the CPU's state *is* the guest's, so that what a guest executes is executed as ever: its privileged
// instructions by their ordinary bodies, its interruptions by the ordinary interruption action. Only two
// things differ. What the CPU takes for a real address is second-level storage (Cpu::absolute), and of
// privileged instructions the handlers ask whether they come out (Cpu::comes_out). The host's state is kept
// here; its clocks go on, and what interrupts it ends interpretive execution.
//
// With facility nested_interpretive_execution a guest may enter guests of its own: the levels are a stack.
// The machine is level 0, its guest level 1, that one's guest level 2. Each of them but the uppermost is a
// host that stands behind its START INTERPRETIVE EXECUTION. What comes out goes to the host that it concerns;
// where that is not the next one, the hosts in between go back in front of their instruction, and enter their
// guests again when they are executed again.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "isa/interpretive_order.hpp"
#include "isa/interruption.hpp"
#include "simulation/cpu/interpreted_instructions.hpp"
#include "simulation/cpu/sequencer.hpp"
#include "simulation/cpu/state_description.hpp"

namespace simulation {

class InterpretiveExecution final : public PrivilegedAssist {
  public:
    using Reason = StateDescriptionFormat::Reason;
    static constexpr unsigned kMostLevels = 8;

    explicit InterpretiveExecution(Cpu& cpu) : cpu_(cpu) {}

    /// An instruction of a host's, or CALL HOST. Raises what it runs into.
    void obey(isa::InterpretiveOrder order, const isa::Operands& operands);

    // ---- While it is inside ----
    /// Of the guest whose state is in the CPU; the machine's own guest is 1.
    unsigned level() const { return depth_; }
    /// The machine's own state.
    const isa::CpuState& machine() const { return levels_[0].host; }
    isa::CpuState& machine() { return levels_[0].host; }
    const isa::CpuState& state_of(unsigned level) const;
    isa::CpuState& state_of(unsigned level);
    /// What its TOD clock is ahead of the machine's.
    uint64_t epoch_of(unsigned level) const { return level == 0 ? 0 : levels_[level - 1].epoch; }
    /// Bytes of guest storage: what lies beyond is an addressing exception of the guest's.
    uint32_t extent() const { return inside().extent; }
    uint64_t cpu_id() const { return inside().cpu_id; }
    uint16_t cpu_address() const { return inside().cpu_address; }
    bool interval_timer_runs(unsigned level) const { return levels_[level - 1].interval_timer_runs; }
    /// Stands for the way from the guest's absolute addresses to the machine's: no two have one number.
    uint64_t lineage() const { return inside().lineage; }
    bool comes_out(isa::Op op) const {
        return kInterpreted[static_cast<unsigned>(op)].comes_out(inside().effective, inside().may_host);
    }

    /// Where an absolute address of a guest's leads, through the hosts' tables one after another.
    struct Way {
        uint32_t real = 0;           // of the machine
        isa::ProgramCode problem{};  // none: it leads there
        /// What ends it: 0, the address lies beyond the guest's storage; else the storage of the guest at
        /// this level lacks `address`.
        unsigned level = 0;
        uint32_t address = 0;
        unsigned references = 0;  // to tables of hosts

        bool leads_there() const { return problem == isa::ProgramCode{}; }
    };
    Way way_of(unsigned level, uint32_t absolute) const;
    Way way_of(uint32_t absolute) const { return way_of(depth_, absolute); }

    /// Whether its host waits for the guest to let something through.
    bool awaits_masks() const { return inside().awaits_masks(); }
    /// Between instructions. True: it has come out, since a host is to be interrupted or what is requested
    /// for a guest may interrupt it.
    bool comes_out_for(bool machine_is_interrupted);
    /// The interruption that the description gave to the guest, once.
    std::optional<isa::Interruption> take_event();
    /// Whether the guest's assigned storage is there for the interruption. If it is not, interpretive
    /// execution has ended: the interruption is in the description, and the guest takes it when it is
    /// entered again.
    bool can_take(const isa::Interruption& interruption);
    /// The guest's end: its state goes to the description, its host goes on behind its instruction. `length`
    /// in bytes.
    void leave(Reason why, unsigned length = 0, uint16_t code = 0, uint32_t parameter = 0);
    /// The storage of the guest at this level lacks the address.
    void lacks(unsigned level, uint16_t code, uint32_t address);
    using PrivilegedAssist::end;
    /// All guests come out: the state is the machine's.
    void end();

    // ---- For a control program that is no program of the machine ----
    /// Its guest: what a description would say of it, and its state.
    struct Outermost {
        uint32_t host_table = 0, extent = 0;
        uint32_t current = kNone;  // description: the guest's own
        isa::CpuState state;
    };
    /// It becomes level 1, in no time, and may have guests.
    void put(const Outermost& guest);
    /// Its guests come out, so that its own state is in the CPU.
    void back_to_outermost() { back_to(1); }
    /// The CPU's state is what it was before put(), and the guest's is here.
    void take_back(Outermost& guest);

    // ---- PrivilegedAssist: what the executors hand over ----
    bool execute(Cpu& cpu, const isa::Decoded& instruction) override;
    bool supervisor_call(Cpu& cpu, uint8_t number) override;

    static constexpr uint32_t kNone = 0xFFFFFFFF;  // no description is current

  private:
    /// A guest that is inside, and what is kept of its host meanwhile.
    struct Level {
        uint32_t at = 0;  // absolute address of the description
        isa::CpuState host;
        PrivilegedAssist* host_assist = nullptr;
        uint32_t host_current = kNone;
        bool preferred = false;
        uint32_t host_table = 0;  // of a preferred machine: where its page zero is, for its host
        uint32_t extent = 0;
        InterceptSet intercepts;  // of its own host
        InterceptSet effective;   // what any host wants to see of it
        bool may_host = false, interval_timer_runs = false;
        bool io_pending = false, external_pending = false;
        uint64_t cpu_id = 0, epoch = 0, lineage = 0;
        uint16_t cpu_address = 0;
        std::optional<isa::Interruption> event;

        bool awaits_masks() const { return io_pending || external_pending; }
        bool window_is_open(const isa::CpuState& guest) const;
    };
    /// What a lineage stands for: the host's tables, or where its guest's page zero is; and the host's own.
    struct Origin {
        uint64_t host = 0;
        uint32_t prefix = 0;  // of the host
        uint32_t table = 0, extent = 0;
        bool preferred = false;
        uint64_t lineage = 0;
    };

    Level& inside() { return levels_[depth_ - 1]; }
    const Level& inside() const { return levels_[depth_ - 1]; }

    void start(uint32_t address);
    bool is_valid(uint32_t at) const;
    void enter(uint32_t at);
    void read_description(Level& level);
    void load_guest(uint32_t at);
    void store_guest();
    void come_up();
    void restore_host();
    void back_to(unsigned level);
    uint64_t lineage_of(const Level& level);
    void read_field(const isa::Operands& o);
    void write_field(const isa::Operands& o);
    void query(uint32_t address);
    uint32_t assists() const;
    bool may_nest() const;
    /// Where a description lies, by the real address that an instruction names.
    uint32_t description_at(uint32_t real) const;
    uint32_t description_to_change(uint32_t real);
    /// Who wants to see the instruction: the nearest host that does, by the level of its guest.
    unsigned level_that_intercepts(isa::Op op) const;

    Cpu& cpu_;
    uint32_t current_ = kNone;  // real address of the current description of whose state is in the CPU
    unsigned depth_ = 0;        // guests that are inside one another
    std::array<Level, kMostLevels> levels_;  // that of the machine's own guest first
    std::vector<Origin> origins_;            // of what the TLB may know
    uint64_t last_lineage_ = 0;
};

}  // namespace simulation
