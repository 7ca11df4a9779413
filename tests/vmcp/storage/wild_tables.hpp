// Guests with translation tables that no sane system would have: invalid, overlapping, pointing beyond
// storage, at themselves, at one another, and changing under way. Core images that end in a disabled wait.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <vector>

#include "isa/dat.hpp"
#include "isa/interruption.hpp"
#include "isa/psw.hpp"

namespace vmcp::test {

/// The program is a row of *steps*, each in 64 bytes of its own, executed with translation on. After each
/// one, and after each interruption, a handler (translation off) goes on to the next; so every step is tried
/// once, whatever happens.
class WildTables {
  public:
    static constexpr uint32_t kStorage = 64 * 1024;

    /// `wild`: steps may store anywhere, the tables included, without purging the TLB. Otherwise storage keys
    /// keep them from the program and the tables, which change only in the handler, which purges; so the
    /// outcome does not depend on what a TLB remembers.
    WildTables(uint64_t seed, bool wild) : random_(seed), image_(kStorage / 2), wild_(wild) {
        format_ = {below(2) != 0 ? 11u : 12u, below(2) != 0 ? 16u : 20u};
        build_tables();
        put32(isa::Assigned::interval_timer, 0x7FFFFF00);
        put64(isa::Assigned::restart_new, psw(false, kBegin));
        for (uint32_t place : {isa::Assigned::program_new, isa::Assigned::supervisor_call_new})
            put64(place, psw(false, kHandler));
        put64(kEnd, wait_psw());
        put64(kGo, psw(true, kSteps, wild_ ? 0 : 1));
        begin();
        handler();
        for (unsigned step = 0; step < kStepCount; ++step) {
            at_ = kSteps + kStepSize * step;
            const uint32_t end = at_ + kStepSize - 8;
            while (at_ < end) something();
            emit({0x0A, 0x00});
        }
    }
    const std::vector<uint8_t>& image() const { return image_; }

  private:
    static constexpr uint32_t kBegin = 0x200, kHandler = 0x280, kEnd = 0x300, kGo = 0x308, kRegisters = 0x340,
                              kControl = 0x380, kKeys = 0x3A0, kChanges = 0x400, kSteps = 0x1000,
                              kStepSize = 64, kStepCount = 60, kTables = 0x6000, kPageTables = 0x6400;

    uint32_t bits() { return static_cast<uint32_t>(random_()); }
    unsigned below(unsigned n) { return bits() % n; }
    void put16(uint32_t a, uint16_t v) {
        image_[a] = static_cast<uint8_t>(v >> 8);
        image_[a + 1] = static_cast<uint8_t>(v);
    }
    void put32(uint32_t a, uint32_t v) {
        put16(a, static_cast<uint16_t>(v >> 16));
        put16(a + 2, static_cast<uint16_t>(v));
    }
    void put64(uint32_t a, uint64_t v) {
        put32(a, static_cast<uint32_t>(v >> 32));
        put32(a + 4, static_cast<uint32_t>(v));
    }
    void emit(std::initializer_list<uint32_t> bytes) {
        for (uint32_t b : bytes) image_[at_++] = static_cast<uint8_t>(b);
    }
    static uint64_t psw(bool translating, uint32_t address, uint8_t key = 0) {
        isa::Psw p;
        p.ec_mode = true;
        p.key = key;
        p.dat = translating;
        p.address = address;
        return isa::encode(p);
    }
    static uint64_t wait_psw() {
        isa::Psw p;
        p.ec_mode = p.wait = true;
        return isa::encode(p);
    }

    /// An entry that may be anything; `page` is what a sane one would name.
    uint16_t wild_entry(unsigned page) {
        const unsigned size = 1u << format_.page_shift;
        switch (below(8)) {
            case 0: return static_cast<uint16_t>(bits() | format_.invalid_bit());
            case 1: return wild_ ? static_cast<uint16_t>(bits()) : isa::page_table_entry(format_, 0xFF0000);
            case 2: return isa::page_table_entry(format_, kStorage + size * below(8));  // beyond storage
            case 3: return isa::page_table_entry(format_, size * page) | 2;  // translation specification
            case 4:  // overlapping; where anything goes, the tables themselves
                return isa::page_table_entry(format_, size * below((wild_ ? 0x8000 : kTables) / size));
            default: return isa::page_table_entry(format_, size * page % (wild_ ? 0x8000 : kTables));
        }
    }
    uint32_t wild_segment_entry() {
        const uint32_t table = kPageTables + 64 * below(8);
        switch (below(6)) {
            case 0: return bits() | 1;
            case 1:
                return 0xF0000000 | (below(2) != 0 ? 0xFFFFF8 : kStorage + 8 * below(64));  // beyond storage
            case 2: return (below(16) << 28) | table;                                       // shorter
            case 3: return wild_ ? 0xF0000000 | kTables : 0xF4000000 | table;  // itself; or a reserved bit
            default: return 0xF0000000 | table;
        }
    }
    /// Four segment tables, page tables for all of them. The first pages, with the program, are mapped to
    /// themselves in the first segment of each.
    void build_tables() {
        for (uint32_t table = 0; table < 4; ++table)
            for (uint32_t i = 0; i < 16; ++i)
                put32(kTables + 64 * table + 4 * i,
                      i == 0 ? 0xF0000000 | (kPageTables + 64 * table) : wild_segment_entry());
        const unsigned size = 1u << format_.page_shift;
        for (uint32_t table = 0; table < 8; ++table)
            for (uint32_t i = 0; i < 32; ++i)
                put16(kPageTables + 64 * table + 2 * i, table < 4 && i * size < 0x2000
                                                            ? isa::page_table_entry(format_, i * size)
                                                            : wild_entry(i));
        const uint32_t cr0 = (format_.page_shift == 11 ? isa::kCr0PageSize2K : isa::kCr0PageSize4K) |
                             (format_.segment_shift == 20 ? isa::kCr0Segment1M : 0);
        put32(kControl, cr0);
        for (uint32_t i = 0; i < 4; ++i) put32(kControl + 4 + 4 * i, kTables + 64 * i);
        // What the handler changes at each step: an address of a table entry, and its new value.
        for (unsigned step = 0; step < kStepCount; ++step) {
            const bool mapped = below(3) != 0;
            const uint32_t entry =
                kPageTables + 64 * (mapped ? below(4) : 4 + below(4)) + 2 * (8 + below(24));
            put16(kChanges + 4 * step, static_cast<uint16_t>(entry));
            put16(kChanges + 4 * step + 2, wild_entry(below(16)));
        }
    }
    void begin() {
        for (unsigned r = 0; r < 16; ++r) put32(kRegisters + 4 * r, random_address());
        at_ = kBegin;
        emit({0x41, 0x10, 0x00, 0x10, 0x58, 0x20, kKeys >> 8, kKeys & 0xFF});  // LA 1,16; L 2,first
        emit({0x08, 0x12});                                                    // SSK 1,2
        emit({0x5E, 0x20, kKeys >> 8, (kKeys + 4) & 0xFF});                    // AL 2,=A(2048)
        emit({0x55, 0x20, kKeys >> 8, (kKeys + 8) & 0xFF});                    // CL 2,behind
        emit({0x47, 0x40, kBegin >> 8, (kBegin + 8) & 0xFF});                  // BL SSK
        put32(kKeys, 0x2000);
        put32(kKeys + 4, 0x800);
        put32(kKeys + 8, kTables);
        emit({0xB7, 0x01, kControl >> 8, kControl & 0xFF});      // LCTL 0,1
        emit({0x98, 0x0F, kRegisters >> 8, kRegisters & 0xFF});  // LM 0,15
        emit({0x82, 0x00, kGo >> 8, kGo & 0xFF});                // LPSW
    }
    /// Keeps registers 0-15 but for 13: it counts steps at kGo + 4.
    void handler() {
        constexpr uint32_t kSave = 0x3C0;
        at_ = kHandler;
        emit({0x90, 0xCF, kSave >> 8, kSave & 0xFF});          // STM 12,15
        emit({0x58, 0xD0, (kGo + 4) >> 8, (kGo + 4) & 0xFF});  // L   13,step
        emit({0x41, 0xDD, 0x00, kStepSize});                   // LA  13,64(13)
        emit({0x50, 0xD0, (kGo + 4) >> 8, (kGo + 4) & 0xFF});  // ST  13,step
        emit({0x59, 0xD0, kLimit >> 8, kLimit & 0xFF});        // C   13,limit
        emit({0x47, 0xB0, kDone >> 8, kDone & 0xFF});          // BNL done
        put32(kLimit, kSteps + kStepSize * kStepCount);
        emit({0x5B, 0xD0, kFirst >> 8, kFirst & 0xFF});  // S   13,first
        put32(kFirst, kSteps);
        emit({0x88, 0xD0, 0x00, 0x04});                      // SRL 13,4
        emit({0x48, 0xED, kChanges >> 8, kChanges & 0xFF});  // LH  14,changes(13)
        emit({0xD2, 0x01, 0xE0, 0x00, 0xD0 | (kChanges + 2) >> 8, (kChanges + 2) & 0xFF});  // MVC 0(2,14),...
        emit({0xB2, 0x0D, 0x00, 0x00});                                                     // PTLB
        emit({0x98, 0xCF, kSave >> 8, kSave & 0xFF});                                       // LM  12,15
        emit({0x82, 0x00, kGo >> 8, kGo & 0xFF});                                           // LPSW
        at_ = kDone;
        emit({0x82, 0x00, kEnd >> 8, kEnd & 0xFF});
    }
    static constexpr uint32_t kLimit = 0x310, kFirst = 0x314, kDone = 0x318;

    uint32_t random_address() {
        const uint32_t segment = below(4) << format_.segment_shift;
        return (segment + below(3 * 0x8000)) & 0xFFFFFF & (below(4) != 0 ? ~3u : ~0u);
    }
    /// Loads, stores and moves at addresses that registers hold; now and then another register, table or key.
    void something() {
        const uint32_t r = below(13), b = 1 + below(12), d = below(4096);
        const uint32_t target = b << 4 | d >> 8;
        switch (below(12)) {
            case 0:
            case 1:
            case 2: return emit({0x58, r << 4, target, d & 0xFF});  // L
            case 3:
            case 4: return emit({0x50, r << 4, target, d & 0xFF});  // ST
            case 5:
                if (!wild_) return emit({0x1A, r << 4 | b});
                return emit(
                    {0xD2, below(256), target, d & 0xFF, (1 + below(12)) << 4 | below(16), below(256)});
            case 6: return emit({0xB1, r << 4, target, d & 0xFF});  // LRA
            case 7: {                                               // LCTL 1,1
                const uint32_t at = kControl + 4 + 4 * below(4);
                return emit({0xB7, 0x11, at >> 8, at & 0xFF});
            }
            case 8: return emit({0x41, r << 4, target, d & 0xFF});  // LA
            case 9: {                                               // L of a new address
                const uint32_t at = 0x3E0 + 4 * below(8);
                put32(at, random_address());
                return emit({0x58, r << 4, at >> 8, at & 0xFF});
            }
            case 10:
                if (wild_ && below(2) != 0) return emit({0xB2, 0x21, 0x00, r << 4 | b});  // IPTE
                return emit({0xB2, 0x0D, 0x00, 0x00});                                    // PTLB
            default: return emit({0x55, r << 4, target, d & 0xFF});                       // CL
        }
    }
    std::mt19937_64 random_;
    std::vector<uint8_t> image_;
    bool wild_;
    isa::TranslationFormat format_;
    uint32_t at_ = 0;
};

}  // namespace vmcp::test
