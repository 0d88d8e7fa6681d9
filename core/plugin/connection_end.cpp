#include <algorithm>
#include <utility>

#include "core/plugin/connection_state.h"

// What is given back, and the end: each instance hears on_close once, when it owes nothing more.
namespace postern::plugin {

void ConnectionPipeline::State::keep_taken(std::size_t entry, std::uint64_t request) {
    taken_.push_back({entry, request, input_});
}

void ConnectionPipeline::State::request_finished() {
    if (requests_finished_ == requests_begun_) return;
    release_request(++requests_finished_);
}

void ConnectionPipeline::State::release_request(std::uint64_t request) {
    for (std::size_t i = 0; i < taken_.size();) {
        if (taken_[i].request != request) {
            ++i;
            continue;
        }
        const Taken taken = std::move(taken_[i]);
        taken_.erase(taken_.begin() + static_cast<std::ptrdiff_t>(i));
        const postern_call call = quiet_call(seats_[taken.entry]);
        if (seats_[taken.entry].instance->serial() == nullptr) {
            seats_[taken.entry].instance->release(call, taken.input->quota);
            continue;
        }
        call_there(taken.entry, [call, input = taken.input](Instance& instance) {
            instance.release(call, input->quota);
        });
    }
}

void ConnectionPipeline::State::close(const Close& info) {
    if (closed_) return;
    const std::shared_ptr<State> guard = shared_from_this();
    closed_ = true;
    close_info_ = info;
    done_ = nullptr;
    scheduler_.cancel(std::exchange(timer_, 0));
    if (std::exchange(waiting_, false)) {
        Instance& instance = *seats_[plan_->steps(input_->phase)[step_].entry].instance;
        if (instance.handle().operations.decide(waiting_for_)) instance.cancel(waiting_for_);
    }
    for (std::size_t entry = 0; entry < seats_.size(); ++entry) settle(entry);
    input_.reset();
    pipeline_.reset();
}

// After close(): once nothing is outstanding here, gives back, says on_close, lets go.
void ConnectionPipeline::State::settle(std::size_t entry) {
    Seat& seat = seats_[entry];
    if (!closed_ || !seat.began || seat.outstanding != 0) return;
    if (seat.asked && !seat.closing && purpose_ == Purpose::connection) {
        seat.closing = true;
        std::vector<std::shared_ptr<AskInput>> inputs;
        for (const Taken& taken : taken_) {
            if (taken.entry == entry) inputs.push_back(taken.input);
        }
        const postern_call call = quiet_call(seat);
        const postern_close info{sizeof(postern_close), close_info_.reason, close_info_.bytes_in,
                                 close_info_.bytes_out, close_info_.duration_ns};
        call_there(entry, [inputs = std::move(inputs), call, info](Instance& instance) {
            for (const auto& input : inputs) instance.release(call, input->quota);
            instance.on_close(call, info);
        });
        if (seat.outstanding != 0) return;  // on its own thread; comes back here
    }
    seat.began = false;
    seat.instance->connection_ended();
}

void ConnectionPipeline::State::call_there(std::size_t entry, std::function<void(Instance&)> work) {
    Seat& seat = seats_[entry];
    Instance* instance = seat.instance;
    if (instance->serial() == nullptr) {
        work(*instance);
        return;
    }
    ++seat.outstanding;
    hold();
    instance->serial()->post([this, entry, instance, work = std::move(work)] {
        work(*instance);
        scheduler_.post([this, entry] {
            const std::shared_ptr<State> guard = shared_from_this();
            one_ended(entry);
        });
    });
}

void ConnectionPipeline::State::hold() {
    ++outstanding_;
    if (!self_) self_ = shared_from_this();
}

void ConnectionPipeline::State::one_ended(std::size_t entry) {
    --seats_[entry].outstanding;
    --outstanding_;
    settle(entry);
    if (outstanding_ == 0) self_.reset();
}

postern_call ConnectionPipeline::State::quiet_call(Seat& seat) {
    const std::string& listener = seat.instance->handle().context.listener;
    postern_call call{};
    call.struct_size = sizeof call;
    call.flags = facts_.flags;
    call.conn = facts_.connection;
    call.peer = facts_.peer;
    call.local = facts_.local;
    call.listener = {listener.data(), listener.size()};
    call.slot = &seat.slot;
    return call;
}

}  // namespace postern::plugin
