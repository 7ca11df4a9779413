// Adapters and the switch between them; the console.
#include <doctest/doctest.h>

#include <numeric>

#include "tests/vmcp/rings/ring_driver.hpp"

namespace vmcp::test {
namespace {

constexpr uint32_t kIn = 0x1000, kOut = 0x2000, kBuffers = 0x8000, kFrame = 0x7000;

MacAddress address(uint8_t n) { return {0x02, 0, 0, 0, 0, n}; }

/// A machine with an adapter, buffers for frames and one for sending.
struct Peer {
    Peer(IoHost& host, uint8_t n, unsigned buffers = 4)
        : machine(host, {described(n)}, {}, "peer" + std::to_string(n)),
          in(machine, 0, 0, kIn, 16),
          out(machine, 0, 1, kOut, 16),
          number(n) {
        bring_up({&in, &out});
        for (unsigned i = 0; i < buffers; ++i) give_buffer();
    }
    static RingDescription described(uint8_t n) {
        RingDescription one = ring_of(RingKind::network);
        one.mac = address(n);
        return one;
    }
    void give_buffer() { in.offer({{kBuffers + 2048u * (given++ % 16), 1514, true}}); }
    void send(const MacAddress& to, const MacAddress& from, const Bytes& payload) {
        Bytes frame(to.begin(), to.end());
        frame.insert(frame.end(), from.begin(), from.end());
        frame.push_back(0x88);
        frame.push_back(0xB5);
        frame.insert(frame.end(), payload.begin(), payload.end());
        put_storage(*machine.vm, kFrame, frame);
        out.offer({{kFrame, static_cast<uint32_t>(frame.size()), false}});
        out.ring();
    }
    void send(uint8_t to, const Bytes& payload) { send(address(to), address(number), payload); }
    /// The payload of the frame that came as the n-th.
    Bytes got(uint16_t n) {
        const auto [head, bytes] = in.entry(n);
        return get_bytes(*machine.vm, kBuffers + 2048u * (n % 16) + 14, bytes - 14);
    }

    RingMachine machine;
    QueueDriver in, out;
    uint8_t number;
    unsigned given = 0;
};

Bytes counted(uint32_t n, uint8_t from) {
    Bytes b(n);
    std::iota(b.begin(), b.end(), from);
    return b;
}

TEST_CASE("a frame goes to whom it is for, or to all") {
    IoHost host;
    Peer a(host, 1), b(host, 2), c(host, 3);
    a.send(2, counted(60, 1));
    a.machine.rest();
    CHECK(b.in.used_index() == 1);
    CHECK(b.got(0) == counted(60, 1));
    CHECK(c.in.used_index() == 0);
    CHECK(b.machine.vm->rings->signals());
    c.send({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, address(3), counted(1500, 9));
    c.machine.rest();
    CHECK(a.got(0) == counted(1500, 9));
    CHECK(b.got(1) == counted(1500, 9));
    CHECK(c.in.used_index() == 0);
    CHECK(c.out.used_index() == 1);
}

TEST_CASE("what nobody takes is dropped and counted, and harms nobody") {
    IoHost host;
    Peer a(host, 1), b(host, 2, 0);
    a.send(9, counted(60, 1));                       // nobody has that address
    a.send(address(2), address(9), counted(60, 1));  // and this is not the sender's
    a.send(2, counted(1501, 1));                     // too long
    put_storage(*a.machine.vm, kFrame, Bytes(13));
    a.out.offer({{kFrame, 13, false}});  // too short
    a.out.ring();
    CHECK(a.out.used_index() == 4);
    CHECK(a.machine.device().counts().refused == 4);
    // A partner without buffers keeps 64.
    for (unsigned i = 0; i < 70; ++i) a.send(2, counted(10, static_cast<uint8_t>(i)));
    a.machine.rest();
    CHECK(a.machine.device().counts().refused == 10);
    CHECK(b.in.used_index() == 0);
    for (unsigned i = 0; i < 8; ++i) b.give_buffer();
    b.in.ring();
    b.machine.rest();
    CHECK(b.in.used_index() == 8);
    CHECK(b.got(7) == counted(10, 7));
    // One that is too small for the frame comes back empty.
    b.in.offer({{kBuffers, 20, true}});
    b.in.ring();
    CHECK(b.in.entry(8).second == 0);
    CHECK(b.machine.device().live());
}

TEST_CASE("who receives pays for what he gets, who sends for what he sends") {
    IoHost host(2 * simulation::kMebibyte, 0, false);
    Peer a(host, 1), b(host, 2);
    const SimTime before = b.machine.vm->account.control_program;
    const SimTime sender = a.machine.vm->account.control_program;
    a.send(2, counted(1500, 1));
    CHECK(b.machine.vm->account.control_program == before);
    CHECK(a.machine.vm->account.control_program > sender);
    const SimTime sent = a.machine.vm->account.control_program;
    a.machine.rest();
    CHECK(b.in.used_index() == 1);
    CHECK(a.machine.vm->account.control_program == sent);
    CHECK(b.machine.vm->account.of(Cause::rings).time > 0);
}

TEST_CASE("an address is one adapter's, until it goes") {
    IoHost host;
    auto a = std::make_unique<Peer>(host, 1);
    CHECK_THROWS_WITH_AS(RingMachine(host, {Peer::described(1)}), doctest::Contains("02:00:00:00:00:01"),
                         std::invalid_argument);
    Peer b(host, 2);
    b.send(1, counted(10, 1));
    host.cp.log_off(*a->machine.vm);
    while (host.step()) {
    }
    b.send(1, counted(10, 1));
    CHECK(b.machine.device().counts().refused == 1);
    Peer again(host, 1);
    b.send(1, counted(10, 1));
    b.machine.rest();
    CHECK(again.in.used_index() == 1);
}

TEST_CASE("frames that wait for a machine are forgotten when it resets its adapter") {
    IoHost host;
    Peer a(host, 1), b(host, 2);
    a.send(2, counted(10, 1));
    REQUIRE(b.machine.device().set_status(0) == RingRefusal::none);
    put_storage(*b.machine.vm, 0, Bytes(kRingStorage, 0xEE));
    a.machine.rest();
    CHECK(storage_of(*b.machine.vm) == Bytes(kRingStorage, 0xEE));
}

// ---- The console ----

Bytes ebcdic(std::string_view text) {
    Bytes b;
    for (const char c : text) b.push_back(c == '\n' ? uint8_t{0x15} : isa::to_ebcdic(c));
    return b;
}

struct Console {
    Console()
        : machine(host, {ring_of(RingKind::console)}), in(machine, 0, 0, kIn), out(machine, 0, 1, kOut) {
        bring_up({&in, &out});
    }
    void type(std::string_view text) {
        const Bytes bytes = ebcdic(text);
        put_storage(*machine.vm, kFrame, bytes);
        out.offer({{kFrame, static_cast<uint32_t>(bytes.size()), false}});
        out.ring();
    }
    IoHost host;
    RingMachine machine;
    QueueDriver in, out;
};

TEST_CASE("lines go out as they end, or are full") {
    Console c;
    c.type("HELLO\nWOR");
    CHECK(c.machine.console == std::vector<std::string>{"HELLO"});
    c.type("LD\n\n");
    CHECK(c.machine.console == std::vector<std::string>{"HELLO", "WORLD", ""});
    c.type(std::string(140, 'A'));
    CHECK(c.machine.console.back() == std::string(132, 'A'));
    CHECK(c.machine.device().counts().bytes == 9 + 4 + 140);
}

TEST_CASE("a line that is typed comes into the next buffer") {
    Console c;
    c.machine.vm->io.devices.console->enter("first");
    c.machine.vm->io.devices.console->enter("second");
    c.machine.rest();
    CHECK(c.in.used_index() == 0);
    c.in.offer({{kBuffers, 80, true}});
    c.in.offer({{kBuffers + 100, 4, true}});
    c.in.ring();
    CHECK(c.in.used_index() == 2);
    CHECK(c.in.entry(0).second == 6);
    CHECK(get_bytes(*c.machine.vm, kBuffers, 6) == ebcdic("first\n"));
    CHECK(get_bytes(*c.machine.vm, kBuffers + 100, 4) == ebcdic("sec\n"));
    c.in.offer({{kBuffers, 80, true}});
    c.machine.vm->io.devices.console->enter("third");
    c.machine.rest();
    CHECK(get_bytes(*c.machine.vm, kBuffers, 6) == ebcdic("third\n"));
    CHECK(c.machine.vm->rings->signals());
    // Nobody drives it: lines go where they always went.
    REQUIRE(c.machine.device().set_status(0) == RingRefusal::none);
    c.machine.vm->io.devices.console->enter("fourth");
    CHECK(c.machine.vm->io.devices.console->lines_waiting() == 1);
}

}  // namespace
}  // namespace vmcp::test
