// A page of a guest's storage that the guest and the control program both read and write, so that neither has
// to ask the other: masks that the guest changes without a trap, what it has missed meanwhile, and the time.
// docs/paravirtual.md has the layout for who writes a guest.
//
// The page stays the guest's: it is pageable, and it is looked up whenever it is needed. Where it has come to
// lie in a named segment, or beyond the end of storage, nothing is read or written.
#pragma once

#include "vmcp/dispatch/nucleus.hpp"

namespace vmcp::shared_page {

/// Interruptions that masks in the page hold back, as bits of its first bytes.
enum Kind : uint8_t { io = 0x80, external = 0x40 };

/// Where things are in it. Times are in units of the TOD clock.
enum Offset : uint32_t {
    masks = 0,        // byte, the guest's: what it does not want now
    missed = 1,       // byte, by the control program: what it would have got otherwise; the guest clears it
    spins = 4,        // word: how often to look for something before giving the CPU up
    changes = 8,      // word: how often what follows has been changed
    away = 16,        // doubleword: the TOD clock, less the time that was spent for this machine
    guest_time = 24,  // doubleword: that the guest had run when its turn began
    turn_began = 32,  // doubleword: TOD clock
    end_of_header = 40,
};

/// Whether the guest holds back interruptions of this kind now.
[[gnu::cold]] bool holds_back(const VirtualMachine& vm, Kind kind);
/// It would have got one: says so in the page.
[[gnu::cold]] void note_missed(Nucleus& nucleus, VirtualMachine& vm, Kind kind, Cause cause);
/// A turn of the machine begins.
[[gnu::cold]] void tell_time(Nucleus& nucleus, Work& work, VirtualMachine& vm);
/// The guest begins to share its page.
[[gnu::cold]] void begin(Nucleus& nucleus, Work& work, VirtualMachine& vm);

}  // namespace vmcp::shared_page
