// Virtual machines that all loop, so that the control program does nothing but let them take turns.
#pragma once

#include <cstdint>
#include <string_view>

#include "bench/support/control_program_host.hpp"

namespace bench {

class LoopingGuests {
  public:
    /// A turn lasts for about 20 guest instructions. There is room for 10,000 virtual machines.
    LoopingGuests(std::string_view policy, unsigned virtual_machines);

    /// Lets them take so many turns, and some more; returns how many.
    uint64_t turns(uint64_t wanted);

  private:
    ControlProgramHost host_;
};

}  // namespace bench
