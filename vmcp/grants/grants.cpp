#include "vmcp/grants/grants.hpp"

#include <algorithm>
#include <array>

namespace vmcp {
namespace {

using isa::ProgramCode;

/// A parameter list on a word, fetched as an operand of the guest's would be.
template <uint32_t length>
class GrantList {
  public:
    explicit GrantList(VirtualCpu& cpu, uint32_t at) {
        if (at % 4 != 0) cpu.program_check(ProgramCode::specification);
        cpu.fetch(at & isa::kAddressMask, bytes_.data(), length);
    }
    uint32_t word(unsigned at) const {
        return uint32_t{bytes_[at]} << 24 | uint32_t{bytes_[at + 1]} << 16 | uint32_t{bytes_[at + 2]} << 8 |
               bytes_[at + 3];
    }
    UserId name(unsigned at) const {
        UserId id;
        std::copy_n(bytes_.begin() + at, id.size(), id.begin());
        return id;
    }

  private:
    std::array<uint8_t, length> bytes_;
};

/// Code that was translated from a page is not told of what another machine stores there.
bool may_share_frames(const VirtualMachine& vm) {
    return vm.storage.kind() == StorageKind::paged && vm.code == nullptr;
}

}  // namespace

size_t Grants::mapped() const {
    return static_cast<size_t>(std::count_if(grants_.begin(), grants_.end(),
                                             [](const auto& one) { return one.second.mapped.has_value(); }));
}

unsigned Grants::count_of(const VirtualMachine& owner) const {
    return static_cast<unsigned>(std::count_if(grants_.begin(), grants_.end(),
                                               [&](const auto& one) { return one.second.owner == &owner; }));
}

unsigned Grants::mapped_by(const VirtualMachine& peer) const {
    return static_cast<unsigned>(std::count_if(grants_.begin(), grants_.end(), [&](const auto& one) {
        return one.second.peer == &peer && one.second.mapped;
    }));
}

VirtualMachine* Grants::find_machine(const Call& c, const UserId& name) const {
    VirtualMachine* const there = find_by_user_id(nucleus_, name);
    return there != nullptr && there != &c.vm() && there->options.grants != 0 ? there : nullptr;
}

Grants::Table::iterator Grants::find_grant(const Call& c, const UserId& name, uint32_t reference) {
    c.work().step(Step::find_grant);
    const VirtualMachine* const owner = find_machine(c, name);
    if (owner == nullptr) return grants_.end();
    const auto at = grants_.find({owner->id, reference});
    return at != grants_.end() && at->second.peer == &c.vm() ? at : grants_.end();
}

// ---- Of the owner ----

/// 16 bytes: word the page, word 1: it may be stored into, CL8 to whom.
GrantRefusal Grants::grant(const Call& c) {
    c.work().step(Step::grant_page);
    const GrantList<16> list(c.cpu, c.cpu.gpr(c.r1));
    const uint32_t page = list.word(0), access = list.word(4);
    if (access > 1) return GrantRefusal::number;
    if (page % kPage != 0 || page > isa::kAddressMask || !c.vm().storage.may_be_prefix(page))
        return GrantRefusal::address;
    VirtualMachine* const peer = find_machine(c, list.name(8));
    if (peer == nullptr) return GrantRefusal::no_machine;
    if (count_of(c.vm()) >= c.vm().options.grants) return GrantRefusal::too_many;
    const uint32_t reference = ++references_[c.vm().id];
    grants_.insert_or_assign(Key{c.vm().id, reference},
                             Grant{&c.vm(), peer, SecondLevel(page), access == 1, std::nullopt});
    c.cpu.set_gpr(c.r3, reference);
    return GrantRefusal::none;
}

GrantRefusal Grants::revoke(const Call& c) {
    c.work().step(Step::grant_page);
    const uint32_t force = c.cpu.gpr(c.r3);
    if (force > 1) return GrantRefusal::number;
    const auto at = grants_.find({c.vm().id, c.cpu.gpr(c.r1)});
    if (at == grants_.end()) return GrantRefusal::no_grant;
    if (at->second.mapped) {
        if (force == 0) return GrantRefusal::in_use;
        c.work().step(Step::map_grant);
        end_mapping(at->second);
    }
    grants_.erase(at);
    return GrantRefusal::none;
}

// ---- Of the peer ----

/// 32 bytes: CL8 whose grant, words: reference, offset in the page, address and length of an area of the
/// caller's own, direction (0 from the page, 1 into it), one unused.
GrantRefusal Grants::copy(const Call& c) {
    const GrantList<32> list(c.cpu, c.cpu.gpr(c.r1));
    const uint32_t offset = list.word(12), own = list.word(16), length = list.word(20),
                   direction = list.word(24);
    const auto at = find_grant(c, list.name(0), list.word(8));
    if (at == grants_.end()) return GrantRefusal::no_grant;
    const Grant& grant = at->second;
    if (direction > 1 || offset > kPage || length == 0 || length > kPage - offset)
        return GrantRefusal::number;
    if (direction == 1 && !grant.store) return GrantRefusal::access;
    // What the owner has there now is another machine's, which has granted it to him alone.
    if (grant.owner->storage.borrowed(grant.page)) return GrantRefusal::no_grant;
    // The grant is the authority; the key is asked only on the side of who copies.
    const MessageArea there{grant.owner, grant.page.value + offset, length, 0};
    const MessageArea here{&c.vm(), own, length, c.cpu.psw().key};
    const CopiedMessage copied = direction == 0 ? copy_message(nucleus_, c.work(), there, here)
                                                : copy_message(nucleus_, c.work(), here, there);
    return copied.ok() ? GrantRefusal::none : GrantRefusal::address;
}

/// 16 bytes: CL8 whose grant, words: reference, page of the caller's own whose place it takes.
GrantRefusal Grants::map(const Call& c) {
    const GrantList<16> list(c.cpu, c.cpu.gpr(c.r1));
    const uint32_t own = list.word(12);
    const auto at = find_grant(c, list.name(0), list.word(8));
    if (at == grants_.end()) return GrantRefusal::no_grant;
    Grant& grant = at->second;
    VirtualMachine& vm = c.vm();
    if (!grant.store) return GrantRefusal::access;
    if (grant.mapped) return GrantRefusal::in_use;
    if (mapped_by(vm) >= vm.options.grants) return GrantRefusal::too_many;
    if (!may_share_frames(vm) || !may_share_frames(*grant.owner)) return GrantRefusal::no_mapping;
    if (own > isa::kAddressMask || !vm.storage.may_borrow(SecondLevel(own))) return GrantRefusal::address;
    if (!grant.owner->storage.may_be_lent(grant.page)) return GrantRefusal::no_mapping;
    if (!nucleus_.pager.frames().may_lock_for_io()) return GrantRefusal::no_mapping;
    c.work().step(Step::map_grant);
    try {
        const auto before = grant.owner->storage.locate(grant.page);
        const FirstLevel frame = grant.owner->storage.lend(grant.page);
        if (before && *before != frame) purge(*grant.owner, before);
        const auto borrowed = vm.storage.borrow(SecondLevel(own), frame);
        purge(vm, borrowed.lost);
        if (borrowed.done) {
            grant.mapped = SecondLevel(own);
            return GrantRefusal::none;
        }
        grant.owner->storage.end_loan(grant.page);
    } catch (const RealStorageExhausted&) {
    }
    nucleus_.pager.frames().unlocked_for_io();
    return GrantRefusal::no_mapping;
}

GrantRefusal Grants::unmap(const Call& c) {
    c.work().step(Step::find_grant);
    const uint32_t page = c.cpu.gpr(c.r1);
    const auto at = std::find_if(grants_.begin(), grants_.end(), [&](const auto& one) {
        return one.second.peer == &c.vm() && one.second.mapped && one.second.mapped->value == page;
    });
    if (at == grants_.end()) return GrantRefusal::not_mapped;
    c.work().step(Step::map_grant);
    end_mapping(at->second);
    return GrantRefusal::none;
}

// ---- The end of a mapping ----

/// A channel program of the peer's that uses the page is taken back: it ends with a program check.
void Grants::end_mapping(Grant& grant) {
    VirtualMachine& peer = *grant.peer;
    const SecondLevel at = *grant.mapped;
    peer.io.give_up_pages(at.value, at.value + kPage);
    purge(peer, peer.storage.end_borrowing(at));
    grant.owner->storage.end_loan(grant.page);
    nucleus_.pager.frames().unlocked_for_io();
    grant.mapped.reset();
}

void Grants::purge(VirtualMachine& vm, std::optional<FirstLevel> lost) {
    if (!lost) return;
    vm.frame_lost(*lost);
    nucleus_.machine.cpus().page_invalidated();
}

void Grants::end(VirtualMachine& vm) {
    for (auto at = grants_.begin(); at != grants_.end();) {
        Grant& grant = at->second;
        if (grant.owner != &vm && grant.peer != &vm) {
            ++at;
            continue;
        }
        if (grant.mapped) end_mapping(grant);
        at = grants_.erase(at);
    }
    if (vm.stop == StopReason::logged_off) references_.erase(vm.id);
}

void Grants::diagnose(VirtualCpu& cpu, unsigned r1, unsigned r3, uint32_t code) {
    const Call c{cpu, r1, r3};
    const GrantRefusal refusal = [&] {
        switch (static_cast<GrantCall>(code)) {
            case GrantCall::grant: return grant(c);
            case GrantCall::revoke: return revoke(c);
            case GrantCall::copy: return copy(c);
            case GrantCall::map: return map(c);
            case GrantCall::unmap: return unmap(c);
        }
        cpu.program_check(ProgramCode::specification);
    }();
    if (refusal != GrantRefusal::none) cpu.set_gpr(r3, static_cast<uint32_t>(refusal));
    cpu.set_condition_code(refusal == GrantRefusal::none ? 0 : 2);
}

}  // namespace vmcp
