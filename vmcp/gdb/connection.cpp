#include "vmcp/gdb/connection.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace vmcp::gdb {
namespace {

constexpr unsigned kMostPort = 65535;
/// A Ctrl-C that comes right before the waiting begins is seen so many milliseconds later.
constexpr int kPatience = 300;

[[noreturn]] void fail(const ListenAddress& at, const char* what) {
    throw std::runtime_error(
        fmt::format("--gdb {}:{}: {}: {}", at.address, at.port, what, std::strerror(errno)));
}

}  // namespace

ListenAddress ListenAddress::parse(const std::string& text) {
    const auto refuse = [&](const char* expected) {
        throw std::runtime_error(fmt::format("--gdb {}: expected {}", text, expected));
    };
    ListenAddress at;
    const std::size_t colon = text.rfind(':');
    const std::string port = colon == std::string::npos ? text : text.substr(colon + 1);
    if (colon != std::string::npos && colon > 0) at.address = text.substr(0, colon);
    if (at.address == "localhost") at.address = "127.0.0.1";
    if (port.empty() || port.size() > 5 ||
        !std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; }) ||
        std::stoul(port) > kMostPort)
        refuse("a port, 0 to 65535, perhaps behind an address and a colon: :3333");
    at.port = static_cast<unsigned>(std::stoul(port));
    in_addr ignored;
    if (inet_pton(AF_INET, at.address.c_str(), &ignored) != 1)
        refuse("an IPv4 address before the colon, such as 127.0.0.1");
    return at;
}

Listener::Listener(const ListenAddress& at) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (socket_ < 0) fail(at, "no socket");
    const int yes = 1;
    ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(at.port));
    inet_pton(AF_INET, at.address.c_str(), &address.sin_addr);
    socklen_t length = sizeof address;
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), length) != 0 ||
        ::listen(socket_, 1) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
        const int error = errno;
        ::close(socket_);
        errno = error;
        fail(at, "cannot listen there");
    }
    port_ = ntohs(address.sin_port);
}

Listener::~Listener() { ::close(socket_); }

int Listener::accept(const std::function<bool()>& interrupted) const {
    pollfd caller{socket_, POLLIN, 0};
    while (::poll(&caller, 1, kPatience) <= 0)
        if (interrupted && interrupted()) return -1;
    const int line = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (line < 0)
        throw std::runtime_error(fmt::format("--gdb: nobody can be let in: {}", std::strerror(errno)));
    const int yes = 1;
    ::setsockopt(line, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return line;
}

Connection::~Connection() {
    ::close(in_);
    if (out_ != in_) ::close(out_);
}

bool Connection::read(bool wait) {
    pollfd one{in_, POLLIN, 0};
    while (::poll(&one, 1, wait ? kPatience : 0) <= 0) {
        if (wait && interrupted_ && interrupted_()) gone_ = true;
        if (!wait || gone_) return false;
    }
    std::array<char, 4096> buffer;
    const ssize_t n = ::read(in_, buffer.data(), buffer.size());
    if (n <= 0) {
        gone_ = true;
        return false;
    }
    reader_.receive({buffer.data(), static_cast<std::size_t>(n)});
    return true;
}

void Connection::write(std::string_view bytes) {
    while (!bytes.empty() && !gone_) {
        // A line that has broken is no reason for a signal; send() is for sockets only.
        ssize_t n = ::send(out_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n < 0 && errno == ENOTSOCK) n = ::write(out_, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0)
            gone_ = true;
        else
            bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

std::optional<std::string> Connection::next() {
    while (!gone_) {
        std::optional<Received> received = reader_.next();
        if (!received) {
            read(true);
            continue;
        }
        switch (received->kind) {
            case Received::Kind::packet:
                if (!trusted()) write("+");
                return std::move(received->payload);
            case Received::Kind::damaged:
                if (!trusted()) write("-");
                break;
            case Received::Kind::refused: write(last_); break;
            case Received::Kind::acknowledged: last_.clear(); break;
            case Received::Kind::interrupt: break;  // it stands still
        }
    }
    return std::nullopt;
}

void Connection::send(std::string_view payload) {
    last_ = packet_of(payload);
    write(last_);
}

bool Connection::wants_to_stop() {
    while (!gone_ && read(false)) {
    }
    if (interrupted_ && interrupted_()) gone_ = true;
    return reader_.take_interrupts() || gone_;
}

void Connection::trust() { reader_.checks = false; }

void Connection::go_on_with(std::string_view rest, bool trusted) {
    reader_ = PacketReader();
    reader_.receive(rest);
    reader_.checks = !trusted;
    last_.clear();
}

}  // namespace vmcp::gdb
