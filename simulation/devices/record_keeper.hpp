// Who keeps what a punch or printer is given, record by record, in the place of cards and paper.
//
// A device that has a keeper works as ever for its program; only nothing appears on its output. Whoever reads
// the records again gives them, command and data, to another device of the type: what that puts out is what
// the first would have.
#pragma once

#include <cstdint>
#include <span>

namespace simulation {

class RecordKeeper {
  public:
    virtual ~RecordKeeper() = default;
    /// Asked before the device accepts a command that writes or moves the forms. False: the device refuses it
    /// (intervention required) and is not ready until set_ready.
    virtual bool takes_records() = 0;
    /// A record: the command, and what the channel gave. Cards: 80 bytes, in data mode 2 160. Lines: at most
    /// 132 bytes, none where the forms only moved.
    virtual void take_record(uint8_t command, std::span<const uint8_t> data) = 0;
    /// Asked behind each record: whether its device end has to wait, until the keeper lets the device go on
    /// (Device::go_on).
    virtual bool holds_end() { return false; }
    /// A command that prints nothing, but which lines that follow may depend on (character set, forms
    /// control).
    virtual void take_setup(uint8_t /*command*/, std::span<const uint8_t> /*data*/) {}
};

}  // namespace simulation
