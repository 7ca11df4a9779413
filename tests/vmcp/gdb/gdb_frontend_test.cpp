// Requests and answers, without gdb: what gdb makes of them is tests/cli/gdb.py's business.
#include "vmcp/gdb/gdb_frontend.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "tests/vmcp/gdb/fake_session.hpp"
#include "vmcp/gdb/packet.hpp"

namespace vmcp::gdb::test {
namespace {

using debug::Resume;
using debug::Stop;
using debug::Stopped;

/// gdb's end of a line, and the front end at the other one.
class Line {
  public:
    explicit Line(const std::string& machine = "") {
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()) == 0);
        connection = std::make_unique<Connection>(ends_[1], ends_[1]);
        frontend = std::make_unique<GdbFrontend>(*connection, machine);
    }
    ~Line() { hang_up(); }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    void hang_up() {
        if (ends_[0] >= 0) ::close(ends_[0]);
        ends_[0] = -1;
    }
    void send(std::string_view bytes) const {
        REQUIRE(::send(ends_[0], bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    }
    /// Everything that has been answered: payloads, a line each.
    std::string answers() {
        std::array<char, 4096> buffer;
        for (ssize_t n; (n = ::recv(ends_[0], buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0;)
            reader_.receive({buffer.data(), static_cast<std::size_t>(n)});
        std::string text;
        while (const auto one = reader_.next())
            if (one->kind == Received::Kind::packet) text += one->payload + "\n";
        return text;
    }
    /// What is answered to requests, the last of which must let the run go on; `goes_on` is how.
    std::string ask(const std::vector<std::string>& requests, const Stopped& why = {}) {
        for (const std::string& request : requests) send(packet_of(request));
        send(packet_of("c"));
        goes_on = frontend->stopped(session, why);
        return answers();
    }
    std::string ask_one(const std::string& request) { return ask({std::vector<std::string>{request}}); }

    FakeSession session;
    std::unique_ptr<Connection> connection;
    std::unique_ptr<GdbFrontend> frontend;
    Resume goes_on;

  private:
    std::array<int, 2> ends_{};
    PacketReader reader_;
};

Stopped at_stop(Stop::Kind kind, uint32_t address, const std::string& text = "") {
    Stopped why;
    why.why = Stopped::Why::stop;
    why.stop = Stop();
    why.stop->kind = kind;
    why.stop->address = address;
    why.text = text;
    return why;
}

std::string said(const std::string& text) { return "O" + hex_of(std::string_view(text)) + "\n"; }

}  // namespace

TEST_CASE("gdb is told what this can do") {
    Line line;
    const std::string answer = line.ask_one("qSupported:swbreak+;xmlRegisters=i386");
    CHECK(answer.find("ReverseStep+;ReverseContinue+") != std::string::npos);
    CHECK(answer.find("QStartNoAckMode+;qXfer:features:read+;swbreak+") != std::string::npos);
    CHECK(line.goes_on.kind == Resume::Kind::stop);
    CHECK_FALSE(line.goes_on.backward);
    CHECK(line.ask({"?", "qAttached", "vMustReplyEmpty", "vCont?", "H0", "qfThreadInfo"}) ==
          "T05\nT05\n0\n\nvCont;c;C;s;S\nOK\nm1\n");
}

TEST_CASE("the target description goes over in pieces") {
    Line line;
    std::string xml;
    for (int piece = 0; piece < 100; ++piece) {
        std::string answer = line.ask_one(fmt::format("qXfer:features:read:target.xml:{:x},100", xml.size()));
        const auto begin = answer.find_first_of("ml");  // behind the stop reply, from the second on
        answer = answer.substr(begin, answer.size() - begin - 1);
        xml += answer.substr(1);
        if (answer.front() == 'l') break;
    }
    CHECK(xml.ends_with("</target>\n"));
    CHECK(xml.starts_with("<?xml"));
    CHECK(line.ask({"qXfer:features:read:other.xml:0,10", "qXfer:auxv:read::0,10"}).ends_with("E00\n\n"));
}

TEST_CASE("registers are read and written") {
    Line line;
    line.session.held.gpr[2] = 0xABCD;
    const std::string all = line.ask_one("g");
    CHECK(all.size() == 2 * (4 * 18 + 4 * 17 + 8 * 16 + 4 * 16 + 8) + 1);
    CHECK(all.substr(2 * 4 * 4, 8) == "0000abcd");
    CHECK(line.ask({"p4", "p44", "pzz", "P4=00000005", "P12=00000005"}) ==
          "T05\n0000abcd\nE01\nE01\nOK\nE01\n");
    REQUIRE(line.session.alterations.size() == 1);
    CHECK(line.session.alterations[0].number == 2);
    CHECK(line.session.alterations[0].value == 5);
    // All at once: only what differs is altered, and an absent one is no error.
    std::string changed = all.substr(0, all.size() - 1);
    changed.replace(2 * 4 * 5, 8, "00000009");
    CHECK(line.ask_one("G" + changed) == "T05\nOK\n");
    REQUIRE(line.session.alterations.size() == 2);
    CHECK(line.session.alterations[1].number == 3);
    line.session.refusal = "no";
    CHECK(line.ask_one("P4=00000006") == "T05\nE.no\n");
    line.session.on = false;
    CHECK(line.ask_one("p4") == "T05\n0000abcd\n");  // the real machine is always there
}

TEST_CASE("a virtual machine that is not logged on has no registers and no storage") {
    Line line("GUEST");
    line.session.on = false;
    Stopped stopped;
    stopped.why = Stopped::Why::arrived;
    CHECK(line.ask({"p4", "m0,4"}, stopped) == "xxxxxxxx\nE01\n");
    // gdb is not shown the run before the machine is there.
    const Resume first = line.frontend->stopped(line.session, {});
    CHECK(first.kind == Resume::Kind::instruction);
    CHECK(first.machine == 1);
    CHECK(line.answers().empty());
}

TEST_CASE("storage is read and written, and ends somewhere") {
    Line line;
    line.session.storage[0x100] = 0x12;
    line.session.storage[0x101] = 0x34;
    CHECK(line.ask({"m100,2", "m80000100,2", "m1ffe,8", "m2000,1", "m100", "m0,ffffffff"}) ==
          "1234\n1234\n0000\nE01\nE01\nE01\n");
    CHECK(line.ask({"M100,2:5678", "M100,2:56", "X100,1:", "X0,0:", "X101,2:a#"}) ==
          "T05\nOK\nE01\nE01\nOK\nOK\n");
    REQUIRE(line.session.alterations.size() == 2);
    CHECK(line.session.alterations[0].at == 0x100);
    CHECK(line.session.alterations[0].bytes == std::vector<uint8_t>{0x56, 0x78});
    CHECK(line.session.alterations[1].bytes == std::vector<uint8_t>{'a', '#'});
}

TEST_CASE("breakpoints and watchpoints are stops, each once") {
    Line line("GUEST");
    CHECK(line.ask({"Z0,420,4", "Z0,420,4", "Z1,430,2", "Z2,500,8", "Z3,500,8", "Z4,500,8", "Z9", "Z0,"}) ==
          "OK\nOK\nOK\nOK\n\n\n\n\n");
    REQUIRE(line.session.all.size() == 3);
    CHECK(line.session.all[0].kind == Stop::Kind::address);
    CHECK(line.session.all[0].machine == 1);
    CHECK(line.session.all[0].address == 0x420);
    CHECK(line.session.all[2].kind == Stop::Kind::change);
    CHECK(line.session.all[2].length == 8);
    CHECK(line.ask({"z2,500,4", "z2,500,8", "z0,420,4", "z0,420,4"}) == "T05\nOK\nOK\nOK\nOK\n");
    CHECK(line.session.all.size() == 1);
}

TEST_CASE("the run goes on as gdb asks") {
    Line line("GUEST");
    const auto goes = [&](const std::string& request) {
        line.send(packet_of(request));
        line.goes_on = line.frontend->stopped(line.session, {});
        return std::pair(line.goes_on.kind, line.goes_on.backward);
    };
    CHECK(goes("s") == std::pair(Resume::Kind::instruction, false));
    CHECK(line.goes_on.machine == 1);
    CHECK(goes("vCont;s:1;c") == std::pair(Resume::Kind::instruction, false));
    CHECK(goes("vCont;c") == std::pair(Resume::Kind::stop, false));
    CHECK(goes("C05") == std::pair(Resume::Kind::stop, false));
    CHECK(goes("bs") == std::pair(Resume::Kind::instruction, true));
    CHECK(goes("bc") == std::pair(Resume::Kind::stop, true));
    CHECK(goes("k").first == Resume::Kind::leave);
    CHECK(line.session.alterations.empty());
    CHECK(goes("s420").first == Resume::Kind::instruction);
    CHECK(line.session.alterations.size() == 1);
    line.hang_up();
    CHECK(line.frontend->stopped(line.session, {}).kind == Resume::Kind::leave);
}

TEST_CASE("gdb is told why it stopped") {
    Line line;
    const auto told = [&](const Stopped& why) { return line.ask({}, why); };
    line.ask_one("qSupported:swbreak+");
    CHECK(told(at_stop(Stop::Kind::address, 0x420)) == "T05swbreak:;\n");
    CHECK(told(at_stop(Stop::Kind::change, 0x500)) == "T05watch:500;\n");
    CHECK(told(at_stop(Stop::Kind::supervisor_call, 0, "SVC 5")) == said("SVC 5\n") + "T05\n");
    Stopped why;
    why.why = Stopped::Why::no_history;
    CHECK(told(why) == "T05replaylog:begin;\n");
    why.why = Stopped::Why::interrupted;
    CHECK(told(why) == "T02\n");
    why.why = Stopped::Why::ended;
    why.text = "  disabled wait";
    CHECK(told(why) == said("disabled wait\n") + "T05replaylog:end;\n");
    // Behind the end is nothing.
    const Resume last = line.frontend->stopped(line.session, why);
    CHECK(last.kind == Resume::Kind::leave);
    CHECK(line.answers() == "W00\n");
}

TEST_CASE("what another process needs to go on with gdb is handed on") {
    Line line;
    line.send(packet_of("QStartNoAckMode") + packet_of("bc") + packet_of("p0") + "\x03");
    CHECK(line.frontend->stopped(line.session, {}).backward);
    CHECK(line.frontend->wants_to_stop());
    CHECK_FALSE(line.frontend->wants_to_stop());
    const nlohmann::json saved = line.frontend->save();
    line.answers();
    GdbFrontend other(*line.connection, "");
    line.connection->go_on_with("", false);
    other.restore(nlohmann::json::parse(saved.dump()));
    line.send("$s#00");  // the line is still one without checksums
    CHECK(other.stopped(line.session, at_stop(Stop::Kind::change, 8)).kind == Resume::Kind::instruction);
    CHECK(line.answers() == "T05watch:8;\n00080000\n");
}

TEST_CASE("who detaches lets the run go on to its end") {
    Line line;
    line.ask({"Z0,420,4"});
    line.send(packet_of("D"));
    CHECK(line.frontend->stopped(line.session, {}).kind == Resume::Kind::stop);
    CHECK(line.session.all.empty());
    line.hang_up();
    CHECK_FALSE(line.frontend->wants_to_stop());
    Stopped why;
    why.why = Stopped::Why::ended;
    CHECK(line.frontend->stopped(line.session, why).kind == Resume::Kind::leave);
}

TEST_CASE("monitor answers on gdb's terminal") {
    Line line;
    const auto answer = [&](const std::string& command) {
        const std::string text = line.ask_one("qRcmd," + hex_of(std::string_view(command)));
        const auto begin = text.find('O'), end = text.find("\nOK\n");
        if (begin >= end || text[begin + 1] == 'K') return std::string();
        return bytes_of_hex(text.substr(begin + 1, end - begin - 1)).value_or("?");
    };
    CHECK(answer("console") == "HELLO\nWORLD\n");
    const std::vector<uint8_t> code = {0x9C, 0x00, 0x00, 0x09, 0x07, 0xFE};
    std::copy(code.begin(), code.end(), line.session.storage.begin() + 0x420);
    CHECK(answer("display i 420 2") == "000420  9C000009      SIO   9\n000424  07FE          BR    14\n");
    CHECK(answer("display i420") == "000420  9C000009      SIO   9\n");
    CHECK(answer("display iLOOP") == "000420  9C000009      SIO   9\n");
    CHECK(answer("display 420 4").starts_with("000420  9C000009"));
    CHECK(answer("display 3000") == "003000: no storage there\n");
    CHECK(answer("display x").starts_with("display: expected an address"));
    CHECK(answer("where").starts_with("at @12.3, 1.500 us"));
    line.session.entries = {{{3, 1}, 100, 0, "SIO 009 traps", false},
                            {{3, 2}, 120, 0, "SIO simulated", true}};
    CHECK(answer("explain") == "real machine at 100 ns, instruction 3: SIO 009 traps; SIO simulated\n");
    CHECK(answer("log 1").find("SIO simulated") != std::string::npos);
    CHECK(answer("stop svc 13") == "stop 1\n");
    CHECK(line.session.all[0].number == 13);
    CHECK(answer("clear 1") == "stop 1 is gone\n");
    CHECK(answer("stop sometimes").starts_with("stop: expected svc [N]"));
    CHECK(answer("nonsense").starts_with("nonsense: no command of this monitor"));
    CHECK(answer("type LOGON").empty());
    CHECK(line.session.alterations.back().text == "LOGON");
    CHECK(answer("psw").starts_with("PSW 00000000 00000000: BC mode, supervisor state"));
}

TEST_CASE("addresses to listen at") {
    CHECK(ListenAddress::parse(":3333").address == "127.0.0.1");
    CHECK(ListenAddress::parse("3333").port == 3333);
    CHECK(ListenAddress::parse("localhost:1").address == "127.0.0.1");
    CHECK(ListenAddress::parse("0.0.0.0:65535").address == "0.0.0.0");
    for (const char* wrong : {"", ":", "x", ":70000", "host.name:1", ":-1", ":33x"})
        CHECK_THROWS_AS(ListenAddress::parse(wrong), std::runtime_error);
    const Listener listener(ListenAddress::parse(":0"));
    CHECK(listener.port() > 0);
    ListenAddress taken;
    taken.port = listener.port();
    CHECK_THROWS_AS(Listener{taken}, std::runtime_error);
}

}  // namespace vmcp::gdb::test
