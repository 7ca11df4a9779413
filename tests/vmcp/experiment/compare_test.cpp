// vmcp compare: which machines are one guest, and what of their output is compared.
#include "vmcp/experiment/compare.hpp"

#include <doctest/doctest.h>

#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"

namespace vmcp::experiment {
namespace {

constexpr const char* kScenarios = VMCP_SOURCE_DIR "/examples/scenarios/";

/// Two machines with the same guest, which ends at once.
Scenario twins() {
    const tests::TemporaryFolder folder;
    tests::put(
        folder / "end.asm",
        "END      START 0\n         DC    A(0,BEGIN)\n         ORG   END+X'200'\n         USING END,0\n"
        "BEGIN    LPSW  DONE\n         DS    0D\nDONE     DC    X'0002000000000000'\n         END   BEGIN\n");
    tests::put(folder / "s.toml",
               "title = \"twins\"\n[machine]\nmodel = \"s370-158-nested\"\nstorage = \"4M\"\n"
               "[[vm]]\nname = \"a\"\nstorage = \"64K\"\nguest = \"end.asm\"\n"
               "[[vm]]\nname = \"b\"\nstorage = \"64K\"\nguest = \"end.asm\"\nstart_ms = 5\n");
    return read_scenario(folder / "s.toml");
}

TEST_CASE("machines that differ in nothing but name and start are compared once") {
    const Comparison same = compare(twins());
    REQUIRE(same.guests.size() == 1);
    CHECK(same.guests[0].machines == std::vector<size_t>{0, 1});
}

TEST_CASE("machines that differ in any option are compared apart") {
    struct Change {
        const char* what;
        void (*make)(VmDescription&);
    };
    const Change changes[] = {
        {"storage", [](VmDescription& vm) { vm.options.storage *= 2; }},
        {"priority", [](VmDescription& vm) { vm.options.scheduling.priority = 1; }},
        {"classes", [](VmDescription& vm) { vm.options.classes = "AG"; }},
        {"kind", [](VmDescription& vm) { vm.options.storage_kind = StorageKind::resident; }},
        {"reserved pages", [](VmDescription& vm) { vm.options.reserved_pages = 1; }},
        {"locked pages",
         [](VmDescription& vm) {
             vm.options.locked_pages = {{0, 0}};
         }},
        {"translation", [](VmDescription& vm) { vm.options.translation = GuestTranslation::nested; }},
        {"shadow sets", [](VmDescription& vm) { vm.options.shadow_sets = 1; }},
        {"devices", [](VmDescription& vm) { vm.options.devices.back().address = 0x00F; }},
        {"patches",
         [](VmDescription& vm) {
             vm.patches = {{0x300, {1}}};
         }},
        {"console input",
         [](VmDescription& vm) {
             vm.console_input = {{0, "x"}};
         }},
    };
    for (const Change& change : changes) {
        CAPTURE(change.what);
        Scenario scenario = twins();
        change.make(scenario.vms[1]);
        CHECK(compare(scenario).guests.size() == 2);
    }
}

TEST_CASE("every technique of shadow-vs-nested has a row with the figures that it has alone") {
    const Scenario scenario = read_scenario(std::string(kScenarios) + "shadow-vs-nested.toml");
    Scenario one = scenario;
    std::erase_if(one.vms, [](const VmDescription& vm) { return vm.options.name != "miss-nested"; });
    REQUIRE(one.vms.size() == 1);
    const Comparison alone = compare(one), all = compare(scenario);
    CHECK(all.guests.size() == scenario.vms.size());
    const GuestComparison& row = all.guests[all.guest_of[5]];
    REQUIRE(row.alone.vms.front().name == "miss-nested");
    CHECK(row.overhead() == alone.guests.front().overhead());
    CHECK(row.overhead() > 3);
    const std::string text = report(scenario, all);
    for (const VmDescription& vm : scenario.vms)
        CHECK(text.find('\n' + vm.options.name) != std::string::npos);

    // 256 pages in turn, 800 times over, by a TLB of 128 entries. A walk is two references, and nested each
    // of the two table entries and the page itself must be translated, two references more for each.
    CHECK(row.native.tlb_misses >= 256 * 800);
    CHECK(row.native.table_references == 2 * row.native.tlb_misses);
    const VmResult& nested = row.alone.vms.front();
    CHECK(nested.tlb_misses >= row.native.tlb_misses);
    CHECK(nested.table_references >= 8 * row.native.tlb_misses);
    CHECK(nested.table_references < 8 * nested.tlb_misses);
}

TEST_CASE("what further devices put out is compared") {
    GuestComparison guest;
    guest.alone.vms.emplace_back();
    CHECK(guest.same_output());
    guest.native.output.further[0x00F].printer = "one line\n";
    CHECK_FALSE(guest.same_output());
    guest.alone.vms.front().output.further[0x00F].printer = "one line\n";
    CHECK(guest.same_output());
    guest.alone.vms.front().output.further[0x01D].cards.emplace_back();
    CHECK_FALSE(guest.same_output());
}

}  // namespace
}  // namespace vmcp::experiment
