// Runs a kernel wherever its speed is compared, and looks whether its result is right there.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bench/support/kernels.hpp"
#include "bench/support/program.hpp"
#include "simulation/executor/executor.hpp"
#include "vmcp/conformance/hercules.hpp"

namespace bench {

/// Who executes the kernel's instructions.
enum class Side : uint8_t {
    interpreter,        // our bare machine, by interpretation
    translator,         // our bare machine, by translated code where that is faster (auto)
    hercules,           // the second implementation's bare machine
    guest_interpreter,  // a virtual machine alone under the control program
    guest_translator,
};
inline constexpr std::array kSides = {Side::interpreter, Side::translator, Side::hercules,
                                      Side::guest_interpreter, Side::guest_translator};
/// Its place in an array that has something of each side.
constexpr size_t place(Side side) { return static_cast<size_t>(side); }
template <class T>
using OfSides = std::array<T, kSides.size()>;

/// As in messages and in JSON.
std::string_view name_of(Side side);

class KernelRunner {
  public:
    /// Assembles or compiles it; std::runtime_error where it cannot be. `hercules` may be null.
    KernelRunner(const Kernel& kernel, vmcp::conformance::Hercules* hercules);

    bool can(Side side) const { return side != Side::hercules || hercules_ != nullptr; }
    /// Host CPU seconds of so many rounds, with what start and end take. Throws std::runtime_error with one
    /// line where the kernel does not end, or says that its result is wrong.
    double seconds(Side side, uint32_t rounds) const;
    /// As our bare machine counts them.
    double instructions_a_round() const;
    /// What was translated when the bare machine had gone so many rounds.
    simulation::TranslationCounts translated(uint32_t rounds) const;

  private:
    struct Run {
        double seconds = 0;
        uint64_t instructions = 0;
        simulation::TranslationCounts translated = {};
    };
    Run run_natively(uint32_t rounds) const;
    double run_as_guest(uint32_t rounds) const;
    double run_on_hercules(uint32_t rounds) const;
    [[noreturn]] void fail(std::string_view stop, uint32_t address) const;

    std::string name_;
    std::string model_;  // of our machine
    vmcp::conformance::Architecture architecture_;
    vmcp::conformance::Hercules* hercules_;
    Program program_;
};

}  // namespace bench
