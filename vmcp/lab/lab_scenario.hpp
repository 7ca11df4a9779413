// The scenario of a check, with the student's files in it.
#pragma once

#include <chrono>
#include <optional>

#include "vmcp/experiment/scenario.hpp"
#include "vmcp/lab/check.hpp"

namespace vmcp::lab {

/// Reads it. What is found is passed, and there is a scenario, or it says what is wrong with a student's
/// source. Throws simulation::TomlError where the scenario itself is at fault.
Finding read_lab_scenario(const Check& check, const Workbench& bench, Language language,
                          std::optional<experiment::Scenario>& scenario);

/// Host time that a check may take. Verdicts hang on it only where a program goes on for ever in a way that
/// no limit of instructions ends.
class Deadline {
  public:
    explicit Deadline(double seconds) : seconds_(seconds) {}
    bool over() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count() > seconds_;
    }
    Finding told(Language language) const;

  private:
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    double seconds_;
};

}  // namespace vmcp::lab
