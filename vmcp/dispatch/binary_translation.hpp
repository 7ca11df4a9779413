// Binary translation: the control program's part of it, wherever the real CPU cannot go on in translated code
// by itself. In its problem state the guest is executed as it is, as any other, unless the machine has holes.
//
// - Control reaches code that is not translated yet: a block of it is, and the guest goes on there.
// - No table leads to a page yet: it is found or made, and entered.
// - A replaced instruction is not done in line: that is a call, and no trap. It is simulated on the virtual
//   CPU as if it had trapped; or interpreted, where it does not lie in one piece.
// - A privileged instruction traps: that is handled as of any guest. After kPatience times it is replaced.
// - A store into a page with translated code has been executed, and what it made invalid is
//   (CodeSpace::stored). It stops the guest, until it is rewritten.
//
// What is in a page of translated code, and how it gets there: vmcp/translation. docs/binary-translation.md.
#pragma once

#include "vmcp/dispatch/guest_context.hpp"
#include "vmcp/dispatch/interpretation.hpp"
#include "vmcp/dispatch/traps.hpp"
#include "vmcp/translation/code_space.hpp"

namespace vmcp {

class BinaryTranslation {
  public:
    BinaryTranslation(Nucleus& nucleus, Traps& traps, Reflection& reflection,
                      PrivilegedOperations& privileged, Interpretation& interpretation);
    ~BinaryTranslation();
    BinaryTranslation(const BinaryTranslation&) = delete;
    BinaryTranslation& operator=(const BinaryTranslation&) = delete;

    /// GuestContext::run for a guest whose code is translated.
    const simulation::Exit& run(GuestContext& context, VirtualMachine& vm, SimTime until);

    /// What is left to do of what stopped such a guest.
    enum class Left : uint8_t {
        nothing,      // it was a trap, which has been handled
        no_trap,      // it has been handled, and nothing had interrupted the real CPU
        as_any_guest  // all: exit() is to be handled as that of any guest
    };
    Left handle(Work& work, VirtualMachine& vm, const simulation::Exit& exit);
    const simulation::Exit& exit() const { return exit_; }

  private:
    /// Where translated code lies: no page where no table leads there, or the guest's frame is executed.
    struct Place {
        CodePage* page = nullptr;
        uint32_t offset = 0;
        const Replaced* replaced() const { return page != nullptr ? page->replaced(offset) : nullptr; }
    };
    /// How many times something is put up with before code is rewritten because of it.
    static constexpr unsigned kPatience = 4;
    /// The same with stores of code that is not translated, and not rewritten: then the page is not
    /// translated.
    static constexpr unsigned kLongPatience = 32;

    Place place(const VirtualMachine& vm, uint32_t logical) const;
    std::optional<uint32_t> subject_of_execute(const VirtualMachine& vm, uint32_t address) const;
    Left on_privileged(Work& work, VirtualMachine& vm, const simulation::PrivilegedOperation& p);
    Left on_operation_exception(Work& work, VirtualMachine& vm, const isa::ProgramInterruption& i,
                                const simulation::Exit& exit);
    Left on_translation_exception(Work& work, VirtualMachine& vm, const isa::ProgramInterruption& i,
                                  const simulation::Exit& exit);
    void call(Work& work, VirtualMachine& vm, uint32_t address, const Replaced& replaced,
              const isa::ProgramInterruption& trap);
    void interpret(Work& work, VirtualMachine& vm, uint32_t address);
    void go_back(VirtualMachine& vm, uint32_t address);
    void translate(Work& work, VirtualMachine& vm, Place where, unsigned most = CodeSpace::kMostInBlock);
    static CodePage* watching_page(const VirtualMachine& vm, FirstLevel frame);
    void stored(uint32_t absolute, uint32_t length);
    void notice_store(VirtualMachine& vm, CodePage& page);
    void take_store(Work& work, VirtualMachine& vm, const simulation::Exit& exit);

    Nucleus& nucleus_;
    Traps& traps_;
    Reflection& reflection_;
    PrivilegedOperations& privileged_;
    Interpretation& interpretation_;
    simulation::Exit exit_;
    VirtualMachine* executing_ = nullptr;            // whose instructions the real CPU executes
    std::optional<FirstLevel> stopped_by_store_to_;  // the frame of a page with translated code
    /// Of a rewritten store: it may be told of once for each part of its operand.
    struct Checked {
        const void* place = nullptr;
        SimTime time = 0;
    };
    Checked checked_;
};

}  // namespace vmcp
