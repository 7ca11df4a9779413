// What the assists of a virtual machine have done, and why not more.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "simulation/model/time.hpp"
#include "vmcp/ledger/cause.hpp"

namespace vmcp {

// REFUSAL(name, text): why the control program got the interruption after all (docs/assists.md).
#define VMCP_ASSIST_REFUSALS(REFUSAL)          \
    REFUSAL(problem_state, "problem state")    \
    REFUSAL(recording, "PER is on")            \
    REFUSAL(exception, "an exception")         \
    REFUSAL(no_frame, "no page frame")         \
    REFUSAL(mode, "PSW changes mode")          \
    REFUSAL(wait, "PSW waits")                 \
    REFUSAL(pending, "something pending")      \
    REFUSAL(switched_off, "switched off")      \
    REFUSAL(shared, "shared segment")          \
    REFUSAL(no_table, "no shadow table there") \
    REFUSAL(intercepted, "intercepted")        \
    REFUSAL(handed_over, "begun, handed over") \
    REFUSAL(not_mapped, "not mapped for channel")

enum class AssistRefusal : uint8_t {
    none,
#define REFUSAL(name, text) name,
    VMCP_ASSIST_REFUSALS(REFUSAL)
#undef REFUSAL
};
inline constexpr unsigned kAssistRefusals = 1
#define REFUSAL(name, text) +1
    VMCP_ASSIST_REFUSALS(REFUSAL)
#undef REFUSAL
    ;
inline constexpr std::string_view kAssistRefusalNames[kAssistRefusals] = {"none",
#define REFUSAL(name, text) #name,
                                                                          VMCP_ASSIST_REFUSALS(REFUSAL)
#undef REFUSAL
};
inline constexpr std::string_view kAssistRefusalTexts[kAssistRefusals] = {"",
#define REFUSAL(name, text) text,
                                                                          VMCP_ASSIST_REFUSALS(REFUSAL)
#undef REFUSAL
};

struct AssistCount {
    uint64_t calls = 0, hits = 0;
    std::array<uint64_t, kAssistRefusals> refused{};  // by AssistRefusal
};

/// By what was asked for: the causes that the control program would have worked under.
struct AssistCounts {
    std::array<AssistCount, Cause::kCount> of{};
    simulation::SimTime time = 0;  // spent by the assist, part of the guest's, ns

    AssistCount& operator[](Cause cause) { return of[cause.index()]; }
    const AssistCount& operator[](Cause cause) const { return of[cause.index()]; }
};

}  // namespace vmcp
