// Random programs that loop, so that executors which do more for what is executed often come to do it: loops
// in loops by counts, indexes and comparisons, subroutines, tables of branches, subjects of EXECUTE, and in
// them anything, now and then what changes the mode, the program itself, or the way through it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "isa/facility.hpp"
#include "tests/vmcp/random_program.hpp"

namespace simulation::test {

class LoopingProgram : public vmcp::test::RandomProgram {
  public:
    /// `facilities`: of the machine. It seldom executes what that lacks.
    LoopingProgram(uint64_t seed, bool translating, bool recording, isa::FacilitySet facilities)
        : RandomProgram(seed, translating, recording, vmcp::test::Freedom::full, WithoutBody{}),
          facilities_(facilities) {
        const uint32_t body = at_;
        put32(kCount, 50 + below(1000));  // interruptions
        come_back_to_the_code();
        if (below(4) != 0) become_supervisor_by_svc();
        at_ = body;
        for (unsigned i = 0; i < kDecimals; ++i) put64(kDecimal + 8 * i, packed());
        write_body();
        put32(kRestart, some_instruction());
        // PSWs lead to some instruction, not into the middle of one.
        for (unsigned i = 0; i < 16; ++i) {
            isa::Psw p = isa::decode_psw(random_psw());
            p.address = some_instruction();
            put64(kPsws + 8 * i, isa::encode(p));
        }
    }

  private:
    // Registers 0-7 are worked with, 8-11 and 15 are bases (RandomProgram).
    static constexpr unsigned kInner = 12, kOuter = 13, kReturn = 14;
    static constexpr uint32_t kEndOfCode = 0x1F00;
    static constexpr uint32_t kDecimal = 0x2400;  // fields of 8 bytes
    static constexpr unsigned kDecimals = 32;
    static constexpr uint32_t kRounds = 0x558, kRestart = 0x560;  // how often all of it is to be done
    static constexpr uint32_t kModes = 0x700, kModesEnd = 0xC00;  // PSWs that go on with the next instruction
    static constexpr unsigned kAnyRegister = 8;                   // below that

    // What is random in them is drawn in the order of their fields, whoever compiles this.
    struct Short {
        unsigned op, r1, r2;
    };
    struct Long {
        unsigned op, r1, r2, base, displacement;
    };
    struct LongAt {
        unsigned op, r1, r2;
        uint32_t target;  // in the program
    };
    void rr(const Short& i) {
        begin();
        emit({i.op, i.r1 << 4 | i.r2});
    }
    void op(const Long& i) {
        begin();
        emit({i.op, i.r1 << 4 | i.r2, i.base << 4 | i.displacement >> 8, i.displacement & 0xFF});
    }
    void op_at(const LongAt& i) { op({i.op, i.r1, i.r2, 15, i.target - kCode}); }
    void begin() { starts_.push_back(at_); }
    uint32_t some_instruction() { return starts_[below(static_cast<unsigned>(starts_.size()))]; }
    /// Of a branch that was written when its target was not known yet.
    void lead_here(uint32_t branch) {
        image_[branch + 2] = static_cast<uint8_t>(0xF0 | (at_ - kCode) >> 8);
        image_[branch + 3] = static_cast<uint8_t>(at_ - kCode);
    }
    bool room() const { return at_ < kEndOfCode; }

    /// Who has run out of the code is led back into it by the next interruption, and is in the supervisor
    /// state there.
    void come_back_to_the_code() {
        handler(kProgramHandler, isa::Assigned::program_old);
        at_ -= 8;  // in front of LM and LPSW
        const uint32_t back = at_ + 24, go_on = back + 10, restart = kRestart + 1;
        emit({0x95, 0x00, 0x00, 0x2D, 0x47, 0x70, back >> 8, back & 0xFF});    // CLI 45,0; BNE
        emit({0x95, 0x10, 0x00, 0x2E, 0x47, 0x40, back >> 8, back & 0xFF});    // CLI 46,16; BL
        emit({0x95, 0x1F, 0x00, 0x2E, 0x47, 0xD0, go_on >> 8, go_on & 0xFF});  // CLI 46,31; BNH
        emit({0xD2, 0x02, 0x00, 0x2D, restart >> 8, restart & 0xFF});          // MVC 45(3)
        emit({0x94, 0x0E, 0x00, 0x29});                                        // NI 41,14
        emit({0x98, 0x0F, kSave >> 8, kSave & 0xFF});
        emit({0x82, 0x00, 0x00, 0x28});
    }
    /// An SVC becomes NI 33,254 and LPSW 32: back in the supervisor state.
    void become_supervisor_by_svc() {
        at_ = kSvcHandler;
        emit({0x94, 0xFE, 0x00, 0x21, 0x82, 0x00, 0x00, 0x20});
    }
    uint64_t packed() {
        uint64_t digits = below(3) == 0 ? 0 : below(10);
        for (unsigned i = 0; i < 14; ++i) digits = digits << 4 | (i < 8 ? 0 : below(10));
        return digits << 4 | (below(2) != 0 ? 0xC : 0xD);
    }

    void write_body() {
        const uint32_t again = at_;
        rr({0x07, 0, 0});  // something is there from the beginning
        const uint32_t limit = kCode + 0x100 + below(0xE00);
        put32(kRounds, 3 + below(100));
        while (at_ < limit && room()) element(0);
        op({0x58, 0, 0, 0, kRounds});  // L
        rr({0x06, 0, 0});              // BCTR: less one
        op({0x50, 0, 0, 0, kRounds});  // ST
        rr({0x12, 0, 0});              // LTR
        op_at({0x47, below(4) == 0 ? 15u : 2u, 0, again});
        begin();
        emit({0x82, 0x00, kEnd >> 8, kEnd & 0xFF});
        while (at_ < 0x2000) emit({0x82, 0x00, kEnd >> 8, kEnd & 0xFF});
    }

    /// `depth`: loops around it.
    void element(unsigned depth) {
        if (!room()) return;
        switch (below(depth == 0 ? 16 : 40)) {
            case 0:
            case 1:
            case 2:
            case 3: return depth < 2 ? loop(depth) : plain();
            case 4: return skip();
            case 5: return skip();
            case 6: return multiple();
            case 7: return decimal();
            case 8: return below(3) == 0 ? change_program() : plain();
            case 9: return below(3) == 0 ? change_mode() : plain();
            case 10: return below(2) == 0 ? system() : plain();
            case 11: return below(20) == 0 ? anything() : plain();
            default: return plain();
        }
    }
    void elements(unsigned depth) {
        for (unsigned n = 1 + below(6); n != 0; --n) element(depth);
    }

    void loop(unsigned depth) {
        const unsigned counter = depth == 0 ? kOuter : kInner;
        const unsigned times = 2 + below(depth == 0 ? 12 : 60);
        switch (below(8)) {
            case 0: return index_loop(depth);
            case 1: return compare_loop(depth, counter, times);
            case 2: return call_loop(depth, counter, times);
            case 3: return table_loop(depth, counter, times);
            case 4: return execute_loop(depth, counter, times);
            case 5:
                if (facilities_.has(isa::Facility::gcc)) return relative_loop(depth, counter, times);
                [[fallthrough]];
            default: count_loop(depth, counter, times);
        }
    }
    void count_loop(unsigned depth, unsigned counter, unsigned times) {
        op({0x41, counter, 0, 0, times});
        const uint32_t again = at_;
        elements(depth + 1);
        op_at({0x46, counter, 0, again});  // BCT
    }
    void relative_loop(unsigned depth, unsigned counter, unsigned times) {
        op({0x41, counter, 0, 0, times});
        const uint32_t again = at_;
        elements(depth + 1);
        begin();
        const uint32_t back = (at_ - again) / 2;
        emit({0xA7, counter << 4 | 6, -back >> 8 & 0xFF, -back & 0xFF});  // BRCT
    }
    /// By BXLE or BXH on registers 4, 6 and 7; storage is indexed by register 4.
    void index_loop(unsigned depth) {
        const bool upwards = below(3) != 0;
        const unsigned step = 1 + below(16), end = step * below(40);
        op({0x41, 4, 0, 0, upwards ? 0u : end});
        op({0x41, 6, 0, 0, step});
        op({0x41, 7, 0, 0, upwards ? end : 0u});
        if (!upwards) rr({0x13, 6, 6});  // LCR
        const uint32_t again = at_;
        const unsigned before = registers_;
        registers_ = 4;
        op({below(2) != 0 ? 0x43u : 0x5Au, below(4), 4, 8 + below(3), 4 * below(64)});  // IC, A
        elements(depth + 1);
        op({below(2) != 0 ? 0x42u : 0x50u, below(4), 4, 8 + below(3), 4 * below(64)});  // STC, ST
        registers_ = before;
        op_at({upwards ? 0x87u : 0x86u, 4, 6, again});
    }
    void compare_loop(unsigned depth, unsigned counter, unsigned times) {
        rr({0x1B, counter, counter});
        const uint32_t again = at_;
        elements(depth + 1);
        op({0x41, counter, 0, counter, 1});  // LA counter,1(,counter)
        op({0x41, 0, 0, 0, times});
        rr({below(2) != 0 ? 0x19u : 0x15u, counter, 0});  // CR, CLR
        op_at({0x47, 4, 0, again});                       // BL
    }
    void call_loop(unsigned depth, unsigned counter, unsigned times) {
        op({0x41, counter, 0, 0, times});
        const uint32_t over = at_;
        op({0x47, 15, 0, 15, 0});
        const uint32_t routine = at_;
        for (unsigned n = 1 + below(4); n != 0; --n) plain();
        if (below(4) == 0) rr({0x07, below(16), kReturn});  // BCR: home early
        plain();
        rr({0x07, 15, kReturn});
        lead_here(over);
        const uint32_t again = at_;
        if (below(2) != 0) {
            op_at({0x41, 3, 0, routine});
            rr({0x05, kReturn, 3});  // BALR
        } else {
            op_at({0x45, kReturn, 0, routine});  // BAL
        }
        elements(depth + 1);
        op_at({0x46, counter, 0, again});
    }
    /// Branches into a table of four ways.
    void table_loop(unsigned depth, unsigned counter, unsigned times) {
        op({0x41, counter, 0, 0, times});
        const uint32_t again = at_;
        rr({0x18, 1, counter});         // LR
        op({0x41, 2, 0, 0, 3});         // LA
        rr({0x14, 1, 2});               // NR
        op({0x89, 1, 0, 0, 3});         // SLL: eight bytes each
        op_at({0x47, 15, 1, at_ + 4});  // B table(1)
        const uint32_t table = at_;
        for (unsigned way = 0; way < 4; ++way) {
            op({0x41, way, 0, way, 1 + below(100)});
            op_at({0x47, 15, 0, table + 32});
        }
        elements(depth + 1);
        op_at({0x46, counter, 0, again});
    }
    void execute_loop(unsigned depth, unsigned counter, unsigned times) {
        op({0x41, counter, 0, 0, times});
        const uint32_t over = at_;
        op({0x47, 15, 0, 15, 0});
        const uint32_t subject = at_;
        bool as_it_is = false;  // without a modifier
        const unsigned kind = below(12);
        if (kind == 0)
            rr({0x0A, below(256), 0});  // SVC
        else if (kind == 1)
            op_at({0x47, below(16), 0, some_instruction()});
        else if (kind == 2)
            op_at({0x44, 0, 0, some_instruction()});  // EX, or of one
        else if (kind < 8)
            characters();
        else {
            plain_one();
            as_it_is = true;
        }
        lead_here(over);
        const uint32_t again = at_;
        op_at({0x44, as_it_is ? 0 : below(3) == 0 ? counter : below(8), 0, subject});
        elements(depth + 1);
        op_at({0x46, counter, 0, again});
    }

    /// MVC, CLC, XC, OC, NC, TR and their kin on the data, of few bytes.
    void characters() {
        constexpr unsigned kOps[] = {0xD2, 0xD5, 0xD7, 0xD6, 0xD4, 0xDC, 0xDD, 0xD1, 0xD3};
        begin();
        const unsigned to = 4 * below(128), from = below(4) == 0 ? to + 1 : 4 * below(128);
        emit({kOps[below(9)], below(24), (8 + below(3)) << 4 | to >> 8, to & 0xFF,
              (8 + below(3)) << 4 | from >> 8, from & 0xFF});
    }
    /// A branch over a few instructions, on a condition that has just been set.
    void skip() {
        switch (below(5)) {
            case 0: op({0x91, below(16), below(16), 8 + below(3), below(256)}); break;  // TM
            case 1: op({0x95, below(16), below(16), 8 + below(3), below(256)}); break;  // CLI
            case 2: rr({0x12, below(8), below(8)}); break;                              // LTR
            case 3: rr({below(2) != 0 ? 0x19u : 0x15u, below(14), below(14)}); break;   // CR, CLR
            default: op({0x59, below(8), 0, 8 + below(3), 4 * below(64)});              // C
        }
        const uint32_t branch = at_;
        op({0x47, below(16), 0, 15, 0});
        for (unsigned n = 1 + below(3); n != 0; --n) plain();
        lead_here(branch);
    }
    /// MVCL or CLCL of some hundred bytes.
    void long_one() {
        op({0x41, 4, 0, 8 + below(3), below(256)});
        op({0x41, 5, 0, 0, below(400)});
        op({0x41, 6, 0, 8 + below(3), below(256)});
        op({0x41, 7, 0, 0, below(400)});
        rr({0x0E + below(2), 4, 6});
    }
    void multiple() {
        if (registers_ == kAnyRegister && below(6) == 0) return long_one();
        const unsigned from = below(registers_), to = from + below(registers_ - from);
        const unsigned base = 8 + below(3), where = 4 * below(200);
        op({0x90, from, to, base, where});  // STM
        if (below(2) != 0) plain();
        op({0x98, from, to, base, below(3) == 0 ? where : 4 * below(200)});  // LM
    }
    void decimal() {
        constexpr unsigned kOps[] = {0xFA, 0xFB, 0xF8, 0xF9, 0xFC, 0xFD, 0xF0, 0xF3, 0xF2, 0xDE};
        for (unsigned n = 1 + below(3); n != 0; --n) {
            const unsigned o = kOps[below(4) != 0 ? below(4) : below(10)];
            const unsigned to = kDecimal - 0x2000 + 8 * below(kDecimals);
            const unsigned from = kDecimal - 0x2000 + 8 * below(kDecimals) + (o == 0xF0 ? 0 : 4);
            const bool short_one = o == 0xFC || o == 0xFD || below(3) == 0;  // MP, DP
            begin();
            if (o == 0xF0)  // SRP
                emit({o, 0x70 | below(10), 0x80 | to >> 8, to & 0xFF, 0x00, below(64)});
            else if (o == 0xDE)
                emit({o, below(8), 0x80 | to >> 8, to & 0xFF, 0x80 | from >> 8, from & 0xFF});
            else
                emit({o, 0x70 | (short_one ? 3u : 7u), 0x80 | to >> 8, to & 0xFF,
                      0x80 | (short_one ? from : from & ~7U) >> 8, (short_one ? from : from & ~7U) & 0xFF});
        }
        if (below(2) != 0) return;
        const unsigned field = kDecimal - 0x2000 + 8 * below(kDecimals);
        op({below(2) != 0 ? 0x4Fu : 0x4Eu, below(registers_), 0, 8, field});  // CVB, CVD
    }

    /// One instruction that stays within the program and its data, mostly of those that occur often.
    void plain() {
        if (below(10) == 0) return characters();
        plain_one();
    }
    void plain_one() {
        if (!room()) return;
        const bool often = below(3) != 0;
        isa::Decoded d;
        do d = random_row();
        while (!installed(d) || d.row().ends != isa::Ends::no ||
               (often && d.row().execution != isa::Execution::inline_));
        tame(d);
        begin();
        at_ += isa::encode(d, &image_[at_]);
    }
    /// Whatever there is, with whatever registers.
    void anything() {
        isa::Decoded d;
        do d = random_row();
        while (!installed(d));
        begin();
        at_ += isa::encode(d, &image_[at_]);
    }
    bool installed(const isa::Decoded& d) const {
        return facilities_.has(d.row().facility) && d.row().facility != isa::Facility::interpretive_execution;
    }
    /// Registers and bases such that it does what it is for.
    void tame(isa::Decoded& d) {
        isa::Operands& o = d.operands;
        const auto tame_base = [&](uint8_t& base) {
            if (below(60) != 0) base = static_cast<uint8_t>(8 + below(3));
        };
        tame_base(o.b1);
        tame_base(o.b2);
        if (d.row().format == isa::Format::RS_R && below(3) != 0) o.b2 = 0;  // a shift by what is written
        const bool registers = d.row().format == isa::Format::RS;            // as many as to wreck everything
        if (!registers && below(20) == 0) return;
        o.r1 = static_cast<uint8_t>(o.r1 % registers_);
        if (d.row().format == isa::Format::RX && o.r2 != 0 && below(3) != 0)
            o.r2 = 4;  // an index that may be a small number
        if (registers && o.r2 < o.r1) std::swap(o.r1, o.r2);
        const unsigned needs = d.row().requires_;
        if ((needs & (isa::even1 | isa::float1)) != 0) o.r1 &= 6;
        if ((needs & (isa::even2 | isa::even3 | isa::float2)) != 0) o.r2 &= 6;
        if ((needs & isa::floatpair1) != 0) o.r1 &= 4;
        if ((needs & isa::floatpair2) != 0) o.r2 &= 4;
    }

    /// Stores into an instruction that is there already: other registers, another displacement or immediate
    /// operand, or another operation of its length.
    void change_program() {
        const uint32_t victim = some_instruction();
        const unsigned length = length_of(victim);
        const uint32_t byte = victim + (length == 2 ? 1 : 3);
        switch (below(length == 2 ? 2 : 5)) {
            case 0: return op_at({0x97, 0, 1u << below(3), byte});     // XI
            case 2: return op_at({0x42, below(8), 0, byte});           // STC
            case 3: return op_at({0x92, below(16), below(16), byte});  // MVI
            case 4:
                if (below(8) == 0) return op_at({0x92, below(16), below(16), victim + below(length)});
                [[fallthrough]];
            default: {  // MVC of another one
                uint32_t other = some_instruction();
                for (unsigned n = 0; n < 5 && length_of(other) != length; ++n) other = some_instruction();
                begin();
                emit({0xD2, length - 1, 0xF0 | (victim - kCode) >> 8, (victim - kCode) & 0xFF,
                      0xF0 | (other - kCode) >> 8, (other - kCode) & 0xFF});
            }
        }
    }
    unsigned length_of(uint32_t instruction) const {
        return image_[instruction] < 0x40 ? 2 : image_[instruction] < 0xC0 ? 4 : 6;
    }
    /// LPSW of any mode, which goes on with the next instruction; back to the supervisor state in front of
    /// that.
    void change_mode() {
        if (modes_ == kModesEnd) return plain();
        begin();
        emit({0x0A, below(256)});  // SVC
        begin();
        emit({0x82, 0x00, modes_ >> 8, modes_ & 0xFF});
        isa::Psw p = isa::decode_psw(random_psw());
        p.address = at_;
        if (below(2) != 0) p.key = 0;
        put64(modes_, isa::encode(p));
        modes_ += 8;
    }
    /// Keys, translation and clocks: what RandomProgram has for it, and more of it.
    void system() {
        const unsigned data = below(3), block = below(8);
        begin();
        switch (below(12)) {
            case 0: return emit({0x08, below(8) << 4 | (8 + data)});                    // SSK
            case 1: return emit({0x09, below(8) << 4 | (8 + data)});                    // ISK
            case 2: return emit({0xB2, 0x0A, 0x00, below(16) << 4});                    // SPKA
            case 3: return emit({0xB2, 0x0D, 0x00, 0x00});                              // PTLB
            case 4: return emit({0xB1, below(8) << 4, (8 + data) << 4 | block, 0x00});  // LRA
            case 5: return emit({0xB2, 0x05, (8 + data) << 4, 8 * below(32)});          // STCK
            case 6: return emit({0xB2, 0x09, (8 + data) << 4, 8 * below(32)});          // STPT
            case 7: return emit({0xB2, 0x08, kTimer >> 8, kTimer & 0xFF});              // SPT
            case 8: return emit({0xB2, 0x13, (8 + data) << 4 | block, 0x00});           // RRB
            case 9: return emit({0xAF, below(16), 0x00, below(256)});                   // MC
            case 10: return emit({0x04, below(8) << 4});                                // SPM
            default: special();
        }
    }

    const isa::FacilitySet facilities_;
    std::vector<uint32_t> starts_;  // of its instructions so far
    unsigned registers_ = kAnyRegister;
    uint32_t modes_ = kModes;
};

}  // namespace simulation::test
