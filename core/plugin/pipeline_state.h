#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/plugin/environment_state.h"
#include "core/plugin/instance.h"
#include "core/plugin/pipeline.h"

namespace postern::plugin {

// One entry of a pipeline: its settings and its instances.
struct PipelineSeat {
    config::PipelineEntry settings;
    std::string plugin_id;
    std::uint32_t thread_model = POSTERN_THREADS_SERIAL;
    std::vector<std::shared_ptr<Instance>> instances;  // PER_LOOP: one a loop; else one
};

// One question of a phase. The lists are made once, so that a phase which a plugin has no function
// for costs nothing.
struct Step {
    std::size_t entry = 0;
    AskKind kind = AskKind::validator;
};

class Pipeline::State {
public:
    State(Environment& environment_to_use, Role role_to_play)
        : environment(environment_to_use), role(role_to_play) {}

    [[nodiscard]] const std::vector<Step>& steps(std::uint32_t phase) const {
        return phase < steps_.size() ? steps_[phase] : steps_[0];
    }
    void plan();                                           // after the last entry
    [[nodiscard]] bool limits() const { return limits_; }  // a limiter is among them

    // The instance that a loop asks, or null where it is one loop too many.
    [[nodiscard]] Instance* instance_for(std::size_t entry, Scheduler& scheduler) const;

    Environment& environment;
    const Role role;
    std::string listener;
    std::vector<PipelineSeat> entries;

private:
    std::array<std::vector<Step>, POSTERN_PHASE_CLOSE> steps_;  // [0] stays empty
    bool limits_ = false;
};

}  // namespace postern::plugin
