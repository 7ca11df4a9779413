// Handling exits that follow one another together. Where the instruction behind one that came out of
// interpretive execution would come out, too, the control program simulates it while it is at it: an entry
// and an exit are spared. (Agesen, Mattson, Rugina and Sheldon, "Software Techniques for Avoiding Hardware
// Virtualization Exits", USENIX ATC 2012.)
#pragma once

#include <optional>

#include "vmcp/dispatch/privileged.hpp"

namespace vmcp {

class FollowingExits {
  public:
    FollowingExits(Nucleus& nucleus, SharedSegments& segments, PrivilegedOperations& privileged)
        : nucleus_(nucleus), segments_(segments), privileged_(privileged) {}

    /// The guest may go on, nothing is pending for it, and it is out: looks at its next instruction, which is
    /// charged, and simulates that if it would come out again. Whether it was so.
    bool handle(Work& work, VirtualMachine& vm);

  private:
    /// The instruction at the guest's PSW; empty where fetching it is not for the control program: a page
    /// without a frame, an exception.
    std::optional<isa::Decoded> fetch(VirtualMachine& vm);

    Nucleus& nucleus_;
    SharedSegments& segments_;
    PrivilegedOperations& privileged_;
};

}  // namespace vmcp
