// A host file that holds an image: locked while it is open, with reads that are checked, and with commits
// that are all or nothing even if the program is killed in the middle.
//
// How a commit keeps that promise: the bytes go to a journal beside the image (FILE.journal) with a checksum,
// then to their place, then the journal is marked done. Whoever opens the image next finds either a journal
// that is complete, and does the work again, or one that is not, and then the image was not touched yet.
// Clean closing removes the journal.
#pragma once

#include <cstdint>
#include <map>
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
    /// Writes all or nothing. `ends_file`: the file ends behind the bytes.
    void commit(uint64_t offset, std::span<const uint8_t> bytes, bool ends_file = false);
    void truncate(uint64_t size);

    [[noreturn]] void fail(const std::string& what) const;
    [[noreturn]] void fail(uint64_t offset, const std::string& what) const;

  private:
    ImageFile(std::string path, int descriptor, Access access);
    std::string journal_path() const { return path_ + ".journal"; }
    void recover();
    void put(int descriptor, uint64_t offset, std::span<const uint8_t> bytes, const std::string& file) const;
    void close() noexcept;

    std::string path_;
    int descriptor_ = -1;
    int journal_ = -1;
    uint64_t size_ = 0;
    Access access_;
    // A commit that was cut short, seen by a reader: its bytes lie over those of the file.
    uint64_t patch_offset_ = 0;
    std::vector<uint8_t> patch_;
};

}  // namespace simulation::images
