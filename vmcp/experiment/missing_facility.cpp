#include "vmcp/experiment/missing_facility.hpp"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "isa/instruction.hpp"
#include "isa/interruption.hpp"

namespace vmcp::experiment {

namespace {

constexpr uint32_t kProgramOldPsw = 0x28;
constexpr uint32_t kInterruptionCode = 0x8C;  // EC mode: ILC in the second byte, the code in the last two
constexpr uint8_t kExtendedControl = 0x08;    // in byte 1 of the PSW

isa::Decoded decoded(const uint8_t* bytes) {
    const isa::Decoded of370 = isa::decode(bytes);
    return of370.op != isa::Op::invalid ? of370 : isa::decode(bytes, isa::FacilitySet::with_gcc());
}

/// Built-in models that have it.
std::string models_with(isa::Facility facility) {
    std::vector<std::string> names;
    for (const std::string& name : simulation::MachineModel::names())
        if (simulation::MachineModel::load(name).facilities.has(facility)) names.push_back(name);
    return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::string missing_facility(const simulation::MachineModel& model, uint32_t size,
                             const std::function<uint8_t(uint32_t)>& byte) {
    std::array<uint8_t, 8> psw;
    for (uint32_t i = 0; i < psw.size(); ++i) psw[i] = byte(kProgramOldPsw + i);
    const bool extended = (psw[1] & kExtendedControl) != 0;
    const unsigned code =
        extended ? byte(kInterruptionCode + 2) << 8 | byte(kInterruptionCode + 3) : psw[2] << 8 | psw[3];
    const uint32_t length = extended ? byte(kInterruptionCode + 1) & 6u : psw[4] >> 6 << 1;
    const uint32_t behind = uint32_t{psw[5]} << 16 | psw[6] << 8 | psw[7];
    if (code != static_cast<unsigned>(isa::ProgramCode::operation) || length == 0 || behind < length ||
        behind > size)
        return "";
    const uint32_t at = behind - length;
    std::array<uint8_t, 6> bytes{};
    for (uint32_t i = 0; i < length; ++i) bytes[i] = byte(at + i);
    const isa::Decoded instruction = decoded(bytes.data());
    if (instruction.op == isa::Op::invalid || model.facilities.has(instruction.row().facility)) return "";
    const auto facility = instruction.row().facility;
    const auto n = static_cast<unsigned>(facility);
    return fmt::format(
        "The last program interruption was an operation exception: {} at {:06X} is of facility {} ({}), "
        "which "
        "{} lacks; machine models that have it: {}",
        instruction.row().mnemonic, at, isa::kFacilityNames[n], isa::kFacilityTexts[n], model.name,
        models_with(facility));
}

}  // namespace vmcp::experiment
