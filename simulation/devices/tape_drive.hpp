// Magnetic tape units: IBM 2400 series (2803 tape control, GA22-6866) and 3420 (3803, GA32-0020, GA32-0021).
//
// Commands: read (02), read backward (0C), write (01); rewind (07), rewind and unload (0F), erase gap (17),
// write tape mark (1F), backspace block (27) and file (2F), forward space block (37) and file (3F), data
// security erase (97, 3420); mode sets (codes that end in binary 011, other than the diagnostic ones; a
// nine-track unit takes those for seven tracks and does nothing); request track in error (1B); no-operation
// (03), sense (04), sense ID (E4, 3420), reserve (F4) and release (D4, 3420).
//
// Tape motion without data ends with channel end at once and device end later. A tape mark is unit exception
// where a block was expected, or where something was written behind the end-of-tape marker. Backward over the
// load point is a unit check. Reading where nothing was ever recorded is an equipment check, after the time
// in which the unit gives up (assumed).
#pragma once

#include <memory>

#include "simulation/channel/device.hpp"
#include "simulation/images/tape_image.hpp"

namespace simulation {

struct MachineModel;

enum class TapeModel : uint8_t { t2400, t3420 };

struct TapeTiming {
    int64_t bytes_per_second = 320'000;
    SimTime start = 2 * kMillisecond;  // until the first byte
    SimTime gap = 3 * kMillisecond;    // of spacing from block to block
    int64_t bytes_per_inch = 1600;
    int64_t rewind_inches_per_second = 640;

    SimTime pass(uint64_t bytes) const { return static_cast<SimTime>(bytes) * kSecond / bytes_per_second; }
    /// A machine model's figures for a type, such as "3420-7". Throws std::out_of_range with a line that
    /// names what is missing.
    static TapeTiming of(const MachineModel& model, std::string_view type);
};

class TapeDrive final : public Device {
  public:
    /// What of it a program or an operator can notice; the image knows where the tape stands.
    struct State {
        uint64_t blocks_read = 0, blocks_written = 0;
        bool ring = false;
        bool wrote = false;       // the last motion was a write
        bool backward = false;    // the last motion was one
        bool erased_gap = false;  // the command before of this chain
    };

    TapeDrive(TapeModel model, TapeTiming timing);

    std::string_view type() const override { return model_ == TapeModel::t2400 ? "2400" : "3420"; }
    bool bursts() const override { return true; }

    /// Puts a tape on, at its load point; the unit becomes ready (device end). Null: takes it off. A tape
    /// without a write ring, or whose file may not be written, is protected.
    void mount(std::unique_ptr<images::TapeImage> tape, bool ring = true);
    void mount(const Medium& medium) override;
    bool mounted() const { return tape_ != nullptr; }
    /// An operator has rewound it: device end. False: there is no tape, or the unit is busy.
    bool rewind_by_hand();

    void begin_chain() override { state_.erased_gap = false; }

    uint64_t blocks_read() const { return state_.blocks_read; }
    uint64_t blocks_written() const { return state_.blocks_written; }

    const State& state() const { return state_; }

  private:
    uint8_t start(uint8_t command) override;
    void complete_sense(Sense& sense) const override;
    /// Whether the tape stands behind the marker that tells that its end is near.
    bool behind_marker() const;
    uint8_t read(bool backward);
    uint8_t write();
    uint8_t move(uint8_t command);
    uint8_t rewind(bool unload);
    uint8_t failed(images::TapeImage::Found found, bool backward, uint8_t& status);

    TapeModel model_;
    TapeTiming tape_timing_;
    std::unique_ptr<images::TapeImage> tape_;
    State state_;
};

}  // namespace simulation
