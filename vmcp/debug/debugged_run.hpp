// The run that a session shows: it counts what happens, compares it with where the run is going, and calls
// the front end where that is reached.
//
// It lives in two gears. In the fast one the machine runs as it always does, and is looked at after some
// hundred thousand instructions: time for a checkpoint? somebody at the keyboard? In the slow one every
// instruction and everything in between is a moment. A point that is to be reached again is approached fast
// and met slowly; the fast gear ends right behind an instruction, so that the moments that follow have the
// numbers that they always have.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "simulation/executor/pausing_executor.hpp"
#include "vmcp/debug/checkpoints.hpp"
#include "vmcp/debug/goal.hpp"
#include "vmcp/debug/watcher.hpp"

namespace vmcp::debug {

class DebuggedRun final : public Session, private simulation::Pauser {
  public:
    /// All must outlive it. Within Checkpoints::keep.
    DebuggedRun(Subject& subject, Checkpoints& checkpoints, Frontend& front_end);
    ~DebuggedRun() override;

    /// Runs it until the front end leaves.
    void run();

    unsigned machines() const override { return subject_.machines(); }
    std::string name(MachineNumber machine) const override { return subject_.name(machine); }
    std::optional<MachineNumber> find(std::string_view name) const override;
    bool logged_on(MachineNumber machine) const override;
    MachineNumber running() const override { return watcher_.executing(); }
    Registers registers(MachineNumber machine) const override;
    std::vector<std::optional<uint8_t>> read(MachineNumber machine, AddressKind kind, uint32_t address,
                                             uint32_t count) const override;
    Position position() const override { return position_; }
    simulation::SimTime now() const override { return watcher_.cpu().now(); }
    std::span<const LogEntry> log() const override { return log_; }
    std::string console(MachineNumber machine) const override;
    const isa::assembler::PlacedStatement* source(MachineNumber machine, uint32_t address) const override;
    std::optional<uint32_t> symbol(MachineNumber machine, std::string_view name) const override;
    std::string place_name(MachineNumber machine, uint32_t address) const override;
    unsigned add(Stop stop) override;
    bool remove(unsigned id) override;
    const std::vector<Stop>& stops() const override { return stops_; }
    void alter(Alteration alteration) override;

  private:
    uint64_t allowance() override;
    void before(simulation::Cpu& cpu, bool goes_on) override;
    void completed(uint64_t instructions) override;
    void begin_instruction(bool goes_on);

    void happened(Moment&& moment);
    void decide(const Moment& moment);
    void note_found(const Moment& moment);
    void end_search();
    void stop_here(Stopped why);
    /// False: nothing lies before, and the run stands where it stood.
    bool set_out(const Resume& resume);
    [[noreturn]] void go_back(const Goal& goal);

    uint64_t slow_from() const;
    bool looks_at_every_instruction() const;
    void choose_gear();
    bool checkpoint_is_due();
    void leave_checkpoint();
    std::string message(const Goal& goal) const;
    void take_message(const std::string& message);

    std::optional<Stopped> meets(const Moment& moment);
    std::optional<Stopped> meets_stop(const Moment& moment);
    bool meets(const Stop& stop, const Moment& moment);
    bool counts(const Stop& stop) const;
    bool meets_kind(const Moment& moment) const;
    std::optional<Stopped> changed();
    void remember_watched();
    std::vector<uint8_t> watched_bytes(const Stop& stop) const;
    Departure departure(MachineNumber machine) const;
    /// The text of an instruction; empty where it cannot be seen.
    std::vector<uint8_t> instruction_text(MachineNumber machine, uint32_t address) const;
    void log(const Moment& moment);
    void apply(const Alteration& alteration);
    void apply_due();
    const experiment::AssembledSource* source_of(MachineNumber machine) const;

    Subject& subject_;
    Checkpoints& checkpoints_;
    Frontend& front_end_;
    Watcher watcher_;

    Position position_;
    Position begin_;     // of the first instruction
    bool fresh_ = true;  // nothing has happened since the last instruction completed
    bool slow_ = true;
    bool begun_ = false, ended_ = false;
    uint64_t next_look_ = 0;  // in the fast gear, at this number of instructions
    uint64_t moments_ = 0;
    Goal goal_;
    std::optional<Found> found_;  // by a search
    std::optional<Found> found_call_;
    uint8_t found_opcode_ = 0;  // of the instruction in front of which that was
    bool in_sequence_ = false;  // which stands right in front of where the search was asked for
    Position last_moment_;
    simulation::SimTime last_time_ = 0;  // of that

    std::vector<Stop> stops_;
    unsigned next_stop_ = 1;
    std::map<unsigned, std::vector<uint8_t>> watched_;  // by the ids of stops
    std::optional<Cause> last_cause_;
    std::vector<std::pair<Position, Alteration>> alterations_;  // in the order of the run
    std::vector<LogEntry> log_;
    std::map<MachineNumber, std::string> consoles_;
    std::chrono::steady_clock::time_point last_checkpoint_ = std::chrono::steady_clock::now();
    std::chrono::nanoseconds checkpoint_time_{};  // that leaving it took
    long checkpoint_faults_ = 0;                  // of pages, until then
    std::string ending_;
};

}  // namespace vmcp::debug
