// Machines that do what they like with VMCF and IUCV harm nobody: nothing is stored outside of what its owner
// has named under his key, nothing is left when all have logged off, and it is the same the second time.
#include <cstdlib>
#include <random>

#include "tests/vmcp/message/agent.hpp"

namespace vmcp::test {
namespace {

constexpr unsigned kAgents = 3;
const char* const kNames[kAgents] = {"one", "two", "three"};

IucvAuthority everybody() {
    IucvAuthority authority{.most_connections = 6};
    authority.entries.push_back({.whom = IucvAuthority::Entry::Whom::any, .priority = true});
    return authority;
}

/// What no function may change: all of a machine's storage that does not have the key of its areas, but page
/// zero, where interruptions leave their codes.
uint64_t sum_of_the_rest(VirtualMachine& vm) {
    uint64_t sum = 0;
    for (uint32_t a = 0x200; a < AgentLayout::kStorage; a += 4) {
        if (a == AgentLayout::kArea) a = AgentLayout::kEnd;
        sum = sum * 1'000'003 + vm.storage.peek32(SecondLevel(a));
    }
    return sum;
}

struct Chaos {
    explicit Chaos(uint64_t seed, const std::string& model = "s370-158", uint32_t real_storage = 1 << 20)
        : random(seed), host(real_storage, "round-robin", model) {
        for (unsigned i = 0; i < kAgents; ++i) {
            agents[i] = std::make_unique<Agent>(host, kNames[i], everybody());
            agents[i]->put(0x9000, std::vector<uint8_t>(0x2000, static_cast<uint8_t>(0xC1 + i)));
            agents[i]->enable(3);
        }
    }

    uint32_t below(uint32_t n) { return static_cast<uint32_t>(random() % n); }
    /// Mostly where it may be.
    uint32_t address() {
        constexpr uint32_t kStrange[] = {0,      8,      0x1040,  0x7FF8,   0x9000,
                                         0xFFF8, 0xFFFC, 0x10000, 0xFFFFF8, 0xFFFFFFFF};
        return below(4) == 0 ? kStrange[below(10)] : 0x4000 + below(0x4000);
    }
    uint32_t length() {
        constexpr uint32_t kStrange[] = {0, 39, 40, 65536, 65537, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
        return below(4) == 0 ? kStrange[below(8)] : below(5000);
    }
    MessageList list_of_iucv(unsigned function) {
        MessageList list;
        list.put16(0, below(12) == 0 ? below(65536) : below(4));
        list.put8(2, below(3) == 0 ? below(256) : 0);
        if (function == 16 || function == 17) list.put8(0, below(256) | 0x80);
        if (function == 11) {
            list.put16(4, below(20));
            list.put(8, id_of(std::array{"ONE", "TWO", "THREE", "FOUR", "*MSG"}[below(5)]));
            return list;
        }
        list.put32(4, below(12));
        list.put32(8, below(2));
        list.put32(12, function == 12 ? 0x1800 : address());
        list.put32(16, length());
        list.put32(20, below(2));
        list.put32(28, address());
        list.put32(32, length());
        return list;
    }
    MessageList list_of_vmcf() {
        MessageList list;
        const unsigned function = below(13);
        list.put16(2, function);
        list.put8(0, below(3) == 0 ? below(256) : 0);
        list.put32(4, below(6));
        list.put(8, id_of(std::array{"ONE", "TWO", "THREE", "FOUR"}[below(4)]));
        list.put32(16, function == 0 ? 0x1800 : address());
        list.put32(20, function == 0 ? 40 + below(1000) : length());
        list.put32(24, address());
        list.put32(28, length());
        return list;
    }

    void step() {
        Agent& agent = *agents[below(kAgents)];
        constexpr unsigned kFrequent[] = {4, 4, 4, 5, 5, 6, 6, 7, 8, 10, 10, 11, 11, 12, 12, 3};
        const unsigned function = below(4) == 0 ? below(20) : kFrequent[below(16)];
        const uint32_t at = below(30) == 0 ? address() : AgentLayout::kList;
        const auto result =
            below(3) == 0 ? agent.vmcf(list_of_vmcf(), at) : agent.iucv(function, list_of_iucv(function), at);
        if (result.program == 0xFFFF) {
            // It waits in TEST MESSAGE, which nobody might end.
            agent.restart();
            agent.enable(3);
        }
        if (result.program == 0 && result.condition == 0 && (result.code == 0 || result.code == ~0u)) ++done;
        trace = trace * 31 + result.program * 7 + result.condition + result.code;
    }

    std::mt19937_64 random;
    Host host;
    std::unique_ptr<Agent> agents[kAgents];
    uint64_t trace = 0;
    unsigned done = 0;  // functions that were not refused
};

/// In each of the runs of the test; as many in all as VMCP_OPERATIONS says.
unsigned functions_of_a_run() {
    const char* const wanted = std::getenv("VMCP_OPERATIONS");
    return wanted != nullptr ? static_cast<unsigned>(std::strtoul(wanted, nullptr, 10)) / 4 : 1500;
}

TEST_CASE("random functions of hostile machines store nowhere else, leave nothing, and are repeatable") {
    for (uint64_t seed = 1; seed <= 4; ++seed) {
        CAPTURE(seed);
        uint64_t traces[2];
        for (uint64_t& trace : traces) {
            Chaos chaos(seed, seed % 2 == 0 ? "s370-158-interpretive" : "s370-158");
            uint64_t before[kAgents];
            for (unsigned i = 0; i < kAgents; ++i) before[i] = sum_of_the_rest(chaos.agents[i]->vm());
            const unsigned functions = functions_of_a_run();
            for (unsigned n = 0; n < functions; ++n) chaos.step();
            for (unsigned i = 0; i < kAgents; ++i) {
                CHECK(sum_of_the_rest(chaos.agents[i]->vm()) == before[i]);
                CHECK(chaos.agents[i]->vm().status != VmState::stopped);
            }
            CHECK(chaos.done > functions / 10);
            trace = chaos.trace + static_cast<uint64_t>(chaos.host.machine.cpu().now());
            const Services& services = chaos.host.cp.services();
            CHECK(services.iucv().paths() <= kAgents * 6);
            CHECK(services.vmcf().active() <= kAgents * Vmcf::kMostActive);
            for (auto& agent : chaos.agents) agent->log_off();
            CHECK(services.iucv().messages() == 0);
            CHECK(services.iucv().paths() == 0);
            CHECK(services.vmcf().active() == 0);
        }
        CHECK(traces[0] == traces[1]);
    }
}

TEST_CASE("machines that log off at any moment leave nothing behind with the others") {
    for (uint64_t seed = 10; seed < 40; ++seed) {
        CAPTURE(seed);
        Chaos chaos(seed);
        for (int n = 0; n < 60; ++n) chaos.step();
        const unsigned one = chaos.below(kAgents);
        chaos.agents[one]->log_off();
        chaos.agents[one] = std::make_unique<Agent>(chaos.host, kNames[one], everybody());
        for (int n = 0; n < 20; ++n) chaos.step();
        for (auto& agent : chaos.agents) agent->log_off();
        const Services& services = chaos.host.cp.services();
        CHECK(services.iucv().messages() + services.iucv().paths() + services.vmcf().active() == 0);
    }
}

TEST_CASE("a message survives that its page is taken away before it is received") {
    // Little real storage: three machines do not fit into it.
    PagingOptions paging;
    paging.devices = {"2305-2"};
    Host host(300 * 1024, "round-robin", "s370-158", 10 * simulation::kMillisecond, paging);
    Agent a(host, "one", everybody()), b(host, "two", everybody()), c(host, "three", everybody());
    MessageList buffer;
    buffer.put32(12, AgentLayout::kBuffer);
    for (Agent* agent : {&a, &b}) CHECK(agent->iucv(12, buffer).condition == 0);
    MessageList connection;
    connection.put(8, id_of("TWO"));
    CHECK(a.iucv(11, connection).condition == 0);
    CHECK(b.iucv(10).condition == 0);
    std::vector<uint8_t> text(12 * 1024);
    for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<uint8_t>(i * 7 + i / 256);
    a.put(0x4000, text);
    MessageList message;
    message.put32(12, 0x4000);
    message.put32(16, static_cast<uint32_t>(text.size()));
    CHECK(a.iucv(4, message).condition == 0);
    c.put(0x4000, std::vector<uint8_t>(0xB000, 0xEE));  // which takes frames away
    CHECK(b.iucv(5, message).condition == 0);
    const std::string got = b.get(0x4000, static_cast<unsigned>(text.size()));
    CHECK(std::equal(text.begin(), text.end(), got.begin(),
                     [](uint8_t x, char y) { return x == static_cast<uint8_t>(y); }));
}

}  // namespace
}  // namespace vmcp::test
