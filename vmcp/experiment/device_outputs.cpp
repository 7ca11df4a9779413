#include "vmcp/experiment/device_outputs.hpp"

#include <fmt/format.h>

#include <exception>

namespace vmcp::experiment {

DeviceOutputs::DeviceOutputs(const VmDescription& description, unsigned factor)
    : machine_(description.options.name),
      most_(description.most_output),
      taken_(description.most_output * factor),
      console_(first_unit(description.options.devices, simulation::UnitRecordRole::console).address),
      punch_(first_unit(description.options.devices, simulation::UnitRecordRole::card_punch).address),
      printer_(first_unit(description.options.devices, simulation::UnitRecordRole::printer).address) {
    for (const auto& [address, name] : description.output_files) files_.try_emplace(address, name);
}

PrintedAndPunched& DeviceOutputs::of(uint16_t device) {
    return device == punch_ || device == printer_ ? output_ : output_.further[device];
}

void DeviceOutputs::count(std::string_view what, uint16_t device, size_t bytes) {
    bytes_ += bytes;
    if (bytes_ <= taken_) return;
    throw OutputFull(
        fmt::format("{}{} {:03X}: one more line or card than a run holds: expected at most {} bytes from the "
                    "console, printers and punches of a machine",
                    machine_.empty() ? "" : machine_ + ": ", what, device, taken_));
}

void DeviceOutputs::print(uint16_t device, std::string_view text) {
    count("printer", device, text.size());
    of(device).printer += text;
    if (const auto file = files_.find(device); file != files_.end()) file->second.write(text);
}

void DeviceOutputs::punch(uint16_t device, const simulation::Card& card) {
    count("punch", device, sizeof card);
    of(device).cards.push_back(card);
    if (const auto file = files_.find(device); file != files_.end())
        file->second.write({reinterpret_cast<const char*>(card.data()), card.size()});
}

void DeviceOutputs::console_line(SimTime at, std::string_view line) {
    constexpr size_t kOfLine = sizeof(ConsoleLine);
    count("console", console_, kOfLine + line.size());
    output_.console.push_back({at, std::string(line)});
}

void DeviceOutputs::finish() {
    std::exception_ptr lost;  // the first that could not be written; the others are ended all the same
    for (auto& [address, file] : files_) {
        try {
            file.finish();
        } catch (const OutputError&) {
            if (!lost) lost = std::current_exception();
        }
    }
    files_.clear();
    if (lost) std::rethrow_exception(lost);
}

}  // namespace vmcp::experiment
