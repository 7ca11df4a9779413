#include "vmcp/dispatch/binary_translation.hpp"

#include <algorithm>
#include <utility>

#include "vmcp/dispatch/guest_tables.hpp"

namespace vmcp {
namespace {

using simulation::Exit;

constexpr uint8_t kExecute = 0x44;

}  // namespace

BinaryTranslation::BinaryTranslation(Nucleus& nucleus, Traps& traps, Reflection& reflection,
                                     PrivilegedOperations& privileged, Interpretation& interpretation)
    : nucleus_(nucleus),
      traps_(traps),
      reflection_(reflection),
      privileged_(privileged),
      interpretation_(interpretation) {
    nucleus_.machine.storage().on_watched_stored(
        [this](uint32_t absolute, uint32_t length) { stored(absolute, length); });
}

BinaryTranslation::~BinaryTranslation() {
    nucleus_.machine.storage().on_watched_stored([](uint32_t, uint32_t) {});
}

const Exit& BinaryTranslation::run(GuestContext& context, VirtualMachine& vm, SimTime until) {
    executing_ = &vm;
    const Exit& exit = context.run_translated(vm, until);
    executing_ = nullptr;
    return exit;
}

BinaryTranslation::Left BinaryTranslation::handle(Work& work, VirtualMachine& vm, const Exit& exit) {
    if (stopped_by_store_to_) {
        take_store(work, vm, exit);
        // The instruction may have ended with something else besides.
        if (std::holds_alternative<simulation::Attention>(exit)) return Left::nothing;
    }
    exit_ = exit;
    if (!vm.translated()) return Left::as_any_guest;
    if (const auto* const privileged = std::get_if<simulation::PrivilegedOperation>(&exit_))
        return on_privileged(work, vm, *privileged);
    const auto* const program = std::get_if<isa::ProgramInterruption>(&exit_);
    if (program == nullptr) return Left::as_any_guest;
    switch (program->code) {
        case isa::ProgramCode::operation: return on_operation_exception(work, vm, *program, exit_);
        case isa::ProgramCode::segment_translation:
        case isa::ProgramCode::page_translation: return on_translation_exception(work, vm, *program, exit_);
        default: return Left::as_any_guest;
    }
}

/// As the real CPU finds it, whatever the guest's tables say by now.
BinaryTranslation::Place BinaryTranslation::place(const VirtualMachine& vm, uint32_t logical) const {
    const auto at = vm.code->tables.find(ThirdLevel(logical));
    if (!at) return {};
    return {vm.code->of_copy(*at), at->value % kPage};
}

/// Where the EXECUTE at this address, which the real CPU has begun, has its subject; empty if it is none.
std::optional<uint32_t> BinaryTranslation::subject_of_execute(const VirtualMachine& vm,
                                                              uint32_t address) const {
    const Place at = place(vm, address);
    if (at.page == nullptr || !at.page->known(at.offset)) return std::nullopt;
    if (*nucleus_.machine.storage().at(at.page->source.value + at.offset) != kExecute) return std::nullopt;
    const isa::Operands o = vm.code->decode(*at.page, at.offset).operands;
    const auto& gpr = vm.state.gpr;
    return ((o.r2 != 0 ? gpr[o.r2] : 0) + (o.b2 != 0 ? gpr[o.b2] : 0) + o.d2) & isa::kAddressMask;
}

// ---- Instructions ----

BinaryTranslation::Left BinaryTranslation::on_privileged(Work& work, VirtualMachine& vm,
                                                         const simulation::PrivilegedOperation& p) {
    const uint32_t behind = nucleus_.cpu.psw().address;
    const uint32_t address = (behind - 2 * p.interruption.ilc) & isa::kAddressMask;
    const Place at = place(vm, address);
    if (const Replaced* const replaced = at.replaced()) {
        call(work, vm, address, *replaced, p.interruption);
        return Left::no_trap;
    }
    if (const auto subject = subject_of_execute(vm, address)) {
        if (place(vm, *subject).replaced() == nullptr) return Left::as_any_guest;
        traps_.break_off(vm);
        work.turn_to(Cause::translation);
        work.step(Step::translated_call);
        interpret(work, vm, address);
        return Left::no_trap;
    }
    // In the guest's problem state it is an exception.
    if (at.page != nullptr && !vm.state.psw.problem_state && at.page->count_trap(at.offset) == kPatience) {
        Work(nucleus_.ledger, vm.account, Cause::translation).step(Step::translate_instruction);
        vm.code->replace(*at.page, at.offset);
    }
    return Left::as_any_guest;
}

/// Zeroes: code that is not translated, or an instruction that is interpreted for good. Or it is the guest's.
BinaryTranslation::Left BinaryTranslation::on_operation_exception(Work& work, VirtualMachine& vm,
                                                                  const isa::ProgramInterruption& i,
                                                                  const Exit& exit) {
    const uint32_t address = (nucleus_.cpu.psw().address - 2 * i.ilc) & isa::kAddressMask;
    const Place at = place(vm, address);
    if (at.page == nullptr) return Left::as_any_guest;
    Place concerned = at;
    unsigned most = CodeSpace::kMostInBlock;
    const auto subject = at.replaced() == nullptr ? subject_of_execute(vm, address) : std::nullopt;
    if (subject) {
        concerned = place(vm, *subject);
        if (concerned.page == nullptr) return Left::as_any_guest;
        most = 1;
    }
    const bool replaced = concerned.replaced() != nullptr;
    if (!replaced && concerned.page->known(concerned.offset)) return Left::as_any_guest;
    work.turn_to(Cause::translation);
    traps_.enter(work, vm, i, exit);
    if (replaced) {
        interpret(work, vm, address);
    } else {
        go_back(vm, address);
        translate(work, vm, concerned, most);
    }
    return Left::nothing;
}

/// A replaced instruction that is not done in line.
void BinaryTranslation::call(Work& work, VirtualMachine& vm, uint32_t address, const Replaced& replaced,
                             const isa::ProgramInterruption& trap) {
    traps_.break_off(vm);
    const isa::Decoded instruction = replaced.instruction;
    const bool simulated = replaced.how == Replaced::How::simulated;
    work.turn_to(simulated ? Cause::simulated(instruction.op) : Cause(Cause::translation));
    work.step(Step::translated_call);
    if (!simulated) return interpret(work, vm, address);
    ++vm.code->counts.calls;
    go_back(vm, address);
    nucleus_.observers.tell([&](Observer& o) { o.followed(vm, instruction); });
    vm.state.psw.address = (address + instruction.length) & isa::kAddressMask;
    isa::ProgramInterruption known = trap;
    known.ilc = instruction.length / 2;
    const simulation::MachineModel& model = nucleus_.machine.model();
    const isa::Hole hole = vm.state.psw.problem_state ? model.holes.of(instruction.op) : isa::Hole::none;
    if (hole != isa::Hole::none || may_execute(vm, instruction, model.facilities))
        return privileged_.simulate_decoded(work, vm, instruction, known, hole);
    work.turn_to(Cause::reflect_program);
    reflection_.deliver(work, vm, known);
}

void BinaryTranslation::interpret(Work& work, VirtualMachine& vm, uint32_t address) {
    ++vm.code->counts.interpreted;
    go_back(vm, address);
    interpretation_.step(work, vm);
}

/// The instruction at this address has not been executed, though the real CPU has begun what stands there.
void BinaryTranslation::go_back(VirtualMachine& vm, uint32_t address) {
    vm.state.psw.address = address;
    nucleus_.observers.tell([&](Observer& o) { o.comes_again(vm); });
}

void BinaryTranslation::translate(Work& work, VirtualMachine& vm, Place where, unsigned most) {
    if (where.page->known(where.offset)) return;
    work.step(Step::translate_instruction, vm.code->translate(*where.page, where.offset, most));
}

// ---- Pages ----

BinaryTranslation::Left BinaryTranslation::on_translation_exception(Work& work, VirtualMachine& vm,
                                                                    const isa::ProgramInterruption& i,
                                                                    const Exit& exit) {
    if (i.translation_address & isa::kSecondarySpaceException) {
        // Of an operand, which the guest believes to be in the space that it is in.
        auto& told = std::get<isa::ProgramInterruption>(exit_);
        if (!vm.state.psw.dat || !vm.state.psw.secondary_space)
            told.translation_address &= ~isa::kSecondarySpaceException;
        return Left::as_any_guest;
    }
    const uint32_t logical = i.translation_address & isa::kAddressMask;
    SecondLevel page(logical), entry(0);
    if (vm.state.psw.dat) {
        GuestTables tables(vm.storage);
        const isa::Translation t = isa::translate_address(tables, *isa::TranslationFormat::of(vm.state.cr[0]),
                                                          vm.state.cr[1], logical, false);
        if (!t.ok()) return Left::as_any_guest;
        page = SecondLevel(t.real);
        entry = SecondLevel(t.page_entry);
    }
    // It is handled as the fault of an operand would be, and the instruction is fetched again.
    if (!vm.storage.valid(page) || !vm.storage.locate(page)) return Left::as_any_guest;
    work.turn_to(Cause::translation);
    traps_.enter(work, vm, i, exit);
    go_back(vm, vm.state.psw.address);
    if (vm.state.psw.dat) work.step(Step::walk_guest_tables);
    work.step(Step::find_code_page);
    const FirstLevel frame = *vm.storage.locate(page);
    const PageLock lock(vm.storage, page);
    try {
        const FirstLevel source(frame.value & ~(kPage - 1));
        const uint64_t flushes = vm.code->counts.flushes;
        const CodePage* code = &vm.code->page_of(source);
        vm.code->tables.fill(ThirdLevel(logical), FirstLevel(code->copy.value | frame.value % kPage), entry);
        if (vm.code->counts.flushes != flushes) nucleus_.machine.cpus().page_invalidated();
        code = vm.code->of_source(source);
        if (code == nullptr) return Left::nothing;  // tables took what it lay in: it comes again
    } catch (RealStorageExhausted) {
        vm.storage.set_exhausted();
        return Left::nothing;
    }
    const Place at = place(vm, vm.state.psw.address);
    if (at.page != nullptr && vm.state.psw.address / simulation::kBlock == logical / simulation::kBlock)
        translate(work, vm, at);
    return Left::nothing;
}

// ---- Stores ----

/// What the machine has translated from the frame, if its stores concern it.
CodePage* BinaryTranslation::watching_page(const VirtualMachine& vm, FirstLevel frame) {
    CodePage* const page = vm.code != nullptr ? vm.code->of_source(frame) : nullptr;
    return page != nullptr && !page->is_direct() ? page : nullptr;
}

/// From whichever side: the guest's own, another guest's, a channel's, the control program's.
void BinaryTranslation::stored(uint32_t absolute, uint32_t length) {
    const uint32_t end = absolute + length;
    for (uint32_t frame = absolute - absolute % kPage; frame < end; frame += kPage) {
        const CodePage::Range changed{std::max(absolute, frame) - frame,
                                      std::min(end, frame + kPage) - frame};
        // Mostly nobody but who executes has translated from a frame.
        unsigned watchers = nucleus_.pager.frames().watchers(FirstLevel(frame));
        CodePage* const own = executing_ != nullptr ? watching_page(*executing_, FirstLevel(frame)) : nullptr;
        if (own != nullptr) {
            executing_->code->stored(*own, changed);
            notice_store(*executing_, *own);
            --watchers;
        }
        for (VirtualMachine& vm : nucleus_.machines) {
            if (watchers == 0) break;
            CodePage* const page = &vm != executing_ ? watching_page(vm, FirstLevel(frame)) : nullptr;
            if (page == nullptr) continue;
            vm.code->stored(*page, changed);
            --watchers;
        }
    }
}

/// The machine protects such pages. What translated code stores there often is rewritten.
void BinaryTranslation::notice_store(VirtualMachine& vm, CodePage& page) {
    simulation::Cpu& cpu = nucleus_.cpu;
    const bool translated = vm.translated();
    if (!translated || page.stores[0] < kPatience) {
        if (!stopped_by_store_to_) ++page.stores[translated ? 0 : 1];
        stopped_by_store_to_ = page.source;
        return cpu.ask_owner_at_once();
    }
    const void* const place = cpu.execution().place;
    if (checked_.place == place && checked_.time == cpu.now()) return;
    ++vm.code->counts.stores;
    ++vm.code->counts.checked;
    vm.enter_guest_time(cpu.now());
    Work::continued(nucleus_.ledger, vm.account, Cause::translation).step(Step::checked_store);
    vm.ran_until = cpu.now();
    checked_ = {place, cpu.now()};
}

/// A store that stopped the guest: the control program has executed it in its place.
void BinaryTranslation::take_store(Work& work, VirtualMachine& vm, const Exit& exit) {
    const FirstLevel frame = *std::exchange(stopped_by_store_to_, std::nullopt);
    ++vm.code->counts.stores;
    work.turn_to(Cause::translation);
    isa::ProgramInterruption refused;
    refused.code = isa::ProgramCode::protection;
    refused.ilc = 2;
    const isa::Psw interrupted = nucleus_.cpu.psw();
    traps_.enter(work, vm, refused, exit);
    nucleus_.cpu.set_psw(interrupted);  // which something else may interrupt, too
    work.steps(Step::interpret_fetch, Step::interpret_operand, Step::interpret_general);
    const CodePage* const page = vm.code->of_source(frame);
    if (page == nullptr || page->stores[1] < kLongPatience || vm.code->model().holes.any()) return;
    if (frame.value >= 16 * simulation::kMebibyte) return;  // which tables of 2K pages cannot name
    vm.code->execute_directly(frame);
    nucleus_.machine.cpus().page_invalidated();
}

}  // namespace vmcp
