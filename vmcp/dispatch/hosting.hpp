// A control program that is a task of a host (docs/hosted.md): what the host does for a machine between its
// coming out and its going on. Nothing of it stands on the trap path; what was asked of the host is what the
// account has counted since the machine was let go on last.
#pragma once

#include "vmcp/dispatch/nucleus.hpp"

namespace vmcp {

class Hosting {
  public:
    /// No host: nothing is ever charged.
    explicit Hosting(Nucleus& nucleus) : nucleus_(nucleus) {}

    /// The machine is let go on. `work`: at the expense of whom.
    void let_go(Work& work, VirtualMachine& vm) const;

  private:
    Nucleus& nucleus_;
};

}  // namespace vmcp
