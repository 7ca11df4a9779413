// Line printers: IBM 1403 (GA24-3312) and 3211 (GA24-3543).
//
// Commands: write and space 0 to 3 lines (01, 09, 11, 19) or skip to channel 1 to 12 (89, 91 ... E1); space 1
// to 3 (0B, 13, 1B) or skip (8B, 93 ... E3) at once; no-operation (03); sense (04); block data check (73) and
// allow it (7B); load the universal character set buffer (1403: gate EB, then F3 or FB; 3211: FB, with fold
// 23 and 43); load the forms control buffer (3211: 63). Channel end comes when the line is in the buffer,
// device end when it is printed and the forms have moved. The diagnostic commands are rejected.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/device.hpp"

namespace simulation {

enum class PrinterModel : uint8_t { p1403, p3211 };

constexpr const DeviceTiming& default_timing(PrinterModel model) {
    return model == PrinterModel::p1403 ? kTiming1403N1 : kTiming3211;
}

/// The carriage control tape, or the forms control buffer: for every line of a form the channels punched
/// there.
struct CarriageTape {
    std::vector<uint16_t> channels;  // bit n-1: channel n, 1..12

    bool has(size_t line, unsigned channel) const { return channels[line] >> (channel - 1) & 1; }

    /// 66 lines; channels 1 to 8, 10 and 11 every sixth line from the top. Channels 9 and 12, which tell the
    /// program of the end of the form, are not punched.
    static std::shared_ptr<const CarriageTape> standard();
};

class Printer final : public Device {
  public:
    /// Printed matter as UTF-8: '\n' for each line the forms move, '\f' where a skip goes to the next form,
    /// '\r' before a line printed over the one before. Blanks at the end of a line are left out.
    using Output = std::function<void(std::string_view text)>;

    explicit Printer(Output output, PrinterModel model = PrinterModel::p1403)
        : Printer(std::move(output), model, default_timing(model)) {}
    Printer(Output output, PrinterModel model, DeviceTiming timing);

    std::string_view type() const override { return model_ == PrinterModel::p1403 ? "1403" : "3211"; }

    void mount(std::shared_ptr<const CarriageTape> tape);
    uint64_t lines_printed() const { return lines_printed_; }

  private:
    struct Motion {
        unsigned spaces = 0;
        unsigned channel = 0;  // skip to it; 0: none
    };

    uint8_t start(uint8_t command) override;
    uint8_t print(Motion motion);
    uint8_t move_at_once(Motion motion);
    uint8_t load_buffer(unsigned length, bool forms);
    unsigned lines_to_move(Motion motion, bool printed) const;
    SimTime motion_time(unsigned lines) const;
    uint8_t move(Motion motion, unsigned lines);
    void put(std::string_view text) const;

    Output output_;
    std::shared_ptr<const CarriageTape> tape_;
    uint64_t lines_printed_ = 0;
    uint32_t line_ = 0;  // of the form, from 0
    PrinterModel model_;
    bool gate_open_ = false;      // 1403: EB was the last command
    bool line_has_text_ = false;  // printed without spacing
};

}  // namespace simulation
