// Runs a fuzz target where there is no fuzzer: on the files of a directory, so that what was once found stays
// tested, and on a bounded number of inputs that are made of them, the same ones every time.
//
//   fuzz_NAME DIRECTORY [INPUTS [SEED]]
//
// The input under way is kept in fuzz_NAME.input until it has passed.
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Bytes = std::vector<uint8_t>;

/// Changes inputs at random places: bits, bytes, numbers, pieces of themselves and of each other.
class Mutator {
  public:
    Mutator(const std::vector<Bytes>& corpus, uint64_t seed) : corpus_(corpus), random_(seed) {
        for (const Bytes& text : corpus) add_words(text);
    }

    Bytes next() {
        Bytes input = corpus_[below(corpus_.size())];
        for (size_t n = 1 + below(6); n != 0; --n) change(input);
        if (input.size() > kMost) input.resize(kMost);
        return input;
    }

  private:
    static constexpr size_t kMost = 16 * 1024;

    size_t below(size_t n) { return n == 0 ? 0 : static_cast<size_t>(random_()) % n; }
    uint8_t byte() {
        static constexpr uint8_t edges[] = {0x00, 0x01, 0x7F, 0x80, 0xFF, '\n', ' ', '"',
                                            '\'', '(',  ',',  '0',  '9',  '-',  '='};
        return below(2) != 0 ? edges[below(sizeof edges)] : static_cast<uint8_t>(random_());
    }
    void add_words(const Bytes& text) {
        for (size_t begin = 0; begin < text.size();) {
            size_t end = begin;
            while (end < text.size() && end - begin < 24 && std::isalnum(text[end]) != 0) ++end;
            if (end - begin > 1)
                words_.emplace_back(text.begin() + static_cast<long>(begin),
                                    text.begin() + static_cast<long>(end));
            begin = end + 1;
        }
        static const std::string numbers[] = {
            "0", "-1", "1e308", "nan", "inf", "4294967296", "9223372036854775807", "FFFFFF"};
        for (const std::string& number : numbers) words_.emplace_back(number.begin(), number.end());
    }
    void insert(Bytes& input, const Bytes& piece) {
        input.insert(input.begin() + static_cast<long>(below(input.size() + 1)), piece.begin(), piece.end());
    }
    /// A piece of at most `most` bytes.
    Bytes piece_of(const Bytes& input, size_t most) {
        const size_t begin = below(input.size());
        const size_t length = std::min(input.size() - begin, 1 + below(most));
        return {input.begin() + static_cast<long>(begin), input.begin() + static_cast<long>(begin + length)};
    }
    void erase(Bytes& input, size_t most) {
        const size_t begin = below(input.size());
        const size_t length = std::min(input.size() - begin, 1 + below(most));
        input.erase(input.begin() + static_cast<long>(begin),
                    input.begin() + static_cast<long>(begin + length));
    }
    void change(Bytes& input) {
        if (input.empty()) return input.push_back(byte());
        switch (below(10)) {
            case 0: input[below(input.size())] ^= static_cast<uint8_t>(1u << below(8)); break;
            case 1: input[below(input.size())] = byte(); break;
            case 2: input.insert(input.begin() + static_cast<long>(below(input.size() + 1)), byte()); break;
            case 3: erase(input, 4); break;
            case 4: erase(input, 80); break;
            case 5: insert(input, piece_of(input, 80)); break;
            case 6: {
                const Bytes& other = corpus_[below(corpus_.size())];
                if (!other.empty()) insert(input, piece_of(other, 200));
                break;
            }
            case 7: input.resize(below(input.size()) + 1); break;
            default: {  // one word in the place of another
                const Bytes& word = words_[below(words_.size())];
                size_t at = below(input.size());
                while (at > 0 && std::isalnum(input[at - 1]) != 0) --at;
                size_t end = at;
                while (end < input.size() && std::isalnum(input[end]) != 0) ++end;
                input.erase(input.begin() + static_cast<long>(at), input.begin() + static_cast<long>(end));
                input.insert(input.begin() + static_cast<long>(at), word.begin(), word.end());
            }
        }
    }

    const std::vector<Bytes>& corpus_;
    std::vector<Bytes> words_;
    std::mt19937_64 random_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc > 4) {
        std::fprintf(stderr, "usage: %s DIRECTORY [INPUTS [SEED]]\n", argv[0]);
        return 2;
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<Bytes> corpus;
    for (const auto& file : files) {
        std::ifstream in(file, std::ios::binary);
        corpus.push_back({std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()});
        std::printf("%s\n", file.filename().c_str());
        std::fflush(stdout);
        LLVMFuzzerTestOneInput(corpus.back().data(), corpus.back().size());
    }
    if (corpus.empty()) {
        std::fprintf(stderr, "%s: no inputs\n", argv[1]);
        return 1;
    }
    const unsigned long inputs = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 0;
    const unsigned long seed = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 1;
    const std::string kept = std::filesystem::path(argv[0]).filename().string() + ".input";
    Mutator mutator(corpus, seed);
    for (unsigned long n = 0; n < inputs; ++n) {
        const Bytes input = mutator.next();
        std::ofstream(kept, std::ios::binary)
            .write(reinterpret_cast<const char*>(input.data()), static_cast<std::streamsize>(input.size()));
        LLVMFuzzerTestOneInput(input.data(), input.size());
    }
    std::error_code ignored;
    std::filesystem::remove(kept, ignored);
    std::printf("%zu kept inputs, %lu made of them\n", corpus.size(), inputs);
    return 0;
}
