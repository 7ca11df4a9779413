// Which journal an image takes, what is left when the host's disk is full, and how a new image takes its
// name.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include "simulation/images/fba_image.hpp"
#include "simulation/images/new_image.hpp"
#include "tests/simulation/image_fixture.hpp"

namespace image_test {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<uint8_t>;

std::string error_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const ImageError& error) {
        return error.what();
    }
    return "no error";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A disk of fixed blocks, and a commit of its block 5 that was cut short.
struct CutShort {
    static constexpr size_t kAt = 5 * 512;
    explicit CutShort(const Folder& folder) : path(folder / "disk"), journal(path + ".journal") {
        {
            const auto image = create_fba(path, 10);
            image->write(5, Bytes(512, 0x11));
            before = bytes_of(path);
            image->write(5, Bytes(512, 0x22));
            after = bytes_of(path);
            entry = bytes_of(journal);
        }
        const std::string begun = "VMCPJRN2";  // and not done
        std::copy(begun.begin(), begun.end(), entry.begin());
        torn = before;
        std::copy_n(after.begin() + kAt, 100, torn.begin() + kAt);
        put_bytes(path, torn);
        put_bytes(journal, entry);
    }
    std::string path, journal;
    Bytes before, torn, after, entry;
};

TEST_CASE("journal: a commit that was cut short is finished, by a reader in what it reads") {
    const Folder folder;
    const CutShort disk(folder);
    Bytes block(512);
    open_fba(disk.path, Access::read)->read(5, block);
    CHECK(block == Bytes(512, 0x22));
    CHECK(bytes_of(disk.path) == disk.torn);
    open_fba(disk.path, Access::write);
    CHECK(bytes_of(disk.path) == disk.after);
    CHECK_FALSE(fs::exists(disk.journal));
}

TEST_CASE("journal: is not laid over a restored copy, whatever the way in which it came") {
    for (const bool in_place : {false, true}) {
        CAPTURE(in_place);
        const Folder folder;
        const CutShort disk(folder);
        const auto restore = [&](const Bytes& bytes) {
            if (!in_place) fs::remove(disk.path);  // a file of its own
            put_bytes(disk.path, bytes);
            put_bytes(disk.journal, disk.entry);
        };
        // From just before the commit: there is nothing to finish.
        restore(disk.before);
        open_fba(disk.path, Access::write);
        CHECK(bytes_of(disk.path) == disk.before);
        CHECK_FALSE(fs::exists(disk.journal));
        // From long before it, and from another disk that is shorter.
        Bytes old(10 * 512, 0x33), shorter(5 * 512, 0x33);
        for (const Bytes& other : {old, shorter}) {
            restore(other);
            for (const Access access : {Access::read, Access::write})
                CHECK(error_of([&] { open_fba(disk.path, access); }) ==
                      fmt::format("{}: is left by a run that was cut short, but not of {} as it is now: put "
                                  "back that image, or remove the journal to use this one",
                                  disk.journal, disk.path));
            CHECK(bytes_of(disk.path) == other);
            CHECK(bytes_of(disk.journal) == disk.entry);
        }
        // The user decides for the copy, or puts back the image.
        fs::remove(disk.journal);
        CHECK(error_of([&] { open_fba(disk.path, Access::write); }) == "no error");
        restore(disk.torn);
        open_fba(disk.path, Access::write);
        CHECK(bytes_of(disk.path) == disk.after);
    }
}

TEST_CASE(
    "journal: whatever the number of bytes at which it was cut, and in whatever piece of a damaged one") {
    const Folder folder;
    CutShort disk(folder);
    for (size_t done = 0; done <= 512; done += 16) {
        Bytes torn = disk.before;
        std::copy_n(disk.after.begin() + CutShort::kAt, done, torn.begin() + CutShort::kAt);
        put_bytes(disk.path, torn);
        put_bytes(disk.journal, disk.entry);
        open_fba(disk.path, Access::write);
        CHECK(bytes_of(disk.path) == (done == 0 ? disk.before : disk.after));
    }
    // Neither the beginning of the one nor the end of the other: not what a run leaves.
    Bytes mixed = disk.before;
    mixed[CutShort::kAt + 7] = 0x22;
    put_bytes(disk.path, mixed);
    put_bytes(disk.journal, disk.entry);
    CHECK(has(error_of([&] { open_fba(disk.path, Access::write); }), "remove the journal"));
    // A journal that was not written to its end.
    for (size_t length = 0; length < disk.entry.size(); length += 37) {
        put_bytes(disk.path, disk.before);
        put_bytes(disk.journal, Bytes(disk.entry.begin(), disk.entry.begin() + static_cast<long>(length)));
        open_fba(disk.path, Access::write);
        CHECK(bytes_of(disk.path) == disk.before);
        CHECK_FALSE(fs::exists(disk.journal));
    }
}

TEST_CASE("journal: symbolic links lead to the same one, and to the same lock") {
    const Folder folder;
    const CutShort disk(folder);
    fs::create_directory(folder / "elsewhere");
    const std::string link = folder / "elsewhere/link";
    fs::create_symlink("../disk", link);
    {
        const auto image = open_fba(link, Access::write);
        CHECK(bytes_of(disk.path) == disk.after);
        CHECK_FALSE(fs::exists(disk.journal));
        CHECK(has(error_of([&] { open_fba(disk.path, Access::write); }), "is in use"));
        image->write(1, Bytes(512, 1));
        CHECK(fs::exists(disk.journal));
        CHECK_FALSE(fs::exists(link + ".journal"));
    }
    CHECK_FALSE(fs::exists(disk.journal));
}

TEST_CASE("journal: a file of several names is read, not written") {
    const Folder folder;
    const std::string path = folder / "disk";
    create_fba(path, 10);
    fs::create_hard_link(path, folder / "second");
    CHECK(error_of([&] { open_fba(path, Access::read); }) == "no error");
    CHECK(error_of([&] { open_fba(folder / "second", Access::write); }) ==
          (folder / "second") +
              ": has 2 names (hard links), and only one of them would find its journal: "
              "expected a file of one name for writing");
    fs::remove(folder / "second");
    CHECK(error_of([&] { open_fba(path, Access::write); }) == "no error");
}

TEST_CASE("journal: a file of the user that has its name is left alone") {
    const Folder folder;
    const std::string path = folder / "disk", journal = path + ".journal";
    create_fba(path, 10);
    put_bytes(journal, Bytes{'m', 'i', 'n', 'e'});
    const std::string message =
        journal + ": is no journal of an image: expected no other file of that name beside the image";
    CHECK(error_of([&] { open_fba(path, Access::write); }) == message);
    fs::remove(path);
    CHECK(error_of([&] { create_fba(path, 10); }) == message);
    CHECK_FALSE(fs::exists(path));
    CHECK(bytes_of(journal) == Bytes{'m', 'i', 'n', 'e'});
    fs::remove(journal);
    fs::create_directory(journal);
    CHECK(error_of([&] { create_fba(path, 10); }) == message);
}

/// Runs `action` where no file may become longer than `most` bytes, as on a disk that is full; answers what
/// it returns (0 to 255).
int with_full_disk(uint64_t most, const std::function<int()>& action) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{most, most};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        ::_exit(action());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
}

TEST_CASE("full disk: a tape has the blocks that were written whole, and no part of another one") {
    for (const unsigned position : {0u, 3u}) {  // where the writing begins on a tape that has blocks
        CAPTURE(position);
        const Folder folder;
        const std::string path = folder / "tape";
        {
            const auto tape = TapeImage::create(path, Compression::none);
            for (unsigned i = 0; i < 5; ++i) tape->write(Bytes(1000, static_cast<uint8_t>(0x10 + i)));
        }
        const int written = with_full_disk(100'000, [&] {
            TapeImage tape(path, Access::write);
            for (unsigned i = 0; i < position; ++i) tape.space();
            for (int i = 0; i < 200; ++i) {
                try {
                    // Each longer than the room that is left some day, the last one much.
                    tape.write(Bytes(i < 10 ? 5000 + 10u * static_cast<unsigned>(i) : 60'000,
                                     static_cast<uint8_t>(0x80 + i)));
                } catch (const ImageError& error) {
                    const bool named = has(error.what(), "cannot be written");
                    return named && tape.size() == fs::file_size(path) ? i : 255;
                }
            }
            return 254;
        });
        CHECK(written == 10);
        CHECK_FALSE(fs::exists(path + ".journal"));
        TapeImage tape(path, Access::read);
        Bytes block;
        for (unsigned i = 0; i < position; ++i) {
            REQUIRE(tape.read(block) == TapeImage::Found::block);
            CHECK(block == Bytes(1000, static_cast<uint8_t>(0x10 + i)));
        }
        for (unsigned i = 0; i < 10; ++i) {
            REQUIRE(tape.read(block) == TapeImage::Found::block);
            CHECK(block == Bytes(5000 + 10 * i, static_cast<uint8_t>(0x80 + i)));
        }
        CHECK(tape.read(block) == TapeImage::Found::nothing);
    }
}

TEST_CASE("full disk: a block in the middle of a tape that does not fit leaves all that is behind it") {
    const Folder folder;
    const std::string path = folder / "tape";
    {
        const auto tape = TapeImage::create(path, Compression::none);
        for (unsigned i = 0; i < 90; ++i) tape->write(Bytes(1000, static_cast<uint8_t>(i)));
    }
    const Bytes before = bytes_of(path);
    const int failed = with_full_disk(95'000, [&] {
        TapeImage tape(path, Access::write);
        for (unsigned i = 0; i < 70; ++i) tape.space();
        return has(error_of([&] { tape.write(Bytes(60'000, 0xAA)); }), "cannot be written") ? 1 : 0;
    });
    CHECK(failed == 1);
    CHECK(bytes_of(path) == before);
    CHECK_FALSE(fs::exists(path + ".journal"));
}

TEST_CASE("full disk: an overlay keeps every track that was written") {
    const Folder folder;
    const std::string base = folder / "base", overlay = folder / "over";
    create_ckd(base, *disk_geometry("2311"), 20, {});
    std::mt19937 random(1);
    const auto track_of = [&](uint32_t t) { return track_with(t / 10, t % 10, {900, 1200}, 0); };
    const auto noisy = [&](uint32_t t) {
        Track track = track_of(t);
        std::mt19937 noise(t + 1);
        for (uint32_t i = track.records()[1].data_at(); i < track.records()[1].end(); ++i)
            track.data()[i] = static_cast<uint8_t>(noise());
        return track;
    };
    const int written = with_full_disk(60'000, [&] {
        const auto image = open_ckd_with_overlay(base, overlay);
        for (uint32_t t = 0; t < 200; ++t)
            if (error_of([&] { image->write(t, noisy(t)); }) != "no error") return static_cast<int>(t);
        return 255;
    });
    CHECK(written > 10);
    CHECK(written < 200);
    const auto image = open_ckd_with_overlay(base, overlay);
    image->check();
    for (uint32_t t = 0; t < 200; ++t)
        CHECK(same(image->read(t), t < static_cast<uint32_t>(written) ? noisy(t) : Track(t / 10, t % 10)));
}

/// Lets a child do `work` until it is killed, `microseconds` after it has written to the descriptor it gets.
void killed(unsigned microseconds, const std::function<void(int)>& work) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        work(ends[1]);
        ::_exit(1);
    }
    char ready = 0;
    REQUIRE(::read(ends[0], &ready, 1) == 1);
    ::usleep(microseconds);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    ::close(ends[0]);
    ::close(ends[1]);
}

void say_ready(int descriptor) { static_cast<void>(::write(descriptor, "x", 1)); }

TEST_CASE("whoever is killed leaves a tape with the files of one round and whole blocks of the next") {
    for (const Compression compression : {Compression::none, Compression::zlib})
        for (unsigned round = 0; round < 6; ++round) {
            const Folder folder;
            const std::string path = folder / "tape";
            TapeImage::create(path, compression);
            killed(300 + 1300 * round, [&](int out) {
                TapeImage tape(path, Access::write);
                tape.set_compression(compression);
                for (unsigned i = 0;; ++i) {  // round after round over the same tape
                    tape.rewind();
                    for (unsigned k = 0; k < 8; ++k) {
                        // Block k of round i says so; every fourth one is a tape mark.
                        if (k % 4 == 3)
                            tape.write_mark();
                        else
                            tape.write(Bytes(9000 + 1000 * k, static_cast<uint8_t>(16 * (i % 16) + k)));
                    }
                    if (i == 1) say_ready(out);
                }
            });
            for (const Access access : {Access::read, Access::write}) {
                TapeImage tape(path, access);
                Bytes block;
                int number = -1;
                unsigned k = 0;
                for (auto found = tape.read(block); found != TapeImage::Found::nothing;
                     found = tape.read(block), ++k) {
                    CHECK((found == TapeImage::Found::mark) == (k % 4 == 3));
                    if (found == TapeImage::Found::mark) continue;
                    if (number < 0) number = block[0] / 16;
                    CHECK(block ==
                          Bytes(9000 + 1000 * k, static_cast<uint8_t>(16 * number + static_cast<int>(k))));
                }
                CHECK(k > 0);
                CHECK(k <= 8);
            }
            CHECK_FALSE(fs::exists(path + ".journal"));
        }
}

TEST_CASE("whoever is killed leaves every track of an overlay old or new, and the base as it was") {
    for (unsigned round = 0; round < 10; ++round) {
        CAPTURE(round);
        const Folder folder;
        const std::string base = folder / "base", overlay = folder / "over";
        create_ckd(base, *disk_geometry("2311"), 4, {})->write(7, track_with(0, 7, {50}, 0x77));
        const Bytes base_before = bytes_of(base);
        killed(200 * round, [&](int out) {
            say_ready(out);  // so that the making of the overlay is cut short, too
            const auto image = open_ckd_with_overlay(base, overlay);
            std::mt19937 random(round);
            for (unsigned i = 0;; ++i) {
                const uint32_t t = 10 + random() % 30;
                const auto fill = static_cast<uint8_t>(i);
                image->write(t, track_with(t / 10, t % 10, {500u + fill, 900}, fill));
            }
        });
        const auto image = open_ckd_with_overlay(base, overlay);
        image->check();
        CHECK(same(image->read(7), track_with(0, 7, {50}, 0x77)));
        for (uint32_t t = 10; t < 40; ++t) {
            const Track track = image->read(t);
            if (track.records().size() == 1) continue;
            const auto fill = static_cast<uint8_t>(track.records()[1].data_length - 500);
            CHECK(same(track, track_with(t / 10, t % 10, {500u + fill, 900}, fill)));
        }
        CHECK(bytes_of(base) == base_before);
    }
}

TEST_CASE("new image: two of one name do not meet, and the second one is told") {
    const Folder folder;
    const std::string path = folder / "disk";
    NewImage first(path, false), second(path, true);
    CHECK(first.part() != second.part());
    create_fba(first.part(), 10);
    create_fba(second.part(), 20);
    first.finish();
    CHECK(error_of([&] { second.finish(); }) == path + ": has meanwhile been made by another program");
    CHECK(open_fba(path, Access::read)->blocks() == 10);
}

TEST_CASE("new image: takes the place of one that nobody uses, and the journal of that one is gone") {
    const Folder folder;
    const CutShort disk(folder);
    fs::create_symlink("disk", folder / "link");
    {
        NewImage made(folder / "link", true);
        CHECK(error_of([&] { NewImage(disk.path, true); }) ==
              disk.path + ": is in use by another program or another device");
        CHECK(has(error_of([&] { open_fba(disk.path, Access::read); }), "is in use"));
        create_fba(made.part(), 20);
        CHECK(bytes_of(disk.path) == disk.torn);
        made.finish();
    }
    CHECK(fs::is_symlink(folder / "link"));
    CHECK_FALSE(fs::exists(disk.journal));
    CHECK(bytes_of(disk.path) == Bytes(20 * 512, 0));

    const auto user = open_fba(disk.path, Access::read);
    CHECK(has(error_of([&] { NewImage(disk.path, true); }), "is in use"));
}

TEST_CASE("new image: what is no regular file is not replaced, and what is not finished leaves nothing") {
    const Folder folder;
    fs::create_directory(folder / "folder");
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    fs::create_symlink("nowhere", folder / "link");
    for (const std::string& name : {folder / "folder", folder / "pipe", std::string("/dev/null")})
        CHECK(error_of([&] { NewImage(name, true); }) == name + ": is not a regular file");
    CHECK(error_of([&] { NewImage(folder / "link", true); }) ==
          (folder / "link") + ": is a symbolic link that leads nowhere");
    {
        NewImage made(folder / "disk", false);
        create_fba(made.part(), 10);
    }
    size_t files = 0;
    for (const auto& entry : fs::directory_iterator(folder.path()))
        files += entry.exists() || entry.is_symlink();
    CHECK(files == 3);
}

}  // namespace
}  // namespace image_test
