// Storage keys: protection, reference and change recording. GA22-7000 chapter 3, "Protection" and "Storage
// Key", and the instructions of chapter 10.
#include "tests/simulation/one_instruction.hpp"

namespace simulation::test {

using isa::ProgramCode;

TEST_CASE("key-controlled protection: who may store and who may fetch") {
    for (unsigned access = 0; access < 16; access += 5)
        for (const bool fetch_protected : {false, true})
            for (unsigned psw_key = 0; psw_key < 16; psw_key += 5) {
                CAPTURE(access);
                CAPTURE(fetch_protected);
                CAPTURE(psw_key);
                OneInstruction one;
                one.set_key(0x4000, static_cast<uint8_t>(access << 4 | (fetch_protected ? 8 : 0)));
                one.set_key(OneInstruction::kCode, 0);  // executable with any key
                one.psw.key = static_cast<uint8_t>(psw_key);
                one.set_gpr(1, 0x4000);
                const bool matches = psw_key == 0 || psw_key == access;
                if (matches || !fetch_protected)
                    one.good("L 2,0(1)");
                else
                    one.refused("L 2,0(1)", ProgramCode::protection);
                if (matches)
                    one.good("ST 2,0(1)");
                else
                    one.refused("ST 2,0(1)", ProgramCode::protection);
            }
}

TEST_CASE("instructions are fetched with the PSW key too") {
    OneInstruction one;
    one.set_key(OneInstruction::kCode, 0x58);
    one.psw.key = 5;
    one.good("LR 1,2");
    one.psw.key = 6;
    const auto i = one.refused("LR 1,2", ProgramCode::protection);
    CHECK(i.ilc == 1);
}

TEST_CASE("reference and change bits: fetches set one, stores both, refused stores none") {
    OneInstruction one;
    one.set_gpr(1, 0x4000);
    one.set_key(0x4000, 0x30);
    one.good("L 2,0(1)");
    CHECK(one.key(0x4000) == 0x34);
    one.good("ST 2,0(1)");
    CHECK(one.key(0x4000) == 0x36);

    one.set_key(0x4000, 0x30);
    one.psw.key = 7;
    one.refused("ST 2,0(1)", ProgramCode::protection);
    CHECK((one.key(0x4000) & kKeyChanged) == 0);
    one.psw.key = 0;

    // An operand in two blocks, of which the second refuses the store: neither is changed.
    for (const char* statement : {"ST 2,2046(1)", "STM 2,5,2044(1)", "MVC 2044(16,1),0(3)",
                                  "STCM 2,7,2046(1)", "CVD 2,2044(1)", "STH 2,2047(1)", "STD 0,2044(1)",
                                  "OC 2044(16,1),0(3)", "UNPK 2044(8,1),0(4,3)", "ZAP 2044(8,1),8(1,3)"}) {
        CAPTURE(statement);
        one.set_gpr(3, 0x8000);
        one.storage().put32(0x8008, 0x0C000000);
        one.set_key(0x4000, 0x30);
        one.set_key(0x4800, 0x40);
        one.psw.key = 3;
        one.set_key(0x8000, 0x30);
        one.storage().put64(0x47F8, 0x1111111111111111);
        one.refused(statement, ProgramCode::protection);
        CHECK((one.key(0x4000) & kKeyChanged) == 0);
        CHECK((one.key(0x4800) & kKeyChanged) == 0);
        CHECK(one.storage().get64(0x47F8) == 0x1111111111111111);
    }
}

TEST_CASE("decimal operands at the beginning of a block have nothing to do with the block before") {
    for (const char* statement :
         {"AP 0(3,1),0(3,3)", "AP 0(12,1),0(12,3)", "CP 0(1,1),0(16,3)", "ZAP 0(3,1),1(2,3)",
          "MP 0(16,1),0(2,3)", "DP 0(16,1),0(2,3)", "SRP 0(3,1),1,0", "AP 3(3,1),4(3,3)"}) {
        CAPTURE(statement);
        OneInstruction one;
        one.set_gpr(1, 0x4800);
        one.set_gpr(3, 0x8800);
        one.psw.key = 3;
        for (const uint32_t block : {0x4800u, 0x8800u}) one.set_key(block, 0x30);
        for (const uint32_t block : {0x4000u, 0x8000u}) one.set_key(block, 0x48);
        one.refused(statement, ProgramCode::data);  // there is no sign; they have been fetched
        CHECK(((one.key(0x4800) | one.key(0x8800)) & kKeyReferenced) != 0);
        CHECK(one.key(0x4000) == 0x48);
        CHECK(one.key(0x8000) == 0x48);
    }
}

TEST_CASE("a store that is refused the first time is refused again, and allowed when the key is changed") {
    OneInstruction one;  // what was found out about a key must not outlive it
    one.set_gpr(1, 0x4000);
    one.set_gpr(4, 0x4000);
    one.set_gpr(3, 0x50);
    one.set_key(0x4000, 0x40);
    for (int times = 0; times < 2; ++times) {
        one.psw.key = 5;
        one.refused("ST 2,0(1)", ProgramCode::protection);
        one.good("L 2,0(1)");
        one.refused("ST 2,0(1)", ProgramCode::protection);
        one.psw.key = 0;
        one.good("SSK 3,4");
        one.psw.key = 5;
        one.good("ST 2,0(1)");
        one.psw.key = 0;
        one.set_gpr(3, 0x48);
        one.good("SSK 3,4");
        one.psw.key = 5;
        one.refused("L 2,0(1)", ProgramCode::protection);
        one.psw.key = 0;
        one.set_gpr(3, 0x40);
        one.good("SSK 3,4");
        one.set_gpr(3, 0x50);
    }
}

TEST_CASE("what was found out about many blocks is forgotten as what was about a few") {
    for (const uint32_t blocks : {3u, 64u, 65u, 200u}) {
        CAPTURE(blocks);
        OneInstruction one;
        one.psw.key = 5;
        const auto at_block = [&](uint32_t i) { one.set_gpr(1, 0x10000 + i * kBlock); };
        for (uint32_t i = 0; i < blocks; ++i) {
            at_block(i);
            one.good("L 2,0(1)");
        }
        for (uint32_t i = 0; i < blocks; ++i) one.storage().set_key(0x10000 + i * kBlock, 0x48);
        one.cpu().flush_access();
        for (uint32_t i = 0; i < blocks; ++i) {
            at_block(i);
            one.refused("L 2,0(1)", ProgramCode::protection);
        }
    }
}

TEST_CASE("SET STORAGE KEY and INSERT STORAGE KEY: seven bits, of which BC mode shows five") {
    OneInstruction one;
    one.set_gpr(1, 0xABCDEFFF);
    one.set_gpr(2, 0x00004000);
    one.good("SSK 1,2");
    CHECK(one.key(0x4000) == 0xFE);
    CHECK(one.key(0x4800) == 0);  // 2K blocks
    one.set_gpr(3, 0x11223344);
    one.good("ISK 3,2");
    CHECK(one.gpr(3) == 0x112233F8);
    one.psw.ec_mode = true;
    one.set_gpr(3, 0x11223344);
    one.good("ISK 3,2");
    CHECK(one.gpr(3) == 0x112233FE);
    // Bits 28-31 of the block address must be zero; bits 21-27 do not matter.
    one.set_gpr(2, 0x000047F0);
    one.good("ISK 3,2");
    one.set_gpr(2, 0x00004001);
    one.refused("ISK 3,2", ProgramCode::specification);
    one.refused("SSK 3,2", ProgramCode::specification);
    one.set_gpr(2, 0x00100000);  // the end of storage
    one.refused("ISK 3,2", ProgramCode::addressing);
    one.refused("SSK 3,2", ProgramCode::addressing);
    one.psw.problem_state = true;
    one.set_gpr(2, 0x4000);
    one.refused("ISK 3,2", ProgramCode::privileged_operation);
    one.refused("SSK 3,2", ProgramCode::privileged_operation);
}

TEST_CASE("RESET REFERENCE BIT tells what reference and change bits were") {
    OneInstruction one;
    one.set_gpr(1, 0x4000);
    for (unsigned bits = 0; bits < 4; ++bits) {
        CAPTURE(bits);
        one.set_key(0x4000, static_cast<uint8_t>(0x70 | bits << 1));
        one.good("RRB 0(1)");
        CHECK(one.cc() == bits);  // reference bit 2, change bit 1
        CHECK(one.key(0x4000) == (0x70 | (bits & 1) << 1));
    }
}

TEST_CASE("extended key instructions act on 4K: both halves") {
    OneInstruction one;
    one.set_gpr(1, 0x5A);
    one.set_gpr(2, 0x4000);
    one.good("SSKE 1,2");
    CHECK(one.key(0x4000) == 0x5A);
    CHECK(one.key(0x4800) == 0x5A);
    CHECK(one.key(0x5000) == 0);
    one.set_key(0x4000, 0x50);
    one.set_key(0x4800, 0x56);
    one.set_gpr(3, 0);
    one.good("ISKE 3,2");
    CHECK(one.gpr(3) == 0x56);  // referenced or changed in either half
    one.good("RRBE 0,2");
    CHECK(one.cc() == 3);
    CHECK((one.key(0x4000) & kKeyReferenced) == 0);
    CHECK((one.key(0x4800) & kKeyReferenced) == 0);
}

TEST_CASE("low-address protection keeps stores out of locations 0 to 511, whatever the key") {
    OneInstruction one;
    one.set_cr(0, one.cpu().cr(0) | isa::kCr0LowAddressProtection);
    one.set_gpr(1, 0);
    one.good("L 2,508(1)");
    one.refused("ST 2,508(1)", ProgramCode::protection);
    one.good("ST 2,512(1)");
    one.refused("ST 2,508(1)", ProgramCode::protection);  // the store next to it changes nothing
    one.refused("MVC 508(8,1),X'800'(1)", ProgramCode::protection);
    one.good("MVC 512(8,1),X'800'(1)");
    one.set_cr(0, one.cpu().cr(0) & ~isa::kCr0LowAddressProtection);
    one.good("ST 2,508(1)");
}

TEST_CASE("TEST PROTECTION: store and fetch, fetch only, neither") {
    OneInstruction one;
    one.set_gpr(1, 0x4000);
    one.set_gpr(2, 0x30);
    one.set_key(0x4000, 0x30);
    one.good("TPROT 0(1),0(2)");
    CHECK(one.cc() == 0);
    one.set_key(0x4000, 0x40);
    one.good("TPROT 0(1),0(2)");
    CHECK(one.cc() == 1);
    one.set_key(0x4000, 0x48);
    one.good("TPROT 0(1),0(2)");
    CHECK(one.cc() == 2);
    one.set_gpr(2, 0);
    one.good("TPROT 0(1),0(2)");
    CHECK(one.cc() == 0);
    CHECK(one.key(0x4000) == 0x48);  // nothing is recorded
    one.set_gpr(1, 0x100);
    one.set_cr(0, one.cpu().cr(0) | isa::kCr0LowAddressProtection);
    one.good("TPROT 0(1),0(2)");
    CHECK(one.cc() == 1);
    one.set_gpr(1, 0x100000);
    one.refused("TPROT 0(1),0(2)", ProgramCode::addressing);
}

}  // namespace simulation::test
