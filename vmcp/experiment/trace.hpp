// A trace of a run in the trace-event format that Perfetto (ui.perfetto.dev) and chrome://tracing read: a row
// for each virtual machine and one for the control program itself. In a machine's row, slices of guest time
// alternate with a slice for each trap, named after what the guest wanted or what interrupted it; inside lie
// the PSW swap of the hardware and the steps of the control program. Time is simulated, in microseconds with
// three decimals, exact to the nanosecond. The file is written as the run goes on.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "vmcp/dispatch/observer.hpp"
#include "vmcp/experiment/output_file.hpp"
#include "vmcp/io/real_io.hpp"

namespace vmcp::experiment {

class TraceWriter final : public Observer, public LedgerObserver, public RealIoObserver {
  public:
    /// Opens the file; "-" is standard output. `names`: of the virtual machines, in the order of their ids.
    /// The trace ends at the first event behind `most` bytes. Throws OutputError.
    TraceWriter(const std::string& file, const std::string& title, const std::vector<std::string>& names,
                uint64_t most = ~uint64_t{0});
    ~TraceWriter() override;

    /// Ends the file, and says in it whether the run was interrupted. Throws OutputError if something could
    /// not be written.
    void finish(bool interrupted = false);
    /// Whether the trace has ended before the run.
    bool full() const { return full_; }
    /// Whether something could not be written: there is no use in going on.
    bool failed() const { return file_.failed(); }

    void guest_ran(const VirtualMachine& vm, SimTime begin, SimTime end) override;
    void trapped(const VirtualMachine& vm, const Trap& trap) override;
    void worked(const Account& account, Cause cause, Step step, uint64_t times, SimTime begin,
                SimTime cost) override;
    void idled(SimTime begin, SimTime end) override;
    void stopped(const VirtualMachine& vm, SimTime at) override;
    void queued(const RealDevice& device, SimTime now, size_t waiting) override;
    void began(const RealDevice& device, const Account& payer, SimTime now, size_t waiting) override;
    void ended(const RealDevice& device, SimTime now) override;
    void refused(const Account& of, const IoRefusal& refusal) override;

  private:
    struct Slice {
        std::string_view name;
        uint64_t times;
        SimTime begin, end;
    };
    /// Uninterrupted work for one virtual machine: a slice with slices inside.
    struct Group {
        unsigned row = 0;
        Cause cause = Cause::dispatch;
        bool is_trap = false;
        std::string name;
        SimTime begin = 0, end = 0;
        std::vector<Slice> slices;  // empty: no group is open
    };

    struct RealDeviceRow {
        bool works = false, was_waited_for = false;
    };

    void open(unsigned row, Cause cause, bool is_trap, std::string name);
    void add(std::string_view name, uint64_t times, SimTime begin, SimTime end);
    void close();
    void slice(unsigned row, std::string_view name, std::string_view category, SimTime begin, SimTime end,
               uint64_t times = 1);
    void event(const std::string& json);
    RealDeviceRow& row_for(const RealDevice& device);
    void count_working(const RealDevice& device, SimTime now);
    void count(const std::string& name, std::string_view of, uint64_t number, SimTime now);
    void real_io_event(std::string json);

    OutputFile file_;
    Group group_;
    std::vector<std::string> behind_group_;  // what real devices did since the group was opened
    std::vector<std::string> names_;         // of the virtual machines
    std::map<uint16_t, RealDeviceRow> real_devices_;
    uint64_t most_;
    bool first_ = true, full_ = false;
};

}  // namespace vmcp::experiment
