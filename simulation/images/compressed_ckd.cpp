#include "simulation/images/compressed_ckd.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "simulation/images/byte_order.hpp"
#include "simulation/images/compression.hpp"

namespace simulation::images {

namespace {

// The compressed device header, at 512:
//   0 3 version, release, modification   3 1 options   4 4 entries of the primary table   8 4 of a secondary
//  12 4 file size  16 4 bytes in use  20 4 first free extent  24 4 free bytes  28 4 largest free extent
//  32 4 free extents  36 4 bytes free inside of others' room  40 4 cylinders  44 1 format of empty tracks
//  45 1 compression  46 2 its parameter
constexpr uint32_t kHeaderAt = kCkdHeaderSize;
constexpr uint32_t kHeaderSize = 512;
constexpr uint32_t kPrimaryAt = kHeaderAt + kHeaderSize;
constexpr uint32_t kTracksOfTable = 256;
constexpr uint32_t kEntrySize = 8;
constexpr uint32_t kTableSize = kTracksOfTable * kEntrySize;
constexpr uint8_t kOptionNoFudge = 0x01, kOptionBigEndian = 0x02, kOptionOrderedWrite = 0x40,
                  kOptionOpen = 0x80;
constexpr uint32_t kInBase = 0xFFFFFFFF;
constexpr uint32_t kTrackHeader = 5;
// An extent is not split where less than this would be left: a free one must hold its chain entry.
constexpr uint32_t kLeastFree = 96;
constexpr uint32_t kFreeEntry = 12;
constexpr uint64_t kLargestFile = 0xFFFFF000;

enum : uint8_t { kEmptyWithEndOfFile = 0, kEmptyStandard = 1, kEmpty12Blocks = 2 };

}  // namespace

CompressedCkd::CompressedCkd(ImageFile file, const CkdHeader& header, std::unique_ptr<CkdImage> base)
    : file_(std::move(file)),
      base_(std::move(base)),
      track_size_(header.track_size),
      header_(file_.read(kHeaderAt, kHeaderSize, "a compressed device header")) {
    if ((header_[3] & kOptionBigEndian) != 0)
        file_.fail(kHeaderAt + 3, "the image is in big-endian format: expected little-endian");
    const uint32_t cylinders = little32(&header_[40]);
    const uint32_t heads = header.heads;
    if (cylinders == 0 || cylinders > 65535)
        file_.fail(kHeaderAt + 40, fmt::format("{} cylinders: expected 1 to 65535", cylinders));
    const uint32_t tables = (cylinders * heads + kTracksOfTable - 1) / kTracksOfTable;
    if (little32(&header_[4]) != tables || little32(&header_[8]) != kTracksOfTable)
        file_.fail(kHeaderAt + 4,
                   fmt::format("lookup tables of {} and {} entries: expected {} and {}",
                               little32(&header_[4]), little32(&header_[8]), tables, kTracksOfTable));
    cylinders_ = cylinders;
    geometry_ = disk_geometry(header.type_code, heads, cylinders);
    if (base_ && (base_->geometry().number != geometry_->number || base_->cylinders() != cylinders))
        file_.fail(fmt::format("an overlay for a {} with {} cylinders: expected one for {}, a {} with {}",
                               geometry_->name, cylinders, base_->path(), base_->geometry().name,
                               base_->cylinders()));
    tables_.resize(tables);
    read_tables();
    if (file_.writable()) find_free_room();
}

std::unique_ptr<CompressedCkd> CompressedCkd::create(const std::string& path, const DiskGeometry& geometry,
                                                     unsigned cylinders, Compression compression,
                                                     std::unique_ptr<CkdImage> base) {
    ImageFile file = ImageFile::create(path);
    const CkdHeader header{base ? "CKD_S370" : "CKD_C370", geometry.heads, geometry.image_track_size(),
                           static_cast<uint8_t>(geometry.number)};
    const uint32_t tables = (cylinders * geometry.heads + kTracksOfTable - 1) / kTracksOfTable;
    std::vector<uint8_t> bytes(kHeaderSize + size_t{tables} * 4);
    bytes[1] = 3;  // version 0.3.1 of the format
    bytes[2] = 1;
    bytes[3] = kOptionNoFudge | kOptionOrderedWrite;
    const auto size = static_cast<uint32_t>(kHeaderAt + bytes.size());
    put_little32(&bytes[4], tables);
    put_little32(&bytes[8], kTracksOfTable);
    put_little32(&bytes[12], size);
    put_little32(&bytes[16], size);
    put_little32(&bytes[40], cylinders);
    bytes[44] = kEmptyStandard;
    bytes[45] = static_cast<uint8_t>(compression);
    put_little16(&bytes[46], 0xFFFF);  // the compression's own default
    if (base) std::fill(bytes.begin() + kHeaderSize, bytes.end(), 0xFF);
    file.write(kHeaderAt, bytes);
    file.write(0, header.bytes());
    return std::make_unique<CompressedCkd>(std::move(file), header, std::move(base));
}

CompressedCkd::~CompressedCkd() {
    try {
        close();
    } catch (const ImageError&) {
        // Nothing is lost: what close writes can be found from the tables again.
    }
}

uint64_t CompressedCkd::primary_end() const { return kPrimaryAt + 4 * uint64_t{tables_.size()}; }

void CompressedCkd::read_tables() {
    const auto primary = file_.read(kPrimaryAt, 4 * tables_.size(), "a primary lookup table");
    for (size_t i = 0; i < tables_.size(); ++i) {
        Table& table = tables_[i];
        table.position = little32(&primary[4 * i]);
        if (table.position == 0 || (table.position == kInBase && base_)) continue;
        if (table.position < primary_end() || table.position > file_.size() ||
            file_.size() - table.position < kTableSize)
            file_.fail(kPrimaryAt + 4 * i, fmt::format("a secondary lookup table at {}: expected it between "
                                                       "{} and {}",
                                                       table.position, primary_end(), file_.size()));
        const auto bytes = file_.read(table.position, kTableSize, "a secondary lookup table");
        table.entries.resize(kTracksOfTable);
        for (uint32_t k = 0; k < kTracksOfTable; ++k) {
            const uint8_t* p = &bytes[size_t{k} * kEntrySize];
            const Entry entry{little32(p), little16(p + 4), little16(p + 6)};
            table.entries[k] = entry;
            if (i * kTracksOfTable + k >= tracks() || entry.position == 0) continue;
            if (entry.position == kInBase && base_) continue;
            if (entry.position < primary_end() || entry.length < kTrackHeader || entry.size < entry.length ||
                entry.position > file_.size() || entry.size > file_.size() - entry.position)
                file_.fail(table.position + uint64_t{k} * kEntrySize,
                           fmt::format("track {} lies at {}, {} bytes in {}: expected it between {} and {}",
                                       i * kTracksOfTable + k, entry.position, entry.length, entry.size,
                                       primary_end(), file_.size()));
        }
    }
}

void CompressedCkd::find_free_room() {
    std::vector<Extent> used{{0, static_cast<uint32_t>(primary_end())}};
    for (size_t i = 0; i < tables_.size(); ++i) {
        if (tables_[i].entries.empty()) continue;
        used.push_back({tables_[i].position, kTableSize});
        for (uint32_t k = 0; k < kTracksOfTable && i * kTracksOfTable + k < tracks(); ++k) {
            const Entry& e = tables_[i].entries[k];
            if (e.position != 0 && e.position != kInBase) used.push_back({e.position, e.size});
        }
    }
    std::sort(used.begin(), used.end(),
              [](const Extent& a, const Extent& b) { return a.position < b.position; });
    free_.clear();
    end_ = 0;
    for (const Extent& e : used) {
        if (e.position < end_)
            file_.fail(e.position,
                       fmt::format("two things lie in one place: expected nothing before {}", end_));
        if (e.position > end_) free_.push_back({end_, e.position - end_});
        end_ = e.position + e.length;
    }
}

void CompressedCkd::check() { find_free_room(); }

uint32_t CompressedCkd::allocate(uint32_t length) {
    for (auto it = free_.begin(); it != free_.end(); ++it) {
        if (it->length != length && it->length < length + kLeastFree) continue;
        const uint32_t position = it->position;
        it->position += length;
        it->length -= length;
        if (it->length == 0) free_.erase(it);
        return position;
    }
    if (uint64_t{end_} + length > kLargestFile)
        file_.fail(end_, "the image has grown to the largest size that its format allows");
    return std::exchange(end_, end_ + length);
}

void CompressedCkd::release(Extent extent) {
    auto it = std::lower_bound(free_.begin(), free_.end(), extent,
                               [](const Extent& a, const Extent& b) { return a.position < b.position; });
    it = free_.insert(it, extent);
    if (it + 1 != free_.end() && it->position + it->length == (it + 1)->position) {
        it->length += (it + 1)->length;
        free_.erase(it + 1);
    }
    if (it != free_.begin() && (it - 1)->position + (it - 1)->length == it->position) {
        (it - 1)->length += it->length;
        it = free_.erase(it) - 1;
    }
    if (it->position + it->length == end_) {
        end_ = it->position;
        free_.erase(it);
    }
}

Track CompressedCkd::empty_track(uint32_t track, unsigned format) const {
    const unsigned cylinder = track / heads(), head = track % heads();
    Track result(cylinder, head);
    const auto add = [&](uint8_t number, unsigned length) {
        std::vector<uint8_t> record(kCountSize + length);
        put_big16(&record[0], cylinder);
        put_big16(&record[2], head);
        record[4] = number;
        put_big16(&record[6], length);
        result.format(number, record);
    };
    constexpr unsigned kBlocks = 12, kBlock = 4096;
    if (format == kEmptyWithEndOfFile) add(1, 0);
    if (format == kEmpty12Blocks)
        for (uint8_t i = 1; i <= kBlocks; ++i) add(i, kBlock);
    return result;
}

Track CompressedCkd::read(uint32_t track) {
    const Table& table = tables_[track / kTracksOfTable];
    if (table.entries.empty()) {
        if (table.position == kInBase) return base_->read(track);
        return empty_track(track, header_[44]);
    }
    const Entry entry = table.entries[track % kTracksOfTable];
    if (entry.position == kInBase) return base_->read(track);
    if (entry.position == 0) return empty_track(track, entry.length);
    std::vector<uint8_t> bytes = file_.read(entry.position, entry.length, "a compressed track");
    const std::span stored(bytes);
    const uint8_t compression = bytes[0];
    const size_t most = track_size_ - kTrackHeader;
    std::optional<std::vector<uint8_t>> records;
    switch (static_cast<Compression>(compression)) {
        case Compression::none: break;
        case Compression::zlib: records = zlib_expanded(stored.subspan(kTrackHeader), most); break;
        case Compression::bzip2: records = bzip2_expanded(stored.subspan(kTrackHeader), most); break;
        default:
            file_.fail(entry.position, fmt::format("track {} is compressed in an unknown way ({}): expected "
                                                   "0 to 2",
                                                   track, compression));
    }
    if (compression != 0) {
        if (!records)
            file_.fail(entry.position + kTrackHeader,
                       fmt::format("track {} cannot be expanded: expected a {} stream of at most {} bytes",
                                   track, compression == 1 ? "zlib" : "bzip2", most));
        bytes.resize(kTrackHeader);
        bytes.insert(bytes.end(), records->begin(), records->end());
    }
    bytes[0] = 0;  // the flags of the home address have no place in this format
    return checked_track(file_, entry.position, std::move(bytes), track / heads(), track % heads());
}

void CompressedCkd::write(uint32_t track, const Track& content) {
    mark_open();
    Table& table = tables_[track / kTracksOfTable];
    if (table.entries.empty()) {
        const bool in_base = table.position == kInBase;
        const Entry unwritten = in_base ? Entry{kInBase, 0xFFFF, 0xFFFF} : Entry{0, header_[44], header_[44]};
        std::vector<uint8_t> bytes(kTableSize);
        for (uint32_t k = 0; k < kTracksOfTable; ++k) {
            put_little32(&bytes[size_t{k} * kEntrySize], unwritten.position);
            put_little16(&bytes[size_t{k} * kEntrySize + 4], unwritten.length);
            put_little16(&bytes[size_t{k} * kEntrySize + 6], unwritten.size);
        }
        const uint32_t position = allocate(kTableSize);
        file_.write(position, bytes);
        uint8_t word[4];
        put_little32(word, position);
        file_.commit(kPrimaryAt + 4 * uint64_t{track / kTracksOfTable}, word);
        table.position = position;
        table.entries.assign(kTracksOfTable, unwritten);
    }
    Entry& entry = table.entries[track % kTracksOfTable];
    const Entry old = entry;
    const auto all = content.bytes();
    const auto standard = Track(track / heads(), track % heads());
    if (std::equal(all.begin(), all.end(), standard.bytes().begin(), standard.bytes().end())) {
        entry = {0, kEmptyStandard, kEmptyStandard};
    } else {
        const auto records = all.subspan(kTrackHeader);
        auto compression = static_cast<Compression>(header_[45]);
        std::optional<std::vector<uint8_t>> small;
        if (compression == Compression::zlib) small = zlib_compressed(records);
        if (compression == Compression::bzip2) small = bzip2_compressed(records);
        if (!small) {
            compression = Compression::none;
            small.emplace(records.begin(), records.end());
        }
        std::vector<uint8_t> bytes(all.begin(), all.begin() + kTrackHeader);
        bytes[0] = static_cast<uint8_t>(compression);
        bytes.insert(bytes.end(), small->begin(), small->end());
        const auto length = static_cast<uint16_t>(bytes.size());
        entry = {allocate(length), length, length};
        file_.write(entry.position, bytes);
    }
    uint8_t bytes[kEntrySize];
    put_little32(bytes, entry.position);
    put_little16(bytes + 4, entry.length);
    put_little16(bytes + 6, entry.size);
    file_.commit(table.position + uint64_t{track % kTracksOfTable} * kEntrySize, bytes);
    if (old.position != 0 && old.position != kInBase) release({old.position, old.size});
}

/// Tells other programs that the free space in the file is not to be believed.
void CompressedCkd::mark_open() {
    if (changed_) return;
    changed_ = true;
    header_[3] |= kOptionOpen;
    file_.commit(kHeaderAt, header_);
}

void CompressedCkd::close() {
    if (!changed_) return;
    uint32_t total = 0, largest = 0;
    for (size_t i = 0; i < free_.size(); ++i) {
        const Extent& e = free_[i];
        uint8_t bytes[kFreeEntry] = {};
        put_little32(bytes, i + 1 < free_.size() ? free_[i + 1].position : 0);
        put_little32(bytes + 4, e.length);
        if (e.length >= kFreeEntry) file_.write(e.position, bytes);
        total += e.length;
        largest = std::max(largest, e.length);
    }
    uint32_t inside = 0;
    for (const Table& table : tables_)
        for (const Entry& e : table.entries)
            if (e.position != 0 && e.position != kInBase) inside += e.size - e.length;
    file_.truncate(end_);
    header_[3] &= static_cast<uint8_t>(~kOptionOpen);
    put_little32(&header_[12], end_);
    put_little32(&header_[16], end_ - total);
    put_little32(&header_[20], free_.empty() ? 0 : free_.front().position);
    put_little32(&header_[24], total + inside);
    put_little32(&header_[28], largest);
    put_little32(&header_[32], static_cast<uint32_t>(free_.size()));
    put_little32(&header_[36], inside);
    file_.commit(kHeaderAt, header_);
    changed_ = false;
}

}  // namespace simulation::images
