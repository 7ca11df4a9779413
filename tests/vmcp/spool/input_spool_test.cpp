// DIAGNOSE X'14': spool files that a guest reads page by page.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <malloc.h>

#include <random>

#include "isa/ebcdic.hpp"
#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/guest_pair.hpp"
#include "vmcp/spool/spool_buffers.hpp"

namespace vmcp::test {
namespace {

constexpr uint32_t kBuffer = 0x4000, kReader = 0x00C;

struct Office {
    explicit Office(bool with_spool = true) {
        VmOptions options;
        options.name = "anna";
        options.storage = 64 * 1024;
        if (with_spool)
            cp = std::make_unique<ControlProgram>(machine, described(&spool));
        else
            cp = std::make_unique<ControlProgram>(machine, described(nullptr));
        spool.enter("anna");
        spool.enter("bert");
        vm = &cp->log_on(std::move(options), {});
        image = assembled(kPageZeroOfEcMode + R"(
BEGIN    DIAG  2,4,X'14'
         BALR  6,0
         LPSW  END
END      DC    0D'0',X'000A0000',A(0)
)");
        cp->load(*vm, SecondLevel(0), image);
    }
    ControlProgramOptions described(Spool* the_spool) {
        return {ControlProgramModel::load("vm370", machine.model()),
                scheduler::make_policy("round-robin", scheduler::Parameters{}),
                {},
                0,
                the_spool};
    }
    SpoolFile& file(unsigned records, SpoolOrigin origin = SpoolOrigin::punch,
                    const std::string& owner = "anna") {
        OpenSpoolFile open;
        open.file.origin = origin;
        open.file.queue = SpoolQueue::reader;
        open.file.device = origin == SpoolOrigin::punch ? "3525" : "1403";
        open.file.from = "bert";
        open.file.owner = owner;
        open.file.name = "LETTER";
        open.file.type = "DATA";
        for (unsigned i = 0; i < records; ++i) {
            const std::string text = fmt::format("{:<80}", fmt::format("RECORD {}", i));
            CHECK(spool.reserve(open));
            CHECK(spool.append(open, origin == SpoolOrigin::punch ? 0x01 : 0x09, isa::to_ebcdic(text)));
        }
        return spool.close(std::move(open));
    }
    /// "condition code, general register 5 behind it" or the interruption code of the program check.
    std::string ask(uint32_t r2, uint32_t r4, uint32_t function) {
        vm->state.gpr[2] = r2;
        vm->state.gpr[4] = r4;
        vm->state.gpr[5] = function;
        cp->restart(*vm);
        cp->run(simulation::kNever, cp->now() + simulation::kSecond);
        REQUIRE(vm->stop == StopReason::disabled_wait);
        if (vm->state.psw.address == 0x99)
            return fmt::format("code {:X}", vm->storage.peek32(SecondLevel(0x8C)) & 0xFF);
        return fmt::format("{} {}", vm->state.gpr[6] >> 28 & 3, vm->state.gpr[5]);
    }
    std::string read(uint32_t reader = kReader) { return ask(kBuffer, reader, 0).substr(0, 1); }
    uint32_t word(uint32_t at) { return vm->storage.peek32(SecondLevel(kBuffer + at)); }
    std::string text(uint32_t at, uint32_t length) {
        std::string all;
        for (uint32_t i = 0; i < length; ++i)
            all += isa::printable(static_cast<uint8_t>(word((at + i) & ~3u) >> (24 - 8 * ((at + i) & 3))));
        return all;
    }
    uint32_t code(std::string_view command) { return cp->command(*vm, command); }

    Spool spool{SpoolOptions{}};
    simulation::Machine machine{simulation::MachineModel::load("s370-158"), 2 * simulation::kMebibyte};
    std::unique_ptr<ControlProgram> cp;
    VirtualMachine* vm = nullptr;
    std::vector<uint8_t> image;
};

/// The records of the buffer, as its channel program leads to them: the first word of each CCW that moves
/// data, and the first word of what it moves.
std::vector<std::string> records(Office& office) {
    std::vector<std::string> all;
    for (uint32_t at = 16, n = 0; office.word(at) != 0 && n < 100; ++n) {
        const uint32_t command = office.word(at) >> 24, from = office.word(at) & isa::kAddressMask;
        if (command == 0x08) {
            at = from;
            continue;
        }
        all.push_back(fmt::format("{:02X} {}", command, from == 0 ? "" : office.text(from, 10)));
        CHECK((office.word(at + 4) >> 24) == 0x60);
        at += 8;
    }
    return all;
}

TEST_CASE("a file is read page by page, each with the channel program that would punch it") {
    Office office;
    const SpoolFile& file = office.file(100);
    const size_t pages = spool_buffers(file).size();
    REQUIRE(pages == 3);
    CHECK(office.read() == "0");
    CHECK(office.word(0) == (file.number << 16 | 2));
    CHECK(office.word(4) == 0);
    const uint32_t first = office.word(12);
    auto all = records(office);
    REQUIRE(all.size() == first + 1);
    CHECK(all[0] == "03           ");  // the tag
    CHECK(all[1] == "01 RECORD 0  ");
    CHECK(all[first] == fmt::format("01 RECORD {} ", first - 1));
    CHECK(office.read() == "0");
    CHECK(office.word(4) == (file.number << 16 | 1));
    CHECK(records(office)[0] == fmt::format("01 RECORD {} ", first));
    CHECK(office.read() == "0");
    CHECK(office.word(0) == 0);
    CHECK(records(office).back() == "01 RECORD 99 ");
    CHECK(office.read() == "1");
    CHECK(office.read() == "1");
    // Back, and anew.
    CHECK(office.ask(kBuffer, kReader, 0x18) == "0 24");
    CHECK(records(office)[0] == fmt::format("01 RECORD {} ", first));
    CHECK(office.ask(0, kReader, 0x14) == "0 20");
    CHECK(office.ask(kBuffer, kReader, 0x18) == "0 24");
    CHECK(records(office)[1] == "01 RECORD 0  ");
    CHECK(office.read() == "0");
    CHECK(office.word(4) == (file.number << 16 | 1));
    // Closed, it is gone.
    CHECK(file.in_use);
    CHECK(office.code("CLOSE 00C") == 0);
    CHECK(office.spool.files().empty());
    CHECK(office.read() == "2");
    CHECK(office.ask(kBuffer, kReader, 0x18) == "2 24");
    CHECK(office.ask(kBuffer, kReader, 0x14) == "2 20");
    CHECK(office.ask(3, kReader, 0x10) == "2 16");
}

TEST_CASE("the reader's class, hold and continuous reading go by what SPOOL has said") {
    Office office;
    office.file(1).spool_class = 'B';
    office.file(2).hold = true;
    const unsigned wanted = office.file(3).number;
    office.file(4);
    CHECK(office.code("SPOOL READER CLASS A HOLD CONT") == 0);
    CHECK(office.read() == "0");
    CHECK((office.word(12)) == 3);
    CHECK(office.ask(2, kReader, 0x10) == "0 16");
    CHECK(office.read() == "0");  // once more
    CHECK((office.word(12)) == 3);
    CHECK(office.read() == "0");
    CHECK((office.word(12)) == 4);
    CHECK(office.spool.find(wanted)->hold);
    CHECK_FALSE(office.spool.find(wanted)->in_use);
    CHECK(office.read() == "1");
    CHECK(office.spool.files().size() == 4);
    CHECK(office.ask(0, kReader, 0x10) == "2 16");
}

TEST_CASE("a file is chosen by its number, and comes first") {
    Office office;
    office.file(1);
    const unsigned second = office.file(2).number;
    const unsigned others = office.file(3, SpoolOrigin::punch, "bert").number;
    CHECK(office.ask(second, kReader, 0x0C) == "0 12");
    CHECK(office.read() == "0");
    CHECK(office.word(12) == 2);
    CHECK(office.ask(second, kReader, 0x0C) == "2 12");  // it is being read
    CHECK(office.ask(others, kReader, 0x0C) == "2 12");
    CHECK(office.ask(9000, kReader, 0x0C) == "2 12");
    // Others leave it alone meanwhile, and log-off leaves it.
    CHECK(office.code(fmt::format("PURGE READER {}", second)) == 42);
    office.cp->log_off(*office.vm);
    REQUIRE(office.spool.find(second) != nullptr);
    CHECK_FALSE(office.spool.find(second)->in_use);
}

TEST_CASE("blocks tell of print files, of punched ones, and of all") {
    Office office;
    const unsigned cards = office.file(7).number;
    const unsigned lines = office.file(5, SpoolOrigin::printer).number;
    const unsigned more = office.file(6, SpoolOrigin::printer).number;
    const auto number = [&] { return office.word(0x1C) & 0xFFFF; };
    CHECK(office.ask(kBuffer, kReader, 0x04) == "0 4");
    CHECK(number() == lines);
    CHECK(office.word(0x18) == 5);
    CHECK(office.text(0x08, 16) == "anna    bert    ");
    CHECK(office.text(0x28, 24) == "LETTER      DATA        ");
    CHECK((office.word(0x20) >> 16 & 0xFF) == 0x41);
    CHECK(office.ask(kBuffer, kReader, 0x04) == "0 4");
    CHECK(number() == more);
    CHECK(office.ask(kBuffer, kReader, 0x04) == "1 4");
    CHECK(office.read() == "0");  // and from the first one on again
    CHECK(office.ask(kBuffer, kReader, 0x04) == "0 4");
    CHECK(number() == lines);
    CHECK(office.ask(kBuffer, kReader, 0x08) == "1 8");
    CHECK(office.read() == "1");
    // The file that is read, too.
    CHECK(office.ask(kBuffer, kReader, 0x08) == "0 8");
    CHECK(number() == cards);
    CHECK((office.word(0x20) >> 24) == 0xC0);

    CHECK(office.ask(kBuffer, 0, 0xFFF) == "0 4095");
    CHECK(number() == cards);
    CHECK((office.word(104) >> 24) == 0x03);
    CHECK(office.ask(kBuffer, cards, 0xFFF) == "0 4095");
    CHECK(number() == lines);
    CHECK(office.ask(kBuffer, more, 0xFFF) == "1 4095");
    CHECK(office.ask(kBuffer, 77, 0xFFF) == "2 4095");
    // There is no monitor.
    CHECK(office.ask(kBuffer, kReader, 0x1C) == "2 28");
    CHECK(office.ask(kBuffer, kReader, 0x20) == "2 32");
}

TEST_CASE("what makes no sense is refused as it is documented") {
    Office office;
    office.file(100);
    CHECK(office.ask(kBuffer, 0x444, 0) == "3 4");
    CHECK(office.ask(kBuffer, 0x00E, 0) == "3 8");
    CHECK(office.ask(kBuffer, kReader, 0x24) == "code 6");
    CHECK(office.ask(kBuffer, kReader, 2) == "code 6");
    CHECK(office.ask(kBuffer, kReader, 0xFFFFFFFF) == "code 6");
    CHECK(office.ask(kBuffer + 8, kReader, 0) == "code 6");
    CHECK(office.ask(64 * 1024, kReader, 0) == "code 5");
    CHECK(office.ask(0xFFF000, kReader, 0) == "code 5");
    CHECK(office.ask(0xFFFF90, kReader, 8) == "code 5");
    CHECK(office.ask(0x4FA0, kReader, 4) == "code 6");
    CHECK(office.ask(0xFFFFF0, 0, 0xFFF) == "code 5");
    CHECK_FALSE(office.spool.files().front().in_use);
    // Protected: the second half of the page.
    office.vm->storage.set_key(SecondLevel(kBuffer), 0x10);
    office.vm->storage.set_key(SecondLevel(kBuffer + 0x800), 0x30);
    office.cp->load(*office.vm, SecondLevel(0), {0x00, 0x18, 0, 0});
    office.machine.cpus().keys_changed();
    CHECK(office.ask(kBuffer, kReader, 0) == "code 4");
    CHECK(office.word(0) == 0);
    CHECK_FALSE(office.spool.files().front().in_use);
    office.cp->load(*office.vm, SecondLevel(0), {0x00, 0x08, 0, 0});
    CHECK(office.read() == "0");
    CHECK(office.ask(0, kReader, 0x10) == "code 6");
    CHECK(office.ask(0x80000000, kReader, 0x10) == "code 6");
    Office without(false);
    CHECK(without.read() == "2");
    CHECK(without.ask(kBuffer, 0, 0xFFF) == "2 4095");
}

TEST_CASE("whatever is asked in whatever order, nothing breaks, and nothing is kept") {
    Office office;
    std::mt19937 random(1);
    const auto one_of = [&](std::initializer_list<uint32_t> all) {
        return *(all.begin() + random() % all.size());
    };
    const char* const commands[] = {"CLOSE 00C",
                                    "CLOSE 00C HOLD",
                                    "SPOOL 00C CONT HOLD",
                                    "PURGE ALL",
                                    "SPOOL 00C NOCONT NOHOLD",
                                    "DEFINE 00C AS 01C",
                                    "DETACH 01C",
                                    "DEFINE READER 00C",
                                    "DEFINE STORAGE 64K",
                                    "CHANGE READER ALL NOHOLD"};
    size_t bytes = 0;
    const unsigned rounds = 4000;
    for (unsigned i = 0; i < rounds; ++i) {
        if (i == rounds / 4) bytes = mallinfo2().uordblks;
        if (random() % 4 == 0 && office.spool.files().size() < 5)
            office.file(random() % 120 + 1, random() % 2 == 0 ? SpoolOrigin::punch : SpoolOrigin::printer);
        if (random() % 3 == 0) office.code(commands[random() % std::size(commands)]);
        office.cp->load(*office.vm, SecondLevel(0), office.image);
        office.ask(one_of({kBuffer, kBuffer, kBuffer, 0xF000, 0x10000, 1, 2, 0xFFFFFFFF}),
                   one_of({kReader, kReader, kReader, 0x01C, 0x00E, 0, 1, 0xFFFF}),
                   one_of({0, 0, 4, 8, 0xC, 0x10, 0x14, 0x18, 0x1C, 0xFFF, 0x28}));
    }
    office.code("PURGE ALL");
    office.code("CLOSE 00C");
    office.code("CLOSE 01C");
    office.code("PURGE ALL");
    CHECK(office.spool.pages_in_use() == 0);
    CHECK(mallinfo2().uordblks < bytes + 200'000);
}

}  // namespace
}  // namespace vmcp::test
