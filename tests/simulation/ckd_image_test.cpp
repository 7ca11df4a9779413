// Image files of count-key-data disks: what is written comes back, other programs can read it, damage is
// named, and a kill in the middle leaves every track old or new.
#include <signal.h>
#include <sys/wait.h>

#include <map>
#include <random>

#include "simulation/images/volume.hpp"
#include "tests/simulation/image_fixture.hpp"

namespace image_test {
namespace {

struct Format {
    const char* name;
    CkdFormat format;
};
const Format kFormats[] = {{"plain", {false, Compression::none}},
                           {"none", {true, Compression::none}},
                           {"zlib", {true, Compression::zlib}},
                           {"bzip2", {true, Compression::bzip2}}};

/// The message of the error that `action` must throw.
template <class F>
std::string error_of(F action) {
    try {
        action();
    } catch (const ImageError& error) {
        return error.what();
    }
    return "no error";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("tracks that are written come back, also after the image was closed" *
          doctest::test_suite("hercules")) {
    for (const Format& format : kFormats) {
        CAPTURE(format.name);
        const Folder folder;
        const std::string path = folder / "disk";
        const DiskGeometry& g = *disk_geometry("2311");
        create_ckd(path, g, 20, format.format);
        std::map<uint32_t, Track> expected;
        std::mt19937 random(1);
        for (unsigned round = 0; round < 4; ++round) {
            const auto image = open_ckd(path, Access::write);
            for (unsigned i = 0; i < 150; ++i) {
                const uint32_t t = random() % image->tracks();
                std::vector<unsigned> lengths(random() % 9);
                for (unsigned& length : lengths) length = random() % 300;
                expected[t] = track_with(t / 10, t % 10, lengths, static_cast<uint8_t>(random()));
                // Data that does not get smaller.
                if (i % 3 == 0)
                    for (const Record& r : expected[t].records())
                        for (uint32_t k = r.data_at(); k < r.end() && r.at > 20; ++k)
                            expected[t].data()[k] = static_cast<uint8_t>(random());
                image->write(t, expected[t]);
                CHECK(same(image->read(t), expected[t]));
            }
        }
        const auto image = open_ckd(path, Access::read);
        CHECK(image->tracks() == 200);
        image->check();
        for (uint32_t t = 0; t < image->tracks(); ++t) {
            const Track want = expected.contains(t) ? expected[t] : Track(t / 10, t % 10);
            CHECK(same(image->read(t), want));
        }
        // The other program finds nothing wrong, and the same tracks.
        if (!format.format.compressed) continue;
        const int status = run_tool("cckdcdsk -2 -ro " + path);
        CHECK_MESSAGE((status == 0 || status == -1), "cckdcdsk answers ", status);
        if (run_tool("cckd2ckd " + path + " " + (folder / "plain")) == 0) {
            const auto plain = open_ckd(folder / "plain", Access::read);
            for (uint32_t t = 0; t < image->tracks(); ++t) CHECK(same(image->read(t), plain->read(t)));
        }
    }
}

TEST_CASE("images that dasdinit made are read, and its own format is found in them" *
          doctest::test_suite("hercules")) {
    const Folder folder;
    for (const std::string option : {"", "-z ", "-bz2 "}) {
        const std::string path = folder / (std::string("disk") + option).substr(0, 6);
        std::string command = "dasdinit ";
        command += option;
        const int status = run_tool(command + path + " 3330 VOL001");
        if (status == -1) return;
        REQUIRE(status == 0);
        const auto image = open_ckd(path, Access::read);
        CHECK(image->geometry().name == "3330-1");
        CHECK(image->cylinders() == 404);
        for (uint32_t t = 0; t < image->tracks(); t += 100) CHECK(image->read(t).records().size() >= 1);
        const auto label = read_label(*image);
        REQUIRE(label);
        CHECK(label->volume == "VOL001");
    }
}

TEST_CASE("a volume label and an empty VTOC, as this and another program see them" *
          doctest::test_suite("hercules")) {
    for (const char* type : {"2311", "2314", "3330", "3340", "3350"}) {
        CAPTURE(type);
        const Folder folder;
        const std::string path = folder / "disk";
        {
            const auto image = create_ckd(path, *disk_geometry(type), 5, {true, Compression::zlib});
            write_label(*image, "TEST01");
        }
        const auto image = open_ckd(path, Access::read);
        const auto label = read_label(*image);
        REQUIRE(label);
        CHECK(label->volume == "TEST01");
        const auto vtoc = read_vtoc(*image, *label);
        REQUIRE(vtoc);
        CHECK(vtoc->place.last == TrackAddress{0, static_cast<uint16_t>(image->heads() - 1)});
        CHECK(vtoc->data_sets.empty());
        for (unsigned head = 0; head < image->heads(); ++head)
            CHECK(image->read(head).space_used(image->geometry()) <= image->geometry().capacity);
        const int status = run_tool("dasdls " + path);
        CHECK((status == 0 || status == -1));
    }
}

TEST_CASE("an overlay takes the changes and leaves the base as it is") {
    for (const Format& format : kFormats) {
        CAPTURE(format.name);
        const Folder folder;
        const std::string base = folder / "base", overlay = folder / "overlay";
        {
            const auto image = create_ckd(base, *disk_geometry("2311"), 60, format.format);
            for (uint32_t t = 0; t < 600; t += 7)
                image->write(t, track_with(t / 10, t % 10, {100, 200}, 0x11));
        }
        const auto before = bytes_of(base);
        {
            const auto image = open_ckd_with_overlay(base, overlay);
            CHECK(image->writable());
            image->write(7, track_with(0, 7, {300}, 0x22));
            image->write(8, track_with(0, 8, {300}, 0x33));
            image->write(14, Track(1, 4));
        }
        CHECK(bytes_of(base) == before);
        const auto image = open_ckd_with_overlay(base, overlay);
        CHECK(same(image->read(7), track_with(0, 7, {300}, 0x22)));
        CHECK(same(image->read(8), track_with(0, 8, {300}, 0x33)));
        CHECK(same(image->read(14), Track(1, 4)));
        CHECK(same(image->read(21), track_with(2, 1, {100, 200}, 0x11)));
        CHECK(same(image->read(588), track_with(58, 8, {100, 200}, 0x11)));
        CHECK(same(image->read(9), Track(0, 9)));
    }
}

TEST_CASE("whoever is killed while writing leaves every track old or new") {
    for (const Format& format : kFormats) {
        CAPTURE(format.name);
        for (unsigned round = 0; round < 6; ++round) {
            const Folder folder;
            const std::string path = folder / "disk";
            create_ckd(path, *disk_geometry("3330"), 2, format.format);
            int pipe_ends[2];
            REQUIRE(::pipe(pipe_ends) == 0);
            const pid_t child = ::fork();
            REQUIRE(child >= 0);
            if (child == 0) {
                const auto image = open_ckd(path, Access::write);
                std::mt19937 random(round);
                for (unsigned i = 0;; ++i) {
                    const uint32_t t = random() % image->tracks();
                    const auto fill = static_cast<uint8_t>(i);
                    // A length that says what the bytes must be, over the whole track.
                    image->write(t, track_with(t / 19, t % 19, {4000u + fill, 4000, 4000}, fill));
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
            for (const Access access : {Access::read, Access::write, Access::read}) {
                const auto image = open_ckd(path, access);
                image->check();
                unsigned written = 0;
                for (uint32_t t = 0; t < image->tracks(); ++t) {
                    const Track track = image->read(t);
                    if (track.records().size() == 1) continue;
                    ++written;
                    const auto fill = static_cast<uint8_t>(track.records()[1].data_length - 4000);
                    CHECK(same(track, track_with(t / 19, t % 19, {4000u + fill, 4000, 4000}, fill)));
                }
                CHECK(written > 0);
            }
            CHECK_FALSE(std::filesystem::exists(path + ".journal"));
        }
    }
}

TEST_CASE("a commit that was cut short is finished, one that had hardly begun is forgotten") {
    const Folder folder;
    const std::string path = folder / "disk";
    const auto old_track = track_with(1, 2, {100}, 0x11), new_track = track_with(1, 2, {100}, 0x22);
    std::vector<uint8_t> before, after;
    {
        const auto image = create_ckd(path, *disk_geometry("2311"), 3, {});
        image->write(12, old_track);
        before = bytes_of(path);
        image->write(12, new_track);
        after = bytes_of(path);
        std::filesystem::copy_file(path + ".journal", folder / "journal");
    }
    // The journal as it was before it was marked done.
    auto journal = bytes_of(folder / "journal");
    std::copy_n("VMCPJRN2", 8, journal.begin());
    auto torn = before;
    constexpr size_t kInTheRecord = 512 + 12 * 4096 + 80;
    for (size_t i = 0; i < kInTheRecord; ++i) torn[i] = after[i];
    REQUIRE((torn != before && torn != after));
    put_bytes(path, torn);
    put_bytes(path + ".journal", journal);
    CHECK(same(open_ckd(path, Access::read)->read(12), new_track));
    CHECK(bytes_of(path) == torn);
    CHECK(same(open_ckd(path, Access::write)->read(12), new_track));
    CHECK(bytes_of(path) == after);

    put_bytes(path, before);
    journal.resize(journal.size() - 1);
    put_bytes(path + ".journal", journal);
    CHECK(same(open_ckd(path, Access::write)->read(12), old_track));
    CHECK(bytes_of(path) == before);
}

TEST_CASE("two writers of one image") {
    const Folder folder;
    const auto image = create_ckd(folder / "disk", *disk_geometry("2311"), 1, {});
    CHECK(has(error_of([&] { open_ckd(folder / "disk", Access::write); }), "is in use"));
    CHECK(has(error_of([&] { open_ckd(folder / "disk", Access::read); }), "is in use"));
    CHECK(
        has(error_of([&] { create_ckd(folder / "disk", *disk_geometry("2311"), 1, {}); }), "exists already"));
}

TEST_CASE("damage is named with its place") {
    const Folder folder;
    const std::string path = folder / "disk";
    CHECK(has(error_of([&] { open_ckd(folder / "nowhere", Access::read); }), "nowhere: cannot be opened"));

    create_ckd(path, *disk_geometry("2311"), 2, {})->write(3, track_with(0, 3, {100, 100}, 0x11));
    const auto good = bytes_of(path);
    auto bad = good;
    bad.resize(bad.size() - 100);
    put_bytes(path, bad);
    CHECK(has(error_of([&] { open_ckd(path, Access::read); }),
              "offset 41472 (X'A200'): the file ends in the middle of cylinder 1"));
    bad = good;
    bad[512 + 3 * 4096 + 5 + 16 + 6] = 0xFF;  // the data length of record 1
    put_bytes(path, bad);
    CHECK(has(
        error_of([&] { open_ckd(path, Access::read)->read(3); }),
        "offset 12821 (X'3215'): cylinder 0 head 3 is damaged: record 1 with a key of 0 and data of 65380"));
    bad = good;
    bad[512 + 4096 + 4] = 9;
    put_bytes(path, bad);
    CHECK(has(error_of([&] { open_ckd(path, Access::read)->read(1); }),
              "the home address says cylinder 0 head 9"));
    bad = good;
    bad[16] = 0x77;
    put_bytes(path, bad);
    CHECK(has(error_of([&] { open_ckd(path, Access::read); }), "offset 8 (X'8'): a disk of type X'77'"));
    std::filesystem::remove(path);

    create_ckd(path, *disk_geometry("2311"), 2, {true, Compression::zlib})
        ->write(3, track_with(0, 3, {100, 100}, 0x11));
    const auto compressed = bytes_of(path);
    bad = compressed;
    bad[1024 + 3] = 0x70;  // where the secondary table is
    put_bytes(path, bad);
    CHECK(has(error_of([&] { open_ckd(path, Access::read); }),
              "offset 1024 (X'400'): a secondary lookup table at"));
    bad = compressed;
    bad[1028 + 2048 + 5 + 3] ^= 0xFF;  // in the compressed track
    put_bytes(path, bad);
    CHECK(has(error_of([&] { open_ckd(path, Access::read)->read(3); }),
              "offset 3081 (X'C09'): track 3 cannot be expanded"));
    bad = compressed;
    bad[512 + 4] = 0xFF;
    put_bytes(path, bad);
    CHECK(has(error_of([&] { open_ckd(path, Access::read); }), "offset 516 (X'204'): lookup tables of"));
}

TEST_CASE("random damage gives errors, and nothing worse") {
    for (const Format& format : kFormats) {
        const Folder folder;
        const std::string path = folder / "disk";
        {
            const auto image = create_ckd(path, *disk_geometry("2311"), 1, format.format);
            for (uint32_t t = 0; t < 10; t += 2) image->write(t, track_with(0, t, {100, 50, 200}, 0x11));
        }
        const auto good = bytes_of(path);
        std::mt19937 random(7);
        for (unsigned i = 0; i < 300; ++i) {
            auto bad = good;
            const size_t reach = i % 2 == 0 ? bad.size() : std::min<size_t>(bad.size(), 1100);
            for (unsigned k = 0; k <= random() % 4; ++k)
                bad[random() % reach] = static_cast<uint8_t>(random());
            if (i % 5 == 0) bad.resize(random() % bad.size());
            put_bytes(path, bad);
            try {
                const auto image = open_ckd(path, i % 3 == 0 ? Access::write : Access::read);
                image->check();
                for (uint32_t t = 0; t < std::min<uint32_t>(image->tracks(), 500); ++t) {
                    try {
                        image->read(t);
                    } catch (const ImageError&) {
                    }
                }
                if (const auto label = read_label(*image)) read_vtoc(*image, *label);
            } catch (const ImageError&) {
            }
        }
    }
}

}  // namespace
}  // namespace image_test
