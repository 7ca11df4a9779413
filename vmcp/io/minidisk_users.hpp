// Who has which part of a real disk, so that link modes mean something.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "vmcp/io/mapped_device.hpp"

namespace vmcp {

class MinidiskUsers {
  public:
    using Ticket = uint64_t;
    struct Grant {
        Ticket ticket;
        bool read_only;
    };
    /// Lets somebody use it, or not: empty. Dedicated devices are nobody else's.
    std::optional<Grant> admit(const MappedDevice& what);
    /// Whether that would be let.
    bool would_admit(const MappedDevice& what) const { return may_write(what).has_value(); }
    void leave(Ticket ticket);

  private:
    struct User {
        Ticket ticket;
        uint16_t real;
        uint32_t first, count;
        bool dedicated, writes;
    };
    /// Whether it may write; empty: it is refused.
    std::optional<bool> may_write(const MappedDevice& what) const;

    std::vector<User> users_;
    Ticket last_ = 0;
};

}  // namespace vmcp
