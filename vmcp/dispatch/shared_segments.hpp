// Named segments that machines hold in common: keeping them, and giving a machine that stores into one its
// own copy.
#pragma once

#include <deque>
#include <string>

#include "vmcp/dispatch/nucleus.hpp"
#include "vmcp/dispatch/processor.hpp"
#include "vmcp/storage/shared_segment.hpp"

namespace vmcp {

class SharedSegments {
  public:
    SharedSegments(Nucleus& nucleus, Processor& processor) : nucleus_(nucleus), processor_(processor) {}

    /// Keeps a named segment for all virtual machines that log on later. Throws std::runtime_error where it
    /// does not fit or the name is taken.
    void define(std::string name, SecondLevel origin, const std::vector<uint8_t>& contents);
    SharedSegment* find(std::string_view name);
    /// The end of the highest one; 0 if there is none.
    uint32_t end() const;

    /// A machine has changed, or is about to change, a segment that others share: it gets its own copy.
    void unshare(VirtualMachine& vm, SharedSegment& segment);
    /// At the end of a turn, before anybody else can see what the machine may have stored.
    void check(VirtualMachine& vm);
    /// A channel program gets at a shared segment, perhaps during the turn of a machine that has stored into
    /// it.
    void on_channel_access(VirtualMachine& vm, SharedSegment& segment, bool storing);

  private:
    Nucleus& nucleus_;
    Processor& processor_;
    std::deque<SharedSegment> segments_;
};

/// What the CPUs and the shadow tables know of where a guest's pages lie is no longer true.
void forget_mappings(Nucleus& nucleus, VirtualMachine& vm);

}  // namespace vmcp
