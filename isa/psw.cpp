#include "isa/psw.hpp"

namespace isa {
namespace {

// EC mode, left word: bits 0, 2-4, 17 and 24-31 are zero; right word: bits 33-39 (and 32, without
// facility gcc).
constexpr uint32_t kEcReservedHigh = 0xB80040FF;
constexpr uint32_t kEcReservedLow = 0x7F000000;

}  // namespace

uint8_t system_mask(const Psw& psw) {
    if (!psw.ec_mode)
        return static_cast<uint8_t>((psw.bc_channel_masks & 0xFE) | (psw.external_mask ? 1 : 0));
    return static_cast<uint8_t>((psw.per ? 0x40 : 0) | (psw.dat ? 0x04 : 0) | (psw.io_mask ? 0x02 : 0) |
                                (psw.external_mask ? 0x01 : 0) | psw.ec_reserved_high >> 24);
}

void set_system_mask(Psw& psw, uint8_t mask) {
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

uint64_t encode(const Psw& psw, uint16_t bc_interruption_code, unsigned bc_ilc) {
    uint32_t left = uint32_t{system_mask(psw)} << 24 | uint32_t{psw.key} << 20 |
                    (psw.ec_mode ? 1u << 19 : 0) | (psw.machine_check_mask ? 1u << 18 : 0) |
                    (psw.wait ? 1u << 17 : 0) | (psw.problem_state ? 1u << 16 : 0);
    uint32_t right = psw.address & kAddressMask;
    if (psw.ec_mode) {
        left |= (psw.secondary_space ? 1u << 15 : 0) | uint32_t{psw.condition_code} << 12 |
                uint32_t{psw.program_mask} << 8 | (psw.ec_reserved_high & 0x00FFFFFF);
        right |= psw.ec_reserved_low | (psw.wide_load_address ? 1u << 31 : 0);
    } else {
        left |= bc_interruption_code;
        right |= bc_ilc << 30 | uint32_t{psw.condition_code} << 28 | uint32_t{psw.program_mask} << 24;
    }
    return uint64_t{left} << 32 | right;
}

Psw decode_psw(uint64_t image) {
    const uint32_t left = static_cast<uint32_t>(image >> 32);
    const uint32_t right = static_cast<uint32_t>(image);
    Psw psw;
    psw.ec_mode = left >> 19 & 1;
    psw.key = left >> 20 & 0xF;
    psw.machine_check_mask = left >> 18 & 1;
    psw.wait = left >> 17 & 1;
    psw.problem_state = left >> 16 & 1;
    psw.address = right & kAddressMask;
    if (psw.ec_mode) {
        psw.secondary_space = left >> 15 & 1;
        psw.condition_code = left >> 12 & 3;
        psw.program_mask = left >> 8 & 0xF;
        psw.ec_reserved_high = left & kEcReservedHigh;
        psw.wide_load_address = right >> 31;
        psw.ec_reserved_low = right & kEcReservedLow;
    } else {
        psw.condition_code = right >> 28 & 3;
        psw.program_mask = right >> 24 & 0xF;
    }
    set_system_mask(psw, static_cast<uint8_t>(left >> 24));
    return psw;
}

bool has_format_error(const Psw& psw, const FacilitySet& facilities) {
    if (!psw.ec_mode) return false;
    return psw.ec_reserved_high != 0 || psw.ec_reserved_low != 0 ||
           (psw.secondary_space && !facilities.has(Facility::dual_address_space)) ||
           (psw.wide_load_address && !facilities.has(Facility::gcc));
}

}  // namespace isa
