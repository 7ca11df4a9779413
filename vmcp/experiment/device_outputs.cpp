#include "vmcp/experiment/device_outputs.hpp"

#include <exception>

namespace vmcp::experiment {

DeviceOutputs::DeviceOutputs(const VmDescription& description) : units_(description.options.devices) {
    for (const auto& [address, name] : description.output_files) files_.try_emplace(address, name);
}

PrintedAndPunched& DeviceOutputs::of(uint16_t device) {
    return device == units_.punch || device == units_.printer ? output_ : output_.further[device];
}

void DeviceOutputs::print(uint16_t device, std::string_view text) {
    of(device).printer += text;
    if (const auto file = files_.find(device); file != files_.end()) file->second.write(text);
}

void DeviceOutputs::punch(uint16_t device, const simulation::Card& card) {
    of(device).cards.push_back(card);
    if (const auto file = files_.find(device); file != files_.end())
        file->second.write({reinterpret_cast<const char*>(card.data()), card.size()});
}

void DeviceOutputs::console_line(SimTime at, std::string_view line) {
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
