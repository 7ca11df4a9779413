#include "vmcp/message/message_area.hpp"

#include <algorithm>

#include "isa/ebcdic.hpp"
#include "isa/storage_key.hpp"
#include "vmcp/dispatch/virtual_cpu.hpp"

namespace vmcp {

using isa::ProgramCode;
using simulation::kBlock;

namespace {

/// Up to the end of the 2K block, which has a key of its own.
uint32_t rest_of_block(uint32_t at) { return kBlock - at % kBlock; }

/// What a channel would call the address.
uint32_t absolute(VirtualMachine& vm, uint32_t real) { return vm.io.channel_storage.real_of(real).value; }

void require(VirtualCpu& cpu, ChannelAccess access) {
    if (access == ChannelAccess::addressing) cpu.program_check(ProgramCode::addressing);
    if (access == ChannelAccess::protection) cpu.program_check(ProgramCode::protection);
}

}  // namespace

UserId user_id(const VirtualMachine& vm) {
    const std::string& name = vm.options.name;
    const auto capital = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
    UserId id;
    for (size_t i = 0; i < id.size(); ++i) id[i] = isa::to_ebcdic(i < name.size() ? capital(name[i]) : ' ');
    return id;
}

VirtualMachine* find_by_user_id(const Nucleus& nucleus, const UserId& id) {
    for (VirtualMachine& vm : nucleus.machines)
        if (vm.status != VmState::stopped && user_id(vm) == id) return &vm;
    return nullptr;
}

ChannelAccess check_area(const MessageArea& area, bool storing) {
    const uint32_t size = area.vm->storage.size();
    if (area.at >= size || area.length > size - area.at) return ChannelAccess::addressing;
    for (uint32_t at = area.at; at < area.at + area.length; at += rest_of_block(at))
        if (!isa::key_allows(area.vm->storage.key(SecondLevel(at)), area.key, storing))
            return ChannelAccess::protection;
    return ChannelAccess::ok;
}

ChannelAccess fetch_area(const MessageArea& area, uint8_t* out) {
    const ChannelAccess access = check_area(area, false);
    for (uint32_t done = 0; access == ChannelAccess::ok && done < area.length;) {
        const uint32_t at = area.at + done, n = std::min(rest_of_block(at), area.length - done);
        const ChannelAccess piece =
            area.vm->io.channel_storage.fetch(absolute(*area.vm, at), out + done, n, area.key);
        if (piece != ChannelAccess::ok) return piece;  // real storage is exhausted
        done += n;
    }
    return access;
}

ChannelAccess store_area(const MessageArea& area, const uint8_t* in) {
    const ChannelAccess access = check_area(area, true);
    for (uint32_t done = 0; access == ChannelAccess::ok && done < area.length;) {
        const uint32_t at = area.at + done, n = std::min(rest_of_block(at), area.length - done);
        const ChannelAccess piece =
            area.vm->io.channel_storage.store(absolute(*area.vm, at), in + done, n, area.key);
        if (piece != ChannelAccess::ok) return piece;
        done += n;
    }
    return access;
}

CopiedMessage copy_message(const Nucleus& nucleus, Work& work, const MessageArea& from,
                           const MessageArea& to) {
    CopiedMessage copied{check_area({from.vm, from.at, to.length, from.key}, false), check_area(to, true)};
    const simulation::MachineModel& model = nucleus.machine.model();
    std::array<uint8_t, kBlock> bytes;
    for (uint32_t done = 0; copied.ok() && done < to.length;) {
        const uint32_t n =
            std::min({rest_of_block(from.at + done), rest_of_block(to.at + done), to.length - done});
        work.step(Step::copy_message);
        work.execute_in_place(model.cost(isa::CostClass::move_long, n));
        copied.from = fetch_area({from.vm, from.at + done, n, from.key}, bytes.data());
        if (copied.ok()) copied.to = store_area({to.vm, to.at + done, n, to.key}, bytes.data());
        done += n;
    }
    return copied;
}

MessageList fetch_list(VirtualCpu& cpu, uint32_t address) {
    cpu.work().step(Step::take_message_function);
    if (address % 8 != 0) cpu.program_check(ProgramCode::specification);
    const MessageArea area{&cpu.vm(), address, MessageList::kBytes, cpu.psw().key};
    MessageList list;
    require(cpu, check_area(area, true));
    require(cpu, fetch_area(area, list.data()));
    return list;
}

void store_list(VirtualCpu& cpu, uint32_t address, const MessageList& before, const MessageList& after) {
    unsigned first = 0, end = MessageList::kBytes;
    while (first < end && before.get8(first) == after.get8(first)) ++first;
    while (end > first && before.get8(end - 1) == after.get8(end - 1)) --end;
    if (first == end) return;
    require(cpu, store_area({&cpu.vm(), address + first, end - first, cpu.psw().key}, after.data() + first));
}

}  // namespace vmcp
