#include "vmcp/virtual_cpu.hpp"

#include <algorithm>

#include "vmcp/control_program.hpp"

namespace vmcp {

using isa::ProgramCode;
using simulation::kBlock;

static_assert(isa::SystemCpu<VirtualCpu>);

// ---- Storage ----

uint8_t* VirtualCpu::host(SecondLevel a, bool storing) {
    const FirstLevel real = vm_.storage.resident(a);
    simulation::RealStorage& storage = vm_.storage.real();
    storage.mark_used(real.value, storing ? simulation::kKeyReferenced | simulation::kKeyChanged
                                          : simulation::kKeyReferenced);
    return storage.at(real.value);
}

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

SecondLevel VirtualCpu::check_access(uint32_t logical, bool storing, isa::AccessPath path) {
    const SecondLevel a = second_level(logical, path.space);
    if (!vm_.storage.valid(a)) program_check(ProgramCode::addressing);
    const uint8_t key = vm_.storage.key(a);
    const bool matches = path.key == 0 || path.key == key >> 4;
    const bool low = storing && logical < 512 && cr(0) & isa::kCr0LowAddressProtection;
    if (low || (!matches && (storing || key & simulation::kKeyFetchProtected)))
        program_check(ProgramCode::protection);
    return a;
}

uint8_t* VirtualCpu::resolve(uint32_t logical, bool storing, isa::AccessPath path) {
    return host(check_access(logical, storing, path), storing);
}

namespace {
unsigned first_part(uint32_t a, unsigned length) { return std::min(length, kBlock - a % kBlock); }
}  // namespace

void VirtualCpu::fetch(uint32_t a, uint8_t* out, unsigned length, isa::AccessPath path) {
    const unsigned first = first_part(a, length);
    const uint32_t next = (a + first) & isa::kAddressMask;
    std::memcpy(out, resolve(a, false, path), first);
    if (first != length) std::memcpy(out + first, resolve(next, false, path), length - first);
}

void VirtualCpu::store(uint32_t a, const uint8_t* in, unsigned length, isa::AccessPath path) {
    probe_store(a, length, path);
    if (events_ != nullptr) events_->stored(a, length);
    simulation::RealStorage& storage = vm_.storage.real();
    const auto part = [&](uint32_t at, const uint8_t* from, unsigned n) {
        storage.put(static_cast<uint32_t>(resolve(at, true, path) - storage.at(0)), from, n);
    };
    const unsigned first = first_part(a, length);
    part(a, in, first);
    if (first != length) part((a + first) & isa::kAddressMask, in + first, length - first);
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

// ---- Keys and tables ----

void VirtualCpu::set_storage_key(uint32_t real, uint8_t key) {
    if (SharedSegment* const segment = vm_.storage.shared(SecondLevel(real))) cp_.unshare(vm_, *segment);
    vm_.storage.set_key(SecondLevel(real), key);
    cp_.machine().cpu().flush_access();
}

void VirtualCpu::clear_real_block(uint32_t real) {
    uint8_t* p = host(SecondLevel(real), true);
    vm_.storage.real().clear(static_cast<uint32_t>(p - vm_.storage.real().at(0)), kPage);
}

std::optional<uint32_t> VirtualCpu::fetch_table32(uint32_t real) {
    if (!real_address_valid(real + 3)) return std::nullopt;
    return machine_storage().get32(vm_.storage.resident(SecondLevel(real)).value);
}

std::optional<uint16_t> VirtualCpu::fetch_table16(uint32_t real) {
    if (!real_address_valid(real + 1)) return std::nullopt;
    return machine_storage().get16(vm_.storage.resident(SecondLevel(real)).value);
}

void VirtualCpu::purge_tlb() { cp_.purge_shadow(vm_); }

void VirtualCpu::purge_tlb_page(isa::TranslationFormat format, uint32_t page) {
    cp_.purge_shadow_page(vm_, format, ThirdLevel(page), invalidated_);
}

void VirtualCpu::store_table16(uint32_t real, uint16_t v) {
    put<2>(real, v);
    invalidated_ = SecondLevel(real);
}

void VirtualCpu::set_prefix(uint32_t v) {
    vm_.storage.change_prefix(vm_.state.prefix, v);
    vm_.state.prefix = v;
    cp_.purge_shadow(vm_);
    cp_.machine().cpu().purge_tlb();
}

// ---- Clocks and identity ----

isa::FacilitySet VirtualCpu::facilities() const { return cp_.machine().model().facilities; }

uint64_t VirtualCpu::read_clock_unique() {
    return cp_.machine().tod().read_unique(cp_.machine().cpu().now());
}

uint64_t VirtualCpu::cpu_id() const {
    // Version X'FF' tells a guest that it runs in a virtual machine; the serial number tells which.
    constexpr uint64_t kVirtual = uint64_t{0xFF} << 56;
    const uint64_t real = cp_.machine().model().cpu_id();
    const uint64_t serial = ((real >> 32) + vm_.id) & 0x00FFFFFF;
    return kVirtual | serial << 32 | (real & 0xFFFFFFFF);
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

void VirtualCpu::start_io(uint16_t device, bool fast) {
    store_io_result(vm_.channels.start_io(device, fetch_assigned32(isa::Assigned::caw), fast));
}
void VirtualCpu::test_io(uint16_t device) { store_io_result(vm_.channels.test_io(device)); }
void VirtualCpu::clear_io(uint16_t device) {
    if (cr(0) & isa::kCr0BlockMultiplexing)
        store_io_result(vm_.channels.clear_io(device));
    else
        test_io(device);
}
void VirtualCpu::halt_io(uint16_t device) { store_io_result(vm_.channels.halt_io(device)); }
void VirtualCpu::halt_device(uint16_t device) { store_io_result(vm_.channels.halt_device(device)); }
void VirtualCpu::test_channel(uint16_t device) { set_condition_code(vm_.channels.test_channel(device)); }
void VirtualCpu::clear_channel(uint16_t device) { set_condition_code(vm_.channels.clear_channel(device)); }
void VirtualCpu::store_channel_id(uint16_t device) {
    const auto id = vm_.channels.store_channel_id(device);
    if (id) store_assigned32(isa::Assigned::channel_id, *id);
    set_condition_code(id ? 0 : 3);
}

}  // namespace vmcp
