// Card punches: IBM 2540P (GA24-3312, with the column-binary feature) and 3525 (GA21-9124).
//
// | command                          | 2540P      | 3525       |                                           |
// | -------------------------------- | ---------- | ---------- | ----------------------------------------- |
// | write, feed, select stacker      | 01 41 81   | 01 41 81   | 80 EBCDIC characters                      |
// | the same in data mode 2          | 21 61 A1   | 21 61 A1   | 160 bytes of column binary                |
// | no-operation, sense              | 03 04      | 03 04      | 1 byte of sense, 3525: 4                  |
//
// Channel end comes when the card is in the buffer, device end when it is punched. Not installed, so
// rejected: punch-feed read of the 2540; the 3525's card read, two-line and multiline card print features,
// and with them its read, feed and print commands.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "simulation/channel/device.hpp"
#include "simulation/devices/card.hpp"
#include "simulation/devices/record_keeper.hpp"

namespace simulation {

enum class CardPunchModel : uint8_t { p2540, p3525 };

constexpr const DeviceTiming& default_timing(CardPunchModel model) {
    return model == CardPunchModel::p2540 ? kTiming2540Punch : kTiming3525P3;
}

class CardPunch final : public Device {
  public:
    /// A card that has been punched, columns not written being blank, and the stacker it went to: P1, P2 or
    /// RP3 (0..2) of the 2540, 1 or 2 (0, 1) of the 3525.
    using Output = std::function<void(const Card& card, unsigned stacker)>;

    /// What of it a program or an operator can notice.
    struct State {
        std::optional<Card> card;  // being punched
        uint64_t cards_punched = 0;
        bool ready = true;
    };

    explicit CardPunch(Output output, CardPunchModel model = CardPunchModel::p3525)
        : CardPunch(std::move(output), model, default_timing(model)) {}
    CardPunch(Output output, CardPunchModel model, DeviceTiming timing)
        : Device(timing, model == CardPunchModel::p2540 ? 1 : 4), output_(std::move(output)), model_(model) {}

    std::string_view type() const override { return model_ == CardPunchModel::p2540 ? "2540" : "3525"; }

    /// The stop and start keys, an empty hopper or a full stacker and what mends them: a punch that is not
    /// ready refuses to write (intervention required), and tells with device end that it is ready again.
    void set_ready(bool ready);

    /// Cards go to the keeper, which must outlive the device, and not to the output.
    void keep_records(RecordKeeper& keeper) { keeper_ = &keeper; }

    uint64_t cards_punched() const { return state_.cards_punched; }

    const State& state() const { return state_; }

  private:
    uint8_t start(uint8_t command) override;
    void discard() override { state_.card.reset(); }

    void put_out(const Card& card, uint8_t command, unsigned stacker);

    Output output_;
    RecordKeeper* keeper_ = nullptr;
    State state_;
    CardPunchModel model_;
};

}  // namespace simulation
