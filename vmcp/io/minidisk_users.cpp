#include "vmcp/io/minidisk_users.hpp"

#include <algorithm>

namespace vmcp {

std::string_view name_of(LinkMode mode) {
    static constexpr std::string_view names[] = {"R", "RR", "W", "WR", "M", "MR", "MW"};
    return names[static_cast<unsigned>(mode)];
}

std::optional<bool> MinidiskUsers::may_write(const MappedDevice& what) const {
    bool others = false, writers = false;
    for (const MinidiskPiece& piece : what.pieces())
        for (const User& user : users_) {
            if (user.real != piece.real) continue;
            if (user.dedicated || what.dedicated) return std::nullopt;
            if (user.first >= piece.first + piece.count || piece.first >= user.first + user.count) continue;
            others = true;
            writers = writers || user.writes;
        }
    if (what.dedicated) return true;
    switch (what.mode) {
        case LinkMode::r:
            if (writers) return std::nullopt;
            return false;
        case LinkMode::rr: return false;
        case LinkMode::w:
            if (others) return std::nullopt;
            return true;
        case LinkMode::wr: return !others;
        case LinkMode::m:
            if (writers) return std::nullopt;
            return true;
        case LinkMode::mr: return !writers;
        case LinkMode::mw: break;
    }
    return true;
}

std::optional<MinidiskUsers::Grant> MinidiskUsers::admit(const MappedDevice& what) {
    const auto writes = may_write(what);
    if (!writes) return std::nullopt;
    ++last_;
    for (const MinidiskPiece& piece : what.pieces())
        users_.push_back({last_, piece.real, piece.first, piece.count, what.dedicated, *writes});
    return Grant{last_, !*writes};
}

void MinidiskUsers::leave(Ticket ticket) {
    std::erase_if(users_, [ticket](const User& user) { return user.ticket == ticket; });
}

}  // namespace vmcp
