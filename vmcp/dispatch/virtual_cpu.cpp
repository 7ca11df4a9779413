#include "vmcp/dispatch/virtual_cpu.hpp"

#include <algorithm>
#include <utility>

#include "isa/signal.hpp"

namespace vmcp {

using isa::ProgramCode;
using simulation::kBlock;

static_assert(isa::SystemCpu<VirtualCpu>);

// ---- Storage ----

SecondLevel VirtualCpu::second_level(uint32_t logical, isa::AccessPath::Space space) {
    using Space = isa::AccessPath::Space;
    if (!psw().dat) return SecondLevel(logical);
    const auto format = isa::TranslationFormat::of(cr(0));
    if (!format) program_check(ProgramCode::translation_specification);
    const bool secondary = space == Space::current ? psw().secondary_space : space == Space::secondary;
    const isa::Translation t =
        isa::translate_address(*this, *format, cr(secondary ? 7 : 1), logical, extended_real());
    if (!t.ok())
        throw isa::ProgramCheck{
            t.problem, (logical & ~format->page_mask()) | (secondary ? isa::kSecondarySpaceException : 0)};
    return SecondLevel(t.real);
}

namespace {
unsigned first_part(uint32_t a, unsigned length) { return std::min(length, kBlock - a % kBlock); }
}  // namespace

void VirtualCpu::fetch(uint32_t a, uint8_t* out, unsigned length, isa::AccessPath path) {
    const unsigned first = first_part(a, length);
    const uint32_t next = (a + first) & isa::kAddressMask;
    std::memcpy(out, readable(a, path), first);
    if (first != length) std::memcpy(out + first, readable(next, path), length - first);
}

void VirtualCpu::store(uint32_t a, const uint8_t* in, unsigned length, isa::AccessPath path) {
    const unsigned first = first_part(a, length);
    const uint32_t next = (a + first) & isa::kAddressMask;
    if (first == length) {
        const uint32_t at = resolve(a, true, path);
        if (events_ != nullptr) events_->stored(a, length);
        return real().put(at, in, length);
    }
    check_access(a, true, path);
    check_access(next, true,
                 path);  // a refused store changes nothing; an assist gives up here, or not at all
    if (events_ != nullptr) events_->stored(a, length);
    real().put(resolve(a, true, path), in, first);
    real().put(resolve(next, true, path), in + first, length - first);
}

void VirtualCpu::probe_fetch(uint32_t a, unsigned length) {
    check_access(a, false, path());
    if (const unsigned first = first_part(a, length); first != length)
        check_access((a + first) & isa::kAddressMask, false, path());
}

void VirtualCpu::probe_store(uint32_t a, unsigned length, isa::AccessPath path) {
    check_access(a, true, path);
    if (const unsigned first = first_part(a, length); first != length)
        check_access((a + first) & isa::kAddressMask, true, path);
}

FirstLevel VirtualCpu::give_frame(SecondLevel a) { return frame_of(vm_.storage, a, needs()); }

void VirtualCpu::let_more_through() {
    if (work_ != nullptr) work_->step(Step::find_pending);
}

// ---- Keys and tables ----

void VirtualCpu::set_storage_key(uint32_t at, uint8_t key) {
    if (SharedSegment* const segment = vm_.storage.shared(SecondLevel(at))) {
        if (work_ == nullptr) throw NeedsControlProgram{AssistRefusal::shared};
        segments_.unshare(vm_, *segment);
    }
    vm_.storage.set_key(SecondLevel(at), key);
    nucleus_.machine.cpus().keys_changed();
}

void VirtualCpu::clear_real_block(uint32_t at) { real().clear(place(SecondLevel(at), true), kPage); }

/// The guest may have changed its translation tables: its shadow must not hold on to them.
void VirtualCpu::purge_tlb() {
    if (vm_.by_its_own_tables()) return nucleus_.machine.cpus().page_invalidated();
    if (!vm_.forget_translations()) return;
    if (work_ != nullptr) Work(nucleus_.ledger, vm_.account, Cause::shadow_purge).step(Step::shadow_purge);
    nucleus_.machine.cpus().page_invalidated();
}

void VirtualCpu::purge_tlb_page(isa::TranslationFormat format, uint32_t page) {
    vm_.forget_translation(format, ThirdLevel(page), invalidated_);
    nucleus_.machine.cpus().page_invalidated();
}

void VirtualCpu::store_table16(uint32_t at, uint16_t v) {
    real().put16(place(SecondLevel(at), true), v);
    invalidated_ = SecondLevel(at);
}

void VirtualCpu::set_prefix(uint32_t v) {
    vm_.storage.change_prefix(v);
    vm_.state.prefix = v;
    purge_tlb();
    nucleus_.machine.cpus().page_invalidated();
}

// ---- Clocks and identity ----

isa::FacilitySet VirtualCpu::facilities() const { return nucleus_.machine.model().facilities; }

uint64_t VirtualCpu::read_clock_unique() { return nucleus_.machine.tod().read_unique(nucleus_.now()); }

uint64_t VirtualCpu::cpu_id() const {
    // Version X'FF' tells a guest that it runs in a virtual machine; the serial number tells which.
    constexpr uint64_t kVirtual = uint64_t{0xFF} << 56;
    const uint64_t real = nucleus_.machine.model().cpu_id();
    const uint64_t serial = ((real >> 32) + vm_.id) & 0x00FFFFFF;
    return kVirtual | serial << 32 | (real & 0xFFFFFFFF);
}

unsigned VirtualCpu::signal(uint16_t target, uint8_t order, uint32_t, uint32_t& status) {
    using isa::SignalCode;
    if (target != cpu_address()) return SignalCode::not_operational;
    isa::ExternalConditions& own = vm_.state.external;
    status = own.external_calls != 0 ? isa::SignalStatus::external_call_pending : 0;
    switch (static_cast<isa::SignalOrder>(order)) {
        case isa::SignalOrder::sense: break;
        case isa::SignalOrder::external_call:
            if (status == 0) own.external_calls = 1;
            break;
        case isa::SignalOrder::emergency_signal: own.emergency_signals = 1; [[fallthrough]];
        case isa::SignalOrder::start: status = 0; break;
        case isa::SignalOrder::stop:
        case isa::SignalOrder::restart:
        case isa::SignalOrder::initial_program_reset:
        case isa::SignalOrder::program_reset:
        case isa::SignalOrder::stop_and_store_status:
        case isa::SignalOrder::initial_cpu_reset:
        case isa::SignalOrder::cpu_reset: return SignalCode::not_operational;
        default: status = isa::SignalStatus::invalid_order; break;
    }
    return status == 0 ? SignalCode::accepted : SignalCode::status_stored;
}

// ---- I/O on the virtual channels ----

void VirtualCpu::store_io_result(const simulation::IoResult& result) {
    set_condition_code(result.condition_code);
    const uint64_t csw = encode(result.csw);
    switch (result.stores) {
        case simulation::IoResult::Stores::nothing: break;
        case simulation::IoResult::Stores::status:
            store_assigned16(isa::Assigned::csw + 4, static_cast<uint16_t>(csw >> 16));
            break;
        case simulation::IoResult::Stores::csw: store_assigned64(isa::Assigned::csw, csw); break;
    }
}

/// START I/O as far as an assist goes: it answers where the device is not there or its path is busy, or where
/// the channel-address word is none. All that needs the channel program is the control program's; but for a
/// device with interpretive I/O.
void VirtualCpu::begin_start_io(uint16_t device, bool fast) {
    const uint32_t caw = fetch_assigned32(isa::Assigned::caw);
    const RelayedSubchannel* const own = vm_.io.interpretive(device);
    if (!vm_.io.channels.takes_start(device) || (own != nullptr && own->called_by_machine()))
        return store_io_result(vm_.io.channels.start_io(device, caw, fast));
    if (!simulation::is_invalid_caw(caw)) {
        vm_.io.found_by_assist = true;
        throw NeedsControlProgram{AssistRefusal::handed_over};
    }
    store_io_result({1, simulation::IoResult::Stores::status, {.channel_status = simulation::kProgramCheck}});
}

void VirtualCpu::start_io(uint16_t device, bool fast) {
    if (work_ == nullptr) [[unlikely]]
        return begin_start_io(device, fast);
    if (std::exchange(vm_.io.found_by_assist, false)) [[unlikely]]
        vm_.io.charge_rest_of_start(*work_, device);
    else
        vm_.io.charge_start(*work_, device);
    store_io_result(vm_.io.start_io(*work_, device, fetch_assigned32(isa::Assigned::caw), fast));
}
void VirtualCpu::test_io(uint16_t device) { store_io_result(vm_.io.channels.test_io(device)); }
void VirtualCpu::clear_io(uint16_t device) {
    if (cr(0) & isa::kCr0BlockMultiplexing)
        store_io_result(vm_.io.channels.clear_io(device));
    else
        test_io(device);
}
void VirtualCpu::halt_io(uint16_t device) { store_io_result(vm_.io.channels.halt_io(device)); }
void VirtualCpu::halt_device(uint16_t device) { store_io_result(vm_.io.channels.halt_device(device)); }
void VirtualCpu::test_channel(uint16_t device) { set_condition_code(vm_.io.channels.test_channel(device)); }
void VirtualCpu::clear_channel(uint16_t device) { set_condition_code(vm_.io.channels.clear_channel(device)); }
void VirtualCpu::store_channel_id(uint16_t device) {
    const auto id = vm_.io.channels.store_channel_id(device);
    if (id) store_assigned32(isa::Assigned::channel_id, *id);
    set_condition_code(id ? 0 : 3);
}

}  // namespace vmcp
