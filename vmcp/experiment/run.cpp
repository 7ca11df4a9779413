#include "vmcp/experiment/run.hpp"

#include "vmcp/experiment/private_media.hpp"
#include "vmcp/experiment/virtual_session.hpp"

namespace vmcp::experiment {

RunResult run(const Scenario& scenario, const RunHooks& hooks) {
    VirtualSession session(scenario, hooks);
    session.start();
    session.advance(simulation::kNever);
    session.finish();
    return session.result();
}

RunResult run_on_copies(Scenario scenario, const RunHooks& hooks) {
    PrivateMedia media;
    media.replace_in(scenario);
    return run(scenario, hooks);
}

}  // namespace vmcp::experiment
