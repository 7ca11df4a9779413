#include "simulation/devices/card_punch.hpp"

#include "isa/ebcdic.hpp"

namespace simulation {

namespace {

constexpr uint8_t kNoOperation = 0x03;
constexpr uint8_t kWrite = 0x01;

}  // namespace

uint8_t CardPunch::start(uint8_t command) {
    if (command == kNoOperation) return kChannelEnd | kDeviceEnd;
    const unsigned stacker = command >> 6;
    if ((command & 0x3F) != kWrite || stacker == 3) return check(kSenseCommandReject);
    after(timing().transfer, [this, stacker] {
        card_ = std::make_unique<Card>();
        card_->fill(isa::kEbcdicBlank);
        path().take(*card_);
        after(timing().cycle - timing().transfer, [this, stacker] {
            const auto card = std::move(card_);
            ++cards_punched_;
            if (output_) output_(*card, stacker);
            present(kDeviceEnd);
        });
        present(kChannelEnd);
    });
    return 0;
}

}  // namespace simulation
