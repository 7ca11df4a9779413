// The levels of storage, as distinct types: an address of one level never becomes one of another by accident.
// First level: real storage of the real machine (24 to 26 bits). Second level: what a guest believes is real.
// Third level: a guest's own virtual storage.
#pragma once

#include <compare>
#include <cstdint>

namespace vmcp {

struct FirstLevel {
    explicit constexpr FirstLevel(uint32_t v) : value(v) {}
    auto operator<=>(const FirstLevel&) const = default;
    uint32_t value;
};

struct SecondLevel {
    explicit constexpr SecondLevel(uint32_t v) : value(v) {}
    auto operator<=>(const SecondLevel&) const = default;
    uint32_t value;
};

struct ThirdLevel {
    explicit constexpr ThirdLevel(uint32_t v) : value(v) {}
    auto operator<=>(const ThirdLevel&) const = default;
    uint32_t value;
};

inline constexpr uint32_t kPage = 4096;

}  // namespace vmcp
