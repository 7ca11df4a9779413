// Image files of tapes: AWS, and HET, which is the same with compressed blocks.
//
// A block is one or several chunks, each with a header of 6 bytes: its length, the length of the chunk
// before it (both little-endian), and two bytes of flags: X'80' the block begins here, X'20' it ends here,
// X'40' a tape mark (of length 0), X'03' how the bytes of the block are compressed (zlib 1, bzip2 2). The
// image ends with the file.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "simulation/images/ckd_image.hpp"
#include "simulation/images/image_file.hpp"

namespace simulation::images {

class TapeImage {
  public:
    enum class Found : uint8_t {
        block,
        mark,
        nothing,  // the end of what is recorded; backward, the load point
    };

    /// Throws ImageError.
    TapeImage(const std::string& path, Access access);
    /// Makes an empty tape. Throws ImageError, also where the file exists.
    static std::unique_ptr<TapeImage> create(const std::string& path, Compression compression);

    const std::string& path() const { return file_.path(); }
    bool writable() const { return file_.writable(); }
    /// How blocks that are written will be compressed. An AWS image has none.
    Compression compression() const { return compression_; }
    void set_compression(Compression compression) { compression_ = compression; }

    /// Moves over the next block and gives its bytes. Throws ImageError where the file is damaged.
    Found read(std::vector<uint8_t>& block);
    /// Moves back over the block before, and gives its bytes in the order in which they were written.
    Found read_backward(std::vector<uint8_t>& block);
    /// The same without the bytes.
    Found space();
    Found space_backward();

    /// Writes a block, or a tape mark, here: what lay behind is gone. Throws ImageError.
    void write(std::span<const uint8_t> block);
    void write_mark();
    /// Erases everything behind this place.
    void erase();

    void rewind() {
        position_ = 0;
        last_length_ = 0;
    }
    bool at_load_point() const { return position_ == 0; }
    /// Offset in the file, and the size of what is recorded.
    uint64_t position() const { return position_; }
    uint64_t size() const { return file_.size(); }

    /// Longer blocks than any tape unit of the time took count as damage.
    static constexpr size_t kLongestBlock = 1 << 20;

  private:
    explicit TapeImage(ImageFile file);
    struct Chunk {
        uint16_t length, before;
        uint8_t flags;
    };
    Chunk chunk(uint64_t at) const;
    Found forward(std::vector<uint8_t>* block);
    Found backward(std::vector<uint8_t>* block);
    std::vector<uint8_t> expanded(uint64_t at, std::vector<uint8_t> bytes, unsigned compression) const;

    ImageFile file_;
    uint64_t position_ = 0;     // of the next chunk's header
    uint16_t last_length_ = 0;  // of the chunk before
    Compression compression_ = Compression::none;
};

}  // namespace simulation::images
