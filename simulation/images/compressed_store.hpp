// What compressed images of disks and overlays have in common: a file that holds units - the tracks of a
// count-key-data disk, or groups of blocks of a fixed-block disk - each compressed by itself.
//
// Behind the device header lie the compressed device header (what is where in the file) and the primary
// lookup table, with a word for every 256 units: where their secondary lookup table is. That one has for
// every unit where its bytes are, how long, and how much room they have. No position (0) means a unit
// that was never written; position X'FFFFFFFF' one to look for in the base of an overlay. A unit is stored as
// a header of five bytes, the first of which names the compression, and the compressed rest.
//
// The first byte of a unit belongs to the compression, so that flags that it had before (those of a home
// address) have no place of their own. They are kept behind the bytes of the unit, in the room that it has
// more than it needs; who does not know of them reads the unit all the same.
//
// Nothing is written over what a table points to. A unit goes to free room, its table entry is then changed
// in one commit, and only then the room of the old one is free. What is free is not believed from the file
// but found from the tables when the image is opened; closing writes it back for other programs.
#pragma once

#include <vector>

#include "simulation/images/ckd_image.hpp"

namespace simulation::images {

class CompressedStore {
  public:
    static constexpr uint32_t kUnitHeader = 5;

    struct Layout {
        uint32_t units = 0;
        uint32_t unit_size = 0;  // bytes of the longest one, with its header
        bool overlay = false;
        const char* name = "";  // of a unit in messages: "track"
    };

    /// The size of the disk as the header has it: cylinders, or blocks. Throws ImageError.
    static uint32_t disk_size(const ImageFile& file);
    /// Throws ImageError.
    CompressedStore(ImageFile file, Layout layout);
    /// Makes a file without units, behind a device header. Throws ImageError.
    static ImageFile create(const std::string& path, std::span<const uint8_t> device_header,
                            uint32_t disk_size, uint32_t units, Compression compression, uint8_t empty_format,
                            bool overlay);
    ~CompressedStore();
    CompressedStore(const CompressedStore&) = delete;
    CompressedStore& operator=(const CompressedStore&) = delete;

    const ImageFile& file() const { return file_; }

    struct Unit {
        enum class Where : uint8_t { empty, base, stored };
        Where where = Where::empty;
        unsigned empty_format = 0;
        uint64_t position = 0;       // in the file
        std::vector<uint8_t> bytes;  // stored: expanded, with the header, whose first byte has the flags
    };
    /// Throws ImageError.
    Unit read(uint32_t unit) const;
    /// `bytes` as in Unit. Throws ImageError.
    void write(uint32_t unit, std::span<const uint8_t> bytes);
    /// Lets a unit be as if never written, in this format.
    void write_empty(uint32_t unit, unsigned format);
    /// Whether no two things lie in one place; throws ImageError.
    void check() { find_free_room(); }

  private:
    struct Entry {
        uint32_t position = 0;
        uint16_t length = 0;  // where there is no position: how the empty unit is formatted
        uint16_t size = 0;
    };
    struct Table {
        uint32_t position = 0;
        std::vector<Entry> entries;  // empty: there is no such table
    };
    struct Extent {
        uint32_t position, length;
    };

    void read_tables();
    void find_free_room();
    uint32_t allocate(uint32_t length);
    void release(Extent extent);
    void make_table(uint32_t unit);
    void replace(uint32_t unit, Entry entry);
    void mark_open();
    void close();
    uint64_t primary_end() const;

    ImageFile file_;
    Layout layout_;
    std::vector<uint8_t> header_;  // the compressed device header
    std::vector<Table> tables_;
    std::vector<Extent> free_;  // ascending; none touches the next one
    uint32_t end_ = 0;          // of what is in use, where the file may end
    bool changed_ = false;
};

}  // namespace simulation::images
