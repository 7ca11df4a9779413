#include "vmcp/service/hypercall.hpp"

#include <array>
#include <string>

#include "isa/ebcdic.hpp"
#include "vmcp/dispatch/message_interruption.hpp"
#include "vmcp/dispatch/shared_page.hpp"
#include "vmcp/dispatch/virtual_timers.hpp"
#include "vmcp/service/call_table.hpp"
#include "vmcp/service/command_words.hpp"

namespace vmcp {
namespace {

using isa::ProgramCode;

/// What a hypercall acts on. Its arguments are what R1 and R3 hold, or an entry of a batch.
struct Caller {
    Nucleus& nucleus;
    MachineStates& states;
    VirtualCpu& cpu;
    VirtualMachine& vm() const { return cpu.vm(); }
    Work& work() const { return cpu.work(); }
};

bool is_own_page(const VirtualMachine& vm, uint32_t address) {
    return address % kPage == 0 && vm.storage.may_be_prefix(address);
}

// ---- Pages and address spaces ----

/// R1: the page, R3: 0 share it, 1 share it and take events, 2 share none any more.
Refusal share_page(const Caller& c, uint32_t page, uint32_t function) {
    enum Function : uint32_t { share, share_and_take_events, share_none };
    VirtualMachine& vm = c.vm();
    if (function == share_none) {
        vm.paravirtual = {};
        return Refusal::none;
    }
    if (function > share_none) return Refusal::number;
    if (vm.interpretive_execution != nullptr) return Refusal::interpretive;
    if (!is_own_page(vm, page)) return Refusal::address;
    vm.paravirtual = {.page = page, .takes_events = function == share_and_take_events};
    shared_page::begin(c.nucleus, c.work(), vm);
    return Refusal::none;
}

/// Where the guest's tables have the entry of a page, valid or not.
struct Entry {
    isa::TranslationFormat format;
    uint32_t at;
    bool valid;
};

std::optional<Entry> find_entry(const Caller& c, uint32_t address) {
    c.work().step(Step::walk_guest_tables);
    const auto format = isa::TranslationFormat::of(c.cpu.cr(0));
    if (!format) return std::nullopt;
    const isa::Translation t = isa::translate_address(c.cpu, *format, c.cpu.cr(1), address, false);
    using Cause = isa::Translation::Cause;
    if (!t.ok() && t.cause != Cause::page_invalid) return std::nullopt;
    return Entry{*format, t.page_entry, t.ok()};
}

/// So that the guest's first access finds it: a fault would be another exit. Where there is no room for the
/// tables that this needs, the fault will tell.
void fill_shadow(const Caller& c, const Entry& entry, uint32_t address, FirstLevel frame) {
    VirtualMachine& vm = c.vm();
    try {
        if (vm.shadow.activate(entry.format, c.cpu.cr(1)).reused) {
            c.work().step(Step::shadow_purge);
            c.nucleus.machine.cpus().page_invalidated();
        }
        vm.shadow.fill(ThirdLevel(address), frame, SecondLevel(entry.at));
        c.work().step(Step::shadow_fill);
    } catch (RealStorageExhausted) {
    }
}

Refusal map(const Caller& c, uint32_t address, uint32_t real) {
    const auto entry = find_entry(c, address);
    if (!entry) return Refusal::no_page_table;
    if ((real & entry->format.page_mask()) != 0 || !c.vm().storage.valid(SecondLevel(real)))
        return Refusal::address;
    c.work().step(Step::set_page_entry);
    c.cpu.store_table16(entry->at, static_cast<uint16_t>(real >> 8));
    VirtualMachine& vm = c.vm();
    const uint32_t page = address & isa::kAddressMask & ~entry->format.page_mask();
    if (entry->valid)
        c.cpu.purge_tlb_page(entry->format, page);
    else
        vm.forget_translation(entry->format, ThirdLevel(page), SecondLevel(entry->at));
    const auto frame = vm.storage.locate(SecondLevel(real));
    if (frame && !vm.by_its_own_tables() && entry->format.page_shift == 12) {
        const PageLock lock(vm.storage, SecondLevel(real));  // tables may need a frame, but not this one
        fill_shadow(c, *entry, page, *frame);
    }
    return Refusal::none;
}

Refusal unmap(const Caller& c, uint32_t address) {
    const auto entry = find_entry(c, address);
    if (!entry) return Refusal::no_page_table;
    c.work().step(Step::set_page_entry);
    const auto before = c.cpu.fetch_table16(entry->at);
    c.cpu.store_table16(entry->at, static_cast<uint16_t>(*before | entry->format.invalid_bit()));
    c.cpu.purge_tlb_page(entry->format, address & isa::kAddressMask & ~entry->format.page_mask());
    return Refusal::none;
}

Refusal set_space(const Caller& c, uint32_t designation) {
    c.work().step(Step::simulate_control);
    c.cpu.set_cr(1, designation);
    return Refusal::none;
}

// ---- Events and time ----

/// R1: the address of a name of eight characters, R3: which event, 0 to 15. For who gets it that is an
/// external call of a CPU with this address.
Refusal send_event(const Caller& c, uint32_t name_at, uint32_t event) {
    if (event > 15) return Refusal::number;
    std::array<uint8_t, 8> bytes;
    c.cpu.fetch(name_at & isa::kAddressMask, bytes.data(), bytes.size());
    std::string name;
    for (const uint8_t byte : bytes) name += isa::printable(byte);
    name.erase(name.find_last_not_of(' ') + 1);
    c.work().step(Step::send_event);
    VirtualMachine* const to = find_user(c.nucleus, c.vm(), name);
    if (to == nullptr || to->status == VmState::stopped || !to->paravirtual.takes_events)
        return Refusal::no_machine;
    to->state.external.external_calls |= static_cast<uint16_t>(1u << event);
    if (MachineStates::waits_for_interruption(*to) &&
        isa::external_enabled(to->state, isa::kCr0ExternalCallMask))
        c.states.wake(*to);
    return Refusal::none;
}

/// R1: microseconds until the clock comparator interrupts; 0: never.
Refusal set_timer(const Caller& c, uint32_t microseconds) {
    c.work().step(Step::simulate_sckc);
    const uint64_t now = c.nucleus.machine.tod().read(c.nucleus.now());
    c.cpu.set_clock_comparator(microseconds == 0 ? ~uint64_t{0} : now + (uint64_t{microseconds} << 12));
    return Refusal::none;
}

bool something_is_pending(const Caller& c) {
    const VirtualMachine& vm = c.vm();
    return external_pending(c.nucleus, vm, vm.state).has_value() ||
           message_pending(vm, vm.state).has_value() ||
           vm.io.channels.pending(isa::enabled_channels(vm.state)).has_value();
}

/// Waits for what the PSW enables, whatever the masks in the shared page say. Condition code 1: it was there
/// already.
Refusal block(const Caller& c) {
    VirtualMachine& vm = c.vm();
    if (!vm.paravirtual.page) return Refusal::no_page;
    isa::CpuState waiting = vm.state;
    waiting.psw.wait = true;
    if (isa::is_disabled_wait(waiting)) return Refusal::disabled;
    if (something_is_pending(c)) {
        c.cpu.set_condition_code(1);
        return Refusal::none;
    }
    vm.state.psw.wait = vm.paravirtual.blocked = true;
    return Refusal::none;
}

// ---- The rest ----

/// R1: address of the text, R3: its length, 1 to 132.
Refusal type(const Caller& c, uint32_t at, uint32_t length) {
    if (length == 0 || length > 132) return Refusal::number;
    std::array<uint8_t, 132> bytes;
    c.cpu.fetch(at & isa::kAddressMask, bytes.data(), length);
    std::string text;
    for (uint32_t i = 0; i < length; ++i) text += isa::printable(bytes[i]);
    c.vm().io.message(c.work(), text);
    return Refusal::none;
}

Refusal fill_table(const Caller& c, uint32_t page) {
    if (!c.vm().paravirtual.page) return Refusal::no_page;
    if (!is_own_page(c.vm(), page)) return Refusal::address;
    c.work().step(Step::fill_call_table);
    fill_call_table(c.vm(), SecondLevel(page), *c.vm().paravirtual.page);
    return Refusal::none;
}

/// Alone, or as an entry of a batch.
Refusal serve(const Caller& c, uint32_t code, uint32_t first, uint32_t second, bool in_batch) {
    c.work().step(Step::take_hypercall);
    const auto alone = [in_batch](auto&& serve_it) { return in_batch ? Refusal::not_in_batch : serve_it(); };
    switch (static_cast<Hypercall>(code)) {
        case Hypercall::share_page: return alone([&] { return share_page(c, first, second); });
        case Hypercall::batch: return Refusal::not_in_batch;
        case Hypercall::look: return Refusal::none;
        case Hypercall::map: return map(c, first, second);
        case Hypercall::unmap: return unmap(c, first);
        case Hypercall::set_space: return set_space(c, first);
        case Hypercall::send_event: return send_event(c, first, second);
        case Hypercall::set_timer: return set_timer(c, first);
        case Hypercall::yield: c.states.yield(); return Refusal::none;
        case Hypercall::block: return alone([&] { return block(c); });
        case Hypercall::type: return type(c, first, second);
        case Hypercall::fill_call_table: return alone([&] { return fill_table(c, first); });
    }
    c.cpu.program_check(ProgramCode::specification);
}

uint32_t word(const uint8_t* at) {
    return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3];
}

/// R1: the address of entries of 16 bytes (code, R1, R3, four bytes unused), R3: how many, 1 to 64. Those in
/// front of one that is refused are done: R3 has their number then, and R1 why.
void serve_batch(const Caller& c, unsigned r1, unsigned r3) {
    constexpr unsigned kEntry = 16, kMost = 64;
    const uint32_t count = c.cpu.gpr(r3);
    if (count == 0 || count > kMost) {
        c.cpu.set_gpr(r3, 0);
        c.cpu.set_gpr(r1, static_cast<uint32_t>(Refusal::number));
        return c.cpu.set_condition_code(2);
    }
    std::array<uint8_t, kEntry * kMost> entries;
    c.cpu.fetch(c.cpu.gpr(r1) & isa::kAddressMask, entries.data(), count * kEntry);
    for (uint32_t i = 0; i < count; ++i) {
        const uint8_t* const entry = &entries[i * kEntry];
        auto refusal = static_cast<uint32_t>(Refusal::none);
        try {
            refusal = static_cast<uint32_t>(serve(c, word(entry), word(entry + 4), word(entry + 8), true));
        } catch (const isa::ProgramCheck& check) {
            refusal = static_cast<uint32_t>(Refusal::program) | static_cast<uint32_t>(check.code);
        }
        if (refusal == 0) continue;
        c.cpu.set_gpr(r3, i);
        c.cpu.set_gpr(r1, refusal);
        return c.cpu.set_condition_code(2);
    }
    c.cpu.set_condition_code(0);
}

}  // namespace

uint32_t hypercall_features(const VirtualMachine& vm) {
    constexpr uint32_t kCalls = 0x80000000, kSharedPage = 0x40000000, kCallTable = 0x20000000,
                       kPageFaults = 0x10000000;
    // Where the hardware presents interruptions, masks in a page are not asked.
    const uint32_t with_page = vm.interpretive_execution == nullptr ? kSharedPage | kCallTable : 0;
    return kCalls | with_page | kPageFaults;
}

void hypercall(Nucleus& nucleus, MachineStates& states, VirtualCpu& cpu, unsigned r1, unsigned r3,
               uint32_t code) {
    if (code % 4 != 0) cpu.program_check(ProgramCode::specification);
    const Caller caller{nucleus, states, cpu};
    if (static_cast<Hypercall>(code) == Hypercall::batch) return serve_batch(caller, r1, r3);
    cpu.set_condition_code(0);
    const Refusal refusal = serve(caller, code, cpu.gpr(r1), cpu.gpr(r3), false);
    if (refusal == Refusal::none) return;
    cpu.set_gpr(r3, static_cast<uint32_t>(refusal));
    cpu.set_condition_code(2);
}

}  // namespace vmcp
