// What the parts of the control program have in common: the real machine, the books, storage, and who looks
// on.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "simulation/machine/machine.hpp"
#include "vmcp/dispatch/observer.hpp"
#include "vmcp/ledger/ledger.hpp"
#include "vmcp/machine/directory.hpp"
#include "vmcp/machine/machine_table.hpp"
#include "vmcp/machine/named_system.hpp"
#include "vmcp/storage/pager.hpp"

namespace vmcp {

class VirtualCpu;

/// What guests may ask of the control program itself.
class GuestServices {
  public:
    virtual ~GuestServices() = default;
    /// DIAGNOSE: the code is the second-operand address. Raises what the guest shall get.
    virtual void diagnose(VirtualCpu& cpu, unsigned r1, unsigned r3, uint32_t code) = 0;
    /// IUCV, the instruction X'B2F0', in the guest's supervisor state: the address of its operand.
    virtual void inter_user_communication(VirtualCpu& cpu, uint32_t parameter_list) = 0;
    /// A message interruption that is pending is going to be presented: what it is for is stored into the
    /// guest's buffer, and no longer pending.
    virtual void present_message(Work& work, VirtualMachine& vm, isa::ExternalCode code) = 0;
    /// The machine stops, or is started anew: whatever it has with others ends.
    virtual void end_communication(VirtualMachine& vm) = 0;
};

struct Nucleus {
    simulation::Machine& machine;
    Ledger& ledger;
    Pager& pager;
    MachineTable& machines;
    RealIo& real_io;
    simulation::Cpu& cpu;  // whose time is spent
    GuestServices* services = nullptr;
    simulation::Observers<Observer> observers = {};
    std::deque<NamedSystem> systems = {};  // never moved: load requests point to them
    std::vector<DirectoryUser> directory = {};
    std::optional<HostModel> host = {};  // whose task the control program is
    /// Does what its load request asks for. Not from within an instruction of its guest's.
    std::function<void(VirtualMachine&)> load_anew = {};

    SimTime now() const { return cpu.now(); }
};

}  // namespace vmcp
