// Program-event recording: what control registers 9-11 watch for, and what one instruction did of it.
// GA22-7000 chapter 4, "Program-Event Recording". Recorded are the real CPU's instructions and those that a
// control program simulates.
#pragma once

#include <cstdint>

#include "isa/interruption.hpp"
#include "isa/state.hpp"

namespace isa {

/// Bits 0-3 of control register 9 and of the PER code.
struct PerEvent {
    static constexpr uint8_t successful_branching = 0x80, instruction_fetching = 0x40,
                             storage_alteration = 0x20, register_alteration = 0x10;
};

/// Notes the events of one instruction that the control registers ask for.
class PerRecorder {
  public:
    /// `address`: where the instruction was fetched from, of EXECUTE if it is one's target. `already`: what
    /// has been recorded of it elsewhere.
    PerRecorder(const CpuState& state, uint32_t address, uint8_t already = 0)
        : masks_(static_cast<uint8_t>(state.cr[9] >> 24 & 0xF0)),
          registers_(static_cast<uint16_t>(state.cr[9])),
          start_(state.cr[10] & kAddressMask),
          size_((state.cr[11] - state.cr[10]) & kAddressMask),
          address_(address),
          code_(already) {}

    void fetched(uint32_t instruction) {
        if (in_area(instruction, 1)) code_ |= masks_ & PerEvent::instruction_fetching;
    }
    void branched() { code_ |= masks_ & PerEvent::successful_branching; }
    void stored(uint32_t operand, uint32_t length) {
        if (in_area(operand, length)) code_ |= masks_ & PerEvent::storage_alteration;
    }
    void altered(unsigned r) {
        if (registers_ << r & 0x8000) code_ |= masks_ & PerEvent::register_alteration;
    }

    bool any() const { return code_ != 0; }
    uint8_t code() const { return code_; }
    uint32_t address() const { return address_; }
    /// Adds the events to an interruption that the instruction caused.
    void mark(ProgramInterruption& i) const {
        if (!any()) return;
        i.per = true;
        i.per_code |= code_;
        i.per_address = address_;
    }

  private:
    /// The area begins at the starting address and goes to the ending address, over the end of storage if it
    /// has to.
    bool in_area(uint32_t operand, uint32_t length) const {
        const uint32_t offset = (operand - start_) & kAddressMask;
        return length != 0 && (offset <= size_ || offset + length - 1 > kAddressMask);
    }

    uint8_t masks_;
    uint16_t registers_;
    uint32_t start_, size_;  // size: last offset in the area
    uint32_t address_;
    uint8_t code_;
};

/// Whether a CPU in this state is to record anything.
constexpr bool records_events(const CpuState& state) { return state.psw.per && state.cr[9] >> 28 != 0; }

/// The program interruption for events alone. `error`: the PSW that the instruction introduced is bad, which
/// is indicated in the same interruption (with that exception's instruction length).
inline ProgramInterruption per_interruption(uint8_t code, uint32_t address, unsigned ilc,
                                            const std::optional<ProgramInterruption>& error) {
    ProgramInterruption i = error ? *error : ProgramInterruption{};
    if (!error) {
        i.only_per = true;
        i.ilc = ilc;
    }
    i.per = true;
    i.per_code = code;
    i.per_address = address;
    return i;
}

}  // namespace isa
