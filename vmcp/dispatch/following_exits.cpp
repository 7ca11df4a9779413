#include "vmcp/dispatch/following_exits.hpp"

#include "simulation/cpu/interpreted_instructions.hpp"

namespace vmcp {

bool FollowingExits::handle(Work& work, VirtualMachine& vm) {
    // What came out may have switched interpretive execution off (DIAGNOSE). With program-event recording the
    // hardware has to see each instruction.
    if (!vm.interpretive() || isa::records_events(vm.state)) return false;
    work.step(Step::fetch_and_decode);
    const auto next = fetch(vm);
    if (!next ||
        !simulation::kInterpreted[static_cast<unsigned>(next->op)].comes_out(vm.options.intercepts) ||
        !may_execute(vm, *next, nucleus_.machine.model().facilities))
        return false;
    nucleus_.observers.tell([&](Observer& o) { o.followed(vm, *next); });
    work.turn_to(Cause::simulated(next->op));
    ++vm.exits_spared;
    vm.state.psw.address = (vm.state.psw.address + next->length) & isa::kAddressMask;
    privileged_.simulate_following(work, vm, *next);
    return true;
}

std::optional<isa::Decoded> FollowingExits::fetch(VirtualMachine& vm) {
    const uint32_t address = vm.state.psw.address;
    if (address % 2 != 0) return std::nullopt;
    // As an assist it takes no page that is not there.
    VirtualCpu cpu(nucleus_, segments_, vm, nullptr, 0);
    const isa::AccessPath path{isa::AccessPath::Space::primary, vm.state.psw.key};
    uint8_t text[6] = {};
    try {
        cpu.fetch(address, text, 2, path);
        const unsigned length = isa::length_of_opcode(text[0]);
        if (length > 2) cpu.fetch((address + 2) & isa::kAddressMask, text + 2, length - 2, path);
    } catch (const isa::ProgramCheck&) {
        return std::nullopt;
    } catch (const NeedsControlProgram&) {
        return std::nullopt;
    }
    const isa::FacilitySet& facilities = nucleus_.machine.model().facilities;
    const isa::Decoded next = isa::decode(text, facilities);
    const bool simulated = next.op != isa::Op::invalid && facilities.has(next.row().facility) &&
                           kSimulations[static_cast<unsigned>(next.op)].execute != nullptr;
    return simulated ? std::optional(next) : std::nullopt;
}

}  // namespace vmcp
