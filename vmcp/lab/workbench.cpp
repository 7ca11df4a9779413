#include "vmcp/lab/workbench.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

#include "vmcp/lab/catalogue.hpp"

namespace vmcp::lab {
namespace {

namespace fs = std::filesystem;

/// Closes what it has opened.
class OpenFile {
  public:
    /// Not through a symbolic link, and not waiting for whoever writes into a pipe.
    explicit OpenFile(const fs::path& path)
        : descriptor_(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)) {}
    ~OpenFile() {
        if (descriptor_ >= 0) close(descriptor_);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    bool is_file() const {
        struct stat status {};
        return descriptor_ >= 0 && fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode);
    }
    /// At most one byte more than a file may have.
    std::string read_all() const {
        std::string bytes(kLongestHandedIn + 1, '\0');
        size_t have = 0;
        for (ssize_t n = 1; n > 0 && have<bytes.size(); have += n> 0 ? static_cast<size_t>(n) : 0)
            n = read(descriptor_, bytes.data() + have, bytes.size() - have);
        bytes.resize(have);
        return bytes;
    }

  private:
    int descriptor_;
};

}  // namespace

std::string read_handed_in(const fs::path& path) {
    const std::string name = path.filename().string();
    std::error_code error;
    if (!fs::exists(fs::symlink_status(path, error)))
        throw HandedInError{{fmt::format("{} is missing: this lab wants it", name),
                             fmt::format("{} がありません。この課題ではこのファイルを提出します", name)}};
    const OpenFile file(path);
    if (!file.is_file())
        throw HandedInError{
            {fmt::format("{} is no plain file that can be read (a link? a folder?)", name),
             fmt::format("{} は通常のファイルとして読めません(リンクやディレクトリは不可)", name)}};
    std::string bytes = file.read_all();
    if (bytes.size() > kLongestHandedIn)
        throw HandedInError{{fmt::format("{} is longer than {} KiB", name, kLongestHandedIn >> 10),
                             fmt::format("{} が大きすぎます(上限 {} KiB)", name, kLongestHandedIn >> 10)}};
    if (bytes.find('\0') != std::string::npos)
        throw HandedInError{{fmt::format("{} is no text: it has bytes of zeros", name),
                             fmt::format("{} はテキストではありません(値 0 のバイトがあります)", name)}};
    return bytes;
}

void write_lab_file(const fs::path& path, std::string_view text) {
    fs::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary);
    out << text;
    out.close();
    if (!out) throw std::runtime_error(path.string() + ": cannot be written");
}

Workbench::Workbench(const Lab& lab) : lab_(lab) {
    for (const auto& [place, text] : lab.files) {
        if (place.starts_with("starter/")) write_lab_file(path() / place.substr(8), text);
        if (place.starts_with("checks/")) write_lab_file(path() / place, text);
    }
    for (const std::string& tool : lab.tools)
        for (const auto& [place, text] : tool_files(tool))
            write_lab_file(path() / "tools" / tool / place, text);
}

Workbench::Workbench(const Lab& lab, const fs::path& submission) : Workbench(lab) {
    for (const std::string& file : lab.hand_in)
        write_lab_file(path() / file, read_handed_in(submission / file));
}

std::string Workbench::without_folder(std::string message) const {
    for (const std::string& part : {path().string() + "/checks/../", path().string() + "/"})
        for (size_t at = message.find(part); at != std::string::npos; at = message.find(part, at))
            message.erase(at, part.size());
    return message;
}

}  // namespace vmcp::lab
