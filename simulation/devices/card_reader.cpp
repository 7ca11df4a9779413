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
    const bool was_empty = state_.hopper.empty();
    state_.hopper.push_back(std::move(deck));
    state_.exception_due = false;
    // It did not become ready if the last card was still on its way.
    if (was_empty && (!busy() || selection().transferring)) announce_ready();
}

void CardReader::supply_has_cards() {
    if (state_.hopper.empty()) announce_ready();
}

void CardReader::take_out(const SharedDeck& deck) {
    const auto found = std::find(state_.hopper.begin(), state_.hopper.end(), deck);
    if (state_.hopper.empty()) state_.exception_due = false;
    if (found == state_.hopper.end()) return;
    if (found == state_.hopper.begin()) {
        state_.next = 0;
        state_.read_unfed = false;
    }
    state_.hopper.erase(found);
}

/// Whether there is a card to read or feed; asks the supply where the hopper is empty and nobody waits to be
/// told so.
bool CardReader::has_cards() {
    if (state_.hopper.empty() && !state_.exception_due && supply_ != nullptr)
        if (SharedDeck deck = supply_->first_cards(); deck != nullptr && !deck->empty())
            state_.hopper.push_back(std::move(deck));
    return !state_.hopper.empty();
}

void CardReader::mount(const Medium& medium) {
    refuse_overlay(medium);
    if (!medium.file.empty()) load(read_deck(medium.file));
}

size_t CardReader::cards_left() const {
    size_t cards = 0;
    for (const SharedDeck& deck : state_.hopper) cards += deck->size();
    return cards - state_.next;
}

uint8_t CardReader::start(uint8_t command) {
    if (command == kNoOperation) return kChannelEnd | kDeviceEnd;
    if (model_ == CardReaderModel::r3505 && command == kDiagnosticRead) {
        after(timing().transfer, [this] {
            path().give(
                binary_of(state_.hopper.empty() ? blank_card() : (*state_.hopper.front())[state_.next]));
            present(kChannelEnd | kDeviceEnd);
        });
        return 0;
    }
    const unsigned stacker = command >> kStackerShift;
    const uint8_t kind = command & kModifiers;
    if ((kind & ~kBinary) == kRead) return read(stacker != kNoStacker, stacker, (kind & kBinary) != 0);
    if (kind != kFeed || stacker == kNoStacker) return check(kSenseCommandReject);
    if (!has_cards()) return check(kSenseInterventionRequired);
    if (timing().ends_together == DeviceTiming::Together::all) {
        feed(stacker);
        return kChannelEnd | kDeviceEnd;
    }
    after(timing().cycle, [this, stacker] {
        feed(stacker);
        present(kDeviceEnd);
    });
    return kChannelEnd;
}

uint8_t CardReader::read(bool feeding, unsigned stacker, bool binary) {
    if (!has_cards()) {
        if (!state_.exception_due) return check(kSenseInterventionRequired);
        state_.exception_due = false;
        after(timing().control, [this] {
            if (supply_ != nullptr) supply_->end_told();
            present(kChannelEnd | kDeviceEnd | kUnitException);
        });
        return 0;
    }
    // The 3505 gives its buffer as often as it is asked to; the 2540 has to feed in between.
    if (state_.read_unfed && model_ == CardReaderModel::r2540) return check(kSenseUnusualSequence);
    if (supply_ == nullptr || supply_->has_card(state_.hopper.front(), state_.next))
        give_card(feeding, stacker, binary);
    else
        pause([this, feeding, stacker, binary] { give_card(feeding, stacker, binary); });
    return 0;
}

void CardReader::give_card(bool feeding, unsigned stacker, bool binary) {
    const SimTime transfer = binary ? 2 * timing().transfer : timing().transfer;
    after(transfer, [this, feeding, stacker, binary, transfer] {
        if (state_.hopper.empty()) return present(kChannelEnd | kDeviceEnd | kUnitException);  // taken out
        const Card& card = (*state_.hopper.front())[state_.next];
        uint8_t status = kChannelEnd;
        if (binary) {
            path().give(binary_of(card));
        } else {
            if (card.line)
                path().give(*card.line);
            else
                path().give(card);
            if (card.holes) status |= check(kSenseDataCheck);
        }
        if (!state_.read_unfed) ++state_.cards_read;
        if (feeding) {
            feed(stacker);
            const bool together = timing().ends_together == DeviceTiming::Together::all;
            const uint8_t later = kDeviceEnd | (together ? status : 0);
            after(std::max<SimTime>(timing().cycle - transfer, 0), [this, later] { present(later); });
            if (!together) present(status);
        } else {
            state_.read_unfed = true;
            present(status | kDeviceEnd);
        }
    });
}

void CardReader::feed(unsigned stacker) {
    state_.read_unfed = false;
    if (state_.hopper.empty()) return;
    if (model_ == CardReaderModel::r3505 && stacker == 2) stacker = 1;
    ++state_.stacked[stacker];
    if (++state_.next < state_.hopper.front()->size()) return;
    state_.next = 0;
    state_.hopper.erase(state_.hopper.begin());
    if (state_.hopper.empty() && supply_ != nullptr)
        if (SharedDeck deck = supply_->following_cards(); deck != nullptr && !deck->empty())
            state_.hopper.push_back(std::move(deck));
    state_.exception_due = state_.hopper.empty() && state_.end_of_file;
}

}  // namespace simulation
