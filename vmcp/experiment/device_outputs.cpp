#include "vmcp/experiment/device_outputs.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace vmcp::experiment {

DeviceOutputs::DeviceOutputs(const VmDescription& description, unsigned factor)
    : machine_(description.options.name),
      most_(description.most_output),
      taken_(description.most_output * factor),
      units_(description.options.devices),
      names_(description.output_files) {
    for (const auto& [address, name] : names_) {
        std::ofstream& file = files_[address];
        file.open(name, std::ios::binary | std::ios::trunc);
        if (!file)
            throw std::runtime_error(fmt::format("{}: cannot be written: {}", name, std::strerror(errno)));
    }
}

PrintedAndPunched& DeviceOutputs::of(uint16_t device) {
    return device == units_.punch || device == units_.printer ? output_ : output_.further[device];
}

void DeviceOutputs::count(std::string_view what, uint16_t device, size_t bytes) {
    bytes_ += bytes;
    if (bytes_ <= taken_) return;
    for (auto& [address, file] : files_) file.flush();
    throw OutputError(
        fmt::format("{}{} {:03X}: one more line or card than a run holds: expected at most {} bytes from the "
                    "console, printers and punches of a machine",
                    machine_.empty() ? "" : machine_ + ": ", what, device, taken_));
}

void DeviceOutputs::print(uint16_t device, std::string_view text) {
    count("printer", device, text.size());
    of(device).printer += text;
    if (const auto file = files_.find(device); file != files_.end()) file->second << text;
}

void DeviceOutputs::punch(uint16_t device, const simulation::Card& card) {
    count("punch", device, sizeof card);
    of(device).cards.push_back(card);
    if (const auto file = files_.find(device); file != files_.end())
        file->second.write(reinterpret_cast<const char*>(card.data()), card.size());
}

void DeviceOutputs::console_line(SimTime at, std::string_view line) {
    constexpr size_t kOfLine = sizeof(ConsoleLine);
    count("console", units_.console, kOfLine + line.size());
    output_.console.push_back({at, std::string(line)});
}

void DeviceOutputs::finish() {
    std::string lost;  // the first that could not be written; the others are ended all the same
    for (auto& [address, file] : std::exchange(files_, {})) {
        file.close();
        if (!file && lost.empty()) lost = names_[address];
    }
    if (!lost.empty()) throw std::runtime_error(fmt::format("{}: cannot be written", lost));
}

}  // namespace vmcp::experiment
