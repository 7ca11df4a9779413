// Systems that are loaded by their name (CP command IPL): storage as it was when they were saved, and what
// the CPU was to go on with.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "isa/psw.hpp"

namespace vmcp {

/// What the CPU of a saved system is to hold.
struct SavedState {
    isa::Psw psw;
    std::array<uint32_t, 16> gpr{}, cr{};
    std::array<uint64_t, 4> fpr{};
    std::vector<uint8_t> keys;  // of the 2K blocks from location 0 on
};

struct NamedSystem {
    std::string name;  // 1 to 8 capital letters or digits
    uint32_t address = 0;
    std::vector<uint8_t> bytes;       // from there on
    std::optional<SavedState> state;  // empty: the PSW at location 0 is loaded

    uint64_t end() const { return uint64_t{address} + bytes.size(); }
};

/// What a machine is to be loaded with anew, by its user or by itself.
struct LoadRequest {
    uint16_t device = 0;
    const NamedSystem* system = nullptr;  // in the place of a device
    bool clear = false;                   // its storage is zeros before
    // Not a load, but another size of its storage, in bytes (DEFINE STORAGE): it is reset, and does nothing.
    std::optional<uint32_t> storage = {};
};

}  // namespace vmcp
