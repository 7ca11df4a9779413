#include "vmcp/dispatch/shared_segments.hpp"
#include "vmcp/translation/code_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace vmcp {

void forget_mappings(Nucleus& nucleus, VirtualMachine& vm) {
    vm.forget_translations();
    if (vm.code != nullptr) vm.code->drop_all();
    nucleus.machine.cpus().page_invalidated();
}

void SharedSegments::define(std::string name, SecondLevel origin, const std::vector<uint8_t>& contents) {
    const uint64_t end = uint64_t{origin.value} + contents.size();
    if (origin.value == 0 || origin.value % SharedSegment::kUnit != 0 || contents.empty() ||
        end > 16 * simulation::kMebibyte)
        throw std::runtime_error(fmt::format(
            "segment {}: expected contents that begin at a multiple of 64K, not at 0, and end below 16M",
            name));
    if (find(name) != nullptr) throw std::runtime_error(fmt::format("there is a segment {} already", name));
    segments_.emplace_back(nucleus_.pager.frames(), std::move(name), origin, contents);
}

SharedSegment* SharedSegments::find(std::string_view name) {
    for (SharedSegment& segment : segments_)
        if (segment.name() == name) return &segment;
    return nullptr;
}

uint32_t SharedSegments::end() const {
    uint32_t end = 0;
    for (const SharedSegment& segment : segments_) end = std::max(end, segment.end().value);
    return end;
}

void SharedSegments::unshare(VirtualMachine& vm, SharedSegment& segment) {
    Work work(nucleus_.ledger, vm.account, Cause::shared_segment);
    nucleus_.pager.pay_by(vm.storage);
    const bool done = vm.storage.unshare(segment);
    segment.restore();  // even where there was no room for a copy: the others keep what they had
    forget_mappings(nucleus_, vm);
    if (done)
        vm.io.message(
            work, fmt::format("DMKVMA181E SHARED SYSTEM {} REPLACED WITH NON-SHARED COPY", segment.name()));
}

void SharedSegments::on_channel_access(VirtualMachine& vm, SharedSegment& segment, bool storing) {
    VirtualMachine* const running = processor_.running;
    if (running != nullptr && running->storage.shared(segment.origin()) == &segment && segment.changed())
        unshare(*running, segment);
    if (storing && vm.storage.shared(segment.origin()) == &segment) unshare(vm, segment);
}

void SharedSegments::check(VirtualMachine& vm) {
    const auto& attachments = vm.storage.attachments();
    if (attachments.empty()) return;
    if (vm.status == VmState::stopped) {
        for (const GuestStorage::Attachment& attachment : attachments)
            if (attachment.shared) attachment.segment->restore();
        return;
    }
    for (size_t i = 0; i < attachments.size(); ++i) {
        const GuestStorage::Attachment attachment = attachments[i];
        if (!attachment.shared) continue;
        nucleus_.ledger.charge(vm.account, Cause::shared_segment, Step::check_shared_page,
                               attachment.segment->pages());
        if (attachment.segment->changed()) unshare(vm, *attachment.segment);
    }
}

}  // namespace vmcp
