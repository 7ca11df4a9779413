// IUCV as guests see it: condition codes, return codes and interruptions of each of the eighteen functions.
#include "vmcp/message/iucv.hpp"
#include "tests/vmcp/message/agent.hpp"

namespace vmcp::test {
namespace {

namespace field = iucv_list;
enum Function : unsigned {
    query,
    test_message,
    retrieve_buffer,
    describe,
    send,
    receive,
    reply,
    test_completion,
    reject,
    purge,
    accept,
    connect,
    declare_buffer,
    quiesce,
    resume,
    sever,
    set_mask,
    set_control_mask,
};
constexpr unsigned kInterruption = 0x4000, kOperation = 1, kProtection = 4, kAddressing = 5,
                   kSpecification = 6;
constexpr uint32_t kData = AgentLayout::kMessage, kAnswer = AgentLayout::kMessage + 0x1000,
                   kElsewhere = 0x9000;

IucvAuthority allowing() {
    return {.entries = {{.whom = IucvAuthority::Entry::Whom::allow, .priority = true}}};
}

MessageList declaration(uint32_t at = AgentLayout::kBuffer) {
    MessageList list;
    list.put32(field::buffer, at);
    return list;
}
MessageList on_path(uint16_t path, unsigned flags = 0) {
    MessageList list;
    list.put16(field::path, path);
    list.put8(field::flags, flags);
    return list;
}
MessageList connection(std::string_view name, unsigned flags = 0, unsigned limit = 0) {
    MessageList list = on_path(0xFFFF, flags);
    list.put16(field::message_limit, limit);
    list.put(field::user_id, id_of(name));
    list.put32(field::user_data, 0x12345678);
    return list;
}
/// The list of a message of `length` bytes at kData, with class 7 and an answer area of 64 bytes.
MessageList text(uint16_t path, unsigned length, unsigned flags = 0) {
    MessageList list = on_path(path, flags);
    list.put32(field::target_class, 7);
    list.put32(field::buffer, kData);
    list.put32(field::length, length);
    list.put32(field::source_class, 9);
    list.put32(field::tag, 0x7A67);
    list.put32(field::answer, kAnswer);
    list.put32(field::answer_length, 64);
    return list;
}
MessageList room(unsigned length, uint32_t at = kData, unsigned flags = 0) {
    MessageList list = on_path(0, flags);
    list.put32(field::buffer, at);
    list.put32(field::length, length);
    return list;
}
MessageList identified(uint16_t path, uint32_t id, uint32_t its_class, bool of_source = false) {
    MessageList list = on_path(path, field::by_message | field::by_path | field::by_class);
    list.put32(field::message_id, id);
    list.put32(of_source ? field::source_class : field::target_class, its_class);
    return list;
}

/// Two machines with a path between them: 0 at either end. Nothing is enabled.
struct Pair {
    explicit Pair(unsigned flags_of_a = 0, unsigned flags_of_b = 0, unsigned limit = 0) {
        REQUIRE(a.iucv(declare_buffer, declaration()).condition == 0);
        REQUIRE(b.iucv(declare_buffer, declaration()).condition == 0);
        REQUIRE(a.iucv(connect, connection("BETA", flags_of_a, limit)).condition == 0);
        REQUIRE(b.iucv(accept, on_path(0, flags_of_b)).condition == 0);
        a.enable(2);
        b.enable(2);
        a.told();
        b.told();
    }
    void disable() {
        a.enable(0);
        b.enable(0);
    }
    Host host;
    Agent a{host, "alpha"}, b{host, "beta", allowing()};
};

TEST_CASE("without a buffer, and in the problem state, IUCV is an operation exception") {
    Host host;
    Agent a(host, "alpha");
    for (unsigned function = 0; function <= set_control_mask; ++function) {
        CAPTURE(function);
        CHECK(a.in_problem_state(function).program == kOperation);
        if (function != query && function != declare_buffer) CHECK(a.iucv(function).program == kOperation);
    }
    CHECK(a.iucv(18).program == kSpecification);
    CHECK(a.vm().account.of(Cause::iucv).count > 0);
}

TEST_CASE("a machine without a control program has no IUCV") {
    NativeGuest native(64 * 1024);
    const EndState end = native.run(assembled(kPageZeroOfEcMode + R"(
BEGIN    SR    0,0
         DC    X'B2F01000'
)"),
                                    1000);
    CHECK(end.state.psw.address == 0x99);
    CHECK(end.storage[0x8F] == kOperation);
}

TEST_CASE("QUERY tells the size of the buffer and how many connections there may be, to EXECUTE as well") {
    Host host;
    Agent a(host, "alpha", {.most_connections = 17});
    for (const auto& result : {a.iucv(query), a.by_execute(query)}) {
        CHECK(result.program == 0);
        CHECK(result.condition == 0);
        CHECK(result.r0 == 40);
        CHECK(result.r1 == 17);
    }
}

TEST_CASE("DECLARE BUFFER and RETRIEVE BUFFER") {
    Host host;
    Agent a(host, "alpha");
    CHECK(a.iucv(declare_buffer, declaration(0x1804)).program == kSpecification);
    CHECK(a.iucv(declare_buffer, declaration(AgentLayout::kStorage)).program == kAddressing);
    CHECK(a.iucv(declare_buffer, declaration(AgentLayout::kStorage - 32)).program == kAddressing);
    CHECK(a.iucv(declare_buffer, declaration(kElsewhere)).program == kProtection);
    CHECK(a.iucv(declare_buffer, declaration(), 0x1044).program == kSpecification);
    CHECK(a.iucv(declare_buffer, declaration(), kElsewhere).program == kProtection);
    CHECK(a.iucv(declare_buffer, declaration(), AgentLayout::kStorage).program == kAddressing);
    CHECK(a.iucv(declare_buffer, declaration()).condition == 0);
    const auto again = a.iucv(declare_buffer, declaration());
    CHECK(again.condition == 1);
    CHECK(again.list.get8(field::code) == 19);
    CHECK(a.iucv(retrieve_buffer).condition == 0);
    CHECK(a.iucv(retrieve_buffer).program == kOperation);
    CHECK(a.iucv(declare_buffer, declaration()).condition == 0);
}

TEST_CASE("CONNECT is refused for each of its reasons") {
    Host host;
    Agent a(host, "alpha", {.most_connections = 2}), b(host, "beta", {.most_connections = 1}),
        c(host, "gamma", allowing());
    a.iucv(declare_buffer, declaration());
    const auto refused = [&](const MessageList& list) {
        const auto result = a.iucv(connect, list);
        CHECK(result.condition == 1);
        return result.list.get8(field::code);
    };
    CHECK(refused(connection("NOBODY")) == 11);
    CHECK(refused(connection("BETA")) == 12);
    CHECK(refused(connection("*MSG")) == 16);
    CHECK(refused(connection("BETA", 0, 256)) == 18);
    b.iucv(declare_buffer, declaration());
    c.iucv(declare_buffer, declaration());
    CHECK(refused(connection("BETA")) == 15);
    CHECK(a.iucv(connect, connection("GAMMA")).condition == 0);
    CHECK(a.iucv(connect, connection("GAMMA")).condition == 0);
    CHECK(refused(connection("GAMMA")) == 13);
    CHECK(c.iucv(sever, on_path(0, field::all_paths)).condition == 0);
    CHECK(a.iucv(sever, on_path(0, field::all_paths)).condition == 0);
    // With itself a machine needs no authority, but two ends.
    const auto itself = b.iucv(connect, connection("BETA"));
    CHECK(itself.condition == 1);
    CHECK(itself.list.get8(field::code) == 14);
}

TEST_CASE("a connection is pending, complete and severed, and either side is told") {
    Host host;
    Agent a(host, "alpha"), b(host, "beta", allowing());
    a.iucv(declare_buffer, declaration());
    b.iucv(declare_buffer, declaration());
    const auto connected = a.iucv(connect, connection("BETA", field::priority | field::data_in_list, 20));
    CHECK(connected.condition == 0);
    CHECK(connected.list.get16(field::path) == 0);
    CHECK(connected.list.get16(field::message_limit) == 20);
    CHECK(a.iucv(send, text(0, 4)).list.get8(field::code) == 1);  // nobody has accepted it
    CHECK(b.told().empty());
    b.enable(2);
    auto told = b.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].code == kInterruption);
    CHECK(told[0].list.get8(field::code) == 1);
    CHECK(told[0].list.get8(field::flags) == (field::priority | field::data_in_list));
    CHECK(told[0].list.get16(field::message_limit) == 20);
    CHECK(told[0].list.get<8>(field::user_id) == id_of("ALPHA"));
    CHECK(told[0].list.get32(field::user_data) == 0x12345678);

    CHECK(b.iucv(accept, on_path(1)).list.get8(field::code) == 1);
    MessageList acceptance = on_path(0, field::priority);
    acceptance.put16(field::message_limit, 300);
    CHECK(b.iucv(accept, acceptance).list.get8(field::code) == 18);
    acceptance.put16(field::message_limit, 0);
    acceptance.put32(field::user_data, 0x9ABC);
    const auto accepted = b.iucv(accept, acceptance);
    CHECK(accepted.condition == 0);
    CHECK(accepted.list.get16(field::message_limit) == 10);
    CHECK(accepted.list.get8(field::flags) == field::priority);
    a.enable(2);
    told = a.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].list.get8(field::code) == 2);
    CHECK(told[0].list.get16(field::path) == 0);
    CHECK(told[0].list.get32(field::user_data) == 0x9ABC);
    CHECK(told[0].list.get8(field::flags) == field::priority);

    MessageList end = on_path(0);
    CHECK(b.iucv(sever, on_path(3)).list.get8(field::code) == 1);
    end.put32(field::user_data, 0xE4D);
    CHECK(b.iucv(sever, end).condition == 0);
    told = a.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].list.get8(field::code) == 3);
    CHECK(told[0].list.get32(field::user_data) == 0xE4D);
    CHECK(a.iucv(send, text(0, 4)).list.get8(field::code) == 1);
    CHECK(host.cp.services().iucv().paths() == 1);  // the other end stays until its owner severs it
    CHECK(a.iucv(sever, on_path(0)).condition == 0);
    CHECK(host.cp.services().iucv().paths() == 0);
}

TEST_CASE("who connects and severs before he was heard leaves nothing; accepted too late is 20") {
    Host host;
    Agent a(host, "alpha"), b(host, "beta", allowing());
    a.iucv(declare_buffer, declaration());
    b.iucv(declare_buffer, declaration());
    for (int i = 0; i < 20; ++i) {
        CHECK(a.iucv(connect, connection("BETA")).condition == 0);
        CHECK(a.iucv(sever, on_path(0)).condition == 0);
    }
    CHECK(host.cp.services().iucv().paths() == 0);
    b.enable(2);
    CHECK(b.told().empty());
    a.iucv(connect, connection("BETA"));
    CHECK(b.told().size() == 1);
    a.iucv(sever, on_path(0));
    const auto late = b.iucv(accept, on_path(0));
    CHECK(late.condition == 1);
    CHECK(late.list.get8(field::code) == 20);
}

TEST_CASE("a message goes there, its reply comes back") {
    Pair p;
    p.a.put(kData, "QUESTION");
    const auto sent = p.a.iucv(send, text(0, 8));
    CHECK(sent.condition == 0);
    CHECK(sent.list.get32(field::message_id) == 1);
    auto told = p.b.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].list.get8(field::code) == 9);
    CHECK(told[0].list.get32(field::message_id) == 1);
    CHECK(told[0].list.get32(field::target_class) == 7);
    CHECK(told[0].list.get32(field::length) == 8);
    CHECK(told[0].list.get32(field::answer_length) == 64);

    const auto received = p.b.iucv(receive, room(100));
    CHECK(received.condition == 0);
    CHECK(received.list.get8(field::code) == 0);
    CHECK(received.list.get32(field::buffer) == kData + 8);
    CHECK(received.list.get32(field::length) == 92);
    CHECK(received.list.get32(field::message_id) == 1);
    CHECK(p.b.get(kData, 8) == "QUESTION");
    CHECK(p.b.iucv(receive, room(100)).condition == 2);

    p.b.put(kAnswer, "ANSWER");
    MessageList answer = identified(0, 1, 7);
    answer.put32(field::answer, kAnswer);
    answer.put32(field::answer_length, 6);
    MessageList wrong = answer;
    wrong.put32(field::target_class, 8);
    CHECK(p.b.iucv(reply, wrong).list.get8(field::code) == 8);
    wrong.put16(field::path, 9);
    CHECK(p.b.iucv(reply, wrong).list.get8(field::code) == 1);
    wrong = answer;
    wrong.put32(field::message_id, 2);
    CHECK(p.b.iucv(reply, wrong).condition == 2);
    wrong = answer;
    wrong.put32(field::answer_length, 0x80000000);
    CHECK(p.b.iucv(reply, wrong).list.get8(field::code) == 10);
    const auto replied = p.b.iucv(reply, answer);
    CHECK(replied.condition == 0);
    CHECK(replied.list.get32(field::answer_length) == 58);
    CHECK(p.b.iucv(reply, answer).condition == 2);
    told = p.a.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].list.get8(field::code) == 7);
    CHECK(told[0].list.get32(field::message_id) == 1);
    CHECK(told[0].list.get32(field::audit) == 0);
    CHECK(told[0].list.get32(field::source_class) == 9);
    CHECK(told[0].list.get32(field::tag) == 0x7A67);
    CHECK(told[0].list.get32(field::answer_length) == 58);
    CHECK(p.a.get(kAnswer, 6) == "ANSWER");
    CHECK(p.host.cp.services().iucv().messages() == 0);
}

TEST_CASE("SEND is refused for each of its reasons") {
    Pair p(0, 0, 3);
    const auto refused = [&](const MessageList& list) {
        const auto result = p.a.iucv(send, list);
        CHECK(result.condition == 1);
        return result.list.get8(field::code);
    };
    CHECK(refused(text(1, 8)) == 1);
    CHECK(refused(text(0, 8, field::priority)) == 4);
    CHECK(refused(text(0, 0x80000000)) == 10);
    CHECK(refused(text(0, kMostMessageBytes + 1)) == 10);
    CHECK(refused(text(0, 8, field::data_in_list)) == 21);
    for (int i = 0; i < 3; ++i) CHECK(p.a.iucv(send, text(0, 8)).condition == 0);
    CHECK(refused(text(0, 8)) == 3);
    // Which a message that comes back changes.
    CHECK(p.b.iucv(reject, on_path(0)).condition == 0);
    CHECK(p.a.iucv(send, text(0, 8)).condition == 0);
    CHECK(p.b.iucv(quiesce, on_path(0)).condition == 0);
    CHECK(refused(text(0, 8)) == 2);
}

TEST_CASE("quiescing and resuming, of one path or of all") {
    Pair p;
    CHECK(p.b.iucv(quiesce, on_path(5)).list.get8(field::code) == 1);
    CHECK(p.b.iucv(resume, on_path(5)).list.get8(field::code) == 1);
    p.b.iucv(quiesce, on_path(0));
    auto told = p.a.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].list.get8(field::code) == 4);
    CHECK(p.a.iucv(send, text(0, 8)).list.get8(field::code) == 2);
    CHECK(p.b.iucv(send, text(0, 8)).condition == 0);
    CHECK(p.a.told().size() == 1);
    p.b.iucv(resume, on_path(9, field::all_paths));
    told = p.a.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].list.get8(field::code) == 5);
    CHECK(p.a.iucv(send, text(0, 8)).condition == 0);
    // However often: only the last that was not presented.
    p.a.enable(0);
    for (int i = 0; i < 9; ++i) p.b.iucv(i % 2 == 0 ? quiesce : resume, on_path(0));
    p.a.enable(2);
    told = p.a.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].list.get8(field::code) == 4);
}

TEST_CASE("a message can be received in parts, and is told by DESCRIBE where nobody is interrupted") {
    Pair p;
    p.disable();
    p.a.put(kData, "ABCDEFGHIJ");
    p.a.iucv(send, text(0, 10));
    CHECK(p.b.iucv(describe).list.get32(field::length) == 10);
    CHECK(p.b.result().list.get8(field::flags) == (field::by_message | field::by_path | field::by_class));
    CHECK(p.b.iucv(describe).condition == 2);
    const auto first = p.b.iucv(receive, room(4));
    CHECK(first.condition == 1);
    CHECK(first.list.get8(field::code) == 5);
    CHECK(first.list.get32(field::length) == 6);
    CHECK(p.b.iucv(receive, room(4)).condition == 2);  // it must be named now
    MessageList rest = first.list;
    rest.put32(field::length, 6);
    CHECK(p.b.iucv(receive, rest).condition == 0);
    CHECK(p.b.get(kData, 10) == "ABCDEFGHIJ");
    CHECK(p.b.iucv(receive, room(4, kData, field::by_message)).program == kSpecification);
    MessageList elsewhere = room(4, kData, field::by_path);
    elsewhere.put16(field::path, 7);
    CHECK(p.b.iucv(receive, elsewhere).list.get8(field::code) == 1);
    CHECK(p.b.iucv(receive, room(0x80000000)).condition == 2);
}

TEST_CASE("a one-way message is complete when it has been received") {
    Pair p;
    p.a.iucv(send, text(0, 8, field::one_way));
    CHECK(p.b.told()[0].list.get8(field::flags) ==
          (field::one_way | field::by_message | field::by_path | field::by_class));
    CHECK(p.a.told().empty());
    CHECK(p.b.iucv(receive, room(8)).condition == 0);
    const auto told = p.a.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].list.get8(field::code) == 7);
    CHECK(told[0].list.get8(field::flags) == field::one_way);
}

TEST_CASE("data in the parameter list, both ways") {
    Pair p(field::data_in_list, field::data_in_list);
    MessageList list = text(0, 0, field::data_in_list);
    list.put(field::list_data, id_of("IN LIST"));
    CHECK(p.a.iucv(send, list).condition == 0);
    auto told = p.b.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].list.get<8>(field::list_data) == id_of("IN LIST"));
    CHECK(p.b.iucv(receive, room(8)).condition == 2);  // which it has been by that
    MessageList answer = identified(0, 1, 7);
    answer.put8(field::flags, field::data_in_list);
    answer.put(field::list_data, id_of("SO IS IT"));
    CHECK(p.b.iucv(reply, answer).condition == 0);
    told = p.a.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].list.get<8>(field::list_data) == id_of("SO IS IT"));
    // Not interrupted, it is received.
    p.disable();
    p.a.iucv(send, list);
    const auto received = p.b.iucv(receive, room(8));
    CHECK(received.condition == 0);
    CHECK(received.list.get8(field::flags) == field::data_in_list);
    CHECK(received.list.get<8>(field::list_data) == id_of("IN LIST"));
}

TEST_CASE("who does not take data in lists, does not as a reply either") {
    Pair p;
    p.a.iucv(send, text(0, 8));
    p.b.iucv(receive, room(8));
    MessageList answer = identified(0, 1, 7);
    answer.put8(field::flags, field::data_in_list);
    CHECK(p.b.iucv(reply, answer).list.get8(field::code) == 21);
    CHECK(p.a.told()[0].list.get32(field::audit) == field::list_reply_refused << 16);
}

TEST_CASE("priority messages and replies go first, each with a type of its own") {
    Pair p(field::priority, field::priority);
    p.disable();
    p.a.iucv(send, text(0, 8));
    p.a.iucv(send, text(0, 8, field::priority));
    p.b.enable(2);
    auto told = p.b.told();
    REQUIRE(told.size() == 2);
    CHECK(told[0].list.get8(field::code) == 8);
    CHECK(told[0].list.get32(field::message_id) == 2);
    CHECK(told[1].list.get8(field::code) == 9);
    p.b.iucv(reply, identified(0, 1, 7));
    p.b.iucv(reply, identified(0, 2, 7));
    p.a.enable(2);
    told = p.a.told();
    REQUIRE(told.size() == 2);
    CHECK(told[0].list.get8(field::code) == 6);
    CHECK(told[1].list.get8(field::code) == 7);
}

TEST_CASE("masks of its own hold back what a machine does not want to be told") {
    Pair p(field::priority, field::priority);
    MessageList mask;
    mask.put8(field::mask, 0x40);  // priority messages only
    CHECK(p.b.iucv(set_mask, mask).condition == 0);
    p.a.iucv(send, text(0, 8));
    CHECK(p.b.told().empty());
    p.a.iucv(send, text(0, 8, field::priority));
    CHECK(p.b.told().size() == 1);
    mask.put8(field::mask, 0xF8);
    p.b.iucv(set_mask, mask);
    CHECK(p.b.told().size() == 1);
    mask.put8(field::mask, 0x20);  // severed paths only
    CHECK(p.b.iucv(set_control_mask, mask).condition == 0);
    p.a.iucv(quiesce, on_path(0));
    CHECK(p.b.told().empty());
    p.a.iucv(sever, on_path(0));
    const auto told = p.b.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].list.get8(field::code) == 3);
    mask.put8(field::mask, 0xFF);
    p.b.iucv(set_control_mask, mask);
    CHECK(p.b.told().size() == 1);  // that it was quiesced
}

TEST_CASE("TEST MESSAGE waits, disabled as it is, until there is something") {
    Pair p;
    p.disable();
    CHECK(p.b.iucv(test_message).program == 0xFFFF);  // it has not ended
    CHECK(p.b.vm().status == VmState::waiting);
    p.a.iucv(send, text(0, 8, field::one_way));
    p.b.run();
    CHECK(p.b.result().program == 0);
    CHECK(p.b.result().condition == 1);
    p.b.iucv(receive, room(8));
    CHECK(p.a.iucv(test_message).condition == 2);
    p.b.iucv(send, text(0, 8));
    CHECK(p.a.iucv(test_message).condition == 3);
    CHECK(p.a.iucv(test_completion).condition == 0);
    CHECK(p.a.iucv(test_message).condition == 1);
}

TEST_CASE("TEST COMPLETION finds what is complete, with an audit trail where something went wrong") {
    Pair p;
    p.disable();
    CHECK(p.a.iucv(test_completion).condition == 2);
    CHECK(p.a.iucv(test_completion, on_path(4, field::by_path)).list.get8(field::code) == 1);
    for (int i = 0; i < 3; ++i) p.a.iucv(send, text(0, 8));
    p.b.iucv(reject, on_path(0));
    p.b.iucv(receive, room(8));
    p.b.iucv(reply, identified(0, 2, 7));
    CHECK(p.a.iucv(test_completion, identified(0, 2, 1, true)).list.get8(field::code) == 8);
    const auto second = p.a.iucv(test_completion, identified(0, 2, 9, true));
    CHECK(second.condition == 0);
    CHECK(second.list.get32(field::answer_length) == 64);
    const auto first = p.a.iucv(test_completion);
    CHECK(first.condition == 3);
    CHECK(first.list.get32(field::message_id) == 1);
    CHECK(first.list.get32(field::audit) == field::rejected << 16);
    CHECK(p.a.iucv(test_completion).condition == 2);
}

TEST_CASE("PURGE withdraws what is not complete, and only one's own") {
    Pair p;
    p.a.iucv(send, text(0, 8));
    p.a.iucv(send, text(0, 8));
    p.b.iucv(send, text(0, 8));
    CHECK(p.a.iucv(purge, on_path(0)).program == kSpecification);
    CHECK(p.a.iucv(purge, on_path(0, field::by_path | field::by_message)).program == kSpecification);
    CHECK(p.a.iucv(purge, on_path(6, field::by_path)).list.get8(field::code) == 1);
    CHECK(p.a.iucv(purge, identified(0, 2, 8, true)).list.get8(field::code) == 8);
    const auto purged = p.a.iucv(purge, identified(0, 2, 9, true));
    CHECK(purged.condition == 0);
    CHECK(purged.list.get32(field::tag) == 0x7A67);
    CHECK(p.a.iucv(purge, identified(0, 2, 9, true)).condition == 2);
    CHECK(p.a.iucv(purge, on_path(0, field::by_path)).condition == 0);
    CHECK(p.a.iucv(purge, on_path(0, field::by_path)).condition == 2);
    CHECK(p.b.iucv(receive, room(8)).condition == 2);
    CHECK(p.host.cp.services().iucv().messages() == 1);  // the other's
}

TEST_CASE("each fault of a transfer has its place in the audit trail") {
    Pair p;
    p.disable();
    struct {
        uint32_t send_at, receive_at, reply_at, answer_at;
        unsigned receives, replies;  // program interruption, or 0x100 and the return code
        unsigned audit;
    } constexpr kFaults[] = {
        {kData, kElsewhere, 0, 0, kProtection, 0, field::receive_protection | field::rejected},
        {kData, 0xFFFFF8, 0, 0, kAddressing, 0, field::receive_addressing | field::rejected},
        {0xFFFFF8, kData, 0, 0, 0x107, 0, field::send_addressing},
        {kData, kData, kAnswer, kElsewhere, 0x100, 0x100, field::answer_protection},
        {kData, kData, kAnswer, 0xFFFFF8, 0x100, 0x100, field::answer_addressing},
        {kData, kData, 0xFFFFF8, kAnswer, 0x100, kAddressing, field::reply_addressing | field::rejected},
    };
    uint32_t id = 0;
    for (const auto& fault : kFaults) {
        CAPTURE(id);
        MessageList list = text(0, 8);
        list.put32(field::buffer, fault.send_at);
        list.put32(field::answer, fault.answer_at);
        CHECK(p.a.iucv(send, list).condition == 0);
        ++id;
        const auto received = p.b.iucv(receive, room(8, fault.receive_at));
        CHECK((received.program != 0 ? received.program : 0x100u + received.list.get8(field::code)) ==
              fault.receives);
        if (fault.reply_at != 0) {
            MessageList answer = identified(0, id, 7);
            answer.put32(field::answer, fault.reply_at);
            answer.put32(field::answer_length, 8);
            const auto replied = p.b.iucv(reply, answer);
            CHECK((replied.program != 0 ? replied.program : 0x100u + replied.list.get8(field::code)) ==
                  fault.replies);
        }
        p.b.iucv(reject, identified(0, id, 7));
        const auto completed = p.a.iucv(test_completion);
        CHECK(completed.condition == 3);
        CHECK(completed.list.get32(field::audit) == fault.audit << 16);
    }
}

TEST_CASE("a reply that is too long is cut, and both are told") {
    Pair p;
    p.a.iucv(send, text(0, 8));
    MessageList answer = identified(0, 1, 7);
    answer.put32(field::answer, kAnswer);
    answer.put32(field::answer_length, 100);
    const auto replied = p.b.iucv(reply, answer);
    CHECK(replied.condition == 1);
    CHECK(replied.list.get8(field::code) == 5);
    CHECK(replied.list.get32(field::answer_length) == 36);
    const auto told = p.a.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].list.get32(field::audit) == field::reply_too_long << 16);
}

TEST_CASE("severing gives back what the other has sent, and withdraws one's own") {
    Pair p;
    p.a.iucv(send, text(0, 8));
    p.b.iucv(send, text(0, 8));
    p.a.told();
    CHECK(p.b.iucv(sever, on_path(0)).condition == 0);
    const auto told = p.a.told();
    REQUIRE(told.size() == 2);
    CHECK(told[0].list.get8(field::code) == 3);
    CHECK(told[1].list.get8(field::code) == 7);
    CHECK(told[1].list.get32(field::audit) == field::severed << 16);
    CHECK(p.a.iucv(receive, room(8)).condition == 2);
    CHECK(p.host.cp.services().iucv().messages() == 0);
}

TEST_CASE("logging off, and loading anew, severs all that a machine has") {
    for (const bool log_off : {true, false}) {
        Pair p;
        p.a.iucv(send, text(0, 8));
        p.b.iucv(send, text(0, 8));
        p.a.told();
        if (log_off) {
            p.b.log_off();
        } else {
            p.host.cp.command(p.b.vm(), "IPL 00C");
            p.a.run();
        }
        const auto told = p.a.told();
        REQUIRE(!told.empty());
        CHECK(told.front().list.get8(field::code) == 3);
        CHECK(p.host.cp.services().iucv().messages() == 0);
        CHECK(p.host.cp.services().iucv().paths() == 1);
        CHECK(p.a.iucv(sever, on_path(0)).condition == 0);
        CHECK(p.host.cp.services().iucv().paths() == 0);
    }
}

TEST_CASE("it is the same however a guest's instructions are executed") {
    struct {
        const char* model;
        Technique technique;
        bool sie;
    } constexpr kWays[] = {
        {"s370-158", Technique::interpretation, false},
        {"s370-158", Technique::binary_translation, false},
        {"s370-158-interpretive", Technique::trap_and_emulate, true},
        {"s370-158-assists", Technique::trap_and_emulate, false},
    };
    for (const auto& way : kWays) {
        CAPTURE(way.model);
        CAPTURE(static_cast<int>(way.technique));
        Host host(16 * simulation::kMebibyte, "round-robin", way.model);
        VmOptions options;
        options.technique = way.technique;
        if (way.sie) options.assists.add(Assist::sie);
        if (std::string(way.model) == "s370-158-assists") {
            options.assists.add(Assist::vma);
            options.assists.add(Assist::evma);
        }
        Agent a(host, "alpha", {}, options), b(host, "beta", allowing(), options);
        CHECK(a.in_problem_state(query).program == kOperation);
        CHECK(a.by_execute(query).r0 == 40);
        CHECK(a.iucv(send).program == kOperation);
        CHECK(a.iucv(declare_buffer, declaration()).condition == 0);
        CHECK(b.iucv(declare_buffer, declaration()).condition == 0);
        a.enable(2);
        b.enable(2);
        CHECK(a.iucv(connect, connection("BETA")).condition == 0);
        CHECK(b.told().size() == 1);
        CHECK(b.iucv(accept, on_path(0)).condition == 0);
        CHECK(a.told().size() == 1);
        a.put(kData, "EITHER WAY");
        CHECK(a.iucv(send, text(0, 10)).condition == 0);
        CHECK(b.told().size() == 1);
        CHECK(b.iucv(receive, room(10)).condition == 0);
        CHECK(b.get(kData, 10) == "EITHER WAY");
    }
}

}  // namespace
}  // namespace vmcp::test
