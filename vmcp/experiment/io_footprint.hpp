// How much of the real machine's storage a virtual machine takes, counted by the page frames that are not
// free any more when there are more such machines.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "vmcp/experiment/scenario.hpp"

namespace vmcp::experiment {

/// Bytes of real storage; means of many machines of a kind.
struct Footprint {
    std::string name;            // of the machine in the scenario
    uint32_t storage = 0;        // that it has
    double pages = 0;            // that it has touched and still has
    double tables = 0;           // of translation, and whatever else is kept in real storage for it
    double control_program = 0;  // what is taken where there is no machine at all

    /// In a megabyte of real storage: with what it has touched, and of what is kept for it alone.
    double guests_in_megabyte() const;
    double kept_in_megabyte() const;
};

/// Of each machine of the scenario, each kind alone. `interrupted`: asked now and then.
std::vector<Footprint> footprints_of(const Scenario& scenario, const std::function<bool()>& interrupted);

}  // namespace vmcp::experiment
