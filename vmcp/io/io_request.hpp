// A channel program that is to run on a real device, for whoever asks for it.
#pragma once

#include "simulation/channel/channel_subsystem.hpp"
#include "simulation/model/time.hpp"
#include "vmcp/ledger/ledger.hpp"

namespace vmcp {

using simulation::SimTime;

class IoRequest {
  public:
    virtual ~IoRequest() = default;

    /// Whose request it is: the work for it is entered there.
    virtual Account& payer() = 0;
    /// The channel-address word of the program, in real storage or in storage().
    virtual uint32_t caw() const = 0;
    /// The storage that the channel finds the program and its data in; null: real storage.
    virtual simulation::ChannelStorage* storage() { return nullptr; }
    /// The cylinder that the arm goes to first, where requests are taken in the order of cylinders.
    virtual unsigned cylinder() const { return 0; }
    /// Whether a busy device is waited for. Otherwise the busy condition is the answer, as on a machine of
    /// one's own.
    virtual bool waits_for_device() const = 0;

    /// It moves a page of the control program's own. Starting the device and taking its interruption are part
    /// of the steps page_in and page_out then, which were measured as a whole: only the hardware's PSW swap
    /// is charged. Who needs the page also pays for being told that a control unit is free.
    virtual bool moves_page() const { return false; }

    /// The machine itself starts it, for a guest that it executes: that is nobody's work.
    virtual bool started_by_machine() const { return false; }

    /// It will be started now, maybe after others had the device.
    virtual void prepare(Work&) {}
    /// It was started (condition code 0), or is over (1, with the status; 3) after it had to wait.
    virtual void started(Work& work, const simulation::IoResult& result) = 0;
    /// The device interrupted for it. `over`: there will be no further interruption.
    virtual void interrupted(Work& work, const simulation::Csw& csw, bool over) = 0;
};

}  // namespace vmcp
