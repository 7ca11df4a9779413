#include "vmcp/spool/spooled_units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "isa/ebcdic.hpp"
#include "simulation/model/log.hpp"
#include "vmcp/spool/direct_reading.hpp"
#include "vmcp/spool/real_output.hpp"

namespace vmcp {
namespace {

std::string_view hold_word(bool hold) { return hold ? "HOLD" : "NOHOLD"; }

/// Blanks at the end of a line are not kept.
std::span<const uint8_t> without_blanks(std::span<const uint8_t> line) {
    while (!line.empty() && line.back() == isa::kEbcdicBlank) line = line.first(line.size() - 1);
    return line;
}

/// Something that a device will do when its own program has its turn; forgotten with the device.
class Later {
  public:
    explicit Later(simulation::EventQueue& events) : events_(events) {}
    ~Later() { events_.cancel(event_); }
    Later(const Later&) = delete;
    Later& operator=(const Later&) = delete;

    template <class Action>
    void operator()(Action action) {
        if (event_ != 0) return;
        event_ = events_.schedule(events_.now(), [this, action = std::move(action)] {
            event_ = 0;
            action();
        });
    }

  private:
    simulation::EventQueue& events_;
    simulation::EventQueue::Handle event_ = 0;
};

}  // namespace

// ---- Devices that write ----

class SpooledUnits::Output : public Unit, public simulation::RecordKeeper {
  public:
    Output(SpooledUnits& units, uint16_t where, UnitRecordRole what, SpoolOrigin origin,
           std::string_view type)
        : Unit(where, what), units_(units), later_(units.events_), origin_(origin), type_(type) {}
    ~Output() override { units_.spool_.discard(open_); }

    bool active() const override { return !open_.file.records.empty(); }
    bool ready() const override { return !stopped_; }

    bool takes_records() override {
        if (units_.spool_.reserve(open_)) return true;
        stopped_ = true;
        ++units_.spool_.counts().full;
        simulation::log().warn("{}: the spool is full: device {:03X} waits for room", units_.owner_, address);
        Work work(units_.ledger_, units_.account_, Cause::spool);
        units_.host_.tell(work, no_room());
        return false;
    }
    void take_record(uint8_t command, std::span<const uint8_t> data) override {
        Work work(units_.ledger_, units_.account_, Cause::spool);
        if (!active()) open(work);
        work.step(Step::spool_record);
        // Only what was under way while the file was closed has no room of its own.
        if (!units_.spool_.append(open_, command, data)) units_.host_.tell(work, no_room());
        write_pages();
    }
    void take_setup(uint8_t command, std::span<const uint8_t> data) override {
        // Without a file the device itself remembers, and tells it to the next one.
        if (!active() && !opening_) return;
        if (units_.spool_.append(open_, command, data)) return write_pages();
        Work work(units_.ledger_, units_.account_, Cause::spool);
        units_.host_.tell(work, no_room());
    }

    /// A device has two buffers: one page is written while the next one is filled. Where that is full before
    /// the other has been written, nothing more is taken.
    bool holds_end() override {
        forget_written();
        wait_ = nullptr;
        if (writes_.size() < kBuffers) return false;
        wait_ = writes_[writes_.size() - kBuffers].transfer->wait([this] { device_goes_on(); });
        return true;
    }

  protected:
    static constexpr size_t kBuffers = 2;
    /// A buffer is free again.
    virtual void device_goes_on() {}
    /// Tells what the file must begin with.
    virtual void prepare() {}
    /// There is room again.
    virtual void go_on() {}
    virtual std::string no_room() const {
        return fmt::format("SYSTEM SPOOL SPACE FULL - {} {:03X} NOT READY", name_of(origin_), address);
    }

  private:
    void open(Work& work) {
        work.step(Step::open_spool_file);
        SpoolFile& file = open_.file;
        file.origin = origin_;
        file.device = type_;
        file.address = address;
        file.from = units_.owner_;
        file.created = units_.ledger_.now();
        opening_ = true;
        prepare();
        opening_ = false;
    }
    bool close(Work& work, const Closing& how) override {
        if (!active()) {
            units_.spool_.discard(open_);
            return false;
        }
        if (settings.cont && !how.purge && !how.whatever) return true;
        work.step(Step::close_spool_file);
        if (!how.purge) {
            units_.spool_.end_page(open_);
            write_pages();
        }
        written_ = 0;
        OpenSpoolFile open = std::exchange(open_, {});
        if (how.purge)
            units_.spool_.discard(open);
        else
            units_.queue(std::move(open), settings, how, work);
        return true;
    }
    void forget_written() {
        std::erase_if(writes_, [](const PageReady& one) { return one.known(); });
    }
    /// Those that have become full.
    void write_pages() {
        if (written_ < open_.file.places.size()) forget_written();
        for (; written_ < open_.file.places.size(); ++written_)
            writes_.push_back(units_.move_page(open_.file.places[written_], true));
    }
    void room_again() override {
        if (!stopped_) return;
        later_([this] {
            if (std::exchange(stopped_, false)) go_on();
        });
    }

    SpooledUnits& units_;
    Later later_;
    const SpoolOrigin origin_;
    const std::string type_;
    OpenSpoolFile open_;
    size_t written_ = 0;             // pages of it
    std::vector<PageReady> writes_;  // that may be under way, in the order in which they were asked for
    PageWait wait_;                  // for a buffer
    bool stopped_ = false;           // there was no room
    bool opening_ = false;
};

class SpooledUnits::PrinterUnit final : public Output {
  public:
    PrinterUnit(SpooledUnits& units, uint16_t where, simulation::Printer& printer,
                std::shared_ptr<const simulation::CarriageTape> tape)
        : Output(units, where, UnitRecordRole::printer, SpoolOrigin::printer, printer.type()),
          tape(std::move(tape)),
          printer_(printer) {
        printer_.keep_records(*this);
    }
    void take_record(uint8_t command, std::span<const uint8_t> data) override {
        Output::take_record(command, without_blanks(data));
    }

    const std::shared_ptr<const simulation::CarriageTape> tape;

  private:
    void prepare() override { printer_.tell_setup(*this); }
    void go_on() override { printer_.set_ready(true); }
    void device_goes_on() override { printer_.go_on(); }
    simulation::Printer& printer_;
};

class SpooledUnits::PunchUnit final : public Output {
  public:
    PunchUnit(SpooledUnits& units, uint16_t where, simulation::CardPunch& punch)
        : Output(units, where, UnitRecordRole::card_punch, SpoolOrigin::punch, punch.type()), punch_(punch) {
        punch_.keep_records(*this);
    }

  private:
    void go_on() override { punch_.set_ready(true); }
    void device_goes_on() override { punch_.go_on(); }
    simulation::CardPunch& punch_;
};

class SpooledUnits::ConsoleUnit final : public Output {
  public:
    ConsoleUnit(SpooledUnits& units, uint16_t where, std::string_view type)
        : Output(units, where, UnitRecordRole::console, SpoolOrigin::console, type) {
        settings.spool_class = 'T';
    }
    void line(std::string_view text) {
        if (!settings.started) return;
        constexpr uint8_t kWriteReturn = 0x09;
        constexpr size_t kMost = 132;
        // What is told of it must not come here again.
        settings.started = false;
        if (!takes_records()) return;
        settings.started = true;
        std::vector<uint8_t> bytes = isa::to_ebcdic(text);
        bytes.resize(std::min(bytes.size(), kMost));
        take_record(kWriteReturn, without_blanks(bytes));
    }

  private:
    std::string no_room() const override {
        return "SYSTEM SPOOL SPACE FULL - CONSOLE IS NOT SPOOLED ANY MORE";
    }
};

// ---- Readers ----

class SpooledUnits::ReaderUnit final : public Unit, public simulation::CardSupply {
  public:
    ReaderUnit(SpooledUnits& units, uint16_t where, simulation::CardReader& reader)
        : Unit(where, UnitRecordRole::card_reader), units_(units), later_(units.events_), reader_(reader) {
        settings.spool_class = '*';
        reader_.set_supply(*this);
    }
    ~ReaderUnit() override {
        if (file_ != nullptr) file_->in_use = false;
    }

    bool active() const override { return file_ != nullptr; }

    simulation::SharedDeck first_cards() override {
        finish();
        return next_file();
    }
    simulation::SharedDeck following_cards() override {
        if (!settings.cont || file_ == nullptr) return nullptr;
        finish();
        return next_file();
    }
    /// A file's first page is read when it is opened; with each page, the next one is.
    bool has_card(const simulation::SharedDeck& deck, size_t card) override {
        wait_ = nullptr;
        if (file_ == nullptr || deck != deck_ || file_->places.empty()) return true;
        const uint32_t page = page_of_card_[card];
        while (reads_.size() < std::min<size_t>(page + 2, file_->places.size()))
            reads_.push_back(units_.move_page(file_->places[reads_.size()], false));
        if (reads_[page].known()) return true;
        wait_ = reads_[page].transfer->wait([this] { reader_.go_on(); });
        return false;
    }
    void end_told() override {
        finish();
        if (std::exchange(arrived_, false)) tell_of_cards();
    }

  private:
    bool suits(const SpoolFile& file) const {
        return !file.hold && !file.in_use &&
               (settings.spool_class == '*' || settings.spool_class == file.spool_class);
    }
    simulation::SharedDeck next_file() {
        arrived_ = false;
        for (SpoolFile* file : units_.spool_.queue_of(units_.owner_, SpoolQueue::reader)) {
            if (!suits(*file)) continue;
            auto deck = std::make_shared<const simulation::Deck>(deck_of(*file));
            if (deck->empty()) continue;  // forms have moved, and nothing was printed
            Work(units_.ledger_, units_.account_, Cause::spool).step(Step::open_spool_file);
            ++units_.spool_.counts().read;
            file_ = file;
            file_->in_use = true;
            deck_ = deck;
            if (!file_->places.empty()) page_of_card_ = pages_of_cards(*file_);
            return deck;
        }
        return nullptr;
    }
    /// It has been read.
    void finish() {
        if (file_ == nullptr) return;
        Work work(units_.ledger_, units_.account_, Cause::spool);
        work.step(Step::close_spool_file);
        if (settings.hold && settings.cont) {
            file_->hold = true;  // or it would be read again and again
            units_.spool_.changed(*file_);
        }
        leave(settings.hold);
    }
    void leave(bool keep) {
        SpoolFile& file = *std::exchange(file_, nullptr);
        deck_ = nullptr;
        reads_.clear();
        wait_ = nullptr;
        reader_.go_on();
        file.in_use = false;
        if (!keep) units_.spool_.purge(file);
    }
    bool close(Work& work, const Closing& how) override {
        if (file_ == nullptr) return false;
        work.step(Step::close_spool_file);
        reader_.take_out(deck_);
        leave(!how.purge && how.hold.value_or(settings.hold));
        return true;
    }
    void settings_changed() override { reader_.set_end_of_file(settings.end_of_file); }
    bool arrived(const SpoolFile& file) override {
        if (!suits(file)) return false;
        arrived_ = file_ != nullptr;
        if (!arrived_) tell_of_cards();
        return true;
    }
    void tell_of_cards() {
        later_([this] {
            if (file_ == nullptr) reader_.supply_has_cards();
        });
    }

    SpooledUnits& units_;
    Later later_;
    simulation::CardReader& reader_;
    SpoolFile* file_ = nullptr;  // that is being read
    simulation::SharedDeck deck_;
    std::vector<uint32_t> page_of_card_;
    std::vector<PageReady> reads_;  // of its first pages, as far as they have been asked for
    PageWait wait_;                 // for a page
    bool arrived_ = false;          // a file has come, and the program does not know
};

// ---- All of them ----

SpooledUnits::SpooledUnits(Spool& spool, std::string owner, Ledger& ledger, Account& account,
                           GuestStorage& storage, simulation::EventQueue& events, SpooledHost host)
    : spool_(spool),
      owner_(std::move(owner)),
      ledger_(ledger),
      account_(account),
      storage_(storage),
      events_(events),
      host_(std::move(host)) {
    spool_.log_on(owner_, *this);
}

SpooledUnits::~SpooledUnits() { spool_.log_off(owner_); }

void SpooledUnits::add_reader(uint16_t address, simulation::CardReader& reader) {
    units_.push_back(std::make_unique<ReaderUnit>(*this, address, reader));
}

void SpooledUnits::add_punch(uint16_t address, simulation::CardPunch& punch) {
    units_.push_back(std::make_unique<PunchUnit>(*this, address, punch));
}

void SpooledUnits::add_printer(uint16_t address, simulation::Printer& printer,
                               std::shared_ptr<const simulation::CarriageTape> tape) {
    units_.push_back(std::make_unique<PrinterUnit>(*this, address, printer, std::move(tape)));
}

void SpooledUnits::add_console(uint16_t address, std::string_view type) {
    units_.push_back(std::make_unique<ConsoleUnit>(*this, address, type));
}

void SpooledUnits::remove(uint16_t address) {
    const auto found = std::find_if(units_.begin(), units_.end(),
                                    [&](const auto& unit) { return unit->address == address; });
    if (found == units_.end()) return;
    const std::unique_ptr<Unit> gone = std::move(*found);
    units_.erase(found);
    Work work(ledger_, account_, Cause::spool);
    gone->close(work, {.whatever = true});
    direct_.erase(address);
}

void SpooledUnits::move(uint16_t from, uint16_t to) {
    if (Unit* const unit = find(from)) unit->address = to;
    if (auto reading = direct_.extract(from)) {
        reading.key() = to;
        direct_.insert(std::move(reading));
    }
}

DirectReading& SpooledUnits::direct(uint16_t reader) {
    auto& reading = direct_[reader];
    if (reading == nullptr) reading = std::make_unique<DirectReading>();
    return *reading;
}

SpooledUnits::Unit* SpooledUnits::find(uint16_t address) {
    for (const auto& unit : units_)
        if (unit->address == address) return unit.get();
    return nullptr;
}

std::vector<SpooledUnits::Unit*> SpooledUnits::of(UnitRecordRole role) {
    std::vector<Unit*> found;
    for (const auto& unit : units_)
        if (unit->role == role) found.push_back(unit.get());
    return found;
}

std::vector<SpooledUnits::Unit*> SpooledUnits::all() {
    std::vector<Unit*> found;
    for (const auto& unit : units_) found.push_back(unit.get());
    return found;
}

bool SpooledUnits::close(Work& work, Unit& unit, const Closing& how) {
    const auto reading = direct_.find(unit.address);
    if (reading == direct_.end() || reading->second->file == nullptr) return unit.close(work, how);
    // A file that is read page by page is closed as one that is read card by card.
    work.step(Step::close_spool_file);
    SpoolFile& file = *reading->second->file;
    reading->second->leave();
    if (how.purge || !how.hold.value_or(unit.settings.hold)) spool_.purge(file);
    return true;
}

void SpooledUnits::close_all() {
    // The console last: what is told of the others is typed there.
    for (const bool console : {false, true})
        for (const auto& unit : units_) {
            if ((unit->role == UnitRecordRole::console) != console) continue;
            if (console) unit->settings.started = false;
            if (!unit->active()) continue;
            Work work(ledger_, account_, Cause::spool);
            // What was read in part is read again by the next run.
            unit->close(
                work, {.hold = unit->role == UnitRecordRole::card_reader ? std::optional(true) : std::nullopt,
                       .whatever = true});
        }
}

void SpooledUnits::settings_changed(Unit& unit) { unit.settings_changed(); }

void SpooledUnits::console_line(std::string_view line) {
    for (const auto& unit : units_)
        if (unit->role == UnitRecordRole::console) static_cast<ConsoleUnit&>(*unit).line(line);
}

void SpooledUnits::room_again() {
    for (const auto& unit : units_) unit->room_again();
}

/// A page of a file is to be written to its disk, or read from it.
PageReady SpooledUnits::move_page(SpoolPlace place, bool out) {
    SpoolCounts& counts = spool_.counts();
    ++(out ? counts.pages_written : counts.pages_read);
    Work::continued(ledger_, account_, Cause::spool).step(out ? Step::page_out : Step::page_in);
    return spool_.volumes().move(place, out, storage_, ledger_.now());
}

// ---- Files that are closed, or come ----

void SpooledUnits::queue(OpenSpoolFile&& open, const SpoolSettings& settings, const Closing& how,
                         Work& work) {
    SpoolFile& file = open.file;
    file.spool_class = settings.spool_class;
    file.form = settings.form;
    file.copies = settings.copies;
    file.hold = how.hold.value_or(settings.hold);
    file.name = how.name;
    file.type = how.type;
    file.owner = settings.to.empty() ? owner_ : settings.to;
    file.queue = settings.to.empty() ? queue_of(file.origin) : SpoolQueue::reader;
    SpoolFile& closed = spool_.close(std::move(open));
    announce(closed, work);
    spool_.offer(closed, work);
}

/// Whoever has written it is told where it is not put out at once and as a whole (GC20-1820, SPOOL), and
/// whoever gets it.
void SpooledUnits::announce(const SpoolFile& file, Work& work) {
    const std::string_view kind = name_of(queue_of(file.origin));
    const auto line = [&](std::string_view what, std::string_view to, std::string_view whom) {
        return fmt::format("{} FILE {:04} {} {} COPY {:03} {}", what, file.number, to, whom, file.copies,
                           hold_word(file.hold));
    };
    if (file.queue != SpoolQueue::reader) {
        if (file.hold || file.copies > 1) host_.tell(work, line(kind, "FOR", file.owner));
        return;
    }
    host_.tell(work, line(kind, "TO", file.owner));
    if (SpoolUser* const to = spool_.user(file.owner)) to->tell(work, line("RDR", "FROM", owner_));
}

void SpooledUnits::file_arrived(SpoolFile& file, Work&) {
    if (file.queue != SpoolQueue::reader) return put_out(file);
    for (const auto& unit : units_)
        if (unit->arrived(file)) return;
}

void SpooledUnits::put_out_what_waits() {
    for (const SpoolQueue queue : {SpoolQueue::printer, SpoolQueue::punch})
        for (SpoolFile* file : spool_.queue_of(owner_, queue)) put_out(*file);
}

void SpooledUnits::put_out(SpoolFile& file) {
    if (spool_.options().drain || file.hold) return;
    for (unsigned copy = 0; copy < file.copies; ++copy) put_out_once(file);
    if (host_.full && host_.full()) {
        // The rest is for another run.
        file.hold = true;
        return spool_.changed(file);
    }
    ++spool_.counts().put_out;
    spool_.purge(file);
}

void SpooledUnits::put_out_once(const SpoolFile& file) {
    const uint16_t device = output_device(file);
    const auto full = [this] { return host_.full && host_.full(); };
    if (file.origin == SpoolOrigin::punch) {
        for (const SpoolRecord& record : file.records)
            if (host_.punch && !full()) host_.punch(device, card_of(record));
        return;
    }
    std::shared_ptr<const simulation::CarriageTape> tape;
    if (const Unit* const unit = find(device); unit != nullptr && unit->role == UnitRecordRole::printer)
        tape = static_cast<const PrinterUnit*>(unit)->tape;
    char& last = last_printed_.try_emplace(device, '\f').first->second;
    const auto put = [&](std::string_view text) {
        if (host_.printer && !full()) host_.printer(device, text);
        last = text.back();
    };
    if (last != '\f') put("\f");  // each file begins on a form of its own
    print(file, tape, put);
}

/// The device of the machine on which the file was written, or another one of the kind.
uint16_t SpooledUnits::output_device(const SpoolFile& file) {
    const UnitRecordRole role =
        file.origin == SpoolOrigin::punch ? UnitRecordRole::card_punch : UnitRecordRole::printer;
    const std::vector<Unit*> units = of(role);
    for (const Unit* unit : units)
        if (unit->address == file.address) return unit->address;
    return units.empty() ? file.address : units.front()->address;
}

}  // namespace vmcp
