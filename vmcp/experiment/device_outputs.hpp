// What the punches and printers of one machine put out: collected for the result, and written to the files
// that its configuration names, as it comes.
#pragma once

#include <fstream>
#include <map>
#include <string_view>

#include "vmcp/experiment/result.hpp"

namespace vmcp::experiment {

class DeviceOutputs {
  public:
    /// Replaces the files. Throws std::runtime_error where one cannot be written.
    explicit DeviceOutputs(const VmDescription& description);

    void print(uint16_t device, std::string_view text);
    void punch(uint16_t device, const simulation::Card& card);
    void console_line(SimTime at, std::string_view line);

    const GuestOutput& output() const { return output_; }
    /// Ends the files, all of them; a second time it does nothing. Throws std::runtime_error where something
    /// could not be written.
    void finish();

  private:
    PrintedAndPunched& of(uint16_t device);

    simulation::UnitRecordConfiguration units_;
    GuestOutput output_;
    std::map<uint16_t, std::ofstream> files_;
    std::map<uint16_t, std::string> names_;
};

}  // namespace vmcp::experiment
