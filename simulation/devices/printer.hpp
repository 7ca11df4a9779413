// Line printers: IBM 1403 with the universal character set feature (on a 2821: GA24-3312) and 3211
// (GA24-3543).
//
// | command                              | 1403     | 3211     | | | ------------------------------------ |
// -------- | -------- | ---------------------------------------------- | | write; space 0, 1, 2, 3 after it
// | 01 09 11 19 | the same |                                             | | write; skip to channel 1 ... 12
// | 89 91 ... E1 | the same |                                            | | space 1, 2, 3 at once | 0B 13 1B
// | the same | 1403: 2B spaces one line, too (assumed)        | | skip to channel 1 ... 12 at once     | 8B
// 93 ... E3 | the same |                                            | | no-operation, sense | 03 04    | 03
// 04    | 1 byte of sense, 3211: 6                       | | block data check, allow it           | 73 7B |
// 73 7B    |                                                | | load character set buffer            | F3 FB
// behind EB | FB | 240 bytes (F3: folding), 3211: 512             | | fold, unfold                         |
// -        | 43 23    |                                                | | load forms control buffer | - | 63
// | up to 180 bytes                                | | raise cover                          | -        | 6B
// | not ready until the operator closes it         | | read the print-line buffer           | 02       | 02
// | 132 bytes                                      | | read character set, forms buffer     | -        | 0A
// 12    | 512, 180 bytes                                 | | check read                           | 06 | 06
// behind 07 | a byte a print position: nothing ever failed | | diagnostic write, diagnostic gate    | - | 05
// behind 07, 07 | to the print-line buffer, no printing    |
//
// Channel end comes when the line is in the buffer (of motion alone: at once), device end when it is printed
// and the forms have moved. With device end come unit exception where spacing met channel 12, and unit check
// where spacing met channel 9, where a skip found no such channel (the forms then stop at channel 1), and,
// once a character set is loaded and data checks are not blocked, where a character is not in it.
#pragma once

#include <bitset>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/channel/device.hpp"
#include "simulation/devices/carriage_tape.hpp"
#include "simulation/devices/record_keeper.hpp"

namespace simulation {

enum class PrinterModel : uint8_t { p1403, p3211 };

constexpr const DeviceTiming& default_timing(PrinterModel model) {
    return model == PrinterModel::p1403 ? kTiming1403N1 : kTiming3211;
}

class Printer final : public Device {
  public:
    /// Printed matter as UTF-8: '\n' for each line the forms move, '\f' where a skip goes to the next form,
    /// '\r' before a line printed over the one before. Blanks at the end of a line are left out.
    using Output = std::function<void(std::string_view text)>;

    /// A loaded character set.
    struct CharacterSet {
        std::vector<uint8_t> buffer;
        std::bitset<256> graphics;
    };
    /// What of it a program or an operator can notice.
    struct State {
        std::shared_ptr<const CarriageTape> tape;
        std::shared_ptr<const CharacterSet> characters;  // null: whatever is printable prints
        std::vector<uint8_t> line_buffer;
        std::vector<uint8_t> forms_buffer;   // 3211: as it was loaded
        std::optional<uint64_t> forms_left;  // empty: they never end
        uint64_t lines_printed = 0;
        uint32_t line = 0;           // of the form, from 0
        int index = 0;               // 3211: print positions to the right
        bool gate_open = false;      // the command before was EB (1403) or 07 (3211)
        bool line_has_text = false;  // printed without spacing
        bool ready = true;
        bool fold = false;
        bool data_check_blocked = false;
        bool eight_lines_per_inch = false;
    };

    explicit Printer(Output output, PrinterModel model = PrinterModel::p1403)
        : Printer(std::move(output), model, default_timing(model)) {}
    Printer(Output output, PrinterModel model, DeviceTiming timing);

    std::string_view type() const override { return model_ == PrinterModel::p1403 ? "1403" : "3211"; }

    /// The operator puts in another carriage tape and sets the forms to their first line.
    void mount(std::shared_ptr<const CarriageTape> tape);
    using Device::mount;

    /// The stop and start keys, the cover, forms and ribbon: a printer that is not ready refuses to print and
    /// to move (intervention required), and tells with device end that it is ready again.
    void set_ready(bool ready);
    /// So many forms are left, the one in place included: behind the last one the printer is not ready. Empty
    /// (at the beginning): they never end. Does not make it ready.
    void load_forms(std::optional<uint64_t> forms) { state_.forms_left = forms; }

    /// Lines and motion go to the keeper, which must outlive the device, and not to the output.
    void keep_records(RecordKeeper& keeper) { keeper_ = &keeper; }
    /// Tells `keeper` by which commands another printer comes to print as this one does at the moment.
    void tell_setup(RecordKeeper& keeper) const;

    uint64_t lines_printed() const { return state_.lines_printed; }

    const State& state() const { return state_; }

  private:
    struct Motion {
        unsigned spaces = 0;
        unsigned channel = 0;  // skip to it; 0: none
    };
    enum class Buffer : uint8_t { line, characters, forms, checks };

    uint8_t start(uint8_t command) override;
    bool refuses();
    uint8_t print(uint8_t command, Motion motion);
    uint8_t move_at_once(uint8_t command, Motion motion);
    void end(Motion motion, uint8_t sense);
    uint8_t finish(Motion motion, uint8_t sense);
    uint8_t load_characters(uint8_t command, bool fold);
    uint8_t load_forms_control();
    uint8_t read(Buffer buffer);
    uint8_t diagnostic_write();
    std::string line_of(uint8_t& sense) const;
    std::pair<unsigned, bool> lines_to_move(Motion motion) const;
    SimTime motion_time(unsigned lines) const;
    uint8_t move(Motion motion, unsigned lines, uint8_t& sense);
    void form_ended();
    void put(std::string_view text) const;

    Output output_;
    RecordKeeper* keeper_ = nullptr;
    State state_;
    PrinterModel model_;
};

}  // namespace simulation
