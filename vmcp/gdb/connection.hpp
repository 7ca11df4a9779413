// The line to gdb: a socket, or standard input and output. It is opened before the run begins, and stays open
// in every process that takes the run over; what has been read and not been answered is handed on.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "vmcp/gdb/packet.hpp"

namespace vmcp::gdb {

/// Where to listen: "PORT", ":PORT", "ADDRESS:PORT". Without an address, on this host only.
struct ListenAddress {
    std::string address = "127.0.0.1";
    unsigned port = 0;  // 0: any that is free

    /// Throws std::runtime_error, one line.
    static ListenAddress parse(const std::string& text);
};

/// A socket that waits for one caller.
class Listener {
  public:
    /// Throws std::runtime_error, one line.
    explicit Listener(const ListenAddress& at);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    unsigned port() const { return port_; }
    /// Waits for a caller; the descriptor of the line, or -1: it was interrupted. Throws as above.
    int accept(const std::function<bool()>& interrupted = {}) const;

  private:
    int socket_ = -1;
    unsigned port_ = 0;
};

class Connection {
  public:
    /// Takes the descriptors over; they may be the same. `interrupted`: whether somebody at our own terminal
    /// has pressed Ctrl-C: then it is as if gdb had gone.
    Connection(int in, int out, std::function<bool()> interrupted = {})
        : interrupted_(std::move(interrupted)), in_(in), out_(out) {}
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Waits for the next request. Nothing: gdb has gone, or it was interrupted.
    std::optional<std::string> next();
    void send(std::string_view payload);
    /// Whether gdb wants the run to stop, or has gone. Does not wait.
    bool wants_to_stop();

    bool gone() const { return gone_; }
    /// Packets are no longer acknowledged: the line is reliable.
    void trust();
    bool trusted() const { return !reader_.checks; }

    /// What has arrived and has not been asked for.
    std::string rest() const { return reader_.rest(); }
    /// In another process, which has taken over.
    void go_on_with(std::string_view rest, bool trusted);

  private:
    bool read(bool wait);
    void write(std::string_view bytes);

    std::function<bool()> interrupted_;
    int in_, out_;
    bool gone_ = false;
    PacketReader reader_;
    std::string last_;  // sent, and not acknowledged
};

}  // namespace vmcp::gdb
