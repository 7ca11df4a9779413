// The example guests about storage: those that translate, those that page, those that want a lot of it. Each
// ends natively as its header says, and prints the same as a guest in every kind of storage.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>

#include "tests/vmcp/guest_pair.hpp"
#include "tests/vmcp/guests/example_guest.hpp"
#include "vmcp/conformance/hercules.hpp"

namespace vmcp::test {
namespace {

using simulation::kMebibyte;
using simulation::kSecond;

// ---- What the guests should print, by other means ----

constexpr uint32_t next_random(uint32_t x) { return x * 1103515245 + 12345; }

struct Walk {
    uint32_t pages = 64, set = 8, steps = 20000, move = 2000, local = 240, seed = 1;
    bool translated = false;

    Patches patches() const {
        return {{0x3F0, pages}, {0x3F4, set},        {0x3F8, steps}, {0x3FC, move},
                {0x3E0, local}, {0x3E4, translated}, {0x3E8, seed}};
    }
    std::string console() const {
        uint32_t x = seed, sum = 0, first = 0, left = move;
        for (uint32_t i = 0; i < steps; ++i) {
            x = next_random(x);
            const uint64_t choice = x >> 4 & 0xFFFF;
            const auto page = x >> 24 < local ? (static_cast<uint32_t>(choice * set >> 16) + first) % pages
                                              : static_cast<uint32_t>(choice * pages >> 16);
            sum = sum * 31 + page;
            if (--left == 0) {
                left = move;
                first = (first + set) % pages;
            }
        }
        return fmt::format("WALKER: CHECKSUM {:08X}: PASS\n", sum);
    }
};

/// What each space of paging-os says.
std::string checksum_lines(uint32_t rounds, uint32_t spaces, uint32_t data_pages) {
    std::string text = "PAGING-OS: STARTING\n";
    for (uint32_t space = 0; space < spaces; ++space) {
        const uint32_t numbers = data_pages * 16, step = space % 2 == 1 ? 3 : 1;
        std::vector<uint32_t> data;
        uint32_t x = space + 1, at = 0, sum = 0;
        for (uint32_t i = 0; i < numbers; ++i) data.push_back(x = next_random(x));
        for (uint32_t i = 0; i < rounds * numbers; ++i, at = (at + step) % numbers)
            data[at] += data[(at + 1) % numbers];
        for (uint32_t number : data) sum = sum * 31 + number;
        text +=
            fmt::format("SPACE {} CHECKSUM {:08X}, ALL DATA RIGHT\n", static_cast<char>('A' + space), sum);
    }
    return text;
}

/// How often paging-os should take a page fault, and save a page, where every space runs until it gives up
/// the CPU: what its program touches, in order, and frames given out in turn.
std::string paging_counts(uint32_t rounds, uint32_t spaces, uint32_t data_pages, uint32_t frames) {
    struct Access {
        uint32_t page;  // 0: that of the program
        bool store;
    };
    struct Space {
        std::vector<std::vector<Access>> turns;
        std::map<uint32_t, bool> resident;  // page, changed
    };
    const uint32_t numbers = data_pages * 16;
    const auto page_of = [&](uint32_t number) { return 1 + number % numbers / 16; };
    std::vector<Space> all(spaces);
    for (uint32_t space = 0; space < spaces; ++space) {
        auto& turns = all[space].turns;
        turns.push_back({{0, true}});
        for (uint32_t i = 0; i < numbers; ++i) turns.back().push_back({page_of(i), true});
        for (uint32_t round = 0; round < 2 * rounds; ++round) {
            if (round == rounds) {
                for (uint32_t i = 0; i < numbers; ++i) turns.back().push_back({page_of(i), false});
                turns.back().push_back({0, true});
            }
            for (uint32_t i = 0; i < numbers; ++i) {
                const uint32_t at = (round < rounds ? i : numbers - 1 - i) * (space % 2 == 1 ? 3 : 1);
                turns.back().push_back({page_of(at), false});
                turns.back().push_back({page_of(at + 1), false});
                turns.back().push_back({page_of(at), true});
            }
            turns.emplace_back();
        }
        for (uint32_t i = 0; i < numbers; ++i) turns.back().push_back({page_of(i), false});
    }
    uint32_t faults = 0, saved = 0;
    std::vector<std::pair<Space*, uint32_t>> queue;  // first in, first out
    const auto need = [&](Space& space, uint32_t page) {
        if (space.resident.contains(page)) return true;
        ++faults;
        if (queue.size() == frames) {
            const auto [owner, old] = queue.front();
            queue.erase(queue.begin());
            saved += owner->resident.at(old);
            owner->resident.erase(old);
        }
        queue.emplace_back(&space, page);
        space.resident[page] = false;
        return false;
    };
    for (size_t turn = 0; turn < all[0].turns.size(); ++turn)
        for (Space& space : all)
            for (const Access& access : space.turns[turn]) {
                // An instruction begins again when one of its pages was not there.
                while (!need(space, 0) || !need(space, access.page)) {
                }
                space.resident[access.page] |= access.store;
            }
    return fmt::format("PAGING-OS:{:8} PAGE FAULTS,{:8} PAGES SAVED\n", faults, saved);
}

std::string handshake_lines(uint32_t pages, uint32_t rounds, uint32_t length) {
    std::string text = "HANDSHAKE: STARTING THREE TASKS\n";
    for (uint32_t seed : {1u, 2u}) {
        uint32_t x = seed, sum = 0;
        for (uint32_t i = 0; i < pages; ++i) sum += x = next_random(x);
        sum += pages * rounds * (rounds + 1) / 2;
        text += fmt::format("HANDSHAKE: WALK {}  {:08X}, RIGHT\n", seed == 1 ? 'A' : 'B', sum);
    }
    uint32_t x = 3;
    for (uint32_t i = 0; i < length; ++i) x = next_random(x);
    return text + fmt::format("HANDSHAKE: COMPUTE {:08X}, RIGHT\n", x);
}

// ---- The runs ----

struct Example {
    std::string name, guest;
    Patches patches;
    uint32_t storage;
    std::string console;
    bool timed = false;  // registers and counts depend on how fast the machine is
};

const std::vector<Example>& examples() {
    static const std::vector<Example> all = [] {
        std::vector<Example> list = {
            {"paging-os", "paging-os", {}, 192 << 10, checksum_lines(4, 2, 16), true},
            {"paging-os, short slices",
             "paging-os",
             {{0x3F4, 0x100}},
             192 << 10,
             checksum_lines(4, 2, 16),
             true},
            {"paging-os, untimed",
             "paging-os",
             {{0x3F4, 0}},
             192 << 10,
             checksum_lines(4, 2, 16) + paging_counts(4, 2, 16, 8)},
            {"paging-os, untimed, PTLB",
             "paging-os",
             {{0x3F4, 0}, {0x3F8, 1}},
             192 << 10,
             checksum_lines(4, 2, 16) + paging_counts(4, 2, 16, 8)},
            {"paging-os, two frames",
             "paging-os",
             {{0x3F0, 1}, {0x3F4, 0}, {0x3E0, 2}, {0x3E4, 4}},
             192 << 10,
             checksum_lines(1, 2, 4) + paging_counts(1, 2, 4, 2)},
            {"paging-os, many spaces",
             "paging-os",
             {{0x3F0, 6}, {0x3F4, 0x100}, {0x3FC, 7}, {0x3E0, 21}, {0x3E4, 2}},
             192 << 10,
             checksum_lines(6, 7, 2),
             true},
            {"churner", "churner", {}, 128 << 10, "CHURNER:    12800 TOUCHES, ALL RIGHT: PASS\n"},
            {"churner, PTLB",
             "churner",
             {{0x3FC, 1}},
             128 << 10,
             "CHURNER:    12800 TOUCHES, ALL RIGHT: PASS\n"},
            {"churner, none",
             "churner",
             {{0x3FC, 2}},
             128 << 10,
             "CHURNER:    12800 TOUCHES, ALL RIGHT: PASS\n"},
            {"churner, odd",
             "churner",
             {{0x3F0, 7}, {0x3F4, 31}, {0x3F8, 1}},
             128 << 10,
             "CHURNER:      217 TOUCHES, ALL RIGHT: PASS\n"},
            {"tlb-misser",
             "tlb-misser",
             {{0x3F0, 200}, {0x3F4, 40}},
             1 << 20,
             "TLB-MISSER:       40 ROUNDS, ALL RIGHT: PASS\n"},
            {"tlb-misser, changes",
             "tlb-misser",
             {{0x3F0, 42}, {0x3F4, 90}, {0x3F8, 3}},
             256 << 10,
             "TLB-MISSER:       90 ROUNDS, ALL RIGHT: PASS\n"},
            {"handshake",
             "handshake",
             {{0x3F0, 40}, {0x3F4, 3}, {0x3E0, 20000}},
             384 << 10,
             handshake_lines(40, 3, 20000),
             true},
            {"handshake, not asked for",
             "handshake",
             {{0x3F0, 40}, {0x3F4, 3}, {0x3F8, 0}, {0x3E0, 20000}},
             384 << 10,
             handshake_lines(40, 3, 20000)},
        };
        for (const Walk& walk :
             {Walk{.steps = 3000}, Walk{.pages = 51, .set = 51, .steps = 2000, .move = 1, .local = 256},
              Walk{.pages = 60, .set = 3, .steps = 3000, .move = 70, .local = 250, .seed = 77},
              Walk{.pages = 1, .set = 1, .steps = 100, .local = 0}})
            for (bool translated : {false, true}) {
                Walk w = walk;
                w.translated = translated;
                list.push_back({fmt::format("walker of {}{}", w.pages, translated ? ", translated" : ""),
                                "walker", w.patches(), 384 << 10, w.console()});
            }
        return list;
    }();
    return all;
}

constexpr uint64_t kInstructions = 20'000'000;

/// Once for each example, however often it is asked for.
const EndState& run_natively(const Example& example) {
    static std::map<std::string, EndState> runs;
    auto found = runs.find(example.name);
    if (found == runs.end()) {
        NativeGuest native(example.storage);
        found = runs.emplace(example.name,
                             native.run(example_guest(example.guest, example.patches), kInstructions))
                    .first;
    }
    return found->second;
}

struct Setting {
    std::string name;
    StorageKind kind = StorageKind::paged;
    bool pressed = false;  // a quarter less storage than the guest has, and a drum and a disk to page on
    unsigned shadow_sets = 4;
    GuestTranslation translation = GuestTranslation::shadow;
    bool volume = false;  // a disk on a real channel in the place of those two
};

/// Runs the example with this setting beside another one of itself, and compares both with the native run.
/// Returns how many pages were brought in.
uint64_t compare(const Example& example, const Setting& setting) {
    CAPTURE(example.name);
    CAPTURE(setting.name);
    const EndState& alone = run_natively(example);
    PagingOptions paging;
    if (setting.pressed && !setting.volume) paging.devices = {"2305-2", "3330-1"};
    const uint32_t touched = example.storage / kPage;
    const uint32_t real = setting.pressed ? (24 + touched) * kPage : 8 * kMebibyte;
    const bool nested = setting.translation == GuestTranslation::nested;
    Host host(real, "round-robin", nested ? "s370-158-nested" : "s370-158", 10 * simulation::kMillisecond,
              paging, setting.kind == StorageKind::real ? example.storage : 0);
    if (setting.volume) host.page_on("3330");
    std::vector<VirtualMachine*> vms;
    for (const char* name : {"first", "second"}) {
        VmOptions options;
        options.name = name;
        options.storage = example.storage;
        options.storage_kind = vms.empty() ? setting.kind : StorageKind::paged;
        options.shadow_sets = setting.shadow_sets;
        options.translation = setting.translation;
        vms.push_back(&host.log_on(std::move(options)));
        host.cp.load(*vms.back(), SecondLevel(0), example_guest(example.guest, example.patches));
    }
    for (VirtualMachine* vm : vms) host.cp.restart(*vm);
    host.cp.run(600 * kSecond);
    for (VirtualMachine* vm : vms) {
        CAPTURE(vm->options.name);
        const EndState as_guest = host.end_state(*vm);
        CHECK(as_guest.console == alone.console);
        CHECK(as_guest.end == alone.end);
        CHECK(as_guest.state.psw == alone.state.psw);
        if (!example.timed) CHECK(difference(alone, as_guest) == "");
    }
    return host.cp.pager().counts().reads;
}

}  // namespace

TEST_CASE("guests about storage print natively what they should") {
    for (const Example& example : examples()) {
        CAPTURE(example.name);
        const EndState& ran = run_natively(example);
        CHECK(ran.end == "disabled-wait");
        CHECK(ran.state.psw.address == 0);
        CHECK(ran.console == example.console);
    }
}

TEST_CASE("guests about storage do as guests what they do alone") {
    for (const Example& example : examples()) compare(example, {"V=V"});
}

TEST_CASE("guests about storage are the same with any number of shadow tables") {
    for (const Example& example : examples())
        for (unsigned sets : {1u, 2u, 16u}) compare(example, {fmt::format("{} sets", sets), {}, false, sets});
}

TEST_CASE("guests about storage are the same under nested translation") {
    uint64_t reads = 0;
    for (const Example& example : examples())
        for (StorageKind kind : {StorageKind::paged, StorageKind::resident, StorageKind::real})
            for (bool pressed : {false, true}) {
                if (pressed && kind != StorageKind::paged) continue;
                reads += compare(example, {"nested", kind, pressed, 1, GuestTranslation::nested});
            }
    CHECK(reads > 500);
}

TEST_CASE("guests about storage are the same as V=R and V=Resident machines") {
    for (const Example& example : examples())
        for (StorageKind kind : {StorageKind::resident, StorageKind::real})
            compare(example, {std::string(name_of(kind)), kind});
}

TEST_CASE("guests about storage are the same while their pages come and go") {
    uint64_t reads = 0;
    for (const Example& example : examples())
        for (unsigned sets : {1u, 4u}) reads += compare(example, {"pressed", StorageKind::paged, true, sets});
    CHECK(reads > 1000);
}

TEST_CASE("guests about storage are the same while their pages come and go on a real disk") {
    uint64_t reads = 0;
    for (const Example& example : examples())
        reads += compare(example, {"volume", StorageKind::paged, true, 4, GuestTranslation::shadow, true});
    CHECK(reads > 500);
}

TEST_CASE("guests about storage end on hercules with the same registers" * doctest::test_suite("hercules")) {
    const auto program = conformance::Hercules::find();
    if (!program) {
        MESSAGE("skipped: " << conformance::Hercules::missing_message());
        return;
    }
    conformance::Hercules judge(*program);
    for (const Example& example : examples()) {
        if (example.timed) continue;
        CAPTURE(example.name);
        conformance::RunRequest request;
        request.storage_size = 2 << 20;
        request.core.bytes = example_guest(example.guest, example.patches);
        request.devices = {"0009 3215-C"};
        request.host_seconds_limit = 60;
        const EndState& ours = run_natively(example);
        // The timers of hercules follow the clock of the host: where that is busy, a time slice may end that
        // should not, and another address space is the last one. Then it runs again.
        constexpr int kAttempts = 8;
        conformance::Outcome outcome = judge.run(request);
        for (int n = 1; n < kAttempts && outcome.gpr != ours.state.gpr; ++n) outcome = judge.run(request);
        CHECK(outcome.stop == conformance::Stop::disabled_wait);
        CHECK(outcome.psw == isa::encode(ours.state.psw));
        for (unsigned r = 0; r < 16; ++r) {
            CAPTURE(r);
            CHECK(outcome.gpr[r] == ours.state.gpr[r]);
        }
    }
}

TEST_CASE("IPTE takes from the shadow tables what was formed from its entry, and nothing else") {
    Host host;
    // 256 pages in 16 segments; after every second of 100 rounds two pages are exchanged.
    const auto image = example_guest("tlb-misser", {{0x3F0, 256}, {0x3F4, 100}, {0x3F8, 2}});
    VirtualMachine& vm = host.start("g", 2 * kMebibyte, image);
    host.cp.run(100 * kSecond);
    CHECK(vm.state.psw.address == 0);
    CHECK(vm.account.of(Cause::shadow_fill).count >= 256 + 2 * 49);
    CHECK(vm.account.of(Cause::shadow_fill).count <= 256 + 2 * 50 + 3);
}

// ---- That they can find something wrong ----

TEST_CASE("a walker notices a page that has changed") {
    for (bool translated : {false, true}) {
        Walk walk;
        walk.steps = 1'000'000;
        walk.translated = translated;
        NativeGuest native(384 << 10);
        const auto image = example_guest("walker", walk.patches());
        native.machine.storage().put(0, image.data(), static_cast<uint32_t>(image.size()));
        native.machine.restart();
        native.machine.run({100'000, simulation::kNever});
        // Some page: in the even ones the sum is wrong then, the odd ones must not change at all.
        native.machine.storage().put32(0x3000 + 5 * kPage, 1);
        native.machine.run({100'000'000, simulation::kNever});
        CHECK(native.machine.cpu().state().psw.address == 0xDEAD);
        CHECK(native.console == "WALKER: A PAGE HAS OTHER CONTENTS: FAIL\n");
    }
}

TEST_CASE("paging-os notices a page that has changed on its paging store") {
    NativeGuest native(192 << 10);
    const auto image = example_guest("paging-os", {{0x3F0, 20}});
    native.machine.storage().put(0, image.data(), static_cast<uint32_t>(image.size()));
    native.machine.restart();
    native.machine.run({60'000, simulation::kNever});
    // The store lies behind eight frames from X'4000'; of space A all but one half of the pages are out
    // there.
    for (uint32_t page = 1; page <= 16; ++page) {
        const uint32_t at = 0xC000 + page * kPage;
        native.machine.storage().put32(at, native.machine.storage().get32(at) ^ 0x100);
    }
    native.machine.run({kInstructions, simulation::kNever});
    CHECK(native.machine.cpu().state().psw.address == 0xDEAD);
    CHECK(native.console.find("THESE DATA ARE NOT WHAT THEY WERE\nPAGING-OS: SPACE A ENDED BY CODE 0001\n") !=
          std::string::npos);
}

// ---- Handshaking ----

TEST_CASE("a guest that takes pseudo page faults hardly waits for pages") {
    struct Waits {
        uint64_t pages, told;
        SimTime time;
    };
    const auto run = [](bool ask, bool volume = false) {
        const Patches patches = {{0x3F0, 60}, {0x3F4, 3}, {0x3F8, ask}, {0x3E0, 20000}};
        PagingOptions paging;
        if (!volume) paging.devices = {"2305-2"};
        Host host(kMebibyte / 4, "round-robin", "s370-158", 10 * simulation::kMillisecond, paging);
        if (volume) host.page_on("3330");
        VirtualMachine& vm = host.start("g", 512 << 10, example_guest("handshake", patches));
        host.cp.run(100 * kSecond);
        CHECK(vm.state.psw.address == 0);
        CHECK(host.console["g"] == handshake_lines(60, 3, 20000));
        return Waits{vm.page_waits, vm.account.of(Cause::pseudo_page_fault).count, vm.page_waited};
    };
    const Waits untold = run(false), told = run(true);
    CHECK(untold.told == 0);
    CHECK(untold.pages > 200);
    CHECK(told.told > 400);
    CHECK(told.pages * 5 < untold.pages);
    CHECK(told.time * 5 < untold.time);
    const Waits waiting = run(false, true), asking = run(true, true);  // pages on a real disk
    CHECK(waiting.told == 0);
    CHECK(waiting.pages > 200);
    CHECK(asking.told > 400);
    CHECK(asking.pages * 3 < waiting.pages);
    CHECK(asking.time * 3 < waiting.time);
}

}  // namespace vmcp::test
