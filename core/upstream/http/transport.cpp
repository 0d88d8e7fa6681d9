#include "core/upstream/http/transport.h"

#include <utility>

namespace postern::upstream {

Transport::~Transport() {
    if (ends_turn_) loop_.forget_turn_end(*this);
}

void Transport::end_turn_with_user() {
    if (!std::exchange(ends_turn_, true)) loop_.end_turn_with(*this);
}

void Transport::on_turn_end() {
    ends_turn_ = false;
    user_->on_turn_end();
}

}  // namespace postern::upstream
