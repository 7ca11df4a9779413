#include "vmcp/translation/code_page.hpp"

#include <algorithm>

namespace vmcp {

void CodePage::add(uint32_t offset, unsigned length) {
    const uint32_t first = offset / 2;
    for (uint32_t h = first; h < first + length / 2; ++h) known_.set(h);
    for (uint32_t h = first + 1; h < first + length / 2; ++h) continued_.set(h);
}

void CodePage::add_replaced(uint32_t offset, unsigned length, const Replaced& replaced) {
    const uint32_t first = offset / 2, end = std::min(first + length / 2, uint32_t{kHalfwords});
    known_.set(first);
    replaced_.set(first);
    for (uint32_t h = first + 1; h < end; ++h) continued_.set(h);
    if (site_of_[first] == 0) {
        site_of_[first] = static_cast<uint16_t>(sites_.size());
        sites_.emplace_back();
    }
    sites_[site_of_[first]] = replaced;
}

CodePage::Range CodePage::concerned(Range changed) const {
    uint32_t first = changed.begin / 2, last = (changed.end - 1) / 2;
    bool any = false;
    for (uint32_t h = first; h <= last && !any; ++h) any = known_[h] || continued_[h];
    if (!any) return {};
    while (first > 0 && continued_[first]) --first;
    while (last + 1 < kHalfwords && continued_[last + 1]) ++last;
    return {2 * first, 2 * last + 2};
}

void CodePage::forget(Range range) {
    for (uint32_t h = range.begin / 2; h < range.end / 2; ++h) {
        known_.reset(h);
        continued_.reset(h);
        replaced_.reset(h);
        traps_[h] = 0;
    }
}

}  // namespace vmcp
