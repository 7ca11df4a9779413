// The unit-record devices of one virtual machine as the spool serves them: what SPOOL has said of each, the
// file that each is writing or reading, and what that costs.
//
// A printer or punch opens a file at its first record and writes into it until CLOSE, log-off or the end of
// the run. A reader that is asked for a card while it has none opens the first file of its queue that is of
// its class and is not held; the file is gone when its end has been told, unless the reader holds.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/devices/card_punch.hpp"
#include "simulation/devices/card_reader.hpp"
#include "simulation/devices/card_supply.hpp"
#include "simulation/devices/printer.hpp"
#include "simulation/devices/record_keeper.hpp"
#include "vmcp/ledger/ledger.hpp"
#include "vmcp/spool/spool.hpp"

namespace vmcp {

using simulation::UnitRecordRole;

/// What SPOOL says of a device.
struct SpoolSettings {
    char spool_class = 'A';  // of a reader also '*': any
    std::string form{kStandardForm};
    unsigned copies = 1;
    bool hold = false;
    bool cont = false;     // CLOSE of an output device closes nothing; a reader reads one file behind another
    bool started = false;  // of a console: its lines are written to a file
    bool end_of_file = true;  // of a reader
    std::string to;           // the machine whose reader gets what is closed; empty: it is put out
};

/// What the control program does for its spooled devices.
struct SpooledHost {
    std::function<void(Work&, std::string_view line)> tell;               // on its console
    std::function<void(uint16_t device, std::string_view text)> printer;  // real output
    std::function<void(uint16_t device, const simulation::Card&)> punch;
    std::function<bool()> full;  // no more real output is taken at the moment
};

struct DirectReading;

class SpooledUnits final : private SpoolUser {
  public:
    class Unit;

    /// How a device is closed; nothing: as its settings say.
    struct Closing {
        std::optional<bool> hold = {};
        bool purge = false;
        bool whatever = false;  // although the device is CONT
        std::string name = {}, type = {};
    };

    /// Everything must outlive it. Logs the machine on at the spool, and off in the end.
    SpooledUnits(Spool& spool, std::string owner, Ledger& ledger, Account& account, GuestStorage& storage,
                 simulation::EventQueue& events, SpooledHost host);
    ~SpooledUnits() override;

    void add_reader(uint16_t address, simulation::CardReader& reader);
    void add_punch(uint16_t address, simulation::CardPunch& punch);
    /// `tape`: of the real printer; null: the standard one.
    void add_printer(uint16_t address, simulation::Printer& printer,
                     std::shared_ptr<const simulation::CarriageTape> tape);
    void add_console(uint16_t address, std::string_view type);
    void remove(uint16_t address);
    /// A device has another address now.
    void move(uint16_t from, uint16_t to);
    /// What waits from former runs is put out.
    void put_out_what_waits();

    Spool& spool() { return spool_; }
    const std::string& owner() const { return owner_; }
    /// In the order in which they were added. Null where there is none.
    Unit* find(uint16_t address);
    std::vector<Unit*> of(UnitRecordRole role);
    std::vector<Unit*> all();

    /// What the machine reads through a reader without channel programs (DIAGNOSE X'14'). `reader` must be
    /// one.
    DirectReading& direct(uint16_t reader);

    /// Ends the file that the device is writing or reading, if any; true if there was one.
    bool close(Work& work, Unit& unit, const Closing& how);
    /// What has been written on all its devices, at log-off or the end of the run.
    void close_all();
    /// SPOOL has changed the settings of a device.
    void settings_changed(Unit& unit);
    /// A line that has been typed on the console.
    void console_line(std::string_view line);

  private:
    class Output;
    class PrinterUnit;
    class PunchUnit;
    class ConsoleUnit;
    class ReaderUnit;

    void file_arrived(SpoolFile& file, Work& work) override;
    void room_again() override;
    void tell(Work& work, std::string_view line) override { host_.tell(work, line); }

    void queue(OpenSpoolFile&& open, const SpoolSettings& settings, const Closing& how, Work& work);
    void announce(const SpoolFile& file, Work& work);
    PageReady move_page(SpoolPlace place, bool out);
    void put_out(SpoolFile& file);
    void put_out_once(const SpoolFile& file);
    uint16_t output_device(const SpoolFile& file);

    Spool& spool_;
    const std::string owner_;
    Ledger& ledger_;
    Account& account_;
    GuestStorage& storage_;  // of the machine that pays for moving pages
    simulation::EventQueue& events_;
    SpooledHost host_;
    std::vector<std::unique_ptr<Unit>> units_;
    std::map<uint16_t, std::unique_ptr<DirectReading>> direct_;  // by the reader
    std::map<uint16_t, char> last_printed_;                      // by the printer: the end of what it printed
};

/// One device.
class SpooledUnits::Unit {
  public:
    Unit(uint16_t where, UnitRecordRole what) : address(where), role(what) {}
    virtual ~Unit() = default;
    Unit(const Unit&) = delete;
    Unit& operator=(const Unit&) = delete;

    uint16_t address;  // DEFINE changes it
    const UnitRecordRole role;
    SpoolSettings settings;

    /// It is writing or reading a file.
    virtual bool active() const = 0;
    /// It could take a record, or has nothing against being read.
    virtual bool ready() const { return true; }

  private:
    friend class SpooledUnits;
    virtual bool close(Work& work, const Closing& how) = 0;
    virtual void settings_changed() {}
    virtual void room_again() {}
    /// A file for it has come; true if it takes notice.
    virtual bool arrived(const SpoolFile& /*file*/) { return false; }
};

}  // namespace vmcp
