// IUCV, the inter-user communications vehicle: the instruction X'B2F0' and the external interruption X'4000'.
// Two machines connect a path, and send messages by it that are answered. SC19-6203 (VM/SP System
// Programmer's Guide), "Inter-User Communications Vehicle"; docs/messages.md has functions, layouts and
// codes.
//
// A message is in one place at a time: among those that wait for who gets it, among those that he has
// received and is to reply to, or among those whose completion waits for who sent it.
#pragma once

#include <deque>
#include <list>
#include <map>

#include "vmcp/dispatch/machine_states.hpp"
#include "vmcp/dispatch/virtual_cpu.hpp"
#include "vmcp/message/message_area.hpp"

namespace vmcp {

class Iucv {
  public:
    Iucv(Nucleus& nucleus, MachineStates& states) : nucleus_(nucleus), states_(states) {}

    /// The instruction: register 0 has the function, the operand is the parameter list.
    void execute(VirtualCpu& cpu, uint32_t parameter_list);
    /// The first interruption that is pending for the machine, and let through by its own masks.
    void present(Work& work, VirtualMachine& vm);
    /// All paths of the machine are severed, and nothing of it is left.
    void end(VirtualMachine& vm);

    /// Messages and paths' ends that there are, of all machines.
    size_t messages() const;
    size_t paths() const;

  private:
    enum Function : uint32_t {
        query,
        test_message,
        retrieve_buffer,
        describe,
        send,
        receive,
        reply,
        test_completion,
        reject,
        purge,
        accept,
        connect,
        declare_buffer,
        quiesce,
        resume,
        sever,
        set_mask,
        set_control_mask,
    };
    enum ReturnCode : uint8_t {
        kDone = 0,
        kNoPath = 1,
        kQuiesced = 2,
        kLimit = 3,
        kPriority = 4,
        kTooShort = 5,
        kSendProtection = 6,
        kSendAddress = 7,
        kIdentification = 8,
        kLength = 10,
        kNotLoggedOn = 11,
        kNoBuffer = 12,
        kOwnConnections = 13,
        kOtherConnections = 14,
        kNotAuthorized = 15,
        kNoService = 16,
        kFunctionCode = 17,
        kMessageLimit = 18,
        kDeclared = 19,
        kSevered = 20,
        kListData = 21,
    };
    /// IPTYPE.
    enum Type : uint8_t {
        pending_connection = 1,
        connection_complete,
        path_severed,
        path_quiesced,
        path_resumed,
        priority_completion,
        completion,
        priority_message,
        message,
    };
    using UserData = std::array<uint8_t, 16>;

    struct Communicator;
    /// One end of a path, by whom it belongs to.
    struct Path {
        enum class State : uint8_t {
            connecting,   // the other is to accept it
            pending,      // it is to be accepted here
            established,  //
            severed,      // by the other
        };
        State state;
        Communicator* other;  // null: severed
        uint16_t other_id = 0;
        bool quiesced = false;   // nothing may be sent
        bool priority = false;   // priority messages are allowed
        bool list_data = false;  // it takes data in parameter lists
        unsigned limit = 0;      // messages that are sent and not completed
        unsigned outstanding = 0;
        unsigned most = 0;  // that the authority allows as limit
    };
    struct Message {
        uint32_t id;
        Communicator* source;
        uint16_t source_path;
        uint16_t target_path;
        bool one_way, priority, list_data;
        std::array<uint8_t, 8> data;  // if list_data
        uint32_t target_class, source_class, tag;
        uint32_t send_at, send_length, answer_at, answer_length;
        uint8_t key;  // of the source
        // Of who gets it:
        bool described = false;  // he has been told of it
        uint32_t received = 0;   // bytes
        // When it is complete:
        uint16_t audit = 0;
        bool priority_reply = false, list_reply = false;
        std::array<uint8_t, 8> reply_data{};
        uint32_t residual = 0;  // of the answer area, or of the reply
    };
    using Messages = std::list<Message>;
    struct ControlInterruption {
        Type type;
        uint16_t path;
        MessageList data;
    };
    struct Communicator {
        VirtualMachine& vm;
        uint32_t buffer = 0;
        uint8_t mask = 0xF8, control_mask = 0xF8;
        uint32_t last_message = 0;  // that it sent
        bool tests = false;         // it waits in TEST MESSAGE
        std::map<uint16_t, Path> paths{};
        std::deque<ControlInterruption> control{};
        Messages incoming{};   // not, or not all, received
        Messages received{};   // that it is to reply to
        Messages completed{};  // that it sent
    };
    /// One execution of a function that has a parameter list.
    struct Request {
        VirtualCpu& cpu;
        Communicator& self;
        MessageList list;  // changed in place

        Work& work() const { return cpu.work(); }
        uint8_t flags() const;
        uint16_t path() const;
        UserData user_data() const;
    };
    struct Answer {
        unsigned condition;
        ReturnCode code = kDone;
    };
    static Answer done() { return {0}; }
    static Answer refused(ReturnCode why) { return {1, why}; }
    static Answer none() { return {2}; }

    Answer serve(Request& r, Function function);
    void tell_query(VirtualCpu& cpu);
    void test(VirtualCpu& cpu, Communicator& self);
    Answer do_declare(VirtualCpu& cpu, const MessageList& list);

    // ---- Paths ----
    Answer do_connect(Request& r);
    Answer do_accept(Request& r);
    Answer do_sever(Request& r);
    Answer do_quiesce(Request& r, bool on);
    static Path* path_of(Communicator& self, uint16_t id);
    static uint16_t free_path(const Communicator& self);
    void sever_path(Communicator& self, uint16_t id, const UserData& data);
    void quiesce_path(Path& path, bool on, const UserData& data);
    void tell(Communicator& to, Type type, uint16_t path, const MessageList& data);

    // ---- Messages ----
    Answer do_send(Request& r);
    Answer do_receive(Request& r);
    Answer do_reply(Request& r);
    Answer do_reject(Request& r);
    Answer do_purge(Request& r);
    Answer do_test_completion(Request& r);
    Answer do_describe(Request& r);
    /// Where a message is that flags and fields of the list identify.
    struct Found {
        Messages* where = nullptr;
        Messages::iterator at{};
        Answer why{2};
        explicit operator bool() const { return where != nullptr; }
    };
    /// `source`: by which of its classes, and ends of its path, a message is asked for. `completely`: by all,
    /// whatever the flags say.
    static Found find(const Request& r, std::initializer_list<Messages*> places, bool source, bool completely,
                      bool partly_received_too);
    /// Whoever executes the function must be able to access his own area: raises what he cannot, and has the
    /// audit trail tell of it.
    static void require_own(const Request& r, Message& message, const MessageArea& area, bool storing);
    Answer take_list_data(Request& r, const Found& found);
    void describe_message(const Message& message, MessageList& out) const;
    static void describe_completion(const Message& message, MessageList& out);
    /// It has been presented or described: data in the list are received by that.
    void note_described(Communicator& self, Messages::iterator at);
    /// It goes back to who sent it.
    void complete(Messages& from, Messages::iterator at);
    void drop(Messages& from, Messages::iterator at);

    // ---- Interruptions ----
    struct Pending {
        Type type;
        std::deque<ControlInterruption>::iterator control{};
        Messages::iterator message{};
    };
    static std::optional<Pending> next_pending(Communicator& self);
    void settle(Communicator& self);

    Communicator* communicator_of(VmId id);

    Nucleus& nucleus_;
    MachineStates& states_;
    std::map<VmId, Communicator> communicators_;  // that have declared a buffer
};

/// Fields of parameter lists and interruptions by their offsets, and bits of them.
namespace iucv_list {
// NOLINTBEGIN(readability-identifier-naming): they are read as field::path
// Fields.
inline constexpr unsigned path = 0, mask = 0, flags = 2, code = 3, message_limit = 4, message_id = 4,
                          function_code = 6, user_id = 8, target_class = 8, audit = 8, buffer = 12,
                          list_data = 12, length = 16, user_data = 16, source_class = 20, tag = 24,
                          answer = 28, answer_length = 32;
// Flags.
inline constexpr unsigned data_in_list = 0x80, all_paths = 0x80, quiesced_path = 0x40, priority = 0x20,
                          one_way = 0x10, by_message = 0x04, by_path = 0x02, by_class = 0x01;
// The audit trail.
inline constexpr unsigned reply_too_long = 0x8000, send_protection = 0x4000, send_addressing = 0x2000,
                          answer_protection = 0x1000, answer_addressing = 0x0800, rejected = 0x0400,
                          list_reply_refused = 0x0200, receive_protection = 0x0080,
                          receive_addressing = 0x0040, reply_protection = 0x0020, reply_addressing = 0x0010,
                          severed = 0x0008;
// NOLINTEND(readability-identifier-naming)
}  // namespace iucv_list

}  // namespace vmcp
