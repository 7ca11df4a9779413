#pragma once

#include <chrono>

namespace vmcp::experiment {

/// Adds the host time of a scope, in seconds.
class HostStopwatch {
  public:
    explicit HostStopwatch(double& seconds) : seconds_(seconds) {}
    ~HostStopwatch() {
        seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    }
    HostStopwatch(const HostStopwatch&) = delete;
    HostStopwatch& operator=(const HostStopwatch&) = delete;

  private:
    double& seconds_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace vmcp::experiment
