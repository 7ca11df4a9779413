// What the tests of the unit-record devices share: a machine with one of each.
#pragma once

#include "isa/ebcdic.hpp"
#include "simulation/devices/card_punch.hpp"
#include "simulation/devices/card_reader.hpp"
#include "simulation/devices/console.hpp"
#include "simulation/devices/printer.hpp"
#include "simulation/model/machine_model.hpp"
#include "tests/simulation/channel_fixture.hpp"

namespace unit_record_test {

using namespace channel_test;

inline constexpr uint16_t kConsole = 0x01F;
inline constexpr uint16_t kReader = 0x00C;
inline constexpr uint16_t kPunch = 0x00D;
inline constexpr uint16_t kPrinter = 0x00B;

/// A machine with one of each.
struct UnitRecordMachine : Machine {
    std::string typed, keyed, printed;
    std::vector<std::pair<Card, unsigned>> punched;
    Console& console =
        channels.attach(kConsole, std::make_unique<Console>([this](std::string_view text, bool key) {
                            (key ? keyed : typed) += text;
                        }));
    CardReader& reader = channels.attach(kReader, std::make_unique<CardReader>());
    CardPunch& punch =
        channels.attach(kPunch, std::make_unique<CardPunch>([this](const Card& card, unsigned stacker) {
                            punched.emplace_back(card, stacker);
                        }));
    Printer& printer = channels.attach(
        kPrinter, std::make_unique<Printer>([this](std::string_view text) { printed += text; }));

    void put(std::string_view text, uint32_t at = data) {
        const auto bytes = isa::to_ebcdic(text);
        std::copy(bytes.begin(), bytes.end(), storage.bytes.begin() + at);
    }
    std::string got(unsigned length, uint32_t at = data) const {
        return isa::to_text({&storage.bytes[at], length});
    }
    /// Starts a program and runs until the interruption with its channel end.
    Csw io(uint16_t address, std::initializer_list<Ccw> list) {
        ccws(list);
        REQUIRE(channels.start_io(address, program).condition_code == 0);
        return wait_for(address);
    }
    Csw wait_for(uint16_t address) {
        while (!channels.pending() && !queue.empty()) queue.run_until(queue.next());
        return interruption(address);
    }
    /// The status that START I/O stores with condition code 1.
    Csw refused(uint16_t address, Ccw ccw) {
        ccws({ccw});
        const IoResult r = channels.start_io(address, program);
        REQUIRE(r.condition_code == 1);
        return r.csw;
    }
};

inline Deck cards(std::initializer_list<std::string_view> lines) {
    Deck deck;
    for (const auto line : lines) deck.push_back(card_of(line));
    return deck;
}

}  // namespace unit_record_test
