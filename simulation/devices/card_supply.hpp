// Cards that come to a reader by themselves when its hopper is empty.
#pragma once

#include "simulation/devices/card.hpp"

namespace simulation {

class CardSupply {
  public:
    virtual ~CardSupply() = default;
    /// A read finds the hopper empty, and the end of what was in it has been told: what it finds then. Null
    /// or empty: nothing, the reader is not ready.
    virtual SharedDeck first_cards() = 0;
    /// The last card has been read: more that follow without an end of file, or null.
    virtual SharedDeck following_cards() = 0;
    /// Whether this card of a deck in the hopper can be read. If not, the supply lets the reader go on
    /// (Device::go_on) when it can.
    virtual bool has_card(const SharedDeck& /*deck*/, size_t /*card*/) { return true; }
    /// The program has been told of the end of file.
    virtual void end_told() = 0;
};

}  // namespace simulation
