// Copies of what machines write on, so that two runs of a scenario neither disturb one another nor leave
// anything behind: each disk gets an overlay, each tape and the spool a copy, in a folder that goes away.
#pragma once

#include <map>
#include <string>

#include "simulation/model/temporary_directory.hpp"
#include "vmcp/experiment/scenario.hpp"

namespace vmcp::experiment {

class PrivateMedia {
  public:
    /// Puts them in the place of what the description names. Throws std::runtime_error where a file cannot
    /// be copied.
    void replace_in(simulation::DeviceDescription& device);
    void replace_in(VmDescription& vm);
    void replace_in(Scenario& scenario);

    const std::filesystem::path& folder() const { return folder_.path(); }

  private:
    std::string copy_of(const std::string& file, bool copies);
    std::string copy_of_spool(const std::string& folder);

    simulation::TemporaryDirectory folder_{"vmcp-media"};
    std::map<std::string, std::string> copies_;  // by the file's name
};

}  // namespace vmcp::experiment
