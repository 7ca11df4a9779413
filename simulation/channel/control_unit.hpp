// A control unit that several devices share. It works for one of them at a time (shared_path.hpp).
//
// Meanwhile another device can neither be selected, which is answered with status modifier and busy, nor
// reconnect: a device end that comes has to wait. Whoever was told that the control unit is busy is told with
// control unit end when it is free again. GA22-7000 chapter 13, "Busy" and "Control Unit End".
#pragma once

#include "simulation/channel/shared_path.hpp"

namespace simulation {

class ControlUnit final : public SharedPath {
  public:
    /// The device was told that it is busy: control unit end is due.
    void refused(Device& device) {
        if (refused_ == nullptr) refused_ = &device;
    }
    void forget(Device& device) override;

  private:
    bool awaited() const override { return refused_ != nullptr || SharedPath::awaited(); }
    void tell() override;

    Device* refused_ = nullptr;  // the first one that was told
};

}  // namespace simulation
