#include "simulation/executor/hole_bodies.hpp"
#include "simulation/executor/recording_cpu.hpp"

namespace simulation {

template HoleBody<Cpu> hole_body_of(isa::Op op, isa::Hole hole);
template HoleBody<RecordingCpu> hole_body_of(isa::Op op, isa::Hole hole);

}  // namespace simulation
