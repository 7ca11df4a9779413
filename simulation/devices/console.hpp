// The operator's console: a keyboard and a typewriter, IBM 3215, 3210 or 1052-7. GA24-3550 (3210 and 3215),
// GA22-6877 (1052).
//
// Commands, the same for the three: write (01), write with automatic carrier return (09), read inquiry (0A),
// no-operation (03), sense (04: 1 byte), alarm (0B); the 1052 takes 89 and 8A for 09 and 0A. Channel end and
// device end come together, for no-operation and alarm at once. A read waits until the operator has entered a
// line. The operator asks for a read with the request key: attention. The units differ in speed, and the 1052
// has keys by which the operator makes it ready and not ready.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/channel/device.hpp"

namespace simulation {

enum class ConsoleModel : uint8_t { c3215, c3210, c1052 };

constexpr const DeviceTiming& default_timing(ConsoleModel model) {
    return model == ConsoleModel::c3215   ? kTiming3215
           : model == ConsoleModel::c3210 ? kTiming3210
                                          : kTiming1052;
}

class Console final : public Device {
  public:
    /// What appears on the paper, as UTF-8: typed by the program (or, `keyed`, by the operator). A carrier
    /// return is '\n', the alarm '\a'. Text comes when it has been typed.
    using Output = std::function<void(std::string_view text, bool keyed)>;

    /// What of it a program or an operator can notice.
    struct State {
        std::vector<std::string> lines;  // that were entered and no read has taken
        bool reading = false;
        bool carrier_return = false;  // ends the write under way
        bool ready = true;
    };

    explicit Console(Output output, ConsoleModel model = ConsoleModel::c3215)
        : Console(std::move(output), model, default_timing(model)) {}
    Console(Output output, ConsoleModel model, DeviceTiming timing);

    ~Console() override;

    std::string_view type() const override;

    /// The operator has a line for the program (UTF-8, without carrier return). A waiting read gets it at
    /// once. Otherwise the operator presses the request key and keeps the line ready for the next read. With
    /// further lines ready, the operator presses request again a second after each line that was read, unless
    /// a read came before.
    void enter(std::string_view line);
    /// Who is asked first whether he takes such a line, and does where the answer is true: a program that has
    /// another way to the operator.
    std::function<bool(std::string_view line)> taker;
    /// The request key alone: attention.
    void request();
    /// The cancel key: a waiting read ends with unit exception. Otherwise nothing happens.
    void cancel();

    /// The 1052's ready and not-ready keys, or the end of the paper. Not ready: write and read are refused
    /// (intervention required). That it has become ready is told with device end.
    void set_ready(bool ready);

    bool read_waiting() const { return state_.reading; }
    /// Lines entered that no read has taken.
    size_t lines_waiting() const { return state_.lines.size(); }

    const State& state() const { return state_; }

  private:
    uint8_t start(uint8_t command) override;
    void discard() override;
    void forget_request();
    void type_on();
    void deliver();
    void show(std::string_view text, bool keyed) const;

    Output output_;
    State state_;
    EventQueue::Handle next_request_ = 0;
    ConsoleModel model_;
};

}  // namespace simulation
