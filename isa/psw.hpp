// The program status word in both of its forms. GA22-7000 chapter 4, "Program-Status-Word Formats".
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "isa/facility.hpp"

namespace isa {

/// Addresses are 24 bits; arithmetic on them wraps.
inline constexpr uint32_t kAddressMask = 0x00FFFFFF;

/// The current PSW, unpacked. BC and EC mode differ in where the masks lie and which exist:
/// in BC mode `dat`, `per` and `secondary_space` are off and `io_mask` is unused;
/// in EC mode `bc_channel_masks` is unused and channels are masked by control register 2.
///
/// The first eight members are bytes that modes() shows side by side, for who asks about several of them.
struct Psw {
    uint8_t key = 0;               // 0..15
    bool per = false;              // EC: R
    bool dat = false;              // EC: T
    bool secondary_space = false;  // EC: S (dual-address-space facility)
    // EC, bit 32, only with facility gcc: the addressing-mode bit of later architectures. Here addresses keep
    // 24 bits; it only makes LOAD ADDRESS yield 31, which compilers use for arithmetic
    // (docs/decisions/0009-load-address-in-c-guests.md).
    bool wide_load_address = false;
    bool external_mask = false;
    bool wait = false;
    bool problem_state = false;
    bool ec_mode = false;
    bool io_mask = false;  // EC: I, the summary mask
    uint8_t bc_channel_masks =
        0;  // BC: bits 0-6 of the system mask, left-adjusted (bit 6 masks channels 6 and up)
    bool machine_check_mask = false;
    uint8_t condition_code = 0;  // 0..3
    uint8_t program_mask =
        0;                 // 8 fixed-point overflow, 4 decimal overflow, 2 exponent underflow, 1 significance
    uint32_t address = 0;  // instruction address, 24 bits
    // Bits that must be zero in an EC PSW but were not: kept so that the early specification exception can be
    // recognised and the old PSW shows what was loaded. Zero in every valid PSW.
    uint32_t ec_reserved_high = 0;
    uint32_t ec_reserved_low = 0;

    bool operator==(const Psw&) const = default;

    uint64_t modes() const {
        uint64_t bytes;
        std::memcpy(&bytes, this, sizeof bytes);
        return bytes;
    }
    /// Where modes() has the members that lie there: the bytes at these offsets, which are constants below 8.
    template <class... Offsets>
    static consteval uint64_t in_modes(Offsets... offsets) {
        const auto at = [](size_t offset) {
            return uint64_t{0xFF} << 8 * (std::endian::native == std::endian::little ? offset : 7 - offset);
        };
        return (at(offsets) | ...);
    }

    /// Of an EC-mode PSW's image: what programs change that do not change the PSW itself.
    static constexpr uint64_t kChanging = 0x00003F0000FFFFFF;
    /// Those bits as they are now.
    uint64_t changing() const {
        return uint64_t{condition_code} << 44 | uint64_t{program_mask} << 40 | (address & kAddressMask);
    }
    /// Takes instruction address, condition code and program mask from another PSW.
    void set_changing(const Psw& from) {
        condition_code = from.condition_code;
        program_mask = from.program_mask;
        address = from.address;
    }
};

static_assert(offsetof(Psw, key) == 0 && offsetof(Psw, problem_state) == 7);

inline constexpr uint8_t kMaskFixedPointOverflow = 8;
inline constexpr uint8_t kMaskDecimalOverflow = 4;
inline constexpr uint8_t kMaskExponentUnderflow = 2;
inline constexpr uint8_t kMaskSignificance = 1;

// EC mode, left word: bits 0, 2-4, 17 and 24-31 are zero; right word: bits 33-39 (and 32, without
// facility gcc).
inline constexpr uint32_t kEcReservedHigh = 0xB80040FF;
inline constexpr uint32_t kEcReservedLow = 0x7F000000;

/// The system mask (bits 0-7) as STNSM and STOSM store it.
inline uint8_t system_mask(const Psw& psw) {
    if (!psw.ec_mode) return static_cast<uint8_t>((psw.bc_channel_masks & 0xFE) | uint8_t{psw.external_mask});
    return static_cast<uint8_t>(unsigned{psw.per} << 6 | unsigned{psw.dat} << 2 | unsigned{psw.io_mask} << 1 |
                                unsigned{psw.external_mask} | psw.ec_reserved_high >> 24);
}

/// Replaces the system mask (bits 0-7) as SSM, STNSM and STOSM do.
inline void set_system_mask(Psw& psw, uint8_t mask) {
    psw.external_mask = mask & 1;
    if (!psw.ec_mode) {
        psw.bc_channel_masks = mask & 0xFE;
        return;
    }
    psw.per = mask & 0x40;
    psw.dat = mask & 0x04;
    psw.io_mask = mask & 0x02;
    psw.ec_reserved_high = (psw.ec_reserved_high & 0x00FFFFFF) | (uint32_t{mask} << 24 & kEcReservedHigh);
}

/// The 64-bit image of the PSW. In BC mode the interruption code and the instruction-length code are part of
/// it (chapter 4, "BC Mode"); in EC mode those two arguments are ignored.
inline uint64_t encode(const Psw& psw, uint16_t bc_interruption_code = 0, unsigned bc_ilc = 0) {
    uint32_t left = uint32_t{system_mask(psw)} << 24 | uint32_t{psw.key} << 20 | uint32_t{psw.ec_mode} << 19 |
                    uint32_t{psw.machine_check_mask} << 18 | uint32_t{psw.wait} << 17 |
                    uint32_t{psw.problem_state} << 16;
    uint32_t right = psw.address & kAddressMask;
    if (psw.ec_mode) {
        left |= uint32_t{psw.secondary_space} << 15 | uint32_t{psw.condition_code} << 12 |
                uint32_t{psw.program_mask} << 8 | (psw.ec_reserved_high & 0x00FFFFFF);
        right |= psw.ec_reserved_low | uint32_t{psw.wide_load_address} << 31;
    } else {
        left |= bc_interruption_code;
        right |= bc_ilc << 30 | uint32_t{psw.condition_code} << 28 | uint32_t{psw.program_mask} << 24;
    }
    return uint64_t{left} << 32 | right;
}

/// The PSW that an image stands for. Bit 12 chooses the mode. Never fails: see has_format_error.
inline Psw decode_psw(uint64_t image) {
    const uint32_t left = static_cast<uint32_t>(image >> 32);
    const uint32_t right = static_cast<uint32_t>(image);
    Psw psw;
    psw.external_mask = left >> 24 & 1;
    psw.key = left >> 20 & 0xF;
    psw.machine_check_mask = left >> 18 & 1;
    psw.wait = left >> 17 & 1;
    psw.problem_state = left >> 16 & 1;
    psw.address = right & kAddressMask;
    if (left >> 19 & 1) {
        psw.ec_mode = true;
        psw.per = left >> 30 & 1;
        psw.dat = left >> 26 & 1;
        psw.io_mask = left >> 25 & 1;
        psw.secondary_space = left >> 15 & 1;
        psw.condition_code = left >> 12 & 3;
        psw.program_mask = left >> 8 & 0xF;
        psw.ec_reserved_high = left & kEcReservedHigh;
        psw.wide_load_address = right >> 31;
        psw.ec_reserved_low = right & kEcReservedLow;
    } else {
        psw.bc_channel_masks = left >> 24 & 0xFE;
        psw.condition_code = right >> 28 & 3;
        psw.program_mask = right >> 24 & 0xF;
    }
    return psw;
}

/// The PSW that an image stands for, which is mostly the one that it stood for the last time. Aligned so that
/// one of an array is found by a shift.
struct alignas(64) RememberedPsw {
    uint64_t image = 0;
    Psw psw;

    const Psw& of(uint64_t now) {
        if (now != image) [[unlikely]] {
            image = now;
            psw = decode_psw(now);
        }
        return psw;
    }
};

/// The same for PSWs that a program loads again and again, which differ in what programs change: instruction
/// address, condition code and program mask.
class RememberedPsws {
  public:
    /// Makes `psw` the one that the image stands for.
    void load(Psw& psw, uint64_t image) {
        constexpr uint64_t kEc = uint64_t{1} << 51, kBcFixed = uint64_t{0xFFFF} << 48;
        if (image & kEc)
            load(psw, image, image & ~Psw::kChanging, static_cast<uint32_t>(image >> 40));
        else
            load(psw, image, image & kBcFixed, static_cast<uint32_t>(image >> 24));
    }

  private:
    /// `changing`: condition code and program mask, in the last six bits.
    void load(Psw& psw, uint64_t image, uint64_t fixed, uint32_t changing) {
        psw = entries_[image >> 48 & 7].of(fixed);
        psw.address = static_cast<uint32_t>(image) & kAddressMask;
        psw.condition_code = changing >> 4 & 3;
        psw.program_mask = changing & 0xF;
    }

    std::array<RememberedPsw, 8> entries_;  // by machine-check mask, wait and problem state
};

/// True where an EC-mode PSW breaks its format: the specification exception that is recognised right after
/// loading (chapter 6, "Early Exception Recognition"). Bits 16 and 32 are assigned by facilities.
inline bool has_format_error(const Psw& psw, const FacilitySet& facilities) {
    if (!psw.ec_mode) return false;
    return psw.ec_reserved_high != 0 || psw.ec_reserved_low != 0 ||
           (psw.secondary_space && !facilities.has(Facility::dual_address_space)) ||
           (psw.wide_load_address && !facilities.has(Facility::gcc));
}

}  // namespace isa
