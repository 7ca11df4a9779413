// vmcp image: makes, shows, converts and checks image files of disks and tapes.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "isa/ebcdic.hpp"
#include "simulation/images/ckd_image.hpp"
#include "simulation/images/fba_image.hpp"
#include "simulation/images/image_kind.hpp"
#include "simulation/images/tape_image.hpp"
#include "simulation/images/volume.hpp"
#include "vmcp/cli/commands.hpp"

namespace vmcp::cli {
namespace {

using namespace simulation::images;

struct ImageOptions {
    std::string file, to, type, volume, format, track;
    unsigned cylinders = 0;
    uint32_t block = 0, tape_file = 0;
    bool alternates = false, tracks = false, force = false;
};

/// Tells on a terminal how far a long copy has come.
class Progress {
  public:
    explicit Progress(uint64_t all) : all_(all), shown_(::isatty(STDERR_FILENO) != 0) {}
    ~Progress() {
        if (percent_ > 0) fmt::print(stderr, "\r      \r");
    }
    void at(uint64_t done) {
        const unsigned percent = static_cast<unsigned>(all_ == 0 ? 100 : done * 100 / all_);
        if (!shown_ || percent == percent_) return;
        percent_ = percent;
        fmt::print(stderr, "\r{:3} %", percent);
        std::fflush(stderr);
    }

  private:
    uint64_t all_;
    unsigned percent_ = 0;
    bool shown_;
};

std::string at_text(TrackAddress a) { return fmt::format("{}:{}", a.cylinder, a.head); }

Compression compression_of(const std::string& format) {
    return format == "bzip2" || format == "het-bzip2" ? Compression::bzip2
           : format == "zlib" || format == "het"      ? Compression::zlib
                                                      : Compression::none;
}

void check_format(const std::string& format, std::initializer_list<const char*> known) {
    for (const char* k : known)
        if (format == k) return;
    std::string list;
    for (const char* k : known) list += fmt::format("{}{}", list.empty() ? "" : ", ", k);
    throw InputError(fmt::format("--format {}: expected one of {}", format, list));
}

CkdFormat ckd_format(const std::string& format) {
    check_format(format, {"plain", "none", "zlib", "bzip2"});
    return {format != "plain", compression_of(format)};
}

/// A file under another name until it is complete.
class NewFile {
  public:
    explicit NewFile(std::string path, bool force) : path_(std::move(path)), part_(path_ + ".part") {
        if (!force && std::filesystem::exists(path_))
            throw InputError(fmt::format("{}: exists already: expected another name, or --force", path_));
        std::filesystem::remove(part_);
    }
    ~NewFile() {
        std::error_code ignored;
        std::filesystem::remove(part_, ignored);
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    const std::string& part() const { return part_; }
    void finish() { std::filesystem::rename(part_, path_); }

  private:
    std::string path_, part_;
};

// ---- create -----------------------------------------------------------------------------------------------

/// A tape as it is when somebody first uses it: a tape mark, or with a volume a standard label.
void initialize_tape(TapeImage& tape, const std::string& volume) {
    if (!volume.empty()) {
        if (volume.size() > 6)
            throw InputError(fmt::format("--volume {}: expected 1 to 6 characters", volume));
        tape.write(isa::to_ebcdic(fmt::format("{:<80}", fmt::format("VOL1{:<6}0", volume))));
        tape.write(isa::to_ebcdic(fmt::format("{:<4}{:0<76}", "HDR1", "")));
    }
    tape.write_mark();
}

void create(const ImageOptions& o) {
    NewFile file(o.file, o.force);
    if (o.type == "tape") {
        const std::string format = o.format.empty() ? "aws" : o.format;
        check_format(format, {"aws", "het", "het-bzip2"});
        initialize_tape(*TapeImage::create(file.part(), compression_of(format)), o.volume);
    } else if (o.type == "3370") {
        create_fba(file.part(), kBlocks3370);
    } else if (const DiskGeometry* g = disk_geometry(o.type)) {
        const unsigned cylinders = o.cylinders != 0 ? o.cylinders
                                   : o.alternates   ? g->all_cylinders()
                                                    : g->cylinders;
        if (cylinders > g->all_cylinders())
            throw InputError(
                fmt::format("--cylinders {}: a {} has at most {}", cylinders, g->name, g->all_cylinders()));
        const auto image =
            create_ckd(file.part(), *g, cylinders, ckd_format(o.format.empty() ? "plain" : o.format));
        if (!o.volume.empty()) {
            if (o.volume.size() > 6)
                throw InputError(fmt::format("--volume {}: expected 1 to 6 characters", o.volume));
            write_label(*image, o.volume);
        }
    } else {
        std::string known;
        for (const DiskGeometry& g2 : disk_geometries()) known += fmt::format("{}, ", g2.name);
        throw InputError(fmt::format("type {}: expected one of {}3370, tape", o.type, known));
    }
    file.finish();
}

// ---- list -------------------------------------------------------------------------------------------------

void list_ckd(const ImageOptions& o) {
    const auto image = open_ckd(o.file, Access::read);
    fmt::print("{}: {}, {}, {} cylinders of {} tracks\n", o.file, image->format(), image->geometry().name,
               image->cylinders(), image->heads());
    const auto label = read_label(*image);
    if (!label) {
        fmt::print("no volume label\n");
    } else {
        fmt::print("volume {}, owner '{}', VTOC at {}\n", label->volume, label->owner, at_text(label->vtoc));
        if (const auto vtoc = read_vtoc(*image, *label)) {
            fmt::print("VTOC {} to {}, {} data sets\n", at_text(vtoc->place.first), at_text(vtoc->place.last),
                       vtoc->data_sets.size());
            for (const DataSet& d : vtoc->data_sets) {
                fmt::print("{:<44} {:<4} {:<4} {:>5} {:>5}", d.name, d.organization, d.record_format,
                           d.record_length, d.block_length);
                for (const Extent& e : d.extents) fmt::print("  {}-{}", at_text(e.first), at_text(e.last));
                if (d.extent_count > d.extents.size())
                    fmt::print("  and {} more", d.extent_count - d.extents.size());
                fmt::print("\n");
            }
        } else {
            fmt::print("no VTOC there\n");
        }
    }
    if (!o.tracks) return;
    fmt::print("track     records  key+data of each but record 0\n");
    for (uint32_t t = 0; t < image->tracks(); ++t) {
        const Track track = image->read(t);
        if (track.records().size() == 1) continue;
        fmt::print("{:<9} {:>7} ", fmt::format("{}:{}", t / image->heads(), t % image->heads()),
                   track.records().size() - 1);
        // Runs of records of one shape are shown as one.
        for (size_t i = 1; i < track.records().size();) {
            const Record& r = track.records()[i];
            size_t n = 1;
            while (i + n < track.records().size() && track.records()[i + n].key_length == r.key_length &&
                   track.records()[i + n].data_length == r.data_length)
                ++n;
            fmt::print(" {}+{}", r.key_length, r.data_length);
            if (n > 1) fmt::print("*{}", n);
            i += n;
        }
        fmt::print("\n");
    }
}

/// Calls for every block (with its bytes) and tape mark (null); answers how many files and blocks there are.
template <class F>
void for_each_block(TapeImage& tape, F each) {
    std::vector<uint8_t> block;
    for (;;) {
        const TapeImage::Found found = tape.read(block);
        if (found == TapeImage::Found::nothing) return;
        each(found == TapeImage::Found::block ? &block : nullptr);
    }
}

void list_tape(const ImageOptions& o) {
    TapeImage tape(o.file, Access::read);
    fmt::print("{}: {}, {} bytes\n", o.file,
               tape.compression() == Compression::none ? "AWS tape" : "HET tape", tape.size());
    unsigned file = 1;
    uint64_t blocks = 0, bytes = 0;
    size_t shortest = 0, longest = 0;
    std::string label;
    const auto end = [&](const char* how) {
        fmt::print("file {}: {} blocks, {} bytes", file, blocks, bytes);
        if (blocks != 0) fmt::print(", blocks of {} to {}", shortest, longest);
        fmt::print("{}{}\n", how, label);
    };
    for_each_block(tape, [&](const std::vector<uint8_t>* block) {
        if (block == nullptr) {
            end("");
            ++file;
            blocks = bytes = 0;
            label.clear();
            return;
        }
        if (blocks == 0 || block->size() < shortest) shortest = block->size();
        if (blocks == 0 || block->size() > longest) longest = block->size();
        constexpr size_t kLabel = 80;
        if (block->size() == kLabel) {
            std::string text = isa::to_text(*block);
            for (const char* name : {"VOL1", "HDR1", "HDR2", "EOF1", "EOF2", "EOV1", "EOV2"})
                if (text.starts_with(name)) label += "\n  " + text.substr(0, text.find_last_not_of(' ') + 1);
        }
        ++blocks;
        bytes += block->size();
    });
    if (blocks != 0) end(", no tape mark");
}

void list(const ImageOptions& o) {
    switch (kind_of(o.file)) {
        case ImageKind::ckd: return list_ckd(o);
        case ImageKind::tape: return list_tape(o);
        case ImageKind::fba:
            fmt::print("{}: fixed-block disk, {} blocks of 512 bytes\n", o.file,
                       open_fba(o.file, Access::read)->blocks());
    }
}

// ---- convert ----------------------------------------------------------------------------------------------

void convert(const ImageOptions& o) {
    const ImageKind kind = kind_of(o.file);
    NewFile file(o.to, o.force);
    if (kind == ImageKind::ckd) {
        const auto from = open_ckd(o.file, Access::read);
        const auto to = create_ckd(file.part(), from->geometry(), from->cylinders(),
                                   ckd_format(o.format.empty() ? "zlib" : o.format));
        Progress progress(from->tracks());
        for (uint32_t t = 0; t < from->tracks(); ++t) {
            const Track track = from->read(t);
            const Track empty(t / from->heads(), t % from->heads());
            if (!std::equal(track.bytes().begin(), track.bytes().end(), empty.bytes().begin(),
                            empty.bytes().end()))
                to->write(t, track);
            progress.at(t);
        }
    } else if (kind == ImageKind::tape) {
        TapeImage from(o.file, Access::read);
        const std::string format = o.format.empty() ? "het" : o.format;
        check_format(format, {"aws", "het", "het-bzip2"});
        const auto to = TapeImage::create(file.part(), compression_of(format));
        Progress progress(from.size());
        for_each_block(from, [&](const std::vector<uint8_t>* block) {
            if (block == nullptr)
                to->write_mark();
            else
                to->write(*block);
            progress.at(from.position());
        });
    } else {
        throw InputError(fmt::format("{}: a fixed-block disk has one format only", o.file));
    }
    file.finish();
}

// ---- check ------------------------------------------------------------------------------------------------

void check(const ImageOptions& o) {
    constexpr unsigned kMost = 20;
    switch (kind_of(o.file)) {
        case ImageKind::ckd: {
            const auto image = open_ckd(o.file, Access::read);
            image->check();
            unsigned damaged = 0;
            uint64_t records = 0, crowded = 0;
            Progress progress(image->tracks());
            for (uint32_t t = 0; t < image->tracks() && damaged < kMost; ++t) {
                try {
                    const Track track = image->read(t);
                    records += track.records().size();
                    if (track.space_used(image->geometry()) > image->geometry().capacity) {
                        fmt::print("cylinder {} head {}: holds more than fits on the track of a real {}\n",
                                   t / image->heads(), t % image->heads(), image->geometry().name);
                        ++crowded;
                    }
                } catch (const ImageError& error) {
                    fmt::print("{}\n", error.what());
                    ++damaged;
                }
                progress.at(t);
            }
            if (damaged != 0)
                throw InputError(fmt::format("{}: {}{} damaged tracks", o.file, damaged,
                                             damaged == kMost ? " or more" : ""));
            fmt::print("{}: good: {} tracks, {} records\n", o.file, image->tracks(), records);
            return;
        }
        case ImageKind::tape: {
            TapeImage tape(o.file, Access::read);
            uint64_t blocks = 0, marks = 0;
            for_each_block(tape,
                           [&](const std::vector<uint8_t>* block) { ++(block != nullptr ? blocks : marks); });
            fmt::print("{}: good: {} blocks, {} tape marks\n", o.file, blocks, marks);
            return;
        }
        case ImageKind::fba:
            fmt::print("{}: good: {} blocks\n", o.file, open_fba(o.file, Access::read)->blocks());
    }
}

// ---- dump -------------------------------------------------------------------------------------------------

void hex_dump(std::span<const uint8_t> bytes) {
    constexpr size_t kLine = 16;
    for (size_t at = 0; at < bytes.size(); at += kLine) {
        const auto line = bytes.subspan(at, std::min(kLine, bytes.size() - at));
        fmt::print("  {:06X} ", at);
        for (size_t i = 0; i < kLine; ++i) {
            if (i % 4 == 0) fmt::print(" ");
            if (i < line.size())
                fmt::print("{:02X}", line[i]);
            else
                fmt::print("  ");
        }
        std::string text;
        for (const uint8_t b : line) {
            const uint8_t c = isa::kEbcdicToLatin1[b];
            text += c < 0x20 || (c >= 0x7F && c < 0xA0) ? "." : isa::to_text({&b, 1});
        }
        fmt::print("  *{}*\n", text);
    }
}

void dump_ckd(const ImageOptions& o) {
    const auto image = open_ckd(o.file, Access::read);
    unsigned cylinder = 0, head = 0;
    int end = 0;
    if (std::sscanf(o.track.c_str(), "%u:%u%n", &cylinder, &head, &end) != 2 ||
        static_cast<size_t>(end) != o.track.size() || cylinder >= image->cylinders() ||
        head >= image->heads())
        throw InputError(fmt::format("--track {}: expected CYLINDER:HEAD, decimal, up to {}:{}", o.track,
                                     image->cylinders() - 1, image->heads() - 1));
    const Track track = image->read(cylinder * image->heads() + head);
    for (const Record& r : track.records()) {
        const auto count = track.count(r);
        fmt::print("record {}: ID {:02X}{:02X} {:02X}{:02X} {:02X}, key {}, data {}\n", count[4], count[0],
                   count[1], count[2], count[3], count[4], r.key_length, r.data_length);
        if (r.key_length != 0) {
            fmt::print(" key\n");
            hex_dump(track.key(r));
            fmt::print(" data\n");
        }
        hex_dump(track.content(r));
    }
}

void dump_tape(const ImageOptions& o) {
    TapeImage tape(o.file, Access::read);
    uint32_t file = 1, number = 0;
    bool found = false;
    for_each_block(tape, [&](const std::vector<uint8_t>* block) {
        if (block == nullptr) {
            ++file;
            number = 0;
            return;
        }
        ++number;
        if (file != std::max(o.tape_file, 1u) || (o.block != 0 && number != o.block)) return;
        found = true;
        fmt::print("file {} block {}: {} bytes\n", file, number, block->size());
        hex_dump(*block);
    });
    if (!found)
        throw InputError(
            fmt::format("{}: there is no block {} in file {}", o.file, o.block, std::max(o.tape_file, 1u)));
}

void dump(const ImageOptions& o) {
    switch (kind_of(o.file)) {
        case ImageKind::ckd: return dump_ckd(o);
        case ImageKind::tape: return dump_tape(o);
        case ImageKind::fba: {
            const auto image = open_fba(o.file, Access::read);
            if (o.block >= image->blocks())
                throw InputError(fmt::format("--block {}: expected less than {}", o.block, image->blocks()));
            std::vector<uint8_t> bytes(FbaImage::kBlockSize);
            image->read(o.block, bytes);
            hex_dump(bytes);
        }
    }
}

}  // namespace

void add_image(CLI::App& app) {
    auto o = std::make_shared<ImageOptions>();
    CLI::App* image = app.add_subcommand("image", "Make, show, convert and check images of disks and tapes");
    image->require_subcommand(1);
    const auto add = [&](const char* name, const char* what, void (*action)(const ImageOptions&)) {
        CLI::App* sub = image->add_subcommand(name, what);
        sub->add_option("FILE", o->file, "The image file")->required();
        sub->callback([o, action] { action(*o); });
        return sub;
    };
    CLI::App* sub = add("create", "Make an empty disk or tape", create);
    sub->add_option("TYPE", o->type, "2311, 2314, 3330-1, 3330-11, 3340-35, 3340-70, 3350, 3370 or tape")
        ->required();
    sub->add_option(
        "--format", o->format,
        "Disk: plain (default), or compressed: zlib, bzip2, none; tape: aws (default), het, het-bzip2");
    sub->add_option("--volume", o->volume, "Write a volume label; on a disk an empty VTOC as well")
        ->type_name("VOLSER");
    sub->add_option("--cylinders", o->cylinders, "Fewer cylinders than the type has");
    sub->add_flag("--alternates", o->alternates, "With the alternate cylinders");
    sub->add_flag("--force", o->force, "Replace a file that is there");

    sub = add("list", "Show geometry, label, VTOC, or the files of a tape", list);
    sub->add_flag("--tracks", o->tracks, "Show every track that has records");

    sub = add("convert", "Copy into another format", convert);
    sub->add_option("TO", o->to, "The new image file")->required();
    sub->add_option(
        "--format", o->format,
        "Disk: plain, or compressed: zlib (default), bzip2, none; tape: aws, het (default), het-bzip2");
    sub->add_flag("--force", o->force, "Replace a file that is there");

    add("check", "Read everything, and name what is damaged", check);

    sub = add("dump", "Show the bytes of a track or block, hexadecimal and EBCDIC", dump);
    sub->add_option("--track", o->track, "Of a disk")->type_name("CYLINDER:HEAD")->default_val("0:0");
    sub->add_option("--file", o->tape_file, "Of a tape, from 1");
    sub->add_option("--block", o->block,
                    "Of a tape file, from 1 (default: all of them), or of a fixed-block disk, from 0");

    image->footer(
        "Examples:\n"
        "  vmcp image create work.cckd 3330 --volume WORK01 --format zlib\n"
        "  vmcp image list work.cckd --tracks\n"
        "  vmcp image convert system.aws system.het\n"
        "  vmcp image dump work.cckd --track 0:0");
}

}  // namespace vmcp::cli
