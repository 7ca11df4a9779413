// The interruption in a state description that the guest is to take first: how a control program gives its
// guest an interruption, and how the machine keeps one that the guest could not take
// (simulation/cpu/state_description.hpp, fields `event` and what follows).
#pragma once

#include <optional>

#include "isa/interruption.hpp"
#include "simulation/cpu/storage.hpp"

namespace simulation {

/// Of the description at this absolute address; empty: there is none, or of no class that a guest can take.
std::optional<isa::Interruption> read_guest_event(const RealStorage& storage, uint32_t description);
void write_guest_event(RealStorage& storage, uint32_t description,
                       const std::optional<isa::Interruption>& event);

}  // namespace simulation
