// The simulated machine of this program, as an implementation to be judged.
#pragma once

#include <string>

#include "vmcp/conformance/outcome.hpp"

namespace vmcp::conformance {

class SimulatedMachine final : public Implementation {
  public:
    /// `model`: name or file of a machine model. It must have every facility; `unit` has.
    explicit SimulatedMachine(std::string model = "unit");

    std::string name() const override;
    Outcome run(const RunRequest& request) override;

  private:
    std::string model_;
};

}  // namespace vmcp::conformance
