// DIAGNOSE X'248' to X'258': a machine grants pages of its own to another, which copies from them and into
// them, or maps them: it has them in the place of pages of its own, until it gives them back or they are
// revoked. By this a service machine serves devices to others (docs/service-machines.md has the calls and
// their lists). A machine whose description does not say `grants` has none of these codes.
//
// A grant is from one machine to one other, as both are now: when either is reset, stops or logs off, it is
// gone. System/370 has no protection that would let one machine only fetch from a page and the other store,
// so what is granted for fetching only can be copied, and not mapped.
#pragma once

#include <map>

#include "vmcp/dispatch/nucleus.hpp"
#include "vmcp/dispatch/virtual_cpu.hpp"
#include "vmcp/message/message_area.hpp"

namespace vmcp {

enum class GrantCall : uint32_t {
    grant = 0x248,   // R1: list (page, flags, name); R3 gets the reference
    revoke = 0x24C,  // R1: reference, R3: 1 although it is mapped
    copy = 0x250,    // R1: list (name, reference, offset, address, length, direction)
    map = 0x254,     // R1: list (name, reference, page)
    unmap = 0x258,   // R1: page
};
inline constexpr uint32_t kFirstGrantCall = 0x248, kLastGrantCall = 0x258;

/// Why a call was refused: condition code 2, with this in the register R3.
enum class GrantRefusal : uint32_t {
    none = 0,
    address = 1,     // no page, or area, of the machine's own that this may be done with
    no_machine = 2,  // there is none of this name, but oneself, that has these calls
    no_grant = 3,    // there is none of this number from that machine to this one
    access = 4,      // it allows fetching only
    in_use = 5,      // it is mapped
    too_many = 6,    // grants, or pages that are mapped
    not_mapped = 7,  // nothing is mapped there
    no_mapping = 8,  // one of the two machines is not of a kind whose pages can be mapped, or nothing is free
    number = 9,      // out of range
};

class Grants {
  public:
    explicit Grants(Nucleus& nucleus) : nucleus_(nucleus) {}

    void diagnose(VirtualCpu& cpu, unsigned r1, unsigned r3, uint32_t code);
    /// The machine is reset, stops or logs off: nothing is left of what it has granted, and of what others
    /// have granted to it.
    void end(VirtualMachine& vm);

    /// Grants that there are, and those of them that are mapped.
    size_t grants() const { return grants_.size(); }
    size_t mapped() const;

  private:
    /// References count up for each owner, and are not used again soon.
    struct Key {
        VmId owner;
        uint32_t reference;
        auto operator<=>(const Key&) const = default;
    };
    struct Grant {
        VirtualMachine* owner;
        VirtualMachine* peer;
        SecondLevel page;
        bool store;
        std::optional<SecondLevel> mapped;  // where the peer has it
    };
    using Table = std::map<Key, Grant>;
    /// Whose call it is.
    struct Call {
        VirtualCpu& cpu;
        unsigned r1, r3;
        VirtualMachine& vm() const { return cpu.vm(); }
        Work& work() const { return cpu.work(); }
    };

    GrantRefusal grant(const Call& c);
    GrantRefusal revoke(const Call& c);
    GrantRefusal copy(const Call& c);
    GrantRefusal map(const Call& c);
    GrantRefusal unmap(const Call& c);
    VirtualMachine* find_machine(const Call& c, const UserId& name) const;
    /// Of the machine of this name, to the caller.
    Table::iterator find_grant(const Call& c, const UserId& name, uint32_t reference);
    unsigned count_of(const VirtualMachine& owner) const;
    unsigned mapped_by(const VirtualMachine& peer) const;
    void end_mapping(Grant& grant);
    void purge(VirtualMachine& vm, std::optional<FirstLevel> lost);

    Nucleus& nucleus_;
    Table grants_;
    std::map<VmId, uint32_t> references_;  // the last one of each owner
};

}  // namespace vmcp
