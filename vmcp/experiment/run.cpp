#include "vmcp/experiment/run.hpp"

#include "vmcp/experiment/virtual_session.hpp"

namespace vmcp::experiment {

RunResult run(const Scenario& scenario, const RunHooks& hooks) {
    VirtualSession session(scenario, hooks);
    session.start();
    session.advance(simulation::kNever);
    session.finish();
    return session.result();
}

}  // namespace vmcp::experiment
