// The switch between the network adapters of all machines: a frame goes to the adapter whose address it has,
// or to all others (a group address), in the order in which they came. It learns nothing and keeps nothing.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "vmcp/rings/ring_description.hpp"

namespace vmcp {

class RingSwitch {
  public:
    /// An adapter, or whoever wants to be one.
    class Port {
      public:
        virtual ~Port() = default;
        virtual const MacAddress& address() const = 0;
        /// A frame has come. False: it is not taken.
        virtual bool arrive(std::span<const uint8_t> frame) = 0;
    };

    /// False: another one has its address.
    bool join(Port& port) {
        for (const Port* other : ports_)
            if (other->address() == port.address()) return false;
        ports_.push_back(&port);
        return true;
    }
    void leave(const Port& port) { std::erase(ports_, &port); }

    struct Passed {
        unsigned tried = 0, taken = 0;  // adapters
    };
    /// The frame, of at least an address, comes from `from`.
    Passed pass(const Port& from, std::span<const uint8_t> frame) {
        MacAddress to;
        std::copy_n(frame.begin(), to.size(), to.begin());
        const bool group = (to[0] & 0x01) != 0;
        Passed passed;
        for (Port* port : ports_) {
            if (port == &from || (!group && port->address() != to)) continue;
            ++passed.tried;
            passed.taken += port->arrive(frame);
        }
        return passed;
    }

  private:
    std::vector<Port*> ports_;
};

}  // namespace vmcp
