#include "vmcp/cli/build_disk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <vector>

#include "isa/ebcdic.hpp"
#include "simulation/images/byte_order.hpp"
#include "simulation/images/volume.hpp"
#include "simulation/model/toml_reader.hpp"
#include "vmcp/experiment/guest_image.hpp"

namespace vmcp::cli {
namespace {

using namespace simulation::images;
using simulation::TomlReader;
using Bytes = std::vector<uint8_t>;

constexpr size_t kLongestKey = 255;
constexpr int64_t kLongestLine = 255;
constexpr size_t kMostRecords = 255;

class DiskBuilder {
  public:
    DiskBuilder(const std::string& description, const std::string& path, CkdFormat format)
        : folder_(std::filesystem::path(description).parent_path()) {
        TomlReader root = TomlReader::load(description);
        const std::string type = root.text("type");
        const DiskGeometry* geometry = disk_geometry(type);
        if (geometry == nullptr)
            root.fail("type",
                      fmt::format("unknown type \"{}\": expected a count-key-data disk, such as 3330", type));
        const auto cylinders = static_cast<uint32_t>(
            root.integer_or("cylinders", 1, geometry->all_cylinders(), geometry->cylinders));
        image_ = create_ckd(path, *geometry, cylinders, format);
        const std::string volume = root.text_or("volume", "");
        if (volume.size() > 6) root.fail("volume", fmt::format("\"{}\": expected 1 to 6 characters", volume));
        if (!volume.empty()) write_label(*image_, volume);
        read_part(root, {0, cylinders});
        if (root.has("minidisk"))
            for (TomlReader& table : root.tables("minidisk")) {
                Part part;
                part.first = static_cast<uint32_t>(table.integer("first", 0, cylinders - 1));
                part.count = static_cast<uint32_t>(table.integer("count", 1, cylinders - part.first));
                read_part(table, part);
                table.finish();
            }
        root.finish();
        for (const auto& [number, track] : tracks_) image_->write(number, track);
    }

  private:
    /// Cylinders that are counted from 0.
    struct Part {
        uint32_t first = 0, count = 0;
    };
    struct Place {
        uint32_t cylinder = 0, head = 0;  // of the part
        uint32_t number = 0;              // of the track on the disk
    };

    void read_part(TomlReader& table, Part part) {
        if (table.has("program"))
            for (TomlReader& entry : table.tables("program")) read_program(entry, part);
        if (table.has("text"))
            for (TomlReader& entry : table.tables("text")) read_text(entry, part);
        if (table.has("record"))
            for (TomlReader& entry : table.tables("record")) read_record(entry, part);
    }

    /// Record 1 is what an IPL reads; its CCW reads the next record, the program, over it to location 0,
    /// where the program has the PSW that starts it.
    void read_program(TomlReader& table, Part part) {
        const Place at = place(table, part);
        const auto image = experiment::assemble_guest(file(table));
        table.finish();
        const Bytes& program = image->storage.bytes;
        if (image->storage.address != 0)
            table.fail("file", fmt::format("the program begins at {:06X}: expected 0, where the PSW is that "
                                           "starts it",
                                           image->storage.address));
        constexpr size_t kLoaded = 24;
        constexpr uint8_t kReadData = 0x06, kSuppressLength = 0x20;
        Bytes start(kLoaded);
        start[8] = kReadData;
        start[12] = kSuppressLength;
        put_big16(&start[14], static_cast<uint32_t>(std::min<size_t>(program.size(), 0xFFFF)));
        add(table, at, {}, start);
        add(table, at, {}, program);
    }

    /// A line a record, filled up with blanks, and behind them a record without data, which ends the file.
    void read_text(TomlReader& table, Part part) {
        const Place at = place(table, part);
        const std::string path = file(table);
        const auto length = static_cast<size_t>(table.integer_or("record_length", 1, kLongestLine, 80));
        table.finish();
        const Bytes bytes = experiment::read_bytes(path);
        const std::string text(bytes.begin(), bytes.end());
        unsigned line_number = 0;
        for (size_t begin = 0; begin < text.size();) {
            const size_t end = std::min(text.find('\n', begin), text.size());
            const std::string line = text.substr(begin, end - begin);
            ++line_number;
            Bytes record = isa::to_ebcdic(line);
            if (record.size() > length)
                throw experiment::GuestError(
                    fmt::format("{}:{}: the line has {} characters: expected at most {}, the length of a "
                                "record",
                                path, line_number, record.size(), length));
            record.resize(length, 0x40);
            add(table, at, {}, record);
            begin = end + 1;
        }
        add(table, at, {}, {});
    }

    void read_record(TomlReader& table, Part part) {
        const Place at = place(table, part);
        const Bytes key = contents(table, "key"), data = contents(table, "data");
        if (key.size() > kLongestKey)
            table.fail("key", fmt::format("{} bytes: expected at most {}", key.size(), kLongestKey));
        table.finish();
        add(table, at, key, data);
    }

    /// Text, behind bytes such as X'0001 0A' if it begins with them. No such key: nothing.
    static Bytes contents(TomlReader& table, const char* key) {
        const std::string text = table.text_or(key, "");
        constexpr std::string_view kBegin = "X'";
        if (!text.starts_with(kBegin)) return isa::to_ebcdic(text);
        const size_t end = text.find('\'', kBegin.size());
        std::string digits;
        for (const char c : text.substr(kBegin.size(), end == std::string::npos ? end : end - kBegin.size()))
            if (c != ' ') digits += c;
        Bytes bytes;
        for (size_t i = 0; i + 1 < digits.size(); i += 2) {
            uint32_t byte = 0;
            if (!experiment::parse_hex(digits.substr(i, 2), 0xFF, byte)) break;
            bytes.push_back(static_cast<uint8_t>(byte));
        }
        if (end == std::string::npos || 2 * bytes.size() != digits.size())
            table.fail(key, fmt::format("\"{}\": expected text, behind pairs of hexadecimal digits such as "
                                        "\"X'0001 0A'\" if there are any",
                                        text));
        const Bytes rest = isa::to_ebcdic(text.substr(end + 1));
        bytes.insert(bytes.end(), rest.begin(), rest.end());
        return bytes;
    }

    Place place(TomlReader& table, Part part) const {
        const std::string text = table.text("track");
        Place at;
        int end = 0;
        if (std::sscanf(text.c_str(), "%5u:%5u%n", &at.cylinder, &at.head, &end) != 2 ||
            static_cast<size_t>(end) != text.size() || at.cylinder >= part.count ||
            at.head >= image_->heads())
            table.fail("track", fmt::format("\"{}\": expected CYLINDER:HEAD, decimal, up to {}:{}", text,
                                            part.count - 1, image_->heads() - 1));
        at.number = (part.first + at.cylinder) * image_->heads() + at.head;
        return at;
    }

    std::string file(TomlReader& table) const {
        std::string path = (folder_ / table.text("file")).lexically_normal().string();
        if (!std::filesystem::is_regular_file(path))
            table.fail("file", fmt::format("there is no file {}", path));
        return path;
    }

    /// Behind what the description has put on the track before; in the place of what a label put there.
    void add(const TomlReader& table, Place at, const Bytes& key, const Bytes& data) {
        Track& track = tracks_.try_emplace(at.number, at.number / image_->heads(), at.head).first->second;
        const size_t number = track.records().size();
        const DiskGeometry& geometry = image_->geometry();
        if (number > kMostRecords || data.size() > geometry.longest ||
            !track.fits(geometry, number, static_cast<uint32_t>(key.size()),
                        static_cast<uint32_t>(data.size())))
            table.fail("track", fmt::format("cylinder {} head {} is full: record {} of {} bytes does not fit",
                                            at.cylinder, at.head, number, key.size() + data.size()));
        Bytes record(kCountSize);
        put_big16(&record[0], at.cylinder);
        put_big16(&record[2], at.head);
        record[4] = static_cast<uint8_t>(number);
        record[5] = static_cast<uint8_t>(key.size());
        put_big16(&record[6], static_cast<uint32_t>(data.size()));
        record.insert(record.end(), key.begin(), key.end());
        record.insert(record.end(), data.begin(), data.end());
        track.format(number, record);
    }

    std::filesystem::path folder_;
    std::unique_ptr<CkdImage> image_;
    std::map<uint32_t, Track> tracks_;
};

}  // namespace

void build_disk(const std::string& description, const std::string& path, CkdFormat format) {
    DiskBuilder(description, path, format);
}

}  // namespace vmcp::cli
