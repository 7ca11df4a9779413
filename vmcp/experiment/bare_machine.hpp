// A virtual machine of a scenario as a machine of its own: what it has of real devices becomes its own.
//
// A minidisk becomes a disk of that many cylinders or blocks with the same contents, and a temporary disk an
// empty one. They are copies: what a bare machine writes there is gone with them.
#pragma once

#include <string>

#include "simulation/model/temporary_directory.hpp"
#include "vmcp/experiment/scenario.hpp"

namespace vmcp::experiment {

/// The disks that minidisks and temporary disks become, in a folder that goes away with this object.
class BareDisks {
  public:
    /// Makes one; its file. Throws images::ImageError. Empty where the real disk has nothing mounted.
    std::string make(const Scenario& scenario, const MappedDevice& what);

  private:
    simulation::TemporaryDirectory folder_{"vmcp-bare"};
    unsigned made_ = 0;
};

/// `disks` must be there as long as the machine runs. Throws GuestError where it has what a bare machine
/// cannot have: an adapter whose other end another machine has, which would not be there.
VmDescription bare_machine(const Scenario& scenario, const VmDescription& vm, BareDisks& disks);

}  // namespace vmcp::experiment
