// Link modes, as the LINK command of CP gives them (GC20-1820): what each gets beside whom.
#include "vmcp/io/minidisk_users.hpp"

#include <doctest/doctest.h>

#include <string>

namespace vmcp::test {
namespace {

MappedDevice disk(LinkMode mode, uint32_t first = 10, uint32_t count = 10, uint16_t real = 0x150) {
    MappedDevice what;
    what.real = real;
    what.first = first;
    what.count = count;
    what.mode = mode;
    return what;
}

std::string answer(const std::optional<MinidiskUsers::Grant>& grant) {
    return !grant ? "no" : grant->read_only ? "read" : "write";
}

TEST_CASE("what a link mode gets beside nobody, readers and writers") {
    struct Row {
        LinkMode mode;
        const char *nobody, *reader, *writer;
    };
    static constexpr Row rows[] = {
        {LinkMode::r, "read", "read", "no"},       {LinkMode::rr, "read", "read", "read"},
        {LinkMode::w, "write", "no", "no"},        {LinkMode::wr, "write", "read", "read"},
        {LinkMode::m, "write", "write", "no"},     {LinkMode::mr, "write", "write", "read"},
        {LinkMode::mw, "write", "write", "write"},
    };
    for (const Row& row : rows) {
        CAPTURE(name_of(row.mode));
        MinidiskUsers alone;
        CHECK(answer(alone.admit(disk(row.mode))) == row.nobody);
        MinidiskUsers read;
        REQUIRE(read.admit(disk(LinkMode::rr)));
        CHECK(answer(read.admit(disk(row.mode))) == row.reader);
        for (const LinkMode first : {LinkMode::w, LinkMode::wr, LinkMode::m, LinkMode::mr, LinkMode::mw}) {
            MinidiskUsers written;
            REQUIRE(answer(written.admit(disk(first))) == "write");
            CHECK(answer(written.admit(disk(row.mode))) == row.writer);
            // Other cylinders, and another disk, are another matter.
            CHECK(answer(written.admit(disk(row.mode, 20))) == row.nobody);
            CHECK(answer(written.admit(disk(row.mode, 0, 10))) == row.nobody);
            CHECK(answer(written.admit(disk(row.mode, 10, 10, 0x151))) == row.nobody);
        }
        for (const uint32_t first : {1u, 9u, 15u, 19u}) {  // one cylinder in common is enough
            MinidiskUsers written;
            REQUIRE(written.admit(disk(LinkMode::mw)));
            CHECK(answer(written.admit(disk(row.mode, first))) == row.writer);
        }
    }
}

TEST_CASE("what somebody had is free when he leaves") {
    MinidiskUsers users;
    const auto writer = users.admit(disk(LinkMode::w));
    REQUIRE(writer);
    CHECK_FALSE(users.admit(disk(LinkMode::w)));
    users.leave(writer->ticket);
    CHECK(users.admit(disk(LinkMode::w)));
}

TEST_CASE("a dedicated device is nobody else's, and one with minidisks in use cannot be dedicated") {
    MappedDevice whole = disk(LinkMode::r, 0, 0);
    whole.dedicated = true;
    for (const LinkMode mode : {LinkMode::r, LinkMode::rr, LinkMode::mw}) {
        MinidiskUsers users;
        const auto owner = users.admit(whole);
        REQUIRE(owner);
        CHECK_FALSE(owner->read_only);
        CHECK_FALSE(users.admit(disk(mode)));
        CHECK_FALSE(users.admit(whole));
        MinidiskUsers others;
        REQUIRE(others.admit(disk(mode)));
        CHECK_FALSE(others.admit(whole));
    }
}

TEST_CASE("the end of an extent does not wrap around") {
    MinidiskUsers users;
    REQUIRE(users.admit(disk(LinkMode::mw, 100, 100)));
    CHECK_FALSE(users.admit(disk(LinkMode::w, 150, 0xFFFFFFFF)));
}

}  // namespace
}  // namespace vmcp::test
