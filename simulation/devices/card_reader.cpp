#include "simulation/devices/card_reader.hpp"

#include <algorithm>

#include "simulation/devices/deck_file.hpp"

namespace simulation {

namespace {

constexpr uint8_t kNoOperation = 0x03;
constexpr unsigned kStackerShift = 6;  // of a command; 3: no stacker, the card is not fed
constexpr unsigned kNoStacker = 3;
constexpr uint8_t kModifiers = 0x3F;
constexpr uint8_t kBinary = 0x20;  // data mode 2
constexpr uint8_t kRead = 0x02;
constexpr uint8_t kFeed = 0x23;
constexpr uint8_t kDiagnosticRead = 0xD2;
constexpr uint8_t kSenseUnusualSequence = 0x02;  // 2540

}  // namespace

void CardReader::load(Deck deck) { load(std::make_shared<const Deck>(std::move(deck))); }

void CardReader::load(SharedDeck deck) {
    if (deck->empty()) return;
    const bool was_empty = hopper_.empty();
    hopper_.push_back(std::move(deck));
    exception_due_ = false;
    if (was_empty && connected() && !busy()) present(kDeviceEnd);
}

void CardReader::mount(const Medium& medium) {
    refuse_overlay(medium);
    if (!medium.file.empty()) load(read_deck(medium.file));
}

size_t CardReader::cards_left() const {
    size_t cards = 0;
    for (const SharedDeck& deck : hopper_) cards += deck->size();
    return cards - next_;
}

uint8_t CardReader::start(uint8_t command) {
    if (command == kNoOperation) return kChannelEnd | kDeviceEnd;
    if (model_ == CardReaderModel::r3505 && command == kDiagnosticRead) {
        after(timing().transfer, [this] {
            path().give(binary_of(hopper_.empty() ? blank_card() : (*hopper_.front())[next_]));
            present(kChannelEnd | kDeviceEnd);
        });
        return 0;
    }
    const unsigned stacker = command >> kStackerShift;
    const uint8_t kind = command & kModifiers;
    if ((kind & ~kBinary) == kRead) return read(stacker != kNoStacker, stacker, (kind & kBinary) != 0);
    if (kind != kFeed || stacker == kNoStacker) return check(kSenseCommandReject);
    if (hopper_.empty()) return check(kSenseInterventionRequired);
    after(timing().cycle, [this, stacker] {
        feed(stacker);
        present(kDeviceEnd);
    });
    return kChannelEnd;
}

uint8_t CardReader::read(bool feeding, unsigned stacker, bool binary) {
    if (hopper_.empty()) {
        if (!exception_due_) return check(kSenseInterventionRequired);
        exception_due_ = false;
        after(timing().control, [this] { present(kChannelEnd | kDeviceEnd | kUnitException); });
        return 0;
    }
    // The 3505 gives its buffer as often as it is asked to; the 2540 has to feed in between.
    if (read_unfed_ && model_ == CardReaderModel::r2540) return check(kSenseUnusualSequence);
    const SimTime transfer = binary ? 2 * timing().transfer : timing().transfer;
    after(transfer, [this, feeding, stacker, binary, transfer] {
        const Card& card = (*hopper_.front())[next_];
        uint8_t status = kChannelEnd;
        if (binary) {
            path().give(binary_of(card));
        } else {
            path().give(card);
            if (card.holes) status |= check(kSenseDataCheck);
        }
        if (!read_unfed_) ++cards_read_;
        if (feeding) {
            feed(stacker);
            after(std::max<SimTime>(timing().cycle - transfer, 0), [this] { present(kDeviceEnd); });
            present(status);
        } else {
            read_unfed_ = true;
            present(status | kDeviceEnd);
        }
    });
    return 0;
}

void CardReader::feed(unsigned stacker) {
    read_unfed_ = false;
    if (model_ == CardReaderModel::r3505 && stacker == 2) stacker = 1;
    ++stacked_[stacker];
    if (++next_ < hopper_.front()->size()) return;
    next_ = 0;
    hopper_.erase(hopper_.begin());
    exception_due_ = hopper_.empty() && end_of_file_;
}

}  // namespace simulation
