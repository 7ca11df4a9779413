// The spool by itself: room, numbers, queues; files as the host keeps them.
#include "vmcp/spool/spool.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <random>

#include "isa/ebcdic.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "vmcp/spool/real_output.hpp"
#include "vmcp/spool/spool_file_format.hpp"
#include "vmcp/spool/spool_pages.hpp"

namespace vmcp {
namespace {

OpenSpoolFile opened(const std::string& owner, SpoolOrigin origin = SpoolOrigin::punch) {
    OpenSpoolFile open;
    open.file.origin = origin;
    open.file.queue = SpoolQueue::reader;
    open.file.device = origin == SpoolOrigin::punch ? "3525" : "1403";
    open.file.address = 0x00D;
    open.file.from = open.file.owner = owner;
    return open;
}

const std::vector<uint8_t> kCard(80, 0xC1);

/// A closed file of so many cards.
SpoolFile& file_of(Spool& spool, const std::string& owner, unsigned cards) {
    OpenSpoolFile open = opened(owner);
    for (unsigned i = 0; i < cards; ++i) {
        REQUIRE(spool.reserve(open));
        REQUIRE(spool.append(open, 0x01, kCard));
    }
    return spool.close(std::move(open));
}

std::vector<unsigned> numbers(Spool& spool, const std::string& owner) {
    std::vector<unsigned> found;
    for (const SpoolFile* file : spool.queue_of(owner, SpoolQueue::reader)) found.push_back(file->number);
    return found;
}

SpoolOptions pages(uint32_t capacity, const std::string& folder = {}) {
    SpoolOptions options;
    options.capacity = capacity;
    options.folder = folder;
    return options;
}

// ---- Room ----

TEST_CASE("a page holds 46 cards, and a file takes pages as it grows") {
    // (4096 - 16) / (80 + 8)
    Spool spool(pages(10));
    CHECK(file_of(spool, "a", 46).pages == 1);
    CHECK(file_of(spool, "a", 47).pages == 2);
    CHECK(spool.pages_in_use() == 3);
    spool.purge(*spool.find(2));
    CHECK(spool.pages_in_use() == 1);
}

TEST_CASE("who has been promised room has it, whatever others write") {
    Spool spool(pages(2));
    OpenSpoolFile a = opened("a"), b = opened("b");
    REQUIRE(spool.reserve(a));
    REQUIRE(spool.reserve(b));
    OpenSpoolFile c = opened("c");
    CHECK_FALSE(spool.reserve(c));
    REQUIRE(spool.append(a, 0x01, kCard));
    CHECK(spool.reserve(a));  // there is room on its page
    REQUIRE(spool.append(b, 0x01, kCard));
    CHECK(spool.pages_in_use() == 2);
    spool.discard(a);
    CHECK(spool.pages_in_use() == 1);
    CHECK(spool.reserve(c));
}

TEST_CASE("as many cards as fit are taken, then no more, and none is lost") {
    for (const uint32_t capacity : {1u, 2u, 7u}) {
        Spool spool(pages(capacity));
        OpenSpoolFile open = opened("a");
        unsigned cards = 0;
        for (; cards < 10'000 && spool.reserve(open); ++cards) REQUIRE(spool.append(open, 0x01, kCard));
        // The longest record must have room, so the last page is not filled to the end.
        CHECK(cards > (capacity - 1) * 46 + 38);
        CHECK(cards <= capacity * 46);
        CHECK(spool.pages_in_use() == capacity);
        const SpoolFile& file = spool.close(std::move(open));
        CHECK(file.records.count() == cards);
        CHECK(file.pages == spool_pages(file.records));
        CHECK(spool.pages_in_use() == file.pages);
    }
}

// ---- Numbers and queues ----

TEST_CASE("disks for the pages bound the spool, and each page that is full has a place there") {
    simulation::MachineModel model = simulation::MachineModel::load("s370-158");
    model.devices["3330-1"]["cylinders"].value = 1;
    model.devices["3330-1"]["tracks_per_cylinder"].value = 1;
    PagingDevice three(model, "3330-1"), more(model, "3330-1");
    REQUIRE(three.slots() == 3);
    Spool spool(pages(5));
    spool.volumes().add(three);
    CHECK(spool.capacity() == 3);
    file_of(spool, "a", 1);
    OpenSpoolFile open = opened("b");
    unsigned cards = 0;
    for (; spool.reserve(open); ++cards) {
        REQUIRE(spool.append(open, 0x01, kCard));
        CHECK(open.file.places.size() == cards / 46);
    }
    // Of the last page only so much is left as the longest record takes.
    CHECK(cards > 46 + 40);
    CHECK(spool.pages_in_use() == 3);
    CHECK(three.slots_in_use() == 1);  // file_of ends no page
    spool.end_page(open);
    CHECK(open.file.places.size() == 2);
    const auto& page = three.contents(open.file.places[1].slot);
    CHECK(std::equal(page.begin() + kSpoolPageLinks, page.begin() + kSpoolPageLinks + 40 * 83,
                     open.file.records.bytes().begin() + 46 * 83));
    spool.volumes().add(more);
    CHECK(spool.capacity() == 5);
    CHECK(spool.reserve(open));
    spool.discard(open);
    CHECK(three.slots_in_use() == 0);
    CHECK(spool.pages_in_use() == 1);
}

TEST_CASE("numbers go round, and none is given twice") {
    const tests::TemporaryFolder folder;
    std::filesystem::create_directory(folder / "spool");
    tests::put(folder / "spool/spool.json", "{\"vmcp_spool\":1,\"next\":9899}\n");
    Spool spool(pages(100, folder / "spool"));
    CHECK(file_of(spool, "a", 1).number == 9899);
    CHECK(file_of(spool, "a", 1).number == 9900);
    CHECK(file_of(spool, "a", 1).number == 1);
    spool.purge(*spool.find(9900));
    CHECK(file_of(spool, "a", 1).number == 2);
    CHECK(numbers(spool, "a") == std::vector<unsigned>{9899, 1, 2});
}

TEST_CASE("ORDER puts files in front, and others where they were") {
    Spool spool(pages(100));
    for (int i = 0; i < 4; ++i) {
        file_of(spool, "a", 1);
        file_of(spool, "b", 1);
    }
    CHECK(numbers(spool, "a") == std::vector<unsigned>{1, 3, 5, 7});
    spool.order({spool.find(7), spool.find(3)});
    CHECK(numbers(spool, "a") == std::vector<unsigned>{7, 3, 1, 5});
    CHECK(numbers(spool, "b") == std::vector<unsigned>{2, 4, 6, 8});
    spool.order({spool.find(7)});
    CHECK(numbers(spool, "a") == std::vector<unsigned>{7, 3, 1, 5});
    spool.transfer(*spool.find(3), "b", SpoolQueue::reader);
    CHECK(numbers(spool, "b") == std::vector<unsigned>{2, 4, 6, 8, 3});
}

TEST_CASE("users are known in any case of letters") {
    Spool spool(pages(1));
    spool.enter("Anna");
    CHECK(spool.known("ANNA") == "Anna");
    CHECK(spool.known("anna") == "Anna");
    CHECK_FALSE(spool.known("BERT"));
}

// ---- What a reader finds ----

TEST_CASE("any holes of a card come back, and long lines are there whole") {
    SpoolFile file;
    file.origin = SpoolOrigin::punch;
    std::array<uint8_t, 160> binary{};
    for (size_t i = 0; i < binary.size(); ++i) binary[i] = static_cast<uint8_t>(i & 0x3F);
    file.records.append(0x21, binary);
    file.records.append(0x41, kCard);
    const simulation::Deck deck = deck_of(file);
    REQUIRE(deck.size() == 2);
    CHECK(simulation::binary_of(deck[0]) == binary);
    CHECK(std::equal(kCard.begin(), kCard.end(), deck[1].begin()));

    SpoolFile lines;
    lines.origin = SpoolOrigin::printer;
    lines.device = "1403";
    lines.records.append(0x8B, {});
    lines.records.append(0x09, std::vector<uint8_t>(132, 0xC2));
    const simulation::Deck read = deck_of(lines);
    REQUIRE(read.size() == 1);
    REQUIRE(read[0].line != nullptr);
    CHECK(read[0].line->size() == 132);
    CHECK(read[0][79] == 0xC2);
}

// ---- Files of the host ----

SpoolFile sample() {
    SpoolFile file;
    file.number = 7;
    file.origin = SpoolOrigin::printer;
    file.queue = SpoolQueue::reader;
    file.device = "3211";
    file.address = 0x00E;
    file.from = "anna";
    file.owner = "Bert-2";
    file.spool_class = '3';
    file.form = "BLUE";
    file.copies = 12;
    file.hold = true;
    file.name = "MY";
    file.type = "LISTING";
    file.created = 1'234'567'890;
    file.records.append(0x63, std::vector<uint8_t>(180, 0));
    file.records.append(0x09, isa::to_ebcdic("A LINE"));
    file.records.append(0x8B, {});
    return file;
}

TEST_CASE("a file comes back as it was, and is written the same each time") {
    const SpoolFile file = sample();
    const std::string bytes = encode(file);
    const SpoolFile back = decode_spool_file(bytes);
    CHECK(encode(back) == bytes);
    CHECK(back.owner == "Bert-2");
    CHECK(back.copies == 12);
    CHECK(back.records.bytes() == file.records.bytes());
    CHECK(back.lines() == 2);
    CHECK(bytes.starts_with("{\"vmcp_spool_file\":1,\"number\":7,\"origin\":\"PRT\",\"device\":\"3211\""));
}

TEST_CASE("whatever is changed in a file is noticed, or does no harm") {
    const std::string bytes = encode(sample());
    const size_t header = bytes.find('\n') + 1;
    for (size_t at = 0; at < bytes.size(); ++at)
        for (const int change : {0x01, 0x80, 0xFF}) {
            std::string changed = bytes;
            changed[at] = static_cast<char>(changed[at] ^ change);
            CAPTURE(at);
            if (at >= header)
                CHECK_THROWS_AS(decode_spool_file(changed), SpoolFormatError);
            else
                try {
                    decode_spool_file(changed);
                } catch (const SpoolFormatError&) {
                }
        }
    for (size_t size = 0; size < bytes.size(); ++size)
        CHECK_THROWS_AS(decode_spool_file(bytes.substr(0, size)), SpoolFormatError);
    CHECK_THROWS_AS(decode_spool_file(bytes + "x"), SpoolFormatError);
    std::mt19937 random(1);
    for (int i = 0; i < 2000; ++i) {
        std::string junk = bytes.substr(0, random() % 40);
        for (unsigned n = random() % 60; n != 0; --n) junk += static_cast<char>(random());
        CHECK_THROWS_AS(decode_spool_file(junk), SpoolFormatError);
    }
}

TEST_CASE("a folder keeps files, their order and the next number") {
    const tests::TemporaryFolder folder;
    {
        Spool spool(pages(100, folder / "spool"));
        for (int i = 0; i < 3; ++i) file_of(spool, "anna", 50);
        spool.find(2)->hold = true;
        spool.changed(*spool.find(2));
        spool.order({spool.find(3)});
        spool.purge(*spool.find(1));
        spool.throw_failure();
    }
    Spool spool(pages(100, folder / "spool"));
    CHECK(spool.complaints().empty());
    CHECK(numbers(spool, "anna") == std::vector<unsigned>{3, 2});
    CHECK(spool.find(2)->hold);
    CHECK(spool.pages_in_use() == 4);
    CHECK(spool.known("ANNA") == "anna");
    CHECK(file_of(spool, "anna", 1).number == 4);
}

TEST_CASE("a folder is for one run at a time") {
    const tests::TemporaryFolder folder;
    Spool spool(pages(1, folder / "spool"));
    CHECK_THROWS_WITH_AS(Spool(pages(1, folder / "spool")),
                         (std::string("spool ") + (folder / "spool") +
                          ": is in use by another run: expected that one to end, or another folder")
                             .c_str(),
                         SpoolError);
    SpoolFolder(folder / "spool", SpoolFolder::Use::look).read();
}

TEST_CASE("what is damaged or none of ours is told, left alone, and its number not given again") {
    const tests::TemporaryFolder folder;
    const std::string place = folder / "spool";
    {
        Spool spool(pages(100, place));
        for (int i = 0; i < 3; ++i) file_of(spool, "anna", 1);
    }
    std::string bytes = tests::contents(place + "/0002.spool");
    bytes.pop_back();
    tests::put(place + "/0002.spool", bytes);
    std::filesystem::rename(place + "/0003.spool", place + "/0004.spool");
    tests::put(place + "/notes.txt", "hello");
    tests::put(place + "/0005.spool.draft", "half");
    tests::put(place + "/spool.json", "nonsense");
    std::filesystem::create_directory(place + "/0006.spool");
    Spool spool(pages(100, place));
    REQUIRE(spool.complaints().size() == 5);
    CHECK(spool.complaints()[0] ==
          place + "/0002.spool: is damaged: it has 82 bytes of records, expected 83; it is left alone");
    CHECK(spool.complaints()[1] == place + "/0004.spool: says that its number is 0003; it is left alone");
    CHECK(spool.complaints()[2] == place + "/0006.spool: is no regular file; it is left alone");
    CHECK(spool.complaints()[3] == place + ": 1 file that is no spool file, left alone: notes.txt");
    CHECK(spool.complaints()[4] ==
          place + "/spool.json: is no index of a spool: files have the order of their numbers");
    CHECK(numbers(spool, "anna") == std::vector<unsigned>{1});
    CHECK(file_of(spool, "anna", 1).number == 7);
    CHECK(tests::contents(place + "/0002.spool") == bytes);
    CHECK_FALSE(std::filesystem::exists(place + "/0005.spool.draft"));
}

TEST_CASE("a folder that cannot be used is told in one line, and one that fails on the way at the end") {
    const tests::TemporaryFolder folder;
    tests::put(folder / "file", "x");
    CHECK_THROWS_AS(Spool(pages(1, folder / "file")), SpoolError);
    CHECK_THROWS_AS(Spool(pages(1, folder / "not/there")), SpoolError);
    const std::string place = folder / "spool";
    Spool spool(pages(10, place));
    // Nothing can be renamed onto a folder.
    std::filesystem::create_directory(place + "/0001.spool");
    CHECK(file_of(spool, "anna", 1).number == 1);
    CHECK(file_of(spool, "anna", 1).number == 2);
    CHECK_THROWS_AS(spool.throw_failure(), SpoolError);
    spool.throw_failure();
}

}  // namespace
}  // namespace vmcp
