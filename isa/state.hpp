// What a program can see of a CPU. The real CPU and every virtual CPU are instances of this one type: what
// the hardware holds, and what a guest believes that it holds. GA22-7000 chapter 2, "CPU", and chapter 4.
#pragma once

#include <array>
#include <cstdint>

#include "isa/psw.hpp"

namespace isa {

/// The clocks of one CPU, in TOD-clock units (2^-12 microsecond). How they relate to passing time is their
/// owner's business (simulation/cpu/clock.hpp): a real CPU's timer counts real time, a virtual CPU's virtual
/// time.
struct Clocks {
    uint64_t comparator = 0;
    uint64_t timer = 0;        // the CPU timer when its owner's time was `timer_set_at`
    int64_t timer_set_at = 0;  // ns
    bool operator==(const Clocks&) const = default;
};

/// External-interruption conditions that stay until they are taken. Bit n of a set: from CPU n. (The clock
/// comparator and the CPU timer are no such conditions: they request as long as they stand as they stand.)
struct ExternalConditions {
    bool interval_timer = false;
    bool interrupt_key = false;
    uint16_t malfunction_alerts = 0, emergency_signals = 0, external_calls = 0;
    bool operator==(const ExternalConditions&) const = default;
};

struct CpuState {
    Psw psw;
    std::array<uint32_t, 16> gpr{};
    std::array<uint64_t, 4> fpr{};  // registers 0, 2, 4, 6
    std::array<uint32_t, 16> cr{};
    uint32_t prefix = 0;  // real address of the prefix area: a multiple of 4096
    Clocks clocks;
    ExternalConditions external;
    uint8_t early_ilc = 0;  // for a PSW in error: the length of the instruction that made it so, in halfwords

    bool operator==(const CpuState&) const = default;
};

/// Control registers after an initial CPU reset (chapter 4, "Control Registers"): CR0 external subclass masks
/// on, CR2 all channels enabled, CR14 machine-check masks, CR15 address of the extended logout area (512).
constexpr std::array<uint32_t, 16> initial_control_registers() {
    std::array<uint32_t, 16> cr{};
    cr[0] = 0x000000E0;
    cr[2] = 0xFFFFFFFF;
    cr[14] = 0xC2000000;
    cr[15] = 0x00000200;
    return cr;
}

// Bits of control register 0 (chapter 4, figure "Assignment of Control-Register Fields").
inline constexpr uint32_t kCr0BlockMultiplexing = 0x80000000;
inline constexpr uint32_t kCr0SsmSuppression = 0x40000000;
inline constexpr uint32_t kCr0TodSyncControl = 0x20000000;
inline constexpr uint32_t kCr0LowAddressProtection = 0x10000000;
inline constexpr uint32_t kCr0ExtractionAuthority = 0x08000000;
inline constexpr uint32_t kCr0SecondarySpaceControl = 0x04000000;
inline constexpr uint32_t kCr0PageSizeMask = 0x00C00000;  // 01 2K pages, 10 4K pages
inline constexpr uint32_t kCr0PageSize2K = 0x00400000;
inline constexpr uint32_t kCr0PageSize4K = 0x00800000;
inline constexpr uint32_t kCr0SegmentSizeMask = 0x00380000;  // 00 64K segments, 10 1M segments
inline constexpr uint32_t kCr0Segment1M = 0x00100000;
inline constexpr uint32_t kCr0MalfunctionAlertMask = 0x00008000;
inline constexpr uint32_t kCr0EmergencySignalMask = 0x00004000;
inline constexpr uint32_t kCr0ExternalCallMask = 0x00002000;
inline constexpr uint32_t kCr0ClockComparatorMask = 0x00000800;
inline constexpr uint32_t kCr0CpuTimerMask = 0x00000400;
inline constexpr uint32_t kCr0IntervalTimerMask = 0x00000080;
inline constexpr uint32_t kCr0InterruptKeyMask = 0x00000040;
inline constexpr uint32_t kCr0ExternalSignalMask = 0x00000020;

// The other registers of dual-address-space control. CR1 and CR7 designate the primary and the secondary
// segment table; CR3 holds the PSW-key mask and the secondary ASN, CR4 the authorization index and the
// primary ASN, CR5 the linkage-table designation, CR14 the origin of the ASN first table.
inline constexpr uint32_t kSpaceSwitchEventControl = 0x00000001;  // CR1
inline constexpr uint32_t kCr5SubsystemLinkageControl = 0x80000000;
inline constexpr uint32_t kCr14AsnTranslationControl = 0x00080000;

/// The channels whose I/O interruptions are enabled: a bit each, in the order of control register 2 (chapter
/// 6, "Input/Output Interruption"). BC mode: mask bits of the PSW for channels 0-5, a summary bit for the
/// others.
constexpr uint32_t enabled_channels(const CpuState& state) {
    if (state.psw.ec_mode) return state.psw.io_mask ? state.cr[2] : 0;
    const uint32_t low = uint32_t{state.psw.bc_channel_masks} << 24 & 0xFC000000;
    return low | (state.psw.bc_channel_masks & 0x02 ? state.cr[2] & 0x03FFFFFF : 0);
}

/// Whether PSW and control register 0 enable external interruptions of this subclass (one of the masks
/// above).
constexpr bool external_enabled(const CpuState& state, uint32_t subclass) {
    return state.psw.external_mask && (state.cr[0] & subclass) != 0;
}

/// A wait that no interruption but restart or machine check can end.
constexpr bool is_disabled_wait(const CpuState& state) {
    return state.psw.wait && !state.psw.external_mask && enabled_channels(state) == 0;
}

}  // namespace isa
