#include "vmcp/gdb/registers.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace vmcp::gdb {
namespace {

const RegisterKind& kind(std::string_view name) {
    const auto& all = register_kinds();
    return *std::find_if(all.begin(), all.end(), [&](const RegisterKind& k) { return k.name == name; });
}

std::string text(std::string_view name, const debug::Registers& r) { return register_text(kind(name), r); }

}  // namespace

TEST_CASE("gdb sees a PSW in EC mode, whatever it is") {
    debug::Registers r;
    r.psw = isa::decode_psw(0x0100'0000'2000'0420);  // BC mode: condition code 2, no masks but external
    CHECK(text("pswm", r) == "01082000");
    CHECK(text("pswa", r) == "80000420");
    CHECK(text("psw370", r) == "0100000020000420");
    r.psw = isa::decode_psw(0x070C'1000'0001'0420);
    CHECK(text("pswm", r) == "070c1000");
    CHECK(text("pswa", r) == "80010420");
    CHECK(text("psw370", r) == "070c100000010420");
}

TEST_CASE("what a System/370 does not have is not available") {
    debug::Registers r;
    r.fpr[3] = 0x4110'0000'0000'0001;
    r.gpr[15] = 15;
    r.cr[0] = 0xE0;
    CHECK(text("acr3", r) == "xxxxxxxx");
    CHECK(text("fpc", r) == "xxxxxxxx");
    CHECK(text("f1", r) == "xxxxxxxxxxxxxxxx");
    CHECK(text("f8", r) == "xxxxxxxxxxxxxxxx");
    CHECK(text("f6", r) == "4110000000000001");
    CHECK(text("r15", r) == "0000000f");
    CHECK(text("cr0", r) == "000000e0");
    CHECK_FALSE(alteration_of(kind("acr3"), 1, r));
}

TEST_CASE("changing a part of the PSW changes the PSW that is there") {
    debug::Registers r;
    r.psw = isa::decode_psw(0xFF04'0000'0000'0420);
    CHECK_FALSE(alteration_of(kind("pswa"), 0x80000420, r));
    auto a = alteration_of(kind("pswa"), 0x80000444, r);
    REQUIRE(a);
    CHECK(a->what == debug::Alteration::What::address);
    CHECK(a->value == 0x444);
    // Condition code 3, in EC mode's place.
    a = alteration_of(kind("pswm"), std::stoul(text("pswm", r), nullptr, 16) | 0x3000, r);
    REQUIRE(a);
    CHECK(a->what == debug::Alteration::What::psw);
    CHECK(a->value == 0xFF04'0000'3000'0420);
    r.psw = isa::decode_psw(0x070C'1000'8001'0420);
    a = alteration_of(kind("pswm"), 0x070C2000, r);
    REQUIRE(a);
    CHECK(a->value == 0x070C'2000'8001'0420);
    a = alteration_of(kind("r3"), 7, r);
    REQUIRE(a);
    CHECK(a->what == debug::Alteration::What::gpr);
    CHECK(a->number == 3);
}

TEST_CASE("the target description has gdb's features whole") {
    const std::string xml = target_description();
    CHECK(register_kinds().size() == 68);
    for (const char* part : {"<architecture>s390:31-bit</architecture>", "org.gnu.gdb.s390.core",
                             "org.gnu.gdb.s390.acr", "org.gnu.gdb.s390.fpr", "name=\"acr15\"",
                             "name=\"f15\" bitsize=\"64\"", "name=\"cr15\"", "name=\"psw370\""})
        CHECK(xml.find(part) != std::string::npos);
}

}  // namespace vmcp::gdb
