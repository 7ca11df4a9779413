// Any bytes at all as a card deck: cards are read from it or it is refused with a reason, and a machine that
// IPLs from it goes wherever the cards lead, for a while.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "simulation/devices/device_configuration.hpp"
#include "simulation/machine/machine.hpp"

namespace {

constexpr size_t kMostCards = 64;  // that a machine is given

void load(simulation::Deck deck) {
    using namespace simulation;
    static const MachineModel model = MachineModel::load("unit");
    Machine machine(model, 64 * 1024);
    UnitRecordOutput output;
    output.console = [](std::string_view, bool) {};
    output.punch = [](const Card&, unsigned) {};
    output.printer = [](std::string_view) {};
    const UnitRecordDevices devices = attach_all(machine.channels(), machine.model(), standard_units(),
                                                 [&](const DeviceDescription&) { return output; });
    const size_t cards = deck.size();
    devices.reader->load(std::move(deck));
    try {
        machine.initial_program_load(0x00C);
    } catch (const std::runtime_error& error) {
        if (std::string_view(error.what()).empty()) std::abort();
        return;
    }
    RunLimits limits;
    limits.instructions = 2000;
    limits.time = 10 * kSecond;
    machine.run(limits);
    // Cards are fed without having been read, too, but none is lost.
    uint64_t stacked = 0;
    for (unsigned stacker = 0; stacker < 3; ++stacker) stacked += devices.reader->cards_stacked(stacker);
    if (stacked + devices.reader->cards_left() != cards) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    simulation::Deck deck;
    try {
        deck = simulation::deck_of({reinterpret_cast<const char*>(data), size});
    } catch (const std::invalid_argument& error) {
        if (std::string_view(error.what()).empty()) std::abort();
        return 0;
    }
    if (deck.empty()) return 0;
    deck.resize(std::min(deck.size(), kMostCards));
    load(std::move(deck));
    return 0;
}
