// An image that is being made: it has a name of its own beside the one that it will have, which it takes when
// it is complete. So whoever is killed while making one leaves what was there as it was, two that make one
// image at a time do not meet, and a file of the user is replaced only where that is asked for.
#pragma once

#include <string>

#include "simulation/images/image_error.hpp"

namespace simulation::images {

class NewImage {
  public:
    /// `replace`: an image (or another regular file) that is there is replaced, unless it is in use; it
    /// stays locked until then. Symbolic links are followed. Throws ImageError.
    NewImage(const std::string& path, bool replace);
    ~NewImage();
    NewImage(const NewImage&) = delete;
    NewImage& operator=(const NewImage&) = delete;

    /// What to make meanwhile; nothing has this name yet.
    const std::string& part() const { return part_; }
    /// Lets the part, which must be closed, have the name; a journal of what was there is gone with it.
    /// Throws ImageError, also where there is a file of the name now and was none before.
    void finish();

  private:
    std::string path_;
    std::string place_;  // the same without symbolic links
    std::string part_;
    int replaced_ = -1;  // locked
};

}  // namespace simulation::images
