#include "simulation/images/block_cipher.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#ifdef VMCP_ENCIPHERS
#include <openssl/evp.h>
#endif

namespace simulation::images {
namespace {

constexpr size_t kKeyDigits = 64;

bool is_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'); }

#ifdef VMCP_ENCIPHERS

struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

class XtsCipher final : public BlockFilter {
  public:
    explicit XtsCipher(std::string_view key)
        : enciphering_(context(key, true)), deciphering_(context(key, false)) {}

    void read(uint32_t block, std::span<uint8_t> bytes) override { apply(*deciphering_, block, bytes); }
    void written(uint32_t block, std::span<uint8_t> bytes) override { apply(*enciphering_, block, bytes); }

  private:
    using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

    static void check(int done) {
        if (done != 1) throw std::logic_error("the cipher has failed");
    }

    static Context context(std::string_view key, bool enciphers) {
        std::array<uint8_t, kKeyDigits / 2> bytes{};
        for (size_t i = 0; i < bytes.size(); ++i)
            std::from_chars(key.data() + 2 * i, key.data() + 2 * i + 2, bytes[i], 16);
        Context made(EVP_CIPHER_CTX_new());
        check(EVP_CipherInit_ex(made.get(), EVP_aes_128_xts(), nullptr, bytes.data(), nullptr, enciphers));
        return made;
    }

    static void apply(EVP_CIPHER_CTX& context, uint32_t block, std::span<uint8_t> bytes) {
        std::array<uint8_t, 16> tweak{};  // the number, its last byte first
        for (unsigned i = 0; i < 4; ++i) tweak[i] = static_cast<uint8_t>(block >> 8 * i);
        int length = 0;
        check(EVP_CipherInit_ex(&context, nullptr, nullptr, nullptr, tweak.data(), -1));
        check(
            EVP_CipherUpdate(&context, bytes.data(), &length, bytes.data(), static_cast<int>(bytes.size())));
    }

    Context enciphering_, deciphering_;
};

#endif

}  // namespace

bool is_block_key(std::string_view key) {
    constexpr auto kHalf = kKeyDigits / 2;
    return key.size() == kKeyDigits && std::all_of(key.begin(), key.end(), is_digit) &&
           !std::equal(key.begin(), key.begin() + kHalf, key.begin() + kHalf, key.end());
}

#ifdef VMCP_ENCIPHERS

bool has_block_ciphers() { return true; }

std::unique_ptr<BlockFilter> block_cipher(std::string_view key) {
    if (!is_block_key(key)) throw std::invalid_argument("expected a key of 64 hexadecimal digits");
    return std::make_unique<XtsCipher>(key);
}

#else

bool has_block_ciphers() { return false; }

std::unique_ptr<BlockFilter> block_cipher(std::string_view) {
    throw std::invalid_argument("this program has no ciphers");
}

#endif

}  // namespace simulation::images
