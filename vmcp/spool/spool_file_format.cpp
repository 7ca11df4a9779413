#include "vmcp/spool/spool_file_format.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <nlohmann/json.hpp>

namespace vmcp {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kMark = "vmcp_spool_file";
constexpr int kFormat = 1;
constexpr size_t kLongestName = 16;
constexpr size_t kLongestDevice = 8;

uint32_t check_of(std::string_view records) {
    return static_cast<uint32_t>(
        crc32_z(0, reinterpret_cast<const unsigned char*>(records.data()), records.size()));
}

/// The members of the header, each checked as it is taken.
class Header {
  public:
    explicit Header(const Json& json) : json_(json) {}

    template <class Good>
    std::string text(const char* key, size_t least, size_t most, Good good) const {
        const Json& value = member(key);
        if (!value.is_string()) fail(key, "expected a text");
        auto text = value.get<std::string>();
        if (text.size() < least || text.size() > most ||
            !std::all_of(text.begin(), text.end(), [&](unsigned char c) { return good(c); }))
            fail(key, fmt::format("expected {} to {} good characters", least, most));
        return text;
    }
    int64_t number(const char* key, int64_t least, int64_t most) const {
        const Json& value = member(key);
        const bool good = value.is_number_integer() &&
                          (!value.is_number_unsigned() ||
                           value.get<uint64_t>() <= uint64_t{std::numeric_limits<int64_t>::max()}) &&
                          value.get<int64_t>() >= least && value.get<int64_t>() <= most;
        if (!good) fail(key, fmt::format("expected a whole number from {} to {}", least, most));
        return value.get<int64_t>();
    }
    bool flag(const char* key) const {
        const Json& value = member(key);
        if (!value.is_boolean()) fail(key, "expected true or false");
        return value.get<bool>();
    }
    template <class E>
    E choice(const char* key, std::optional<E> (*of)(std::string_view)) const {
        const auto found = of(text(key, 3, 3, [](unsigned char) { return true; }));
        if (!found) fail(key, "unknown");
        return *found;
    }

  private:
    [[noreturn]] static void fail(const char* key, std::string_view why) {
        throw SpoolFormatError(fmt::format("its header has a bad \"{}\": {}", key, why));
    }
    const Json& member(const char* key) const {
        const auto found = json_.find(key);
        if (found == json_.end()) throw SpoolFormatError(fmt::format("its header has no \"{}\"", key));
        return *found;
    }
    const Json& json_;
};

bool is_name(unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; }
bool is_graphic(unsigned char c) { return c > ' ' && c < 0x7F; }

}  // namespace

std::string encode(const SpoolFile& file) {
    const auto& bytes = file.records.bytes();
    const std::string_view records(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    Json header;
    header[kMark] = kFormat;
    header["number"] = file.number;
    header["origin"] = name_of(file.origin);
    header["device"] = file.device;
    header["address"] = fmt::format("{:03X}", file.address);
    header["from"] = file.from;
    header["owner"] = file.owner;
    header["queue"] = name_of(file.queue);
    header["class"] = std::string(1, file.spool_class);
    header["form"] = file.form;
    header["copies"] = file.copies;
    header["hold"] = file.hold;
    header["name"] = file.name;
    header["type"] = file.type;
    header["created_ns"] = file.created;
    header["records"] = file.records.count();
    header["bytes"] = bytes.size();
    header["crc32"] = fmt::format("{:08x}", check_of(records));
    std::string out = header.dump();
    out += '\n';
    out += records;
    return out;
}

SpoolFile decode_spool_file(std::string_view bytes) {
    const size_t end = bytes.find('\n');
    const Json json = end == std::string_view::npos
                          ? Json()
                          : Json::parse(bytes.substr(0, end), nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() || !json.contains(kMark)) throw SpoolFormatError("is no spool file");
    const Header header(json);
    if (header.number(kMark, 1, std::numeric_limits<int32_t>::max()) != kFormat)
        throw SpoolFormatError(fmt::format("is a spool file of another format: expected {}", kFormat));
    SpoolFile file;
    file.number = static_cast<unsigned>(header.number("number", 1, kMostSpoolNumber));
    file.origin = header.choice("origin", spool_origin);
    file.device = header.text("device", 1, kLongestDevice, is_graphic);
    const std::string address =
        header.text("address", 3, 3, [](unsigned char c) { return std::isxdigit(c) != 0; });
    file.address = static_cast<uint16_t>(std::stoul(address, nullptr, 16));
    file.from = header.text("from", 1, kLongestName, is_name);
    file.owner = header.text("owner", 1, kLongestName, is_name);
    file.queue = header.choice("queue", spool_queue);
    file.spool_class =
        header.text("class", 1, 1, [](unsigned char c) { return is_spool_class(static_cast<char>(c)); })[0];
    file.form = header.text("form", 1, kLongestForm, is_graphic);
    file.copies = static_cast<unsigned>(header.number("copies", 1, kMostCopies));
    file.hold = header.flag("hold");
    file.name = header.text("name", 0, kLongestFileName, is_graphic);
    file.type = header.text("type", 0, kLongestFileType, is_graphic);
    file.created = header.number("created_ns", 0, std::numeric_limits<int64_t>::max());
    const std::string_view records = bytes.substr(end + 1);
    const auto size = static_cast<size_t>(header.number("bytes", 1, std::numeric_limits<int64_t>::max()));
    const std::string check = header.text("crc32", 8, 8, [](unsigned char c) { return std::isxdigit(c); });
    if (records.size() != size)
        throw SpoolFormatError(
            fmt::format("is damaged: it has {} bytes of records, expected {}", records.size(), size));
    if (fmt::format("{:08x}", check_of(records)) != check)
        throw SpoolFormatError("is damaged: the sum over its records (crc32) is another");
    auto found = SpoolRecords::of({records.begin(), records.end()});
    if (!found || found->count() !=
                      static_cast<size_t>(header.number("records", 1, std::numeric_limits<int64_t>::max())))
        throw SpoolFormatError("is damaged: its records are not as many as its header says");
    file.records = std::move(*found);
    return file;
}

}  // namespace vmcp
