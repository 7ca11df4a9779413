// A TLB miss by the short way (simulation/cpu/usual_access.hpp) comes to what the algorithm says, whatever
// the tables, keys, prefix and control registers hold.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <random>

#include "isa/dat.hpp"
#include "simulation/machine/machine.hpp"

namespace simulation::test {
namespace {

constexpr isa::TranslationFormat kFormat{};

/// The machine's real storage, as the algorithm sees it.
struct Tables {
    const RealStorage& storage;
    uint32_t prefix;
    std::optional<uint32_t> fetch_table32(uint32_t real) const {
        const uint32_t a = Cpu::prefixed(real, prefix);
        return storage.valid(a + 3) ? std::optional(storage.get32(a)) : std::nullopt;
    }
    std::optional<uint16_t> fetch_table16(uint32_t real) const {
        const uint32_t a = Cpu::prefixed(real, prefix);
        return storage.valid(a + 1) ? std::optional(storage.get16(a)) : std::nullopt;
    }
};

struct Expected {
    isa::ProgramCode refused{};
    unsigned references = 0;
    uint32_t absolute = 0;
};

class Walks {
  public:
    Walks(uint32_t megabytes, unsigned seed)
        : machine_(MachineModel::load("s370-158"), megabytes * kMebibyte), random_(seed) {}

    void check(unsigned times) {
        for (unsigned i = 0; i < times; ++i) {
            if (i % 20 == 0) another_machine();
            // A page of a segment whose table was made, and now and then any.
            logical_ = number(kSegments + 1) << 16 | number(16) << 12 | number(1024) * 4;
            if (number(20) == 0) logical_ = number(1 << 22) * 4;
            if (number(8) == 0) logical_ &= 0xFFC;
            purged_ = number(4) != 0;
            if (purged_) cpu().purge_tlb();
            access(number(2) != 0);
            access(number(2) != 0);
        }
    }
    unsigned walked = 0, refused = 0;

  private:
    static constexpr uint32_t kSegments = 6;

    Cpu& cpu() { return machine_.cpu(); }
    RealStorage& storage() { return machine_.storage(); }
    uint32_t number(uint32_t below) { return static_cast<uint32_t>(random_() % below); }
    /// A real address on such a boundary; near the end of storage or in the first pages more often.
    uint32_t real(uint32_t boundary) {
        const uint32_t size = storage().size();
        const uint32_t near = number(4) * 4096 + number(4096);
        const uint32_t a = number(3) == 0 ? near : number(6) == 0 ? size - 4096 + number(8192) : number(size);
        return a & ~(boundary - 1);
    }

    void another_machine() {
        const uint32_t segments = real(64) & 0xFFFFC0;
        cpu().set_prefix(number(2) == 0 ? 0 : number(6) * 4096);
        cpu().set_cr(0, 0x008000E0 | (number(3) == 0 ? isa::kCr0LowAddressProtection : 0));
        cpu().set_cr(1, number(2) << 31 | number(2) << 24 | segments);
        cpu().control_registers_changed();
        isa::Psw psw;
        psw.ec_mode = psw.dat = true;
        psw.key = number(2) == 0 ? 0 : static_cast<uint8_t>(number(3));
        psw.address = 0x400;
        cpu().set_psw(psw);
        cpu().settle_context();
        for (uint32_t s = 0; s < kSegments; ++s) {
            const uint32_t pages = real(8) & 0xFFFFF8;
            const uint32_t bad = number(10) == 0 ? 1u << number(28) : 0;
            put(segments + 4 * s, (number(4) == 0 ? number(16) : 15u) << 28 | pages | number(2) << 1 | bad,
                4);
            for (uint32_t p = 0; p < 16; ++p) {
                uint32_t entry = isa::page_table_entry(kFormat, real(4096));
                if (number(8) == 0) entry ^= 1u << number(4);
                put(pages + 2 * p, entry, 2);
            }
        }
        for (uint32_t block = 0; block < storage().size(); block += kBlock)
            storage().set_key(block, static_cast<uint8_t>(number(3) << 4 | number(4) << 1 | number(2) << 3));
        cpu().flush_access();
    }
    void put(uint32_t real, uint32_t v, unsigned bytes) {
        const uint32_t a = Cpu::prefixed(real & isa::kAddressMask, cpu().prefix());
        if (!storage().valid(a + bytes - 1)) return;
        if (bytes == 4)
            storage().put32(a, v);
        else
            storage().put16(a, static_cast<uint16_t>(v));
    }

    Expected expect(bool storing) {
        const uint32_t prefix = cpu().prefix();
        Tables tables{storage(), prefix};
        const isa::Translation t =
            isa::translate_address(tables, kFormat, cpu().cr(1), logical_, storage().size() > 16 * kMebibyte);
        Expected e{t.problem, t.references, Cpu::prefixed(t.real, prefix)};
        if (!t.ok()) return e;
        if (!storage().valid(e.absolute)) {
            e.refused = isa::ProgramCode::addressing;
            return e;
        }
        const uint8_t key = storage().key(e.absolute), own = cpu().psw().key;
        const bool low = (cpu().cr(0) & isa::kCr0LowAddressProtection) != 0 && logical_ < 512;
        const bool matches = own == 0 || own == key >> 4;
        if (storing ? low || !matches : !matches && (key & kKeyFetchProtected) != 0)
            e.refused = isa::ProgramCode::protection;
        return e;
    }

    /// The first of two after a purge walks; what comes after it does not, unless it was refused by the walk.
    void access(bool storing) {
        CAPTURE(storing);
        CAPTURE(logical_);
        const Expected e = expect(storing);
        const CpuCounters before = cpu().counters();
        const SimTime time = cpu().now();
        const uint8_t key = storage().valid(e.absolute) ? storage().key(e.absolute) : 0;
        const uint32_t held = storage().valid(e.absolute + 3) ? storage().get32(e.absolute) : 0;
        uint32_t loaded = held;
        const isa::ProgramCheck* const check = cpu().attempt([&] {
            if (storing)
                cpu().store32(logical_, ~held);
            else
                loaded = cpu().load32(logical_);
        });
        REQUIRE((check == nullptr ? isa::ProgramCode{} : check->code) == e.refused);
        REQUIRE(loaded == held);
        if (check == nullptr) {
            if (storing) REQUIRE(storage().get32(e.absolute) == ~held);
            const unsigned used = storing ? kKeyReferenced | kKeyChanged : kKeyReferenced;
            REQUIRE(storage().key(e.absolute) == (key | used));
            if (storing) storage().put32(e.absolute, held);
        } else if (storage().valid(e.absolute)) {
            REQUIRE(storage().key(e.absolute) == key);
        }
        const uint64_t misses = cpu().counters().tlb_misses - before.tlb_misses;
        if (purged_) REQUIRE(misses == 1);
        purged_ = false;
        REQUIRE(cpu().counters().table_references - before.table_references == misses * e.references);
        const SimTime cost =
            machine_.model().table_reference_ns.value * static_cast<SimTime>(misses * e.references);
        REQUIRE(cpu().now() - time == cost);
        walked += misses != 0 && check == nullptr;
        refused += check != nullptr;
    }

    Machine machine_;
    std::mt19937 random_;
    uint32_t logical_ = 0;
    bool purged_ = false;
};

}  // namespace

TEST_CASE("a TLB miss comes to what the translation algorithm says") {
    for (const uint32_t megabytes : {1u, 2u, 32u}) {
        CAPTURE(megabytes);
        Walks walks(megabytes, megabytes);
        walks.check(megabytes > 16 ? 2000 : 20000);
        CHECK(walks.walked > (megabytes > 16 ? 300 : 3000));
        CHECK(walks.refused > (megabytes > 16 ? 300 : 3000));
    }
}

}  // namespace simulation::test
