// Interruptions: classes, codes, and where they are stored. GA22-7000 chapter 6.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "isa/state.hpp"

namespace isa {

/// Program-interruption codes (chapter 6, "Program Interruption").
enum class ProgramCode : uint16_t {
    operation = 0x01,
    privileged_operation = 0x02,
    execute = 0x03,
    protection = 0x04,
    addressing = 0x05,
    specification = 0x06,
    data = 0x07,
    fixed_point_overflow = 0x08,
    fixed_point_divide = 0x09,
    decimal_overflow = 0x0A,
    decimal_divide = 0x0B,
    exponent_overflow = 0x0C,
    exponent_underflow = 0x0D,
    significance = 0x0E,
    floating_point_divide = 0x0F,
    segment_translation = 0x10,
    page_translation = 0x11,
    translation_specification = 0x12,
    special_operation = 0x13,
    pseudo_page_fault = 0x14,  // VM/370 handshaking, never raised by the machine
    asn_translation_specification = 0x17,
    space_switch_event = 0x1C,
    pc_translation_specification = 0x1F,
    afx_translation = 0x20,
    asx_translation = 0x21,
    lx_translation = 0x22,
    ex_translation = 0x23,
    primary_authority = 0x24,
    secondary_authority = 0x25,
    monitor_call = 0x40,
    per_event = 0x80,  // or-ed to another code, or alone
};

/// True where the instruction is nullified: the old PSW points at it, not behind it.
bool nullifies(ProgramCode code);

/// True where the instruction has completed although it interrupts (chapter 6, "Types of Instruction
/// Ending").
bool completes(ProgramCode code);

/// In the translation-exception address: the address belongs to the secondary space (chapter 3, "Assigned
/// Storage Locations").
inline constexpr uint32_t kSecondarySpaceException = 0x80000000;

std::string_view name_of(ProgramCode code);

/// External-interruption codes (chapter 6, "External Interruption"). The interval timer and the interrupt key
/// are of one priority: where both are pending and enabled, one interruption shows both bits.
enum class ExternalCode : uint16_t {
    interval_timer = 0x0080,
    interrupt_key = 0x0040,
    timer_and_key = 0x00C0,
    malfunction_alert = 0x1200,
    emergency_signal = 0x1201,
    external_call = 0x1202,
    tod_clock_sync = 0x1003,
    clock_comparator = 0x1004,
    cpu_timer = 0x1005,
};

/// Whether another CPU is the source of the interruption.
constexpr bool has_cpu_address(ExternalCode code) { return static_cast<uint16_t>(code) >> 8 == 0x12; }

struct ProgramInterruption {
    ProgramCode code{};
    unsigned ilc = 0;                  // in halfwords: 0..3
    uint32_t translation_address = 0;  // translation exceptions and the like: as stored at location 144
    /// Nested translation: of second-level storage (translation_address). Not zero: of the guest at this
    /// level, whose host's tables lack it; 1 where hosts are no guests themselves.
    uint8_t by_host_tables = 0;
    uint8_t monitor_class = 0;  // for MC
    uint32_t monitor_code = 0;
    uint8_t per_code = 0;      // with PER: bits 0-3 of location 150
    uint32_t per_address = 0;  // with PER: location 152
    bool per = false;          // a PER event is indicated
    bool only_per = false;     // ... and nothing else: `code` means nothing
};

struct SupervisorCallInterruption {
    uint8_t number = 0;
    unsigned ilc = 1;
    // With PER events a program interruption follows at once (isa/per.hpp), whatever the new PSW says.
    uint8_t per_code = 0;
    uint32_t per_address = 0;
};

struct ExternalInterruption {
    ExternalCode code{};
    uint16_t cpu_address = 0;
};

/// Forgets the condition of an interruption that is being taken.
void accept(ExternalConditions& pending, const ExternalInterruption& taken);

/// What the clocks request now. Need not be right where the subclass is not enabled.
struct ClockRequests {
    bool comparator = false, timer = false;
};

/// The one of highest priority that PSW and control register 0 enable.
std::optional<ExternalInterruption> highest_external(const CpuState& state, ClockRequests clocks);

struct IoInterruption {
    uint16_t device = 0;  // channel in bits 4-7 of the halfword, unit address in the low byte
    uint64_t csw = 0;     // stored at real location 64
};

struct MachineCheckInterruption {
    uint64_t code = 0;
};

struct RestartInterruption {};

using Interruption = std::variant<ProgramInterruption, SupervisorCallInterruption, ExternalInterruption,
                                  IoInterruption, MachineCheckInterruption, RestartInterruption>;

/// The classes in the order of the variant: they index counters.
enum class InterruptionClass : uint8_t { program, supervisor_call, external, io, machine_check, restart };
inline InterruptionClass class_of(const Interruption& i) { return static_cast<InterruptionClass>(i.index()); }
std::string_view name_of(InterruptionClass c);

/// Real storage locations that the machine itself uses (chapter 3, "Assigned Storage Locations"); decimal as
/// there.
struct Assigned {
    static constexpr uint32_t restart_new = 0, restart_old = 8;
    static constexpr uint32_t external_old = 24, supervisor_call_old = 32, program_old = 40,
                              machine_check_old = 48, io_old = 56;
    static constexpr uint32_t csw = 64, caw = 72, interval_timer = 80;
    static constexpr uint32_t external_new = 88, supervisor_call_new = 96, program_new = 104,
                              machine_check_new = 112, io_new = 120;
    static constexpr uint32_t external_cpu_address = 132, external_code = 134,
                              supervisor_call_identification = 136, program_identification = 140,
                              translation_address = 144, monitor_class = 148, per_code = 150,
                              per_address = 152, monitor_code = 156, channel_id = 168,
                              io_extended_logout = 172, limited_channel_logout = 176, io_address = 184,
                              machine_check_code = 232;
};

/// What an interrupted CPU needs of storage: 16-, 32- and 64-bit big-endian access at real addresses below
/// 512. Key-controlled and low-address protection do not apply (chapter 6, "Interruption Action").
template <class S>
concept AssignedStorage = requires(S s, uint32_t a) {
    { s.fetch_assigned64(a) } -> std::convertible_to<uint64_t>;
    s.store_assigned16(a, uint16_t{});
    s.store_assigned32(a, uint32_t{});
    s.store_assigned64(a, uint64_t{});
};

/// The end of initial program loading (chapter 12): the address of the device is stored where an I/O
/// interruption would have left it, by the mode of the new PSW, which is answered.
template <AssignedStorage S>
Psw end_program_load(S& storage, uint16_t device) {
    const Psw psw = decode_psw(storage.fetch_assigned64(0));
    if (psw.ec_mode)
        storage.store_assigned32(Assigned::io_address, device);
    else
        storage.store_assigned16(2, device);
    return psw;
}

/// The PSW swap that belongs to an interruption: where the old PSW goes and the new one comes from, and what
/// a BC-mode old PSW shows.
struct PswSwap {
    uint32_t old_psw, new_psw;
    uint16_t bc_code = 0;
    unsigned bc_ilc = 0;
};

// The first half of the interruption action, by class: stores the identification. `ec`: the interrupted CPU
// is in the EC mode.

template <AssignedStorage S>
[[gnu::always_inline]] inline PswSwap store_identification(bool ec, S& storage,
                                                           const ProgramInterruption& program) {
    const bool plain = !program.per && static_cast<uint16_t>(program.code) < 0x10;
    if (plain) [[likely]] {
        const auto code = static_cast<uint16_t>(program.code);
        if (ec) storage.store_assigned32(Assigned::program_identification, program.ilc << 17 | code);
        return {Assigned::program_old, Assigned::program_new, code, program.ilc};
    }
    uint16_t code = program.only_per ? 0 : static_cast<uint16_t>(program.code);
    if (program.per) code |= 0x80;
    if (ec) storage.store_assigned32(Assigned::program_identification, program.ilc << 17 | code);
    const auto raw = static_cast<uint16_t>(program.code);
    if (raw >= 0x10 && !program.only_per) {
        if (raw <= 0x11 || raw == 0x14 || raw == 0x1C || (raw >= 0x20 && raw <= 0x25))
            storage.store_assigned32(Assigned::translation_address, program.translation_address);
        if (program.code == ProgramCode::monitor_call) {
            storage.store_assigned16(Assigned::monitor_class, program.monitor_class);
            storage.store_assigned32(Assigned::monitor_code, program.monitor_code & kAddressMask);
        }
    }
    if (program.per) {
        storage.store_assigned16(Assigned::per_code, static_cast<uint16_t>(program.per_code << 8));
        storage.store_assigned32(Assigned::per_address, program.per_address & kAddressMask);
    }
    return {Assigned::program_old, Assigned::program_new, code, program.ilc};
}

template <AssignedStorage S>
PswSwap store_identification(bool ec, S& storage, const SupervisorCallInterruption& svc) {
    if (ec) storage.store_assigned32(Assigned::supervisor_call_identification, svc.ilc << 17 | svc.number);
    return {Assigned::supervisor_call_old, Assigned::supervisor_call_new, svc.number, svc.ilc};
}

template <AssignedStorage S>
PswSwap store_identification(bool ec, S& storage, const ExternalInterruption& external) {
    const auto code = static_cast<uint16_t>(external.code);
    // The CPU address is stored in both modes; where there is none, zeros in the EC mode.
    if (ec || has_cpu_address(external.code))
        storage.store_assigned16(Assigned::external_cpu_address, external.cpu_address);
    if (ec) storage.store_assigned16(Assigned::external_code, code);
    return {Assigned::external_old, Assigned::external_new, code};
}

template <AssignedStorage S>
PswSwap store_identification(bool ec, S& storage, const IoInterruption& io) {
    storage.store_assigned64(Assigned::csw, io.csw);
    if (ec) storage.store_assigned32(Assigned::io_address, io.device);
    return {Assigned::io_old, Assigned::io_new, io.device};
}

template <AssignedStorage S>
PswSwap store_identification(bool, S& storage, const MachineCheckInterruption& check) {
    storage.store_assigned64(Assigned::machine_check_code, check.code);
    return {Assigned::machine_check_old, Assigned::machine_check_new};
}

template <AssignedStorage S>
PswSwap store_identification(bool, S&, const RestartInterruption&) {
    return {Assigned::restart_old, Assigned::restart_new};
}

template <AssignedStorage S>
PswSwap store_identification(bool ec, S& storage, const Interruption& interruption) {
    return std::visit([&](const auto& i) { return store_identification(ec, storage, i); }, interruption);
}

/// The interruption action: stores the identification and the old PSW, and returns the new PSW's image, which
/// the caller loads. `psw.address` must already be what the old PSW shall show.
template <AssignedStorage S, class I>
uint64_t store_interruption(const Psw& psw, S& storage, const I& interruption) {
    const PswSwap swap = store_identification(psw.ec_mode, storage, interruption);
    storage.store_assigned64(swap.old_psw, encode(psw, swap.bc_code, swap.bc_ilc));
    return storage.fetch_assigned64(swap.new_psw);
}

/// What a body raises when its instruction cannot complete or must interrupt afterwards (overflow). The
/// dispatcher turns it into a ProgramInterruption. Raised only on the rare path; privileged operations and
/// SVC do not use it.
struct ProgramCheck {
    ProgramCode code;
    uint32_t translation_address = 0;
    uint8_t monitor_class = 0;
    uint32_t monitor_code = 0;
    uint8_t by_host_tables = 0;  // see ProgramInterruption
};

}  // namespace isa
