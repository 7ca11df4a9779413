// From a region to code of the host. The code is entered at the region's first block, with everything in the
// CPU; it goes from block to block as long as the next one ends before the limit; and it leaves with
// everything in the CPU again, saying where it left off.
//
//   entered                        loads registers, looks at the anchors
//   block, block, ...              each instruction by its body, or by a call of it
//   between two blocks             time, count, and one compare with the limit
//   branches that were taken       the same, out of the way of those that were not
//   rare ways                      operands that are not at hand, overflow, leaving
//   routines                       calls of the host's functions; the end
#pragma once

#include <functional>
#include <vector>

#include "simulation/executor/translator/emitting_cpu.hpp"
#include "simulation/executor/translator/passages.hpp"

namespace simulation {

/// Whether an instruction is executed by a call.
bool is_called(const Slot& slot);
/// Whether what an EXECUTE executes may be emitted in its place.
bool can_be_emitted(const ExpectedSubject& subject);

class RegionEmitter {
  public:
    RegionEmitter(asmjit::CodeHolder& code, Region& region, const RegionPlan& plan, const CpuLayout& layout,
                  const isa::Holes& holes, const Passages& passages, Translator* translator);

    void emit();

  private:
    using Branch = EmittingCpu::Branch;
    /// A block is left: what that adds to time (of which the whole block but its last slot is there already)
    /// and count, and by which link.
    struct Passage {
        const RegionPlan::Node* from;
        unsigned way;
        SimTime time;
        unsigned instructions;
    };

    void find_returns();
    void count_ways_in();
    void enter();
    void emit_block(size_t n);
    void emit_instruction(const RegionPlan::Node& node, unsigned k);
    /// Emits it, or answers false: it must be called.
    bool emit_in_line(const Slot& slot, const ExpectedSubject* subject);
    const ExpectedSubject* subject_of(const RegionPlan::Node& node) const;
    void emit_call(const RegionPlan::Node& node, unsigned k, Site& site);
    /// Calls the instruction; the label is where nothing may follow behind it.
    host::Label call(const RegionPlan::Node& node, unsigned k, Site& site);
    void check_anchors(const host::Label& otherwise);
    void end_block(size_t n, bool called);
    void leave_by_branch_inside(const RegionPlan::Node& node, unsigned k, const Branch& branch);
    /// Goes, out of the way, to where a conditional branch leads.
    void go_far(const Passage& taken, const Branch& branch);
    /// Goes to where the branch leads.
    void go(const Passage& passage, const Value& target);
    void go_back(const Passage& passage, int expected);
    void go_to(const Passage& passage, uint32_t target);
    void go_on_in(const Passage& passage, const RegionPlan::Node& next);
    void spend(SimTime time, unsigned instructions);
    void leave(const Passage& passage);
    void leave_with(const LeftOff& left_off, const host::Label& by);
    const LeftOff& leaving(const LeftOff& left_off);
    /// Where branches are based on anchors, their targets are known.
    Value known_target(const Value& target) const;

    void emit_routines();
    std::vector<host::Gp> volatile_registers(std::vector<host::Gp> kept) const;
    template <class Call>
    void call_keeping(const std::vector<host::Gp>& kept, size_t pushed, Call&& call);
    void restore(const std::vector<host::Gp>& kept);
    void emit_float_routine();
    void emit_look_in_two(const host::Label& label, int32_t tag);
    void emit_usual_access(const host::Label& label, const host::Label& otherwise);
    void emit_routine(const host::Label& label, const void* function, bool changes_registers);
    void save_registers();
    void load_registers(bool volatile_only);

    asmjit::x86::Assembler a_;
    Region& region_;
    const RegionPlan& plan_;
    const CpuLayout& layout_;
    const isa::Holes& holes_;
    const Passages& passages_;
    Translator* translator_;
    PinnedRegisters registers_;
    RegionFrame frame_;
    EmittingCpu cpu_;
    static constexpr size_t kMostReturns = 4;
    std::vector<host::Label> labels_;          // of the nodes
    std::vector<int> returns_;                 // nodes that routines may return to
    std::vector<unsigned> ways_in_;            // to each node
    std::vector<Condition> known_conditions_;  // at the beginning of each; by_memory: that is not known
    std::vector<std::function<void()>> far_;   // branches that were taken
    size_t next_in_line_ = 0;                  // the node whose code comes next
};

}  // namespace simulation
