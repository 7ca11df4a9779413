#include "vmcp/conformance/core_image.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "isa/interruption.hpp"
#include "vmcp/conformance/case_builder.hpp"
#include "vmcp/conformance/identity_tables.hpp"

namespace vmcp::conformance {
namespace {

// The driver's variables; all its code and data lie below 4096, where no base register is needed.
constexpr uint32_t kCursor = 0x200;   // into the table of pointers
constexpr uint32_t kCurrent = 0x204;  // the record of the case that runs
constexpr uint32_t kCasePsw = 0x208;
constexpr uint32_t kOldPsw = 0x210;
constexpr uint32_t kSavedGpr = 0x220;
constexpr uint32_t kDriverCr = 0x260;  // the driver's own control registers
constexpr uint32_t kSavedCr = 0x2A0;
constexpr uint32_t kEndAddress = 0x2E0;  // constants
constexpr uint32_t kKeysAddress = 0x2E4;
constexpr uint32_t kBlockSize = 0x2E8;
constexpr uint32_t kStorageEnd = 0x2EC;
constexpr uint32_t kFirstPointer = 0x2F0;
constexpr uint32_t kDonePsw = 0x2F8;
constexpr uint32_t kCode = 0x400;

constexpr uint64_t kEcPsw = uint64_t{1} << 51;
constexpr uint64_t kWaitBit = uint64_t{1} << 49;

void put(std::vector<uint8_t>& storage, uint32_t at, uint64_t value, unsigned length) {
    for (unsigned n = 0; n < length; ++n)
        storage[at + n] = static_cast<uint8_t>(value >> (8 * (length - 1 - n)));
}
uint64_t get(const std::vector<uint8_t>& storage, uint32_t at, unsigned length) {
    uint64_t value = 0;
    for (unsigned n = 0; n < length; ++n) value = value << 8 | storage[at + n];
    return value;
}

/// Writes the driver's code. Labels that come later are known in the second pass.
class DriverWriter {
  public:
    /// SSK and ISK are of System/370 only: without `keys` all keys stay zero.
    DriverWriter(std::vector<uint8_t>& storage, bool keys) : storage_(storage), keys_(keys) {
        write();
        write();
    }
    uint32_t address_of(const std::string& label) const { return labels_.at(label); }

  private:
    void label(const std::string& name) { labels_[name] = at_; }
    void emit(uint64_t text, unsigned length) { put(storage_, at_, text, length), at_ += length; }
    void rr(uint32_t op, uint32_t r1, uint32_t r2) { emit(op << 8 | r1 << 4 | r2, 2); }
    // RX, and RS with R3 in the place of X2.
    void rx(uint32_t op, uint32_t r1, uint32_t d2, uint32_t x2 = 0, uint32_t b2 = 0) {
        emit(op << 24 | r1 << 20 | x2 << 16 | b2 << 12 | d2, 4);
    }
    void branch(uint32_t mask, const std::string& to) { rx(0x47, mask, labels_[to]); }
    void ss(uint32_t op, uint32_t length, uint32_t b1, uint32_t d1, uint32_t b2, uint32_t d2) {
        emit(uint64_t{op} << 40 | uint64_t{length - 1} << 32 | b1 << 28 | d1 << 16 | b2 << 12 | d2, 6);
    }
    void mvc(uint32_t length, uint32_t b1, uint32_t d1, uint32_t b2, uint32_t d2) {
        ss(0xD2, length, b1, d1, b2, d2);
    }

    /// Does for every block of storage what `each` writes, with its address in R2 and the address of its byte
    /// of the table of keys in R4.
    template <class Each>
    void for_each_block(const std::string& name, Each each) {
        if (!keys_) return;
        rr(0x1B, 2, 2);  // SR    2,2
        rx(0x58, 4, kKeysAddress);
        label(name);
        each();
        rx(0x41, 4, 1, 0, 4);     // LA    4,1(4)
        rx(0x5A, 2, kBlockSize);  // A     2,block size
        rx(0x59, 2, kStorageEnd);
        branch(4, name);  // BL
    }

    void write() {
        at_ = kCode;
        label("start");
        rx(0xB7, 0, kDriverCr, 15);  // LCTL  0,15,own
        for_each_block("set_key", [this] {
            rx(0x43, 3, 0, 0, 4);  // IC    3,0(4)
            rr(0x08, 3, 2);        // SSK   3,2
        });
        rx(0x58, 1, kFirstPointer);
        rx(0x50, 1, kCursor);

        label("next");
        rx(0x58, 1, kCursor);
        rx(0x58, 2, 0, 0, 1);  // L     2,0(1)
        rx(0x41, 1, 4, 0, 1);
        rx(0x50, 1, kCursor);
        rr(0x12, 2, 2);  // LTR   2,2
        branch(8, "finish");
        rx(0x50, 2, kCurrent);
        ss(0xD7, kIdentificationLength, 0, kIdentification, 0,
           kIdentification);  // XC: no remains of earlier cases
        rx(0x58, 3, Record::end_copy, 0, 2);
        rr(0x12, 3, 3);
        branch(8, "load");
        rx(0x58, 4, kEndAddress);
        mvc(kEndLength, 4, 0, 3, 0);
        label("load");
        mvc(8, 0, kCasePsw, 2, Record::psw);
        for (uint32_t n = 0; n < 4; ++n) rx(0x68, 2 * n, Record::fpr + 8 * n, 0, 2);  // LD
        rx(0xB7, 0, Record::cr, 15, 2);                                               // LCTL  0,15
        rx(0x98, 0, Record::gpr, 15, 2);                                              // LM    0,15
        rx(0x82, 0, kCasePsw);                                                        // LPSW

        label("supervisor_call");
        rx(0x90, 0, kSavedGpr, 15);  // STM   0,15
        rx(0x41, 5, TestResult::supervisor_call);
        mvc(8, 0, kOldPsw, 0, isa::Assigned::supervisor_call_old);
        branch(15, "collect");
        label("program");
        rx(0x90, 0, kSavedGpr, 15);
        rx(0x41, 5, TestResult::program);
        mvc(8, 0, kOldPsw, 0, isa::Assigned::program_old);

        label("collect");
        rx(0xB6, 0, kSavedCr, 15);  // STCTL 0,15
        rx(0xB7, 0, kDriverCr, 15);
        rx(0x58, 2, kCurrent);
        rx(0x50, 5, Record::kind, 0, 2);
        mvc(8, 2, Record::psw, 0, kOldPsw);
        mvc(64, 2, Record::gpr, 0, kSavedGpr);
        mvc(64, 2, Record::cr, 0, kSavedCr);
        mvc(kIdentificationLength, 2, Record::identification, 0, kIdentification);
        for (uint32_t n = 0; n < 4; ++n) rx(0x60, 2 * n, Record::fpr + 8 * n, 0, 2);  // STD
        rx(0x58, 3, Record::end_copy, 0, 2);
        rr(0x12, 3, 3);
        branch(8, "next");
        rx(0x58, 4, kEndAddress);
        mvc(kEndLength, 3, 0, 4, 0);
        branch(15, "next");

        label("finish");
        for_each_block("get_key", [this] {
            rr(0x1B, 3, 3);
            rr(0x09, 3, 2);        // ISK   3,2
            rx(0x42, 3, 0, 0, 4);  // STC   3,0(4)
        });
        rx(0x82, 0, kDonePsw);
    }

    std::vector<uint8_t>& storage_;
    bool keys_;
    std::map<std::string, uint32_t> labels_;
    uint32_t at_ = 0;
};

constexpr uint32_t record_address(uint32_t position) { return kRecords + position * Record::size; }

}  // namespace

RunRequest make_core_image(const std::vector<TestCase>& cases) {
    RunRequest request;
    request.storage_size = kStorageSize;
    request.dumps = {{0, kStorageSize}};
    request.host_seconds_limit = 10;
    std::vector<uint8_t>& storage = request.core.bytes;
    storage.resize(kStorageSize);
    if (!cases.empty()) request.architecture = cases.front().architecture;
    const DriverWriter driver(storage, request.architecture == Architecture::s370);
    using isa::Assigned;
    put(storage, Assigned::restart_new, kEcPsw | driver.address_of("start"), 8);
    put(storage, Assigned::supervisor_call_new, kEcPsw | driver.address_of("supervisor_call"), 8);
    put(storage, Assigned::program_new, kEcPsw | driver.address_of("program"), 8);
    for (uint32_t at : {Assigned::external_new, Assigned::machine_check_new, Assigned::io_new})
        put(storage, at, kEcPsw | kWaitBit | kWaitUnexpected, 8);
    put(storage, Assigned::interval_timer, 0x7FFFFF00, 4);
    put(storage, kEndAddress, kEnd - kEndLength, 4);
    put(storage, kKeysAddress, kFinalKeys, 4);
    put(storage, kBlockSize, kBlock, 4);
    put(storage, kStorageEnd, kEnd, 4);
    put(storage, kFirstPointer, kPointers, 4);
    put(storage, kDonePsw, kEcPsw | kWaitBit | kWaitDone, 8);
    for (uint32_t block = 0; block < kBlocks; ++block)
        storage[kFinalKeys + block] = key_of_block(block * kBlock);
    write_identity_tables(storage);
    for (const TestCase& test : cases) {
        const uint32_t record = record_address(test.position);
        put(storage, kPointers + 4 * test.position, record, 4);
        put(storage, record + Record::psw, test.psw, 8);
        for (unsigned n = 0; n < 16; ++n) {
            put(storage, record + Record::gpr + 4 * n, test.gpr[n], 4);
            put(storage, record + Record::cr + 4 * n, test.cr[n], 4);
        }
        for (unsigned n = 0; n < 4; ++n) put(storage, record + Record::fpr + 8 * n, test.fpr[n], 8);
        std::copy(test.slot.begin(), test.slot.end(), storage.begin() + slot_address(test.position));
        for (const StorageBlock& area : test.areas)
            std::copy(area.bytes.begin(), area.bytes.end(), storage.begin() + area.address);
        if (test.uses_end) put(storage, record + Record::end_copy, test.areas.front().address, 4);
    }
    return request;
}

ImageResult results_of(const std::vector<TestCase>& cases, const Outcome& outcome) {
    ImageResult result;
    const std::vector<uint8_t>& storage = outcome.storage.at(0).bytes;
    result.complete = outcome.stop == Stop::disabled_wait && (outcome.psw & isa::kAddressMask) == kWaitDone;
    const auto current = static_cast<uint32_t>(get(storage, kCurrent, 4));
    if (current >= kRecords && current < kSlots) result.stopped_in = (current - kRecords) / Record::size;
    result.keys.assign(storage.begin() + kFinalKeys, storage.begin() + kFinalKeys + kBlocks);
    result.results.reserve(cases.size());
    for (const TestCase& test : cases) {
        const uint32_t record = record_address(test.position);
        TestResult& r = result.results.emplace_back();
        r.kind = static_cast<uint32_t>(get(storage, record + Record::kind, 4));
        r.old_psw = get(storage, record + Record::psw, 8);
        for (unsigned n = 0; n < 16; ++n) {
            r.gpr[n] = static_cast<uint32_t>(get(storage, record + Record::gpr + 4 * n, 4));
            r.cr[n] = static_cast<uint32_t>(get(storage, record + Record::cr + 4 * n, 4));
        }
        for (unsigned n = 0; n < 4; ++n) r.fpr[n] = get(storage, record + Record::fpr + 8 * n, 8);
        std::copy_n(storage.begin() + record + Record::identification, kIdentificationLength,
                    r.identification.begin());
        for (const StorageBlock& area : test.areas)
            r.areas.emplace_back(
                storage.begin() + area.address,
                storage.begin() + area.address + static_cast<std::ptrdiff_t>(area.bytes.size()));
    }
    return result;
}

uint16_t TestResult::code() const {
    if (!ec_mode()) return static_cast<uint16_t>(old_psw >> 32);
    const unsigned at = (kind == supervisor_call ? 0x8A : 0x8E) - kIdentification;
    return static_cast<uint16_t>(identification[at] << 8 | identification[at + 1]);
}

unsigned TestResult::ilc() const {
    if (!ec_mode()) return old_psw >> 30 & 3;
    return identification[(kind == supervisor_call ? 0x89 : 0x8D) - kIdentification] >> 1 & 3;
}

}  // namespace vmcp::conformance
