// Who executes a CPU's instructions, as the CPU sees him: what instruction bodies need of the sequence of
// instructions that they are part of.
#pragma once

#include <cstdint>

#include "isa/instruction.hpp"

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

/// Microcode that simulates privileged instructions of a guest by itself, in the place of an interruption
/// that a control program would have to handle. Set when a guest is loaded; a bare machine has none.
class PrivilegedAssist {
  public:
    virtual ~PrivilegedAssist() = default;
    /// The CPU, in the problem state, has decoded a privileged instruction. True: done, the CPU goes on
    /// behind it (or leaves, if the assist made it so). False: the instruction is trapped as without an
    /// assist; nothing has changed.
    virtual bool execute(Cpu& cpu, const isa::Decoded& instruction) = 0;
};

}  // namespace simulation
