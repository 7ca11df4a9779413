#include "simulation/images/memory_image.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "simulation/images/byte_order.hpp"

namespace simulation::images {
namespace {

const std::string kNoFile = "(in memory)";

class CkdInMemory final : public CkdImage {
  public:
    CkdInMemory(const DiskGeometry& geometry, unsigned cylinders, TrackRecords records) : records_(records) {
        geometry_ = &geometry;
        cylinders_ = cylinders;
    }
    const std::string& path() const override { return kNoFile; }
    std::string format() const override { return "memory"; }
    bool writable() const override { return true; }
    Track read(uint32_t track) override {
        const auto found = written_.find(track);
        return found != written_.end() ? found->second : standard(track);
    }
    /// What is as it was made takes no room.
    void write(uint32_t track, const Track& content) override {
        if (std::ranges::equal(content.bytes(), standard(track).bytes()))
            written_.erase(track);
        else
            written_.insert_or_assign(track, content);
    }

  private:
    Track standard(uint32_t number) const {
        const unsigned cylinder = number / heads(), head = number % heads();
        Track track(cylinder, head);
        std::vector<uint8_t> record(kCountSize + records_.length);
        put_big16(&record[0], cylinder);
        put_big16(&record[2], head);
        put_big16(&record[6], records_.length);
        for (unsigned r = 1; r <= records_.count; ++r) {
            record[4] = static_cast<uint8_t>(r);
            track.format(r, record);
        }
        return track;
    }

    const TrackRecords records_;

    std::unordered_map<uint32_t, Track> written_;
};

class FbaInMemory final : public FbaImage {
  public:
    explicit FbaInMemory(uint32_t blocks) { blocks_ = blocks; }
    const std::string& path() const override { return kNoFile; }
    std::string format() const override { return "memory"; }
    bool writable() const override { return true; }
    void read(uint32_t block, std::span<uint8_t> out) override {
        for (; !out.empty(); out = out.subspan(kBlockSize), ++block) {
            const auto found = written_.find(block);
            if (found != written_.end())
                std::ranges::copy(found->second, out.begin());
            else
                std::ranges::fill(out.first(kBlockSize), uint8_t{0});
        }
    }
    void write(uint32_t block, std::span<const uint8_t> bytes) override {
        for (; !bytes.empty(); bytes = bytes.subspan(kBlockSize), ++block) {
            const auto one = bytes.first(kBlockSize);
            if (std::ranges::all_of(one, [](uint8_t byte) { return byte == 0; }))
                written_.erase(block);
            else
                std::ranges::copy(one, written_[block].begin());
        }
    }

  private:
    std::unordered_map<uint32_t, std::array<uint8_t, kBlockSize>> written_;
};

}  // namespace

std::unique_ptr<CkdImage> ckd_in_memory(const DiskGeometry& geometry, unsigned cylinders,
                                        TrackRecords records) {
    return std::make_unique<CkdInMemory>(geometry, cylinders, records);
}

std::unique_ptr<FbaImage> fba_in_memory(uint32_t blocks) { return std::make_unique<FbaInMemory>(blocks); }

}  // namespace simulation::images
