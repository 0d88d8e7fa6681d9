#include "core/upstream/stdio/stream.h"

#include <string>
#include <utility>

#include "core/net/exchange.h"

namespace postern::upstream {

StdioStream::StdioStream(net::Loop& client, net::Loop& home, std::uint64_t number, Reader& reader)
    : client_(client),
      home_(home),
      number_(number),
      same_loop_(&client == &home),
      reader_(&reader) {}

void StdioStream::connect(std::weak_ptr<Source> source, std::shared_ptr<StdioBudget> budget) {
    source_ = std::move(source);
    budget_ = std::move(budget);
}

void StdioStream::call_home(Task task) {
    if (same_loop_) return task();
    home_.post(std::move(task));
}

void StdioStream::writable() {
    if (reader_ != nullptr) pending_.store(reader_->pending());
    count_held();
    report_room();
}

// Deferred where it could be a plain call: the child's side may stand further up on this stack.
void StdioStream::reader_gone(Answered answered) {
    reader_ = nullptr;
    count_held();
    if (answered == Answered::yes) return;
    auto task = [self = shared_from_this()] {
        if (const auto source = self->source_.lock()) source->on_stream_gone(*self);
    };
    if (same_loop_) return client_.defer(std::move(task));
    home_.post(std::move(task));
}

void StdioStream::send(const StdioPart& part) {
    if (same_loop_) {
        if (reader_ != nullptr) reader_->take(part);
        return count_held();
    }
    const std::size_t size = part.text.size();
    on_the_way_.fetch_add(size);
    if (budget_) budget_->take(size);
    client_.post([self = shared_from_this(), part, text = std::string(part.text),
                  detail = std::string(part.detail)] {
        StdioPart whole = part;
        whole.text = text;
        whole.detail = detail;
        self->arrived(whole);
    });
}

bool StdioStream::behind() {
    if (waiting() <= net::ResponseStream::kHighWater) return false;
    source_waits_.store(true);
    // The client may have taken it all before it could see that somebody waits.
    if (waiting() > net::ResponseStream::kHighWater) return true;
    return !source_waits_.exchange(false);
}

void StdioStream::count_held() {
    const std::size_t held = reader_ != nullptr ? reader_->held() : 0;
    if (!budget_ || held == counted_) return;
    if (held > counted_) {
        budget_->take(held - counted_);
    } else {
        budget_->give_back(counted_ - held);
    }
    counted_ = held;
}

void StdioStream::arrived(const StdioPart& part) {
    if (reader_ != nullptr) reader_->take(part);
    pending_.store(reader_ != nullptr ? reader_->pending() : 0);
    count_held();
    if (budget_) budget_->give_back(part.text.size());
    on_the_way_.fetch_sub(part.text.size());
    report_room();
}

std::size_t StdioStream::waiting() const {
    if (same_loop_) return reader_ != nullptr ? reader_->pending() : 0;
    return on_the_way_.load() + pending_.load();
}

void StdioStream::report_room() {
    if (waiting() > net::ResponseStream::kHighWater || !source_waits_.exchange(false)) return;
    auto task = [self = shared_from_this()] {
        if (const auto source = self->source_.lock()) source->on_stream_room(*self);
    };
    if (same_loop_) return client_.defer(std::move(task));
    home_.post(std::move(task));
}

}  // namespace postern::upstream
