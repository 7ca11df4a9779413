// Hostile channel programs on every kind of device and in every way of I/O, beside a neighbour that looks
// whether it still reads what it wrote. What is not the attacker's holds a marker, which must stay where it
// is and appear nowhere else. VMCP_OPERATIONS: how many programs in each setting.
#include <doctest/doctest.h>

#include <cstdlib>
#include <set>

#include "simulation/images/ckd_image.hpp"
#include "simulation/images/fba_image.hpp"
#include "simulation/images/tape_image.hpp"
#include "tests/vmcp/io/io_host.hpp"
#include "tests/vmcp/io/marker.hpp"
#include "tests/vmcp/io/random_channel_program.hpp"

namespace vmcp::test {
namespace {

using conformance::Random;

constexpr uint32_t kFirst = 100, kCount = 200, kBlocks = 400;
constexpr uint16_t kNeighboursDisk = 0x250, kFurtherDisk = 0x258;
/// Where a minidisk in three pieces lies: two on the neighbour's disk, and one on the further disk.
constexpr uint32_t kFirstPiece = 70, kFurtherPiece = 50, kLastPiece = kCount - kFirstPiece - kFurtherPiece,
                   kFurtherFirst = 30, kLastFirst = kFirst + 80;

struct Setting {
    std::string name;
    std::vector<uint16_t> devices;  // of the attacker
    std::string type;               // of a real one
    ProgramKind kind = ProgramKind::plain;
    StorageKind storage = StorageKind::paged;
    WayOfIo way = WayOfIo::translation;
    bool minidisk = false;        // beside that of the neighbour
    bool pieces = false;          // in three pieces
    IoMappingStrategy mapping{};  // of a translating channel
    bool unsafe = false;          // of the direct way
};

constexpr auto kByProgram = IoMappingStrategy::per_program, kCached = IoMappingStrategy::per_program_cached;

Setting by_program(Setting setting, IoMappingStrategy mapping) {
    setting.mapping = mapping;
    return setting;
}

const std::vector<Setting>& settings() {
    static constexpr auto kDisk = ProgramKind::count_key_data, kFixed = ProgramKind::fixed_block,
                          kTape = ProgramKind::tape, kPlain = ProgramKind::plain;
    static constexpr auto kPaged = StorageKind::paged, kResident = StorageKind::resident,
                          kReal = StorageKind::real;
    static constexpr auto kTranslation = WayOfIo::translation, kFast = WayOfIo::fast,
                          kDirect = WayOfIo::direct, kThrough = WayOfIo::translating_channel;
    static const std::vector<Setting> all = {
        {"3370 minidisk", {kDevice}, "3370", kFixed, kPaged, kTranslation, true},
        {"3370 minidisk, fast", {kDevice}, "3370", kFixed, kPaged, kFast, true},
        {"3370 minidisk, V=Resident", {kDevice}, "3370", kFixed, kResident, kFast, true},
        {"3370 minidisk in pieces", {kDevice}, "3370", kFixed, kPaged, kTranslation, true, true},
        {"3370, V=R, direct", {kDevice}, "3370", kFixed, kReal, kDirect},
        {"3370, translating channel", {kDevice}, "3370", kFixed, kPaged, kThrough},
        {"3330, V=R, direct", {kDevice}, "3330", kDisk, kReal, kDirect},
        {"3330, V=Resident, direct", {kDevice}, "3330", kDisk, kResident, kDirect},
        {"3330, translating channel", {kDevice}, "3330", kDisk, kPaged, kThrough},
        {"3330, fast", {kDevice}, "3330", kDisk, kPaged, kFast},
        {"3330, V=R, translating channel", {kDevice}, "3330", kDisk, kReal, kThrough},
        by_program({"3330, mapped by program", {kDevice}, "3330", kDisk, kPaged, kThrough}, kByProgram),
        by_program({"3330, mapped by program, cached", {kDevice}, "3330", kDisk, kPaged, kThrough}, kCached),
        by_program({"3370, V=Resident, mapped by program", {kDevice}, "3370", kFixed, kResident, kThrough},
                   kByProgram),
        by_program({"3420, mapped by program, cached", {kDevice}, "3420", kTape, kPaged, kThrough}, kCached),
        {"3420", {kDevice}, "3420", kTape, kPaged, kTranslation},
        {"3420, V=R, direct", {kDevice}, "3420", kTape, kReal, kDirect},
        {"3420, translating channel", {kDevice}, "3420", kTape, kPaged, kThrough},
        {"console, unit record and channel-to-channel adapter",
         {0x009, 0x00C, 0x00D, 0x00E, 0x500, 0x501},
         "",
         kPlain},
        {"the same, V=R", {0x009, 0x00C, 0x00D, 0x00E, 0x500, 0x501}, "", kPlain, kReal},
    };
    return all;
}

class Scene {
  public:
    explicit Scene(const Setting& setting);

    VirtualMachine& attacker() { return *attacker_; }
    IoHost host;

    void put(const RandomProgram& program, Random& random);
    /// Time goes on to the next event. A program in several requests is translated several times.
    void step() {
        host.step();
        note_areas();
    }
    void start_neighbour() { CHECK(host.start(*neighbour_, 0x100).condition_code == 0); }
    /// What it then finds wrong; empty: nothing.
    std::string neighbours_complaint();
    /// False where somebody waits for what will never come. A program without end is stopped by its machine.
    bool settle();
    /// Where storage that is not the attacker's has changed, or the marker has come to it; empty: nowhere.
    std::string storage_damage();
    std::string disk_damage() {
        const std::string found = disk_damage(disk_);
        return found.empty() && setting_.pieces ? disk_damage(further_disk_) : found;
    }
    /// CCWs that channels have carried out.
    uint64_t ccws() { return host.machine.channels().use().ccws + attacker_->io.channels.use().ccws; }

  private:
    bool is_own(uint32_t real);
    void note_areas();
    bool attacker_works();
    bool works(VirtualMachine& vm, uint16_t device) {
        return vm.io.channels.working(device) || vm.io.channels.device_end_due(device);
    }
    std::string make_medium();
    void make_disk(const std::string& path) const;
    bool is_attackers(const std::string& path, uint32_t block) const;
    std::string disk_damage(const std::string& path);

    const Setting setting_;
    simulation::TemporaryDirectory folder_{"vmcp-hostile"};
    std::string disk_;  // the neighbour's
    std::string further_disk_;
    VirtualMachine *attacker_ = nullptr, *neighbour_ = nullptr;
    std::set<uint32_t> areas_;  // frames in which channel programs are translated: given back in between
    Bytes before_;
    bool marked_card_ = false;
};

/// Of the attacker's own device; of a minidisk there is the neighbour's disk.
std::string Scene::make_medium() {
    const std::string path = (folder_.path() / "own.aws").string();
    if (setting_.type == "3370") simulation::images::create_fba(path, kCount);
    if (setting_.type == "3330")
        simulation::images::create_ckd(path, *simulation::images::disk_geometry("3330"), 5, {});
    if (setting_.type == "3420") {
        const auto tape = simulation::images::TapeImage::create(path, simulation::images::Compression::none);
        for (unsigned block = 0; block < 30; ++block) tape->write(Bytes(20 + 7 * block));
    }
    return path;
}

/// Whether the block of the real disk is the attacker's.
bool Scene::is_attackers(const std::string& path, uint32_t block) const {
    const auto within = [block](uint32_t first, uint32_t count) {
        return block >= first && block < first + count;
    };
    if (!setting_.minidisk) return false;
    if (!setting_.pieces) return within(kFirst, kCount);
    if (path == further_disk_) return within(kFurtherFirst, kFurtherPiece);
    return within(kFirst, kFirstPiece) || within(kLastFirst, kLastPiece);
}

/// The attacker's blocks hold zeros, all others the marker.
void Scene::make_disk(const std::string& path) const {
    const auto image = simulation::images::create_fba(path, kBlocks);
    for (uint32_t block = 0; block < kBlocks; ++block)
        image->write(block, Bytes(512, is_attackers(path, block) ? 0 : kMarker));
}

Scene::Scene(const Setting& setting)
    : host(2 * simulation::kMebibyte, setting.storage == StorageKind::real ? kTwinStorage : 0),
      setting_(setting),
      disk_((folder_.path() / "neighbour").string()),
      further_disk_((folder_.path() / "further").string()) {
    make_disk(disk_);
    simulation::DeviceDescription device;
    device.address = kNeighboursDisk;
    device.type = "3370";
    device.file = disk_;
    host.cp.real_io().attach(device);
    MappedDevice mapped;
    mapped.address = kDevice;
    mapped.real = kNeighboursDisk;
    VmOptions options;
    options.name = "attacker";
    options.storage = kTwinStorage;
    options.storage_kind = setting.storage;
    if (!setting.type.empty()) {
        mapped.first = kFirst;
        mapped.count = kCount;
        mapped.way = setting.way;
        mapped.mapping = setting.mapping;
        mapped.mapped_pages = 6;
        mapped.unsafe = setting.unsafe;
        if (setting.pieces) {
            make_disk(further_disk_);
            device.address = kFurtherDisk;
            device.file = further_disk_;
            host.cp.real_io().attach(device);
            mapped.count = kFirstPiece;
            mapped.further = {{kFurtherDisk, kFurtherFirst, kFurtherPiece},
                              {kNeighboursDisk, kLastFirst, kLastPiece}};
        }
        if (!setting.minidisk) {
            device = {};
            device.address = mapped.real = kDevice;
            device.type = setting.type;
            device.file = make_medium();
            host.cp.real_io().attach(device);
            mapped.dedicated = true;
        }
        options.mapped_devices = {mapped};
    } else {
        for (const uint16_t address : {0x500, 0x501}) {
            device = {};
            device.address = address;
            device.type = "CTCA";
            if (address == 0x501) device.couple = 0x500;
            options.devices.push_back(device);
        }
    }
    VmOutput output;
    output.punch = [this](uint16_t, const simulation::Card& card) {
        marked_card_ = marked_card_ || has_marker(card);
    };
    attacker_ = &host.cp.log_on(std::move(options), std::move(output));
    mapped = {.address = kDevice, .real = kNeighboursDisk, .first = kFirst + kCount, .count = 50};
    neighbour_ = &host.log_on("neighbour", StorageKind::paged, {mapped});
    for (VirtualMachine* vm : {attacker_, neighbour_})
        put_storage(*vm, 0, Bytes(kTwinStorage, vm == attacker_ ? 0 : kMarker));
    if (setting.way == WayOfIo::translating_channel) {  // has its I/O tables made
        put_storage(*attacker_, 0x100, Bytes{3, 0, 0, 0, 0x20, 0, 0, 1});
        host.start(*attacker_, 0x100);
        settle();
        put_storage(*attacker_, 0x100, Bytes(8));
    }
    // The free frames, as the ones of others.
    for (uint32_t a = kPage; a < host.machine.storage().size(); a += kPage) {
        uint8_t* const frame = host.machine.storage().at(a);
        if (std::all_of(frame, frame + kPage, [](uint8_t byte) { return byte == 0; }) && !is_own(a))
            std::memset(frame, kMarker, kPage);
    }
    // Block 7 of its minidisk.
    put_storage(*neighbour_, 0x100,
                Bytes{0x63, 0, 1, 0x40, 0x40, 0, 0, 16, 0x43, 0, 1, 0x50, 0x40, 0, 0, 8,  //
                      0x42, 0, 2, 0,    0,    0, 2, 0});
    put_storage(*neighbour_, 0x140,
                Bytes{0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 1, 0, 0, 0, 0});
    settle();
    while (attacker_->io.channels.take_first(~0u)) continue;
    while (neighbour_->io.channels.take(kDevice)) continue;
    before_.assign(host.machine.storage().at(0),
                   host.machine.storage().at(0) + host.machine.storage().size());
}

void Scene::note_areas() {
    for (VirtualMachine* vm : {attacker_, neighbour_})
        for (const RelayedSubchannel* one : vm->io.all_relayed())
            areas_.insert(one->program().area().at.value);
}

bool Scene::is_own(uint32_t real) {
    note_areas();
    if (real < kPage || areas_.contains(real)) return true;
    for (uint32_t a = 0; a < kTwinStorage; a += kPage)
        if (const auto at = attacker_->storage.locate(SecondLevel(a)); at && at->value == real) return true;
    return false;
}

void Scene::put(const RandomProgram& program, Random& random) {
    for (auto [at, bytes] : program.pieces) {
        std::ranges::replace(bytes, kMarker, uint8_t{0});  // of so many random bytes four might be markers
        put_storage(*attacker_, at, bytes);
    }
    for (const auto& [at, key] : program.keys) attacker_->storage.set_key(SecondLevel(at), key);
    // Addresses that are none of the attacker's, in CCWs and lists.
    for (unsigned n = random.below(4); n > 0; --n) {
        const uint32_t at = random.chance(60)
                                ? program.ccws[random.below(uint32_t(program.ccws.size()))].first
                                : program.lists + 4 * random.below(16);
        const uint32_t address = random.below(0x200000);
        put_storage(*attacker_, at + 1,
                    Bytes{uint8_t(address >> 16), uint8_t(address >> 8), uint8_t(address)});
    }
}

std::string Scene::neighbours_complaint() {
    Noticed noticed;
    while (const auto one = neighbour_->io.channels.take(kDevice)) noticed.add(one->csw);
    return noticed.text() == "condition code 0, CSW 000001180C000000, later 00" ? "" : noticed.text();
}

bool Scene::attacker_works() {
    return std::ranges::any_of(setting_.devices,
                               [this](uint16_t device) { return works(*attacker_, device); });
}

bool Scene::settle() {
    for (unsigned steps = 0;
         attacker_works() || works(*neighbour_, kDevice) || host.cp.real_io().interruption_pending();
         ++steps) {
        note_areas();
        if (steps > 6000) return false;
        if (steps != 3000 && host.step()) continue;
        for (const uint16_t device : setting_.devices) attacker_->io.channels.clear_io(device);
        // A halted adapter waits for its other end.
        for (const uint16_t device : setting_.devices)
            if (setting_.type.empty()) attacker_->io.channels.reset(device);
    }
    return true;
}

std::string Scene::storage_damage() {
    // The control program changes the I/O tables themselves; whoever else did would reach further by them.
    for (const RelayedSubchannel* one : attacker_->io.all_relayed())
        if (one->io_tables() != nullptr)
            for (const IoMapping::Table& table : one->io_tables()->tables())
                std::memcpy(&before_[table.at.value], host.machine.storage().at(table.at.value), table.bytes);
    for (uint32_t a = 0; a < before_.size(); a += kPage)
        if (!is_own(a) && std::memcmp(&before_[a], host.machine.storage().at(a), kPage) != 0)
            return fmt::format("the frame at {:06X} has changed", a);
    for (VirtualMachine* vm : {attacker_, neighbour_}) {
        // Pages in the I/O tables of a translating channel stay where they are.
        size_t mapped = 0;
        for (const RelayedSubchannel* one : vm->io.all_relayed())
            if (one->io_tables() != nullptr) mapped += one->io_tables()->pages();
        for (uint32_t a = 0; a < kTwinStorage && vm->options.storage_kind == StorageKind::paged; a += kPage)
            if (vm->storage.locked(SecondLevel(a)) && mapped-- == 0)
                return fmt::format("the page at {:06X} stays locked", a);
    }
    if (has_marker(storage_of(*attacker_))) return "the marker is in the attacker's storage";
    if (marked_card_) return "the marker is on a card";
    return {};
}

std::string Scene::disk_damage(const std::string& path) {
    simulation::flush_devices(host.machine.channels());
    const std::string copy = path + "-copy";
    std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing);
    const auto image = simulation::images::open_fba(copy, simulation::images::Access::read);
    Bytes bytes(512);
    for (uint32_t block = 0; block < kBlocks; ++block) {
        image->read(block, bytes);
        if (is_attackers(path, block) ? has_marker(bytes) : bytes != Bytes(512, kMarker))
            return fmt::format("block {} is damaged", block);
    }
    return {};
}

/// What went wrong, with the program; empty: nothing did. `ccws`: as many have been carried out. Storage is
/// looked at behind every so many programs. `first`: the number of the first one.
std::string run(const Setting& setting, unsigned operations, uint64_t& ccws, unsigned looks = 1,
                unsigned first = 0) {
    Scene scene(setting);
    const ProgramShape shape{setting.kind, setting.kind == ProgramKind::count_key_data ? 5 : kCount,
                             kTwinStorage, false, 60};
    for (unsigned n = 0; n < operations; ++n) {
        Random random(11, first + n);
        const RandomProgram program = random_channel_program(random, shape);
        const auto told = [&](std::string_view what) {
            return fmt::format("program {}: {}\n{}", n, what, program.text());
        };
        scene.put(program, random);
        const bool beside = random.chance(40);
        if (beside) scene.start_neighbour();
        for (unsigned starts = setting.devices.size() == 1 ? 1 : 1 + random.below(3); starts > 0; --starts) {
            const uint16_t device = setting.devices[random.below(uint32_t(setting.devices.size()))];
            scene.host.start(scene.attacker(), program.caw, device);
            for (unsigned moment = random.below(60); moment > 0; --moment) scene.step();
            simulation::ChannelSubsystem& channels = scene.attacker().io.channels;
            switch (random.below(12)) {
                case 0: channels.halt_io(device); break;
                case 1: channels.halt_device(device); break;
                case 2: channels.clear_io(device); break;
                case 3: channels.reset(device); break;
                case 4: scene.put(random_channel_program(random, shape), random); break;
                default: break;
            }
        }
        if (!scene.settle()) return told("somebody waits for what will never come");
        while (scene.attacker().io.channels.take_first(~0u)) continue;
        if (beside)
            if (const auto complaint = scene.neighbours_complaint(); !complaint.empty())
                return told(complaint);
        if (n % looks == looks - 1 || n + 1 == operations)
            if (const auto damage = scene.storage_damage(); !damage.empty()) return told(damage);
        if (n % 200 == 199 || n + 1 == operations)
            if (const auto damage = scene.disk_damage(); !damage.empty()) return told(damage);
    }
    ccws += scene.ccws();
    return {};
}

TEST_CASE(
    "on whatever device, in whatever way, a machine's channel programs reach nothing that is not its own") {
    const char* const wanted = std::getenv("VMCP_OPERATIONS");
    const unsigned operations = wanted != nullptr ? static_cast<unsigned>(std::atol(wanted)) : 150;
    uint64_t ccws = 0;
    for (const Setting& setting : settings()) {
        CAPTURE(setting.name);
        CHECK(run(setting, operations, ccws) == "");
    }
    MESSAGE(ccws, " CCWs carried out");
    CHECK(ccws > 3 * operations * settings().size());
}

// The same programs on the same disk of a V=R machine. Its addresses are real ones, so that a channel without
// translation finds whatever they name.
Setting passed_through(WayOfIo way, bool unsafe) {
    Setting setting{"3370, V=R", {kDevice}, "3370", ProgramKind::fixed_block, StorageKind::real, way};
    setting.unsafe = unsafe;
    return setting;
}

TEST_CASE("channel programs that are neither translated nor bounded destroy a neighbour's storage") {
    uint64_t ccws = 0;
    const std::string damage = run(passed_through(WayOfIo::direct, true), 500, ccws);
    CAPTURE(damage);
    CHECK((damage.find("has changed") != std::string::npos ||
           damage.find("the marker is in the attacker's storage") != std::string::npos ||
           damage.find("condition code") != std::string::npos));
}

/// VMCP_OPERATIONS: how many CCWs are to be carried out in all.
TEST_CASE("a hostile machine's pass-through device stores nothing outside of its storage") {
    const char* const wanted = std::getenv("VMCP_OPERATIONS");
    const uint64_t all = wanted != nullptr ? static_cast<uint64_t>(std::atoll(wanted)) : 100'000;
    uint64_t ccws = 0;
    for (const IoMappingStrategy mapping : {IoMappingStrategy::whole_guest, kByProgram, kCached}) {
        Setting setting = by_program(passed_through(WayOfIo::translating_channel, false), mapping);
        setting.name += name_of(mapping);
        CAPTURE(setting.name);
        const uint64_t before = ccws;
        for (unsigned rounds = 0; ccws - before < all / 3 && rounds < 1000; ++rounds)
            CHECK(run(setting, 1000, ccws, 20, rounds * 1000) == "");
    }
    MESSAGE(ccws, " CCWs carried out");
    CHECK(ccws >= all * 9 / 10);
}

}  // namespace
}  // namespace vmcp::test
