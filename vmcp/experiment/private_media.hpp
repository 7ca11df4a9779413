// Copies of what machines write on, so that two runs of a scenario neither disturb one another nor leave
// anything behind: each disk gets an overlay, each tape a copy, in a folder that goes away.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "vmcp/experiment/scenario.hpp"

namespace vmcp::experiment {

class PrivateMedia {
  public:
    /// Throws std::runtime_error where there can be no such folder.
    PrivateMedia();
    ~PrivateMedia();
    PrivateMedia(const PrivateMedia&) = delete;
    PrivateMedia& operator=(const PrivateMedia&) = delete;

    /// Puts them in the place of what the description names. Throws std::runtime_error where a file cannot
    /// be copied.
    void replace_in(simulation::DeviceDescription& device);
    void replace_in(VmDescription& vm);
    void replace_in(Scenario& scenario);

  private:
    std::string copy_of(const std::string& file, bool copies);

    std::filesystem::path folder_;
    std::map<std::string, std::string> copies_;  // by the file's name
};

}  // namespace vmcp::experiment
