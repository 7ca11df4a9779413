// The control program's own input and output: real devices, who waits for them, and their interruptions.
//
// A real device works for one request at a time, from START I/O to its device end; others wait in its queue.
// Every interruption of a real channel comes here, whoever runs at the moment, and is passed to the request
// that the device works for; the work for it is its owner's.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulation/devices/device_configuration.hpp"
#include "simulation/machine/machine.hpp"
#include "vmcp/io/io_request.hpp"
#include "vmcp/io/real_io_observer.hpp"

namespace vmcp {

/// The order in which a device serves those who wait.
enum class QueueOrder : uint8_t {
    arrival,
    cylinder,  // the arm goes on in its direction as long as somebody waits there
};
/// "arrival", "cylinder"
std::string_view name_of(QueueOrder order);

struct RealDeviceCounts {
    uint64_t requests = 0;
    uint64_t queued = 0;         // that had to wait for the device
    uint64_t interruptions = 0;  // of this device
    SimTime queueing = 0;        // waiting of all requests
    SimTime service = 0;         // from START I/O to device end
};

/// What the control program keeps all of a disk for, of which nobody has any then.
enum class OwnUse : uint8_t { none, paging, spool };
/// "paging volume", "spool volume"
std::string_view name_of(OwnUse use);

/// A device of the real machine, as the control program knows it.
class RealDevice {
  public:
    RealDevice(uint16_t device_address, simulation::Device& attached, QueueOrder queue_order)
        : address(device_address), device(attached), order(queue_order) {}

    const uint16_t address;
    simulation::Device& device;
    const QueueOrder order;
    RealDeviceCounts counts;
    /// Told of status that belongs to no request (attention, a tape that became ready), where somebody owns
    /// the whole device.
    std::function<void(Work&, uint8_t unit_status)> on_unsolicited;
    /// Whether an interruption of it, now, is kept by the machine for the guest whose device it is
    /// (interpretive I/O). Empty: never; the control program is interrupted.
    std::function<bool()> kept_for_guest;
    Account* owner = nullptr;              // of the whole device; null: nobody, or several
    const IoRequest* last_user = nullptr;  // whose program ran last; only its address means something
    OwnUse own_use{};                      // of the control program's
    bool busy() const { return active_ != nullptr; }
    bool works_for(const IoRequest& request) const { return active_ == &request; }
    size_t waiting() const { return queue_.size(); }

  private:
    friend class RealIo;
    struct Waiting {
        IoRequest* request;
        SimTime since;
    };
    IoRequest* active_ = nullptr;
    SimTime active_since_ = 0;
    std::deque<Waiting> queue_;
    unsigned arm_ = 0;  // where the last request went
    bool upward_ = true;
};

/// What was done about interruptions of the real CPU.
struct TakenInterruptions {
    SimTime for_others = 0;         // the time that it took for other accounts than that of who runs
    Account* last_payer = nullptr;  // null: there was none, or the machine has kept them for its guests
};

class RealIo {
  public:
    RealIo(simulation::Machine& machine, Ledger& ledger) : machine_(machine), ledger_(ledger) {}

    /// Attaches a device to the real machine. Throws as simulation::attach does.
    RealDevice& attach(const simulation::DeviceDescription& what, QueueOrder order = QueueOrder::arrival);
    /// Takes a device away that nobody uses any more.
    void detach(uint16_t address);
    /// Null if there is none.
    RealDevice* find(uint16_t address);
    const std::vector<std::unique_ptr<RealDevice>>& devices() const { return devices_; }

    /// Starts the program now and answers what START I/O did; empty: it has to wait for the device, and will
    /// be told.
    std::optional<simulation::IoResult> start(Work& work, RealDevice& device, IoRequest& request);
    /// The request is given up, whether it waits or runs. The device forgets what it was doing.
    void cancel(RealDevice& device, IoRequest& request);
    /// HALT DEVICE for a request that runs or waits; false: it only waited, and is forgotten.
    bool halt(RealDevice& device, IoRequest& request);
    /// CLEAR I/O for the request that the device works for.
    struct Cleared {
        simulation::Csw csw;
        uint8_t status = 0;  // in which the device has ended since; more comes where it is still busy
    };
    Cleared clear(RealDevice& device);

    bool interruption_pending() const { return machine_.channels().has_pending(); }
    /// Takes what is pending, for each the PSW swap of the CPU that is interrupted.
    TakenInterruptions take_interruptions(const Account* running);

    simulation::Machine& machine() { return machine_; }
    Ledger& ledger() { return ledger_; }

    simulation::Observers<RealIoObserver> observers;

  private:
    std::optional<simulation::IoResult> try_start(Work& work, RealDevice& device, IoRequest& request,
                                                  SimTime since);
    Account& payer_of(const RealDevice* device);
    bool keep(RealDevice& device, const simulation::Csw& csw);
    void present(Work& work, RealDevice& device, const simulation::Csw& csw);
    void finished(RealDevice& device);
    void start_waiting();
    void leave_queue(RealDevice& device, const IoRequest& request);
    size_t choose(RealDevice& device);
    bool shares_control_unit(const RealDevice& device) const;

    simulation::Machine& machine_;
    Ledger& ledger_;
    std::vector<std::unique_ptr<RealDevice>> devices_;
    size_t waiting_ = 0;  // requests, of all devices
};

}  // namespace vmcp
