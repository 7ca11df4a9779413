// A result on its way into a file. The bytes are written beside the place and take it when all of them are
// there: until then, and after a failure, the file is what it was before. Symbolic links are followed;
// devices and pipes are written as they are, and "-" is standard output.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace vmcp::experiment {

/// "FILE: cannot be written: REASON"
struct OutputError : std::runtime_error {
    OutputError(const std::string& path, int reason);
};

class OutputFile {
  public:
    /// Throws OutputError.
    explicit OutputFile(std::string path);
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    /// What cannot be written is told by finish(): who writes may be in the middle of a simulation.
    void write(std::string_view bytes);
    bool failed() const { return reason_ != 0; }
    /// Bytes up to now.
    uint64_t size() const { return size_; }
    /// The file is whole. Throws OutputError if something of it could not be written.
    void finish();

    /// Takes away what has not been finished. May be called by a signal handler that ends the program.
    static void discard_all() noexcept;

  private:
    void open_draft();
    void flush();
    void close_descriptor();

    std::string path_;
    std::filesystem::path target_, draft_;  // the draft: empty where the file itself is written
    int descriptor_ = -1;
    int slot_ = -1;
    int reason_ = 0;  // errno of the first failure
    uint64_t size_ = 0;
    std::string buffer_;
};

/// Whether two names are those of one file, which may not exist yet; other spellings, symbolic and hard links
/// count. Devices and pipes can be shared.
bool same_file(const std::string& a, const std::string& b);

/// Fails early where the file could not be written at the end of a long run. Throws OutputError.
void check_writable(const std::string& path);

}  // namespace vmcp::experiment
