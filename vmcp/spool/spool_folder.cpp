#include "vmcp/spool/spool_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "vmcp/spool/spool_file_format.hpp"

namespace vmcp {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLock = "spool.lock";
constexpr const char* kIndex = "spool.json";
constexpr const char* kIndexMark = "vmcp_spool";
constexpr int kIndexFormat = 1;
constexpr std::string_view kDraft = ".draft";
constexpr uint64_t kMostBytes = uint64_t{1} << 30;  // of one file: as much as the largest spool holds

std::string name_of_file(unsigned number) { return fmt::format("{:04}.spool", number); }

/// 0 for other names.
unsigned number_of(const std::string& name) {
    constexpr size_t kDigits = 4;
    if (name.size() != name_of_file(1).size() ||
        !std::all_of(name.begin(), name.begin() + kDigits,
                     [](unsigned char c) { return c >= '0' && c <= '9'; }))
        return 0;
    const auto number = static_cast<unsigned>(std::stoul(name.substr(0, kDigits)));
    return number <= kMostSpoolNumber && name == name_of_file(number) ? number : 0;
}

std::optional<std::string> contents_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return std::nullopt;
    std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (in.bad()) return std::nullopt;
    return bytes;
}

/// What the index says, if it is one; else `complaint`.
struct Index {
    unsigned next = 0;  // 0: nobody knows
    std::vector<unsigned> order;
    std::string complaint;
};

bool is_spool_number(const nlohmann::json& value) {
    return value.is_number_unsigned() && value.get<uint64_t>() >= 1 &&
           value.get<uint64_t>() <= kMostSpoolNumber;
}

Index read_index(const fs::path& file) {
    Index index;
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return index;
    const auto bytes = contents_of(file);
    const auto json = bytes ? nlohmann::json::parse(*bytes, nullptr, false) : nlohmann::json();
    const bool known = json.is_object() && json.value(kIndexMark, nlohmann::json()) == kIndexFormat &&
                       json.contains("next") && is_spool_number(json["next"]);
    if (!known) {
        index.complaint =
            fmt::format("{}: is no index of a spool: files have the order of their numbers", file.string());
        return index;
    }
    index.next = json["next"].get<unsigned>();
    if (json.contains("order") && json["order"].is_array())
        for (const auto& number : json["order"])
            if (is_spool_number(number)) index.order.push_back(number.get<unsigned>());
    return index;
}

/// Files that the index does not name come behind those that it does.
void put_in_order(std::vector<SpoolFile>& files, const std::vector<unsigned>& order) {
    std::sort(files.begin(), files.end(),
              [](const SpoolFile& a, const SpoolFile& b) { return a.number < b.number; });
    if (order.empty()) return;
    const auto place = [&](const SpoolFile& file) {
        return std::find(order.begin(), order.end(), file.number) - order.begin();
    };
    std::stable_sort(files.begin(), files.end(),
                     [&](const SpoolFile& a, const SpoolFile& b) { return place(a) < place(b); });
}

}  // namespace

SpoolFolder::SpoolFolder(std::string path, Use use) : path_(std::move(path)) {
    std::error_code error;
    if (use == Use::change && !fs::exists(path_, error) && !fs::create_directory(path_, error))
        fail("the folder cannot be made", error.value());
    if (!fs::is_directory(path_, error)) fail("cannot be used", error ? error.value() : ENOTDIR);
    if (use == Use::change) lock();
}

SpoolFolder::~SpoolFolder() {
    if (lock_ >= 0) ::close(lock_);
}

void SpoolFolder::fail(std::string_view what, int reason) const {
    throw SpoolError(fmt::format("spool {}: {}: {}", path_, what, std::strerror(reason)));
}

void SpoolFolder::lock() {
    lock_ = ::open((fs::path(path_) / kLock).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock_ < 0) fail("cannot be written", errno);
    if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
    const int reason = errno;
    ::close(std::exchange(lock_, -1));
    if (reason != EWOULDBLOCK) fail("cannot be locked", reason);
    throw SpoolError(fmt::format(
        "spool {}: is in use by another run: expected that one to end, or another folder", path_));
}

SpoolFolder::Contents SpoolFolder::read() const {
    Contents contents;
    std::error_code error;
    std::vector<std::string> foreign;
    std::vector<std::string> names;
    for (auto entry = fs::directory_iterator(path_, error); !error && entry != fs::directory_iterator();
         entry.increment(error))
        names.push_back(entry->path().filename().string());
    if (error) fail("cannot be read", error.value());
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
        const fs::path file = fs::path(path_) / name;
        if (name == kLock || name == kIndex) continue;
        if (name.ends_with(kDraft)) {  // a run was ended while it wrote
            if (lock_ >= 0) fs::remove(file, error);
            continue;
        }
        const unsigned number = number_of(name);
        if (number == 0) {
            foreign.push_back(name);
            continue;
        }
        const auto complain = [&](std::string_view why) {
            contents.complaints.push_back(fmt::format("{}: {}; it is left alone", file.string(), why));
            contents.barred.push_back(number);
        };
        if (!fs::is_regular_file(file, error)) {
            complain("is no regular file");
            continue;
        }
        if (fs::file_size(file, error) > kMostBytes) {
            complain(fmt::format("is longer than {} bytes", kMostBytes));
            continue;
        }
        const auto bytes = contents_of(file);
        if (!bytes) {
            complain("cannot be read");
            continue;
        }
        try {
            SpoolFile one = decode_spool_file(*bytes);
            if (one.number == number)
                contents.files.push_back(std::move(one));
            else
                complain(fmt::format("says that its number is {:04}", one.number));
        } catch (const SpoolFormatError& why) {
            complain(why.what());
        }
    }
    if (!foreign.empty()) {
        constexpr size_t kNamed = 3;
        const size_t named = std::min(foreign.size(), kNamed);
        contents.complaints.push_back(fmt::format(
            "{}: {} no spool file, left alone: {}{}", path_,
            foreign.size() == 1 ? "1 file that is" : fmt::format("{} files that are", foreign.size()),
            fmt::join(foreign.begin(), foreign.begin() + static_cast<std::ptrdiff_t>(named), ", "),
            named < foreign.size() ? ", ..." : ""));
    }
    const Index index = read_index(fs::path(path_) / kIndex);
    if (!index.complaint.empty()) contents.complaints.push_back(index.complaint);
    put_in_order(contents.files, index.order);
    contents.next = index.next;
    if (index.next == 0) {
        contents.next = 1;
        for (const std::string& name : names) contents.next = std::max(contents.next, number_of(name) + 1);
        if (contents.next > kMostSpoolNumber) contents.next = 1;
    }
    return contents;
}

void SpoolFolder::write(const std::string& name, std::string_view bytes) const {
    const std::string place = (fs::path(path_) / name).string();
    const std::string draft = place + std::string(kDraft);
    const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) fail(fmt::format("{} cannot be written", name), errno);
    int reason = 0;
    while (!bytes.empty() && reason == 0) {
        const ssize_t n = ::write(file, bytes.data(), bytes.size());
        if (n >= 0)
            bytes.remove_prefix(static_cast<size_t>(n));
        else if (errno != EINTR)
            reason = errno;
    }
    if (::close(file) != 0 && reason == 0) reason = errno;
    if (reason == 0 && ::rename(draft.c_str(), place.c_str()) != 0) reason = errno;
    if (reason == 0) return;
    ::unlink(draft.c_str());
    fail(fmt::format("{} cannot be written", name), reason);
}

void SpoolFolder::put(const SpoolFile& file) { write(name_of_file(file.number), encode(file)); }

void SpoolFolder::remove(unsigned number) {
    const std::string name = name_of_file(number);
    if (::unlink((fs::path(path_) / name).c_str()) != 0 && errno != ENOENT)
        fail(fmt::format("{} cannot be removed", name), errno);
}

void SpoolFolder::put_index(unsigned next, const std::vector<unsigned>& order) {
    nlohmann::ordered_json index;
    index[kIndexMark] = kIndexFormat;
    index["next"] = next;
    if (!order.empty()) index["order"] = order;
    write(kIndex, index.dump() + '\n');
}

}  // namespace vmcp
