#include "simulation/images/volume.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "isa/ebcdic.hpp"
#include "simulation/images/byte_order.hpp"

namespace simulation::images {

namespace {

// A data set control block: a key of 44 and data of 96 bytes. Offsets count from the key.
constexpr unsigned kKey = 44, kData = 96, kBlock = kKey + kData;
constexpr unsigned kFormat = 44, kExtent = 105, kExtentSize = 10, kExtents = 3;
constexpr uint8_t kFormat1 = 0xF1, kFormat4 = 0xF4, kFormat5 = 0xF5;
constexpr unsigned kLabelSize = 80;

std::string text_of(std::span<const uint8_t> bytes) {
    std::string text = isa::to_text(bytes);
    text.erase(text.find_last_not_of(std::string(" \0", 2)) + 1);
    return text;
}

TrackAddress address_at(const uint8_t* p) { return {big16(p), big16(p + 2)}; }

Extent extent_at(const uint8_t* p) { return {address_at(p + 2), address_at(p + 6)}; }

std::vector<uint8_t> block_of(const Track& track, const Record& r) {
    std::vector<uint8_t> block(track.key(r).begin(), track.key(r).end());
    const auto data = track.content(r);
    block.insert(block.end(), data.begin(), data.end());
    return block;
}

DataSet data_set_of(const std::vector<uint8_t>& b) {
    DataSet set;
    set.name = text_of(std::span(b).first(kKey));
    struct {
        unsigned mask;
        const char* name;
    } constexpr kOrganizations[] = {
        {0x8000, "IS"}, {0x4000, "PS"}, {0x2000, "DA"}, {0x0200, "PO"}, {0x0008, "VS"}};
    const unsigned organization = big16(&b[82]);
    set.organization = fmt::format("{:04X}", organization);
    for (const auto& [mask, name] : kOrganizations)
        if ((organization & mask) != 0) {
            set.organization = name;
            break;
        }
    constexpr const char* kFormats[] = {"?", "V", "F", "U"};
    set.record_format = kFormats[b[84] >> 6];
    if ((b[84] & 0x10) != 0) set.record_format += 'B';
    if ((b[84] & 0x08) != 0) set.record_format += 'S';
    if ((b[84] & 0x04) != 0) set.record_format += 'A';
    if ((b[84] & 0x02) != 0) set.record_format += 'M';
    set.block_length = big16(&b[86]);
    set.record_length = big16(&b[88]);
    set.extent_count = b[59];
    for (unsigned i = 0; i < std::min<unsigned>(set.extent_count, kExtents); ++i)
        set.extents.push_back(extent_at(&b[kExtent + i * kExtentSize]));
    return set;
}

std::vector<uint8_t> record(unsigned cylinder, unsigned head, unsigned number, unsigned key_length,
                            std::span<const uint8_t> key_and_data) {
    std::vector<uint8_t> bytes(kCountSize);
    put_big16(&bytes[0], cylinder);
    put_big16(&bytes[2], head);
    bytes[4] = static_cast<uint8_t>(number);
    bytes[5] = static_cast<uint8_t>(key_length);
    put_big16(&bytes[6], static_cast<unsigned>(key_and_data.size()) - key_length);
    bytes.insert(bytes.end(), key_and_data.begin(), key_and_data.end());
    return bytes;
}

std::vector<uint8_t> keyed(const char* key, std::vector<uint8_t> data) {
    std::vector<uint8_t> bytes = isa::to_ebcdic(key);
    bytes.insert(bytes.end(), data.begin(), data.end());
    return bytes;
}

/// The format-4 block, which describes the table itself and the device.
std::vector<uint8_t> format4(const CkdImage& image, Extent place, unsigned free_blocks, unsigned per_track) {
    const DiskGeometry& g = image.geometry();
    std::vector<uint8_t> b(kBlock);
    std::fill(b.begin(), b.begin() + kKey, 0x04);
    b[kFormat] = kFormat4;
    put_big16(&b[50], free_blocks);
    b[59] = 1;  // extents
    put_big16(&b[62], image.cylinders());
    put_big16(&b[64], g.heads);
    put_big16(&b[66], g.capacity);
    const unsigned last = g.key_overhead - g.last_saves;
    if (g.key_overhead > 0xFF) {
        put_big16(&b[68], g.key_overhead);  // one constant for all records
        b[71] = 0x08;
    } else {
        b[68] = static_cast<uint8_t>(g.key_overhead);
        b[69] = static_cast<uint8_t>(last);
        b[71] = g.tolerance == 0 ? 0 : 0x01;
    }
    b[70] = static_cast<uint8_t>(g.key_overhead - g.overhead);
    put_big16(&b[72], g.tolerance == 0 ? 512 : g.tolerance);
    b[74] = static_cast<uint8_t>(per_track);
    constexpr unsigned kDirectoryKey = 8, kDirectoryBlock = 256;
    unsigned directory = 0;
    while ((directory + 1) * g.space(kDirectoryKey, kDirectoryBlock, false) <= g.capacity) ++directory;
    b[75] = static_cast<uint8_t>(directory);
    b[kExtent] = 0x01;
    put_big16(&b[kExtent + 2], place.first.cylinder);
    put_big16(&b[kExtent + 4], place.first.head);
    put_big16(&b[kExtent + 6], place.last.cylinder);
    put_big16(&b[kExtent + 8], place.last.head);
    return b;
}

/// The format-5 block, with one free extent: every cylinder but the first.
std::vector<uint8_t> format5(const CkdImage& image) {
    std::vector<uint8_t> b(kBlock);
    std::fill(b.begin(), b.begin() + 4, 0x05);
    put_big16(&b[4], image.heads());
    put_big16(&b[6], image.cylinders() - 1);
    b[kFormat] = kFormat5;
    return b;
}

}  // namespace

std::optional<VolumeLabel> read_label(CkdImage& image) {
    const Track track = image.read(0);
    constexpr size_t kLabelRecord = 3;
    if (track.records().size() <= kLabelRecord) return std::nullopt;
    const auto data = track.content(track.records()[kLabelRecord]);
    if (data.size() < kLabelSize || isa::to_text(data.first(4)) != "VOL1") return std::nullopt;
    return VolumeLabel{text_of(data.subspan(4, 6)), text_of(data.subspan(41, 10)), address_at(&data[11])};
}

std::optional<Vtoc> read_vtoc(CkdImage& image, const VolumeLabel& label) {
    const auto track_number = [&](TrackAddress a) { return uint32_t{a.cylinder} * image.heads() + a.head; };
    const auto exists = [&](TrackAddress a) {
        return a.cylinder < image.cylinders() && a.head < image.heads();
    };
    if (!exists(label.vtoc)) return std::nullopt;
    std::optional<Vtoc> vtoc;
    uint32_t last = track_number(label.vtoc);
    for (uint32_t number = last; number <= last; ++number) {
        const Track track = image.read(number);
        for (const Record& r : track.records()) {
            if (r.key_length != kKey || r.data_length < kData) continue;
            const std::vector<uint8_t> b = block_of(track, r);
            if (b[kFormat] == kFormat4 && !vtoc) {
                vtoc.emplace();
                vtoc->place = extent_at(&b[kExtent]);
                if (!exists(vtoc->place.last)) return std::nullopt;
                last = track_number(vtoc->place.last);
            } else if (b[kFormat] == kFormat1 && vtoc) {
                vtoc->data_sets.push_back(data_set_of(b));
            }
        }
    }
    return vtoc;
}

void write_label(CkdImage& image, const std::string& volume) {
    std::vector<uint8_t> serial = isa::to_ebcdic(volume);
    constexpr size_t kSerial = 6;
    serial.resize(kSerial, 0x40);

    // IPL: a PSW that waits, disabled, and a chain of one command that does nothing.
    std::vector<uint8_t> ipl1(24);
    ipl1[1] = 0x06;
    ipl1[7] = 0x1A;
    ipl1[8] = 0x03;   // no-operation
    ipl1[12] = 0x20;  // length suppressed
    ipl1[15] = 1;
    std::vector<uint8_t> label(kLabelSize, 0x40);
    const std::vector<uint8_t> name = isa::to_ebcdic("VOL1");
    std::copy(name.begin(), name.end(), label.begin());
    std::copy(serial.begin(), serial.end(), label.begin() + 4);
    label[10] = 0;
    put_big16(&label[11], 0);
    put_big16(&label[13], 1);
    label[15] = 1;
    Track first = Track(0, 0);
    first.format(1, record(0, 0, 1, 4, keyed("IPL1", ipl1)));
    first.format(2, record(0, 0, 2, 4, keyed("IPL2", std::vector<uint8_t>(144))));
    first.format(3, record(0, 0, 3, 4, keyed("VOL1", label)));

    const Extent place{{0, 1}, {0, static_cast<uint16_t>(image.heads() - 1)}};
    unsigned per_track = 0;
    while ((per_track + 1) * image.geometry().space(kKey, kData, false) <= image.geometry().capacity)
        ++per_track;
    const unsigned blocks = per_track * (place.last.head - place.first.head + 1u);
    for (unsigned head = place.first.head; head <= place.last.head; ++head) {
        Track track(0, head);
        for (unsigned number = 1; number <= per_track; ++number) {
            std::vector<uint8_t> block(kBlock);
            if (head == place.first.head && number == 1) block = format4(image, place, blocks - 2, per_track);
            if (head == place.first.head && number == 2) block = format5(image);
            track.format(number, record(0, head, number, kKey, block));
        }
        image.write(head, track);
    }
    image.write(0, first);
}

}  // namespace simulation::images
