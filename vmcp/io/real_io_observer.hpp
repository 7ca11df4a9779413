// Looks on at the real devices of the control program.
#pragma once

#include <string_view>

#include "simulation/model/time.hpp"
#include "vmcp/ledger/account.hpp"

namespace vmcp {

class RealDevice;

/// What was refused to a machine's input and output.
struct IoRefusal {
    enum class What : uint8_t {
        not_mapped,     // an address that the I/O tables do not have
        not_permitted,  // one that they have for the other direction
        unit,           // a unit that is somebody else's
    };
    What what;
    simulation::SimTime at;
    uint16_t device;       // of the machine
    uint32_t address = 0;  // in the machine's storage
    bool storing = false;
};
/// "not mapped", "not permitted", "unit not assigned"
std::string_view name_of(IoRefusal::What what);

class RealIoObserver {
  public:
    virtual ~RealIoObserver() = default;
    /// A request has come to a device that is busy: so many wait for it now.
    virtual void queued(const RealDevice&, simulation::SimTime /*now*/, size_t /*waiting*/) {}
    /// A device has begun to work for a request, of which none waits any more but `waiting`.
    virtual void began(const RealDevice&, const Account& /*payer*/, simulation::SimTime /*now*/,
                       size_t /*waiting*/) {}
    /// A machine with translating channels was refused an access, or a unit.
    virtual void refused(const Account& /*of*/, const IoRefusal&) {}
    /// It is free again.
    virtual void ended(const RealDevice&, simulation::SimTime /*now*/) {}
};

}  // namespace vmcp
