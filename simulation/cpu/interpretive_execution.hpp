// Interpretive execution: how a CPU executes a guest under a state description. It is inside from START
// INTERPRETIVE EXECUTION until something comes out; docs/interpretive-execution.md tells what, and how.
//
// Inside, the CPU's state *is* the guest's, so that what a guest executes is executed as ever: its privileged
// instructions by their ordinary bodies, its interruptions by the ordinary interruption action. Only two
// things differ. What the CPU takes for a real address is second-level storage (Cpu::absolute), and of
// privileged instructions the handlers ask whether they come out (Cpu::comes_out). The host's state is kept
// here; its clocks go on, and what interrupts it ends interpretive execution.
#pragma once

#include <cstdint>
#include <optional>

#include "isa/interpretive_order.hpp"
#include "isa/interruption.hpp"
#include "simulation/cpu/interpreted_instructions.hpp"
#include "simulation/cpu/sequencer.hpp"
#include "simulation/cpu/state_description.hpp"

namespace simulation {

class InterpretiveExecution final : public PrivilegedAssist {
  public:
    using Reason = StateDescriptionFormat::Reason;

    explicit InterpretiveExecution(Cpu& cpu) : cpu_(cpu) {}

    /// An instruction of the host's, or CALL HOST. Raises what it runs into.
    void obey(isa::InterpretiveOrder order, const isa::Operands& operands);

    // ---- While it is inside ----
    const isa::CpuState& host() const { return host_; }
    isa::CpuState& host() { return host_; }
    /// Bytes of guest storage: what lies beyond is an addressing exception of the guest's.
    uint32_t extent() const { return extent_; }
    uint64_t cpu_id() const { return cpu_id_; }
    uint16_t cpu_address() const { return cpu_address_; }
    bool interval_timer_runs() const { return interval_timer_runs_; }
    bool comes_out(isa::Op op) const {
        return kInterpreted[static_cast<unsigned>(op)].comes_out(intercepts_);
    }

    /// Whether its host waits for the guest to let something through.
    bool awaits_masks() const { return io_pending_ || external_pending_; }
    /// Between instructions. True: it has come out, since the host is to be interrupted or what is requested
    /// for the guest may interrupt it.
    bool comes_out_for(bool host_is_interrupted);
    /// The interruption that the description gave to the guest, once.
    std::optional<isa::Interruption> take_event();
    /// Whether the guest's assigned storage is there for the interruption. If it is not, interpretive
    /// execution has ended: the interruption is in the description, and the guest takes it when it is
    /// entered again.
    bool can_take(const isa::Interruption& interruption);
    /// The end: the guest's state goes to the description, the host goes on behind its instruction.
    /// `length` in bytes.
    void leave(Reason why, unsigned length = 0, uint16_t code = 0, uint32_t parameter = 0);

    // ---- PrivilegedAssist: what the executors hand over ----
    bool execute(Cpu& cpu, const isa::Decoded& instruction) override;
    bool supervisor_call(Cpu& cpu, uint8_t number) override;

  private:
    static constexpr uint32_t kNone = 0xFFFFFFFF;

    void start(uint32_t address);
    bool is_valid(uint32_t at) const;
    void enter(uint32_t at);
    void load_guest(uint32_t at);
    void store_guest();
    void read_field(const isa::Operands& o);
    void write_field(const isa::Operands& o);
    void query(uint32_t address);
    uint32_t assists() const;
    /// Where a description lies, by the real address that an instruction names.
    uint32_t description_at(uint32_t real) const;
    uint32_t description_to_change(uint32_t real);

    Cpu& cpu_;
    uint32_t current_ = kNone;  // real address of the current description
    uint32_t at_ = 0;           // its absolute address, while it is inside
    isa::CpuState host_;
    PrivilegedAssist* host_assist_ = nullptr;
    InterceptSet intercepts_;
    uint32_t extent_ = 0;
    uint64_t cpu_id_ = 0;
    uint16_t cpu_address_ = 0;
    bool io_pending_ = false, external_pending_ = false, interval_timer_runs_ = false;
    std::optional<isa::Interruption> event_;
};

}  // namespace simulation
