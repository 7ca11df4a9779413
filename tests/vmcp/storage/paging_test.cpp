// Demand paging: the devices' arithmetic, the replacement policies, and that a guest whose storage comes and
// goes does what it does on a bare machine.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tests/vmcp/guest_pair.hpp"
#include "tests/vmcp/random_program.hpp"

namespace vmcp::test {
namespace {

using simulation::kMicrosecond;
using simulation::kMillisecond;

PagingOptions drum_and_disk(const std::string& replacement = "clock") {
    return {replacement, {"2305-2", "3330-1"}};
}

// ---- Devices ----

TEST_CASE("a drum has no seek: rotation and transfer") {
    // 2305-2: 10 ms a revolution, 14,660 bytes a track (three pages), 1.5 MB a second, 768 tracks.
    PagingDevice drum(simulation::MachineModel::load("s370-158"), "2305-2");
    CHECK(drum.slots() == 768 * 3);
    CHECK(!drum.moving_arm());
    const SimTime transfer = SimTime{4096} * simulation::kSecond / 1'500'000;
    CHECK(drum.transfer(0, 0) == transfer);  // slot 0 is under the heads at time 0
    // Slot 2 begins at two thirds of a revolution.
    CHECK(drum.transfer(2, transfer) == 10 * kMillisecond * 2 / 3 + transfer);
    // Slot 1 of another track has just passed: it comes round in the next revolution, at a third of it.
    CHECK(drum.transfer(4, 9 * kMillisecond) == 10 * kMillisecond + 10 * kMillisecond / 3 + transfer);
    // The next request waits for the one before, although it is asked for earlier.
    CHECK(drum.transfer(0, 0) == 20 * kMillisecond + transfer);
    CHECK(drum.transfers() == 4);
}

TEST_CASE("a disk moves its arm first") {
    // 3330-1: seeks 10 to 55 ms over 404 cylinders of 19 tracks of three pages, 16.7 ms a revolution.
    PagingDevice disk(simulation::MachineModel::load("s370-158"), "3330-1");
    CHECK(disk.slots() == 404 * 19 * 3);
    CHECK(disk.moving_arm());
    const SimTime transfer = SimTime{4096} * simulation::kSecond / 806'000;
    CHECK(disk.transfer(0, 0) == transfer);
    const uint32_t next_cylinder = 19 * 3, last_cylinder = 403 * 19 * 3;
    const SimTime begin = 1000 * 16'700 * kMicrosecond;  // slot 0 is under the heads
    CHECK(disk.transfer(next_cylinder, begin) == begin + 16'700 * kMicrosecond + transfer);
    // Back to the first and out to the last: 55 ms, and then the beginning of the fourth revolution.
    disk.transfer(0, 2 * begin);
    CHECK(disk.transfer(last_cylinder, 3 * begin) == 3 * begin + 4 * 16'700 * kMicrosecond + transfer);
}

TEST_CASE("a paging device gives out every slot once, and then none") {
    PagingDevice drum(simulation::MachineModel::load("s370-158"), "2305-2");
    std::set<uint32_t> slots;
    for (uint32_t i = 0; i < drum.slots(); ++i) CHECK(slots.insert(*drum.allocate()).second);
    CHECK(!drum.allocate());
    drum.release(77);
    CHECK(drum.allocate() == 77);
    CHECK_THROWS_AS(PagingDevice(simulation::MachineModel::load("s370-158"), "1403"), std::out_of_range);
    CHECK_THROWS_AS(PagingDevice(simulation::MachineModel::load("s370-158"), "9999"), std::out_of_range);
}

// ---- Replacement ----

struct Frames final : FrameView {
    std::set<uint32_t> fixed, referenced;
    bool may_be_taken(uint32_t frame) override { return !fixed.contains(frame); }
    bool test_and_reset_reference(uint32_t frame) override { return referenced.erase(frame) != 0; }
};

std::vector<uint32_t> choices(PageReplacement& policy, Frames& frames, unsigned n) {
    std::vector<uint32_t> chosen;
    policy.begin_choosing(frames);
    for (unsigned i = 0; i < n; ++i) {
        const auto frame = policy.choose(frames);
        if (!frame) break;
        policy.left(*frame);
        chosen.push_back(*frame);
    }
    return chosen;
}

TEST_CASE("the clock gives what was referenced a second chance") {
    const auto policy = make_page_replacement("clock", 5);
    Frames frames;
    for (uint32_t f : {0u, 1u, 2u, 3u}) policy->arrived(f);
    frames.referenced = {0, 2};
    frames.fixed = {3};
    CHECK(choices(*policy, frames, 1) == std::vector<uint32_t>{1});
    CHECK(choices(*policy, frames, 2) == std::vector<uint32_t>{0, 2});
    CHECK(choices(*policy, frames, 1).empty());
}

TEST_CASE("fifo looks at nothing but the order of arrival") {
    const auto policy = make_page_replacement("fifo", 5);
    Frames frames;
    for (uint32_t f : {3u, 1u, 4u, 0u}) policy->arrived(f);
    frames.referenced = {3, 1};
    frames.fixed = {4};
    CHECK(choices(*policy, frames, 4) == std::vector<uint32_t>{3, 1, 0});
}

TEST_CASE("lru gives up what was not referenced for longest") {
    const auto policy = make_page_replacement("lru", 5);
    Frames frames;
    for (uint32_t f : {0u, 1u, 2u, 3u}) policy->arrived(f);
    frames.referenced = {0, 1};
    CHECK(choices(*policy, frames, 1) == std::vector<uint32_t>{2});
    frames.referenced = {3};
    CHECK(choices(*policy, frames, 3) == std::vector<uint32_t>{0, 1, 3});
    CHECK(make_page_replacement("random", 5) == nullptr);
}

// ---- Equivalence ----

struct Setting {
    std::string name;
    bool translating = false;
    uint32_t real_storage = 0;
    PagingOptions paging = {};
    StorageKind kind = StorageKind::paged;
    unsigned neighbours = 0;
    GuestTranslation translation = GuestTranslation::shadow;
    std::string volume = {};  // the type of a paging volume on a real channel; empty: there is none
    QueueOrder order = QueueOrder::arrival;
};

struct Seen {
    unsigned compared = 0;
    uint64_t reads = 0, writes = 0;
    uint64_t waits = 0;
};

Seen compare(const Setting& setting, uint64_t first, uint64_t last) {
    CAPTURE(setting.name);
    Seen seen;
    for (uint64_t seed = first; seed <= last; ++seed) {
        const RandomProgram program(seed, setting.translating);
        NativeGuest native(kProgramStorage);
        const EndState alone = native.run(program.image(), 20'000);
        if (!alone.is_comparable()) continue;
        const bool nested = setting.translation == GuestTranslation::nested;
        Host host(setting.real_storage, "round-robin", nested ? "s370-158-nested" : "s370-158", kMillisecond,
                  setting.paging, setting.kind == StorageKind::real ? kProgramStorage : 0);
        if (!setting.volume.empty()) host.page_on(setting.volume, setting.order);
        std::vector<VirtualMachine*> vms;
        for (unsigned i = 0; i <= setting.neighbours; ++i) {
            VmOptions options;
            options.name = fmt::format("vm{}", i);
            options.storage = kProgramStorage;
            options.storage_kind = setting.kind;
            options.translation = setting.translation;
            vms.push_back(&host.log_on(std::move(options)));
            host.cp.load(*vms.back(), SecondLevel(0), program.image());
        }
        for (VirtualMachine* vm : vms) host.cp.restart(*vm);
        host.cp.run(100 * simulation::kSecond);
        for (VirtualMachine* vm : vms) {
            const std::string how = difference(alone, host.end_state(*vm));
            if (!how.empty()) {
                // A program that overwrites itself while it is interrupted tells time (equivalence_test.cpp).
                NativeGuest slower(kProgramStorage, "unit");
                if (!difference(alone, slower.run(program.image(), 20'000)).empty()) continue;
                FAIL_CHECK(fmt::format("{}, seed {}, {}: {}", setting.name, seed, vm->options.name, how));
                return seen;
            }
            seen.waits += vm->page_waits;
        }
        ++seen.compared;
        seen.reads += host.cp.pager().counts().reads;
        seen.writes += host.cp.pager().counts().writes;
    }
    return seen;
}

TEST_CASE("random programs do as a paged guest what they do alone") {
    // 16 pages of nucleus, a few of tables, and less than the 16 pages that each of the guests has.
    for (const char* replacement : {"clock", "lru", "fifo"})
        for (bool translating : {false, true}) {
            const Setting setting{fmt::format("{}{}", replacement, translating ? ", translating" : ""),
                                  translating,
                                  30 * kPage,
                                  drum_and_disk(replacement),
                                  StorageKind::paged,
                                  1};
            const Seen seen = compare(setting, 1, 60);
            CHECK(seen.compared > 30);
            CHECK(seen.reads > 50);
            CHECK(seen.writes > 50);
            CHECK(seen.waits > 50);
        }
}

TEST_CASE("random programs do the same while their pages are on a real disk") {
    struct Volume {
        const char* type;
        QueueOrder order;
    };
    for (const Volume& volume :
         {Volume{"3330", QueueOrder::arrival}, Volume{"3350", QueueOrder::cylinder},
          Volume{"2314", QueueOrder::cylinder}, Volume{"3340-70", QueueOrder::arrival}})
        for (bool translating : {false, true}) {
            const Setting setting{fmt::format("{}{}", volume.type, translating ? ", translating" : ""),
                                  translating,
                                  30 * kPage,
                                  {"clock", {}},
                                  StorageKind::paged,
                                  1,
                                  GuestTranslation::shadow,
                                  volume.type,
                                  volume.order};
            const Seen seen = compare(setting, 1, 60);
            CHECK(seen.compared > 30);
            CHECK(seen.reads > 50);
            CHECK(seen.writes > 50);
            CHECK(seen.waits > 50);
        }
}

TEST_CASE("random programs do under nested translation what they do alone") {
    const Setting roomy{"nested",           true, simulation::kMebibyte,   {},
                        StorageKind::paged, 0,    GuestTranslation::nested};
    CHECK(compare(roomy, 1, 400).compared > 200);
    for (StorageKind kind : {StorageKind::resident, StorageKind::real}) {
        Setting setting = roomy;
        setting.kind = kind;
        CHECK(compare(setting, 1, 60).compared > 30);
    }
    const Setting tight{"nested, paged",         true, 30 * kPage, drum_and_disk(), StorageKind::paged, 1,
                        GuestTranslation::nested};
    const Seen seen = compare(tight, 1, 60);
    CHECK(seen.compared > 30);
    CHECK(seen.reads > 50);
    CHECK(seen.waits > 50);
}

TEST_CASE("a machine without nested translation refuses it") {
    Host host;
    VmOptions options;
    options.name = "alpha";
    options.translation = GuestTranslation::nested;
    CHECK_THROWS_AS(host.log_on(std::move(options)), std::runtime_error);
}

TEST_CASE("random programs do as V=Resident and V=R guests what they do alone") {
    for (StorageKind kind : {StorageKind::resident, StorageKind::real})
        for (bool translating : {false, true}) {
            const Setting setting{fmt::format("{}{}", name_of(kind), translating ? ", translating" : ""),
                                  translating, simulation::kMebibyte, drum_and_disk(), kind};
            const Seen seen = compare(setting, 1, 150);
            CHECK(seen.compared > 80);
            CHECK(seen.reads == 0);
            CHECK(seen.waits == 0);
        }
}

TEST_CASE("a V=R guest lies at its real addresses, a V=Resident one at a constant distance") {
    const std::vector<uint8_t> image(3 * kPage, 0x07);
    Host host(simulation::kMebibyte, "round-robin", "s370-158", kMillisecond, drum_and_disk(), 64 * 1024);
    VmOptions options;
    options.name = "real";
    options.storage = 64 * 1024;
    options.storage_kind = StorageKind::real;
    VirtualMachine& real = host.log_on(options);
    options.name = "resident";
    options.storage_kind = StorageKind::resident;
    VirtualMachine& resident = host.log_on(options);
    for (uint32_t a = kPage; a < 64 * 1024; a += kPage)
        CHECK(real.storage.locate(SecondLevel(a))->value == a);
    CHECK(real.storage.locate(SecondLevel(0))->value == 64 * 1024);
    const uint32_t alpha = resident.storage.locate(SecondLevel(0))->value;
    CHECK(alpha > 64 * 1024);
    for (uint32_t a = 0; a < 64 * 1024; a += kPage)
        CHECK(resident.storage.locate(SecondLevel(a))->value == a + alpha);
    options.name = "another";
    options.storage_kind = StorageKind::real;
    options.storage = 32 * 1024;
    CHECK_THROWS_AS(host.log_on(options), std::runtime_error);
    options.storage_kind = StorageKind::resident;
    options.storage = 1024 * 1024;
    CHECK_THROWS_AS(host.log_on(options), std::runtime_error);
}

// ---- What stays ----

struct Squeezed {
    Squeezed() : host(40 * kPage, "round-robin", "s370-158", kMillisecond, drum_and_disk()) {}
    VirtualMachine& vm(const std::string& name, uint32_t reserved = 0,
                       std::vector<std::pair<uint32_t, uint32_t>> locked = {}) {
        VmOptions options;
        options.name = name;
        options.storage = 256 * 1024;
        options.reserved_pages = reserved;
        options.locked_pages = std::move(locked);
        return host.log_on(std::move(options));
    }
    /// Touches every page of a machine, as a loader does.
    void touch(VirtualMachine& vm, uint8_t with) {
        for (uint32_t page = 0; page < 64; ++page)
            host.cp.load(vm, SecondLevel(page * kPage),
                         std::vector<uint8_t>(8, static_cast<uint8_t>(with + page)));
    }
    Host host;
};

TEST_CASE("contents, keys and use bits come back from the paging device") {
    Squeezed s;
    VirtualMachine& a = s.vm("a");
    VirtualMachine& b = s.vm("b");
    s.touch(a, 1);
    for (uint32_t block = 0; block < 128; ++block)
        a.storage.set_key(SecondLevel(block * 2048),
                          static_cast<uint8_t>(block % 16 << 4 | (block % 8) << 1));
    s.touch(b, 100);
    CHECK(a.storage.resident_pages() < 30);
    CHECK(s.host.cp.pager().counts().writes >= 64);
    for (uint32_t page = 0; page < 64; ++page) {
        CHECK(a.storage.peek32(SecondLevel(page * kPage)) == 0x01010101 * (1 + page));
        a.storage.resident(SecondLevel(page * kPage));
        CHECK(a.storage.peek32(SecondLevel(page * kPage)) == 0x01010101 * (1 + page));
    }
    for (uint32_t block = 0; block < 128; ++block)
        CHECK(a.storage.key(SecondLevel(block * 2048)) == (block % 16 << 4 | (block % 8) << 1));
}

TEST_CASE("locked and reserved pages are not taken away") {
    Squeezed s;
    VirtualMachine& locked = s.vm("locked", 0, {{2, 4}});
    VirtualMachine& reserved = s.vm("reserved", 6);
    VirtualMachine& greedy = s.vm("greedy");
    for (uint32_t page = 0; page < 6; ++page) {
        locked.storage.resident(SecondLevel(page * kPage));
        reserved.storage.resident(SecondLevel(page * kPage));
    }
    s.touch(greedy, 1);
    CHECK(locked.storage.resident_pages() == 3);
    for (uint32_t page : {2, 3, 4}) CHECK(locked.storage.locate(SecondLevel(page * kPage)));
    CHECK(reserved.storage.resident_pages() == 6);
    CHECK(!greedy.storage.exhausted());
}

TEST_CASE("a discarded page is zeroes again, and its slot is free") {
    Squeezed s;
    VirtualMachine& a = s.vm("a");
    s.touch(a, 1);
    const uint32_t in_use = s.host.cp.pager().devices()[0]->slots_in_use();
    CHECK(in_use > 0);
    for (uint32_t page = 0; page < 64; ++page) a.storage.discard(SecondLevel(page * kPage));
    CHECK(s.host.cp.pager().devices()[0]->slots_in_use() == 0);
    CHECK(a.storage.resident_pages() == 0);
    CHECK(a.storage.peek32(SecondLevel(5 * kPage)) == 0);
    a.storage.resident(SecondLevel(5 * kPage));
    CHECK(a.storage.peek32(SecondLevel(5 * kPage)) == 0);
}

TEST_CASE("without a paging device real storage is exhausted, and only that machine is stopped") {
    Host host(40 * kPage);
    VirtualMachine& a = host.log_on("a", 256 * 1024);
    uint32_t page = 0;
    while (page < 64 && a.storage.try_resident(SecondLevel(page * kPage))) ++page;
    CHECK(page < 24);
    CHECK(a.storage.exhausted());
}

}  // namespace
}  // namespace vmcp::test
