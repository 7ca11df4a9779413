#include "vmcp/dispatch/inter_user_communication.hpp"

#include <array>

namespace vmcp {
namespace {

using Text = std::array<uint8_t, 6>;  // of which either instruction has four bytes

/// The real CPU has just fetched it, so it is there; its key has been checked.
Text fetch_text(VirtualCpu& cpu, uint32_t address) {
    Text text{};
    cpu.fetch(address, text.data(), 2, {isa::AccessPath::Space::primary, 0});
    cpu.fetch((address + 2) & isa::kAddressMask, text.data() + 2, 2, {isa::AccessPath::Space::primary, 0});
    return text;
}

}  // namespace

std::optional<isa::Operands> inter_user_communication_at(Nucleus& nucleus, SharedSegments& segments,
                                                         VirtualMachine& vm, uint32_t address) {
    if (vm.state.psw.problem_state) return std::nullopt;
    VirtualCpu cpu(nucleus, segments, vm, nullptr, 0);
    try {
        Text text = fetch_text(cpu, address);
        if (const isa::Decoded execute = isa::decode(text.data()); execute.op == isa::Op::op_EX) {
            const isa::Operands& o = execute.operands;
            text = fetch_text(cpu, cpu.address(o.r2, o.b2, o.d2));
            if (o.r1 != 0) text[1] |= static_cast<uint8_t>(cpu.gpr(o.r1));
        }
        if (text[0] != 0xB2 || text[1] != 0xF0) return std::nullopt;
        isa::Operands operands{};
        operands.b2 = text[2] >> 4;
        operands.d2 = static_cast<uint16_t>((text[2] & 0xF) << 8 | text[3]);
        return operands;
    } catch (const isa::ProgramCheck&) {
        return std::nullopt;
    } catch (const NeedsControlProgram&) {
        return std::nullopt;
    }
}

}  // namespace vmcp
