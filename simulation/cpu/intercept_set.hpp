// What a control program wants to see of a guest that is executed interpretively, beside what always comes
// out: the interception controls of the state description (simulation/cpu/state_description.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace simulation {

enum class Intercept : uint8_t {
    masks,    // SSM, STNSM, STOSM
    psw,      // LPSW
    control,  // LCTL, STCTL
    keys,     // of storage
    clocks,   // the clock comparator and the CPU timer
    svc,
};
inline constexpr std::array kIntercepts = {Intercept::masks, Intercept::psw,    Intercept::control,
                                           Intercept::keys,  Intercept::clocks, Intercept::svc};

/// "masks", "psw", "control", "keys", "clocks", "svc"
constexpr std::string_view name_of(Intercept intercept) {
    constexpr std::string_view names[] = {"masks", "psw", "control", "keys", "clocks", "svc"};
    return names[static_cast<unsigned>(intercept)];
}

class InterceptSet {
  public:
    constexpr bool has(Intercept intercept) const { return (bits_ & bit(intercept)) != 0; }
    constexpr void add(Intercept intercept) { bits_ |= bit(intercept); }
    constexpr bool operator==(const InterceptSet&) const = default;
    /// As the state description has them: bit 0, the leftmost, is Intercept::masks.
    constexpr uint8_t bits() const { return bits_; }
    static constexpr InterceptSet of(uint8_t bits) {
        InterceptSet set;
        set.bits_ = bits & kBits;
        return set;
    }
    static constexpr uint8_t kBits = 0xFC;  // that are assigned
    /// "masks+svc"; "none"
    std::string text() const {
        std::string text;
        for (const Intercept intercept : kIntercepts)
            if (has(intercept)) text += (text.empty() ? "" : "+") + std::string(name_of(intercept));
        return text.empty() ? "none" : text;
    }

  private:
    static constexpr uint8_t bit(Intercept intercept) {
        return static_cast<uint8_t>(0x80u >> static_cast<unsigned>(intercept));
    }
    uint8_t bits_ = 0;
};

}  // namespace simulation
