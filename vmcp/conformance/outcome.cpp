#include "vmcp/conformance/outcome.hpp"

namespace vmcp::conformance {

std::string_view name_of(Stop stop) {
    switch (stop) {
        case Stop::disabled_wait: return "disabled-wait";
        case Stop::check_stop: return "check-stop";
        case Stop::limit: return "limit";
    }
    return "?";
}

}  // namespace vmcp::conformance
