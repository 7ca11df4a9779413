#include "vmcp/experiment/explain.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "isa/disassembler.hpp"
#include "vmcp/experiment/cpu_trace.hpp"
#include "vmcp/experiment/interruption_text.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::experiment {
namespace {

constexpr size_t kCost = 9;

/// Up to six bytes of the guest's storage where the instruction lies; none where its page has no frame, or
/// where the guest translates addresses itself.
std::vector<uint8_t> guest_bytes(const VirtualMachine& vm, uint32_t address) {
    std::vector<uint8_t> bytes;
    if (vm.state.psw.dat) return bytes;
    for (uint32_t i = 0; i < 6; ++i) {
        const SecondLevel at((address + i) & isa::kAddressMask);
        const auto real = vm.storage.valid(at) ? vm.storage.locate(at) : std::nullopt;
        if (!real) break;
        bytes.push_back(*vm.storage.real().at(real->value));
    }
    return bytes;
}

/// Where the operand of a privileged instruction lies, or which device it names.
std::string operand_text(const VirtualMachine& vm, const isa::Decoded& instruction) {
    const isa::Operands& o = instruction.operands;
    const auto address = [&vm](unsigned base, unsigned displacement) {
        return ((base != 0 ? vm.state.gpr[base] : 0) + displacement) & isa::kAddressMask;
    };
    switch (instruction.row().format) {
        case isa::Format::S:
        case isa::Format::RS:
            if (instruction.row().cost == isa::CostClass::io)
                return fmt::format("device {:03X}", address(o.b2, o.d2) & 0xFFF);
            return fmt::format("address {:06X}", address(o.b2, o.d2));
        case isa::Format::SI:
        case isa::Format::SI_S: return fmt::format("address {:06X}", address(o.b1, o.d1));
        default: return "";
    }
}

}  // namespace

Explainer::Explainer(std::vector<EventChoice> choices, const simulation::MachineModel& model,
                     std::vector<std::string> names, Output output, size_t width)
    : selection_(std::move(choices)),
      model_(model),
      names_(std::move(names)),
      output_(std::move(output)),
      page_(width),
      column_(page_.column()) {
    page_.title(title_of(selection_.choices(), "trap"));
    page_.prose(fmt::format(
        "{} the real machine, which the control program owns. {} the virtual machine as its guest sees it. "
        "The guest runs on the real CPU, but in problem state and behind address translation; whatever only "
        "the owner of a machine may do interrupts it. Costs are simulated time, by the models of the "
        "scenario.",
        page_.side_by_side() ? "Left:" : "Plain:", page_.side_by_side() ? "Right:" : "Behind a stroke:"));
    introduction_ = page_.take();
}

EventNames Explainer::names_of(const std::vector<std::string>& machines) {
    EventNames names{.event = "trap", .machines = machines};
    std::vector<std::string> others;
    for (unsigned i = 0; i < Cause::kCount; ++i) {
        names.causes.emplace_back(Cause::at(i).name());
        if (i < Cause::named_causes) others.push_back(names.causes.back());
    }
    names.causes_text =
        fmt::format("a cause of the report (LPSW, SIO or another simulated instruction, or one of {})",
                    fmt::join(others, ", "));
    return names;
}

void Explainer::guest_ran(const VirtualMachine&, SimTime begin, SimTime end_of_run) {
    if (vm_ != nullptr) end(nullptr, "");
    ran_ = end_of_run - begin;
}

void Explainer::show_instruction(const VirtualMachine& vm, const Trap& trap) {
    std::vector<std::string> real, guest;
    const auto* program = std::get_if<isa::ProgramInterruption>(&trap.interruption);
    const auto* call = std::get_if<isa::SupervisorCallInterruption>(&trap.interruption);
    uint32_t address = trap.real_old_psw.address;
    if (call != nullptr) address -= 2 * call->ilc;
    if (program != nullptr && !isa::nullifies(program->code)) address -= 2 * program->ilc;
    address &= isa::kAddressMask;
    std::string source;
    const std::vector<uint8_t> bytes = guest_bytes(vm, address);
    if (program != nullptr || call != nullptr) {
        if (!bytes.empty()) source = isa::disassemble(bytes, model_.facilities);
        if (source.empty() && trap.instruction) source = isa::disassemble(*trap.instruction);
        append(real, wrap(fmt::format("The guest comes to an instruction that {}:",
                                      trap.instruction  ? "problem state may not execute"
                                      : call != nullptr ? "calls its supervisor"
                                                        : "the real CPU cannot complete"),
                          column_));
    } else {
        real.emplace_back("The guest is interrupted before:");
        if (!bytes.empty()) source = isa::disassemble(bytes, model_.facilities);
    }
    guest.push_back(fmt::format("{:06X}  {}", address, source));
    if (trap.instruction && source.starts_with("EX ")) {
        guest.push_back(fmt::format("        executes {}", isa::disassemble(*trap.instruction)));
    }
    const isa::Row* row_of_it = trap.instruction ? &trap.instruction->row() : nullptr;
    if (program != nullptr && isa::nullifies(program->code))
        append(guest, wrap(fmt::format("touches {:06X}", program->translation_address), column_, 8));
    if (row_of_it != nullptr) {
        const std::string operand = operand_text(vm, *trap.instruction);
        if (!operand.empty()) append(guest, wrap(operand, column_, 8));
        append(guest, wrap(fmt::format("{}: {}", row_of_it->mnemonic, row_of_it->title), column_));
        native_ = model_.cost(row_of_it->cost, isa::units_of(*row_of_it, trap.instruction->operands));
    }
    page_.both(real, guest);
}

void Explainer::trapped(const VirtualMachine& vm, const Trap& trap) {
    if (!selection_.open() || !selection_.begin(vm.id, trap.time)) return;
    vm_ = &vm;
    before_ = vm.state;
    spent_ = trap.taken - trap.time;
    native_.reset();
    const auto* program = std::get_if<isa::ProgramInterruption>(&trap.interruption);
    const bool page = program != nullptr && isa::nullifies(program->code);
    page_ends_ = page;
    brief_ = page && page_told_ && !selection_.single();
    if (brief_) {
        brief_text_ = fmt::format("Trap {}: {} touches {:06X} at {}: as before", selection_.number(),
                                  vm.options.name, program->translation_address, duration_text(trap.time));
        return;
    }
    page_.blank();
    page_.prose(fmt::format("Trap {}: {}, after {} of guest time, at {}", selection_.number(),
                            vm.options.name, duration_text(ran_), duration_text(trap.time)));
    page_.rule("┬");
    page_.row("REAL MACHINE", fmt::format("VIRTUAL MACHINE {}", vm.options.name));
    page_.rule("┼");
    show_instruction(vm, trap);
    page_.row("", "");
    std::vector<std::string> real{fmt::format("real PSW     {}", psw_hex(trap.real_old_psw))};
    append(real, wrap(psw_meaning(trap.real_old_psw), column_, 2));
    std::vector<std::string> guest{fmt::format("virtual PSW  {}", psw_hex(vm.state.psw))};
    append(guest, wrap(psw_meaning(vm.state.psw), column_, 2));
    page_.both(real, guest);
    page_.row("", "");
    page_.row("The hardware:", "");
    page_.both(trap.intercepted ? std::vector<std::string>{"  intercepts it"}
                                : wrap(interruption_text(trap.interruption), column_, 2),
               {});
    if (trap.coming_out != 0)
        page_.row(fmt::format("  ends interpretive execution {:>{}}", duration_text(trap.coming_out),
                              column_ - 30 + 1),
                  "");
    if (trap.intercepted) return page_.row("The control program:", "");
    const PswPlaces places = psw_places(trap.interruption);
    page_.row(fmt::format("  stores that PSW at real {:06X},", places.old_psw), "");
    page_.row(fmt::format("  loads the one at real {:06X}{:>{}}", places.new_psw,
                          duration_text(spent_ - trap.coming_out), column_ - 30 + 1),
              "");
    page_.row("The control program:", "");
}

void Explainer::worked(const Account& account, Cause cause, Step step, uint64_t times, SimTime,
                       SimTime cost) {
    if (vm_ == nullptr) return;
    selection_.add_cause(cause.index());
    const bool own = account.owner == vm_->id;
    if (own) spent_ += cost;
    if (brief_) return;
    std::string what(text_of(step));
    if (times != 1) what += fmt::format(" ({} times)", times);
    if (!own) {
        const bool known = account.owner < names_.size();
        what = (known ? "(for " + names_[account.owner] + ") " : "(for none) ") + what;
    }
    std::vector<std::string> lines = wrap(what, column_ - kCost, 2);
    lines.back() = fmt::format("{:<{}}{:>{}}", lines.back(), column_ - kCost + 1, duration_text(cost), kCost);
    flush_step();
    step_ = std::move(lines);
}

/// A step waits for what the guest may be given through it, which is told beside it.
void Explainer::flush_step(const std::vector<std::string>& beside) {
    page_.both(std::exchange(step_, {}), beside);
}

void Explainer::followed(const VirtualMachine& vm, const isa::Decoded& instruction) {
    if (vm_ != &vm || brief_) return;
    flush_step();
    page_.row("The next would come out, too:",
              fmt::format("{:06X}  {}", vm.state.psw.address, isa::disassemble(instruction)));
}

void Explainer::reflected(const VirtualMachine& vm, const isa::Interruption& interruption) {
    if (vm_ != &vm) return;
    if (brief_) {
        brief_text_ += ", and gets " + interruption_name(interruption);
        return;
    }
    const PswPlaces places = psw_places(interruption);
    std::vector<std::string> guest = wrap("gets: " + interruption_text(interruption), column_);
    guest.push_back(fmt::format("  PSW {}", psw_hex(vm.state.psw)));
    guest.push_back(fmt::format("  is stored at its {:06X},", places.old_psw));
    guest.push_back(fmt::format("  the one at its {:06X} is loaded", places.new_psw));
    if (const auto* io = std::get_if<isa::IoInterruption>(&interruption))
        guest.push_back(
            fmt::format("  CSW {:08X} {:08X} at its 000040", io->csw >> 32, io->csw & 0xFFFFFFFF));
    flush_step(guest);
    // What the guest had when it was interrupted is no change that the control program made.
    before_.psw = vm.state.psw;
}

namespace {

std::string ccw_text(const simulation::Ccw& ccw, uint32_t address) {
    const uint64_t image = encode(ccw);
    return fmt::format("  {:06X}  {:08X} {:08X}", address, image >> 32, image & 0xFFFFFFFF);
}

}  // namespace

/// The guest's channel program and its copy, CCW beside CCW.
void Explainer::translated(const VirtualMachine& vm, const RelayedSubchannel& device) {
    if (vm_ != &vm || brief_) return;
    flush_step();
    const RealDevice& real_device = *device.what().device;
    std::vector<std::string> real{
        fmt::format("  for {} {:03X}:", real_device.device.type(), real_device.address)};
    std::vector<std::string> guest{fmt::format("channel program for {:03X}:", device.address())};
    constexpr size_t kShown = 12;
    const auto pairs = device.program().pairs();
    if (pairs.empty()) {
        const std::string how =
            device.program().form() == TranslatedProgram::Form::followed
                ? "translated CCW by CCW, when the channel comes to it: it changes itself, or "
                  "is too long to be copied"
                : "run as it is: the channel finds the guest's storage";
        append(real, wrap(how, column_, 2));
    }
    for (size_t i = 0; i < std::min(pairs.size(), kShown); ++i) {
        real.push_back(ccw_text(pairs[i].real, pairs[i].real_address));
        guest.push_back(pairs[i].own ? "" : ccw_text(pairs[i].guest, pairs[i].guest_address));
    }
    if (pairs.size() > kShown) real.push_back(fmt::format("  and {} more", pairs.size() - kShown));
    page_.both(real, guest);
}

std::vector<std::string> Explainer::changes(const isa::CpuState& now) const {
    std::vector<std::string> lines{fmt::format("virtual PSW  {}", psw_hex(now.psw))};
    append(lines, wrap(psw_meaning(now.psw), column_, 2));
    const auto registers = [&lines](const char* kind, const auto& was, const auto& is) {
        for (unsigned i = 0; i < 16; ++i)
            if (was[i] != is[i])
                lines.push_back(fmt::format("{}{:<2} {:08X} (was {:08X})", kind, i, is[i], was[i]));
    };
    const size_t psw_lines = lines.size();
    registers("R", before_.gpr, now.gpr);
    registers("C", before_.cr, now.cr);
    if (now.prefix != before_.prefix) lines.push_back(fmt::format("prefix {:06X}", now.prefix));
    if (lines.size() == psw_lines) lines.emplace_back("registers as they were");
    return lines;
}

void Explainer::end(const VirtualMachine* next, std::string_view how) {
    const VirtualMachine& vm = *std::exchange(vm_, nullptr);
    if (brief_) {
        if (!after_brief_) page_.blank();
        page_.prose(fmt::format("{}, {}", brief_text_, duration_text(spent_)));
        return tell();
    }
    flush_step();
    page_.row("", "");
    std::vector<std::string> real;
    if (next == &vm)
        real = wrap("The guest goes on, in problem state, on the real CPU. It finds:", column_ + 1);
    else if (!how.empty())
        real = wrap(how, column_);
    else if (vm.state.psw.wait)
        real = wrap("The guest waits; the real CPU does not: others have it meanwhile.", column_ + 1);
    else
        real = wrap("The guest could go on; another one has its turn.", column_ + 1);
    page_.both(real, changes(vm.state));
    page_.rule("┴");
    page_.prose(fmt::format(
        "This trap took {} of simulated control-program time{}.", duration_text(spent_),
        native_ ? fmt::format("; natively the instruction takes {}", duration_text(*native_)) : ""));
    tell();
}

/// Only now all causes are known.
void Explainer::tell() {
    const std::string text = page_.take();
    if (!selection_.end()) return;
    page_told_ = page_told_ || page_ends_;
    after_brief_ = brief_;
    output_(std::exchange(introduction_, {}) + text);
}

void Explainer::resumed(const VirtualMachine& vm, SimTime) {
    if (vm_ != nullptr) end(&vm, "");
}

void Explainer::idled(SimTime, SimTime) {
    if (vm_ != nullptr) end(nullptr, "Nobody has anything to do: the real CPU waits as well.");
}

void Explainer::stopped(const VirtualMachine& vm, SimTime) {
    if (vm_ == &vm) end(nullptr, fmt::format("The guest is stopped: {}.", name_of(vm.stop)));
}

}  // namespace vmcp::experiment
