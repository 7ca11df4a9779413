// vmcp image: makes, shows, converts and checks image files of disks and tapes.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "isa/ebcdic.hpp"
#include "simulation/images/byte_order.hpp"
#include "simulation/images/ckd_image.hpp"
#include "simulation/images/fba_image.hpp"
#include "simulation/images/image_kind.hpp"
#include "simulation/images/new_image.hpp"
#include "simulation/images/tape_image.hpp"
#include "simulation/images/volume.hpp"
#include "vmcp/cli/build_disk.hpp"
#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/numbers.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::cli {
namespace {

using namespace simulation::images;
using experiment::count_text;
using experiment::counted;
using experiment::wrap;

struct ImageOptions {
    std::string file, to, type, volume, format, track, description;
    unsigned cylinders = 0;
    uint32_t blocks = 0, block = 0, tape_file = 0;
    bool alternates = false, tracks = false, force = false;
};

/// Shows on a terminal how far a long copy has come.
class CopyProgress {
  public:
    explicit CopyProgress(uint64_t all) : all_(all), shown_(progress_wanted()) {}
    ~CopyProgress() { clear(); }
    /// Takes it away, before something else is written.
    void clear() {
        if (percent_ > 0) clear_progress();
        percent_ = 0;
    }
    CopyProgress(const CopyProgress&) = delete;
    CopyProgress& operator=(const CopyProgress&) = delete;
    void at(uint64_t done) {
        const unsigned percent = static_cast<unsigned>(all_ == 0 ? 100 : done * 100 / all_);
        if (!shown_ || percent == percent_) return;
        percent_ = percent;
        show_progress(percent / 100.0, fmt::format("{:3} %", percent));
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

/// The new image file; throws InputError where there is one and the user has not said --force.
NewImage new_image(const std::string& path, bool force) {
    if (!force && std::filesystem::is_regular_file(path))
        throw InputError(fmt::format("{}: exists already: expected another name, or --force", path));
    return {path, force};
}

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

/// A volume label, in block 1 of a fixed-block disk.
void label_blocks(FbaImage& image, const std::string& volume) {
    if (volume.size() > 6) throw InputError(fmt::format("--volume {}: expected 1 to 6 characters", volume));
    if (image.blocks() < 2) throw InputError("--volume: expected a disk of 2 blocks or more");
    std::vector<uint8_t> block = isa::to_ebcdic(fmt::format("{:<80}", fmt::format("VOL1{:<6}", volume)));
    block.resize(FbaImage::kBlockSize);
    image.write(1, block);
}

std::string volume_of(FbaImage& image) {
    if (image.blocks() < 2) return {};
    std::vector<uint8_t> block(FbaImage::kBlockSize);
    image.read(1, block);
    std::string label = isa::to_text(std::span(block).first(10));
    if (!label.starts_with("VOL1")) return {};
    return label.substr(4, label.find_last_not_of(' ') - 3);
}

void create(const ImageOptions& o) {
    if (o.blocks != 0 && o.type != "3370")
        throw InputError(fmt::format("--blocks {}: expected with a 3370 only", o.blocks));
    if ((o.cylinders != 0 || o.alternates) && disk_geometry(o.type) == nullptr)
        throw InputError(fmt::format("{}: expected with a count-key-data disk only",
                                     o.alternates ? "--alternates" : "--cylinders"));
    NewImage file = new_image(o.file, o.force);
    if (o.type == "tape") {
        const std::string format = o.format.empty() ? "aws" : o.format;
        check_format(format, {"aws", "het", "het-bzip2"});
        initialize_tape(*TapeImage::create(file.part(), compression_of(format)), o.volume);
    } else if (o.type == "3370") {
        if (o.blocks > kBlocks3370)
            throw InputError(fmt::format("--blocks {}: a 3370 has at most {}", o.blocks, kBlocks3370));
        const auto image = create_fba(file.part(), o.blocks != 0 ? o.blocks : kBlocks3370,
                                      ckd_format(o.format.empty() ? "plain" : o.format));
        if (!o.volume.empty()) label_blocks(*image, o.volume);
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

// ---- build ------------------------------------------------------------------------------------------------

void build(const ImageOptions& o) {
    NewImage file = new_image(o.file, o.force);
    build_disk(o.description, file.part(), ckd_format(o.format.empty() ? "zlib" : o.format));
    file.finish();
}

// ---- list -------------------------------------------------------------------------------------------------

/// Runs of records of one shape are shown as one.
void list_track(const CkdImage& image, uint32_t number, const Track& track, size_t width) {
    std::string line =
        fmt::format("{:<9} {:>7} ", fmt::format("{}:{}", number / image.heads(), number % image.heads()),
                    track.records().size() - 1);
    const size_t indent = line.size();
    const auto add = [&](const std::string& what) {
        if (line.size() + 1 + what.size() > width) {
            fmt::print("{}\n", line);
            line.assign(indent, ' ');
        }
        line += ' ' + what;
    };
    const auto count = track.count(track.records()[0]);
    const TrackAddress other{big16(&count[0]), big16(&count[2])};
    if ((track.flags() & kTrackDefective) != 0) add(fmt::format("defective, see {}", at_text(other)));
    if ((track.flags() & kTrackAlternate) != 0) add(fmt::format("alternate for {}", at_text(other)));
    const auto shape = [&](size_t i) {
        const Record& r = track.records()[i];
        return fmt::format("{}+{}{}", r.key_length, r.data_length, track.overflows(r) ? ">" : "");
    };
    for (size_t i = 1; i < track.records().size();) {
        size_t n = 1;
        while (i + n < track.records().size() && shape(i + n) == shape(i)) ++n;
        add(n > 1 ? fmt::format("{}*{}", shape(i), n) : shape(i));
        i += n;
    }
    fmt::print("{}\n", line);
}

void list_ckd(const ImageOptions& o) {
    const auto image = open_ckd(o.file, Access::read);
    fmt::print("{}: {}, {}, {} of {}\n", o.file, image->format(), image->geometry().name,
               counted(image->cylinders(), "cylinder"), counted(image->heads(), "track"));
    const auto label = read_label(*image);
    if (!label) {
        fmt::print("no volume label\n");
    } else {
        fmt::print("volume {}, owner '{}', VTOC at {}\n", label->volume, label->owner, at_text(label->vtoc));
        if (const auto vtoc = read_vtoc(*image, *label)) {
            fmt::print("VTOC {} to {}, {}\n", at_text(vtoc->place.first), at_text(vtoc->place.last),
                       counted(vtoc->data_sets.size(), "data set"));
            // Names have up to 44 characters. Where that is too much for a line, they stand above the rest.
            const size_t width = report_width(stdout);
            const bool narrow = width < 80;
            const std::string behind_name = narrow ? "\n  " : " ";
            if (!vtoc->data_sets.empty())
                fmt::print("{:<{}}{}{:<2} {:<4} {:>5} {:>5} {}\n", "data set", narrow ? 0 : 44, behind_name,
                           "", "", "lrecl", "block", "extents");
            for (const DataSet& d : vtoc->data_sets) {
                std::string line = fmt::format("{:<2} {:<4} {:>5} {:>5}", d.organization, d.record_format,
                                               d.record_length, d.block_length);
                if (narrow) {
                    fmt::print("{}\n", d.name);
                    line.insert(0, 2, ' ');
                } else {
                    line = fmt::format("{:<44} {}", d.name, line);
                }
                const auto add = [&](const std::string& what) {
                    if (line.size() + 1 + what.size() > width) {
                        fmt::print("{}\n", line);
                        line.assign(narrow ? 23 : 46, ' ');
                    }
                    line += ' ' + what;
                };
                for (const Extent& e : d.extents)
                    add(fmt::format("{}-{}", at_text(e.first), at_text(e.last)));
                if (d.extent_count > d.extents.size())
                    add(fmt::format("and {} more", d.extent_count - d.extents.size()));
                fmt::print("{}\n", line);
            }
        } else {
            fmt::print("no VTOC there\n");
        }
    }
    if (!o.tracks) return;
    const size_t width = report_width(stdout);
    const std::string heading = "track     records  ";
    for (const std::string& line :
         wrap(heading + "key+data of each but record 0 (> goes on on the next track)", width, 0,
              heading.size()))
        fmt::print("{}\n", line);
    for (uint32_t t = 0; t < image->tracks(); ++t) {
        const Track track = image->read(t);
        if (track.records().size() == 1 && track.flags() == 0) continue;
        list_track(*image, t, track, width);
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
    fmt::print("{}: {}, {}\n", o.file, tape.compression() == Compression::none ? "AWS tape" : "HET tape",
               counted(tape.size(), "byte"));
    unsigned file = 1;
    uint64_t blocks = 0, bytes = 0;
    size_t shortest = 0, longest = 0;
    std::string label;
    const auto end = [&](const char* how) {
        fmt::print("file {}: {}, {}", file, counted(blocks, "block"), counted(bytes, "byte"));
        if (shortest != longest)
            fmt::print(", blocks of {} to {}", count_text(shortest), count_text(longest));
        else if (blocks > 1)
            fmt::print(", blocks of {}", count_text(shortest));
        fmt::print("{}{}\n", how, label);
    };
    for_each_block(tape, [&](const std::vector<uint8_t>* block) {
        if (block == nullptr) {
            end("");
            ++file;
            blocks = bytes = 0;
            shortest = longest = 0;
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
        case ImageKind::fba: {
            const auto image = open_fba(o.file, Access::read);
            fmt::print("{}: fixed-block disk, {}, {} of 512 bytes\n", o.file, image->format(),
                       counted(image->blocks(), "block"));
            const std::string volume = volume_of(*image);
            fmt::print("{}\n", volume.empty() ? "no volume label" : "volume " + volume);
        }
    }
}

// ---- convert ----------------------------------------------------------------------------------------------

void convert(const ImageOptions& o) {
    const ImageKind kind = kind_of(o.file);
    NewImage file = new_image(o.to, o.force);
    if (kind == ImageKind::ckd) {
        const auto from = open_ckd(o.file, Access::read);
        const auto to = create_ckd(file.part(), from->geometry(), from->cylinders(),
                                   ckd_format(o.format.empty() ? "zlib" : o.format));
        CopyProgress progress(from->tracks());
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
        CopyProgress progress(from.size());
        for_each_block(from, [&](const std::vector<uint8_t>* block) {
            if (block == nullptr)
                to->write_mark();
            else
                to->write(*block);
            progress.at(from.position());
        });
    } else {
        const auto from = open_fba(o.file, Access::read);
        const auto to =
            create_fba(file.part(), from->blocks(), ckd_format(o.format.empty() ? "zlib" : o.format));
        CopyProgress progress(from->blocks());
        constexpr uint32_t kPiece = 120;
        std::vector<uint8_t> bytes;
        for (uint32_t block = 0; block < from->blocks(); block += kPiece) {
            bytes.resize(size_t{std::min(kPiece, from->blocks() - block)} * FbaImage::kBlockSize);
            from->read(block, bytes);
            if (std::any_of(bytes.begin(), bytes.end(), [](uint8_t b) { return b != 0; }))
                to->write(block, bytes);
            progress.at(block);
        }
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
            CopyProgress progress(image->tracks());
            for (uint32_t t = 0; t < image->tracks() && damaged < kMost; ++t) {
                try {
                    const Track track = image->read(t);
                    records += track.records().size();
                    if (track.space_used(image->geometry()) > image->geometry().capacity) {
                        progress.clear();
                        fmt::print("cylinder {} head {}: holds more than fits on the track of a real {}\n",
                                   t / image->heads(), t % image->heads(), image->geometry().name);
                        ++crowded;
                    }
                } catch (const ImageError& error) {
                    progress.clear();
                    fmt::print("{}\n", error.what());
                    ++damaged;
                }
                progress.at(t);
            }
            if (damaged != 0)
                throw InputError(fmt::format("{}: {}{} damaged {}", o.file, damaged,
                                             damaged == kMost ? " or more" : "",
                                             damaged == 1 ? "track" : "tracks"));
            fmt::print("{}: good: {}, {}\n", o.file, counted(image->tracks(), "track"),
                       counted(records, "record"));
            return;
        }
        case ImageKind::tape: {
            TapeImage tape(o.file, Access::read);
            uint64_t blocks = 0, marks = 0;
            CopyProgress progress(tape.size());
            for_each_block(tape, [&](const std::vector<uint8_t>* block) {
                ++(block != nullptr ? blocks : marks);
                progress.at(tape.position());
            });
            fmt::print("{}: good: {}, {}\n", o.file, counted(blocks, "block"), counted(marks, "tape mark"));
            return;
        }
        case ImageKind::fba: {
            const auto image = open_fba(o.file, Access::read);
            image->check();
            CopyProgress progress(image->blocks());
            std::vector<uint8_t> block(FbaImage::kBlockSize);
            unsigned damaged = 0;
            // One block of each group that may be compressed together: damage is of the whole group.
            constexpr uint32_t kGroup = 120;
            for (uint32_t b = 0; b < image->blocks() && damaged < kMost; b += kGroup) {
                try {
                    image->read(b, block);
                } catch (const ImageError& error) {
                    progress.clear();
                    fmt::print("{}\n", error.what());
                    ++damaged;
                }
                progress.at(b);
            }
            if (damaged != 0)
                throw InputError(fmt::format("{}: {}{} damaged {} of blocks", o.file, damaged,
                                             damaged == kMost ? " or more" : "",
                                             damaged == 1 ? "group" : "groups"));
            fmt::print("{}: good: {}\n", o.file, counted(image->blocks(), "block"));
        }
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
    if (track.flags() != 0)
        fmt::print("home address: flags {:02X}{}{}\n", track.flags(),
                   (track.flags() & kTrackDefective) != 0 ? ", defective" : "",
                   (track.flags() & kTrackAlternate) != 0 ? ", alternate" : "");
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
        fmt::print("file {} block {}: {}\n", file, number, counted(block->size(), "byte"));
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
    // A subcommand's help has its own examples.
    CLI::App* sub = add("create", "Make an empty disk or tape", create);
    sub->add_option("TYPE", o->type, "2311, 2314, 3330-1, 3330-11, 3340-35, 3340-70,\n3350, 3370 or tape")
        ->required();
    sub->add_option("--format", o->format,
                    "Disk: plain (default), or compressed: zlib, bzip2,\n"
                    "none; tape: aws (default), het, het-bzip2")
        ->type_name("FORMAT");
    sub->add_option("--volume", o->volume,
                    "Write a volume label; on a count-key-data disk an\nempty VTOC as well")
        ->type_name("VOLSER");
    sub->add_option("--cylinders", o->cylinders, "Fewer cylinders than the type has")
        ->check(whole_number(1, 65535))
        ->type_name("N");
    sub->add_option("--blocks", o->blocks, "Fewer blocks than a 3370 has")
        ->check(whole_number(1, ~uint32_t{0}))
        ->type_name("N");
    sub->add_flag("--alternates", o->alternates, "With the alternate cylinders");
    sub->add_flag("--force", o->force, "Replace a file that is there");
    sub->footer(
        "Examples:\n"
        "  vmcp image create work.cckd 3330 --volume WORK01 --format zlib\n"
        "  vmcp image create fixed.img 3370 --volume FIXED1\n"
        "  vmcp image create scratch.aws tape");

    sub = add("build", "Make a disk with programs, texts and records on it", build);
    sub->add_option("DESCRIPTION", o->description, "What is to be where: a TOML file")->required();
    sub->add_option("--format", o->format, "plain, or compressed: zlib (default), bzip2, none")
        ->type_name("FORMAT");
    sub->add_flag("--force", o->force, "Replace a file that is there");
    sub->footer(
        "Example:\n"
        "  vmcp image build demo.cckd examples/disks/demo.toml\n"
        "docs/real-systems.md says what a description has.");

    sub = add("list", "Show geometry, label, VTOC, or the files of a tape", list);
    sub->add_flag("--tracks", o->tracks, "Show every track that has records, or is defective");
    sub->footer(
        "Examples:\n"
        "  vmcp image list work.cckd --tracks\n"
        "  vmcp image list system.het");

    sub = add("convert", "Copy into another format", convert);
    sub->add_option("TO", o->to, "The new image file")->required();
    sub->add_option("--format", o->format,
                    "Disk: plain, or compressed: zlib (default), bzip2,\n"
                    "none; tape: aws, het (default), het-bzip2")
        ->type_name("FORMAT");
    sub->add_flag("--force", o->force, "Replace a file that is there");
    sub->footer(
        "Examples:\n"
        "  vmcp image convert work.ckd work.cckd --format bzip2\n"
        "  vmcp image convert volume_1.ckd volume.cckd    a volume in several files\n"
        "  vmcp image convert system.aws system.het");

    sub = add("check", "Read everything, and name what is damaged", check);
    sub->footer("Example:\n  vmcp image check work.cckd");

    sub = add("dump", "Show the bytes of a track or block, hex and EBCDIC", dump);
    sub->add_option("--track", o->track, "Of a disk")->type_name("CYLINDER:HEAD")->default_val("0:0");
    sub->add_option("--file", o->tape_file, "Of a tape, from 1")->type_name("N");
    sub->add_option("--block", o->block,
                    "Of a tape file, from 1 (default: all of them),\nor of a fixed-block disk, from 0")
        ->type_name("N");
    sub->footer(
        "Examples:\n"
        "  vmcp image dump work.cckd --track 0:0\n"
        "  vmcp image dump system.het --file 2 --block 1");

    image->footer(
        "Examples:\n"
        "  vmcp image create work.cckd 3330 --volume WORK01 --format zlib\n"
        "  vmcp image list work.cckd --tracks\n"
        "  vmcp image convert system.aws system.het\n"
        "  vmcp image dump work.cckd --track 0:0\n"
        "Each of them explains itself: vmcp image create --help");
}

}  // namespace vmcp::cli
