// Lines of a trace in the order of time. Several CPUs run one after the other, each up to a quantum ahead of
// the rest, so that a line of one may come after later ones of another; such lines are held back meanwhile.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "simulation/machine/machine.hpp"

namespace vmcp::experiment {

class TimeOrder {
  public:
    /// `machine` must outlive it.
    TimeOrder(simulation::Machine& machine, std::function<void(const std::string& line)> output);

    /// A line of time `at`; hands on those that no CPU can precede any more. Lines of one time stay in their
    /// order.
    void add(simulation::SimTime at, const std::string& line);
    /// Hands on the rest.
    void finish();

  private:
    void hand_on(simulation::SimTime before);

    simulation::Machine& machine_;
    std::function<void(const std::string& line)> output_;
    std::multimap<simulation::SimTime, std::string> held_;
};

}  // namespace vmcp::experiment
