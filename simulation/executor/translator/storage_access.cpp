// Storage operands of translated code: they are looked for in the access cache, as the interpreter does
// (simulation/cpu/cpu.hpp), in line. What is not there is brought there by the CPU, which charges for it what
// it charges always; an operand that lies in two blocks, and a store that somebody wants to know of, are left
// to the interpreter.
#include <algorithm>

#include "simulation/executor/translator/emitting_cpu.hpp"
#include "simulation/executor/translator/host_functions.hpp"

namespace simulation {

using namespace host;
using asmjit::Imm;
namespace x86 = asmjit::x86;

namespace {

/// A value that would not outlive looking for an operand in a register.
const Mem kKept = x86::dword_ptr(x86::rsp, 8);

}  // namespace

void EmittingCpu::find(const Value& address, unsigned length, bool storing) {
    temporaries_ |= 7;
    const bool based = address.kind == Value::Kind::address && address.index == 0;
    const auto reach = std::find_if(reaches_.begin(), reaches_.end(), [&](const Reach& r) {
        return based && r.base == address.base && r.covers(site_->left_off.slot) &&
               r.low <= address.constant && address.constant + length <= r.high;
    });
    if (reach != reaches_.end()) {
        find_reach(*reach, address, length, storing);
    } else {
        const Label again = a_.newLabel(), missing = a_.newLabel();
        a_.bind(again);
        look_up(address, length, storing, missing);
        operand_ = x86::ptr(x86::rcx, x86::rax);
        rarely([this, again, missing, in_front = in_front(), site = site_, condition = condition_, length,
                storing, relied_on = is_within_reach()] {
            a_.bind(missing);
            begin_rarely(*site, condition);
            ask_for(length, storing, 0);
            // Of what is within reach something may be out of it now.
            if (!relied_on) a_.jz(again);
            a_.jmp(in_front);
        });
    }
    if (storing) look_for_marks(length);
}

/// The first operand within reach: looks for all of it. Where it may be read but not yet be stored into, the
/// interpreter executes the instruction: it does not record a change before there is one.
void EmittingCpu::find_reach(const Reach& reach, const Value& address, unsigned length, bool storing) {
    const Gp pointer = kReach[reach.pointer];
    const uint32_t offset = address.constant - reach.low;
    operand_ = x86::ptr(pointer, static_cast<int32_t>(offset));
    if (reach.first != site_->left_off.slot) return;
    Value low = address;
    low.constant = reach.low;
    const Label missing = a_.newLabel(), found = a_.newLabel();
    look_up(low, reach.high - reach.low, reach.storing, missing);
    a_.bind(found);
    a_.lea(pointer, x86::ptr(x86::rcx, x86::rax));
    rarely([this, reach, low, missing, found, offset, in_front = in_front(), site = site_,
            condition = condition_, length, storing, relied_on = is_within_reach_of_another(reach)] {
        a_.bind(missing);
        begin_rarely(*site, condition);
        ask_for(length, storing, offset);
        if (!relied_on) {
            a_.jnz(in_front);
            look_up(low, reach.high - reach.low, reach.storing, in_front);
            a_.jmp(found);
        } else {
            a_.jmp(in_front);
        }
    });
}

bool EmittingCpu::is_within_reach() const {
    const unsigned slot = site_->left_off.slot;
    return std::any_of(reaches_.begin(), reaches_.end(),
                       [slot](const Reach& r) { return r.covers(slot) && r.last != slot; });
}

bool EmittingCpu::is_within_reach_of_another(const Reach& one) const {
    const unsigned slot = site_->left_off.slot;
    return std::any_of(reaches_.begin(), reaches_.end(), [&](const Reach& r) {
        return r.pointer != one.pointer && r.covers(slot) && r.last != slot && r.first != slot;
    });
}

void EmittingCpu::begin_rarely(Site& site, Condition condition) {
    site_ = &site;
    say(condition);
}

void EmittingCpu::ask_for(unsigned length, bool storing, uint32_t offset) {
    a_.lea(x86::ecx, x86::ptr(x86::rax, static_cast<int32_t>(offset)));
    a_.mov(x86::edx, Accessibility::asked(length, storing));
    a_.mov(x86::rax, address_of(*site_));
    a_.call(frame_.make_accessible);
}

void EmittingCpu::look_up(const Value& address, unsigned length, bool storing, const Label& missing) {
    look_up(address, x86::ptr(x86::rax, static_cast<int32_t>(length - 1)), storing, missing);
}

void EmittingCpu::look_up(const Value& address, const Gp& length_code, bool storing, const Label& missing) {
    look_up(address, x86::ptr(x86::rax, length_code.r64()), storing, missing);
}

void EmittingCpu::look_up(const Value& address, const Mem& last, bool storing, const Label& missing) {
    static_assert(sizeof(AccessEntry) == 16 && AccessCache::kEntries == 512);
    constexpr int32_t kBlockMask = static_cast<int32_t>(isa::kAddressMask & ~(kBlock - 1));
    const CpuLayout& layout = frame_.layout;
    if (address.kind == Value::Kind::address)
        address_to(x86::eax, address);
    else
        a_.mov(x86::eax, static_cast<int32_t>(address.constant));
    a_.mov(x86::ecx, x86::eax);
    a_.shr(x86::ecx, 7);
    a_.and_(x86::ecx, 0x1FF0);
    if (last.hasIndex() || last.offset() != 0)
        a_.lea(x86::edx, last);
    else
        a_.mov(x86::edx, x86::eax);
    a_.and_(x86::edx, kBlockMask);
    a_.or_(x86::edx, layout.word(layout.context));
    a_.cmp(x86::edx, x86::dword_ptr(kCpu, x86::rcx, 0, storing ? layout.write_tag : layout.read_tag));
    a_.jne(missing);
    a_.mov(x86::rcx, x86::qword_ptr(kCpu, x86::rcx, 0, layout.block));
    a_.and_(x86::eax, static_cast<int32_t>(kBlock - 1));
    flags_at_ = count_at_ = kNever;
}

void EmittingCpu::look_up_wherever(const Value& address, const Mem& last, bool storing) {
    const Label missing = a_.newLabel(), found = a_.newLabel();
    look_up(address, last, storing, missing);
    a_.bind(found);
    looks_in_two_ = true;
    rarely([this, missing, found, last, otherwise = called(),
            routine = storing ? frame_.look_in_two_to_write : frame_.look_in_two_to_read] {
        a_.bind(missing);
        if (last.hasIndex())
            a_.mov(x86::ecx, Gp(x86::ecx, last.indexId()));
        else
            a_.mov(x86::ecx, static_cast<int32_t>(last.offset()));
        a_.call(routine);
        a_.jz(found);
        a_.jmp(otherwise);
    });
}

/// Marks are bytes for kCodeGranule bytes each. As many are looked at as the operand may lie in, wherever it
/// begins: the last one may be another's, and the instruction is only called for nothing.
void EmittingCpu::look_for_marks(unsigned length) {
    static_assert(RealStorage::kCodeGranule == 16);
    flags_at_ = count_at_ = kNever;
    a_.lea(x86::rdx, operand_);
    a_.shr(x86::rdx, 4);
    a_.add(x86::rdx, x86::qword_ptr(frame_.marks));
    constexpr unsigned kGranule = RealStorage::kCodeGranule;
    for (unsigned granules = (length + 2 * kGranule - 2) / kGranule, done = 0; done < granules;) {
        const unsigned left = granules - done, size = left == 1 ? 1 : left == 2 ? 2 : 8;
        Mem marks = x86::ptr(x86::rdx, static_cast<int32_t>(done));
        marks.setSize(size);
        a_.cmp(marks, 0);
        a_.jne(called());
        done += size;
    }
}

Label EmittingCpu::called() {
    if (!called_.isValid()) called_ = a_.newLabel();
    return called_;
}

void EmittingCpu::look_up_both(const isa::Operands& o, const Mem& last_of_second, const Mem& last,
                               bool storing) {
    look_up_wherever(address(o.b2, o.d2), last_of_second, false);
    a_.add(x86::rax, x86::rcx);
    a_.mov(kept_pointer(), x86::rax);
    look_up_wherever(address(o.b1, o.d1), last, storing);
}

void EmittingCpu::find_both(const isa::Operands& o, unsigned length, bool storing) {
    const Mem last = x86::ptr(x86::rax, static_cast<int32_t>(length - 1));
    look_up_both(o, last, last, storing);
    if (storing) {
        operand_ = x86::ptr(x86::rcx, x86::rax);
        look_for_marks(length);
    }
    a_.add(x86::rcx, x86::rax);
    a_.mov(x86::rdx, kept_pointer());
}

Mem EmittingCpu::found(unsigned length, unsigned offset) const {
    Mem at = operand_.cloneAdjusted(offset);
    at.setSize(length);
    return at;
}

Value EmittingCpu::load8(const Value& address) {
    find(address, 1, false);
    a_.movzx(x86::eax, found(1));
    temporaries_ = 1;
    return host_value(x86::eax);
}

Value EmittingCpu::load16(const Value& address) {
    find(address, 2, false);
    a_.movzx(x86::eax, found(2));
    a_.rol(x86::ax, 8);
    flags_at_ = count_at_ = kNever;
    temporaries_ = 1;
    return host_value(x86::eax);
}

Value EmittingCpu::load32(const Value& address) {
    find(address, 4, false);
    a_.mov(x86::eax, found(4));
    a_.bswap(x86::eax);
    temporaries_ = 1;
    return host_value(x86::eax);
}

Value EmittingCpu::update8(const Value& address) {
    find(address, 1, true);
    updating_ = true;
    a_.movzx(x86::edx, found(1));
    temporaries_ = 7;
    return host_value(x86::edx);
}

/// Of what a value is, only the last bytes are stored.
void EmittingCpu::put(const Value& v, unsigned length) {
    temporaries_ = 3;
    if (v.kind == Value::Kind::host)
        a_.mov(x86::edx, kKept);
    else
        move_to(x86::edx, v);
    if (length == 4) a_.bswap(x86::edx);
    if (length == 2) a_.rol(x86::dx, 8);
    const Gp from = length == 4 ? Gp(x86::edx) : length == 2 ? Gp(x86::dx) : Gp(x86::dl);
    a_.mov(found(length), from);
    temporaries_ = 0;
}

void EmittingCpu::keep(const Value& v) {
    if (v.kind == Value::Kind::host) a_.mov(kKept, temporary(v.reg));
}

void EmittingCpu::store8(const Value& address, const Value& v) {
    if (std::exchange(updating_, false)) {  // found already; what is stored is in rdx
        a_.mov(found(1), x86::dl);
        temporaries_ = 4;
        return;
    }
    keep(v);
    find(address, 1, true);
    if (v.kind == Value::Kind::constant) {
        a_.mov(found(1), Imm(v.constant));
        temporaries_ = 0;
        return;
    }
    put(v, 1);
}

void EmittingCpu::store16(const Value& address, const Value& v) {
    keep(v);
    find(address, 2, true);
    put(v, 2);
}

void EmittingCpu::store32(const Value& address, const Value& v) {
    keep(v);
    find(address, 4, true);
    put(v, 4);
}

}  // namespace simulation
