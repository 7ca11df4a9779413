// A host file that holds an image: locked while it is open, with reads that are checked, and with commits
// that are all or nothing even if the program is killed in the middle, or the disk is full.
//
// How a commit keeps that promise: the bytes go to a journal beside the image (FILE.journal) with those that
// they replace and a checksum, then to their place, then the journal is marked done. Clean closing removes
// it. Whoever opens the image next finds one of these:
//
//   a journal that is done or not complete           the image was not touched, or is finished: removed
//   the image has the bytes before or those after    the same
//   it has the beginning of the ones, then the others  the commit was cut short there: it is finished
//   it has neither (FILE is another image, or was changed by something that does not know of the journal)
//                                                    refused, and the user decides
//
// So a journal is never laid over an image that it is not of: over a restored copy, a new image of that name.
// Where the bytes cannot be written, those before are put back in the same way.
//
// An image has one journal whatever symbolic links lead to it. Hard links are different: none of the names
// is the one, and so a file that has several is not written.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "simulation/images/image_error.hpp"

namespace simulation::images {

enum class Access : uint8_t { read, write };

class ImageFile {
  public:
    /// Opens an existing file. For writing, or for reading together with other readers: a file that another
    /// program (or another device) writes is an error. Throws ImageError.
    ImageFile(std::string path, Access access);
    /// Makes a new file, for writing. Throws ImageError, also where the file exists.
    static ImageFile create(std::string path);
    ImageFile(ImageFile&& other) noexcept;
    ImageFile& operator=(ImageFile&&) = delete;
    ~ImageFile();

    const std::string& path() const { return path_; }
    bool writable() const { return access_ == Access::write; }
    uint64_t size() const { return size_; }

    /// Reads exactly so many bytes; throws ImageError with the offset where the file ends before. `what`
    /// names in the message what should have been there.
    void read(uint64_t offset, std::span<uint8_t> out, const char* what) const;
    std::vector<uint8_t> read(uint64_t offset, uint64_t length, const char* what) const;

    /// Writes where nothing that anybody relies on is: may be torn by a kill.
    void write(uint64_t offset, std::span<const uint8_t> bytes);
    /// Writes all or nothing, also where it throws. `ends_file`: the file ends behind the bytes.
    void commit(uint64_t offset, std::span<const uint8_t> bytes, bool ends_file = false);
    void truncate(uint64_t size);

    [[noreturn]] void fail(const std::string& what) const;
    [[noreturn]] void fail(uint64_t offset, const std::string& what) const;

  private:
    /// What a journal holds.
    struct Change {
        uint64_t offset = 0;
        uint64_t size_before = 0, size_after = 0;  // of the file
        bool back = false;                         // puts back what could not be finished
        std::vector<uint8_t> before, after;        // what is there from `offset` on; before: if anything
    };
    enum class State : uint8_t { untouched, cut_short, done, another };

    ImageFile(std::string path, int descriptor, Access access);
    void check_name() const;
    void recover();
    std::optional<Change> read_journal(int journal) const;
    State state_of(const Change& change) const;
    void write_journal(const Change& change);
    void mark_done();
    bool apply(const Change& change, size_t& written);
    void undo(const Change& change, size_t written);
    void close() noexcept;

    std::string path_;
    std::string journal_path_;
    int descriptor_ = -1;
    int journal_ = -1;
    uint64_t size_ = 0;
    Access access_;
    bool torn_ = false;  // could be put back no more: the journal is needed
    // A commit that was cut short, seen by a reader: its bytes lie over those of the file.
    uint64_t patch_offset_ = 0;
    std::vector<uint8_t> patch_;
};

/// Whether the file is a journal, of whatever image. Throws ImageError where there is such a name for
/// something else; false: there is none.
bool is_journal(const std::string& path);

}  // namespace simulation::images
