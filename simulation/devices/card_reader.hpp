// Card readers: IBM 2540R (GA24-3312, with the column-binary feature) and 3505 (GA21-9124).
//
// | command                          | 2540R      | 3505       |                                           |
// | -------------------------------- | ---------- | ---------- | ----------------------------------------- |
// | read, feed, select stacker       | 02 42 82   | 02 42 82   | 80 EBCDIC characters                      |
// | the same in data mode 2          | 22 62 A2   | 22 62 A2   | 160 bytes of column binary                |
// | read (without feeding)           | C2 E2      | C2 E2      |                                           |
// | feed, select stacker             | 23 63 A3   | 23 63 A3   |                                           |
// | diagnostic read                  | -          | D2         | the card image in the buffer              |
// | no-operation, sense              | 03 04      | 03 04      | 1 byte of sense, 3505: 4                  |
//
// Channel end comes when the card is in storage (of a feed at once), device end when the next one is in
// place. At the end of initial program loading, and always of a reader that is a spool file, both come
// together, as programs that were written for other simulators expect (DeviceTiming::ends_together). A column
// without an EBCDIC code, read in data mode 1, is a data check. Not installed, so rejected: punch-feed read
// and 1400 compatibility of the 2540, optical mark read and read column eliminate of the 3505 (bit 4 of its
// commands, 11, 31).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "simulation/channel/device.hpp"
#include "simulation/devices/card.hpp"
#include "simulation/devices/card_supply.hpp"

namespace simulation {

enum class CardReaderModel : uint8_t { r2540, r3505 };

constexpr const DeviceTiming& default_timing(CardReaderModel model) {
    return model == CardReaderModel::r2540 ? kTiming2540Reader : kTiming3505B2;
}

class CardReader final : public Device {
  public:
    /// What of it a program or an operator can notice.
    struct State {
        std::vector<SharedDeck> hopper;  // no deck in it is empty or all read
        size_t next = 0;                 // card of the first deck
        uint64_t cards_read = 0;
        std::array<uint64_t, 3> stacked{};
        bool end_of_file = true;     // the key
        bool exception_due = false;  // the last card was read, and nobody was told
        bool read_unfed = false;     // the card in place was read already
    };

    explicit CardReader(CardReaderModel model = CardReaderModel::r2540)
        : CardReader(model, default_timing(model)) {}
    CardReader(CardReaderModel model, DeviceTiming timing)
        : Device(timing, model == CardReaderModel::r2540 ? 1 : 4), model_(model) {}

    std::string_view type() const override { return model_ == CardReaderModel::r2540 ? "2540" : "3505"; }

    /// Puts cards behind those in the hopper. An empty reader becomes ready, which it tells with device end.
    /// The second form shares the box instead of copying it.
    void load(Deck deck);
    void load(SharedDeck deck);
    bool loads_to_device_end() const override {
        return timing().ends_together != DeviceTiming::Together::none;
    }
    /// Loads the deck of a file; without one nothing happens.
    void mount(const Medium& medium) override;

    /// The end-of-file key. Pressed (the default), the read after the last card ends with unit exception; the
    /// reads after that, and every one without the key, find the reader not ready: intervention required.
    void set_end_of_file(bool pressed) { state_.end_of_file = pressed; }

    /// Where cards come from when the hopper is empty; the supply must outlive the reader.
    void set_supply(CardSupply& supply) { supply_ = &supply; }
    /// The supply has cards now: an empty reader tells so, with device end.
    void supply_has_cards();
    /// Takes cards of the supply out, whether they have been read or not; no end of file is told of them.
    void take_out(const SharedDeck& deck);

    size_t cards_left() const;
    uint64_t cards_read() const { return state_.cards_read; }
    /// How many cards lie in a stacker: R1, R2 and RP3 of the 2540, 1 and 2 of the 3505.
    uint64_t cards_stacked(unsigned stacker) const { return state_.stacked.at(stacker); }

    const State& state() const { return state_; }

  private:
    uint8_t start(uint8_t command) override;
    uint8_t read(bool feed, unsigned stacker, bool binary);
    void give_card(bool feed, unsigned stacker, bool binary);
    void feed(unsigned stacker);
    bool has_cards();

    State state_;
    CardSupply* supply_ = nullptr;
    CardReaderModel model_;
};

}  // namespace simulation
