// A compressed image of a count-key-data disk, and an overlay, which has the same format.
//
// Behind the device header lie the compressed device header (what is where in the file) and the primary
// lookup table, with a word for every 256 tracks: where their secondary lookup table is. That one has for
// every track where its bytes are, how long, and how much room they have. No position (0) means a track
// that was never written; position X'FFFFFFFF' one to look for in the base. A track is stored as a byte that
// names the compression, its cylinder and head, and the compressed records.
//
// Nothing is written over what a table points to. A track goes to free room, its table entry is then changed
// in one commit, and only then the room of the old one is free. What is free is not believed from the file
// but found from the tables when the image is opened; closing writes it back for other programs.
#pragma once

#include <memory>
#include <vector>

#include "simulation/images/ckd_header.hpp"
#include "simulation/images/ckd_image.hpp"

namespace simulation::images {

class CompressedCkd final : public CkdImage {
  public:
    /// `base`: of an overlay; else null.
    CompressedCkd(ImageFile file, const CkdHeader& header, std::unique_ptr<CkdImage> base);
    static std::unique_ptr<CompressedCkd> create(const std::string& path, const DiskGeometry& geometry,
                                                 unsigned cylinders, Compression compression,
                                                 std::unique_ptr<CkdImage> base);
    ~CompressedCkd() override;

    const std::string& path() const override { return file_.path(); }
    std::string format() const override { return base_ ? "CKD_S370" : "CKD_C370"; }
    bool writable() const override { return file_.writable(); }
    Track read(uint32_t track) override;
    void write(uint32_t track, const Track& content) override;
    void check() override;

  private:
    struct Entry {
        uint32_t position = 0;
        uint16_t length = 0;  // where there is no position: how the empty track is formatted
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
    void mark_open();
    void close();
    Track empty_track(uint32_t track, unsigned format) const;
    uint64_t primary_end() const;

    ImageFile file_;
    std::unique_ptr<CkdImage> base_;
    uint32_t track_size_;
    std::vector<uint8_t> header_;  // the compressed device header
    std::vector<Table> tables_;
    std::vector<Extent> free_;  // ascending; none touches the next one
    uint32_t end_ = 0;          // of what is in use, where the file may end
    bool changed_ = false;
};

}  // namespace simulation::images
