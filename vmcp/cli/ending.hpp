// How a command ends: the exit codes, and Ctrl-C.
#pragma once

#include <csignal>

namespace vmcp::cli {

enum ExitCode : int {
    kDone = 0,
    kInputAtFault = 1,
    kWrongUsage = 2,
    kGuestAtFault = 3,  // a guest ended badly, or a limit was reached
    kInterrupted = 130,
};

/// Ends the command with the code for it, if it is not kDone.
void conclude(bool interrupted, bool well);

/// While it lives, Ctrl-C or a TERM signal asks the command to come to an end in order; the second one ends
/// the program at once. One at a time.
class EndingSignals {
  public:
    EndingSignals();
    ~EndingSignals();
    EndingSignals(const EndingSignals&) = delete;
    EndingSignals& operator=(const EndingSignals&) = delete;

    /// Whether one has come; it is not forgotten.
    static bool asked();

  private:
    struct sigaction interrupt_ {};
    struct sigaction terminate_ {};
};

}  // namespace vmcp::cli
