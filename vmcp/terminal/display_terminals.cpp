#include "vmcp/terminal/display_terminals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <asio.hpp>
#include <deque>
#include <stdexcept>
#include <utility>
#include <vector>

#include "simulation/model/log.hpp"
#include "vmcp/terminal/telnet_3270.hpp"

namespace vmcp::terminal {

namespace {

using asio::ip::tcp;

// The commands' codes as they go over telnet (RFC 1576).
constexpr uint8_t kWrite = 0xF1, kEraseWrite = 0xF5, kEraseWriteAlternate = 0x7E, kEraseAllUnprotected = 0x6F;

uint8_t telnet_code(uint8_t command) {
    switch (command) {
        case 0x05: return kEraseWrite;
        case 0x0D: return kEraseWriteAlternate;
        case 0x0F: return kEraseAllUnprotected;
        default: return kWrite;
    }
}

constexpr uint8_t kStartField = 0x1D, kSetAddress = 0x11, kInsertCursor = 0x13, kRepeat = 0x3C;
constexpr uint8_t kPlainControl = 0xC0, kRestoreKeyboard = 0x02;

bool is_order(uint8_t byte) {
    constexpr uint8_t kOrders[] = {0x05, 0x08, 0x11, 0x12, 0x13, 0x1A, 0x1D, 0x28, 0x29, 0x2C, 0x3C};
    return std::find(std::begin(kOrders), std::end(kOrders), byte) != std::end(kOrders);
}

/// A terminal's connection. Its handlers keep it alive until its socket is closed.
class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(tcp::socket socket, simulation::Display3277& display, bool& entered)
        : socket_(std::move(socket)),
          timer_(socket_.get_executor()),
          display_(&display),
          entered_(&entered),
          telnet_({[this](std::span<const uint8_t> bytes) { send(bytes); }, [this] { become_ready(); },
                   [this](std::span<const uint8_t> record) { enter(record); }}) {}

    void begin(std::chrono::milliseconds patience) {
        asio::error_code ignored;
        socket_.set_option(tcp::no_delay(true), ignored);
        socket_.set_option(asio::socket_base::keep_alive(true), ignored);
        timer_.expires_after(patience);
        timer_.async_wait([self = weak_from_this()](asio::error_code error) {
            const auto connection = self.lock();
            if (!connection || error || connection->ready() || !connection->open()) return;
            simulation::log().warn("a connection that does not say that it is a 3270 is turned away");
            connection->turn_away("no 3270 terminal has answered in time");
        });
        telnet_.begin();
        read();
    }
    bool open() const { return socket_.is_open(); }
    bool ready() const { return telnet_.ready(); }

    void command(uint8_t command, std::span<const uint8_t> stream) {
        if (!telnet_.ready()) return;
        std::vector<uint8_t> record{telnet_code(command)};
        record.insert(record.end(), stream.begin(), stream.end());
        telnet_.send_record(record);
    }

    /// Says why there will be no connection, as far as the other side takes it at once, and ends it.
    void turn_away(const std::string& reason) {
        const std::string line = "vmcp: " + reason + "\r\n";
        asio::error_code ignored;
        socket_.non_blocking(true, ignored);
        if (output_.empty()) socket_.write_some(asio::buffer(line), ignored);
        close();
    }
    void close() {
        asio::error_code ignored;
        timer_.cancel();
        socket_.shutdown(tcp::socket::shutdown_both, ignored);
        socket_.close(ignored);
    }

  private:
    void become_ready() {
        timer_.cancel();
        show_again_ = true;
    }
    void show_all() { command(0x05, screen_stream(*display_)); }

    void enter(std::span<const uint8_t> record) {
        // That the terminal sends says that its operator, if need be, has pressed reset.
        display_->keyboard().reset();
        if (display_->enter_stream(record))
            *entered_ = true;
        else
            show_again_ = true;
    }

    void read() {
        socket_.async_read_some(asio::buffer(input_),
                                [self = shared_from_this()](asio::error_code error, size_t n) {
                                    // What came before it was closed is nobody's any more.
                                    if (error || !self->open()) return self->close();
                                    if (!self->telnet_.receive({self->input_.data(), n}))
                                        return self->turn_away(self->telnet_.reason());
                                    // Once, however many records came.
                                    if (std::exchange(self->show_again_, false)) self->show_all();
                                    self->read();
                                });
    }

    void send(std::span<const uint8_t> bytes) {
        if (!open()) return;
        // A terminal that takes nothing for so long that this much waits is gone.
        constexpr size_t kMostWaiting = 4'000'000;
        if (waiting_ > kMostWaiting) return close();
        waiting_ += bytes.size();
        output_.emplace_back(bytes.begin(), bytes.end());
        if (output_.size() == 1) write();
    }

    void write() {
        asio::async_write(socket_, asio::buffer(output_.front()),
                          [self = shared_from_this()](asio::error_code error, size_t) {
                              if (error) return self->close();
                              self->waiting_ -= self->output_.front().size();
                              self->output_.pop_front();
                              if (!self->output_.empty()) self->write();
                          });
    }

    tcp::socket socket_;
    asio::steady_timer timer_;  // runs until the terminal is ready
    simulation::Display3277* display_;
    bool* entered_;
    Telnet3270 telnet_;
    std::array<uint8_t, 4096> input_;
    std::deque<std::vector<uint8_t>> output_;
    size_t waiting_ = 0;
    bool show_again_ = false;  // the whole screen
};

/// The port of one display, and the terminal that is connected.
class Port final : public simulation::DisplayObserver {
  public:
    Port(asio::io_context& context, simulation::Display3277& display, uint16_t port, bool& entered,
         std::chrono::milliseconds patience)
        : acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), port)),
          display_(&display),
          entered_(entered),
          patience_(patience) {
        display_->observers.add(*this);
        accept();
    }
    ~Port() override {
        if (display_ != nullptr) display_->observers.remove(*this);
        if (const auto terminal = terminal_.lock()) terminal->close();
    }
    uint16_t number() const { return acceptor_.local_endpoint().port(); }

    void on_command(uint8_t command, std::span<const uint8_t> stream) override {
        if (const auto terminal = terminal_.lock()) terminal->command(command, stream);
    }
    /// The machine has lost its display: nobody can connect any more.
    void on_gone() override {
        display_ = nullptr;
        asio::error_code ignored;
        acceptor_.close(ignored);
        if (const auto terminal = std::exchange(terminal_, {}).lock())
            terminal->turn_away("the display is gone");
    }

  private:
    void accept() {
        acceptor_.async_accept([this](asio::error_code error, tcp::socket socket) {
            if (error == asio::error::operation_aborted || display_ == nullptr) return;
            if (!error) {
                const auto connection = std::make_shared<Connection>(std::move(socket), *display_, entered_);
                const auto other = terminal_.lock();
                if (other && other->open()) {
                    simulation::log().warn("port {}: a second terminal is turned away", number());
                    connection->turn_away("this display has a terminal already");
                } else {
                    simulation::log().info("port {}: a terminal is connected", number());
                    terminal_ = connection;
                    connection->begin(patience_);
                }
            }
            accept();
        });
    }

    tcp::acceptor acceptor_;
    simulation::Display3277* display_;  // null: it is gone
    bool& entered_;
    std::chrono::milliseconds patience_;
    std::weak_ptr<Connection> terminal_;
};

}  // namespace

struct DisplayTerminals::Parts {
    std::chrono::milliseconds patience;
    bool entered = false;
    asio::io_context context;
    std::vector<std::unique_ptr<Port>> ports;
};

DisplayTerminals::DisplayTerminals(std::chrono::milliseconds patience) : parts_(std::make_unique<Parts>()) {
    parts_->patience = patience;
}
DisplayTerminals::~DisplayTerminals() = default;

bool DisplayTerminals::empty() const { return parts_->ports.empty(); }

uint16_t DisplayTerminals::serve(simulation::Display3277& display, uint16_t port) {
    if (display.buffer().size() != 1920)
        throw std::runtime_error("a terminal has at least 24 lines of 80: expected a display of that size");
    try {
        parts_->ports.push_back(
            std::make_unique<Port>(parts_->context, display, port, parts_->entered, parts_->patience));
    } catch (const asio::system_error& error) {
        throw std::runtime_error(
            fmt::format("port {}: cannot listen for a terminal: {}", port, error.code().message()));
    }
    return parts_->ports.back()->number();
}

bool DisplayTerminals::wait(std::chrono::milliseconds longest) {
    const auto end = std::chrono::steady_clock::now() + longest;
    parts_->entered = false;
    parts_->context.restart();
    // Who sends without end, or connects so, would have us here for ever. (A turn reads 4 kB at most.)
    constexpr unsigned kMostTurns = 16;
    for (unsigned turns = 0; turns < kMostTurns && parts_->context.poll_one() != 0; ++turns) {
    }
    while (!parts_->entered && std::chrono::steady_clock::now() < end) {
        parts_->context.restart();
        parts_->context.run_one_until(end);
    }
    return parts_->entered;
}

std::vector<uint8_t> screen_stream(const simulation::Display3277& display) {
    const simulation::DisplayBuffer& buffer = display.buffer();
    std::vector<uint8_t> stream;
    const auto address = [&](uint8_t order, unsigned at) {
        stream.insert(stream.end(),
                      {order, simulation::six_bit_code(at >> 6), simulation::six_bit_code(at & 0x3F)});
    };
    stream.push_back(display.keyboard().inhibited() ? kPlainControl : kPlainControl | kRestoreKeyboard);
    for (unsigned at = 0; at < buffer.size(); ++at) {
        if (buffer.is_attribute(at)) {
            stream.push_back(kStartField);
            stream.push_back(simulation::six_bit_code(buffer.attribute(at)));
        } else if (is_order(buffer.character(at))) {
            address(kRepeat, (at + 1) % buffer.size());
            stream.push_back(buffer.character(at));
        } else {
            stream.push_back(buffer.character(at));
        }
    }
    address(kSetAddress, buffer.cursor());
    stream.push_back(kInsertCursor);
    return stream;
}

}  // namespace vmcp::terminal
