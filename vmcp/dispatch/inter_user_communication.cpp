#include "vmcp/dispatch/inter_user_communication.hpp"

namespace vmcp {
namespace {

constexpr uint8_t kExecute = 0x44;
constexpr unsigned kLength = 4;  // of either instruction

struct Text {
    uint8_t bytes[kLength];
    unsigned low(unsigned byte) const { return bytes[byte] & 15u; }
    unsigned high(unsigned byte) const { return bytes[byte] >> 4; }
    uint32_t displacement() const { return low(2) << 8 | bytes[3]; }
    bool is_communication() const { return bytes[0] == 0xB2 && bytes[1] == 0xF0; }
};

/// The real CPU has just fetched it, so it is there; its key has been checked.
Text fetch_text(VirtualCpu& cpu, uint32_t address) {
    Text text;
    cpu.fetch(address, text.bytes, 2, {isa::AccessPath::Space::primary, 0});
    cpu.fetch((address + 2) & isa::kAddressMask, text.bytes + 2, 2, {isa::AccessPath::Space::primary, 0});
    return text;
}

}  // namespace

std::optional<isa::Operands> inter_user_communication_at(Nucleus& nucleus, SharedSegments& segments,
                                                         VirtualMachine& vm, uint32_t address) {
    if (vm.state.psw.problem_state) return std::nullopt;
    VirtualCpu cpu(nucleus, segments, vm, nullptr, 0);
    try {
        Text text = fetch_text(cpu, address);
        if (text.bytes[0] == kExecute) {
            const unsigned r1 = text.high(1);
            text = fetch_text(cpu, cpu.address(text.low(1), text.high(2), text.displacement()));
            if (r1 != 0) text.bytes[1] |= static_cast<uint8_t>(cpu.gpr(r1));
        }
        if (!text.is_communication()) return std::nullopt;
        isa::Operands operands{};
        operands.b2 = static_cast<uint8_t>(text.high(2));
        operands.d2 = static_cast<decltype(operands.d2)>(text.displacement());
        return operands;
    } catch (const isa::ProgramCheck&) {
        return std::nullopt;
    } catch (const NeedsControlProgram&) {
        return std::nullopt;
    }
}

}  // namespace vmcp
