// The folder of the host in which spool files are kept: one file each, "0001.spool", and "spool.json" with
// what they have in common. docs/spooling.md describes both.
//
// A file is written beside its place and takes it when it is whole, so that whatever ends the program leaves
// each file as it was or as it became.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "vmcp/spool/spool_file.hpp"

namespace vmcp {

/// A folder that cannot be used; one line, with its name.
struct SpoolError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class SpoolFolder {
  public:
    enum class Use : uint8_t {
        look,   // whoever uses it: what is there is whole
        change  // alone; the folder is made if it is not there
    };
    struct Contents {
        std::vector<SpoolFile> files;         // in the order of the queues
        unsigned next = 1;                    // the number of the next file
        std::vector<unsigned> barred;         // numbers of files that cannot be used: not to be given again
        std::vector<std::string> complaints;  // what is not used, and why: one line each
    };

    /// Throws SpoolError.
    SpoolFolder(std::string path, Use use);
    ~SpoolFolder();
    SpoolFolder(const SpoolFolder&) = delete;
    SpoolFolder& operator=(const SpoolFolder&) = delete;

    const std::string& path() const { return path_; }
    /// Throws SpoolError where the folder cannot be read; a file that cannot is a complaint.
    Contents read() const;

    /// These throw SpoolError.
    void put(const SpoolFile& file);
    void remove(unsigned number);
    /// `order`: the numbers in the order of the queues; empty: in that of the numbers.
    void put_index(unsigned next, const std::vector<unsigned>& order);

  private:
    void lock();
    void write(const std::string& name, std::string_view bytes) const;
    [[noreturn]] void fail(std::string_view what, int reason) const;

    std::string path_;
    int lock_ = -1;
};

}  // namespace vmcp
