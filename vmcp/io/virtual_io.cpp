#include "vmcp/io/virtual_io.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "simulation/devices/carriage_tape_file.hpp"
#include "simulation/devices/ckd_disk.hpp"
#include "simulation/devices/fba_disk.hpp"

namespace vmcp {
namespace {

/// A spooled device answers as soon as the control program has done its work, which is charged by steps. Zero
/// time would let a looping channel program stand still, so every transfer takes this long (assumed).
constexpr SimTime kSpoolTransfer = 10 * simulation::kMicrosecond;

simulation::DeviceTiming spool_timing() {
    return {.cycle = kSpoolTransfer,
            .transfer = kSpoolTransfer,
            .ends_together = simulation::DeviceTiming::Together::all};
}

}  // namespace

VirtualIo::VirtualIo(Ledger& ledger, Account& account, simulation::EventQueue& events, GuestStorage& storage,
                     const isa::CpuState& state, RealInputOutput real, VmOutput output)
    : channel_storage(storage, state),
      channels(channel_storage, events),
      ledger_(ledger),
      account_(account),
      events_(events),
      real_(real),
      output_(std::move(output)) {
    channels.observers.add(*this);
}

simulation::UnitRecordOutput VirtualIo::unit_output(const simulation::DeviceDescription& device) {
    return {[this](std::string_view text, bool keyed) { type(text, keyed); }, spooled_punch(device.address),
            spooled_printer(device.address)};
}

void VirtualIo::attach(const simulation::MachineModel& model,
                       const std::vector<simulation::DeviceDescription>& all) {
    const auto output = [this](const simulation::DeviceDescription& device) { return unit_output(device); };
    devices = simulation::attach_all(channels, model, all, output, spool_timing());
    for (const simulation::DeviceDescription& device : all) {
        const auto role = simulation::unit_record_role(device.type);
        if (role) add_spooled(device, *role);
    }
}

void VirtualIo::attach(const simulation::MachineModel& model, const simulation::DeviceDescription& what) {
    simulation::attach(channels, model, what, unit_output(what), spool_timing());
    if (const auto role = simulation::unit_record_role(what.type)) add_spooled(what, *role);
}

VirtualIo::~VirtualIo() {
    // Whatever goes on ends before its space is somebody else's.
    while (!held_.empty()) detach(held_.begin()->first);
}

// ---- Real devices ----

namespace {

DeviceClass class_of(const simulation::Device& device) {
    if (dynamic_cast<const simulation::CkdDisk*>(&device) != nullptr) return DeviceClass::count_key_data;
    if (dynamic_cast<const simulation::FbaDisk*>(&device) != nullptr) return DeviceClass::fixed_block;
    return DeviceClass::other;
}

/// Cylinders, or blocks, of a disk.
uint64_t places_of(const simulation::Device& device) {
    if (const auto* disk = dynamic_cast<const simulation::CkdDisk*>(&device))
        return disk->geometry().all_cylinders();
    return dynamic_cast<const simulation::FbaDisk&>(device).blocks();
}

}  // namespace

/// Of a minidisk on several disks: where each piece lies.
void VirtualIo::add_pieces(RelayedDevice& relay, const MappedDevice& what) const {
    const auto fail = [&what](std::string_view why) {
        throw std::invalid_argument(fmt::format("device {:03X}: {}", what.address, why));
    };
    uint32_t all = 0;
    for (const MinidiskPiece& piece : what.pieces()) {
        RealDevice* const device = real_.io.find(piece.real);
        if (device == nullptr) fail(fmt::format("the real machine has no device {:03X}", piece.real));
        if (real_.temporary.has(*device))
            fail(fmt::format("the real device {:03X} is space for temporary disks", piece.real));
        if (device->own_use != OwnUse::none)
            fail(fmt::format("the real device {:03X} is a {}", piece.real, name_of(device->own_use)));
        if (device->device.type() != relay.device->device.type())
            fail(fmt::format("a piece on a {} beside one on a {}: expected disks of one type",
                             device->device.type(), relay.device->device.type()));
        const uint64_t end = uint64_t{piece.first} + piece.count, most = places_of(device->device);
        if (piece.count == 0 || end > most)
            fail(fmt::format("the piece on {:03X} ends at {}: expected at most {}", piece.real, end, most));
        DiskExtent extent = relay.extent;
        extent.first = piece.first;
        extent.count = piece.count;
        extent.base = all;
        all += piece.count;
        relay.pieces.push_back({device, extent});
    }
    if (relay.extent.device == DeviceClass::count_key_data && all > 0xFFFF)
        fail(fmt::format("{} cylinders: expected at most 65535", all));
    for (RelayedDevice::Piece& piece : relay.pieces) piece.extent.all = all;
    relay.extent = relay.pieces.front().extent;
}

void VirtualIo::attach(const MappedDevice& wanted) {
    MappedDevice what = wanted;
    const auto fail = [&what](std::string_view why) {
        throw std::invalid_argument(fmt::format("device {:03X}: {}", what.address, why));
    };
    const bool temporary = !what.temporary.empty();
    auto lease = temporary ? real_.temporary.take(what.temporary, what.count) : std::nullopt;
    if (temporary) {
        if (!lease)
            fail(fmt::format("a temporary {} of {}: the control program has {} free, not all in one place",
                             what.temporary, what.count, real_.temporary.free(what.temporary)));
        what.real = lease->device.address;
        what.first = lease->first;
        what.mode = LinkMode::mw;
    }
    RealDevice* const device = real_.io.find(what.real);
    if (device == nullptr) fail(fmt::format("the real machine has no device {:03X}", what.real));
    if (!temporary && real_.temporary.has(*device))
        fail(fmt::format("the real device {:03X} is space for temporary disks", what.real));
    if (device->own_use != OwnUse::none)
        fail(fmt::format("the real device {:03X} is a {}", what.real, name_of(device->own_use)));
    RelayedDevice relay;
    relay.device = device;
    relay.way = what.way;
    relay.kept_programs = what.kept_programs;
    relay.mapped_pages = what.mapping == IoMappingStrategy::per_program ? 0 : what.mapped_pages;
    relay.unsafe = what.unsafe;
    relay.instead_of = what.instead_of;
    relay.interpretive = what.interpretive;
    relay.not_interpretive = what.not_interpretive;
    if (what.way == WayOfIo::translating_channel && what.mapping == IoMappingStrategy::whole_guest) {
        if (whole_ == nullptr) whole_ = std::make_shared<IoMapping>(channel_storage, real_.frames, 0);
        relay.whole = whole_;
    }
    relay.dedicated = what.dedicated;
    relay.temporary = temporary;
    relay.follows_changes = follows_changes;
    relay.extent.device = class_of(device->device);
    if (!what.dedicated) {
        if (relay.extent.device == DeviceClass::other)
            fail(fmt::format("a {} cannot be divided into minidisks", device->device.type()));
        if (what.count == 0) fail("a minidisk has at least one cylinder or block");
        if (const uint64_t all = places_of(device->device); uint64_t{what.first} + what.count > all)
            fail(fmt::format("the minidisk ends at {}: expected at most {}, the end of the {}",
                             uint64_t{what.first} + what.count, all, device->device.type()));
        relay.extent.whole = false;
        relay.extent.first = what.first;
        relay.extent.count = what.count;
        if (!what.further.empty()) add_pieces(relay, what);
    }
    const bool contiguous = channel_storage.storage().kind() != StorageKind::paged;
    if (what.way == WayOfIo::direct && !contiguous && !what.unsafe)
        fail(
            "direct I/O needs storage at a fixed place (V=R or V=Resident), or a translating channel: its "
            "channel programs would reach the storage of others (unsafe = true lets them, for tests)");
    const bool as_it_is = what.way == WayOfIo::direct || what.way == WayOfIo::translating_channel;
    if (what.interpretive && (!as_it_is || what.unsafe))
        fail(fmt::format("{} cannot be interpreted: expected a way that takes channel programs as they are",
                         name_of(what.way)));
    if (as_it_is && !what.dedicated) fail(fmt::format("{} needs a dedicated device", name_of(what.way)));
    if (what.watched) {
        if (!(what.dedicated || temporary) || relay.extent.device != DeviceClass::fixed_block || as_it_is)
            fail("only a 3370 that nobody else uses is watched, and its channel programs are translated");
        relay.watch = std::make_shared<DiskWatch>(what.block_key);
    }
    const auto grant = real_.users.admit(what);
    if (!grant) fail(fmt::format("others use the real device {:03X} there", what.real));
    relay.extent.read_only = grant->read_only;
    for (RelayedDevice::Piece& piece : relay.pieces) piece.extent.read_only = grant->read_only;
    try {
        relayed_.push_back(&channels.attach_subchannel<RelayedSubchannel>(
            what.address, [&](simulation::ChannelContext& context) {
                return std::make_unique<RelayedSubchannel>(context, what.address, real_.io, real_.frames,
                                                           real_.copies, account_, channel_storage, relay);
            }));
    } catch (...) {
        real_.users.leave(grant->ticket);
        throw;
    }
    relayed_.back()->on_refused = [this](const RelayedSubchannel& one,
                                         const simulation::RefusedAccess& access) {
        const auto what_is = access.why == simulation::RefusedAccess::Why::not_mapped
                                 ? IoRefusal::What::not_mapped
                                 : IoRefusal::What::not_permitted;
        refuse({what_is, ledger_.now(), one.address(), access.address, access.storing});
    };
    relayed_.back()->machine_presents = [this](uint16_t device) { return machine_presents(device); };
    relayed_.back()->on_translated = [this](const RelayedSubchannel& one) { on_translated(one); };
    held_.emplace(what.address, Held{grant->ticket, std::move(lease)});
}

bool VirtualIo::detach(uint16_t address) {
    on_leaving(address);
    if (spooled_units_ != nullptr) spooled_units_->remove(address);
    if (devices.reader != nullptr && channels.device(address) == devices.reader) devices.reader = nullptr;
    // Which is about to be gone.
    std::erase_if(relayed_, [address](const RelayedSubchannel* one) { return one->address() == address; });
    if (simulation::ChannelToChannel* const end = adapter(address)) end->uncouple();
    if (!channels.detach(address)) return false;
    if (whole_.use_count() == 1) whole_.reset();  // its last device: no page need stay any more
    std::erase_if(spooled_, [address](const Spooled& one) { return one.address == address; });
    if (const auto held = held_.extract(address)) real_.users.leave(held.mapped().ticket);
    return true;
}

void VirtualIo::move(uint16_t from, uint16_t to) {
    on_leaving(from);
    channels.move(from, to);
    if (spooled_units_ != nullptr) spooled_units_->move(from, to);
    for (Spooled& one : spooled_)
        if (one.address == from) one.address = to;
    if (auto held = held_.extract(from)) {
        held.key() = to;
        held_.insert(std::move(held));
    }
}

simulation::ChannelToChannel* VirtualIo::adapter(uint16_t address) const {
    return dynamic_cast<simulation::ChannelToChannel*>(channels.device(address));
}

void VirtualIo::uncouple() {
    for (const uint16_t address : channels.addresses())
        if (simulation::ChannelToChannel* const end = adapter(address)) end->uncouple();
}

uint16_t VirtualIo::console_address() const {
    for (const uint16_t address : channels.addresses())
        if (channels.device(address) == devices.console) return address;
    return 0;
}

RelayedSubchannel* VirtualIo::relayed(uint16_t device) const {
    for (RelayedSubchannel* one : relayed_)
        if (one->address() == device) return one;
    return nullptr;
}

simulation::IoResult VirtualIo::start_io(Work& work, uint16_t device, uint32_t caw, bool fast) {
    RelayedSubchannel* const relay = relayed(device);
    if (relay == nullptr) {
        if (channels.device(device) == nullptr && has_translating_channels() &&
            real_.io.find(device) != nullptr)
            refuse({IoRefusal::What::unit, ledger_.now(), device});
        return channels.start_io(device, caw, fast);
    }
    relay->charge_to(&work);
    const simulation::IoResult result = channels.start_io(device, caw, fast);
    relay->charge_to(nullptr);
    return result;
}

bool VirtualIo::has_translating_channels() const {
    return std::any_of(relayed_.begin(), relayed_.end(), [](const RelayedSubchannel* one) {
        return one->what().way == WayOfIo::translating_channel;
    });
}

void VirtualIo::refuse(const IoRefusal& refusal) {
    constexpr size_t kTold = 100;
    ++refused_;
    if (refusals_.size() < kTold) refusals_.push_back(refusal);
    real_.io.observers.tell([&](RealIoObserver& o) { o.refused(account_, refusal); });
}

simulation::IoResult VirtualIo::start_ipl(Work& work, uint16_t device, simulation::Subchannel::IplEnd end) {
    RelayedSubchannel* const relay = relayed(device);
    if (relay == nullptr) {
        const simulation::IoResult result = channels.start_ipl(device, std::move(end));
        work.step(start_step(device));
        return result;
    }
    relay->charge_to(&work);
    const simulation::IoResult result = channels.start_ipl(device, std::move(end));
    relay->charge_to(nullptr);
    return result;
}

void VirtualIo::give_up_pages(uint32_t begin, uint32_t end) {
    for (RelayedSubchannel* one : relayed_) one->give_up_pages(begin, end);
}

// ---- Spooled devices and the console ----

void VirtualIo::use_spool(const std::string& owner) {
    if (real_.spool == nullptr) return;
    spooled_units_ = std::make_unique<SpooledUnits>(
        *real_.spool, owner, ledger_, account_, channel_storage.storage(), events_,
        SpooledHost{[this](Work& work, std::string_view line) { message(work, line); }, output_.printer,
                    output_.punch, output_.full});
}

void VirtualIo::add_spooled(const simulation::DeviceDescription& what, UnitRecordRole role) {
    simulation::Device* const device = channels.device(what.address);
    if (role != UnitRecordRole::console)
        spooled_.push_back({what.address, dynamic_cast<const simulation::CardReader*>(device)});
    if (spooled_units_ == nullptr) return;
    switch (role) {
        case UnitRecordRole::console: return spooled_units_->add_console(what.address, device->type());
        case UnitRecordRole::card_reader:
            return spooled_units_->add_reader(what.address, static_cast<simulation::CardReader&>(*device));
        case UnitRecordRole::card_punch:
            return spooled_units_->add_punch(what.address, static_cast<simulation::CardPunch&>(*device));
        case UnitRecordRole::printer: break;
    }
    spooled_units_->add_printer(
        what.address, static_cast<simulation::Printer&>(*device),
        what.carriage_tape.empty() ? nullptr : simulation::read_carriage_tape(what.carriage_tape));
}

VirtualIo::Spooled* VirtualIo::spooled(uint16_t device) {
    const auto found = std::find_if(spooled_.begin(), spooled_.end(),
                                    [&](const Spooled& one) { return one.address == device; });
    return found == spooled_.end() ? nullptr : &*found;
}

Step VirtualIo::start_step(uint16_t device) {
    if (relayed(device) != nullptr) return Step::find_device;
    return spooled(device) != nullptr ? Step::start_spool : Step::start_io;
}

/// No channel program of the guest's was translated: the control program makes the console's itself, and for
/// a spooled device there is none, nor a real interruption.
void VirtualIo::on_concluded(uint16_t device, const simulation::ChannelUse&) {
    if (relayed(device) != nullptr) return;  // its steps are charged one by one
    Spooled* const spool = spooled(device);
    if (spool == nullptr) return Work(ledger_, account_, Cause::ccw).step(Step::end_io);
    if (spool->reader == nullptr) return;
    const uint64_t read = spool->reader->cards_read() - spool->cards_charged;
    spool->cards_charged += read;
    if (read != 0) Work(ledger_, account_, Cause::spool).step(Step::spool_record, read);
}

void VirtualIo::on_interruption_pending(uint16_t) { on_interruption_pending_for_guest(); }

void VirtualIo::message(Work& work, std::string_view line) {
    work.step(Step::console_line);
    work.step(Step::console_character, line.size());
    if (output_.console_text) output_.console_text(std::string(line) + '\n', false);
    end_line(line);
}

/// A line stands on the console.
void VirtualIo::end_line(std::string_view line) {
    if (output_.console_line) output_.console_line(line);
    if (spooled_units_ != nullptr) spooled_units_->console_line(line);
}

void VirtualIo::end_console_line() {
    if (lines_.line().empty()) return;
    lines_.end([this](std::string_view line) { end_line(line); });
}

void VirtualIo::type(std::string_view text, bool keyed) {
    if (output_.console_text) output_.console_text(text, keyed);
    lines_.add(text, [this](std::string_view line) {
        Work work(ledger_, account_, Cause::console);
        work.step(Step::console_line);
        work.step(Step::console_character, line.size());
        end_line(line);
    });
}

simulation::CardPunch::Output VirtualIo::spooled_punch(uint16_t device) {
    return [this, device](const simulation::Card& card, unsigned) {
        Work(ledger_, account_, Cause::spool).step(Step::spool_record);
        if (output_.punch) output_.punch(device, card);
    };
}

simulation::Printer::Output VirtualIo::spooled_printer(uint16_t device) {
    return [this, device](std::string_view text) {
        for (const char c : text)
            if (c == '\n' || c == '\f') Work(ledger_, account_, Cause::spool).step(Step::spool_record);
        if (output_.printer) output_.printer(device, text);
    };
}

}  // namespace vmcp
