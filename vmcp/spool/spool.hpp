// The spool: all spool files of the control program, the room they take, and their queues.
//
// A file is opened at the first record, grows, is closed and then waits in the queue of its owner: to be read
// by the owner's reader, or to be printed or punched. Files wait in one order, which ORDER changes; those of
// one owner and kind are a queue. Space is given out in pages of 4096 bytes, as a file grows, and is free
// again when the file is purged.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vmcp/ledger/ledger.hpp"
#include "vmcp/spool/spool_file.hpp"
#include "vmcp/spool/spool_folder.hpp"
#include "vmcp/spool/spool_volumes.hpp"

namespace vmcp {

/// A hundred cylinders of a 3330, of 57 pages each, as VM/370 divides them.
inline constexpr uint32_t kDefaultSpoolPages = 5700;
/// Spool files are held in memory, too: 1 GiB.
inline constexpr uint32_t kMostSpoolPages = 262'144;

struct SpoolOptions {
    std::string folder;                      // where files are kept from run to run; empty: nowhere
    uint32_t capacity = kDefaultSpoolPages;  // pages
    bool drain = false;                      // nothing is printed or punched: it stays in its queue

    bool operator==(const SpoolOptions&) const = default;
};

/// What has happened, for the report.
struct SpoolCounts {
    uint64_t opened = 0, closed = 0, purged = 0;  // files
    uint64_t records = 0;                         // written
    uint64_t put_out = 0;                         // files printed or punched
    uint64_t read = 0;                            // files a reader has opened
    uint64_t full = 0;                            // a device had to stop because there was no room
    uint64_t pages_written = 0;                   // that were to be written to a disk,
    uint64_t pages_read = 0;                      // or read from one
    uint32_t most_pages = 0;                      // in use at once
};

/// A file that is being written.
struct OpenSpoolFile {
    SpoolFile file;
    uint32_t left = 0;      // bytes of its last page
    size_t page_begin = 0;  // where that begins in the records
    bool promised = false;  // another page is kept for it
    bool counted = false;   // it has one of the numbers that there are
};

/// A virtual machine, as the spool knows it.
class SpoolUser {
  public:
    virtual ~SpoolUser() = default;
    /// A file has come into one of its queues, or has become free to be worked on; `work`: of whoever did it.
    virtual void file_arrived(SpoolFile& file, Work& work) = 0;
    /// Devices that had to stop because the spool was full may go on.
    virtual void room_again() = 0;
    /// A line on its console.
    virtual void tell(Work& work, std::string_view line) = 0;
};

class Spool {
  public:
    /// Reads what the folder holds. Throws SpoolError where it cannot be used.
    explicit Spool(SpoolOptions options);
    ~Spool();
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    const SpoolOptions& options() const { return options_; }
    /// Of the folder: what it holds that is no good, one line each.
    const std::vector<std::string>& complaints() const { return complaints_; }

    // ---- Room ----

    /// Disks that pages lie on; none: they lie nowhere, and moving them takes no time.
    SpoolVolumes& volumes() { return volumes_; }
    /// Gives places on the disks, which are there now, to the files of the folder. Throws SpoolError where
    /// they have no room for them.
    void place_files();
    /// Pages that there are.
    uint32_t capacity() const;

    // ---- Users ----

    /// A name to which files may be sent, whether its machine is logged on or not.
    void enter(const std::string& name);
    /// The name as it was entered; `name` in any case. Nothing if there is none.
    std::optional<std::string> known(std::string_view name) const;
    void log_on(const std::string& name, SpoolUser& user);
    void log_off(const std::string& name);
    /// Null if it is not logged on.
    SpoolUser* user(std::string_view name) const;

    // ---- Files that are being written ----

    /// Makes sure that one more record, however long, has room. False if there is none.
    bool reserve(OpenSpoolFile& open);
    /// False, and the record is lost, where there was no reserve and there is no room.
    bool append(OpenSpoolFile& open, uint8_t command, std::span<const uint8_t> data);
    /// Its last page is not filled any further.
    void end_page(OpenSpoolFile& open);
    /// Puts the file, which has records, behind those of its queue, under a number.
    SpoolFile& close(OpenSpoolFile&& open);
    void discard(OpenSpoolFile& open);

    // ---- Files that wait ----

    using Files = std::list<SpoolFile>;
    Files& files() { return files_; }
    const Files& files() const { return files_; }
    std::vector<SpoolFile*> queue_of(std::string_view owner, SpoolQueue queue);
    SpoolFile* find(unsigned number);
    /// Its attributes have changed: what the folder holds of it is made anew.
    void changed(SpoolFile& file);
    /// Gives it to another queue, behind what is there.
    void transfer(SpoolFile& file, const std::string& owner, SpoolQueue queue);
    /// It has come, or is free to be worked on: its owner is told, who may print it at once, with which it is
    /// gone.
    void offer(SpoolFile& file, Work& work);
    /// Puts these files in front of the others of their queue, in this order.
    void order(const std::vector<SpoolFile*>& first);
    void purge(SpoolFile& file);

    SpoolCounts& counts() { return counts_; }
    const SpoolCounts& counts() const { return counts_; }
    uint32_t pages_in_use() const { return used_; }

    /// The folder could not be written: tells it, once. Until then it is left alone.
    void throw_failure();

  private:
    bool has_room() const { return used_ < capacity() && numbers_taken() < kMostSpoolNumber; }
    size_t numbers_taken() const { return files_.size() + open_ + barred_.size(); }
    unsigned next_number();
    void take_page();
    void give_back(OpenSpoolFile& open);
    void tell_of_room();
    template <class Action>
    void keep(Action action);
    void keep_index();

    SpoolOptions options_;
    SpoolVolumes volumes_;
    std::unique_ptr<SpoolFolder> folder_;  // null: nothing is kept
    std::optional<std::string> failure_;
    std::vector<std::string> complaints_;
    Files files_;
    size_t open_ = 0;       // files that are being written
    bool refused_ = false;  // somebody found no room since it was last told that there is
    unsigned next_ = 1;
    std::vector<unsigned> barred_;  // numbers that files in the folder have that are no good
    uint32_t used_ = 0;
    SpoolCounts counts_;
    std::map<std::string, std::string, std::less<>> names_;  // by the name in capitals
    std::map<std::string, SpoolUser*, std::less<>> users_;
};

}  // namespace vmcp
