#include "vmcp/experiment/cpu_trace.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "isa/disassembler.hpp"
#include "vmcp/experiment/interruption_text.hpp"

namespace vmcp::experiment {
namespace {

using isa::Format;

/// " @000410": where the storage operands are.
std::string operand_addresses(const isa::CpuState& state, const isa::Decoded& instruction) {
    const isa::Operands& o = instruction.operands;
    const auto base = [&state](unsigned b) { return b != 0 ? state.gpr[b] : 0; };
    const auto text = [](uint32_t address) { return fmt::format(" @{:06X}", address & isa::kAddressMask); };
    std::string first = text(base(o.b1) + o.d1), second = text(base(o.b2) + o.d2);
    switch (instruction.row().format) {
        case Format::RX:
        case Format::RX_M:
        case Format::RXE: return text(base(o.b2) + base(o.r2) + o.d2);
        case Format::RS:
        case Format::RS_M:
        case Format::RSE:
        case Format::S: return second;
        case Format::SI:
        case Format::SI_S: return first;
        case Format::SS_L:
        case Format::SS_LL:
        case Format::SS_LI:
        case Format::SS_R:
        case Format::SSE: return first + second;
        default: return "";
    }
}

/// " R1=0000002A CC=2": what differs.
std::string changes(const isa::CpuState& before, const isa::CpuState& after) {
    std::string text;
    for (unsigned r = 0; r < 16; ++r)
        if (before.gpr[r] != after.gpr[r]) text += fmt::format(" R{}={:08X}", r, after.gpr[r]);
    for (unsigned r = 0; r < 4; ++r)
        if (before.fpr[r] != after.fpr[r]) text += fmt::format(" F{}={:016X}", 2 * r, after.fpr[r]);
    for (unsigned r = 0; r < 16; ++r)
        if (before.cr[r] != after.cr[r]) text += fmt::format(" C{}={:08X}", r, after.cr[r]);
    if (before.psw.condition_code != after.psw.condition_code)
        text += fmt::format(" CC={}", after.psw.condition_code);
    return text;
}

}  // namespace

std::string psw_hex(const isa::Psw& psw) {
    const uint64_t image = isa::encode(psw);
    return fmt::format("{:08X} {:08X}", image >> 32, image & 0xFFFFFFFF);
}

CpuTrace::CpuTrace(simulation::Machine& machine, Output output)
    : machine_(machine), output_(std::move(output)) {}

CpuTrace::~CpuTrace() {
    flush();
    watch(false, false);
}

void CpuTrace::watch(bool instructions, bool interruptions) {
    machine_.executor().observers.remove(*this);
    machine_.observers.remove(*this);
    instructions_ = instructions;
    interruptions_ = interruptions;
    if (instructions) machine_.executor().observers.add(*this);
    if (instructions || interruptions) machine_.observers.add(*this);  // one ends an instruction's line
}

std::string CpuTrace::begin_line(const simulation::Cpu& cpu) const {
    std::string line = fmt::format("{:15.9f} s  ",
                                   static_cast<double>(cpu.now()) / static_cast<double>(simulation::kSecond));
    if (machine_.cpu_count() > 1) line += fmt::format("CPU{}  ", cpu.cpu_address());
    return line;
}

void CpuTrace::before(const simulation::Cpu& cpu, uint32_t address, const isa::Decoded& instruction) {
    flush();
    if (!instructions_) return;
    std::array<uint8_t, 6> bytes{};
    const unsigned length = instruction.op == isa::Op::invalid ? 0 : isa::encode(instruction, bytes.data());
    std::string code;
    for (unsigned i = 0; i < length; ++i) code += fmt::format("{:02X}", bytes[i]);
    cpu_ = &cpu;
    began_ = cpu.now();
    before_ = cpu.state();
    line_ = begin_line(cpu) + fmt::format("{:06X}", address);
    place_length_ = line_.size();
    line_ += fmt::format("  {:<12} {:<25}", code,
                         length == 0 ? "(no instruction)" : isa::disassemble(instruction));
    if (length != 0) line_ += operand_addresses(before_, instruction);
}

void CpuTrace::flush() {
    if (line_.empty()) return;
    const std::string changed = changes(before_, cpu_->state());
    if (!std::exchange(begun_, false) || !changed.empty()) {
        line_ += changed;
        line_.erase(line_.find_last_not_of(' ') + 1);
        output_(began_, line_);
    }
    line_.clear();
}

void CpuTrace::flush_so_far() {
    if (line_.empty() || begun_) return;
    const std::string place = line_.substr(0, place_length_);
    flush();
    before_ = cpu_->state();
    line_ = fmt::format("{}  (changes besides)", place);
    begun_ = true;
}

void CpuTrace::interruption(const simulation::Cpu& cpu, const isa::Interruption& interruption) {
    flush();
    if (!interruptions_) return;
    const uint32_t new_psw = cpu.absolute(psw_places(interruption).new_psw);
    output_(cpu.now(), begin_line(cpu) + interruption_text(interruption));
    output_(cpu.now(), fmt::format("{:17}  old PSW {}, new PSW {}", "", psw_hex(cpu.psw()),
                                   psw_hex(isa::decode_psw(machine_.storage().get64(new_psw)))));
}

}  // namespace vmcp::experiment
