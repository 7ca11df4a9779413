// Paths: who may connect with whom, accepting, severing, quiescing.
#include <algorithm>

#include "isa/ebcdic.hpp"
#include "simulation/model/capitals.hpp"
#include "vmcp/machine/iucv_authority.hpp"
#include "vmcp/message/iucv.hpp"

namespace vmcp {
namespace {

using Entry = IucvAuthority::Entry;
namespace field = iucv_list;

const Entry* find_entry(const VirtualMachine& vm, Entry::Whom whom) {
    for (const Entry& entry : vm.options.iucv.entries)
        if (entry.whom == whom) return &entry;
    return nullptr;
}

/// The statement by which the one may connect to the other: his own of that name, his own of any, the other's
/// of all. With itself a machine may connect always.
const Entry* authority(const VirtualMachine& from, const VirtualMachine& to) {
    static const Entry kItself{.whom = Entry::Whom::any, .priority = true};
    if (&from == &to) return &kItself;
    for (const Entry& entry : from.options.iucv.entries)
        if (entry.whom == Entry::Whom::user &&
            simulation::capitals(entry.name) == simulation::capitals(to.options.name))
            return &entry;
    if (const Entry* const any = find_entry(from, Entry::Whom::any)) return any;
    return find_entry(to, Entry::Whom::allow);
}

/// What a list asks for, within what may be.
unsigned limit_of(const MessageList& list, unsigned most) {
    const unsigned wanted = list.get16(field::message_limit);
    return std::min(wanted != 0 ? wanted : IucvAuthority::kUsualMessages, most);
}

}  // namespace

Iucv::Path* Iucv::path_of(Communicator& self, uint16_t id) {
    const auto at = self.paths.find(id);
    return at != self.paths.end() ? &at->second : nullptr;
}

uint16_t Iucv::free_path(const Communicator& self) {
    uint16_t id = 0;
    for (const auto& [used, path] : self.paths) {
        if (used != id) break;
        ++id;
    }
    return id;
}

Iucv::Answer Iucv::do_connect(Request& r) {
    const UserId name = r.list.get<8>(field::user_id);
    const uint8_t flags = r.flags();
    if (name[0] == isa::to_ebcdic('*')) return refused(kNoService);
    if (r.list.get16(field::message_limit) > IucvAuthority::kMostMessages) return refused(kMessageLimit);
    VirtualMachine* const vm = find_by_user_id(nucleus_, name);
    if (vm == nullptr) return refused(kNotLoggedOn);
    Communicator* const target = communicator_of(vm->id);
    if (target == nullptr) return refused(kNoBuffer);
    const Entry* const entry = authority(r.self.vm, *vm);
    if (entry == nullptr) return refused(kNotAuthorized);
    if (r.self.paths.size() >= r.self.vm.options.iucv.most_connections) return refused(kOwnConnections);
    const size_t own = target == &r.self ? 1 : 0;
    if (target->paths.size() + own >= vm->options.iucv.most_connections) return refused(kOtherConnections);

    const bool priority = (flags & field::priority) != 0 && entry->priority;
    const unsigned limit = limit_of(r.list, entry->message_limit);
    const uint16_t id = free_path(r.self);
    Path& here = r.self.paths
                     .emplace(id, Path{.state = Path::State::connecting,
                                       .other = target,
                                       .priority = priority,
                                       .list_data = (flags & field::data_in_list) != 0,
                                       .limit = limit,
                                       .most = entry->message_limit})
                     .first->second;
    const uint16_t there = free_path(*target);
    here.other_id = there;
    target->paths.emplace(there, Path{.state = Path::State::pending,
                                      .other = &r.self,
                                      .other_id = id,
                                      .quiesced = (flags & field::quiesced_path) != 0,
                                      .priority = priority,
                                      .limit = limit,
                                      .most = entry->message_limit});
    const auto flags_told = static_cast<uint8_t>((flags & (field::data_in_list | field::quiesced_path)) |
                                                 (priority ? field::priority : 0));
    r.list.put16(field::path, id);
    r.list.put16(field::message_limit, limit);
    MessageList told = r.list;
    told.put16(field::path, there);
    told.put8(field::flags, flags_told);
    told.put(field::user_id, user_id(r.self.vm));
    r.list.put8(field::flags, (flags & ~field::priority) | (priority ? field::priority : 0u));
    tell(*target, pending_connection, there, told);
    return done();
}

Iucv::Answer Iucv::do_accept(Request& r) {
    Path* const path = path_of(r.self, r.path());
    if (r.list.get16(field::message_limit) > IucvAuthority::kMostMessages) return refused(kMessageLimit);
    if (path != nullptr && path->state == Path::State::severed) return refused(kSevered);
    if (path == nullptr || path->state != Path::State::pending) return refused(kNoPath);
    const uint8_t flags = r.flags();
    Path& other = path->other->paths.at(path->other_id);
    path->state = other.state = Path::State::established;
    path->list_data = (flags & field::data_in_list) != 0;
    if ((flags & field::quiesced_path) != 0) other.quiesced = true;
    path->priority = other.priority = path->priority && (flags & field::priority) != 0;
    path->limit = limit_of(r.list, path->most);
    const uint8_t allowed = path->priority ? field::priority : 0;
    r.list.put16(field::message_limit, path->limit);
    r.list.put8(field::flags, (flags & ~field::priority) | allowed);
    MessageList told;
    told.put8(field::flags, (flags & (field::data_in_list | field::quiesced_path)) | allowed);
    told.put16(field::message_limit, path->limit);
    told.put(field::user_data, r.user_data());
    tell(*path->other, connection_complete, path->other_id, told);
    return done();
}

Iucv::Answer Iucv::do_sever(Request& r) {
    if ((r.flags() & field::all_paths) != 0) {
        while (!r.self.paths.empty()) sever_path(r.self, r.self.paths.begin()->first, r.user_data());
        return done();
    }
    if (path_of(r.self, r.path()) == nullptr) return refused(kNoPath);
    sever_path(r.self, r.path(), r.user_data());
    return done();
}

Iucv::Answer Iucv::do_quiesce(Request& r, bool on) {
    if ((r.flags() & field::all_paths) != 0) {
        for (auto& [id, path] : r.self.paths) quiesce_path(path, on, r.user_data());
        return done();
    }
    Path* const path = path_of(r.self, r.path());
    if (path == nullptr || path->state != Path::State::established) return refused(kNoPath);
    quiesce_path(*path, on, r.user_data());
    return done();
}

/// What the other may send, if anything changes by that.
void Iucv::quiesce_path(Path& path, bool on, const UserData& data) {
    if (path.state != Path::State::established) return;
    Path& other = path.other->paths.at(path.other_id);
    if (other.quiesced == on) return;
    other.quiesced = on;
    MessageList told;
    told.put(field::user_data, data);
    tell(*path.other, on ? path_quiesced : path_resumed, path.other_id, told);
}

/// The end of the path is gone, with all that was to come by it. What its owner has sent is withdrawn; what
/// the other has sent comes back to him.
void Iucv::sever_path(Communicator& self, uint16_t id, const UserData& data) {
    const Path path = self.paths.at(id);
    std::erase_if(self.control, [id](const ControlInterruption& one) { return one.path == id; });
    self.completed.remove_if([id](const Message& one) { return one.source_path == id; });
    if (Communicator* const other = path.other; other != nullptr) {
        for (Messages* const place : {&other->incoming, &other->received})
            place->remove_if(
                [&](const Message& one) { return one.source == &self && one.source_path == id; });
        for (Messages* const place : {&self.incoming, &self.received})
            for (auto at = place->begin(); at != place->end();) {
                const auto one = at++;
                if (one->target_path != id) continue;
                one->audit |= field::severed;
                complete(*place, one);
            }
        Path& end = other->paths.at(path.other_id);
        const auto untold = std::find_if(other->control.begin(), other->control.end(), [&](const auto& one) {
            return one.path == path.other_id && one.type == pending_connection;
        });
        if (untold != other->control.end()) {
            // He was never told that there is such a path.
            other->control.erase(untold);
            other->paths.erase(path.other_id);
            settle(*other);
        } else {
            end.state = Path::State::severed;
            end.other = nullptr;
            MessageList told;
            told.put(field::user_data, data);
            tell(*other, path_severed, path.other_id, told);
        }
    }
    self.paths.erase(id);
    settle(self);
}

/// An interruption about a path. Of quiescing and resuming only the last one counts that has not been
/// presented.
void Iucv::tell(Communicator& to, Type type, uint16_t path, const MessageList& data) {
    const auto passing = [](Type one) { return one == path_quiesced || one == path_resumed; };
    if (passing(type))
        std::erase_if(to.control,
                      [&](const ControlInterruption& one) { return one.path == path && passing(one.type); });
    MessageList told = data;
    told.put16(field::path, path);
    told.put8(field::code, type);
    to.control.push_back({type, path, told});
    settle(to);
}

}  // namespace vmcp
