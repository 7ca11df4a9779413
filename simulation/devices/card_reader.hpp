// Card readers: IBM 2540R (GA24-3312) and 3505 (GA21-9124).
//
// Commands: read, feed, select stacker (02, 42, 82); read without feeding (C2); feed, select stacker (23, 63,
// A3); no-operation (03); sense (04). Channel end comes when the card is in storage, device end when the next
// one is in place. Column-binary and read-column-eliminate features are not installed: their commands are
// rejected.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "simulation/device.hpp"
#include "simulation/devices/card.hpp"

namespace simulation {

enum class CardReaderModel : uint8_t { r2540, r3505 };

constexpr const DeviceTiming& default_timing(CardReaderModel model) {
    return model == CardReaderModel::r2540 ? kTiming2540Reader : kTiming3505B2;
}

class CardReader final : public Device {
  public:
    explicit CardReader(CardReaderModel model = CardReaderModel::r2540)
        : CardReader(model, default_timing(model)) {}
    CardReader(CardReaderModel model, DeviceTiming timing) : Device(timing, 1), model_(model) {}

    std::string_view type() const override { return model_ == CardReaderModel::r2540 ? "2540" : "3505"; }

    /// Puts cards behind those in the hopper. An empty reader becomes ready, which it tells with device end.
    /// The second form shares the box instead of copying it.
    void load(Deck deck);
    void load(SharedDeck deck);

    /// The end-of-file key. Pressed (the default), the read after the last card ends with unit exception; the
    /// reads after that, and every one without the key, find the reader not ready: intervention required.
    void set_end_of_file(bool pressed) { end_of_file_ = pressed; }

    size_t cards_left() const;
    uint64_t cards_read() const { return cards_read_; }

  private:
    uint8_t start(uint8_t command) override;
    uint8_t read(bool feed);
    void feed();

    std::vector<SharedDeck> hopper_;  // no deck in it is empty or all read
    size_t next_ = 0;                 // card of the first deck
    uint64_t cards_read_ = 0;
    CardReaderModel model_;
    bool end_of_file_ = true;
    bool exception_due_ = false;  // the last card was read, and nobody was told
    bool read_unfed_ = false;     // the card in place was read already
};

}  // namespace simulation
