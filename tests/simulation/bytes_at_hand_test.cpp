// Instructions on many bytes work on whole stretches of them where these are at hand. A CPU of which nothing
// is ever at hand makes every access by itself, in the same order: both must come to the same in registers,
// storage, keys, exceptions, translations and time. And what is stored is what the bytes one by one give.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <cstring>
#include <functional>
#include <optional>
#include <random>
#include <vector>

#include "isa/semantics/all.hpp"
#include "simulation/executor/forwarding_cpu.hpp"
#include "simulation/machine/machine.hpp"

namespace simulation::test {
namespace {

constexpr uint32_t kStorage = 64 << 10, kSegmentTable = 0x400, kPageTables = 0x800;
constexpr uint32_t kFar = 1 << 20;  // so far apart two addresses share a slot of the access cache
constexpr unsigned kPages = 16;     // of the segment at 0, and of that at kFar

class NothingAtHand final : public isa::Evaluator<NothingAtHand>, public ForwardingCpu<Cpu> {
  public:
    using ForwardingCpu::ForwardingCpu;
};

template <class C>
void execute_body(C& c, isa::Op op, const isa::Operands& o) {
    using namespace isa::semantics;
    switch (op) {
        case isa::Op::op_MVCL: return move_long(c, o);
        case isa::Op::op_CLCL: return compare_logical_long(c, o);
        case isa::Op::op_MVCLE: return move_long_extended(c, o);
        case isa::Op::op_CLCLE: return compare_logical_long_extended(c, o);
        case isa::Op::op_MVC: return move_characters(c, o);
        case isa::Op::op_CLC: return compare_logical_characters(c, o);
        case isa::Op::op_NC: return and_characters(c, o);
        case isa::Op::op_OC: return or_characters(c, o);
        case isa::Op::op_XC: return exclusive_or_characters(c, o);
        case isa::Op::op_MVN: return move_numerics(c, o);
        case isa::Op::op_MVZ: return move_zones(c, o);
        case isa::Op::op_TR: return translate(c, o);
        case isa::Op::op_TRT: return translate_and_test(c, o);
        default: FAIL("no such instruction here");
    }
}
constexpr std::array kOps = {isa::Op::op_MVCL, isa::Op::op_CLCL, isa::Op::op_MVCLE, isa::Op::op_CLCLE,
                             isa::Op::op_MVC,  isa::Op::op_CLC,  isa::Op::op_NC,    isa::Op::op_OC,
                             isa::Op::op_XC,   isa::Op::op_MVN,  isa::Op::op_MVZ,   isa::Op::op_TR,
                             isa::Op::op_TRT};

/// A machine with translation on and few entries in its TLB.
struct Mapped {
    explicit Mapped(const MachineModel& model) : machine(model, kStorage) {
        Cpu& c = machine.cpu();
        c.set_cr(0, 0x008000E0);
        c.set_cr(1, 0x01000000 | kSegmentTable);
        isa::Psw psw;
        psw.ec_mode = psw.dat = true;
        c.set_psw(psw);
        for (uint32_t segment = 0; segment < 32; ++segment)
            machine.storage().put32(kSegmentTable + 4 * segment, segment == 0 ? 0xF0000000 | kPageTables
                                                                 : segment == 16
                                                                     ? 0xF0000000 | (kPageTables + 2 * kPages)
                                                                     : 1);
    }
    Cpu& cpu() { return machine.cpu(); }
    RealStorage& storage() { return machine.storage(); }
    uint32_t page_entry(unsigned page) const { return kPageTables + 2 * page; }
    /// Where a logical byte is; what is not mapped is not asked for.
    uint32_t real(uint32_t logical) {
        const unsigned page = (logical / 4096) % kPages + (logical >= kFar ? kPages : 0);
        return uint32_t{storage().get16(page_entry(page))} >> 4 << 12 | (logical & 0xFFF);
    }

    Machine machine;
};

/// What an instruction stores where nothing stops it, byte by byte; nothing for those that store nothing.
void store_one_by_one(Mapped& m, isa::Op op, const isa::Operands& o, std::vector<uint8_t>& bytes) {
    const uint32_t to = m.cpu().address(o.b1, o.d1), from = m.cpu().address(o.b2, o.d2);
    const auto each = [&](const std::function<unsigned(uint8_t, uint8_t)>& f) {
        for (uint32_t i = 0; i <= static_cast<uint32_t>(o.imm); ++i) {
            uint8_t& byte = bytes[m.real(to + i)];
            byte = static_cast<uint8_t>(f(byte, bytes[m.real(from + i)]));
        }
    };
    switch (op) {
        case isa::Op::op_MVC: return each([](uint8_t, uint8_t b) { return b; });
        case isa::Op::op_NC: return each([](uint8_t a, uint8_t b) { return a & b; });
        case isa::Op::op_OC: return each([](uint8_t a, uint8_t b) { return a | b; });
        case isa::Op::op_XC: return each([](uint8_t a, uint8_t b) { return a ^ b; });
        case isa::Op::op_MVN: return each([](uint8_t a, uint8_t b) { return (a & 0xF0) | (b & 0x0F); });
        case isa::Op::op_MVZ: return each([](uint8_t a, uint8_t b) { return (a & 0x0F) | (b & 0xF0); });
        case isa::Op::op_TR: {
            const uint32_t table = from;
            for (uint32_t i = 0; i <= static_cast<uint32_t>(o.imm); ++i) {
                uint8_t& byte = bytes[m.real(to + i)];
                byte = bytes[m.real(table + byte)];
            }
            return;
        }
        default: return;
    }
}

struct Outcome {
    isa::ProgramCheck check{};
    bool raised = false, leaving = false;
};

template <class C>
Outcome outcome(Cpu& cpu, C& c, isa::Op op, const isa::Operands& o, SimTime until) {
    cpu.settle_context();
    cpu.execution().until = until;
    cpu.execution().leaving = false;
    cpu.execution().ilc = op == isa::Op::op_MVCL || op == isa::Op::op_CLCL ? 1 : 3;
    Outcome out;
    const isa::ProgramCheck* const check = cpu.attempt([&] { execute_body(c, op, o); });
    if (check != nullptr) out = {*check, true, false};
    out.leaving = cpu.execution().leaving;
    return out;
}

class Cases {
  public:
    Cases(unsigned ways, unsigned seed) : random_(seed) {
        MachineModel model = MachineModel::load("s370-158-gcc");
        model.tlb_entries.value = 4;
        model.tlb_ways.value = ways;
        a_.emplace(model);
        b_.emplace(model);
        for (uint32_t at = 0x1000; at < kStorage; ++at) put(at, static_cast<uint8_t>(below(4)));
        for (unsigned page = 0; page < 2 * kPages; ++page) map(page, 1 + below(15));
    }

    void next() {
        if (below(40) == 0) map(below(2 * kPages), 1 + below(15));
        if (below(40) == 0) invalidate(below(2 * kPages));
        if (below(40) == 0) set_key(1 + below(31), below(6) == 0 ? 0x28 : below(2) == 0 ? 0x10 : 0x16);
        if (below(20) == 0) sow();
        if (below(30) == 0) both([](Mapped& m) { m.cpu().purge_tlb(); });
        if (below(30) == 0) {
            const auto key = static_cast<uint8_t>(below(2));
            both([&](Mapped& m) { m.cpu().change_key(key); });
        }
        const isa::Op op = kOps[below(kOps.size())];
        isa::Operands o;
        o.r1 = static_cast<uint8_t>(2 * (1 + below(6)));
        o.r2 = below(16) == 0 ? o.r1 : static_cast<uint8_t>(2 * (1 + below(6)));
        o.b1 = o.r1;
        o.b2 = o.r2;
        o.d1 = below(2) != 0 ? 0 : static_cast<uint16_t>(below(300));
        o.d2 = static_cast<uint16_t>(below(40));
        o.imm = static_cast<int32_t>(below(4) == 0 ? 255 : below(256));
        const uint32_t first = address(), second = below(3) == 0 ? first + below(400) - 200 : address();
        const uint32_t length = some_length(), other_length = below(3) == 0 ? length : some_length();
        both([&](Mapped& m) {
            Cpu& c = m.cpu();
            c.set_gpr(o.r1, first);
            c.set_gpr(o.r1 + 1u, length);
            c.set_gpr(o.r2, second);
            c.set_gpr(o.r2 + 1u, other_length);
        });
        compare(op, o);
    }

  private:
    void compare(isa::Op op, const isa::Operands& o) {
        std::string what = fmt::format("{} {:06X} {:06X} {}", isa::row_of(op).mnemonic, a_->cpu().gpr(o.r1),
                                       a_->cpu().gpr(o.r2), o.imm);
        CAPTURE(what);
        std::vector<uint8_t> bytes(a_->storage().at(0), a_->storage().at(0) + kStorage);
        const auto until = below(3) == 0 ? a_->cpu().now() + below(40000) : kNever;
        NothingAtHand plain(b_->cpu());
        const Outcome x = outcome(a_->cpu(), a_->cpu(), op, o, until);
        const Outcome y = outcome(b_->cpu(), plain, op, o, until);
        REQUIRE(x.raised == y.raised);
        REQUIRE(x.check.code == y.check.code);
        REQUIRE(x.check.translation_address == y.check.translation_address);
        REQUIRE(x.leaving == y.leaving);
        REQUIRE(a_->cpu().state() == b_->cpu().state());
        REQUIRE(a_->cpu().now() == b_->cpu().now());
        REQUIRE(a_->cpu().counters().tlb_misses == b_->cpu().counters().tlb_misses);
        REQUIRE(a_->cpu().counters().units == b_->cpu().counters().units);
        REQUIRE(std::memcmp(a_->storage().at(0), b_->storage().at(0), kStorage) == 0);
        for (uint32_t block = 0; block < kStorage; block += kBlock)
            REQUIRE(a_->storage().key(block) == b_->storage().key(block));
        if (!x.raised && op != isa::Op::op_MVCL && op != isa::Op::op_MVCLE && far_from_itself(op, o)) {
            store_one_by_one(*a_, op, o, bytes);
            REQUIRE(std::memcmp(a_->storage().at(0), bytes.data(), kStorage) == 0);
        }
    }
    /// Whether no two pages of the operands share a frame: such overlap is not defined byte by byte.
    bool far_from_itself(isa::Op op, const isa::Operands& o) {
        const uint32_t to = a_->cpu().address(o.b1, o.d1), from = a_->cpu().address(o.b2, o.d2);
        const uint32_t ends[] = {to, to + static_cast<uint32_t>(o.imm), from,
                                 from + (op == isa::Op::op_TR ? 255 : static_cast<uint32_t>(o.imm))};
        for (const uint32_t p : ends)
            for (const uint32_t q : ends)
                if (p / 4096 != q / 4096 && a_->real(p) / 4096 == a_->real(q) / 4096) return false;
        return true;
    }

    template <class F>
    void both(F&& f) {
        f(*a_);
        f(*b_);
    }
    void put(uint32_t at, uint8_t byte) {
        both([&](Mapped& m) { *m.storage().at(at) = byte; });
    }
    void map(unsigned page, unsigned frame) {
        both([&](Mapped& m) {
            m.storage().put16(m.page_entry(page), static_cast<uint16_t>(frame << 4));
            m.cpu().purge_tlb();
        });
    }
    void invalidate(unsigned page) {
        both([&](Mapped& m) {
            m.storage().put16(m.page_entry(page), 0x8);
            m.cpu().purge_tlb();
        });
    }
    void set_key(unsigned block, unsigned key) {
        both([&](Mapped& m) {
            m.storage().set_key(block * kBlock, static_cast<uint8_t>(key));
            m.cpu().flush_access();
        });
    }
    /// Bytes of few kinds, long alike.
    void sow() {
        const uint32_t from = 0x1000 + below(kStorage - 0x2000);
        const uint32_t length = below(4096);
        const auto byte = static_cast<uint8_t>(below(4) == 0 ? random_() : below(2));
        for (uint32_t at = from; at < from + length && at < kStorage; ++at) put(at, byte);
    }
    /// Mostly in front of the end of a block.
    uint32_t address() {
        const uint32_t page = below(kPages - 2) * 4096 + (below(2) == 0 ? kFar : 0);
        return page + (below(3) == 0 ? 2048 - below(300) : below(3) == 0 ? 4096 - below(300) : below(4096));
    }
    uint32_t some_length() { return random_() << 24 | (below(3) == 0 ? below(9000) : below(600)); }
    uint32_t below(size_t n) { return static_cast<uint32_t>(random_() % n); }

    std::mt19937 random_;
    std::optional<Mapped> a_, b_;
};

TEST_CASE("bytes at hand are worked on at once as they are one by one") {
    for (const unsigned ways : {1U, 2U}) {
        Cases cases(ways, 370 + ways);
        for (unsigned n = 0; n < 4000; ++n) cases.next();
    }
}

}  // namespace
}  // namespace simulation::test
