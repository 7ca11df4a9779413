// A timeline of a run in the Chrome trace-event format (https://ui.perfetto.dev and chrome://tracing read
// it): one row a virtual machine with slices of guest and control-program time, and one row for the control
// program's own work and idle time. Times are simulated, in microseconds.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "vmcp/observer.hpp"

namespace vmcp::experiment {

class TraceWriter final : public Observer {
  public:
    /// Opens the file; throws std::runtime_error if it cannot be written. `names`: of the virtual machines,
    /// by id.
    TraceWriter(const std::string& file, const std::vector<std::string>& names);
    ~TraceWriter() override;

    void guest_ran(const VirtualMachine& vm, SimTime begin, SimTime end) override;
    void trapped(const VirtualMachine& vm, const Trap& trap) override;
    void worked(const VirtualMachine* vm, Cause cause, Step step, uint64_t times, SimTime begin,
                SimTime cost) override;
    void idled(SimTime begin, SimTime end) override;
    void stopped(const VirtualMachine& vm, SimTime now) override;

    /// Ends the file. Throws std::runtime_error if something could not be written.
    void close();

  private:
    void event(std::string_view text);
    void slice(uint64_t row, std::string_view name, std::string_view category, SimTime begin,
               SimTime duration, std::string_view arguments = {});

    struct Close {
        void operator()(std::FILE* f) const { std::fclose(f); }
    };
    std::string name_;
    std::unique_ptr<std::FILE, Close> file_;
    bool first_ = true;
};

}  // namespace vmcp::experiment
