// Terminals as the screens of displays. Debian's s3270 is the judge of the data stream as well: the same
// random writes and the same random keys must leave the same buffer and make the same input.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include <random>
#include <sstream>

#include "isa/ebcdic.hpp"
#include "tests/simulation/channel_fixture.hpp"
#include "tests/vmcp/s3270.hpp"
#include "vmcp/terminal/display_terminals.hpp"
#include "vmcp/terminal/telnet_3270.hpp"

using namespace channel_test;
using namespace vmcp::terminal;

namespace {

constexpr uint16_t kDisplay = 0x0C0;

struct Screen : Machine {
    Display3277& display =
        channels.attach(kDisplay, std::make_unique<Display3277>(DisplayModel::d3277_2, DisplayTiming{}));
    DisplayTerminals terminals;
    uint16_t port = terminals.serve(display, 0);

    Csw io(uint8_t command, const std::vector<uint8_t>& bytes) {
        std::copy(bytes.begin(), bytes.end(), storage.bytes.begin() + 0x4000);
        ccws({{command, SLI, static_cast<uint16_t>(bytes.size()), 0x4000}});
        REQUIRE(channels.start_io(kDisplay, program).condition_code == 0);
        run();
        return interruption(kDisplay);
    }
    std::vector<uint8_t> read_modified() {
        ccws({{0x06, SLI, 8000, 0x4000}});
        REQUIRE(channels.start_io(kDisplay, program).condition_code == 0);
        run();
        const Csw csw = interruption(kDisplay);
        return {storage.bytes.begin() + 0x4000, storage.bytes.begin() + 0x4000 + 8000 - csw.count};
    }
    S3270 terminal() {
        return S3270([this] { terminals.wait(std::chrono::milliseconds(1)); });
    }
};

/// The buffer as s3270's ReadBuffer shows it: rows of hexadecimal codes, attributes as SF(c0=xx) with ones in
/// front.
std::vector<std::string> rows_of(const DisplayBuffer& buffer) {
    std::vector<std::string> rows;
    for (unsigned row = 0; row < buffer.rows(); ++row) {
        std::string line;
        for (unsigned a = row * buffer.columns(); a < (row + 1) * buffer.columns(); ++a) {
            if (!line.empty()) line += ' ';
            line += buffer.is_attribute(a) ? fmt::format("SF(c0={:02x})", 0xC0 | buffer.attribute(a))
                                           : fmt::format("{:02x}", buffer.character(a));
        }
        rows.push_back(line);
    }
    return rows;
}

/// Where the cursor is, from the status line.
unsigned cursor_of(const S3270::Answer& answer) {
    std::istringstream status(answer.status);
    std::string field;
    unsigned row = 0, column = 0;
    for (unsigned n = 0; n < 8; ++n) status >> field;
    status >> row >> column;
    return row * 80 + column;
}

std::string hex_of(const std::vector<uint8_t>& bytes) {
    std::string hex;
    for (const uint8_t byte : bytes) hex += fmt::format("{:02X}", byte);
    return hex;
}

std::vector<uint8_t> random_stream(std::mt19937& random, bool formatted) {
    const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    std::vector<uint8_t> stream{static_cast<uint8_t>(0xC2 | below(2))};
    const auto address = [&] {
        const unsigned a = below(8) == 0 ? 1919 - below(3) : below(1920);
        stream.push_back(six_bit_code(a >> 6));
        stream.push_back(six_bit_code(a & 0x3F));
    };
    const auto character = [&] {
        constexpr std::string_view kText = "ABC abc 0123*?.";
        stream.push_back(below(12) == 0 ? 0 : isa::to_ebcdic(kText[below(kText.size())]));
    };
    for (unsigned n = below(40) + 1; n != 0; --n) {
        switch (below(8)) {
            case 0:
                stream.push_back(0x11);
                address();
                break;
            case 1:
                if (!formatted) break;
                stream.push_back(0x1D);
                stream.push_back(six_bit_code(below(64) & 0x3D));  // bit 6 is reserved
                break;
            case 2: stream.push_back(0x13); break;
            case 3: stream.push_back(0x05); break;
            case 4:
                stream.push_back(0x3C);
                address();
                character();
                break;
            case 5:
                // s3270 forgets which field it is in behind a program tab, so an address comes between.
                stream.push_back(0x11);
                address();
                stream.push_back(0x12);
                address();
                break;
            default:
                for (unsigned k = below(6); k != 0; --k) character();
        }
    }
    return stream;
}

}  // namespace

TEST_CASE("display terminals: s3270 and our display are of one mind about random data streams" *
          doctest::test_suite("s3270")) {
    if (!S3270::installed()) {
        MESSAGE("skipped: s3270 is not installed");
        return;
    }
    Screen screen;
    S3270 terminal = screen.terminal();
    REQUIRE(terminal.connect(screen.port));
    std::mt19937 random(1);
    for (unsigned n = 0; n < 300; ++n) {
        const bool erase = n % 4 == 0;
        const auto stream = random_stream(random, n % 16 < 12);
        const std::string hex = hex_of(stream);
        CAPTURE(n);
        CAPTURE(hex);
        REQUIRE(screen.io(erase ? 0x05 : 0x01, stream).unit_status == (CE | DE));
        screen.terminals.wait(std::chrono::milliseconds(0));
        REQUIRE(terminal.action("Wait(5,Output)").ok);
        const auto theirs = terminal.action("ReadBuffer(Ebcdic)");
        REQUIRE(theirs.ok);
        const auto ours = rows_of(screen.display.buffer());
        REQUIRE(theirs.data.size() == 24);
        for (unsigned row = 0; row < 24; ++row) {
            CAPTURE(row);
            REQUIRE(theirs.data[row] == ours[row]);
        }
        CHECK(cursor_of(theirs) == screen.display.buffer().cursor());
    }
}

TEST_CASE("display terminals: s3270 and our keyboard are of one mind about random keys" *
          doctest::test_suite("s3270")) {
    if (!S3270::installed()) {
        MESSAGE("skipped: s3270 is not installed");
        return;
    }
    Screen screen;
    S3270 terminal = screen.terminal();
    REQUIRE(terminal.connect(screen.port));
    std::mt19937 random(2);
    const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    // Ours, theirs. (Delete is another thing there: it goes on over the end of the line.)
    constexpr std::pair<const char*, const char*> kKeys[] = {{"TAB", "Tab()"},
                                                             {"BACKTAB", "BackTab()"},
                                                             {"HOME", "Home()"},
                                                             {"NEWLINE", "Newline()"},
                                                             {"UP", "Up()"},
                                                             {"DOWN", "Down()"},
                                                             {"LEFT", "Left()"},
                                                             {"RIGHT", "Right()"},
                                                             {"TAB", "Tab()"},
                                                             {"TAB", "Tab()"},
                                                             {"ERASEEOF", "EraseEOF()"},
                                                             {"ERASEINPUT", "EraseInput()"},
                                                             {"INSERT", "Insert()"}};
    constexpr std::pair<const char*, const char*> kCalls[] = {
        {"ENTER", "Enter()"}, {"PF1", "PF(1)"},     {"PF12", "PF(12)"},  {"PF24", "PF(24)"},
        {"PA1", "PA(1)"},     {"CLEAR", "Clear()"}, {"ENTER", "Enter()"}};
    for (unsigned n = 0; n < 100; ++n) {
        auto stream = random_stream(random, n % 8 != 0);
        stream[0] |= 0x02;
        terminal.action("Ascii(0,0,1)");  // forgets output that it has seen
        screen.io(0x05, stream);
        screen.terminals.wait(std::chrono::milliseconds(0));
        REQUIRE(terminal.action("Wait(5,Output)").ok);
        DisplayBuffer mine = screen.display.buffer();
        REQUIRE(terminal.action("ReadBuffer(Ebcdic)").data == rows_of(mine));
        DisplayKeyboard keyboard(mine, [] {});
        std::string keys;
        CAPTURE(n);
        for (unsigned k = below(12); k != 0; --k) {
            bool done = false;
            S3270::Answer theirs;
            if (below(2) == 0) {
                const char c = "abcXYZ019"[below(9)];
                keys += fmt::format(" {}", c);
                done = keyboard.key(isa::to_ebcdic(c));
                theirs = terminal.action(fmt::format("Key({})", c));
            } else {
                const auto& [ours, action] = kKeys[below(std::size(kKeys))];
                keys += fmt::format(" {}", ours);
                done = keyboard.press(ours);
                theirs = terminal.action(action);
                // Its cursor then goes to the first field even where that has no character.
                if (ours == std::string_view("ERASEINPUT")) {
                    keyboard.press("HOME");
                    theirs = terminal.action("Home()");
                }
            }
            CAPTURE(keys);
            REQUIRE(cursor_of(theirs) == mine.cursor());
            // The first field of the status line: E where the operator has made a mistake.
            REQUIRE((theirs.status.substr(0, 1) == "U") == done);
            if (!done) {
                keyboard.press("RESET");
                REQUIRE(terminal.action("Reset()").ok);
            }
        }
        CAPTURE(keys);
        const auto& [ours, action] = kCalls[below(std::size(kCalls))];
        keyboard.press(ours);
        terminal.action(action);
        for (unsigned wait = 0; wait < 1000 && !screen.channels.pending(); ++wait)
            screen.terminals.wait(std::chrono::milliseconds(5));
        CHECK(screen.interruption(kDisplay).unit_status == kAttention);
        REQUIRE(hex_of(screen.read_modified()) == hex_of(mine.read_modified(false).bytes));
    }
}

TEST_CASE("display terminals: what is on the screen is there for who connects later; one terminal at a time" *
          doctest::test_suite("s3270")) {
    if (!S3270::installed()) {
        MESSAGE("skipped: s3270 is not installed");
        return;
    }
    Screen screen;
    screen.io(0x05, {0xC3, 0x1D, 0x60, 0xC1, 0xC2, 0x1D, 0x40, 0x13});
    {
        S3270 terminal = screen.terminal();
        REQUIRE(terminal.connect(screen.port));
        CHECK(terminal.action("Ascii(0,0,5)").data == std::vector<std::string>{" AB  "});
        S3270 second = screen.terminal();
        second.connect(screen.port);
        CHECK(second.action("Wait(5,Disconnect)").ok);
        CHECK(terminal.action("String(xyz)").ok);
        CHECK(terminal.action("Ascii(0,0,9)").data == std::vector<std::string>{" AB xyz  "});
    }
    for (unsigned n = 0; n < 20; ++n) screen.terminals.wait(std::chrono::milliseconds(5));
    S3270 third = screen.terminal();
    CHECK(third.connect(screen.port));
}

TEST_CASE("display terminals: a port that is taken, a display that is too small") {
    Screen screen;
    DisplayTerminals others;
    CHECK_THROWS_WITH(others.serve(screen.display, screen.port),
                      doctest::Contains("cannot listen for a terminal"));
    Display3277 small(DisplayModel::d3277_1, DisplayTiming{});
    CHECK_THROWS_WITH(others.serve(small, 0), doctest::Contains("24 lines of 80"));
    CHECK(others.empty());
}

// ---- Clients that are no terminals ------------------------------------------------------------------------

namespace {

/// A client of a port that sends and takes what it is told to, and nothing by itself.
class Client {
  public:
    explicit Client(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
        const int small = 4096;
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
    ~Client() { ::close(socket_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// As much as goes at once: how many bytes, or -1.
    ssize_t send(const std::vector<uint8_t>& bytes) const {
        return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    /// What has come; `ended` is set where the other side has closed.
    std::string take(bool& ended) const {
        std::string text(65536, ' ');
        const ssize_t n = ::recv(socket_, text.data(), text.size(), 0);
        ended = n == 0 || (n < 0 && errno != EAGAIN);
        text.resize(n > 0 ? static_cast<size_t>(n) : 0);
        return text;
    }

  private:
    int socket_;
};

const std::vector<uint8_t> kNegotiation{255, 251, 24,  255, 250, 24,  0,   'I', 'B', 'M', '-',
                                        '3', '2', '7', '8', '-', '2', 255, 240, 255, 251, 25,
                                        255, 253, 25,  255, 251, 0,   255, 253, 0};

}  // namespace

TEST_CASE("display terminals: a connection that says nothing loses its place") {
    Screen screen;
    DisplayTerminals terminals(std::chrono::milliseconds(50));
    const uint16_t port = terminals.serve(screen.display, 0);
    const Client silent(port);
    std::string said;
    bool ended = false;
    for (unsigned n = 0; n < 2000 && !ended; ++n) {
        terminals.wait(std::chrono::milliseconds(5));
        said += silent.take(ended);
    }
    CHECK(said == "\xFF\xFD\x18vmcp: no 3270 terminal has answered in time\r\n");
    const Client next(port);
    said.clear();
    for (unsigned n = 0; n < 2000 && said.size() < 3; ++n) {
        terminals.wait(std::chrono::milliseconds(5));
        said += next.take(ended);
    }
    CHECK(said == "\xFF\xFD\x18");

    // Who has said what it is may be silent for as long as it likes.
    next.send(kNegotiation);
    for (unsigned n = 0; n < 100; ++n) terminals.wait(std::chrono::milliseconds(2));
    next.take(ended);
    CHECK_FALSE(ended);
}

TEST_CASE("display terminals: when the display is gone its terminal is told so, and nobody else connects") {
    Machine machine;
    auto display = std::make_unique<Display3277>(DisplayModel::d3277_2, DisplayTiming{});
    Display3277& shown = machine.channels.attach(kDisplay, std::move(display));
    DisplayTerminals terminals;
    const uint16_t port = terminals.serve(shown, 0);
    const Client client(port);
    client.send(kNegotiation);
    std::string said;
    bool ended = false;
    for (unsigned n = 0; n < 50; ++n) {
        terminals.wait(std::chrono::milliseconds(2));
        said += client.take(ended);
    }
    CHECK_FALSE(ended);
    // An operator enters something, and the display goes before it is read.
    client.send({0x7D, 0x40, 0x40, 255, 239});
    machine.channels.detach(kDisplay);
    said.clear();
    for (unsigned n = 0; n < 200 && !ended; ++n) {
        CHECK_FALSE(terminals.wait(std::chrono::milliseconds(2)));
        said += client.take(ended);
    }
    CHECK(ended);
    CHECK(said == "vmcp: the display is gone\r\n");
    const Client late(port);
    bool refused = false;
    late.take(refused);
    CHECK(refused);
}

TEST_CASE("display terminals: a flood that nobody reads the answers of holds up nothing") {
    Screen screen;
    {
        const Client client(screen.port);
        for (unsigned n = 0; n < 5; ++n) screen.terminals.wait(std::chrono::milliseconds(2));
        client.send(kNegotiation);
        // Records that the display has no use for, each of which asks for the whole screen.
        std::vector<uint8_t> flood;
        for (unsigned n = 0; n < 20'000; ++n) flood.insert(flood.end(), {0x60, 255, 239});
        uint64_t sent = 0;
        for (unsigned n = 0; n < 3000; ++n) {
            const ssize_t now = client.send(flood);
            if (now > 0) sent += static_cast<uint64_t>(now);
            screen.terminals.wait(std::chrono::milliseconds(0));
        }
        CHECK(sent > 100'000);
        // What makes us turn it away, while what it was sent before is still on its way.
        client.send({255, 252, 24});
        for (unsigned n = 0; n < 50; ++n) screen.terminals.wait(std::chrono::milliseconds(1));
    }
    for (unsigned n = 0; n < 50; ++n) screen.terminals.wait(std::chrono::milliseconds(1));
    const Client next(screen.port);
    std::string said;
    bool ended = false;
    for (unsigned n = 0; n < 1000 && said.size() < 3; ++n) {
        screen.terminals.wait(std::chrono::milliseconds(2));
        said += next.take(ended);
    }
    CHECK(said == "\xFF\xFD\x18");
}

TEST_CASE("display terminals: each wait reads a part of a flood, and no more") {
    Screen screen;
    const Client client(screen.port);
    constexpr size_t kAll = 1 << 20, kOfWait = 16 * 4096;
    const std::vector<uint8_t> bytes(kAll, 0x40);  // no record ever ends
    uint64_t sent = 0;
    for (unsigned n = 0; n < 200; ++n) {
        screen.terminals.wait(std::chrono::milliseconds(0));
        const ssize_t now = client.send(bytes);
        if (now > 0) sent += static_cast<uint64_t>(now);
    }
    // What the kernel holds of it, and what was read.
    constexpr uint64_t kKernel = 16 << 20;
    CHECK(sent <= 200 * kOfWait + kKernel);
}

// ---- The telnet side, byte by byte ------------------------------------------------------------------------

namespace {

using Bytes = std::vector<uint8_t>;

struct Line {
    Bytes sent;
    std::vector<Bytes> records;
    unsigned readies = 0;
    Telnet3270 telnet{{[this](std::span<const uint8_t> b) { sent.insert(sent.end(), b.begin(), b.end()); },
                       [this] { ++readies; },
                       [this](std::span<const uint8_t> b) { records.emplace_back(b.begin(), b.end()); }}};

    Bytes answer(const Bytes& bytes) {
        sent.clear();
        CHECK(telnet.receive(bytes));
        return sent;
    }
    void negotiate() {
        telnet.begin();
        answer({255, 251, 24});
        answer({255, 250, 24, 0, 'I', 'B', 'M', '-', '3', '2', '7', '8', '-', '2', 255, 240});
        answer({255, 251, 25, 255, 253, 25, 255, 251, 0, 255, 253, 0});
    }
};

}  // namespace

TEST_CASE("TN3270: the options, in the order of RFC 1576") {
    Line line;
    line.telnet.begin();
    CHECK(line.sent == Bytes{255, 253, 24});
    CHECK(line.answer({255, 251, 24}) == Bytes{255, 250, 24, 1, 255, 240});
    CHECK(line.answer({255, 250, 24, 0, 'I', 'B', 'M', '-', '3', '2', '7', '8', '-', '2', 255, 240}) ==
          Bytes{255, 253, 25, 255, 251, 25, 255, 253, 0, 255, 251, 0});
    CHECK(line.telnet.terminal_type() == "IBM-3278-2");
    CHECK(line.answer({255, 251, 25, 255, 253, 25, 255, 251, 0}).empty());
    CHECK_FALSE(line.telnet.ready());
    CHECK(line.answer({255, 253, 0}).empty());
    CHECK(line.telnet.ready());
    CHECK(line.readies == 1);
}

TEST_CASE("TN3270: records, with X'FF' doubled, in any pieces") {
    Line line;
    line.negotiate();
    const Bytes bytes{0x7D, 0x40, 255, 255, 0x40, 255, 239, 0x6D, 255, 239};
    for (const uint8_t byte : bytes) line.telnet.receive({&byte, 1});
    CHECK(line.records == std::vector<Bytes>{{0x7D, 0x40, 255, 0x40}, {0x6D}});
    line.sent.clear();
    line.telnet.send_record(Bytes{0xF1, 255, 0xC3});
    CHECK(line.sent == Bytes{0xF1, 255, 255, 0xC3, 255, 239});
}

TEST_CASE("TN3270: other options are refused, other commands passed over") {
    Line line;
    line.negotiate();
    CHECK(line.answer({255, 251, 1}) == Bytes{255, 254, 1});
    CHECK(line.answer({255, 253, 6}) == Bytes{255, 252, 6});
    CHECK(line.answer({255, 241, 255, 244, 255, 252, 1}).empty());
    CHECK(line.readies == 1);
}

TEST_CASE("TN3270: what is no 3270 is turned away") {
    const auto reason = [](const Bytes& bytes) {
        Line line;
        line.telnet.begin();
        CHECK_FALSE(line.telnet.receive(bytes));
        return line.telnet.reason();
    };
    CHECK(reason({255, 252, 24}) == "it does not tell what terminal it is");
    CHECK(reason({255, 250, 24, 0, 'V', 'T', '1', '0', '0', 255, 240}) ==
          "a 3270 terminal is needed, and it says that it is something else");
    CHECK(reason({255, 252, 25}) == "it does not send binary records");
    Bytes endless{255, 250};
    endless.resize(100'000, 'x');
    CHECK(reason(endless) == "a record grows without end");
}

TEST_CASE("TN3270: any bytes do no harm") {
    std::mt19937 random(3);
    for (unsigned n = 0; n < 300; ++n) {
        Line line;
        line.negotiate();
        Machine m;
        auto& display = m.channels.attach(
            kDisplay, std::make_unique<Display3277>(DisplayModel::d3277_2, DisplayTiming{}));
        Bytes bytes(random() % 200);
        for (uint8_t& byte : bytes)
            byte = random() % 3 == 0 ? static_cast<uint8_t>(239 + random() % 17)
                                     : static_cast<uint8_t>(random());
        line.telnet.receive(bytes);
        for (const Bytes& record : line.records) {
            display.keyboard().reset();
            display.enter_stream(record);
        }
        CHECK(display.buffer().cursor() < 1920);
    }
}
