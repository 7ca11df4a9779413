#include "vmcp/spool/spool_volumes.hpp"

#include <algorithm>
#include <stdexcept>

#include "vmcp/spool/spool_pages.hpp"

namespace vmcp {

uint32_t SpoolVolumes::pages() const {
    uint32_t pages = 0;
    for (const PagingDevice* volume : volumes_) pages += volume->slots();
    return pages;
}

SpoolPlace SpoolVolumes::keep(std::span<const uint8_t> records) {
    for (uint32_t i = 0; i < volumes_.size(); ++i)
        if (const auto slot = volumes_[i]->allocate()) {
            PagingDevice::Contents& page = volumes_[i]->contents(*slot);
            std::ranges::copy(records, page.begin() + kSpoolPageLinks);
            return {i, *slot};
        }
    throw std::logic_error("more spool pages are in use than there are places");
}

void SpoolVolumes::release(const std::vector<SpoolPlace>& places) {
    for (const SpoolPlace place : places) volumes_[place.volume]->release(place.slot);
}

PageReady SpoolVolumes::move(SpoolPlace place, bool out, GuestStorage& payer, SimTime now) {
    return volumes_[place.volume]->move({.slot = place.slot, .out = out, .payer = payer, .now = now});
}

}  // namespace vmcp
