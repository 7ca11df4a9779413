#include "vmcp/cli/ending.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "vmcp/experiment/output_file.hpp"

namespace vmcp::cli {
namespace {

volatile std::sig_atomic_t end_asked = 0;

void note_end(int) {
    if (end_asked != 0) {
        experiment::OutputFile::discard_all();
        _exit(kInterrupted);
    }
    end_asked = 1;
}

}  // namespace

void conclude(bool interrupted, bool well) {
    if (interrupted) throw CLI::RuntimeError(kInterrupted);
    if (!well) throw CLI::RuntimeError(kGuestAtFault);
}

EndingSignals::EndingSignals() {
    end_asked = 0;
    struct sigaction action {};
    action.sa_handler = note_end;  // without SA_RESTART: who waits for input is woken
    ::sigaction(SIGINT, &action, &interrupt_);
    ::sigaction(SIGTERM, &action, &terminate_);
}

EndingSignals::~EndingSignals() {
    ::sigaction(SIGINT, &interrupt_, nullptr);
    ::sigaction(SIGTERM, &terminate_, nullptr);
}

bool EndingSignals::asked() { return end_asked != 0; }

}  // namespace vmcp::cli
