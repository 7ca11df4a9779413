// What the debugger's screen shows, as lines of text: the real machine on the left, the virtual machine on
// the right; below, what has happened (or the answer to a command), the console, and the line for commands.
// Of a native run the program is on the left and its registers on the right. From 60 columns and 20 lines on.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vmcp/debug/session.hpp"

namespace vmcp::debug {

struct ScreenRow {
    std::string text;                                      // UTF-8, of the screen's width at most
    bool is_bar = false;                                   // shown in reverse
    std::vector<std::pair<unsigned, unsigned>> bold = {};  // first character and number of characters
};

/// What a person has seen last, so that what has changed since can be marked.
struct Seen {
    Registers real, guest;
    MachineNumber machine = kRealMachine;
    bool any = false;
};

struct ScreenState {
    MachineNumber focus = kRealMachine;
    std::string headline;  // why it stopped
    std::string answer;    // of the last command, instead of the log; whole lines
    size_t scrolled = 0;   // lines of the log or the answer, from its end or its beginning
    std::string typed;     // of a command
    bool types = false;    // a command is being typed
    bool running = false;
    bool plain = false;  // no box-drawing characters
    Seen seen;
};

std::vector<ScreenRow> screen_rows(const Session& session, const ScreenState& state, unsigned width,
                                   unsigned height);

/// What the keys do: whole lines.
std::string key_help();

}  // namespace vmcp::debug
