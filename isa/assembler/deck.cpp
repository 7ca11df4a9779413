#include "isa/assembler/deck.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "isa/assembler/assembler.hpp"
#include "isa/assembler/card_punch.hpp"

namespace isa::assembler {
namespace {

constexpr uint32_t kStorageLimit = 0x1000000;
constexpr uint32_t kBusy = 88;            // bytes at location 0 that travel apart
constexpr std::size_t kZerosToSkip = 16;  // a run of as many zeros ends a card: storage is cleared anyway
constexpr uint32_t kDisabledWait = 0xBAD;

/// The loader's source. &NAME is replaced with a number. It begins with card 2, whose first words are the
/// CCWs that read the other cards of it; LOADER is where the IPL PSW points to.
constexpr std::string_view kLoader = R"(
LOADER   START &ORIGIN
&CCWS
BEGIN    BALR  15,0
         USING *,15
         LH    1,2            IPL stored the reader's address here
         LA    2,STAGE        clear locations 0-87 of the image,
         LA    3,&BUSY          which wait beside us,
         SR    6,6
         SR    7,7
         MVCL  2,6
         L     2,CLEARAT      and all of its storage
         L     3,CLEAR
         MVCL  2,6
NEXT     LA    3,READ
         ST    3,72           channel address word
START    SIO   0(1)
         BC    8,BUSY
         BC    2,START        channel busy
         BC    1,FAIL         not operational
         TM    68,X'03'       status was pending:
         BNZ   FAIL             unit check or unit exception
         B     START            or just an old end
BUSY     TIO   0(1)
         BC    2,BUSY
         BC    1,FAIL
         BC    8,CARD         free, and all status is cleared
         TM    68,X'E3'       neither attention nor unit check nor ...
         BNZ   FAIL
         CLI   69,0           channel status
         BNE   FAIL
         TM    68,X'04'
         BZ    BUSY           channel end, or busy: await device end
CARD     CLC   BUFFER+1(3),TXT
         BE    TEXT
         CLC   BUFFER+1(3),END
         BNE   NEXT
         XC    BUFFER(64),BUFFER
         MVC   0(&BUSY,0),STAGE
         LM    0,15,BUFFER
         LPSW  0
TEXT     L     4,BUFFER+4
         LH    5,BUFFER+10
         BCTR  5,0
         EX    5,MOVE
         B     NEXT
MOVE     MVC   0(0,4),BUFFER+16
FAIL     LPSW  WAIT
         DS    0D
WAIT     DC    X'00020000',A(&WAIT)
READ     CCW   2,BUFFER,X'20',80
CLEARAT  DC    A(&CLEARAT)
CLEAR    DC    A(&CLEAR)
TXT      DC    C'TXT'
END      DC    C'END'
CODEEND  DS    0D
BUFFER   DS    CL80
STAGE    DS    XL&BUSY
LAST     EQU   *
         END
)";

void replace(std::string& text, std::string_view name, const std::string& value) {
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size()))
        text.replace(at, name.size(), value);
}

struct Loader {
    std::vector<uint8_t> bytes;  // from its origin to CODEEND
    uint32_t begin = 0;
    uint32_t stage = 0;
    uint32_t size = 0;  // with buffers
};

Loader assemble_loader(uint32_t origin, unsigned cards, uint32_t clear_at, uint32_t clear) {
    // Card 2 holds the CCWs for the cards behind it: the last of them does not chain on.
    std::string ccws;
    for (unsigned i = 1; i < cards; ++i)
        ccws += fmt::format("         CCW   2,LOADER+{},X'{}',{}\n", i * kCardColumns,
                            i + 1 < cards ? "60" : "20", kCardColumns);
    std::string source(kLoader);
    replace(source, "&ORIGIN", fmt::format("{}", origin));
    replace(source, "&CCWS\n", ccws);
    replace(source, "&BUSY", fmt::format("{}", kBusy));
    replace(source, "&WAIT", fmt::format("{}", kDisabledWait));
    replace(source, "&CLEARAT", fmt::format("{}", clear_at));
    replace(source, "&CLEAR", fmt::format("{}", clear));
    const Result r = assemble(source, "loader");
    if (!r.ok)
        throw std::logic_error("the card loader does not assemble: " + to_string(r.diagnostics.front()));
    Loader loader;
    const uint32_t code = r.find("CODEEND")->value - origin;
    loader.bytes.assign(r.image.begin(), r.image.begin() + code);
    loader.begin = r.find("BEGIN")->value;
    loader.stage = r.find("STAGE")->value;
    loader.size = r.find("LAST")->value - origin;
    return loader;
}

/// Where `size` bytes lie free of the image, on a doubleword.
uint32_t find_room(std::span<const uint8_t> image, uint32_t load_address, uint32_t size) {
    const uint32_t behind = std::max<uint32_t>(kBusy, load_address + static_cast<uint32_t>(image.size()));
    const uint32_t after = (behind + 7) & ~7u;
    if (after + size <= kStorageLimit) return after;
    if (kBusy + size <= load_address) return kBusy;
    uint32_t run = 0;  // zeros up to here
    for (uint32_t i = 0; i < image.size(); ++i) {
        run = image[i] == 0 && load_address + i >= kBusy ? run + 1 : 0;
        if (run >= size + 7) return (load_address + i + 1 - run + 7) & ~7u;
    }
    throw std::runtime_error("there is no room for the loader beside the program");
}

void put_word(std::vector<uint8_t>& bytes, uint32_t word) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<uint8_t>(word >> shift));
}

/// The stretches of `bytes` that are not zero.
template <class Use>
void for_each_stretch(std::span<const uint8_t> bytes, const Use& use) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (bytes[at] == 0) {
            ++at;
            continue;
        }
        std::size_t end = at;
        std::size_t zeros = 0;
        for (std::size_t i = at; i < bytes.size() && zeros < kZerosToSkip; ++i) {
            zeros = bytes[i] == 0 ? zeros + 1 : 0;
            if (zeros == 0) end = i + 1;
        }
        use(at, bytes.subspan(at, end - at));
        at = end;
    }
}

}  // namespace

std::vector<uint8_t> make_ipl_deck(std::span<const uint8_t> image, uint32_t load_address, uint32_t entry,
                                   std::string_view name) {
    // What belongs into the busy locations, and the rest.
    std::vector<uint8_t> low(kBusy, 0);
    const std::size_t shared =
        load_address < kBusy ? std::min<std::size_t>(kBusy - load_address, image.size()) : 0;
    std::copy_n(image.begin(), shared, low.begin() + std::min(load_address, kBusy));
    if (load_address > 0 || image.size() < 8) {
        low[5] = static_cast<uint8_t>(entry >> 16);
        low[6] = static_cast<uint8_t>(entry >> 8);
        low[7] = static_cast<uint8_t>(entry);
    }
    const std::span<const uint8_t> rest = image.subspan(shared);
    const uint32_t rest_address = load_address + static_cast<uint32_t>(shared);

    // The loader's size decides about its place and its number of cards, which decides about its size.
    unsigned cards = 1;
    Loader loader = assemble_loader(kBusy, cards, 0, 0);
    while (loader.bytes.size() > std::size_t{cards} * kCardColumns)
        loader = assemble_loader(kBusy, ++cards, 0, 0);
    const uint32_t room = std::max<uint32_t>(loader.size, cards * kCardColumns);
    const uint32_t origin = find_room(image, load_address, room);
    // The loader must not clear itself away: where it lies inside the image, storage in front of it is
    // cleared.
    const bool inside = origin >= rest_address && origin < rest_address + rest.size();
    const uint32_t clear = inside ? origin - rest_address : static_cast<uint32_t>(rest.size());
    loader = assemble_loader(origin, cards, rest_address, clear);

    CardPunch punch(deck_identification(name));
    std::vector<uint8_t> first;
    put_word(first, 0x00000000);  // IPL PSW: BC mode, disabled
    put_word(first, loader.begin);
    put_word(first, 0x02000000 | origin);
    put_word(first, 0x60000000 | kCardColumns);  // command chaining, no incorrect length
    put_word(first, 0x08000000 | origin);        // transfer in channel: to the CCWs on that card
    put_word(first, 0);
    punch.card(first);
    loader.bytes.resize(std::size_t{cards} * kCardColumns, 0);
    for (unsigned i = 0; i < cards; ++i)
        punch.card(std::span<const uint8_t>(loader.bytes).subspan(i * kCardColumns, kCardColumns));
    for_each_stretch(rest, [&](std::size_t at, std::span<const uint8_t> bytes) {
        punch.text(rest_address + static_cast<uint32_t>(at), -1, bytes);
    });
    for_each_stretch(low, [&](std::size_t at, std::span<const uint8_t> bytes) {
        punch.text(loader.stage + static_cast<uint32_t>(at), -1, bytes);
    });
    punch.record("END", -1, -1, {});
    return punch.take();
}

}  // namespace isa::assembler
