// A scenario under the control program, as a session.
#pragma once

#include <memory>

#include "simulation/devices/display_3277.hpp"
#include "vmcp/experiment/io_trace.hpp"
#include "vmcp/experiment/run.hpp"
#include "vmcp/experiment/session.hpp"

namespace vmcp::experiment {

class VirtualSession final : public Session {
  public:
    /// The scenario must outlive it. Throws std::runtime_error where the virtual machines do not fit into the
    /// real machine, GuestError for what virtual machines do not have.
    explicit VirtualSession(const Scenario& scenario, RunHooks hooks = {});
    ~VirtualSession() override;

    void start() override;
    Progress advance(SimTime until) override;
    void act(std::string_view machine, const Action& action) override;
    SimTime now() const override;
    void finish() override;

    /// What there is by now, of machines that have been logged off, too.
    RunResult result();

    /// What the folder of the spool holds that is not used: one line each.
    const std::vector<std::string>& complaints() const;
    /// Devices that have another way of I/O than was asked for, and why: one line each.
    std::vector<std::string> other_ways() const;
    /// A machine as it stands, with `length` bytes of its storage from `from` on (whole pages), as the file
    /// of a saved system or segment (saved_guest). Throws ActionError where there is no such machine or
    /// storage.
    std::vector<uint8_t> saved(std::string_view machine, uint32_t from, uint32_t length);

    /// For who looks on.
    ControlProgram& control_program();

    /// The display of a machine that is logged on. Throws ActionError where there is none.
    simulation::Display3277& display(std::string_view machine, uint16_t address);
    /// How long the real CPU has waited so far.
    SimTime idle() const;

    /// The channels of the real machine and of each virtual one, for who wants to look at them.
    std::vector<ChannelSource> channels();

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace vmcp::experiment
