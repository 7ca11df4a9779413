#include "simulation/images/compression.hpp"

#include <bzlib.h>
#include <zlib.h>

namespace simulation::images {

namespace {

// bzip2 asks for char pointers, and for the source one that is not const though it does not write there.
char* chars(std::span<const uint8_t> bytes) {
    return const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
}

constexpr int kBzip2Block = 1;  // 100 kB, more than a track or tape block has

}  // namespace

std::optional<std::vector<uint8_t>> zlib_compressed(std::span<const uint8_t> bytes) {
    std::vector<uint8_t> out(bytes.size());
    uLongf length = out.size();
    if (compress2(out.data(), &length, bytes.data(), bytes.size(), Z_DEFAULT_COMPRESSION) != Z_OK ||
        length >= bytes.size())
        return std::nullopt;
    out.resize(length);
    return out;
}

std::optional<std::vector<uint8_t>> bzip2_compressed(std::span<const uint8_t> bytes) {
    std::vector<uint8_t> out(bytes.size());
    auto length = static_cast<unsigned>(out.size());
    if (BZ2_bzBuffToBuffCompress(chars(out), &length, chars(bytes), static_cast<unsigned>(bytes.size()),
                                 kBzip2Block, 0, 0) != BZ_OK ||
        length >= bytes.size())
        return std::nullopt;
    out.resize(length);
    return out;
}

std::optional<std::vector<uint8_t>> zlib_expanded(std::span<const uint8_t> stream, size_t most) {
    std::vector<uint8_t> out(most);
    uLongf length = most;
    if (uncompress(out.data(), &length, stream.data(), stream.size()) != Z_OK) return std::nullopt;
    out.resize(length);
    return out;
}

std::optional<std::vector<uint8_t>> bzip2_expanded(std::span<const uint8_t> stream, size_t most) {
    std::vector<uint8_t> out(most);
    auto length = static_cast<unsigned>(most);
    if (BZ2_bzBuffToBuffDecompress(chars(out), &length, chars(stream), static_cast<unsigned>(stream.size()),
                                   0, 0) != BZ_OK)
        return std::nullopt;
    out.resize(length);
    return out;
}

}  // namespace simulation::images
