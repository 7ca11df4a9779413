// Card punches: IBM 2540P (GA24-3312) and 3525 (GA21-9124).
//
// Commands: write, feed, select stacker (01, 41, 81); no-operation (03); sense (04). Channel end comes when
// the card is in the buffer, device end when it is punched. The column-binary feature is not installed: its
// commands are rejected.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "simulation/device.hpp"
#include "simulation/devices/card.hpp"

namespace simulation {

enum class CardPunchModel : uint8_t { p2540, p3525 };

constexpr const DeviceTiming& default_timing(CardPunchModel model) {
    return model == CardPunchModel::p2540 ? kTiming2540Punch : kTiming3525P3;
}

class CardPunch final : public Device {
  public:
    /// A card that has been punched, columns not written being blank, and the stacker it went to (0..2).
    using Output = std::function<void(const Card& card, unsigned stacker)>;

    explicit CardPunch(Output output, CardPunchModel model = CardPunchModel::p3525)
        : CardPunch(std::move(output), model, default_timing(model)) {}
    CardPunch(Output output, CardPunchModel model, DeviceTiming timing)
        : Device(timing, 1), output_(std::move(output)), model_(model) {}

    std::string_view type() const override { return model_ == CardPunchModel::p2540 ? "2540" : "3525"; }

    uint64_t cards_punched() const { return cards_punched_; }

  private:
    uint8_t start(uint8_t command) override;
    void discard() override { card_.reset(); }

    Output output_;
    std::unique_ptr<Card> card_;  // being punched
    uint64_t cards_punched_ = 0;
    CardPunchModel model_;
};

}  // namespace simulation
