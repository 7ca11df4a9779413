// Hypercalls: DIAGNOSE X'200' to X'22C', for guests that were written for a control program
// (docs/paravirtual.md has them call by call). A virtual machine has them where its description says
// `paravirtual`; elsewhere these codes are specification exceptions, as they always were.
//
// What one may do is done to the guest's own storage and registers, to its console, and to machines that take
// events. Nothing that a guest gives as an argument is believed: it is refused by a return code, or is the
// program interruption that an ordinary access would be.
#pragma once

#include "vmcp/dispatch/machine_states.hpp"
#include "vmcp/dispatch/virtual_cpu.hpp"

namespace vmcp {

enum class Hypercall : uint32_t {
    share_page = 0x200,
    batch = 0x204,
    look = 0x208,  // presents what is pending
    map = 0x20C,
    unmap = 0x210,
    set_space = 0x214,
    send_event = 0x218,
    set_timer = 0x21C,
    yield = 0x220,
    block = 0x224,
    type = 0x228,
    fill_call_table = 0x22C,
};
inline constexpr uint32_t kFirstHypercall = 0x200, kLastHypercall = 0x22C;

/// Why a hypercall was refused: condition code 2, with this in the register R3.
enum class Refusal : uint32_t {
    none = 0,
    address = 1,        // no page of the machine's own storage begins there
    no_page_table = 2,  // the tables lead nowhere, or the format of translation is none
    no_machine = 3,     // there is none of this name that takes events
    no_page = 4,        // no page is shared, which this call needs
    disabled = 5,       // nothing could end the wait
    interpretive = 6,   // the hardware presents interruptions, and does not know the page
    number = 7,         // out of range
    not_in_batch = 8,
    program = 0x1000,  // in a batch: with the code of the program interruption that the call alone would be
};

/// Bytes behind the extended identification: CL8'PARAVIRT', what there is, the first code.
inline constexpr unsigned kHypercallIdentification = 16;
uint32_t hypercall_features(const VirtualMachine& vm);

void hypercall(Nucleus& nucleus, MachineStates& states, VirtualCpu& cpu, unsigned r1, unsigned r3,
               uint32_t code);

}  // namespace vmcp
