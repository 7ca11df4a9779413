#include "simulation/images/compressed_store.hpp"

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
constexpr uint32_t kHeaderAt = 512;
constexpr uint32_t kHeaderSize = 512;
constexpr uint32_t kPrimaryAt = kHeaderAt + kHeaderSize;
constexpr uint32_t kUnitsOfTable = 256;
constexpr uint32_t kEntrySize = 8;
constexpr uint32_t kTableSize = kUnitsOfTable * kEntrySize;
constexpr uint8_t kOptionNoFudge = 0x01, kOptionBigEndian = 0x02, kOptionOrderedWrite = 0x40,
                  kOptionOpen = 0x80;
constexpr uint32_t kInBase = 0xFFFFFFFF;
// An extent is not split where less than this would be left: a free one must hold its chain entry.
constexpr uint32_t kLeastFree = 96;
constexpr uint32_t kFreeEntry = 12;
constexpr uint64_t kLargestFile = 0xFFFFF000;
// Behind a unit, where it had flags: two letters, the flags, and the flags inverted.
constexpr uint32_t kFlagsSize = 4;
constexpr uint8_t kFlagsMark[2] = {'H', 'A'};

}  // namespace

uint32_t CompressedStore::disk_size(const ImageFile& file) {
    const auto header = file.read(kHeaderAt, kHeaderSize, "a compressed device header");
    if ((header[3] & kOptionBigEndian) != 0)
        file.fail(kHeaderAt + 3, "the image is big-endian: expected little-endian (cckdswap converts it)");
    return little32(&header[40]);
}

CompressedStore::CompressedStore(ImageFile file, Layout layout)
    : file_(std::move(file)),
      layout_(layout),
      header_(file_.read(kHeaderAt, kHeaderSize, "a compressed device header")) {
    const uint32_t tables = (layout.units + kUnitsOfTable - 1) / kUnitsOfTable;
    if (little32(&header_[4]) != tables || little32(&header_[8]) != kUnitsOfTable)
        file_.fail(kHeaderAt + 4,
                   fmt::format("lookup tables of {} and {} entries: expected {} and {}",
                               little32(&header_[4]), little32(&header_[8]), tables, kUnitsOfTable));
    // Before memory is taken for as many tables as the header says.
    static_cast<void>(file_.read(kPrimaryAt, 4 * uint64_t{tables}, "a primary lookup table"));
    tables_.resize(tables);
    read_tables();
    if (file_.writable()) find_free_room();
}

ImageFile CompressedStore::create(const std::string& path, std::span<const uint8_t> device_header,
                                  uint32_t disk_size, uint32_t units, Compression compression,
                                  uint8_t empty_format, bool overlay) {
    ImageFile file = ImageFile::create(path);
    const uint32_t tables = (units + kUnitsOfTable - 1) / kUnitsOfTable;
    std::vector<uint8_t> bytes(kHeaderSize + size_t{tables} * 4);
    bytes[1] = 3;  // version 0.3.1 of the format
    bytes[2] = 1;
    bytes[3] = kOptionNoFudge | kOptionOrderedWrite;
    const auto size = static_cast<uint32_t>(kHeaderAt + bytes.size());
    put_little32(&bytes[4], tables);
    put_little32(&bytes[8], kUnitsOfTable);
    put_little32(&bytes[12], size);
    put_little32(&bytes[16], size);
    put_little32(&bytes[40], disk_size);
    bytes[44] = empty_format;
    bytes[45] = static_cast<uint8_t>(compression);
    put_little16(&bytes[46], 0xFFFF);  // the compression's own default
    if (overlay) std::fill(bytes.begin() + kHeaderSize, bytes.end(), 0xFF);
    file.write(kHeaderAt, bytes);
    file.write(0, device_header);
    return file;
}

CompressedStore::~CompressedStore() {
    try {
        close();
    } catch (const ImageError&) {
        // Nothing is lost: what close writes can be found from the tables again.
    }
}

uint64_t CompressedStore::primary_end() const { return kPrimaryAt + 4 * uint64_t{tables_.size()}; }

void CompressedStore::read_tables() {
    const auto primary = file_.read(kPrimaryAt, 4 * tables_.size(), "a primary lookup table");
    for (size_t i = 0; i < tables_.size(); ++i) {
        Table& table = tables_[i];
        table.position = little32(&primary[4 * i]);
        if (table.position == 0 || (table.position == kInBase && layout_.overlay)) continue;
        if (table.position < primary_end() || table.position > file_.size() ||
            file_.size() - table.position < kTableSize)
            file_.fail(kPrimaryAt + 4 * i, fmt::format("a secondary lookup table at {}: expected it between "
                                                       "{} and {}",
                                                       table.position, primary_end(), file_.size()));
        const auto bytes = file_.read(table.position, kTableSize, "a secondary lookup table");
        table.entries.resize(kUnitsOfTable);
        for (uint32_t k = 0; k < kUnitsOfTable; ++k) {
            const uint8_t* p = &bytes[size_t{k} * kEntrySize];
            const Entry entry{little32(p), little16(p + 4), little16(p + 6)};
            table.entries[k] = entry;
            if (i * kUnitsOfTable + k >= layout_.units || entry.position == 0) continue;
            if (entry.position == kInBase && layout_.overlay) continue;
            if (entry.position < primary_end() || entry.length < kUnitHeader || entry.size < entry.length ||
                entry.position > file_.size() || entry.size > file_.size() - entry.position)
                file_.fail(table.position + uint64_t{k} * kEntrySize,
                           fmt::format("{} {} lies at {}, {} bytes in {}: expected it between {} and {}",
                                       layout_.name, i * kUnitsOfTable + k, entry.position, entry.length,
                                       entry.size, primary_end(), file_.size()));
        }
    }
}

void CompressedStore::find_free_room() {
    std::vector<Extent> used{{0, static_cast<uint32_t>(primary_end())}};
    for (size_t i = 0; i < tables_.size(); ++i) {
        if (tables_[i].entries.empty()) continue;
        used.push_back({tables_[i].position, kTableSize});
        for (uint32_t k = 0; k < kUnitsOfTable && i * kUnitsOfTable + k < layout_.units; ++k) {
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

uint32_t CompressedStore::allocate(uint32_t length) {
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

void CompressedStore::release(Extent extent) {
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

CompressedStore::Unit CompressedStore::read(uint32_t unit) const {
    using Where = Unit::Where;
    const auto found = [](Where where, unsigned empty_format) {
        Unit result;
        result.where = where;
        result.empty_format = empty_format;
        return result;
    };
    const Table& table = tables_[unit / kUnitsOfTable];
    if (table.entries.empty())
        return found(table.position == kInBase ? Where::base : Where::empty, header_[44]);
    const Entry entry = table.entries[unit % kUnitsOfTable];
    if (entry.position == kInBase) return found(Where::base, 0);
    if (entry.position == 0) return found(Where::empty, entry.length);
    std::vector<uint8_t> bytes = file_.read(entry.position, entry.length, "a compressed unit");
    const std::span stored(bytes);
    const uint8_t compression = bytes[0];
    const size_t most = layout_.unit_size - kUnitHeader;
    std::optional<std::vector<uint8_t>> expanded;
    switch (static_cast<Compression>(compression)) {
        case Compression::none: break;
        case Compression::zlib: expanded = zlib_expanded(stored.subspan(kUnitHeader), most); break;
        case Compression::bzip2: expanded = bzip2_expanded(stored.subspan(kUnitHeader), most); break;
        default:
            file_.fail(entry.position,
                       fmt::format("{} {} is compressed in an unknown way ({}): expected 0 to 2",
                                   layout_.name, unit, compression));
    }
    if (compression != 0) {
        if (!expanded)
            file_.fail(entry.position + kUnitHeader,
                       fmt::format("{} {} cannot be expanded: expected a {} stream of at most {} bytes",
                                   layout_.name, unit, compression == 1 ? "zlib" : "bzip2", most));
        bytes.resize(kUnitHeader);
        bytes.insert(bytes.end(), expanded->begin(), expanded->end());
    }
    bytes[0] = 0;
    if (entry.size >= entry.length + kFlagsSize) {
        const auto flags = file_.read(uint64_t{entry.position} + entry.length, kFlagsSize, "flags");
        if (flags[0] == kFlagsMark[0] && flags[1] == kFlagsMark[1] && (flags[2] ^ flags[3]) == 0xFF)
            bytes[0] = flags[2];
    }
    Unit result = found(Where::stored, 0);
    result.position = entry.position;
    result.bytes = std::move(bytes);
    return result;
}

/// Makes the table that has the unit's entry, if there is none.
void CompressedStore::make_table(uint32_t unit) {
    mark_open();
    Table& table = tables_[unit / kUnitsOfTable];
    if (!table.entries.empty()) return;
    const bool in_base = table.position == kInBase;
    const Entry unwritten = in_base ? Entry{kInBase, 0xFFFF, 0xFFFF} : Entry{0, header_[44], header_[44]};
    std::vector<uint8_t> bytes(kTableSize);
    for (uint32_t k = 0; k < kUnitsOfTable; ++k) {
        put_little32(&bytes[size_t{k} * kEntrySize], unwritten.position);
        put_little16(&bytes[size_t{k} * kEntrySize + 4], unwritten.length);
        put_little16(&bytes[size_t{k} * kEntrySize + 6], unwritten.size);
    }
    const uint32_t position = allocate(kTableSize);
    file_.write(position, bytes);
    uint8_t word[4];
    put_little32(word, position);
    file_.commit(kPrimaryAt + 4 * uint64_t{unit / kUnitsOfTable}, word);
    table.position = position;
    table.entries.assign(kUnitsOfTable, unwritten);
}

/// Changes a unit's entry in one commit; the room of the old one is free from then on.
void CompressedStore::replace(uint32_t unit, Entry entry) {
    Table& table = tables_[unit / kUnitsOfTable];
    uint8_t bytes[kEntrySize];
    put_little32(bytes, entry.position);
    put_little16(bytes + 4, entry.length);
    put_little16(bytes + 6, entry.size);
    file_.commit(table.position + uint64_t{unit % kUnitsOfTable} * kEntrySize, bytes);
    const Entry old = std::exchange(table.entries[unit % kUnitsOfTable], entry);
    if (old.position != 0 && old.position != kInBase) release({old.position, old.size});
}

void CompressedStore::write_empty(uint32_t unit, unsigned format) {
    make_table(unit);
    replace(unit, {0, static_cast<uint16_t>(format), static_cast<uint16_t>(format)});
}

void CompressedStore::write(uint32_t unit, std::span<const uint8_t> content) {
    make_table(unit);
    const auto rest = content.subspan(kUnitHeader);
    auto compression = static_cast<Compression>(header_[45]);
    std::optional<std::vector<uint8_t>> small;
    if (compression == Compression::zlib) small = zlib_compressed(rest);
    if (compression == Compression::bzip2) small = bzip2_compressed(rest);
    if (!small) {
        compression = Compression::none;
        small.emplace(rest.begin(), rest.end());
    }
    std::vector<uint8_t> bytes(content.begin(), content.begin() + kUnitHeader);
    bytes[0] = static_cast<uint8_t>(compression);
    bytes.insert(bytes.end(), small->begin(), small->end());
    const auto length = static_cast<uint16_t>(bytes.size());
    if (const uint8_t flags = content[0]; flags != 0)
        bytes.insert(bytes.end(), {kFlagsMark[0], kFlagsMark[1], flags, static_cast<uint8_t>(~flags)});
    const auto size = static_cast<uint16_t>(bytes.size());
    const uint32_t position = allocate(size);
    file_.write(position, bytes);
    replace(unit, {position, length, size});
}

/// Tells other programs that the free space in the file is not to be believed.
void CompressedStore::mark_open() {
    if (changed_) return;
    changed_ = true;
    header_[3] |= kOptionOpen;
    file_.commit(kHeaderAt, header_);
}

void CompressedStore::close() {
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
