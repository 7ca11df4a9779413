// Real machines on which single instructions of a guest are executed: the guest alone on a machine of its
// size, or held as a control program holds one.
#pragma once

#include <memory>

#include "simulation/machine/machine.hpp"
#include "vmcp/audit/guest_state.hpp"
#include "vmcp/audit/outcome.hpp"

namespace vmcp::audit {

/// How a real machine holds the guest. Whatever a control program leaves to its guest is the guest's: general
/// and floating-point registers, condition code, program mask, PSW key, keys of its storage, monitor masks,
/// low-address protection.
enum class Held : uint8_t {
    alone,      // as the guest believes
    relocated,  // its storage elsewhere, reached by translation; some of its pages are not there
    elsewhere,  // another CPU of another machine, whose masks, control registers, clocks, devices differ
    later,      // alone, a second later
};

struct Holding {
    Held held = Held::alone;
    bool problem_state = false;
    /// The control registers have what lets the problem state execute semi-privileged instructions. A control
    /// program gives no guest any of that: docs/dual-address-space.md.
    bool authority = true;
};

class Stage {
  public:
    explicit Stage(simulation::MachineModel model);

    struct Run {
        Outcome before, after;
    };
    Run run(const GuestState& guest, const Holding& holding);

  private:
    class Line;
    struct Place {
        std::unique_ptr<simulation::Machine> machine;
        Line* line = nullptr;
    };
    /// Where each page of the guest's real storage lies.
    using Frames = std::array<uint32_t, kGuestPages>;

    static Place make_place(simulation::MachineModel model, uint32_t storage, bool with_line);
    void put_guest(const GuestState& guest, const Frames& frames);
    Frames relocate(const GuestState& guest, isa::CpuState& state, conformance::Random& random);
    void put_tables(const PageMap* map, const Frames& frames, uint32_t absent, uint32_t segments);
    Outcome observe(const Frames& frames, bool began_in_problem_state);
    bool touch();  // whether the untouched page had to be looked up

    Place alone_, larger_, other_;
    Place* place_ = nullptr;
    simulation::Cpu* cpu_ = nullptr;
    simulation::SimTime start_ = 0;
    std::vector<uint8_t> control_program_;  // what lies where the guest believes to be
};

}  // namespace vmcp::audit
