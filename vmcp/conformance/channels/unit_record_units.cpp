// Printers, card reader, card punch and console typewriter, compared with the judge's. Every case begins with
// a line or card that says which case it is, so that what is printed, punched and read can be told apart, and
// a difference in one case does not run on into the next.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include "isa/ebcdic.hpp"
#include "simulation/devices/card_punch.hpp"
#include "simulation/devices/card_reader.hpp"
#include "simulation/devices/console.hpp"
#include "simulation/devices/printer.hpp"
#include "vmcp/conformance/channels/channel_unit.hpp"
#include "vmcp/conformance/channels/random_channel_program.hpp"

namespace vmcp::conformance {

using namespace channel_layout;
using namespace simulation;

namespace {

/// Nobody waits for motors here.
constexpr DeviceTiming kQuick{.cycle = 40 * kMicrosecond,
                              .transfer = 20 * kMicrosecond,
                              .character = kMicrosecond,
                              .space = kMicrosecond,
                              .skip = kMicrosecond};

std::string marker(unsigned n) { return fmt::format("CASE {:05}", n); }

std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The text between the markers, a piece a case.
void cut(const std::string& text, std::vector<ChannelResult>& results) {
    size_t from = text.find(marker(0));
    for (unsigned n = 0; n < results.size() && from != std::string::npos; ++n) {
        const size_t next = text.find(marker(n + 1), from);
        std::string& piece = results[n].output;
        piece = text.substr(from, next == std::string::npos ? next : next - from);
        // How the last motion ends and the next case begins.
        piece.erase(piece.find_last_not_of(" \n\f") + 1);
        from = next;
    }
}

/// Whether a program may hold the command in a run that other cases follow.
using Usable = bool (*)(uint8_t);

class UnitRecord : public ChannelUnit {
  public:
    explicit UnitRecord(std::string_view type) : type_(type) {}
    void prepare(const std::filesystem::path& folder, unsigned, Random&) override { folder_ = folder; }

  protected:
    /// The first cases of all try every command alone.
    bool single(ChannelPrograms& programs, unsigned n, uint64_t number, uint16_t count, Usable usable) const {
        if (number >= 256 || !usable(static_cast<uint8_t>(number))) return false;
        make_single_command(programs, n, static_cast<uint8_t>(number), count);
        return true;
    }
    void fill_text(ChannelPrograms& programs, unsigned n, Random& random) const {
        static const auto kText = isa::to_ebcdic("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789    ");
        std::vector<uint8_t> data(kDataEnd - kData);
        for (uint8_t& b : data) b = kText[random.below(static_cast<uint32_t>(kText.size()))];
        programs.put(n, kData, data);
    }
    void fill_bytes(ChannelPrograms& programs, unsigned n, Random& random) const {
        std::vector<uint8_t> data(kDataEnd - kData);
        for (uint8_t& b : data) b = random.byte();
        programs.put(n, kData, data);
    }
    void mark(ChannelPrograms& programs, unsigned n) const {
        std::vector<uint8_t> card(80, isa::kEbcdicBlank);
        const auto text = isa::to_ebcdic(marker(n));
        std::copy(text.begin(), text.end(), card.begin());
        programs.put(n, kPreambleData, card);
    }

    std::string type_;
    std::filesystem::path folder_;
};

// ---- Printers
// -----------------------------------------------------------------------------------------------

class PrinterUnit final : public UnitRecord {
  public:
    using UnitRecord::UnitRecord;
    uint16_t address() const override { return 0x00E; }

    void make_case(ChannelPrograms& programs, unsigned n, uint64_t number, Random& random) override {
        fill_text(programs, n, random);
        mark(programs, n);
        const uint32_t at = programs.at(n);
        unsigned i = 0;
        constexpr uint8_t kChain = kFlagChainCommand | kFlagSuppressLength;
        if (is_3211()) {
            // The forms that every case begins with, behind the preamble.
            std::vector<uint8_t> bytes(1 + kLines);
            bytes[0] = kIndexing;
            for (const auto& [line, channel] : kForms) bytes[1 + line] = channel;
            bytes.back() |= 0x10;
            programs.put(n, kForms3211, bytes);
            programs.preamble(n, i++, {0x63, kChain, 1 + kLines, at + kForms3211});
        }
        programs.preamble(n, i++, {0x93, kChain, 1, at});  // away from channel 1
        programs.preamble(n, i++, {0x8B, kChain, 1, at});
        programs.preamble(n, i++, {0x09, kFlagSuppressLength, 80, at + kPreambleData});
        // Where the paper begins, a skip to channel 1 is not shown.
        if (n == 0) return make_single_command(programs, n, 0x03, 1);
        if (single(programs, n, number, 132, is_3211() ? &usable_3211 : &usable_1403)) return;
        if (random.chance(6)) return load_characters(programs, n, random);
        if (is_3211() && random.chance(10)) return load_forms(programs, n, random);
        static constexpr uint8_t kCommands[] = {0x01, 0x09, 0x09, 0x11, 0x19, 0x89, 0x91, 0x99,
                                                0xA1, 0xB1, 0x0B, 0x13, 0x1B, 0x8B, 0x93, 0x9B,
                                                0xA3, 0xDB, 0x03, 0x04, 0x73, 0x7B};
        // Not more than a line: the judge has room for more.
        static constexpr uint16_t kCounts[] = {132, 132, 131, 1, 20};
        make_random_program(programs, n, random,
                            {.commands = kCommands,
                             .counts = kCounts,
                             .usable = is_3211() ? &usable_3211 : &usable_1403,
                             .most_count = 132});
        // A skip to where the forms stand already is a matter of its own.
        uint16_t skipped = 0;
        for (unsigned k = 0; k < kProgramEnd / 8; ++k) {
            Ccw ccw = programs.ccw(n, k);
            if (ccw.command < 0x80 || ((ccw.command & 7) != 1 && (ccw.command & 7) != 3)) continue;
            const auto channel = static_cast<uint16_t>(1u << (ccw.command >> 3 & 0x0F));
            if ((skipped & channel) != 0) ccw.command = 0x08 | (ccw.command & 7);
            skipped |= channel;
            programs.ccw(n, k, ccw);
        }
    }

    std::unique_ptr<Device> device() override {
        auto printer =
            std::make_unique<Printer>([this](std::string_view text) { printed_ += text; },
                                      is_3211() ? PrinterModel::p3211 : PrinterModel::p1403, kQuick);
        auto tape = std::make_shared<CarriageTape>();
        tape->channels.resize(kLines);
        for (const auto& [line, channel] : kForms)
            tape->channels[line] = static_cast<uint16_t>(1u << (channel - 1));
        printer->mount(std::move(tape));
        return printer;
    }
    std::string judge_device() const override {
        return fmt::format("000E {} {}", type_, (folder_ / "printed").string());
    }
    void collect(std::vector<ChannelResult>& here, std::vector<ChannelResult>& there) override {
        cut(trimmed(printed_), here);
        cut(trimmed(contents(folder_ / "printed")), there);
    }

  private:
    /// The judge's forms: line (from 0) and channel.
    static constexpr std::pair<unsigned, uint8_t> kForms[] = {{0, 1},   {6, 2},   {12, 3},  {18, 4},
                                                              {24, 5},  {30, 6},  {36, 7},  {42, 8},
                                                              {48, 10}, {54, 11}, {60, 12}, {62, 9}};
    static constexpr uint16_t kLines = 66;
    static constexpr uint32_t kForms3211 = kDataEnd - 0x80;
    /// No print positions; the judge takes the first byte for this whatever it is.
    static constexpr uint8_t kIndexing = 0x80;

    bool is_3211() const { return type_ == "3211"; }

    // What changes the character set or the forms of later cases, or leaves the printer not ready.
    static bool usable_1403(uint8_t command) { return command != 0xF3 && command != 0xFB && command != 0x63; }
    static bool usable_3211(uint8_t command) {
        return usable_1403(command) && command != 0x6B && command != 0x05;
    }

    /// A character set that has everything, so that the next lines print.
    void load_characters(ChannelPrograms& programs, unsigned n, Random& random) const {
        const uint16_t size = is_3211() ? 512 : 240;
        std::vector<uint8_t> set(size);
        for (size_t i = 0; i < set.size(); ++i) set[i] = static_cast<uint8_t>(0x41 + i % 0xBF);
        programs.put(n, kData + 0x100, set);
        const uint32_t data = programs.at(n) + kData;
        unsigned i = 0;
        if (!is_3211()) programs.ccw(n, i++, {0xEB, kFlagChainCommand | kFlagSuppressLength, 1, data});
        // Fewer would leave characters out, which only this machine knows of.
        programs.ccw(
            n, i++,
            {0xFB, static_cast<uint8_t>(kFlagChainCommand | (random.chance(50) ? kFlagSuppressLength : 0)),
             size, data + 0x100});
        programs.ccw(n, i++, {0x09, kFlagSuppressLength, 40, data});
    }

    /// Other forms, valid or not, and a walk on them.
    void load_forms(ChannelPrograms& programs, unsigned n, Random& random) const {
        const unsigned lines = 8 + random.below(30);
        std::vector<uint8_t> bytes(lines);
        bytes[0] = kIndexing;
        bytes[1] = 1;
        bytes.back() = 0x10;
        for (const unsigned channel : {2u, 3u, 4u, 5u, 6u, 7u, 8u, 10u, 11u})
            if (random.chance(40)) bytes[2 + random.below(lines - 3)] = static_cast<uint8_t>(channel);
        if (random.chance(15)) bytes[1 + random.below(lines - 1)] |= 0x0D;
        if (random.chance(10)) bytes.back() = 0;
        programs.put(n, kData + 0x300, bytes);
        const uint32_t data = programs.at(n) + kData;
        programs.ccw(
            n, 0,
            {0x63, kFlagChainCommand | kFlagSuppressLength, static_cast<uint16_t>(lines), data + 0x300});
        static constexpr uint8_t kMotions[] = {0x09, 0x11, 0x19, 0x0B, 0x13, 0x1B, 0x8B, 0x89, 0x91, 0x99};
        const unsigned commands = 1 + random.below(6);
        for (unsigned k = 1; k <= commands; ++k)
            programs.ccw(n, k,
                         {random.pick(kMotions),
                          static_cast<uint8_t>(kFlagSuppressLength | (k < commands ? kFlagChainCommand : 0)),
                          20, data + 0x20 * k});
    }

    /// Without what cannot be told apart on paper: blanks before a motion, how far down a form was when it
    /// was left; and without carriage returns, which the judge leaves out now and then where lines are
    /// printed over each other.
    static std::string trimmed(const std::string& text) {
        std::string result;
        const auto drop = [&](std::string_view what) {
            while (!result.empty() && what.find(result.back()) != std::string_view::npos) result.pop_back();
        };
        for (const char c : text) {
            if (c == '\n' || c == '\r') drop(" ");
            if (c == '\f') drop(" \n");
            if (c != '\r') result += c;
        }
        return result;
    }

    std::string printed_;
};

// ---- Card reader
// --------------------------------------------------------------------------------------------

class ReaderUnit final : public UnitRecord {
  public:
    /// `end`: a deck that is too short, to see how it ends.
    ReaderUnit(std::string_view type, bool end) : UnitRecord(type), end_(end) {}
    uint16_t address() const override { return 0x01C; }  // at 00C the judge has one already

    void prepare(const std::filesystem::path& folder, unsigned cases, Random& random) override {
        UnitRecord::prepare(folder, cases, random);
        constexpr unsigned kCards = 12;  // of a case: more than it reads
        std::string bytes;
        const auto add = [&](const Card& card) { bytes.append(card.begin(), card.end()); };
        for (unsigned n = 0; n < (end_ ? cases / 2 : cases); ++n) {
            if (!end_) add(card_of(marker(n)));
            for (unsigned i = 0; i < (end_ ? 1 : kCards); ++i) {
                Card card;
                for (uint8_t& column : card) column = random.byte();
                card[0] = isa::to_ebcdic('*');
                add(card);
            }
        }
        std::ofstream(folder / "deck", std::ios::binary) << bytes;
        deck_ = deck_of(bytes);
    }

    void make_case(ChannelPrograms& programs, unsigned n, uint64_t number, Random& random) override {
        fill_bytes(programs, n, random);
        if (!end_) {
            programs.preamble(n, 0, {0x02, kFlagSuppressLength, 80, programs.at(n) + kPreambleData});
            programs.expect(n, isa::to_ebcdic(marker(n)));
        }
        if (single(programs, n, end_ ? 256 : number, 80, [](uint8_t) { return true; })) return;
        static constexpr uint8_t kCommands[] = {0x02, 0x02, 0x42, 0x82, 0xC2, 0x23, 0x63, 0xA3, 0x03, 0x04};
        static constexpr uint16_t kCounts[] = {80, 80, 80, 79, 81, 1, 160};
        if (!end_)
            return make_random_program(programs, n, random, {.commands = kCommands, .counts = kCounts});
        static constexpr uint8_t kReads[] = {0x02, 0x42, 0x82, 0x03, 0x04};
        make_random_program(programs, n, random,
                            {.commands = kReads, .counts = kCounts, .odd_percent = 0, .broken = false});
    }

    std::unique_ptr<Device> device() override {
        auto reader = std::make_unique<CardReader>(CardReaderModel::r3505, kQuick);
        reader->load(deck_);
        return reader;
    }
    std::string judge_device() const override {
        return fmt::format("001C 3505 {} ebcdic eof", (folder_ / "deck").string());
    }

  private:
    bool end_;
    Deck deck_;
};

// ---- Card punch
// ---------------------------------------------------------------------------------------------

class PunchUnit final : public UnitRecord {
  public:
    using UnitRecord::UnitRecord;
    uint16_t address() const override { return 0x00D; }

    void make_case(ChannelPrograms& programs, unsigned n, uint64_t number, Random& random) override {
        fill_bytes(programs, n, random);
        mark(programs, n);
        programs.preamble(n, 0, {0x01, kFlagSuppressLength, 80, programs.at(n) + kPreambleData});
        if (single(programs, n, number, 80, [](uint8_t) { return true; })) return;
        static constexpr uint8_t kCommands[] = {0x01, 0x01, 0x41, 0x81, 0x03, 0x04};
        static constexpr uint16_t kCounts[] = {80, 80, 79, 81, 1, 160};
        make_random_program(programs, n, random, {.commands = kCommands, .counts = kCounts});
    }

    std::unique_ptr<Device> device() override {
        return std::make_unique<CardPunch>([this](const Card& card, unsigned) { punched_.push_back(card); },
                                           CardPunchModel::p3525, kQuick);
    }
    std::string judge_device() const override {
        return fmt::format("000D 3525 {} ebcdic", (folder_ / "punched").string());
    }
    void collect(std::vector<ChannelResult>& here, std::vector<ChannelResult>& there) override {
        std::string cards;
        for (const Card& card : punched_) cards.append(card.begin(), card.end());
        cut(readable(cards), here);
        cut(readable(contents(folder_ / "punched")), there);
    }

  private:
    static std::string readable(const std::string& cards) {
        std::string text;
        for (size_t at = 0; at < cards.size(); at += kCardColumns) {
            const std::string card = cards.substr(at, kCardColumns);
            const std::string line =
                isa::to_text({reinterpret_cast<const uint8_t*>(card.data()), card.size()});
            if (line.starts_with("CASE ")) {
                text += line.substr(0, marker(0).size()) + '\n';
                continue;
            }
            for (const char c : card) text += fmt::format("{:02X}", static_cast<uint8_t>(c));
            text += '\n';
        }
        return text;
    }

    std::vector<Card> punched_;
};

// ---- Console
// ------------------------------------------------------------------------------------------------

class ConsoleUnit final : public UnitRecord {
  public:
    using UnitRecord::UnitRecord;
    uint16_t address() const override { return 0x009; }

    void make_case(ChannelPrograms& programs, unsigned n, uint64_t number, Random& random) override {
        fill_text(programs, n, random);
        programs.preamble(n, 0, {0x0B, kFlagSuppressLength, 1, programs.at(n)});  // sense is forgotten
        if (single(programs, n, number, 20, &usable)) return;
        static constexpr uint8_t kCommands[] = {0x01, 0x01, 0x09, 0x09, 0x0B, 0x03, 0x04};
        static constexpr uint16_t kCounts[] = {20, 1, 80};
        make_random_program(programs, n, random,
                            {.commands = kCommands, .counts = kCounts, .usable = &usable, .most_count = 140});
    }

    std::unique_ptr<Device> device() override {
        return std::make_unique<Console>(nullptr, ConsoleModel::c3215, kQuick);
    }
    std::string judge_device() const override { return fmt::format("0009 {}-C", type_); }

  private:
    /// Nobody sits at the keyboard.
    static bool usable(uint8_t command) { return command != 0x0A; }
};

template <class Unit>
std::unique_ptr<ChannelUnit> make(std::string_view name) {
    return std::make_unique<Unit>(name);
}

}  // namespace

std::vector<ChannelUnitKind> unit_record_units() {
    return {{"1403", &make<PrinterUnit>},
            {"3211", &make<PrinterUnit>},
            {"3505",
             [](std::string_view name) -> std::unique_ptr<ChannelUnit> {
                 return std::make_unique<ReaderUnit>(name, false);
             }},
            {"3505-end",
             [](std::string_view name) -> std::unique_ptr<ChannelUnit> {
                 return std::make_unique<ReaderUnit>(name, true);
             }},
            {"3525", &make<PunchUnit>},
            {"3215", &make<ConsoleUnit>}};
}

}  // namespace vmcp::conformance
