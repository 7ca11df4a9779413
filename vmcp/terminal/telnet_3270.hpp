// The 3270 data stream over telnet (TN3270), a server's side: RFC 1576, with the telnet options TERMINAL-TYPE
// (RFC 1091), END-OF-RECORD (RFC 885) and BINARY (RFC 856) of RFC 854. Bytes in, bytes and records out: it
// knows no socket.
//
// A connection begins with the options. Once the terminal has said that it is a 3270 and both sides send
// binary records, it is ready; from then on the terminal sends the data stream of a read modified at every
// key that calls for the program, and gets commands with their data streams.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace vmcp::terminal {

class Telnet3270 {
  public:
    struct Events {
        std::function<void(std::span<const uint8_t>)> send;  // bytes for the terminal
        std::function<void()> ready;
        std::function<void(std::span<const uint8_t>)> record;  // from the terminal, only when ready
    };

    explicit Telnet3270(Events events) : events_(std::move(events)) {}

    /// The connection is there: begins with the options.
    void begin();

    /// Bytes from the terminal. False: it is none (it refused an option that a 3270 has, or a record grows
    /// without end), and the connection is to be closed; `reason` says why.
    bool receive(std::span<const uint8_t> bytes);
    const std::string& reason() const { return reason_; }

    bool ready() const { return ready_; }
    /// "IBM-3278-2", as the terminal said.
    const std::string& terminal_type() const { return terminal_type_; }

    /// Sends a record: a command and its data stream.
    void send_record(std::span<const uint8_t> record);

  private:
    enum class State : uint8_t { data, command, option, subnegotiation, subnegotiation_command };

    bool take(uint8_t byte);
    bool on_option(uint8_t verb, uint8_t option);
    bool on_subnegotiation();
    void send(std::initializer_list<uint8_t> bytes) const;
    void become_ready();
    bool refuse(std::string reason);

    Events events_;
    std::vector<uint8_t> record_, subnegotiation_;
    std::string terminal_type_, reason_;
    State state_ = State::data;
    uint8_t verb_ = 0;
    uint8_t agreed_ = 0;  // a bit each for binary and end of record, here and there
    bool asked_ = false;  // for records
    bool ready_ = false;
};

}  // namespace vmcp::terminal
