// Who looks on while the control program works: traces and the story of a trap. What it charges is told by
// the ledger (LedgerObserver).
#pragma once

#include <optional>

#include "simulation/cpu/cpu.hpp"
#include "simulation/cpu/exit.hpp"
#include "vmcp/machine/virtual_machine.hpp"

namespace vmcp {

/// A trap: the guest has just been interrupted, the real old PSW is stored, nothing has been handled yet.
struct Trap {
    const simulation::Exit& exit;
    isa::Interruption interruption;  // what the real CPU took
    isa::Psw real_old_psw;
    const Account& payer;                     // on whose account: that of the guest, or of whom it is for
    SimTime time;                             // when the guest was interrupted
    SimTime taken;                            // when the real PSWs had been swapped
    std::optional<isa::Decoded> instruction;  // for privileged operations: what it wanted to execute
    SimTime coming_out = 0;                   // of that time, what ending interpretive execution took
    bool intercepted = false;                 // which was all: no PSWs were swapped
};

class Observer {
  public:
    virtual ~Observer() = default;
    /// The guest ran from `begin` to `end`.
    virtual void guest_ran(const VirtualMachine&, SimTime /*begin*/, SimTime /*end*/) {}
    virtual void trapped(const VirtualMachine&, const Trap&) {}
    /// The control program is about to simulate an instruction that has not trapped, behind one that has
    /// (VmOptions::exits_together): the virtual PSW is still at it.
    virtual void followed(const VirtualMachine&, const isa::Decoded&) {}
    /// The control program is about to interpret an instruction (Technique::interpretation): the virtual PSW
    /// is still at it. `cpu`: the real CPU, which executes the control program.
    virtual void interpreted(const VirtualMachine&, const isa::Decoded&, const simulation::Cpu& /*cpu*/) {}
    /// The instruction told of last has to wait for a page of the machine's, and comes again.
    virtual void comes_again(const VirtualMachine&) {}
    /// The guest is about to be given an interruption: its virtual state is still the interrupted one.
    virtual void reflected(const VirtualMachine&, const isa::Interruption&) {}
    /// The control program is about to let the guest go on: the virtual state is what the guest will see.
    virtual void resumed(const VirtualMachine&, SimTime) {}
    /// A channel program of the guest's is ready for the real channel.
    virtual void translated(const VirtualMachine&, const RelayedSubchannel&) {}
    virtual void idled(SimTime /*begin*/, SimTime /*end*/) {}
    virtual void stopped(const VirtualMachine&, SimTime) {}
};

}  // namespace vmcp
