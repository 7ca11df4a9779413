// The person at the terminal while a machine runs: lines typed, and Ctrl-C.
#pragma once

#include <csignal>
#include <optional>
#include <string>

namespace vmcp::cli {

/// Lines of standard input, as they come.
class Keyboard {
  public:
    /// The next line, without its end, if it comes within so many milliseconds of host time (-1: whenever it
    /// comes). Empty where none came, a signal did, or the input has ended.
    std::optional<std::string> poll(int milliseconds);
    bool ended() const { return ended_; }

  private:
    std::string text_;
    bool ended_ = false;
};

/// While it lives Ctrl-C does not end the program: pressed() tells of it, once. One at a time.
class InterruptKey {
  public:
    InterruptKey();
    ~InterruptKey();
    InterruptKey(const InterruptKey&) = delete;
    InterruptKey& operator=(const InterruptKey&) = delete;

    bool pressed();
    /// The same without forgetting it.
    bool is_pressed() const;

  private:
    struct sigaction before_ {};
};

}  // namespace vmcp::cli
