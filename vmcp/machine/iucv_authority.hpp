// Whom a virtual machine may connect to by IUCV, and who may connect to it: what a directory says by IUCV
// statements and OPTION MAXCONN. SC19-6203 (VM/SP System Programmer's Guide), "Inter-User Communications
// Vehicle". docs/messages.md has the words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vmcp {

struct IucvAuthority {
    static constexpr unsigned kMostConnections = 64;  // that a description may ask for
    static constexpr unsigned kMostMessages = 255;    // outstanding on a path
    static constexpr unsigned kUsualMessages = 10;    // where nobody says how many

    /// One IUCV statement.
    struct Entry {
        enum class Whom : uint8_t {
            user,   // it may connect to the machine of this name
            any,    // it may connect to any machine
            allow,  // any machine may connect to it
        };
        Whom whom = Whom::user;
        std::string name{};  // of `user`
        bool priority = false;
        unsigned message_limit = kMostMessages;
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries{};
    unsigned most_connections = 4;

    bool operator==(const IucvAuthority&) const = default;
};

}  // namespace vmcp
