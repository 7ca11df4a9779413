#include "vmcp/io/real_io.hpp"

#include <algorithm>
#include <utility>

namespace vmcp {

using simulation::IoResult;

std::string_view name_of(QueueOrder order) { return order == QueueOrder::arrival ? "arrival" : "cylinder"; }

std::string_view name_of(OwnUse use) { return use == OwnUse::spool ? "spool volume" : "paging volume"; }

RealDevice& RealIo::attach(const simulation::DeviceDescription& what, QueueOrder order) {
    simulation::Device& device = simulation::attach(machine_.channels(), machine_.model(), what);
    return *devices_.emplace_back(std::make_unique<RealDevice>(what.address, device, order));
}

void RealIo::detach(uint16_t address) {
    machine_.channels().detach(address);
    std::erase_if(devices_, [address](const auto& device) { return device->address == address; });
    start_waiting();  // it may have been the one that was to be told when their control unit is free
}

RealDevice* RealIo::find(uint16_t address) {
    for (const auto& device : devices_)
        if (device->address == address) return device.get();
    return nullptr;
}

std::string_view name_of(IoRefusal::What what) {
    static constexpr std::string_view names[] = {"not mapped", "not permitted", "unit not assigned"};
    return names[static_cast<unsigned>(what)];
}

// ---- Starting and waiting ----

std::optional<IoResult> RealIo::start(Work& work, RealDevice& device, IoRequest& request) {
    ++device.counts.requests;
    if (!device.busy() && device.queue_.empty())
        if (const auto result = try_start(work, device, request, ledger_.now())) return result;
    if (!request.waits_for_device() && !device.busy() && !shares_control_unit(device))
        return IoResult{2, IoResult::Stores::nothing, {}};
    ++device.counts.queued;
    device.queue_.push_back({&request, ledger_.now()});
    ++waiting_;
    observers.tell([&](RealIoObserver& o) { o.queued(device, ledger_.now(), device.waiting()); });
    return std::nullopt;
}

/// Empty: the device is busy after all.
std::optional<IoResult> RealIo::try_start(Work& work, RealDevice& device, IoRequest& request, SimTime since) {
    using simulation::kBusy, simulation::kControlUnitEnd, simulation::kStatusModifier;
    const SimTime waited = ledger_.now() - since;
    IoResult result;
    for (unsigned attempts = 0; attempts < 2; ++attempts) {
        request.prepare(work);
        if (attempts == 0 && !request.moves_page() && !request.started_by_machine())
            work.step(Step::start_device);
        result = machine_.channels().start_io(device.address, request.caw(), false, request.storage());
        const uint8_t status = result.condition_code == 1 ? result.csw.unit_status : uint8_t{0};
        if ((status & kBusy) == 0 && result.condition_code != 2) break;
        // Nobody hears of a control unit that works for others.
        const bool waits =
            request.waits_for_device() ||
            ((status & (kStatusModifier | kControlUnitEnd)) != 0 && shares_control_unit(device));
        if (!waits) {
            if (result.condition_code == 2) return std::nullopt;
            return result;
        }
        // Busy for a reason that is told with it, and so gone: once more.
        if (result.condition_code == 2 || (status & ~kBusy) == 0 || (status & kStatusModifier) != 0)
            return std::nullopt;
    }
    device.counts.queueing += waited;
    device.last_user = &request;
    device.arm_ = request.cylinder();
    if (result.condition_code == 0 || machine_.channels().device_end_due(device.address)) {
        device.active_ = &request;
        device.active_since_ = ledger_.now();
        observers.tell(
            [&](RealIoObserver& o) { o.began(device, request.payer(), ledger_.now(), device.waiting()); });
    }
    return result;
}

/// Whether a device of somebody else is on the same control unit.
bool RealIo::shares_control_unit(const RealDevice& device) const {
    return std::any_of(devices_.begin(), devices_.end(), [&device](const auto& other) {
        return other.get() != &device && other->device.shares_control_unit_with(device.device) &&
               (other->owner == nullptr || other->owner != device.owner);
    });
}

/// Whose turn it is: of those who wait, the next in the direction in which the arm moves.
size_t RealIo::choose(RealDevice& device) {
    if (device.order == QueueOrder::arrival) return 0;
    for (unsigned turns = 0; turns < 2; ++turns, device.upward_ = !device.upward_) {
        std::optional<size_t> best;
        const auto far = [&](size_t i) {
            const int way =
                static_cast<int>(device.queue_[i].request->cylinder()) - static_cast<int>(device.arm_);
            return device.upward_ ? way : -way;
        };
        for (size_t i = 0; i < device.queue_.size(); ++i)
            if (far(i) >= 0 && (!best || far(i) < far(*best))) best = i;
        if (best) return *best;
    }
    return 0;
}

void RealIo::start_waiting() {
    if (waiting_ == 0) return;
    for (const auto& one : devices_) {
        RealDevice& device = *one;
        while (!device.busy() && !device.queue_.empty()) {
            const size_t chosen = choose(device);
            const RealDevice::Waiting next = device.queue_[chosen];
            device.queue_.erase(device.queue_.begin() + static_cast<std::ptrdiff_t>(chosen));
            --waiting_;
            Account& payer = next.request->payer();
            Work work = next.request->started_by_machine() ? Work::continued(ledger_, payer, Cause::real_io)
                                                           : Work(ledger_, payer, Cause::real_io);
            const auto result = try_start(work, device, *next.request, next.since);
            if (!result) {  // its control unit or channel will tell when it is free
                device.queue_.push_front(next);
                ++waiting_;
                break;
            }
            next.request->started(work, *result);
        }
    }
}

void RealIo::leave_queue(RealDevice& device, const IoRequest& request) {
    waiting_ -= std::erase_if(device.queue_,
                              [&request](const RealDevice::Waiting& one) { return one.request == &request; });
}

void RealIo::cancel(RealDevice& device, IoRequest& request) {
    leave_queue(device, request);
    if (device.active_ == &request) {
        machine_.channels().reset(device.address);
        finished(device);
    }
    if (device.last_user == &request) device.last_user = nullptr;
    start_waiting();
}

bool RealIo::halt(RealDevice& device, IoRequest& request) {
    if (device.active_ == &request) {
        machine_.channels().halt_device(device.address);
        return true;
    }
    leave_queue(device, request);
    return false;
}

RealIo::Cleared RealIo::clear(RealDevice& device) {
    Cleared cleared;
    cleared.csw = machine_.channels().clear_io(device.address).csw;
    if (const auto left = machine_.channels().take(device.address)) cleared.status = left->csw.unit_status;
    if (!machine_.channels().device_end_due(device.address)) {
        finished(device);
        start_waiting();
    }
    return cleared;
}

void RealIo::finished(RealDevice& device) {
    device.counts.service += ledger_.now() - device.active_since_;
    device.active_ = nullptr;
    observers.tell([&](RealIoObserver& o) { o.ended(device, ledger_.now()); });
}

// ---- Interruptions ----

/// Of an interruption: whom the device works for, or who has all of it.
Account& RealIo::payer_of(const RealDevice* device) {
    if (device == nullptr) return ledger_.own();
    if (device->active_ != nullptr) return device->active_->payer();
    if (device->owner != nullptr) return *device->owner;
    if (!device->queue_.empty() && device->queue_.front().request->moves_page())
        return device->queue_.front().request->payer();
    return ledger_.own();
}

TakenInterruptions RealIo::take_interruptions(const Account* running) {
    TakenInterruptions taken;
    while (const auto io = machine_.channels().take_first(~uint32_t{0})) {
        RealDevice* const device = find(io->address);
        if (device != nullptr && device->kept_for_guest && keep(*device, io->csw)) continue;
        Account& payer = payer_of(device);
        const bool for_page =
            device != nullptr && device->active_ != nullptr && device->active_->moves_page();
        const SimTime before = ledger_.now();
        Work work(ledger_, payer, Cause::real_io);
        machine_.cpu().take(isa::IoInterruption{io->address, encode(io->csw)});
        work.interruption_taken(ledger_.now() - before);
        if (!for_page) work.step(Step::take_io_interruption);
        if (device != nullptr) present(work, *device, io->csw);
        start_waiting();
        taken.last_payer = &payer;
        if (&payer != running) taken.for_others += ledger_.now() - before;
    }
    return taken;
}

/// Interpretive I/O: the machine passes it on to the guest whose device it is. False where the control
/// program has to hear of it.
bool RealIo::keep(RealDevice& device, const simulation::Csw& csw) {
    if (!device.kept_for_guest()) return false;
    Work nobodys = Work::continued(ledger_, payer_of(&device), Cause::real_io);
    present(nobodys, device, csw);
    start_waiting();
    return true;
}

void RealIo::present(Work& work, RealDevice& device, const simulation::Csw& csw) {
    using namespace simulation;
    ++device.counts.interruptions;
    IoRequest* const request = device.active_;
    if (request == nullptr) {
        // A control unit that works for others is waited for: its end is for the queue, or comes too late for
        // it, and no guest has been told that it was busy.
        const bool for_the_queue =
            csw.unit_status == kControlUnitEnd && (!device.queue_.empty() || shares_control_unit(device));
        if (device.on_unsolicited && !for_the_queue) device.on_unsolicited(work, csw.unit_status);
        return;
    }
    const bool over =
        !machine_.channels().working(device.address) && !machine_.channels().device_end_due(device.address);
    if (over) finished(device);
    request->interrupted(work, csw, over);
}

}  // namespace vmcp
