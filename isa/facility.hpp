// Facilities: groups of instructions that a machine may or may not have installed. GA22-7000 chapter 1 and
// appendix D.
#pragma once

#include <cstdint>
#include <string_view>

namespace isa {

#define ISA_FACILITIES(FACILITY)                                                                             \
    FACILITY(base, "the System/370 basic set")                                                               \
    FACILITY(branch_and_save, "BAS and BASR")                                                                \
    FACILITY(decimal, "the commercial (decimal) set")                                                        \
    FACILITY(floating_point, "hexadecimal floating point, short and long")                                   \
    FACILITY(extended_float, "extended-precision floating point")                                            \
    FACILITY(move_inverse, "MVCIN")                                                                          \
    FACILITY(psw_key, "PSW-key handling: IPK and SPKA")                                                      \
    FACILITY(clock_comparator, "clock comparator and CPU timer")                                             \
    FACILITY(translation, "dynamic address translation: LRA, PTLB, RRB, STNSM, STOSM")                       \
    FACILITY(extended, "System/370 extended facility: IPTE, TPROT, common segments, low-address protection") \
    FACILITY(key_extended, "storage-key instructions for 4K blocks: ISKE, RRBE, SSKE")                       \
    FACILITY(test_block, "TEST BLOCK")                                                                       \
    FACILITY(dual_address_space, "dual-address-space facility")                                              \
    FACILITY(multiprocessing, "SIGP, SPX, STPX, STAP")                                                       \
    FACILITY(direct_control, "RDD and WRD")                                                                  \
    FACILITY(gcc, "the immediate-and-relative instructions that gcc emits (not System/370)")                 \
    FACILITY(translating_channels, "channels that go through the tables of a guest (not System/370)")        \
    FACILITY(nested_translation, "table walks through the tables of guest and host (not System/370)")        \
    FACILITY(virtual_machine_assist, "microcode that simulates privileged instructions of guests")           \
    FACILITY(expanded_assist, "more of them: clocks, PTLB, TCH, and further cases")                          \
    FACILITY(interval_timer_assist, "microcode that counts down the interval timers of guests")              \
    FACILITY(control_program_assist, "microcode for often used paths of the control program")                \
    FACILITY(preferred_machine, "a guest at real addresses translates by its own tables")                    \
    FACILITY(interpretive_execution, "hardware that executes guests under a state description (SIE)")        \
    FACILITY(untagged_tlb, "a TLB that does not tell guests apart: it is purged when another is dispatched") \
    FACILITY(nested_interpretive_execution, "interpretive execution of guests of guests, to eight levels")   \
    FACILITY(interpretive_io, "interpretive execution of I/O instructions for a guest's own devices")

enum class Facility : uint8_t {
#define FACILITY(name, text) name,
    ISA_FACILITIES(FACILITY)
#undef FACILITY
};

inline constexpr std::string_view kFacilityNames[] = {
#define FACILITY(name, text) #name,
    ISA_FACILITIES(FACILITY)
#undef FACILITY
};

inline constexpr std::string_view kFacilityTexts[] = {
#define FACILITY(name, text) text,
    ISA_FACILITIES(FACILITY)
#undef FACILITY
};

/// A set of installed facilities.
class FacilitySet {
  public:
    constexpr FacilitySet() = default;
    constexpr bool has(Facility f) const { return bits_ >> static_cast<unsigned>(f) & 1; }
    constexpr void install(Facility f) { bits_ |= 1u << static_cast<unsigned>(f); }
    constexpr void remove(Facility f) { bits_ &= ~(1u << static_cast<unsigned>(f)); }
    constexpr bool operator==(const FacilitySet&) const = default;

    /// Everything of System/370: not `gcc` and what comes behind it.
    static constexpr FacilitySet system370() {
        FacilitySet s;
        s.bits_ = (1u << static_cast<unsigned>(Facility::gcc)) - 1;
        return s;
    }
    /// The same, and what guests in C need.
    static constexpr FacilitySet with_gcc() {
        FacilitySet s = system370();
        s.install(Facility::gcc);
        return s;
    }

  private:
    uint32_t bits_ = 0;
};

}  // namespace isa
