// VMCF, the virtual-machine communication facility: DIAGNOSE X'68' and the external interruption X'4001'. Who
// has authorized himself may send messages to others who have, and gets an answer for each. SC19-6203 (VM/SP
// System Programmer's Guide), "The Virtual Machine Communication Facility"; docs/messages.md has functions,
// layouts and codes.
#pragma once

#include <deque>
#include <list>
#include <map>

#include "vmcp/dispatch/machine_states.hpp"
#include "vmcp/dispatch/virtual_cpu.hpp"
#include "vmcp/message/message_area.hpp"

namespace vmcp {

class Vmcf {
  public:
    /// Messages of one machine that are not finished yet.
    static constexpr unsigned kMostActive = 50;

    Vmcf(Nucleus& nucleus, MachineStates& states) : nucleus_(nucleus), states_(states) {}

    /// R1 the parameter list, R3 gets the return code.
    void diagnose(VirtualCpu& cpu, unsigned r1, unsigned r3);
    /// The first interruption that is pending for the machine is going to be presented.
    void present(Work& work, VirtualMachine& vm);
    /// What the machine has sent is gone, and who has sent to it is told.
    void end(VirtualMachine& vm);

    /// Messages that are not finished, of all machines.
    size_t active() const { return messages_.size(); }

  private:
    enum Function : uint16_t {
        authorize,
        unauthorize,
        send,
        send_receive,
        send_extended,
        receive,
        cancel,
        reply,
        quiesce,
        resume,
        identify,
        reject,
    };
    enum ReturnCode : uint32_t {
        kDone = 0,
        kAddress = 1,
        kFunction = 2,
        kProtocol = 3,
        kNotAuthorized = 4,
        kNoUser = 5,
        kProtection = 6,
        kTooLong = 7,
        kDuplicate = 8,
        kQuiesced = 9,
        kLimit = 10,
        kReplyCanceled = 11,
        kNotFound = 12,
        kTooEarly = 13,
        kTooLate = 14,
        kLength = 16,
        kOverlap = 17,
        kPriority = 18,
        kTransfer = 19,
    };
    /// The interruption for the sink is pending; it has been presented; the sink has received what it will
    /// reply to; the interruption for the source is pending.
    enum class Stage : uint8_t { sent, presented, received, answered };
    struct Message {
        VmId source, sink;
        UserId source_id, sink_id;
        MessageList list;  // as it was sent
        uint8_t key;
        Stage stage = Stage::sent;
        bool rejected = false;
        uint8_t error = 0;                // of the transfer
        uint32_t moved = 0;               // bytes of the message
        uint32_t replied = 0;             // and of the reply
        std::array<uint8_t, 8> answer{};  // the user doubleword of who answers

        uint16_t function() const { return list.get16(2); }
        uint32_t id() const { return list.get32(4); }
        bool has_priority() const;
    };
    struct User {
        uint32_t buffer = 0, length = 0;
        bool specific = false, priority = false, quiesced = false;
        UserId only_from{};              // if specific
        unsigned active = 0;             // messages that it is the source of
        std::deque<Message*> pending{};  // what it is to be interrupted for
    };
    /// One execution of the instruction.
    struct Request;

    ReturnCode serve(const Request& request);
    ReturnCode serve_authorized(const Request& request, User& user);
    ReturnCode do_authorize(const Request& request);
    ReturnCode do_send(const Request& request, User& user);
    ReturnCode do_receive(const Request& request);
    ReturnCode do_reply(const Request& request);
    ReturnCode do_reject(const Request& request);
    ReturnCode do_cancel(const Request& request);
    static ReturnCode code_of(ChannelAccess access);
    /// Why the data of a message may not lie there; kDone: they may.
    static ReturnCode check_data(const MessageArea& area, bool storing);
    /// Copies a message or a reply. `code`: what comes of it otherwise; `moved`: bytes, if any are.
    ReturnCode carry(const Request& request, Message& message, const MessageArea& from, const MessageArea& to,
                     ReturnCode code, uint32_t& moved);
    /// The message that the list names, sent to who executes the function; why it may not be answered.
    Message* find_for_sink(const Request& request, ReturnCode& why);
    Message* find_of_source(VmId source, const UserId& sink, uint32_t id);
    User* user_of(VmId id);
    void answer(Message& message, const std::array<uint8_t, 8>& doubleword);
    void queue(VmId id, Message& message);
    void forget(Message& message);
    void settle(VmId id);

    Nucleus& nucleus_;
    MachineStates& states_;
    std::map<VmId, User> users_;
    std::list<Message> messages_;  // in the order of their sending
};

}  // namespace vmcp
