// VMCF as guests see it: return codes and interruptions of each of its functions.
#include "vmcp/message/vmcf.hpp"
#include "tests/vmcp/message/agent.hpp"

namespace vmcp::test {
namespace {

enum Function : unsigned {
    authorize,
    unauthorize,
    send,
    send_receive,
    send_extended,
    receive,
    cancel,
    reply,
    quiesce,
    resume,
    identify,
    reject,
};
constexpr unsigned kInterruption = 0x4001;
constexpr unsigned kFlags = 0, kError = 1, kFunction = 2, kId = 4, kUser = 8, kAddressA = 16, kLengthA = 20,
                   kAddressB = 24, kLengthB = 28, kDoubleword = 32;
constexpr unsigned kSpecific = 0x80, kPriority = 0x40;
constexpr unsigned kResponse = 0x80, kRejected = 0x40, kPriorityStatus = 0x20;
constexpr uint32_t kText = AgentLayout::kMessage, kReply = AgentLayout::kMessage + 0x1000, kForeign = 0x9000;

MessageList plain(unsigned function, std::string_view user = "", uint32_t id = 0) {
    MessageList list;
    list.put16(kFunction, function);
    list.put32(kId, id);
    list.put(kUser, id_of(user));
    return list;
}
MessageList with_data(unsigned function, std::string_view user, uint32_t id, unsigned length,
                      uint32_t at = kText) {
    MessageList list = plain(function, user, id);
    list.put32(kAddressA, at);
    list.put32(kLengthA, length);
    if (function == send_receive) {
        list.put32(kAddressB, kReply);
        list.put32(kLengthB, 64);
    }
    list.put(kDoubleword, id_of("DOUBLE-W"));
    return list;
}
MessageList authorization(unsigned flags = 0, std::string_view user = "", unsigned length = 1024) {
    MessageList list = with_data(authorize, user, 0, length, AgentLayout::kBuffer);
    list.put8(kFlags, flags);
    return list;
}

/// Two machines that have authorized themselves, and are interrupted.
struct Two {
    Two() {
        CHECK(a.vmcf(authorization()).code == 0);
        CHECK(b.vmcf(authorization(kPriority)).code == 0);
        a.enable(1);
        b.enable(1);
    }
    Host host;
    Agent a{host, "alpha"}, b{host, "beta"};
};

TEST_CASE("AUTHORIZE and UNAUTHORIZE") {
    Host host;
    Agent a(host, "alpha");
    for (unsigned function = unauthorize; function <= reject; ++function)
        CHECK(a.vmcf(plain(function)).code == 4);
    CHECK(a.vmcf(plain(12)).code == 2);
    CHECK(a.vmcf(plain(authorize), 0x1044).program == 6);
    CHECK(a.vmcf(plain(authorize), kForeign).program == 4);
    CHECK(a.vmcf(plain(authorize), AgentLayout::kStorage).program == 5);
    CHECK(a.vmcf(authorization(0, "", 39)).code == 1);
    CHECK(a.vmcf(authorization(0, "", AgentLayout::kStorage)).code == 1);
    CHECK(a.vmcf(with_data(authorize, "", 0, 100, AgentLayout::kBuffer + 4)).code == 1);
    CHECK(a.vmcf(with_data(authorize, "", 0, 100, kForeign)).code == 6);
    CHECK(a.vmcf(authorization()).code == 0);
    CHECK(a.vmcf(authorization()).code == 0);
    CHECK(a.vmcf(plain(unauthorize)).code == 0);
    CHECK(a.vmcf(plain(unauthorize)).code == 4);
}

TEST_CASE("SEND, RECEIVE, and the response") {
    Two t;
    t.a.put(kText, "ONE WAY");
    CHECK(t.a.vmcf(with_data(send, "BETA", 77, 7)).code == 0);
    auto told = t.b.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].code == kInterruption);
    CHECK(told[0].list.get8(kFlags) == 0);
    CHECK(told[0].list.get16(kFunction) == send);
    CHECK(told[0].list.get32(kId) == 77);
    CHECK(told[0].list.get<8>(kUser) == id_of("ALPHA"));
    CHECK(told[0].list.get32(kLengthA) == 7);
    CHECK(told[0].list.get<8>(kDoubleword) == id_of("DOUBLE-W"));
    CHECK(t.b.vmcf(with_data(receive, "ALPHA", 78, 7)).code == 12);
    CHECK(t.b.vmcf(with_data(receive, "BETA", 77, 7)).code == 12);
    CHECK(t.b.vmcf(with_data(reply, "ALPHA", 77, 7)).code == 3);
    CHECK(t.b.vmcf(with_data(receive, "ALPHA", 77, 7, kForeign)).code == 6);
    CHECK(t.b.vmcf(with_data(receive, "ALPHA", 77, 7, 0xFFFFF0)).code == 1);
    CHECK(t.b.vmcf(with_data(receive, "ALPHA", 77, 7)).code == 0);
    CHECK(t.b.get(kText, 7) == "ONE WAY");
    CHECK(t.b.vmcf(with_data(receive, "ALPHA", 77, 7)).code == 12);
    told = t.a.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].list.get8(kFlags) == kResponse);
    CHECK(told[0].list.get8(kError) == 0);
    CHECK(told[0].list.get<8>(kUser) == id_of("BETA"));
    CHECK(told[0].list.get32(kLengthA) == 0);
    CHECK(t.host.cp.services().vmcf().active() == 0);
}

TEST_CASE("SEND/RECV is replied to, received before or not") {
    for (const bool received : {true, false}) {
        Two t;
        t.a.put(kText, "REQUEST");
        CHECK(t.a.vmcf(with_data(send_receive, "BETA", 5, 7)).code == 0);
        t.b.told();
        if (received) {
            CHECK(t.b.vmcf(with_data(receive, "ALPHA", 5, 7)).code == 0);
            CHECK(t.b.vmcf(with_data(receive, "ALPHA", 5, 7)).code == 3);
        }
        CHECK(t.a.told().empty());
        t.b.put(kText, "RESULT");
        CHECK(t.b.vmcf(with_data(reply, "ALPHA", 5, 6)).code == 0);
        const auto told = t.a.told();
        REQUIRE(told.size() == 1);
        CHECK(told[0].list.get8(kFlags) == kResponse);
        CHECK(told[0].list.get32(kLengthA) == (received ? 0 : 7));
        CHECK(told[0].list.get32(kLengthB) == 58);
        CHECK(t.a.get(kReply, 6) == "RESULT");
    }
}

TEST_CASE("SENDX brings its data along") {
    Two t;
    t.a.put(kText, "AT ONCE");
    CHECK(t.a.vmcf(with_data(send_extended, "BETA", 9, 1024 - 39)).code == 7);
    CHECK(t.a.vmcf(with_data(send_extended, "BETA", 9, 7)).code == 0);
    CHECK(t.b.told().size() == 1);
    CHECK(t.b.get(AgentLayout::kBuffer + 40, 7) == "AT ONCE");
    const auto told = t.a.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].list.get8(kFlags) == kResponse);
    CHECK(told[0].list.get32(kLengthA) == 0);
    // A smaller buffer, before it is presented.
    t.b.enable(0);
    CHECK(t.a.vmcf(with_data(send_extended, "BETA", 9, 100)).code == 0);
    CHECK(t.b.vmcf(authorization(0, "", 40)).code == 0);
    t.b.enable(1);
    CHECK(t.a.told().at(0).list.get8(kError) == 7);
}

TEST_CASE("what cannot be sent") {
    Two t;
    Agent c(t.host, "gamma");
    CHECK(t.a.vmcf(with_data(send, "NOBODY", 1, 1)).code == 5);
    CHECK(t.a.vmcf(with_data(send, "GAMMA", 1, 1)).code == 5);
    c.vmcf(authorization(kSpecific, "BETA"));
    CHECK(t.a.vmcf(with_data(send, "GAMMA", 1, 1)).code == 5);
    CHECK(t.b.vmcf(with_data(send, "GAMMA", 1, 1)).code == 0);
    MessageList priority = with_data(send, "ALPHA", 2, 1);
    priority.put8(kFlags, kPriority);
    CHECK(t.b.vmcf(priority).code == 18);
    CHECK(t.a.vmcf(with_data(send, "BETA", 1, 8, 0xFFFFF0)).code == 1);
    CHECK(t.a.vmcf(with_data(send, "BETA", 1, kMostMessageBytes + 1)).code == 1);
    MessageList bad_reply = with_data(send_receive, "BETA", 1, 8);
    bad_reply.put32(kAddressB, kForeign);
    CHECK(t.a.vmcf(bad_reply).code == 6);
    CHECK(t.b.vmcf(plain(quiesce)).code == 0);
    CHECK(t.a.vmcf(with_data(send, "BETA", 1, 1)).code == 9);
    CHECK(t.a.vmcf(plain(identify, "BETA")).code == 9);
    CHECK(t.b.vmcf(plain(resume)).code == 0);
    t.b.enable(0);
    CHECK(t.a.vmcf(with_data(send, "BETA", 1, 1)).code == 0);
    CHECK(t.a.vmcf(with_data(send, "BETA", 1, 1)).code == 8);
    CHECK(t.b.vmcf(with_data(receive, "ALPHA", 1, 1)).code == 13);
    for (uint32_t id = 2; id <= 50; ++id) CHECK(t.a.vmcf(with_data(send, "BETA", id, 1)).code == 0);
    CHECK(t.a.vmcf(with_data(send, "BETA", 51, 1)).code == 10);
    t.b.enable(1);
    CHECK(t.b.told().size() == 50);
    CHECK(t.b.vmcf(plain(reject, "ALPHA", 17)).code == 0);
    CHECK(t.a.vmcf(with_data(send, "BETA", 51, 1)).code == 0);
}

TEST_CASE("REJECT and IDENTIFY") {
    Two t;
    t.a.vmcf(with_data(send, "BETA", 3, 8));
    t.b.told();
    MessageList no = plain(reject, "ALPHA", 3);
    no.put(kDoubleword, id_of("NO"));
    CHECK(t.b.vmcf(no).code == 0);
    auto told = t.a.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].list.get8(kFlags) == (kResponse | kRejected));
    CHECK(told[0].list.get<8>(kDoubleword) == id_of("NO"));
    MessageList hello = plain(identify, "BETA", 0x1234);
    hello.put8(kFlags, kPriority);
    CHECK(t.a.vmcf(hello).code == 0);
    told = t.b.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].list.get8(kFlags) == (kResponse | kPriorityStatus));
    CHECK(told[0].list.get16(kFunction) == identify);
    CHECK(t.host.cp.services().vmcf().active() == 0);
}

TEST_CASE("CANCEL, at each stage of a message") {
    Two t;
    const auto cancels = [&] { return t.a.vmcf(plain(cancel, "BETA", 1)).code; };
    CHECK(cancels() == 12);
    t.a.vmcf(with_data(send_receive, "BETA", 1, 8));
    CHECK(t.b.vmcf(plain(cancel, "ALPHA", 1)).code == 3);
    CHECK(cancels() == 0);
    t.a.vmcf(with_data(send_receive, "BETA", 1, 8));
    t.b.vmcf(with_data(receive, "ALPHA", 1, 8));
    CHECK(cancels() == 11);
    CHECK(t.b.vmcf(with_data(reply, "ALPHA", 1, 8)).code == 12);
    t.a.enable(0);
    t.a.vmcf(with_data(send_receive, "BETA", 1, 8));
    t.b.vmcf(with_data(reply, "ALPHA", 1, 8));
    CHECK(cancels() == 14);
    t.b.enable(0);
    t.b.told();
    t.a.vmcf(with_data(send, "BETA", 2, 8));
    CHECK(t.a.vmcf(plain(cancel, "BETA", 2)).code == 0);
    t.b.enable(1);
    CHECK(t.b.told().empty());
}

TEST_CASE("lengths that differ, and data that overlap, are told to both") {
    Two t;
    t.a.put(kText, "TOO LONG");
    t.a.vmcf(with_data(send_receive, "BETA", 1, 8));
    CHECK(t.b.vmcf(with_data(receive, "ALPHA", 1, 3)).code == 16);
    CHECK(t.b.get(kText, 3) == "TOO");
    CHECK(t.b.vmcf(with_data(reply, "ALPHA", 1, 100)).code == 16);
    auto told = t.a.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].list.get8(kError) == 16);
    CHECK(told[0].list.get32(kLengthA) == 5);
    CHECK(told[0].list.get32(kLengthB) == 0);
    t.a.vmcf(with_data(send, "ALPHA", 2, 8));
    CHECK(t.a.vmcf(with_data(receive, "ALPHA", 2, 8, kText + 4)).code == 17);
    CHECK(t.a.vmcf(with_data(send, "ALPHA", 3, 8)).code == 0);
    CHECK(t.a.vmcf(with_data(receive, "ALPHA", 3, 8, kText + 8)).code == 0);
}

TEST_CASE("priority goes first") {
    Two t;
    t.b.enable(0);
    t.a.vmcf(with_data(send, "BETA", 1, 8));
    MessageList urgent = with_data(send, "BETA", 2, 8);
    urgent.put8(kFlags, kPriority);
    t.a.vmcf(urgent);
    t.b.enable(1);
    const auto told = t.b.told();
    REQUIRE(told.size() == 2);
    CHECK(told[0].list.get32(kId) == 2);
    CHECK(told[0].list.get8(kFlags) == kPriorityStatus);
}

TEST_CASE("who ends is not waited for") {
    for (const int way : {0, 1, 2}) {
        CAPTURE(way);
        Two t;
        t.a.vmcf(with_data(send, "BETA", 1, 8));
        t.b.vmcf(with_data(send, "ALPHA", 2, 8));
        t.a.told();
        if (way == 0) CHECK(t.b.vmcf(plain(unauthorize)).code == 0);
        if (way == 1) t.b.log_off();
        if (way == 2) t.host.cp.command(t.b.vm(), "IPL 00C");
        t.a.run();
        const auto told = t.a.told();
        REQUIRE(told.size() == 1);
        CHECK(told[0].list.get8(kFlags) == kResponse);
        CHECK(told[0].list.get8(kError) == 5);
        CHECK(t.a.vmcf(with_data(receive, "BETA", 2, 8)).code == 12);
        CHECK(t.host.cp.services().vmcf().active() == 0);
    }
}

}  // namespace
}  // namespace vmcp::test
