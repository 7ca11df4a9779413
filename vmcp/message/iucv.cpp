#include "vmcp/message/iucv.hpp"

#include <utility>

#include "vmcp/dispatch/message_interruption.hpp"
#include "vmcp/dispatch/virtual_timers.hpp"

namespace vmcp {

using isa::ProgramCode;
namespace field = iucv_list;

uint8_t Iucv::Request::flags() const { return list.get8(field::flags); }
uint16_t Iucv::Request::path() const { return list.get16(field::path); }
Iucv::UserData Iucv::Request::user_data() const { return list.get<16>(field::user_data); }

Iucv::Communicator* Iucv::communicator_of(VmId id) {
    const auto at = communicators_.find(id);
    return at != communicators_.end() ? &at->second : nullptr;
}

size_t Iucv::messages() const {
    size_t n = 0;
    for (const auto& [id, one] : communicators_)
        n += one.incoming.size() + one.received.size() + one.completed.size();
    return n;
}

size_t Iucv::paths() const {
    size_t n = 0;
    for (const auto& [id, one] : communicators_) n += one.paths.size();
    return n;
}

void Iucv::execute(VirtualCpu& cpu, uint32_t parameter_list) {
    const uint32_t function = cpu.gpr(0);
    Communicator* const self = communicator_of(cpu.vm().id);
    if (function > set_control_mask) cpu.program_check(ProgramCode::specification);
    if (function == query) return tell_query(cpu);
    if (self == nullptr && function != declare_buffer) cpu.program_check(ProgramCode::operation);
    if (function == test_message) return test(cpu, *self);
    if (function == retrieve_buffer) {
        cpu.work().step(Step::take_message_function);
        end(cpu.vm());
        return cpu.set_condition_code(0);
    }
    const MessageList before = fetch_list(cpu, parameter_list);
    MessageList after = before;
    Answer answer{};
    if (function == declare_buffer) {
        answer = do_declare(cpu, before);
    } else {
        Request request{cpu, *self, before};
        answer = serve(request, static_cast<Function>(function));
        after = request.list;
    }
    if (function < set_mask && answer.condition < 2) after.put8(field::code, answer.code);
    store_list(cpu, parameter_list, before, after);
    cpu.set_condition_code(answer.condition);
}

Iucv::Answer Iucv::serve(Request& r, Function function) {
    r.work().step(Step::queue_message);
    switch (function) {
        case describe: return do_describe(r);
        case send: return do_send(r);
        case receive: return do_receive(r);
        case reply: return do_reply(r);
        case test_completion: return do_test_completion(r);
        case reject: return do_reject(r);
        case purge: return do_purge(r);
        case accept: return do_accept(r);
        case connect: return do_connect(r);
        case quiesce: return do_quiesce(r, true);
        case resume: return do_quiesce(r, false);
        case sever: return do_sever(r);
        case set_mask: r.self.mask = r.list.get8(field::mask); break;
        case set_control_mask: r.self.control_mask = r.list.get8(field::mask); break;
        case query:
        case test_message:
        case retrieve_buffer:
        case declare_buffer: break;  // of execute()
    }
    settle(r.self);
    return done();
}

// ---- What has no parameter list, and the beginning ----

void Iucv::tell_query(VirtualCpu& cpu) {
    cpu.work().step(Step::take_message_function);
    cpu.set_gpr(0, MessageList::kBytes);
    cpu.set_gpr(1, cpu.vm().options.iucv.most_connections);
    cpu.set_condition_code(0);
}

/// Where nothing is queued, the machine waits for that, whatever its masks say, and executes the instruction
/// again. Something else that it has enabled interrupts it before.
void Iucv::test(VirtualCpu& cpu, Communicator& self) {
    cpu.work().step(Step::take_message_function);
    self.tests = false;
    const unsigned code = (self.incoming.empty() ? 0u : 1u) | (self.completed.empty() ? 0u : 2u);
    if (code != 0) return cpu.set_condition_code(code);
    VirtualMachine& vm = cpu.vm();
    vm.state.psw.address = (vm.state.psw.address - 2 * cpu.length()) & isa::kAddressMask;
    const bool interrupted = external_pending(nucleus_, vm, vm.state).has_value() ||
                             message_pending(vm, vm.state).has_value() ||
                             vm.io.channels.pending(isa::enabled_channels(vm.state)).has_value();
    if (interrupted) return;
    self.tests = true;
    vm.state.psw.wait = vm.paravirtual.blocked = true;
}

Iucv::Answer Iucv::do_declare(VirtualCpu& cpu, const MessageList& list) {
    VirtualMachine& vm = cpu.vm();
    if (communicator_of(vm.id) != nullptr) return refused(kDeclared);
    const uint32_t buffer = list.get32(field::buffer) & isa::kAddressMask;
    if (buffer % 8 != 0) cpu.program_check(ProgramCode::specification);
    switch (check_area({&vm, buffer, MessageList::kBytes, cpu.psw().key}, true)) {
        case ChannelAccess::ok: break;
        case ChannelAccess::addressing: cpu.program_check(ProgramCode::addressing);
        case ChannelAccess::protection: cpu.program_check(ProgramCode::protection);
    }
    communicators_.emplace(vm.id, Communicator{.vm = vm, .buffer = buffer});
    return done();
}

void Iucv::end(VirtualMachine& vm) {
    Communicator* const self = communicator_of(vm.id);
    if (self == nullptr) return;
    while (!self->paths.empty()) sever_path(*self, self->paths.begin()->first, {});
    communicators_.erase(vm.id);
    vm.message_interruptions = static_cast<uint8_t>(vm.message_interruptions & ~kIucvMask);
}

}  // namespace vmcp
