#include "vmcp/audit/stage.hpp"

#include <algorithm>

#include "simulation/channel/subchannel.hpp"

namespace vmcp::audit {

using conformance::Random;
using simulation::Cpu;
using simulation::Csw;
using simulation::SimTime;

namespace {

constexpr uint32_t kLargerStorage = 4 * kGuestStorage;
// Tables of the control program, in its own storage.
constexpr uint32_t kOwnPrimary = 0x4000, kOwnSecondary = 0x4200;
constexpr uint32_t kOtherPrefix = 0x6000;

isa::Psw translating(const isa::Psw& of) {
    isa::Psw psw = of;
    psw.ec_mode = psw.dat = true;
    psw.bc_channel_masks = 0;
    return psw;
}

/// What a control program keeps for itself is drawn anew.
void make_other(isa::CpuState& state, Random& random) {
    constexpr uint32_t kKept = isa::kCr0PageSizeMask | isa::kCr0SegmentSizeMask |
                               isa::kCr0LowAddressProtection | isa::kCr0ExtractionAuthority |
                               isa::kCr0SecondarySpaceControl;
    state.cr[0] = (state.cr[0] & kKept) | (random.next32() & ~kKept);
    for (const unsigned r : {2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15}) state.cr[r] = random.next32();
    isa::Psw& psw = state.psw;
    if (!psw.dat) psw.ec_mode = random.chance(50);
    psw.bc_channel_masks = psw.ec_mode ? 0 : random.byte() & 0xFE;
    psw.io_mask = psw.ec_mode && random.chance(50);
    psw.external_mask = random.chance(50);
    psw.machine_check_mask = random.chance(50);
    state.prefix = kOtherPrefix;
    state.clocks.comparator = random.next() & ~uint64_t{0xFFF};
}

void withhold_authority(isa::CpuState& state) {
    state.cr[0] &= ~(isa::kCr0ExtractionAuthority | isa::kCr0SecondarySpaceControl | isa::kCr0SsmSuppression);
    state.cr[3] &= 0xFFFF;
    state.cr[5] &= ~isa::kCr5SubsystemLinkageControl;
    state.cr[14] &= ~isa::kCr14AsnTranslationControl;
}

void note_end(const simulation::Exit& exit, Outcome& outcome) {
    if (const auto* svc = std::get_if<isa::SupervisorCallInterruption>(&exit)) {
        outcome.end = Outcome::End::supervisor_call;
        outcome.code = svc->number;
    } else if (const auto* program = simulation::program_interruption(exit)) {
        outcome.end = std::holds_alternative<simulation::PrivilegedOperation>(exit) ? Outcome::End::refused
                                                                                    : Outcome::End::program;
        outcome.code = static_cast<uint16_t>(program->code);
    }
}

}  // namespace

/// A device that does nothing, and counts what it is asked for.
class Stage::Line final : public simulation::Subchannel {
  public:
    using Subchannel::Subchannel;

    void begin(bool status_pending) {
        operations = 0;
        pending_ = status_pending;
    }
    State state() const override { return pending_ ? State::pending : State::idle; }
    std::optional<Csw> start(uint32_t, simulation::ChannelStorage*) override {
        ++operations;
        return std::nullopt;
    }
    std::optional<Csw> start_ipl(IplEnd) override { return std::nullopt; }
    std::optional<Csw> test() override {
        if (!pending_) return std::nullopt;
        return clear();
    }
    void halt() override { ++operations; }
    Csw clear() override {
        ++operations;
        pending_ = false;
        Csw csw;
        csw.unit_status = simulation::kDeviceEnd;
        return csw;
    }
    void reset() override {
        ++operations;
        pending_ = false;
    }
    bool device_end_due() const override { return false; }
    bool interruption_pending() const override { return false; }
    Csw take() override { return clear(); }

    uint64_t operations = 0;

  private:
    bool pending_ = false;
};

Stage::Place Stage::make_place(simulation::MachineModel model, uint32_t storage, bool with_line) {
    Place place;
    place.machine = std::make_unique<simulation::Machine>(std::move(model), storage);
    if (with_line)
        place.line = &place.machine->channels().attach_subchannel<Line>(
            kDevice, [](simulation::ChannelContext& context) { return new Line(context, kDevice); });
    return place;
}

Stage::Stage(simulation::MachineModel model) {
    // Looking up a page takes time, and clocks would show whether that was needed: that is time's matter.
    model.table_reference_ns.value = 0;
    alone_ = make_place(model, kGuestStorage, true);
    larger_ = make_place(model, kLargerStorage, true);
    simulation::MachineModel other = model;
    other.cpus.value = 2;
    other.cpu_version.value ^= 0x0F;
    other.cpu_serial.value ^= 0x0F0F0F;
    other_ = make_place(std::move(other), kGuestStorage, false);
    Random random(0, 0);
    control_program_.resize(kGuestStorage);
    for (uint8_t& byte : control_program_) byte = random.byte();
}

void Stage::put_guest(const GuestState& guest, const Frames& frames) {
    simulation::RealStorage& storage = place_->machine->storage();
    for (unsigned page = 0; page < kGuestPages; ++page) {
        storage.put(frames[page], guest.storage.data() + page * kPage, kPage);
        for (unsigned half = 0; half < 2; ++half)
            storage.set_key(frames[page] + half * 2048, guest.keys[2 * page + half]);
    }
}

/// `map`: the guest's own translation, null where it does not translate. Pages of the set `absent` are not
/// there.
void Stage::put_tables(const PageMap* map, const Frames& frames, uint32_t absent, uint32_t segments) {
    simulation::RealStorage& storage = place_->machine->storage();
    const isa::TranslationFormat format;
    for (unsigned n = 0; n < 16; ++n)
        storage.put32(segments + 4 * n, n == 0 ? 0xF0000000 | (segments + 0x100) : 1);
    for (unsigned n = 0; n < kTableEntries; ++n) {
        std::optional<uint8_t> page;
        if (n < kGuestPages) page = map != nullptr ? (*map)[n] : static_cast<uint8_t>(n);
        const bool there = page && (absent >> *page & 1) == 0;
        storage.put16(segments + 0x100 + 2 * n,
                      there ? isa::page_table_entry(format, frames[*page]) : format.invalid_bit());
    }
}

/// The control program has the low addresses, the guest's pages lie somewhere behind.
Stage::Frames Stage::relocate(const GuestState& guest, isa::CpuState& state, Random& random) {
    simulation::RealStorage& storage = place_->machine->storage();
    storage.put(0, control_program_.data(), kGuestStorage);
    for (uint32_t block = 0; block < kGuestBlocks; ++block)
        storage.set_key(block * 2048,
                        static_cast<uint8_t>(0x70 | (block % 3 == 0 ? 0x08 : 0) | block % 4 * 2));
    std::array<uint32_t, (kLargerStorage - kGuestStorage) / kPage> free;
    for (uint32_t n = 0; n < free.size(); ++n) free[n] = kGuestStorage + n * kPage;
    Frames frames;
    uint32_t absent = 0;
    for (unsigned page = 0; page < kGuestPages; ++page) {
        std::swap(free[page], free[random.between(page, free.size() - 1)]);
        frames[page] = free[page];
        if (page >= kData / kPage && page < kUntouched / kPage && random.chance(10)) absent |= 1u << page;
    }
    const bool dat = guest.cpu.psw.dat;
    put_tables(dat ? &guest.primary : nullptr, frames, absent, kOwnPrimary);
    put_tables(dat ? &guest.secondary : nullptr, frames, absent, kOwnSecondary);
    state.psw = translating(state.psw);
    state.cr[1] = kOwnPrimary;
    state.cr[7] = kOwnSecondary;
    state.prefix = 0;
    return frames;
}

Outcome Stage::observe(const Frames& frames, bool began_in_problem_state) {
    const isa::CpuState& state = cpu_->state();
    simulation::RealStorage& storage = place_->machine->storage();
    Outcome o;
    o.gpr = state.gpr;
    o.fpr = state.fpr;
    o.condition_code = state.psw.condition_code;
    o.program_mask = state.psw.program_mask;
    o.address = state.psw.address;
    o.storage.reserve(kGuestStorage);
    for (unsigned page = 0; page < kGuestPages; ++page) {
        const uint8_t* const bytes = storage.at(frames[page]);
        o.storage.insert(o.storage.end(), bytes, bytes + kPage);
        for (unsigned half = 0; half < 2; ++half)
            o.keys[2 * page + half] = storage.key(frames[page] + half * 2048);
    }
    o.system_mask = isa::system_mask(state.psw);
    o.psw_key = state.psw.key;
    o.ec_mode = state.psw.ec_mode;
    o.machine_check_mask = state.psw.machine_check_mask;
    o.wait = state.psw.wait;
    o.secondary_space = state.psw.secondary_space;
    o.state_changed = state.psw.problem_state != began_in_problem_state;
    o.cr = state.cr;
    o.prefix = state.prefix;
    o.comparator = state.clocks.comparator;
    o.timer = simulation::cpu_timer(state.clocks, start_);
    o.tod = place_->machine->tod().read(start_);
    o.device_operations = place_->line != nullptr ? place_->line->operations : 0;
    o.external_pending = !(state.external == isa::ExternalConditions{});
    return o;
}

/// Through tables of the guest's that are where it believes; leaves the CPU as it needed it.
bool Stage::touch() {
    isa::CpuState& state = cpu_->registers();
    state.cr[0] = isa::kCr0PageSize4K;
    state.cr[1] = kSegmentTable;
    cpu_->set_psw(translating({}));
    cpu_->control_registers_changed();
    cpu_->settle_context();
    const uint64_t before = cpu_->counters().tlb_misses;
    cpu_->attempt([this] { cpu_->load32(kUntouched); });
    return cpu_->counters().tlb_misses != before;
}

Stage::Run Stage::run(const GuestState& guest, const Holding& holding) {
    const Held held = holding.held;
    place_ = held == Held::relocated ? &larger_ : held == Held::elsewhere ? &other_ : &alone_;
    simulation::Machine& machine = *place_->machine;
    cpu_ = &machine.cpu(held == Held::elsewhere ? 1 : 0);
    if (place_->line != nullptr) place_->line->begin(guest.tod >> 12 & 1);
    start_ += 10 * simulation::kSecond;
    cpu_->set_now(start_);
    machine.tod().set(guest.tod, start_);

    Random random(guest.tod, 1);  // the same however often this guest is held so
    isa::CpuState state = guest.cpu;
    state.psw.problem_state = holding.problem_state;
    simulation::set_cpu_timer(state.clocks, guest.cpu_timer, start_);
    if (held == Held::elsewhere) {
        make_other(state, random);
        simulation::set_cpu_timer(state.clocks, random.next(), start_);
    }
    Frames frames;
    if (held == Held::relocated) {
        frames = relocate(guest, state, random);
    } else {
        cpu_->registers().prefix = state.prefix;
        for (unsigned page = 0; page < kGuestPages; ++page) frames[page] = cpu_->absolute(page * kPage);
    }
    if (!holding.authority) withhold_authority(state);
    put_guest(guest, frames);

    cpu_->registers().prefix = state.prefix;
    cpu_->purge_tlb();
    const bool probed = held == Held::alone;
    if (probed) touch();
    cpu_->registers() = state;
    cpu_->set_psw(state.psw);
    cpu_->control_registers_changed();
    if (held == Held::later) cpu_->spend(simulation::kSecond);

    Run run;
    run.before = observe(frames, holding.problem_state);
    const simulation::Exit exit = machine.executor().run(*cpu_, simulation::kNever, 1);
    run.after = observe(frames, holding.problem_state);
    note_end(exit, run.after);
    if (probed) run.after.tlb_purged = touch();
    return run;
}

}  // namespace vmcp::audit
