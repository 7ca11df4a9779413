#include "vmcp/experiment/result.hpp"

namespace vmcp::experiment {

SimTime RunResult::guest_time() const {
    SimTime sum = 0;
    for (const VmResult& vm : vms) sum += vm.account.guest;
    return sum;
}

SimTime RunResult::control_program_time() const {
    SimTime sum = own.control_program;
    for (const VmResult& vm : vms) sum += vm.account.control_program;
    return sum;
}

uint64_t RunResult::instructions() const {
    uint64_t sum = 0;
    for (const VmResult& vm : vms) sum += vm.instructions;
    return sum;
}

LedgerEntry RunResult::of(Cause cause) const {
    LedgerEntry sum = own.of(cause);
    for (const VmResult& vm : vms) {
        sum.count += vm.account.of(cause).count;
        sum.time += vm.account.of(cause).time;
    }
    return sum;
}

double RunResult::fairness() const {
    double sum = 0, squares = 0;
    for (const VmResult& vm : vms) {
        const auto received = static_cast<double>(vm.account.guest + vm.account.control_program);
        const double normal = received / vm.scheduling.share;
        sum += normal;
        squares += normal * normal;
    }
    return squares > 0 ? sum * sum / (static_cast<double>(vms.size()) * squares) : 1.0;
}

}  // namespace vmcp::experiment
