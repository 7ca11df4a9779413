#include "vmcp/service/input_spool.hpp"

#include <algorithm>

#include "vmcp/service/cp_command.hpp"
#include "vmcp/spool/direct_reading.hpp"
#include "vmcp/spool/spool_buffers.hpp"

namespace vmcp {
namespace {

using isa::ProgramCode;

enum Function : uint32_t {
    kRead = 0x00,
    kPrintBlock = 0x04,
    kPunchBlock = 0x08,
    kSelect = 0x0C,
    kRepeat = 0x10,
    kRestart = 0x14,
    kBackspace = 0x18,
    kMonitorBlock = 0x1C,
    kMonitorRead = 0x20,
    kDescriptor = 0xFFF,
};
enum Answer : unsigned { kGood = 0, kEnd = 1, kNone = 2, kRefused = 3 };
enum Reason : uint32_t { kNoDevice = 4, kNoReader = 8, kBusy = 12, kLocked = 20 };

/// One execution of the instruction.
struct Request {
    Nucleus& nucleus;
    VirtualCpu& cpu;
    unsigned r1, r3;
    SpooledUnits* units;         // null: there is no spool
    SpooledUnits::Unit* reader;  // null: there is no spool, or no reader is named
    DirectReading* reading;      // likewise

    void answer(Answer code) const { cpu.set_condition_code(code); }
    void refuse(Reason why) const {
        cpu.set_gpr(r3 + 1, why);
        cpu.set_condition_code(kRefused);
    }
    uint32_t buffer() const { return cpu.gpr(r1) & isa::kAddressMask; }
    std::vector<SpoolFile*> queue() const {
        return units->spool().queue_of(units->owner(), SpoolQueue::reader);
    }
};

/// Whether a channel program of the machine's uses the page.
bool is_locked(const VirtualMachine& vm, uint32_t page) {
    const auto& all = vm.io.all_relayed();
    return std::any_of(all.begin(), all.end(), [page](const RelayedSubchannel* one) {
        return one->program().translator().has_locked(page, page + kPage);
    });
}

void give_page(const Request& r, uint32_t number) {
    const uint32_t at = r.buffer();
    constexpr uint32_t kHalf = simulation::kBlock;  // which has a storage key
    for (const uint32_t half : {0u, kHalf}) r.cpu.probe_store(at + half, kHalf);
    const SpoolBuffer& page = r.reading->pages[number];
    for (const uint32_t half : {0u, kHalf}) r.cpu.store(at + half, page.data() + half, kHalf);
    r.cpu.work().step(Step::spool_record);
    r.reading->next = number + 1;
    r.answer(kGood);
}

/// The buffer is a page, and free. Answers where it is not.
bool has_buffer(const Request& r) {
    if (r.buffer() % kPage != 0) r.cpu.program_check(ProgramCode::specification);
    // Before anything changes: the instruction may yet end with an access exception.
    for (const uint32_t half : {0u, simulation::kBlock})
        r.cpu.probe_store(r.buffer() + half, simulation::kBlock);
    if (!is_locked(r.cpu.vm(), r.buffer())) return true;
    r.refuse(kLocked);
    return false;
}

/// The next file that the reader may have becomes the active one; false: there is none.
bool open_next(const Request& r) {
    for (SpoolFile* const file : r.queue()) {
        const char wanted = r.reader->settings.spool_class;
        if (file->in_use || file->hold || (wanted != '*' && wanted != file->spool_class)) continue;
        r.cpu.work().step(Step::open_spool_file);
        ++r.units->spool().counts().read;
        r.reading->take(*file);
        return true;
    }
    return false;
}

void read(const Request& r) {
    if (!has_buffer(r)) return;
    DirectReading& reading = *r.reading;
    reading.last_block = 0;
    if (reading.file == nullptr && !open_next(r)) return r.answer(kNone);
    if (reading.next >= reading.pages.size()) {
        if (!r.reader->settings.cont) return r.answer(kEnd);
        // One file behind another, each as often as it has copies.
        if (reading.copies > 1) {
            --reading.copies;
            reading.next = 0;
        } else {
            // What is held would be read again and again.
            const bool hold = r.reader->settings.hold;
            if (hold) reading.file->hold = true;
            if (hold) r.units->spool().changed(*reading.file);
            r.units->close(r.cpu.work(), *r.reader, {.hold = hold});
            if (!open_next(r)) return r.answer(kEnd);
        }
    }
    give_page(r, reading.next);
}

SpoolBlock block_of(const SpoolFile& file) {
    const CalendarTime made = calendar_time(file.created);
    return spool_block(file, made.date, made.time);
}

/// Blocks of print or punch files one after the other, from the first one on where something was read since.
void give_block(const Request& r, bool punched) {
    const uint32_t at = r.buffer();
    constexpr uint32_t kBytes = sizeof(SpoolBlock);
    if (at % kPage > kPage - kBytes) r.cpu.program_check(ProgramCode::specification);
    const std::vector<SpoolFile*> files = r.queue();
    unsigned& last = r.reading->last_block;
    auto from = std::find_if(files.begin(), files.end(),
                             [last](const SpoolFile* file) { return last != 0 && file->number == last; });
    const bool goes_on = from != files.end();
    from = goes_on ? from + 1 : files.begin();
    const auto found = std::find_if(from, files.end(), [punched](const SpoolFile* file) {
        return (file->origin == SpoolOrigin::punch) == punched;
    });
    if (found == files.end()) return r.answer(goes_on ? kEnd : kNone);
    const SpoolBlock block = block_of(**found);
    r.cpu.store(at, block.data(), kBytes);
    last = (*found)->number;
    r.answer(kGood);
}

void select(const Request& r) {
    for (SpoolFile* const file : r.queue())
        if (file->number == r.cpu.gpr(r.r1) && !file->in_use) {
            r.units->spool().order({file});
            return r.answer(kGood);
        }
    r.answer(kNone);
}

void repeat(const Request& r) {
    if (r.reading->file == nullptr) return r.answer(kNone);
    const uint32_t copies = r.cpu.gpr(r.r1);
    if (static_cast<int32_t>(copies) <= 0) r.cpu.program_check(ProgramCode::specification);
    r.reading->copies = std::max<uint32_t>(copies % 256, 1);
    r.answer(kGood);
}

void restart(const Request& r) {
    if (r.reading->file == nullptr) return r.answer(kNone);
    r.reading->next = 0;
    r.answer(kGood);
}

void backspace(const Request& r) {
    if (r.reading->file == nullptr) return r.answer(kNone);
    if (!has_buffer(r)) return;
    r.reading->last_block = 0;
    give_page(r, r.reading->next < 2 ? 0 : r.reading->next - 2);
}

/// Of the file behind the one that R3 names, or of the first one: its block, and what its first page begins
/// with.
void give_descriptor(const Request& r) {
    constexpr uint32_t kBytes = 252, kLink = 16;
    if (r.units == nullptr) return r.answer(kNone);
    const std::vector<SpoolFile*> files = r.queue();
    auto at = files.begin();
    if (const uint32_t behind = r.cpu.gpr(r.r3); behind != 0) {
        at = std::find_if(at, files.end(), [&](const SpoolFile* file) { return file->number == behind; });
        if (at == files.end()) return r.answer(kNone);
        ++at;
    }
    if (at == files.end()) return r.answer(kEnd);
    const SpoolBlock block = block_of(**at);
    std::array<uint8_t, kBytes> data;
    std::copy(block.begin(), block.end(), data.begin());
    const SpoolBuffer page = spool_buffers(**at).front();
    std::copy_n(page.begin() + kLink, kBytes - block.size(), data.begin() + block.size());
    r.cpu.store(r.buffer(), data.data(), kBytes);
    r.answer(kGood);
}

/// The reader that R3 names. Answers, and false, where it is none.
bool find_reader(Request& r) {
    VirtualMachine& vm = r.cpu.vm();
    const auto address = static_cast<uint16_t>(r.cpu.gpr(r.r3));
    const auto refuse = [&r](Reason why) {
        r.refuse(why);
        return false;
    };
    if (vm.io.relayed(address) != nullptr) return refuse(kBusy);
    const simulation::Device* const device = vm.io.channels.device(address);
    if (device == nullptr) return refuse(kNoDevice);
    if (dynamic_cast<const simulation::CardReader*>(device) == nullptr) return refuse(kNoReader);
    if (r.units == nullptr) return true;
    r.reader = r.units->find(address);
    if (r.reader == nullptr || r.reader->active() || vm.io.channels.working(address)) return refuse(kBusy);
    r.reading = &r.units->direct(address);
    return true;
}

}  // namespace

void input_spool(Nucleus& nucleus, VirtualCpu& cpu, unsigned r1, unsigned r3) {
    if (r3 % 2 != 0) cpu.program_check(ProgramCode::specification);
    Request r{nucleus, cpu, r1, r3, cpu.vm().io.spooled_units(), nullptr, nullptr};
    const uint32_t function = cpu.gpr(r3 + 1);
    if (function == kDescriptor) return give_descriptor(r);
    if (function > kMonitorRead || function % 4 != 0) cpu.program_check(ProgramCode::specification);
    if (!find_reader(r)) return;
    if (r.units == nullptr) return r.answer(kNone);
    switch (function) {
        case kRead: return read(r);
        case kPrintBlock: return give_block(r, false);
        case kPunchBlock: return give_block(r, true);
        case kSelect: return select(r);
        case kRepeat: return repeat(r);
        case kRestart: return restart(r);
        case kBackspace: return backspace(r);
        // There are no files of a monitor.
        case kMonitorBlock:
        case kMonitorRead: return r.answer(kNone);
        default: cpu.program_check(ProgramCode::specification);
    }
}

}  // namespace vmcp
