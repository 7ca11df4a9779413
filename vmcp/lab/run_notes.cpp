#include "vmcp/lab/run_notes.hpp"

#include <fmt/format.h>

#include <utility>

#include "vmcp/experiment/interruption_text.hpp"

namespace vmcp::lab {
namespace {

constexpr size_t kMostNotes = 500;

uint32_t word(const VirtualMachine& vm, uint32_t address) { return vm.storage.peek32(SecondLevel(address)); }

std::string psw_words(const isa::Psw& psw) {
    const uint64_t image = isa::encode(psw);
    return fmt::format("{:08X} {:08X}", image >> 32, image & 0xFFFFFFFF);
}

/// "SIO 009, CAW 00000460"; empty where it is no I/O instruction.
std::string io_text(const VirtualMachine& vm, const isa::Decoded& instruction) {
    if (instruction.row().cost != isa::CostClass::io) return "";
    const isa::Operands& o = instruction.operands;
    const uint32_t device = ((o.b2 != 0 ? vm.state.gpr[o.b2] : 0) + o.d2) & 0xFFFF;
    const std::string text = fmt::format("{} {:03X}", instruction.row().mnemonic, device);
    const bool starts = text.starts_with("SIO");
    return starts ? fmt::format("{}, CAW {:08X}", text, word(vm, isa::Assigned::caw)) : text;
}

/// "DIAG 200": with its code.
std::string diagnose_text(const VirtualMachine& vm, const isa::Decoded& instruction) {
    if (instruction.op != isa::Op::op_DIAG) return "";
    const isa::Operands& o = instruction.operands;
    return fmt::format("DIAG {:X}", ((o.b2 != 0 ? vm.state.gpr[o.b2] : 0) + o.d2) & isa::kAddressMask);
}

/// When the clock comparator will interrupt that was set at `now`: ": 1000 ms ahead".
std::string time_ahead(const VirtualMachine& vm, SimTime now) {
    const auto units = static_cast<uint64_t>(simulation::tod_units(now));
    const uint64_t comparator = vm.state.clocks.comparator;
    if (comparator < units) return ": in the past";
    if (comparator - units > uint64_t{1} << 60) return ": never";
    const double ms = static_cast<double>(simulation::time_of_tod_units(comparator - units)) /
                      static_cast<double>(simulation::kMillisecond);
    return fmt::format(": {:.0f} ms ahead", ms);
}

/// What came of an instruction: the condition code of I/O.
std::string result_of(const VirtualMachine& vm, std::string_view instruction, SimTime trapped) {
    if (instruction.starts_with("SCKC")) return time_ahead(vm, trapped);
    if (instruction.find(", number") != std::string_view::npos) return "";
    const isa::Psw& psw = vm.state.psw;
    std::string text = fmt::format(": condition code {}", psw.condition_code);
    if (psw.condition_code == 1 && !instruction.starts_with("DIAG"))
        text += fmt::format(", status {:04X}", word(vm, isa::Assigned::csw + 4) >> 16);
    return text;
}

}  // namespace

void RunNotes::note(const VirtualMachine& vm, std::string_view what) {
    if (lines_.size() < kMostNotes) lines_.push_back(fmt::format("{}: {}", vm.options.name, what));
}

void RunNotes::trapped(const VirtualMachine& vm, const Trap& trap) {
    conclude();
    vm_ = &vm;
    before_ = vm.state.psw;
    trapped_ = trap.time;
    if (!trap.instruction) return;
    instruction_ = io_text(vm, *trap.instruction);
    if (instruction_.empty()) instruction_ = diagnose_text(vm, *trap.instruction);
    if (instruction_.empty())
        instruction_ = fmt::format("{}, number {}", trap.instruction->row().mnemonic,
                                   ++counts_[{vm.id, trap.instruction->op}]);
}

void RunNotes::reflected(const VirtualMachine& vm, const isa::Interruption& interruption) {
    if (vm_ == &vm) conclude();
    note(vm, "gets " + experiment::interruption_name(interruption));
}

void RunNotes::conclude() {
    if (vm_ == nullptr) return;
    const VirtualMachine& vm = *std::exchange(vm_, nullptr);
    const isa::Psw& psw = vm.state.psw;
    if (!instruction_.empty()) note(vm, instruction_ + result_of(vm, instruction_, trapped_));
    instruction_.clear();
    if (psw.wait && !before_.wait) note(vm, "waits with " + psw_words(psw));
}

void RunNotes::resumed(const VirtualMachine&, SimTime) { conclude(); }
void RunNotes::idled(SimTime, SimTime) { conclude(); }
void RunNotes::stopped(const VirtualMachine& vm, SimTime) {
    conclude();
    note(vm, "ends with " + psw_words(vm.state.psw));
}

}  // namespace vmcp::lab
