// The tools of the other program that has the same image formats read what is written here, and what they
// write is read here. Skipped, with a message, where they are not installed.
#include <signal.h>
#include <sys/wait.h>

#include <random>

#include "simulation/images/byte_order.hpp"
#include "simulation/images/fba_image.hpp"
#include "simulation/images/volume.hpp"
#include "tests/simulation/image_fixture.hpp"

namespace image_test {
namespace {

/// Random tracks on a small 2314 with a label; answers how many tracks there are.
uint32_t make_disk(const std::string& path, CkdFormat format) {
    const auto image = create_ckd(path, *disk_geometry("2314"), 20, format);
    write_label(*image, "TOOLS1");
    std::mt19937 random(5);
    for (unsigned i = 0; i < 100; ++i) {
        const uint32_t t = 20 + random() % (image->tracks() - 20);
        std::vector<unsigned> lengths(random() % 6);
        for (unsigned& length : lengths) length = 100 + random() % 500;
        Track track = track_with(t / 20, t % 20, lengths, static_cast<uint8_t>(random()));
        // Not too regular: ckd2cckd and dasdcopy 3.13 take a track that compresses to 37 bytes for an empty
        // one.
        for (size_t r = 1; r < track.records().size(); ++r)
            for (uint32_t k = 0; k < 50; ++k)
                track.data()[track.records()[r].data_at() + k] = static_cast<uint8_t>(random());
        image->write(t, track);
    }
    return image->tracks();
}

void check_same(const std::string& a, const std::string& b) {
    const auto one = open_ckd(a, Access::read), other = open_ckd(b, Access::read);
    one->check();
    other->check();
    REQUIRE(one->tracks() <= other->tracks());
    std::string different;
    for (uint32_t t = 0; t < one->tracks(); ++t)
        if (!same(one->read(t), other->read(t))) different += std::to_string(t) + " ";
    CHECK(different == "");
}

const CkdFormat kPlain{}, kNone{true, Compression::none}, kZlib{true, Compression::zlib},
    kBzip2{true, Compression::bzip2};

TEST_CASE("tools: ckd2cckd, cckd2ckd, dasdcopy" * doctest::test_suite("hercules")) {
    const Folder folder;
    make_disk(folder / "plain", kPlain);
    make_disk(folder / "zlib", kZlib);
    make_disk(folder / "bzip2", kBzip2);
    const auto convert = [&](const std::string& command, const std::string& from, const std::string& to) {
        const std::string tool = command.substr(0, command.find(' '));
        if (!installed(tool)) return;
        CAPTURE(command);
        REQUIRE(run_tool(command + " " + (folder / from) + " " + (folder / to), folder / to) == 0);
        check_same(folder / "plain", folder / to);
    };
    convert("ckd2cckd", "plain", "a");
    convert("cckd2ckd", "zlib", "b");
    convert("cckd2ckd", "bzip2", "c");
    convert("dasdcopy -z", "plain", "d");
    convert("dasdcopy -bz2", "zlib", "e");
    convert("dasdcopy -0", "plain", "f");
}

TEST_CASE("tools: cckdcdsk, cckddiag, dasdls, dasdlist, dasdcat read what is written here" *
          doctest::test_suite("hercules")) {
    for (const CkdFormat& format : {kPlain, kNone, kZlib, kBzip2}) {
        const Folder folder;
        const std::string path = folder / "disk";
        make_disk(path, format);
        if (format.compressed) {
            if (installed("cckdcdsk")) CHECK(run_tool("cckdcdsk -3 -ro " + path) == 0);
            if (installed("cckddiag")) CHECK(run_tool("cckddiag -v " + path) == 0);
        }
        if (installed("dasdls")) CHECK(run_tool("dasdls " + path) == 0);
        if (!format.compressed && installed("dasdlist")) CHECK(run_tool("dasdlist " + path + " 1 1") == 0);
        // It looks the name up in the VTOC, and says that it is not there.
        if (installed("dasdcat")) CHECK(run_tool("dasdcat -i " + path + " NO.SUCH/MEMBER") == 1);
    }
}

TEST_CASE("tools: an image is still good after cckdcomp, and after cckdswap there and back" *
          doctest::test_suite("hercules")) {
    const Folder folder;
    make_disk(folder / "plain", kPlain);
    make_disk(folder / "disk", kZlib);
    {
        // Room that is free again.
        const auto image = open_ckd(folder / "disk", Access::write);
        const auto plain = open_ckd(folder / "plain", Access::write);
        for (uint32_t t = 30; t < 90; ++t) image->write(t, Track(t / 20, t % 20));
        for (uint32_t t = 30; t < 90; ++t) plain->write(t, Track(t / 20, t % 20));
    }
    if (installed("cckdcomp")) CHECK(run_tool("cckdcomp " + (folder / "disk")) == 0);
    check_same(folder / "plain", folder / "disk");
    if (!installed("cckdswap")) return;
    CHECK(run_tool("cckdswap " + (folder / "disk")) == 0);
    std::string message;
    try {
        open_ckd(folder / "disk", Access::read);
    } catch (const ImageError& error) {
        message = error.what();
    }
    CHECK(message.find("offset 515 (X'203'): the image is big-endian") != std::string::npos);
    CHECK(run_tool("cckdswap " + (folder / "disk")) == 0);
    check_same(folder / "plain", folder / "disk");
}

TEST_CASE("tools: home address flags in a compressed image disturb nobody" *
          doctest::test_suite("hercules")) {
    const Folder folder;
    make_disk(folder / "disk", kZlib);
    Track flagged = track_with(3, 3, {100, 200}, 0x44);
    flagged.data()[0] = kTrackDefective;
    open_ckd(folder / "disk", Access::write)->write(63, flagged);
    CHECK(same(open_ckd(folder / "disk", Access::read)->read(63), flagged));
    if (installed("cckdcdsk")) CHECK(run_tool("cckdcdsk -3 -ro " + (folder / "disk")) == 0);
    if (!installed("cckd2ckd")) return;
    REQUIRE(run_tool("cckd2ckd " + (folder / "disk") + " " + (folder / "plain"), folder / "plain") == 0);
    flagged.data()[0] = 0;
    CHECK(same(open_ckd(folder / "plain", Access::read)->read(63), flagged));
    // A track that loses its flags again, and its room.
    open_ckd(folder / "disk", Access::write)->write(63, flagged);
    CHECK(open_ckd(folder / "disk", Access::read)->read(63).flags() == 0);
    CHECK(run_tool("cckdcdsk -3 -ro " + (folder / "disk")) <= 0);
}

TEST_CASE("a volume in two files is one disk, here and for dasdls and dasdcopy" *
          doctest::test_suite("hercules")) {
    const Folder folder;
    make_disk(folder / "whole", kPlain);
    const auto bytes = bytes_of(folder / "whole");
    const size_t track_size = little32(&bytes[12]), at = 512 + 12 * 20 * track_size;
    auto first = bytes, second = std::vector<uint8_t>(bytes.begin(), bytes.begin() + 512);
    second.insert(second.end(), bytes.begin() + static_cast<ptrdiff_t>(at), bytes.end());
    first.resize(at);
    first[17] = 1;
    put_little16(&first[18], 11);
    second[17] = 2;
    put_bytes(folder / "disk_1.ckd", first);
    put_bytes(folder / "disk_2.ckd", second);
    check_same(folder / "whole", folder / "disk_1.ckd");
    if (installed("dasdls")) CHECK(run_tool("dasdls " + (folder / "disk_1.ckd")) == 0);
    if (installed("dasdcopy")) {
        CHECK(run_tool("dasdcopy -z " + (folder / "disk_1.ckd") + " " + (folder / "copy"), folder / "copy") ==
              0);
        check_same(folder / "whole", folder / "copy");
    }
    // Writing goes to the file that has the track.
    const Track track = track_with(12, 0, {33}, 0x77);
    open_ckd(folder / "disk_1.ckd", Access::write)->write(240, track);
    CHECK(bytes_of(folder / "disk_1.ckd") == first);
    CHECK(same(open_ckd(folder / "disk_1.ckd", Access::read)->read(240), track));

    const auto error_of = [&](const std::string& name) -> std::string {
        try {
            open_ckd(folder / name, Access::read);
        } catch (const ImageError& error) {
            return error.what();
        }
        return "no error";
    };
    CHECK(error_of("disk_2.ckd").find("this is file 2 of a volume that is split") != std::string::npos);
    second[17] = 3;
    put_bytes(folder / "disk_2.ckd", second);
    CHECK(error_of("disk_1.ckd").find("disk_2.ckd: offset 17 (X'11'): expected file 2 of the volume") !=
          std::string::npos);
    std::filesystem::remove(folder / "disk_2.ckd");
    CHECK(error_of("disk_1.ckd").find("disk_2.ckd: cannot be opened") != std::string::npos);
    put_little16(&first[18], 10);
    put_bytes(folder / "disk_1.ckd", first);
    CHECK(error_of("disk_1.ckd").find("offset 18 (X'12'): cylinder 10 is said to be the last one") !=
          std::string::npos);
}

// ---- Fixed blocks -----------------------------------------------------------------------------------------

/// Some blocks with contents that tell which they are.
void fill(FbaImage& image) {
    for (uint32_t block = 0; block < image.blocks(); block += 97) {
        const std::vector<uint8_t> bytes(FbaImage::kBlockSize, static_cast<uint8_t>(block / 97 + 1));
        image.write(block, bytes);
    }
}
void check_filled(FbaImage& image, uint32_t blocks) {
    REQUIRE(image.blocks() == blocks);
    image.check();
    unsigned wrong = 0;
    for (uint32_t block = 0; block < blocks; ++block) {
        std::vector<uint8_t> bytes(FbaImage::kBlockSize);
        image.read(block, bytes);
        const auto want = static_cast<uint8_t>(block % 97 == 0 ? block / 97 + 1 : 0);
        wrong += bytes == std::vector<uint8_t>(FbaImage::kBlockSize, want) ? 0 : 1;
    }
    CHECK(wrong == 0);
}

TEST_CASE("tools: fixed-block images, to and fro with fba2cfba, cfba2fba, dasdinit, cckdcdsk" *
          doctest::test_suite("hercules")) {
    const Folder folder;
    constexpr uint32_t kBlocks = 3000;
    for (const CkdFormat& format : {kPlain, kNone, kZlib, kBzip2}) {
        const std::string path = folder / "disk";
        std::filesystem::remove(path);
        fill(*create_fba(path, kBlocks, format));
        check_filled(*open_fba(path, Access::read), kBlocks);
        if (!format.compressed) {
            if (!installed("fba2cfba")) continue;
            CHECK(run_tool("fba2cfba " + path + " " + (folder / "compressed"), folder / "compressed") == 0);
            const auto image = open_fba(folder / "compressed", Access::read);
            CHECK(image->format() == "FBA_C370");
            check_filled(*image, kBlocks);
            continue;
        }
        if (installed("cckdcdsk")) CHECK(run_tool("cckdcdsk -3 -ro " + path) == 0);
        if (!installed("cfba2fba")) continue;
        std::filesystem::remove(folder / "plain");
        CHECK(run_tool("cfba2fba " + path + " " + (folder / "plain"), folder / "plain") == 0);
        check_filled(*open_fba(folder / "plain", Access::read), kBlocks);
    }
    if (!installed("dasdinit")) return;
    REQUIRE(run_tool("dasdinit -z " + (folder / "made") + " 3370 FBA001 20000", folder / "made") == 0);
    const auto image = open_fba(folder / "made", Access::write);
    CHECK(image->blocks() == 20000);
    std::vector<uint8_t> block(FbaImage::kBlockSize);
    image->read(1, block);
    CHECK(block[0] == 0xE5);  // VOL1
    image->write(19999, block);
    image->read(19999, block);
    CHECK(block[0] == 0xE5);
}

TEST_CASE("an overlay of fixed blocks takes the changes and leaves the base as it is") {
    for (const CkdFormat& format : {kPlain, kZlib}) {
        const Folder folder;
        fill(*create_fba(folder / "base", 1000, format));
        const auto before = bytes_of(folder / "base");
        {
            const auto image = open_fba_with_overlay(folder / "base", folder / "over");
            check_filled(*image, 1000);
            // Over the border of two groups of 120.
            image->write(118, std::vector<uint8_t>(4 * FbaImage::kBlockSize, 0xEE));
            image->write(999, std::vector<uint8_t>(FbaImage::kBlockSize, 0xDD));
        }
        CHECK(bytes_of(folder / "base") == before);
        const auto image = open_fba_with_overlay(folder / "base", folder / "over");
        std::vector<uint8_t> bytes(6 * FbaImage::kBlockSize);
        image->read(117, bytes);
        CHECK(bytes[0] == 0);
        CHECK(bytes[512] == 0xEE);
        CHECK(bytes[5 * 512 - 1] == 0xEE);
        CHECK(bytes[5 * 512] == 0);
        image->read(97, std::span(bytes).first(512));
        CHECK(bytes[0] == 2);
        image->read(999, std::span(bytes).first(512));
        CHECK(bytes[0] == 0xDD);
        CHECK_THROWS_AS(open_fba(folder / "over", Access::read), ImageError);
    }
}

TEST_CASE("whoever is killed while writing fixed blocks leaves every block old or new") {
    for (const CkdFormat& format : {kPlain, kNone, kZlib}) {
        for (unsigned round = 0; round < 4; ++round) {
            const Folder folder;
            const std::string path = folder / "disk";
            constexpr uint32_t kBlocks = 480;
            create_fba(path, kBlocks, format);
            int pipe_ends[2];
            REQUIRE(::pipe(pipe_ends) == 0);
            const pid_t child = ::fork();
            REQUIRE(child >= 0);
            if (child == 0) {
                const auto image = open_fba(path, Access::write);
                std::mt19937 random(round);
                for (unsigned i = 0;; ++i) {
                    // Two blocks at a time, each filled with one number.
                    const uint32_t block = random() % (kBlocks - 1);
                    image->write(block,
                                 std::vector<uint8_t>(2 * FbaImage::kBlockSize, static_cast<uint8_t>(i)));
                    if (i == 10) static_cast<void>(::write(pipe_ends[1], "x", 1));
                }
            }
            char ready = 0;
            REQUIRE(::read(pipe_ends[0], &ready, 1) == 1);
            ::usleep(1000 + 3000 * round);
            ::kill(child, SIGKILL);
            ::waitpid(child, nullptr, 0);
            ::close(pipe_ends[0]);
            ::close(pipe_ends[1]);
            for (const Access access : {Access::read, Access::write}) {
                const auto image = open_fba(path, access);
                image->check();
                unsigned torn = 0;
                for (uint32_t block = 0; block < kBlocks; ++block) {
                    std::vector<uint8_t> bytes(FbaImage::kBlockSize);
                    image->read(block, bytes);
                    torn += bytes == std::vector<uint8_t>(FbaImage::kBlockSize, bytes[0]) ? 0 : 1;
                }
                CHECK(torn == 0);
            }
        }
    }
}

// ---- Tapes ------------------------------------------------------------------------------------------------

TEST_CASE("tools: tapes, with hetinit, hetupd, hetmap, hetget, tapemap, tapesplt" *
          doctest::test_suite("hercules")) {
    const Folder folder;
    const auto blocks_of = [&](const std::string& name) {
        std::vector<std::vector<uint8_t>> blocks;
        TapeImage tape(folder / name, Access::read);
        std::vector<uint8_t> block;
        for (;;) {
            const auto found = tape.read(block);
            if (found == TapeImage::Found::nothing) return blocks;
            if (found == TapeImage::Found::mark) block.clear();
            blocks.push_back(block);
        }
    };
    for (const auto& [name, compression] :
         {std::pair{"aws", Compression::none}, {"zlib", Compression::zlib}, {"bzip2", Compression::bzip2}}) {
        const auto tape = TapeImage::create(folder / name, compression);
        for (unsigned file = 0; file < 3; ++file) {
            for (unsigned i = 0; i < 4; ++i)
                tape->write(std::vector<uint8_t>(80 * (i + 1), static_cast<uint8_t>(0xC1 + file)));
            tape->write_mark();
        }
        tape->write_mark();
    }
    const auto expected = blocks_of("aws");
    REQUIRE(expected.size() == 16);
    for (const std::string name : {"aws", "zlib", "bzip2"}) {
        CAPTURE(name);
        CHECK(blocks_of(name) == expected);
        if (installed("hetmap")) CHECK(run_tool("hetmap " + (folder / name)) == 0);
        if (installed("hetupd"))
            for (const std::string option : {"-d", "-z", "-b"}) {
                const std::string to = "updated" + option;
                std::filesystem::remove(folder / to);
                CHECK(run_tool("hetupd " + option + " " + (folder / name) + " " + (folder / to)) == 0);
                CHECK(blocks_of(to) == expected);
            }
        if (installed("hetget")) {
            std::filesystem::remove(folder / "file");
            CHECK(run_tool("hetget -n " + (folder / name) + " " + (folder / "file") + " 2 U 0 32760") == 0);
            CHECK(bytes_of(folder / "file").size() >= 800);
        }
    }
    if (installed("tapemap")) CHECK(run_tool("tapemap " + (folder / "aws")) == 0);
    if (installed("tapesplt")) {
        CHECK(run_tool("tapesplt " + (folder / "aws") + " " + (folder / "first") + " 2") == 0);
        const auto first = blocks_of("first");
        CHECK(std::equal(first.begin(), first.end(), expected.begin()));
        CHECK(first.size() >= 9);
    }
    if (installed("hetinit")) {
        CHECK(run_tool("hetinit " + (folder / "new") + " TAPE99") == 0);
        CHECK(blocks_of("new").size() >= 3);
        CHECK(blocks_of("new")[0].size() == 80);
    }
}

}  // namespace
}  // namespace image_test
