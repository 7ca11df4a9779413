// The dual-address-space facility under the control program: random programs of its instructions, with three
// address spaces, ASN, authority, linkage and entry tables of their own, end as on the bare machine.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <random>

#include "isa/instruction.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/vmcp/guest_pair.hpp"

namespace vmcp::test {
namespace {

constexpr uint32_t kStorage = 64 * 1024;

class DualProgram {
  public:
    /// `recording`: with program-event recording in some PSWs.
    explicit DualProgram(uint64_t seed, bool recording)
        : random_(seed), image_(0xC000), recording_(recording) {
        put32(isa::Assigned::interval_timer, 0x7FFFFF00);
        put64(isa::Assigned::restart_new, encoded(false, false, kCode));
        for (uint32_t place :
             {isa::Assigned::program_new, isa::Assigned::external_new, isa::Assigned::io_new})
            put64(place, encoded(false, false, kProgramHandler));
        put64(isa::Assigned::supervisor_call_new, encoded(false, false, kSvcHandler));
        put64(kEnd, encoded(false, true, 0));
        put32(kCount, recording ? 150 : 60);
        handler(kProgramHandler, isa::Assigned::program_old);
        handler(kSvcHandler, isa::Assigned::supervisor_call_old);
        // Now and then data are executed: not what tells a virtual machine from a real one (SIGP, DIAGNOSE,
        // STCK), and not MOVE LONG, which may move over its own text.
        for (uint32_t a = 0x2000; a < 0x6000; ++a) do
                image_[a] = static_cast<uint8_t>(bits());
            while (image_[a] == 0xAE || image_[a] == 0x83 || image_[a] == 0xB2 || image_[a] == 0x0E);
        build_spaces();
        build_numbers();
        for (unsigned i = 0; i < 16; ++i) put64(kPsws + 8 * i, random_psw());
        at_ = kCode;
        prologue();
        const unsigned length = 20 + below(50);
        for (unsigned i = 0; i < length; ++i) step();
        do emit({0x82, 0x00, kEnd >> 8, kEnd & 0xFF});  // LPSW: the end
        while (at_ < kCode + 0x200);                    // wherever PSWs and calls may lead
    }

    const std::vector<uint8_t>& image() const { return image_; }

  private:
    static constexpr uint32_t kCode = 0x1000, kProgramHandler = 0x400, kSvcHandler = 0x480, kEnd = 0x500,
                              kCount = 0x508, kSave = 0x510, kSum = 0x550, kPsws = 0x600, kLiterals = 0x700;
    static constexpr uint32_t kSegmentTables = 0x7000, kPageTables = 0x7400, kFirstTable = 0xA000,
                              kSecondTable = 0x9000, kAuthority = 0x9800, kLinkage = 0xB000,
                              kEntries = 0xB100;
    static constexpr unsigned kSpaces = 3;
    static constexpr uint32_t kLiteralsEnd = 0x1000;

    uint32_t bits() { return static_cast<uint32_t>(random_()); }
    unsigned below(unsigned n) { return bits() % n; }
    void put16(uint32_t a, uint32_t v) {
        image_[a] = static_cast<uint8_t>(v >> 8);
        image_[a + 1] = static_cast<uint8_t>(v);
    }
    void put32(uint32_t a, uint32_t v) {
        put16(a, v >> 16);
        put16(a + 2, v);
    }
    void put64(uint32_t a, uint64_t v) {
        put32(a, static_cast<uint32_t>(v >> 32));
        put32(a + 4, static_cast<uint32_t>(v));
    }
    static uint64_t encoded(bool problem, bool wait, uint32_t address) {
        isa::Psw p;
        p.problem_state = problem;
        p.wait = wait;
        p.address = address;
        return isa::encode(p);
    }
    /// Where PSWs, calls and transfers lead.
    uint32_t landing() { return kCode + 0x100 + 2 * below(64); }
    uint64_t random_psw() {
        isa::Psw p;
        p.ec_mode = below(8) != 0;
        p.key = below(3) == 0 ? static_cast<uint8_t>(below(16)) : 0;
        p.problem_state = below(2);
        p.condition_code = static_cast<uint8_t>(below(4));
        p.program_mask = static_cast<uint8_t>(below(16));
        p.dat = p.ec_mode && below(6) != 0;
        p.secondary_space = p.ec_mode && below(3) == 0;
        p.per = p.ec_mode && recording_ && below(3) != 0;
        p.address = landing();
        return isa::encode(p);
    }
    void emit(std::initializer_list<unsigned> bytes) {
        for (unsigned b : bytes) image_[at_++] = static_cast<uint8_t>(b);
    }
    void emit_rx(unsigned op, unsigned r1, uint32_t address) {  // base register 0
        emit({op, r1 << 4, address >> 8, address & 0xFF});
    }
    /// A word among the literals; once these are used up, one of those that are there.
    uint32_t literal(uint32_t value) {
        if (literals_ + 4 > kLiteralsEnd) return kLiterals + 4 * below((kLiteralsEnd - kLiterals) / 4);
        put32(literals_, value);
        return std::exchange(literals_, literals_ + 4);
    }
    void load(unsigned r, uint32_t value) { emit_rx(0x58, r, literal(value)); }

    /// Every interruption counts down and goes on; a nullified instruction is left out.
    void handler(uint32_t at, uint32_t old_psw) {
        at_ = at;
        emit({0x90, 0x0F, kSave >> 8, kSave & 0xFF});  // STM 0,15
        emit_rx(0x58, 1, kCount);
        emit({0x46, 0x10, (at_ + 8) >> 8, (at_ + 8) & 0xFF});  // BCT 1,go on
        emit({0x82, 0x00, kEnd >> 8, kEnd & 0xFF});            // LPSW end
        emit_rx(0x50, 1, kCount);
        if (old_psw == isa::Assigned::program_old) {
            emit_rx(0x58, 1, kSum);
            for (uint32_t told : {140u, 144u, 148u, 152u}) emit_rx(0x5E, 1, told);  // AL 1,...
            emit_rx(0x50, 1, kSum);
            const uint32_t behind = at_ + 34;
            emit({0x91, 0x08, 0x00, 0x29});                          // TM 41,8: EC mode
            emit({0x47, 0x80, behind >> 8, behind & 0xFF});          // BZ
            emit({0x91, 0x30, 0x00, 0x8F});                          // TM 143,X'30'
            emit({0x47, 0x80, behind >> 8, behind & 0xFF});          // BZ
            emit({0x1B, 0x11, 0x43, 0x10, 0x00, 0x8D});              // SR 1,1; IC 1,141: its length
            emit({0x5E, 0x10, 0x00, 0x2C, 0x50, 0x10, 0x00, 0x2C});  // AL 1,44; ST 1,44
            emit({0x94, 0x00, 0x00, 0x2C});                          // NI 44,0
        }
        emit({0x98, 0x0F, kSave >> 8, kSave & 0xFF});      // LM 0,15
        emit({0x82, 0x00, old_psw >> 8, old_psw & 0xFF});  // LPSW old
    }

    uint32_t segment_table(unsigned space) const { return kSegmentTables + 0x100 * space; }
    /// What CR1 and CR7 may hold, the space-switch-event control included.
    uint32_t random_designation() { return segment_table(below(kSpaces)) | (below(10) == 0 ? 1 : 0); }

    /// Storage stands for itself in every space but for the data, which are mixed up in each.
    void build_spaces() {
        format_ = {below(2) != 0 ? 11u : 12u, 16};
        const uint32_t page_size = 1u << format_.page_shift;
        for (unsigned s = 0; s < kSpaces; ++s) {
            const uint32_t pages = kPageTables + 0x80 * s;
            for (unsigned i = 0; i < 16; ++i) put32(segment_table(s) + 4 * i, 1);
            put32(segment_table(s), 0xF0000000 | pages);
            for (uint32_t page = 0; page < format_.pages_per_segment(); ++page) {
                uint32_t frame = page * page_size;
                uint16_t invalid = 0;
                if (frame >= 0x2000 && frame < 0x6000) {
                    frame = 0x2000 + below(0x4000 / page_size) * page_size;
                    if (below(14) == 0) invalid = format_.invalid_bit();
                }
                put16(pages + 2 * page, isa::page_table_entry(format_, frame) | invalid);
            }
        }
    }

    /// ASNs 1 to 3 are the spaces, 4 and 64 are invalid, 128 is in error; linkage index 0 has 16 entries.
    static constexpr uint32_t kAsns[] = {1, 2, 3, 1, 2, 3, 1, 2, 3, 4, 64, 128};
    uint32_t random_asn() { return kAsns[below(12)]; }
    void build_numbers() {
        put32(kFirstTable, kSecondTable);
        put32(kFirstTable + 4, 0x80000000 | kSecondTable);
        put32(kFirstTable + 8, kSecondTable | 1);
        put32(kSecondTable + 16 * 4, 0x80000000);
        for (unsigned s = 0; s < kSpaces; ++s) {
            const uint32_t entry = kSecondTable + 16 * (s + 1);
            put32(entry, kAuthority + 4 * s);
            put32(entry + 4, below(16) << 16);
            put32(entry + 8, segment_table(s) | (below(8) == 0 ? 1 : 0));
            put32(entry + 12, isa::kCr5SubsystemLinkageControl | kLinkage);
            put32(kAuthority + 4 * s, bits() | bits());
        }
        put32(kLinkage, kEntries | 3);
        put32(kLinkage + 4, 0x80000000);
        put32(kLinkage + 8, 0x01000000);
        for (unsigned e = 0; e < 16; ++e) {
            const uint32_t entry = kEntries + 16 * e;
            put32(entry,
                  (below(4) == 0 ? bits() & 0xFFFF0000 : 0xFFFF0000) | (below(2) != 0 ? random_asn() : 0));
            put32(entry + 4, landing() | below(2) | (below(12) == 0 ? 0x01000000 : 0));
            put32(entry + 8, bits());
            put32(entry + 12, bits() & bits());
        }
    }

    uint32_t random_control(unsigned r) {
        switch (r) {
            case 0:
                return (format_.page_shift == 11 ? isa::kCr0PageSize2K : isa::kCr0PageSize4K) |
                       (below(5) != 0 ? isa::kCr0ExtractionAuthority : 0) |
                       (below(5) != 0 ? isa::kCr0SecondarySpaceControl : 0) |
                       (below(8) == 0 ? isa::kCr0LowAddressProtection : 0);
            case 1:
            case 7: return random_designation();
            case 3: return (bits() | bits()) << 16 | random_asn();
            case 4: return below(16) << 16 | random_asn();
            case 5: return (below(6) != 0 ? isa::kCr5SubsystemLinkageControl : 0) | kLinkage;
            default: return (below(6) != 0 ? isa::kCr14AsnTranslationControl : 0) | kFirstTable >> 12;
        }
    }
    static constexpr unsigned kControls[] = {0, 1, 3, 4, 5, 7, 14};

    /// Registers 8-11 point to data.
    void prologue() {
        load(1, 0x30);
        load(2, 0x3000);
        emit({0x08, 0x12});  // SSK 1,2
        load(1, 0x58);
        load(2, 0x5000);
        emit({0x08, 0x12});
        for (unsigned r : kControls) load_control(r);
        if (recording_) {  // which events, and where
            const uint32_t at = literal(bits());
            literal(below(2) != 0 ? kCode + below(0x200) : below(0x8000));
            literal(below(0x8000));
            emit({0xB7, 0x9B, at >> 8, at & 0xFF});  // LCTL 9,11
        }
        for (unsigned r = 0; r < 16; ++r)
            load(r, r == 8    ? 0x2000
                    : r == 9  ? 0x3000 + below(2048)
                    : r == 10 ? 0x4FF8
                    : r == 11 ? 0x5800
                    : r == 14 ? landing() | below(2)  // for PT 3,14
                              : bits());
        isa::Psw p;
        p.ec_mode = p.dat = true;
        p.per = recording_;
        p.address = (at_ + 4 + 3) & ~3u;
        put64(kPsws + 0x80, isa::encode(p));
        emit({0x82, 0x00, (kPsws + 0x80) >> 8, (kPsws + 0x80) & 0xFF});
        at_ = p.address;
    }
    void load_control(unsigned r) {
        const uint32_t at = literal(random_control(r));
        emit({0xB7, r << 4 | r, at >> 8, at & 0xFF});
    }
    unsigned base() { return 8 + below(4); }
    unsigned displacement() { return below(6) == 0 ? below(1024) : 4 * below(64); }
    void emit_ss(unsigned op, unsigned second) {
        const unsigned d1 = displacement(), d2 = displacement();
        emit({op, second, base() << 4 | d1 >> 8, d1 & 0xFF, base() << 4 | d2 >> 8, d2 & 0xFF});
    }
    void emit_storage(unsigned op, unsigned second) {  // RX, SI
        const unsigned d = displacement();
        emit({op, second, base() << 4 | d >> 8, d & 0xFF});
    }

    void step() {
        switch (below(24)) {
            case 0: return emit({0xB2, 0x26, 0x00, below(8) << 4});           // EPAR
            case 1: return emit({0xB2, 0x27, 0x00, below(8) << 4});           // ESAR
            case 2: return emit({0xB2, 0x24, 0x00, below(8) << 4});           // IAC
            case 3: return emit({0xB2, 0x23, 0x00, below(8) << 4 | base()});  // IVSK
            case 4:
            case 5: return emit({0xB2, 0x19, below(12) == 0 ? 2 : below(2), 0});       // SAC
            case 6: return emit({0xB2, 0x0B, 0, 0});                                   // IPK
            case 7: return emit({0xB2, 0x0A, 0, below(2) != 0 ? 0 : below(16) << 4});  // SPKA
            case 8:
            case 9:
            case 10: {  // MVCK, MVCP, MVCS; through EXECUTE now and then
                load(1, below(5) == 0 ? below(400) : below(24));
                load(2, below(2) != 0 ? 0 : below(16) << 4);
                if (below(5) != 0) return emit_ss(0xD9 + below(3), 0x12);
                const uint32_t here = at_;
                at_ = literal(0);
                if (at_ + 8 > kLiteralsEnd) at_ = kLiterals;
                literals_ = std::max(literals_, at_ + 8);
                const uint32_t subject = at_;
                emit_ss(0xD9 + below(3), 0x12);
                at_ = here;
                return emit_rx(0x44, 0, subject);
            }
            case 11: load(1, random_asn()); return emit({0xB2, 0x25, 0x00, 0x10});  // SSAR 1
            case 12:
            case 13: {
                load(1, below(8) != 0 ? below(16) : 0x100 * below(64) + below(32));
                return emit({0xB2, 0x18, 0x10, 0x00});  // PC 0(1)
            }
            case 14:
                load(1, bits() << 16 | random_asn());
                load(2, landing() | below(2));
                return emit({0xB2, 0x28, 0x00, 0x12});       // PT 1,2
            case 15: return emit({0xB2, 0x28, 0x00, 0x3E});  // PT 3,14
            case 16: {                                       // LASP
                if (literals_ + 12 > kLiteralsEnd) return emit({0x0A, 0x00});
                literals_ = (literals_ + 7) & ~7u;
                const uint32_t operand = literal(bits() << 16 | random_asn());
                literal(below(16) << 16 | random_asn());
                return emit({0xE5, 0x00, operand >> 8, operand & 0xFF, 0x00, below(8)});
            }
            case 17: return load_control(kControls[below(7)]);
            case 18: {
                const uint32_t psw = kPsws + 8 * below(16);
                return emit({0x82, 0x00, psw >> 8, psw & 0xFF});  // LPSW
            }
            case 19: return emit_storage(0xB1, below(8) << 4);                                    // LRA
            case 20: return below(2) != 0 ? emit({0x0A, below(256)}) : emit({0xB2, 0x0D, 0, 0});  // SVC, PTLB
            case 21: return emit_ss(below(2) != 0 ? 0xD2 : 0xD5, below(32));                      // MVC, CLC
            case 22: return emit_storage(below(2) != 0 ? 0x58 : 0x5E, below(8) << 4);             // L, AL
            default: return emit_storage(below(2) != 0 ? 0x50 : 0x92, below(8) << 4);             // ST, MVI
        }
    }

    std::mt19937_64 random_;
    std::vector<uint8_t> image_;
    bool recording_;
    isa::TranslationFormat format_;
    uint32_t at_ = 0, literals_ = kLiterals;
};

/// What the guests did, so that the test can tell that it tests something.
struct Counts : Observer {
    std::array<unsigned, isa::kRowCount> simulated{};
    std::array<unsigned, 256> codes{};
    unsigned secondary_faults = 0, events = 0;
    void trapped(const VirtualMachine&, const Trap& trap) override {
        if (trap.instruction) ++simulated[static_cast<unsigned>(trap.instruction->op)];
        if (const auto* i = std::get_if<isa::ProgramInterruption>(&trap.interruption))
            secondary_faults += i->translation_address >> 31;
    }
    void reflected(const VirtualMachine&, const isa::Interruption& i) override {
        if (const auto* program = std::get_if<isa::ProgramInterruption>(&i)) {
            if (!program->only_per) ++codes[static_cast<unsigned>(program->code) & 0xFF];
            events += program->per;
        }
    }
};

/// A model file of its own: `unit` with nested translation.
struct NestedUnit {
    NestedUnit() {
        tests::put(path,
                   "name = \"unit-nested\"\ntitle = \"unit with nested translation\"\n"
                   "extends = \"unit\"\n[facilities]\ninstalled = [\"nested_translation\"]\n"
                   "source = \"assumed: for a test\"\n");
    }
    tests::TemporaryFolder folder;
    std::string path = folder / "unit-nested.toml";
};

TEST_CASE("random programs of the dual-address-space facility end alike natively and as guests") {
    const NestedUnit nested_unit;
    Counts counts;
    unsigned compared = 0;
    constexpr unsigned kPrograms = 1500;
    for (uint64_t seed = 1; seed <= kPrograms; ++seed) {
        const DualProgram program(seed, seed % 3 == 0);
        NativeGuest native(kStorage, "unit");
        const EndState alone = native.run(program.image(), 20'000);
        if (!alone.is_comparable()) continue;
        const bool nested = seed % 5 == 0;
        Host host(simulation::kMebibyte, "round-robin", nested ? nested_unit.path : "unit");
        host.cp.observers().add(counts);
        // With one set of shadow tables only there would be no room for both spaces: the control program
        // keeps two.
        VmOptions options;
        options.name = "alpha";
        options.storage = kStorage;
        options.shadow_sets = 1 + seed % 4;
        options.translation = nested ? GuestTranslation::nested : GuestTranslation::shadow;
        VirtualMachine& vm = host.log_on(std::move(options));
        host.cp.load(vm, SecondLevel(0), program.image());
        host.cp.restart(vm);
        host.cp.run(simulation::kSecond);
        const std::string how = difference(alone, host.end_state(vm));
        CHECK_MESSAGE(how.empty(), fmt::format("seed {}: {}", seed, how));
        ++compared;
    }
    CHECK(compared > kPrograms * 8 / 10);
    CHECK(counts.secondary_faults > compared / 2);
    CHECK(counts.events > compared);
    for (unsigned n = 0; n < isa::kRowCount; ++n)
        if (isa::kRows[n].facility == isa::Facility::dual_address_space)
            CHECK_MESSAGE(counts.simulated[n] > compared / 2, isa::kRows[n].mnemonic);
    using isa::ProgramCode;
    for (ProgramCode code :
         {ProgramCode::privileged_operation, ProgramCode::special_operation, ProgramCode::space_switch_event,
          ProgramCode::asn_translation_specification, ProgramCode::pc_translation_specification,
          ProgramCode::afx_translation, ProgramCode::asx_translation, ProgramCode::lx_translation,
          ProgramCode::ex_translation, ProgramCode::primary_authority, ProgramCode::secondary_authority,
          ProgramCode::page_translation})
        CHECK_MESSAGE(counts.codes[static_cast<unsigned>(code)] > 20, isa::name_of(code));
}

}  // namespace
}  // namespace vmcp::test
