// Who executes a CPU's instructions, as the CPU sees him: what instruction bodies need of the sequence of
// instructions that they are part of.
#pragma once

#include <cstdint>

#include "simulation/cpu/exit.hpp"

namespace simulation {

class Cpu;

class Sequencer {
  public:
    /// EXECUTE: executes the instruction at `target` with `modifier` or-ed to its second byte. Raises what
    /// that raises.
    virtual void execute_subject(Cpu& cpu, uint32_t target, uint8_t modifier) = 0;
    /// The translation by which the instruction under way was fetched has left the TLB: the next one must be
    /// fetched anew.
    virtual void fetch_anew(Cpu& cpu) = 0;

  protected:
    ~Sequencer() = default;
};

/// Who lets a CPU run, where he would rather be asked than have the executor return to him each time. Set in
/// Execution::owner for as long as the CPU runs for him.
class CpuOwner {
  public:
    /// The CPU has stopped for Execution::exit, all as if the executor had returned. True: what that asks for
    /// is done, and the CPU goes on until the same point in time. False: the executor returns with what
    /// Execution::exit is now.
    virtual bool goes_on(Cpu& cpu) = 0;

  protected:
    ~CpuOwner() = default;
};

/// Microcode that does for a guest by itself what a control program would have to do behind an interruption.
/// Set when a guest is loaded; a bare machine has none. Each question is answered false where the CPU shall
/// be interrupted as without an assist; nothing has changed then.
class PrivilegedAssist {
  public:
    virtual ~PrivilegedAssist() = default;
    /// The CPU, in the problem state, has decoded a privileged instruction. True: done, the CPU goes on
    /// behind it (or leaves, if the assist made it so).
    virtual bool execute(Cpu& cpu, const isa::Decoded& instruction) = 0;
    /// A SUPERVISOR CALL. True: the CPU goes on where the guest's new PSW points.
    virtual bool supervisor_call(Cpu& /*cpu*/, uint8_t /*number*/) { return false; }
    /// The tables that the CPU translates by have no valid entry for the address. True: they have now.
    virtual bool complete_translation(Cpu& /*cpu*/, uint32_t /*logical*/, bool /*secondary*/) {
        return false;
    }
    /// The CPU has stopped for this. True: it was an interruption of the guest's own, which has it now.
    virtual bool present(Cpu& /*cpu*/, const Exit& /*exit*/) { return false; }
    /// The CPU is about to run the guest: what control register 6 shall hold.
    virtual uint32_t begin() { return 0; }
    /// It comes out to the control program.
    virtual void end(const Exit& /*exit*/) {}
};

}  // namespace simulation
