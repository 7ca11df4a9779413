// Terminals as the screens of displays: a TN3270 emulator (x3270, c3270, s3270) that connects to a display's
// port shows what the program writes to the display, and what is entered there is entered at the display.
//
// There is no thread: whoever runs the machine calls `wait` between stretches of it. Ports are those of the
// local host only. Whatever a terminal does or leaves undone, the machine goes on: of a flood, a limited part
// is read in each `wait`, what waits to be sent is limited, nothing is written that would block, and a
// connection that does not become a terminal's loses its place.
#pragma once

#include <chrono>
#include <memory>

#include "simulation/devices/display_3277.hpp"

namespace vmcp::terminal {

class DisplayTerminals {
  public:
    /// How long a connection may take, in host time, to say that it is a 3270.
    static constexpr std::chrono::milliseconds kPatience{10'000};

    explicit DisplayTerminals(std::chrono::milliseconds patience = kPatience);
    ~DisplayTerminals();
    DisplayTerminals(const DisplayTerminals&) = delete;
    DisplayTerminals& operator=(const DisplayTerminals&) = delete;

    /// Listens for a terminal for the display (24 lines of 80), for as long as there is one. Port 0: any
    /// free one. Answers the port. Throws std::runtime_error where that cannot be.
    uint16_t serve(simulation::Display3277& display, uint16_t port);
    bool empty() const;

    /// Does what there is to do, and waits for more at most so long; returns as soon as a terminal has
    /// entered something. True: something was entered.
    bool wait(std::chrono::milliseconds longest);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// A data stream, without its command, that writes the whole screen of a display, its cursor, and whether the
/// keyboard is inhibited.
std::vector<uint8_t> screen_stream(const simulation::Display3277& display);

}  // namespace vmcp::terminal
