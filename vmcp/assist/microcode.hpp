// What assists have in common: the guest whose they are, what may interrupt it, and the books.
#pragma once

#include <cstring>

#include "vmcp/dispatch/assigned_page.hpp"
#include "vmcp/dispatch/nucleus.hpp"
#include "vmcp/dispatch/shared_segments.hpp"
#include "vmcp/dispatch/virtual_cpu.hpp"

namespace vmcp {

class Microcode : public simulation::PrivilegedAssist {
  private:
    static constexpr uint32_t new_psw_of(const isa::ProgramInterruption&) {
        return isa::Assigned::program_new;
    }
    static constexpr uint32_t new_psw_of(const isa::SupervisorCallInterruption&) {
        return isa::Assigned::supervisor_call_new;
    }
    uint8_t new_mask(simulation::Cpu& cpu, VirtualCpu& guest, const isa::Decoded& instruction, uint8_t was) {
        const isa::Operands& o = instruction.operands;
        const auto immediate = static_cast<uint8_t>(o.imm);
        if (instruction.op == isa::Op::op_STNSM) return was & immediate;
        if (instruction.op == isa::Op::op_STOSM) return was | immediate;
        if (guest.cr(0) & isa::kCr0SsmSuppression) guest.program_check(isa::ProgramCode::special_operation);
        const uint32_t address = guest.address(o.b1, o.d1);
        const uint8_t* const known = cpu.known_readable(address);
        return known != nullptr ? *known : static_cast<uint8_t>(guest.load8(address));
    }
    // The CPU reaches the guest's storage as the guest does, and mostly has reached an operand before.
    static uint64_t fetch_doubleword(simulation::Cpu& cpu, VirtualCpu& guest, uint32_t address) {
        const uint8_t* const known = cpu.known_readable(address);
        if (known == nullptr) return guest.load64(address);
        uint64_t value;
        std::memcpy(&value, known, sizeof value);
        return __builtin_bswap64(value);
    }
    /// `store`, which may raise, comes before the change.
    template <class Assist, class Store>
    void set_mask(Assist& assist, simulation::Cpu& cpu, uint8_t was, uint8_t to, Store&& store) {
        constexpr uint8_t kEcMasks = 0x03;
        isa::Psw& psw = vm_.state.psw;
        const bool only_masks = !psw.ec_mode || ((to ^ was) & ~kEcMasks) == 0;
        const bool opens = (to & ~was) != 0;
        isa::Psw next;
        if (opens || !only_masks) {
            next = psw;
            isa::set_system_mask(next, to);
            assist.check_transition(cpu, next);
        }
        store();
        vm_.state.early_ilc = cpu.execution().ilc;
        if (!only_masks) return assist.load(cpu, next, isa::encode(next));
        const bool was_external = psw.external_mask;
        isa::set_system_mask(psw, to);
        assist.masks_loaded(cpu, to, psw.external_mask && !was_external);
    }

  protected:
    /// For this machine, which owns it.
    Microcode(Nucleus& nucleus, SharedSegments& segments, VirtualMachine& vm)
        : nucleus_(nucleus), segments_(segments), vm_(vm) {}

    /// Whether something is pending that a guest in this state must get first.
    bool external_may_interrupt(const isa::CpuState& state) const;
    bool io_may_interrupt(const isa::CpuState& state) const;
    /// Whatever the masks of the PSW say.
    bool external_is_pending() const;
    bool anything_pending() const;
    /// The guest's CPU, where the real one is now.
    VirtualCpu guest_cpu(simulation::Cpu& cpu) {
        vm_.state.gpr = cpu.state().gpr;
        vm_.state.psw.set_changing(cpu.psw());
        return VirtualCpu(nucleus_, segments_, vm_, nullptr, cpu.execution().ilc);
    }
    /// Why `action` could not be done, none if it could. What it raises it must raise in front of everything
    /// that cannot be done again.
    template <class Action>
    static AssistRefusal attempt(Action&& action) {
        try {
            action();
        } catch (const NeedsControlProgram& refusal) {
            return refusal.why;
        } catch (const isa::ProgramCheck&) {
            return AssistRefusal::exception;
        }
        return AssistRefusal::none;
    }
    /// The interruption action in the guest's page zero, whose PSW is up to date. Raises NeedsControlProgram
    /// where that has no frame, or `assist` must not load the new PSW.
    template <class Assist, class Interruption>
    void interrupt(Assist& assist, simulation::Cpu& cpu, const Interruption& interruption) {
        if (!vm_.storage.locate(SecondLevel(0))) throw NeedsControlProgram{AssistRefusal::no_frame};
        auto page = AssignedPage::of(vm_);
        isa::Psw next;
        const uint64_t image = page->fetch_assigned64(new_psw_of(interruption));
        vm_.loaded_psws.load(next, image);
        assist.check_transition(cpu, next);
        if (nucleus_.observers.any()) [[unlikely]] {
            vm_.state.gpr = cpu.state().gpr;
            vm_.state.fpr = cpu.state().fpr;
            nucleus_.observers.tell([&](Observer& o) { o.reflected(vm_, interruption); });
        }
        isa::store_interruption(vm_.state.psw, *page, interruption);
        vm_.state.early_ilc = 0;
        assist.load(cpu, next, image);
    }
    /// The guest may be interrupted at another time than was thought when it was let go on.
    void look_at_timers(simulation::Cpu& cpu);
    /// Raises NeedsControlProgram where loading this PSW takes more than that: one of `modes` changes, it
    /// waits, or is in error.
    void require_plain(const isa::Psw& next, uint64_t modes) const {
        const isa::Psw& now = vm_.state.psw;
        if (((now.modes() ^ next.modes()) & modes) != 0 || now.ec_mode != next.ec_mode ||
            isa::has_format_error(next, nucleus_.machine.model().facilities))
            throw NeedsControlProgram{AssistRefusal::mode};
        if (next.wait) throw NeedsControlProgram{AssistRefusal::wait};
        if (next.address % 2 != 0) throw NeedsControlProgram{AssistRefusal::exception};
    }
    /// Enters the outcome, and the time that a refusal or a hit takes. Whether it was a hit.
    bool settle(simulation::Cpu& cpu, Cause cause, AssistRefusal why, SimTime refusal, SimTime hit) {
        AssistCount& count = vm_.assist_counts[cause];
        ++count.calls;
        const bool done = why == AssistRefusal::none;
        const SimTime cost = done ? hit : refusal;
        ++(done ? count.hits : count.refused[static_cast<unsigned>(why)]);
        vm_.assist_counts.time += cost;
        cpu.spend(cost);
        return done;
    }

    /// SSM, STNSM, STOSM, LPSW. `Assist` knows which PSWs it may load (check_transition, which raises
    /// NeedsControlProgram), and how (load; masks_loaded where nothing but masks of interruptions has
    /// changed). Raises that, before anything has changed, or what the guest's own exception would be.
    template <class Assist>
    void execute_psw(Assist& assist, simulation::Cpu& cpu, VirtualCpu& guest,
                     const isa::Decoded& instruction) {
        const isa::Operands& o = instruction.operands;
        const uint32_t address = guest.address(o.b1, o.d1);
        if (instruction.op != isa::Op::op_LPSW) {
            const uint8_t was = isa::system_mask(vm_.state.psw), to = new_mask(cpu, guest, instruction, was);
            set_mask(assist, cpu, was, to, [&] {
                if (instruction.op != isa::Op::op_SSM && !cpu.store_known8(address, was))
                    guest.store8(address, was);
            });
            return;
        }
        if (address % 8 != 0) guest.program_check(isa::ProgramCode::specification);
        isa::Psw next;
        const uint64_t image = fetch_doubleword(cpu, guest, address);
        vm_.loaded_psws.load(next, image);
        assist.check_transition(cpu, next);
        vm_.state.early_ilc = 0;
        assist.load(cpu, next, image);
    }

    Nucleus& nucleus_;
    SharedSegments& segments_;
    VirtualMachine& vm_;
};

}  // namespace vmcp
