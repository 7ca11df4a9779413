// Any bytes at all as what gdb sends: each request is answered or refused, and the run is told how to go on.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "tests/vmcp/gdb/fake_session.hpp"
#include "vmcp/gdb/gdb_frontend.hpp"
#include "vmcp/gdb/packet.hpp"

namespace {

/// The input's lines become packets, for no checksum is ever guessed.
std::string requests_of(std::string_view text) {
    std::string bytes;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        bytes += vmcp::gdb::packet_of(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace vmcp;
    if (size > 16384) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    gdb::PacketReader reader;
    reader.receive(text);
    while (reader.next()) {
    }
    std::array<int, 2> ends;
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) != 0) std::abort();
    {
        gdb::Connection connection(ends[1], ends[1]);
        gdb::GdbFrontend frontend(connection, "");
        gdb::test::FakeSession session;
        const std::string bytes = requests_of(text);
        (void)!::write(ends[0], bytes.data(), bytes.size());
        ::shutdown(ends[0], SHUT_WR);
        for (int round = 0; round < 1000; ++round)
            if (frontend.stopped(session, {}).kind == debug::Resume::Kind::leave) break;
    }
    ::close(ends[0]);
    return 0;
}
