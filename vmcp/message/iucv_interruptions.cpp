// What IUCV interrupts a machine for: in the order of the types, but that messages of a type come as they are
// queued. (The order among types is assumed.)
#include <algorithm>
#include <utility>

#include "vmcp/dispatch/message_interruption.hpp"
#include "vmcp/message/iucv.hpp"

namespace vmcp {
namespace {

// Of SET MASK.
constexpr uint8_t kMessages = 0x80, kPriorityMessages = 0x40, kReplies = 0x20, kPriorityReplies = 0x10,
                  kControl = 0x08;

}  // namespace

std::optional<Iucv::Pending> Iucv::next_pending(Communicator& self) {
    if ((self.mask & kControl) != 0)
        for (auto at = self.control.begin(); at != self.control.end(); ++at)
            if ((self.control_mask & 0x80 >> (at->type - pending_connection)) != 0)
                return Pending{.type = at->type, .control = at};
    const auto of_reply = [](const Message& one) { return one.priority || one.priority_reply; };
    for (const bool priority : {true, false}) {
        if ((self.mask & (priority ? kPriorityReplies : kReplies)) == 0) continue;
        const auto at = std::find_if(self.completed.begin(), self.completed.end(),
                                     [&](const Message& one) { return of_reply(one) == priority; });
        if (at != self.completed.end())
            return Pending{.type = priority ? priority_completion : completion, .message = at};
    }
    for (const bool priority : {true, false}) {
        if ((self.mask & (priority ? kPriorityMessages : kMessages)) == 0) continue;
        const auto at = std::find_if(self.incoming.begin(), self.incoming.end(), [&](const Message& one) {
            return !one.described && one.priority == priority;
        });
        if (at != self.incoming.end())
            return Pending{.type = priority ? priority_message : message, .message = at};
    }
    return std::nullopt;
}

void Iucv::present(Work& work, VirtualMachine& vm) {
    Communicator* const self = communicator_of(vm.id);
    if (self == nullptr) {
        vm.message_interruptions = static_cast<uint8_t>(vm.message_interruptions & ~kIucvMask);
        return;
    }
    const auto pending = next_pending(*self);
    if (!pending) return settle(*self);
    work.step(Step::present_message);
    MessageList told;
    switch (pending->type) {
        case priority_completion:
        case completion:
            describe_completion(*pending->message, told);
            drop(self->completed, pending->message);
            break;
        case priority_message:
        case message:
            describe_message(*pending->message, told);
            note_described(*self, pending->message);
            break;
        default:
            told = pending->control->data;
            self->control.erase(pending->control);
            break;
    }
    told.put8(iucv_list::code, pending->type);
    store_area({&vm, self->buffer, MessageList::kBytes, 0}, told.data());
    settle(*self);
}

/// Whether an interruption is pending for the machine that its own masks let through, and whether it waits
/// for that, or in TEST MESSAGE.
void Iucv::settle(Communicator& self) {
    VirtualMachine& vm = self.vm;
    const bool pending = next_pending(self).has_value();
    vm.message_interruptions =
        static_cast<uint8_t>((vm.message_interruptions & ~kIucvMask) | (pending ? kIucvMask : 0));
    const bool tested =
        self.tests && vm.paravirtual.blocked && (!self.incoming.empty() || !self.completed.empty());
    if (MachineStates::waits_for_interruption(vm) && (tested || message_pending(vm, vm.state))) {
        self.tests = false;
        states_.wake(vm);
    }
}

}  // namespace vmcp
