#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/plugin/ask.h"
#include "core/plugin/pipeline_state.h"

namespace postern::plugin {

enum class Purpose : bool { connection, review };

// What stands behind a ConnectionPipeline, and outlives it as long as a plugin owes an answer. The
// scheduler's thread only.
class ConnectionPipeline::State final : public AskOwner,
                                        public std::enable_shared_from_this<State> {
public:
    State(std::shared_ptr<const Pipeline> pipeline, Scheduler& scheduler, Facts facts,
          Purpose purpose);

    // Asks one phase; `input` was made by new_input(). What ConnectionPipeline promises of its
    // functions.
    [[nodiscard]] std::optional<Outcome> ask_phase(std::shared_ptr<AskInput> input, Done done);
    [[nodiscard]] bool wants(std::uint32_t phase) const { return !plan_->steps(phase).empty(); }
    [[nodiscard]] std::shared_ptr<AskInput> new_input();
    [[nodiscard]] Quota quota() const;

    void request_finished();
    void set_resumed() { facts_.flags |= POSTERN_CONN_RESUMED; }
    void set_verified() { facts_.flags |= POSTERN_CONN_VERIFIED; }
    void close(const Close& info);
    [[nodiscard]] std::vector<Answer> answers() const;
    void take_over(const std::vector<Answer>& answers);
    [[nodiscard]] const Facts& facts() const { return facts_; }
    [[nodiscard]] bool waiting() const { return waiting_; }

    void on_ended(const Ask& ask) override;

private:
    // One entry as this connection sees it.
    struct Seat {
        Instance* instance = nullptr;
        void* slot = nullptr;           // the plugin's; touched by its calls only
        std::uint32_t outstanding = 0;  // operations and calls on its own thread
        bool began = false;             // counted by the instance
        bool asked = false;             // a hook ran: on_close is owed
        bool closing = false;           // and under way
        std::uint32_t phase = 0;        // of the last answer
        std::uint32_t action = 0;
        Reason reason = 0;
        std::vector<postern_rev_entry> facts;
    };
    // What a limiter has given us.
    struct Taken {
        std::size_t entry = 0;
        std::uint64_t request = 0;  // 0: until the connection ends
        std::shared_ptr<AskInput> input;
    };
    enum class Verdict : bool { go_on, refused };

    // phase_run.cpp: one phase.
    [[nodiscard]] std::optional<Outcome> advance();
    [[nodiscard]] std::optional<Resolution> ask(const Step& step);
    [[nodiscard]] std::optional<Resolution> ask_here(const Step& step, Seat& seat,
                                                     std::shared_ptr<Ask> ask);
    [[nodiscard]] std::optional<Resolution> ask_elsewhere(const Step& step, Seat& seat,
                                                          std::shared_ptr<Ask> ask);
    [[nodiscard]] std::shared_ptr<Ask> prepare(const Step& step, Seat& seat);
    void await(Seat& seat, postern_op op, std::uint64_t deadline_ns);
    void on_deadline(std::uint64_t sequence);
    void resume(const Resolution& resolution);
    [[nodiscard]] Verdict apply(const Step& step, const Resolution& resolution);
    void say_observed(const config::PipelineEntry& settings, const Resolution& resolution) const;
    [[nodiscard]] Outcome finish();
    [[nodiscard]] Resolution judge(const Step& step, postern_rc rc, CopiedVerdict verdict);
    [[nodiscard]] Resolution overloaded(const Step& step, Seat& seat);

    // connection_end.cpp: giving back and closing.
    void keep_taken(std::size_t entry, std::uint64_t request);
    void release_request(std::uint64_t request);
    void settle(std::size_t entry);
    void one_ended(std::size_t entry);
    [[nodiscard]] postern_call quiet_call(Seat& seat);  // for release and on_close
    // Runs `work` where the instance's calls run.
    void call_there(std::size_t entry, std::function<void(Instance&)> work);
    void hold();  // until the outstanding ones have ended

    std::shared_ptr<const Pipeline> pipeline_;  // until close()
    const std::shared_ptr<Pipeline::State> plan_;
    Scheduler& scheduler_;
    Facts facts_;
    const Purpose purpose_;
    std::vector<Seat> seats_;
    std::vector<Taken> taken_;
    std::uint64_t requests_begun_ = 0;  // allowed ones; a request's number
    std::uint64_t requests_finished_ = 0;

    // The phase being asked.
    std::shared_ptr<AskInput> input_;
    std::size_t step_ = 0;
    Outcome outcome_;
    Done done_;
    bool waiting_ = false;
    postern_op waiting_for_ = 0;
    bool broken_ = false;  // completed inside a hook that then answered something else
    std::uint64_t sequence_ = 0;
    TimerId timer_ = 0;

    std::shared_ptr<Ask> spare_ask_;  // so that a plugin that answers at once costs no memory
    std::shared_ptr<AskInput> spare_input_;

    bool closed_ = false;
    Close close_info_;
    std::uint64_t outstanding_ = 0;
    std::shared_ptr<State> self_;  // while outstanding_ is not 0
};

}  // namespace postern::plugin
