#include "simulation/devices/card_reader.hpp"

namespace simulation {

namespace {

constexpr uint8_t kNoOperation = 0x03;
constexpr uint8_t kStacker = 0xC0;  // of a command; both bits on: no stacker, the card is not fed
constexpr uint8_t kRead = 0x02;
constexpr uint8_t kFeed = 0x23;
constexpr uint8_t kSenseUnusualSequence = 0x02;

}  // namespace

void CardReader::load(Deck deck) { load(std::make_shared<const Deck>(std::move(deck))); }

void CardReader::load(SharedDeck deck) {
    if (deck->empty()) return;
    const bool was_empty = hopper_.empty();
    hopper_.push_back(std::move(deck));
    exception_due_ = false;
    if (was_empty && connected() && !busy()) present(kDeviceEnd);
}

size_t CardReader::cards_left() const {
    size_t cards = 0;
    for (const SharedDeck& deck : hopper_) cards += deck->size();
    return cards - next_;
}

uint8_t CardReader::start(uint8_t command) {
    if (command == kNoOperation) return kChannelEnd | kDeviceEnd;
    const bool stacker_chosen = (command & kStacker) != kStacker;
    const uint8_t kind = command & ~kStacker;
    if (kind == kRead) return read(stacker_chosen);
    if (kind != kFeed || !stacker_chosen) return check(kSenseCommandReject);
    if (hopper_.empty()) return check(kSenseInterventionRequired);
    after(timing().cycle, [this] {
        feed();
        present(kDeviceEnd);
    });
    return kChannelEnd;
}

uint8_t CardReader::read(bool feeding) {
    if (hopper_.empty()) {
        if (!exception_due_) return check(kSenseInterventionRequired);
        exception_due_ = false;
        after(timing().control, [this] { present(kChannelEnd | kDeviceEnd | kUnitException); });
        return 0;
    }
    if (read_unfed_) return check(kSenseUnusualSequence);
    after(timing().transfer, [this, feeding] {
        path().give((*hopper_.front())[next_]);
        ++cards_read_;
        if (feeding) {
            feed();
            end_transfer_then(timing().cycle - timing().transfer);
        } else {
            read_unfed_ = true;
            present(kChannelEnd | kDeviceEnd);
        }
    });
    return 0;
}

void CardReader::feed() {
    read_unfed_ = false;
    if (++next_ < hopper_.front()->size()) return;
    next_ = 0;
    hopper_.erase(hopper_.begin());
    exception_due_ = hopper_.empty() && end_of_file_;
}

}  // namespace simulation
