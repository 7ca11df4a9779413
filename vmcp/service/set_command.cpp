#include "vmcp/service/set_command.hpp"

#include <fmt/format.h>

namespace vmcp {
namespace {

enum ReturnCode : uint32_t { kDone = 0, kInvalidOption = 3, kInvalidOperand = 7, kMissing = 20 };

uint32_t invalid_operand(const DeviceCommand& c, size_t word) {
    return c.refuse(kInvalidOperand, fmt::format("DMKCFS007E INVALID OPERAND - {}", c.word(word)));
}

bool has(const DeviceCommand& c, Assist assist) {
    return c.nucleus.machine.model().facilities.has(facility_of(assist));
}

uint32_t not_installed(const DeviceCommand& c) {
    return c.refuse(kInvalidOption, fmt::format("DMKCFS003E INVALID OPTION - {}; NOT INSTALLED", c.word(1)));
}

void turn(AssistSet& set, Assist assist, bool on) {
    if (on)
        set.add(assist);
    else
        set.remove(assist);
}

/// SET ASSIST {ON|OFF} {SVC|NOSVC} {TMR|NOTMR} {SIE|NOSIE}, in any order. ON is all that the real machine has
/// of the virtual-machine assist; SIE and NOSIE are not VM/370's.
uint32_t set_assist(const DeviceCommand& c) {
    VirtualMachine& vm = c.vm;
    if ((!has(c, Assist::vma) && !has(c, Assist::sie)) || !vm.may_be_assisted()) return not_installed(c);
    AssistSet wanted = vm.assists;
    bool svc = vm.assists_svc;
    for (size_t i = 2; i < c.size(); ++i) {
        const std::string_view word = c.word(i);
        if ((word == "ON" || word == "OFF") && has(c, Assist::vma)) {
            turn(wanted, Assist::vma, word == "ON");
            turn(wanted, Assist::evma, word == "ON" && has(c, Assist::evma));
        } else if ((word == "SVC" || word == "NOSVC") && has(c, Assist::vma)) {
            svc = word == "SVC";
        } else if ((word == "SIE" || word == "NOSIE") && has(c, Assist::sie)) {
            turn(wanted, Assist::sie, word == "SIE");
        } else if ((word == "TMR" || word == "NOTMR") && has(c, Assist::vtimer)) {
            turn(wanted, Assist::vtimer, word == "TMR");
        } else {
            return invalid_operand(c, i);
        }
    }
    vm.assists = wanted;
    vm.assists_svc = svc;
    return kDone;
}

/// SET SASSIST, SET CPASSIST {ON|OFF}: for every machine that is logged on. Off, an assist stays off until it
/// is switched on again; what a machine has switched off itself, SASSIST ON switches on as well. Machines
/// that are interpreted have none.
uint32_t set_for_all(const DeviceCommand& c, Assist assist) {
    if (!has(c, assist)) return not_installed(c);
    if (c.word(2) != "ON" && c.word(2) != "OFF") return invalid_operand(c, 2);
    const bool on = c.word(2) == "ON";
    for (VirtualMachine& vm : c.nucleus.machines) {
        if (!vm.may_be_assisted()) continue;
        turn(vm.assists, assist, on);
        if (assist == Assist::vma) turn(vm.assists, Assist::evma, on && has(c, Assist::evma));
        c.nucleus.ledger.open(vm.account, vm.assists.has(Assist::ecps));
    }
    return kDone;
}

uint32_t turn_flag(const DeviceCommand& c, bool& flag) {
    if (c.word(2) != "ON" && c.word(2) != "OFF") return invalid_operand(c, 2);
    flag = c.word(2) == "ON";
    return kDone;
}

/// SET STBYPASS {VR|OFF}: a V=R machine translates by its own tables.
uint32_t set_bypass(const DeviceCommand& c) {
    if (!has(c, Assist::pma)) return not_installed(c);
    if (c.word(2) != "VR" && c.word(2) != "OFF") return invalid_operand(c, 2);
    if (c.vm.storage.kind() != StorageKind::real)
        return c.refuse(kInvalidOption, "DMKCFS003E INVALID OPTION - STBYPASS; NOT V=R");
    turn(c.vm.assists, Assist::pma, c.word(2) == "VR");
    c.vm.forget_translations();
    c.nucleus.machine.cpus().page_invalidated();
    return kDone;
}

bool is_operator(const VirtualMachine& vm) { return vm.options.classes.find('A') != std::string::npos; }

}  // namespace

std::optional<uint32_t> execute_set_command(const DeviceCommand& c) {
    if (c.word(0) != "SET") return std::nullopt;
    if (c.size() < 3) return c.refuse(kMissing, "DMKCFS026E OPERAND MISSING OR INVALID");
    const std::string_view option = c.word(1);
    if (option == "MSG") return turn_flag(c, c.vm.receives_messages);
    if (option == "PAGEX") return turn_flag(c, c.vm.handshaking.on);
    if (option == "ASSIST") return set_assist(c);
    if (option == "STBYPASS") return set_bypass(c);
    if (option == "SASSIST" && is_operator(c.vm)) return set_for_all(c, Assist::vma);
    if (option == "CPASSIST" && is_operator(c.vm)) return set_for_all(c, Assist::ecps);
    return c.refuse(kInvalidOption, fmt::format("DMKCFS003E INVALID OPTION - {}", option));
}

std::string assist_settings(const VirtualMachine& vm) {
    if (vm.interpreted()) return "ASSIST OFF, INTERPRETED";
    if (vm.code != nullptr) return "ASSIST OFF, TRANSLATED";
    if (!vm.has_microcode()) return {};
    const char* const sie = vm.interpretive_execution == nullptr ? ""
                            : vm.assists.has(Assist::sie)        ? " SIE"
                                                                 : " NOSIE";
    if (!vm.assists.has(Assist::vma)) return fmt::format("ASSIST OFF{}", sie);
    return fmt::format("ASSIST ON {} {}{}", vm.assists_svc ? "SVC" : "NOSVC",
                       vm.assists.has(Assist::vtimer) ? "TMR" : "NOTMR", sie);
}

}  // namespace vmcp
