// What the punches and printers of one machine put out: collected for the result, and written to the files
// that its configuration names, as it comes.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "vmcp/experiment/output_file.hpp"
#include "vmcp/experiment/result.hpp"

namespace vmcp::experiment {

/// A machine puts out more than is held of it.
struct OutputFull : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class DeviceOutputs {
  public:
    /// `factor`: so many times as much as the description says is taken, where whoever runs the machine stops
    /// it when it is full. Throws OutputError where a file cannot be written.
    explicit DeviceOutputs(const VmDescription& description, unsigned factor = 1);

    /// Whether it has put out as much as it may.
    bool full() const { return bytes_ >= most_; }

    /// These throw OutputFull where it is more than may be taken; what came before is in the files.
    void print(uint16_t device, std::string_view text);
    void punch(uint16_t device, const simulation::Card& card);
    void console_line(SimTime at, std::string_view line);

    const GuestOutput& output() const { return output_; }
    /// Ends the files, all of them; a second time it does nothing. Throws OutputError where something could
    /// not be written.
    void finish();

  private:
    PrintedAndPunched& of(uint16_t device);
    void count(std::string_view what, uint16_t device, size_t bytes);

    std::string machine_;
    uint64_t most_;
    uint64_t taken_;
    uint64_t bytes_ = 0;
    uint16_t console_, punch_, printer_;  // their addresses
    GuestOutput output_;
    std::map<uint16_t, OutputFile> files_;
};

}  // namespace vmcp::experiment
