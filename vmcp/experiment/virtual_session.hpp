// A scenario under the control program, as a session.
#pragma once

#include <memory>

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

    /// The channels of the real machine and of each virtual one, for who wants to look at them.
    std::vector<ChannelSource> channels();

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace vmcp::experiment
