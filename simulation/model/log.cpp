#include "simulation/model/log.hpp"

namespace simulation {

spdlog::logger& log() {
    static spdlog::logger logger = [] {
        spdlog::logger silent("vmcp");
        silent.set_level(spdlog::level::off);
        return silent;
    }();
    return logger;
}

}  // namespace simulation
