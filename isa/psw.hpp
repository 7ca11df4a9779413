// The program status word in both of its forms. GA22-7000 chapter 4, "Program-Status-Word Formats".
#pragma once

#include <cstdint>

#include "isa/facility.hpp"

namespace isa {

/// Addresses are 24 bits; arithmetic on them wraps.
inline constexpr uint32_t kAddressMask = 0x00FFFFFF;

/// The current PSW, unpacked. BC and EC mode differ in where the masks lie and which exist:
/// in BC mode `dat`, `per` and `secondary_space` are off and `io_mask` is unused;
/// in EC mode `bc_channel_masks` is unused and channels are masked by control register 2.
struct Psw {
    bool ec_mode = false;
    bool per = false;      // EC: R
    bool dat = false;      // EC: T
    bool io_mask = false;  // EC: I, the summary mask
    uint8_t bc_channel_masks =
        0;  // BC: bits 0-6 of the system mask, left-adjusted (bit 6 masks channels 6 and up)
    bool external_mask = false;
    uint8_t key = 0;  // 0..15
    bool machine_check_mask = false;
    bool wait = false;
    bool problem_state = false;
    bool secondary_space = false;  // EC: S (dual-address-space facility)
    uint8_t condition_code = 0;    // 0..3
    uint8_t program_mask =
        0;                 // 8 fixed-point overflow, 4 decimal overflow, 2 exponent underflow, 1 significance
    uint32_t address = 0;  // instruction address, 24 bits
    // EC, bit 32, only with facility gcc: the addressing-mode bit of later architectures. Here addresses keep
    // 24 bits; it only makes LOAD ADDRESS yield 31, which compilers use for arithmetic
    // (docs/decisions/load-address-in-c-guests.md).
    bool wide_load_address = false;
    // Bits that must be zero in an EC PSW but were not: kept so that the early specification exception can be
    // recognised and the old PSW shows what was loaded. Zero in every valid PSW.
    uint32_t ec_reserved_high = 0;
    uint32_t ec_reserved_low = 0;

    bool operator==(const Psw&) const = default;
};

inline constexpr uint8_t kMaskFixedPointOverflow = 8;
inline constexpr uint8_t kMaskDecimalOverflow = 4;
inline constexpr uint8_t kMaskExponentUnderflow = 2;
inline constexpr uint8_t kMaskSignificance = 1;

/// The 64-bit image of the PSW. In BC mode the interruption code and the instruction-length code are part of
/// it (chapter 4, "BC Mode"); in EC mode those two arguments are ignored.
uint64_t encode(const Psw& psw, uint16_t bc_interruption_code = 0, unsigned bc_ilc = 0);

/// The PSW that an image stands for. Bit 12 chooses the mode. Never fails: see has_format_error.
Psw decode_psw(uint64_t image);

/// True where an EC-mode PSW breaks its format: the specification exception that is recognised right after
/// loading (chapter 6, "Early Exception Recognition"). Bits 16 and 32 are assigned by facilities.
bool has_format_error(const Psw& psw, const FacilitySet& facilities);

/// Replaces the system mask (bits 0-7) as SSM, STNSM and STOSM do.
void set_system_mask(Psw& psw, uint8_t mask);

/// The system mask (bits 0-7) as STNSM and STOSM store it.
uint8_t system_mask(const Psw& psw);

}  // namespace isa
