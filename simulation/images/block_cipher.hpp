// Enciphers the blocks of a disk: AES-128 in the mode XTS (IEEE 1619-2018), the number of the block as the
// tweak. So each block has a cipher of its own, of 512 bytes as it has; it does not protect against a block
// being put back as it was before.
//
// Linux knows the same as aes-xts-plain64, with 256 bits of key.
#pragma once

#include <memory>
#include <string_view>

#include "simulation/images/block_filter.hpp"

namespace simulation::images {

/// A key as text: 64 hexadecimal digits, two halves that differ.
bool is_block_key(std::string_view key);

/// Whether this program has been built with ciphers (libcrypto).
bool has_block_ciphers();

/// Reads and writes blocks that are enciphered under this key. Throws std::invalid_argument where that is
/// none, or there are no ciphers.
std::unique_ptr<BlockFilter> block_cipher(std::string_view key);

}  // namespace simulation::images
