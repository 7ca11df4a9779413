// Machines that do what they like with grants, against a model that knows nothing of frames: what each sees
// in its pages, and what each call answers, is what the model says; nobody sees a page that was not granted
// to him, or no longer is; nothing is left when machines log off, at whatever moment.
#include <cstdlib>
#include <map>
#include <memory>
#include <random>

#include "tests/vmcp/grants/granting_agent.hpp"

namespace vmcp::test {
namespace {

using Agent = GrantingAgent;
using Order = Agent::Order;
using Answer = Agent::Answer;

constexpr unsigned kMachines = 3, kFirstPage = 4, kPages = 16, kGrants = 6;
const char* const kNames[kMachines] = {"ONE", "TWO", "THREE"};

/// The first word of each page, whose it is, and all grants.
struct Model {
    struct Place {
        unsigned machine, page;
        auto operator<=>(const Place&) const = default;
    };
    struct Grant {
        unsigned peer;
        unsigned page;
        bool store;
        int mapped = -1;  // the peer's page
    };
    uint32_t own[kMachines][kPages] = {};
    std::map<Place, Place> borrowed;                        // where: whose
    std::map<std::pair<unsigned, uint32_t>, Grant> grants;  // by owner and reference
    uint32_t references[kMachines] = {};

    uint32_t& value(unsigned machine, unsigned page) {
        const auto at = borrowed.find({machine, page});
        return at == borrowed.end() ? own[machine][page] : own[at->second.machine][at->second.page];
    }
    bool is_borrowed(unsigned m, unsigned p) const { return borrowed.count({m, p}) != 0; }
    bool is_lent(unsigned m, unsigned p) const {
        for (const auto& [where, whose] : borrowed)
            if (whose == Place{m, p}) return true;
        return false;
    }
    void end_mapping(Grant& grant) {
        borrowed.erase({grant.peer, static_cast<unsigned>(grant.mapped)});
        own[grant.peer][grant.mapped] = 0;
        grant.mapped = -1;
    }
    void log_off(unsigned m) {
        for (auto at = grants.begin(); at != grants.end();) {
            if (at->first.first != m && at->second.peer != m) {
                ++at;
                continue;
            }
            if (at->second.mapped >= 0) end_mapping(at->second);
            at = grants.erase(at);
        }
        for (uint32_t& word : own[m]) word = 0;
        references[m] = 0;
    }
};

using Why = GrantRefusal;
Answer done(uint32_t r3) { return {0, 0, r3}; }
Answer refused(Why why) { return {0, 2, static_cast<uint32_t>(why)}; }

struct Chaos {
    Chaos(uint64_t seed, const std::string& model, uint32_t real_storage, PagingOptions paging = {})
        : random(seed), host(real_storage, "round-robin", model, 10 * simulation::kMillisecond, paging) {
        for (unsigned m = 0; m < kMachines; ++m) log_on(m);
    }
    /// One of them translates: the control program has shadow tables for it.
    void log_on(unsigned m) {
        agents[m] = std::make_unique<Agent>(host, kNames[m], kGrants, VmOptions{}, m == 1);
    }
    uint32_t below(uint32_t n) { return static_cast<uint32_t>(random() % n); }

    /// A page of the machine's own to play with, or an address that is none.
    uint32_t address() {
        constexpr uint32_t kStrange[] = {0x4001, 0x4800, 0x10000, 0x01004000, 0xFFFFF000};
        return below(20) == 0 ? kStrange[below(5)] : (kFirstPage + below(kPages - kFirstPage)) * kPage;
    }
    static bool is_page(uint32_t a) { return a % kPage == 0 && a / kPage < kPages; }
    unsigned other(unsigned m) { return (m + 1 + below(kMachines - 1)) % kMachines; }
    /// Of those that there are, or were, or never will be.
    uint32_t reference(unsigned owner) {
        return below(20) == 0
                   ? below(0xFFFFFFFF)
                   : expected.references[owner] - below(std::min(expected.references[owner] + 1, 9u));
    }
    Model::Grant* find(unsigned owner, uint32_t reference, unsigned peer) {
        const auto at = expected.grants.find({owner, reference});
        return at != expected.grants.end() && at->second.peer == peer ? &at->second : nullptr;
    }

    /// An order of machine `m`, and what it must answer.
    std::pair<Order, Answer> order(unsigned m) {
        const unsigned o = below(25) == 0 ? m : other(m);  // now and then with itself
        switch (below(12)) {
            case 0:
            case 1: {
                const uint32_t page = address(), access = below(15) == 0 ? 2 + below(9) : below(4) != 0;
                return {Agent::grant(page, access, kNames[o]), grant(m, page, access, o)};
            }
            case 2: {
                const uint32_t r = reference(m), force = below(3) == 0 ? below(3) : 0;
                return {Agent::revoke(r, force), revoke(m, r, force)};
            }
            case 3:
            case 4: {
                const uint32_t r = reference(o), direction = below(2);
                uint32_t area = address();
                if (area % kPage != 0) area = 0x10000;  // parts of pages are not in the model
                const uint32_t length = below(20) == 0 ? 4097 : 4;
                return {Agent::copy(kNames[o], r, 0, area, length, direction),
                        copy(m, o, r, area, length, direction)};
            }
            case 5:
            case 6: {
                const uint32_t r = reference(o), page = address();
                return {Agent::map(kNames[o], r, page), map(m, o, r, page)};
            }
            case 7: {
                const uint32_t page = address();
                return {Agent::unmap(page), unmap(m, page)};
            }
            case 8:
            case 9: {
                const unsigned p = kFirstPage + below(kPages - kFirstPage);
                const auto v = static_cast<uint32_t>(random());
                expected.value(m, p) = v;
                return {{p * kPage, v, Agent::store}, done(v)};
            }
            default: {
                const unsigned p = kFirstPage + below(kPages - kFirstPage);
                return {{p * kPage, 0, Agent::fetch}, done(expected.value(m, p))};
            }
        }
    }

    Answer grant(unsigned m, uint32_t page, uint32_t access, unsigned to) {
        if (access > 1) return refused(Why::number);
        if (!is_page(page) || expected.is_borrowed(m, page / kPage) || expected.is_lent(m, page / kPage))
            return refused(Why::address);
        if (to == m) return refused(Why::no_machine);
        unsigned n = 0;
        for (const auto& [key, one] : expected.grants) n += key.first == m;
        if (n == kGrants) return refused(Why::too_many);
        const uint32_t r = ++expected.references[m];
        expected.grants[{m, r}] = {to, page / kPage, access == 1};
        return done(r);
    }
    Answer revoke(unsigned m, uint32_t r, uint32_t force) {
        if (force > 1) return refused(Why::number);
        const auto at = expected.grants.find({m, r});
        if (at == expected.grants.end()) return refused(Why::no_grant);
        if (at->second.mapped >= 0) {
            if (force == 0) return refused(Why::in_use);
            expected.end_mapping(at->second);
        }
        expected.grants.erase(at);
        return done(force);
    }
    Answer copy(unsigned m, unsigned o, uint32_t r, uint32_t area, uint32_t length, uint32_t direction) {
        const Model::Grant* const g = find(o, r, m);
        if (g == nullptr) return refused(Why::no_grant);
        if (length > kPage) return refused(Why::number);
        if (direction == 1 && !g->store) return refused(Why::access);
        if (expected.is_borrowed(o, g->page)) return refused(Why::no_grant);
        if (area > Agent::kStorage - 4) return refused(Why::address);
        const unsigned p = area / kPage;
        if (direction == 1)
            expected.value(o, g->page) = expected.value(m, p);
        else
            expected.value(m, p) = expected.value(o, g->page);
        return done(0);
    }
    Answer map(unsigned m, unsigned o, uint32_t r, uint32_t page) {
        Model::Grant* const g = find(o, r, m);
        if (g == nullptr) return refused(Why::no_grant);
        if (!g->store) return refused(Why::access);
        if (g->mapped >= 0) return refused(Why::in_use);
        unsigned n = 0;
        for (const auto& [where, whose] : expected.borrowed) n += where.machine == m;
        if (n == kGrants) return refused(Why::too_many);
        if (!is_page(page) || expected.is_borrowed(m, page / kPage) || expected.is_lent(m, page / kPage))
            return refused(Why::address);
        if (expected.is_borrowed(o, g->page) || expected.is_lent(o, g->page)) return refused(Why::no_mapping);
        g->mapped = static_cast<int>(page / kPage);
        expected.borrowed[{m, page / kPage}] = {o, g->page};
        return done(0);
    }
    Answer unmap(unsigned m, uint32_t page) {
        for (auto& [key, g] : expected.grants)
            if (g.peer == m && g.mapped >= 0 && static_cast<uint32_t>(g.mapped) * kPage == page) {
                expected.end_mapping(g);
                return done(0);
            }
        return refused(Why::not_mapped);
    }

    void batch(unsigned orders) {
        const unsigned m = below(kMachines);
        std::vector<Order> all;
        std::vector<Answer> wanted;
        for (unsigned i = 0; i < orders; ++i) {
            auto [one, answer] = order(m);
            all.push_back(one);
            wanted.push_back(answer);
        }
        const auto got = agents[m]->execute(all);
        for (unsigned i = 0; i < orders; ++i) {
            if (got[i] == wanted[i]) continue;
            CAPTURE(i);
            CAPTURE(all[i].code);
            CAPTURE(got[i].program);
            CAPTURE(got[i].condition);
            CAPTURE(got[i].r3);
            CAPTURE(wanted[i].condition);
            CAPTURE(wanted[i].r3);
            REQUIRE(false);
        }
        done_ += orders;
        if (below(40) == 0) {
            const unsigned who = below(kMachines);
            agents[who]->log_off();
            expected.log_off(who);
            log_on(who);
        }
    }
    /// What the control program itself sees of all pages, and holds of grants.
    void check() {
        size_t mapped = 0;
        for (const auto& [key, g] : expected.grants) mapped += g.mapped >= 0;
        CHECK(host.cp.services().grants().grants() == expected.grants.size());
        CHECK(host.cp.services().grants().mapped() == mapped);
        for (unsigned m = 0; m < kMachines; ++m)
            for (unsigned p = kFirstPage; p < kPages; ++p)
                REQUIRE(agents[m]->word(p * kPage) == expected.value(m, p));
    }

    std::mt19937_64 random;
    Host host;
    Model expected;
    std::unique_ptr<Agent> agents[kMachines];
    unsigned done_ = 0;
};

/// In each of the runs of the test; as many in all as VMCP_OPERATIONS says.
unsigned operations_of_a_run() {
    const char* const wanted = std::getenv("VMCP_OPERATIONS");
    return (wanted != nullptr ? static_cast<unsigned>(std::strtoul(wanted, nullptr, 10)) : 100'000) / 4;
}

TEST_CASE("random calls of hostile machines: each sees what is his or granted, and nothing else") {
    PagingOptions paging;
    paging.devices = {"2305-2"};
    struct Setting {
        const char* model;
        uint32_t real_storage;
    };
    constexpr Setting kSettings[] = {{"s370-158", 1 << 20},
                                     {"s370-158-interpretive", 1 << 20},
                                     {"s370-158", 252 * 1024},  // three machines of 64K do not fit into it
                                     {"s370-158", 16 << 20}};
    uint64_t seed = 0;
    for (const Setting& setting : kSettings) {
        CAPTURE(++seed);
        Chaos chaos(seed, setting.model, setting.real_storage, paging);
        const uint32_t frames = chaos.host.cp.frames().free_frames();
        const unsigned operations = operations_of_a_run();
        for (unsigned n = 0; chaos.done_ < operations; ++n) {
            chaos.batch(1 + chaos.below(Agent::kMost));
            if (n % 16 == 0) chaos.check();
        }
        chaos.check();
        for (auto& agent : chaos.agents) agent->log_off();
        CHECK(chaos.host.cp.services().grants().grants() == 0);
        CHECK(chaos.host.cp.frames().free_frames() >= frames);
        CHECK(chaos.host.cp.frames().pages_in_use() == 0);
    }
}

TEST_CASE("a machine that is not described with grants has none of the calls, and gets no grants") {
    Host host;
    Agent a(host, "ONE", 4), b(host, "TWO", 0);
    CHECK(b.execute(Agent::grant(0x4000, 1, "ONE")).program == 6);
    CHECK(a.execute(Agent::grant(0x4000, 1, "TWO")) == refused(Why::no_machine));
    CHECK(a.execute({0, 0, 0x25C}).program == 6);
    CHECK(a.execute({0x2002, 0, 0x248}).program == 6);
    CHECK(a.execute({0x20000, 0, 0x248}).program == 5);
}

TEST_CASE("what is mapped is one page: stores are seen on either side at once, and keys are the owner's") {
    Host host;
    Agent a(host, "ONE", 4), b(host, "TWO", 4);
    CHECK(a.execute({0x4000, 0x11223344, Agent::store}).condition == 0);
    CHECK(a.execute(Agent::grant(0x4000, 1, "TWO")) == done(1));
    CHECK(b.execute({0x8000, 0x55555555, Agent::store}).condition == 0);
    CHECK(b.execute(Agent::map("ONE", 1, 0x8000)) == done(0));
    CHECK(b.execute({0x8000, 0, Agent::fetch}).r3 == 0x11223344);
    CHECK(b.execute({0x8004, 0xCAFECAFE, Agent::store}).program == 0);
    CHECK(a.execute({0x4004, 0, Agent::fetch}).r3 == 0xCAFECAFE);
    // The peer cannot change the owner's key, nor lose him the page by releasing it.
    a.vm().storage.set_key(SecondLevel(0x4000), 0x30);
    b.vm().storage.set_key(SecondLevel(0x8000), 0x50);
    CHECK((a.vm().storage.key(SecondLevel(0x4000)) & 0xF0) == 0x30);
    CHECK(b.execute({0x8000, 0x8000, 0x10}).program == 0);
    CHECK(a.execute({0x4000, 0, Agent::fetch}).r3 == 0x11223344);
    // It may not be the prefix area of either.
    CHECK_FALSE(a.vm().storage.may_be_prefix(0x4000));
    CHECK_FALSE(b.vm().storage.may_be_prefix(0x8000));
    CHECK(a.execute(Agent::revoke(1)) == refused(Why::in_use));
    CHECK(a.execute(Agent::revoke(1, 1)) == done(1));
    CHECK(b.execute({0x8000, 0, Agent::fetch}).r3 == 0);
    CHECK(b.execute({0x8004, 1, Agent::store}).program == 0);
    CHECK(a.execute({0x4004, 0, Agent::fetch}).r3 == 0xCAFECAFE);
    CHECK(a.vm().storage.may_be_prefix(0x4000));
    // Who pays: each for his own calls.
    CHECK(a.vm().account.of(Cause::simulated(isa::Op::op_DIAG)).count > 0);
}

TEST_CASE("pages of machines whose frames must not be shared are copied, and not mapped") {
    Host host(16 * simulation::kMebibyte, "round-robin", "s370-158", 10 * simulation::kMillisecond, {},
              64 * 1024);
    VmOptions real;
    real.storage_kind = StorageKind::real;
    Agent a(host, "ONE", 4, real), b(host, "TWO", 4);
    CHECK(a.execute({0x4000, 0x11223344, Agent::store}).condition == 0);
    CHECK(a.execute(Agent::grant(0x4000, 1, "TWO")) == done(1));
    CHECK(b.execute(Agent::map("ONE", 1, 0x8000)) == refused(Why::no_mapping));
    CHECK(b.execute(Agent::copy("ONE", 1, 0, 0x8000, 4, 0)) == done(0));
    CHECK(b.execute({0x8000, 0, Agent::fetch}).r3 == 0x11223344);
    CHECK(b.execute(Agent::grant(0x5000, 1, "ONE")) == done(1));
    CHECK(a.execute(Agent::map("TWO", 1, 0x5000)) == refused(Why::no_mapping));
}

}  // namespace
}  // namespace vmcp::test
