// The dual-address-space facility on a bare machine: each case sets control registers and tables, executes a
// few instructions with translation on, and looks at what has become of the machine. Expectations are those
// of GA22-7000-10 chapters 3, 5, 6 and 10: the special conditions and the priority of execution of each
// instruction.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "isa/psw.hpp"
#include "tests/simulation/assembled_program.hpp"

namespace simulation::test {
namespace {

using isa::ProgramCode;

constexpr uint32_t kPrimaryTable = 0x8000, kSecondaryTable = 0x8800, kOtherTable = 0x9800;
constexpr uint32_t kFirstTable = 0xA000, kSecondTable = 0xA800, kAuthorityTable = 0xAC00;
constexpr uint32_t kLinkageTable = 0xB000, kEntryTable = 0xB400;
constexpr uint32_t kPage = 0x4000;  // virtual; where the spaces differ
constexpr uint32_t kPrimaryFrame = 0x20000, kSecondaryFrame = 0x21000, kOtherFrame = 0x22000;
constexpr uint32_t kCode = 0x1000;
constexpr uint32_t kPrimaryAsn = 0x0041, kOtherAsn = 0x0042;  // both in entry 1 of the first table

/// What a case begins with. Authority is given freely; each case takes away what it is about.
struct Dual {
    isa::Psw psw;
    std::array<uint32_t, 16> cr{}, gpr{};
    std::function<void(Machine&)> change = [](Machine&) {};  // of storage

    Dual() {
        psw.ec_mode = psw.dat = true;
        psw.address = kCode;
        cr[0] = isa::kCr0PageSize4K | isa::kCr0ExtractionAuthority | isa::kCr0SecondarySpaceControl;
        cr[1] = kPrimaryTable;
        cr[3] = 0xFFFF0000 | kOtherAsn;
        cr[4] = 0x00050000 | kPrimaryAsn;  // authorization index 5
        cr[5] = isa::kCr5SubsystemLinkageControl | kLinkageTable | 1;
        cr[7] = kSecondaryTable;
        cr[14] = isa::kCr14AsnTranslationControl | kFirstTable >> 12;
        gpr[10] = kPage;
    }
    Dual problem() const {
        Dual d = *this;
        d.psw.problem_state = true;
        return d;
    }

    struct End {
        std::unique_ptr<AssembledProgram> program;
        uint32_t code = 0;     // of the program interruption; 0: reached the end of the instructions
        uint32_t address = 0;  // in the old PSW, relative to the first instruction
        isa::Psw psw;          // old PSW
        uint32_t exception_address = 0;
        isa::CpuState state;

        uint8_t byte(uint32_t real) const { return *program->machine.storage().at(real); }
    };

    End run(const std::string& instructions, MachineModel model = plain_model()) const {
        End end;
        end.program = std::make_unique<AssembledProgram>(
            fmt::format("{}\n         SVC   0\n         END\n",
                        fmt::format("TEST     CSECT\n         ORG   TEST+X'1000'\n{}", instructions)),
            std::move(model));
        Machine& machine = end.program->machine;
        RealStorage& storage = machine.storage();
        const auto wait = [&](uint32_t at, uint32_t address) {
            isa::Psw p;
            p.ec_mode = p.wait = true;
            p.address = address;
            storage.put64(at, isa::encode(p));
        };
        wait(isa::Assigned::program_new, 0xBAD);
        wait(isa::Assigned::supervisor_call_new, 0x600);
        storage.put64(isa::Assigned::restart_new, isa::encode(psw));
        // Three spaces of one segment, alike but for one page; of the next page the first has none.
        const uint32_t frames[] = {kPrimaryFrame, kSecondaryFrame, kOtherFrame};
        const uint32_t tables[] = {kPrimaryTable, kSecondaryTable, kOtherTable};
        for (unsigned s = 0; s < 3; ++s) {
            const uint32_t pages = tables[s] + 0x400;
            for (unsigned i = 0; i < 16; ++i) storage.put32(tables[s] + 4 * i, 1);
            storage.put32(tables[s], 0xF0000000 | pages);
            for (uint32_t page = 0; page < 16; ++page) {
                const uint32_t frame = page == kPage >> 12 ? frames[s] : page << 12;
                storage.put16(pages + 2 * page, static_cast<uint16_t>(isa::page_table_entry({}, frame) |
                                                                      (page == 6 + s ? 8 : 0)));
            }
            for (unsigned i = 0; i < 0x1000; ++i)
                *storage.at(frames[s] + i) = static_cast<uint8_t>(0x11 * (s + 1));
        }
        // ASNs 40 to 7F; the space of the other ASN lets authorization indexes 4 (primary) and 5 (both) in.
        storage.put32(kFirstTable + 4, kSecondTable);
        for (uint32_t asn : {kPrimaryAsn, kOtherAsn}) {
            const uint32_t entry = kSecondTable + (asn & 0x3F) * 16;
            storage.put32(entry, kAuthorityTable);
            storage.put32(entry + 4, 0x00040000 | 1 << 4);  // index 4; 8 bytes of authority: indexes 0 to 31
            storage.put32(entry + 8, asn == kPrimaryAsn ? kPrimaryTable : kOtherTable);
            storage.put32(entry + 12, isa::kCr5SubsystemLinkageControl | kLinkageTable | 2);
        }
        *storage.at(kAuthorityTable + 1) = 0xB0;
        // Linkage index 3, entries 5 (in the same space) and 6 (in the other one).
        storage.put32(kLinkageTable + 4 * 3, kEntryTable | 1);
        for (uint32_t e : {5u, 6u}) {
            const uint32_t entry = kEntryTable + 16 * e;
            storage.put32(entry, 0x8000 << 16 | (e == 6 ? kOtherAsn : 0));
            storage.put32(entry + 4, kCode + 0x100);
            storage.put32(entry + 8, 0xCAFE0000 | e);
            storage.put32(entry + 12, 0x00F01234);
        }
        change(machine);
        Cpu& cpu = machine.cpu();
        for (unsigned r = 0; r < 16; ++r) cpu.set_cr(r, cr[r]);
        cpu.registers().gpr = gpr;
        machine.restart();
        CHECK(machine.run({1000, kNever}) == Stop::disabled_wait);
        end.state = cpu.state();
        const bool failed = cpu.psw().address == 0xBAD;
        end.code = failed ? storage.get16(isa::Assigned::program_identification + 2) : 0;
        end.psw = isa::decode_psw(
            storage.get64(failed ? isa::Assigned::program_old : isa::Assigned::supervisor_call_old));
        end.address = end.psw.address - kCode;
        end.exception_address = storage.get32(isa::Assigned::translation_address);
        return end;
    }
    uint32_t code_of(const std::string& instructions) const { return run(instructions).code; }
};

uint32_t number(ProgramCode code) { return static_cast<uint32_t>(code); }
constexpr uint32_t kNone = 0;
const uint32_t kSpecial = number(ProgramCode::special_operation);
const uint32_t kPrivileged = number(ProgramCode::privileged_operation);
const uint32_t kSpecification = number(ProgramCode::specification);
const uint32_t kProtection = number(ProgramCode::protection);
const uint32_t kAddressing = number(ProgramCode::addressing);

constexpr const char* kPadding = "\n         ORG   TEST+X'1100'\n         LR    0,0\n";

// ---- What tells of the present space ----

TEST_CASE("EPAR, ESAR, IAC: what they tell, and who may ask") {
    Dual d;
    d.gpr[1] = d.gpr[2] = d.gpr[3] = 0xAAAAAAAA;
    auto end = d.run(" EPAR 1\n ESAR 2\n IAC 3");
    CHECK(end.code == kNone);
    CHECK(end.state.gpr[1] == kPrimaryAsn);
    CHECK(end.state.gpr[2] == kOtherAsn);
    CHECK(end.state.gpr[3] == 0xAAAA00AA);
    CHECK(end.psw.condition_code == 0);
    d.psw.secondary_space = true;
    end = d.run(" IAC 3");
    CHECK(end.state.gpr[3] == 0xAAAA01AA);
    CHECK(end.psw.condition_code == 1);
    CHECK(end.psw.secondary_space);

    for (const char* i : {" EPAR 1", " ESAR 1", " IAC 1", " IVSK 1,10"}) {
        CAPTURE(i);
        Dual e;
        CHECK(e.problem().code_of(i) == kNone);
        e.cr[0] &= ~isa::kCr0ExtractionAuthority;
        CHECK(e.code_of(i) == kNone);
        CHECK(e.problem().code_of(i) == kPrivileged);
        e.psw.dat = false;
        CHECK(e.problem().code_of(i) == kSpecial);  // of higher priority
        CHECK(e.code_of(i) == kSpecial);
    }
}

TEST_CASE("IPK and SPKA in the problem state") {
    Dual d;
    d.psw.key = 0;
    d.gpr[2] = 0xFFFFFFFF;
    CHECK(d.problem().run(" IPK").state.gpr[2] == 0xFFFFFF00);
    CHECK(d.problem().run(" SPKA 240").psw.key == 15);
    d.cr[0] &= ~isa::kCr0ExtractionAuthority;
    d.cr[3] = 0x0001FFFF;  // only key 15
    CHECK(d.problem().code_of(" IPK") == kPrivileged);
    CHECK(d.code_of(" IPK") == kNone);
    CHECK(d.problem().code_of(" SPKA 240") == kNone);
    CHECK(d.problem().code_of(" SPKA 224") == kPrivileged);
    CHECK(d.code_of(" SPKA 224") == kNone);
    d.psw.dat = false;  // they need no translation
    CHECK(d.problem().code_of(" SPKA 240") == kNone);

    SUBCASE("without the facility they are privileged, and the others do not exist") {
        MachineModel model = plain_model();
        model.facilities.remove(isa::Facility::dual_address_space);
        const Dual free;
        CHECK(free.problem().run(" IPK", model).code == kPrivileged);
        CHECK(free.problem().run(" SPKA 0", model).code == kPrivileged);
        CHECK(free.run(" IPK", model).code == kNone);
        CHECK(free.run(" EPAR 1", model).code == number(ProgramCode::operation));
        Dual secondary;
        secondary.psw.secondary_space = true;  // bit 16 must be zero then
        CHECK(secondary.run("", model).code == kSpecification);
    }
}

TEST_CASE("IVSK: the key of a block of the present space") {
    Dual d;
    d.psw.key = 3;  // protection does not apply
    d.gpr[1] = 0x12345678;
    d.change = [](Machine& m) {
        m.storage().set_key(kPrimaryFrame + 0x800, 0x5E);
        m.storage().set_key(kSecondaryFrame, 0xA0);
    };
    d.gpr[2] = 0xFF000000 | kPage | 0x9AB;  // bits 0-7 are ignored
    CHECK(d.run(" IVSK 1,2").state.gpr[1] == 0x12345658);
    auto end = d.run(" SAC 256\n IVSK 1,10");
    CHECK(end.state.gpr[1] == 0x123456A0);
    CHECK(end.program->machine.storage().key(kSecondaryFrame) == 0xA0);  // not referenced
    d.gpr[2] = 0x7123;  // page 7 is not in the secondary space
    end = d.run(" SAC 256\n IVSK 1,2");
    CHECK(end.code == number(ProgramCode::page_translation));
    CHECK(end.exception_address == 0x80007000);
    CHECK(end.address == 4);  // nullified
}

// ---- Spaces ----

TEST_CASE("SAC: operands move to the other space, instructions stay") {
    Dual d;
    d.gpr[2] = d.gpr[3] = 0;
    // The second space has the page of the instructions too; make it differ to see which is executed.
    d.change = [](Machine& m) { m.storage().put16(kSecondaryTable + 0x402, 0x0210); };
    auto end = d.run(" IC 2,0(10)\n SAC 256\n IC 3,0(10)\n MVI 1(10),X'99'\n SAC 0\n MVI 2(10),X'88'");
    CHECK(end.code == kNone);
    CHECK(end.state.gpr[2] == 0x11);
    CHECK(end.state.gpr[3] == 0x22);
    CHECK(end.byte(kSecondaryFrame + 1) == 0x99);
    CHECK(end.byte(kPrimaryFrame + 1) == 0x11);
    CHECK(end.byte(kPrimaryFrame + 2) == 0x88);

    SUBCASE("EXECUTE fetches its target from the primary space as well") {
        Dual e;
        e.change = [](Machine& m) {
            m.storage().put16(kPrimaryFrame, 0x1A11);    // AR 1,1
            m.storage().put16(kSecondaryFrame, 0x1B11);  // SR 1,1
        };
        e.gpr[1] = 21;
        CHECK(e.run(" SAC 256\n EX 0,0(10)").state.gpr[1] == 42);
    }
    SUBCASE("special conditions, in either state") {
        CHECK(d.problem().code_of(" SAC 0") == kNone);
        CHECK(d.code_of(" SAC 512") == kSpecification);
        CHECK(d.run(" SAC 511").code == kNone);  // only bits 20-23 count
        d.cr[0] &= ~isa::kCr0SecondarySpaceControl;
        CHECK(d.code_of(" SAC 0") == kSpecial);
        CHECK(d.code_of(" SAC 512") == kSpecial);
        d = Dual{};
        d.psw.dat = false;
        CHECK(d.code_of(" SAC 0") == kSpecial);
    }
}

TEST_CASE("translation exceptions tell the space") {
    Dual d;
    d.gpr[6] = 0x6000;  // not in the primary space
    d.gpr[7] = 0x7000;  // not in the secondary space
    auto end = d.run(" L 1,8(6)");
    CHECK(end.code == number(ProgramCode::page_translation));
    CHECK(end.exception_address == 0x00006000);
    end = d.run(" SAC 256\n L 1,8(6)\n L 1,8(7)");
    CHECK(end.code == number(ProgramCode::page_translation));
    CHECK(end.exception_address == 0x80007000);
    CHECK(end.address == 8);
    CHECK(end.psw.secondary_space);
    // Instructions come from the primary space, and so does what hinders them.
    end = d.run(" SAC 256\n BR 6");
    CHECK(end.code == number(ProgramCode::page_translation));
    CHECK(end.exception_address == 0x00006000);
}

TEST_CASE("LRA and TPROT go by the address-space-control bit") {
    Dual d;
    CHECK(d.run(" LRA 1,4(10)").state.gpr[1] == kPrimaryFrame + 4);
    d.psw.secondary_space = true;
    CHECK(d.run(" LRA 1,4(10)").state.gpr[1] == kSecondaryFrame + 4);
    d.change = [](Machine& m) { m.storage().set_key(kSecondaryFrame, 0x38); };
    CHECK(d.run(" TPROT 0(10),X'30'").psw.condition_code == 0);
    CHECK(d.run(" TPROT 0(10),X'20'").psw.condition_code == 2);
    d.psw.dat = false;  // LRA heeds the bit even so
    CHECK(d.run(" LRA 1,4(10)").state.gpr[1] == kSecondaryFrame + 4);
}

TEST_CASE("more spaces than the machine can tell apart") {
    // Each of 40 segment-table designations is entered, and one byte of the same page fetched through each.
    Dual d;
    d.gpr[5] = 0x01000000;  // table lengths make designations differ
    d.gpr[6] = 40;
    d.gpr[8] = kCode;
    d.change = [](Machine& m) { m.storage().put32(0x700, kSecondaryTable); };
    auto end = d.run(
        "LOOP     L     2,X'700'\n"
        "         ALR   2,5\n"
        "         ST    2,X'700'\n"
        "         LCTL  7,7,X'700'\n"
        "         SAC   256\n"
        "         SR    3,3\n"
        "         IC    3,0(10)\n"
        "         SAC   0\n"
        "         AR    4,3\n"
        "         SR    3,3\n"
        "         IC    3,0(10)\n"
        "         AR    7,3\n"
        "         BCTR  6,8\n");
    CHECK(end.code == kNone);
    CHECK(end.state.gpr[4] == 40 * 0x22);
    CHECK(end.state.gpr[7] == 40 * 0x11);
}

// ---- Moves ----

TEST_CASE("MVCK: keys, lengths, authority") {
    Dual d;
    d.psw.key = 3;
    d.gpr[11] = kPage + 0x800;
    d.change = [](Machine& m) {
        m.storage().set_key(kPrimaryFrame, 0x30);          // to
        m.storage().set_key(kPrimaryFrame + 0x800, 0x58);  // from: fetch-protected
        for (unsigned i = 0; i < 256; ++i)
            *m.storage().at(kPrimaryFrame + 0x800 + i) = static_cast<uint8_t>(i);
    };
    d.gpr[1] = 5;
    d.gpr[2] = 0xABCDEF5F;  // key 5 in bits 24-27
    auto end = d.run(" MVCK 0(1,10),1(11),2");
    CHECK(end.code == kNone);
    CHECK(end.psw.condition_code == 0);
    CHECK(end.byte(kPrimaryFrame) == 1);
    CHECK(end.byte(kPrimaryFrame + 4) == 5);
    CHECK(end.byte(kPrimaryFrame + 5) == 0x11);
    CHECK(d.problem().code_of(" MVCK 0(1,10),1(11),2") == kNone);

    SUBCASE("the source is fetched with the key of R3, the target stored with that of the PSW") {
        d.gpr[2] = 0x60;
        CHECK(d.code_of(" MVCK 0(1,10),1(11),2") == kProtection);
        d.gpr[2] = 0x50;
        d.psw.key = 5;
        CHECK(d.code_of(" MVCK 0(1,10),1(11),2") == kProtection);
    }
    SUBCASE("the problem state needs the bit of the PSW-key mask, whatever the length") {
        d.cr[3] = ~(0x80000000u >> 5);
        CHECK(d.problem().code_of(" MVCK 0(1,10),1(11),2") == kPrivileged);
        CHECK(d.code_of(" MVCK 0(1,10),1(11),2") == kNone);
        d.gpr[1] = 0;
        CHECK(d.problem().code_of(" MVCK 0(1,10),1(11),2") == kPrivileged);
    }
    SUBCASE("nothing is accessed where the length is zero") {
        d.gpr[1] = 0;
        d.gpr[10] = d.gpr[11] = 0xFFF000;
        end = d.run(" MVCK 0(1,10),1(11),2");
        CHECK(end.code == kNone);
        CHECK(end.psw.condition_code == 0);
    }
    SUBCASE("at most 256 bytes; the length is unsigned") {
        for (uint32_t length : {256u, 257u, 0x80000000u}) {
            d.gpr[1] = length;
            end = d.run(" MVCK 0(1,10),0(11),2");
            CHECK(end.psw.condition_code == (length == 256 ? 0 : 3));
            CHECK(end.byte(kPrimaryFrame + 255) == 255);
            CHECK(end.byte(kPrimaryFrame + 256) == 0x11);
        }
    }
    SUBCASE("operands that overlap are moved byte by byte") {
        d.change = [](Machine& m) {
            *m.storage().at(kPrimaryFrame) = 1;
            *m.storage().at(kPrimaryFrame + 1) = 2;
        };
        d.psw.key = 0;
        d.gpr[1] = 6;
        end = d.run(" MVCK 2(1,10),0(10),2");
        CHECK(end.byte(kPrimaryFrame + 6) == 1);
        CHECK(end.byte(kPrimaryFrame + 7) == 2);
        CHECK(end.byte(kPrimaryFrame + 8) == 0x11);
    }
    SUBCASE("it needs no translation, and no EC mode") {
        d.psw = {};
        d.psw.address = kCode;
        d.psw.key = 3;
        d.gpr[10] = kPrimaryFrame;
        d.gpr[11] = kPrimaryFrame + 0x800;
        CHECK(d.run(" MVCK 0(1,10),1(11),2").byte(kPrimaryFrame) == 1);
    }
    SUBCASE("in the secondary-space mode both operands are secondary") {
        d.psw.secondary_space = true;
        d.psw.key = 0;
        d.change = [](Machine& m) { *m.storage().at(kSecondaryFrame + 0x801) = 0x77; };
        end = d.run(" MVCK 0(1,10),1(11),2");
        CHECK(end.byte(kSecondaryFrame) == 0x77);
        CHECK(end.byte(kPrimaryFrame) == 0x11);
    }
}

TEST_CASE("MVCP and MVCS: between the spaces, in either mode") {
    for (bool secondary : {false, true}) {
        CAPTURE(secondary);
        Dual d;
        d.psw.secondary_space = secondary;
        d.gpr[1] = 3;
        auto end = d.run(" MVCP 8(1,10),0(10),2");
        CHECK(end.code == kNone);
        CHECK(end.byte(kPrimaryFrame + 8) == 0x22);
        CHECK(end.byte(kPrimaryFrame + 10) == 0x22);
        CHECK(end.byte(kPrimaryFrame + 11) == 0x11);
        end = d.run(" MVCS 8(1,10),0(10),2");
        CHECK(end.byte(kSecondaryFrame + 8) == 0x11);
        CHECK(end.byte(kSecondaryFrame + 11) == 0x22);
        CHECK(end.byte(kPrimaryFrame + 8) == 0x11);
        // Exceptions name the space of the operand.
        d.gpr[6] = 0x6000;
        d.gpr[7] = 0x7000;
        CHECK(d.run(" MVCP 0(1,6),0(10),2").exception_address == 0x00006000);
        CHECK(d.run(" MVCP 0(1,10),0(7),2").exception_address == 0x80007000);
        CHECK(d.run(" MVCS 0(1,7),0(10),2").exception_address == 0x80007000);
        CHECK(d.run(" MVCS 0(1,10),0(6),2").exception_address == 0x00006000);
    }
    for (const char* i : {" MVCP 0(1,10),0(10),2", " MVCS 0(1,10),0(10),2"}) {
        CAPTURE(i);
        Dual d;
        d.cr[3] = 0x00010000;  // only key 15
        d.gpr[2] = 0xF0;
        CHECK(d.problem().code_of(i) == kNone);
        d.gpr[2] = 0xE0;
        CHECK(d.code_of(i) == kNone);
        CHECK(d.problem().code_of(i) == kPrivileged);
        d.cr[0] &= ~isa::kCr0SecondarySpaceControl;
        CHECK(d.problem().code_of(i) == kSpecial);  // of higher priority
        CHECK(d.code_of(i) == kSpecial);
        d = Dual{};
        d.psw.dat = false;
        CHECK(d.code_of(i) == kSpecial);
    }
    SUBCASE("R3 is the key of the secondary operand") {
        Dual d;
        d.psw.key = 3;
        d.change = [](Machine& m) {
            m.storage().set_key(kPrimaryFrame, 0x38);
            m.storage().set_key(kSecondaryFrame, 0x58);
        };
        d.gpr[1] = 300;
        d.gpr[2] = 0x50;
        CHECK(d.run(" MVCP 0(1,10),0(10),2").psw.condition_code == 3);
        CHECK(d.code_of(" MVCS 0(1,10),0(10),2") == kNone);
        d.gpr[2] = 0x30;
        CHECK(d.code_of(" MVCP 0(1,10),0(10),2") == kProtection);
        CHECK(d.code_of(" MVCS 0(1,10),0(10),2") == kProtection);
    }
}

// ---- Changing spaces ----

TEST_CASE("SSAR") {
    Dual d;
    d.cr[3] = 0x12340000;
    d.cr[7] = 0;
    d.gpr[1] = 0xFFFF0000 | kPrimaryAsn;  // bits 0-15 are ignored
    auto end = d.problem().run(" SSAR 1");
    CHECK(end.code == kNone);
    CHECK(end.state.cr[3] == (0x12340000 | kPrimaryAsn));
    CHECK(end.state.cr[7] == kPrimaryTable);
    d.gpr[1] = kOtherAsn;
    end = d.problem().run(" SSAR 1\n SAC 256\n IC 2,0(10)");
    CHECK(end.code == kNone);
    CHECK(end.state.cr[3] == (0x12340000 | kOtherAsn));
    CHECK(end.state.cr[7] == kOtherTable);
    CHECK(end.state.gpr[2] == 0x33);

    SUBCASE("special conditions, with space switching or not") {
        for (uint32_t asn : {kPrimaryAsn, kOtherAsn}) {
            Dual e = d;
            e.gpr[1] = asn;
            e.cr[14] &= ~isa::kCr14AsnTranslationControl;
            CHECK(e.code_of(" SSAR 1") == kSpecial);
            e = d;
            e.psw.dat = false;
            CHECK(e.code_of(" SSAR 1") == kSpecial);
        }
    }
    SUBCASE("secondary authority, in the supervisor state too") {
        for (uint32_t index : {4u, 6u, 31u, 32u, 0xFFFFu}) {  // 4 has the other authority
            d.cr[4] = index << 16 | kPrimaryAsn;
            end = d.run(" SSAR 1");
            CHECK(end.code == number(ProgramCode::secondary_authority));
            CHECK(end.exception_address == kOtherAsn);
            CHECK(end.address == 0);  // nullified
            CHECK(end.state.cr[7] == 0);
        }
    }
    SUBCASE("the tables, in the order in which they are looked at") {
        const auto with = [&](std::function<void(RealStorage&)> change) {
            Dual e = d;
            e.change = [&](Machine& m) { change(m.storage()); };
            return e.run(" SSAR 1");
        };
        const uint32_t afte = kFirstTable + 4, aste = kSecondTable + 2 * 16;
        end = with([&](RealStorage& s) { s.put32(afte, 0xFF00000F); });
        CHECK(end.code == number(ProgramCode::afx_translation));
        CHECK(end.exception_address == kOtherAsn);
        CHECK(end.address == 0);
        for (uint32_t wrong : {0x40000000u, 0x01000000u, 8u, 1u}) {
            end = with([&](RealStorage& s) { s.put32(afte, kSecondTable | wrong); });
            CHECK(end.code == number(ProgramCode::asn_translation_specification));
            CHECK(end.address == 4);  // suppressed
        }
        CHECK(with([&](RealStorage& s) { s.put32(afte, 0x00FF0000); }).code == kAddressing);
        end = with([&](RealStorage& s) { s.put32(aste, 0xFF000003); });
        CHECK(end.code == number(ProgramCode::asx_translation));
        CHECK(end.exception_address == kOtherAsn);
        for (auto [word, wrong] : {std::pair{0u, 0x40000000u},
                                   {0u, 2u},
                                   {0u, 1u},
                                   {1u, 8u},
                                   {1u, 1u},
                                   {3u, 0x40000000u},
                                   {3u, 0x01000000u}})
            CHECK(with([&, w = word, x = wrong](RealStorage& s) {
                      s.put32(aste + 4 * w, s.get32(aste + 4 * w) | x);
                  }).code == number(ProgramCode::asn_translation_specification));
        CHECK(with([&](RealStorage& s) { s.put32(aste, 0x00FFFFF0); }).code == kAddressing);
        d.cr[14] |= 0xFFF;
        CHECK(d.code_of(" SSAR 1") == kAddressing);
    }
}

TEST_CASE("PROGRAM CALL to the current primary space, and PROGRAM TRANSFER back") {
    Dual d;
    d.cr[3] = 0x80040000 | kOtherAsn;
    const std::string program = fmt::format(" PC 773(0)\n LR 8,8\n SVC 1{}", kPadding);  // PC number 305
    auto end = d.problem().run(program);
    CHECK(end.code == kNone);
    CHECK(end.address == 0x104);
    CHECK_FALSE(end.psw.problem_state);
    CHECK(end.state.gpr[3] == (0x80040000 | kPrimaryAsn));
    CHECK(end.state.gpr[4] == 0xCAFE0005);
    CHECK(end.state.gpr[14] == kCode + 4 + 1);
    CHECK(end.state.cr[3] == (0x80F40000 | kPrimaryAsn));
    CHECK(end.state.cr[1] == kPrimaryTable);
    CHECK(end.state.cr[4] == d.cr[4]);
    CHECK(end.state.cr[7] == kPrimaryTable);

    end = d.problem().run(fmt::format(" PC 773(0)\n SVC 1{} PT 3,14", kPadding));
    CHECK(end.code == kNone);
    CHECK(end.address == 6);
    CHECK(end.psw.problem_state);
    CHECK(end.state.cr[3] == (0x80040000 | kPrimaryAsn));
    CHECK(end.state.cr[7] == kPrimaryTable);
}

TEST_CASE("PROGRAM CALL: what hinders it, in order") {
    const Dual d;
    const auto with = [&](std::function<void(Dual&, RealStorage&)> change, uint32_t pc_number = 0x305,
                          bool problem = false) {
        Dual e = problem ? d.problem() : d;
        e.gpr[9] = 0xFFF00000 | pc_number;  // bits 0-11 of the address are ignored
        AssembledProgram scratch(" END", plain_model());
        change(e, scratch.machine.storage());  // registers
        e.change = [&](Machine& m) {
            Dual unused;
            change(unused, m.storage());
        };
        return e.run(fmt::format(" PC 0(9)\n SVC 1{}", kPadding));
    };
    const auto nothing = [](Dual&, RealStorage&) {};
    CHECK(with(nothing).code == kNone);
    CHECK(with([](Dual& e, RealStorage&) { e.psw.dat = false; }).code == kSpecial);
    CHECK(with([](Dual& e, RealStorage&) { e.psw.secondary_space = true; }).code == kSpecial);
    CHECK(with([](Dual& e, RealStorage&) { e.cr[5] &= ~isa::kCr5SubsystemLinkageControl; }).code == kSpecial);
    // Linkage table: two units of 32 entries.
    auto end = with(nothing, 0x04005);
    CHECK(end.code == number(ProgramCode::lx_translation));
    CHECK(end.exception_address == 0x04005);
    CHECK(end.address == 0);
    CHECK(with(nothing, 0x03F05).code == number(ProgramCode::ex_translation));
    CHECK(with([](Dual& e, RealStorage&) { e.cr[5] |= 0x00FFFF80; }).code == kAddressing);
    const uint32_t lte = kLinkageTable + 12, ete = kEntryTable + 5 * 16;
    CHECK(with([&](Dual&, RealStorage& s) { s.put32(lte, 0xFF000000); }).code ==
          number(ProgramCode::lx_translation));
    end =
        with([&](Dual&, RealStorage& s) { s.put32(lte, 0x01000000); });  // before the index beyond the table
    CHECK(end.code == number(ProgramCode::pc_translation_specification));
    CHECK(end.address == 4);
    end = with(nothing, 0x00308);  // two units of four entries
    CHECK(end.code == number(ProgramCode::ex_translation));
    CHECK(end.exception_address == 0x00308);
    CHECK(with([&](Dual&, RealStorage& s) { s.put32(lte, 0x00FF0001); }).code == kAddressing);
    CHECK(with([&](Dual&, RealStorage& s) { s.put32(ete + 4, 0x01001000); }).code ==
          number(ProgramCode::pc_translation_specification));
    // The authorization-key mask counts in the problem state only.
    const auto no_key = [](Dual& e, RealStorage&) { e.cr[3] = 0x7FFF0000; };
    CHECK(with(no_key).code == kNone);
    CHECK(with(no_key, 0x305, true).code == kPrivileged);
    CHECK(with(nothing, 0x305, true).code == kNone);
    // With space switching: the control comes before the tables.
    const auto no_asn = [](Dual& e, RealStorage& s) {
        e.cr[14] &= ~isa::kCr14AsnTranslationControl;
        s.put32(kFirstTable + 4, 0x80000000);
    };
    CHECK(with(no_asn).code == kNone);
    CHECK(with(no_asn, 0x306).code == kSpecial);
    end = with([](Dual&, RealStorage& s) { s.put32(kFirstTable + 4, 0x80000000); }, 0x306);
    CHECK(end.code == number(ProgramCode::afx_translation));
    CHECK(end.exception_address == kOtherAsn);
    CHECK(end.state.gpr[4] == 0);
}

TEST_CASE("PROGRAM CALL and PROGRAM TRANSFER with space switching") {
    Dual d;
    d.cr[3] = 0xC0000000 | kOtherAsn;
    auto end =
        d.problem().run(fmt::format(" PC 774(0)\n SVC 1{} IC 2,0(10)\n SAC 256\n IC 5,0(10)", kPadding));
    CHECK(end.code == kNone);
    CHECK(end.state.cr[1] == kOtherTable);
    CHECK(end.state.cr[3] == (0xC0F00000 | kPrimaryAsn));
    CHECK(end.state.cr[4] == (0x00040000 | kOtherAsn));
    CHECK(end.state.cr[5] == (isa::kCr5SubsystemLinkageControl | kLinkageTable | 2));
    CHECK(end.state.cr[7] == kPrimaryTable);
    CHECK(end.state.gpr[2] == 0x33);
    CHECK(end.state.gpr[5] == 0x11);

    // Back: the called program has authorization index 4, which may establish that space as primary.
    end = d.problem().run(fmt::format(" PC 774(0)\n IC 2,0(10)\n SVC 1{} PT 3,14", kPadding));
    CHECK(end.code == kNone);
    CHECK(end.address == 10);
    CHECK(end.state.gpr[2] == 0x11);
    CHECK(end.state.cr[1] == kPrimaryTable);
    CHECK(end.state.cr[3] == (0xC0000000 | kPrimaryAsn));
    CHECK(end.state.cr[4] == (0x00040000 | kPrimaryAsn));
    CHECK(end.state.cr[7] == kPrimaryTable);
    CHECK(end.psw.problem_state);

    SUBCASE("space-switch event: after the call is complete, if either space asks for it") {
        for (auto [before, after] : {std::pair{1u, 0u}, {0u, 1u}, {1u, 1u}}) {
            d.cr[1] = kPrimaryTable | before;
            d.change = [a = after](Machine& m) {
                m.storage().put32(kSecondTable + 2 * 16 + 8, kOtherTable | a);
            };
            end = d.problem().run(fmt::format(" PC 774(0)\n SVC 1{}", kPadding));
            CHECK(end.code == number(ProgramCode::space_switch_event));
            CHECK(end.address == 0x100);
            CHECK(end.exception_address == (before << 31 | kPrimaryAsn));
            CHECK(end.state.cr[4] == (0x00040000 | kOtherAsn));
            CHECK(end.state.gpr[4] == 0xCAFE0006);
            CHECK(end.program->machine.cpu().counters().instructions == 1);
        }
        d.change = [](Machine&) {};
        CHECK(d.code_of(fmt::format(" PC 773(0)\n SVC 1{}", kPadding)) == kNone);  // the same space
    }
}

TEST_CASE("PROGRAM TRANSFER: what hinders it, in order") {
    Dual d;
    d.gpr[1] = 0xFFFF0000 | kOtherAsn;
    d.gpr[2] = kCode + 0x101;
    const std::string program = fmt::format(" PT 1,2\n SVC 1{}", kPadding);
    auto end = d.run(program);
    CHECK(end.code == kNone);
    CHECK(end.psw.problem_state);
    CHECK(end.state.cr[1] == kOtherTable);
    CHECK(end.state.cr[3] == (0xFFFF0000 | kOtherAsn));
    CHECK(end.state.cr[7] == kOtherTable);
    Dual e = d;
    e.psw.dat = false;
    CHECK(e.code_of(program) == kSpecial);
    e = d;
    e.psw.secondary_space = true;
    CHECK(e.code_of(program) == kSpecial);
    e = d;
    e.cr[5] &= ~isa::kCr5SubsystemLinkageControl;
    CHECK(e.code_of(program) == kSpecial);
    // The problem state may not enter the supervisor state; then comes the address; then ASN translation.
    e = d;
    e.gpr[2] = 0xFF000000 | kCode;
    CHECK(e.problem().code_of(program) == kPrivileged);
    CHECK(e.code_of(program) == kSpecification);
    e.gpr[2] = 0x01000001 | kCode;
    CHECK(e.problem().code_of(program) == kSpecification);
    e = d;
    e.cr[14] &= ~isa::kCr14AsnTranslationControl;
    CHECK(e.code_of(program) == kSpecial);
    e.gpr[1] = kPrimaryAsn;
    CHECK(e.code_of(program) == kNone);
    CHECK(e.run(program).state.cr[3] == kPrimaryAsn);  // the mask is ANDed
    e = d;
    e.cr[4] = 0x00060000 | kPrimaryAsn;
    end = e.run(program);
    CHECK(end.code == number(ProgramCode::primary_authority));
    CHECK(end.exception_address == kOtherAsn);
    CHECK(end.address == 0);
    e = d;
    e.cr[1] |= 1;
    CHECK(e.code_of(program) == number(ProgramCode::space_switch_event));
}

TEST_CASE("LASP: which spaces are translated, and with what outcome") {
    Dual d;
    const auto parameters = [&](uint32_t mask, uint32_t sasn, uint32_t index, uint32_t pasn) {
        d.change = [=](Machine& m) {
            m.storage().put32(0x700, mask << 16 | sasn);
            m.storage().put32(0x704, index << 16 | pasn);
            m.storage().put32(kSecondTable + 16, 0x80000000);  // the primary space of now is not there
        };
    };
    const auto lasp = [&](unsigned options) { return d.run(fmt::format(" LASP X'700',{}", options)); };
    // Both ASNs as they are: nothing is translated.
    parameters(0xABCD, kOtherAsn, 9, kPrimaryAsn);
    auto end = lasp(1);
    CHECK(end.psw.condition_code == 0);
    CHECK(end.state.cr[1] == kPrimaryTable);
    CHECK(end.state.cr[3] == (0xABCD0000 | kOtherAsn));
    CHECK(end.state.cr[4] == d.cr[4]);
    CHECK(end.state.cr[5] == d.cr[5]);
    CHECK(end.state.cr[7] == kSecondaryTable);
    CHECK(lasp(3).state.cr[4] == (0x00090000 | kPrimaryAsn));  // the index of the operand
    CHECK(lasp(5).psw.condition_code == 1);                    // forced: the primary one is not there
    CHECK(lasp(5).state.cr[3] == d.cr[3]);
    // Authorization is asked for: the secondary space is translated.
    end = lasp(0);
    CHECK(end.psw.condition_code == 0);
    CHECK(end.state.cr[7] == kOtherTable);
    CHECK(lasp(2).psw.condition_code == 2);  // index 9 has no authority
    CHECK(lasp(2).state.cr[4] == d.cr[4]);
    // Another primary space, which is the secondary one too.
    parameters(1, kOtherAsn, 9, kOtherAsn);
    end = lasp(0);
    CHECK(end.psw.condition_code == 0);
    CHECK(end.state.cr[1] == kOtherTable);
    CHECK(end.state.cr[4] == (0x00040000 | kOtherAsn));
    CHECK(end.state.cr[7] == kOtherTable);
    d.cr[1] |= 1;
    CHECK(lasp(0).psw.condition_code == 3);
    CHECK(lasp(0).state.cr[4] == d.cr[4]);
    d.cr[1] &= ~1u;
    // A secondary space that is not there.
    parameters(1, kPrimaryAsn, 9, kOtherAsn);
    CHECK(lasp(0).psw.condition_code == 2);
    CHECK(lasp(1).psw.condition_code == 2);
    // Exceptions.
    parameters(1, kOtherAsn, 9, kOtherAsn);
    CHECK(d.problem().code_of(" LASP X'700',0") == kPrivileged);
    CHECK(d.code_of(" LASP X'704',0") == kSpecification);
    d.psw.dat = false;  // needs no translation
    CHECK(lasp(0).code == kNone);
    d.cr[14] &= ~isa::kCr14AsnTranslationControl;
    CHECK(lasp(0).code == kSpecial);
    CHECK(d.code_of(" LASP X'704',0") == kSpecial);
    d.cr[14] |= isa::kCr14AsnTranslationControl;
    d.change = [](Machine& m) {
        m.storage().put32(0x704, kOtherAsn);
        m.storage().put32(kFirstTable + 4, 1);
    };
    CHECK(lasp(0).code == number(ProgramCode::asn_translation_specification));
}

}  // namespace
}  // namespace simulation::test
