#include "vmcp/cli/keyboard.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>

namespace vmcp::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void note_interrupt(int) { interrupted = 1; }

}  // namespace

std::optional<std::string> Keyboard::poll(int milliseconds) {
    while (true) {
        if (const size_t end = text_.find('\n'); end != std::string::npos) {
            std::string line = text_.substr(0, end);
            text_.erase(0, end + 1);
            if (line.ends_with('\r')) line.pop_back();
            return line;
        }
        if (ended_) return std::nullopt;
        pollfd input{STDIN_FILENO, POLLIN, 0};
        if (::poll(&input, 1, milliseconds) <= 0) return std::nullopt;
        std::array<char, 4096> piece;
        const ssize_t n = ::read(STDIN_FILENO, piece.data(), piece.size());
        if (n < 0) return std::nullopt;
        if (n == 0) {
            ended_ = true;
            if (!text_.empty()) text_ += '\n';
        }
        text_.append(piece.data(), static_cast<size_t>(n));
    }
}

InterruptKey::InterruptKey() {
    interrupted = 0;
    struct sigaction action {};
    action.sa_handler = note_interrupt;  // without SA_RESTART: a poll ends
    ::sigaction(SIGINT, &action, &before_);
}

InterruptKey::~InterruptKey() { ::sigaction(SIGINT, &before_, nullptr); }

bool InterruptKey::is_pressed() const { return interrupted != 0; }

bool InterruptKey::pressed() {
    const bool was = interrupted != 0;
    interrupted = 0;
    return was;
}

}  // namespace vmcp::cli
