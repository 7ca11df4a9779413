// Software that nobody here wrote: IBM's stand-alone utilities IBCDASDI and IBCDMPRS, from card decks,
// natively and as guests. The decks lie outside the repository (../shared/guests/ibc, or the folder that
// VMCP_SHARED names); without them the tests say so and skip.
#include <doctest/doctest.h>

#include <algorithm>

#include "isa/ebcdic.hpp"
#include "tests/file_contents.hpp"
#include "tests/real/real_machine.hpp"
#include "tests/vmcp/guest_pair.hpp"
#include "tests/vmcp/random_program.hpp"

namespace vmcp::test {
namespace {

simulation::SharedDeck deck_with_cards(const std::string& utility) {
    std::string bytes = tests::contents(shared_guests() + "/ibc/" + utility);
    const std::string cards = tests::contents(shared_guests() + "/osvs1/dasdi.cards");
    bytes += cards;
    return std::make_shared<const simulation::Deck>(simulation::deck_of(bytes));
}

const simulation::DeviceList kUnits = [] {
    simulation::DeviceList units = simulation::standard_units();
    first_unit(units, simulation::UnitRecordRole::console).address = 0x01F;
    return units;
}();
constexpr SimTime kLimit = 120 * simulation::kSecond;

/// What the operator does: the request key, then the answer to IBC105A.
template <class Events>
void script(Events& events, SimTime at, simulation::Console& console) {
    events.schedule(at, [&console] { console.request(); });
    events.schedule(at + 10 * simulation::kSecond, [&console] { console.enter("input=2540,00c"); });
}

std::string native_dialogue(const std::string& utility, uint64_t* instructions = nullptr) {
    simulation::Machine machine(simulation::MachineModel::load("s370-158"), simulation::kMebibyte);
    std::string console;
    simulation::UnitRecordOutput output;
    output.console = [&console](std::string_view text, bool) { console += text; };
    output.punch = [](const simulation::Card&, unsigned) {};
    output.printer = [](std::string_view) {};
    const auto devices = simulation::attach_all(machine.channels(), machine.model(), kUnits,
                                                [&](const simulation::DeviceDescription&) { return output; });
    devices.reader->load(deck_with_cards(utility));
    machine.initial_program_load(0x00C);
    script(machine.events(), machine.cpu().now() + 60 * simulation::kSecond, *devices.console);
    machine.run({.time = machine.cpu().now() + kLimit});
    if (instructions != nullptr) *instructions = machine.cpu().counters().instructions;
    return console;
}

VirtualMachine& start_utility(Host& host, const std::string& name, const std::string& utility) {
    VmOptions options;
    options.name = name;
    options.storage = simulation::kMebibyte;
    options.devices = kUnits;
    VmOutput output;
    output.console_line = [&host, name](std::string_view line) {
        host.console[name] += std::string(line) + "\n";
    };
    VirtualMachine& vm = host.cp.log_on(std::move(options), std::move(output));
    vm.io.devices.reader->load(deck_with_cards(utility));
    host.cp.initial_program_load(vm, 0x00C);
    script(host.machine.events(), 60 * simulation::kSecond, *vm.io.devices.console);
    return vm;
}

bool utilities_present() { return present({"ibc/ibcdasdi.deck", "ibc/ibcdmprs.deck", "osvs1/dasdi.cards"}); }

TEST_CASE("IBCDASDI and IBCDMPRS talk to their operator natively") {
    if (!utilities_present()) return;
    const std::string dasdi = native_dialogue("ibcdasdi.deck");
    INFO(dasdi);
    CHECK(dasdi.find("IBC105A  DEFINE INPUT DEVICE. DASDI  7.87") != std::string::npos);
    CHECK(dasdi.find("DADEF") != std::string::npos);
    const std::string dmprs = native_dialogue("ibcdmprs.deck");
    INFO(dmprs);
    CHECK(dmprs.find("DEFINE INPUT DEVICE. DUMPRESTORE 7.91") != std::string::npos);
}

/// A utility's deck with control statements behind it, as a file of card images.
void write_deck(const std::string& path, const std::string& utility, const std::string& statements) {
    std::string bytes = tests::contents(shared_guests() + "/ibc/" + utility);
    for (const simulation::Card& card : simulation::deck_of(statements))
        bytes.append(card.begin(), card.end());
    tests::put(path, bytes);
}

TEST_CASE("IBCDASDI and IBCDMPRS from cards: format two 3330, dump one to tape, restore it to the other") {
    if (!utilities_present()) return;
    RealRun real;
    const auto& geometry = *simulation::images::disk_geometry("3330");
    const std::string from = real.path("from"), to = real.path("to"), tape = real.path("tape");
    for (const std::string& disk : {from, to})
        simulation::images::create_ckd(disk, geometry, geometry.all_cylinders(), {});
    simulation::images::TapeImage::create(tape, simulation::images::Compression::none)->write_mark();
    real.device(0x150, "3330", from);
    real.device(0x151, "3330", to);
    real.device(0x181, "3420", tape);
    const std::string job = " JOB\n MSG TODEV=1052,TOADDR=01F\n";
    const auto format = [&](unsigned address, const char* label) {
        return fmt::format(
            "{} DADEF TODEV=3330,TOADDR={:03X},VOLID=SCRATCH,FLAGTEST=NO,BYPASS=YES\n"
            " VLD NEWVOLID={},OWNERID=VMCP\n VTOCD STRTADR=50,EXTENT=10\n END\n",
            job, address, label);
    };
    write_deck(real.path("format"), "ibcdasdi.deck", format(0x150, "FIRST1") + format(0x151, "SECOND"));
    write_deck(real.path("dump"), "ibcdmprs.deck",
               job + " DUMP FROMDEV=3330,FROMADDR=150,TODEV=2400,TOADDR=181\n END\n");
    write_deck(real.path("restore"), "ibcdmprs.deck",
               job + " RESTORE FROMDEV=2400,FROMADDR=181,TODEV=3330,TOADDR=151,VOLID=SECOND\n END\n");
    real.cards(real.path("format"));
    const std::string dialogue =
        attention(60) + answer("IBC105A", "input=2540,00c") + wait_for("IBC163A", 20000);
    const std::string script = dialogue + wait_for("IBC163A", 20000) +
                               "[[step]]\ncards = 'dump'\nipl = '00C'\n" + dialogue +
                               "[[step]]\ncards = 'restore'\nipl = '00C'\n" + dialogue;
    const auto result = real.run("IBCDASDI and IBCDMPRS", 0x00C, simulation::kMebibyte, script);
    INFO(RealRun::console_of(result));
    CHECK(tests::contents(from) == tests::contents(to));
    const auto disk = simulation::images::open_ckd(to, simulation::images::Access::read);
    const auto track = disk->read(0);
    const std::vector<uint8_t> label = isa::to_ebcdic("VOL1FIRST1");
    const auto& records = track.records();
    CHECK(std::any_of(records.begin(), records.end(), [&](const auto& record) {
        const auto data = track.content(record);
        return data.size() == 80 && std::equal(label.begin(), label.end(), data.begin());
    }));
}

TEST_CASE("both utilities at once, beside guests of our own, say on their consoles what they say alone") {
    if (!utilities_present()) return;
    Host host(8 * simulation::kMebibyte, "q1q2");
    start_utility(host, "dasdi", "ibcdasdi.deck");
    start_utility(host, "dmprs", "ibcdmprs.deck");
    for (uint64_t seed = 1; seed <= 3; ++seed)
        host.start("random" + std::to_string(seed), kProgramStorage, RandomProgram(seed).image());
    host.cp.run(kLimit + 60 * simulation::kSecond);
    CHECK(host.console["dasdi"] == native_dialogue("ibcdasdi.deck"));
    CHECK(host.console["dmprs"] == native_dialogue("ibcdmprs.deck"));
}

}  // namespace
}  // namespace vmcp::test
