#include "vmcp/io/disk_watch.hpp"

#include "simulation/images/block_cipher.hpp"

namespace vmcp {

using namespace simulation;

DiskWatch::DiskWatch(const std::string& key) {
    if (!key.empty()) cipher_ = images::block_cipher(key);
}

void DiskWatch::read(uint32_t block, std::span<uint8_t> bytes) {
    ++counts_.read;
    if (cipher_) cipher_->read(block, bytes);
}

void DiskWatch::written(uint32_t block, std::span<uint8_t> bytes) {
    ++counts_.written;
    if (cipher_) cipher_->written(block, bytes);
}

}  // namespace vmcp
