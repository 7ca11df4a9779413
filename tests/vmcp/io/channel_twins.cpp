#include "tests/vmcp/io/channel_twins.hpp"

#include "simulation/devices/ckd_codes.hpp"
#include "simulation/images/ckd_image.hpp"

namespace vmcp::test {

using conformance::Random;
using simulation::Csw;
using simulation::images::Access;

namespace {

constexpr uint32_t kRealStorage = 2 * simulation::kMebibyte;
/// So little that the guest's pages and what takes them away do not fit into it together.
constexpr uint32_t kLittleStorage = 0x40000, kHogStorage = 0x40000;
constexpr uint32_t kOthers = 3;        // cylinders, or hundreds of blocks, of somebody else
constexpr unsigned kMostSteps = 1500;  // of a program that does not end

/// Records with virtual cylinder numbers where they lie on a minidisk.
void make_ckd(const std::string& path, const std::string& type, uint32_t cylinders, uint32_t first,
              uint32_t count) {
    Random random(3, 0);
    const auto& geometry = *simulation::images::disk_geometry(type);
    const auto image = simulation::images::create_ckd(path, geometry, cylinders, {});
    for (uint32_t cylinder = first; cylinder < first + count; ++cylinder)
        for (unsigned head = 0; head < geometry.heads; ++head) {
            simulation::images::Track track(cylinder, head);
            const auto seen = static_cast<uint8_t>(cylinder - first);
            track.data()[simulation::images::kHomeAddressSize + 1] = seen;  // in the count of record 0
            const unsigned records = head >= kHeadsInUse - 1 ? 0 : kRecordsInUse;
            for (uint8_t number = 1; number <= records; ++number) {
                const uint8_t key = random.chance(50) ? 0 : 4;
                const auto length = static_cast<uint8_t>(random.chance(10) ? 0 : 1 + random.below(110));
                Bytes record = {0, seen, 0, uint8_t(head), number, key, 0, length};
                for (unsigned i = 0; i < key; ++i) record.push_back(static_cast<uint8_t>(number + 0xC0));
                for (unsigned i = 0; i < length; ++i) record.push_back(random.byte());
                track.format(number, record);
            }
            image->write(cylinder * geometry.heads + head, track);
        }
}

/// `from`: the block of the virtual disk that is at `first`.
void make_fba(const std::string& path, uint32_t blocks, uint32_t first, uint32_t count, uint32_t from = 0) {
    Random random(4, 0);
    const auto image = simulation::images::create_fba(path, blocks);
    Bytes all(size_t{from + count} * 512);
    for (uint8_t& byte : all) byte = random.byte();
    image->write(first, std::span(all).subspan(size_t{from} * 512));
}

void make_tape(const std::string& path) {
    Random random(5, 0);
    const auto tape = simulation::images::TapeImage::create(path, simulation::images::Compression::none);
    for (unsigned i = 0; i < 60; ++i) {
        if (random.chance(15)) {
            tape->write_mark();
            continue;
        }
        Bytes block(random.chance(20) ? 4000 + random.below(200) : 18 + random.below(60));
        for (uint8_t& byte : block) byte = random.byte();
        tape->write(block);
    }
}

PagingOptions paging(const TwinKind& kind) {
    return kind.paging && kind.volume == 0 ? PagingOptions{"clock", {"2305-2"}} : PagingOptions{};
}

/// The real disk of a piece.
uint16_t disk_of_piece(size_t piece) { return static_cast<uint16_t>(kDevice + 8 * piece); }
constexpr uint32_t kBehindPiece = 5;  // blocks of others

}  // namespace

MappedDevice Twins::attach_pieces(MappedDevice mapped, const std::filesystem::path& folder) {
    uint32_t from = 0;
    for (size_t i = 0; i < kind_.pieces.size(); ++i) {
        const uint32_t count = kind_.pieces[i];
        piece_files_.push_back((folder / fmt::format("piece{}", i)).string());
        make_fba(piece_files_.back(), kind_.first + count + kBehindPiece, kind_.first, count, from);
        from += count;
        simulation::DeviceDescription device;
        device.address = disk_of_piece(i);
        device.type = kind_.type;
        device.file = piece_files_.back();
        host_.cp.real_io().attach(device);
        if (i == 0)
            mapped.count = count;
        else
            mapped.further.push_back({device.address, kind_.first, count});
    }
    return mapped;
}

void Twins::make_media(const std::filesystem::path& folder) {
    native_file_ = (folder / "native").string();
    guest_file_ = (folder / "guest").string();
    switch (kind_.kind()) {
        case ProgramKind::count_key_data:
            places_ = kind_.minidisk() ? kind_.count : kCylinders;
            make_ckd(native_file_, kind_.type, places_ + (kind_.shared ? kOthers : 0), 0, places_);
            make_ckd(guest_file_, kind_.type, kind_.first + places_ + (kind_.minidisk() ? kOthers : 0),
                     kind_.first, places_);
            break;
        case ProgramKind::fixed_block:
            places_ = kind_.minidisk() ? kind_.count : kBlocks;
            make_fba(native_file_, places_, 0, places_);
            make_fba(guest_file_, kind_.first + places_ + (kind_.minidisk() ? 100 : 0), kind_.first, places_);
            break;
        default:
            native_file_ += ".aws";
            guest_file_ += ".aws";
            make_tape(native_file_);
            make_tape(guest_file_);
    }
}

Twins::Twins(const TwinKind& kind, const std::filesystem::path& folder)
    : kind_(kind),
      native_(simulation::MachineModel::load("s370-158"), kTwinStorage),
      host_(kind.paging ? kLittleStorage : kRealStorage, kind.storage == StorageKind::real ? kTwinStorage : 0,
            true, paging(kind)) {
    make_media(folder);
    simulation::DeviceDescription device;
    device.address = kDevice;
    device.type = kind.type;
    device.file = native_file_;
    simulation::attach(native_.channels(), native_.model(), device);
    device.file = guest_file_;
    if (kind.pieces.empty()) host_.cp.real_io().attach(device);
    if (kind.volume != 0) host_.page_on(kind.volume, "3330");
    MappedDevice mapped;
    mapped.address = mapped.real = kDevice;
    mapped.dedicated = !kind.minidisk();
    mapped.first = kind.first;
    mapped.count = kind.count;
    mapped.way = kind.way;
    mapped.kept_programs = kind.kept;
    mapped.mapping = kind.mapping;
    mapped.mapped_pages = 5;
    if (!kind.pieces.empty()) mapped = attach_pieces(mapped, folder);
    mapped.interpretive = host_.interpretive = kind.by_machine;
    vm_ = &host_.log_on("guest", kind.storage, {mapped});
    if (kind.paging) hog_ = &host_.log_on("hog", StorageKind::paged, {}, kHogStorage);
    if (kind.shared) {
        mapped.first = kind.first + kind.count;
        mapped.count = kind.kind() == ProgramKind::fixed_block ? 100 : kOthers;
        mapped.way = WayOfIo::translation;
        other_ = &host_.log_on("other", StorageKind::paged, {mapped});
    }
    if (kind.by_machine) vm_->io.machine_presents = [](uint16_t) { return true; };
    native_side_.controlled_apart = guest_side_.controlled_apart = !kind.pieces.empty();
    native_side_.channels = &native_.channels();
    guest_side_.channels = &vm_->io.channels;
    for (uint32_t at = 0; at < kTwinStorage; at += kPage) put(at, Bytes(kPage));
    host_.machine.channels().observers.add(*this);
    // Both tell that they have become ready.
    rest();
}

// ---- What both find ----

void Twins::put(uint32_t at, const Bytes& bytes) {
    native_.storage().put(at, bytes.data(), static_cast<uint32_t>(bytes.size()));
    for (uint32_t i = 0; i < bytes.size();) {
        const uint32_t n =
            std::min<uint32_t>(static_cast<uint32_t>(bytes.size()) - i, kPage - (at + i) % kPage);
        put_storage(*vm_, vm_->io.channel_storage.real_of(at + i).value,
                    Bytes(bytes.begin() + i, bytes.begin() + i + n));
        i += n;
    }
}

void Twins::put(const RandomProgram& program) {
    for (const auto& [at, bytes] : program.pieces) put(at, bytes);
    for (const auto& [at, key] : program.keys) {
        native_.storage().set_key(at, key);
        vm_->storage.set_key(vm_->io.channel_storage.real_of(at), key);
    }
}

void Twins::set_prefix(uint32_t prefix) {
    vm_->storage.change_prefix(prefix);
    vm_->state.prefix = prefix;
}

void Twins::take_pages(Random& random) {
    if (hog_ == nullptr) return;
    for (unsigned n = random.below(80); n > 0; --n) {
        const SecondLevel page(kPage * random.below(kHogStorage / kPage));
        hog_->storage.resident(page);
        hog_->storage.note_change(page);
    }
}

void Twins::let_others(Random& random, bool natively) {
    if (other_ == nullptr || random.chance(40)) return;
    Bytes program, argument;
    if (kind_.kind() == ProgramKind::count_key_data) {
        program = {0x07, 0, 1, 0x40, 0x40, 0, 0, 6, 0x06, 0, 2, 0, 0x20, 0, 0, 100};
        argument = {0, 0, 0, uint8_t(random.below(kOthers)), 0, uint8_t(random.below(4))};
    } else {
        program = {0x63, 0, 1, 0x40, 0x40, 0, 0, 16, 0x43, 0, 1, 0x50, 0x40, 0, 0, 8,  //
                   0x42, 0, 2, 0,    0x20, 0, 2, 0};
        argument = {0, 0, 0, 0,
                    0, 0, 0, uint8_t(random.below(90)),
                    0, 0, 0, 0,  //
                    0, 0, 0, 9,
                    6, 0, 0, 1,
                    0, 0, 0, uint8_t(random.below(10))};
    }
    put_storage(*other_, 0x100, program);
    put_storage(*other_, 0x140, argument);
    host_.start(*other_, 0x100);
    while (other_->io.channels.working(kDevice) || other_->io.channels.device_end_due(kDevice))
        if (!host_.step()) break;
    while (other_->io.channels.take(kDevice)) continue;
    native_.events().run_until(host_.cp.now());
    if (!natively || kind_.kind() != ProgramKind::count_key_data) return;
    argument[3] = static_cast<uint8_t>(argument[3] + kind_.count);
    others_storage_.put(0x100, program.data(), static_cast<uint32_t>(program.size()));
    others_storage_.put(0x140, argument.data(), static_cast<uint32_t>(argument.size()));
    native_.channels().start_io(kDevice, 0x100, false, &others_channel_);
    rest();
}

void Twins::rest() {
    let_time_pass(host_.cp.now() + 200 * simulation::kMillisecond);
    for (Side* side : {&native_side_, &guest_side_}) side->interruptions(false);
}

// ---- Time ----

void Twins::on_ccw(uint16_t address, const simulation::Ccw&) {
    const bool its_own = kind_.pieces.empty() ? address == kDevice : address % 8 == kDevice % 8;
    if (!watching_ || started_ || !its_own) return;
    // In front of the guest's program there may be a seek of the control program's own.
    if (own_ccws_++ == 0 && vm_->io.relayed(kDevice)->program().positioned()) return;
    started_ = host_.machine.events().now();
}

/// Both have done what was due by then; the guest's control program may have got a little further.
void Twins::let_time_pass(SimTime until) {
    if (until > host_.cp.now()) host_.cp.ledger().idle_until(until, false);
    do {
        host_.machine.catch_up();
        host_.cp.real_io().take_interruptions(nullptr);
    } while (host_.machine.events().next() <= host_.cp.now());
    native_.events().run_until(host_.cp.now());
}

// ---- What programs notice ----

void Twins::Side::tell(const simulation::IoResult& result, std::string_view what) {
    std::string text = fmt::format("{}: condition code {}", what, result.condition_code);
    if (result.condition_code == 1) {
        unit_status |= result.csw.unit_status;
        channel_status |= result.csw.channel_status;
        if (result.stores == simulation::IoResult::Stores::csw)
            text += fmt::format(", CSW {:016X}", encode(result.csw));
        else
            text += fmt::format(", status {:02X}{:02X}", result.csw.unit_status, result.csw.channel_status);
    }
    seen.push_back(std::move(text));
}

/// `late`: the channel may have gone on since, so that a program-controlled interruption tells other places.
void Twins::Side::interruptions(bool late) {
    while (const auto one = channels->take(kDevice)) {
        Csw csw = one->csw;
        unit_status |= csw.unit_status;
        channel_status |= csw.channel_status;
        const bool program_controlled =
            csw.unit_status == 0 && csw.channel_status == simulation::kProgramControlled;
        if (controlled_apart) {
            if (program_controlled) continue;
            csw.channel_status &= static_cast<uint8_t>(~simulation::kProgramControlled);
        }
        if (program_controlled && late) csw = {0, 0, 0, csw.channel_status, 0};
        if (std::exchange(status_only, false)) csw = {0, 0, csw.unit_status, csw.channel_status, 0};
        seen.push_back(fmt::format("interruption: CSW {:016X}", encode(csw)));
    }
}

/// By the machine, where it can.
simulation::IoResult Twins::start_as_guest(uint32_t caw) {
    RelayedSubchannel& device = *vm_->io.relayed(kDevice);
    if (!device.starts_by_machine()) return host_.start(*vm_, caw);
    device.set_called_by_machine(true);
    const simulation::IoResult result = vm_->io.channels.start_io(kDevice, caw);
    device.set_called_by_machine(false);
    return result;
}

void Twins::act(Side& side, TwinAction::What what, uint32_t caw) {
    using What = TwinAction::What;
    switch (what) {
        case What::test_io: return side.tell(side.channels->test_io(kDevice), "TIO");
        case What::halt_io: return side.tell(side.channels->halt_io(kDevice), "HIO");
        case What::halt_device: return side.tell(side.channels->halt_device(kDevice), "HDV");
        case What::clear_io: return side.tell(side.channels->clear_io(kDevice), "CLRIO");
        case What::test_channel:
            return side.tell(
                {side.channels->test_channel(kDevice), simulation::IoResult::Stores::nothing, {}}, "TCH");
        case What::start_io:
            return side.tell(
                &side == &guest_side_ ? start_as_guest(caw) : side.channels->start_io(kDevice, caw), "SIO");
        case What::enable: return;
    }
}

/// Not yet where its pages have yet to come, or the control unit was busy.
bool Twins::really_started() {
    if (started_ && !vm_->io.relayed(kDevice)->what().device->busy() && vm_->io.channels.working(kDevice)) {
        started_ = std::nullopt;
        own_ccws_ = 0;
    }
    return started_.has_value();
}

std::string Twins::difference(uint32_t caw, const std::vector<TwinAction>& actions, bool enabled) {
    for (Side* side : {&native_side_, &guest_side_}) {
        side->seen.clear();
        side->unit_status = side->channel_status = 0;
        side->status_only = false;
    }
    const SimTime from = host_.cp.now();
    endless_ = false;
    started_ = std::nullopt;
    own_ccws_ = 0;
    watching_ = true;
    simulation::IoResult guest = start_as_guest(caw);
    while (!really_started() && vm_->io.channels.working(kDevice) && host_.step()) continue;
    watching_ = false;
    const SimTime begin = started_.value_or(host_.cp.now());
    native_.events().run_until(begin);
    const simulation::IoResult native = native_.channels().start_io(kDevice, caw);
    const bool waited = begin != from || own_ccws_ > 1 || !started_;
    // A seek stands for it, which is never over at once.
    const bool recalibrates = kind_.minidisk() && native.condition_code == 1 && (caw & 7) == 0 &&
                              native_.storage().valid(caw & 0xFFFFFF) &&
                              *native_.storage().at(caw & 0xFFFFFF) == simulation::kRecalibrate;
    const bool told_late =
        (waited || recalibrates) && guest.condition_code == 0 && native.condition_code == 1;
    if (told_late) {
        // START I/O could not know yet what the device would say; it says so by an interruption.
        const uint8_t told = native_side_.controlled_apart
                                 ? native.csw.channel_status & ~simulation::kProgramControlled
                                 : native.csw.channel_status;
        native_side_.seen.push_back("SIO: condition code 0");
        native_side_.seen.push_back(
            fmt::format("interruption: CSW {:016X}", encode(Csw{0, 0, native.csw.unit_status, told, 0})));
        native_side_.unit_status = native.csw.unit_status;
        native_side_.channel_status = native.csw.channel_status;
        guest_side_.seen.push_back("SIO: condition code 0");
        guest_side_.status_only = true;
    } else {
        native_side_.tell(native, "SIO");
        guest_side_.tell(guest, "SIO");
    }
    let_time_pass(host_.cp.now());
    bool late = !enabled;
    auto action = actions.begin();
    for (unsigned steps = 0;; ++steps) {
        if (enabled)
            for (Side* side : {&native_side_, &guest_side_}) side->interruptions(late);
        if (action == actions.end() && enabled && !native_side_.active() && !guest_side_.active()) break;
        if (steps == kMostSteps) {
            endless_ = true;
            for (Side* side : {&native_side_, &guest_side_}) act(*side, TwinAction::What::clear_io, caw);
            let_time_pass(host_.cp.now());
            continue;
        }
        if (steps > 2 * kMostSteps) return "the program does not end";
        SimTime next = std::min(native_.events().next(), host_.machine.events().next());
        const SimTime due = action == actions.end() ? simulation::kNever : begin + action->after;
        next = std::min(next, std::max(due, host_.cp.now()));
        if (next == simulation::kNever) return "somebody waits for what will never come";
        let_time_pass(next);
        if (due > host_.cp.now()) continue;
        if (action->what == TwinAction::What::enable)
            enabled = true;
        else if (!told_late)
            for (Side* side : {&native_side_, &guest_side_}) act(*side, action->what, caw);
        ++action;
        let_time_pass(host_.cp.now());
    }
    return compare();
}

std::string Twins::compare() {
    using namespace simulation;
    checked_ = (native_side_.unit_status & kUnitCheck) != 0;
    unusual_ = (native_side_.unit_status & (kUnitCheck | kUnitException)) != 0 ||
               (native_side_.channel_status & ~kProgramControlled) != 0;
    // With several pieces it is stopped somewhere else.
    if (endless_ && !kind_.pieces.empty()) return {};
    if (native_side_.controlled_apart &&
        ((native_side_.channel_status ^ guest_side_.channel_status) & kProgramControlled) != 0)
        return "a program-controlled interruption on one side only";
    const auto& native = native_side_.seen;
    const auto& guest = guest_side_.seen;
    if (native != guest) {
        std::string text;
        for (size_t i = 0; i < std::max(native.size(), guest.size()); ++i)
            text += fmt::format("\n{}  natively {}; as a guest {}",
                                i < native.size() && i < guest.size() && native[i] == guest[i] ? " " : "*",
                                i < native.size() ? native[i] : "nothing",
                                i < guest.size() ? guest[i] : "nothing");
        return text;
    }
    // Pages in the I/O tables of a translating channel stay where they are.
    const IoMapping* const tables = vm_->io.relayed(kDevice)->io_tables();
    size_t mapped = tables != nullptr ? tables->pages() : 0;
    for (uint32_t a = 0; a < kTwinStorage && kind_.storage == StorageKind::paged; a += kPage)
        if (vm_->storage.locked(SecondLevel(a)) && mapped-- == 0)
            return fmt::format("the page at {:06X} stays locked", a);
    return {};
}

// ---- What they leave behind ----

std::string Twins::storage_difference() {
    const uint8_t* const native = native_.storage().at(0);
    for (uint32_t a = 0; a < kTwinStorage; a += kPage) {
        const SecondLevel page = vm_->io.channel_storage.real_of(a);
        Bytes guest(kPage);
        if (const auto at = vm_->storage.locate(page)) {
            std::memcpy(guest.data(), vm_->storage.real().at(at->value), kPage);
        } else {
            for (uint32_t i = 0; i < kPage; i += 4) {
                const uint32_t word = vm_->storage.peek32(SecondLevel(page.value + i));
                for (unsigned b = 0; b < 4; ++b) guest[i + b] = static_cast<uint8_t>(word >> (24 - 8 * b));
            }
        }
        for (uint32_t i = 0; i < kPage; ++i)
            if (guest[i] != native[a + i])
                return fmt::format("storage at {:06X}: {:02X} natively, {:02X} as a guest", a + i,
                                   native[a + i], guest[i]);
    }
    for (uint32_t a = 0; a < kTwinStorage; a += simulation::kBlock) {
        // A copy of the whole program is made before any of it is carried out, so more blocks are referred
        // to.
        const auto one = native_.storage().key(a);
        auto other = vm_->storage.key(vm_->io.channel_storage.real_of(a));
        if ((one & simulation::kKeyReferenced) == 0)
            other &= static_cast<uint8_t>(~simulation::kKeyReferenced);
        if (one != other)
            return fmt::format("key of block {:06X}: {:02X} natively, {:02X} as a guest", a, one, other);
    }
    return {};
}

std::string Twins::medium_difference() {
    simulation::flush_devices(native_.channels());
    simulation::flush_devices(host_.machine.channels());
    const std::string native_copy = native_file_ + "-copy", guest_copy = guest_file_ + "-copy";
    const auto replace = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(native_file_, native_copy, replace);
    std::filesystem::copy_file(guest_file_, guest_copy, replace);
    if (!piece_files_.empty()) {
        const auto native = simulation::images::open_fba(native_copy, Access::read);
        uint32_t number = 0;
        for (size_t i = 0; i < piece_files_.size(); ++i) {
            const std::string copy = piece_files_[i] + "-copy";
            std::filesystem::copy_file(piece_files_[i], copy, replace);
            const auto piece = simulation::images::open_fba(copy, Access::read);
            Bytes one(512), other(512);
            for (uint32_t block = 0; block < piece->blocks(); ++block) {
                const bool own = block >= kind_.first && block < kind_.first + kind_.pieces[i];
                if (own)
                    native->read(number++, one);
                else
                    one.assign(512, 0);
                piece->read(block, other);
                if (one != other) return fmt::format("block {} of piece {} differs", block, i);
            }
        }
    } else if (kind_.kind() == ProgramKind::fixed_block) {
        const auto native = simulation::images::open_fba(native_copy, Access::read);
        const auto guest = simulation::images::open_fba(guest_copy, Access::read);
        Bytes one(512), other(512);
        for (uint32_t block = 0; block < places_; ++block) {
            native->read(block, one);
            guest->read(kind_.first + block, other);
            if (one != other) return fmt::format("block {} differs", block);
        }
    } else if (kind_.kind() == ProgramKind::tape) {
        simulation::images::TapeImage native(native_copy, Access::read), guest(guest_copy, Access::read);
        for (unsigned block = 0;; ++block) {
            Bytes one, other;
            const auto found = native.read(one);
            if (guest.read(other) != found || one != other)
                return fmt::format("block {} of the tape differs", block);
            if (found == simulation::images::TapeImage::Found::nothing) break;
        }
    } else {
        const auto native = simulation::images::open_ckd(native_copy, Access::read);
        const auto guest = simulation::images::open_ckd(guest_copy, Access::read);
        for (uint32_t number = 0; number < places_ * native->heads(); ++number) {
            const auto one = native->read(number),
                       other = guest->read(number + kind_.first * native->heads());
            // The home address tells where the track really is.
            const auto home = simulation::images::kHomeAddressSize;
            if (!std::ranges::equal(one.bytes().subspan(home), other.bytes().subspan(home)))
                return fmt::format("cylinder {}, head {} differs", number / native->heads(),
                                   number % native->heads());
        }
    }
    return {};
}

}  // namespace vmcp::test
