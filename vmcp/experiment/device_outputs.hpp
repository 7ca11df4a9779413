// What the punches and printers of one machine put out: collected for the result, and written to the files
// that its configuration names, as it comes.
#pragma once

#include <map>
#include <string_view>

#include "vmcp/experiment/output_file.hpp"
#include "vmcp/experiment/result.hpp"

namespace vmcp::experiment {

class DeviceOutputs {
  public:
    /// Throws OutputError where a file cannot be written.
    explicit DeviceOutputs(const VmDescription& description);

    void print(uint16_t device, std::string_view text);
    void punch(uint16_t device, const simulation::Card& card);
    void console_line(SimTime at, std::string_view line);

    const GuestOutput& output() const { return output_; }
    /// Ends the files, all of them; a second time it does nothing. Throws OutputError where something could
    /// not be written.
    void finish();

  private:
    PrintedAndPunched& of(uint16_t device);

    simulation::UnitRecordConfiguration units_;
    GuestOutput output_;
    std::map<uint16_t, OutputFile> files_;
};

}  // namespace vmcp::experiment
