#include "vmcp/dispatch/error_recording.hpp"

#include <algorithm>

namespace vmcp {
namespace {

/// A record has a header of 24 bytes in front of what it is about; a page is what the control program takes
/// (assumed).
constexpr uint32_t kLeast = 24, kMost = kPage;

/// What the registers lead to; empty: not all of it is there, or the guest may not fetch it.
std::vector<uint8_t> fetch_record(VirtualCpu& cpu, uint32_t address, uint32_t length) {
    std::vector<uint8_t> bytes(length);
    try {
        for (uint32_t done = 0; done < length;) {
            const uint32_t n = std::min(length - done, simulation::kBlock);
            cpu.fetch((address + done) & isa::kAddressMask, bytes.data() + done, n);
            done += n;
        }
    } catch (const isa::ProgramCheck&) {
        return {};
    } catch (RealStorageExhausted) {
        return {};  // the turn ends with a stop
    }
    return bytes;
}

}  // namespace

bool record_error(Nucleus& nucleus, SharedSegments& segments, Work& work, VirtualMachine& vm) {
    constexpr unsigned kLength = 0, kAddress = 1, kReturnCode = 15;
    const uint32_t length = 0 - vm.state.gpr[kLength];
    if (vm.state.psw.problem_state || length < kLeast || length > kMost) return false;
    VirtualCpu cpu(nucleus, segments, vm, &work, 1);
    std::vector<uint8_t> bytes = fetch_record(cpu, vm.state.gpr[kAddress] & isa::kAddressMask, length);
    if (bytes.empty()) return false;
    work.steps(Step::enter_from_trap, Step::cp_command);
    ErrorRecords& errors = vm.errors;
    ++errors.recorded;
    if (errors.kept.size() < ErrorRecords::kMost) errors.kept.push_back({nucleus.now(), std::move(bytes)});
    vm.state.gpr[kReturnCode] = 0;
    return true;
}

}  // namespace vmcp
