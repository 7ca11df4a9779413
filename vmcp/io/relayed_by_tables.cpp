// A virtual subchannel whose real channel translates: its I/O tables, and what is charged for them.
#include <utility>

#include "simulation/model/log.hpp"
#include "vmcp/io/relayed_subchannel.hpp"

namespace vmcp {

using simulation::log;

bool RelayedSubchannel::runs_as_it_is() const {
    return storage_in_use_ == &guest_ || storage_in_use_ == &untranslated_ ||
           (zone_ && storage_in_use_ == &*zone_);
}

IoMappingStrategy RelayedSubchannel::mapping() const {
    if (mapping_ == what_.whole) return IoMappingStrategy::whole_guest;
    return what_.mapped_pages == 0 ? IoMappingStrategy::per_program : IoMappingStrategy::per_program_cached;
}

void RelayedSubchannel::use_tables(std::shared_ptr<IoMapping> mapping) {
    if (zone_) mapping_->leave(*zone_);
    zone_.reset();
    mapping_ = std::move(mapping);
}

/// Enters what the program needs in the I/O tables. False: it is translated instead, and followed if need be.
bool RelayedSubchannel::map(Work& work, uint32_t caw) {
    if (!zone_) {
        const auto directory = mapping_->directory();
        if (!directory) return false;
        zone_.emplace(guest_.storage().real(), directory->value);
        zone_->units = {what_.device->address};
        zone_->on_refused = [this](const simulation::RefusedAccess& access) {
            ++counts_.refused;
            if (on_refused) on_refused(*this, access);
        };
        mapping_->enter(*zone_);
    }
    const bool whole = mapping() == IoMappingStrategy::whole_guest;
    const IoMapping::Problem problem =
        whole ? mapping_->map_whole() : mapping_->map_program(caw, what_.extent);
    charge_mapping(work);
    if (problem == IoMapping::Problem::none) {
        ++counts_.by_tables;
        return true;
    }
    if (!whole || problem == IoMapping::Problem::exhausted) return false;
    log().warn("{:03X}: its machine's storage cannot all stay mapped: pages are mapped by the program",
               address());
    use_tables(std::make_shared<IoMapping>(guest_, frames_, what_.mapped_pages));
    return map(work, caw);
}

void RelayedSubchannel::charge_mapping(Work& work) {
    const IoMappingCounts now = mapping_->take_counts();
    const auto charge = [&work](Step step, uint64_t times, uint64_t& all) {
        if (times != 0) work.step(step, times);
        all += times;
    };
    charge(Step::scan_ccw, now.scanned, counts_.mapping.scanned);
    charge(Step::find_io_page, now.found, counts_.mapping.found);
    charge(Step::map_io_page, now.mapped, counts_.mapping.mapped);
    charge(Step::unmap_io_page, now.unmapped, counts_.mapping.unmapped);
    charge(Step::purge_io_tlb, now.purges, counts_.mapping.purges);
}

bool RelayedSubchannel::starts_by_machine() const {
    const GuestStorage& storage = guest_.storage();
    if (!what_.interpretive || storage.pages_under_way() || storage.pages_ready() > real_.ledger().now())
        return false;
    return what_.way == WayOfIo::direct || (zone_ && mapping_ == what_.whole && mapping_->has_whole());
}

/// The channel is through with the program.
void RelayedSubchannel::end_mapping() {
    if (zone_ && storage_in_use_ == &*zone_ && mapping() != IoMappingStrategy::whole_guest)
        mapping_->end_program();
}

}  // namespace vmcp
