#include "vmcp/io/relayed_subchannel.hpp"

#include <algorithm>
#include <utility>

#include "simulation/devices/ckd_disk.hpp"
#include "simulation/devices/fba_disk.hpp"
#include "simulation/model/log.hpp"

namespace vmcp {

using namespace simulation;

namespace {

constexpr uint32_t kAddress = 0x00FFFFFF;
constexpr uint8_t kSense = 0x04;
/// How long it takes to give sense information that the control program has kept (assumed).
constexpr SimTime kGiveSense = 100 * kMicrosecond;

}  // namespace

std::string_view name_of(WayOfIo way) {
    static constexpr std::string_view names[] = {"ccw-translation", "fast", "direct", "translating-channel"};
    return names[static_cast<unsigned>(way)];
}

RelayedSubchannel::RelayedSubchannel(ChannelContext& context, uint16_t address, RealIo& real,
                                     FrameTable& frames, SpareCopies& copies, Account& account,
                                     GuestChannelStorage& storage, const RelayedDevice& what)
    : Subchannel(context, address),
      real_(real),
      account_(account),
      guest_(storage),
      what_(what),
      frames_(frames),
      untranslated_(storage.storage(), frames),
      programs_(copies, what_.way == WayOfIo::fast ? what_.kept_programs : 1,
                [this, &frames] { return new_program(frames); }) {
    if (what_.watch) set_filter(what_.watch);
    if (what_.way == WayOfIo::translating_channel)
        use_tables(what_.whole != nullptr ? what_.whole
                                          : std::make_shared<IoMapping>(guest_, frames_, what_.mapped_pages));
    if (!what_.dedicated) return;
    what_.device->owner = &account_;
    what_.device->on_unsolicited = [this](Work&, uint8_t status) { on_unsolicited(status); };
    if (what_.interpretive)
        what_.device->kept_for_guest = [this] {
            return (by_machine_ || !requested_) && machine_presents(this->address());
        };
}

std::unique_ptr<TranslatedProgram> RelayedSubchannel::new_program(FrameTable& frames) {
    auto program = std::make_unique<TranslatedProgram>(guest_, what_.extent, frames);
    program->on_followed = [this](const CcwTranslator::Counts& counts) {
        Work work = Work::continued(real_.ledger(), account_, Cause::ccw);
        charge(work, counts);
    };
    program->follow_changes(what_.follows_changes);
    program->on_guest_ccw = [this](const Ccw& ccw) { tell(ccw); };
    return program;
}

RelayedSubchannel::~RelayedSubchannel() {
    cancel();
    if (what_.watch) set_filter(nullptr);
    if (zone_) mapping_->leave(*zone_);
    if (what_.device->last_user == this) what_.device->last_user = nullptr;
    for (const RelayedDevice::Piece& piece : what_.pieces)
        if (piece.device->last_user == this) piece.device->last_user = nullptr;
    if (!what_.dedicated) return;
    what_.device->owner = nullptr;
    what_.device->on_unsolicited = nullptr;
    what_.device->kept_for_guest = nullptr;
}

template <class Do>
auto RelayedSubchannel::with_work(Do what) {
    if (work_ != nullptr) return what(*work_);
    Work work = machine_calls_ ? Work::continued(real_.ledger(), account_, Cause::ccw)
                               : Work(real_.ledger(), account_, Cause::ccw);
    return what(work);
}

// ---- Starting ----

/// What the guest's own channel would find wrong before it selects the device.
std::optional<Csw> RelayedSubchannel::refusal(uint32_t caw) {
    const auto key = static_cast<uint8_t>(caw >> 28);
    const uint32_t address = caw & kAddress;
    const auto refused = [&](uint32_t shown, uint8_t status) {
        return Csw{key, shown & kAddress, 0, status, 0};
    };
    if ((caw & 0x0F000000) != 0) return refused(address, kProgramCheck);
    if (address % 8 != 0) return refused(address + 8, kProgramCheck);
    uint8_t bytes[8];
    const ChannelAccess access = guest_.fetch(address, bytes, 8, key);
    if (access == ChannelAccess::protection) return refused(address + 8, kProtectionCheck);
    if (access != ChannelAccess::ok) return refused(address + 8, kProgramCheck);
    const Ccw ccw = decode_ccw(bytes);
    if (ccw.transfers_in_channel() || is_invalid(ccw, false)) return refused(address + 8, kProgramCheck);
    if (device_status_ == 0 && !device_busy_) return std::nullopt;
    // A condition that waits in the device is handed over with the busy bit, and gone. The first CCW has been
    // fetched by then.
    const bool program_controlled = (ccw.flags & kFlagProgramControlled) != 0;
    const Csw csw = {key, (address + 8) & kAddress,
                     static_cast<uint8_t>(std::exchange(device_status_, 0) | kBusy),
                     program_controlled ? kProgramControlled : uint8_t{0}, ccw.count};
    context().pending_changed(*this);
    return csw;
}

std::optional<Csw> RelayedSubchannel::start(uint32_t caw, ChannelStorage*) {
    return with_work([&](Work& work) -> std::optional<Csw> {
        ++counts_.starts;
        by_machine_ = machine_calls_;
        if (by_machine_) ++counts_.by_machine;
        if (const auto csw = refusal(caw)) return csw;
        uint8_t bytes[8];
        guest_.fetch(caw & kAddress, bytes, 8, 0);
        const Ccw first = decode_ccw(bytes);
        if (first.command == kSense && !sense_.empty() && what_.device->last_user != this &&
            (first.flags & (kFlagChainCommand | kFlagChainData | kFlagIndirect)) == 0)
            return give_sense(work, first, caw);
        sense_.clear();
        guest_caw_ = caw;
        choose_piece(first);
        if (!translate(work, caw)) {
            log().warn("{:03X}: real storage has no room for the channel program at {:06X}", address(),
                       caw & kAddress);
            guest_.storage().set_exhausted();  // the machine does not go on
            return std::nullopt;
        }
        return submit(work);
    });
}

bool RelayedSubchannel::translate(Work& work, uint32_t caw) {
    if (what_.way == WayOfIo::direct || (what_.way == WayOfIo::translating_channel && map(work, caw))) {
        caw_ = caw;
        storage_in_use_ = zone_          ? static_cast<ChannelStorage*>(&*zone_)
                          : what_.unsafe ? static_cast<ChannelStorage*>(&untranslated_)
                                         : &guest_;
        if (on_translated) on_translated(*this);
        return true;
    }
    uint8_t bytes[8];
    guest_.fetch(caw & kAddress, bytes, 8, 0);
    first_ccw_ = decode_ccw(bytes);
    const auto position = position_for(first_ccw_);
    if (what_.way == WayOfIo::fast) {
        if (use_again(work, caw, position)) return true;
        programs_.choose_free();
    }
    if (!in_use().make(caw, position)) return false;
    ++(program().form() == TranslatedProgram::Form::copied ? counts_.copied : counts_.followed);
    charge(work, in_use().translator().counts());
    caw_ = program().caw();
    storage_in_use_ = in_use().storage();
    if (on_translated) on_translated(*this);
    if (context().observers.any())
        for (const TranslatedProgram::Pair& pair : program().pairs())
            if (!pair.own) tell(pair.guest);
    log().debug("{:03X} start: CAW {:08X}, first CCW {:016X}, {}", address(), caw, encode(decode_ccw(bytes)),
                program().form() == TranslatedProgram::Form::copied ? "copied" : "followed");
    return true;
}

/// Whether one of the copies that were kept is still good. What was compared to know that is charged either
/// way.
bool RelayedSubchannel::use_again(Work& work, uint32_t caw,
                                  std::optional<TranslatedProgram::Position> position) {
    const KeptPrograms::Found found = programs_.find(caw, position);
    if (found.compared != 0) work.step(Step::compare_ccw, found.compared);
    if (!found.moved) return false;
    ++counts_.reused;
    if (*found.moved != 0) work.step(Step::relocate_ccw, *found.moved);
    caw_ = program().caw();
    storage_in_use_ = in_use().storage();
    if (on_translated) on_translated(*this);
    return true;
}

void RelayedSubchannel::tell(const Ccw& ccw) {
    context().observers.tell([&](ChannelObserver& o) { o.on_ccw(address(), ccw); });
}

void RelayedSubchannel::charge(Work& work, const CcwTranslator::Counts& counts) {
    counts_.control_ccws += counts.control;
    counts_.data_ccws += counts.data;
    counts_.crossings += counts.crossings;
    if (counts.control != 0) work.step(Step::translate_control_ccw, counts.control);
    if (counts.data != 0) work.step(Step::translate_data_ccw, counts.data);
    if (counts.crossings != 0) work.step(Step::cross_page, counts.crossings);
    if (counts.relocated != 0) work.step(Step::relocate_ccw, counts.relocated);
}

bool RelayedSubchannel::needs_position(const Ccw& first) const {
    const bool alone = (first.flags & (kFlagChainCommand | kFlagChainData)) == 0;
    if (alone && (first.command == kSense || moves_no_data(what_.extent.device, first.command))) return false;
    return what_.extent.needs_position(first.command);
}

/// Where the arm has to be brought first: others may have moved it.
std::optional<TranslatedProgram::Position> RelayedSubchannel::position_for(const Ccw& first) const {
    if (!needs_position(first)) return std::nullopt;
    const auto* disk = dynamic_cast<const CkdDisk*>(&what_.device->device);
    if (disk == nullptr) return std::nullopt;
    const bool there =
        !what_.device->busy() && disk->state().head == head_ && disk->state().cylinder == real_cylinder();
    if (there) return std::nullopt;
    return TranslatedProgram::Position{cylinder_, head_};
}

// ---- To the real device ----

/// Gives the request to the real device. Empty: it has to wait, for the device or for pages that have yet to
/// come.
std::optional<IoResult> RelayedSubchannel::request(Work& work) {
    charge(work, Step::queue_io);
    requested_ = true;
    const GuestStorage& storage = guest_.storage();
    if (!storage.pages_under_way() && storage.pages_ready() <= real_.ledger().now())
        return real_.start(work, *what_.device, *this);
    when_pages_are_ready();
    return std::nullopt;
}

void RelayedSubchannel::when_pages_are_ready() {
    const auto start = [this] {
        forget_deferred();
        Work later(real_.ledger(), account_, Cause::real_io);
        if (const auto result = real_.start(later, *what_.device, *this)) started(later, *result);
    };
    const SimTime ready = guest_.storage().pages_ready();
    if (!guest_.storage().pages_under_way())
        deferred_ = real_.machine().events().schedule_for(account_.owner, ready, start);
    else
        pages_ = guest_.storage().when_pages_arrive([this, start] {
            if (guest_.storage().pages_ready() <= real_.ledger().now()) return start();
            pages_.reset();
            when_pages_are_ready();
        });
}

void RelayedSubchannel::forget_deferred() {
    real_.machine().events().cancel(std::exchange(deferred_, 0));
    pages_.reset();
}

/// What START I/O tells of it. Empty: condition code 0.
std::optional<Csw> RelayedSubchannel::submit(Work& work) {
    state_ = State::working;
    const auto result = request(work);
    if (!result || result->condition_code == 0) return std::nullopt;
    state_ = State::idle;
    requested_ = real_.machine().channels().device_end_due(what_.device->address);
    if (result->condition_code == 2) {
        release(work);
        return Csw{.unit_status = kBusy};
    }
    const Csw csw = untranslate(work, result->csw);
    device_busy_ = requested_;
    keep_sense(csw);
    note_position();
    release(work);
    return csw;
}

/// While it waited, for pages or for the device, somebody else may have moved the arm.
void RelayedSubchannel::prepare(Work& work) {
    in_use().begin();
    if (what_.extent.whole || ipl_end_ || program().positioned()) return;
    if (!position_for(first_ccw_)) return;
    in_use().end(false);
    if (translate(work, guest_caw_)) return in_use().begin();
    guest_.storage().set_exhausted();
    caw_ = ~uint32_t{0};  // which the channel refuses
    storage_in_use_ = nullptr;
}

/// The real START I/O that had to wait.
void RelayedSubchannel::started(Work& work, const IoResult& result) {
    if (result.condition_code == 0) return;
    if (result.condition_code == 1 && goes_on(work, result.csw)) return;
    requested_ = device_busy_ = real_.machine().channels().device_end_due(what_.device->address);
    const Csw csw =
        result.condition_code == 1 ? untranslate(work, result.csw) : Csw{.unit_status = kUnitCheck};
    keep_sense(csw);
    note_position();
    release(work);
    conclude(csw);
}

/// Sense information of a unit check since which others have used the device.
std::optional<Csw> RelayedSubchannel::give_sense(Work& work, const Ccw& ccw, uint32_t caw) {
    work.step(Step::queue_io);
    const auto key = static_cast<uint8_t>(caw >> 28);
    Csw csw = {key, (caw + 8) & kAddress, kChannelEnd | kDeviceEnd, 0, 0};
    const auto length = static_cast<uint32_t>(sense_.size());
    const uint32_t wanted = std::min<uint32_t>(ccw.count, length);
    uint32_t done = 0;
    while ((ccw.flags & kFlagSkip) == 0 && done < wanted) {
        const uint32_t at = ccw.address + done, n = std::min(wanted - done, kBlock - at % kBlock);
        const ChannelAccess access = guest_.store(at, sense_.data() + done, n, key);
        if (access != ChannelAccess::ok) {
            csw.channel_status = access == ChannelAccess::protection ? kProtectionCheck : kProgramCheck;
            break;
        }
        done += n;
    }
    if ((ccw.flags & kFlagSkip) != 0) done = wanted;
    csw.count = static_cast<uint16_t>(ccw.count - done);
    if (csw.channel_status == 0 && ccw.count != length && (ccw.flags & kFlagSuppressLength) == 0)
        csw.channel_status = kIncorrectLength;
    sense_.clear();
    state_ = State::working;
    deferred_ =
        real_.machine().events().schedule_for(account_.owner, real_.ledger().now() + kGiveSense, [this, csw] {
            deferred_ = 0;
            conclude(csw);
        });
    return std::nullopt;
}

std::optional<Csw> RelayedSubchannel::start_ipl(IplEnd end) {
    return with_work([&](Work& work) -> std::optional<Csw> {
        ++counts_.starts;
        ++counts_.followed;
        by_machine_ = false;
        work.step(Step::find_device);
        sense_.clear();
        guest_caw_ = 0;
        halting_ = false;
        go_to(0);
        if (!in_use().make_ipl()) {
            guest_.storage().set_exhausted();
            return std::nullopt;
        }
        charge(work, in_use().translator().counts());
        caw_ = program().caw();
        storage_in_use_ = in_use().storage();
        ipl_end_ = std::make_unique<IplEnd>(std::move(end));
        const auto csw = submit(work);
        if (csw) ipl_end_.reset();
        return csw;
    });
}

// ---- Interruptions ----

Csw RelayedSubchannel::untranslate(Work& work, const Csw& csw) {
    charge(work, Step::untranslate_csw);
    return runs_as_it_is() ? csw : program().untranslate(csw);
}

void RelayedSubchannel::interrupted(Work& work, const Csw& csw, bool over) {
    if (over) requested_ = false;
    log().debug("{:03X} interruption: CSW {:016X}{}", address(), encode(csw), over ? ", over" : "");
    if (state_ != State::working) {  // the device end behind the channel end
        device_busy_ = !over;
        device_status_ |= csw.unit_status;
        charge(work, Step::end_device);
        context().pending_changed(*this);
        return;
    }
    if (csw.unit_status == 0 && csw.channel_status == kProgramControlled && !over &&
        real_.machine().channels().working(what_.device->address)) {
        if (ipl_end_) return;  // initial program loading has none
        pci_csw_ = untranslate(work, csw);
        pci_pending_ = true;
        context().pending_changed(*this);
        return;
    }
    if (over && goes_on(work, csw)) return;
    device_busy_ = !over;
    keep_sense(csw);
    const Csw seen = untranslate(work, csw);
    note_position();
    charge(work, Step::end_device);
    release(work);
    conclude(seen);
}

/// Somebody else may use the device before the guest asks.
void RelayedSubchannel::keep_sense(const Csw& csw) {
    if ((csw.unit_status & kUnitCheck) != 0 && !what_.dedicated) sense_ = what_.device->device.sense();
}

void RelayedSubchannel::on_unsolicited(uint8_t unit_status) {
    device_status_ |= unit_status;
    context().pending_changed(*this);
}

/// Where the arm of the virtual disk is now.
void RelayedSubchannel::note_position() {
    if (what_.extent.whole || what_.device->last_user != this) return;
    const auto* disk = dynamic_cast<const CkdDisk*>(&what_.device->device);
    if (disk == nullptr) return;
    const uint32_t cylinder = disk->state().cylinder;
    if (cylinder < what_.extent.first || cylinder >= what_.extent.first + what_.extent.count) return;
    cylinder_ = cylinder - what_.extent.first + what_.extent.base;
    head_ = disk->state().head;
}

void RelayedSubchannel::release(Work& work) {
    if (program().form() == TranslatedProgram::Form::copied) {
        const CcwTranslator::Counts& counts = in_use().translator().counts();
        if (counts.control != 0) work.step(Step::release_control_ccw, counts.control);
        if (counts.data != 0) work.step(Step::release_data_ccw, counts.data);
    }
    if (what_.watch) charge_watch(work);
    if (program().exhausted()) guest_.storage().set_exhausted();
    end_mapping();
    if (mapping_) charge_mapping(work);
    in_use().end(what_.way == WayOfIo::fast);
    storage_in_use_ = nullptr;
}

void RelayedSubchannel::set_filter(std::shared_ptr<DiskWatch> watch) {
    const DiskExtent& extent = what_.extent;
    dynamic_cast<FbaDisk&>(what_.device->device)
        .set_filter(std::move(watch), extent.first, extent.whole ? ~uint32_t{0} : extent.count);
}

void RelayedSubchannel::charge_watch(Work& work) {
    const WatchCounts now = what_.watch->take_counts();
    if (now.all() == 0) return;
    work.step(Step::watch_block, now.all());
    if (what_.watch->enciphers()) work.step(Step::encipher_block, now.all());
    counts_.watched.read += now.read;
    counts_.watched.written += now.written;
}

void RelayedSubchannel::conclude(const Csw& csw) {
    if (ipl_end_) {
        const auto end = std::move(ipl_end_);
        state_ = State::idle;
        (*end)(csw.channel_status == 0 && (csw.unit_status & ~kEndBits) == 0, csw);
    } else {
        state_ = State::pending;
        csw_ = csw;
        if (std::exchange(pci_pending_, false)) csw_.channel_status |= kProgramControlled;
    }
    context().observers.tell([&](ChannelObserver& o) {
        o.on_concluded(address(), {});
        o.on_status(address(), csw);
    });
    context().pending_changed(*this);
}

// ---- Other instructions ----

std::optional<Csw> RelayedSubchannel::test() {
    if (interruption_pending()) return take();
    if (device_busy_) return Csw{.unit_status = kBusy};
    if (!what_.dedicated || what_.device->busy()) return std::nullopt;
    const IoResult result = real_.machine().channels().test_io(what_.device->address);
    if (result.condition_code != 1) return std::nullopt;
    return Csw{.unit_status = result.csw.unit_status};
}

Csw RelayedSubchannel::take() {
    Csw csw;
    if (state_ == State::working) {
        csw = pci_csw_;
        pci_pending_ = false;
    } else if (state_ == State::pending) {
        csw = csw_;
        state_ = State::idle;
    } else {
        csw.unit_status = std::exchange(device_status_, 0);
    }
    context().pending_changed(*this);
    return csw;
}

void RelayedSubchannel::halt() {
    if (!requested_) return;
    halting_ = true;
    if (!deferred() && real_.halt(*what_.device, *this)) return;
    forget_deferred();
    requested_ = false;  // it had not begun
    with_work([&](Work& work) { release(work); });
    conclude({static_cast<uint8_t>(guest_caw_ >> 28), (guest_caw_ + 8) & kAddress, kChannelEnd | kDeviceEnd,
              0, 0});
}

Csw RelayedSubchannel::clear() {
    if (state_ == State::pending) return take();
    Csw csw = {static_cast<uint8_t>(guest_caw_ >> 28), (guest_caw_ + 8) & kAddress, 0, 0, 0};
    if (requested_ && !deferred() && what_.device->works_for(*this)) {
        const RealIo::Cleared cleared = real_.clear(*what_.device);
        csw = with_work([&](Work& work) { return untranslate(work, cleared.csw); });
        if (pci_pending_) csw.channel_status |= kProgramControlled;
        device_status_ |= cleared.status;
        device_busy_ = requested_ = what_.device->works_for(*this);
        note_position();
        drop_program();
    } else {
        cancel();
    }
    ipl_end_.reset();
    state_ = State::idle;
    context().pending_changed(*this);
    return csw;
}

void RelayedSubchannel::cancel() {
    forget_deferred();
    if (std::exchange(requested_, false)) real_.cancel(*what_.device, *this);
    drop_program();
    device_busy_ = false;
}

void RelayedSubchannel::drop_program() {
    end_mapping();
    in_use().end(what_.way == WayOfIo::fast);
    storage_in_use_ = nullptr;
    pci_pending_ = false;
}

void RelayedSubchannel::reset() {
    cancel();
    if (what_.dedicated) {
        real_.machine().channels().reset(what_.device->address);
        // It may have been the one that was to be told when the control unit is free: others try again.
        real_.cancel(*what_.device, *this);
    }
    programs_.forget();
    if (mapping_ && mapping_ != what_.whole) mapping_->forget();
    ipl_end_.reset();
    sense_.clear();
    state_ = State::idle;
    device_status_ = 0;
    go_to(0);
    cylinder_ = head_ = 0;
    context().pending_changed(*this);
}

void RelayedSubchannel::give_up_pages(uint32_t begin, uint32_t end) {
    if (mapping_) mapping_->give_up(begin, end);
    if (!requested_ || !in_use().translator().has_locked(begin, end)) return;
    cancel();
    conclude({static_cast<uint8_t>(guest_caw_ >> 28), (guest_caw_ + 8) & kAddress, 0, kProgramCheck, 0});
}

}  // namespace vmcp
