// A service machine that has the disk, and clients that ask it (examples/guests/service.asm, client.asm):
// killed in the middle of its work, it takes nobody with it, and no byte is lost. And the other way: a driver
// in the control program that fails.
#include <doctest/doctest.h>

#include <random>

#include "simulation/images/fba_image.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/vmcp/guest_pair.hpp"
#include "tests/vmcp/guests/example_guest.hpp"

namespace vmcp::test {
namespace {

using Entry = IucvAuthority::Entry;
namespace images = simulation::images;

constexpr uint32_t kPages = 6;                  // 4096s of each client
const char* const kClients[] = {"ONE", "TWO"};  // copied, mapped
constexpr uint32_t kFirst[] = {1000, 2000};     // blocks, as service.asm has them

/// The service machine with a 3370, two clients, and somebody who has nothing to do with them.
struct Serviced {
    explicit Serviced(const std::string& model = "s370-158")
        : host(4 * simulation::kMebibyte, "round-robin", model) {
        images::create_fba(folder / "disk.fba", 5000).reset();
        simulation::DeviceDescription disk;
        disk.address = 0x350;
        disk.type = "3370";
        disk.file = folder / "disk.fba";
        host.cp.real_io().attach(disk);
        host.machine.channels().test_io(0x350);
        start_service();
        for (unsigned i = 0; i < 2; ++i) {
            VmOptions options;
            options.name = kClients[i];
            options.storage = 32 * 1024;
            options.grants = 4;
            options.iucv.entries.push_back({.name = "service"});
            clients[i] = &start(std::move(options),
                                example_guest("client", {{0x3F0, kPages}, {0x3F4, 2}, {0x3E0, 77 + i}}));
        }
        VmOptions options;
        options.name = "bystander";
        options.storage = 64 * 1024;
        bystander = &start(std::move(options), example_guest("primes"));
    }

    VirtualMachine& start(VmOptions options, const std::vector<uint8_t>& image) {
        VirtualMachine& vm = host.log_on(std::move(options));
        host.cp.load(vm, SecondLevel(0), image);
        host.cp.restart(vm);
        return vm;
    }
    void start_service() {
        VmOptions options;
        options.name = "service";
        options.storage = 16 * 1024;
        options.grants = 4;
        options.iucv.entries.push_back({.whom = Entry::Whom::allow});
        MappedDevice disk;
        disk.address = disk.real = 0x350;
        disk.dedicated = true;
        options.mapped_devices.push_back(disk);
        service = &start(std::move(options), example_guest("service"));
    }
    SimTime now() { return host.machine.cpu().now(); }
    void run_for(SimTime time) { host.cp.run(now() + time); }
    /// Whatever it does; so long later there is another one.
    void kill(SimTime pause) {
        host.cp.log_off(*service);
        CHECK(host.cp.services().grants().mapped() == 0);
        CHECK(host.cp.services().grants().grants() == 0);
        if (pause != 0) run_for(pause);
        start_service();
    }
    bool clients_have_ended() const {
        return clients[0]->status == VmState::stopped && clients[1]->status == VmState::stopped;
    }
    void check_ended() {
        for (unsigned i = 0; i < 2; ++i) {
            CAPTURE(i);
            CHECK(clients[i]->stop == StopReason::disabled_wait);
            CHECK(clients[i]->state.psw.address == 0);
            CHECK(host.console[kClients[i]].find("CLIENT: ALL WELL") == 0);
        }
        CHECK(service->status != VmState::stopped);
        CHECK(host.cp.services().grants().grants() == 0);
        CHECK(host.cp.services().iucv().messages() == 0);
    }
    /// What the disk's file holds of the clients' blocks, read by nobody of them.
    std::vector<uint8_t> contents() {
        host.machine.channels().device(0x350)->mount({});
        const auto disk = images::open_fba(folder / "disk.fba", images::Access::read);
        std::vector<uint8_t> all;
        for (const uint32_t first : kFirst) {
            std::vector<uint8_t> blocks(kPages * kPage);
            disk->read(first, blocks);
            all.insert(all.end(), blocks.begin(), blocks.end());
        }
        return all;
    }

    tests::TemporaryFolder folder;
    Host host;
    VirtualMachine* service = nullptr;
    VirtualMachine* clients[2] = {};
    VirtualMachine* bystander = nullptr;
};

/// What a client writes into one of its 4096s in its last round (client.asm, SEED and FILL).
std::vector<uint8_t> pattern(uint32_t page, uint32_t round, uint32_t key) {
    std::vector<uint8_t> bytes;
    uint32_t word = (((page << 8) + round) << 8) + key;
    for (unsigned i = 0; i < 1024; ++i) {
        word += 0x9E3779B9;
        for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<uint8_t>(word >> shift));
    }
    return bytes;
}

std::vector<uint8_t> expected_contents() {
    std::vector<uint8_t> all;
    for (unsigned i = 0; i < 2; ++i)
        for (uint32_t page = 0; page < kPages; ++page) {
            const auto one = pattern(page, 1, 77 + i);
            all.insert(all.end(), one.begin(), one.end());
        }
    return all;
}

TEST_CASE("a service machine serves one client by copying and one by mapped pages") {
    for (const char* model : {"s370-158", "s370-158-interpretive"}) {
        CAPTURE(model);
        Serviced s(model);
        s.run_for(100 * simulation::kSecond);
        s.check_ended();
        CHECK(s.contents() == expected_contents());
        CHECK(s.host.console["ONE"] == "CLIENT: ALL WELL, PATHS LOST: 00000\n");
        CHECK(s.host.console["service"] == "SERVICE: OPEN\n");
        CHECK(s.bystander->stop == StopReason::disabled_wait);
        // The disk was the service machine's alone: what it took is on its account. One more: the console.
        CHECK(s.service->account.of(Cause::simulated(isa::Op::op_SIO)).count == 2 * 2 * 2 * kPages + 1);
        for (const VirtualMachine* client : s.clients)
            CHECK(client->account.of(Cause::simulated(isa::Op::op_SIO)).count == 1);
    }
}

TEST_CASE("killed at any of a hundred moments, it loses no byte, and nobody else notices but by waiting") {
    SimTime whole = 0;
    {
        Serviced s;
        while (!s.clients_have_ended()) s.run_for(10 * simulation::kMillisecond);
        whole = s.now();
    }
    const auto wanted = expected_contents();
    std::mt19937_64 random(7);
    unsigned lost = 0;
    for (unsigned n = 0; n < 100; ++n) {
        CAPTURE(n);
        Serviced s;
        // Some twice, and some so soon again that it is not up yet.
        for (unsigned kills = 1 + n % 3; kills-- > 0;) {
            s.run_for(static_cast<SimTime>(random() % static_cast<uint64_t>(whole)));
            s.kill(static_cast<SimTime>(random() % 3 * 20) * simulation::kMillisecond);
        }
        s.run_for(100 * simulation::kSecond);
        s.check_ended();
        REQUIRE(s.contents() == wanted);
        CHECK(s.bystander->stop == StopReason::disabled_wait);
        for (const char* client : kClients)
            lost += s.host.console[client].find("LOST: 00000") == std::string::npos ? 1 : 0;
    }
    CHECK(lost > 100);  // most of the moments were in the middle of the work
}

TEST_CASE("a client that is killed while its pages are mapped takes nobody with it") {
    SimTime at = 20 * simulation::kMillisecond;
    unsigned mapped = 0;
    for (unsigned n = 0; n < 40; ++n, at += 7 * simulation::kMillisecond) {
        CAPTURE(n);
        Serviced s;
        s.run_for(at);
        const SecondLevel place(0x3000);  // where service.asm maps
        const GuestStorage& storage = s.service->storage;
        for (unsigned ms = 0; ms < 1000 && !storage.borrowed(place); ++ms)
            s.run_for(simulation::kMillisecond);
        s.run_for(static_cast<SimTime>(n % 8) * simulation::kMillisecond);
        const uint32_t frame = storage.borrowed(place) ? storage.locate(place)->value : 0;
        s.host.cp.log_off(*s.clients[1]);
        CHECK(s.host.cp.services().grants().mapped() == 0);
        if (frame != 0) {
            // The channel program that used it has been taken back: nothing is stored there any more.
            ++mapped;
            CHECK_FALSE(storage.locked(place));
            s.host.machine.storage().put32(frame, 0x12345678);
            s.run_for(60 * simulation::kMillisecond);
            if (s.host.cp.frames().frame(FirstLevel(frame)).owner == nullptr)
                CHECK(s.host.machine.storage().get32(frame) == 0x12345678);
        }
        s.run_for(100 * simulation::kSecond);
        CHECK(s.clients[0]->stop == StopReason::disabled_wait);
        CHECK(s.clients[0]->state.psw.address == 0);
        CHECK(s.service->status != VmState::stopped);
        CHECK(s.host.cp.services().grants().grants() == 0);
        const auto contents = s.contents(), wanted = expected_contents();
        REQUIRE(std::equal(wanted.begin(), wanted.begin() + kPages * kPage, contents.begin()));
    }
    CHECK(mapped > 5);
}

/// What tworings.asm leaves on its disk.
std::vector<uint8_t> ring_contents() {
    std::vector<uint8_t> bytes;
    for (uint32_t page = 0; page < kPages; ++page)
        for (uint32_t i = 1; i <= 1024; ++i)
            for (int shift = 24; shift >= 0; shift -= 8)
                bytes.push_back(static_cast<uint8_t>((page + i * 0x9E3779B9) >> shift));
    return bytes;
}

TEST_CASE("one guest, two back ends: its ring is served by the control program") {
    tests::TemporaryFolder folder;
    Host host;
    images::create_fba(folder / "ring.fba", 1000).reset();
    simulation::DeviceDescription disk;
    disk.address = 0x351;
    disk.type = "3370";
    disk.file = folder / "ring.fba";
    host.cp.real_io().attach(disk);
    host.machine.channels().test_io(0x351);
    VmOptions options;
    options.name = "ring";
    options.storage = 16 * 1024;
    MappedDevice mapped;
    mapped.address = 0x191;
    mapped.real = 0x351;
    mapped.dedicated = true;
    options.mapped_devices.push_back(mapped);
    RingDescription ring;
    ring.kind = RingKind::block;
    ring.disk = 0x191;
    options.rings.push_back(ring);
    VirtualMachine& vm = host.log_on(std::move(options));
    host.cp.load(vm, SecondLevel(0), example_guest("tworings", {{0x3F4, kPages}}));
    host.cp.restart(vm);
    host.cp.run(100 * simulation::kSecond);
    CHECK(vm.stop == StopReason::disabled_wait);
    CHECK(vm.state.psw.address == 0);
    host.machine.channels().device(0x351)->mount({});
    std::vector<uint8_t> blocks(kPages * kPage);
    images::open_fba(folder / "ring.fba", images::Access::read)->read(0, blocks);
    CHECK(blocks == ring_contents());
}

TEST_CASE(
    "one guest, two back ends: its ring is served over the bus, whose other end is killed at any moment") {
    std::mt19937_64 random(8);
    for (unsigned n = 0; n < 30; ++n) {
        CAPTURE(n);
        Serviced s;
        VirtualMachine* guests[2];
        for (unsigned i = 0; i < 2; ++i) {
            VmOptions options;
            options.name = i == 0 ? "THREE" : "FOUR";  // copied, mapped
            options.storage = 16 * 1024;
            options.grants = 2;
            options.iucv.entries.push_back({.name = "service"});
            guests[i] =
                &s.start(std::move(options), example_guest("tworings", {{0x3F0, 2}, {0x3F4, kPages}}));
        }
        for (unsigned kills = n % 4; kills-- > 0;) {
            s.run_for(static_cast<SimTime>(random() % (800 * simulation::kMillisecond)));
            s.kill(static_cast<SimTime>(random() % 3 * 20) * simulation::kMillisecond);
        }
        s.run_for(100 * simulation::kSecond);
        s.check_ended();
        for (const VirtualMachine* guest : guests) {
            CHECK(guest->stop == StopReason::disabled_wait);
            CHECK(guest->state.psw.address == 0);
        }
        REQUIRE(s.contents() == expected_contents());
        const auto disk = images::open_fba(s.folder / "disk.fba", images::Access::read);
        std::vector<uint8_t> blocks(kPages * kPage);
        for (const uint32_t first : {3000u, 4000u}) {
            disk->read(first, blocks);
            REQUIRE(blocks == ring_contents());
        }
    }
}

}  // namespace
}  // namespace vmcp::test
