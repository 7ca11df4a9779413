// How a run went on in time: what each machine had got by then, at some moments between its beginning and its
// end. Bounded: where there would be too many moments, every other one goes, and the later ones are as far
// apart as the rest.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "simulation/model/time.hpp"

namespace vmcp::experiment {

using simulation::SimTime;

/// All of it is since the beginning of the run, but for pages and frames: those are there at that moment.
struct TimelineMoment {
    struct Machine {
        SimTime guest = 0, control_program = 0;
        uint64_t exits = 0;
        uint32_t resident_pages = 0;
    };
    struct Device {
        uint64_t requests = 0;
        SimTime service = 0;
    };
    SimTime at = 0, idle = 0, own = 0;  // own: control-program time that is no machine's
    uint64_t pages_in = 0, pages_out = 0;
    uint32_t frames_free = 0;
    std::vector<Machine> machines;
    std::vector<Device> devices;
};

class Timeline {
  public:
    /// Of a run with so many machines.
    explicit Timeline(size_t machines);

    /// When the next moment is to be added.
    SimTime due() const { return due_; }
    void add(TimelineMoment moment);
    const std::vector<TimelineMoment>& moments() const { return moments_; }

  private:
    size_t most_;
    SimTime interval_, due_ = 0;
    std::vector<TimelineMoment> moments_;
};

/// A list a figure, with an element a moment.
nlohmann::ordered_json to_json(const std::vector<TimelineMoment>& timeline);

}  // namespace vmcp::experiment
