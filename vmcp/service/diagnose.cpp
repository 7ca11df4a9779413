// DIAGNOSE: the interface of the virtual-machine kind, by which a guest that knows where it runs talks to the
// control program. The code is the second-operand address. GC20-1807 (VM/370 System Programmer's Guide),
// "DIAGNOSE".
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "isa/ebcdic.hpp"
#include "vmcp/dispatch/message_interruption.hpp"
#include "vmcp/service/cp_command.hpp"
#include "vmcp/service/hypercall.hpp"
#include "vmcp/service/input_spool.hpp"
#include "vmcp/service/ring_calls.hpp"
#include "vmcp/service/services.hpp"
#include "vmcp/service/synchronous_io.hpp"

namespace vmcp {
namespace {

using isa::ProgramCode;

/// Text in EBCDIC, padded with blanks or cut.
void put_text(uint8_t* out, std::string_view text, size_t length) {
    for (size_t i = 0; i < length; ++i) out[i] = isa::to_ebcdic(i < text.size() ? text[i] : ' ');
}

void put_number(uint8_t* out, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) out[i] = static_cast<uint8_t>(value >> (8 * (bytes - 1 - i)));
}

/// X'00': the extended identification, 40 bytes; the guest's length register says how many it wants. A
/// machine that may make hypercalls finds behind it what there is of them.
void store_extended_identification(Nucleus& nucleus, VirtualCpu& cpu, unsigned r1, unsigned r3) {
    std::array<uint8_t, 40 + kHypercallIdentification> block{};
    const bool hypercalls = cpu.vm().options.paravirtual;
    const uint32_t size = hypercalls ? block.size() : 40;
    if (hypercalls) {
        put_text(&block[40], "PARAVIRT", 8);
        put_number(&block[48], hypercall_features(cpu.vm()), 4);
        put_number(&block[52], kFirstHypercall, 4);
    }
    put_text(&block[0], "VM/370", 8);
    put_number(&block[8], 0x000600, 3);  // Release 6
    block[11] = 0xFF;                    // version code, as STIDP tells it
    put_number(&block[14], cpu.cpu_address(), 2);
    put_text(&block[16], cpu.vm().options.name, 8);
    put_number(&block[24], 0x8000000000000000 >> (nucleus.machine.cpu_count() - 1), 8);
    const uint32_t wanted = cpu.gpr(r3);
    if (cpu.gpr(r1) % 8 != 0 || wanted == 0) cpu.program_check(ProgramCode::specification);
    const auto length = std::min<uint32_t>(wanted, size);
    cpu.store(cpu.gpr(r1) & isa::kAddressMask, block.data(), length);
    cpu.set_gpr(r3, wanted - length);
}

/// X'08': a CP command of the guest's, at most 132 characters; the return code goes to the length register.
void execute_command(Nucleus& nucleus, MachineStates& states, VirtualCpu& cpu, unsigned r1, unsigned r3) {
    const uint32_t length = cpu.gpr(r3) & isa::kAddressMask;
    if (length > 132) cpu.program_check(ProgramCode::specification);
    std::array<uint8_t, 132> bytes;
    if (length != 0) cpu.fetch(cpu.gpr(r1) & isa::kAddressMask, bytes.data(), length);
    std::string text;
    for (uint32_t i = 0; i < length; ++i) text += isa::printable(bytes[i]);
    cpu.set_gpr(r3, execute_cp_command(nucleus, states, cpu.work(), cpu.vm(), text));
    cpu.set_condition_code(0);
    states.load_soon(cpu.vm());
}

/// X'0C': date and time of day, and the CPU time used in microseconds: virtual, and virtual plus overhead.
void store_pseudo_timer(Nucleus& nucleus, VirtualCpu& cpu, unsigned r1) {
    const uint32_t at = cpu.gpr(r1) & isa::kAddressMask;
    if (at % 8 != 0) cpu.program_check(ProgramCode::specification);
    cpu.work().step(Step::tell_time);
    const VirtualMachine& vm = cpu.vm();
    const SimTime used = vm.virtual_cpu_time(), total = vm.account.guest + vm.account.control_program;
    const CalendarTime time = calendar_time(nucleus.now());
    std::array<uint8_t, 32> block{};
    put_text(&block[0], time.date, 8);
    put_text(&block[8], time.time, 8);
    put_number(&block[16], static_cast<uint64_t>(used / simulation::kMicrosecond), 8);
    put_number(&block[24], static_cast<uint64_t>(total / simulation::kMicrosecond), 8);
    cpu.store(at, block.data(), block.size());
}

/// X'04': words of real storage, for those who look after the system: privilege class C or E. R1 and R1 + 1
/// hold the address and the number of a list of real addresses, R3 says where the words go.
void examine_real_storage(Nucleus& nucleus, VirtualCpu& cpu, unsigned r1, unsigned r3) {
    if (cpu.vm().options.classes.find_first_of("CE") == std::string::npos)
        cpu.program_check(ProgramCode::privileged_operation);
    const uint32_t list = cpu.gpr(r1) & isa::kAddressMask, count = cpu.gpr((r1 + 1) & 15);
    const uint32_t to = cpu.gpr(r3) & isa::kAddressMask;
    if (list % 4 != 0 || count > 1024) cpu.program_check(ProgramCode::specification);
    for (uint32_t i = 0; i < count; ++i) {
        const uint32_t real = cpu.load32((list + 4 * i) & isa::kAddressMask) & isa::kAddressMask;
        if (!nucleus.machine.storage().valid(real + 3)) cpu.program_check(ProgramCode::addressing);
        cpu.store32((to + 4 * i) & isa::kAddressMask, nucleus.machine.storage().get32(real));
    }
}

/// X'10': the pages from the one at R1 to the one at R3 are needed no longer.
void release_pages(Nucleus& nucleus, VirtualCpu& cpu, unsigned r1, unsigned r3) {
    const uint32_t first = cpu.gpr(r1) & isa::kAddressMask, last = cpu.gpr(r3) & isa::kAddressMask;
    if (first % kPage != 0 || last % kPage != 0 || last < first || last >= cpu.vm().storage.size())
        cpu.program_check(ProgramCode::specification);
    VirtualMachine& vm = cpu.vm();
    bool forget = false;
    for (uint32_t a = first; a <= last; a += kPage) {
        const auto frame = vm.storage.discard(SecondLevel(a));
        if (!frame) continue;
        vm.frame_lost(*frame);
        forget = true;
    }
    if (forget) nucleus.machine.cpus().page_invalidated();
}

/// X'64': named segments. R1 has the address of an eight-character name, R3 what to do; R1 and R3 receive
/// where the segment begins and the address of its last byte.
void named_segment(Nucleus& nucleus, SharedSegments& segments, VirtualCpu& cpu, unsigned r1, unsigned r3) {
    enum Function : uint32_t { load_shared = 0x00, load_nonshared = 0x04, purge = 0x08, find = 0x0C };
    constexpr uint32_t kNoSuchSegment = 44, kNoRoom = 174;
    const uint32_t at = cpu.gpr(r1) & isa::kAddressMask;
    if (at % 8 != 0) cpu.program_check(ProgramCode::specification);
    std::array<uint8_t, 8> bytes;
    cpu.fetch(at, bytes.data(), bytes.size());
    std::string name;
    for (const uint8_t byte : bytes) name += isa::printable(byte);
    name.erase(name.find_last_not_of(' ') + 1);

    VirtualMachine& vm = cpu.vm();
    SharedSegment* const segment = segments.find(name);
    const auto answer = [&](unsigned code) {
        cpu.set_gpr(r1, segment->origin().value);
        cpu.set_gpr(r3, segment->end().value - 1);
        cpu.set_condition_code(code);
    };
    const auto refuse = [&](uint32_t why) {
        cpu.set_gpr(r3, why);
        cpu.set_condition_code(2);
    };
    if (segment == nullptr) return refuse(kNoSuchSegment);
    const bool loaded = vm.storage.attachment(*segment) != nullptr;
    switch (cpu.gpr(r3)) {
        case find: return answer(loaded ? 0 : 1);
        case purge:
            if (!loaded) return answer(1);
            cpu.work().step(Step::attach_segment);
            vm.io.give_up_pages(segment->origin().value, segment->end().value);
            vm.storage.detach(*segment);
            forget_mappings(nucleus, vm);
            return answer(0);
        case load_shared:
        case load_nonshared: {
            cpu.work().step(Step::attach_segment);
            vm.io.give_up_pages(segment->origin().value, segment->end().value);
            for (const GuestStorage::Attachment& other : vm.storage.attachments())
                if (other.segment->overlaps(*segment))
                    vm.io.give_up_pages(other.segment->origin().value, other.segment->end().value);
            const bool done =
                vm.storage.attach(*segment) && (cpu.gpr(r3) == load_shared || vm.storage.unshare(*segment));
            forget_mappings(nucleus, vm);
            if (!done) return refuse(kNoRoom);
            return answer(segment->origin().value < vm.storage.size() ? 1 : 0);
        }
        default: cpu.program_check(ProgramCode::specification);
    }
}

}  // namespace

void Services::diagnose(VirtualCpu& cpu, unsigned r1, unsigned r3, uint32_t code) {
    if (cpu.vm().options.paravirtual && code >= kFirstHypercall && code <= kLastHypercall)
        return hypercall(nucleus_, states_, cpu, r1, r3, code);
    if (cpu.vm().rings != nullptr && code >= kFirstRingCall && code <= kLastRingCall)
        return ring_call(cpu, r1, r3, code);
    if (cpu.vm().options.grants != 0 && code >= kFirstGrantCall && code <= kLastGrantCall)
        return grants_.diagnose(cpu, r1, r3, code);
    switch (code) {
        case 0x00: return store_extended_identification(nucleus_, cpu, r1, r3);
        case 0x04: return examine_real_storage(nucleus_, cpu, r1, r3);
        case 0x08: return execute_command(nucleus_, states_, cpu, r1, r3);
        case 0x0C: return store_pseudo_timer(nucleus_, cpu, r1);
        case 0x10: return release_pages(nucleus_, cpu, r1, r3);
        case 0x14: return input_spool(nucleus_, cpu, r1, r3);
        case 0x18: return disk_io(nucleus_, states_, cpu, r1, r3);
        case 0x20: return general_io(nucleus_, states_, cpu, r1, r3);
        case 0x24: return device_type(cpu, r1, r3);
        case 0x58: return displays_.diagnose(cpu, r1, r3);
        // Messages are shown as a whole (SET EMSG ON): R1 and R3 keep its address and length.
        case 0x5C: return;
        case 0x60: return cpu.set_gpr(r1, cpu.vm().storage.size());
        case 0x64: return named_segment(nucleus_, segments_, cpu, r1, r3);
        case 0x68: return vmcf_.diagnose(cpu, r1, r3);
        default: cpu.program_check(ProgramCode::specification);
    }
}

void Services::present_message(Work& work, VirtualMachine& vm, isa::ExternalCode code) {
    if (code == kIucvInterruption)
        iucv_.present(work, vm);
    else
        vmcf_.present(work, vm);
}

void Services::end_communication(VirtualMachine& vm) {
    vmcf_.end(vm);
    iucv_.end(vm);
    grants_.end(vm);
}

}  // namespace vmcp
