#include "vmcp/spool/real_output.hpp"

#include <algorithm>

#include "isa/ebcdic.hpp"
#include "simulation/devices/printer.hpp"
#include "vmcp/spool/spool_pages.hpp"

namespace vmcp {
namespace {

using namespace simulation;

constexpr uint8_t kBinary = 0x20;  // of a punch's command: data mode 2

/// The channel of a printer that gets one record after the other.
class RecordPath final : public ChannelPath {
  public:
    std::span<const uint8_t> data;
    uint32_t give(std::span<const uint8_t> bytes) override { return static_cast<uint32_t>(bytes.size()); }
    uint32_t take(std::span<uint8_t> bytes) override {
        const size_t n = std::min(bytes.size(), data.size());
        std::copy_n(data.begin(), n, bytes.begin());
        return static_cast<uint32_t>(n);
    }
    uint32_t take_to_count(std::span<uint8_t> bytes) override { return take(bytes); }
    void present(uint8_t) override {}
};

}  // namespace

void print(const SpoolFile& file, const std::shared_ptr<const CarriageTape>& tape,
           const std::function<void(std::string_view)>& text) {
    EventQueue queue;
    RecordPath path;
    Printer printer(text, file.device == "3211" ? PrinterModel::p3211 : PrinterModel::p1403);
    if (tape != nullptr) printer.mount(tape);
    printer.connect(queue, path);
    for (const SpoolRecord& record : file.records) {
        path.data = record.data;
        printer.select(record.command);
        while (!queue.empty()) queue.run_until(queue.next());
    }
}

Card card_of(const SpoolRecord& record) {
    if ((record.command & kBinary) != 0) return card_of_binary(record.data);
    Card card = blank_card();
    std::copy_n(record.data.begin(), std::min<size_t>(record.data.size(), kCardColumns), card.begin());
    return card;
}

namespace {

bool is_card(const SpoolFile& file, const SpoolRecord& record) {
    constexpr uint8_t kPrints = 1, kModifiers = 7;
    return file.origin == SpoolOrigin::punch || (record.command & kModifiers) == kPrints;
}

}  // namespace

std::vector<uint32_t> pages_of_cards(const SpoolFile& file) {
    std::vector<uint32_t> all;
    SpoolPages pages;
    for (const SpoolRecord& record : file.records) {
        pages.add(record.data.size());
        if (is_card(file, record)) all.push_back(pages.pages - 1);
    }
    return all;
}

Deck deck_of(const SpoolFile& file) {
    Deck deck;
    for (const SpoolRecord& record : file.records) {
        if (!is_card(file, record)) continue;
        if (file.origin == SpoolOrigin::punch) {
            deck.push_back(card_of(record));
            continue;
        }
        Card card = blank_card();
        std::copy_n(record.data.begin(), std::min<size_t>(record.data.size(), kCardColumns), card.begin());
        if (record.data.size() > kCardColumns)
            card.line = std::make_shared<const std::vector<uint8_t>>(record.data.begin(), record.data.end());
        deck.push_back(std::move(card));
    }
    return deck;
}

}  // namespace vmcp
