// What control and I/O bodies ask of the CPU beyond isa/cpu.hpp. Two types satisfy it: the real CPU
// (simulation room) and the virtual CPU (vmcp room), for which "real" means second-level storage, and clocks,
// keys, channels are virtual.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>

#include "isa/cpu.hpp"
#include "isa/dat.hpp"
#include "isa/interpretive_order.hpp"

namespace isa {

/// How a storage operand is reached where the PSW alone does not say it (MOVE WITH KEY and its kin).
struct AccessPath {
    enum class Space : uint8_t { current, primary, secondary };  // current: as the PSW says
    Space space = Space::current;
    uint8_t key = 0;
};

template <class C>
concept SystemCpu = Cpu<C> &&
    requires(C c, const C k, unsigned n, uint32_t a, uint16_t h, uint64_t d, uint8_t b, uint32_t& status,
             const Psw& psw, TranslationFormat format, uint8_t* out, const uint8_t* in, AccessPath path,
             const Operands& operands) {
    { k.facilities() } -> std::convertible_to<FacilitySet>;

    // Storage operands of 1 to 256 bytes, as in isa/cpu.hpp, by another path than the PSW's.
    c.fetch(a, out, n, path);
    c.store(a, in, n, path);
    c.probe_store(a, n, path);
    c.charge_units(n);

    // The PSW. load_psw replaces all of it (LPSW); change_psw lets a function change masks, key or mode bits.
    // Both make the machine look at pending interruptions, the wait bit and format errors before the next
    // instruction.
    { k.psw() } -> std::convertible_to<Psw>;
    c.load_psw(psw);
    c.load_psw_image(uint64_t{});
    c.change_psw([](Psw&) {});
    c.branch(a);
    c.set_cr(n, a);
    c.control_registers_changed();
    c.address_spaces_changed();  // of the control registers, only 1, 3-5 and 7

    // Real storage and its keys, one key a 2K block.
    { c.real_address_valid(a) } -> std::same_as<bool>;
    { c.absolute_address_valid(a) } -> std::same_as<bool>;
    { c.storage_key(a) } -> std::same_as<uint8_t>;
    c.set_storage_key(a, b);
    c.clear_real_block(a);  // 4096 bytes

    // Translation tables and the translation-lookaside buffer.
    { c.fetch_table32(a) } -> std::same_as<std::optional<uint32_t>>;
    { c.fetch_table16(a) } -> std::same_as<std::optional<uint16_t>>;
    c.store_table16(a, h);
    { k.extended_real() } -> std::same_as<bool>;
    c.purge_tlb();
    c.purge_tlb_page(format, a);

    // Clocks, in TOD units.
    { c.read_clock_unique() } -> std::same_as<uint64_t>;
    c.set_tod_clock(d);
    { k.clock_comparator() } -> std::same_as<uint64_t>;
    c.set_clock_comparator(d);
    { c.cpu_timer() } -> std::same_as<uint64_t>;
    c.set_cpu_timer(d);

    // Identity and multiprocessing.
    { k.cpu_id() } -> std::same_as<uint64_t>;
    { k.cpu_address() } -> std::same_as<uint16_t>;
    { k.prefix() } -> std::same_as<uint32_t>;
    c.set_prefix(a);
    { c.signal(h, b, a, status) } -> std::same_as<unsigned>;
    c.diagnose(n, n, a);
    c.interpretive(InterpretiveOrder{}, operands);  // CALL HOST asks in the problem state, too

    // Channels: each sets the condition code and stores what the instruction stores.
    c.start_io(h, true);
    c.test_io(h);
    c.clear_io(h);
    c.halt_io(h);
    c.halt_device(h);
    c.test_channel(h);
    c.clear_channel(h);
    c.store_channel_id(h);
};

}  // namespace isa
