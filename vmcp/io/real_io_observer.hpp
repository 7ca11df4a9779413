// Looks on at the real devices of the control program.
#pragma once

#include "simulation/model/time.hpp"
#include "vmcp/ledger/account.hpp"

namespace vmcp {

class RealDevice;

class RealIoObserver {
  public:
    virtual ~RealIoObserver() = default;
    /// A request has come to a device that is busy: so many wait for it now.
    virtual void queued(const RealDevice&, simulation::SimTime /*now*/, size_t /*waiting*/) {}
    /// A device has begun to work for a request, of which none waits any more but `waiting`.
    virtual void began(const RealDevice&, const Account& /*payer*/, simulation::SimTime /*now*/,
                       size_t /*waiting*/) {}
    /// It is free again.
    virtual void ended(const RealDevice&, simulation::SimTime /*now*/) {}
};

}  // namespace vmcp
