// Property tests of guests whose translation tables are nonsense: they see what they would see on a bare
// machine, and never a frame that is not theirs.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "tests/vmcp/guest_pair.hpp"
#include "tests/vmcp/storage/wild_tables.hpp"

namespace vmcp::test {
namespace {

struct Setting {
    const char* name;
    GuestTranslation translation;
    unsigned shadow_sets;
    StorageKind kind;
    uint32_t real_storage;
};

constexpr Setting kSettings[] = {
    {"shadow, one set", GuestTranslation::shadow, 1, StorageKind::paged, simulation::kMebibyte},
    {"shadow, 4 sets", GuestTranslation::shadow, 4, StorageKind::paged, simulation::kMebibyte},
    {"shadow, V=R", GuestTranslation::shadow, 4, StorageKind::real, simulation::kMebibyte},
    {"shadow, paged", GuestTranslation::shadow, 4, StorageKind::paged, 34 * kPage},
    {"nested", GuestTranslation::nested, 4, StorageKind::paged, simulation::kMebibyte},
    {"nested, V=Resident", GuestTranslation::nested, 4, StorageKind::resident, simulation::kMebibyte},
    {"nested, paged", GuestTranslation::nested, 4, StorageKind::paged, 34 * kPage},
};

/// A secret that no address, register or entry of the generator resembles.
constexpr uint32_t kSecret = 0x5EC2E7A5;

struct Pair {
    explicit Pair(const Setting& setting)
        : host(setting.real_storage, "round-robin", "s370-158-nested", simulation::kMillisecond,
               {"clock", {"2305-2", "3330-1"}},
               setting.kind == StorageKind::real ? WildTables::kStorage : 0) {
        VmOptions options;
        options.name = "wild";
        options.storage = WildTables::kStorage;
        options.storage_kind = setting.kind;
        options.translation = setting.translation;
        options.shadow_sets = setting.shadow_sets;
        wild = &host.log_on(std::move(options));
        victim = &host.log_on("victim", 64 * 1024);
        std::vector<uint8_t> secret;
        for (uint32_t i = 0; i < 64 * 1024 / 4; ++i)
            for (int shift = 24; shift >= 0; shift -= 8)
                secret.push_back(static_cast<uint8_t>(kSecret >> shift));
        host.cp.load(*victim, SecondLevel(0), secret);
    }
    EndState run(const std::vector<uint8_t>& image) {
        host.cp.load(*wild, SecondLevel(0), image);
        host.cp.restart(*wild);
        host.cp.run(60 * simulation::kSecond);
        return host.end_state(*wild);
    }
    bool victim_is_intact() const {
        for (uint32_t a = 0; a < 64 * 1024; a += 4)
            if (victim->storage.peek32(SecondLevel(a)) != kSecret) return false;
        return true;
    }
    Host host;
    VirtualMachine* wild;
    VirtualMachine* victim;
};

bool knows_the_secret(const EndState& e) {
    if (std::find(e.state.gpr.begin(), e.state.gpr.end(), kSecret) != e.state.gpr.end()) return true;
    constexpr uint8_t kBytes[] = {kSecret >> 24, kSecret >> 16 & 0xFF, kSecret >> 8 & 0xFF, kSecret & 0xFF};
    return std::search(e.storage.begin(), e.storage.end(), std::begin(kBytes), std::end(kBytes)) !=
           e.storage.end();
}

TEST_CASE("guests with nonsensical tables see what they see alone") {
    for (const Setting& setting : kSettings) {
        CAPTURE(setting.name);
        unsigned compared = 0;
        uint64_t shadow_faults = 0;
        for (uint64_t seed = 1; seed <= 60; ++seed) {
            const WildTables program(seed, false);
            NativeGuest native(WildTables::kStorage);
            const EndState alone = native.run(program.image(), 20'000);
            if (!alone.is_comparable()) continue;
            Pair pair(setting);
            const std::string how = difference(alone, pair.run(program.image()));
            CHECK_MESSAGE(how.empty(), fmt::format("seed {}: {}", seed, how));
            CHECK(pair.victim_is_intact());
            shadow_faults += pair.wild->account.of(Cause::shadow_fill).count;
            ++compared;
        }
        CHECK(compared > 30);
        if (setting.translation == GuestTranslation::shadow) CHECK(shadow_faults > 500);
    }
}

TEST_CASE("guests that change such tables as they like never see another's frame") {
    for (const Setting& setting : kSettings) {
        CAPTURE(setting.name);
        for (uint64_t seed = 1000; seed < 1060; ++seed) {
            const WildTables program(seed, true);
            Pair pair(setting);
            const EndState end = pair.run(program.image());
            CHECK_MESSAGE(!knows_the_secret(end), fmt::format("seed {}", seed));
            CHECK_MESSAGE(pair.victim_is_intact(), fmt::format("seed {}", seed));
        }
    }
}

}  // namespace
}  // namespace vmcp::test
