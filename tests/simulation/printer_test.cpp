// The line printers: commands, carriage, character sets, sense, and how long they take in simulated time.
#include "tests/simulation/unit_record_fixture.hpp"

using namespace unit_record_test;

TEST_CASE("1403: write and space; channel end after the transfer, device end after the line") {
    UnitRecordMachine m;
    m.put("LINE 1");
    CHECK(m.io(kPrinter, {{0x09, SLI, 6, Machine::data}}) == Csw{0, Machine::program + 8, CE, 0, 0});
    CHECK(m.queue.now() == kLineTransfer);
    CHECK(m.wait_for(kPrinter).unit_status == DE);
    CHECK(m.queue.now() == kLineTransfer + kSecond * 60 / 1100);
    CHECK(m.printed == "LINE 1\n");
}

TEST_CASE("1403: spacing 0 to 3 lines, immediate spacing and overprinting") {
    UnitRecordMachine m;
    m.put("AB  ");
    m.io(kPrinter, {{0x01, CC | SLI, 4, Machine::data},
                    {0x11, CC | SLI, 1, Machine::data},
                    {0x19, CC | SLI, 2, Machine::data},
                    {0x01, CC | SLI, 2, Machine::data},
                    {0x13, CC | SLI, 1, 0},
                    {0x09, SLI, 1, Machine::data}});
    m.wait_for(kPrinter);
    CHECK(m.printed == "AB\rA\n\nAB\n\n\nAB\n\nA\n");
    CHECK(m.printer.lines_printed() == 5);
}

TEST_CASE("1403: skips; to channel 1 is a new form, to a channel below on this form lines") {
    UnitRecordMachine m;
    m.put("A");
    CHECK(m.refused(kPrinter, {0x8B, 0, 1, 0}).unit_status == CE);  // stands there already: no motion
    CHECK(m.wait_for(kPrinter).unit_status == DE);
    CHECK(m.printed.empty());
    m.io(kPrinter,
         {{0x91, CC | SLI, 1, Machine::data}, {0x89, CC | SLI, 1, Machine::data}, {0x93, SLI, 1, 0}});
    m.wait_for(kPrinter);
    CHECK(m.printed == "A" + std::string(6, '\n') + "A\f" + std::string(6, '\n'));
}

TEST_CASE("1403: a skip to the channel that is under the brush moves nothing, even behind a line") {
    UnitRecordMachine m;
    m.put("A");
    m.io(kPrinter,
         {{0x89, CC | SLI, 1, Machine::data}, {0x8B, CC | SLI, 1, 0}, {0x89, SLI, 1, Machine::data}});
    m.wait_for(kPrinter);
    CHECK(m.printed == "A\rA");
}

TEST_CASE("1403: long skips go faster after eight lines") {
    UnitRecordMachine m;
    REQUIRE(m.refused(kPrinter, {0x9B, 0, 1, 0}).unit_status == CE);  // channel 3: 12 lines
    m.wait_for(kPrinter);
    CHECK(m.queue.now() == 8 * kSpace1403 + 4 * kSkip1403);
}

TEST_CASE("1403: spacing past channel 12 is unit exception, past channel 9 unit check, with device end") {
    UnitRecordMachine m;
    auto tape = std::make_shared<CarriageTape>(*CarriageTape::standard());
    tape->channels[1] = 1u << 8;
    tape->channels[2] = 1u << 11;
    m.printer.mount(tape);
    m.io(kPrinter, {{0x09, SLI, 1, Machine::data}});
    CHECK(m.wait_for(kPrinter).unit_status == (DE | kUnitCheck));
    CHECK(m.printer.sense()[0] == 0x01);
    // It stops a chain; the channel end is not shown again.
    CHECK(m.io(kPrinter, {{0x09, CC | SLI, 1, Machine::data}, {0x09, SLI, 1, Machine::data}}) ==
          Csw{0, Machine::program + 8, DE | kUnitException, 0, 0});
}

TEST_CASE("1403: a line has 132 positions") {
    UnitRecordMachine m;
    CHECK(m.io(kPrinter, {{0x09, 0, 132, Machine::data}}).channel_status == 0);
    m.wait_for(kPrinter);
    CHECK(m.io(kPrinter, {{0x09, 0, 133, Machine::data}}) ==
          Csw{0, Machine::program + 8, CE, kIncorrectLength, 1});
}

TEST_CASE("1403: block data check, buffer loading behind its gate, rejected commands") {
    UnitRecordMachine m;
    CHECK(m.refused(kPrinter, {0x73, 0, 1, 0}).unit_status == (CE | DE));
    CHECK(m.refused(kPrinter, {0x7B, 0, 1, 0}).unit_status == (CE | DE));
    CHECK(m.io(kPrinter, {{0xEB, CC | SLI, 1, 0}, {0xFB, 0, 240, Machine::data}}).unit_status == (CE | DE));
    for (const uint8_t command :
         {0xFB, 0xF3, 0x05, 0x07, 0x0A, 0x12, 0x21, 0xF1, 0x63, 0x23, 0x43, 0x6B, 0x83, 0xEF}) {
        CHECK(m.refused(kPrinter, {command, 0, 1, Machine::data}).unit_status == kUnitCheck);
        CHECK(m.printer.sense()[0] == kSenseCommandReject);
    }
}

TEST_CASE(
    "printers: the standard tape has every channel, 12 at line 61 and 9 at line 63, which spacing meets") {
    for (unsigned channel = 1; channel <= 12; ++channel) {
        UnitRecordMachine m;
        const uint8_t skip = static_cast<uint8_t>(0x83 + 8 * channel);
        m.io(kPrinter, {{0x09, CC | SLI, 1, Machine::data}, {0x0B, SLI, 1, Machine::data}});
        m.wait_for(kPrinter);
        CHECK(m.refused(kPrinter, {skip, SLI, 1, 0}).unit_status == CE);
        CHECK(m.wait_for(kPrinter).unit_status == DE);
        const unsigned line = channel == 12 ? 60 : channel == 9 ? 62 : 0;
        if (line != 0) CHECK(m.printer.state().line == line);
    }
    UnitRecordMachine m;
    std::map<uint32_t, uint8_t> told;
    for (unsigned line = 1; line < 66; ++line) {
        m.io(kPrinter, {{0x09, SLI, 1, Machine::data}});
        const uint8_t status = m.wait_for(kPrinter).unit_status;
        if (status != DE) told[m.printer.state().line] = status;
    }
    CHECK(told == std::map<uint32_t, uint8_t>{{60, DE | kUnitException}, {62, DE | kUnitCheck}});
}

TEST_CASE("1403: a skip to a channel that is not punched stops at channel 1 and says so") {
    UnitRecordMachine m;
    auto tape = std::make_shared<CarriageTape>(*CarriageTape::standard());
    tape->channels[62] = 0;
    m.printer.mount(tape);
    m.put("A");
    m.io(kPrinter, {{0x09, CC | SLI, 1, Machine::data}, {0xC9, SLI, 1, Machine::data}});  // channel 9
    CHECK(m.wait_for(kPrinter).unit_status == (DE | kUnitCheck));
    CHECK(m.printer.sense()[0] == 0x02);
    CHECK(m.printed == "A\nA\f");
}

TEST_CASE("1403: X'2B' is accepted and spaces a line") {
    UnitRecordMachine m;
    CHECK(m.refused(kPrinter, {0x2B, SLI, 1, 0}).unit_status == CE);
    CHECK(m.wait_for(kPrinter).unit_status == DE);
    CHECK(m.printed == "\n");
}

TEST_CASE("1403: what is not in the loaded character set is a data check, unless that is blocked") {
    UnitRecordMachine m;
    const auto train = isa::to_ebcdic("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,");
    std::vector<uint8_t> buffer(240);
    for (size_t i = 0; i < buffer.size(); ++i) buffer[i] = train[i % train.size()];
    const auto load = [&](uint8_t command) {
        std::copy(buffer.begin(), buffer.end(), m.storage.bytes.begin() + Machine::data);
        CHECK(m.io(kPrinter, {{0xEB, CC | SLI, 1, 0}, {command, 0, 240, Machine::data}}).unit_status ==
              (CE | DE));
    };
    const auto print = [&](std::string_view text) {
        m.printed.clear();
        m.put(text);
        CHECK(m.io(kPrinter, {{0x09, SLI, static_cast<uint16_t>(text.size()), Machine::data}}).unit_status ==
              CE);
        return m.wait_for(kPrinter).unit_status;
    };
    CHECK(print("a+b") == DE);  // nothing was loaded yet
    CHECK(m.printed == "a+b\n");
    load(0xFB);
    CHECK(print("A B") == DE);
    CHECK(print("A+b") == (DE | kUnitCheck));
    CHECK(m.printer.sense()[0] == kSenseDataCheck);
    CHECK(m.printed == "A\n");
    CHECK(m.refused(kPrinter, {0x73, 0, 1, 0}).unit_status == (CE | DE));
    CHECK(print("A+b") == DE);
    CHECK(m.printed == "A\n");
    CHECK(m.refused(kPrinter, {0x7B, 0, 1, 0}).unit_status == (CE | DE));
    CHECK(print("+") == (DE | kUnitCheck));
    load(0xF3);  // folding
    CHECK(print("abc") == DE);
    CHECK(m.printed == "ABC\n");
    CHECK(print("a+") == (DE | kUnitCheck));
}

TEST_CASE("1403: a data check and channel 9 in one line") {
    UnitRecordMachine m;
    auto tape = std::make_shared<CarriageTape>(*CarriageTape::standard());
    tape->channels[1] = 1u << 8;
    m.printer.mount(tape);
    m.io(kPrinter, {{0xEB, CC | SLI, 1, 0}, {0xFB, 0, 240, Machine::data}});  // nothing but X'00'
    m.put("A");
    m.io(kPrinter, {{0x09, SLI, 1, Machine::data}});
    CHECK(m.wait_for(kPrinter).unit_status == (DE | kUnitCheck));
    CHECK(m.printer.sense()[0] == (kSenseDataCheck | 0x01));
}

TEST_CASE("1403: the line last printed can be read back; check read finds nothing wrong") {
    UnitRecordMachine m;
    m.put("LINE");
    m.io(kPrinter, {{0x09, SLI, 4, Machine::data}});
    m.wait_for(kPrinter);
    m.put("XXXXX");
    CHECK(m.io(kPrinter, {{0x02, 0, 132, Machine::data}}) == Csw{0, Machine::program + 8, CE | DE, 0, 0});
    CHECK(m.got(6) == "LINE  ");
    CHECK(m.io(kPrinter, {{0x06, 0, 132, Machine::data}}).unit_status == (CE | DE));
    CHECK(m.storage.bytes[Machine::data] == 0);
}

TEST_CASE("1403: at the end of the forms, and where the operator stopped it, it is not ready") {
    UnitRecordMachine m;
    m.printer.load_forms(2);
    m.put("A");
    for (unsigned form = 0; form < 2; ++form) {
        CHECK(m.io(kPrinter, {{0x09, CC | SLI, 1, Machine::data}, {0x8B, SLI, 1, 0}}).unit_status == CE);
        CHECK(m.wait_for(kPrinter).unit_status == DE);
    }
    CHECK(m.printed == "A\n\fA\n\f");
    for (const uint8_t command : {0x09, 0x0B, 0x8B}) {
        CHECK(m.refused(kPrinter, {command, SLI, 1, Machine::data}).unit_status == kUnitCheck);
        CHECK(m.printer.sense()[0] == kSenseInterventionRequired);
    }
    CHECK(m.refused(kPrinter, {0x03, SLI, 1, Machine::data}).unit_status == (CE | DE));
    m.printer.load_forms(std::nullopt);
    m.printer.set_ready(true);
    CHECK(m.interruption(kPrinter).unit_status == DE);
    m.printer.set_ready(true);
    CHECK_FALSE(m.channels.has_pending());
    CHECK(m.io(kPrinter, {{0x09, SLI, 1, Machine::data}}).unit_status == CE);
}

// ---- 3211
// ---------------------------------------------------------------------------------------------------

namespace {

constexpr uint16_t k3211 = 0x00F;

struct Machine3211 : UnitRecordMachine {
    Printer& printer3211 = channels.attach(
        k3211,
        std::make_unique<Printer>([this](std::string_view text) { printed += text; }, PrinterModel::p3211));
    void put_bytes(const std::vector<uint8_t>& bytes) {
        std::copy(bytes.begin(), bytes.end(), storage.bytes.begin() + data);
    }
};

}  // namespace

TEST_CASE("3211: the forms control buffer takes the place of the tape") {
    Machine3211 m;
    m.put_bytes({0x01, 0x00, 0x02, 0x10});
    CHECK(m.io(k3211, {{0x63, CC | SLI, 4, Machine::data}, {0x93, CC | SLI, 1, 0}, {0x8B, SLI, 1, 0}})
              .unit_status == CE);
    m.wait_for(k3211);
    CHECK(m.printed == "\n\n\f");
    m.io(k3211, {{0x12, 0, 180, Machine::data}});
    CHECK(m.storage.bytes[Machine::data + 3] == 0x10);
    // No last line; a channel that does not exist.
    for (const auto& wrong : {std::vector<uint8_t>{0x01, 0x00, 0x02}, {0x0D, 0x10}}) {
        m.put_bytes(wrong);
        CHECK(m.io(k3211, {{0x63, SLI, static_cast<uint16_t>(wrong.size()), Machine::data}}).unit_status ==
              (CE | DE | kUnitCheck));
        CHECK(m.printer3211.sense()[0] == 0x02);
    }
}

TEST_CASE("3211: eight lines an inch is a flag in the first line, and spaces faster") {
    Machine3211 m;
    m.put_bytes({0x11, 0x00, 0x00, 0x10});
    m.io(k3211, {{0x63, SLI, 4, Machine::data}});
    const SimTime before = m.queue.now();
    CHECK(m.refused(k3211, {0x13, SLI, 1, 0}).unit_status == CE);
    m.wait_for(k3211);
    CHECK(m.queue.now() - before == 2 * kSpace1403 * 6 / 8);
}

TEST_CASE("3211: print position indexing") {
    Machine3211 m;
    m.put_bytes({0x83, 0x01, 0x10});
    m.io(k3211, {{0x63, SLI, 3, Machine::data}});
    m.put("ABCDE");
    m.io(k3211, {{0x09, SLI, 5, Machine::data}});
    m.wait_for(k3211);
    m.put_bytes({0xC2, 0x01, 0x10});
    m.io(k3211, {{0x63, SLI, 3, Machine::data}});
    m.put("ABCDE");
    m.io(k3211, {{0x09, SLI, 5, Machine::data}});
    m.wait_for(k3211);
    CHECK(m.printed == "   ABCDE\nCDE\n");
}

TEST_CASE("3211: channel 9 is unit check, channel 12 unit exception, no such channel unit check") {
    Machine3211 m;
    m.put_bytes({0x01, 0x09, 0x0C, 0x10});
    m.io(k3211, {{0x63, SLI, 4, Machine::data}});
    m.put("A");
    m.io(k3211, {{0x09, SLI, 1, Machine::data}});
    CHECK(m.wait_for(k3211).unit_status == (DE | kUnitCheck));
    CHECK(m.printer3211.sense()[0] == 0x01);
    m.io(k3211, {{0x09, SLI, 1, Machine::data}});
    CHECK(m.wait_for(k3211).unit_status == (DE | kUnitException));
    m.io(k3211, {{0x91, SLI, 1, Machine::data}});
    CHECK(m.wait_for(k3211).unit_status == (DE | kUnitCheck));
    CHECK(m.printer3211.sense()[0] == 0x02);
}

TEST_CASE("3211: its character set buffer has 512 bytes; folding is a command of its own") {
    Machine3211 m;
    std::vector<uint8_t> buffer(512, 0);
    const auto train = isa::to_ebcdic("ABC");
    for (size_t i = 0; i < 432; ++i) buffer[i] = train[i % 3];
    buffer[432] = isa::to_ebcdic('X');  // behind the train
    m.put_bytes(buffer);
    CHECK(m.io(k3211, {{0xFB, 0, 512, Machine::data}}).unit_status == (CE | DE));
    CHECK(m.io(k3211, {{0x0A, 0, 512, Machine::data + 0x200}}).channel_status == 0);
    CHECK(std::equal(buffer.begin(), buffer.end(), m.storage.bytes.begin() + Machine::data + 0x200));
    m.put("abcX");
    m.io(k3211, {{0x09, SLI, 3, Machine::data}});
    CHECK(m.wait_for(k3211).unit_status == (DE | kUnitCheck));
    CHECK(m.refused(k3211, {0x43, 0, 1, 0}).unit_status == (CE | DE));  // fold
    m.printed.clear();
    m.io(k3211, {{0x09, SLI, 3, Machine::data}});
    CHECK(m.wait_for(k3211).unit_status == DE);
    CHECK(m.printed == "ABC\n");
    m.io(k3211, {{0x09, SLI, 4, Machine::data}});
    CHECK(m.wait_for(k3211).unit_status == (DE | kUnitCheck));
    CHECK(m.refused(k3211, {0x23, 0, 1, 0}).unit_status == (CE | DE));  // unfold
    m.io(k3211, {{0x09, SLI, 3, Machine::data}});
    CHECK(m.wait_for(k3211).unit_status == (DE | kUnitCheck));
}

TEST_CASE("3211: raise cover makes it not ready; six bytes of sense") {
    Machine3211 m;
    CHECK(m.refused(k3211, {0x6B, 0, 1, 0}).unit_status == (CE | DE));
    CHECK(m.refused(k3211, {0x09, 0, 1, Machine::data}).unit_status == kUnitCheck);
    CHECK(m.io(k3211, {{0x04, 0, 6, Machine::data}}).channel_status == 0);
    CHECK(m.storage.bytes[Machine::data] == kSenseInterventionRequired);
    m.printer3211.set_ready(true);
    CHECK(m.interruption(k3211).unit_status == DE);
}

TEST_CASE("3211: diagnostic commands behind their gate; commands that only the 1403 has are rejected") {
    Machine3211 m;
    m.put("DIAGNOSTIC");
    CHECK(m.io(k3211, {{0x07, CC | SLI, 1, 0}, {0x05, SLI, 10, Machine::data}}).unit_status == (CE | DE));
    m.io(k3211, {{0x02, 0, 132, Machine::data + 200}});
    CHECK(m.got(10, Machine::data + 200) == "DIAGNOSTIC");
    CHECK(m.printed.empty());
    CHECK(m.io(k3211, {{0x07, CC | SLI, 1, 0}, {0x06, SLI, 132, Machine::data}}).unit_status == (CE | DE));
    for (const uint8_t command : {0x05, 0x06, 0xEB, 0xF3, 0x2B, 0xE4, 0x83}) {
        CHECK(m.refused(k3211, {command, 0, 1, Machine::data}).unit_status == kUnitCheck);
        CHECK(m.printer3211.sense()[0] == kSenseCommandReject);
    }
}
