#include "simulation/devices/card_punch.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace simulation {

namespace {

constexpr uint8_t kNoOperation = 0x03;
constexpr uint8_t kWrite = 0x01;
constexpr unsigned kStackerShift = 6;  // of a command
constexpr unsigned kNoStacker = 3;
constexpr uint8_t kModifiers = 0x3F;
constexpr uint8_t kBinary = 0x20;  // data mode 2

}  // namespace

void CardPunch::set_ready(bool ready) {
    if (ready && !std::exchange(state_.ready, ready)) announce_ready();
    state_.ready = ready;
}

uint8_t CardPunch::start(uint8_t command) {
    if (command == kNoOperation) return kChannelEnd | kDeviceEnd;
    unsigned stacker = command >> kStackerShift;
    const bool binary = (command & kBinary) != 0;
    if ((command & kModifiers & ~kBinary) != kWrite || stacker == kNoStacker)
        return check(kSenseCommandReject);
    if (state_.ready && keeper_ != nullptr) state_.ready = keeper_->takes_records();
    if (!state_.ready) return check(kSenseInterventionRequired);
    if (model_ == CardPunchModel::p3525 && stacker == 2) stacker = 1;
    const SimTime transfer = binary ? 2 * timing().transfer : timing().transfer;
    after(transfer, [this, command, stacker, binary, transfer] {
        if (binary) {
            std::array<uint8_t, kBinaryCardBytes> image{};
            path().take(image);
            state_.card = card_of_binary(image);
        } else {
            state_.card = blank_card();
            path().take(*state_.card);
        }
        after(std::max<SimTime>(timing().cycle - transfer, 0), [this, command, stacker] {
            const auto card = std::exchange(state_.card, std::nullopt);
            ++state_.cards_punched;
            put_out(*card, command, stacker);
            if (keeper_ == nullptr || !keeper_->holds_end()) return present(kDeviceEnd);
            pause([this] { present(kDeviceEnd); });
        });
        present(kChannelEnd);
    });
    return 0;
}

void CardPunch::put_out(const Card& card, uint8_t command, unsigned stacker) {
    if (keeper_ == nullptr) {
        if (output_) output_(card, stacker);
    } else if ((command & kBinary) != 0) {
        keeper_->take_record(command, binary_of(card));
    } else {
        keeper_->take_record(command, card);
    }
}

}  // namespace simulation
