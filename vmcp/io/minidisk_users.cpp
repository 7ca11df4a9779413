#include "vmcp/io/minidisk_users.hpp"

#include <algorithm>

namespace vmcp {

std::string_view name_of(LinkMode mode) {
    static constexpr std::string_view names[] = {"R", "RR", "W", "WR", "M", "MR", "MW"};
    return names[static_cast<unsigned>(mode)];
}

std::optional<MinidiskUsers::Grant> MinidiskUsers::admit(const MappedDevice& what) {
    bool others = false, writers = false;
    for (const User& user : users_) {
        if (user.real != what.real) continue;
        if (user.dedicated || what.dedicated) return std::nullopt;
        if (user.first >= what.first + what.count || what.first >= user.first + user.count) continue;
        others = true;
        writers = writers || user.writes;
    }
    bool writes = false;
    switch (what.mode) {
        case LinkMode::r:
            if (writers) return std::nullopt;
            break;
        case LinkMode::rr: break;
        case LinkMode::w:
            if (others) return std::nullopt;
            writes = true;
            break;
        case LinkMode::wr: writes = !others; break;
        case LinkMode::m:
            if (writers) return std::nullopt;
            writes = true;
            break;
        case LinkMode::mr: writes = !writers; break;
        case LinkMode::mw: writes = true; break;
    }
    if (what.dedicated) writes = true;
    users_.push_back({++last_, what.real, what.first, what.count, what.dedicated, writes});
    return Grant{last_, !writes};
}

void MinidiskUsers::leave(Ticket ticket) {
    std::erase_if(users_, [ticket](const User& user) { return user.ticket == ticket; });
}

}  // namespace vmcp
