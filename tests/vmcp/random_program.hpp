// Random programs of supervisor and problem-state instructions, as core images that end in a disabled wait.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>
#include <vector>

#include "isa/dat.hpp"
#include "isa/instruction.hpp"
#include "isa/interruption.hpp"
#include "isa/psw.hpp"
#include "isa/state.hpp"

namespace vmcp::test {

inline constexpr uint32_t kProgramStorage = 64 * 1024;

/// How far a program may go.
enum class Freedom : uint8_t {
    /// It ends the same way on machines of different speed, and as a guest: it does not look at clocks, and
    /// does not change where its own code is found.
    comparable,
    /// Anything: clocks and timers, every control register, prefixing, stores into its own code, branches to
    /// anywhere, channel programs on devices 009 and 00E.
    full,
};

class RandomProgram {
  public:
    /// `translating`: with translation tables of a random format, and PSWs that turn translation on.
    /// `recording`: with PSWs that turn program-event recording on; the program adds up what it is told.
    explicit RandomProgram(uint64_t seed, bool translating = false, bool recording = false,
                           Freedom freedom = Freedom::comparable)
        : RandomProgram(seed, translating, recording, freedom, WithoutBody{}) {
        const unsigned length = 20 + below(60);
        for (unsigned i = 0; i < length; ++i) random_instruction();
        do emit({0x82, 0x00, kEnd >> 8, kEnd & 0xFF});  // LPSW: the end
        while (at_ < kCode + 0x200);                    // wherever PSWs may lead
    }

    const std::vector<uint8_t>& image() const { return image_; }

  protected:
    struct WithoutBody {};
    /// Whoever derives from it writes what follows the prologue.
    RandomProgram(uint64_t seed, bool translating, bool recording, Freedom freedom, WithoutBody)
        : random_(seed),
          image_(0x8000),
          translating_(translating),
          recording_(recording),
          full_(freedom == Freedom::full) {
        if (translating) build_tables();
        // Location 80: far from expiring, so that no run depends on how long it took.
        put32(isa::Assigned::interval_timer, 0x7FFFFF00);
        put64(isa::Assigned::restart_new, psw(false, kCode));
        // Every interruption counts down and resumes behind the instruction; after 40 of them the program
        // ends.
        for (uint32_t place : {isa::Assigned::program_new, isa::Assigned::supervisor_call_new,
                               isa::Assigned::external_new, isa::Assigned::io_new})
            put64(place,
                  psw(false, place == isa::Assigned::supervisor_call_new ? kSvcHandler : kProgramHandler));
        put64(kEnd, wait_psw(0));
        put32(kCount, recording ? 120 : 40);
        if (full_) build_surroundings();
        handler(kProgramHandler, isa::Assigned::program_old);
        handler(kSvcHandler, isa::Assigned::supervisor_call_old);
        for (uint32_t a = 0x2000; a < 0x6000; a += 4) put32(a, bits());
        for (unsigned i = 0; i < 16; ++i) put64(kPsws + 8 * i, random_psw());
        for (unsigned i = 0; i < 16; ++i) image_[kMasks + i] = static_cast<uint8_t>(system_mask() & 0xFB);
        prologue();
    }

    static constexpr uint32_t kCode = 0x1000, kProgramHandler = 0x400, kSvcHandler = 0x480, kEnd = 0x500,
                              kCount = 0x508, kSave = 0x510, kSum = 0x550, kPsws = 0x600, kMasks = 0x6C0,
                              kControls = 0xD40, kTimer = 0xD48, kChannelProgram = 0xD80;

    uint32_t bits() { return static_cast<uint32_t>(random_()); }
    unsigned below(unsigned n) { return bits() % n; }
    void put32(uint32_t a, uint32_t v) {
        for (unsigned i = 0; i < 4; ++i) image_[a + i] = static_cast<uint8_t>(v >> (24 - 8 * i));
    }
    void put64(uint32_t a, uint64_t v) {
        put32(a, static_cast<uint32_t>(v >> 32));
        put32(a + 4, static_cast<uint32_t>(v));
    }
    static uint64_t psw(bool problem, uint32_t address) {
        isa::Psw p;
        p.problem_state = problem;
        p.address = address;
        return isa::encode(p);
    }
    static uint64_t wait_psw(uint32_t address) {
        isa::Psw p;
        p.wait = true;
        p.address = address;
        return isa::encode(p);
    }
    /// Any mode, key, state and masks; translation and recording where asked for, and always back into the
    /// program.
    uint64_t random_psw() {
        isa::Psw p;
        p.ec_mode = below(2);
        p.key = below(3) == 0 ? static_cast<uint8_t>(below(16)) : 0;
        p.problem_state = below(2);
        p.condition_code = static_cast<uint8_t>(below(4));
        p.program_mask = static_cast<uint8_t>(below(16));
        p.external_mask = below(2);
        if (p.ec_mode) p.io_mask = below(2);
        p.dat = p.ec_mode && translating_ && below(4) != 0;
        if (recording_) p.per = p.ec_mode && below(4) != 0;
        p.address = kCode + 0x100 + 2 * below(64);
        if (below(20) == 0) p.address |= 1;
        return isa::encode(p) | (below(20) == 0 ? 0x80 : 0);
    }
    /// Any, but without the bits that turn translation or recording on where there is none. Programs that run
    /// in the EC mode get few that are not valid there, for that ends all progress.
    unsigned system_mask() {
        const unsigned mask = below(256) & (translating_ ? 0xFF : 0xFB);
        return recording_ ? mask & (below(12) == 0 ? 0xFF : 0x47) : mask & 0xBF;
    }
    void emit(std::initializer_list<unsigned> bytes) {
        for (unsigned b : bytes) image_[at_++] = static_cast<uint8_t>(b);
    }
    void handler(uint32_t at, uint32_t old_psw) {
        at_ = at;
        emit({0x90, 0x0F, kSave >> 8, kSave & 0xFF});    // STM 0,15
        emit({0x58, 0x10, kCount >> 8, kCount & 0xFF});  // L 1,count
        emit({0x46, 0x10, 0x00, 0x00});                  // BCT 1,go on
        const uint32_t go_on = at_ + 4;
        image_[at_ - 2] = static_cast<uint8_t>(go_on >> 8);
        image_[at_ - 1] = static_cast<uint8_t>(go_on);
        emit({0x82, 0x00, kEnd >> 8, kEnd & 0xFF});      // LPSW end
        emit({0x50, 0x10, kCount >> 8, kCount & 0xFF});  // ST 1,count
        if (recording_ && old_psw == isa::Assigned::program_old) {
            emit({0x58, 0x10, kSum >> 8, kSum & 0xFF});                               // L 1,sum
            for (uint32_t told : {140u, 148u, 152u}) emit({0x5E, 0x10, 0x00, told});  // AL 1,...
            emit({0x50, 0x10, kSum >> 8, kSum & 0xFF});                               // ST 1,sum
        }
        if (translating_ && old_psw == isa::Assigned::program_old) {
            // A nullified instruction (code 10 or 11, EC mode) would be executed again for ever: go behind
            // it.
            const uint32_t behind = at_ + 34;
            emit({0x91, 0x08, 0x00, 0x29});                          // TM 41,8
            emit({0x47, 0x80, behind >> 8, behind & 0xFF});          // BZ
            emit({0x91, 0x10, 0x00, 0x8F});                          // TM 143,16
            emit({0x47, 0x80, behind >> 8, behind & 0xFF});          // BZ
            emit({0x1B, 0x11, 0x43, 0x10, 0x00, 0x8D});              // SR 1,1; IC 1,141: its length
            emit({0x5E, 0x10, 0x00, 0x2C, 0x50, 0x10, 0x00, 0x2C});  // AL 1,44; ST 1,44
            emit({0x94, 0x00, 0x00, 0x2C});                          // NI 44,0
        }
        emit({0x98, 0x0F, kSave >> 8, kSave & 0xFF});      // LM 0,15
        emit({0x82, 0x00, old_psw >> 8, old_psw & 0xFF});  // LPSW old
    }
    /// Registers: 8-10 point to data, 11 near the end of storage, 15 to the code, the others hold random
    /// bits.
    void prologue() {
        constexpr uint32_t registers = 0x0C00;
        for (unsigned r = 0; r < 16; ++r) put32(registers + 4 * r, below(4) == 0 ? below(300) : bits());
        put32(registers + 32, 0x2000);
        put32(registers + 36, 0x3000 + below(2048));
        put32(registers + 40, 0x4FF8);
        put32(registers + 44, kProgramStorage - 16);
        put32(registers + 60, kCode);
        at_ = kCode;
        if (full_) {
            emit({0xB2, 0x08, kTimer >> 8, kTimer & 0xFF});  // SPT
            if (!translating_) emit({0xB7, 0x00, kControls >> 8, kControls & 0xFF});
        }
        // Keys: one block protected against storing, one against fetching too.
        emit({0x58, 0x10, 0x0D, 0x00, 0x58, 0x20, 0x0D, 0x04, 0x08, 0x12});
        emit({0x58, 0x10, 0x0D, 0x08, 0x58, 0x20, 0x0D, 0x0C, 0x08, 0x12});
        put32(0x0D00, 0x30);
        put32(0x0D04, 0x3000);
        put32(0x0D08, 0x58);
        put32(0x0D0C, 0x5000);
        if (recording_) {
            put32(0x0D60, bits());
            put32(0x0D64, below(2) != 0 ? kCode + below(0x200) : below(0x8000));
            put32(0x0D68, below(0x8000));
            emit({0xB7, 0x9B, 0x0D, 0x60});  // LCTL 9,11
        }
        if (translating_) emit({0xB7, 0x01, 0x0D, 0x18});             // LCTL 0,1
        emit({0x98, 0x0F, registers >> 8 & 0xFF, registers & 0xFF});  // LM 0,15
        if (!translating_ && !recording_) return;
        isa::Psw p;
        p.ec_mode = true;
        p.dat = translating_;
        p.per = recording_ && below(8) != 0;
        p.address = at_ + 8;
        put64(0x0D20, isa::encode(p));
        emit({0x82, 0x00, 0x0D, 0x20, 0x07, 0x00, 0x07, 0x00});  // LPSW: translation, recording on
    }

    /// A segment table at 7000 and a page table at 7100 for 64K: the code is mapped to itself, the data pages
    /// are mixed up, mapped twice, invalid, or in error.
    void build_tables() {
        format_ = {below(2) != 0 ? 11u : 12u, below(2) != 0 ? 16u : 20u};
        for (unsigned i = 0; i < 16; ++i) put32(0x7000 + 4 * i, 1);
        put32(0x7000, (below(8) == 0 ? 0x10000000u * below(16) : 0xF0000000u) | 0x7100);
        const unsigned pages = format_.pages_per_segment();
        const unsigned page_size = 1u << format_.page_shift;
        const unsigned first_data = 0x2000 / page_size, data_pages = 0x4000 / page_size;
        for (unsigned page = 0; page < pages; ++page) {
            const bool data = page >= first_data && page < first_data + data_pages;
            const unsigned target = data && below(3) == 0 ? first_data + below(data_pages) : page;
            uint16_t entry = isa::page_table_entry(format_, target * page_size);
            if (page * page_size >= kProgramStorage || (data && below(12) == 0))
                entry |= format_.invalid_bit();
            if (data && below(40) == 0) entry |= 2;  // translation specification
            image_[0x7100 + 2 * page] = static_cast<uint8_t>(entry >> 8);
            image_[0x7101 + 2 * page] = static_cast<uint8_t>(entry);
        }
        put32(0x0D18, (format_.page_shift == 11 ? isa::kCr0PageSize2K : isa::kCr0PageSize4K) |
                          (format_.segment_shift == 20 ? isa::kCr0Segment1M : 0));
        put32(0x0D1C, 0x7000);
    }

    /// The interval timer about to expire, every external interruption possible, and a channel program.
    void build_surroundings() {
        if (below(3) == 0) put32(isa::Assigned::interval_timer, below(0x600));
        put32(kControls, isa::initial_control_registers()[0] | isa::kCr0ClockComparatorMask |
                             isa::kCr0CpuTimerMask | (below(4) == 0 ? isa::kCr0LowAddressProtection : 0));
        put64(kTimer, below(2) != 0 ? uint64_t{below(4000)} << 12 : ~uint64_t{0} >> 1);  // us
        put32(isa::Assigned::caw, kChannelProgram);
        put64(kChannelProgram, uint64_t{0x01002000} << 32 | 0x60000000 | (1 + below(40)));  // write
        put64(kChannelProgram + 8, uint64_t{0x03000000} << 32 | 0x20000001);                // no-operation
    }

    bool excluded(const isa::Row& row) const {
        if (full_) return false;
        // What tells the time or the machine, talks to devices, or turns translation on.
        static constexpr std::string_view names[] = {
            "STCK", "STPT", "STCKC", "SCK",   "SPT",  "SCKC", "STIDP", "DIAG",  "SIO", "SIOF",
            "SIGP", "LPSW", "SSM",   "STOSM", "LCTL", "EX",   "SPX",   "STIDC", "TB"};
        for (std::string_view name : names)
            if (row.mnemonic == name) return true;
        return row.facility == isa::Facility::gcc || row.facility == isa::Facility::dual_address_space ||
               row.facility == isa::Facility::direct_control ||
               row.facility == isa::Facility::interpretive_execution;
    }

    void random_instruction() {
        switch (below(14)) {
            case 0: return special();
            case 1: return forward_branch();
            case 2: {  // EX of something that was placed among the data
                const isa::Decoded target = random_row();
                const uint32_t place = 0x2000 + 2 * below(256);
                isa::encode(target, &image_[place]);
                return emit({0x44, below(8), 0x80 | (place & 0xFFF) >> 8, place & 0xFF});
            }
            default: {
                const isa::Decoded d = random_row();
                at_ += isa::encode(d, &image_[at_]);
            }
        }
    }
    void special() {
        const uint32_t image_psw = kPsws + 8 * below(16);
        const uint32_t mask = kMasks + below(16);
        if (translating_ &&
            below(3) == 0) {  // L 1,=table; LA 2,address; IPTE 1,2; L of that page; then valid again
            const unsigned page = 0x2000 + 0x800 * below(8);
            emit({0x58, 0x10, 0x0D, 0x30, 0x58, 0x20, 0x0D, 0x34 + 4 * (page >> 11 & 7)});
            put32(0x0D30, 0x7100);
            put32(0x0D34 + 4 * (page >> 11 & 7), page);
            return emit({0xB2, 0x21, 0x00, 0x12});
        }
        if (full_ && below(5) == 0)
            return emit({0x9C, below(3) == 0, 0x00, below(2) != 0 ? 0x09u : 0x0Eu});  // SIO, SIOF
        switch (below(5)) {
            case 0: return emit({0x82, 0x00, image_psw >> 8, image_psw & 0xFF});  // LPSW
            case 1: return emit({0x80, 0x00, mask >> 8, mask & 0xFF});            // SSM
            case 2: return emit({0xAD, system_mask(), 0x81, below(256)});         // STOSM
            case 3: return emit({0x0A, below(256)});                              // SVC
            default: return emit({0xB7, 0x88, 0x82, 4 * below(64)});              // LCTL 8,8
        }
    }
    void forward_branch() {
        uint32_t target = at_ - kCode + 4 + 2 * below(12);
        if (full_ && below(4) == 0) target -= std::min<uint32_t>(target, 2 * below(40));
        emit({below(3) == 0 ? 0x45u : 0x47u, below(16) << 4, 0xF0 | target >> 8, target & 0xFF});
    }
    isa::Decoded random_row() {
        unsigned row;
        do row = below(isa::kRowCount);
        while (excluded(isa::kRows[row]) ||
               (isa::kRows[row].ends == isa::Ends::branch && !(full_ && below(4) == 0)));
        isa::Decoded d;
        d.op = static_cast<isa::Op>(row);
        d.length = static_cast<uint8_t>(isa::length_of(isa::kRows[row].format));
        isa::Operands& o = d.operands;
        const auto base = [&] {
            if (full_ && below(12) == 0) return uint8_t{15};
            return static_cast<uint8_t>(below(12) == 0 ? below(16) : 8 + below(4));
        };
        const auto displacement = [&] {
            return static_cast<uint16_t>(below(8) == 0 ? below(4096) : 4 * below(64));
        };
        o.r1 = static_cast<uint8_t>(below(8));
        o.r2 = static_cast<uint8_t>(below(8));
        o.b1 = base();
        o.b2 = base();
        o.d1 = displacement();
        o.d2 = displacement();
        o.imm = static_cast<int32_t>(below(256));
        const isa::Format f = isa::kRows[row].format;
        if (f == isa::Format::RX || f == isa::Format::RX_M)
            o.r2 = below(4) == 0 ? o.r2 : 0;  // mostly no index
        if (f == isa::Format::SS_LI) o.imm &= 15;
        if (f == isa::Format::SS_L && below(4) != 0) o.imm &= 15;
        return d;
    }

    std::mt19937_64 random_;
    std::vector<uint8_t> image_;
    bool translating_, recording_, full_;
    isa::TranslationFormat format_;
    uint32_t at_ = 0;
};

}  // namespace vmcp::test
