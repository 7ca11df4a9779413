// Image files of tapes.
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>

#include <random>

#include "tests/simulation/image_fixture.hpp"

namespace image_test {
namespace {

using Found = TapeImage::Found;

std::vector<uint8_t> block_of(unsigned length, unsigned seed, bool compressible) {
    std::vector<uint8_t> block(length);
    std::mt19937 random(seed);
    for (uint8_t& b : block) b = compressible ? static_cast<uint8_t>(seed) : static_cast<uint8_t>(random());
    return block;
}

/// Blocks and marks; an empty one is a tape mark.
std::vector<std::vector<uint8_t>> script(unsigned seed) {
    std::vector<std::vector<uint8_t>> tape;
    std::mt19937 random(seed);
    for (unsigned i = 0; i < 60; ++i) {
        if (random() % 5 == 0)
            tape.emplace_back();
        else
            tape.push_back(block_of(1 + random() % (i % 10 == 0 ? 65535 : 3000), random(), i % 2 == 0));
    }
    return tape;
}

TEST_CASE("blocks and tape marks come back, forward, backward and after closing" *
          doctest::test_suite("hercules")) {
    for (const Compression compression : {Compression::none, Compression::zlib, Compression::bzip2}) {
        const Folder folder;
        const std::string path = folder / "tape";
        const auto expected = script(3);
        {
            const auto tape = TapeImage::create(path, compression);
            for (const auto& block : expected) {
                if (block.empty())
                    tape->write_mark();
                else
                    tape->write(block);
            }
        }
        TapeImage tape(path, Access::read);
        std::vector<uint8_t> block;
        for (const auto& want : expected) {
            CHECK(tape.read(block) == (want.empty() ? Found::mark : Found::block));
            if (!want.empty()) CHECK(block == want);
        }
        CHECK(tape.read(block) == Found::nothing);
        for (size_t i = expected.size(); i-- > 0;) {
            CHECK(tape.read_backward(block) == (expected[i].empty() ? Found::mark : Found::block));
            if (!expected[i].empty()) CHECK(block == expected[i]);
        }
        CHECK(tape.read_backward(block) == Found::nothing);
        CHECK(tape.at_load_point());
        for (const auto& want : expected) CHECK(tape.space() == (want.empty() ? Found::mark : Found::block));
        for (size_t i = expected.size(); i-- > 0;)
            CHECK(tape.space_backward() == (expected[i].empty() ? Found::mark : Found::block));
        const int status = run_tool("hetmap " + path);
        CHECK((status == 0 || status == -1));
        const std::string first = folder / "first";
        if (expected[0].size() > 0 &&
            run_tool(fmt::format("hetget -n {} {} 1 U 0 65535", path, first)) == 0) {
            std::vector<uint8_t> file;
            for (const auto& b : expected) {
                if (b.empty()) break;
                file.insert(file.end(), b.begin(), b.end());
            }
            CHECK(bytes_of(first) == file);
        }
    }
}

TEST_CASE("a block that is written ends the tape") {
    const Folder folder;
    const auto tape = TapeImage::create(folder / "tape", Compression::none);
    for (unsigned i = 0; i < 5; ++i) tape->write(block_of(100, i, true));
    tape->space_backward();
    tape->space_backward();
    tape->write(block_of(50, 9, true));
    std::vector<uint8_t> block;
    CHECK(tape->read(block) == Found::nothing);
    CHECK(tape->space_backward() == Found::block);
    CHECK(tape->read(block) == Found::block);
    CHECK(block == block_of(50, 9, true));
    tape->space_backward();
    tape->erase();
    CHECK(tape->read(block) == Found::nothing);
    CHECK(tape->read_backward(block) == Found::block);
    CHECK(block == block_of(100, 2, true));
}

TEST_CASE("whoever is killed while writing leaves whole blocks") {
    for (unsigned round = 0; round < 8; ++round) {
        const Folder folder;
        const std::string path = folder / "tape";
        TapeImage::create(path, Compression::none);
        int pipe_ends[2];
        REQUIRE(::pipe(pipe_ends) == 0);
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            TapeImage tape(path, Access::write);
            for (unsigned i = 0;; ++i) {
                tape.write(block_of(20000 + i % 1000, i, true));
                if (i % 50 == 49)
                    for (unsigned k = 0; k < 20; ++k) tape.space_backward();
                if (i == 5) static_cast<void>(::write(pipe_ends[1], "x", 1));
            }
        }
        char ready = 0;
        REQUIRE(::read(pipe_ends[0], &ready, 1) == 1);
        ::usleep(500 + 1700 * round);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        ::close(pipe_ends[0]);
        ::close(pipe_ends[1]);
        for (const Access access : {Access::read, Access::write}) {
            TapeImage tape(path, access);
            std::vector<uint8_t> block;
            unsigned blocks = 0;
            while (tape.read(block) == Found::block) {
                ++blocks;
                CHECK(std::all_of(block.begin(), block.end(), [&](uint8_t b) { return b == block[0]; }));
            }
            CHECK(blocks > 0);
        }
    }
}

TEST_CASE("a damaged tape is named with the place") {
    const Folder folder;
    const std::string path = folder / "tape";
    {
        const auto tape = TapeImage::create(path, Compression::zlib);
        for (unsigned i = 0; i < 5; ++i) tape->write(block_of(100, i, i % 2 == 0));
    }
    const auto good = bytes_of(path);
    const auto error = [&](const std::vector<uint8_t>& bytes) -> std::string {
        put_bytes(path, bytes);
        try {
            TapeImage tape(path, Access::read);
            std::vector<uint8_t> block;
            while (tape.read(block) != Found::nothing) {
            }
            while (tape.read_backward(block) != Found::nothing) {
            }
        } catch (const ImageError& e) {
            return e.what();
        }
        return "";
    };
    CHECK(error(good).empty());
    auto bad = good;
    bad.resize(bad.size() - 1);
    CHECK(error(bad).find("the file ends after") != std::string::npos);
    bad = good;
    bad[2] = 1;
    CHECK(error(bad).find("offset 0 (X'0'): expected the first chunk") != std::string::npos);
    bad = good;
    bad[8] ^= 0xFF;
    CHECK(error(bad).find("offset 6 (X'6'): the block cannot be expanded") != std::string::npos);
    std::mt19937 random(5);
    for (unsigned i = 0; i < 500; ++i) {
        bad = good;
        bad[random() % bad.size()] = static_cast<uint8_t>(random());
        if (i % 4 == 0) bad.resize(random() % bad.size());
        error(bad);
    }
}

}  // namespace
}  // namespace image_test
