#include "simulation/cpu/guest_event.hpp"

#include "simulation/cpu/state_description.hpp"
#include "simulation/model/overloaded.hpp"

namespace simulation {
namespace {

using Format = StateDescriptionFormat;

struct EventFields {
    Format::Event event{};
    unsigned ilc = 0;  // halfwords
    uint16_t code = 0;
    uint64_t words = 0;
    uint32_t per_address = 0;
};

EventFields fields_of(const isa::ProgramInterruption& i) {
    const bool monitor = i.code == isa::ProgramCode::monitor_call;
    uint16_t code = i.only_per ? 0 : static_cast<uint16_t>(i.code);
    if (i.per) code |= static_cast<uint16_t>(isa::ProgramCode::per_event);
    return {Format::Event::program, i.ilc, code,
            uint64_t{monitor ? i.monitor_code : i.translation_address} << 32 |
                uint64_t{i.monitor_class} << 24 | uint64_t{i.per_code} << 16,
            i.per_address};
}
EventFields fields_of(const isa::SupervisorCallInterruption& i) {
    return {Format::Event::supervisor_call, i.ilc, i.number};
}
EventFields fields_of(const isa::ExternalInterruption& i) {
    return {Format::Event::external, 0, static_cast<uint16_t>(i.code), uint64_t{i.cpu_address} << 48};
}
EventFields fields_of(const isa::IoInterruption& i) { return {Format::Event::io, 0, i.device, i.csw}; }
EventFields fields_of(const isa::RestartInterruption&) { return {Format::Event::restart}; }
EventFields fields_of(const isa::MachineCheckInterruption&) { return {}; }  // no guest is given one

isa::ProgramInterruption program_of(const EventFields& f) {
    constexpr auto kPer = static_cast<uint16_t>(isa::ProgramCode::per_event);
    isa::ProgramInterruption i;
    i.code = static_cast<isa::ProgramCode>(f.code & ~kPer);
    i.ilc = f.ilc;
    const auto word = static_cast<uint32_t>(f.words >> 32);
    (i.code == isa::ProgramCode::monitor_call ? i.monitor_code : i.translation_address) = word;
    i.monitor_class = static_cast<uint8_t>(f.words >> 24);
    i.per_code = static_cast<uint8_t>(f.words >> 16);
    i.per_address = f.per_address;
    i.per = (f.code & kPer) != 0;
    i.only_per = i.per && (f.code & ~kPer) == 0;
    return i;
}

}  // namespace

std::optional<isa::Interruption> read_guest_event(const RealStorage& storage, uint32_t description) {
    const uint32_t word = storage.get32(description + Format::kEvent);
    const EventFields f{static_cast<Format::Event>(word >> 24), (word >> 16 & 0xFF) / 2 & 3,
                        static_cast<uint16_t>(word), storage.get64(description + Format::kEventWords),
                        storage.get32(description + Format::kPerAddress)};
    switch (f.event) {
        case Format::Event::none: break;
        case Format::Event::program: return program_of(f);
        case Format::Event::supervisor_call:
            return isa::SupervisorCallInterruption{static_cast<uint8_t>(f.code), f.ilc};
        case Format::Event::external:
            return isa::ExternalInterruption{static_cast<isa::ExternalCode>(f.code),
                                             static_cast<uint16_t>(f.words >> 48)};
        case Format::Event::io: return isa::IoInterruption{f.code, f.words};
        case Format::Event::restart: return isa::RestartInterruption{};
    }
    return std::nullopt;
}

void write_guest_event(RealStorage& storage, uint32_t description,
                       const std::optional<isa::Interruption>& event) {
    const EventFields f =
        event ? std::visit([](const auto& i) { return fields_of(i); }, *event) : EventFields{};
    storage.put32(description + Format::kEvent,
                  uint32_t{static_cast<uint8_t>(f.event)} << 24 | 2 * f.ilc << 16 | f.code);
    storage.put64(description + Format::kEventWords, f.words);
    storage.put32(description + Format::kPerAddress, f.per_address);
}

}  // namespace simulation
