// A disk with rings: blocks of one of the machine's virtual disks, a minidisk in one piece or a dedicated
// disk. Each request is a channel program of the control program's on the real disk, in its queue beside
// those of everybody else (vmcp/io/real_io.hpp), so that it takes the time that the real disk takes.
//
// Data go through a buffer: nothing of the guest's is locked meanwhile, and what its driver changes under way
// changes nothing.
#pragma once

#include <list>

#include "vmcp/io/virtual_io.hpp"
#include "vmcp/rings/block_program.hpp"
#include "vmcp/rings/ring_device.hpp"

namespace vmcp {

class BlockRing final : public RingDevice {
  public:
    /// So many requests are with the real disk at once; others wait in the ring.
    static constexpr size_t kMostUnderWay = 8;
    /// Types of requests, and the byte that tells how one ended.
    enum Type : uint32_t { read = 0, write = 1, flush = 4, identify = 8 };
    enum Status : uint8_t { done = 0, error = 1, unsupported = 2 };

    /// Throws std::invalid_argument where the machine has no such disk.
    BlockRing(const RingHost& host, unsigned number, const RingDescription& description, VirtualIo& io,
              RealIo& real);
    ~BlockRing() override;

    uint32_t most_bytes() const override { return kHeader + BlockProgram::kMostBytes + 1; }
    std::array<uint8_t, kConfiguration> configuration() const override;
    /// The virtual disk goes, or gets another address: what is under way on it ends with an error.
    void disk_leaves(uint16_t address);
    size_t under_way() const { return requests_.size(); }

  private:
    class Request;
    static constexpr uint32_t kHeader = 16;

    uint64_t begun_ = 0;  // requests, of which one may be the last

    bool serve(Work& work, unsigned queue) override;
    bool takes_more(unsigned) const override { return requests_.size() < kMostUnderWay; }
    void abandon() override;
    void begin(Work& work, RingChain chain);
    void start(Work& work, bool writes, uint64_t number, RingChain chain, const std::vector<uint8_t>& data);
    void ended(Work& work, Request& request, bool good);
    bool finish(Work& work, Request& request, bool good);
    std::list<Request> take_back();
    bool end(Work& work, const RingChain& chain, Status status, uint32_t written);
    RelayedSubchannel* disk() const { return io_.relayed(description().disk); }
    BlockDisk geometry_of(const RelayedDevice& what) const;

    VirtualIo& io_;
    RealIo& real_;
    std::list<Request> requests_;
    bool leaving_ = false;  // its disk is
};

}  // namespace vmcp
